/* Tests of the Bradley-Terry fit: closed forms, the equations of the maximum, and who has none. */
#include "fixture.h"

#include "plugins/elo_sync/bradley.h"

static const struct bradley_options plain = {
    .prior = -1.0, .center = 0.0, .anchor = BRADLEY_NO_ANCHOR};

/* `wins` games won, `draws` drawn and `losses` lost by a against b. */
static void put_many(struct board *board, const char *a, const char *b, uint32_t wins,
                     uint32_t draws, uint32_t losses)
{
    static char ids[4096][8];
    static uint32_t used;

    for (uint32_t i = 0; i < wins + draws + losses; i++, used++) {
        (void)snprintf(ids[used % 4096], sizeof(ids[0]), "%u", used); /* fits */
        (void)fixture_put(board, fixture_game(ids[used % 4096], a, b,
                                              i < wins           ? 1.0
                                              : i < wins + draws ? 0.5
                                                                 : 0.0,
                                              1 + used));
    }
}

static void tally(struct board *board, struct tally *out)
{
    assert_int_equal(board_settle(board), RH_OK);
    assert_int_equal(tally_of_board(board, 1, BRADLEY_PLAYERS_MAX, out), RH_OK);
}

static void three_to_one_is_the_logarithm_of_three(void **state)
{
    struct board *board = fixture_board();
    struct bradley fit;
    struct tally pairs;

    (void)state;
    put_many(board, "a", "b", 30, 0, 10);
    tally(board, &pairs);
    assert_int_equal(bradley_fit(&pairs, &plain, &fit), RH_OK);

    assert_true(fit.prior == 0.0);
    assert_near(fit.ratings[0] - fit.ratings[1], 400.0 * log10(3.0), 1e-8);
    assert_near(fit.ratings[0] + fit.ratings[1], 0.0, 1e-9);
    /* The difference has variance 1/(40 * 3/4 * 1/4); against the mean a quarter of that. */
    assert_near(fit.errors[0], 1.959963984540054 * 400.0 / log(10.0) / sqrt(7.5) / 2.0, 1e-8);
    bradley_release(&fit);
    tally_release(&pairs);
    board_free(board);
}

static void an_anchor_has_its_rating_and_no_error(void **state)
{
    const struct bradley_options anchored = {.prior = -1.0, .center = 2000.0, .anchor = 1};
    struct board *board = fixture_board();
    struct bradley fit;
    struct tally pairs;

    (void)state;
    put_many(board, "a", "b", 30, 0, 10);
    tally(board, &pairs);
    assert_int_equal(bradley_fit(&pairs, &anchored, &fit), RH_OK);

    assert_near(fit.ratings[1], 2000.0, 1e-9);
    assert_near(fit.errors[1], 0.0, 1e-6);
    assert_near(fit.errors[0], 1.959963984540054 * 400.0 / log(10.0) / sqrt(7.5), 1e-8);
    bradley_release(&fit);
    tally_release(&pairs);
    board_free(board);
}

/* Points expected of player i from the fitted ratings, less those it has: 0 at the maximum. */
static double surplus(const struct tally *pairs, const struct bradley *fit, uint32_t i)
{
    double sum = 0.0;

    for (uint32_t k = 0; k < pairs->pair_count; k++) {
        const struct tally_pair *pair = &pairs->pairs[k];
        const double games = (double)pair->weight / TALLY_GAME;
        const double score = (double)pair->score_a / TALLY_GAME;
        const double win = elo_expected(fit->ratings[pair->a], fit->ratings[pair->b]);

        if (pair->a == i)
            sum += games * win - score;
        if (pair->b == i)
            sum -= games * win - score;
    }
    return sum;
}

static void at_the_maximum_everyone_scores_as_expected(void **state)
{
    struct board *board = fixture_board();
    struct rh_rng rng;
    struct bradley fit;
    struct tally pairs;
    char names[30][4];

    (void)state;
    rh_rng_seed(&rng, fixture_seed(5));
    for (uint32_t i = 0; i < 30; i++)
        (void)snprintf(names[i], sizeof(names[i]), "p%u", i); /* fits */
    for (uint32_t i = 0; i < 30; i++)
        put_many(board, names[i], names[(i + 1) % 30], 1 + (uint32_t)rh_rng_below(&rng, 9),
                 (uint32_t)rh_rng_below(&rng, 5), 1 + (uint32_t)rh_rng_below(&rng, 9));
    tally(board, &pairs);
    assert_int_equal(bradley_fit(&pairs, &plain, &fit), RH_OK);

    assert_true(fit.prior == 0.0);
    for (uint32_t i = 0; i < fit.count; i++)
        assert_near(surplus(&pairs, &fit, i), 0.0, 1e-9);
    bradley_release(&fit);
    tally_release(&pairs);
    board_free(board);
}

static void who_only_wins_stays_finite_and_the_prior_is_told(void **state)
{
    struct board *board = fixture_board();
    struct bradley fit;
    struct tally pairs;

    (void)state;
    put_many(board, "a", "b", 5, 0, 0);
    put_many(board, "b", "c", 2, 1, 2);
    tally(board, &pairs);
    assert_false(bradley_has_maximum(&pairs));
    assert_int_equal(bradley_fit(&pairs, &plain, &fit), RH_OK);

    assert_true(fit.prior == BRADLEY_PRIOR_NEEDED);
    assert_true(fit.ratings[0] > fit.ratings[1]);
    assert_true(fit.ratings[0] < 2000.0);
    assert_true(isfinite(fit.errors[0]));
    bradley_release(&fit);
    tally_release(&pairs);
    board_free(board);
}

static void the_prior_is_a_game_drawn_with_one_in_the_middle(void **state)
{
    const struct bradley_options with = {.prior = 2.0, .center = 0.0, .anchor = BRADLEY_NO_ANCHOR};
    struct board *board = fixture_board();
    struct bradley fit;
    struct tally pairs;
    double r;

    (void)state;
    put_many(board, "a", "b", 3, 0, 0);
    tally(board, &pairs);
    assert_int_equal(bradley_fit(&pairs, &with, &fit), RH_OK);

    /* By symmetry b = -a: 3 (1 - P(2a)) + 2 (1/2 - P(a)) = 0. */
    r = fit.ratings[0];
    assert_near(3.0 * (1.0 - elo_expected(r, -r)) + 2.0 * (0.5 - elo_expected(r, 0.0)), 0.0, 1e-10);
    assert_near(fit.ratings[1], -r, 1e-9);
    bradley_release(&fit);
    tally_release(&pairs);
    board_free(board);
}

static void two_groups_that_never_met_need_a_prior(void **state)
{
    struct board *board = fixture_board();
    struct bradley fit;
    struct tally pairs;

    (void)state;
    put_many(board, "a", "b", 1, 0, 1);
    put_many(board, "c", "d", 1, 0, 1);
    tally(board, &pairs);

    assert_false(bradley_has_maximum(&pairs));
    assert_int_equal(bradley_fit(&pairs, &plain, &fit), RH_OK);
    for (uint32_t i = 0; i < 4; i++)
        assert_near(fit.ratings[i], 0.0, 1e-9);
    bradley_release(&fit);
    tally_release(&pairs);
    board_free(board);
}

static void order_and_place_of_players_do_not_change_a_bit(void **state)
{
    struct board *x = fixture_board();
    struct board *y = fixture_board();
    struct bradley first;
    struct bradley second;
    struct tally pairs;
    struct tally others;

    (void)state;
    put_many(x, "a", "b", 3, 2, 1);
    put_many(x, "b", "c", 4, 0, 2);
    put_many(x, "c", "a", 2, 2, 3);
    put_many(y, "a", "c", 3, 2, 2);
    put_many(y, "c", "b", 2, 0, 4);
    put_many(y, "b", "a", 1, 2, 3);
    tally(x, &pairs);
    tally(y, &others);
    assert_int_equal(bradley_fit(&pairs, &plain, &first), RH_OK);
    assert_int_equal(bradley_fit(&others, &plain, &second), RH_OK);

    for (uint32_t i = 0; i < 3; i++) {
        assert_true(first.ratings[i] == second.ratings[i]);
        assert_true(first.errors[i] == second.errors[i]);
    }
    bradley_release(&first);
    bradley_release(&second);
    tally_release(&pairs);
    tally_release(&others);
    board_free(x);
    board_free(y);
}

static void an_empty_board_has_no_ratings(void **state)
{
    struct board *board = fixture_board();
    struct bradley fit;
    struct tally pairs;

    (void)state;
    tally(board, &pairs);
    assert_int_equal(bradley_fit(&pairs, &plain, &fit), RH_OK);

    assert_int_equal(fit.count, 0);
    bradley_release(&fit);
    tally_release(&pairs);
    board_free(board);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_to_one_is_the_logarithm_of_three),
        cmocka_unit_test(an_anchor_has_its_rating_and_no_error),
        cmocka_unit_test(at_the_maximum_everyone_scores_as_expected),
        cmocka_unit_test(who_only_wins_stays_finite_and_the_prior_is_told),
        cmocka_unit_test(the_prior_is_a_game_drawn_with_one_in_the_middle),
        cmocka_unit_test(two_groups_that_never_met_need_a_prior),
        cmocka_unit_test(order_and_place_of_players_do_not_change_a_bit),
        cmocka_unit_test(an_empty_board_has_no_ratings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
