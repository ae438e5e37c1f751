/* What the checks of gauntlets and the load on them share. */
#ifndef RH_TESTS_PLUGINS_GAUNTLET_INVARIANTS_H
#define RH_TESTS_PLUGINS_GAUNTLET_INVARIANTS_H

#include <ringhost/sdk/map.h>

#include "plugins/gauntlet/gauntlet.h"
#include "plugins/gauntlet/keys.h"
#include "tests/sim_known.h"
#include "tests/sim_match.h"

#define GAUNTLET_NS "gauntlet"

/* Gauntlets that clients start, by request key; and those that are known, by id. */
#define RACES_MAX SIM_KNOWN_MAX

/* Games of one of them at most, all baselines together; and attempts at each. */
#define RACE_GAMES_MAX 64u
#define RACE_ATTEMPTS  2

/* What the answers to a request key said. */
struct race_key {
    char id[RH_STORE_ID_SIZE]; /* "" = none said yes */
    uint32_t variant;          /* of the request that the gauntlet was made of */
};

/* A gauntlet by what is known of it. */
struct race {
    const char *id;   /* "" = not known yet */
    uint64_t event;   /* hash of the id of the event that announced it; 0 = none yet */
    uint64_t counted; /* bit i: game i was seen stored */
};

struct races {
    struct sim_worker worker;
    struct sim_known known;
    struct race races[RACES_MAX]; /* at their places in known */
    struct race_key keys[RACES_MAX];
    uint32_t ticks;
    struct rh_map64 games;   /* hash of (gauntlet, index) -> hash of its stored row */
    struct rh_map64 checked; /* digests of stored gauntlets that were found well */
};

/* A stored gauntlet. */
struct race_rows {
    struct gauntlet *gauntlet;        /* to be freed */
    uint64_t version[RACE_GAMES_MAX]; /* of each stored game's row; 0 = there is none */
};

/* invariants_load.c: one step of clients. Once all is healed they start none, and play whatever
 * they can claim. */
void races_load_tick(struct races *r, struct rh_sim *sim);

/* invariants_fold.c: a gauntlet as the node's plugins would read it; false when it is not there. */
bool races_fold_read(struct rh_sim *sim, uint32_t node, const char *id, struct race_rows *out);
/* Of the stored rows of a gauntlet; 0 when it is not there. */
uint64_t races_fold_digest(struct rh_sim *sim, uint32_t node, const char *id);
/* Each game is what the item that it came from came to, and counted once and for all. */
void races_fold_games(struct races *r, struct rh_sim *sim, uint32_t node, uint32_t place,
                      const struct race_rows *stored);
/* Works out decisions and end anew from the games, in the order in which they were stored, and
 * compares. */
void races_fold_check(struct rh_sim *sim, uint32_t node, const struct race_rows *stored);

/* invariants_shown.c: compares what the leader shows of a gauntlet, and what its queue has of it,
 * with what is stored there. */
void races_shown_check(struct rh_sim *sim, uint32_t leader, const char *id);
void races_shown_items(struct rh_sim *sim, uint32_t leader, const char *id);

#endif
