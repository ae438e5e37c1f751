/* What the tests of the tournament's cores share: plans by format, and playing them out. */
#ifndef RH_TESTS_PLUGINS_TOURNAMENT_CORE_TEST_H
#define RH_TESTS_PLUGINS_TOURNAMENT_CORE_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ringhost/sdk/rng.h>
#include <ringhost/sdk/str.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/tournament/bracket.h"

/* A plan and everything that can be known of it. */
struct board {
    struct plan plan;
    uint8_t *outcomes;
    uint8_t *undone;
    struct meeting *meetings;
};

static inline void board_init(struct board *board, const struct plan_options *options)
{
    assert_int_equal(plan_init(&board->plan, options), RH_OK);
    board->outcomes = calloc(board->plan.count, sizeof(*board->outcomes));
    board->undone = calloc(board->plan.count, sizeof(*board->undone));
    board->meetings = calloc(board->plan.count, sizeof(*board->meetings));
    assert_true(board->outcomes && board->undone && board->meetings);
    bracket_resolve(&board->plan, board->outcomes, board->meetings);
}

static inline void board_release(struct board *board)
{
    free(board->outcomes);
    free(board->undone);
    free(board->meetings);
    plan_release(&board->plan);
}

static inline struct plan_options single_of(uint32_t players)
{
    return (struct plan_options){.format = FORMAT_SINGLE, .players = players};
}

static inline struct plan_options double_of(uint32_t players)
{
    return (struct plan_options){.format = FORMAT_DOUBLE, .players = players, .has_reset = true};
}

static inline struct plan_options robin_of(uint32_t players)
{
    return (struct plan_options){.format = FORMAT_ROUND_ROBIN, .players = players};
}

static inline uint32_t board_find(const struct board *board, const char *id)
{
    const uint32_t index = plan_find(&board->plan, rh_str_from(id));

    if (index == board->plan.count)
        fail_msg("no match %s", id);
    return index;
}

static inline const struct meeting *board_at(const struct board *board, const char *id)
{
    return &board->meetings[board_find(board, id)];
}

/* Gives a ready match an outcome; nothing may be undone by that. */
static inline void board_decide(struct board *board, uint32_t index, uint8_t outcome)
{
    assert_int_equal(board->meetings[index].state, MEETING_READY);
    assert_int_equal(bracket_change(&board->plan, board->outcomes, board->meetings, index, outcome,
                                    board->undone),
                     0);
}

/* The lower seed number wins. */
static inline uint8_t favourite(const struct meeting *meeting)
{
    return meeting->players[0] < meeting->players[1] ? OUTCOME_FIRST : OUTCOME_SECOND;
}

/* Matches that are ready into indexes; how many. */
static inline uint32_t board_ready(const struct board *board, uint32_t *indexes)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < board->plan.count; i++) {
        if (board->meetings[i].state == MEETING_READY)
            indexes[count++] = i;
    }
    return count;
}

/* Plays all that is left; the favourites win, or with a generator either side. */
static inline void board_play(struct board *board, struct rh_rng *rng)
{
    static uint32_t ready[PLAN_MATCHES_MAX];
    uint32_t count;

    while ((count = board_ready(board, ready)) > 0) {
        uint32_t index = ready[0];
        uint8_t outcome = favourite(&board->meetings[index]);

        if (rng) {
            index = ready[rh_rng_below(rng, count)];
            outcome = rh_rng_below(rng, 2) ? OUTCOME_FIRST : OUTCOME_SECOND;
        }
        board_decide(board, index, outcome);
    }
}

/* The generator of a random test: RH_TEST_SEED if set, else the given seed; printed for replay. */
static inline struct rh_rng board_rng(uint64_t seed)
{
    const char *text = getenv("RH_TEST_SEED");
    struct rh_rng rng;
    uint64_t given = 0;

    if (text && rh_parse_u64(rh_str_from(text), &given) == RH_OK)
        seed = given;
    print_message("seed %llu\n", (unsigned long long)seed);
    rh_rng_seed(&rng, seed);
    return rng;
}

#endif
