/* Whole nodes where another provider of leader/1 decides on the voters n1, n2 and n3, while n4,
 * which does not vote, has election only. */
#include "nodes_test.h"
#include "stub_test.h"

struct outranked {
    struct nodes n;
    struct stub stubs[3];
};

static void decide(struct outranked *o, uint32_t leader, uint64_t epoch)
{
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(i == leader ? stub_leads(&o->stubs[i], epoch)
                                     : stub_follows(&o->stubs[i], node_names[leader], epoch),
                         RH_OK);
}

/* n1 leads in epoch 7 after the nodes have come to know each other. */
static void start(struct outranked *o)
{
    memset(o, 0, sizeof(*o));
    nodes_init(&o->n, 9);
    for (uint32_t i = 0; i < 3; i++) {
        const struct rh_testhost_plugin plugin = stub_plugin(&o->stubs[i]);

        nodes_add(&o->n, 3, &plugin);
    }
    nodes_add(&o->n, 3, NULL);
    rh_testnet_run(o->n.net, 4 * NODES_BEAT);
    decide(o, 0, 7);
}

static void votes_and_heartbeats_are_answered_with_who_leads(void **state)
{
    struct outranked o;

    (void)state;
    start(&o);

    assert_int_equal(nodes_post(&o.n, 1, "/election/vote", "{\"candidate\":\"n3\",\"term\":8}"),
                     409);
    nodes_says(&o.n, "\"code\":\"raft_leads\"");
    nodes_says(&o.n, "\"details\":{\"granted\":false,\"leader\":\"n1\",\"epoch\":7}");
    assert_int_equal(nodes_post(&o.n, 1, "/election/heartbeat", "{\"leader\":\"n3\",\"term\":8}"),
                     409);
    nodes_says(&o.n, "\"code\":\"raft_leads\"");
    rh_testnet_free(o.n.net);
}

static void a_node_without_the_provider_follows_at_once_and_goes_on(void **state)
{
    struct outranked o;
    uint64_t epoch = 0;

    (void)state;
    start(&o);

    rh_testnet_run(o.n.net, 10);
    assert_int_equal(nodes_view(&o.n, 3, &epoch), 0);
    assert_int_equal(epoch, 7);
    nodes_says(&o.n, "\"source\":\"election\"");
    nodes_keeps(&o.n, 3, 0, 10);
    decide(&o, 1, 8);
    rh_testnet_run(o.n.net, 10);

    assert_int_equal(nodes_view(&o.n, 3, &epoch), 1);
    assert_int_equal(epoch, 8);
    rh_testnet_free(o.n.net);
}

static void a_node_that_hears_no_leader_any_more_knows_none(void **state)
{
    struct outranked o;

    (void)state;
    start(&o);
    rh_testnet_run(o.n.net, NODES_BEAT);
    assert_int_equal(nodes_view(&o.n, 3, NULL), 0);

    nodes_isolate(&o.n, 3, true);
    rh_testnet_run(o.n.net, 4 * NODES_BEAT);

    assert_int_equal(nodes_view(&o.n, 3, NULL), NODES_NOONE);
    nodes_says(&o.n, "no heartbeat from n1");
    rh_testnet_free(o.n.net);
}

static void who_does_not_vote_follows_a_leader_outside_its_configuration(void **state)
{
    struct nodes n;
    struct stub stubs[2] = {0};
    const struct rh_testhost_plugin first = stub_plugin(&stubs[0]);
    const struct rh_testhost_plugin second = stub_plugin(&stubs[1]);

    (void)state;
    nodes_init(&n, 9);
    nodes_add(&n, 2, &first);
    nodes_add(&n, 2, &second);
    nodes_add(&n, 1, NULL); /* n3 knows only of n1 */
    rh_testnet_run(n.net, 4 * NODES_BEAT);
    assert_int_equal(stub_leads(&stubs[1], 7), RH_OK);
    rh_testnet_run(n.net, 10);

    assert_int_equal(nodes_view(&n, 2, NULL), 1);
    assert_int_equal(nodes_post(&n, 2, "/election/heartbeat", "{\"leader\":\"n9\",\"term\":99}"),
                     403);
    nodes_says(&n, "\"code\":\"not_a_voter\"");
    rh_testnet_free(n.net);
}

static void the_best_voter_is_handed_leadership_after_four_calm_beats(void **state)
{
    struct outranked o;

    (void)state;
    start(&o);

    rh_testnet_run(o.n.net, 4 * NODES_BEAT - 10);
    assert_string_equal(o.stubs[0].transfers, "");
    rh_testnet_run(o.n.net, NODES_BEAT);

    assert_string_equal(o.stubs[0].transfers, "n3 ");
    assert_string_equal(o.stubs[1].transfers, "");
    rh_testnet_free(o.n.net);
}

static void the_next_best_is_asked_when_the_best_has_not_caught_up(void **state)
{
    struct outranked o;

    (void)state;
    start(&o);
    (void)snprintf(o.stubs[0].behind, sizeof(o.stubs[0].behind), "n3");

    rh_testnet_run(o.n.net, 5 * NODES_BEAT);

    assert_string_equal(o.stubs[0].transfers, "n3 n2 ");
    rh_testnet_free(o.n.net);
}

static void transfers_are_at_least_twenty_beats_apart(void **state)
{
    struct outranked o;

    (void)state;
    start(&o);

    rh_testnet_run(o.n.net, 23 * NODES_BEAT);
    assert_string_equal(o.stubs[0].transfers, "n3 ");
    rh_testnet_run(o.n.net, 3 * NODES_BEAT);

    assert_string_equal(o.stubs[0].transfers, "n3 n3 ");
    rh_testnet_free(o.n.net);
}

static void a_dead_voter_is_not_asked_for(void **state)
{
    struct outranked o;

    (void)state;
    start(&o);
    rh_testhost_crash(o.n.hosts[2]);

    rh_testnet_run(o.n.net, 20 * NODES_BEAT);

    assert_string_equal(o.stubs[0].transfers, "n2 ");
    rh_testnet_free(o.n.net);
}

static void an_operators_transfer_goes_to_the_provider_and_is_not_undone_at_once(void **state)
{
    struct outranked o;

    (void)state;
    start(&o);
    rh_testnet_run(o.n.net, 3 * NODES_BEAT);
    decide(&o, 2, 8);

    assert_int_equal(nodes_post(&o.n, 1, "/election/transfer", "{\"to\":\"n1\"}"), 202);
    assert_string_equal(o.stubs[2].transfers, "n1 ");
    decide(&o, 0, 9);
    rh_testnet_run(o.n.net, 15 * NODES_BEAT);

    assert_string_equal(o.stubs[0].transfers, "");
    rh_testnet_free(o.n.net);
}

static void the_providers_refusal_reaches_the_operator(void **state)
{
    struct outranked o;

    (void)state;
    start(&o);
    (void)snprintf(o.stubs[0].behind, sizeof(o.stubs[0].behind), "n3");

    assert_int_equal(nodes_post(&o.n, 0, "/election/transfer", "{\"to\":\"n3\"}"), 503);

    nodes_says(&o.n, "n3 has not caught up");
    rh_testnet_free(o.n.net);
}

static void an_operators_step_down_goes_to_the_provider(void **state)
{
    struct outranked o;

    (void)state;
    start(&o);

    assert_int_equal(nodes_post(&o.n, 2, "/election/step-down", "{\"hold_ms\":9000}"), 200);

    assert_int_equal(o.stubs[0].steps_down, 1);
    assert_true(o.stubs[0].hold_ms == 9000);
    assert_int_equal(o.stubs[2].steps_down, 0);
    rh_testnet_free(o.n.net);
}

static void a_start_is_the_providers_business(void **state)
{
    struct outranked o;

    (void)state;
    start(&o);

    assert_int_equal(nodes_post(&o.n, 1, "/election/start", "{\"force\":true}"), 409);

    nodes_says(&o.n, "\"code\":\"raft_leads\"");
    rh_testnet_free(o.n.net);
}

static void a_voter_without_the_provider_is_warned_of(void **state)
{
    struct nodes n;
    struct stub stub = {0};
    const struct rh_testhost_plugin plugin = stub_plugin(&stub);

    (void)state;
    nodes_init(&n, 9);
    nodes_add(&n, 2, &plugin);
    nodes_add(&n, 2, NULL);
    rh_testnet_run(n.net, 4 * NODES_BEAT);

    assert_int_equal(nodes_get(&n, 1, "/admin/health"), 200);

    nodes_says(&n, "voter n1 lets another plugin decide who leads, this one not");
    assert_int_equal(nodes_view(&n, 1, NULL), NODES_NOONE);
    rh_testnet_free(n.net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(votes_and_heartbeats_are_answered_with_who_leads),
        cmocka_unit_test(a_node_without_the_provider_follows_at_once_and_goes_on),
        cmocka_unit_test(a_node_that_hears_no_leader_any_more_knows_none),
        cmocka_unit_test(who_does_not_vote_follows_a_leader_outside_its_configuration),
        cmocka_unit_test(the_best_voter_is_handed_leadership_after_four_calm_beats),
        cmocka_unit_test(the_next_best_is_asked_when_the_best_has_not_caught_up),
        cmocka_unit_test(transfers_are_at_least_twenty_beats_apart),
        cmocka_unit_test(a_dead_voter_is_not_asked_for),
        cmocka_unit_test(an_operators_transfer_goes_to_the_provider_and_is_not_undone_at_once),
        cmocka_unit_test(the_providers_refusal_reaches_the_operator),
        cmocka_unit_test(an_operators_step_down_goes_to_the_provider),
        cmocka_unit_test(a_start_is_the_providers_business),
        cmocka_unit_test(a_voter_without_the_provider_is_warned_of),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
