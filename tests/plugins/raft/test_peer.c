/* Tests of a follower's window. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plugins/raft/peer.h"

static void take_off(struct raft_peer *peer, uint64_t last, uint64_t bytes)
{
    const struct raft_flight flight = {.last = last, .bytes = bytes};

    raft_peer_take_off(peer, &flight);
}

static void the_window_counts_messages_and_bytes(void **state)
{
    struct raft_peer peer = {.id = "n2"};

    (void)state;
    raft_peer_reset(&peer, 5);
    take_off(&peer, 5, 10);
    take_off(&peer, 6, 20);

    assert_true(raft_peer_has_room(&peer, 3, 31));
    assert_false(raft_peer_has_room(&peer, 2, 31));
    assert_false(raft_peer_has_room(&peer, 3, 30));
    raft_peer_land(&peer, 5);
    assert_int_equal(peer.flight_count, 1);
    assert_int_equal(peer.flight_bytes, 20);
}

static void landing_takes_all_before_it(void **state)
{
    struct raft_peer peer = {.id = "n2"};

    (void)state;
    raft_peer_reset(&peer, 1);
    for (uint64_t i = 1; i <= RAFT_INFLIGHT_MAX; i++)
        take_off(&peer, i, 1);

    raft_peer_land(&peer, RAFT_INFLIGHT_MAX - 1);
    take_off(&peer, 99, 1);

    assert_int_equal(peer.flight_count, 2);
    raft_peer_land(&peer, 99);
    assert_int_equal(peer.flight_count, 0);
    assert_int_equal(peer.flight_bytes, 0);
}

static void a_match_only_grows(void **state)
{
    struct raft_peer peer = {.id = "n2"};

    (void)state;
    raft_peer_reset(&peer, 9);

    assert_true(raft_peer_raise(&peer, 4, 70));
    assert_false(raft_peer_raise(&peer, 3, 80));
    assert_int_equal(peer.match, 4);
    assert_int_equal(peer.match_seq, 70);
    assert_int_equal(peer.next, 9);
    assert_true(raft_peer_raise(&peer, 12, 90));
    assert_int_equal(peer.next, 13);
}

static void a_probe_begins_behind_what_matches(void **state)
{
    struct raft_peer peer = {.id = "n2", .is_voter = true};

    (void)state;
    raft_peer_reset(&peer, 9);
    peer.state = RAFT_PEER_REPLICATE;
    take_off(&peer, 9, 5);
    (void)raft_peer_raise(&peer, 6, 1);
    peer.next = 3;

    raft_peer_probe(&peer);

    assert_int_equal(peer.state, RAFT_PEER_PROBE);
    assert_int_equal(peer.next, 7);
    assert_int_equal(peer.flight_count, 0);
    assert_true(peer.is_voter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_window_counts_messages_and_bytes),
        cmocka_unit_test(landing_takes_all_before_it),
        cmocka_unit_test(a_match_only_grows),
        cmocka_unit_test(a_probe_begins_behind_what_matches),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
