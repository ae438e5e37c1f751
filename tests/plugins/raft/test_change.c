/* Tests of proposals and of changes of members; more is in scenarios/. */
#include "core_test.h"

static void a_follower_takes_no_proposal(void **state)
{
    const struct raft_change change = {.kind = RAFT_REMOVE, .id = "n3"};
    struct group group;
    uint64_t index = 5;

    (void)state;
    core_start(&group, 3);
    (void)core_elect(&group, 0);

    assert_int_equal(raft_propose(group.nodes[1].raft, RH_STR_LIT("x"), &index), RH_ENOTLEADER);
    assert_int_equal(raft_propose_change(group.nodes[1].raft, &change, &index), RH_ENOTLEADER);
    assert_int_equal(index, 5);
    group_free(&group);
}

static void what_waits_for_agreement_is_bounded_and_comes_back(void **state)
{
    struct group group;
    struct raft *leader;
    uint64_t index;
    char data[100] = "";

    (void)state;
    core_start(&group, 3);
    leader = core_elect(&group, 0);
    for (int i = 0; i < 40; i++)
        assert_int_equal(raft_propose(leader, (struct rh_str){data, sizeof(data)}, &index), RH_OK);

    assert_int_equal(raft_propose(leader, (struct rh_str){data, sizeof(data)}, &index), RH_EAGAIN);
    group_pump(&group, 0);
    core_run(&group);

    assert_int_equal(leader->uncommitted_bytes, 0);
    assert_int_equal(raft_propose(leader, (struct rh_str){data, sizeof(data)}, &index), RH_OK);
    group_free(&group);
}

static void a_learner_far_behind_is_not_promoted(void **state)
{
    const struct raft_change add = {.kind = RAFT_ADD_LEARNER, .id = "n4"};
    const struct raft_change promote = {.kind = RAFT_PROMOTE, .id = "n4"};
    struct group group;
    struct raft *leader;
    uint64_t index;

    (void)state;
    core_start(&group, 3);
    leader = core_elect(&group, 0);
    assert_int_equal(raft_propose_change(leader, &add, &index), RH_OK);
    leader->commit = index; /* as agreed on; n4 does not exist */

    assert_int_equal(raft_propose_change(leader, &promote, &index), RH_EAGAIN);
    group_free(&group);
}

CORE_MAIN(cmocka_unit_test(a_follower_takes_no_proposal),
          cmocka_unit_test(what_waits_for_agreement_is_bounded_and_comes_back),
          cmocka_unit_test(a_learner_far_behind_is_not_promoted))
