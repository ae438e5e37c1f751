/* Tests of the stored records: what is written is read back, and nothing else is. */
#include "fixture.h"

#include <stdlib.h>

static void assert_str(struct rh_str got, struct rh_str expected)
{
    assert_true(rh_str_eq(got, expected));
}

static struct rh_buf encoded_spec(void)
{
    const struct gauntlet_spec spec = fixture_spec(2, 20);
    struct rh_buf buf;

    rh_buf_init(&buf, RECORD_BYTES_MAX);
    gauntlet_spec_encode(&spec, &buf);
    assert_int_equal(buf.rc, RH_OK);
    return buf;
}

static struct game_result sample_game(void)
{
    struct game_result game = {.outcome = OUTCOME_ERROR,
                               .attempt = 3,
                               .moves = 55,
                               .engine_seed = 2147483647,
                               .duration_ms = 812,
                               .work_id = "w17",
                               .node_id = "n2",
                               .error_kind = "crash",
                               .error_player = "m",
                               .error = "it died"};

    return game;
}

static struct rh_buf encoded_game(void)
{
    const struct game_result game = sample_game();
    struct rh_buf buf;

    rh_buf_init(&buf, RECORD_BYTES_MAX);
    gauntlet_game_encode(&game, &buf);
    assert_int_equal(buf.rc, RH_OK);
    return buf;
}

static void a_spec_is_read_back_as_it_was_written(void **state)
{
    const struct gauntlet_spec spec = fixture_spec(2, 20);
    struct rh_buf buf = encoded_spec();
    struct gauntlet_spec got;

    (void)state;
    assert_int_equal(gauntlet_spec_decode(rh_buf_str(&buf), &got), RH_OK);
    assert_str(got.id, spec.id);
    assert_str(got.model, spec.model);
    assert_str(got.type, spec.type);
    assert_str(got.board_type, spec.board_type);
    assert_str(got.config_key, spec.config_key);
    assert_str(got.ko_rule, spec.ko_rule);
    assert_str(got.idempotency_key, spec.idempotency_key);
    assert_str(got.requires_json, spec.requires_json);
    assert_int_equal(got.baseline_count, 2);
    for (uint32_t i = 0; i < 2; i++)
        assert_str(got.baselines[i], spec.baselines[i]);
    for (uint32_t i = 0; i < 3; i++)
        assert_str(got.argv_json[i], spec.argv_json[i]);
    for (uint32_t i = 0; i < 3; i++)
        assert_str(got.inputs[i], spec.inputs[i]);
    assert_int_equal(got.games_per_baseline, 20);
    assert_true(got.seed == spec.seed);
    assert_int_equal(got.komi_halves, -15);
    rh_buf_release(&buf);
}

static void every_number_of_a_spec_keeps_its_place(void **state)
{
    struct rh_buf buf = encoded_spec();
    struct gauntlet_spec got;

    (void)state;
    assert_int_equal(gauntlet_spec_decode(rh_buf_str(&buf), &got), RH_OK);
    assert_int_equal(got.board_size, 9);
    assert_int_equal(got.move_time_ms, 1);
    assert_int_equal(got.game_time_ms, 2);
    assert_int_equal(got.command_time_ms, 3);
    assert_int_equal(got.max_moves, 4);
    assert_int_equal(got.max_attempts, 5);
    assert_int_equal(got.priority, 6);
    assert_int_equal(got.timeout_s, 7);
    assert_int_equal(got.max_runtime_s, 8);
    assert_int_equal(got.min_vram_mb, 9);
    assert_int_equal(got.created_at_ms, 10);
    assert_true(got.needs_gpu);
    rh_buf_release(&buf);
}

static void a_sequential_test_is_read_back_bit_for_bit(void **state)
{
    struct gauntlet_spec spec = fixture_spec(2, 20);
    struct gauntlet_spec got;
    struct rh_buf buf;

    (void)state;
    spec.has_sprt = spec.is_by_games = true;
    spec.sprt = (struct sprt){SPRT_NORMALIZED, -0.1, 2.3, 0.05, 0.01};
    rh_buf_init(&buf, RECORD_BYTES_MAX);
    gauntlet_spec_encode(&spec, &buf);

    assert_int_equal(gauntlet_spec_decode(rh_buf_str(&buf), &got), RH_OK);

    assert_true(got.has_sprt);
    assert_true(got.is_by_games);
    assert_int_equal(got.sprt.model, SPRT_NORMALIZED);
    assert_true(got.sprt.elo0 == -0.1 && got.sprt.elo1 == 2.3);
    assert_true(got.sprt.alpha == 0.05 && got.sprt.beta == 0.01);
    rh_buf_release(&buf);
}

static void a_status_is_read_back_as_it_was_written(void **state)
{
    const struct gauntlet_status status = {.state = GAUNTLET_CANCELLED,
                                           .is_settled = true,
                                           .finished_at_ms = 1234567890123,
                                           .total = {1, 2, 3, 4, 5},
                                           .verdict = VERDICT_WEAKER,
                                           .reason = REASON_CANCELLED,
                                           .decisions = {SPRT_H1, SPRT_GOES_ON, SPRT_H0},
                                           .error = "no room"};
    struct gauntlet_status got;
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, RECORD_BYTES_MAX);
    gauntlet_status_encode(&status, &buf);
    assert_int_equal(gauntlet_status_decode(rh_buf_str(&buf), &got), RH_OK);
    assert_int_equal(got.state, GAUNTLET_CANCELLED);
    assert_true(got.is_settled);
    assert_true(got.finished_at_ms == 1234567890123);
    assert_memory_equal(&got.total, &status.total, sizeof(got.total));
    assert_int_equal(got.verdict, VERDICT_WEAKER);
    assert_int_equal(got.reason, REASON_CANCELLED);
    assert_memory_equal(got.decisions, status.decisions, sizeof(got.decisions));
    assert_string_equal(got.error, "no room");
    rh_buf_release(&buf);
}

static void a_game_is_read_back_as_it_was_written(void **state)
{
    const struct game_result game = sample_game();
    struct rh_buf buf = encoded_game();
    struct game_result got;

    (void)state;
    assert_int_equal(gauntlet_game_decode(rh_buf_str(&buf), &got), RH_OK);
    assert_int_equal(got.outcome, game.outcome);
    assert_int_equal(got.attempt, game.attempt);
    assert_int_equal(got.moves, game.moves);
    assert_int_equal(got.engine_seed, game.engine_seed);
    assert_int_equal(got.duration_ms, game.duration_ms);
    assert_string_equal(got.work_id, game.work_id);
    assert_string_equal(got.node_id, game.node_id);
    assert_string_equal(got.score, "");
    assert_string_equal(got.error_kind, game.error_kind);
    assert_string_equal(got.error_player, game.error_player);
    assert_string_equal(got.error, game.error);
    rh_buf_release(&buf);
}

/* Decode each shorter piece from memory of exactly its size, so that a sanitizer sees a read past
 * it. */
static void no_beginning_of_a_record_is_a_record(void **state)
{
    struct rh_buf spec = encoded_spec();
    struct rh_buf game = encoded_game();
    struct gauntlet_spec got_spec;
    struct game_result got_game;

    (void)state;
    for (size_t n = 0; n < spec.n; n++) {
        char *piece = malloc(n + 1);

        assert_non_null(piece);
        memcpy(piece, spec.p, n);
        assert_int_equal(gauntlet_spec_decode((struct rh_str){piece, n}, &got_spec), RH_EINVAL);
        if (n < game.n) {
            memcpy(piece, game.p, n);
            assert_int_equal(gauntlet_game_decode((struct rh_str){piece, n}, &got_game), RH_EINVAL);
        }
        free(piece);
    }
    rh_buf_release(&spec);
    rh_buf_release(&game);
}

static void a_record_with_more_behind_it_is_refused(void **state)
{
    struct rh_buf buf = encoded_game();
    struct game_result got;

    (void)state;
    assert_int_equal(rh_buf_append_byte(&buf, 0), RH_OK);
    assert_int_equal(gauntlet_game_decode(rh_buf_str(&buf), &got), RH_EINVAL);
    rh_buf_release(&buf);
}

/* Version 3 had no inputs of players, which lie behind the last command. */
static void a_spec_without_inputs_is_read(void **state)
{
    static const char last[] = "[\"b\"]";
    struct gauntlet_spec spec = fixture_spec(2, 20);
    struct gauntlet_spec got;
    struct rh_buf buf;
    char *behind;

    (void)state;
    memset(spec.inputs, 0, sizeof(spec.inputs));
    rh_buf_init(&buf, RECORD_BYTES_MAX);
    gauntlet_spec_encode(&spec, &buf);
    behind = memmem(buf.p, buf.n, last, sizeof(last) - 1);
    assert_non_null(behind);
    behind += sizeof(last) - 1;
    memmove(behind, behind + 3, buf.n - (size_t)(behind + 3 - buf.p));
    buf.n -= 3;
    buf.p[0] = 3;

    assert_int_equal(gauntlet_spec_decode(rh_buf_str(&buf), &got), RH_OK);
    assert_str(got.argv_json[2], spec.argv_json[2]);
    assert_int_equal(got.inputs[0].n, 0);
    assert_int_equal(got.komi_halves, -15);
    rh_buf_release(&buf);
}

static void a_record_of_another_version_is_refused(void **state)
{
    struct rh_buf buf = encoded_spec();
    struct gauntlet_spec got;

    (void)state;
    buf.p[0]++;
    assert_int_equal(gauntlet_spec_decode(rh_buf_str(&buf), &got), RH_EINVAL);
    rh_buf_release(&buf);
}

static void a_stored_game_is_never_pending(void **state)
{
    const struct game_result game = {0};
    struct game_result got;
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, RECORD_BYTES_MAX);
    gauntlet_game_encode(&game, &buf);
    assert_int_equal(gauntlet_game_decode(rh_buf_str(&buf), &got), RH_EINVAL);
    rh_buf_release(&buf);
}

static void text_that_does_not_fit_is_cut(void **state)
{
    char dst[4];

    (void)state;
    game_text_cut(dst, sizeof(dst), RH_STR_LIT("abcdef"));
    assert_string_equal(dst, "abc");
    game_text_cut(dst, sizeof(dst), RH_STR_LIT("x"));
    assert_string_equal(dst, "x");
    game_text_cut(dst, sizeof(dst), (struct rh_str){NULL, 0});
    assert_string_equal(dst, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_spec_is_read_back_as_it_was_written),
        cmocka_unit_test(every_number_of_a_spec_keeps_its_place),
        cmocka_unit_test(a_sequential_test_is_read_back_bit_for_bit),
        cmocka_unit_test(a_status_is_read_back_as_it_was_written),
        cmocka_unit_test(a_game_is_read_back_as_it_was_written),
        cmocka_unit_test(no_beginning_of_a_record_is_a_record),
        cmocka_unit_test(a_record_with_more_behind_it_is_refused),
        cmocka_unit_test(a_spec_without_inputs_is_read),
        cmocka_unit_test(a_record_of_another_version_is_refused),
        cmocka_unit_test(a_stored_game_is_never_pending),
        cmocka_unit_test(text_that_does_not_fit_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
