/* What the tests of helpers over the store share: a host of one node with a real store, and in it a
 * plugin that does what a test says; one per program. */
#ifndef RH_TESTS_PLUGIN_API_SRC_STORE_TEST_H
#define RH_TESTS_PLUGIN_API_SRC_STORE_TEST_H

#include "sdk_test.h"

#include <ringhost/sdk/store.h>
#include <ringhost/sdk/str.h>
#include <ringhost/testhost.h>

#define WALL_MS INT64_C(1800000000000)
#define SPACE   "rows"

struct keeper {
    struct rh_services rh;
    struct rh_store store;
};

/* What the next request does inside the plugin. */
static int32_t (*act)(struct keeper *keeper, rh_req req);
static void (*act_quietly)(struct keeper *keeper);

static int32_t keeper_handle(void *self, rh_req req, const void *fields)
{
    (void)fields;
    return act(self, req);
}

static const struct rh_route keeper_routes[] = {
    RH_ROUTE("POST", "/act", RH_WORKER, 0, RH_NO_FIELDS, keeper_handle, "-"),
};
static const struct rh_namespace keeper_namespaces[] = {
    {.size = sizeof(struct rh_namespace), .name = SPACE, .schema_read_min = 1, .schema_write = 1}};
static const char *const keeper_services[] = {RH_CORE_ID, RH_HTTP_ID, RH_STATE_ID};

static int32_t keeper_create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                             const void *config)
{
    struct keeper *keeper = self;

    (void)config;
    rh_services_init(&keeper->rh, ctx, host);
    keeper->store = (struct rh_store){&keeper->rh, SPACE};
    return RH_OK;
}

static void keeper_destroy(void *self)
{
    (void)self;
}

static const struct rh_plugin keeper_plugin = {
    RH_PLUGIN_HEAD(struct keeper, "test.keeper", "0.1.0"),
    .summary = "Keeps rows.",
    .license = "Apache-2.0",
    RH_LIST_OF(keeper_services, service),
    RH_TABLE(keeper_namespaces, namespace),
    RH_TABLE(keeper_routes, route),
    .create = keeper_create,
    .destroy = keeper_destroy,
};

struct world {
    struct rh_testnet *net;
    struct rh_testhost *host;
    struct rh_testhost_reply reply;
};

static inline int setup(void **state)
{
    static const struct rh_testhost_plugin plugins[] = {{&keeper_plugin, NULL}};
    const struct rh_testhost_setup wanted = {.plugins = plugins, .plugin_count = 1};
    struct world *world = calloc(1, sizeof(*world));
    char why[RH_TESTHOST_WHY_MAX] = "";

    assert_non_null(world);
    world->net = rh_testnet_new(1, WALL_MS);
    if (rh_testhost_new(world->net, &wanted, &world->host, why) != RH_OK)
        fail_msg("the host does not start: %s", why);
    *state = world;
    return 0;
}

static inline int teardown(void **state)
{
    struct world *world = *state;

    rh_testnet_free(world->net);
    free(world);
    return 0;
}

/* Has the plugin answer a request, whose commits are over when it returns. */
static inline void answer(struct world *world, int32_t (*what)(struct keeper *keeper, rh_req req),
                          uint32_t status)
{
    act = what;
    if (rh_testhost_request(world->host, "POST", "/act", "{}", &world->reply) != status)
        fail_msg("%u expected: %s", status, world->reply.body);
}

static int32_t keeper_act_quietly(struct keeper *keeper, rh_req req)
{
    act_quietly(keeper);
    return rh_reply_ok(&keeper->rh, req);
}

/* The same where the answer is of no interest. */
static inline void do_it(struct world *world, void (*what)(struct keeper *keeper))
{
    act_quietly = what;
    answer(world, keeper_act_quietly, 200);
}

#endif
