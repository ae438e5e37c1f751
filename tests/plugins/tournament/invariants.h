/* What the checks of tournaments and the load on them share. */
#ifndef RH_TESTS_PLUGINS_TOURNAMENT_INVARIANTS_H
#define RH_TESTS_PLUGINS_TOURNAMENT_INVARIANTS_H

#include <ringhost/sdk/map.h>

#include "plugins/tournament/keys.h"
#include "plugins/tournament/tournament.h"
#include "tests/sim_known.h"
#include "tests/sim_match.h"

#define TOURNAMENT_NS "tournament"

/* Tournaments that clients start, by request key; and those that are known, by id. */
#define CUPS_MAX SIM_KNOWN_MAX
/* Events that announced one of them; further ones are not looked at. */
#define EVENTS_MAX 64u

/* A tournament by what is known of it. */
struct cup {
    const char *id;              /* "" = not known yet */
    uint64_t events[EVENTS_MAX]; /* hashes of ids of those that announced it */
    uint32_t event_count;
    char told[256];  /* what the last one said, */
    uint64_t digest; /* and of which standings */
};

struct cups {
    struct sim_worker worker;
    struct sim_known known;
    struct cup cups[CUPS_MAX]; /* at their places in known */
    uint32_t ticks;
    struct rh_map64 decided; /* hash of (tournament, match, generation) -> what it came to */
};

/* invariants_load.c: one step of clients. Once all is healed they start none, and work at whatever
 * they can claim. */
void cups_load_tick(struct cups *c, struct rh_sim *sim);

/* invariants_fold.c: a tournament as the node's plugins would read it, for the caller to free; NULL
 * when it is not there. */
struct tournament *cups_fold_read(struct rh_sim *sim, uint32_t node, const char *id);
/* Works everything out anew from what was asked for and what came back of the items, and compares
 * with what is stored. */
void cups_fold_check(struct rh_sim *sim, uint32_t node, const struct tournament *stored);

#endif
