/* Tests of what comes out of the core, and in which order. */
#include "core_test.h"

static void one_write_at_a_time_within_its_limit(void **state)
{
    struct group group;
    struct raft *leader;
    struct raft_write write;
    uint64_t index;
    char data[100] = "";

    (void)state;
    core_start(&group, 3);
    leader = core_elect(&group, 0);
    for (int i = 0; i < 30; i++)
        assert_int_equal(raft_propose(leader, (struct rh_str){data, sizeof(data)}, &index), RH_OK);

    assert_true(raft_next_write(leader, &write));
    assert_int_equal(write.count, 2000 / 164);
    assert_false(raft_next_write(leader, &write));
    raft_written(leader, write.seq, RH_OK, group_now(&group, 0));
    assert_true(raft_next_write(leader, &write));
    assert_int_equal(write.first, 2 + 2000 / 164);
    group_free(&group);
}

static void entries_are_handed_out_once_and_in_order(void **state)
{
    struct group group;
    struct raft_entry entry;

    (void)state;
    core_start(&group, 1);
    (void)core_elect(&group, 0);
    (void)core_propose(&group, 0, "x");
    (void)core_propose(&group, 0, "y");
    core_run(&group);

    assert_int_equal(group.nodes[0].live.index, 3);
    assert_int_equal(group.handed, 3);
    assert_false(raft_next_committed(group.nodes[0].raft, &entry));
    group_free(&group);
}

static int32_t broken_read(void *user, uint64_t index, struct raft_entry *out)
{
    (void)user;
    (void)index;
    (void)out;
    return RH_EIO;
}

static void a_log_that_cannot_be_read_ends_the_part(void **state)
{
    struct group group;
    struct raft_entry entry;
    struct raft *raft;

    (void)state;
    core_start(&group, 1);
    (void)core_elect(&group, 0);
    (void)core_propose(&group, 0, "x");
    core_run(&group);
    raft = group.nodes[0].raft;
    raft_log_evict(&raft->log, 0, 2);
    raft->handed = 1;
    raft->cfg.read = broken_read;

    assert_false(raft_next_committed(raft, &entry));

    assert_int_equal(raft->role, RAFT_FAILED);
    assert_string_equal(raft_failure(raft), "an entry of the log cannot be read");
    assert_true(raft_may_begin_again(raft));
    group_free(&group);
}

CORE_MAIN(cmocka_unit_test(one_write_at_a_time_within_its_limit),
          cmocka_unit_test(entries_are_handed_out_once_and_in_order),
          cmocka_unit_test(a_log_that_cannot_be_read_ends_the_part))
