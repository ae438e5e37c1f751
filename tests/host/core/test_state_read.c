/* Tests of reading: scans both ways, limits, going on, what is borrowed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/errors.h>

#include "tests/host/core/state_box.h"

#define EACH(name) cmocka_unit_test_setup_teardown(name, box_setup, box_teardown)

static void fill(struct state_box *box, int count)
{
    for (int i = 0; i < count; i++) {
        char key[16];
        (void)snprintf(key, sizeof(key), "k%04d", i); /* fits */
        assert_int_equal(box_put(box, box->ns, key, key + 1, NULL), RH_OK);
    }
    box_run(box);
}

static struct rh_rows scan(struct state_box *box, const char *from, const char *to, uint32_t limit,
                           uint32_t flags)
{
    const struct rh_scan range = {.size = sizeof(range),
                                  .flags = flags,
                                  .from = box_str(from),
                                  .to = box_str(to),
                                  .limit = limit};
    struct rh_rows rows = {0};
    assert_int_equal(state_scan(box->state, box->ns, &range, &rows), RH_OK);
    return rows;
}

static int is(struct rh_str text, const char *expected)
{
    return text.n == strlen(expected) && memcmp(text.p, expected, text.n) == 0;
}

static void a_forward_scan_is_in_key_order_without_its_end(void **fixture)
{
    struct state_box *box = *fixture;
    fill(box, 10);

    struct rh_rows rows = scan(box, "k0002", "k0005", 0, 0);

    assert_int_equal(rows.count, 3);
    assert_int_equal(rows.more, 0);
    assert_true(is(rows.rows[0].key, "k0002"));
    assert_true(is(rows.rows[2].key, "k0004"));
    assert_true(is(rows.rows[2].data, "0004"));
    assert_int_equal(rows.rows[2].version, 5);
}

static void a_reverse_scan_reads_the_same_range_from_its_end(void **fixture)
{
    struct state_box *box = *fixture;
    fill(box, 10);

    struct rh_rows rows = scan(box, "k0002", "k0005", 2, RH_SCAN_REVERSE);

    assert_int_equal(rows.count, 2);
    assert_int_equal(rows.more, 1);
    assert_true(is(rows.rows[0].key, "k0004"));
    assert_true(is(rows.rows[1].key, "k0003"));
}

static void more_is_said_only_when_there_is_more(void **fixture)
{
    struct state_box *box = *fixture;
    fill(box, 10);

    assert_int_equal(scan(box, "", "", 10, 0).more, 0);
    assert_int_equal(scan(box, "", "", 9, 0).more, 1);
    assert_int_equal(scan(box, "x", "", 9, 0).count, 0);
}

static void a_scan_goes_on_behind_its_last_key(void **fixture)
{
    struct state_box *box = *fixture;
    char from[8] = "";
    struct rh_scan range = {.size = sizeof(range), .limit = 300};
    struct rh_rows rows;
    uint32_t count = 0;
    fill(box, 1000);

    do {
        assert_int_equal(state_scan(box->state, box->ns, &range, &rows), RH_OK);
        count += rows.count;
        memcpy(from, rows.rows[rows.count - 1].key.p, 5);
        range.from = (struct rh_str){from, 6}; /* one NUL byte more */
    } while (rows.more);

    assert_int_equal(count, 1000);
}

static void a_scan_takes_at_most_a_thousand_rows(void **fixture)
{
    struct state_box *box = *fixture;
    const struct rh_scan wide = {.size = sizeof(wide), .limit = RH_SCAN_ROWS_MAX + 1};
    struct rh_rows rows = {0};
    fill(box, 1100);

    assert_int_equal(scan(box, "", "", 0, 0).count, RH_SCAN_ROWS_MAX);
    assert_int_equal(state_scan(box->state, box->ns, &wide, &rows), RH_EINVAL);
}

static void a_scan_ends_before_four_mebibytes(void **fixture)
{
    struct state_box *box = *fixture;
    static char value[RH_VALUE_MAX];
    for (int i = 0; i < 6; i++) {
        const char key[2] = {(char)('a' + i), 0};
        struct rh_op op = box_op(RH_OP_PUT, key, NULL, 0);
        value[0] = key[0];
        op.value = (struct rh_str){value, sizeof(value)};
        assert_int_equal(box_commit(box, box->ns, &op, 1, NULL), RH_OK);
    }
    box_run(box);

    struct rh_rows rows = scan(box, "", "", 0, 0);

    assert_int_equal(rows.count, 3);
    assert_int_equal(rows.more, 1);
    assert_int_equal(rows.rows[2].data.n, RH_VALUE_MAX);
    assert_int_equal(rows.rows[2].data.p[0], 'c');
}

static void a_value_outlives_the_read_of_another_namespace(void **fixture)
{
    struct state_box *box = *fixture;
    struct state_ns *other = box_namespace(box, "other", 0);
    struct rh_value mine;
    struct rh_value theirs;
    assert_int_equal(box_put(box, box->ns, "k", "mine", NULL), RH_OK);
    assert_int_equal(box_put(box, other, "k", "theirs", NULL), RH_OK);
    box_run(box);

    assert_int_equal(state_get(box->state, box->ns, box_str("k"), &mine), RH_OK);
    assert_int_equal(state_get(box->state, other, box_str("k"), &theirs), RH_OK);

    assert_true(is(mine.data, "mine"));
    assert_true(is(theirs.data, "theirs"));
}

static void keys_sort_as_bytes_and_may_hold_any(void **fixture)
{
    struct state_box *box = *fixture;
    const struct rh_str keys[] = {{"\0", 1}, {"\0\0", 2}, {"a\0", 2}, {"\xff", 1}, {"\xff\xff", 2}};
    for (size_t i = 5; i > 0; i--) {
        struct rh_op op = box_op(RH_OP_PUT, "", "v", 0);
        op.key = keys[i - 1];
        assert_int_equal(box_commit(box, box->ns, &op, 1, NULL), RH_OK);
    }
    box_run(box);

    struct rh_rows rows = scan(box, "", "", 0, 0);

    assert_int_equal(rows.count, 5);
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(rows.rows[i].key.n, keys[i].n);
        assert_memory_equal(rows.rows[i].key.p, keys[i].p, keys[i].n);
    }
}

static void a_namespace_never_written_is_empty(void **fixture)
{
    struct state_box *box = *fixture;

    assert_int_equal(box_version(box, box->ns, "k"), 0);
    assert_int_equal(scan(box, "", "", 0, 0).count, 0);
    assert_int_equal(box_usage(box, box->ns).revision, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(a_forward_scan_is_in_key_order_without_its_end),
        EACH(a_reverse_scan_reads_the_same_range_from_its_end),
        EACH(more_is_said_only_when_there_is_more),
        EACH(a_scan_goes_on_behind_its_last_key),
        EACH(a_scan_takes_at_most_a_thousand_rows),
        EACH(a_scan_ends_before_four_mebibytes),
        EACH(a_value_outlives_the_read_of_another_namespace),
        EACH(keys_sort_as_bytes_and_may_hold_any),
        EACH(a_namespace_never_written_is_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
