/* What files of checks may ask of a run: <ringhost/sim.h>. */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/core/core_internal.h"
#include "host/core/field_decode.h"
#include "host/sim/run/world.h"

#define DECODE_BYTES_MAX (16u * 1024u * 1024u)
#define TIMEOUT_MS       10000u

static struct check *check_of(struct rh_sim *sim)
{
    return (struct check *)(void *)sim; /* its first member */
}

static struct rh_testhost *host_at(struct rh_sim *sim, uint32_t node)
{
    struct rh_testnet *net = check_of(sim)->world->net;

    assert(node < net->node_count);
    return net->nodes[node];
}

static void api_fail(struct rh_sim *sim, const char *invariant, uint32_t node, const char *format,
                     ...)
{
    char text[WORLD_TEXT_MAX];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args); /* cut */
    va_end(args);
    world_fail(check_of(sim)->world, WORLD_VIOLATION, invariant, node, "%s", text);
}

static int64_t api_now_us(struct rh_sim *sim)
{
    const struct world *world = check_of(sim)->world;

    return world->net->now_us - world->start_us;
}

static int64_t api_beat_ms(struct rh_sim *sim)
{
    return check_of(sim)->world->scenario->beat_ms;
}

static uint32_t api_is_healed(struct rh_sim *sim)
{
    return check_of(sim)->world->is_healed;
}

static uint64_t api_random(struct rh_sim *sim)
{
    return rh_rng_u64(&check_of(sim)->rng);
}

static uint32_t api_node_count(struct rh_sim *sim)
{
    return check_of(sim)->world->net->node_count;
}

static uint32_t api_find(struct rh_sim *sim, struct rh_str node_id)
{
    const struct rh_testhost *host = rh_map_get(&check_of(sim)->world->net->by_id, node_id);

    return host ? host->index : RH_SIM_OUTSIDE;
}

static void api_node(struct rh_sim *sim, uint32_t node, struct rh_sim_node *out)
{
    const struct rh_testhost *host = host_at(sim, node);

    *out = (struct rh_sim_node){
        .size = (uint32_t)sizeof *out,
        .is_up = host->is_up,
        .is_paused = host->is_paused,
        .is_ready = rh_testhost_is_ready(host),
        .is_voter = node < check_of(sim)->world->scenario->voter_count,
        .is_unreachable = host->is_unreachable,
        .life = host->life,
        .clock_ppm = host->clock.ppm,
        .node_id = host->node_id,
        .role = host->role,
        .now_ms = sim_clock_now_us(host) / 1000,
        .wall_ms = sim_clock_wall_ms(host),
    };
}

static int32_t api_leader(struct rh_sim *sim, uint32_t node, struct rh_leader *out)
{
    const struct rh_testhost *host = host_at(sim, node);

    if (!host->is_up)
        return RH_ENOTFOUND;
    leadership_view(host->core, out);
    if (out->expires_ms > 0 && sim_clock_now_us(host) / 1000 >= out->expires_ms)
        out->is_self = 0;
    return RH_OK;
}

static uint32_t api_is_active(struct rh_sim *sim, uint32_t node, const char *plugin)
{
    struct rh_testhost_plugin_view view;

    return rh_testhost_plugin_view(host_at(sim, node), plugin, &view) && view.is_active;
}

/* A namespace of a plugin, whichever has it. */
static const struct plugin_ns *find_owned(const struct core *core, const char *name)
{
    for (uint32_t p = 0; p < core->plugin_count; p++)
        for (uint32_t i = 0; i < PLUGIN_NAMESPACES_MAX; i++) {
            const struct plugin_ns *ns = &core->plugins[p].namespaces[i];

            if (ns->ns && strcmp(ns->def.name, name) == 0)
                return ns;
        }
    return NULL;
}

/* The live handle of a namespace. */
static struct state_ns *find_namespace(const struct core *core, const char *name)
{
    const struct plugin_ns *ns = find_owned(core, name);

    if (strcmp(name, "host") == 0)
        return core->host_ns;
    return ns ? ns->ns : NULL;
}

static int32_t api_schema(struct rh_sim *sim, uint32_t node, const char *name_space,
                          struct rh_sim_schema *out)
{
    const struct rh_testhost *host = host_at(sim, node);
    const struct plugin_ns *ns = host->is_up ? find_owned(host->core, name_space) : NULL;

    if (!ns)
        return RH_ENOTFOUND;
    *out = (struct rh_sim_schema){
        .size = (uint32_t)sizeof *out,
        .read_min = ns->def.schema_read_min,
        .write = ns->def.schema_write,
    };
    return state_schema(host->core->state, ns->ns, &out->stored);
}

static int32_t api_get(struct rh_sim *sim, uint32_t node, const char *name_space, struct rh_str key,
                       struct rh_value *out)
{
    const struct rh_testhost *host = host_at(sim, node);
    struct state_ns *ns = host->is_up ? find_namespace(host->core, name_space) : NULL;

    int32_t rc = RH_ENOTFOUND;

    sim_disk_spare_reads(host->storage.disk, true);
    if (ns)
        rc = state_get(host->core->state, ns, key, out);
    sim_disk_spare_reads(host->storage.disk, false);
    return rc;
}

static int32_t api_scan(struct rh_sim *sim, uint32_t node, const struct rh_scan *scan,
                        struct rh_rows *out)
{
    const struct rh_testhost *host = host_at(sim, node);
    struct state_ns *ns = host->is_up ? find_namespace(host->core, scan->name_space) : NULL;

    int32_t rc = RH_ENOTFOUND;

    sim_disk_spare_reads(host->storage.disk, true);
    if (ns)
        rc = state_scan(host->core->state, ns, scan, out);
    sim_disk_spare_reads(host->storage.disk, false);
    return rc;
}

static int32_t api_applied(struct rh_sim *sim, uint32_t node, uint64_t *index, uint64_t *term)
{
    const struct rh_testhost *host = host_at(sim, node);

    if (!host->is_up || !host->core->state)
        return RH_ENOTFOUND;
    state_applied(host->core->state, index, term);
    return RH_OK;
}

static struct disk_view *view_of(struct rh_sim *sim, uint32_t node)
{
    struct rh_testhost *host = host_at(sim, node);
    struct disk_view **view = &check_of(sim)->world->nodes[node].view;

    if (!*view)
        *view = disk_view_new(&host->storage);
    return *view;
}

static int32_t api_disk_get(struct rh_sim *sim, uint32_t node, const char *name_space,
                            struct rh_str key, struct rh_value *out)
{
    return disk_view_get(view_of(sim, node), name_space, key, out);
}

static int32_t api_disk_scan(struct rh_sim *sim, uint32_t node, const struct rh_scan *scan,
                             struct rh_rows *out)
{
    return disk_view_scan(view_of(sim, node), scan, out);
}

/* --- requests --- */

struct client {
    struct check *check;
    uint32_t node;
    void (*done)(void *self, struct rh_sim *sim, void *user, const struct rh_sim_answer *answer);
    void *user;
};

static struct rh_sim_answer answer_of(const struct sim_request *request)
{
    return (struct rh_sim_answer){
        .size = (uint32_t)sizeof(struct rh_sim_answer),
        .status = request->status,
        .retry_after_s = request->retry_after_s,
        .node = request->host->index,
        .body = rh_buf_str(&request->body),
        .node_id = rh_str_from(request->node_id),
    };
}

static void client_done(void *user, const struct sim_request *request)
{
    struct client *client = user;
    struct rh_sim_answer answer = answer_of(request);

    if (!client->check->world->is_over && client->done)
        client->done(client->check->self, &client->check->sim, client->user, &answer);
    free(client);
}

static int32_t api_request(struct rh_sim *sim, uint32_t node, const struct rh_sim_request *spec)
{
    struct client *client = calloc(1, sizeof *client);
    const struct sim_request_spec request = {
        .method = spec->method,
        .target = spec->target,
        .body = spec->body,
        .is_lossy = true,
        .timeout_us = (int64_t)(spec->timeout_ms ? spec->timeout_ms : TIMEOUT_MS) * 1000,
        .done = client_done,
        .user = client,
    };

    if (!client)
        abort(); /* as sim_at */
    if (!spec->method || !spec->target || spec->target[0] != '/') {
        free(client);
        return RH_EINVAL;
    }
    *client = (struct client){check_of(sim), node, spec->done, spec->user};
    (void)sim_request_send(host_at(sim, node), &request);
    return RH_OK;
}

/* The last answer to ask, kept for its borrower. */
struct sim_answer_memory {
    struct rh_buf body;
    char node_id[80];
};

void check_answer_free(struct sim_answer_memory *answer)
{
    if (answer)
        rh_buf_release(&answer->body);
    free(answer);
}

static int32_t api_ask(struct rh_sim *sim, uint32_t node, const char *target,
                       struct rh_sim_answer *out)
{
    struct check *check = check_of(sim);
    struct rh_testhost *host = host_at(sim, node);
    const struct sim_request *request;
    uint64_t id;
    int32_t rc = RH_EAGAIN;

    if (!host->is_up || host->is_paused)
        return RH_ENOTFOUND;
    if (!check->answer) {
        check->answer = calloc(1, sizeof *check->answer);
        if (!check->answer)
            abort(); /* as sim_at */
        rh_buf_init(&check->answer->body, DECODE_BYTES_MAX);
    }
    sim_disk_spare_reads(host->storage.disk, true);
    id = sim_request_now(host, target);
    sim_disk_spare_reads(host->storage.disk, false);
    request = rh_map64_get(&host->requests, id);
    if (request->is_answered && request->status > 0) {
        rh_buf_reset(&check->answer->body);
        rc = rh_buf_append_str(&check->answer->body, rh_buf_str(&request->body));
        memcpy(check->answer->node_id, request->node_id, sizeof check->answer->node_id);
        *out = answer_of(request);
        out->body = rh_buf_str(&check->answer->body);
        out->node_id = rh_str_from(check->answer->node_id);
    }
    sim_request_forget(host, id);
    return rc;
}

/* --- decoding --- */

static int32_t api_decode(struct rh_sim *sim, const struct rh_fields *table, struct rh_str json,
                          void *out, void **memory, char *why, uint32_t why_size)
{
    struct field_arena *arena = malloc(sizeof *arena);
    struct field_error error;
    int32_t rc;

    (void)sim;
    *memory = NULL;
    if (!arena)
        abort(); /* as sim_at */
    field_arena_init(arena, DECODE_BYTES_MAX);
    rc = field_decode(table, json, 0, DECODE_BYTES_MAX, out, arena, &error);
    if (rc == RH_OK) {
        *memory = arena;
        return RH_OK;
    }
    if (why && why_size > 0)
        (void)snprintf(why, why_size, "%s", error.message); /* cut */
    field_arena_release(arena);
    free(arena);
    return rc;
}

static void api_release(struct rh_sim *sim, void *memory)
{
    (void)sim;
    if (memory)
        field_arena_release(memory);
    free(memory);
}

const struct rh_sim_api check_api = {
    .size = (uint32_t)sizeof check_api,
    .fail = api_fail,
    .now_us = api_now_us,
    .beat_ms = api_beat_ms,
    .is_healed = api_is_healed,
    .random = api_random,
    .node_count = api_node_count,
    .find = api_find,
    .node = api_node,
    .leader = api_leader,
    .is_active = api_is_active,
    .get = api_get,
    .scan = api_scan,
    .disk_get = api_disk_get,
    .disk_scan = api_disk_scan,
    .request = api_request,
    .ask = api_ask,
    .decode = api_decode,
    .release = api_release,
    .applied = api_applied,
    .schema = api_schema,
};
