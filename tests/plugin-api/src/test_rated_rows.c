/* Tests of rows of games that wait for the ratings, in a host of one node with a real store. */
#include "sdk_test.h"

#include <ringhost/sdk/rated_rows.h>
#include <ringhost/sdk/str.h>
#include <ringhost/testhost.h>

#define WALL_MS INT64_C(1800000000000)
#define SPACE   "rows"
#define KIND    'u'

struct owner {
    struct rh_services rh;
    struct rh_store store;
    struct rh_rated_rows rows;
};

/* What the next request does inside the plugin, and what it finds; one test at a time. */
static struct {
    void (*act)(struct owner *owner);
    const char *broken[2]; /* ids that cannot be read */
    uint32_t shown;
    char written[32768]; /* "id/number:value " */
} now;

static int32_t handle(void *self, rh_req req, const void *fields)
{
    struct owner *owner = self;

    (void)fields;
    now.act(owner);
    return rh_reply_ok(&owner->rh, req);
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
    struct owner *owner = self;

    (void)config;
    rh_services_init(&owner->rh, ctx, host);
    owner->store = (struct rh_store){&owner->rh, SPACE};
    return RH_OK;
}

static void destroy(void *self)
{
    (void)self;
}

static const struct rh_plugin plugin = {
    RH_PLUGIN_HEAD(struct owner, "test.rated", "0.1.0"),
    .summary = "Owns games.",
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

    memset(&now, 0, sizeof(now));
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

static void do_it(struct world *world, void (*act)(struct owner *owner))
{
    now.act = act;
    assert_int_equal(rh_testhost_request(world->host, "POST", "/act", "{}", &world->reply), 200);
}

static void put(struct owner *owner, const char *id, uint32_t first, uint32_t count)
{
    struct rh_batch_builder batch;

    rh_batch_begin(&batch, SPACE);
    for (uint32_t i = first; i < first + count; i++)
        rh_rated_rows_put(&batch, KIND, rh_str_from(id), i, RH_STR_LIT("v"));
    assert_int_equal(rh_batch_commit(&batch, &owner->rh, NULL, NULL), RH_OK);
}

static void fill(struct owner *owner)
{
    put(owner, "a", 0, 2);
    put(owner, "b", 0, 500); /* more than a page, and broken in some tests */
    put(owner, "c", 7, 1);
}

static enum rh_rated_take show(void *user, const struct rh_rated_row *row)
{
    const size_t n = strlen(now.written);

    (void)user;
    now.shown++;
    for (size_t i = 0; i < 2; i++) {
        if (now.broken[i] && strcmp(now.broken[i], row->id) == 0)
            return RH_RATED_BROKEN;
    }
    if (row->number == 1)
        return RH_RATED_LEFT_OUT;
    snprintf(now.written + n, sizeof(now.written) - n, "%s/%u:%.*s ", row->id, row->number,
             (int)row->value_size, row->value);
    return RH_RATED_WRITTEN;
}

static void collect(struct owner *owner)
{
    now.shown = 0;
    now.written[0] = '\0';
    rh_rated_rows_collect(&owner->rows, &owner->store, KIND, RH_RATED_PAGE_MAX, "thing", show,
                          NULL);
}

static void take(struct owner *owner)
{
    struct rh_batch_builder batch;

    rh_batch_begin(&batch, SPACE);
    rh_rated_rows_delete(&owner->rows, KIND, &batch);
    assert_int_equal(rh_batch_commit(&batch, &owner->rh, NULL, NULL), RH_OK);
}

static void look(struct owner *owner)
{
    assert_true(rh_rated_rows_wait(&owner->store, KIND, RH_STR_LIT("a")));
    assert_true(rh_rated_rows_wait(&owner->store, KIND, RH_STR_LIT("c")));
    assert_false(rh_rated_rows_wait(&owner->store, KIND, RH_STR_LIT("x")));
}

static void look_again(struct owner *owner)
{
    assert_true(rh_rated_rows_wait(&owner->store, KIND, RH_STR_LIT("a"))); /* a/1 was left out */
    assert_false(rh_rated_rows_wait(&owner->store, KIND, RH_STR_LIT("c")));
}

static void put_too_much(struct owner *owner)
{
    char value[RH_RATED_VALUE_MAX + 1] = {0};
    struct rh_batch_builder batch;

    rh_batch_begin(&batch, SPACE);
    rh_rated_rows_put(&batch, KIND, RH_STR_LIT("a"), 0, (struct rh_str){value, sizeof(value)});
    assert_int_equal(rh_batch_commit(&batch, &owner->rh, NULL, NULL), RH_ETOOLARGE);
}

static void rows_are_shown_in_order_and_deleted_once_taken(void **state)
{
    struct world *world = *state;

    now.broken[0] = "b";
    do_it(world, fill);
    do_it(world, look);
    do_it(world, collect);
    assert_string_equal(now.written, "a/0:v c/7:v ");
    do_it(world, take);
    do_it(world, collect);

    assert_string_equal(now.written, "");
    do_it(world, look_again);
    do_it(world, put_too_much);
}

static void a_broken_thing_holds_up_nothing_and_is_named_once(void **state)
{
    struct world *world = *state;

    now.broken[0] = "b";
    do_it(world, fill);
    do_it(world, collect);
    assert_true(now.shown < 10); /* its 500 rows are passed over at once */
    do_it(world, collect);

    assert_int_equal(rh_testhost_logged(world->host, "unrated_unreadable thing=b"), 1);
    now.broken[1] = "a";
    do_it(world, collect);
    assert_string_equal(now.written, "c/7:v ");
    assert_int_equal(rh_testhost_logged(world->host, "unrated_unreadable thing=a"), 1);
    assert_int_equal(rh_testhost_logged(world->host, "unrated_unreadable thing=b"), 1);
}

static void what_is_mended_is_told_and_named_again_when_it_breaks(void **state)
{
    struct world *world = *state;

    now.broken[0] = "b";
    do_it(world, fill);
    do_it(world, collect);
    now.broken[0] = NULL;
    do_it(world, collect);
    assert_non_null(strstr(now.written, "b/0:v"));
    assert_null(strstr(now.written, "b/1:v"));
    now.broken[0] = "b";
    do_it(world, collect);

    assert_int_equal(rh_testhost_logged(world->host, "unrated_unreadable thing=b"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_are_shown_in_order_and_deleted_once_taken, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_broken_thing_holds_up_nothing_and_is_named_once, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_is_mended_is_told_and_named_again_when_it_breaks,
                                        setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
