/* What the checks of the ratings and the load on them share. */
#ifndef RH_TESTS_PLUGINS_ELO_SYNC_INVARIANTS_H
#define RH_TESTS_PLUGINS_ELO_SYNC_INVARIANTS_H

#include <stdbool.h>
#include <stdio.h>

#include <ringhost/sdk/map.h>
#include <ringhost/sim.h>

#define ELO_GAMES  160u
#define ELO_BOARD  "hex8"
#define ELO_NS     "elo_sync"
#define ELO_MARKS  "elo_announced"
#define ELO_EVENTS (1u << 16)

/* A game by what clients were told. */
struct elo_game {
    bool is_known;     /* some node has acknowledged it */
    bool is_retracted; /* likewise */
};

struct elo {
    struct elo_game games[ELO_GAMES];
    struct rh_map events; /* id of each ELO_UPDATED that any node has seen */
    uint32_t event_count;
    uint32_t ticks;
};

/* "g17" */
void elo_game_id(char id[8], uint32_t game);

/* invariants_load.c: one step of clients that report games to any node, some of them twice, in
 * contradiction or with a wild clock, and take some back. */
void elo_checks_load(struct elo *e, struct rh_sim *sim);

/* invariants.c: a client was told by this node that it has the game, or its retraction. */
void elo_acknowledged(struct elo *e, struct rh_sim *sim, uint32_t node, uint32_t game);

#endif
