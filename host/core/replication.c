/* Who decides on batches, a provider or the home, and what the provider is told about applying; see
 * replication.h. */
#include "host/core/replication.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/error.h>

#include "host/core/core_internal.h"
#include "host/core/schemas.h"

#define STALL_RETRY_MS 1000
/* How long a node that cannot apply lets others lead; it asks again when it leads after that. */
#define STEP_DOWN_BEATS 20

/* The functions of the active provider, NULL when there is none that runs. */
static const struct rh_replication_role_v1 *role_of(const struct core *core)
{
    const struct rh_ctx *provider = core->repl.provider;

    return provider && provider->state == PLUGIN_STARTED ? core->repl.role : NULL;
}

bool replication_is_on(const struct core *core)
{
    return core->repl.provider || core->repl.is_switching;
}

bool replication_stands_by(struct core *core)
{
    if (core->repl.provider)
        return false;
    for (uint32_t i = 0; i < core->plugin_count; i++)
        if (core->plugins[i].is_standing_by &&
            role_is_given(&core->plugins[i], RH_REPLICATION_ROLE))
            return true;
    return false;
}

bool replication_has_state(struct core *core)
{
    uint64_t index;
    uint64_t term;

    if (core->repl.is_switching)
        return false;
    if (!core->repl.provider)
        return !replication_stands_by(core) && !home_is_elsewhere(core);
    state_applied(core->state, &index, &term);
    return term == core->lead.epoch;
}

void replication_explain(struct core *core, char *why, size_t size)
{
    if (core->repl.is_switching)
        text_set(why, size, "what was committed before is still under way");
    else if (core->repl.provider)
        text_set(why, size, "no entry of epoch %" PRIu64 " has been applied yet", core->lead.epoch);
    else if (replication_stands_by(core))
        text_set(why, size, "this node is no member and holds no replicated state");
    else
        text_set(why, size, "the state is at home on node %s", core->lead.home_node);
}

/* Who decided so far gives no more answers. */
static void let_go(struct core *core)
{
    struct replication *repl = &core->repl;

    repl->is_switching = true;
    activation_update_all(core);
    home_leadership_lost(core); /* batches that wait for the claim to be home */
    if (!repl->provider)
        return;
    repl->provider = NULL;
    repl->role = NULL;
    state_propose_lost(core->state);
    barriers_fail(core, RH_ENOTLEADER);
    replication_copies_drop(core);
}

bool replication_switch(struct core *core, struct rh_ctx *best)
{
    struct replication *repl = &core->repl;
    struct rh_ctx *same;
    uint64_t index;

    if (repl->provider == best && !repl->is_switching)
        return true;
    if (core->phase != CORE_RUNNING && core->phase != CORE_DRAINING)
        return false;
    if (!repl->is_switching)
        let_go(core);
    if (core->lead.is_superseding || core->lead.is_moving_aside ||
        state_replicate(core->state, replication_propose, best != NULL) != RH_OK)
        return false;
    repl->is_switching = false;
    repl->provider = best;
    repl->role = best ? role_active(core, RH_REPLICATION_ROLE, &same) : NULL;
    activation_update_all(core);
    state_applied(core->state, &index, &repl->term_seen);
    core_log(core, RH_LOG_INFO, NULL, "replication", "provider=%s index=%" PRIu64 " term=%" PRIu64,
             best ? best->id : "-", index, repl->term_seen);
    return true;
}

int32_t replication_propose(void *user, uint64_t id, struct rh_str data)
{
    struct core *core = user;
    const struct rh_replication_role_v1 *role = role_of(core);
    int32_t rc;

    if (!replication_is_on(core))
        return home_propose(core, id, data);
    if (!role || !role->propose)
        return RH_ENOTLEADER;
    plugin_enter(core->repl.provider, "propose");
    rc = role->propose(core->repl.provider->self, id, data);
    plugin_leave(core->repl.provider, "propose");
    return rc;
}

/* --- what is told to the provider --- */

void replication_on_applied(void *user, uint64_t index, uint64_t term)
{
    struct core *core = user;
    const struct rh_replication_role_v1 *role = role_of(core);

    if (!role)
        return;
    core_refresh(core);
    if (role->applied) {
        plugin_enter(core->repl.provider, "applied");
        role->applied(core->repl.provider->self, index, term);
        plugin_leave(core->repl.provider, "applied");
    }
    barriers_applied(core);
    if (term != core->repl.term_seen) {
        core->repl.term_seen = term;
        activation_update_all(core);
    }
    core_wake(core);
}

void replication_on_checkpointed(void *user, uint64_t index)
{
    struct core *core = user;
    const struct rh_replication_role_v1 *role = role_of(core);

    if (!role || !role->checkpointed)
        return;
    plugin_enter(core->repl.provider, "checkpointed");
    role->checkpointed(core->repl.provider->self, index);
    plugin_leave(core->repl.provider, "checkpointed");
    core_wake(core);
}

static void tell_health(struct core *core, int32_t rc, const char *why)
{
    const struct rh_replication_role_v1 *role = role_of(core);

    core->repl.health_rc = rc;
    core->repl.step_down_at_ms = 0;
    if (core->repl.health_why != why)
        text_set(core->repl.health_why, sizeof core->repl.health_why, "%s", why); /* same size */
    if (role && role->apply_health) {
        plugin_enter(core->repl.provider, "apply_health");
        role->apply_health(core->repl.provider->self, rc, why);
        plugin_leave(core->repl.provider, "apply_health");
    }
    core_wake(core);
}

void replication_begin(struct core *core)
{
    replication_on_checkpointed(core, state_checkpointed(core->state));
    if (core->repl.health_rc != RH_OK)
        tell_health(core, core->repl.health_rc, core->repl.health_why);
}

static void retry(void *arg)
{
    struct core *core = arg;
    struct state_stats stats;

    state_retry(core->state);
    state_stats(core->state, &stats);
    if (stats.is_stalled)
        (void)timers_start(&core->timers, &core->repl.retry, core->now_ms + STALL_RETRY_MS, retry,
                           core); /* TIMERS_MAX is far */
}

void replication_on_stalled(void *user, int32_t rc, const char *why)
{
    struct core *core = user;

    if (core->phase == CORE_FINISHED)
        return;
    core_refresh(core);
    if (rc != RH_OK)
        core_log(core, RH_LOG_ERROR, NULL, "apply_stalled", "code=%s reason=\"%s\"",
                 rh_error_token(rc), why);
    else
        core_log(core, RH_LOG_INFO, NULL, "apply_goes_on", "after=%s",
                 rh_error_token(core->repl.health_rc));
    timers_stop(&core->timers, &core->repl.retry);
    if (rc != RH_OK)
        (void)timers_start(&core->timers, &core->repl.retry, core->now_ms + STALL_RETRY_MS, retry,
                           core); /* TIMERS_MAX is far */
    tell_health(core, rc, why);
}

void replication_on_failed(struct core *core, int32_t rc, const char *why)
{
    if (core->phase != CORE_FINISHED)
        tell_health(core, rc, why);
}

void replication_step_down(struct core *core, const char *reason)
{
    struct rh_ctx *provider;
    const struct rh_leader_role_v1 *leader = role_active(core, RH_LEADER_ROLE, &provider);
    const int64_t hold_ms = core->setup->beat_ms * STEP_DOWN_BEATS;

    if (core->now_ms < core->repl.step_down_at_ms)
        return;
    core->repl.step_down_at_ms = core->now_ms + hold_ms / 4;
    if (!leader || !leader->step_down)
        return;
    core_log(core, RH_LOG_ERROR, NULL, "step_down", "reason=\"%s\"", reason);
    plugin_enter(provider, "step_down");
    (void)leader->step_down(provider->self, hold_ms, reason); /* asked again */
    plugin_leave(provider, "step_down");
}

void replication_turn(struct core *core)
{
    if (!core->state)
        return;
    if (core->repl.is_switching && (core->phase == CORE_RUNNING || core->phase == CORE_DRAINING))
        roles_update(core);
    barriers_ask(core);
    if (core->repl.provider && core->repl.health_rc != RH_OK && core->lead.is_self)
        replication_step_down(core, core->repl.health_why); /* it cannot apply */
    schemas_turn(core);
}

void replication_release(struct core *core)
{
    timers_stop(&core->timers, &core->repl.retry);
    for (uint32_t i = 0; i < core->plugin_count; i++)
        barriers_cancel(&core->plugins[i]); /* stopped, so it only frees them */
}
