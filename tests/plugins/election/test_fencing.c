/* A leader that was cut off, or whose act was long under way, does nothing on the outside that a
 * receiver takes: acts carry the epoch, and the receiver refuses all but the greatest that it has
 * seen. */
#include "nodes_test.h"

#include <ringhost/sdk/plugin.h>

/* A plugin that acts on n4, as one that starts machines or runs commands would: an intent first,
 * the act when the intent is done (here: a timer), the epoch along with it. */
struct deed {
    struct rh_services rh;
    uint64_t epoch; /* that the intent was made in */
};

struct deed_req {
    int64_t epoch;
};
static const struct rh_field deed_fields[] = {
    RH_INT_REQUIRED(struct deed_req, epoch, 0, INT64_C(9007199254740991), "of who acts"),
};
struct intend_req {
    int64_t after_ms;
};
static const struct rh_field intend_fields[] = {
    RH_INT(struct intend_req, after_ms, 0, 0, 600000, "how long the intent takes"),
};

static int32_t handle_do(void *self, rh_req req, const void *fields)
{
    const struct deed_req *wire = fields;
    struct deed *p = self;
    const int32_t rc = p->rh.cluster->fence(p->rh.ctx, (uint64_t)wire->epoch);

    rh_log_info(&p->rh, rc == RH_OK ? "deed_done" : "deed_refused", "epoch=%" PRId64, wire->epoch);
    return rc == RH_OK ? rh_reply_ok(&p->rh, req) : rc;
}

static void on_answer(void *self, void *user, const struct rh_reply *reply)
{
    struct deed *p = self;

    (void)user;
    rh_log_info(&p->rh, "deed_answer", "status=%" PRIu32 " code=%.*s", reply->status,
                RH_STR_ARG(reply->error_code));
}

static void act(void *self, void *user)
{
    struct deed *p = self;
    char body[48];
    struct rh_call call = {
        .size = (uint32_t)sizeof(call),
        .target = "n4",
        .method = "POST",
        .path = "/deed/do",
        .timeout_ms = 60000,
    };

    (void)user;
    (void)snprintf(body, sizeof(body), "{\"epoch\":%" PRIu64 "}", p->epoch);
    call.body = rh_str_from(body);
    assert_int_equal(p->rh.http->call(p->rh.ctx, &call, on_answer, NULL, NULL), RH_OK);
}

static int32_t handle_intend(void *self, rh_req req, const void *fields)
{
    const struct intend_req *wire = fields;
    struct deed *p = self;
    struct rh_leader leader = {.size = (uint32_t)sizeof(leader)};
    rh_handle timer;
    int32_t rc;

    p->rh.cluster->leader(p->rh.ctx, &leader);
    p->epoch = leader.epoch;
    rc = p->rh.core->timer(p->rh.ctx, wire->after_ms, act, NULL, &timer);
    return rc == RH_OK ? rh_reply_ok(&p->rh, req) : rc;
}

static int32_t deed_create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                           const void *config)
{
    (void)config;
    rh_services_init(&((struct deed *)self)->rh, ctx, host);
    return RH_OK;
}

static const struct rh_route deed_routes[] = {
    RH_ROUTE("POST", "/deed/intend", RH_OPERATOR, RH_LEADER,
             RH_FIELDS(struct intend_req, intend_fields), handle_intend, "Act on n4."),
    RH_ROUTE("POST", "/deed/do", RH_PEER, 0, RH_FIELDS(struct deed_req, deed_fields), handle_do,
             "Be acted on."),
};
static const char *const deed_services[] = {RH_CORE_ID, RH_HTTP_ID, RH_CLUSTER_ID};
static const struct rh_plugin deed_descriptor = {
    .size = sizeof(deed_descriptor),
    .abi_major = RH_ABI_MAJOR,
    .abi_minor = RH_ABI_MINOR,
    .instance_size = sizeof(struct deed),
    .id = "deed",
    .version = "0.1.0",
    .summary = "Acts on another node.",
    .license = "Apache-2.0",
    RH_LIST_OF(deed_services, service),
    RH_TABLE(deed_routes, route),
    .create = deed_create,
};

/* Three voters and n4, the receiver; n3 leads and has acted once. */
static void start(struct nodes *n)
{
    const struct rh_testhost_plugin deed = {&deed_descriptor, NULL};

    nodes_init(n, 5);
    for (uint32_t i = 0; i < NODES_MAX; i++)
        nodes_add(n, 3, &deed);
    assert_int_equal(nodes_await(n, NODES_NOONE, NULL), 2);
    assert_int_equal(nodes_post(n, 2, "/deed/intend", "{}"), 200);
    rh_testnet_run(n->net, 100);
    assert_int_equal(rh_testhost_logged(n->hosts[3], "deed_done epoch=1"), 1);
}

static void an_act_that_was_long_under_way_is_refused(void **state)
{
    struct nodes n;

    (void)state;
    start(&n);
    rh_testnet_latency(n.net, 20000, 20000);
    assert_int_equal(nodes_post(&n, 2, "/deed/intend", "{}"), 200);
    rh_testnet_run(n.net, 1); /* the act leaves */
    rh_testnet_latency(n.net, 1, 1);
    nodes_isolate(&n, 2, true);
    rh_testnet_run(n.net, 10000);
    assert_int_equal(nodes_view(&n, 0, NULL), 1);

    rh_testnet_run(n.net, 15000);

    assert_int_equal(rh_testhost_logged(n.hosts[3], "deed_refused epoch=1"), 1);
    assert_int_equal(rh_testhost_logged(n.hosts[3], "deed_done epoch=1"), 1);
    rh_testnet_free(n.net);
}

static void a_leader_that_comes_back_after_its_lease_is_refused(void **state)
{
    struct nodes n;

    (void)state;
    start(&n);
    assert_int_equal(nodes_post(&n, 2, "/deed/intend", "{\"after_ms\":12000}"), 200);
    nodes_isolate(&n, 2, true);
    rh_testnet_run(n.net, 11000);
    assert_int_equal(nodes_view(&n, 2, NULL), NODES_NOONE);
    assert_int_equal(nodes_post(&n, 0, "/deed/intend", "{}"), 200);
    rh_testnet_run(n.net, 100);
    nodes_isolate(&n, 2, false);

    rh_testnet_run(n.net, 3000); /* what it intended as leader comes due */

    assert_int_equal(rh_testhost_logged(n.hosts[2], "deed_answer status=412 code=stale_epoch"), 1);
    assert_int_equal(rh_testhost_logged(n.hosts[3], "deed_done epoch=1"), 1);
    assert_int_equal(rh_testhost_logged(n.hosts[3], "deed_done epoch=2"), 1);
    rh_testnet_free(n.net);
}

static void a_leader_whose_lease_is_over_takes_no_new_act(void **state)
{
    struct nodes n;

    (void)state;
    start(&n);
    nodes_isolate(&n, 2, true);
    rh_testnet_run(n.net, 3 * NODES_BEAT);

    assert_int_equal(nodes_post(&n, 2, "/deed/intend", "{}"), 503);

    nodes_says(&n, "\"code\":\"not_leader\"");
    rh_testnet_free(n.net);
}

static void a_receiver_that_has_not_heard_of_the_new_leader_learns_it_from_the_act(void **state)
{
    struct nodes n;

    (void)state;
    start(&n);
    for (uint32_t i = 0; i < 2; i++)
        rh_testnet_cut(n.net, node_names[2], node_names[i], true);
    rh_testnet_run(n.net, 4 * NODES_BEAT);
    assert_int_equal(nodes_view(&n, 1, NULL), 1);
    assert_int_equal(nodes_post(&n, 1, "/deed/intend", "{}"), 200);
    rh_testnet_run(n.net, 100);

    assert_int_equal(nodes_post(&n, 3, "/deed/do", "{\"epoch\":1}"), 412);

    nodes_says(&n, "\"code\":\"stale_epoch\"");
    assert_int_equal(rh_testhost_logged(n.hosts[3], "deed_done epoch=2"), 1);
    rh_testnet_free(n.net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_act_that_was_long_under_way_is_refused),
        cmocka_unit_test(a_leader_that_comes_back_after_its_lease_is_refused),
        cmocka_unit_test(a_leader_whose_lease_is_over_takes_no_new_act),
        cmocka_unit_test(a_receiver_that_has_not_heard_of_the_new_leader_learns_it_from_the_act),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
