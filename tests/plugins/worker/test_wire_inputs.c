/* Inputs on a node that has no room for them: the worker with artifacts that answer as scripted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <ringhost/sdk/str.h>
#include <ringhost/testhost.h>

#include "fake_queue.h"

#define ABC    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define CONFIG "{\"commands\":{\"t\":{\"argv\":[\"program\"]}}}"
#define ITEM                                                                       \
    "{\"work_id\":\"w1\",\"work_type\":\"t\",\"claim_token\":\"x\",\"attempt\":1," \
    "\"timeout_s\":30,\"inputs\":[\"model=" ABC "\"]}"

const struct rh_plugin *rh_plugin_entry_v1_admin(void);
const struct rh_plugin *rh_plugin_entry_v1_work_queue(void);
const struct rh_plugin *rh_plugin_entry_v1_worker(void);

/* The artifacts of a node that is full, or has the file abc. */
struct fake_artifacts {
    struct rh_services rh;
};
static bool is_full;
static bool is_too_large;

struct range {
    struct rh_str sha256;
    int64_t offset;
    int64_t max;
};
static const struct rh_field range_rows[] = {
    RH_STR(struct range, sha256, RH_REQUIRED, "file"),
    RH_INT(struct range, offset, 0, 0, 0, "first byte"),
    RH_INT(struct range, max, 1, 1, 4194304, "bytes"),
};

static int32_t handle_data(void *self, rh_req req, const void *fields)
{
    struct fake_artifacts *p = self;
    const struct range *range = fields;

    if (is_too_large)
        return rh_failf(&p->rh, RH_ETOOLARGE, "the file has 3 bytes; this node may have 2");
    if (is_full)
        return rh_failf(&p->rh, RH_EFULL, "no room for 3 bytes");
    return p->rh.http->reply_typed(p->rh.ctx, req, 200, "application/octet-stream",
                                   rh_str_from(range->offset == 0 ? "abc" : ""));
}

static const struct rh_route artifact_routes[] = {
    RH_ROUTE("GET", "/artifacts/data", RH_READ, 0, RH_FIELDS(struct range, range_rows), handle_data,
             "A fake."),
};

static int32_t create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                      const void *config)
{
    struct fake_artifacts *p = self;

    (void)config;
    rh_services_init(&p->rh, ctx, host);
    return RH_OK;
}

static const char *const artifact_services[] = {RH_CORE_ID, RH_HTTP_ID};
static const struct rh_plugin artifacts_entry = {
    .size = (uint32_t)sizeof(struct rh_plugin),
    .abi_major = RH_ABI_MAJOR,
    .abi_minor = RH_ABI_MINOR,
    .instance_size = (uint32_t)sizeof(struct fake_artifacts),
    .id = "artifacts",
    .version = "0.0.0",
    .summary = "A stand-in.",
    .license = "Apache-2.0",
    .services = artifact_services,
    .service_count = 2,
    .routes = artifact_routes,
    .route_count = 1,
    .route_stride = (uint32_t)sizeof(struct rh_route),
    .create = create,
};

struct rig {
    struct rh_testnet *net;
    struct rh_testhost *host;
};

static int setup_with(void **state, const struct rh_plugin *queue)
{
    struct rig *rig = calloc(1, sizeof(*rig));
    const struct rh_testhost_plugin plugins[] = {{queue, NULL},
                                                 {rh_plugin_entry_v1_worker(), CONFIG},
                                                 {rh_plugin_entry_v1_admin(), NULL},
                                                 {&artifacts_entry, NULL}};
    const struct rh_testhost_setup node = {.plugins = plugins, .plugin_count = 4};
    char why[RH_TESTHOST_WHY_MAX] = "";

    assert_non_null(rig);
    memset(&told, 0, sizeof(told));
    is_full = true;
    is_too_large = false;
    rig->net = rh_testnet_new(1, 1700000000000);
    if (rh_testhost_new(rig->net, &node, &rig->host, why) != RH_OK)
        fail_msg("%s", why);
    rh_testnet_run(rig->net, 5000);
    *state = rig;
    return 0;
}

static int setup(void **state)
{
    return setup_with(state, &fake_queue_entry);
}

static int setup_with_queue(void **state)
{
    return setup_with(state, rh_plugin_entry_v1_work_queue());
}

static int teardown(void **state)
{
    struct rig *rig = *state;

    rh_testnet_free(rig->net);
    free(rig);
    return 0;
}

static void give(struct rig *rig)
{
    rh_req req = told.parked;

    assert_int_not_equal(req, 0);
    (void)snprintf(told.items, sizeof(told.items), "%s", ITEM);
    told.parked = 0;
    assert_int_equal(fake_give(req), RH_OK);
    rh_testnet_run(rig->net, 1000);
}

static void want_health(struct rig *rig, bool is_shown)
{
    struct rh_testhost_reply reply;

    assert_int_equal(rh_testhost_request(rig->host, "GET", "/admin/health", NULL, &reply), 200);
    assert_int_equal(strstr(reply.body, "worker.input_room") != NULL, is_shown);
}

static void an_item_without_room_for_its_input_goes_back_uncounted(void **state)
{
    struct rig *rig = *state;

    want_health(rig, false);
    give(rig);

    assert_int_equal(told.releases, 1);
    assert_int_equal(told.fails, 0);
    want_health(rig, true);
}

static void nothing_is_claimed_for_a_while_after_it(void **state)
{
    struct rig *rig = *state;
    uint32_t claims;

    give(rig);
    claims = told.claims;
    rh_testnet_run(rig->net, 50000);
    assert_int_equal(told.parked, 0);
    assert_int_equal(told.claims, claims);

    rh_testnet_run(rig->net, 11000);

    assert_int_not_equal(told.parked, 0);
}

static void the_warning_ends_with_the_pause_when_no_item_comes_back(void **state)
{
    struct rig *rig = *state;

    give(rig);
    want_health(rig, true);
    rh_testnet_run(rig->net, 61000);

    want_health(rig, false);
}

static void the_warning_comes_back_with_an_item_that_finds_no_room(void **state)
{
    struct rig *rig = *state;

    give(rig);
    rh_testnet_run(rig->net, 61000);
    give(rig);

    want_health(rig, true);
}

/* The pause ends while nothing is claimed: in maintenance, or with all slots taken. */
static void the_warning_ends_where_nothing_is_claimed(void **state)
{
    struct rig *rig = *state;
    struct rh_testhost_reply reply;

    give(rig);
    assert_int_equal(
        rh_testhost_request(rig->host, "POST", "/worker/drain", "{\"on\":true}", &reply), 200);
    rh_testnet_run(rig->net, 61000);

    want_health(rig, false);
}

static void room_again_ends_the_warning(void **state)
{
    struct rig *rig = *state;

    give(rig);
    rh_testnet_run(rig->net, 61000);
    is_full = false;

    give(rig);

    want_health(rig, false);
}

/* Else it would go round for ever. */
static void an_input_that_will_never_fit_here_counts_as_an_attempt(void **state)
{
    struct rig *rig = *state;

    is_too_large = true;
    give(rig);

    assert_int_equal(told.releases, 0);
    assert_int_equal(told.fails, 1);
    assert_non_null(strstr(told.last_fail, "input model: the file has 3 bytes"));
    assert_non_null(strstr(told.last_fail, "\"retryable\":true"));
    want_health(rig, false);
}

static void its_attempts_end_and_the_item_says_why(void **state)
{
    struct rig *rig = *state;
    struct rh_testhost_reply reply;
    char path[128];
    char work_id[64] = "";

    is_too_large = true;
    assert_int_equal(rh_testhost_request(rig->host, "POST", "/work/add",
                                         "{\"work_type\":\"t\",\"max_attempts\":3,\"inputs\":["
                                         "\"model=" ABC "\"]}",
                                         &reply),
                     201);
    assert_int_equal(sscanf(reply.body, "{\"work_id\":\"%63[^\"]", work_id), 1);
    rh_testnet_run(rig->net, 120000);

    (void)snprintf(path, sizeof(path), "/work/item?work_id=%s", work_id);
    assert_int_equal(rh_testhost_request(rig->host, "GET", path, NULL, &reply), 200);
    assert_non_null(strstr(reply.body, "\"status\":\"dead\""));
    assert_non_null(strstr(reply.body, "\"attempt\":3"));
    assert_non_null(strstr(reply.body, "input model: the file has 3 bytes; this node may have 2"));
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(an_item_without_room_for_its_input_goes_back_uncounted),
        T(nothing_is_claimed_for_a_while_after_it),
        T(the_warning_ends_with_the_pause_when_no_item_comes_back),
        T(the_warning_comes_back_with_an_item_that_finds_no_room),
        T(the_warning_ends_where_nothing_is_claimed),
        T(room_again_ends_the_warning),
        T(an_input_that_will_never_fit_here_counts_as_an_attempt),
        cmocka_unit_test_setup_teardown(its_attempts_end_and_the_item_says_why, setup_with_queue,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
