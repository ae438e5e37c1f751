/* Tests of the owner's side of work items in a host of one node: an owner, and a queue that the
 * tests command. */
#include "fake_queue.h"

#include <ringhost/sdk/rng.h>
#include <ringhost/sdk/work_group.h>
#include <ringhost/testhost.h>
#include <stdlib.h>

#define WALL_MS INT64_C(1800000000000)

/* Some rounds, and long enough for those who were put off. */
#define ROUNDS_MS 3000
#define LONG_MS   30000

#define ITEMS_MAX 60u

/* What outlives a crash of the owner, and what it saw; one test at a time. */
static struct {
    bool is_known[ITEMS_MAX]; /* the result is kept */
    uint32_t wanted_count;
    uint32_t unwanted_from; /* what is alive from here on is cancelled; 0 = nothing */
    bool is_cancelled;
    bool is_eager; /* asks for more after each page */
    bool is_settled;
    uint32_t takes; /* results that were new */
    uint32_t pages;
    uint32_t deads;
    char error[64];
    const char *problem;
} kept;

struct owner {
    struct rh_services rh;
    struct rh_work_groups groups;
    struct rh_work_group group;
};

static uint32_t owner_wanted(void *self, const struct rh_work_group *group, uint32_t from)
{
    (void)self;
    (void)group;
    while (from < kept.wanted_count && kept.is_known[from])
        from++;
    return from < kept.wanted_count ? from : RH_WORK_NONE;
}

static void owner_write(void *self, const struct rh_work_group *group, uint32_t index,
                        struct rh_json_writer *w)
{
    (void)self;
    (void)group;
    rh_json_kv_strc(w, "work_type", "test");
    rh_json_key(w, "payload");
    rh_json_begin_object(w);
    rh_json_kv_int(w, "index", index);
    rh_json_end_object(w);
}

static void owner_take(void *self, struct rh_work_group *group, const struct rh_work_item *item)
{
    (void)self;
    (void)group;
    if (item->index >= kept.wanted_count || kept.is_known[item->index])
        return;
    kept.is_known[item->index] = true;
    kept.takes++;
    kept.deads += item->end == RH_WORK_DEAD;
    if (item->error.n)
        fake_cut(kept.error, sizeof(kept.error), item->error);
}

static void owner_taken(void *self, struct rh_work_group *group)
{
    struct owner *owner = self;

    kept.pages++;
    if (kept.is_eager)
        rh_work_group_more(&owner->groups, group);
}

static bool owner_unwanted(void *self, const struct rh_work_group *group, uint32_t index)
{
    (void)self;
    (void)group;
    return kept.unwanted_from && index >= kept.unwanted_from;
}

static void owner_settled(void *self, struct rh_work_group *group)
{
    struct owner *owner = self;

    kept.is_settled = true;
    rh_work_group_remove(&owner->groups, group);
}

static const struct rh_work_owner owner_table = {
    .name = "test",
    .wanted = owner_wanted,
    .write = owner_write,
    .take = owner_take,
    .taken = owner_taken,
    .unwanted = owner_unwanted,
    .settled = owner_settled,
};

static int32_t owner_create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                            const void *config)
{
    struct owner *owner = self;

    (void)config;
    rh_services_init(&owner->rh, ctx, host);
    rh_work_groups_init(&owner->groups, &owner->rh, &owner_table, owner, 200);
    assert_int_equal(rh_work_group_add(&owner->groups, &owner->group, RH_STR_LIT("g1")), RH_OK);
    kept.problem = owner->group.problem;
    return RH_OK;
}

static int32_t owner_start(void *self)
{
    struct owner *owner = self;

    if (kept.is_settled)
        return RH_OK;
    if (kept.is_cancelled)
        rh_work_group_cancel(&owner->groups, &owner->group);
    rh_work_group_wake(&owner->groups, &owner->group);
    return RH_OK;
}

static void owner_destroy(void *self)
{
    struct owner *owner = self;

    rh_work_groups_stop(&owner->groups);
}

/* What the tests command by a request. */
static int32_t handle_more(void *self, rh_req req, const void *fields)
{
    struct owner *owner = self;

    (void)fields;
    rh_work_group_more(&owner->groups, &owner->group);
    return rh_reply_ok(&owner->rh, req);
}

static int32_t handle_sweep(void *self, rh_req req, const void *fields)
{
    struct owner *owner = self;

    (void)fields;
    rh_work_groups_sweep(&owner->groups);
    return rh_reply_ok(&owner->rh, req);
}

static int32_t handle_cancel(void *self, rh_req req, const void *fields)
{
    struct owner *owner = self;

    (void)fields;
    kept.is_cancelled = true;
    rh_work_group_cancel(&owner->groups, &owner->group);
    rh_work_group_wake(&owner->groups, &owner->group);
    return rh_reply_ok(&owner->rh, req);
}

static const struct rh_route routes[] = {
    RH_ROUTE("POST", "/owner/more", RH_WORKER, 0, RH_NO_FIELDS, handle_more, "-"),
    RH_ROUTE("POST", "/owner/sweep", RH_WORKER, 0, RH_NO_FIELDS, handle_sweep, "-"),
    RH_ROUTE("POST", "/owner/cancel", RH_WORKER, 0, RH_NO_FIELDS, handle_cancel, "-"),
};

static const char *const services[] = {RH_CORE_ID, RH_HTTP_ID, RH_FIELDS_ID};

static const struct rh_plugin owner_plugin = {
    .size = (uint32_t)sizeof(struct rh_plugin),
    .abi_major = RH_ABI_MAJOR,
    .abi_minor = RH_ABI_MINOR,
    .instance_size = (uint32_t)sizeof(struct owner),
    .id = "test.owner",
    .version = "0.1.0",
    .summary = "An owner of work items.",
    .license = "Apache-2.0",
    RH_LIST_OF(services, service),
    RH_TABLE(routes, route),
    .create = owner_create,
    .start = owner_start,
    .destroy = owner_destroy,
};

struct world {
    struct rh_testnet *net;
    struct rh_testhost *host;
};

static void set_up(struct world *world, uint32_t wanted)
{
    const struct rh_testhost_plugin plugins[] = {{&fake_plugin, NULL}, {&owner_plugin, NULL}};
    const struct rh_testhost_setup setup = {.plugins = plugins, .plugin_count = 2};
    char why[RH_TESTHOST_WHY_MAX] = "";

    memset(&fake, 0, sizeof(fake));
    memset(&kept, 0, sizeof(kept));
    kept.wanted_count = wanted;
    world->net = rh_testnet_new(1, WALL_MS);
    assert_non_null(world->net);
    if (rh_testhost_new(world->net, &setup, &world->host, why) != RH_OK)
        fail_msg("the host does not start: %s", why);
}

static void command(struct world *world, const char *path)
{
    struct rh_testhost_reply reply;

    if (rh_testhost_request(world->host, "POST", path, "{}", &reply) != 200)
        fail_msg("%s: %s", path, reply.body);
}

static void finish(uint32_t place, const char *status)
{
    fake_cut(fake.items[place].status, sizeof(fake.items[place].status), rh_str_from(status));
}

static void each_wanted_item_is_added_once(void **state)
{
    struct world world;

    (void)state;
    set_up(&world, 60); /* more than one call adds */

    rh_testnet_run(world.net, ROUNDS_MS);

    assert_int_equal(fake.count, 60);
    assert_int_equal(fake.adds, 3);
    assert_string_equal(fake.items[59].key, "g1/59");
    assert_string_equal(fake.items[59].group, "g1");
    assert_string_equal(fake.items[59].payload, "{\"index\":59}");
    rh_testnet_free(world.net);
}

static void each_result_is_handed_over_once_with_its_end(void **state)
{
    struct world world;

    (void)state;
    set_up(&world, 3);
    rh_testnet_run(world.net, ROUNDS_MS);

    finish(1, "done");
    finish(2, "dead");
    fake_cut(fake.items[2].error, sizeof(fake.items[2].error), RH_STR_LIT("it died"));
    rh_testnet_run(world.net, ROUNDS_MS);
    command(&world, "/owner/sweep");
    rh_testnet_run(world.net, ROUNDS_MS);

    assert_int_equal(kept.takes, 2);
    assert_false(kept.is_known[0]);
    assert_int_equal(kept.deads, 1);
    assert_string_equal(kept.error, "it died");
    rh_testnet_free(world.net);
}

static void without_news_only_counts_are_read(void **state)
{
    struct world world;
    uint32_t pages;

    (void)state;
    set_up(&world, 20);
    rh_testnet_run(world.net, ROUNDS_MS);
    pages = kept.pages;
    fake.reads = 0;

    rh_testnet_run(world.net, 10000);

    assert_int_equal(kept.pages, pages);
    assert_in_range(fake.reads, 45, 51); /* one item with each count, five counts in a second */
    rh_testnet_free(world.net);
}

static void what_is_over_at_the_beginning_is_not_read_again(void **state)
{
    struct world world;

    (void)state;
    set_up(&world, 20);
    rh_testnet_run(world.net, ROUNDS_MS);
    for (uint32_t i = 0; i < 10; i++)
        finish(i, "done");
    rh_testnet_run(world.net, ROUNDS_MS);
    fake.reads = 0;

    finish(10, "done");
    rh_testnet_run(world.net, 600);

    assert_int_equal(kept.takes, 11);
    assert_in_range(fake.reads, 10, 14); /* the ten not yet over, and one with each count */
    rh_testnet_free(world.net);
}

static void more_items_are_added_without_reading(void **state)
{
    struct world world;

    (void)state;
    set_up(&world, 5);
    rh_testnet_run(world.net, ROUNDS_MS);
    kept.pages = 0;

    kept.wanted_count = 7;
    command(&world, "/owner/more");
    rh_testnet_run(world.net, 100);

    assert_int_equal(fake.count, 7);
    assert_int_equal(fake.repeats, 0);
    assert_int_equal(kept.pages, 0);
    rh_testnet_free(world.net);
}

static void an_owner_may_ask_for_more_in_the_middle_of_a_round(void **state)
{
    struct world world;

    (void)state;
    set_up(&world, 60);
    kept.is_eager = true;
    rh_testnet_run(world.net, ROUNDS_MS);

    for (uint32_t i = 1; i < 60; i += 2)
        finish(i, "done");
    rh_testnet_run(world.net, 1000);
    assert_int_equal(kept.takes, 30);
    for (uint32_t i = 0; i < 60; i += 2)
        finish(i, "done");
    rh_testnet_run(world.net, 1000);

    assert_int_equal(kept.takes, 60);
    assert_int_equal(fake.repeats, 0);
    rh_testnet_free(world.net);
}

static void an_item_that_the_queue_lost_is_added_again(void **state)
{
    struct world world;

    (void)state;
    set_up(&world, 5);
    rh_testnet_run(world.net, ROUNDS_MS);

    fake.count = 3;
    command(&world, "/owner/sweep");
    rh_testnet_run(world.net, ROUNDS_MS);

    assert_int_equal(fake.count, 5);
    assert_int_equal(fake.repeats, 0);
    rh_testnet_free(world.net);
}

static void a_refusing_queue_is_named_and_asked_again(void **state)
{
    struct world world;

    (void)state;
    set_up(&world, 5);
    fake.refuse_adds = 2;

    rh_testnet_run(world.net, ROUNDS_MS);
    assert_non_null(strstr(kept.problem, "POST /work/add"));
    assert_non_null(strstr(kept.problem, "the queue is full"));
    assert_int_equal(fake.count, 0);

    rh_testnet_run(world.net, LONG_MS);
    assert_string_equal(kept.problem, "");
    assert_int_equal(fake.count, 5);
    rh_testnet_free(world.net);
}

static uint32_t count_warnings(const struct world *world)
{
    return rh_testhost_logged(world->host, "warn  n1 test.owner queue_refused");
}

static void a_queue_that_is_away_is_a_warning_once_it_stays_away(void **state)
{
    struct world world;

    (void)state;
    set_up(&world, 5);
    fake.absent_adds = 2;
    rh_testnet_run(world.net, LONG_MS);
    assert_int_equal(fake.count, 5);
    assert_true(rh_testhost_logged(world.host, "queue_refused") > 0);
    assert_int_equal(count_warnings(&world), 0);
    rh_testnet_free(world.net);

    set_up(&world, 5);
    fake.absent_adds = 1000;
    rh_testnet_run(world.net, INT64_C(90000));
    assert_int_equal(count_warnings(&world), 1);
    rh_testnet_free(world.net);
}

static void a_cancelled_group_is_settled_once_nothing_of_it_is_alive(void **state)
{
    struct world world;

    (void)state;
    set_up(&world, 60);
    rh_testnet_run(world.net, ROUNDS_MS);
    finish(7, "done");

    command(&world, "/owner/cancel");
    rh_testnet_run(world.net, ROUNDS_MS);

    assert_true(kept.is_settled);
    assert_int_equal(fake_count(RH_STR_LIT("g1"), "cancelled"), 59);
    assert_int_equal(kept.takes, 0); /* what still came was not handed over */
    rh_testnet_free(world.net);
}

static void what_is_wanted_no_more_is_cancelled_and_its_end_handed_over(void **state)
{
    struct world world;

    (void)state;
    set_up(&world, 20);
    rh_testnet_run(world.net, ROUNDS_MS);

    kept.unwanted_from = 15;
    command(&world, "/owner/sweep");
    rh_testnet_run(world.net, ROUNDS_MS);

    assert_int_equal(fake_count(RH_STR_LIT("g1"), "cancelled"), 5);
    assert_int_equal(fake_count(RH_STR_LIT("g1"), "pending"), 15);
    assert_int_equal(kept.takes, 5);
    assert_false(kept.is_settled);
    rh_testnet_free(world.net);
}

/* Owner and queue compared over any crash: every result once, no item twice. */
static void after_any_number_of_crashes_every_result_was_taken_once(void **state)
{
    char why[RH_TESTHOST_WHY_MAX];

    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct rh_rng rng;
        struct world world;
        uint32_t lives = 0;

        rh_rng_seed(&rng, seed);
        set_up(&world, ITEMS_MAX);
        while (kept.takes < ITEMS_MAX) {
            if (lives++ == 500)
                fail_msg("seed %u: %u results after 500 crashes", (unsigned)seed, kept.takes);
            fake.refuse_adds = rh_rng_below(&rng, 4) == 0;
            rh_testnet_run(world.net, 1 + (int64_t)rh_rng_below(&rng, 500));
            for (uint32_t i = 0; i < fake.count; i++) {
                if (rh_rng_below(&rng, 4) == 0)
                    finish(i, "done");
            }
            rh_testnet_run(world.net, 1 + (int64_t)rh_rng_below(&rng, 500));
            rh_testhost_crash(world.host);
            assert_int_equal(rh_testhost_start(world.host, why), RH_OK);
        }
        rh_testnet_run(world.net, LONG_MS);
        assert_int_equal(kept.takes, ITEMS_MAX);
        assert_int_equal(fake.count, ITEMS_MAX);
        rh_testnet_free(world.net);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_wanted_item_is_added_once),
        cmocka_unit_test(each_result_is_handed_over_once_with_its_end),
        cmocka_unit_test(without_news_only_counts_are_read),
        cmocka_unit_test(what_is_over_at_the_beginning_is_not_read_again),
        cmocka_unit_test(more_items_are_added_without_reading),
        cmocka_unit_test(an_owner_may_ask_for_more_in_the_middle_of_a_round),
        cmocka_unit_test(an_item_that_the_queue_lost_is_added_again),
        cmocka_unit_test(a_refusing_queue_is_named_and_asked_again),
        cmocka_unit_test(a_queue_that_is_away_is_a_warning_once_it_stays_away),
        cmocka_unit_test(a_cancelled_group_is_settled_once_nothing_of_it_is_alive),
        cmocka_unit_test(what_is_wanted_no_more_is_cancelled_and_its_end_handed_over),
        cmocka_unit_test(after_any_number_of_crashes_every_result_was_taken_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
