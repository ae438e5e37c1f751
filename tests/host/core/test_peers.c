/* Tests of host/core/peers.c. */
#include "tests/host/core/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#include "host/core/peers.h"

/* A node's word about itself. */
static struct rh_node_state word(const char *node_id, const char *instance_id, uint64_t generation,
                                 uint64_t version)
{
    return (struct rh_node_state){.size = sizeof(struct rh_node_state),
                                  .node_id = rh_str_from(node_id),
                                  .instance_id = rh_str_from(instance_id),
                                  .role = RH_STR_LIT("worker"),
                                  .address = RH_STR_LIT("10.0.0.1:8770"),
                                  .presence = RH_STR_LIT("{}"),
                                  .generation = generation,
                                  .version = version};
}

static void a_node_is_new_once_then_the_same(void **state)
{
    struct rh_node_state n1 = word("n1", "i1", 1, 1);
    struct peers peers;
    const struct peer *peer;

    (void)state;
    peers_init(&peers, 1);
    assert_int_equal(peers_learn(&peers, &n1, 77), PEERS_NEW);
    assert_int_equal(peers_learn(&peers, &n1, 78), PEERS_SAME);
    peer = peers_get(&peers, RH_STR_LIT("n1"), false);
    assert_true(rh_str_eq_c(peer->view.address, "10.0.0.1:8770"));
    assert_true(rh_str_eq_c(peer->view.role, "worker"));
    assert_true(rh_str_eq_c(peer->view.reach, "direct"));
    assert_int_equal(peer->view.since_at_ms, 77);
    assert_int_equal(peer->view.rtt_ms, -1);
    peers_release(&peers);
}

static void only_newer_words_are_taken(void **state)
{
    struct rh_node_state n1 = word("n1", "i1", 2, 5);
    struct peers peers;

    (void)state;
    peers_init(&peers, 1);
    assert_int_equal(peers_learn(&peers, &n1, 1), PEERS_NEW);
    n1 = word("n1", "i1", 1, 9);
    n1.role = RH_STR_LIT("old");
    assert_int_equal(peers_learn(&peers, &n1, 1), PEERS_SAME);
    n1 = word("n1", "i1", 2, 6);
    n1.presence = RH_STR_LIT("{\"x\":1}");
    n1.maintenance = 1;
    assert_int_equal(peers_learn(&peers, &n1, 1), PEERS_CHANGED);
    assert_true(
        rh_str_eq_c(peers_get(&peers, RH_STR_LIT("n1"), false)->view.presence, "{\"x\":1}"));
    assert_int_equal(peers_get(&peers, RH_STR_LIT("n1"), false)->view.maintenance, 1);
    peers_release(&peers);
}

static void a_new_address_counts_as_new(void **state)
{
    struct rh_node_state n1 = word("n1", "i1", 1, 1);
    struct peers peers;

    (void)state;
    peers_init(&peers, 1);
    assert_int_equal(peers_learn(&peers, &n1, 1), PEERS_NEW);
    n1.version = 2;
    n1.address = RH_STR_LIT("10.0.0.2:8770");
    assert_int_equal(peers_learn(&peers, &n1, 2), PEERS_NEW);
    peers_release(&peers);
}

static void a_second_living_instance_is_refused(void **state)
{
    struct rh_node_state n1 = word("n1", "i1", 1, 1);
    struct rh_node_state twin = word("n1", "i2", 9, 9);
    struct peers peers;
    struct peer *peer;

    (void)state;
    peers_init(&peers, 1);
    assert_int_equal(peers_learn(&peers, &n1, 1), PEERS_NEW);
    peer = peers_get(&peers, RH_STR_LIT("n1"), false);
    assert_true(peers_report(&peers, peer, RH_PEER_ALIVE, 1, 2));
    assert_int_equal(peers_learn(&peers, &twin, 3), RH_EEXISTS);
    assert_true(peers_report(&peers, peer, RH_PEER_SUSPECT, 1, 2));
    assert_int_equal(peers_learn(&peers, &twin, 3), RH_EEXISTS);
    assert_true(rh_str_eq_c(peer->view.instance_id, "i1"));
    peers_release(&peers);
}

static void a_dead_node_may_come_back_as_another_instance(void **state)
{
    struct rh_node_state n1 = word("n1", "i1", 9, 9);
    struct rh_node_state next = word("n1", "i2", 1, 1);
    struct peers peers;
    struct peer *peer;

    (void)state;
    peers_init(&peers, 1);
    assert_int_equal(peers_learn(&peers, &n1, 1), PEERS_NEW);
    peer = peers_get(&peers, RH_STR_LIT("n1"), false);
    assert_true(peers_report(&peers, peer, RH_PEER_DEAD, 1, 2));
    assert_int_equal(peers_learn(&peers, &next, 3), PEERS_NEW);
    assert_true(rh_str_eq_c(peer->view.instance_id, "i2"));
    assert_int_equal(peer->view.generation, 1);
    peers_release(&peers);
}

static void too_long_presence_is_refused(void **state)
{
    struct rh_node_state n1 = word("n1", "i1", 1, 1);
    char *presence = calloc(1, PEER_PRESENCE_MAX + 1);
    struct peers peers;

    (void)state;
    assert_non_null(presence);
    peers_init(&peers, 1);
    n1.presence = (struct rh_str){presence, PEER_PRESENCE_MAX + 1};
    assert_int_equal(peers_learn(&peers, &n1, 1), RH_ETOOLARGE);
    assert_null(peers_get(&peers, RH_STR_LIT("n1"), false));
    peers_release(&peers);
    free(presence);
}

static void liveness_changes_are_told_once(void **state)
{
    struct peers peers;
    struct peer *peer;

    (void)state;
    peers_init(&peers, 1);
    peer = peers_get(&peers, RH_STR_LIT("n1"), true);
    assert_true(peers_report(&peers, peer, RH_PEER_ALIVE, 3, 10));
    assert_false(peers_report(&peers, peer, RH_PEER_ALIVE, 4, 20));
    assert_int_equal(peer->view.incarnation, 4);
    assert_int_equal(peer->view.since_at_ms, 10);
    assert_string_equal(peer_state_name(RH_PEER_ALIVE), "alive");
    peers_release(&peers);
}

static void the_list_is_ordered_and_follows_changes(void **state)
{
    struct rh_peers list;
    struct peers peers;
    struct peer *peer;

    (void)state;
    peers_init(&peers, 1);
    assert_non_null(peers_get(&peers, RH_STR_LIT("n3"), true));
    assert_non_null(peers_get(&peers, RH_STR_LIT("n1"), true));
    assert_non_null(peers_get(&peers, RH_STR_LIT("n2"), true));
    peers_list(&peers, &list);
    assert_int_equal(list.count, 3);
    assert_true(rh_str_eq_c(list.peers[0].node_id, "n1"));
    assert_true(rh_str_eq_c(list.peers[2].node_id, "n3"));

    peer = peers_get(&peers, RH_STR_LIT("n2"), false);
    assert_int_equal(peer_set(&peers, peer, &peer->reach, RH_STR_LIT("hub1")), RH_OK);
    peers_remove(&peers, peers_get(&peers, RH_STR_LIT("n1"), false)->view.node_id);
    peers_list(&peers, &list);
    assert_int_equal(list.count, 2);
    assert_true(rh_str_eq_c(list.peers[0].node_id, "n2"));
    assert_true(rh_str_eq_c(list.peers[0].reach, "hub1"));
    peers_release(&peers);
}

static void the_table_is_limited(void **state)
{
    struct peers peers;
    char id[16];

    (void)state;
    peers_init(&peers, 1);
    for (uint32_t i = 0; i <= RH_PEERS_MAX; i++) {
        struct peer *peer;

        (void)snprintf(id, sizeof id, "n%u", i);
        peer = peers_get(&peers, rh_str_from(id), true);
        if (i < RH_PEERS_MAX)
            assert_non_null(peer);
        else
            assert_null(peer);
    }
    peers_release(&peers);
}

static void an_empty_table_lists_none(void **state)
{
    struct rh_peers list;
    struct peers peers;

    (void)state;
    peers_init(&peers, 1);
    peers_list(&peers, &list);
    assert_int_equal(list.count, 0);
    assert_int_equal(list.peer_stride, sizeof(struct rh_peer));
    peers_release(&peers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_node_is_new_once_then_the_same),
        cmocka_unit_test(only_newer_words_are_taken),
        cmocka_unit_test(a_new_address_counts_as_new),
        cmocka_unit_test(a_second_living_instance_is_refused),
        cmocka_unit_test(a_dead_node_may_come_back_as_another_instance),
        cmocka_unit_test(too_long_presence_is_refused),
        cmocka_unit_test(liveness_changes_are_told_once),
        cmocka_unit_test(the_list_is_ordered_and_follows_changes),
        cmocka_unit_test(the_table_is_limited),
        cmocka_unit_test(an_empty_table_lists_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
