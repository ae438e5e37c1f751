/* Who a node is: instance, start count, cluster id, and that two nodes are not one. */
#include <stdio.h>
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include "host/core/core_internal.h"
#include "host/sim/sim.h"
#include "tests/host/core/life_net.h"

static void the_instance_is_kept_and_the_start_count_grows(void **state)
{
    struct rh_self first = {.size = (uint32_t)sizeof first};
    struct rh_self second = {.size = (uint32_t)sizeof second};
    struct life_node n;
    char instance[64];

    (void)state;
    life_node_start(&n, 0);
    n.script.rh->core->self(n.script.rh->ctx, &first);
    snprintf(instance, sizeof instance, "%.*s", RH_STR_ARG(first.instance_id));

    rh_testhost_crash(n.host);
    assert_int_equal(rh_testhost_start(n.host, n.why), RH_OK);
    rh_testnet_run(n.net, 1000);
    n.script.rh->core->self(n.script.rh->ctx, &second);

    assert_int_equal(strlen(instance), 32);
    assert_true(rh_str_eq_c(second.instance_id, instance));
    assert_int_equal(second.start_count, first.start_count + 1);
    life_node_end(&n);
}

static void the_data_of_another_node_is_refused_by_name(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, 0);
    assert_int_equal(rh_testhost_stop(n.host), 0);
    snprintf(n.host->node_id, sizeof n.host->node_id, "n7");

    assert_int_equal(rh_testhost_start(n.host, n.why), RH_EINVAL);

    assert_non_null(strstr(n.why, "belongs to node \"n1\", not to \"n7\""));
    life_node_end(&n);
}

static void a_leader_alone_makes_a_cluster_id_and_keeps_it(void **state)
{
    struct rh_self self = {.size = (uint32_t)sizeof self};
    struct life_node n;
    char cluster[65];

    (void)state;
    life_node_start(&n, 0);
    n.script.rh->core->self(n.script.rh->ctx, &self);
    snprintf(cluster, sizeof cluster, "%.*s", RH_STR_ARG(self.cluster_id));

    rh_testhost_crash(n.host);
    assert_int_equal(rh_testhost_start(n.host, n.why), RH_OK);
    n.script.rh->core->self(n.script.rh->ctx, &self);

    assert_int_equal(strlen(cluster), 16);
    assert_true(rh_str_eq_c(self.cluster_id, cluster));
    life_node_end(&n);
}

static void a_configured_cluster_id_that_differs_from_the_data_is_refused(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, 0);
    assert_int_equal(rh_testhost_stop(n.host), 0);
    n.host->setup.cluster_id = "another";

    assert_int_equal(rh_testhost_start(n.host, n.why), RH_EINVAL);

    assert_non_null(strstr(n.why, "but cluster_id is \"another\""));
    life_node_end(&n);
}

static void all_nodes_take_over_the_id_that_the_first_leader_made(void **state)
{
    struct rh_self self[3];
    struct life_cluster c;

    (void)state;
    life_cluster_start(&c, 3, 1);

    (void)life_cluster_await(&c, 3);
    rh_testnet_run(c.net, 2000);

    for (uint32_t i = 0; i < 3; i++) {
        self[i] = (struct rh_self){.size = (uint32_t)sizeof self[i]};
        c.scripts[i].rh->core->self(c.scripts[i].rh->ctx, &self[i]);
        assert_int_equal(self[i].cluster_id.n, 16);
        assert_true(rh_str_eq(self[i].cluster_id, self[0].cluster_id));
    }
    life_cluster_end(&c);
}

static void a_second_leader_makes_no_second_id(void **state)
{
    char why[RH_TESTHOST_WHY_MAX];
    struct life_cluster c;
    uint32_t leader;

    (void)state;
    life_cluster_start(&c, 3, 5);
    leader = life_cluster_await(&c, 3);
    rh_testnet_run(c.net, 2000);
    rh_testhost_crash(c.hosts[leader]);
    (void)life_cluster_await(&c, leader);

    assert_int_equal(rh_testhost_start(c.hosts[leader], why), RH_OK);
    rh_testnet_run(c.net, 30000);

    assert_true(life_cluster_leader(&c) < 3);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(c.hosts[i]->core->wrong_cluster, 0);
    life_cluster_end(&c);
}

static void an_id_once_known_is_not_exchanged_for_another(void **state)
{
    struct life_node n;
    char cluster[65];

    (void)state;
    life_node_start(&n, 0);
    snprintf(cluster, sizeof cluster, "%s", n.host->core->cluster_id);

    identity_set_cluster(n.host->core, RH_STR_LIT("another"), 0);

    assert_string_equal(n.host->core->cluster_id, cluster);
    life_node_end(&n);
}

static void a_node_of_another_cluster_is_refused_and_counted(void **state)
{
    struct life_cluster c;
    uint32_t leader;
    uint32_t stranger;

    (void)state;
    life_cluster_start(&c, 3, 2);
    leader = life_cluster_await(&c, 3);
    rh_testnet_run(c.net, 2000);
    stranger = (leader + 1) % 3;

    snprintf(c.hosts[stranger]->core->cluster_id, sizeof c.hosts[stranger]->core->cluster_id,
             "elsewhere");
    rh_testnet_run(c.net, 10000);

    assert_true(c.hosts[leader]->core->wrong_cluster > 0);
    assert_int_equal(life_cluster_get(&c, leader, "/admin/health"), 200);
    life_cluster_says(&c, "of another cluster");
    assert_int_equal(life_cluster_get(&c, leader, "/metrics"), 200);
    life_cluster_says(&c, "wrong_cluster ");
    assert_true(c.hosts[stranger]->core->sent_away > 0);
    assert_int_equal(rh_testhost_logged(c.hosts[stranger], "sent_away"), 1);
    assert_int_equal(life_cluster_get(&c, stranger, "/admin/health"), 200);
    life_cluster_says(&c, "says wrong_cluster: this node is of cluster");
    life_cluster_end(&c);
}

/* Three nodes, of which the leader is cut off after after_ms. Whether it has made an id by then
 * that no other node has heard of. */
static bool cut_a_leader_off(struct life_cluster *c, int64_t after_ms, uint32_t *first)
{
    uint32_t known = 0;

    life_cluster_start(c, 3, 2);
    rh_testnet_latency(c->net, 50, 50);
    rh_testnet_run(c->net, after_ms);
    life_cluster_isolate(c, 2, true); /* n3, which wins */
    rh_testnet_run(c->net, 200);
    for (uint32_t i = 0; i < 3; i++) {
        if (!c->hosts[i]->core->cluster_id[0])
            continue;
        known++;
        *first = i;
    }
    return known == 1;
}

static void an_id_that_nobody_shared_gives_way_to_the_clusters(void **state)
{
    char why[RH_TESTHOST_WHY_MAX];
    struct life_cluster c;
    uint32_t first = 3;
    int64_t after_ms = 250; /* n3 wins a moment later */

    (void)state;
    while (!cut_a_leader_off(&c, after_ms, &first)) {
        life_cluster_end(&c);
        after_ms += 10;
        assert_in_range(after_ms, 0, 5000);
    }
    rh_testhost_crash(c.hosts[first]);
    assert_true(life_cluster_await(&c, first) < 3);
    rh_testnet_run(c.net, 3000);
    assert_int_equal(rh_testhost_start(c.hosts[first], why), RH_OK);
    assert_true(c.hosts[first]->core->is_cluster_own);

    life_cluster_isolate(&c, first, false);
    rh_testnet_run(c.net, 20000);

    assert_int_equal(rh_testhost_logged(c.hosts[first], "cluster_id_given_up"), 1);
    assert_string_equal(c.hosts[first]->core->cluster_id,
                        c.hosts[(first + 1) % 3]->core->cluster_id);
    assert_true(life_cluster_leader(&c) < 3);
    assert_int_equal(life_cluster_post(&c, first, "/life/put", "{\"key\":\"a\",\"value\":\"b\"}"),
                     200);
    life_cluster_end(&c);
}

/* Whether a node gives its id up for one that n2 names, made in an epoch, n2's own or not. */
static bool gives_way(struct core *core, const char *cluster_id, bool is_own, uint64_t epoch)
{
    const struct cluster_claim theirs = {.cluster_id = rh_str_from(cluster_id),
                                         .node_id = RH_STR_LIT("n2"),
                                         .epoch = epoch,
                                         .is_own = is_own};

    return identity_yield_cluster(core, &theirs);
}

static void an_id_that_another_node_took_part_in_stays(void **state)
{
    struct life_cluster c;
    uint32_t leader;

    (void)state;
    life_cluster_start(&c, 3, 2);
    leader = life_cluster_await(&c, 3);
    rh_testnet_run(c.net, 3000);

    for (uint32_t i = 0; i < 3; i++) {
        assert_false(c.hosts[i]->core->is_cluster_own);
        assert_false(gives_way(c.hosts[i]->core, "another", false, 0));
    }

    assert_string_not_equal(c.hosts[leader]->core->cluster_id, "another");
    life_cluster_end(&c);
}

static void an_id_with_acknowledged_data_stays(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, LIFE_REPLICATED | LIFE_ROUTES);
    assert_int_equal(life_node_post(&n, "/life/put", "{\"key\":\"a\",\"value\":\"b\"}"), 200);
    assert_true(n.host->core->is_cluster_own);

    assert_false(gives_way(n.host->core, "another", false, 0));

    assert_true(n.host->core->is_cluster_own);
    life_node_end(&n);
}

static void of_two_ids_that_nobody_shared_the_lesser_stays(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, 0);

    assert_false(gives_way(n.host->core, "zzzz", true, 0));
    assert_true(gives_way(n.host->core, "0", true, 0));

    assert_string_equal(n.host->core->cluster_id, "0");
    assert_false(gives_way(n.host->core, "00", false, 0));
    life_node_end(&n);
}

static void an_id_that_a_minority_knows_gives_way_to_that_of_a_later_leader(void **state)
{
    struct life_cluster c;
    uint32_t leader;
    uint32_t other;

    (void)state;
    life_cluster_start(&c, 3, 2);
    leader = life_cluster_await(&c, 3);
    rh_testnet_run(c.net, 3000);
    other = (leader + 1) % 3;
    snprintf(c.hosts[other]->core->cluster_id, sizeof c.hosts[other]->core->cluster_id, "early");
    c.hosts[other]->core->cluster_epoch = c.hosts[other]->core->lead.epoch;
    c.hosts[leader]->core->cluster_epoch = c.hosts[other]->core->lead.epoch + 1;

    rh_testnet_run(c.net, 3000);

    assert_string_equal(c.hosts[other]->core->cluster_id, c.hosts[leader]->core->cluster_id);
    life_cluster_end(&c);
}

static void an_id_that_all_voters_know_is_final(void **state)
{
    struct life_cluster c;

    (void)state;
    life_cluster_start(&c, 3, 2);
    (void)life_cluster_await(&c, 3);

    rh_testnet_run(c.net, 20000);

    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(c.hosts[i]->core->cluster_epoch, 0);
        assert_false(gives_way(c.hosts[i]->core, "another", false, 1000));
    }
    life_cluster_end(&c);
}

const struct rh_plugin *rh_plugin_entry_v1_gossip(void);

/* --- one node id, two instances --- */

static void a_second_living_instance_of_a_node_id_gives_up(void **state)
{
    static const char *const voters[] = {"n1", "n2"};
    const struct rh_testhost_plugin gossip = {rh_plugin_entry_v1_gossip(), NULL};
    const struct rh_testhost_setup first = {
        .node_id = "n1", .plugins = &gossip, .plugin_count = 1, .voters = voters, .voter_count = 2};
    const struct rh_testhost_setup second = {
        .node_id = "n2", .plugins = &gossip, .plugin_count = 1, .voters = voters, .voter_count = 2};
    struct rh_testnet *net = rh_testnet_new(1, LIFE_WALL_MS);
    struct rh_testhost *hosts[3];
    char why[RH_TESTHOST_WHY_MAX];

    (void)state;
    assert_int_equal(rh_testhost_new(net, &first, &hosts[0], why), RH_OK);
    assert_int_equal(rh_testhost_new(net, &second, &hosts[1], why), RH_OK);
    rh_testnet_run(net, 5000);

    assert_int_equal(rh_testhost_new(net, &second, &hosts[2], why), RH_OK);
    rh_testnet_run(net, 10000);

    assert_true(rh_testhost_logged(hosts[0], "duplicate_node_id") > 0);
    assert_true(hosts[0]->core->duplicate_node > 0);
    assert_int_equal(rh_testhost_logged(hosts[2], "node id \"n2\" is in use"), 1);
    assert_true(hosts[2]->is_finished);
    assert_int_equal(hosts[2]->exit_code, CORE_EXIT_CONFIG);
    assert_true(rh_testhost_is_ready(hosts[1]));
    rh_testnet_free(net);
}

static void tell_of_a_double(void *self, void *script)
{
    struct life_script *s = script;
    const struct rh_node_state state = {
        .size = (uint32_t)sizeof state,
        .node_id = RH_STR_LIT("n1"),
        .instance_id = RH_STR_LIT("00000000000000000000000000000000"),
        .address = RH_STR_LIT("elsewhere:1"),
        .presence = RH_STR_LIT("{}"),
        .generation = 9,
        .version = 9,
    };

    (void)self;
    s->event_rc = s->membership->learn(s->rh->ctx, &state);
}

static void hearing_of_ourselves_as_another_instance_is_loud(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, LIFE_MEMBERS);

    life_call(n.net, &n.script, tell_of_a_double, 10);

    assert_int_equal(n.script.event_rc, RH_EEXISTS);
    assert_int_equal(n.host->core->duplicate_node, 1);
    assert_int_equal(life_node_get(&n, "/admin/health"), 200);
    life_node_says(&n, "\"status\":\"degraded\"");
    life_node_says(&n, "1 requests of a second instance with a known id");
    life_node_end(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_instance_is_kept_and_the_start_count_grows),
        cmocka_unit_test(the_data_of_another_node_is_refused_by_name),
        cmocka_unit_test(a_leader_alone_makes_a_cluster_id_and_keeps_it),
        cmocka_unit_test(a_configured_cluster_id_that_differs_from_the_data_is_refused),
        cmocka_unit_test(all_nodes_take_over_the_id_that_the_first_leader_made),
        cmocka_unit_test(a_second_leader_makes_no_second_id),
        cmocka_unit_test(an_id_once_known_is_not_exchanged_for_another),
        cmocka_unit_test(a_node_of_another_cluster_is_refused_and_counted),
        cmocka_unit_test(an_id_that_nobody_shared_gives_way_to_the_clusters),
        cmocka_unit_test(an_id_that_another_node_took_part_in_stays),
        cmocka_unit_test(an_id_that_a_minority_knows_gives_way_to_that_of_a_later_leader),
        cmocka_unit_test(an_id_that_all_voters_know_is_final),
        cmocka_unit_test(an_id_with_acknowledged_data_stays),
        cmocka_unit_test(of_two_ids_that_nobody_shared_the_lesser_stays),
        cmocka_unit_test(a_second_living_instance_of_a_node_id_gives_up),
        cmocka_unit_test(hearing_of_ourselves_as_another_instance_is_loud),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
