/* Tests of linearizable reads; more is in scenarios/. */
#include "core_test.h"

static void a_single_voter_answers_at_once(void **state)
{
    struct group group;
    struct raft_read read;
    struct raft *leader;

    (void)state;
    core_start(&group, 1);
    leader = core_elect(&group, 0);

    assert_int_equal(raft_read_index(leader, 5), RH_OK);

    assert_true(raft_next_read(leader, &read));
    assert_int_equal(read.id, 5);
    assert_int_equal(read.rc, RH_OK);
    assert_false(raft_next_read(leader, &read));
    group_free(&group);
}

static void reads_share_a_round(void **state)
{
    struct group group;
    struct raft *leader;
    uint64_t round;

    (void)state;
    core_start(&group, 3);
    leader = core_elect(&group, 0);
    round = leader->round;

    for (uint64_t i = 1; i <= 50; i++) {
        assert_int_equal(raft_read_index(leader, i), RH_OK);
        group_pump(&group, 0);
    }
    core_run(&group);

    assert_int_equal(group.nodes[0].read_count, 50);
    assert_true(leader->round <= round + 2);
    group_free(&group);
}

static void more_than_the_limit_are_refused_and_all_are_answered(void **state)
{
    struct group group;
    struct raft_read read;
    struct raft *leader;
    uint32_t refused = 0;

    (void)state;
    core_start(&group, 3);
    leader = core_elect(&group, 0);
    for (uint64_t i = 1; i <= RAFT_READS_MAX; i++)
        assert_int_equal(raft_read_index(leader, i), RH_OK);

    assert_int_equal(raft_read_index(leader, 1), RH_EAGAIN);
    raft_step_down(leader, 0, group_now(&group, 0));

    while (raft_next_read(leader, &read))
        refused += read.rc == RH_ENOTLEADER;
    assert_int_equal(refused, RAFT_READS_MAX);
    assert_int_equal(raft_read_index(leader, 1), RH_ENOTLEADER);
    group_free(&group);
}

CORE_MAIN(cmocka_unit_test(a_single_voter_answers_at_once), cmocka_unit_test(reads_share_a_round),
          cmocka_unit_test(more_than_the_limit_are_refused_and_all_are_answered))
