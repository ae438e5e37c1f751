/* How often each pair of players met on a board and what came of it, in whole numbers: the same
 * from any order of games. */
#ifndef RH_PLUGINS_ELO_SYNC_TALLY_H
#define RH_PLUGINS_ELO_SYNC_TALLY_H

#include "board.h"

/* A game between two; a pair in a game of n players counts TALLY_GAME / (n - 1), which is whole for
 * all n up to FACT_PLAYERS_MAX. */
#define TALLY_GAME 840u

/* Two players, a < b by index into the tally's names. */
struct tally_pair {
    uint32_t a, b;
    uint64_t weight;  /* games, times TALLY_GAME */
    uint64_t score_a; /* points of a, times TALLY_GAME; a draw is half a point */
};

/* Players in the order of their names, pairs in the order of (a, b). */
struct tally {
    const char **names; /* borrowed from the board */
    struct tally_pair *pairs;
    uint32_t player_count;
    uint32_t pair_count;
};

/* Of all players with at least min_games (and at least one) games on the board; games with others
 * are left out. The board must be settled. RH_OK; RH_EFULL when there are more than players_max;
 * RH_ENOMEM. Release it while the board lives. [any] */
int32_t tally_of_board(const struct board *board, uint32_t min_games, uint32_t players_max,
                       struct tally *out);
void tally_release(struct tally *tally);

/* Two players' meetings, from the view of the first. */
struct tally_match {
    uint32_t games;
    uint32_t wins;
    uint32_t draws;
    uint32_t losses;
};
struct tally_match tally_head_to_head(const struct board *board, struct rh_str a, struct rh_str b);

#endif
