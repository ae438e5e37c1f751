/* rh.core/1 as the host gives it, and which service a plugin may have. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/role/reach.h>
#include <ringhost/sdk/str.h>

#include "host/core/carry.h"
#include "host/core/core_internal.h"
#include "host/core/loops.h"

/* A hundred years: sums of it stay far from overflow. */
#define TIMER_DELAY_MS_MAX (INT64_C(100) * 366 * 24 * 3600 * 1000)

/* A timer of a plugin; belongs to one activation (or to the time before the first). */
struct plugin_timer {
    struct timer timer;
    uint64_t id;
    struct rh_ctx *plugin;
    struct plugin_timer *next, **link;
    void (*cb)(void *self, void *user);
    void *user;
};

/* One post on its way to the loop. */
struct plugin_post {
    struct rh_ctx *plugin;
    uint64_t activation;
    void (*cb)(void *self, void *user);
    void *user;
};

void services_check(struct rh_ctx *plugin, const char *function)
{
    const struct driver_ops *ops = plugin->core->driver.ops;

    if (!plugin->core->setup->checked || !ops->on_loop || ops->on_loop(plugin->core->driver.ctx))
        return;
    core_log(plugin->core, RH_LOG_ERROR, plugin->id, "wrong_thread",
             "function=%s rule=\"[loop] only\"", function);
    abort();
}

static void core_service_log(struct rh_ctx *plugin, uint32_t level, const char *event,
                             const char *text)
{
    if (level > RH_LOG_ERROR)
        level = RH_LOG_ERROR;
    if (log_wanted(&plugin->core->log, plugin->id, level))
        log_write(&plugin->core->log, level, plugin->id, event, rh_str_from(text ? text : ""));
}

static int64_t core_service_now_ms(struct rh_ctx *plugin)
{
    services_check(plugin, "now_ms");
    return plugin->core->now_ms;
}

static int64_t core_service_wall_ms(struct rh_ctx *plugin)
{
    services_check(plugin, "wall_ms");
    return plugin->core->wall_ms;
}

static uint64_t core_service_random(struct rh_ctx *plugin)
{
    services_check(plugin, "random");
    return plugin->core->driver.ops->random(plugin->core->driver.ctx);
}

static void plugin_timer_free(struct plugin_timer *timer)
{
    struct rh_ctx *plugin = timer->plugin;

    timers_stop(&plugin->core->timers, &timer->timer);
    (void)rh_map64_remove(&plugin->core->plugin_timers, timer->id); /* it is there until now */
    if (timer->next)
        timer->next->link = timer->link;
    *timer->link = timer->next;
    plugin->timer_count--;
    free(timer);
}

static void plugin_timer_fire(void *arg)
{
    struct plugin_timer *timer = arg;
    struct rh_ctx *plugin = timer->plugin;
    void (*cb)(void *self, void *user) = timer->cb;
    void *user = timer->user;

    plugin_timer_free(timer);
    plugin_enter(plugin, "timer");
    cb(plugin->self, user);
    plugin_leave(plugin, "timer");
}

static int32_t core_service_timer(struct rh_ctx *plugin, int64_t delay_ms,
                                  void (*cb)(void *self, void *user), void *user, rh_handle *handle)
{
    struct core *core = plugin->core;
    struct plugin_timer *timer;

    services_check(plugin, "timer");
    if (!cb || delay_ms < 0)
        return RH_EINVAL;
    if (plugin->state >= PLUGIN_STOPPED || plugin->is_ending)
        return RH_ECANCELLED;
    if (plugin->timer_count >= core_quota(plugin->setup->timers_max, PLUGIN_TIMERS_MAX)) {
        plugin->over_quota++;
        return RH_EAGAIN;
    }
    timer = calloc(1, sizeof *timer);
    if (!timer)
        return RH_ENOMEM;
    timer->id = core_id(core);
    if (delay_ms > TIMER_DELAY_MS_MAX)
        delay_ms = TIMER_DELAY_MS_MAX;
    timer->plugin = plugin;
    timer->cb = cb;
    timer->user = user;
    if (rh_map64_put(&core->plugin_timers, timer->id, timer, NULL) != RH_OK) {
        free(timer);
        return RH_EAGAIN;
    }
    timer->next = plugin->timers;
    timer->link = &plugin->timers;
    if (timer->next)
        timer->next->link = &timer->next;
    plugin->timers = timer;
    plugin->timer_count++;
    if (timers_start(&core->timers, &timer->timer, core->now_ms + delay_ms, plugin_timer_fire,
                     timer) != RH_OK) {
        plugin_timer_free(timer);
        return RH_EAGAIN;
    }
    core_wake(core);
    if (handle)
        *handle = timer->id;
    return RH_OK;
}

static int32_t core_service_timer_cancel(struct rh_ctx *plugin, rh_handle handle)
{
    struct plugin_timer *timer = rh_map64_get(&plugin->core->plugin_timers, handle);

    services_check(plugin, "timer_cancel");
    if (!timer || timer->plugin != plugin)
        return RH_ENOTFOUND;
    plugin_timer_free(timer);
    return RH_OK;
}

void timers_of_plugin_stop(struct rh_ctx *plugin)
{
    while (plugin->timers)
        plugin_timer_free(plugin->timers);
}

static void post_run(void *arg)
{
    struct plugin_post *post = arg;
    struct rh_ctx *plugin = post->plugin;

    (void)atomic_fetch_sub(&plugin->post_count, 1);
    if (plugin->state < PLUGIN_STOPPED && post->activation == plugin->activation) {
        plugin_enter(plugin, "post");
        post->cb(plugin->self, post->user);
        plugin_leave(plugin, "post");
    }
    free(post);
}

static int32_t core_service_post(struct rh_ctx *plugin, void (*cb)(void *self, void *user),
                                 void *user)
{
    struct core *core = plugin->core;
    struct plugin_post *post;

    if (!cb)
        return RH_EINVAL;
    if (atomic_fetch_add(&plugin->post_count, 1) >= PLUGIN_POSTS_MAX) {
        (void)atomic_fetch_sub(&plugin->post_count, 1);
        return RH_EAGAIN;
    }
    post = malloc(sizeof *post);
    if (!post || deferred_post(&core->deferred, post_run, post) != RH_OK) {
        (void)atomic_fetch_sub(&plugin->post_count, 1);
        free(post);
        return RH_ENOMEM;
    }
    *post = (struct plugin_post){plugin, plugin->activation, cb, user};
    core->driver.ops->wake(core->driver.ctx);
    return RH_OK;
}

/* One done() on its way to the step that it ends. */
struct done_note {
    struct rh_ctx *plugin;
    uint64_t step;
    int32_t rc;
};

/* A step that has ended meanwhile is not mistaken for the one that began after it. */
static void done_deliver(void *arg)
{
    struct done_note *note = arg;
    struct rh_ctx *plugin = note->plugin;

    if (loops_done(plugin, note->step, note->rc))
        ;
    else if (note->step == plugin->activation_step)
        activation_done(plugin, note->rc);
    else if (note->step == plugin->life_step)
        life_done(plugin, note->rc);
    free(note);
}

/* The step that the plugin is in; 0 = none that waits. */
static uint64_t step_under_way(const struct rh_ctx *plugin)
{
    const uint64_t loop = loops_step(plugin);

    if (loop)
        return loop;
    return plugin->activation_step ? plugin->activation_step : plugin->life_step;
}

static void core_service_done(struct rh_ctx *plugin, int32_t rc)
{
    const uint64_t step = step_under_way(plugin);
    struct done_note *note;

    services_check(plugin, "done");
    if (!step || plugin->is_ending) /* what ends with an activation belongs to no later step */
        return;
    note = malloc(sizeof *note);
    if (!note)
        abort(); /* as core_defer: a step may not wait for ever */
    *note = (struct done_note){plugin, step, rc};
    core_defer(plugin->core, done_deliver, note);
}

static int32_t core_service_fail(struct rh_ctx *plugin, int32_t rc, const char *text)
{
    plugin->fail_field[0] = '\0';
    text_set(plugin->fail_text, sizeof plugin->fail_text, "%s", text ? text : "");
    return rc;
}

static int32_t core_service_fail_field(struct rh_ctx *plugin, int32_t rc, const char *field,
                                       const char *text)
{
    if (!field || !field[0])
        return core_service_fail(plugin, rc, text);
    text_set(plugin->fail_field, sizeof plugin->fail_field, "%s", field); /* cut when longer */
    text_set(plugin->fail_text, sizeof plugin->fail_text, "%s: %s", field, text ? text : "");
    return rc;
}

static void core_service_self(struct rh_ctx *plugin, struct rh_self *out)
{
    const struct core *core = plugin->core;
    const struct core_setup *setup = core->setup;
    struct rh_self full = {
        .size = (uint32_t)sizeof full,
        .node_id = rh_str_from(setup->node_id),
        .instance_id = rh_str_from(core->instance_id),
        .role = rh_str_from(setup->role),
        .address = rh_str_from(setup->address),
        .cluster_id = rh_str_from(core->cluster_id),
        .beat_ms = setup->beat_ms,
        .start_count = core->start_count,
        .voters = setup->voters,
        .seeds = {core->seeds, core->seed_count, 0},
        .inventory = rh_str_from(setup->inventory_json ? setup->inventory_json : ""),
    };

    services_check(plugin, "self");
    for (uint32_t i = 0; i < setup->voters.count; i++)
        if (rh_str_eq(setup->voters.items[i], full.node_id))
            full.is_voter = 1;
    *out = full;
}

static void core_service_reactivate(struct rh_ctx *plugin, const char *reason)
{
    services_check(plugin, "reactivate");
    core_log(plugin->core, RH_LOG_WARN, plugin->id, "reactivate", "reason=\"%s\"",
             reason ? reason : "");
    activation_restart(plugin, reason ? reason : "the plugin asked for it");
}

static int32_t core_service_warn(struct rh_ctx *plugin, const char *name, const char *reason)
{
    services_check(plugin, "warn");
    return warning_set(plugin, name, reason);
}

static int32_t core_service_note(struct rh_ctx *plugin, const char *loop, struct rh_str actions)
{
    services_check(plugin, "note");
    return loops_note(plugin, loop, actions);
}

static const struct rh_core_v1 core_service = {
    .size = (uint32_t)sizeof core_service,
    .log = core_service_log,
    .now_ms = core_service_now_ms,
    .wall_ms = core_service_wall_ms,
    .random = core_service_random,
    .timer = core_service_timer,
    .timer_cancel = core_service_timer_cancel,
    .post = core_service_post,
    .done = core_service_done,
    .fail = core_service_fail,
    .self = core_service_self,
    .reactivate = core_service_reactivate,
    .warn = core_service_warn,
    .note = core_service_note,
    .fail_field = core_service_fail_field,
};

/* id -> what gives the table. */
struct service_row {
    const char *id;
    const void *(*table)(void);
};
static const void *services_core_table(void)
{
    return &core_service;
}
static const struct service_row service_rows[] = {
    {RH_CORE_ID, services_core_table},    {"rh.fields/1", services_fields},
    {"rh.http/1", services_http},         {"rh.events/1", services_events},
    {"rh.state/1", services_state},       {"rh.cluster/1", services_cluster},
    {"rh.process/1", services_process},   {"rh.file/1", services_file},
    {"rh.work/1", services_work},         {"rh.metrics/1", services_metrics},
    {"rh.control/1", services_control},   {RH_MEMBERSHIP_HOST_ID, services_membership},
    {RH_LEADER_HOST_ID, services_leader}, {RH_REPLICATION_HOST_ID, services_replication},
    {RH_REACH_HOST_ID, services_reach},
};

static bool list_has(const char *const *list, uint32_t count, const char *id)
{
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(list[i], id) == 0)
            return true;
    return false;
}

/* Asked for by the descriptor, and not narrowed away by the configuration. */
static bool is_granted(const struct core_plugin_setup *setup, const char *id)
{
    const struct rh_plugin *desc = setup->entry;

    if (!list_has(desc->services, desc->service_count, id) &&
        !list_has(desc->services_optional, desc->service_optional_count, id))
        return false;
    if (strcmp(id, "rh.control/1") == 0 && strcmp(desc->id, "admin") != 0)
        return false;
    return !setup->grants || list_has(setup->grants, setup->grant_count, id);
}

const char *core_service_missing(const struct core_plugin_setup *setup)
{
    for (uint32_t i = 0; i < setup->entry->service_count; i++)
        if (!is_granted(setup, setup->entry->services[i]))
            return setup->entry->services[i];
    return NULL;
}

const void *services_get(struct rh_ctx *plugin, const char *id)
{
    if (!is_granted(plugin->setup, id))
        return NULL;
    for (size_t i = 0; i < sizeof service_rows / sizeof service_rows[0]; i++)
        if (strcmp(service_rows[i].id, id) == 0)
            return service_rows[i].table();
    return NULL;
}

void plugin_free(struct rh_ctx *plugin)
{
    timers_of_plugin_stop(plugin);
    if (plugin->loops)
        loops_stop(plugin);
    for (uint32_t i = 0; plugin->routes && i < plugin->desc->route_count; i++)
        router_remove(&plugin->core->router, &plugin->routes[i]);
    rh_buf_release(&plugin->row_memory);
    free(plugin->list_memory);
    if (plugin->loops)
        loops_free(plugin);
    free(plugin->routes);
    free(plugin->self);
    plugin->self = NULL;
}
