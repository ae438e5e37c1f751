/* Tests of handing leadership over; more is in scenarios/. */
#include "core_test.h"

static void the_voter_with_most_is_chosen(void **state)
{
    struct group group;
    struct raft *leader;

    (void)state;
    core_start(&group, 3);
    leader = core_elect(&group, 0);
    leader->peers[0].match = 0;

    assert_int_equal(raft_transfer(leader, "", group_now(&group, 0)), RH_OK);
    group_pump(&group, 0);
    core_run(&group);

    assert_int_equal(group.nodes[2].raft->role, RAFT_LEADER);
    group_free(&group);
}

static void only_living_voters_can_take_over(void **state)
{
    struct group group;
    struct raft *leader;

    (void)state;
    core_start(&group, 3);
    leader = core_elect(&group, 0);
    leader->peers[0].acked_sent_ms = -1;
    leader->peers[1].is_voter = false;

    assert_int_equal(raft_transfer(leader, "n1", group_now(&group, 0)), RH_OK);
    assert_int_equal(raft_transfer(leader, "n2", group_now(&group, 0)), RH_EUNREACHABLE);
    assert_int_equal(raft_transfer(leader, "n3", group_now(&group, 0)), RH_ENOTFOUND);
    assert_int_equal(raft_transfer(leader, "n9", group_now(&group, 0)), RH_ENOTFOUND);
    assert_int_equal(raft_transfer(leader, "", group_now(&group, 0)), RH_EUNREACHABLE);
    assert_int_equal(raft_transfer(group.nodes[1].raft, "", group_now(&group, 1)), RH_ENOTLEADER);
    group_free(&group);
}

static void who_steps_down_stays_away_for_the_hold(void **state)
{
    struct group group;
    struct raft *leader;

    (void)state;
    core_start(&group, 3);
    leader = core_elect(&group, 0);

    raft_step_down(leader, 60000, group_now(&group, 0));
    group_pump(&group, 0);
    core_run(&group);

    assert_int_equal(leader->role, RAFT_FOLLOWER);
    assert_true(raft_next_ms(leader, group_now(&group, 0)) >= group_now(&group, 0) + 60000);
    group_free(&group);
}

static void a_node_that_may_not_lead_does_not_stand(void **state)
{
    struct group group;
    struct raft *leader;

    (void)state;
    core_start(&group, 3);
    leader = core_elect(&group, 0);

    raft_forbid_lead(leader, true, group_now(&group, 0));
    group_pump(&group, 0);
    core_run(&group);

    assert_int_equal(leader->role, RAFT_FOLLOWER);
    assert_false(raft_can_stand(leader));
    raft_forbid_lead(leader, false, group_now(&group, 0));
    assert_true(raft_can_stand(leader));
    group_free(&group);
}

CORE_MAIN(cmocka_unit_test(the_voter_with_most_is_chosen),
          cmocka_unit_test(only_living_voters_can_take_over),
          cmocka_unit_test(who_steps_down_stays_away_for_the_hold),
          cmocka_unit_test(a_node_that_may_not_lead_does_not_stand))
