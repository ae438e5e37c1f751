/* Which games a gauntlet consists of: how many, who plays black, with which seed; not how they
 * went. */
#ifndef RH_PLUGINS_GAUNTLET_SCHEDULE_H
#define RH_PLUGINS_GAUNTLET_SCHEDULE_H

#include <ringhost/types.h>
#include <stdbool.h>
#include <stdint.h>

/* Baselines of one gauntlet, and games in all of it. */
#define SCHEDULE_BASELINES_MAX 16u
#define SCHEDULE_GAMES_MAX     10000u

/* One game. Both games of a pair have the same baseline and swapped sides. */
struct schedule_game {
    uint32_t index;    /* within the gauntlet, from 0 */
    uint32_t baseline; /* which one, from 0 */
    uint32_t pair;     /* which pair against that baseline, from 0 */
    bool model_is_black;
    uint64_t seed; /* differs from that of every other game of the gauntlet */
};

/* Games per baseline of "quick", "standard" and "thorough": 20, 50, 100; 0 for another word. [any]
 */
uint32_t schedule_games_of(struct rh_str type);

/* Game `index` of a gauntlet against `baseline_count` baselines (at least 1). Pairs go round the
 * baselines, so that all of them have about as many games at any time. [any] */
struct schedule_game schedule_game(uint64_t gauntlet_seed, uint32_t baseline_count, uint32_t index);

#endif
