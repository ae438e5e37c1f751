/* The run that a request names: in memory while it is live, else in the store. */
#include "wire.h"

#include <ringhost/sdk/str.h>

/* Runs belong to the node that was asked for them: another one is told where to ask. */
int32_t run_unknown(struct plugin *p, struct rh_str id)
{
    struct rh_self self = {.size = (uint32_t)sizeof(self)};

    p->rh.core->self(p->rh.ctx, &self);
    return rh_failf(&p->rh, RH_ENOTFOUND,
                    "node %.*s has no run \"%.*s\"; a run is known to the node that began it, "
                    "whose name begins the run's id",
                    RH_STR_ARG(self.node_id), RH_STR_ARG(id));
}

int32_t run_find(struct plugin *p, struct rh_str id, struct run **out, bool *is_own)
{
    const struct live *live = live_find(p, id);
    int32_t rc = RH_OK;

    *out = live ? live->run : NULL;
    *is_own = !live;
    if (*is_own)
        rc = runs_open(p, id, out);
    return rc == RH_ENOTFOUND ? run_unknown(p, id) : rc;
}

int32_t run_newest(struct plugin *p, char (*ids)[RUN_ID_SIZE])
{
    uint32_t count = 0;
    int32_t rc;

    if (p->live_count) {
        const struct run *run = p->live[p->live_count - 1]->run;

        return rh_str_copy(ids[0], RUN_ID_SIZE, run->spec.id);
    }
    rc = runs_ids(p, RH_STR_LIT(""), 1, ids, &count);
    if (rc == RH_OK && count == 0)
        rc = rh_failf(&p->rh, RH_ENOTFOUND, "no run was ever begun on this node");
    return rc;
}
