/* Tests of a leader's side; more is in scenarios/. */
#include "core_test.h"

static void answers_that_claim_too_much_are_ignored(void **state)
{
    struct raft_message m = core_message(RAFT_MSG_REPLY(RAFT_MSG_APPEND), 1);
    struct group group;
    struct raft *leader;

    (void)state;
    core_start(&group, 3);
    leader = core_elect(&group, 0);
    m.match = 99;

    assert_int_equal(raft_step(leader, &m, group_now(&group, 0)), RH_OK);

    assert_int_equal(leader->peers[0].match, 1);
    group_free(&group);
}

static void a_future_sending_time_gives_no_lease(void **state)
{
    struct raft_message m = core_message(RAFT_MSG_REPLY(RAFT_MSG_BEAT), 1);
    struct group group;
    struct raft *leader;
    int64_t before;

    (void)state;
    core_start(&group, 3);
    leader = core_elect(&group, 0);
    before = raft_lease_ms(leader, group_now(&group, 0));
    m.sent_ms = group_now(&group, 0) + 5000;

    assert_int_equal(raft_step(leader, &m, group_now(&group, 0)), RH_OK);

    assert_int_equal(raft_lease_ms(leader, group_now(&group, 0)), before);
    group_free(&group);
}

static void a_lost_append_is_sent_again(void **state)
{
    struct group group;
    struct raft *leader;

    (void)state;
    core_start(&group, 3);
    leader = core_elect(&group, 0);
    (void)core_propose(&group, 0, "x");
    while (group.letter_count > 0)
        group_drop(&group, 0);
    for (int i = 0; i < 12; i++) {
        core_pass(&group, GROUP_BEAT_MS);
        core_tick(&group, 0);
        core_run(&group);
    }

    assert_int_equal(leader->role, RAFT_LEADER);
    assert_int_equal(leader->commit, 2);
    assert_int_equal(group.nodes[1].live.index, 2);
    group_free(&group);
}

static void followers_learn_soon_what_is_agreed_on(void **state)
{
    struct group group;

    (void)state;
    core_start(&group, 3);
    (void)core_elect(&group, 0);
    (void)core_propose(&group, 0, "x");
    core_run(&group);
    core_pass(&group, GROUP_BEAT_MS / 10);

    core_tick(&group, 0);
    core_run(&group);

    assert_int_equal(group.nodes[1].live.index, 2);
    assert_int_equal(group.nodes[2].live.index, 2);
    group_free(&group);
}

CORE_MAIN(cmocka_unit_test(answers_that_claim_too_much_are_ignored),
          cmocka_unit_test(a_future_sending_time_gives_no_lease),
          cmocka_unit_test(a_lost_append_is_sent_again),
          cmocka_unit_test(followers_learn_soon_what_is_agreed_on))
