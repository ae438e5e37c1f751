/* What the tests of the owner's side of work items share: a host of one node with an owner, and a
 * queue that the tests command. */
#ifndef RH_TESTS_PLUGIN_API_SRC_WORK_ROUND_TEST_H
#define RH_TESTS_PLUGIN_API_SRC_WORK_ROUND_TEST_H

#include "fake_queue.h"

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
    uint32_t refusals;
    bool is_leaving; /* it removes its group when it is refused, else it cancels it */
    char why[96];    /* of the last refusal */
    uint32_t takes;  /* results that were new */
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

static void owner_refused(void *self, struct rh_work_group *group, struct rh_str why)
{
    struct owner *owner = self;

    kept.refusals++;
    fake_cut(kept.why, sizeof(kept.why), why);
    if (kept.is_leaving) {
        rh_work_group_remove(&owner->groups, group);
        return;
    }
    rh_work_group_cancel(&owner->groups, group);
    rh_work_group_wake(&owner->groups, group);
}

static const struct rh_work_owner owner_table = {
    .name = "test",
    .wanted = owner_wanted,
    .write = owner_write,
    .take = owner_take,
    .taken = owner_taken,
    .unwanted = owner_unwanted,
    .settled = owner_settled,
    .refused = owner_refused,
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

static inline void set_up(struct world *world, uint32_t wanted)
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

static inline void command(struct world *world, const char *path)
{
    struct rh_testhost_reply reply;

    if (rh_testhost_request(world->host, "POST", path, "{}", &reply) != 200)
        fail_msg("%s: %s", path, reply.body);
}

static inline void finish(uint32_t place, const char *status)
{
    fake_cut(fake.items[place].status, sizeof(fake.items[place].status), rh_str_from(status));
}

#endif
