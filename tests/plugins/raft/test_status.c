/* Tests of what the core tells of itself. */
#include "core_test.h"

static void a_leader_tells_lease_and_peers(void **state)
{
    struct group group;
    struct raft_status status;
    struct raft *leader;

    (void)state;
    core_start(&group, 3);
    leader = core_elect(&group, 0);

    raft_status(leader, group_now(&group, 0), &status);

    assert_int_equal(status.role, RAFT_LEADER);
    assert_int_equal(status.expires_ms, group_now(&group, 0) + 8 * GROUP_BEAT_MS);
    assert_int_equal(status.votes_have, 3);
    assert_int_equal(status.votes_need, 2);
    assert_int_equal(status.peer_count, 2);
    assert_string_equal(status.peers[1].id, "n3");
    assert_int_equal(status.peers[1].state, RAFT_PEER_REPLICATE);
    group_free(&group);
}

static void a_follower_tells_its_leader_and_for_how_long(void **state)
{
    struct group group;
    struct raft_status status;

    (void)state;
    core_start(&group, 3);
    (void)core_elect(&group, 0);

    raft_status(group.nodes[1].raft, group_now(&group, 1), &status);

    assert_string_equal(status.leader, "n1");
    assert_int_equal(status.expires_ms, group_now(&group, 1) + 20 * GROUP_BEAT_MS);
    assert_int_equal(status.peer_count, 0);
    group_free(&group);
}

static void the_next_time_is_that_of_the_next_beat(void **state)
{
    struct group group;
    struct raft *leader;

    (void)state;
    core_start(&group, 3);
    leader = core_elect(&group, 0);
    core_pass(&group, 50);
    core_tick(&group, 0);
    core_run(&group);

    assert_int_equal(raft_next_ms(leader, group_now(&group, 0)), leader->beat_at_ms);
    assert_true(leader->beat_at_ms <= group_now(&group, 0) + GROUP_BEAT_MS);
    raft_fail(leader, "test");
    assert_true(raft_next_ms(leader, 0) == INT64_MAX);
    group_free(&group);
}

CORE_MAIN(cmocka_unit_test(a_leader_tells_lease_and_peers),
          cmocka_unit_test(a_follower_tells_its_leader_and_for_how_long),
          cmocka_unit_test(the_next_time_is_that_of_the_next_beat))
