/* A node of a simulated net: its setup, start and end; <ringhost/testhost.h>. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/hash.h>
#include <ringhost/sdk/str.h>
#include <ringhost/service/core.h>

#include "host/core/core_internal.h"
#include "host/core/field_decode.h"
#include "host/sim/sim.h"

#define CONFIG_BYTES_MAX (1024u * 1024u)
#define START_TAKES_US   1000    /* as long a crash finds the databases half opened */
#define ADDRESS          ":8770" /* of every node, behind its id */

/* A config as its table says; both parts are the caller's, also of an error. *config may be NULL.
 */
static int32_t config_decode(const struct rh_fields *table, const char *json, void **config,
                             struct field_arena *arena, char *why)
{
    struct field_error error = {0};
    int32_t rc = RH_OK;

    *config = NULL;
    field_arena_init(arena, CONFIG_BYTES_MAX * 4);
    if (table->struct_size == 0)
        return RH_OK;
    *config = calloc(1, table->struct_size);
    if (!*config)
        return RH_ENOMEM;
    rc = field_decode(table, rh_str_from(json ? json : "{}"), FIELD_STRICT, CONFIG_BYTES_MAX,
                      *config, arena, &error);
    if (rc != RH_OK)
        (void)snprintf(why, RH_TESTHOST_WHY_MAX, "%s", error.message); /* fits */
    return rc;
}

/* Descriptor and config of one plugin. */
static int32_t take_plugin(struct rh_testhost *host, uint32_t at,
                           const struct rh_testhost_plugin *plugin, char *why)
{
    int32_t rc = plugin_desc_normalise(plugin->entry, &host->descs[at], why);

    if (rc != RH_OK)
        return rc;
    rc = config_decode(&host->descs[at]->desc.config, plugin->config_json, &host->configs[at],
                       &host->arenas[at], why);
    host->plugins[at] = (struct core_plugin_setup){
        .entry = &host->descs[at]->desc,
        .config = host->configs[at],
        .file = "static",
    };
    return rc;
}

static struct rh_str own_text(struct rh_testhost *host, const char *text, const char *suffix)
{
    char *copy = NULL;
    int n = asprintf(&copy, "%s%s", text, suffix);

    if (n < 0)
        abort(); /* as sim_at */
    host->texts[host->text_count++] = copy;
    return (struct rh_str){copy, (size_t)n};
}

static void *zeroed(size_t count, size_t size)
{
    void *block = calloc(count + 1, size);

    if (!block)
        abort(); /* as sim_at */
    return block;
}

/* Who the node is, and which other nodes it is told of. */
static void take_names(struct rh_testhost *host, const struct rh_testhost_setup *setup)
{
    (void)snprintf(host->node_id, sizeof host->node_id, "%s",
                   setup->node_id ? setup->node_id : "n1"); /* short */
    (void)snprintf(host->role, sizeof host->role, "%s",
                   setup->role ? setup->role : "coordinator");                        /* short */
    (void)snprintf(host->address, sizeof host->address, "%s" ADDRESS, host->node_id); /* fits */
    host->texts =
        zeroed(2 * (size_t)setup->voter_count + setup->seed_count + 1, sizeof *host->texts);
    host->voters = zeroed(setup->voter_count, sizeof *host->voters);
    host->nodes = zeroed(setup->voter_count, sizeof *host->nodes);
    host->seeds = zeroed(setup->seed_count, sizeof *host->seeds);
    for (uint32_t i = 0; i < setup->voter_count; i++) {
        host->voters[i] = own_text(host, setup->voters[i], "");
        host->nodes[i] = (struct core_node_setup){host->voters[i].p,
                                                  own_text(host, setup->voters[i], ADDRESS).p, ""};
    }
    for (uint32_t i = 0; i < setup->seed_count; i++)
        host->seeds[i] = own_text(host, setup->seeds[i], ADDRESS);
}

static void take_setup(struct rh_testhost *host, const struct rh_testhost_setup *setup)
{
    take_names(host, setup);
    host->token_text = setup->token_text ? strdup(setup->token_text) : NULL;
    host->setup = (struct core_setup){
        .version = "test",
        .node_id = host->node_id,
        .role = host->role,
        .address = host->address,
        .data_dir = host->data_dir,
        .cluster_id = own_text(host, setup->cluster_id ? setup->cluster_id : "", "").p,
        .beat_ms = setup->beat_ms > 0 ? setup->beat_ms : 1500,
        .log_level = setup->log_level,
        .loops_enabled = 1,
        .token_text = {host->token_text, host->token_text ? strlen(host->token_text) : 0},
        .token_file = "tokens",
        .voters = {host->voters, setup->voter_count, 0},
        .seeds = {host->seeds, setup->seed_count, 0},
        .nodes = host->nodes,
        .node_count = setup->voter_count,
        .plugins = host->plugins,
        .plugin_count = setup->plugin_count,
    };
}

static void drop_plugin(struct rh_testhost *host, uint32_t at)
{
    plugin_desc_free(host->descs[at]);
    free(host->configs[at]);
    field_arena_release(&host->arenas[at]);
    host->descs[at] = NULL;
    host->configs[at] = NULL;
}

int32_t rh_testhost_reconfigure(struct rh_testhost *host, const char *plugin_id,
                                const char *config_json, char why[RH_TESTHOST_WHY_MAX])
{
    char said[CORE_WHY_MAX] = "";
    struct field_arena arena;
    uint32_t at = 0;
    void *config;
    int32_t rc;

    assert(host->is_up);
    while (strcmp(host->descs[at]->desc.id, plugin_id) != 0)
        at++; /* the caller knows that it is there */
    rc = config_decode(&host->descs[at]->desc.config, config_json, &config, &arena, why);
    if (rc == RH_OK) {
        core_refresh(host->core);
        rc = core_reconfigure(host->core, plugin_id, config, said);
        (void)snprintf(why, RH_TESTHOST_WHY_MAX, "%s", said); /* cut: for people */
    }
    if (rc == RH_OK) { /* what was in force goes */
        struct field_arena old_arena = host->arenas[at];
        void *old = host->configs[at];

        host->arenas[at] = arena;
        host->configs[at] = config;
        host->plugins[at].config = config;
        arena = old_arena;
        config = old;
    }
    field_arena_release(&arena);
    free(config);
    return rc;
}

int32_t sim_node_replace(struct rh_testhost *host, uint32_t at,
                         const struct rh_testhost_plugin *plugin, char why[RH_TESTHOST_WHY_MAX])
{
    assert(!host->is_up);
    assert(at < host->setup.plugin_count);
    drop_plugin(host, at);
    return take_plugin(host, at, plugin, why);
}

void sim_node_free(struct rh_testhost *host)
{
    if (!host)
        return;
    core_free(host->core);
    sim_cancel(host->start_end);
    sim_cancel(host->wake); /* a core that could not be made may have asked for a turn */
    sim_cancel(host->turn);
    for (uint32_t i = 0; host->descs && i < host->setup.plugin_count; i++)
        drop_plugin(host, i);
    for (uint32_t i = 0; i < SIM_LOG_LINES; i++)
        free(host->log[i]);
    free(host->last_error);
    sim_process_release(host);
    sim_storage_release(&host->storage);
    free(host->plugins);
    free(host->descs);
    free(host->configs);
    free(host->arenas);
    for (uint32_t i = 0; i < host->text_count; i++)
        free(host->texts[i]);
    free(host->texts);
    free(host->voters);
    free(host->nodes);
    free(host->seeds);
    free(host->token_text);
    sim_requests_release(host);
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
    if (!host->start_end)
        return;
    sim_cancel(host->start_end);
    start_ends(host);
}

int32_t rh_testhost_start(struct rh_testhost *host, char why[RH_TESTHOST_WHY_MAX])
{
    struct driver driver = {.ops = &sim_driver_ops, .ctx = host};
    int32_t code;

    assert(!host->is_up);
    end_start(host); /* of a start that failed */
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

void sim_node_take_down(struct rh_testhost *host)
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
    sim_forget_waiting(host);
}

static int64_t wall_ms(void *user)
{
    return sim_clock_wall_ms(user);
}

/* Its draws are its own: how much a node writes changes nothing else. */
static void make_disk(struct rh_testhost *host)
{
    uint64_t seed = rh_hash_mix(rh_hash_mix(host->net->seed + 1) + host->index);

    (void)snprintf(host->data_dir, sizeof host->data_dir, "/%s", host->node_id); /* fits */
    sim_storage_init(&host->storage, seed, host->data_dir, (struct sim_vfs_clock){wall_ms, host});
}

/* A node of the net without a life yet. */
static struct rh_testhost *host_new(struct rh_testnet *net, const struct rh_testhost_setup *setup)
{
    struct rh_testhost *host = zeroed(1, sizeof *host);
    uint32_t count = setup->plugin_count;

    host->net = net;
    host->index = net->node_count;
    rh_map64_init(&host->requests, 1, SIM_CALLS_MAX);
    host->plugins = zeroed(count, sizeof *host->plugins);
    host->descs = zeroed(count, sizeof *host->descs);
    host->configs = zeroed(count, sizeof *host->configs);
    host->arenas = zeroed(count, sizeof *host->arenas);
    take_setup(host, setup);
    host->clock = (struct sim_clock){
        .since_us = net->now_us, .reading_us = net->now_us, .wall_ms = net->wall_offset_ms};
    rh_rng_seed(
        &host->rng, /* two nodes may have one id, and then differ by their place */
        rh_hash_fnv1a(rh_hash_mix(net->seed + host->index), host->node_id, strlen(host->node_id)));
    for (uint32_t i = 0; i < count; i++)
        field_arena_init(&host->arenas[i], 0);
    make_disk(host);
    return host;
}

/* Of two nodes with one id only the first is found by it. */
static void net_index(struct rh_map *map, const char *key, struct rh_testhost *host)
{
    if (!rh_map_get(map, rh_str_from(key)) &&
        rh_map_put(map, rh_str_from(key), host, NULL) != RH_OK)
        abort(); /* as sim_at */
}

static void net_add(struct rh_testnet *net, struct rh_testhost *host)
{
    if (net->node_count == net->node_room) {
        uint32_t room = net->node_room ? net->node_room * 2 : 16;
        struct rh_testhost **nodes = realloc(net->nodes, room * sizeof(struct rh_testhost *));

        if (!nodes)
            abort(); /* as sim_at */
        net->nodes = nodes;
        net->node_room = room;
    }
    net->nodes[net->node_count++] = host;
    net_index(&net->by_id, host->node_id, host);
    net_index(&net->by_address, host->address, host);
}

/* Everything but its place in the net and its start. */
static int32_t make(struct rh_testnet *net, const struct rh_testhost_setup *setup,
                    struct rh_testhost **out, char *why)
{
    struct rh_testhost *host;
    int32_t rc = RH_OK;

    why[0] = '\0';
    if (net->node_count == SIM_NODES_MAX)
        return RH_EFULL;
    host = host_new(net, setup);
    for (uint32_t i = 0; rc == RH_OK && i < setup->plugin_count; i++)
        rc = take_plugin(host, i, &setup->plugins[i], why);
    if (rc != RH_OK)
        sim_node_free(host);
    else
        *out = host;
    return rc;
}

int32_t sim_node_new(struct rh_testnet *net, const struct rh_testhost_setup *setup,
                     struct rh_testhost **out, char why[RH_TESTHOST_WHY_MAX])
{
    int32_t rc = make(net, setup, out, why);

    if (rc == RH_OK)
        net_add(net, *out);
    return rc;
}

int32_t rh_testhost_new(struct rh_testnet *net, const struct rh_testhost_setup *setup,
                        struct rh_testhost **out, char why[RH_TESTHOST_WHY_MAX])
{
    struct rh_testhost *host;
    int32_t rc = make(net, setup, &host, why);

    if (rc != RH_OK)
        return rc;
    rc = rh_testhost_start(host, why);
    if (rc != RH_OK) {
        sim_node_free(host);
        return rc;
    }
    net_add(net, host);
    *out = host;
    return RH_OK;
}

void rh_testnet_free(struct rh_testnet *net)
{
    if (!net)
        return;
    for (uint32_t i = 0; i < net->node_count; i++) {
        if (!net->nodes[i]->is_up)
            continue;
        sim_disk_abandon(net->nodes[i]->storage.disk);
        sim_node_take_down(net->nodes[i]);
    }
    while (sim_step(net, INT64_MAX))
        ; /* what is on its way frees itself: every call has a deadline */
    for (uint32_t i = 0; i < net->node_count; i++) {
        sim_node_free(net->nodes[i]);
    }
    while (sim_step(net, INT64_MAX))
        ; /* ends of processes that the hosts forgot */
    rh_map64_release(&net->calls);
    rh_map64_release(&net->exchanges);
    rh_map_release(&net->by_id);
    rh_map_release(&net->by_address);
    sim_wire_release(&net->wire);
    rh_heap_release(&net->events);
    free(net->nodes);
    free(net);
}
