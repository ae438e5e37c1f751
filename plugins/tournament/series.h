/* A match as a number of games: which are to be played, and who won; not the games themselves. */
#ifndef RH_PLUGINS_TOURNAMENT_SERIES_H
#define RH_PLUGINS_TOURNAMENT_SERIES_H

#include "bracket.h"

#define SERIES_GAMES_MAX 200u
#define SERIES_EXTRA_MAX 50u

/* The first side moves first in games with an even index; sides swap game by game. */
struct series_rules {
    uint32_t games; /* 1 .. SERIES_GAMES_MAX */
    bool play_all;  /* also those that cannot change the outcome */
    bool must_end;  /* a draw is followed by extra games, one at a time, until one is won */
    uint32_t extra_max;
};

/* Of one game, from the first side's view. A game whose result nobody knows is NONE. */
enum game_outcome { GAME_NONE = 0, GAME_FIRST, GAME_SECOND, GAME_DRAW, GAME_OUTCOMES };

struct series {
    uint32_t wanted;  /* games, from index 0, that are certain to be needed */
    uint32_t over;    /* of those */
    uint32_t wins[2]; /* of each side, and draws */
    uint32_t draws;
    uint8_t outcome; /* enum outcome; NONE while games are wanted and not over */
};

/* The state of a match of which games[0 .. count) are known (NONE where not). Games behind the
 * wanted ones are not looked at. DRAW with must_end: the extra games are used up; whoever asks has
 * a rule. [any] */
struct series series_of(const struct series_rules *rules, const uint8_t *games, uint32_t count);

/* Games that a match can have at most. [any] */
uint32_t series_games_max(const struct series_rules *rules);

/* Points of a side in halves of a win. [any] */
uint32_t series_halves(const struct series *series, uint32_t side);

#endif
