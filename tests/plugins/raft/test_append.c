/* Tests of a follower that takes entries; more is in scenarios/. */
#include "core_test.h"

static int32_t step_append(struct group *group, uint64_t term, uint64_t at, uint64_t at_term,
                           const struct raft_entry *entries, uint32_t count)
{
    struct raft_message m = core_message(RAFT_MSG_APPEND, term);

    m.index = at;
    m.index_term = at_term;
    m.entries = entries;
    m.entry_count = count;
    return raft_step(group->nodes[0].raft, &m, group_now(group, 0));
}

static void an_answer_promises_what_the_request_carried(void **state)
{
    const struct raft_entry entries[] = {{.index = 1, .term = 1, .kind = RAFT_ENTRY_DATA},
                                         {.index = 2, .term = 1, .kind = RAFT_ENTRY_DATA}};
    struct group group;
    struct raft_message answer;

    (void)state;
    core_start(&group, 3);
    assert_int_equal(step_append(&group, 1, 0, 0, entries, 2), RH_OK);
    group_pump(&group, 0);
    group_end_write(&group, 0, RH_OK);
    while (group.letter_count > 0)
        group_drop(&group, 0);

    assert_int_equal(step_append(&group, 1, 0, 0, entries, 1), RH_OK);

    answer = core_answer(group.nodes[0].raft, group_now(&group, 0));
    assert_int_equal(answer.status, RAFT_YES);
    assert_int_equal(answer.match, 1);
    group_free(&group);
}

static void entries_that_make_no_sense_are_refused(void **state)
{
    const struct raft_entry gap[] = {{.index = 2, .term = 1, .kind = RAFT_ENTRY_DATA}};
    const struct raft_entry future[] = {{.index = 1, .term = 9, .kind = RAFT_ENTRY_DATA}};
    const struct raft_entry fallen[] = {{.index = 1, .term = 2, .kind = RAFT_ENTRY_DATA},
                                        {.index = 2, .term = 1, .kind = RAFT_ENTRY_DATA}};
    const struct raft_entry kind[] = {{.index = 1, .term = 1, .kind = 9}};
    const struct raft_entry members[] = {
        {.index = 1, .term = 1, .kind = RAFT_ENTRY_MEMBERS, .data = RH_STR_INIT("junk")}};
    struct group group;

    (void)state;
    core_start(&group, 3);

    assert_int_equal(step_append(&group, 3, 0, 0, gap, 1), RH_EINVAL);
    assert_int_equal(step_append(&group, 3, 0, 0, future, 1), RH_EINVAL);
    assert_int_equal(step_append(&group, 3, 0, 0, fallen, 2), RH_EINVAL);
    assert_int_equal(step_append(&group, 3, 0, 0, kind, 1), RH_EINVAL);
    assert_int_equal(step_append(&group, 3, 0, 0, members, 1), RH_EINVAL);
    assert_int_equal(group.nodes[0].raft->log.last_index, 0);
    group_free(&group);
}

static void a_beat_does_not_commit_beyond_the_log(void **state)
{
    struct raft_message m = core_message(RAFT_MSG_BEAT, 1);
    struct group group;

    (void)state;
    core_start(&group, 3);
    m.commit = 50;

    assert_int_equal(raft_step(group.nodes[0].raft, &m, group_now(&group, 0)), RH_OK);

    assert_int_equal(group.nodes[0].raft->commit, 0);
    group_free(&group);
}

CORE_MAIN(cmocka_unit_test(an_answer_promises_what_the_request_carried),
          cmocka_unit_test(entries_that_make_no_sense_are_refused),
          cmocka_unit_test(a_beat_does_not_commit_beyond_the_log))
