/* Tests of what follows from results. */
#include "fixture.h"

static const struct match_record *record_of(const struct tournament *t, const char *id)
{
    return &t->matches[fixture_match(t, id)].record;
}

static void a_decided_match_gives_the_next_one_its_player(void **state)
{
    struct tournament *t = fixture_tournament(FORMAT_SINGLE, 4);

    (void)state;
    fixture_win(t, "W1.1", GAME_SECOND);
    assert_int_equal(t->meetings[fixture_match(t, "W2.1")].players[0], 4);
    assert_int_equal(record_of(t, "W1.1")->by, BY_GAMES);
    assert_true(t->matches[fixture_match(t, "W1.1")].is_dirty);
    assert_false(t->matches[fixture_match(t, "W1.2")].is_dirty);
    fixture_win(t, "W1.2", GAME_FIRST);
    assert_true(tournament_is_wanted(t, fixture_match(t, "W2.1") * t->per_match));
    tournament_free(t);
}

static void an_error_is_tried_again_until_the_attempts_are_used_up(void **state)
{
    struct tournament *t = fixture_tournament(FORMAT_SINGLE, 2);
    const struct game_record crash = fixture_error("crash", "p1", false);

    (void)state;
    fixture_end_game(t, "W1.1", 0, &crash);
    assert_int_equal(t->extra_count, 1);
    assert_int_equal(record_of(t, "W1.1")->outcome, OUTCOME_NONE);
    fixture_end_game(t, "W1.1", 0, &crash);
    assert_int_equal(record_of(t, "W1.1")->outcome, OUTCOME_SECOND);
    assert_int_equal(record_of(t, "W1.1")->by, BY_FORFEIT);
    assert_int_equal(record_of(t, "W1.1")->forfeit, FORFEIT_FIRST);
    assert_int_equal(record_of(t, "W1.1")->halves[1], 2);
    assert_string_equal(record_of(t, "W1.1")->note, "game 1: crash: it died");
    tournament_free(t);
}

/* A page of results may bring several. */
static void all_games_that_broke_are_tried_again_at_once(void **state)
{
    struct spec spec = fixture_spec(FORMAT_SINGLE, 2);
    const struct game_record crash = fixture_error("crash", "p1", false);
    struct tournament *t;

    (void)state;
    spec.series.games = 3;
    t = fixture_of(&spec);
    assert_true(tournament_take(t, t->current[0], &crash));
    assert_true(tournament_take(t, t->current[1], &crash));

    assert_int_equal(progress_advance(t, NOW_MS), RH_OK);
    assert_int_equal(t->extra_count, 2);

    assert_int_equal(progress_advance(t, NOW_MS), RH_OK);
    assert_int_equal(t->extra_count, 2);
    tournament_free(t);
}

static void an_error_for_good_is_not_tried_again(void **state)
{
    struct tournament *t = fixture_tournament(FORMAT_SINGLE, 2);
    const struct game_record crash = fixture_error("timeout", "p2", true);

    (void)state;
    fixture_end_game(t, "W1.1", 0, &crash);
    assert_int_equal(t->extra_count, 0);
    assert_int_equal(record_of(t, "W1.1")->outcome, OUTCOME_FIRST);
    assert_int_equal(record_of(t, "W1.1")->forfeit, FORFEIT_SECOND);
    tournament_free(t);
}

static void without_a_side_at_fault_the_match_is_stuck(void **state)
{
    static const char *const players[] = {"", "stranger", "p1"};
    static const char *const kinds[] = {"dead", "crash", "not_installed"};

    (void)state;
    for (size_t i = 0; i < sizeof(players) / sizeof(players[0]); i++) {
        struct tournament *t = fixture_tournament(FORMAT_SINGLE, 2);
        const struct game_record error = fixture_error(kinds[i], players[i], true);

        fixture_end_game(t, "W1.1", 0, &error);
        assert_true(record_of(t, "W1.1")->is_stuck);
        assert_int_equal(record_of(t, "W1.1")->outcome, OUTCOME_NONE);
        assert_int_equal(tournament_wanted(t, 0), ITEM_NONE);
        assert_false(tournament_is_complete(t));
        tournament_free(t);
    }
}

static void a_drawn_elimination_goes_to_the_lower_seed_in_the_end(void **state)
{
    struct tournament *t = fixture_tournament(FORMAT_SINGLE, 2);
    const struct game_record draw = {.outcome = GAME_DRAW};

    (void)state;
    for (uint32_t game = 0; game < 3; game++) {
        assert_int_equal(record_of(t, "W1.1")->outcome, OUTCOME_NONE);
        fixture_end_game(t, "W1.1", game, &draw);
    }
    assert_int_equal(record_of(t, "W1.1")->outcome, OUTCOME_FIRST);
    assert_int_equal(record_of(t, "W1.1")->by, BY_SEED);
    assert_int_equal(record_of(t, "W1.1")->halves[0], 3);
    tournament_free(t);
}

static void a_draw_stands_in_a_round_robin(void **state)
{
    struct tournament *t = fixture_tournament(FORMAT_ROUND_ROBIN, 2);

    (void)state;
    fixture_win(t, "R1.1", GAME_DRAW);
    assert_int_equal(record_of(t, "R1.1")->outcome, OUTCOME_DRAW);
    assert_true(tournament_is_complete(t));
    tournament_free(t);
}

static void nothing_new_follows_twice(void **state)
{
    struct tournament *t = fixture_tournament(FORMAT_DOUBLE, 6);

    (void)state;
    fixture_win(t, "W1.2", GAME_FIRST);
    for (uint32_t i = 0; i < t->plan.count; i++)
        t->matches[i].is_dirty = false;
    assert_int_equal(progress_advance(t, NOW_MS + 1), RH_OK);
    for (uint32_t i = 0; i < t->plan.count; i++)
        assert_false(t->matches[i].is_dirty);
    assert_int_equal(t->extra_count, 0);
    tournament_free(t);
}

static void referees_alone_move_an_external_tournament(void **state)
{
    struct spec spec = fixture_spec(FORMAT_SINGLE, 2);
    struct tournament *t;

    (void)state;
    spec.is_external = true;
    t = fixture_of(&spec);
    assert_int_equal(tournament_wanted(t, 0), ITEM_NONE);
    tournament_free(t);
}

/* Results of games in any order: the same end. */
static void the_order_of_games_does_not_matter(void **state)
{
    struct rh_rng rng = board_rng(23);
    uint16_t champion = 0;

    (void)state;
    for (uint32_t run = 0; run < 200; run++) {
        struct tournament *t = fixture_tournament(FORMAT_DOUBLE, 8);
        uint32_t wanted[64];

        for (;;) {
            uint32_t count = 0;

            for (uint32_t item = tournament_wanted(t, 0); item != ITEM_NONE;
                 item = tournament_wanted(t, item + 1))
                wanted[count++] = item;
            if (count == 0)
                break;
            const uint32_t item = wanted[rh_rng_below(&rng, count)];
            const struct extra_record what = tournament_item(t, item);
            const struct meeting *meeting = &t->meetings[what.match];
            /* Who wins depends on the two alone. */
            const bool is_first = meeting->players[0] * 5 % 8 < meeting->players[1] * 5 % 8;
            const struct game_record result = {.outcome = is_first ? GAME_FIRST : GAME_SECOND};

            assert_true(tournament_take(t, item, &result));
            assert_int_equal(progress_advance(t, NOW_MS), RH_OK);
        }
        assert_true(tournament_is_complete(t));
        assert_int_equal(tournament_finish(t, TOURNAMENT_COMPLETED, NOW_MS), RH_OK);
        assert_true(run == 0 || t->status.winner == champion);
        champion = t->status.winner;
        tournament_free(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_decided_match_gives_the_next_one_its_player),
        cmocka_unit_test(an_error_is_tried_again_until_the_attempts_are_used_up),
        cmocka_unit_test(all_games_that_broke_are_tried_again_at_once),
        cmocka_unit_test(an_error_for_good_is_not_tried_again),
        cmocka_unit_test(without_a_side_at_fault_the_match_is_stuck),
        cmocka_unit_test(a_drawn_elimination_goes_to_the_lower_seed_in_the_end),
        cmocka_unit_test(a_draw_stands_in_a_round_robin),
        cmocka_unit_test(nothing_new_follows_twice),
        cmocka_unit_test(referees_alone_move_an_external_tournament),
        cmocka_unit_test(the_order_of_games_does_not_matter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
