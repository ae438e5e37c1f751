/* Things that a simulated cluster is known to have, by their ids: what events named, and what a
 * replicated namespace shows. For files of checks. */
#ifndef RH_TESTS_SIM_KNOWN_H
#define RH_TESTS_SIM_KNOWN_H

#include <stdlib.h>

#include <ringhost/sdk/store.h>
#include <ringhost/sdk/str.h>
#include <ringhost/sim.h>

#define SIM_KNOWN_MAX 8u

struct sim_known {
    const char *name_space;
    uint32_t max; /* as many as clients have request keys: the same key is the same thing */
    uint32_t count;
    char ids[SIM_KNOWN_MAX][RH_STORE_ID_SIZE]; /* "" = not known yet */
};

/* The place of an id, which it has from now on; max after a failure, which tells itself. */
static inline uint32_t sim_know(struct sim_known *known, struct rh_sim *sim, struct rh_str id)
{
    for (uint32_t i = 0; i < known->count; i++) {
        if (rh_str_eq_c(id, known->ids[i]))
            return i;
    }
    if (known->count == known->max) {
        rh_sim_fail(sim, "request_keys_stay", RH_SIM_OUTSIDE, "%.*s is one too many",
                    RH_STR_ARG(id));
        return known->max;
    }
    if (rh_str_copy(known->ids[known->count], RH_STORE_ID_SIZE, id) != RH_OK)
        abort(); /* they are short */
    return known->count++;
}

/* Those that a node's store has a status of, a row of the kind 's'. */
static inline void sim_know_stored(struct sim_known *known, struct rh_sim *sim, uint32_t node)
{
    const struct rh_scan scan = {.size = (uint32_t)sizeof(scan),
                                 .name_space = known->name_space,
                                 .from = RH_STR_LIT("s"),
                                 .to = RH_STR_LIT("t")};
    struct rh_rows rows = {.size = (uint32_t)sizeof(rows)};
    char id[RH_STORE_ID_SIZE];

    if (rh_sim_scan(sim, node, &scan, &rows) != RH_OK)
        return;
    for (uint32_t i = 0; i < rows.count; i++) {
        if (rh_store_key_id(rh_store_row(&rows, i)->key, id, sizeof(id)) == RH_OK &&
            sim_know(known, sim, rh_str_from(id)) == known->max)
            return;
    }
}

#endif
