/* Tests of members as the log tells them. */
#include "core_test.h"

static void set(struct raft *raft, uint64_t index, const char *id)
{
    struct raft_members members = {.index = index};

    assert_int_equal(raft_members_add(&members, rh_str_from(id), true), RH_OK);
    raft_history_add(raft, &members);
}

static void members_at_a_place_are_the_last_before_it(void **state)
{
    struct group group;
    struct raft *raft;

    (void)state;
    core_start(&group, 1);
    raft = group.nodes[0].raft;
    set(raft, 5, "a");
    set(raft, 9, "b");

    assert_string_equal(raft_members_at(raft, 4)->list[0].id, "n1");
    assert_string_equal(raft_members_at(raft, 5)->list[0].id, "a");
    assert_string_equal(raft_members_at(raft, 8)->list[0].id, "a");
    assert_string_equal(raft_members_at(raft, 99)->list[0].id, "b");
    raft_history_cut(raft, 9);
    assert_string_equal(raft_newest(raft)->list[0].id, "a");
    raft_history_compact(raft, 7);
    assert_int_equal(raft->history_count, 1);
    group_free(&group);
}

static void a_full_table_forgets_the_oldest_and_knows_it(void **state)
{
    struct group group;
    struct raft *raft;

    (void)state;
    core_start(&group, 1);
    raft = group.nodes[0].raft;
    for (uint64_t i = 1; i < RAFT_HISTORY_MAX + 2; i++)
        set(raft, 10 * i, "a");

    assert_int_equal(raft->history_count, RAFT_HISTORY_MAX);
    assert_non_null(raft_members_at(raft, 9));
    assert_null(raft_members_at(raft, 10));
    assert_null(raft_members_at(raft, 29));
    assert_non_null(raft_members_at(raft, 30));
    raft_history_compact(raft, 30);
    assert_int_equal(raft->gap_to, 0);
    group_free(&group);
}

static void peers_who_stay_keep_their_progress(void **state)
{
    const struct raft_change change = {.kind = RAFT_REMOVE, .id = "n2"};
    struct group group;
    struct raft *leader;
    uint64_t index;

    (void)state;
    core_start(&group, 3);
    leader = core_elect(&group, 0);

    assert_int_equal(raft_propose_change(leader, &change, &index), RH_OK);

    assert_int_equal(leader->peer_count, 1);
    assert_string_equal(leader->peers[0].id, "n3");
    assert_int_equal(leader->peers[0].match, 1);
    group_free(&group);
}

CORE_MAIN(cmocka_unit_test(members_at_a_place_are_the_last_before_it),
          cmocka_unit_test(a_full_table_forgets_the_oldest_and_knows_it),
          cmocka_unit_test(peers_who_stay_keep_their_progress))
