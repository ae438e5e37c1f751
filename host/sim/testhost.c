/* <ringhost/testhost.h>: nodes of a simulated net, their setup, life and requests. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include <ringhost/service/core.h>

#include "host/core/field_decode.h"
#include "host/sim/sim.h"

#define ANSWER_MS_MAX    120000
#define CONFIG_BYTES_MAX (1024u * 1024u)
#define START_TAKES_US   1000 /* as long a crash finds the databases half opened */

/* Descriptor and config of one plugin. */
static int32_t take_plugin(struct rh_testhost *host, uint32_t at,
                           const struct rh_testhost_plugin *plugin, char *why)
{
    struct field_error error = {0};
    const struct rh_fields *table;
    int32_t rc = plugin_desc_normalise(plugin->entry, &host->descs[at], why);

    if (rc != RH_OK)
        return rc;
    table = &host->descs[at]->desc.config;
    field_arena_init(&host->arenas[at], CONFIG_BYTES_MAX * 4);
    if (table->struct_size > 0) {
        host->configs[at] = calloc(1, table->struct_size);
        if (!host->configs[at])
            return RH_ENOMEM;
        rc = field_decode(table, rh_str_from(plugin->config_json ? plugin->config_json : "{}"),
                          FIELD_STRICT, CONFIG_BYTES_MAX, host->configs[at], &host->arenas[at],
                          &error);
        if (rc != RH_OK)
            (void)snprintf(why, RH_TESTHOST_WHY_MAX, "%s", error.message); /* fits */
    }
    host->plugins[at] = (struct core_plugin_setup){
        .entry = &host->descs[at]->desc,
        .config = host->configs[at],
        .file = "static",
    };
    return rc;
}

/* Who the node is, and which other voters it knows. */
static void take_names(struct rh_testhost *host, const struct rh_testhost_setup *setup)
{
    (void)snprintf(host->node_id, sizeof host->node_id, "%s",
                   setup->node_id ? setup->node_id : "n1"); /* short */
    (void)snprintf(host->role, sizeof host->role, "%s",
                   setup->role ? setup->role : "coordinator");                     /* short */
    (void)snprintf(host->address, sizeof host->address, "%s:8770", host->node_id); /* fits */
    for (uint32_t i = 0; i < setup->voter_count && i < RH_TESTNET_NODES_MAX; i++) {
        (void)snprintf(host->voter_texts[i], sizeof host->voter_texts[i], "%s",
                       setup->voters[i]); /* short */
        (void)snprintf(host->addresses[i], sizeof host->addresses[i], "%s:8770",
                       setup->voters[i]); /* fits */
        host->voters[i] = rh_str_from(host->voter_texts[i]);
        host->nodes[i] = (struct core_node_setup){host->voter_texts[i], host->addresses[i], ""};
    }
    host->token_text = setup->token_text ? strdup(setup->token_text) : NULL;
    host->setup = (struct core_setup){
        .version = "test",
        .node_id = host->node_id,
        .role = host->role,
        .address = host->address,
        .data_dir = host->data_dir,
        .cluster_id = "",
        .beat_ms = setup->beat_ms > 0 ? setup->beat_ms : 1500,
        .log_level = RH_LOG_DEBUG,
        .loops_enabled = 1,
        .token_text = {host->token_text, host->token_text ? strlen(host->token_text) : 0},
        .token_file = "tokens",
        .voters = {host->voters, setup->voter_count, 0},
        .nodes = host->nodes,
        .node_count = setup->voter_count,
        .plugins = host->plugins,
        .plugin_count = setup->plugin_count,
    };
}

static void host_free(struct rh_testhost *host)
{
    if (!host)
        return;
    core_free(host->core);
    sim_cancel(host->start_end);
    sim_cancel(host->wake); /* a core that could not be made may have asked for a turn */
    sim_cancel(host->turn);
    for (uint32_t i = 0; host->descs && i < host->setup.plugin_count; i++) {
        plugin_desc_free(host->descs[i]);
        free(host->configs[i]);
        field_arena_release(&host->arenas[i]);
    }
    for (uint32_t i = 0; i < SIM_LOG_LINES; i++)
        free(host->log[i]);
    free(host->last_error);
    sim_process_release(host);
    sim_storage_release(&host->storage);
    free(host->plugins);
    free(host->descs);
    free(host->configs);
    free(host->arenas);
    free(host->token_text);
    free(host);
}

/* What opening did to the disk has happened. */
static void start_ends(void *arg)
{
    struct rh_testhost *host = arg;

    host->start_end = NULL;
    sim_disk_job_end(host->storage.disk, host->start_job);
}

static void end_start(struct rh_testhost *host)
{
    sim_cancel(host->start_end);
    if (host->start_end)
        start_ends(host);
}

int32_t rh_testhost_start(struct rh_testhost *host, char why[RH_TESTHOST_WHY_MAX])
{
    struct driver driver = {.ops = &sim_driver_ops, .ctx = host};
    int32_t code;

    assert(!host->is_up);
    driver.sqlite_vfs = sim_storage_begin(&host->storage);
    host->life++;
    host->is_finished = false;
    sim_disk_job_enter(host->storage.disk);
    code = core_new(&host->setup, &driver, &host->core, why);
    host->start_job = sim_disk_job_leave(host->storage.disk);
    host->start_end = sim_at(
        host->net, host->net->now_us + START_TAKES_US + sim_disk_delay_us(host->storage.disk),
        start_ends, host);
    if (code != 0)
        return RH_EINVAL;
    host->is_up = true;
    core_start(host->core);
    return RH_OK;
}

static int64_t wall_ms(void *user)
{
    return sim_driver_ops.wall_ms(user);
}

/* Its draws are its own: how much a node writes does not change what happens on the net. */
static void make_disk(struct rh_testhost *host)
{
    struct rh_rng rng = host->net->rng;

    (void)snprintf(host->data_dir, sizeof host->data_dir, "/%s", host->node_id); /* fits */
    sim_storage_init(&host->storage, rh_rng_u64(&rng) + host->index, host->data_dir,
                     (struct sim_vfs_clock){wall_ms, host});
}

int32_t rh_testhost_new(struct rh_testnet *net, const struct rh_testhost_setup *setup,
                        struct rh_testhost **out, char why[RH_TESTHOST_WHY_MAX])
{
    struct rh_testhost *host = calloc(1, sizeof *host);
    uint32_t count = setup->plugin_count;
    int32_t rc = RH_OK;

    why[0] = '\0';
    if (!host || net->node_count == RH_TESTNET_NODES_MAX) {
        free(host);
        return RH_EFULL;
    }
    host->net = net;
    host->index = net->node_count;
    rh_map64_init(&host->requests, 1, 1u << 20);
    host->plugins = calloc(count + 1, sizeof *host->plugins);
    host->descs = calloc(count + 1, sizeof *host->descs);
    host->configs = calloc(count + 1, sizeof *host->configs);
    host->arenas = calloc(count + 1, sizeof *host->arenas);
    if (!host->plugins || !host->descs || !host->configs || !host->arenas)
        abort(); /* as sim_at */
    take_names(host, setup);
    for (uint32_t i = 0; i < count; i++)
        field_arena_init(&host->arenas[i], 0);
    for (uint32_t i = 0; rc == RH_OK && i < count; i++)
        rc = take_plugin(host, i, &setup->plugins[i], why);
    make_disk(host);
    if (rc == RH_OK)
        rc = rh_testhost_start(host, why);
    if (rc != RH_OK) {
        host_free(host);
        return rc;
    }
    net->nodes[net->node_count++] = host;
    *out = host;
    return RH_OK;
}

/* The core is gone; nothing of this life may reach the next. */
static void take_down(struct rh_testhost *host)
{
    host->is_up = false;
    sim_cancel(host->wake);
    sim_cancel(host->turn);
    host->wake = host->turn = NULL;
    sim_net_drop(host);
    end_start(host);
    core_free(host->core);
    host->core = NULL;
    sim_cancel(host->wake);
    sim_cancel(host->turn);
    host->wake = host->turn = NULL;
}

static void requests_free(struct rh_testhost *host)
{
    uint32_t cursor = 0;
    void *value;

    while (rh_map64_next(&host->requests, &cursor, NULL, &value)) {
        rh_buf_release(&((struct sim_request *)value)->body);
        free(value);
    }
    rh_map64_release(&host->requests);
}

void rh_testnet_free(struct rh_testnet *net)
{
    if (!net)
        return;
    for (uint32_t i = 0; i < net->node_count; i++)
        if (net->nodes[i]->is_up)
            take_down(net->nodes[i]);
    while (sim_step(net, INT64_MAX))
        ; /* what is on its way frees itself: every call has a deadline */
    for (uint32_t i = 0; i < net->node_count; i++) {
        requests_free(net->nodes[i]);
        host_free(net->nodes[i]);
    }
    while (sim_step(net, INT64_MAX))
        ; /* ends of processes that the hosts forgot */
    rh_map64_release(&net->calls);
    rh_map64_release(&net->exchanges);
    rh_heap_release(&net->events);
    free(net);
}

bool rh_testhost_is_up(const struct rh_testhost *host)
{
    return host->is_up;
}

bool rh_testhost_is_ready(const struct rh_testhost *host)
{
    return host->is_up && core_ready(host->core) != 0;
}

static bool is_finished(void *user)
{
    return ((const struct rh_testhost *)user)->is_finished;
}

int32_t rh_testhost_stop(struct rh_testhost *host)
{
    assert(host->is_up);
    if (!host->is_finished)
        core_stop(host->core, 5000, 0, 0);
    if (!rh_testnet_run_until(host->net, is_finished, host, ANSWER_MS_MAX))
        return -1;
    take_down(host);
    return host->exit_code;
}

void sim_crash(struct rh_testhost *host, enum sim_crash how)
{
    struct sim_disk *left = sim_disk_crash(host->storage.disk, how);

    if (host->is_up)
        take_down(host); /* what it still writes goes to the old disk */
    sim_storage_replace(&host->storage, left);
}

void rh_testhost_crash(struct rh_testhost *host)
{
    assert(host->is_up);
    sim_crash(host, SIM_CRASH_PLAIN);
}

static struct sim_request *request_of(struct rh_testhost *host, uint64_t id)
{
    return rh_map64_get(&host->requests, id);
}

uint64_t rh_testhost_send(struct rh_testhost *host, const char *method, const char *target,
                          const char *body)
{
    return sim_request_send(host, NULL, NULL, method, target, body);
}

uint64_t rh_testhost_resume(struct rh_testhost *host, const char *target, const char *last_event_id)
{
    return sim_request_send(host, NULL, last_event_id, "GET", target, NULL);
}

static void show(const struct sim_request *request, struct rh_testhost_reply *reply)
{
    *reply = (struct rh_testhost_reply){
        .status = request->status,
        .retry_after_s = request->retry_after_s,
        .body = request->body.p ? request->body.p : "",
        .content_type = request->content_type,
        .node_id = request->node_id,
    };
}

bool rh_testhost_answer(struct rh_testhost *host, uint64_t id, struct rh_testhost_reply *reply)
{
    struct sim_request *request = request_of(host, id);

    if (!request || !request->is_answered)
        return false;
    if (rh_buf_reserve(&request->body, 1))
        request->body.p[request->body.n] = '\0';
    show(request, reply);
    return true;
}

const char *rh_testhost_streamed(struct rh_testhost *host, uint64_t id)
{
    struct sim_request *request = request_of(host, id);

    if (!request || !rh_buf_reserve(&request->body, 1))
        return "";
    request->body.p[request->body.n] = '\0';
    return request->body.p;
}

void rh_testhost_hang_up(struct rh_testhost *host, uint64_t id)
{
    struct sim_request *request = request_of(host, id);
    struct sim_exchange *exchange;

    if (!request || request->is_answered)
        return;
    request->is_answered = true;
    exchange = rh_map64_remove(&host->net->exchanges, request->exchange);
    if (exchange && host->is_up)
        core_on_gone(host->core, exchange->id);
    free(exchange);
}

/* One request that a test waits for. */
struct waiting {
    struct rh_testhost *host;
    uint64_t id;
};

static bool is_answered(void *user)
{
    const struct waiting *waiting = user;
    const struct sim_request *request = request_of(waiting->host, waiting->id);

    return request->is_answered;
}

uint32_t rh_testhost_request_as(struct rh_testhost *host, const char *token, const char *method,
                                const char *target, const char *body,
                                struct rh_testhost_reply *reply)
{
    struct waiting waiting = {host, sim_request_send(host, token, NULL, method, target, body)};
    struct rh_testhost_reply own;

    if (!reply)
        reply = &own;
    memset(reply, 0, sizeof *reply);
    (void)rh_testnet_run_until(host->net, is_answered, &waiting,
                               ANSWER_MS_MAX);         /* status 0 tells */
    (void)rh_testhost_answer(host, waiting.id, reply); /* likewise */
    return reply->status;
}

uint32_t rh_testhost_request(struct rh_testhost *host, const char *method, const char *target,
                             const char *body, struct rh_testhost_reply *reply)
{
    return rh_testhost_request_as(host, NULL, method, target, body, reply);
}

void rh_testhost_script(struct rh_testhost *host,
                        void (*script)(void *user, struct rh_testhost_process *process), void *user)
{
    host->script = script;
    host->script_user = user;
}

uint32_t rh_testhost_logged(const struct rh_testhost *host, const char *text)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < SIM_LOG_LINES; i++)
        count += host->log[i] && strstr(host->log[i], text);
    return count;
}
