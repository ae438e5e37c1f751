/* Tests of host/core/carry.c: calls by the provider of reach/1, and requests that it brings. */
#include "tests/host/core/probe_world.h"

#include <stdlib.h>
#include <string.h>

#include <ringhost/role/reach.h>
#include <ringhost/sdk/str.h>

#define TOKENS                                             \
    "n1 peer,worker node-token-of-n1-0123456789 n1\n"      \
    "n2 peer,voter,admin node-token-of-n2-0123456789 n2\n" \
    "boss admin admin-token-0123456789\n"

/* A provider that only writes down what it is given. */
struct carrier {
    struct rh_services rh;
    const struct rh_reach_host_v1 *host;
    uint32_t is_active, carried, answered;
    int32_t carry_rc, answer_rc;
    uint64_t last_id;
    uint32_t answer_status;
    int64_t timeout_ms;
    char node_id[80], path[80], body[80], type[80];
};

static void carrier_active(void *self, uint32_t is_active)
{
    ((struct carrier *)self)->is_active = is_active;
}

static int32_t carrier_carry(void *self, struct rh_str node_id, uint64_t id,
                             const struct rh_call *call)
{
    struct carrier *c = self;

    c->carried++;
    c->last_id = id;
    c->timeout_ms = call->timeout_ms;
    assert_int_equal(rh_str_copy(c->node_id, sizeof c->node_id, node_id), RH_OK);
    assert_int_equal(rh_str_copy(c->path, sizeof c->path, rh_str_from(call->path)), RH_OK);
    assert_int_equal(rh_str_copy(c->body, sizeof c->body, call->body), RH_OK);
    assert_int_equal(rh_str_copy(c->type, sizeof c->type, rh_str_from(call->content_type)), RH_OK);
    return c->carry_rc;
}

static void on_admitted(void *self, void *user, const struct rh_reply *reply)
{
    struct carrier *c = self;

    (void)user;
    c->answered++;
    c->answer_rc = reply->rc;
    c->answer_status = reply->status;
}

static int32_t carrier_create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                              const void *config)
{
    struct carrier *c = self;

    (void)config;
    rh_services_init(&c->rh, ctx, host);
    c->host = host->service(ctx, RH_REACH_HOST_ID);
    return c->host ? RH_OK : RH_EINTERNAL;
}

static const struct rh_reach_role_v1 role_table = {
    .size = sizeof role_table, .active = carrier_active, .carry = carrier_carry};
static const struct rh_role roles[] = {
    {.size = sizeof(struct rh_role), .rank = 1, .id = RH_REACH_ROLE, .table = &role_table}};
static const char *const services[] = {RH_CORE_ID, RH_HTTP_ID, RH_REACH_HOST_ID};
static const struct rh_plugin carrier_plugin = {
    .size = (uint32_t)sizeof(struct rh_plugin),
    .abi_major = RH_ABI_MAJOR,
    .abi_minor = RH_ABI_MINOR,
    .instance_size = (uint32_t)sizeof(struct carrier),
    .id = "carrier",
    .version = "1.0.0",
    .license = "Apache-2.0",
    .build_id = "",
    .summary = "Writes down what it is to carry.",
    RH_LIST_OF(services, service),
    RH_TABLE(roles, role),
    .create = carrier_create,
};

static struct world *two_nodes(const char *token_text)
{
    static const char *const ids[] = {"n1", "n2"};
    const struct rh_testhost_plugin plugins[] = {
        {&probe_plugin, NULL}, {&shared_plugin, NULL}, {&carrier_plugin, NULL}};
    struct world *world = calloc(1, sizeof *world);
    char why[RH_TESTHOST_WHY_MAX] = "";

    assert_non_null(world);
    world->count = 2;
    world->net = rh_testnet_new(7, INT64_C(1800000000000));
    for (uint32_t i = 0; i < 2; i++) {
        const struct rh_testhost_setup setup = {.node_id = ids[i],
                                                .plugins = plugins,
                                                .plugin_count = 3,
                                                .voter_count = 2,
                                                .voters = ids,
                                                .token_text = token_text};

        if (rh_testhost_new(world->net, &setup, &world->hosts[i], why) != RH_OK)
            fail_msg("%s does not start: %s", ids[i], why);
    }
    rh_testnet_run(world->net, 2000);
    for (uint32_t i = 0; i < 2; i++)
        core_refresh(world_core(world, i)); /* tests call between turns */
    return world;
}

static int set_up(void **state)
{
    *state = two_nodes(NULL);
    return 0;
}

static int set_up_tokens(void **state)
{
    *state = two_nodes(TOKENS);
    return 0;
}

static struct carrier *carrier(struct world *world, uint32_t at)
{
    return world_ctx(world, at, "carrier")->self;
}

static void put_behind_hub(struct world *world)
{
    struct carrier *c = carrier(world, 0);

    assert_int_equal(c->host->reach(c->rh.ctx, RH_STR_LIT("n2"), "n3"), RH_OK);
}

static void a_call_to_a_node_behind_a_hub_is_carried_and_answered(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    struct carrier *c = carrier(world, 0);
    const struct rh_reply answer = {.size = (uint32_t)sizeof answer,
                                    .status = 507,
                                    .body = RH_STR_LIT("{\"error\":{\"code\":\"full\"}}"),
                                    .node_id = RH_STR_LIT("n2")};
    const struct probe_note *note;

    put_behind_hub(world);
    assert_int_equal(probe_call(probe, "n2", "POST", "/probe/act?a=1", "{}", NULL), RH_OK);
    assert_int_equal(c->carried, 0);
    world_run(world, 10);
    assert_int_equal(c->carried, 1);
    assert_string_equal(c->node_id, "n2");
    assert_string_equal(c->path, "/probe/act?a=1");
    assert_string_equal(c->body, "{}");
    assert_int_equal(c->timeout_ms, 8000);
    assert_int_equal(world_probe(world, 1)->req_count, 0);
    assert_int_equal(c->host->delivered(c->rh.ctx, c->last_id, &answer), RH_OK);
    assert_int_equal(c->host->delivered(c->rh.ctx, c->last_id, &answer), RH_ENOTFOUND);
    assert_int_equal(probe->replies.count, 0);
    world_run(world, 10);

    assert_int_equal(probe->replies.count, 1);
    note = probe_note(&probe->replies, 0);
    assert_int_equal(note->rc, RH_OK);
    assert_int_equal(note->status, 507);
    assert_string_equal(note->code, "full");
    assert_string_equal(note->node_id, "n2");
}

static void a_carried_call_that_nobody_answers_ends_at_its_deadline(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    put_behind_hub(world);
    assert_int_equal(probe_call(probe, "n2", "GET", "/probe/read", NULL, NULL), RH_OK);
    world_run(world, 7900);
    assert_int_equal(probe->replies.count, 0);
    world_run(world, 200);

    assert_int_equal(probe->replies.count, 1);
    assert_int_equal(probe_note(&probe->replies, 0)->rc, RH_ETIMEOUT);
}

static void a_refusal_of_the_provider_is_the_answer(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    put_behind_hub(world);
    carrier(world, 0)->carry_rc = RH_EUNREACHABLE;
    assert_int_equal(probe_call(probe, "n2", "GET", "/probe/read", NULL, NULL), RH_OK);
    world_run(world, 10);

    assert_int_equal(probe->replies.count, 1);
    assert_int_equal(probe_note(&probe->replies, 0)->rc, RH_EUNREACHABLE);
}

static void a_cancelled_call_ends_once_before_or_after_it_is_handed_over(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    struct carrier *c = carrier(world, 0);
    const struct rh_reply answer = {.size = (uint32_t)sizeof answer, .status = 200};
    rh_handle early, late;

    put_behind_hub(world);
    assert_int_equal(probe_call(probe, "n2", "GET", "/probe/read", NULL, &late), RH_OK);
    world_run(world, 10);
    assert_int_equal(probe_call(probe, "n2", "GET", "/probe/read", NULL, &early), RH_OK);
    assert_int_equal(probe->rh.http->cancel(probe->rh.ctx, early), RH_OK);
    assert_int_equal(probe->rh.http->cancel(probe->rh.ctx, late), RH_OK);
    world_run(world, 10);
    assert_int_equal(probe->replies.count, 2);
    assert_int_equal(probe_note(&probe->replies, 0)->rc, RH_ECANCELLED);
    (void)c->host->delivered(c->rh.ctx, c->last_id, &answer); /* nobody waits */
    world_run(world, 10000);

    assert_int_equal(probe->replies.count, 2);
}

static void direct_calls_and_direct_nodes_are_not_carried(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    struct carrier *c = carrier(world, 0);
    const struct rh_call call = {.size = (uint32_t)sizeof call,
                                 .target = "n2",
                                 .method = "GET",
                                 .path = "/probe/read",
                                 .flags = RH_CALL_DIRECT};

    put_behind_hub(world);
    assert_int_equal(probe->rh.http->call(probe->rh.ctx, &call, probe_on_reply, NULL, NULL), RH_OK);
    world_run(world, 10);
    assert_int_equal(world_probe(world, 1)->req_count, 1);
    assert_int_equal(c->host->reach(c->rh.ctx, RH_STR_LIT("n2"), "direct"), RH_OK);
    assert_int_equal(probe_call(probe, "n2", "GET", "/probe/read", NULL, NULL), RH_OK);
    world_run(world, 10);

    assert_int_equal(world_probe(world, 1)->req_count, 2);
    assert_int_equal(c->carried, 0);
}

static void only_known_nodes_and_short_words_have_a_reach(void **state)
{
    struct world *world = *state;
    struct carrier *c = carrier(world, 0);
    char longest[600];

    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(c->is_active, 1);
    assert_int_equal(c->host->reach(c->rh.ctx, RH_STR_LIT("n9"), "n3"), RH_ENOTFOUND);
    assert_int_equal(c->host->reach(c->rh.ctx, RH_STR_LIT("n2"), ""), RH_EINVAL);
    assert_int_equal(c->host->reach(c->rh.ctx, RH_STR_LIT("n2"), longest), RH_EINVAL);
}

/* Bring a request to n1's or n2's own door. */
static int32_t bring(struct carrier *c, const char *from, const char *hub, const char *path)
{
    const struct rh_relayed request = {.size = (uint32_t)sizeof request,
                                       .from = rh_str_from(from),
                                       .hub = rh_str_from(hub),
                                       .request_id = RH_STR_LIT("r7"),
                                       .method = strcmp(path, "/probe/open") == 0 ? "GET" : "POST",
                                       .path = path,
                                       .content_type = "application/json",
                                       .body = RH_STR_LIT("{}"),
                                       .timeout_ms = 1000};

    return c->host->admit(c->rh.ctx, &request, on_admitted, NULL);
}

static void a_brought_request_has_the_name_and_scopes_of_its_caller(void **state)
{
    struct world *world = *state;
    struct carrier *c = carrier(world, 1);
    struct probe *probe = world_probe(world, 1);
    struct rh_request seen;

    assert_int_equal(bring(c, "n1", "n2", "/probe/open"), RH_OK);
    world_run(world, 10);
    assert_int_equal(probe->req_count, 1);
    assert_int_equal(probe->rh.http->request(probe->rh.ctx, probe_last(probe), &seen), RH_OK);
    assert_true(rh_str_eq_c(seen.node_id, "n1"));
    assert_true(rh_str_eq_c(seen.via, "n2"));
    assert_true(rh_str_eq_c(seen.request_id, "r7"));
    assert_true(rh_str_eq_c(seen.caller, "n1"));
    assert_false(scope_allows(seen.scope_mask, RH_ADMIN));
    assert_true(scope_allows(seen.scope_mask, RH_PEER));
    assert_int_equal(probe_reply(probe, probe_last(probe), 201, "{}"), RH_OK);
    world_run(world, 10);

    assert_int_equal(c->answered, 1);
    assert_int_equal(c->answer_status, 201);
}

static void what_the_caller_may_not_do_is_refused_whatever_the_hub_may(void **state)
{
    struct world *world = *state;
    struct carrier *c = carrier(world, 1);

    assert_int_equal(bring(c, "n1", "n2", "/shared/admin"), RH_OK); /* n2 is an admin, n1 is not */
    world_run(world, 10);
    assert_int_equal(c->answer_status, 401);
    assert_int_equal(bring(c, "n9", "n2", "/shared/admin"), RH_OK);
    world_run(world, 10);

    assert_int_equal(c->answer_status, 401);
    assert_int_equal(world_shared(world, 1)->req_count, 0);
}

static void a_hub_that_is_no_node_brings_nothing(void **state)
{
    struct carrier *c = carrier(*state, 1);

    assert_int_equal(bring(c, "n1", "n7", "/probe/open"), RH_EFORBIDDEN);
    assert_int_equal(bring(c, "n1", "", "/probe/open"), RH_EINVAL);
}

static void a_brought_request_is_never_sent_on_in_our_name(void **state)
{
    struct world *world = *state;
    struct carrier *c = carrier(world, 1);

    world_lead(world, 0, 1);
    assert_int_equal(bring(c, "n1", "n3", "/shared/open"), RH_OK);
    world_run(world, 100);

    assert_int_equal(c->answer_status, 421);
    assert_int_equal(world_shared(world, 0)->req_count, 0);
}

int main(void)
{
#define CASE(name, up) cmocka_unit_test_setup_teardown(name, up, world_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(a_call_to_a_node_behind_a_hub_is_carried_and_answered, set_up),
        CASE(a_carried_call_that_nobody_answers_ends_at_its_deadline, set_up),
        CASE(a_refusal_of_the_provider_is_the_answer, set_up),
        CASE(a_cancelled_call_ends_once_before_or_after_it_is_handed_over, set_up),
        CASE(direct_calls_and_direct_nodes_are_not_carried, set_up),
        CASE(only_known_nodes_and_short_words_have_a_reach, set_up),
        CASE(a_brought_request_has_the_name_and_scopes_of_its_caller, set_up_tokens),
        CASE(what_the_caller_may_not_do_is_refused_whatever_the_hub_may, set_up_tokens),
        CASE(a_hub_that_is_no_node_brings_nothing, set_up_tokens),
        CASE(a_brought_request_is_never_sent_on_in_our_name, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
