/* Tests of a gauntlet in memory: nothing counts twice, the counts add up, it ends once. */
#include "fixture.h"

static void put(struct gauntlet *g, uint32_t index, uint8_t outcome)
{
    const struct game_result result = fixture_result(outcome, "n1");

    assert_true(gauntlet_put(g, index, &result));
}

static void a_new_one_has_all_its_games_pending(void **state)
{
    struct gauntlet *g = fixture_gauntlet(2, 20);
    const struct tally total = gauntlet_total(g);

    (void)state;
    assert_int_equal(g->game_count, 40);
    assert_int_equal(total.pending, 40);
    assert_int_equal(g->status.state, GAUNTLET_RUNNING);
    assert_false(gauntlet_is_complete(g));
    gauntlet_free(g);
}

static void a_second_result_of_a_game_changes_nothing(void **state)
{
    struct gauntlet *g = fixture_gauntlet(1, 2);
    const struct game_result win = fixture_result(OUTCOME_WIN, "n1");
    const struct game_result loss = fixture_result(OUTCOME_LOSS, "n2");

    (void)state;
    assert_true(gauntlet_put(g, 1, &win));
    assert_false(gauntlet_put(g, 1, &loss));
    assert_int_equal(g->over, 1);
    assert_int_equal(gauntlet_total(g).wins, 1);
    assert_int_equal(gauntlet_total(g).losses, 0);
    assert_string_equal(g->games[1].node_id, "n1");
    gauntlet_free(g);
}

static void put_outcome(struct gauntlet *g, uint32_t index, uint8_t outcome)
{
    const struct game_result result = {.outcome = outcome};

    assert_true(gauntlet_put(g, index, &result));
}

static void pairs_are_counted_by_their_points_and_only_whole(void **state)
{
    struct gauntlet *g = fixture_gauntlet(2, 20); /* pairs 0, 2, 4, ... are of baseline 0 */
    const uint32_t expected[STATS_PAIR_OUTCOMES] = {1, 0, 1, 1, 0};
    uint32_t pairs[STATS_PAIR_OUTCOMES];

    (void)state;
    put_outcome(g, 0, OUTCOME_WIN);
    put_outcome(g, 1, OUTCOME_DRAW);
    put_outcome(g, 2, OUTCOME_WIN); /* of baseline 1 */
    put_outcome(g, 3, OUTCOME_WIN);
    put_outcome(g, 4, OUTCOME_LOSS);
    put_outcome(g, 5, OUTCOME_LOSS);
    put_outcome(g, 8, OUTCOME_WIN);
    put_outcome(g, 9, OUTCOME_ERROR);
    put_outcome(g, 12, OUTCOME_WIN); /* its other game is pending */
    put_outcome(g, 16, OUTCOME_LOSS);
    put_outcome(g, 17, OUTCOME_WIN);

    gauntlet_pairs(g, 0, pairs);
    assert_memory_equal(pairs, expected, sizeof(pairs));
    gauntlet_pairs(g, 1, pairs);
    assert_int_equal(pairs[4], 1);
    gauntlet_free(g);
}

static void a_decision_is_final_whatever_still_comes(void **state)
{
    struct gauntlet *g = fixture_gauntlet(1, 100);
    uint32_t index = 0;

    (void)state;
    g->spec.has_sprt = g->spec.is_by_games = true;
    g->spec.sprt = (struct sprt){SPRT_LOGISTIC, 0.0, 100.0, 0.05, 0.05};
    while (!gauntlet_decide(g))
        put_outcome(g, index++, OUTCOME_WIN);
    assert_int_equal(g->status.decisions[0], SPRT_H1);
    assert_true(gauntlet_is_complete(g));
    assert_false(gauntlet_is_wanted(g, index));

    while (index < 100)
        put_outcome(g, index++, OUTCOME_LOSS);

    assert_false(gauntlet_decide(g));
    assert_int_equal(g->status.decisions[0], SPRT_H1);
    assert_true(gauntlet_llr(g, 0) < 0.0);
    gauntlet_free(g);
}

static void games_that_nobody_will_play_are_skipped(void **state)
{
    struct gauntlet *g = fixture_gauntlet(2, 20);

    (void)state;
    put_outcome(g, 0, OUTCOME_WIN);
    assert_int_equal(gauntlet_skipped(g, 0), 0);
    g->status.decisions[0] = SPRT_H0;
    assert_int_equal(gauntlet_skipped(g, 0), 19);
    assert_int_equal(gauntlet_skipped(g, 1), 0);
    assert_int_equal(gauntlet_wanted(g, 0), 2);
    gauntlet_free(g);
}

static void a_node_has_the_games_that_it_ended(void **state)
{
    struct gauntlet *g = fixture_gauntlet(1, 20);
    const struct game_result won = {.outcome = OUTCOME_WIN, .node_id = "n1"};
    const struct game_result failed = {.outcome = OUTCOME_ERROR, .node_id = "n1"};
    const struct game_result other = {.outcome = OUTCOME_LOSS, .node_id = "n2"};
    struct tally tally;

    (void)state;
    assert_true(gauntlet_put(g, 0, &won));
    assert_true(gauntlet_put(g, 1, &failed));
    assert_true(gauntlet_put(g, 2, &other));

    tally = gauntlet_tally_of_node(g, RH_STR_LIT("n1"));

    assert_int_equal(tally.wins, 1);
    assert_int_equal(tally.errors, 1);
    assert_int_equal(tally.losses, 0);
    gauntlet_free(g);
}

static void only_games_without_a_result_are_pending(void **state)
{
    struct gauntlet *g = fixture_gauntlet(1, 20);
    const struct game_result won = {.outcome = OUTCOME_WIN};

    (void)state;
    assert_int_equal(gauntlet_pending(g, 0), 0);
    assert_true(gauntlet_put(g, 0, &won));
    assert_true(gauntlet_put(g, 1, &won));
    assert_int_equal(gauntlet_pending(g, 0), 2);
    for (uint32_t i = 2; i < 20; i++)
        assert_true(gauntlet_put(g, i, &won));
    assert_int_equal(gauntlet_pending(g, 0), 20);
    gauntlet_free(g);
}

static void a_pending_result_is_none(void **state)
{
    struct gauntlet *g = fixture_gauntlet(1, 2);
    const struct game_result pending = {0};

    (void)state;
    assert_false(gauntlet_put(g, 0, &pending));
    assert_int_equal(g->over, 0);
    gauntlet_free(g);
}

static void counts_of_the_baselines_add_up_to_the_total(void **state)
{
    struct gauntlet *g = fixture_gauntlet(2, 20);
    struct tally sum = {0};
    struct tally total;

    (void)state;
    for (uint32_t i = 0; i < 33; i++)
        put(g, i, (uint8_t)(OUTCOME_WIN + i % 4));
    total = gauntlet_total(g);
    for (uint32_t i = 0; i < 2; i++) {
        const struct tally one = gauntlet_tally(g, i);

        assert_int_equal(tally_scheduled(&one), 20);
        tally_merge(&sum, &one);
    }
    assert_memory_equal(&sum, &total, sizeof(sum));
    assert_int_equal(tally_scheduled(&total), 40);
    assert_int_equal(tally_over(&total), g->over);
    assert_int_equal(total.pending, 7);
    gauntlet_free(g);
}

static void games_are_counted_for_the_node_that_ended_them(void **state)
{
    struct gauntlet *g = fixture_gauntlet(1, 4);
    const struct game_result first = fixture_result(OUTCOME_WIN, "n2");
    const struct game_result second = fixture_result(OUTCOME_ERROR, "n1");
    struct tally_nodes nodes;

    (void)state;
    assert_true(gauntlet_put(g, 0, &first));
    assert_true(gauntlet_put(g, 1, &second));
    assert_true(gauntlet_put(g, 2, &first));
    gauntlet_nodes(g, &nodes);
    assert_int_equal(nodes.count, 2);
    assert_int_equal(nodes.nodes[0].games, 1);
    assert_int_equal(nodes.nodes[1].games, 2);
    gauntlet_free(g);
}

static void it_is_complete_with_its_last_game_and_only_once(void **state)
{
    struct gauntlet *g = fixture_gauntlet(1, 20);

    (void)state;
    for (uint32_t i = 0; i < 20; i++) {
        assert_false(gauntlet_is_complete(g));
        put(g, i, i < 16 ? OUTCOME_WIN : OUTCOME_LOSS);
    }
    assert_true(gauntlet_is_complete(g));
    gauntlet_finish(g, GAUNTLET_COMPLETED, 99);
    assert_false(gauntlet_is_complete(g));
    assert_int_equal(g->status.state, GAUNTLET_COMPLETED);
    assert_true(g->status.is_settled);
    assert_int_equal(g->status.finished_at_ms, 99);
    assert_int_equal(g->status.total.wins, 16);
    assert_int_equal(g->status.verdict, VERDICT_STRONGER);
    gauntlet_free(g);
}

static void a_cancelled_one_keeps_its_results_and_decides_nothing(void **state)
{
    struct gauntlet *g = fixture_gauntlet(1, 20);

    (void)state;
    for (uint32_t i = 0; i < 19; i++)
        put(g, i, OUTCOME_WIN);
    gauntlet_finish(g, GAUNTLET_CANCELLED, 99);
    assert_int_equal(g->status.total.wins, 19);
    assert_int_equal(g->status.total.pending, 1);
    assert_int_equal(g->status.verdict, VERDICT_UNDECIDED);
    assert_int_equal(g->status.reason, REASON_CANCELLED);
    assert_false(g->status.is_settled);
    assert_false(gauntlet_is_complete(g));
    gauntlet_free(g);
}

static void a_broken_record_makes_none(void **state)
{
    struct gauntlet *g = NULL;

    (void)state;
    assert_int_equal(gauntlet_new(RH_STR_LIT("nonsense"), &g), RH_EINVAL);
    assert_null(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_are_counted_by_their_points_and_only_whole),
        cmocka_unit_test(a_decision_is_final_whatever_still_comes),
        cmocka_unit_test(games_that_nobody_will_play_are_skipped),
        cmocka_unit_test(a_node_has_the_games_that_it_ended),
        cmocka_unit_test(only_games_without_a_result_are_pending),
        cmocka_unit_test(a_new_one_has_all_its_games_pending),
        cmocka_unit_test(a_second_result_of_a_game_changes_nothing),
        cmocka_unit_test(a_pending_result_is_none),
        cmocka_unit_test(counts_of_the_baselines_add_up_to_the_total),
        cmocka_unit_test(games_are_counted_for_the_node_that_ended_them),
        cmocka_unit_test(it_is_complete_with_its_last_game_and_only_once),
        cmocka_unit_test(a_cancelled_one_keeps_its_results_and_decides_nothing),
        cmocka_unit_test(a_broken_record_makes_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
