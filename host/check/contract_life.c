/* Rules of the contract about the life of a plugin: it starts, stops, dies and comes back at any
 * moment. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/check/contract_rules.h"
#include "host/core/field_arena.h"
#include "host/core/field_decode.h"

#define RESTARTS         4u
#define STOP_MS_MAX      9000 /* a quiesce or stop that is never done takes 10 s */

#define CONFIG_BYTES_MAX (1024u * 1024u)
#define IDLE_MS          (60 * 60 * 1000)
#define IDLE_STEP_MS     60000

/* Moments after requests were sent, in virtual ms: nothing has arrived, commits are under way, work
 * has settled. */
static const int64_t moments_ms[] = {0, 1, 2, 3, 5, 20, 100, 1500};
#define MOMENT_COUNT ((uint32_t)(sizeof moments_ms / sizeof moments_ms[0]))

static void say(const struct trial_plugin *plugin, const char *words)
{
    (void)snprintf(plugin->note->detail, sizeof plugin->note->detail, "%s", words); /* short */
}

/* The first moment is before anything else has run at all. */
static void pass(struct trial *trial, uint32_t moment)
{
    if (moment > 0)
        rh_testnet_run(trial->net, moments_ms[moment]);
}

static bool no_errors(struct trial *trial)
{
    const char *line;

    if (rh_testhost_errors(trial->host, &line) == 0)
        return true;
    return trial_fail(trial, "a line of level error: %s", line);
}

bool rule_load(const struct trial_plugin *plugin)
{
    const struct rh_plugin *desc = &plugin->desc->desc;
    struct trial trial = {.plugin = plugin};
    struct field_error error = {0};
    struct field_arena arena;
    void *config = calloc(1, desc->config.struct_size + 1);
    bool is_fine = config != NULL;

    field_arena_init(&arena, CONFIG_BYTES_MAX);
    if (is_fine && desc->config.struct_size > 0 &&
        field_decode(&desc->config, rh_str_from(plugin->config_json ? plugin->config_json : "{}"),
                     FIELD_STRICT, CONFIG_BYTES_MAX, config, &arena, &error) != RH_OK)
        is_fine =
            trial_fail(&trial, "its configuration, as --config gives it: %.300s", error.message);
    field_arena_release(&arena);
    free(config);
    if (is_fine)
        (void)snprintf(plugin->note->detail, sizeof plugin->note->detail,
                       "plugin %.100s with %" PRIu32 " routes", desc->id,
                       desc->route_count); /* fits */
    return is_fine;
}

static bool stops_soon(struct trial *trial)
{
    int64_t from_ms = rh_testnet_now_ms(trial->net);

    if (!trial_stop(trial))
        return false;
    if (rh_testnet_now_ms(trial->net) - from_ms > STOP_MS_MAX)
        return trial_fail(trial,
                          "without anything under way it takes %d s to stop: does quiesce "
                          "or stop forget done()?",
                          (int)((rh_testnet_now_ms(trial->net) - from_ms) / 1000));
    return true;
}

bool rule_start_stop(const struct trial_plugin *plugin)
{
    struct trial trial;
    bool is_fine;

    is_fine = trial_open(&trial, plugin, plugin->seed) && trial_await(&trial) &&
              stops_soon(&trial) && no_errors(&trial);
    trial_close(&trial);
    /* Stopped before it has come up, at several moments. */
    for (uint32_t i = 0; is_fine && i < MOMENT_COUNT; i++) {
        is_fine = trial_open(&trial, plugin, plugin->seed);
        if (is_fine) {
            pass(&trial, i);
            is_fine = trial_stop(&trial) && no_errors(&trial);
        }
        trial_close(&trial);
    }
    if (is_fine)
        say(plugin, "it starts, becomes active and stops, early too");
    return is_fine;
}

bool rule_restart(const struct trial_plugin *plugin)
{
    struct trial trial;
    bool is_fine = trial_open(&trial, plugin, plugin->seed) && trial_await(&trial);

    for (uint32_t i = 0; is_fine && i < RESTARTS; i++)
        is_fine = trial_ask_all(&trial) && trial_stop(&trial) && trial_start(&trial) &&
                  trial_await(&trial);
    trial_close(&trial);
    if (is_fine)
        say(plugin, "4 stops and starts on the same data");
    return is_fine;
}

bool rule_crash(const struct trial_plugin *plugin)
{
    uint64_t ids[TRIAL_SENT_MAX];
    uint32_t count;
    struct trial trial;
    bool is_fine = trial_open(&trial, plugin, plugin->seed) && trial_await(&trial);

    for (uint32_t i = 0; is_fine && i < MOMENT_COUNT; i++) {
        is_fine = trial_send_all(&trial, ids, &count);
        if (!is_fine)
            break;
        pass(&trial, i);
        rh_testhost_crash(trial.host);
        is_fine = trial_start(&trial);
        if (!is_fine)
            break;
        pass(&trial, i); /* and again while it comes up */
        rh_testhost_crash(trial.host);
        is_fine = trial_start(&trial) && trial_await(&trial) && trial_ask_all(&trial);
    }
    trial_close(&trial);
    if (is_fine)
        say(plugin, "16 crashes under requests and while starting");
    return is_fine;
}

bool rule_in_flight(const struct trial_plugin *plugin)
{
    uint64_t ids[TRIAL_SENT_MAX];
    uint32_t count = 0;
    struct trial trial;
    bool is_fine = trial_open(&trial, plugin, plugin->seed);

    for (uint32_t i = 0; is_fine && i < MOMENT_COUNT; i++) {
        is_fine = trial_await(&trial) && trial_send_all(&trial, ids, &count);
        if (!is_fine)
            break;
        pass(&trial, i);
        trial_doing(&trial, "stopping with requests under way");
        if (rh_testhost_stop(trial.host) < 0)
            is_fine = trial_fail(&trial, "with requests under way the node does not stop");
        else
            is_fine = trial_all_answered(&trial, ids, count) && trial_start(&trial);
    }
    trial_close(&trial);
    if (is_fine)
        say(plugin, "8 stops with requests under way, all of them answered");
    return is_fine;
}

/* Nothing may be left of an activation that has ended. */
static bool is_clean(struct trial *trial)
{
    struct rh_testhost_plugin_view view;

    if (!rh_testhost_plugin_view(trial->host, trial->plugin->desc->desc.id, &view))
        return trial_fail(trial, "the node is down");
    if (view.is_active)
        return trial_fail(trial, "it stays active without the leadership");
    if (view.timers > 0 || view.calls > 0 || view.commits > 0 || view.requests > 0)
        return trial_fail(trial, "after deactivate: %u timers, %u calls, %u commits, %u requests",
                          view.timers, view.calls, view.commits, view.requests);
    return true;
}

/* Whether the test may give and take the leadership: the plugin does not do that itself, and cares.
 */
static bool follows_leadership(struct trial *trial)
{
    const struct rh_plugin *desc = &trial->plugin->desc->desc;
    struct rh_testhost_plugin_view view;

    for (uint32_t i = 0; i < desc->role_count; i++)
        if (strcmp(desc->roles[i].id, "leader/1") == 0)
            return false;
    return rh_testhost_plugin_view(trial->host, desc->id, &view) && view.is_replicated;
}

static bool end_activation(struct trial *trial, int64_t after_ms)
{
    const char *id = trial->plugin->desc->desc.id;
    struct rh_testhost_plugin_view before, after;

    trial_doing(trial, "ending its activation");
    rh_testnet_run(trial->net, after_ms);
    if (!trial_revive(trial) || !rh_testhost_plugin_view(trial->host, id, &before))
        return false;
    if (follows_leadership(trial)) {
        rh_testhost_lead(trial->host, false);
        rh_testnet_run(trial->net, 1000);
        if (!is_clean(trial))
            return false;
        rh_testhost_lead(trial->host, true);
        if (!trial_await(trial))
            return false;
    }
    rh_testhost_reactivate(trial->host, id);
    rh_testnet_run(trial->net, 1);
    rh_testhost_reactivate(trial->host, id); /* in the middle of the next, if it takes its time */
    rh_testnet_run(trial->net, 1);
    if (!trial_await(trial))
        return false;
    if (!rh_testhost_plugin_view(trial->host, id, &after) ||
        after.activations <= before.activations)
        return trial_fail(trial, "it is not activated again");
    return true;
}

bool rule_reactivate(const struct trial_plugin *plugin)
{
    uint64_t ids[TRIAL_SENT_MAX];
    uint32_t count = 0;
    struct trial trial;
    bool is_fine = trial_open(&trial, plugin, plugin->seed) && trial_await(&trial);

    for (uint32_t i = 0; is_fine && i < MOMENT_COUNT; i++) {
        is_fine = trial_send_all(&trial, ids, &count) && end_activation(&trial, moments_ms[i]) &&
                  trial_all_answered(&trial, ids, count) && no_errors(&trial);
        trial.late_seen = UINT64_MAX; /* answers of the old activation are dropped, and counted */
        is_fine = is_fine && trial_ask_all(&trial);
    }
    trial_close(&trial);
    if (is_fine)
        say(plugin, "8 times deactivated and activated with requests under way");
    return is_fine;
}

bool rule_idle(const struct trial_plugin *plugin)
{
    struct rh_testhost_plugin_view before, after;
    const char *id = plugin->desc->desc.id;
    struct trial trial;
    bool is_fine = trial_open(&trial, plugin, plugin->seed) && trial_await(&trial) &&
                   rh_testhost_plugin_view(trial.host, id, &before);

    for (int64_t ms = 0; is_fine && ms < IDLE_MS; ms += IDLE_STEP_MS) {
        trial_doing(&trial, "idling, minute %d", (int)(ms / IDLE_STEP_MS));
        rh_testnet_run(trial.net, IDLE_STEP_MS);
        is_fine = no_errors(&trial);
    }
    if (is_fine && (!rh_testhost_plugin_view(trial.host, id, &after) || !after.is_active ||
                    after.activations != before.activations))
        is_fine = trial_fail(&trial, "it does not stay active");
    trial_close(&trial);
    if (is_fine)
        say(plugin, "60 minutes without an error in the log");
    return is_fine;
}
