/* Tests of opening, closing and namespaces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include <ringhost/errors.h>

#include "tests/host/core/state_box.h"

#define EACH(name) cmocka_unit_test_setup_teardown(name, box_setup, box_teardown)

static void what_was_written_is_there_after_reopening(void **fixture)
{
    struct state_box *box = *fixture;
    struct box_done done = {0};
    assert_int_equal(box_put(box, box->ns, "k", "v", NULL), RH_OK);
    assert_int_equal(box_put(box, box->rep, "k", "r", NULL), RH_OK);
    box_run(box);

    box_close(box);
    assert_int_equal(box_open(box), RH_OK);

    assert_true(box_holds(box, box->ns, "k", "v"));
    assert_true(box_holds(box, box->rep, "k", "r"));
    assert_int_equal(box_put(box, box->ns, "k", "w", &done), RH_OK);
    box_run(box);
    assert_int_equal(done.revision, 2);
    assert_int_equal(box_usage(box, box->ns).keys, 1);
}

static void close_finishes_what_is_queued(void **fixture)
{
    struct state_box *box = *fixture;
    static struct box_done done[5000];
    struct box_done flying = {0};
    memset(done, 0, sizeof(done));
    assert_int_equal(box_put(box, box->ns, "first", "v", &flying), RH_OK);
    state_flush(box->state);
    for (int i = 0; i < 5000; i++)
        assert_int_equal(box_put(box, box->ns, "k", "v", &done[i]), RH_OK);

    box_close(box);

    assert_int_equal(flying.rc, RH_OK);
    for (int i = 0; i < 5000; i++) {
        assert_int_equal(done[i].calls, 1);
        assert_int_equal(done[i].rc, RH_OK);
    }
    assert_int_equal(box_open(box), RH_OK);
    assert_int_equal(box_version(box, box->ns, "k"), 5001);
}

static void a_schema_number_is_stored_with_a_batch_or_not_at_all(void **fixture)
{
    struct state_box *box = *fixture;
    const struct rh_namespace def = {
        .size = sizeof(def), .name = "notes", .schema_read_min = 1, .schema_write = 4};
    const struct rh_op put = box_op(RH_OP_PUT, "a", "x", 0);
    const struct rh_op refused[] = {box_op(RH_OP_CHECK, "a", NULL, 77), put};
    struct rh_op most[RH_BATCH_OPS_MAX];
    struct rh_batch batch = {
        .size = sizeof(batch), .ops = refused, .op_count = 2, .op_stride = sizeof(put)};
    struct box_done done = {.box = box};
    struct state_ns *ns = NULL;
    uint32_t schema = 9;

    assert_int_equal(state_namespace(box->state, "p", &def, &ns, &schema), RH_OK);
    assert_int_equal(state_commit_schema(box->state, ns, &batch, 3, "p", 0, box_cb, &done), RH_OK);
    box_run(box);
    assert_int_equal(done.rc, RH_ECONFLICT);
    assert_int_equal(state_schema(box->state, ns, &schema), RH_OK);
    assert_int_equal(schema, 0);

    for (uint32_t i = 0; i < RH_BATCH_OPS_MAX; i++)
        most[i] = put;
    batch.ops = most;
    batch.op_count = RH_BATCH_OPS_MAX;
    assert_int_equal(state_commit_schema(box->state, ns, &batch, 4, "p", 0, box_cb, &done), RH_OK);
    box_run(box);

    assert_int_equal(state_schema(box->state, ns, &schema), RH_OK);
    assert_int_equal(schema, 4);
}

static void the_schema_number_is_stored_in_order(void **fixture)
{
    struct state_box *box = *fixture;
    const struct rh_namespace def = {
        .size = sizeof(def), .name = "notes", .schema_read_min = 1, .schema_write = 4};
    struct state_ns *ns = NULL;
    uint32_t schema = 9;
    struct box_done done = {.box = box};
    assert_int_equal(state_namespace(box->state, "p", &def, &ns, &schema), RH_OK);
    assert_int_equal(schema, 0);
    assert_ptr_equal(ns, box->ns);

    assert_int_equal(state_set_schema(box->state, ns, 4, box_cb, &done), RH_OK);
    box_run(box);

    assert_int_equal(done.rc, RH_OK);
    assert_int_equal(state_namespace(box->state, "p", &def, &ns, &schema), RH_OK);
    assert_int_equal(schema, 4);
}

static void a_namespace_belongs_to_one_plugin_also_on_disk(void **fixture)
{
    struct state_box *box = *fixture;
    const struct rh_namespace def = {.size = sizeof(def), .name = "notes"};
    const struct rh_namespace gone = {.size = sizeof(def), .name = "gone"};
    struct state_ns *ns = NULL;
    uint32_t schema = 0;
    assert_int_equal(state_namespace(box->state, "q", &def, &ns, &schema), RH_EEXISTS);
    assert_int_equal(box_put(box, box_namespace(box, "gone", 0), "k", "v", NULL), RH_OK);
    box_run(box);

    box_close(box);
    assert_int_equal(box_open(box), RH_OK);

    assert_int_equal(state_namespace(box->state, "q", &gone, &ns, &schema), RH_EEXISTS);
    assert_int_equal(state_namespace(box->state, "p", &gone, &ns, &schema), RH_OK);
}

static void names_and_flags_are_checked(void **fixture)
{
    struct state_box *box = *fixture;
    static const char *const bad[] = {"", "A", "1a", "a-b", "a234567890123456789012345678901234"};
    struct state_ns *ns = NULL;
    uint32_t schema = 0;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const struct rh_namespace def = {.size = sizeof(def), .name = bad[i]};
        assert_int_equal(state_namespace(box->state, "p", &def, &ns, &schema), RH_EINVAL);
    }
    const struct rh_namespace other = {
        .size = sizeof(other), .name = "notes", .flags = RH_NS_URGENT};
    assert_int_equal(state_namespace(box->state, "p", &other, &ns, &schema), RH_EINVAL);
}

static void write_file(struct state_box *box, const char *file, const char *text)
{
    char path[400];
    (void)snprintf(path, sizeof(path), "%s/%s", box->fake.directory, file); /* fits */
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

static void change_db(struct state_box *box, const char *file, const char *sql)
{
    char path[400];
    sqlite3 *db = NULL;
    (void)snprintf(path, sizeof(path), "%s/%s", box->fake.directory, file); /* fits */
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void a_file_that_is_no_database_is_named(void **fixture)
{
    struct state_box box;
    (void)fixture;
    box_init(&box);
    write_file(&box, "local.db",
               "This is a text, and it is long enough to be looked at as a header.");

    int32_t rc = box_open(&box);

    assert_int_equal(rc, RH_EIO);
    assert_non_null(strstr(box.why, "local.db"));
    assert_non_null(strstr(box.why, "not a database"));
    box_release(&box);
}

static void a_newer_layout_and_a_foreign_database_are_refused(void **fixture)
{
    struct state_box box;
    (void)fixture;
    box_init(&box);
    assert_int_equal(box_open(&box), RH_OK);
    box_close(&box);
    change_db(&box, "replica.db", "PRAGMA user_version=2");

    assert_int_equal(box_open(&box), RH_EIO);
    assert_non_null(strstr(box.why, "replica.db"));
    assert_non_null(strstr(box.why, "newer"));
    change_db(&box, "replica.db", "PRAGMA user_version=1; PRAGMA application_id=7");
    assert_int_equal(box_open(&box), RH_EIO);
    assert_non_null(strstr(box.why, "not of ringhost"));
    box_release(&box);
}

static void a_directory_that_is_not_there_is_named(void **fixture)
{
    struct state_box box;
    struct state *state = NULL;
    const struct state_config config = {.directory = "/nonexistent/ringhost", .node_id = {"n1", 2}};
    (void)fixture;
    box_init(&box);

    int32_t rc = state_open(&config, &box.fake.driver, &state, box.why);

    assert_int_equal(rc, RH_EIO);
    assert_non_null(strstr(box.why, "/nonexistent/ringhost"));
    assert_null(state);
    box_release(&box);
}

static void two_processes_cannot_have_one_directory(void **fixture)
{
    struct state_box *box = *fixture;
    int status = 0;

    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct state_box second = *box;
        second.state = NULL;
        int32_t rc = box_open(&second);
        _exit(rc == RH_EIO && strstr(second.why, "in use") ? 0 : 1);
    }

    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(what_was_written_is_there_after_reopening),
        EACH(close_finishes_what_is_queued),
        EACH(a_schema_number_is_stored_with_a_batch_or_not_at_all),
        EACH(the_schema_number_is_stored_in_order),
        EACH(a_namespace_belongs_to_one_plugin_also_on_disk),
        EACH(names_and_flags_are_checked),
        EACH(two_processes_cannot_have_one_directory),
        cmocka_unit_test(a_file_that_is_no_database_is_named),
        cmocka_unit_test(a_newer_layout_and_a_foreign_database_are_refused),
        cmocka_unit_test(a_directory_that_is_not_there_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
