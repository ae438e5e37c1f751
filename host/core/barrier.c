/* rh.state/1's barrier: reads that see everything acknowledged anywhere. With a provider it has to
 * say that this node still leads, once for all barriers of a turn; then what was agreed on by then
 * has to be applied here. Without one the home is the only writer: its snapshot sees all that it
 * acknowledged. */
#include <assert.h>
#include <stdlib.h>

#include "host/core/core_internal.h"

struct barrier {
    struct barrier *next, **link; /* in core->repl.barriers while it waits */
    struct rh_ctx *plugin;
    uint64_t activation;
    void (*cb)(void *self, void *user, int32_t rc);
    void *user;
    uint64_t id;       /* asked of the provider, 0 = not yet */
    uint64_t index;    /* to be applied */
    bool is_confirmed; /* by the provider */
    int32_t rc;
};

static void barrier_run(void *arg)
{
    struct barrier *barrier = arg;
    struct rh_ctx *plugin = barrier->plugin;
    bool is_same = plugin->activation == barrier->activation &&
                   (plugin->phase == ACT_ACTIVE || plugin->phase == ACT_ACTIVATING);

    plugin->barrier_count--;
    if (plugin->state < PLUGIN_STOPPED) {
        plugin_enter(plugin, "barrier");
        barrier->cb(plugin->self, barrier->user, is_same ? barrier->rc : RH_ECANCELLED);
        plugin_leave(plugin, "barrier");
    }
    free(barrier);
}

static void barrier_end(struct barrier *barrier, int32_t rc)
{
    *barrier->link = barrier->next;
    if (barrier->next)
        barrier->next->link = barrier->link;
    barrier->rc = rc;
    core_defer(barrier->plugin->core, barrier_run, barrier);
}

int32_t barrier_begin(struct rh_ctx *plugin, void (*cb)(void *self, void *user, int32_t rc),
                      void *user)
{
    struct core *core = plugin->core;
    struct barrier *barrier;

    if (!cb)
        return RH_EINVAL;
    if (plugin->is_ending || plugin->state >= PLUGIN_STOPPED)
        return RH_ECANCELLED;
    if (plugin->barrier_count >= PLUGIN_BARRIERS_MAX) {
        plugin->over_quota++;
        return RH_EAGAIN;
    }
    barrier = calloc(1, sizeof *barrier);
    if (!barrier)
        return RH_ENOMEM;
    barrier->plugin = plugin;
    barrier->activation = plugin->activation;
    barrier->cb = cb;
    barrier->user = user;
    plugin->barrier_count++;
    if (!plugin->is_replicated || !replication_is_on(core)) {
        core_defer(core, barrier_run, barrier);
        return RH_OK;
    }
    barrier->link = &core->repl.barriers;
    while (*barrier->link) /* to the end: callbacks come in the order of the calls */
        barrier->link = &(*barrier->link)->next;
    *barrier->link = barrier;
    core_wake(core);
    return RH_OK;
}

/* Those that have come since the last turn share one question. */
void barriers_ask(struct core *core)
{
    struct replication *repl = &core->repl;
    int32_t rc = RH_ENOTLEADER;
    uint64_t id = 0;

    for (struct barrier *barrier = repl->barriers; barrier; barrier = barrier->next) {
        if (barrier->id != 0)
            continue;
        if (id == 0)
            id = core_id(core);
        barrier->id = id;
    }
    if (id == 0)
        return;
    if (repl->provider && repl->provider->state == PLUGIN_STARTED && repl->role->barrier) {
        plugin_enter(repl->provider, "barrier");
        rc = repl->role->barrier(repl->provider->self, id);
        plugin_leave(repl->provider, "barrier");
    }
    if (rc != RH_OK)
        barriers_answered(core, id, rc);
}

void barriers_answered(struct core *core, uint64_t id, int32_t rc)
{
    struct barrier *next;

    for (struct barrier *barrier = core->repl.barriers; barrier; barrier = next) {
        next = barrier->next;
        if (barrier->id != id || barrier->is_confirmed || id == 0)
            continue;
        barrier->is_confirmed = true;
        barrier->index = state_index_queued(core->state);
        if (rc != RH_OK)
            barrier_end(barrier, rc);
    }
    barriers_applied(core);
}

void barriers_applied(struct core *core)
{
    struct barrier *next;
    uint64_t index;
    uint64_t term;

    state_applied(core->state, &index, &term);
    for (struct barrier *barrier = core->repl.barriers; barrier; barrier = next) {
        next = barrier->next;
        if (barrier->is_confirmed && barrier->index <= index)
            barrier_end(barrier, RH_OK);
    }
}

void barriers_end(struct core *core, const struct rh_ctx *plugin, int32_t rc)
{
    struct barrier *next;

    for (struct barrier *barrier = core->repl.barriers; barrier; barrier = next) {
        next = barrier->next;
        if (!plugin || barrier->plugin == plugin)
            barrier_end(barrier, rc);
    }
}
