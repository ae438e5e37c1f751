/* Tests of idempotency keys of requests, in a host of one node with a real store. */
#include "sdk_test.h"

#include <ringhost/sdk/request_key.h>
#include <ringhost/sdk/str.h>
#include <ringhost/testhost.h>

#define WALL_MS INT64_C(1800000000000)
#define SPACE   "requests"

struct maker {
    struct rh_services rh;
    struct rh_request_key live; /* what it has in memory; no key = nothing */
};

/* What the next request does inside the plugin; one test at a time. */
static int32_t (*act)(struct maker *maker, rh_req req);

static int32_t handle(void *self, rh_req req, const void *fields)
{
    (void)fields;
    return act(self, req);
}

static const struct rh_route routes[] = {
    RH_ROUTE("POST", "/act", RH_WORKER, 0, RH_NO_FIELDS, handle, "-"),
};
static const struct rh_namespace namespaces[] = {
    {.size = sizeof(struct rh_namespace), .name = SPACE, .schema_read_min = 1, .schema_write = 1}};
static const char *const services[] = {RH_CORE_ID, RH_HTTP_ID, RH_STATE_ID};

static int32_t create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                      const void *config)
{
    (void)config;
    rh_services_init(&((struct maker *)self)->rh, ctx, host);
    return RH_OK;
}

static void destroy(void *self)
{
    (void)self;
}

static const struct rh_plugin plugin = {
    RH_PLUGIN_HEAD(struct maker, "test.request", "0.1.0"),
    .summary = "Makes things.",
    .license = "Apache-2.0",
    RH_LIST_OF(services, service),
    RH_TABLE(namespaces, namespace),
    RH_TABLE(routes, route),
    .create = create,
    .destroy = destroy,
};

struct world {
    struct rh_testnet *net;
    struct rh_testhost *host;
    struct rh_testhost_reply reply;
};

static int setup(void **state)
{
    static const struct rh_testhost_plugin plugins[] = {{&plugin, NULL}};
    const struct rh_testhost_setup wanted = {.plugins = plugins, .plugin_count = 1};
    struct world *world = calloc(1, sizeof(*world));
    char why[RH_TESTHOST_WHY_MAX] = "";

    assert_non_null(world);
    world->net = rh_testnet_new(1, WALL_MS);
    assert_int_equal(rh_testhost_new(world->net, &wanted, &world->host, why), RH_OK);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;

    rh_testnet_free(world->net);
    free(world);
    return 0;
}

static void do_it(struct world *world, int32_t (*what)(struct maker *maker, rh_req req),
                  uint32_t status)
{
    act = what;
    assert_int_equal(rh_testhost_request(world->host, "POST", "/act", "{}", &world->reply), status);
}

static bool live_at(void *self, uint32_t index, struct rh_request_key *out)
{
    const struct maker *maker = self;

    *out = maker->live;
    return index == 0 && maker->live.key.n > 0;
}

static int32_t find(struct maker *maker, const char *key, uint64_t asked, char id[16])
{
    const struct rh_request_keys keys = {{&maker->rh, SPACE}, 'k', maker, live_at};
    const struct rh_request_key request = {.key = rh_str_from(key), .asked = asked};

    return rh_request_find(&keys, &request, id, 16);
}

static int32_t keep(struct maker *maker, rh_req req)
{
    const struct rh_request_key request = {RH_STR_LIT("k1"), RH_STR_LIT("g1"), 77};
    struct rh_batch_builder batch;

    rh_batch_begin(&batch, SPACE);
    rh_request_put(&batch, 'k', &request);
    rh_store_put_id(&batch, 'k', RH_STR_LIT("old"), RH_STR_LIT("g0")); /* as it was before */
    assert_int_equal(rh_batch_commit(&batch, &maker->rh, NULL, NULL), RH_OK);
    return rh_reply_ok(&maker->rh, req);
}

static int32_t look(struct maker *maker, rh_req req)
{
    char id[16] = "";

    assert_int_equal(find(maker, "k1", 77, id), RH_OK);
    assert_string_equal(id, "g1");
    assert_int_equal(find(maker, "k1", 78, id), RH_ECONFLICT);
    assert_string_equal(id, "g1");
    assert_int_equal(find(maker, "k2", 77, id), RH_ENOTFOUND);
    assert_int_equal(find(maker, "", 77, id), RH_ENOTFOUND);
    assert_int_equal(find(maker, "old", 5, id), RH_OK);
    assert_string_equal(id, "g0");
    return rh_reply_ok(&maker->rh, req);
}

static int32_t look_in_memory(struct maker *maker, rh_req req)
{
    char id[16] = "";

    maker->live = (struct rh_request_key){RH_STR_LIT("new"), RH_STR_LIT("g9"), 5};
    assert_int_equal(find(maker, "new", 5, id), RH_OK);
    assert_string_equal(id, "g9");
    assert_int_equal(find(maker, "new", 6, id), RH_ECONFLICT);
    /* One that was loaded has its digest in the store alone. */
    maker->live = (struct rh_request_key){RH_STR_LIT("k1"), RH_STR_LIT("g1"), 0};
    assert_int_equal(find(maker, "k1", 78, id), RH_ECONFLICT);
    return rh_reply_ok(&maker->rh, req);
}

static int32_t refuse(struct maker *maker, rh_req req)
{
    return rh_request_refuse(&maker->rh, req, "items[3].", RH_STR_LIT("k\"1"), RH_STR_LIT("w7"));
}

static void a_key_leads_to_the_first_id_for_the_same_request_alone(void **state)
{
    do_it(*state, keep, 200);

    do_it(*state, look, 200);
    do_it(*state, look_in_memory, 200);
}

static void a_refusal_names_the_field_the_key_and_the_first_id(void **state)
{
    struct world *world = *state;

    do_it(world, refuse, 409);

    assert_non_null(strstr(world->reply.body, "idempotency_conflict"));
    assert_non_null(strstr(world->reply.body, "\"field\":\"items[3].idempotency_key\""));
    assert_non_null(strstr(world->reply.body, "\"idempotency_key\":\"k\\\"1\""));
    assert_non_null(strstr(world->reply.body, "\"first\":\"w7\""));
    assert_non_null(strstr(world->reply.body, "nothing was added"));
}

static void rows_come_back_as_they_were_put(void **state)
{
    static const char *const ids[] = {"", "w1", "g018bcfe5600-000001", "123456789"};
    static const uint64_t digests[] = {1, 0xff, UINT64_MAX, UINT64_C(0x0100000000000000)};

    (void)state;
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        for (size_t k = 0; k < sizeof(digests) / sizeof(digests[0]); k++) {
            const struct rh_request_key put = {.id = rh_str_from(ids[i]), .asked = digests[k]};
            struct rh_request_key got = {.asked = 0};
            struct rh_buf buf;

            rh_buf_init(&buf, 100);
            rh_request_encode(&put, &buf);
            rh_request_decode(rh_buf_str(&buf), &got);

            assert_true(rh_str_eq(got.id, put.id));
            assert_true(got.asked == put.asked);
            rh_buf_release(&buf);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_key_leads_to_the_first_id_for_the_same_request_alone,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_refusal_names_the_field_the_key_and_the_first_id, setup,
                                        teardown),
        cmocka_unit_test(rows_come_back_as_they_were_put),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
