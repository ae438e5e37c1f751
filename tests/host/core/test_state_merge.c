/* Tests of host/core/state_merge.c: puts that a later one of the group replaces, seen from outside.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <ringhost/errors.h>

#include "host/core/state_impl.h"
#include "tests/host/core/state_box.h"

#define EACH(name) cmocka_unit_test_setup_teardown(name, box_setup, box_teardown)

/* One batch first, because the first group of a namespace is not merged. */
static void begin(struct state_box *box)
{
    assert_int_equal(box_put(box, box->ns, "first", "1", NULL), RH_OK);
    box_run(box);
}

/* Rows that the writer has written since it was opened. */
static int written(struct state_box *box)
{
    return sqlite3_total_changes(box->state->stores[STATE_LOCAL].writer.db);
}

static void only_the_last_put_of_a_key_in_a_group_is_written(void **fixture)
{
    struct state_box *box = *fixture;
    struct box_done done[3] = {0};
    begin(box);
    int before = written(box);

    for (int i = 0; i < 3; i++)
        assert_int_equal(box_put(box, box->ns, "k", i == 2 ? "last" : "longer than it", &done[i]),
                         RH_OK);
    box_run(box);

    assert_int_equal(written(box) - before, 2); /* the key and the namespace */
    assert_true(box_holds(box, box->ns, "k", "last"));
    assert_int_equal(box_version(box, box->ns, "k"), 4);
    assert_int_equal(done[0].revision, 2);
    assert_int_equal(done[1].revision, 3);
    assert_int_equal(box_usage(box, box->ns).keys, 2);
    assert_int_equal(box_usage(box, box->ns).bytes, 11);
}

static void a_check_in_the_group_sees_the_version_of_every_put(void **fixture)
{
    struct state_box *box = *fixture;
    struct box_done done[2] = {0};
    const struct rh_op good[] = {box_op(RH_OP_CHECK, "k", NULL, 2), box_op(RH_OP_PUT, "k", "b", 0)};
    const struct rh_op bad[] = {box_op(RH_OP_CHECK, "k", NULL, 2), box_op(RH_OP_PUT, "k", "c", 0)};
    begin(box);

    assert_int_equal(box_put(box, box->ns, "k", "a", NULL), RH_OK);
    assert_int_equal(box_commit(box, box->ns, good, 2, &done[0]), RH_OK);
    assert_int_equal(box_commit(box, box->ns, bad, 2, &done[1]), RH_OK);
    box_run(box);

    assert_int_equal(done[0].rc, RH_OK);
    assert_int_equal(done[1].rc, RH_ECONFLICT);
    assert_true(box_holds(box, box->ns, "k", "b"));
}

static void a_put_stays_if_the_one_after_it_is_over_quota(void **fixture)
{
    struct state_box *box = *fixture;
    struct box_done done = {0};
    begin(box);

    state_quota(box->ns, 20);
    assert_int_equal(box_put(box, box->ns, "k", "a", NULL), RH_OK);
    assert_int_equal(box_put(box, box->ns, "k", "much longer than is allowed", &done), RH_OK);
    box_run(box);

    assert_int_equal(done.rc, RH_EFULL);
    assert_true(box_holds(box, box->ns, "k", "a"));
    assert_int_equal(box_version(box, box->ns, "k"), 2);
}

static void deletes_between_puts_change_nothing(void **fixture)
{
    struct state_box *box = *fixture;
    const struct rh_op gone[] = {box_op(RH_OP_DELETE, "k", NULL, 0),
                                 box_op(RH_OP_DELETE_RANGE, "a", "z", 0)};
    begin(box);

    assert_int_equal(box_put(box, box->ns, "k", "a", NULL), RH_OK);
    assert_int_equal(box_put(box, box->ns, "l", "a", NULL), RH_OK);
    assert_int_equal(box_commit(box, box->ns, gone, 2, NULL), RH_OK);
    assert_int_equal(box_put(box, box->ns, "k", "bc", NULL), RH_OK);
    box_run(box);

    assert_true(box_holds(box, box->ns, "k", "bc"));
    assert_int_equal(box_version(box, box->ns, "l"), 0);
    assert_int_equal(box_usage(box, box->ns).keys, 1);
    assert_int_equal(box_usage(box, box->ns).bytes, 3);
}

static void a_delete_behind_all_puts_wins(void **fixture)
{
    struct state_box *box = *fixture;
    const struct rh_op gone = box_op(RH_OP_DELETE, "k", NULL, 0);
    begin(box);

    assert_int_equal(box_put(box, box->ns, "k", "a", NULL), RH_OK);
    assert_int_equal(box_put(box, box->ns, "k", "b", NULL), RH_OK);
    assert_int_equal(box_commit(box, box->ns, &gone, 1, NULL), RH_OK);
    box_run(box);

    assert_int_equal(box_version(box, box->ns, "k"), 0);
    assert_int_equal(box_usage(box, box->ns).keys, 1);
}

static void namespaces_keep_their_own_keys_apart(void **fixture)
{
    struct state_box *box = *fixture;
    struct state_ns *other = box_namespace(box, "other", 0);
    begin(box);
    assert_int_equal(box_put(box, other, "first", "1", NULL), RH_OK);
    box_run(box);

    assert_int_equal(box_put(box, box->ns, "k", "a", NULL), RH_OK);
    assert_int_equal(box_put(box, other, "k", "b", NULL), RH_OK);
    box_run(box);

    assert_true(box_holds(box, box->ns, "k", "a"));
    assert_true(box_holds(box, other, "k", "b"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(only_the_last_put_of_a_key_in_a_group_is_written),
        EACH(a_check_in_the_group_sees_the_version_of_every_put),
        EACH(a_put_stays_if_the_one_after_it_is_over_quota),
        EACH(deletes_between_puts_change_nothing),
        EACH(a_delete_behind_all_puts_wins),
        EACH(namespaces_keep_their_own_keys_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
