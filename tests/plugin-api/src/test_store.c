/* Tests of rows by kind, id and number, in a host of one node with a real store. */
#include "sdk_test.h"

#include <ringhost/sdk/store.h>
#include <ringhost/sdk/str.h>
#include <ringhost/testhost.h>
#include <stdio.h>

#define WALL_MS INT64_C(1800000000000)
#define SPACE   "rows"

struct keeper {
    struct rh_services rh;
    struct rh_store store;
};

/* What the next request does inside the plugin; one test at a time. */
static void (*act)(struct keeper *keeper);

static int32_t handle(void *self, rh_req req, const void *fields)
{
    struct keeper *keeper = self;

    (void)fields;
    act(keeper);
    return rh_reply_ok(&keeper->rh, req);
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
    struct keeper *keeper = self;

    (void)config;
    rh_services_init(&keeper->rh, ctx, host);
    keeper->store = (struct rh_store){&keeper->rh, SPACE};
    return RH_OK;
}

static void destroy(void *self)
{
    (void)self;
}

static const struct rh_plugin plugin = {
    RH_PLUGIN_HEAD(struct keeper, "test.store", "0.1.0"),
    .summary = "Keeps rows.",
    .license = "Apache-2.0",
    RH_LIST_OF(services, service),
    RH_TABLE(namespaces, namespace),
    RH_TABLE(routes, route),
    .create = create,
    .destroy = destroy,
};

static void commit(struct keeper *keeper, struct rh_batch_builder *batch)
{
    assert_int_equal(rh_batch_commit(batch, &keeper->rh, NULL, NULL), RH_OK);
}

/* a0 .. a199 of kind 's' with two numbered rows of kind 'r' each, and one row of kind 't'. */
static void fill(struct keeper *keeper)
{
    struct rh_batch_builder batch;
    struct rh_key key;
    char id[8];

    rh_batch_begin(&batch, SPACE);
    for (uint32_t i = 0; i < 200; i++) {
        (void)snprintf(id, sizeof(id), "a%03u", i);
        rh_store_put_id(&batch, 's', rh_str_from(id), rh_str_from(id));
        for (uint32_t k = 0; k < 2; k++) {
            rh_store_key(&key, 'r', rh_str_from(id));
            (void)rh_key_u32(&key, k);
            rh_store_put(&batch, &key, RH_STR_LIT("x"));
        }
    }
    rh_store_put_id(&batch, 't', RH_STR_LIT("a001"), RH_STR_LIT("other"));
    commit(keeper, &batch);
}

/* The steps one after the other, each after the commits of the one before. */
static void run(void (*const *steps)(struct keeper *keeper), uint32_t count)
{
    const struct rh_testhost_plugin plugins[] = {{&plugin, NULL}};
    const struct rh_testhost_setup setup = {.plugins = plugins, .plugin_count = 1};
    char why[RH_TESTHOST_WHY_MAX] = "";
    struct rh_testhost_reply reply;
    struct rh_testhost *host = NULL;
    struct rh_testnet *net = rh_testnet_new(1, WALL_MS);

    assert_non_null(net);
    if (rh_testhost_new(net, &setup, &host, why) != RH_OK)
        fail_msg("the host does not start: %s", why);
    rh_testnet_run(net, 1000);
    for (uint32_t i = 0; i < count; i++) {
        act = steps[i];
        if (rh_testhost_request(host, "POST", "/act", "{}", &reply) != 200)
            fail_msg("%s", reply.body);
    }
    rh_testnet_free(net);
}

#define RUN(...)                                                     \
    do {                                                             \
        void (*const steps_[])(struct keeper *) = {__VA_ARGS__};     \
        run(steps_, (uint32_t)(sizeof(steps_) / sizeof(steps_[0]))); \
    } while (0)

static void look_at_rows(struct keeper *keeper)
{
    struct rh_value value;

    assert_int_equal(rh_store_get_id(&keeper->store, 's', RH_STR_LIT("a007"), &value), RH_OK);
    assert_true(value.found);
    assert_true(rh_str_eq_c(value.data, "a007"));
    assert_int_equal(rh_store_get_id(&keeper->store, 't', RH_STR_LIT("a007"), &value), RH_OK);
    assert_false(value.found);
}

static void a_row_is_found_by_kind_and_id(void **state)
{
    (void)state;
    RUN(fill, look_at_rows);
}

static void list_ids(struct keeper *keeper)
{
    char ids[10][8];
    uint32_t count = 0;

    assert_int_equal(rh_store_ids(&keeper->store, 's', (struct rh_str){NULL, 0}, 0, 10, ids[0],
                                  sizeof(ids[0]), &count),
                     RH_OK);
    assert_int_equal(count, 10);
    assert_string_equal(ids[0], "a000");
    assert_int_equal(rh_store_ids(&keeper->store, 's', RH_STR_LIT("a009"), 0, 10, ids[0],
                                  sizeof(ids[0]), &count),
                     RH_OK);
    assert_string_equal(ids[0], "a010");
    assert_int_equal(rh_store_ids(&keeper->store, 's', (struct rh_str){NULL, 0}, RH_SCAN_REVERSE,
                                  10, ids[0], sizeof(ids[0]), &count),
                     RH_OK);
    assert_string_equal(ids[0], "a199");
    assert_int_equal(rh_store_ids(&keeper->store, 's', RH_STR_LIT("a002"), RH_SCAN_REVERSE, 10,
                                  ids[0], sizeof(ids[0]), &count),
                     RH_OK);
    assert_int_equal(count, 2);
    assert_string_equal(ids[0], "a001");
}

static void ids_come_page_by_page_in_either_direction(void **state)
{
    (void)state;
    RUN(fill, list_ids);
}

static void count_kinds(struct keeper *keeper)
{
    uint32_t count = 0;

    assert_int_equal(rh_store_count(&keeper->store, 's', &count), RH_OK);
    assert_int_equal(count, 200);
    assert_int_equal(rh_store_count(&keeper->store, 'z', &count), RH_OK);
    assert_int_equal(count, 0);
    /* Keys with a number are of another form. */
    assert_int_equal(rh_store_count(&keeper->store, 'r', &count), RH_EIO);
}

static void rows_of_a_kind_are_counted(void **state)
{
    (void)state;
    RUN(fill, count_kinds);
}

static void read_numbers(struct keeper *keeper)
{
    struct rh_key from;
    struct rh_key to;
    struct rh_rows rows;

    rh_store_range(&from, &to, 'r', RH_STR_LIT("a005"));
    assert_int_equal(rh_store_scan(&keeper->store, &from, &to, 0, 0, &rows), RH_OK);
    assert_int_equal(rows.count, 2);
    for (uint32_t i = 0; i < rows.count; i++) {
        uint32_t number = 9;

        assert_int_equal(rh_store_key_number(rh_store_row(&rows, i)->key, &number), RH_OK);
        assert_int_equal(number, i);
    }
}

static void delete_some(struct keeper *keeper)
{
    struct rh_batch_builder batch;

    rh_batch_begin(&batch, SPACE);
    rh_store_delete_all(&batch, 'r', RH_STR_LIT("a005"));
    rh_store_delete_id(&batch, 's', RH_STR_LIT("a006"));
    commit(keeper, &batch);
}

static void look_at_the_rest(struct keeper *keeper)
{
    struct rh_key from;
    struct rh_key to;
    struct rh_rows rows;
    struct rh_value value;

    rh_store_range(&from, &to, 'r', RH_STR_LIT("a005"));
    assert_int_equal(rh_store_scan(&keeper->store, &from, &to, 0, 0, &rows), RH_OK);
    assert_int_equal(rows.count, 0);
    rh_store_range(&from, &to, 'r', RH_STR_LIT("a006"));
    assert_int_equal(rh_store_scan(&keeper->store, &from, &to, 0, 0, &rows), RH_OK);
    assert_int_equal(rows.count, 2);
    assert_int_equal(rh_store_get_id(&keeper->store, 's', RH_STR_LIT("a006"), &value), RH_OK);
    assert_false(value.found);
}

static void numbered_rows_are_a_range_that_can_be_deleted(void **state)
{
    (void)state;
    RUN(fill, read_numbers, delete_some, look_at_the_rest);
}

static bool is_odd(void *self, struct rh_str id)
{
    (void)self;
    return (id.p[id.n - 1] - '0') % 2 == 1;
}

static void forget(void *self, struct rh_batch_builder *batch, struct rh_str id)
{
    (void)self;
    rh_store_delete_id(batch, 's', id);
}

static uint32_t prune_to(struct keeper *keeper, int64_t keep_max, uint32_t most)
{
    const struct rh_store_limit limit = {'s', most, keep_max, is_odd, forget};
    struct rh_batch_builder batch;
    uint32_t kept = 200;

    rh_batch_begin(&batch, SPACE);
    rh_store_prune(&keeper->store, &limit, keeper, &batch, &kept);
    commit(keeper, &batch);
    return kept;
}

static void prune(struct keeper *keeper)
{
    assert_int_equal(prune_to(keeper, 201, 100), 200);
    assert_int_equal(prune_to(keeper, 198, 100), 197);
    assert_int_equal(prune_to(keeper, 1, 4), 196);
}

static void prune_all(struct keeper *keeper)
{
    assert_int_equal(prune_to(keeper, 1, 1000), 200 - 96); /* 100 even ones less the four */
}

static void the_oldest_that_are_not_live_make_room(void **state)
{
    (void)state;
    RUN(fill, prune, prune_all);
}

static void a_key_that_cannot_be_made_is_no_row_and_fails_a_batch(void **state)
{
    static char longest[RH_KEY_BYTES_MAX + 1];
    struct rh_batch_builder batch;
    struct rh_key key;

    (void)state;
    memset(longest, 'i', sizeof(longest));
    rh_store_key(&key, 's', (struct rh_str){longest, sizeof(longest)});
    assert_int_equal(key.rc, RH_ETOOLARGE);

    rh_batch_begin(&batch, SPACE);
    rh_store_put(&batch, &key, RH_STR_LIT("x"));
    assert_int_equal(batch.rc, RH_ETOOLARGE);
    rh_batch_release(&batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_found_by_kind_and_id),
        cmocka_unit_test(ids_come_page_by_page_in_either_direction),
        cmocka_unit_test(rows_of_a_kind_are_counted),
        cmocka_unit_test(numbered_rows_are_a_range_that_can_be_deleted),
        cmocka_unit_test(the_oldest_that_are_not_live_make_room),
        cmocka_unit_test(a_key_that_cannot_be_made_is_no_row_and_fails_a_batch),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
