/* Tests of host/core/forward.c with a token file: the caller's rights travel, the node's do not. */
#include "tests/host/core/probe_world.h"

#include <ringhost/sdk/str.h>

static const char token_text[] = "reader read read-token-0123456789\n"
                                 "worker worker work-token-0123456789\n"
                                 "boss admin admin-token-0123456789\n"
                                 "n1 peer,voter,admin node-token-of-n1-0123456789 n1\n"
                                 "n2 peer,voter,admin node-token-of-n2-0123456789 n2\n";

static const char *const as_reader[] = {"Authorization", "Bearer read-token-0123456789", NULL};
static const char *const as_worker[] = {"Authorization", "Bearer work-token-0123456789", NULL};
static const char *const as_boss[] = {"Authorization", "Bearer admin-token-0123456789", NULL};

static int set_up_two(void **state)
{
    struct world *world = world_new(2, token_text);

    world_lead(world, 1, 1);
    world_shared(world, 1)->handler_rc = RH_OK; /* parks */
    *state = world;
    return 0;
}

/* Ask n1 and see on n2 what the caller may do there. */
static void expect_scopes(struct world *world, const char *method, const char *path,
                          const char *const *headers, const char *caller, uint32_t scope_mask)
{
    struct probe *shared = world_shared(world, 1);
    struct rh_request seen;
    uint32_t before = shared->req_count;

    (void)world_send(world, 0, method, path, NULL, headers);
    world_run(world, 10);
    assert_int_equal(shared->req_count, before + 1);
    assert_int_equal(shared->rh.http->request(shared->rh.ctx, probe_last(shared), &seen), RH_OK);
    assert_true(rh_str_eq_c(seen.caller, caller));
    assert_int_equal(seen.scope_mask, scope_mask);
    assert_true(rh_str_eq_c(seen.via, "n1"));
    assert_true(rh_str_eq_c(seen.node_id, ""));
}

static void a_caller_keeps_its_own_scopes(void **state)
{
    struct world *world = *state;

    expect_scopes(world, "GET", "/shared/read", as_worker, "worker", scope_mask_of(RH_WORKER));
    expect_scopes(world, "GET", "/shared/read", as_reader, "reader", scope_mask_of(RH_READ));
    expect_scopes(world, "POST", "/shared/admin", as_boss, "boss", scope_mask_of(RH_ADMIN));
}

static void a_caller_without_token_stays_public(void **state)
{
    expect_scopes(*state, "POST", "/shared/open", NULL, "", 1u << RH_PUBLIC);
}

static void a_lesser_caller_is_refused_where_it_asks(void **state)
{
    struct world *world = *state;

    assert_int_equal(world_ask(world, 0, "POST", "/shared/admin", NULL, as_worker), 403);
    assert_string_equal(world->reply.node_id, "n1");
    assert_int_equal(world_ask(world, 0, "GET", "/shared/read", NULL, NULL), 401);
    assert_int_equal(world_shared(world, 1)->req_count, 0);
}

static void a_plugins_call_to_itself_has_the_nodes_rights_at_the_leader(void **state)
{
    struct world *world = *state;
    struct probe *shared = world_shared(world, 1);
    struct rh_request seen;

    assert_int_equal(probe_call(world_probe(world, 0), "self", "POST", "/shared/admin", NULL, NULL),
                     RH_OK);
    world_run(world, 10);

    assert_int_equal(shared->rh.http->request(shared->rh.ctx, probe_last(shared), &seen), RH_OK);
    assert_true(rh_str_eq_c(seen.caller, "n1"));
    assert_true(rh_str_eq_c(seen.node_id, "n1"));
    assert_true(rh_str_eq_c(seen.via, "n1"));
}

static void a_plugins_call_to_itself_gains_no_more_than_the_node_has(void **state)
{
    static const char poor[] = "n1 peer,voter,worker node-token-of-n1-0123456789 n1\n"
                               "n2 peer,voter,worker node-token-of-n2-0123456789 n2\n";
    struct world *world = world_new(2, poor);
    struct probe *probe = world_probe(world, 0);

    (void)state;
    world_lead(world, 1, 1);
    assert_int_equal(probe_call(probe, "self", "POST", "/shared/admin", NULL, NULL), RH_OK);
    world_run(world, 1000);

    assert_int_equal(probe->replies.count, 1);
    assert_int_equal(probe_note(&probe->replies, 0)->status, 403);
    assert_int_equal(world_shared(world, 1)->req_count, 0);
    world_free(world);
}

static void a_plugins_call_to_the_leader_has_the_nodes_rights(void **state)
{
    struct world *world = *state;
    struct probe *shared = world_shared(world, 1);
    struct rh_request seen;

    assert_int_equal(
        probe_call(world_probe(world, 0), "leader", "POST", "/shared/admin", NULL, NULL), RH_OK);
    world_run(world, 10);
    assert_int_equal(shared->rh.http->request(shared->rh.ctx, probe_last(shared), &seen), RH_OK);
    assert_true(rh_str_eq_c(seen.caller, "n1"));
    assert_true(rh_str_eq_c(seen.node_id, "n1"));
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up_two, world_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_caller_keeps_its_own_scopes),
        CASE(a_caller_without_token_stays_public),
        CASE(a_lesser_caller_is_refused_where_it_asks),
        CASE(a_plugins_call_to_itself_has_the_nodes_rights_at_the_leader),
        cmocka_unit_test(a_plugins_call_to_itself_gains_no_more_than_the_node_has),
        CASE(a_plugins_call_to_the_leader_has_the_nodes_rights),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
