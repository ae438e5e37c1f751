/* Tests of host/core/request_check.c: who asks, with which token, as which peer. */
#include "tests/host/core/probe_world.h"

#include <string.h>

#include <ringhost/sdk/str.h>

#define T_READ   "read-token-0123456789"
#define T_WORK   "work-token-0123456789"
#define T_OPER   "oper-token-0123456789"
#define T_PEER2  "peer-token-of-n2-0123456789"
#define T_VOTER3 "voter-token-of-n3-0123456789"

static const char token_text[] = "reader read " T_READ "\n"
                                 "worker worker " T_WORK "\n"
                                 "boss operator " T_OPER "\n"
                                 "n2 peer " T_PEER2 " n2\n"
                                 "n3 peer,voter " T_VOTER3 " n3\n";

static int set_up(void **state)
{
    *state = world_new(1, token_text);
    return 0;
}

static uint32_t ask(struct world *world, const char *token, const char *method, const char *path)
{
    char bearer[200];
    const char *const headers[] = {"Authorization", bearer, NULL};
    struct probe *probe = world_probe(world, 0);

    probe->handler_rc = RH_EBUSY; /* 429: the handler ran */
    text_set(bearer, sizeof bearer, "Bearer %s", token ? token : "");
    return world_ask(world, 0, method, path,
                     strcmp(method, "POST") == 0 ? "{\"name\":\"a\"}" : NULL,
                     token ? headers : NULL);
}

static void no_token_is_401_and_a_missing_scope_403(void **state)
{
    struct world *world = *state;

    assert_int_equal(ask(world, NULL, "GET", "/probe/read"), 401);
    world_assert_says(world, "/probe/read needs scope \\\"read\\\"");
    assert_int_equal(ask(world, T_READ, "POST", "/probe/work"), 403);
    world_assert_says(world, "\"code\":\"forbidden\"");
    assert_int_equal(world_probe(world, 0)->req_count, 0);
}

static void a_wrong_token_is_401_even_on_a_public_route(void **state)
{
    static const char *const basic[] = {"Authorization", "Basic cmVhZGVyOnJlYWQ=", NULL};
    struct world *world = *state;

    assert_int_equal(ask(world, "no-such-token-0123456", "GET", "/probe/open"), 401);
    assert_int_equal(ask(world, T_READ "x", "GET", "/probe/read"), 401);
    assert_int_equal(world_ask(world, 0, "GET", "/probe/read", NULL, basic), 401);
    assert_null(strstr(world->reply.body, T_READ));
}

static void a_public_route_needs_no_token(void **state)
{
    assert_int_equal(ask(*state, NULL, "GET", "/probe/open"), 429);
}

static void greater_scopes_include_lesser_ones(void **state)
{
    struct world *world = *state;

    assert_int_equal(ask(world, T_OPER, "GET", "/probe/read"), 429);
    assert_int_equal(ask(world, T_OPER, "POST", "/probe/work"), 429);
    assert_int_equal(ask(world, T_OPER, "POST", "/probe/act"), 429);
    assert_int_equal(ask(world, T_OPER, "POST", "/probe/admin"), 403);
    assert_int_equal(ask(world, T_OPER, "POST", "/probe/peer"), 403);
    assert_int_equal(ask(world, T_WORK, "POST", "/probe/act"), 403);
}

static void the_caller_has_the_name_and_scopes_of_its_token(void **state)
{
    static const char *const headers[] = {"Authorization", "Bearer " T_WORK, NULL};
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    struct rh_request seen;

    (void)world_send(world, 0, "GET", "/probe/read", NULL, headers);
    assert_int_equal(probe->rh.http->request(probe->rh.ctx, probe_last(probe), &seen), RH_OK);
    assert_true(rh_str_eq_c(seen.caller, "worker"));
    assert_int_equal(seen.scope_mask, scope_mask_of(RH_WORKER));
    assert_true(rh_str_eq_c(seen.node_id, ""));
}

/* POST path with a token as `node`; extra headers may follow. */
static uint32_t ask_as(struct world *world, const char *token, const char *node, const char *path,
                       const char *name, const char *value)
{
    char bearer[200];
    const char *const headers[] = {
        "Authorization", bearer, "X-Rh-Node", node, "X-Rh-Protocol", "1", name, value, NULL};

    text_set(bearer, sizeof bearer, "Bearer %s", token);
    world_probe(world, 0)->handler_rc = RH_EBUSY;
    return world_ask(world, 0, "POST", path, "{\"name\":\"a\"}", headers);
}

static void a_nodes_token_is_good_for_that_node_alone(void **state)
{
    struct world *world = *state;

    assert_int_equal(ask_as(world, T_PEER2, "n2", "/probe/peer", NULL, NULL), 429);
    assert_int_equal(ask_as(world, T_PEER2, "n3", "/probe/peer", NULL, NULL), 403);
    world_assert_says(world, "\"code\":\"wrong_node\"");
    world_assert_says(world, "belongs to node \\\"n2\\\", not to \\\"n3\\\"");
    assert_int_equal(ask_as(world, T_PEER2, "n2", "/probe/vote", NULL, NULL), 403);
    assert_int_equal(ask_as(world, T_VOTER3, "n3", "/probe/vote", NULL, NULL), 429);
}

/* Else the token of one node would be good for all: a plugin believes a caller without a name. */
static void who_speaks_as_a_node_says_which(void **state)
{
    struct world *world = *state;

    assert_int_equal(ask(world, T_PEER2, "POST", "/probe/peer"), 403);
    world_assert_says(world, "\"code\":\"wrong_node\"");
    assert_int_equal(ask(world, T_VOTER3, "POST", "/probe/vote"), 403);
    world_assert_says(world, "X-Rh-Node does not name the one that asks");
    assert_int_equal(world_probe(world, 0)->req_count, 0);
}

static void a_person_cannot_pose_as_a_node(void **state)
{
    static const char *const headers[] = {"Authorization", "Bearer " T_OPER, "X-Rh-Node", "n2",
                                          NULL};
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    struct rh_request seen;

    (void)world_send(world, 0, "GET", "/probe/read", NULL, headers);
    assert_int_equal(probe->rh.http->request(probe->rh.ctx, probe_last(probe), &seen), RH_OK);
    assert_true(rh_str_eq_c(seen.node_id, ""));
}

static void another_cluster_is_refused_and_counted(void **state)
{
    struct world *world = *state;
    char own[100];

    text_set(own, sizeof own, "%s", world_core(world, 0)->cluster_id);
    assert_true(own[0] != '\0');
    assert_int_equal(ask_as(world, T_PEER2, "n2", "/probe/peer", "X-Rh-Cluster", own), 429);
    assert_int_equal(ask_as(world, T_PEER2, "n2", "/probe/peer", "X-Rh-Cluster", "other"), 409);
    world_assert_says(world, "\"code\":\"wrong_cluster\"");
    assert_int_equal(world_core(world, 0)->wrong_cluster, 1);
}

static void another_protocol_is_refused_and_counted(void **state)
{
    static const char *const headers[] = {
        "Authorization", "Bearer " T_PEER2, "X-Rh-Node", "n2", "X-Rh-Protocol", "2", NULL};
    static const char *const silent[] = {"Authorization", "Bearer " T_PEER2, "X-Rh-Node", "n2",
                                         NULL};
    struct world *world = *state;

    assert_int_equal(world_ask(world, 0, "POST", "/probe/peer", "{}", headers), 409);
    world_assert_says(world, "\"code\":\"upgrade_needed\"");
    assert_int_equal(world_ask(world, 0, "POST", "/probe/peer", "{}", silent), 409);
    assert_int_equal(world_core(world, 0)->wrong_protocol, 2);
}

static void our_own_name_from_another_instance_is_refused_and_counted(void **state)
{
    static const char *const twin[] = {"X-Rh-Node",
                                       "n1",
                                       "X-Rh-Protocol",
                                       "1",
                                       "X-Rh-Instance",
                                       "0123456789abcdef0123456789abcdef",
                                       NULL};
    struct world *world = world_new(1, NULL);

    (void)state;
    assert_int_equal(world_ask(world, 0, "POST", "/probe/peer", "{\"name\":\"a\"}", twin), 409);
    world_assert_says(world, "\"code\":\"duplicate_node_id\"");
    assert_int_equal(world_core(world, 0)->duplicate_node, 1);
    assert_int_equal(rh_testhost_logged(world->hosts[0], "duplicate_node_id"), 1);
    world_free(world);
}

static void a_living_peers_name_from_another_instance_is_refused(void **state)
{
    struct world *world = *state;
    struct peers *peers = &world_core(world, 0)->peers;
    struct peer *peer = peers_get(peers, RH_STR_LIT("n2"), true);

    assert_int_equal(peer_set(peers, peer, &peer->instance_id, RH_STR_LIT("first")), RH_OK);
    (void)peers_report(peers, peer, RH_PEER_ALIVE, 1, 0);
    assert_int_equal(ask_as(world, T_PEER2, "n2", "/probe/peer", "X-Rh-Instance", "first"), 429);
    assert_int_equal(ask_as(world, T_PEER2, "n2", "/probe/peer", "X-Rh-Instance", "second"), 409);
    world_assert_says(world, "\"code\":\"duplicate_node_id\"");
    (void)peers_report(peers, peer, RH_PEER_DEAD, 1, 0);
    assert_int_equal(ask_as(world, T_PEER2, "n2", "/probe/peer", "X-Rh-Instance", "second"), 429);
}

static void without_a_token_file_every_caller_has_every_scope(void **state)
{
    struct world *world = world_new(1, NULL);

    (void)state;
    assert_int_equal(ask(world, NULL, "POST", "/probe/act"), 429);
    assert_int_equal(ask(world, "whatever-0123456789", "POST", "/probe/peer"), 429);
    world_free(world);
}

/* The `via` and `node_id` that the plugin sees behind these headers. */
static void expect_via(struct world *world, const char *const *headers, const char *via,
                       const char *node_id)
{
    struct probe *probe = world_probe(world, 0);
    struct rh_request seen;
    uint32_t before = probe->req_count;

    (void)world_send(world, 0, "GET", "/probe/open", NULL, headers);
    assert_int_equal(probe->req_count, before + 1);
    assert_int_equal(probe->rh.http->request(probe->rh.ctx, probe_last(probe), &seen), RH_OK);
    if (!rh_str_eq_c(seen.via, via) || !rh_str_eq_c(seen.node_id, node_id))
        fail_msg("via \"%.*s\", node \"%.*s\"", RH_STR_ARG(seen.via), RH_STR_ARG(seen.node_id));
}

static void forwarded_is_believed_from_a_proven_peer_only(void **state)
{
    static const char *const claimed[] = {"X-Rh-Forwarded", "4",  "X-Rh-Via", "n2",
                                          "X-Rh-Node",      "n2", NULL};
    static const char *const stolen[] = {
        "X-Rh-Forwarded",  "4", "X-Rh-Via", "n3", "X-Rh-Node", "n3", "X-Rh-Peer-Authorization",
        "Bearer " T_PEER2, NULL};
    static const char *const person[] = {
        "X-Rh-Forwarded", "4", "X-Rh-Via", "n2", "X-Rh-Node", "n2", "X-Rh-Peer-Authorization",
        "Bearer " T_OPER, NULL};
    static const char *const proven[] = {"X-Rh-Forwarded",
                                         "4",
                                         "X-Rh-Via",
                                         "n2",
                                         "X-Rh-Node",
                                         "n2",
                                         "X-Rh-Protocol",
                                         "1",
                                         "X-Rh-Peer-Authorization",
                                         "Bearer " T_PEER2,
                                         NULL};
    struct world *world = *state;

    expect_via(world, claimed, "", "");
    expect_via(world, stolen, "", "");
    expect_via(world, person, "", "");
    expect_via(world, proven, "n2", "");
}

static void who_carries_a_request_must_be_of_this_cluster_too(void **state)
{
    static const char *const foreign[] = {"X-Rh-Forwarded",
                                          "4",
                                          "X-Rh-Via",
                                          "n2",
                                          "X-Rh-Node",
                                          "n2",
                                          "X-Rh-Protocol",
                                          "1",
                                          "X-Rh-Cluster",
                                          "other",
                                          "X-Rh-Peer-Authorization",
                                          "Bearer " T_PEER2,
                                          NULL};
    struct world *world = *state;

    identity_confirm_cluster(world_core(world, 0), RH_STR_LIT("n2")); /* or the node would join the other one */
    assert_int_equal(world_ask(world, 0, "GET", "/probe/open", NULL, foreign), 409);
    world_assert_says(world, "\"code\":\"wrong_cluster\"");
}

static void without_tokens_forwarded_needs_a_node_behind_it(void **state)
{
    static const char *const person[] = {"X-Rh-Forwarded", "4", "X-Rh-Via", "n2", NULL};
    static const char *const node[] = {"X-Rh-Forwarded", "4", "X-Rh-Via", "n2", "X-Rh-Node", "n2",
                                       "X-Rh-Protocol",  "1", NULL};
    struct world *world = world_new(1, NULL);

    (void)state;
    expect_via(world, person, "", "");
    expect_via(world, node, "n2", "");
    world_free(world);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, world_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(no_token_is_401_and_a_missing_scope_403),
        CASE(a_wrong_token_is_401_even_on_a_public_route),
        CASE(a_public_route_needs_no_token),
        CASE(greater_scopes_include_lesser_ones),
        CASE(the_caller_has_the_name_and_scopes_of_its_token),
        CASE(a_nodes_token_is_good_for_that_node_alone),
        CASE(who_speaks_as_a_node_says_which),
        CASE(a_person_cannot_pose_as_a_node),
        CASE(another_cluster_is_refused_and_counted),
        CASE(another_protocol_is_refused_and_counted),
        cmocka_unit_test(our_own_name_from_another_instance_is_refused_and_counted),
        CASE(a_living_peers_name_from_another_instance_is_refused),
        cmocka_unit_test(without_a_token_file_every_caller_has_every_scope),
        CASE(forwarded_is_believed_from_a_proven_peer_only),
        CASE(who_carries_a_request_must_be_of_this_cluster_too),
        cmocka_unit_test(without_tokens_forwarded_needs_a_node_behind_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
