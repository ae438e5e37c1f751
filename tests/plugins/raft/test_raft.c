/* Tests of the core's life and of what changes with its log. */
#include "core_test.h"

static void a_stored_log_must_be_whole(void **state)
{
    const struct raft_hard hard = {.term = 3};
    const struct raft_base base = {.lineage = 1, .index = 4, .term = 2};
    const struct raft_entry gap = {.index = 6, .term = 2, .kind = RAFT_ENTRY_DATA};
    const struct raft_entry fallen = {.index = 5, .term = 1, .kind = RAFT_ENTRY_DATA};
    const struct raft_entry future = {.index = 5, .term = 4, .kind = RAFT_ENTRY_DATA};
    const struct raft_entry junk = {.index = 5, .term = 3, .kind = RAFT_ENTRY_MEMBERS};
    const struct raft_entry good = {.index = 5, .term = 3, .kind = RAFT_ENTRY_DATA};
    struct raft_config config = {.self = "n1",
                                 .heartbeat_ms = 1,
                                 .inflight_max = 1,
                                 .write_entries_max = 1,
                                 .chunk_bytes = 1,
                                 .read = disk_read};
    struct raft *raft = raft_new(&config, &hard, &base, 4);

    (void)state;
    assert_non_null(raft);

    assert_int_equal(raft_load(raft, &gap), RH_EINVAL);
    assert_int_equal(raft_load(raft, &fallen), RH_EINVAL);
    assert_int_equal(raft_load(raft, &future), RH_EINVAL);
    assert_int_equal(raft_load(raft, &junk), RH_EINVAL);
    assert_int_equal(raft_load(raft, &good), RH_OK);
    raft_free(raft);
}

static void a_used_epoch_raises_the_term(void **state)
{
    struct group group;
    struct raft *leader;

    (void)state;
    core_start(&group, 3);
    leader = core_elect(&group, 0);

    raft_raise_floor(leader, 1, group_now(&group, 0));
    assert_int_equal(leader->role, RAFT_LEADER);
    raft_raise_floor(leader, 40, group_now(&group, 0));

    assert_int_equal(leader->role, RAFT_FOLLOWER);
    core_pass(&group, CORE_TIMEOUT_MS + GROUP_BEAT_MS);
    core_tick(&group, 1); /* it is late, and waits for one more heartbeat */
    core_pass(&group, GROUP_BEAT_MS);
    core_tick(&group, 1);
    core_run(&group); /* it hears of the term */
    leader = core_elect(&group, 1);
    assert_true(leader->hard.term > 40);
    group_free(&group);
}

static void a_new_base_is_written_with_what_it_replaces(void **state)
{
    const struct raft_base base = {.lineage = 5, .index = 9, .term = 2};
    struct group group;
    struct raft_write write;
    struct raft *raft;

    (void)state;
    core_start(&group, 3);
    raft = group.nodes[0].raft;

    raft_restart_at(raft, &base);

    assert_true(raft_next_write(raft, &write));
    assert_int_equal(write.base->lineage, 5);
    assert_int_equal(write.truncate_from, 10);
    assert_int_equal(write.delete_below, 10);
    assert_int_equal(raft->handed, 9);
    group_free(&group);
}

CORE_MAIN(cmocka_unit_test(a_stored_log_must_be_whole),
          cmocka_unit_test(a_used_epoch_raises_the_term),
          cmocka_unit_test(a_new_base_is_written_with_what_it_replaces))
