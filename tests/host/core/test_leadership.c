/* The leadership service: one node alone, a provider in the test's hand, three nodes that vote. */
#include <stdio.h>
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include "host/core/core_internal.h"
#include "host/sim/sim.h"
#include "tests/host/core/life_net.h"

static struct rh_leader view(const struct life_script *script)
{
    struct rh_leader leader = {.size = (uint32_t)sizeof leader};

    script->rh->cluster->leader(script->rh->ctx, &leader);
    return leader;
}

/* --- alone --- */

static void a_node_alone_leads_itself(void **state)
{
    struct life_node n;

    (void)state;

    life_node_start(&n, LIFE_REPLICATED | LIFE_EVENTS);

    assert_int_equal(view(&n.script).is_self, 1);
    assert_true(rh_str_eq_c(view(&n.script).source, "host"));
    assert_int_equal(n.script.activations, 1);
    life_node_end(&n);
}

static void the_epoch_of_a_node_alone_grows_at_every_start(void **state)
{
    struct life_node n;
    uint64_t last = 0;

    (void)state;
    life_node_start(&n, LIFE_REPLICATED);

    for (int i = 0; i < 4; i++) {
        uint64_t epoch = view(&n.script).epoch;

        assert_true(epoch > last);
        last = epoch;
        if (i % 2)
            assert_int_equal(rh_testhost_stop(n.host), 0);
        else
            rh_testhost_crash(n.host);
        assert_int_equal(rh_testhost_start(n.host, n.why), RH_OK);
        rh_testnet_run(n.net, 1000);
    }

    life_node_end(&n);
}

static void several_voters_without_a_provider_have_no_leader_and_say_why(void **state)
{
    static const char *const voters[] = {"n1", "n2", "n3"};
    struct life_script script = {0};
    struct life_plugin plugin;
    struct rh_testhost_plugin row;
    const struct rh_testhost_setup setup = {
        .plugins = &row, .plugin_count = 1, .voters = voters, .voter_count = 3};
    struct rh_testnet *net = rh_testnet_new(1, LIFE_WALL_MS);
    char why[RH_TESTHOST_WHY_MAX];
    struct rh_testhost *host;

    (void)state;
    life_describe(&plugin, "life", NULL, LIFE_REPLICATED, &script);
    row = life_entry(&plugin);

    assert_int_equal(rh_testhost_new(net, &setup, &host, why), RH_OK);
    rh_testnet_run(net, 5000);

    assert_int_equal(view(&script).node_id.n, 0);
    assert_int_equal(view(&script).votes_need, 2);
    assert_non_null(strstr(view(&script).reason.p, "several voters"));
    assert_int_equal(script.activations, 0);
    rh_testnet_free(net);
}

/* --- a provider in the test's hand --- */

static void start_led(struct life_node *n, uint32_t flags)
{
    life_node_init(n);
    if (life_node_begin(n, LIFE_LEADS | flags) != RH_OK)
        fail_msg("%s", n->why);
    rh_testnet_run(n->net, 1000);
}

static int32_t lead(struct life_node *n, uint64_t epoch, int64_t for_ms)
{
    return n->script.leader->leading(n->script.rh->ctx, epoch, rh_testnet_now_ms(n->net) + for_ms,
                                     2, 2);
}

static int32_t follow(struct life_node *n, const char *whom, uint64_t epoch)
{
    return n->script.leader->following(n->script.rh->ctx, rh_str_from(whom), epoch, INT64_MAX);
}

static void a_lease_that_is_not_renewed_ends(void **state)
{
    struct life_node n;

    (void)state;
    start_led(&n, LIFE_REPLICATED);
    assert_int_equal(lead(&n, 5, 3000), RH_OK);
    rh_testnet_run(n.net, 2900);
    assert_int_equal(view(&n.script).is_self, 1);

    rh_testnet_run(n.net, 200);

    assert_int_equal(view(&n.script).is_self, 0);
    assert_string_equal(view(&n.script).reason.p, "the lease ran out");
    assert_int_equal(n.script.deactivations, 1);
    life_node_end(&n);
}

static void a_renewed_lease_holds(void **state)
{
    struct life_node n;

    (void)state;
    start_led(&n, LIFE_EVENTS);

    for (int i = 0; i < 10; i++) {
        assert_int_equal(lead(&n, 5, 3000), RH_OK);
        rh_testnet_run(n.net, 2000);
    }

    assert_int_equal(view(&n.script).is_self, 1);
    assert_int_equal(life_text_count(&n.script.events, "LEADER_CHANGED"), 1);
    life_node_end(&n);
}

static void an_epoch_below_the_greatest_is_refused(void **state)
{
    struct life_node n;

    (void)state;
    start_led(&n, LIFE_EVENTS);
    assert_int_equal(follow(&n, "n2", 9), RH_OK);

    assert_int_equal(lead(&n, 8, 3000), RH_ESTALE);
    assert_int_equal(follow(&n, "n3", 8), RH_ESTALE);

    assert_string_equal(view(&n.script).node_id.p, "n2");
    life_node_end(&n);
}

static void following_oneself_or_nobody_is_refused(void **state)
{
    struct life_node n;

    (void)state;
    start_led(&n, LIFE_EVENTS);

    assert_int_equal(follow(&n, "n1", 9), RH_EINVAL);
    assert_int_equal(follow(&n, "", 9), RH_EINVAL);

    assert_int_equal(view(&n.script).epoch, 0);
    life_node_end(&n);
}

static void each_change_is_announced_once_with_old_and_new(void **state)
{
    struct life_node n;

    (void)state;
    start_led(&n, LIFE_EVENTS);
    n.script.payloads.n = 0;

    assert_int_equal(follow(&n, "n2", 3), RH_OK);
    assert_int_equal(follow(&n, "n2", 3), RH_OK);
    assert_int_equal(lead(&n, 4, 60000), RH_OK);
    rh_testnet_run(n.net, 500);

    assert_non_null(strstr(n.script.payloads.text,
                           "host {\"new_leader_id\":\"n2\",\"old_leader_id\":null,\"term\":3} host "
                           "{\"new_leader_id\":\"n1\",\"old_leader_id\":\"n2\",\"term\":4} "));
    assert_int_equal(life_text_count(&n.script.events, "LEADER_CHANGED"), 2);
    life_node_end(&n);
}

static void the_greatest_epoch_is_kept_over_a_restart(void **state)
{
    struct life_node n;

    (void)state;
    start_led(&n, LIFE_EVENTS);
    assert_int_equal(follow(&n, "n2", 41), RH_OK);
    rh_testnet_run(n.net, 100);

    rh_testhost_crash(n.host);
    assert_int_equal(rh_testhost_start(n.host, n.why), RH_OK);
    rh_testnet_run(n.net, 1000);

    assert_int_equal(lead(&n, 40, 3000), RH_ESTALE);
    assert_int_equal(n.script.rh->cluster->fence(n.script.rh->ctx, 40), RH_ESTALE);
    assert_int_equal(n.script.rh->cluster->fence(n.script.rh->ctx, 41), RH_OK);
    life_node_end(&n);
}

static void fencing_keeps_the_maximum(void **state)
{
    struct life_node n;

    (void)state;
    start_led(&n, LIFE_EVENTS);

    assert_int_equal(n.script.rh->cluster->fence(n.script.rh->ctx, 7), RH_OK);
    assert_int_equal(n.script.rh->cluster->fence(n.script.rh->ctx, 7), RH_OK);
    assert_int_equal(n.script.rh->cluster->fence(n.script.rh->ctx, 6), RH_ESTALE);

    life_node_end(&n);
}

/* --- three nodes that vote --- */

static void three_nodes_agree_on_one_leader(void **state)
{
    struct life_cluster c;
    uint32_t leader;

    (void)state;
    life_cluster_start(&c, 3, 1);

    leader = life_cluster_await(&c, 3);
    rh_testnet_run(c.net, 5000);

    assert_int_equal(life_cluster_leader(&c), leader);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(view(&c.scripts[i]).epoch, view(&c.scripts[leader]).epoch);
        assert_int_equal(view(&c.scripts[i]).is_self, i == leader);
        assert_int_equal(c.scripts[i].activations, i == leader);
    }
    life_cluster_end(&c);
}

/* How often node `at` logged a change of leader. */
static uint32_t changes(struct life_cluster *c, uint32_t at)
{
    return rh_testhost_logged(c->hosts[at], "leader_changed");
}

static void each_node_announces_a_change_exactly_once(void **state)
{
    struct life_cluster c;
    uint32_t leader;
    uint32_t before[3];

    (void)state;
    life_cluster_start(&c, 3, 2);
    leader = life_cluster_await(&c, 3);
    rh_testnet_run(c.net, 10000);
    for (uint32_t i = 0; i < 3; i++)
        before[i] = changes(&c, i);

    rh_testnet_run(c.net, 60000);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(changes(&c, i), before[i]);
    rh_testhost_crash(c.hosts[leader]);
    (void)life_cluster_await(&c, leader);
    rh_testnet_run(c.net, 10000);

    for (uint32_t i = 0; i < 3; i++)
        if (i != leader) /* the old one is gone, then the new one is there */
            assert_in_range(changes(&c, i) - before[i], 1, 2);
    life_cluster_end(&c);
}

static void the_side_without_a_majority_neither_leads_nor_activates(void **state)
{
    struct life_cluster c;
    uint32_t old;
    uint32_t activations;

    (void)state;
    life_cluster_start(&c, 3, 3);
    old = life_cluster_await(&c, 3);
    rh_testnet_run(c.net, 3000);
    activations = c.scripts[old].activations;

    life_cluster_isolate(&c, old, true);
    rh_testnet_run(c.net, 60000);

    assert_int_equal(view(&c.scripts[old]).is_self, 0);
    assert_int_equal(c.scripts[old].deactivations, activations);
    assert_int_equal(c.scripts[old].activations, activations);
    assert_int_equal(view(&c.scripts[(old + 1) % 3]).node_id.n, 2);
    assert_false(rh_str_eq(view(&c.scripts[(old + 1) % 3]).node_id, rh_str_from("")));
    life_cluster_end(&c);
}

static void at_no_moment_do_two_nodes_lead_an_activated_plugin(void **state)
{
    struct life_cluster c;
    uint32_t old;

    (void)state;
    life_cluster_start(&c, 3, 4);
    old = life_cluster_await(&c, 3);
    life_cluster_isolate(&c, old, true);

    for (int i = 0; i < 6000; i++) {
        uint32_t active = 0;

        rh_testnet_run(c.net, 10);
        for (uint32_t n = 0; n < 3; n++)
            active += c.scripts[n].activations > c.scripts[n].deactivations;
        assert_in_range(active, 0, 1);
    }

    life_cluster_end(&c);
}

static void a_leader_that_stops_hands_over_before_its_lease_would_end(void **state)
{
    struct life_cluster c;
    uint32_t leader;
    int64_t from_ms;

    (void)state;
    life_cluster_start(&c, 3, 5);
    leader = life_cluster_await(&c, 3);
    rh_testnet_run(c.net, 5000);
    from_ms = rh_testnet_now_ms(c.net);

    assert_int_equal(rh_testhost_stop(c.hosts[leader]), 0);
    (void)life_cluster_await(&c, leader);

    assert_in_range(rh_testnet_now_ms(c.net) - from_ms, 0, 3 * 1500);
    life_cluster_end(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_node_alone_leads_itself),
        cmocka_unit_test(the_epoch_of_a_node_alone_grows_at_every_start),
        cmocka_unit_test(several_voters_without_a_provider_have_no_leader_and_say_why),
        cmocka_unit_test(a_lease_that_is_not_renewed_ends),
        cmocka_unit_test(a_renewed_lease_holds),
        cmocka_unit_test(an_epoch_below_the_greatest_is_refused),
        cmocka_unit_test(following_oneself_or_nobody_is_refused),
        cmocka_unit_test(each_change_is_announced_once_with_old_and_new),
        cmocka_unit_test(the_greatest_epoch_is_kept_over_a_restart),
        cmocka_unit_test(fencing_keeps_the_maximum),
        cmocka_unit_test(three_nodes_agree_on_one_leader),
        cmocka_unit_test(each_node_announces_a_change_exactly_once),
        cmocka_unit_test(the_side_without_a_majority_neither_leads_nor_activates),
        cmocka_unit_test(at_no_moment_do_two_nodes_lead_an_activated_plugin),
        cmocka_unit_test(a_leader_that_stops_hands_over_before_its_lease_would_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
