/* What a node says about itself: advertised facts and their limits, maintenance, seeds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include "host/core/core_internal.h"
#include "host/sim/sim.h"
#include "tests/host/core/life_net.h"

static struct rh_peer self_of(const struct life_node *n)
{
    struct rh_peer peer = {.size = (uint32_t)sizeof peer};

    assert_int_equal(n->script.rh->cluster->peer(n->script.rh->ctx, RH_STR_LIT("n1"), &peer),
                     RH_OK);
    return peer;
}

static int32_t advertise(struct life_node *n, const char *key, const char *value)
{
    return n->script.rh->cluster->advertise(n->script.rh->ctx, key, rh_str_from(value));
}

static void facts_become_one_object(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, 0);

    assert_int_equal(advertise(&n, "slots", "4"), RH_OK);
    assert_int_equal(advertise(&n, "gpu", "{\"name\":\"x\"}"), RH_OK);

    assert_string_equal(self_of(&n).presence.p, "{\"slots\":4,\"gpu\":{\"name\":\"x\"}}");
    life_node_end(&n);
}

static void a_change_raises_the_version_and_the_same_value_does_not(void **state)
{
    struct life_node n;
    uint64_t before;

    (void)state;
    life_node_start(&n, 0);
    assert_int_equal(advertise(&n, "slots", "4"), RH_OK);
    before = self_of(&n).version;

    assert_int_equal(advertise(&n, "slots", "4"), RH_OK);
    assert_int_equal(self_of(&n).version, before);
    assert_int_equal(advertise(&n, "slots", "5"), RH_OK);

    assert_int_equal(self_of(&n).version, before + 1);
    assert_string_equal(self_of(&n).presence.p, "{\"slots\":5}");
    life_node_end(&n);
}

static void an_empty_value_removes_the_fact(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, 0);
    assert_int_equal(advertise(&n, "a", "1"), RH_OK);
    assert_int_equal(advertise(&n, "b", "2"), RH_OK);

    assert_int_equal(advertise(&n, "a", ""), RH_OK);
    assert_int_equal(advertise(&n, "unknown", ""), RH_OK);

    assert_string_equal(self_of(&n).presence.p, "{\"b\":2}");
    life_node_end(&n);
}

static void what_is_no_json_is_refused(void **state)
{
    static const char *const wrong[] = {"x", "{", "1 2", "{\"a\":1,}", "nul"};
    struct life_node n;

    (void)state;
    life_node_start(&n, 0);

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(advertise(&n, "a", wrong[i]), RH_EINVAL);
    assert_int_equal(advertise(&n, "", "1"), RH_EINVAL);

    assert_string_equal(self_of(&n).presence.p, "{}");
    life_node_end(&n);
}

static void what_does_not_fit_changes_nothing(void **state)
{
    char *big = malloc(8193);
    struct life_node n;

    (void)state;
    assert_non_null(big);
    memset(big, '7', 8192);
    big[0] = big[8190] = '"';
    big[8191] = '\0';
    life_node_start(&n, 0);
    assert_int_equal(advertise(&n, "a", "1"), RH_OK);
    assert_int_equal(advertise(&n, "b", "2"), RH_OK);

    assert_int_equal(advertise(&n, "a", big), RH_ETOOLARGE);
    assert_int_equal(advertise(&n, "c", big), RH_ETOOLARGE);

    assert_string_equal(self_of(&n).presence.p, "{\"a\":1,\"b\":2}");
    assert_int_equal(advertise(&n, "c", "3"), RH_OK);
    assert_string_equal(self_of(&n).presence.p, "{\"a\":1,\"b\":2,\"c\":3}");
    life_node_end(&n);
    free(big);
}

static void there_are_at_most_64_facts(void **state)
{
    struct life_node n;
    char key[16];

    (void)state;
    life_node_start(&n, 0);

    for (int i = 0; i < 64; i++) {
        snprintf(key, sizeof key, "k%d", i);
        assert_int_equal(advertise(&n, key, "1"), RH_OK);
    }

    assert_int_equal(advertise(&n, "k64", "1"), RH_ETOOLARGE);
    assert_int_equal(advertise(&n, "k0", "2"), RH_OK);
    life_node_end(&n);
}

static void maintenance_is_kept_over_a_restart(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, 0);
    assert_int_equal(life_node_post(&n, "/admin/maintenance", "{\"on\":true}"), 200);
    assert_int_equal(self_of(&n).maintenance, 1);

    rh_testhost_crash(n.host);
    assert_int_equal(rh_testhost_start(n.host, n.why), RH_OK);
    rh_testnet_run(n.net, 1000);

    assert_int_equal(self_of(&n).maintenance, 1);
    assert_int_equal(life_node_post(&n, "/admin/maintenance", "{\"on\":false}"), 200);
    assert_int_equal(self_of(&n).maintenance, 0);
    life_node_end(&n);
}

static void facts_reach_the_other_nodes(void **state)
{
    struct rh_peer peer = {.size = (uint32_t)sizeof peer};
    struct life_cluster c;

    (void)state;
    life_cluster_start(&c, 3, 1);
    rh_testnet_run(c.net, 5000);

    assert_int_equal(
        c.scripts[0].rh->cluster->advertise(c.scripts[0].rh->ctx, "slots", RH_STR_LIT("4")), RH_OK);
    rh_testnet_run(c.net, 10000);

    for (uint32_t i = 1; i < 3; i++) {
        assert_int_equal(
            c.scripts[i].rh->cluster->peer(c.scripts[i].rh->ctx, RH_STR_LIT("n1"), &peer), RH_OK);
        assert_non_null(strstr(peer.presence.p, "\"slots\":4"));
    }
    life_cluster_end(&c);
}

static void an_address_added_twice_is_one_seed(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, 0);

    assert_int_equal(seeds_add(n.host->core, "a:1"), RH_OK);
    assert_int_equal(seeds_add(n.host->core, "a:1"), RH_OK);

    assert_int_equal(n.host->core->seed_count, 1);
    life_node_end(&n);
}

static void there_are_at_most_256_seeds(void **state)
{
    struct life_node n;
    char address[16];

    (void)state;
    life_node_start(&n, 0);

    for (int i = 0; i < 256; i++) {
        snprintf(address, sizeof address, "a:%d", i);
        assert_int_equal(seeds_add(n.host->core, address), RH_OK);
    }

    assert_int_equal(seeds_add(n.host->core, "b:1"), RH_EFULL);
    life_node_end(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(facts_become_one_object),
        cmocka_unit_test(a_change_raises_the_version_and_the_same_value_does_not),
        cmocka_unit_test(an_empty_value_removes_the_fact),
        cmocka_unit_test(what_is_no_json_is_refused),
        cmocka_unit_test(what_does_not_fit_changes_nothing),
        cmocka_unit_test(there_are_at_most_64_facts),
        cmocka_unit_test(maintenance_is_kept_over_a_restart),
        cmocka_unit_test(facts_reach_the_other_nodes),
        cmocka_unit_test(an_address_added_twice_is_one_seed),
        cmocka_unit_test(there_are_at_most_256_seeds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
