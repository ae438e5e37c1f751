/* Tests of what one batch does: all or nothing, versions, range deletes, accounting, quota. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <ringhost/errors.h>

#include "tests/host/core/state_box.h"

#define EACH(name) cmocka_unit_test_setup_teardown(name, box_setup, box_teardown)

static void a_batch_happens_as_a_whole(void **fixture)
{
    struct state_box *box = *fixture;
    struct box_done done = {0};
    const struct rh_op ops[] = {box_op(RH_OP_PUT, "a", "1", 0), box_op(RH_OP_PUT, "b", "2", 0),
                                box_op(RH_OP_DELETE, "a", NULL, 0), box_op(RH_OP_PUT, "c", "", 0)};

    assert_int_equal(box_commit(box, box->ns, ops, 4, &done), RH_OK);
    box_run(box);

    assert_int_equal(done.rc, RH_OK);
    assert_int_equal(box_version(box, box->ns, "a"), 0);
    assert_true(box_holds(box, box->ns, "b", "2"));
    assert_true(box_holds(box, box->ns, "c", ""));
}

static void a_batch_over_quota_leaves_no_trace(void **fixture)
{
    struct state_box *box = *fixture;
    struct box_done done = {0};
    const struct rh_op ops[] = {box_op(RH_OP_PUT, "a", "changed", 0),
                                box_op(RH_OP_PUT, "b", "long long", 0)};
    assert_int_equal(box_put(box, box->ns, "a", "1", NULL), RH_OK);
    box_run(box);
    struct rh_usage before = box_usage(box, box->ns);

    state_quota(box->ns, 10);
    assert_int_equal(box_commit(box, box->ns, ops, 2, &done), RH_OK);
    box_run(box);

    struct rh_usage after = box_usage(box, box->ns);
    assert_int_equal(done.rc, RH_EFULL);
    assert_true(box_holds(box, box->ns, "a", "1"));
    assert_int_equal(box_version(box, box->ns, "b"), 0);
    assert_int_equal(after.revision, before.revision);
    assert_int_equal(after.bytes, before.bytes);
    assert_int_equal(after.keys, before.keys);
}

static void a_batch_that_does_not_grow_is_taken_above_the_quota(void **fixture)
{
    struct state_box *box = *fixture;
    struct box_done done = {0};
    assert_int_equal(box_put(box, box->ns, "k", "0123456789", NULL), RH_OK);
    box_run(box);

    state_quota(box->ns, 5);
    assert_int_equal(box_put(box, box->ns, "k", "012345678", &done), RH_OK);
    box_run(box);

    assert_int_equal(done.rc, RH_OK);
    assert_int_equal(box_usage(box, box->ns).bytes, 10);
}

static void the_version_of_a_key_is_the_revision_of_its_last_write(void **fixture)
{
    struct state_box *box = *fixture;
    const struct rh_op both[] = {box_op(RH_OP_PUT, "a", "2", 0), box_op(RH_OP_PUT, "b", "2", 0)};

    assert_int_equal(box_put(box, box->ns, "a", "1", NULL), RH_OK);
    assert_int_equal(box_commit(box, box->ns, both, 2, NULL), RH_OK);
    assert_int_equal(box_put(box, box->ns, "a", "3", NULL), RH_OK);
    box_run(box);

    assert_int_equal(box_version(box, box->ns, "a"), 3);
    assert_int_equal(box_version(box, box->ns, "b"), 2);
    assert_int_equal(box_usage(box, box->ns).revision, 3);
}

static void checks_see_the_state_before_the_batch(void **fixture)
{
    struct state_box *box = *fixture;
    struct box_done done[3] = {0};
    const struct rh_op create[] = {box_op(RH_OP_PUT, "a", "1", 0),
                                   box_op(RH_OP_CHECK, "a", NULL, 0)};
    const struct rh_op swap[] = {box_op(RH_OP_CHECK, "a", NULL, 1), box_op(RH_OP_PUT, "a", "2", 0)};

    assert_int_equal(box_commit(box, box->ns, create, 2, &done[0]), RH_OK);
    assert_int_equal(box_commit(box, box->ns, swap, 2, &done[1]), RH_OK);
    assert_int_equal(box_commit(box, box->ns, swap, 2, &done[2]), RH_OK);
    box_run(box);

    assert_int_equal(done[0].rc, RH_OK);
    assert_int_equal(done[1].rc, RH_OK);
    assert_int_equal(done[2].rc, RH_ECONFLICT);
}

static void fill(struct state_box *box, struct state_ns *ns, int count)
{
    for (int i = 0; i < count; i++) {
        char key[16];
        (void)snprintf(key, sizeof(key), "k%05d", i); /* fits */
        assert_int_equal(box_put(box, ns, key, "value", NULL), RH_OK);
    }
    box_run(box);
}

static void a_range_delete_takes_many_chunks_and_stops_at_its_end(void **fixture)
{
    struct state_box *box = *fixture;
    struct box_done done = {0};
    const struct rh_op range = box_op(RH_OP_DELETE_RANGE, "k00010", "k04990", 0);
    fill(box, box->ns, 5000);

    assert_int_equal(box_commit(box, box->ns, &range, 1, &done), RH_OK);
    box_run(box);

    struct rh_usage usage = box_usage(box, box->ns);
    assert_int_equal(done.rc, RH_OK);
    assert_int_equal(usage.keys, 20);
    assert_int_equal(usage.bytes, 20 * 11);
    assert_true(box_version(box, box->ns, "k00009") > 0);
    assert_int_equal(box_version(box, box->ns, "k00010"), 0);
    assert_int_equal(box_version(box, box->ns, "k04989"), 0);
    assert_true(box_version(box, box->ns, "k04990") > 0);
}

static void an_open_range_stays_in_its_namespace(void **fixture)
{
    struct state_box *box = *fixture;
    struct state_ns *other = box_namespace(box, "other", 0);
    const struct rh_op all = box_op(RH_OP_DELETE_RANGE, "", "", 0);
    fill(box, box->ns, 2000);
    fill(box, other, 3);

    assert_int_equal(box_commit(box, box->ns, &all, 1, NULL), RH_OK);
    box_run(box);

    assert_int_equal(box_usage(box, box->ns).keys, 0);
    assert_int_equal(box_usage(box, box->ns).bytes, 0);
    assert_int_equal(box_usage(box, other).keys, 3);
}

static void a_range_whose_ends_are_swapped_deletes_nothing(void **fixture)
{
    struct state_box *box = *fixture;
    const struct rh_op range = box_op(RH_OP_DELETE_RANGE, "z", "a", 0);
    fill(box, box->ns, 10);

    assert_int_equal(box_commit(box, box->ns, &range, 1, NULL), RH_OK);
    box_run(box);

    assert_int_equal(box_usage(box, box->ns).keys, 10);
}

static void usage_counts_keys_and_bytes_through_all_operations(void **fixture)
{
    struct state_box *box = *fixture;
    const struct rh_op gone[] = {box_op(RH_OP_DELETE, "bb", NULL, 0),
                                 box_op(RH_OP_DELETE, "never", NULL, 0)};

    assert_int_equal(box_put(box, box->ns, "aa", "12345", NULL), RH_OK);
    assert_int_equal(box_put(box, box->ns, "bb", "1", NULL), RH_OK);
    assert_int_equal(box_put(box, box->ns, "aa", "12", NULL), RH_OK);
    assert_int_equal(box_commit(box, box->ns, gone, 2, NULL), RH_OK);
    box_run(box);

    assert_int_equal(box_usage(box, box->ns).keys, 1);
    assert_int_equal(box_usage(box, box->ns).bytes, 4);
}

static void an_empty_value_is_replaced_and_not_counted_twice(void **fixture)
{
    struct state_box *box = *fixture;
    const struct rh_op twice[] = {box_op(RH_OP_PUT, "k", "", 0), box_op(RH_OP_PUT, "k", "123", 0)};

    assert_int_equal(box_commit(box, box->ns, twice, 2, NULL), RH_OK);
    box_run(box);

    assert_int_equal(box_usage(box, box->ns).keys, 1);
    assert_int_equal(box_usage(box, box->ns).bytes, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(a_batch_happens_as_a_whole),
        EACH(a_batch_over_quota_leaves_no_trace),
        EACH(a_batch_that_does_not_grow_is_taken_above_the_quota),
        EACH(the_version_of_a_key_is_the_revision_of_its_last_write),
        EACH(checks_see_the_state_before_the_batch),
        EACH(a_range_delete_takes_many_chunks_and_stops_at_its_end),
        EACH(an_open_range_stays_in_its_namespace),
        EACH(a_range_whose_ends_are_swapped_deletes_nothing),
        EACH(usage_counts_keys_and_bytes_through_all_operations),
        EACH(an_empty_value_is_replaced_and_not_counted_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
