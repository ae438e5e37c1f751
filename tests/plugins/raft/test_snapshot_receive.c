/* Tests of taking a snapshot; more is in scenarios/. */
#include "core_test.h"

static struct raft_members alone(void)
{
    struct raft_members members = {.index = 3};

    assert_int_equal(raft_members_add(&members, RH_STR_LIT("n2"), true), RH_OK);
    return members;
}

static struct raft_message piece(const struct raft_members *members, uint64_t offset,
                                 const char *text)
{
    struct raft_message m = core_message(RAFT_MSG_SNAPSHOT, 4);

    m.index = 9;
    m.index_term = 2;
    m.snapshot_id = 5;
    m.length = 8;
    m.offset = offset;
    m.chunk = rh_str_from(text);
    m.members = members;
    return m;
}

static void pieces_are_taken_in_order_only(void **state)
{
    const struct raft_members members = alone();
    struct raft_message m = piece(&members, 4, "late");
    struct raft_chunk chunk;
    struct group group;
    struct raft *raft;

    (void)state;
    core_start(&group, 3);
    raft = group.nodes[0].raft;

    assert_int_equal(raft_step(raft, &m, group_now(&group, 0)), RH_OK);
    assert_false(raft_next_chunk(raft, &chunk));
    m = piece(&members, 0, "good");
    assert_int_equal(raft_step(raft, &m, group_now(&group, 0)), RH_OK);
    assert_true(raft_next_chunk(raft, &chunk));
    assert_true(rh_str_eq_c(chunk.data, "good"));
    raft_chunk_stored(raft, RH_OK);

    assert_int_equal(raft->incoming.offset, 4);
    group_free(&group);
}

static void a_piece_that_cannot_be_stored_begins_it_anew(void **state)
{
    const struct raft_members members = alone();
    const struct raft_message m = piece(&members, 0, "good");
    struct raft_message answer;
    struct raft_chunk chunk;
    struct group group;
    struct raft *raft;

    (void)state;
    core_start(&group, 3);
    raft = group.nodes[0].raft;
    assert_int_equal(raft_step(raft, &m, group_now(&group, 0)), RH_OK);
    assert_true(raft_next_chunk(raft, &chunk));

    raft_chunk_stored(raft, RH_ENOSPACE);

    group_pump(&group, 0);
    group_end_write(&group, 0, RH_OK);
    answer = group.letters[group.letter_count - 1]->m;
    assert_int_equal(answer.status, RAFT_NO);
    assert_int_equal(raft->incoming.state, RAFT_INCOMING_NONE);
    group_free(&group);
}

static void pieces_that_make_no_sense_are_refused(void **state)
{
    const struct raft_members members = alone();
    struct raft_message m = piece(&members, 6, "long");
    struct raft_chunk chunk;
    struct group group;
    struct raft *raft;

    (void)state;
    core_start(&group, 3);
    raft = group.nodes[0].raft;

    assert_int_equal(raft_step(raft, &m, group_now(&group, 0)), RH_OK);
    assert_false(raft_next_chunk(raft, &chunk));
    m = piece(&members, 0, "good");
    m.index_term = 5; /* later than the leader's */
    assert_int_equal(raft_step(raft, &m, group_now(&group, 0)), RH_OK);
    assert_false(raft_next_chunk(raft, &chunk));
    group_free(&group);
}

static void a_failed_install_leaves_the_old_state(void **state)
{
    const struct raft_members members = alone();
    struct raft_message m = piece(&members, 0, "goodgood");
    struct raft_install install;
    struct raft_chunk chunk;
    struct group group;
    struct raft *raft;

    (void)state;
    core_start(&group, 3);
    raft = group.nodes[0].raft;
    assert_int_equal(raft_step(raft, &m, group_now(&group, 0)), RH_OK);
    assert_true(raft_next_chunk(raft, &chunk));
    raft_chunk_stored(raft, RH_OK);
    assert_false(raft_next_install(raft, &install)); /* the note is not on the disk */
    group_pump(&group, 0);
    group_end_write(&group, 0, RH_OK);
    group_end_write(&group, 0, RH_OK);
    assert_true(group.nodes[0].is_installing);

    raft_installed(raft, 5, RH_EPROTOCOL, group_now(&group, 0));

    assert_int_equal(raft->log.base_index, 0);
    assert_int_equal(raft->incoming.state, RAFT_INCOMING_NONE);
    group_free(&group);
}

CORE_MAIN(cmocka_unit_test(pieces_are_taken_in_order_only),
          cmocka_unit_test(a_piece_that_cannot_be_stored_begins_it_anew),
          cmocka_unit_test(pieces_that_make_no_sense_are_refused),
          cmocka_unit_test(a_failed_install_leaves_the_old_state))
