/* Tests of a tournament in memory: items, generations, loading, the end. */
#include "fixture.h"

static void items_are_wanted_where_both_players_are_known(void **state)
{
    struct tournament *t = fixture_tournament(FORMAT_SINGLE, 4);
    const uint32_t first = tournament_wanted(t, 0);
    const uint32_t second = tournament_wanted(t, first + 1);

    (void)state;
    assert_int_equal(tournament_item(t, first).match, fixture_match(t, "W1.1"));
    assert_int_equal(tournament_item(t, second).match, fixture_match(t, "W1.2"));
    assert_int_equal(tournament_wanted(t, second + 1), ITEM_NONE);
    assert_false(tournament_is_wanted(t, tournament_items(t)));
    tournament_free(t);
}

static void a_result_is_kept_once(void **state)
{
    struct tournament *t = fixture_tournament(FORMAT_SINGLE, 2);
    const struct game_record won = {.outcome = GAME_FIRST};
    const struct game_record lost = {.outcome = GAME_SECOND};

    (void)state;
    assert_true(tournament_take(t, 0, &won));
    assert_false(tournament_take(t, 0, &lost));
    assert_false(tournament_take(t, tournament_items(t), &won));
    assert_int_equal(tournament_game(t, 0, 0)->outcome, GAME_FIRST);
    assert_null(tournament_game(t, 0, 1));
    tournament_free(t);
}

static void seeds_differ_between_games_and_generations_but_not_between_tries(void **state)
{
    struct tournament *t = fixture_tournament(FORMAT_ROUND_ROBIN, 4);
    const struct extra_record game = tournament_item(t, 0);
    const struct extra_record other = tournament_item(t, 1);
    const struct extra_record again = {game.match, game.game, game.generation};
    const struct extra_record anew = {game.match, game.game, 1};

    (void)state;
    assert_true(tournament_seed(t, &game) != tournament_seed(t, &other));
    assert_true(tournament_seed(t, &game) == tournament_seed(t, &again));
    assert_true(tournament_seed(t, &game) != tournament_seed(t, &anew));
    tournament_free(t);
}

static void a_restarted_match_forgets_its_games(void **state)
{
    struct tournament *t = fixture_tournament(FORMAT_ROUND_ROBIN, 3);
    const uint32_t match = fixture_match(t, "R1.1");
    const struct game_record won = {.outcome = GAME_FIRST};
    const uint32_t items = tournament_items(t);

    (void)state;
    assert_true(tournament_take(t, match, &won));
    tournament_restart_match(t, match);
    assert_null(tournament_game(t, match, 0));
    assert_int_equal(t->matches[match].record.generation, 1);
    assert_int_equal(progress_advance(t, NOW_MS), RH_OK);
    assert_int_equal(tournament_items(t), items + 1);
    assert_true(tournament_is_wanted(t, items));
    assert_false(tournament_is_wanted(t, match));
    tournament_free(t);
}

/* Everything that is stored, given to a new one, makes the same. */
static struct tournament *stored_and_loaded(const struct tournament *t)
{
    struct tournament *copy = NULL;
    struct rh_buf buf;

    rh_buf_init(&buf, RECORD_BYTES_MAX);
    tournament_spec_encode(&t->spec, &buf);
    assert_int_equal(tournament_new(rh_buf_str(&buf), &copy), RH_OK);
    rh_buf_release(&buf);
    copy->status = t->status;
    for (uint32_t i = 0; i < t->plan.count; i++)
        assert_int_equal(tournament_load_match(copy, i, &t->matches[i].record), RH_OK);
    for (uint32_t i = 0; i < t->extra_count; i++)
        assert_int_equal(tournament_load_extra(copy, &t->extras[i]), RH_OK);
    for (uint32_t i = 0; i < tournament_items(t); i++) {
        if (t->results[i])
            assert_int_equal(tournament_load_result(copy, i, t->results[i]), RH_OK);
    }
    tournament_loaded(copy);
    assert_int_equal(progress_advance(copy, NOW_MS), RH_OK);
    return copy;
}

static void what_is_loaded_is_what_was_stored(void **state)
{
    struct tournament *t = fixture_tournament(FORMAT_DOUBLE, 4);
    const struct game_record crash = fixture_error("crash", "", false);
    struct tournament *copy;

    (void)state;
    fixture_win(t, "W1.1", GAME_FIRST);
    fixture_end_game(t, "W1.2", 0, &crash);
    copy = stored_and_loaded(t);
    assert_memory_equal(copy->meetings, t->meetings, t->plan.count * sizeof(*t->meetings));
    assert_memory_equal(copy->current, t->current, t->base_items * sizeof(*t->current));
    for (uint32_t item = 0; item < tournament_items(t); item++)
        assert_int_equal(tournament_is_wanted(copy, item), tournament_is_wanted(t, item));
    assert_int_equal(copy->extras_stored, copy->extra_count);
    for (uint32_t i = 0; i < copy->plan.count; i++)
        assert_false(copy->matches[i].is_dirty);
    tournament_free(copy);
    tournament_free(t);
}

static void what_cannot_be_is_not_loaded(void **state)
{
    struct tournament *t = fixture_tournament(FORMAT_SINGLE, 4);
    const struct match_record match = {.outcome = OUTCOME_FIRST};
    const struct game_record game = {.outcome = GAME_FIRST};
    const struct extra_record extra = {t->plan.count, 0, 0};

    (void)state;
    assert_int_equal(tournament_load_match(t, t->plan.count, &match), RH_EINVAL);
    assert_int_equal(tournament_load_extra(t, &extra), RH_EINVAL);
    assert_int_equal(tournament_load_result(t, tournament_items(t), &game), RH_EINVAL);
    tournament_free(t);
}

static void the_end_knows_the_winner(void **state)
{
    struct tournament *t = fixture_tournament(FORMAT_SINGLE, 2);

    (void)state;
    assert_false(tournament_is_complete(t));
    fixture_win(t, "W1.1", GAME_SECOND);
    assert_true(tournament_is_complete(t));
    assert_int_equal(tournament_finish(t, TOURNAMENT_COMPLETED, NOW_MS), RH_OK);
    assert_false(tournament_is_complete(t));
    assert_int_equal(t->status.winner, 2);
    assert_int_equal(t->status.decided, 1);
    assert_true(rh_str_eq_c(tournament_name(t, t->status.winner), "p2"));
    tournament_reopen(t);
    assert_int_equal(t->status.state, TOURNAMENT_RUNNING);
    assert_int_equal(tournament_name(t, t->status.winner).n, 0);
    tournament_free(t);
}

static void a_shared_first_place_has_no_winner(void **state)
{
    struct spec spec = fixture_spec(FORMAT_ROUND_ROBIN, 2);
    struct tournament *t;

    (void)state;
    spec.tiebreaks.count = 0;
    t = fixture_of(&spec);
    fixture_win(t, "R1.1", GAME_DRAW);
    assert_int_equal(tournament_finish(t, TOURNAMENT_COMPLETED, NOW_MS), RH_OK);
    assert_int_equal(t->status.winner, PLAYER_NOBODY);
    tournament_free(t);
}

static void points_are_of_games_or_of_matches(void **state)
{
    struct spec spec = fixture_spec(FORMAT_ROUND_ROBIN, 2);
    const struct game_record won = {.outcome = GAME_FIRST};
    struct standing rows[PLAN_PLAYERS_MAX];
    struct tournament *t;

    (void)state;
    spec.series.games = 2;
    for (uint8_t scoring = SCORING_GAMES; scoring < SCORING_COUNT; scoring++) {
        spec.scoring = scoring;
        t = fixture_of(&spec);
        fixture_end_game(t, "R1.1", 0, &won);
        fixture_end_game(t, "R1.1", 1, &won);
        assert_int_equal(tournament_standings(t, rows), RH_OK);
        assert_int_equal(rows[0].halves, scoring == SCORING_GAMES ? 4 : 2);
        assert_int_equal(rows[0].wins, scoring == SCORING_GAMES ? 2 : 1);
        assert_int_equal(rows[0].most, scoring == SCORING_GAMES ? 2 : 1);
        tournament_free(t);
    }
}

static void the_most_games_fit_and_nonsense_is_no_tournament(void **state)
{
    struct spec spec = fixture_spec(FORMAT_ROUND_ROBIN, 8);
    struct tournament *t = NULL;
    struct rh_buf buf;

    (void)state;
    spec.options.players = 8;
    spec.series.games = SERIES_GAMES_MAX;
    rh_buf_init(&buf, RECORD_BYTES_MAX);
    tournament_spec_encode(&spec, &buf);
    assert_int_equal(tournament_new(rh_buf_str(&buf), &t), RH_OK);
    assert_int_equal(t->base_items, 28 * SERIES_GAMES_MAX);
    tournament_free(t);
    t = NULL;
    assert_int_equal(tournament_new(RH_STR_LIT("nonsense"), &t), RH_EINVAL);
    assert_null(t);
    rh_buf_release(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_are_wanted_where_both_players_are_known),
        cmocka_unit_test(a_result_is_kept_once),
        cmocka_unit_test(seeds_differ_between_games_and_generations_but_not_between_tries),
        cmocka_unit_test(a_restarted_match_forgets_its_games),
        cmocka_unit_test(what_is_loaded_is_what_was_stored),
        cmocka_unit_test(what_cannot_be_is_not_loaded),
        cmocka_unit_test(the_end_knows_the_winner),
        cmocka_unit_test(a_shared_first_place_has_no_winner),
        cmocka_unit_test(points_are_of_games_or_of_matches),
        cmocka_unit_test(the_most_games_fit_and_nonsense_is_no_tournament),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
