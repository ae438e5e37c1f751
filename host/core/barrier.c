/* rh.state/1's barrier: reads that see everything acknowledged anywhere. With a provider it has to
 * say that this node still leads, once for all barriers of a turn; then what was agreed on by then
 * has to be applied here. Without one the home is the only writer: its snapshot sees all that it
 * acknowledged. */
#include <assert.h>
#include <stdlib.h>

#include "host/core/core_internal.h"

struct barrier {
    struct barrier *next, **link; /* in core->repl.barriers until its callback runs */
    struct rh_ctx *plugin;
    uint64_t activation;
    void (*cb)(void *self, void *user, int32_t rc);
    void *user;
    uint64_t id;       /* asked of the provider, 0 = not yet */
    uint64_t index;    /* to be applied */
    bool is_confirmed; /* by the provider */
    bool is_due;       /* its callback runs next turn */
    int32_t rc;
};

/* The callback, exactly once. */
static void barrier_run(struct barrier *barrier)
{
    struct rh_ctx *plugin = barrier->plugin;
    bool is_same = plugin->activation == barrier->activation &&
                   (plugin->phase == ACT_ACTIVE || plugin->phase == ACT_ACTIVATING);

    *barrier->link = barrier->next;
    if (barrier->next)
        barrier->next->link = barrier->link;
    plugin->barrier_count--;
    if (plugin->state < PLUGIN_STOPPED) {
        plugin_enter(plugin, "barrier");
        barrier->cb(plugin->self, barrier->user, is_same ? barrier->rc : RH_ECANCELLED);
        plugin_leave(plugin, "barrier");
    }
    free(barrier);
}

static void run_due(void *arg)
{
    struct core *core = arg;
    struct barrier *barrier = core->repl.barriers;

    core->repl.is_barrier_queued = false;
    while (barrier) {
        bool is_due = barrier->is_due;
        struct barrier *next = barrier->next;

        if (is_due)
            barrier_run(barrier);
        barrier = is_due ? core->repl.barriers : next; /* the callback may have begun others */
    }
}

static void barrier_due(struct barrier *barrier, int32_t rc)
{
    struct core *core = barrier->plugin->core;

    barrier->is_due = true;
    barrier->rc = rc;
    if (core->repl.is_barrier_queued)
        return;
    core->repl.is_barrier_queued = true;
    core_defer(core, run_due, core);
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
    barrier->link = &core->repl.barriers;
    while (*barrier->link) /* to the end: callbacks come in the order of the calls */
        barrier->link = &(*barrier->link)->next;
    *barrier->link = barrier;
    if (!plugin->is_replicated || !replication_is_on(core))
        barrier_due(barrier, RH_OK);
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
        if (barrier->id != 0 || barrier->is_due)
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
    for (struct barrier *barrier = core->repl.barriers; barrier; barrier = barrier->next) {
        if (barrier->id != id || id == 0 || barrier->is_confirmed || barrier->is_due)
            continue;
        barrier->is_confirmed = true;
        barrier->index = state_index_queued(core->state);
        if (rc != RH_OK)
            barrier_due(barrier, rc);
    }
    barriers_applied(core);
}

void barriers_applied(struct core *core)
{
    uint64_t index;
    uint64_t term;

    state_applied(core->state, &index, &term);
    for (struct barrier *barrier = core->repl.barriers; barrier; barrier = barrier->next)
        if (barrier->is_confirmed && !barrier->is_due && barrier->index <= index)
            barrier_due(barrier, RH_OK);
}

void barriers_fail(struct core *core, int32_t rc)
{
    for (struct barrier *barrier = core->repl.barriers; barrier; barrier = barrier->next)
        if (!barrier->is_due)
            barrier_due(barrier, rc);
}

void barriers_cancel(struct rh_ctx *plugin)
{
    struct barrier *next;

    for (struct barrier *barrier = plugin->core->repl.barriers; barrier; barrier = next) {
        next = barrier->next;
        if (barrier->plugin != plugin)
            continue;
        barrier->rc = RH_ECANCELLED;
        barrier_run(barrier); /* while the activation ends, no other begins */
    }
}
