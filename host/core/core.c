/* Assembly of the core: clocks, turns, ids, log lines, start and stop. What happens in them is in
 * the other files. */
#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/core/carry.h"
#include "host/core/core_internal.h"

#define TURN_TIMERS_MAX 1024u
#define LAZY_WAIT_MS    5 /* how long a lazy commit may wait for another to be flushed with */

void core_refresh(struct core *core)
{
    core->now_ms = core->driver.ops->now_us(core->driver.ctx) / 1000;
    core->wall_ms = core->driver.ops->wall_ms(core->driver.ctx);
}

void core_wake(struct core *core)
{
    if (core->in_turn || core->is_woken)
        return;
    core->is_woken = true;
    core->driver.ops->wake(core->driver.ctx);
}

uint32_t core_quota(uint32_t configured, uint32_t most)
{
    return configured > 0 && configured < most ? configured : most;
}

uint32_t core_route_body_max(const struct core *core, const struct rh_route *route)
{
    if (route->body_max)
        return route->body_max;
    return core->setup->body_max ? core->setup->body_max : CORE_BODY_MAX_DEFAULT;
}

uint64_t core_id(struct core *core)
{
    return ++core->next_id;
}

void core_defer(struct core *core, deferred_fn run, void *arg)
{
    int32_t rc = deferred_add(&core->deferred, run, arg);

    /* Everything that defers is bounded by a quota far below DEFERRED_MAX; without memory nothing
     * can go on. */
    if (rc != RH_OK)
        abort();
    core_wake(core);
}

void core_log(struct core *core, uint32_t level, const char *plugin, const char *event,
              const char *format, ...)
{
    char text[RH_TEXT_MAX * 2];
    va_list args;
    int n;

    if (!log_wanted(&core->log, plugin, level))
        return;
    va_start(args, format);
    n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (n < 0)
        n = 0;
    log_write(&core->log, level, plugin, event,
              (struct rh_str){text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1});
}

void core_fatal(struct core *core, int32_t exit_code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(core->unhealthy, sizeof core->unhealthy, format, args);
    va_end(args);
    core_log(core, RH_LOG_ERROR, NULL, "fatal", "reason=\"%s\" exit=%" PRId32, core->unhealthy,
             exit_code);
    core_stop(core, 0, exit_code, 0);
}

static void on_state_failed(void *user, int32_t rc, const char *why)
{
    struct core *core = user;

    text_set(core->unhealthy, sizeof core->unhealthy, "writes have stopped: %s", why);
    core_log(core, RH_LOG_ERROR, NULL, "writes_stopped", "rc=%" PRId32 " reason=\"%s\"", rc, why);
    replication_on_failed(core, rc, why);
}

static void report_token_error(void *user, uint32_t line, const char *message)
{
    char *why = user;

    if (why[0] == '\0')
        text_set(why, CORE_WHY_MAX, "line %" PRIu32 ": %s", line, message);
}

int32_t core_memory_init(struct core *core, char *why)
{
    const struct core_setup *setup = core->setup;
    uint64_t seed = core->driver.ops->random(core->driver.ctx);

    log_init(&core->log, &core->driver, setup->node_id, setup->log_level);
    deferred_init(&core->deferred);
    timers_init(&core->timers);
    router_init(&core->router, seed);
    peers_init(&core->peers, seed);
    bus_init(&core->bus);
    rh_map64_init(&core->requests, seed, CORE_REQUESTS_MAX);
    rh_map64_init(&core->exchanges, seed, CORE_REQUESTS_MAX);
    rh_map64_init(&core->calls, seed, CORE_CALLS_MAX);
    rh_map64_init(&core->carried, seed, CORE_CALLS_MAX);
    rh_map64_init(&core->plugin_timers, seed, TIMERS_MAX);
    rh_buf_init(&core->report, 16u * 1024u * 1024u);
    core->metrics = metrics_new(seed);
    if (!core->metrics)
        return CORE_EXIT_INTERNAL;
    if (setup->token_text.p) {
        char first[CORE_WHY_MAX] = "";

        if (tokens_parse(setup->token_text, report_token_error, first, &core->tokens) != RH_OK) {
            text_set(why, CORE_WHY_MAX, "%s: %s", setup->token_file, first);
            return CORE_EXIT_CONFIG;
        }
    }
    return 0;
}

/* Open the databases and read who we are. */
static int32_t core_init_state(struct core *core, char *why)
{
    struct state_config config = {
        .directory = core->setup->data_dir,
        .node_id = rh_str_from(core->setup->node_id),
        .on_event = events_on_commit,
        .on_failed = on_state_failed,
        .on_stalled = replication_on_stalled,
        .on_applied = replication_on_applied,
        .on_checkpointed = replication_on_checkpointed,
        .propose = replication_propose,
        .holds_lazy = 1,
        .user = core,
    };

    if (state_open(&config, &core->driver, &core->state, why) != RH_OK)
        return CORE_EXIT_DATA;
    core->cursor_local = state_events_last(core->state, 0);
    core->cursor_replica = state_events_last(core->state, 1);
    if (identity_init(core, why) != RH_OK || leadership_init(core) != RH_OK ||
        presence_init(core) != RH_OK) {
        if (why[0] == '\0')
            text_set(why, CORE_WHY_MAX, "%s: cannot read the node's identity",
                     core->setup->data_dir);
        return CORE_EXIT_DATA;
    }
    return 0;
}

int32_t core_new(const struct core_setup *setup, const struct driver *driver, struct core **out,
                 char *why)
{
    struct core *core = calloc(1, sizeof *core);
    int32_t code;

    why[0] = '\0';
    if (!core) {
        text_set(why, CORE_WHY_MAX, "out of memory");
        return CORE_EXIT_INTERNAL;
    }
    core->setup = setup;
    core->driver = *driver;
    core_refresh(core);
    core->start_ms = core->now_ms;
    code = core_memory_init(core, why);
    if (code == 0)
        code = core_init_state(core, why);
    if (code == 0 && builtin_init(core) != RH_OK)
        code = CORE_EXIT_INTERNAL;
    if (code == 0)
        code = life_init(core, why);
    if (code != 0) {
        core_free(core);
        return code;
    }
    *out = core;
    return 0;
}

void core_start(struct core *core)
{
    core_refresh(core);
    core_log(core, RH_LOG_INFO, NULL, "starting",
             "version=%s role=%s address=%s instance=%s start=%" PRIu64, core->setup->version,
             core->setup->role, core->setup->address, core->instance_id, core->start_count);
    life_start_next(core);
    core_wake(core);
}

/* The grace is over, or nothing is open any more: stop the plugins. */
static void stop_plugins(void *arg)
{
    struct core *core = arg;

    if (core->phase != CORE_DRAINING)
        return;
    timers_stop(&core->timers, &core->stop_timer);
    core->phase = CORE_STOPPING;
    core->life_at = core->plugin_count;
    life_stop_next(core);
}

/* On a turn of its own, since a plugin may have asked for the stop. */
static void drain_begin(void *arg)
{
    struct core *core = arg;

    roles_leave(core);
    requests_end_parked(core);
}

void core_stop(struct core *core, int64_t grace_ms, int32_t exit_code, uint32_t again)
{
    if (core->phase == CORE_STOPPING || core->phase == CORE_FINISHED)
        return;
    core_refresh(core);
    if (exit_code != 0 || core->phase != CORE_DRAINING) {
        core->exit_code = exit_code;
        core->exit_again = again;
    }
    if (core->phase != CORE_DRAINING)
        core_log(core, RH_LOG_INFO, NULL, "draining", "grace_ms=%" PRId64 " open=%" PRIu32,
                 grace_ms, requests_open(core));
    core->phase = CORE_DRAINING;
    core_defer(core, drain_begin, core);
    core->driver.ops->stop_listening(core->driver.ctx, again);
    (void)timers_start(&core->timers, &core->stop_timer, core->now_ms + grace_ms, stop_plugins,
                       core);
    core_wake(core);
}

/* Let what is deferred end: nothing calls into a plugin any more, it only frees what it carries. */
static void core_drain(struct core *core)
{
    uint32_t most = DEFERRED_MAX;

    while (deferred_run(&core->deferred) && most-- > 0)
        ;
}

void core_free(struct core *core)
{
    if (!core)
        return;
    core->phase = CORE_FINISHED;
    for (uint32_t i = 0; i < core->plugin_count; i++) {
        core->plugins[i].is_ending = true;
        calls_end_of_plugin(&core->plugins[i]); /* each callback runs once, also without a stop */
        core->plugins[i].state = PLUGIN_STOPPED;
        processes_of_plugin_detach(&core->plugins[i]);
    }
    requests_release(core);
    carries_release(core);
    calls_release(core);
    leadership_release(core);
    replication_release(core);
    core_drain(core);
    state_close(core->state);
    core->state = NULL;
    core->driver.ops->queue_free(core->work_queue);
    core->driver.ops->queue_free(core->file_queue);
    core_drain(core);
    requests_release(core);
    life_free(core);
    presence_release(core);
    builtin_free(core);
    rh_map64_release(&core->plugin_timers);
    rh_map64_release(&core->calls);
    rh_map64_release(&core->carried);
    rh_map64_release(&core->exchanges);
    rh_map64_release(&core->requests);
    rh_buf_release(&core->report);
    tokens_free(core->tokens);
    metrics_free(core->metrics);
    bus_release(&core->bus);
    peers_release(&core->peers);
    router_release(&core->router);
    timers_release(&core->timers);
    deferred_release(&core->deferred);
    free(core);
}

uint32_t core_ready(const struct core *core)
{
    return core->phase == CORE_RUNNING;
}

static void lazy_due(void *arg)
{
    struct core *core = arg;

    if (core->state)
        state_lazy_release(core->state);
}

/* Lazy commits wait for others, but not for long. Without a timer they do not wait. */
static void lazy_watch(struct core *core)
{
    if (!state_lazy_waits(core->state))
        timers_stop(&core->timers, &core->lazy_timer);
    else if (!rh_heap_contains(&core->lazy_timer.node) &&
             timers_start(&core->timers, &core->lazy_timer, core->now_ms + LAZY_WAIT_MS, lazy_due,
                          core) != RH_OK)
        state_lazy_release(core->state);
}

void core_turn(struct core *core)
{
    assert(!core->in_turn);
    core->in_turn = true;
    core->is_woken = false;
    core_refresh(core);
    timers_run(&core->timers, core->now_ms, TURN_TIMERS_MAX);
    (void)deferred_run(&core->deferred); /* what it adds runs next turn */
    if (core->phase == CORE_DRAINING)
        roles_leave(core); /* once; a stop asked for inside a callback could not */
    if (core->phase == CORE_DRAINING && requests_open(core) == 0)
        stop_plugins(core);
    home_try_supersede(core);
    replication_turn(core);
    if (core->state) {
        state_flush(core->state);
        lazy_watch(core);
    }
    core->in_turn = false;
    if (core->deferred.count > 0 || timers_next(&core->timers) <= core->now_ms)
        core_wake(core);
    core->driver.ops->wake_at(core->driver.ctx, timers_next(&core->timers));
}
