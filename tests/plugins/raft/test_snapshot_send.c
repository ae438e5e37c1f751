/* Tests of making and sending snapshots, and of compaction; more is in scenarios/. */
#include "core_test.h"

static void the_log_is_compacted_within_its_limits(void **state)
{
    struct group group;
    struct raft *leader;

    (void)state;
    core_start(&group, 1);
    leader = core_elect(&group, 0);
    for (int i = 0; i < 20; i++)
        (void)core_propose(&group, 0, "x");
    core_run(&group);

    raft_compact(leader, 5, group_now(&group, 0));
    assert_int_equal(leader->log.base_index, 5);
    raft_compact(leader, 99, group_now(&group, 0));
    assert_int_equal(leader->log.base_index, 21 - 8); /* the trailing entries stay */
    raft_compact(leader, 2, group_now(&group, 0));
    assert_int_equal(leader->log.base_index, 21 - 8);
    group_free(&group);
}

static void a_snapshot_of_another_time_is_not_used(void **state)
{
    struct group group;
    struct raft *leader;

    (void)state;
    core_start(&group, 3);
    leader = core_elect(&group, 0);
    raft_begin_snapshot(leader, &leader->peers[0]);
    assert_true(raft_snapshot_wanted(leader));
    raft_snapshot_making(leader, 9);
    assert_false(raft_snapshot_wanted(leader));
    assert_true(raft_snapshot_in_use(leader, 9));

    raft_snapshot_ready(leader, 8, RH_OK, 1, 1, 10);
    assert_false(leader->outgoing.is_ready);
    raft_snapshot_ready(leader, 9, RH_OK, 50, 1, 10); /* beyond what is agreed on */

    assert_false(leader->outgoing.is_ready);
    assert_false(raft_snapshot_in_use(leader, 9));
    group_free(&group);
}

static void a_failed_snapshot_is_wanted_again(void **state)
{
    struct group group;
    struct raft_message m;
    struct raft *leader;

    (void)state;
    core_start(&group, 3);
    leader = core_elect(&group, 0);
    raft_begin_snapshot(leader, &leader->peers[0]);
    raft_snapshot_making(leader, 9);
    raft_snapshot_ready(leader, 9, RH_ENOSPACE, 0, 0, 0);

    while (raft_next_message(leader, group_now(&group, 0), &m))
        continue;

    assert_true(raft_snapshot_wanted(leader));
    group_free(&group);
}

static void a_snapshot_given_up_while_it_is_made_is_wanted_again(void **state)
{
    struct group group;
    struct raft_message m;
    struct raft *leader;

    (void)state;
    core_start(&group, 3);
    leader = core_elect(&group, 0);
    raft_begin_snapshot(leader, &leader->peers[0]);
    raft_snapshot_making(leader, 9);
    raft_snapshot_dropped(leader, 8);
    assert_true(raft_snapshot_in_use(leader, 9));

    raft_snapshot_dropped(leader, 9);
    raft_snapshot_ready(leader, 9, RH_OK, 1, 1, 10); /* too late */
    while (raft_next_message(leader, group_now(&group, 0), &m))
        continue;

    assert_false(leader->outgoing.is_ready);
    assert_true(raft_snapshot_wanted(leader));
    group_free(&group);
}

static void a_silent_follower_does_not_keep_the_log(void **state)
{
    struct group group;
    struct raft *leader;

    (void)state;
    core_start(&group, 3);
    leader = core_elect(&group, 0);
    for (int i = 0; i < 20; i++)
        (void)core_propose(&group, 0, "x");
    core_run(&group);
    raft_begin_snapshot(leader, &leader->peers[0]);
    raft_snapshot_making(leader, 9);
    raft_snapshot_ready(leader, 9, RH_OK, 5, leader->hard.term, 10);
    raft_compact(leader, 20, group_now(&group, 0));
    assert_int_equal(leader->log.base_index, 5);

    core_pass(&group, 8 * CORE_TIMEOUT_MS);
    raft_compact(leader, 20, group_now(&group, 0));

    assert_int_equal(leader->log.base_index, 21 - 8); /* the trailing entries stay */
    assert_false(raft_snapshot_in_use(leader, 9));
    group_free(&group);
}

static void a_beat_is_answered_while_the_log_is_shortened(void **state)
{
    struct group group;
    struct raft_message beat = core_message(RAFT_MSG_BEAT, 2);
    struct raft *follower;

    (void)state;
    core_start(&group, 2);
    (void)core_elect(&group, 1);
    for (int i = 0; i < 20; i++)
        (void)core_propose(&group, 1, "x");
    core_run(&group);
    follower = group.nodes[0].raft;
    beat.term = follower->hard.term;
    beat.index = follower->log.last_index;
    beat.index_term = follower->hard.term;

    raft_compact(follower, 10, group_now(&group, 0));
    group_pump(&group, 0);
    assert_true(group.nodes[0].write.is_active);
    assert_int_equal(raft_step(follower, &beat, group_now(&group, 0)), RH_OK);

    assert_int_equal(core_answer(follower, group_now(&group, 0)).status, RAFT_YES);
    group_free(&group);
}

static void a_released_snapshot_is_not_sent_to_the_next_who_needs_one(void **state)
{
    struct group group;
    struct raft_message m;
    struct raft *leader;

    (void)state;
    core_start(&group, 3);
    leader = core_elect(&group, 0);
    raft_begin_snapshot(leader, &leader->peers[0]);
    raft_snapshot_making(leader, 9);
    raft_snapshot_ready(leader, 9, RH_OK, 1, leader->hard.term, 10);
    raft_peer_probe(&leader->peers[0]); /* it has it */
    assert_false(raft_snapshot_in_use(leader, 9));

    raft_snapshot_dropped(leader, 9);
    raft_begin_snapshot(leader, &leader->peers[1]);

    assert_true(raft_snapshot_wanted(leader));
    while (raft_next_message(leader, group_now(&group, 0), &m))
        assert_int_not_equal(m.kind, RAFT_MSG_SNAPSHOT);
    group_free(&group);
}

CORE_MAIN(cmocka_unit_test(the_log_is_compacted_within_its_limits),
          cmocka_unit_test(a_snapshot_of_another_time_is_not_used),
          cmocka_unit_test(a_failed_snapshot_is_wanted_again),
          cmocka_unit_test(a_released_snapshot_is_not_sent_to_the_next_who_needs_one),
          cmocka_unit_test(a_snapshot_given_up_while_it_is_made_is_wanted_again),
          cmocka_unit_test(a_silent_follower_does_not_keep_the_log),
          cmocka_unit_test(a_beat_is_answered_while_the_log_is_shortened))
