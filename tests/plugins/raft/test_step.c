/* Tests of time and of which message is taken. */
#include "core_test.h"

static void messages_without_sense_are_refused(void **state)
{
    struct raft_message m = core_message(RAFT_MSG_BEAT, 1);
    struct group group;
    struct raft *raft;

    (void)state;
    core_start(&group, 3);
    raft = group.nodes[0].raft;

    m.kind = 0;
    assert_int_equal(raft_step(raft, &m, 1), RH_EINVAL);
    m.kind = 99;
    assert_int_equal(raft_step(raft, &m, 1), RH_EINVAL);
    m = core_message(RAFT_MSG_BEAT, 0);
    assert_int_equal(raft_step(raft, &m, 1), RH_EINVAL);
    m = core_message(RAFT_MSG_BEAT, 1);
    memcpy(m.peer, "n1", 3);
    assert_int_equal(raft_step(raft, &m, 1), RH_EINVAL);
    group_free(&group);
}

static void a_second_leader_of_a_term_is_refused(void **state)
{
    struct raft_message m = core_message(RAFT_MSG_BEAT, 1);
    struct group group;

    (void)state;
    core_start(&group, 3);
    (void)core_elect(&group, 0);

    assert_int_equal(raft_step(group.nodes[0].raft, &m, group_now(&group, 0)), RH_EINVAL);
    assert_int_equal(raft_step(group.nodes[2].raft, &m, group_now(&group, 2)), RH_EINVAL);
    assert_string_equal(group.nodes[2].raft->leader, "n1");
    group_free(&group);
}

static void a_late_tick_waits_for_beats_that_may_be_queued(void **state)
{
    struct group group;
    struct raft *raft;

    (void)state;
    core_start(&group, 3);
    raft = group.nodes[0].raft;
    core_pass(&group, 60000);

    core_tick(&group, 0);
    assert_int_equal(raft->role, RAFT_FOLLOWER);
    core_pass(&group, GROUP_BEAT_MS);
    core_tick(&group, 0);

    assert_int_equal(raft->role, RAFT_PRE_CANDIDATE);
    group_free(&group);
}

static void a_leader_that_slept_is_none_when_it_wakes(void **state)
{
    struct raft_message m = core_message(RAFT_MSG_REPLY(RAFT_MSG_BEAT), 1);
    struct group group;
    struct raft *leader;

    (void)state;
    core_start(&group, 3);
    leader = core_elect(&group, 0);
    m.sent_ms = group_now(&group, 0);
    core_pass(&group, 8 * GROUP_BEAT_MS);

    assert_int_equal(raft_step(leader, &m, group_now(&group, 0)), RH_OK);

    assert_int_equal(leader->role, RAFT_FOLLOWER);
    group_free(&group);
}

static void a_failed_node_says_nothing(void **state)
{
    struct raft_message m = core_message(RAFT_MSG_BEAT, 1);
    struct group group;
    struct raft *raft;

    (void)state;
    core_start(&group, 3);
    raft = group.nodes[0].raft;

    raft_fail(raft, "test");

    assert_int_equal(raft_step(raft, &m, 1), RH_EIO);
    assert_false(raft_next_message(raft, 1, &m));
    group_free(&group);
}

static void who_has_joined_is_no_longer_named_as_having_other_data(void **state)
{
    struct raft_message m = core_message(RAFT_MSG_REPLY(RAFT_MSG_BEAT), 1);
    struct group group;
    struct raft *raft;

    (void)state;
    core_start(&group, 3);
    raft = core_elect(&group, 0);
    m.lineage = 9;
    assert_int_equal(raft_step(raft, &m, group_now(&group, 0)), RH_OK);
    assert_string_equal(raft->other_data_from, "n2");

    m.lineage = raft->base.lineage;
    assert_int_equal(raft_step(raft, &m, group_now(&group, 0)), RH_OK);

    assert_string_equal(raft->other_data_from, "");
    group_free(&group);
}

CORE_MAIN(cmocka_unit_test(messages_without_sense_are_refused),
          cmocka_unit_test(a_second_leader_of_a_term_is_refused),
          cmocka_unit_test(a_late_tick_waits_for_beats_that_may_be_queued),
          cmocka_unit_test(a_leader_that_slept_is_none_when_it_wakes),
          cmocka_unit_test(a_failed_node_says_nothing),
          cmocka_unit_test(who_has_joined_is_no_longer_named_as_having_other_data))
