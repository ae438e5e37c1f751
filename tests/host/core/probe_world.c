/* Nodes for tests; see probe_world.h. */
#include "tests/host/core/probe_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#define WALL_MS INT64_C(1800000000000)

static const char *const node_ids[WORLD_NODES_MAX] = {"n1", "n2", "n3"};

static bool all_ready(void *user)
{
    const struct world *world = user;

    for (uint32_t i = 0; i < world->count; i++)
        if (!rh_testhost_is_ready(world->hosts[i]))
            return false;
    return true;
}

static void script(void *user, struct rh_testhost_process *process)
{
    struct world *world = user;

    if (world->script)
        world->script(process);
    else
        process->not_found = 1;
}

struct world *world_new(uint32_t count, const char *token_text)
{
    const struct rh_testhost_plugin plugins[] = {{&probe_plugin, NULL}, {&shared_plugin, NULL}};
    struct world *world = calloc(1, sizeof *world);
    char why[RH_TESTHOST_WHY_MAX] = "";

    assert_non_null(world);
    world->count = count;
    world->net = rh_testnet_new(7, WALL_MS);
    assert_non_null(world->net);
    for (uint32_t i = 0; i < count; i++) {
        const struct rh_testhost_setup setup = {
            .node_id = node_ids[i],
            .plugins = plugins,
            .plugin_count = 2,
            .voter_count = count > 1 ? count : 0,
            .voters = node_ids,
            .token_text = token_text,
        };

        if (rh_testhost_new(world->net, &setup, &world->hosts[i], why) != RH_OK)
            fail_msg("node %s does not start: %s", node_ids[i], why);
        rh_testhost_script(world->hosts[i], script, world);
    }
    assert_true(rh_testnet_run_until(world->net, all_ready, world, 60000));
    world_run(world, 1000);
    return world;
}

void world_free(struct world *world)
{
    rh_testnet_free(world->net);
    free(world);
}

int world_set_up(void **state)
{
    struct world *world = world_new(1, NULL);

    assert_int_equal(world_ctx(world, 0, "shared")->phase, ACT_ACTIVE);
    *state = world;
    return 0;
}

int world_tear_down(void **state)
{
    world_free(*state);
    return 0;
}

struct core *world_core(const struct world *world, uint32_t at)
{
    return world->hosts[at]->core;
}

struct rh_ctx *world_ctx(const struct world *world, uint32_t at, const char *plugin)
{
    struct core *core = world_core(world, at);

    for (uint32_t i = 0; i < core->plugin_count; i++)
        if (strcmp(core->plugins[i].id, plugin) == 0)
            return &core->plugins[i];
    fail_msg("no plugin %s", plugin);
    return NULL;
}

struct probe *world_probe(const struct world *world, uint32_t at)
{
    return world_ctx(world, at, "probe")->self;
}

struct probe *world_shared(const struct world *world, uint32_t at)
{
    return world_ctx(world, at, "shared")->self;
}

void world_run(struct world *world, int64_t ms)
{
    rh_testnet_run(world->net, ms);
}

void world_believe(struct world *world, uint32_t at, uint32_t leader, uint64_t epoch)
{
    struct core *core = world_core(world, at);

    core_refresh(core);
    if (leader == WORLD_NODES_MAX)
        assert_int_equal(leadership_leaderless(core, "test", epoch, "the votes are split", 1, 2),
                         RH_OK);
    else if (leader == at)
        assert_int_equal(leadership_leading(core, "test", epoch, INT64_MAX, 2, 2), RH_OK);
    else
        assert_int_equal(
            leadership_following(core, "test", rh_str_from(node_ids[leader]), epoch, INT64_MAX),
            RH_OK);
    core_wake(core);
}

void world_lead(struct world *world, uint32_t leader, uint64_t epoch)
{
    for (uint32_t i = 0; i < world->count; i++)
        if (rh_testhost_is_up(world->hosts[i]))
            world_believe(world, i, leader, epoch);
    world_run(world, 1000);
}

/* --- taps --- */

static struct world *world_of(void *driver)
{
    return ((struct rh_testhost *)driver)->script_user;
}

static int64_t tap_now_us(void *driver)
{
    return sim_driver_ops.now_us(driver) + world_of(driver)->slip_us;
}

static int32_t tap_reply(void *driver, uint64_t exchange, const struct http_outreply *reply)
{
    struct world *world = world_of(driver);

    text_set(world->allow, sizeof world->allow, "%s", reply->allow ? reply->allow : "");
    text_set(world->request_id, sizeof world->request_id, "%.*s", RH_STR_ARG(reply->request_id));
    return sim_driver_ops.reply(driver, exchange, reply);
}

static int32_t tap_stream_write(void *driver, uint64_t exchange, struct rh_str data,
                                uint64_t *pending)
{
    int32_t rc = sim_driver_ops.stream_write(driver, exchange, data, pending);

    *pending = world_of(driver)->stream_pending;
    return rc;
}

static int32_t tap_call(void *driver, const struct http_outbound *call, http_done done, void *user,
                        uint64_t *id)
{
    int32_t rc = world_of(driver)->call_rc;

    return rc != RH_OK ? rc : sim_driver_ops.call(driver, call, done, user, id);
}

void world_tap(struct world *world, uint32_t at)
{
    world->ops = sim_driver_ops;
    world->ops.now_us = tap_now_us;
    world->ops.reply = tap_reply;
    world->ops.stream_write = tap_stream_write;
    world->ops.call = tap_call;
    world_core(world, at)->driver.ops = &world->ops;
}

/* --- requests --- */

uint64_t world_send(struct world *world, uint32_t at, const char *method, const char *target,
                    const char *body, const char *const *headers)
{
    struct rh_testhost *host = world->hosts[at];
    struct sim_request *request = calloc(1, sizeof *request);
    struct sim_exchange *exchange = calloc(1, sizeof *exchange);
    struct http_header list[16];
    uint32_t count = 0;

    assert_non_null(request);
    assert_non_null(exchange);
    request->id = sim_id(world->net);
    request->host = host;
    rh_buf_init(&request->body, 16u * 1024u * 1024u);
    *exchange = (struct sim_exchange){.id = sim_id(world->net),
                                      .to = host,
                                      .request = request->id,
                                      .life = host->life,
                                      .from = RH_SIM_OUTSIDE};
    request->exchange = exchange->id;
    assert_int_equal(rh_map64_put(&host->requests, request->id, request, NULL), RH_OK);
    assert_int_equal(rh_map64_put(&world->net->exchanges, exchange->id, exchange, NULL), RH_OK);
    for (uint32_t i = 0; headers && headers[i]; i += 2) {
        assert_true(count < 16);
        list[count++] = (struct http_header){rh_str_from(headers[i]), rh_str_from(headers[i + 1])};
    }
    core_on_request(host->core, &(struct http_inbound){
                                    .exchange = request->exchange,
                                    .method = rh_str_from(method),
                                    .target = rh_str_from(target),
                                    .address = RH_STR_LIT("127.0.0.1:9"),
                                    .body = rh_str_from(body ? body : ""),
                                    .headers = list,
                                    .header_count = count,
                                    .is_loopback = 1,
                                });
    return request->id;
}

bool world_answered(struct world *world, uint32_t at, uint64_t request)
{
    return rh_testhost_answer(world->hosts[at], request, &world->reply);
}

/* A request that world_wait waits for. */
struct awaited {
    struct world *world;
    uint32_t at;
    uint64_t request;
};

static bool is_there(void *user)
{
    const struct awaited *awaited = user;

    return world_answered(awaited->world, awaited->at, awaited->request);
}

uint32_t world_wait(struct world *world, uint32_t at, uint64_t request)
{
    struct awaited awaited = {world, at, request};

    if (!rh_testnet_run_until(world->net, is_there, &awaited, 60000))
        fail_msg("no answer within a minute");
    return world->reply.status;
}

uint32_t world_ask(struct world *world, uint32_t at, const char *method, const char *target,
                   const char *body, const char *const *headers)
{
    return world_wait(world, at, world_send(world, at, method, target, body, headers));
}

rh_req world_park(struct world *world, const char *path, uint64_t *request)
{
    const struct probe *probe = world_probe(world, 0);
    uint32_t before = probe->req_count;

    *request = world_send(world, 0, "GET", path, NULL, NULL);
    assert_int_equal(probe->req_count, before + 1);
    return probe_last(probe);
}

void world_assert_says(const struct world *world, const char *part)
{
    if (!strstr(world->reply.body, part))
        fail_msg("no %s in %u %s", part, world->reply.status, world->reply.body);
}
