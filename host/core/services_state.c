/* rh.state/1 as the host gives it: whose namespace, is it active, and what happens to the plugin
 * when a commit fails. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/error.h>
#include <ringhost/sdk/str.h>

#include "host/core/core_internal.h"
#include "host/core/events_stored.h"

/* A commit under way. It outlives the activation that made it: held replies still wait for it. */
struct commit_wait {
    struct rh_ctx *plugin;
    struct commit_wait *next, *before;
    uint64_t activation;
    uint64_t seq; /* of the plugin; lazy ones carry UINT64_MAX and are waited for by nobody */
    bool is_lazy;
    struct plugin_ns *ns; /* whose schema number goes with it */
    uint32_t schema;      /* 0 = none does */
    void (*cb)(void *self, void *user, int32_t rc, uint64_t revision);
    void *user;
};

uint64_t commit_seq_of(const struct commit_wait *wait)
{
    while (wait && wait->is_lazy)
        wait = wait->next;
    return wait ? wait->seq : UINT64_MAX;
}

static struct plugin_ns *own_ns(struct rh_ctx *plugin, const char *name)
{
    for (uint32_t i = 0; i < plugin->desc->namespace_count; i++)
        if (strcmp(plugin->namespaces[i].def.name, name) == 0)
            return &plugin->namespaces[i];
    return NULL;
}

bool services_leads_with_state(struct core *core)
{
    return core->phase == CORE_RUNNING && core->lead.is_self && !core->lead.is_superseding &&
           !core->lead.is_moving_aside && replication_has_state(core);
}

/* One that the plugin does not live by: usable where this node leads with the replicated state. */
static int32_t beside_check(struct rh_ctx *plugin, const struct plugin_ns *ns)
{
    struct core *core = plugin->core;

    if (plugin->phase == ACT_ACTIVE && services_leads_with_state(core))
        return RH_OK;
    text_set(plugin->fail_text, sizeof plugin->fail_text,
             "\"%s\" is used only where the node leads with the replicated state", ns->def.name);
    return RH_ENOTLEADER;
}

/* Whether the plugin may touch its state now. Local namespaces may be read and written from create
 * on, replicated ones only within an activation. */
static int32_t state_check(struct rh_ctx *plugin, const char *name, struct plugin_ns **out)
{
    *out = name ? own_ns(plugin, name) : NULL;
    if (!*out) {
        text_set(plugin->fail_text, sizeof plugin->fail_text,
                 "\"%s\" is not a namespace of plugin %s", name ? name : "", plugin->id);
        return RH_EINVAL;
    }
    if (plugin->is_ending || plugin->state >= PLUGIN_STOPPED)
        return RH_ECANCELLED;
    if (plugin->core->rehearsal.was_denied) {
        *plugin->core->rehearsal.was_denied = 1;
        return RH_ELOADING;
    }
    if ((*out)->def.flags & RH_NS_BESIDE)
        return beside_check(plugin, *out);
    if (!((*out)->def.flags & RH_NS_REPLICATED) || plugin->phase == ACT_ACTIVE ||
        plugin->phase == ACT_ACTIVATING)
        return RH_OK;
    if (replication_stands_by(plugin->core)) {
        text_set(plugin->fail_text, sizeof plugin->fail_text,
                 "this node holds no replicated state; \"%s\" is used where plugin %s is active",
                 name, plugin->id);
        return RH_EELSEWHERE;
    }
    text_set(plugin->fail_text, sizeof plugin->fail_text, "\"%s\" is not loaded: %s", name,
             plugin->why);
    return RH_ELOADING;
}

static int32_t state_service_get(struct rh_ctx *plugin, const char *name, struct rh_str key,
                                 struct rh_value *out)
{
    struct plugin_ns *ns;
    int32_t rc;

    services_check(plugin, "get");
    rc = state_check(plugin, name, &ns);
    return rc != RH_OK ? rc : state_get(plugin->core->state, ns->ns, key, out);
}

static int32_t state_service_scan(struct rh_ctx *plugin, const struct rh_scan *scan,
                                  struct rh_rows *out)
{
    struct plugin_ns *ns;
    int32_t rc;

    services_check(plugin, "scan");
    rc = state_check(plugin, scan->name_space, &ns);
    return rc != RH_OK ? rc : state_scan(plugin->core->state, ns->ns, scan, out);
}

static int32_t state_service_usage(struct rh_ctx *plugin, const char *name, struct rh_usage *out)
{
    struct plugin_ns *ns;
    int32_t rc;

    services_check(plugin, "usage");
    rc = state_check(plugin, name, &ns);
    return rc != RH_OK ? rc : state_usage(plugin->core->state, ns->ns, out);
}

static void commit_unlink(struct commit_wait *wait)
{
    struct rh_ctx *plugin = wait->plugin;

    if (wait->before)
        wait->before->next = wait->next;
    else
        plugin->commits_first = wait->next;
    if (wait->next)
        wait->next->before = wait->before;
    else
        plugin->commits_last = wait->before;
    assert(plugin->commit_count > 0);
    plugin->commit_count--;
}

static bool is_beside(const struct plugin_ns *ns)
{
    return ns && (ns->def.flags & RH_NS_BESIDE) != 0;
}

/* A commit of it has its outcome. After a failure those behind it fail, too; then it goes on, as
 * others do with their plugin's next activation. */
static void beside_done(struct plugin_ns *ns)
{
    if (!is_beside(ns))
        return;
    assert(ns->commits > 0);
    ns->commits--;
    if (ns->commits == 0)
        state_resume(ns->plugin->core->state, ns->ns);
}

/* The state has the outcome. The snapshot has advanced; replies that waited may go. */
static void commit_done(void *arg, int32_t rc, uint64_t revision)
{
    struct commit_wait *wait = arg;
    struct rh_ctx *plugin = wait->plugin;
    struct core *core = plugin->core;

    core_refresh(core);
    commit_unlink(wait);
    beside_done(wait->ns);
    if (rc == RH_OK && wait->schema != 0) {
        wait->ns->schema_stored = wait->schema;
        wait->ns->schema_due = 0;
    }
    if (rc != RH_OK && !wait->is_lazy)
        reply_fail_held(plugin, wait->seq, rc);
    if (wait->cb && wait->activation == plugin->activation && plugin->state < PLUGIN_STOPPED) {
        void (*cb)(void *self, void *user, int32_t outcome, uint64_t at) = wait->cb;

        plugin_enter(plugin, "commit");
        cb(plugin->self, wait->user, rc, revision);
        plugin_leave(plugin, "commit");
    }
    if (rc != RH_OK && rc != RH_ECONFLICT && !is_beside(wait->ns) &&
        wait->activation == plugin->activation &&
        (plugin->phase == ACT_ACTIVE || plugin->phase == ACT_ACTIVATING)) {
        core_log(core, RH_LOG_ERROR, plugin->id, "commit_failed", "code=%s", rh_error_token(rc));
        activation_restart(plugin, rh_error_text(rc));
    }
    free(wait);
    reply_release_held(plugin);
    if (plugin->commit_count == 0)
        activation_commits_done(plugin);
    core_wake(core);
}

/* One more commit of the plugin, not yet in its list. */
static struct commit_wait *
commit_new(struct rh_ctx *plugin, bool is_lazy,
           void (*cb)(void *self, void *user, int32_t rc, uint64_t revision), void *user)
{
    struct commit_wait *wait = calloc(1, sizeof *wait);

    if (!wait)
        return NULL;
    wait->plugin = plugin;
    wait->activation = plugin->activation;
    wait->is_lazy = is_lazy;
    wait->seq = is_lazy ? UINT64_MAX : plugin->commit_seq + 1;
    wait->cb = cb;
    wait->user = user;
    return wait;
}

/* The state has taken it (rc RH_OK): replies wait for it from now on. */
static int32_t commit_begun(struct commit_wait *wait, int32_t rc)
{
    struct rh_ctx *plugin = wait->plugin;

    if (rc != RH_OK) {
        free(wait);
        return rc;
    }
    if (!wait->is_lazy)
        plugin->commit_seq++;
    wait->before = plugin->commits_last;
    if (plugin->commits_last)
        plugin->commits_last->next = wait;
    else
        plugin->commits_first = wait;
    plugin->commits_last = wait;
    plugin->commit_count++;
    core_wake(plugin->core);
    return RH_OK;
}

static int32_t
state_service_commit(struct rh_ctx *plugin, const struct rh_batch *batch,
                     void (*cb)(void *self, void *user, int32_t rc, uint64_t revision), void *user)
{
    struct core *core = plugin->core;
    struct commit_wait *wait;
    struct plugin_ns *ns;
    int32_t rc;

    services_check(plugin, "commit");
    rc = state_check(plugin, batch->name_space, &ns);
    if (rc == RH_OK && ns->migration == MIGRATION_SENT) {
        text_set(plugin->fail_text, sizeof plugin->fail_text,
                 "migrate commits one batch to \"%s\", with its schema number", ns->def.name);
        rc = RH_EINVAL;
    }
    if (rc != RH_OK)
        return rc;
    wait = commit_new(plugin, (batch->flags & RH_BATCH_LAZY) != 0, cb, user);
    if (!wait)
        return RH_ENOMEM;
    wait->ns = ns;
    wait->schema = ns->schema_due;
    rc = commit_begun(wait, state_commit_schema(core->state, ns->ns, batch, ns->schema_due,
                                                plugin->id, core->wall_ms, commit_done, wait));
    if (rc == RH_OK && is_beside(ns))
        ns->commits++;
    if (rc == RH_OK && ns->migration == MIGRATION_CALLED)
        ns->migration = MIGRATION_SENT;
    return rc;
}

int32_t commits_schema(struct plugin_ns *ns)
{
    struct rh_ctx *plugin = ns->plugin;
    struct commit_wait *wait = commit_new(plugin, true, NULL, NULL);

    if (!wait)
        return RH_ENOMEM;
    wait->ns = ns;
    wait->schema = ns->schema_due;
    return commit_begun(
        wait, state_set_schema(plugin->core->state, ns->ns, ns->schema_due, commit_done, wait));
}

int32_t commits_host_put(struct rh_ctx *plugin, const char *key, struct rh_str value)
{
    struct commit_wait *wait = commit_new(plugin, false, NULL, NULL);

    if (!wait)
        return RH_ENOMEM;
    return commit_begun(wait, host_put(plugin->core, key, value, commit_done, wait));
}

struct commit_wait *commits_hold(struct rh_ctx *plugin)
{
    struct commit_wait *wait = commit_new(plugin, false, NULL, NULL);

    if (wait)
        (void)commit_begun(wait, RH_OK); /* only passes a failure on */
    return wait;
}

void commits_hold_end(struct commit_wait *wait, int32_t rc)
{
    commit_done(wait, rc, 0);
}

/* The activation ends: its callbacks come now, although the outcome is still open; held replies go
 * on waiting. */
void commits_cancel(struct rh_ctx *plugin)
{
    for (struct commit_wait *wait = plugin->commits_first; wait; wait = wait->next) {
        void (*cb)(void *self, void *user, int32_t rc, uint64_t revision) = wait->cb;

        wait->cb = NULL;
        if (!cb)
            continue;
        plugin_enter(plugin, "commit");
        cb(plugin->self, wait->user, RH_ECANCELLED, 0);
        plugin_leave(plugin, "commit");
    }
}

static int32_t state_service_barrier(struct rh_ctx *plugin,
                                     void (*cb)(void *self, void *user, int32_t rc), void *user)
{
    services_check(plugin, "barrier");
    return barrier_begin(plugin, cb, user);
}

static int32_t state_service_schema(struct rh_ctx *plugin, const char *name, uint32_t *out)
{
    struct plugin_ns *ns;
    int32_t rc;

    services_check(plugin, "schema");
    rc = state_check(plugin, name, &ns);
    if (rc == RH_OK)
        *out = ns->schema_now;
    return rc;
}

static const struct rh_state_v1 state_service = {
    .size = (uint32_t)sizeof state_service,
    .get = state_service_get,
    .scan = state_service_scan,
    .commit = state_service_commit,
    .barrier = state_service_barrier,
    .usage = state_service_usage,
    .schema = state_service_schema,
};

const void *services_state(void)
{
    return &state_service;
}
