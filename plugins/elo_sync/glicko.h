/* Glicko-2 ratings over rating periods; pure arithmetic and a fold over one board's games.
 *
 * Glickman, "Example of the Glicko-2 system" (glicko.net/glicko/glicko2.pdf), steps 1 to 8 with the
 * Illinois iteration of step 5. */
#ifndef RH_PLUGINS_ELO_SYNC_GLICKO_H
#define RH_PLUGINS_ELO_SYNC_GLICKO_H

#include "board.h"

struct glicko_options {
    double start;      /* rating of a player without games */
    double deviation;  /* ... and its deviation; it never grows beyond */
    double volatility; /* ... and its volatility */
    double tau;        /* how much volatility may change, 0.3 to 1.2 */
    int64_t period_ms; /* length of a rating period; periods begin at multiples of it */
};

/* On Glicko's own scale: 1500, 350, 0.06. */
struct glicko_player {
    double rating;
    double deviation;
    double volatility;
};

/* One game of a period. */
struct glicko_game {
    double rating; /* of the opponent, before the period */
    double deviation;
    double score;  /* 1, 0.5 or 0 */
    double weight; /* 1; in a game of n players every pair counts 1/(n - 1) */
};

/* The player after a period with these games, at least one; sums run in their order. [any] */
struct glicko_player glicko_rate(const struct glicko_player *player,
                                 const struct glicko_game *games, uint32_t count,
                                 const struct glicko_options *options);

/* The player after `periods` periods without a game. [any] */
struct glicko_player glicko_rest(const struct glicko_player *player, int64_t periods,
                                 const struct glicko_options *options);

/* Every player of a settled board, by the board's index, after the period of its last game; the
 * caller frees *out. RH_ENOMEM. [any] */
int32_t glicko_of_board(const struct board *board, const struct glicko_options *options,
                        struct glicko_player **out);

#endif
