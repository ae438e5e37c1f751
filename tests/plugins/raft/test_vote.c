/* Tests of standing and voting; more is in scenarios/. */
#include "core_test.h"

static uint32_t ask(struct group *group, uint32_t flags, uint64_t term)
{
    struct raft_message m = core_message(RAFT_MSG_VOTE, term);

    m.flags = flags;
    assert_int_equal(raft_step(group->nodes[0].raft, &m, group_now(group, 0)), RH_OK);
    group_pump(group, 0);
    group_end_write(group, 0, RH_OK);
    for (uint32_t i = 0; i < group->letter_count; i++) {
        if (group->letters[i]->m.ticket == 77) {
            const uint32_t status = group->letters[i]->m.status;

            group_drop(group, i);
            return status;
        }
    }
    fail_msg("no answer");
    return 0;
}

static void a_promise_changes_nothing(void **state)
{
    struct group group;

    (void)state;
    core_start(&group, 3);

    assert_int_equal(ask(&group, RAFT_FLAG_PRE, 8), RAFT_YES);

    assert_int_equal(group.nodes[0].disk.hard.term, 0);
    assert_int_equal(group.nodes[0].raft->hard.term, 0);
    assert_int_equal(ask(&group, 0, 8), RAFT_YES);
    assert_int_equal(ask(&group, RAFT_FLAG_PRE, 8), RAFT_STALE);
    group_free(&group);
}

static void a_vote_given_again_needs_no_new_write(void **state)
{
    struct group group;
    uint64_t writes;

    (void)state;
    core_start(&group, 3);
    assert_int_equal(ask(&group, 0, 3), RAFT_YES);
    writes = group.nodes[0].raft->write_seq;

    assert_int_equal(ask(&group, 0, 3), RAFT_YES);

    assert_int_equal(group.nodes[0].raft->write_seq, writes);
    group_free(&group);
}

static void answers_of_another_term_are_not_counted(void **state)
{
    struct raft_message m = core_message(RAFT_MSG_REPLY(RAFT_MSG_VOTE), 1);
    struct group group;
    struct raft *raft;

    (void)state;
    core_start(&group, 3);
    raft = group.nodes[0].raft;
    core_pass(&group, CORE_TIMEOUT_MS);
    core_tick(&group, 0);
    core_pass(&group, GROUP_BEAT_MS);
    core_tick(&group, 0);
    assert_int_equal(raft->role, RAFT_PRE_CANDIDATE);
    m.flags = RAFT_FLAG_PRE;
    m.term = 2; /* it asked for 1 */

    assert_int_equal(raft_step(raft, &m, group_now(&group, 0)), RH_OK);

    assert_int_equal(raft->role, RAFT_PRE_CANDIDATE);
    group_free(&group);
}

CORE_MAIN(cmocka_unit_test(a_promise_changes_nothing),
          cmocka_unit_test(a_vote_given_again_needs_no_new_write),
          cmocka_unit_test(answers_of_another_term_are_not_counted))
