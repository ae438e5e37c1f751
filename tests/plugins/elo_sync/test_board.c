/* Tests of the fold: published values, any order of arrival, late games, games taken out. */
#include "fixture.h"

#define GAMES 3500u

/* Where the six published games put four players. */
static void put_six(struct board *board, const uint32_t *order)
{
    const struct {
        const char *a, *b;
        double score;
    } games[6] = {{"A", "B", 1.0}, {"C", "D", 0.5}, {"A", "C", 0.0},
                  {"B", "D", 1.0}, {"A", "D", 1.0}, {"B", "C", 0.5}};
    static const char *const ids[6] = {"g1", "g2", "g3", "g4", "g5", "g6"};

    for (uint32_t i = 0; i < 6; i++) {
        const uint32_t k = order[i];

        (void)fixture_put(board, fixture_game(ids[k], games[k].a, games[k].b, games[k].score,
                                              1000 + (int64_t)k)); /* the board has it */
    }
}

static void assert_six(struct board *board)
{
    assert_int_equal(board_settle(board), RH_OK);
    assert_near(fixture_rating(board, "A"), 1514.527386, 5e-7);
    assert_near(fixture_rating(board, "B"), 1501.472614, 5e-7);
    assert_near(fixture_rating(board, "C"), 1516.0, 5e-7);
    assert_near(fixture_rating(board, "D"), 1468.0, 5e-7);
}

static void six_games_fold_to_the_published_ratings(void **state)
{
    const uint32_t order[6] = {0, 1, 2, 3, 4, 5};
    struct board *board = fixture_board();

    (void)state;
    put_six(board, order);

    assert_six(board);
    board_free(board);
}

static void all_720_orders_of_six_games_fold_to_the_same_bits(void **state)
{
    const uint32_t first[6] = {0, 1, 2, 3, 4, 5};
    struct board *reference = fixture_board();
    uint32_t orders = 0;

    (void)state;
    put_six(reference, first);
    assert_six(reference);
    for (uint32_t code = 0; code < 46656; code++) {
        uint32_t order[6];
        uint32_t seen = 0;

        for (uint32_t i = 0, rest = code; i < 6; i++, rest /= 6) {
            order[i] = rest % 6;
            seen |= 1u << order[i];
        }
        if (seen != 63)
            continue;
        struct board *board = fixture_board();
        put_six(board, order);
        assert_int_equal(board_settle(board), RH_OK);
        for (const char *name = "ABCD"; *name; name++) {
            const char text[2] = {*name, '\0'};

            assert_true(fixture_rating(board, text) == fixture_rating(reference, text));
        }
        board_free(board);
        orders++;
    }
    assert_int_equal(orders, 720);
    board_free(reference);
}

static void equal_times_are_ordered_by_game_id(void **state)
{
    struct board *board = fixture_board();

    (void)state;
    (void)fixture_put(board, fixture_game("b", "x", "y", 0.0, 5)); /* the board has it */
    (void)fixture_put(board, fixture_game("a", "x", "y", 1.0, 5));
    assert_int_equal(board_settle(board), RH_OK);

    assert_true(rh_str_eq_c(board->games[0]->id, "a"));
    assert_true(board->games[0]->sides[0].after == 1516.0);
    board_free(board);
}

/* Random games, settled at random moments, in the order of `order`. */
struct pool {
    char ids[GAMES][12];
    char names[20][4];
    uint32_t a[GAMES], b[GAMES];
    double score[GAMES];
    uint32_t order[GAMES];
};

static void fill(struct pool *pool, struct rh_rng *rng)
{
    for (uint32_t i = 0; i < 20; i++)
        (void)snprintf(pool->names[i], sizeof(pool->names[i]), "p%u", i); /* fits */
    for (uint32_t i = 0; i < GAMES; i++) {
        (void)snprintf(pool->ids[i], sizeof(pool->ids[i]), "g%u", i);
        pool->a[i] = (uint32_t)rh_rng_below(rng, 20);
        pool->b[i] = (pool->a[i] + 1 + (uint32_t)rh_rng_below(rng, 19)) % 20;
        pool->score[i] = (double)rh_rng_below(rng, 3) / 2.0;
        pool->order[i] = i;
    }
}

static struct board_game *put_one(struct board *board, const struct pool *pool, uint32_t i)
{
    return fixture_put(board,
                       fixture_game(pool->ids[i], pool->names[pool->a[i]], pool->names[pool->b[i]],
                                    pool->score[i], 1000 + (int64_t)(i / 3)));
}

static void assert_same(const struct board *x, const struct board *y)
{
    for (uint32_t i = 0; i < x->player_count; i++) {
        const struct board_player *other = board_player(y, rh_str_from(x->players[i].name));

        assert_non_null(other);
        assert_int_equal(x->players[i].games, other->games);
        assert_int_equal(x->players[i].wins, other->wins);
        assert_int_equal(x->players[i].draws, other->draws);
        assert_true(x->players[i].rating == other->rating);
        assert_true(x->players[i].info == other->info);
    }
}

static void any_order_with_pauses_gives_the_same_bits(void **state)
{
    struct pool *pool = calloc(1, sizeof(*pool));
    struct board *reference = fixture_board();
    struct rh_rng rng;

    (void)state;
    assert_non_null(pool);
    rh_rng_seed(&rng, fixture_seed(7));
    fill(pool, &rng);
    for (uint32_t i = 0; i < GAMES; i++)
        (void)put_one(reference, pool, i); /* the board has it */
    assert_int_equal(board_settle(reference), RH_OK);
    for (uint32_t round = 0; round < 10; round++) {
        struct board *board = fixture_board();

        rh_rng_shuffle(&rng, pool->order, GAMES, sizeof(pool->order[0]));
        for (uint32_t i = 0; i < GAMES; i++) {
            (void)put_one(board, pool, pool->order[i]);
            if (rh_rng_below(&rng, 200) == 0)
                assert_int_equal(board_settle(board), RH_OK);
        }
        assert_int_equal(board_settle(board), RH_OK);
        assert_same(reference, board);
        board_free(board);
    }
    board_free(reference);
    free(pool);
}

static void taking_games_out_is_as_if_they_had_never_been(void **state)
{
    struct pool *pool = calloc(1, sizeof(*pool));
    struct board *with = fixture_board();
    struct board *without = fixture_board();
    struct board_game **games = calloc(GAMES, sizeof(*games));
    struct rh_rng rng;

    (void)state;
    assert_non_null(pool);
    assert_non_null(games);
    rh_rng_seed(&rng, fixture_seed(11));
    fill(pool, &rng);
    for (uint32_t i = 0; i < GAMES; i++)
        games[i] = put_one(with, pool, i);
    assert_int_equal(board_settle(with), RH_OK);
    for (uint32_t i = 0; i < GAMES; i++) {
        if (rh_rng_below(&rng, 10) == 0)
            board_remove(with, games[i]);
        else
            (void)put_one(without, pool, i);
        if (rh_rng_below(&rng, 500) == 0)
            assert_int_equal(board_settle(with), RH_OK);
    }
    assert_int_equal(board_settle(with), RH_OK);
    assert_int_equal(board_settle(without), RH_OK);

    assert_same(without, with);
    board_free(with);
    board_free(without);
    free(games);
    free(pool);
}

static void a_late_game_rewinds_to_the_last_snapshot_before_it(void **state)
{
    struct pool *pool = calloc(1, sizeof(*pool));
    struct board *board = fixture_board();
    struct rh_rng rng;
    uint64_t before;

    (void)state;
    assert_non_null(pool);
    rh_rng_seed(&rng, 3);
    fill(pool, &rng);
    for (uint32_t i = 0; i < GAMES; i++)
        (void)put_one(board, pool, i); /* the board has it */
    assert_int_equal(board_settle(board), RH_OK);
    assert_int_equal(board->snapshot_count, 3);
    before = board->folded_total;
    /* Before game 2500: the fold goes on from game 2000. */
    (void)fixture_put(board, fixture_game("late", "p1", "p2", 1.0, 1000 + 2500 / 3));
    assert_int_equal(board_settle(board), RH_OK);

    assert_int_equal(board->folded_total - before, GAMES + 1 - 2000);
    assert_int_equal(board->snapshot_count, 3);
    board_free(board);
    free(pool);
}

static void ranking_is_by_rating_then_name_and_leaves_out_who_has_few_games(void **state)
{
    struct board *board = fixture_board();
    uint32_t *list = NULL;
    uint32_t count = 0;

    (void)state;
    (void)fixture_put(board, fixture_game("1", "z", "m", 0.5, 1)); /* the board has it */
    (void)fixture_put(board, fixture_game("2", "z", "m", 0.5, 2));
    (void)fixture_put(board, fixture_game("3", "a", "b", 1.0, 3));
    assert_int_equal(board_settle(board), RH_OK);
    assert_int_equal(board_ranking(board, 1, &list, &count), RH_OK);

    assert_int_equal(count, 4);
    assert_string_equal(board->players[list[0]].name, "a");
    assert_string_equal(board->players[list[1]].name, "m");
    assert_string_equal(board->players[list[2]].name, "z");
    free(list);
    assert_int_equal(board_ranking(board, 2, &list, &count), RH_OK);
    assert_int_equal(count, 2);
    free(list);
    board_free(board);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(six_games_fold_to_the_published_ratings),
        cmocka_unit_test(all_720_orders_of_six_games_fold_to_the_same_bits),
        cmocka_unit_test(equal_times_are_ordered_by_game_id),
        cmocka_unit_test(any_order_with_pauses_gives_the_same_bits),
        cmocka_unit_test(taking_games_out_is_as_if_they_had_never_been),
        cmocka_unit_test(a_late_game_rewinds_to_the_last_snapshot_before_it),
        cmocka_unit_test(ranking_is_by_rating_then_name_and_leaves_out_who_has_few_games),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
