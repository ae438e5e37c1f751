/* What the tests of elo_sync share: games in few words, boards made of them, nearness. */
#ifndef RH_TESTS_PLUGINS_ELO_SYNC_FIXTURE_H
#define RH_TESTS_PLUGINS_ELO_SYNC_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/rng.h>
#include <ringhost/sdk/str.h>

#include "plugins/elo_sync/board.h"
#include "plugins/elo_sync/outcome.h"

static const struct elo_options fixture_options = {.k = 32.0, .start = 1500.0};

static inline void assert_near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.12g is not within %.3g of %.12g", value, tolerance, expected);
}

/* A game of two: score is that of a. */
static inline struct fact fixture_game(const char *id, const char *a, const char *b, double score,
                                       int64_t played_at_ms)
{
    struct fact fact = {.id = rh_str_from(id),
                        .board_type = RH_STR_LIT("hex8"),
                        .players = {rh_str_from(a), rh_str_from(b)},
                        .player_count = 2,
                        .played_at_ms = played_at_ms};

    assert_int_equal(outcome_of_score(&fact, score), FACT_OK);
    return fact;
}

/* A game of several that ended in this order. */
static inline struct fact fixture_order(const char *id, const char *const *order, uint32_t count,
                                        int64_t played_at_ms)
{
    struct fact fact = {.id = rh_str_from(id),
                        .board_type = RH_STR_LIT("hex8"),
                        .player_count = count,
                        .played_at_ms = played_at_ms};
    struct rh_str names[FACT_PLAYERS_MAX];

    for (uint32_t i = 0; i < count; i++) {
        names[i] = rh_str_from(order[i]);
        fact.players[i] = rh_str_from(order[i][0] == '=' ? order[i] + 1 : order[i]);
    }
    assert_int_equal(outcome_of_order(&fact, names, count), FACT_OK);
    return fact;
}

static inline struct board *fixture_board(void)
{
    struct board *board = NULL;

    assert_int_equal(board_new(RH_STR_LIT("hex8"), &fixture_options, 1, &board), RH_OK);
    return board;
}

static inline struct board_game *fixture_put(struct board *board, struct fact fact)
{
    struct board_game *game = NULL;

    assert_int_equal(board_put(board, &fact, &game), RH_OK);
    return game;
}

static inline double fixture_rating(const struct board *board, const char *name)
{
    const struct board_player *player = board_player(board, rh_str_from(name));

    assert_non_null(player);
    return player->rating;
}

/* The seed of a random test: RH_SEED in the environment, or `otherwise`; printed. */
static inline uint64_t fixture_seed(uint64_t otherwise)
{
    const char *text = getenv("RH_SEED");
    uint64_t seed = otherwise;

    if (text)
        assert_int_equal(rh_parse_u64(rh_str_from(text), &seed), RH_OK);
    print_message("seed %llu; repeat with RH_SEED\n", (unsigned long long)seed);
    return seed;
}

#endif
