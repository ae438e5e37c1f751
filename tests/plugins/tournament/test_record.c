/* Tests of the stored records: what is written is read back, and nothing else is. */
#include "fixture.h"

#include <ringhost/sdk/record.h>

typedef int32_t decode_fn(struct rh_str record, void *out);

static int32_t decode_spec(struct rh_str record, void *out)
{
    return tournament_spec_decode(record, out);
}

static int32_t decode_status(struct rh_str record, void *out)
{
    return tournament_status_decode(record, out);
}

static int32_t decode_match(struct rh_str record, void *out)
{
    return tournament_match_decode(record, out);
}

static int32_t decode_game(struct rh_str record, void *out)
{
    return tournament_game_decode(record, out);
}

static int32_t decode_unrated(struct rh_str record, void *out)
{
    return tournament_unrated_decode(record, out);
}

static int32_t decode_extra(struct rh_str record, void *out)
{
    return tournament_extra_decode(record, out);
}

/* No piece of a record, and no record with more behind it, is one. */
static void assert_whole(struct rh_buf *buf, decode_fn *decode, void *out)
{
    assert_int_equal(buf->rc, RH_OK);
    for (size_t n = 0; n < buf->n; n++)
        assert_int_equal(decode((struct rh_str){buf->p, n}, out), RH_EINVAL);
    assert_int_equal(decode(rh_buf_str(buf), out), RH_OK);
    (void)rh_buf_append_byte(buf, '\0');
    assert_int_equal(decode(rh_buf_str(buf), out), RH_EINVAL);
    buf->p[0] = '\x7f'; /* another version */
    assert_int_equal(decode((struct rh_str){buf->p, buf->n - 1}, out), RH_EINVAL);
    rh_buf_release(buf);
}

static void a_spec_is_read_back_as_it_was_written(void **state)
{
    struct spec spec = fixture_spec(FORMAT_DOUBLE, 8);
    struct spec got;
    struct rh_buf buf;

    (void)state;
    spec.options.drop_in[0] = DROPIN_PAIR_FLIP;
    spec.needs_gpu = true;
    spec.max_moves = 77;
    rh_buf_init(&buf, RECORD_BYTES_MAX);
    tournament_spec_encode(&spec, &buf);
    assert_int_equal(tournament_spec_decode(rh_buf_str(&buf), &got), RH_OK);
    assert_true(rh_str_eq(got.id, spec.id));
    assert_true(rh_str_eq(got.work_type, spec.work_type));
    assert_true(rh_str_eq(got.names[7], spec.names[7]));
    assert_true(rh_str_eq(got.argv_json[7], spec.argv_json[7]));
    assert_true(rh_str_eq(got.inputs[7], spec.inputs[7]));
    assert_memory_equal(&got.options.drop_in, &spec.options.drop_in, sizeof(got.options.drop_in));
    assert_int_equal(got.options.players, 8);
    assert_true(got.options.has_reset);
    assert_int_equal(got.series.extra_max, 2);
    assert_true(got.series.must_end);
    assert_int_equal(got.tiebreaks.count, 2);
    assert_int_equal(got.tiebreaks.items[1], TIEBREAK_SEED);
    assert_true(got.seed == spec.seed);
    assert_int_equal(got.komi_halves, -15);
    assert_int_equal(got.max_moves, 77);
    assert_true(got.needs_gpu);
    assert_whole(&buf, decode_spec, &got);
}

static void a_status_is_read_back(void **state)
{
    const struct status status = {.state = TOURNAMENT_COMPLETED,
                                  .is_announced = true,
                                  .winner = 3,
                                  .decided = 14,
                                  .finished_at_ms = NOW_MS,
                                  .error = "no room",
                                  .announced = UINT64_MAX};
    struct status got;
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, RECORD_BYTES_MAX);
    tournament_status_encode(&status, &buf);
    assert_int_equal(tournament_status_decode(rh_buf_str(&buf), &got), RH_OK);
    assert_int_equal(got.state, TOURNAMENT_COMPLETED);
    assert_true(got.is_announced);
    assert_false(got.is_settled);
    assert_int_equal(got.winner, 3);
    assert_int_equal(got.decided, 14);
    assert_true(got.finished_at_ms == NOW_MS);
    assert_string_equal(got.error, "no room");
    assert_true(got.announced == UINT64_MAX);
    assert_whole(&buf, decode_status, &got);
}

static void a_match_is_read_back(void **state)
{
    const struct match_record match = {.outcome = OUTCOME_SECOND,
                                       .by = BY_FORFEIT,
                                       .forfeit = FORFEIT_FIRST,
                                       .has_scores = true,
                                       .generation = 300,
                                       .halves = {0, 6},
                                       .decided_at_ms = NOW_MS,
                                       .note = "game 1: crash",
                                       .is_rated = true,
                                       .games_gone = true,
                                       .reports = 3,
                                       .played_at_ms = NOW_MS - 1};
    struct match_record got;
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, RECORD_BYTES_MAX);
    tournament_match_encode(&match, &buf);
    assert_int_equal(tournament_match_decode(rh_buf_str(&buf), &got), RH_OK);
    assert_int_equal(got.outcome, OUTCOME_SECOND);
    assert_int_equal(got.by, BY_FORFEIT);
    assert_int_equal(got.forfeit, FORFEIT_FIRST);
    assert_int_equal(got.generation, 300);
    assert_int_equal(got.halves[1], 6);
    assert_string_equal(got.note, "game 1: crash");
    assert_true(got.is_rated);
    assert_true(got.games_gone);
    assert_int_equal(got.reports, 3);
    assert_true(got.played_at_ms == NOW_MS - 1);
    assert_whole(&buf, decode_match, &got);
}

/* As version 1 wrote them: without what was added since. */
static void records_of_version_1_are_read(void **state)
{
    struct match_record match;
    struct status status;
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, RECORD_BYTES_MAX);
    for (size_t i = 0; i < 9; i++)
        rh_record_put(&buf, 1);
    rh_record_put_i64(&buf, NOW_MS);
    rh_record_put_str(&buf, RH_STR_LIT("note"));
    assert_int_equal(tournament_match_decode(rh_buf_str(&buf), &match), RH_OK);
    assert_string_equal(match.note, "note");
    assert_false(match.is_rated);
    assert_whole(&buf, decode_match, &match);

    rh_buf_init(&buf, RECORD_BYTES_MAX);
    for (size_t i = 0; i < 6; i++)
        rh_record_put(&buf, 1);
    rh_record_put_i64(&buf, NOW_MS);
    assert_int_equal(tournament_status_decode(rh_buf_str(&buf), &status), RH_OK);
    assert_true(status.is_announced);
    assert_true(status.announced == 0);
    assert_whole(&buf, decode_status, &status);
}

/* Version 1 of a spec had no inputs behind each command. */
static void a_spec_without_inputs_is_read(void **state)
{
    static const char argv[] = "[\"x\"]";
    struct spec spec = fixture_spec(FORMAT_SINGLE, 2);
    struct spec got;
    struct rh_buf buf;

    (void)state;
    spec.inputs[1] = (struct rh_str){NULL, 0};
    rh_buf_init(&buf, RECORD_BYTES_MAX);
    tournament_spec_encode(&spec, &buf);
    for (char *at = buf.p;
         (at = memmem(at, buf.n - (size_t)(at - buf.p), argv, sizeof(argv) - 1));) {
        at += sizeof(argv) - 1;
        memmove(at, at + 1, buf.n - (size_t)(at + 1 - buf.p));
        buf.n--;
    }
    buf.p[0] = 1;

    assert_int_equal(tournament_spec_decode(rh_buf_str(&buf), &got), RH_OK);
    assert_true(rh_str_eq(got.argv_json[1], spec.argv_json[1]));
    assert_int_equal(got.inputs[1].n, 0);
    assert_true(got.created_at_ms == spec.created_at_ms);
    rh_buf_release(&buf);
}

static void a_game_and_an_extra_item_are_read_back(void **state)
{
    const struct game_record game = fixture_error("crash", "p1", true);
    const struct extra_record extra = {7, 2, 9};
    struct game_record got;
    struct extra_record got_extra;
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, RECORD_BYTES_MAX);
    tournament_game_encode(&game, &buf);
    assert_int_equal(tournament_game_decode(rh_buf_str(&buf), &got), RH_OK);
    assert_true(got.is_last);
    assert_string_equal(got.error_kind, "crash");
    assert_string_equal(got.error_player, "p1");
    assert_string_equal(got.error, "it died");
    assert_whole(&buf, decode_game, &got);
    rh_buf_init(&buf, RECORD_BYTES_MAX);
    tournament_extra_encode(&extra, &buf);
    assert_int_equal(tournament_extra_decode(rh_buf_str(&buf), &got_extra), RH_OK);
    assert_memory_equal(&got_extra, &extra, sizeof(extra));
    assert_whole(&buf, decode_extra, &got_extra);
}

static void a_game_for_the_ratings_is_read_back(void **state)
{
    const struct unrated_record game = {{3, 1}, GAME_SECOND, 1800000000001};
    struct unrated_record got;
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, RECORD_BYTES_MAX);
    tournament_unrated_encode(&game, &buf);
    assert_int_equal(tournament_unrated_decode(rh_buf_str(&buf), &got), RH_OK);
    assert_int_equal(got.players[0], 3);
    assert_int_equal(got.players[1], 1);
    assert_int_equal(got.outcome, GAME_SECOND);
    assert_true(got.finished_at_ms == 1800000000001);
    assert_whole(&buf, decode_unrated, &got);
}

static void a_text_is_cut_between_characters(void **state)
{
    char text[5];

    (void)state;
    tournament_cut(text, sizeof(text), RH_STR_LIT("abcdef"));
    assert_string_equal(text, "abcd");
    tournament_cut(text, sizeof(text), RH_STR_LIT("abc\xc3\xa4"));
    assert_string_equal(text, "abc");
    tournament_cut(text, sizeof(text), RH_STR_LIT("ab\xc3\xa4"));
    assert_string_equal(text, "ab\xc3\xa4");
}

static void states_have_names(void **state)
{
    (void)state;
    assert_string_equal(tournament_state_name(TOURNAMENT_CANCELLED), "cancelled");
    assert_string_equal(decided_by_name(BY_SEED), "seed");
    assert_string_equal(scoring_name(SCORING_MATCHES), "matches");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_spec_is_read_back_as_it_was_written),
        cmocka_unit_test(a_status_is_read_back),
        cmocka_unit_test(a_match_is_read_back),
        cmocka_unit_test(records_of_version_1_are_read),
        cmocka_unit_test(a_spec_without_inputs_is_read),
        cmocka_unit_test(a_game_for_the_ratings_is_read_back),
        cmocka_unit_test(a_game_and_an_extra_item_are_read_back),
        cmocka_unit_test(a_text_is_cut_between_characters),
        cmocka_unit_test(states_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
