/* Tests of records, and of what is made of them at a start. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include <ringhost/sdk/str.h>

#include "plugins/raft/stored.h"

static struct raft_base some_base(uint64_t index, uint64_t term)
{
    struct raft_base base = {.lineage = 9, .index = index, .term = term};

    assert_int_equal(raft_members_add(&base.members, RH_STR_LIT("n1"), true), RH_OK);
    assert_int_equal(raft_members_add(&base.members, RH_STR_LIT("n2"), false), RH_OK);
    base.members.index = index;
    return base;
}

static void records_are_read_back(void **state)
{
    const struct raft_hard hard = {.term = 7, .vote = "n2"};
    const struct raft_base base = some_base(40, 6);
    const struct raft_entry entry = {
        .index = 41, .term = 7, .kind = RAFT_ENTRY_DATA, .data = RH_STR_INIT("x")};
    struct raft_hard hard_back;
    struct raft_base base_back;
    struct raft_entry entry_back;
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, 4096);

    raft_put_hard(&buf, &hard);
    assert_int_equal(raft_take_hard(rh_buf_str(&buf), &hard_back), RH_OK);
    assert_memory_equal(&hard_back, &hard, sizeof(hard));
    rh_buf_reset(&buf);
    raft_put_base(&buf, &base);
    assert_int_equal(raft_take_base(rh_buf_str(&buf), &base_back), RH_OK);
    assert_memory_equal(&base_back, &base, sizeof(base));
    rh_buf_reset(&buf);
    raft_put_entry(&buf, &entry);
    assert_int_equal(raft_take_entry(rh_buf_str(&buf), 41, &entry_back), RH_OK);
    assert_int_equal(entry_back.term, 7);
    assert_true(rh_str_eq_c(entry_back.data, "x"));
    rh_buf_release(&buf);
}

static void damaged_and_newer_records_are_told_apart(void **state)
{
    const struct raft_hard hard = {.term = 7, .vote = "n2"};
    struct raft_hard out;
    struct raft_base base;
    struct raft_entry entry;
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, 4096);
    raft_put_hard(&buf, &hard);

    for (size_t n = 0; n < buf.n; n++)
        assert_int_equal(raft_take_hard((struct rh_str){buf.p, n}, &out), RH_EINVAL);
    buf.p[0] = 2;
    assert_int_equal(raft_take_hard(rh_buf_str(&buf), &out), RH_EUNSUPPORTED);
    assert_int_equal(raft_take_base(rh_buf_str(&buf), &base), RH_EUNSUPPORTED);
    assert_int_equal(raft_take_entry(rh_buf_str(&buf), 1, &entry), RH_EUNSUPPORTED);
    assert_int_equal(raft_take_entry(RH_STR_LIT("\x01"), 1, &entry), RH_EINVAL);
    rh_buf_release(&buf);
}

static void a_snapshot_in_force_is_known_by_what_is_applied(void **state)
{
    const struct raft_base base = some_base(10, 2);
    const struct raft_base note = some_base(40, 6);

    (void)state;

    assert_int_equal(raft_settle(&base, NULL, 0, 12, 2), RAFT_SETTLED);
    assert_int_equal(raft_settle(&base, &note, 0, 12, 2), RAFT_SETTLED); /* not yet in force */
    assert_int_equal(raft_settle(&base, &note, 0, 40, 6), RAFT_REPLACED);
    assert_int_equal(raft_settle(&base, &note, 5, 40, 6), RAFT_REPLACED);
    assert_int_equal(raft_settle(&base, &note, 6, 40, 6), RAFT_REBASED);
    assert_int_equal(raft_settle(&base, &note, 6, 40, 5), RAFT_SETTLED);
    assert_int_equal(raft_settle(&note, &base, 0, 41, 6), RAFT_SETTLED); /* an old note */
}

static void less_applied_than_the_base_is_unsound(void **state)
{
    const struct raft_base base = some_base(10, 2);

    (void)state;

    assert_int_equal(raft_settle(&base, NULL, 0, 9, 2), RAFT_UNSOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_read_back),
        cmocka_unit_test(damaged_and_newer_records_are_told_apart),
        cmocka_unit_test(a_snapshot_in_force_is_known_by_what_is_applied),
        cmocka_unit_test(less_applied_than_the_base_is_unsound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
