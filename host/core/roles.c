/* Roles that plugins give the host: the highest-ranked started provider is active, the others stand
 * by. */
#include <assert.h>
#include <stddef.h>
#include <string.h>

#include <ringhost/role/reach.h>

#include "host/core/core_internal.h"

/* How to tell a provider that it is active: the first function of every role table takes (self,
 * is_active). */
struct role_row {
    const char *id;
    size_t active_offset;
};
/* Whose log decides comes before who leads: a new leader finds it in place. */
static const struct role_row role_rows[] = {
    {RH_MEMBERSHIP_ROLE, offsetof(struct rh_membership_role_v1, active)},
    {RH_REPLICATION_ROLE, offsetof(struct rh_replication_role_v1, active)},
    {RH_LEADER_ROLE, offsetof(struct rh_leader_role_v1, active)},
    {RH_REACH_ROLE, offsetof(struct rh_reach_role_v1, active)},
};
#define ROLE_ROWS (sizeof role_rows / sizeof role_rows[0])
static_assert(ROLE_ROWS == ROLES_TOLD_MAX, "what each provider was told");

/* What a provider was told of a role. */
#define TOLD_NOTHING 0
#define TOLD_STANDBY 1
#define TOLD_ACTIVE  2

static const struct rh_role *role_of(const struct rh_ctx *plugin, const char *role)
{
    for (uint32_t i = 0; i < plugin->desc->role_count; i++)
        if (strcmp(plugin->desc->roles[i].id, role) == 0)
            return &plugin->desc->roles[i];
    return NULL;
}

bool role_is_given(const struct rh_ctx *plugin, const char *role)
{
    return plugin->state == PLUGIN_STARTED && role_of(plugin, role);
}

const void *role_active(struct core *core, const char *role, struct rh_ctx **provider)
{
    const struct rh_role *best = NULL;

    *provider = NULL;
    for (uint32_t i = 0; i < core->plugin_count; i++) {
        struct rh_ctx *plugin = &core->plugins[i];
        const struct rh_role *given = plugin->state == PLUGIN_STARTED && !plugin->is_standing_by
                                          ? role_of(plugin, role)
                                          : NULL;

        if (given && (!best || given->rank > best->rank)) {
            best = given;
            *provider = plugin;
        }
    }
    return best ? best->table : NULL;
}

/* Tell a plugin how it stands in a role, if it gives that and was told something else. */
static void tell(struct rh_ctx *plugin, size_t row, bool is_active)
{
    uint8_t told = is_active ? TOLD_ACTIVE : TOLD_STANDBY;
    const struct rh_role *given =
        plugin->state == PLUGIN_STARTED ? role_of(plugin, role_rows[row].id) : NULL;
    void (*active)(void *self, uint32_t is_active);

    if (!given || plugin->roles_told[row] == told)
        return;
    plugin->roles_told[row] = told;
    memcpy(&active, (const char *)given->table + role_rows[row].active_offset, sizeof active);
    if (!active)
        return;
    plugin_enter(plugin, "role_active");
    active(plugin->self, is_active);
    plugin_leave(plugin, "role_active");
}

/* What was said by who decided before holds no longer. The first time there was nobody. */
static void leader_provider_changes(struct core *core, struct rh_ctx *best)
{
    struct leadership *lead = &core->lead;
    bool has_changed = lead->has_begun && lead->provider != best;

    lead->has_begun = true;
    lead->provider = best;
    if (!has_changed)
        return;
    (void)leadership_leaderless(core, "host", lead->epoch, "who decides on it has changed", 0,
                                lead->votes_need); /* always RH_OK */
    if (!best)
        leadership_without_provider(core);
}

/* Tell those of one role: who stands by first, so that never two are active. */
static void role_update(struct core *core, size_t row)
{
    const char *id = role_rows[row].id;
    bool is_replication = strcmp(id, RH_REPLICATION_ROLE) == 0;
    struct rh_ctx *best;
    bool was_told;

    (void)role_active(core, id, &best); /* its table is the plugin's own affair */
    for (uint32_t i = 0; i < core->plugin_count; i++)
        if (&core->plugins[i] != best)
            tell(&core->plugins[i], row, false);
    if (is_replication && !replication_switch(core, best))
        return; /* asked again each turn */
    if (strcmp(id, RH_LEADER_ROLE) == 0)
        leader_provider_changes(core, best);
    if (!best)
        return;
    was_told = best->roles_told[row] == TOLD_ACTIVE;
    tell(best, row, true);
    if (is_replication && !was_told)
        replication_begin(core);
}

void roles_update(struct core *core)
{
    for (size_t row = 0; row < ROLE_ROWS; row++)
        role_update(core, row);
}

static void update_later(void *arg)
{
    struct core *core = arg;

    core->is_roles_queued = false;
    if (core->phase == CORE_RUNNING || core->phase == CORE_DRAINING)
        roles_update(core);
}

void roles_update_later(struct core *core)
{
    if (core->is_roles_queued || core->phase == CORE_LOADING)
        return; /* all are told once all have started */
    core->is_roles_queued = true;
    core_defer(core, update_later, core);
}

/* The node is going away on purpose: step down, say goodbye. */
void roles_leave(struct core *core)
{
    struct rh_ctx *provider;
    const struct rh_leader_role_v1 *leader = role_active(core, RH_LEADER_ROLE, &provider);
    const struct rh_membership_role_v1 *membership;

    if (core->has_left)
        return;
    core->has_left = true;
    if (leader && leader->step_down) {
        plugin_enter(provider, "step_down");
        (void)leader->step_down(provider->self, core->setup->beat_ms * 10,
                                "the node shuts down"); /* RH_OK in any case */
        plugin_leave(provider, "step_down");
    }
    membership = role_active(core, RH_MEMBERSHIP_ROLE, &provider);
    if (membership && membership->leave) {
        plugin_enter(provider, "leave");
        membership->leave(provider->self);
        plugin_leave(provider, "leave");
    }
}

/* Whom a provider that stands by may ask; NULL with the reason in *rc. */
static const struct rh_leader_role_v1 *leader_to_ask(const struct rh_ctx *asker,
                                                     struct rh_ctx **provider, int32_t *rc)
{
    const struct rh_leader_role_v1 *table = role_active(asker->core, RH_LEADER_ROLE, provider);

    *rc = !table ? RH_ENOTLEADER : *provider == asker ? RH_EINVAL : RH_OK;
    return *rc == RH_OK ? table : NULL;
}

/* Around a call of the provider from inside the asker's own callback. */
static void ask_begin(struct rh_ctx *provider, const char *what, struct callback_outer *outer)
{
    plugin_suspend(provider->core, outer);
    plugin_enter(provider, what);
}

/* What the asked one said in words about its refusal are the asker's words now. */
static void ask_end(struct rh_ctx *asker, struct rh_ctx *provider, const char *what,
                    const struct callback_outer *outer)
{
    plugin_leave(provider, what);
    plugin_resume(provider->core, outer);
    memcpy(asker->fail_text, provider->fail_text, sizeof asker->fail_text);
}

int32_t roles_transfer(struct rh_ctx *asker, struct rh_str node_id)
{
    struct callback_outer outer;
    struct rh_ctx *provider;
    int32_t rc;
    const struct rh_leader_role_v1 *table = leader_to_ask(asker, &provider, &rc);

    if (!table)
        return rc;
    if (!table->transfer)
        return RH_EUNSUPPORTED;
    ask_begin(provider, "transfer", &outer);
    rc = table->transfer(provider->self, node_id);
    ask_end(asker, provider, "transfer", &outer);
    return rc;
}

int32_t roles_step_down(struct rh_ctx *asker, int64_t hold_ms, const char *reason)
{
    struct callback_outer outer;
    struct rh_ctx *provider;
    int32_t rc;
    const struct rh_leader_role_v1 *table = leader_to_ask(asker, &provider, &rc);

    if (!table)
        return rc;
    if (!table->step_down)
        return RH_EUNSUPPORTED;
    ask_begin(provider, "step_down", &outer);
    rc = table->step_down(provider->self, hold_ms, reason);
    ask_end(asker, provider, "step_down", &outer);
    return rc;
}
