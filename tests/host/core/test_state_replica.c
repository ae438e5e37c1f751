/* Tests of replica.db at rank 0: its index, home, and moving its content aside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include <ringhost/errors.h>

#include "tests/host/core/state_box.h"

#define EACH(name) cmocka_unit_test_setup_teardown(name, box_setup, box_teardown)

static void the_index_grows_by_one_an_applied_batch(void **fixture)
{
    struct state_box *box = *fixture;
    const struct rh_op conflict = box_op(RH_OP_CHECK, "k", NULL, 9);
    uint64_t index = 0;
    uint64_t term = 0;

    assert_int_equal(box_put(box, box->rep, "k", "1", NULL), RH_OK);
    assert_int_equal(box_commit(box, box->rep, &conflict, 1, NULL), RH_OK);
    assert_int_equal(box_put(box, box->rep, "k", "2", NULL), RH_OK);
    assert_int_equal(box_put(box, box->ns, "local", "2", NULL), RH_OK);
    box_run(box);
    state_applied(box->state, &index, &term);
    assert_int_equal(index, 2);
    box_close(box);
    assert_int_equal(box_open(box), RH_OK);

    state_applied(box->state, &index, &term);
    assert_int_equal(index, 2);
    assert_int_equal(state_checkpointed(box->state), 2);
}

static void the_first_committer_is_the_home(void **fixture)
{
    struct state_box *box = *fixture;

    assert_int_equal(state_replica_used(box->state), 0);
    assert_int_equal(state_home(box->state).n, 0);
    assert_int_equal(box_put(box, box->rep, "k", "1", NULL), RH_OK);
    box_run(box);

    assert_int_equal(state_replica_used(box->state), 1);
    assert_int_equal(state_home(box->state).n, 2);
    assert_memory_equal(state_home(box->state).p, "n1", 2);
}

struct moved {
    uint32_t calls;
    int32_t rc;
};

static void on_moved(void *user, int32_t rc, const char *why)
{
    struct moved *moved = user;
    moved->calls++;
    moved->rc = rc;
    assert_true(rc == RH_OK || strstr(why, "replica.db.superseded-") != NULL);
}

static int64_t count_in(struct state_box *box, const char *file, const char *sql)
{
    char path[400];
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    int64_t count = -1;
    (void)snprintf(path, sizeof(path), "%s/%s", box->fake.directory, file); /* fits */
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    if (sqlite3_step(stmt) == SQLITE_ROW)
        count = sqlite3_column_int64(stmt, 0);
    (void)sqlite3_finalize(stmt); /* closing below checks */
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    return count;
}

static void superseded_data_is_kept_aside_and_the_rest_begins_anew(void **fixture)
{
    struct state_box *box = *fixture;
    struct box_done done = {0};
    struct moved moved = {0};
    uint64_t index = 9;
    uint64_t term = 9;
    for (int i = 0; i < 3; i++)
        assert_int_equal(box_put(box, box->rep, "k", "old", NULL), RH_OK);
    assert_int_equal(state_replica_supersede(box->state, 123, on_moved, &moved), RH_EAGAIN);
    box_run(box);

    assert_int_equal(state_replica_supersede(box->state, 123, on_moved, &moved), RH_OK);
    assert_int_equal(moved.calls, 0);
    box_run(box);

    state_applied(box->state, &index, &term);
    assert_int_equal(moved.calls, 1);
    assert_int_equal(moved.rc, RH_OK);
    assert_int_equal(index, 0);
    assert_int_equal(state_replica_used(box->state), 0);
    assert_int_equal(box_version(box, box->rep, "k"), 0);
    assert_int_equal(count_in(box, "replica.db.superseded-123", "SELECT revision FROM namespace"),
                     3);
    assert_int_equal(box_put(box, box->rep, "k", "new", &done), RH_OK);
    box_run(box);
    assert_int_equal(done.revision, 1);
    assert_true(box_holds(box, box->rep, "k", "new"));
}

static void a_copy_that_cannot_be_made_leaves_the_data(void **fixture)
{
    struct state_box *box = *fixture;
    struct moved moved = {0};
    assert_int_equal(box_put(box, box->rep, "k", "v", NULL), RH_OK);
    box_run(box);
    assert_int_equal(state_replica_supersede(box->state, 1, on_moved, &moved), RH_OK);
    box_run(box);
    assert_int_equal(box_put(box, box->rep, "k", "w", NULL), RH_OK);
    box_run(box);

    assert_int_equal(state_replica_supersede(box->state, 1, on_moved, &moved),
                     RH_OK); /* the name is taken */
    box_run(box);

    assert_int_equal(moved.calls, 2);
    assert_int_equal(moved.rc, RH_EIO);
    assert_true(box_holds(box, box->rep, "k", "w"));
    assert_int_equal(box->failed_calls, 0);
    assert_int_equal(box_put(box, box->rep, "k", "x", NULL), RH_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(the_index_grows_by_one_an_applied_batch),
        EACH(the_first_committer_is_the_home),
        EACH(superseded_data_is_kept_aside_and_the_rest_begins_anew),
        EACH(a_copy_that_cannot_be_made_leaves_the_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
