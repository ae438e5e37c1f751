/* Files that jobs are given, and files that they leave. */
#include "tests/host/daemon/process_rig.h"

#include <sys/stat.h>

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* files/OWNER/name of the rig. */
static const char *owner_path(const struct rig *rig, const char *name)
{
    static char path[256];

    (void)snprintf(path, sizeof path, "%s/files", rig->root);
    assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
    (void)snprintf(path, sizeof path, "%s/files/" OWNER, rig->root);
    assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
    (void)snprintf(path, sizeof path, "%s/files/" OWNER "/%s", rig->root, name);
    return path;
}

static int32_t run_with(struct rig *rig, const struct rh_process_file *files, uint32_t count,
                        const char *script)
{
    struct rh_process_spec spec = {
        .files = files, .file_count = count, .file_stride = (uint32_t)sizeof files[0]};

    return shell_with(rig, spec, "a", script, &rig->ended);
}

static void a_given_file_is_in_the_folder_and_cannot_be_written(void **state)
{
    struct rig *rig = *state;
    const struct rh_process_file file = {
        .size = (uint32_t)sizeof file, .mode = 0444, .file = "in", .name = "model.bin"};

    write_file(owner_path(rig, "in"), "weights");
    assert_int_equal(
        run_with(rig, &file, 1, "cat model.bin; stat -c ' %a' \"$RINGHOST_JOB_DIR/model.bin\""),
        RH_OK);
    run_until(rig, &rig->ended.count, 1);

    assert_string_equal(rig->ended.output, "weights 444\n");
    assert_int_equal(access(owner_path(rig, "in"), F_OK), -1);
}

static void files_of_one_name_stand_in_folders_of_their_own(void **state)
{
    struct rig *rig = *state;
    const struct rh_process_file files[] = {
        {.size = (uint32_t)sizeof files[0], .mode = 0555, .file = "in", .name = "one/engine"},
        {.size = (uint32_t)sizeof files[0], .mode = 0444, .file = "in2", .name = "two/engine"},
        {.size = (uint32_t)sizeof files[0], .mode = 0444, .file = "in3", .name = "two/net"}};

    write_file(owner_path(rig, "in"), "1");
    write_file(owner_path(rig, "in2"), "2");
    write_file(owner_path(rig, "in3"), "3");
    assert_int_equal(run_with(rig, files, 3, "cat one/engine two/engine two/net"), RH_OK);
    run_until(rig, &rig->ended.count, 1);

    assert_string_equal(rig->ended.output, "123");
}

static void a_file_is_no_folder_for_another(void **state)
{
    struct rig *rig = *state;
    const struct rh_process_file files[] = {
        {.size = (uint32_t)sizeof files[0], .mode = 0444, .file = "in", .name = "x"},
        {.size = (uint32_t)sizeof files[0], .mode = 0444, .file = "in2", .name = "x/y"}};

    write_file(owner_path(rig, "in"), "1");
    write_file(owner_path(rig, "in2"), "2");
    assert_int_equal(run_with(rig, files, 2, "exit 0"), RH_EINVAL);

    assert_false(folder_exists(rig, "a"));
}

static void a_missing_or_doubled_file_leaves_no_job(void **state)
{
    struct rig *rig = *state;
    const struct rh_process_file files[] = {
        {.size = (uint32_t)sizeof files[0], .mode = 0444, .file = "in", .name = "x"},
        {.size = (uint32_t)sizeof files[0], .mode = 0444, .file = "in2", .name = "x"}};

    assert_int_equal(run_with(rig, files, 1, "exit 0"), RH_ENOTFOUND);
    write_file(owner_path(rig, "in"), "1");
    write_file(owner_path(rig, "in2"), "2");
    assert_int_equal(run_with(rig, files, 2, "exit 0"), RH_EINVAL);

    assert_false(folder_exists(rig, "a"));
}

static void a_link_is_not_given(void **state)
{
    struct rig *rig = *state;
    const struct rh_process_file file = {
        .size = (uint32_t)sizeof file, .mode = 0444, .file = "in", .name = "x"};

    assert_int_equal(symlink("/etc/passwd", owner_path(rig, "in")), 0);

    assert_int_equal(run_with(rig, &file, 1, "exit 0"), RH_EINVAL);
}

static void bytes_are_a_file_of_the_asked_mode_that_a_variable_names(void **state)
{
    struct rig *rig = *state;
    const struct rh_process_file files[] = {
        {.size = (uint32_t)sizeof files[0],
         .mode = 0400,
         .name = "key",
         .bytes = RH_STR_INIT("abc"),
         .env = "KEY_FILE"},
        {.size = (uint32_t)sizeof files[0], .mode = 0600, .name = "later", .env = "LATER"}};

    assert_int_equal(
        run_with(rig, files, 2,
                 "cd /; cat \"$KEY_FILE\"; stat -c ' %a' \"$KEY_FILE\"; ls \"$LATER\" 2>&1 | wc -l;"
                 "test \"$LATER\" = \"$RINGHOST_JOB_DIR/later\" && echo named"),
        RH_OK);
    run_until(rig, &rig->ended.count, 1);

    assert_string_equal(rig->ended.output, "abc 400\n1\nnamed\n");
}

static void bytes_do_not_replace_a_file(void **state)
{
    struct rig *rig = *state;
    const struct rh_process_file files[] = {
        {.size = (uint32_t)sizeof files[0], .mode = 0444, .file = "in", .name = "x"},
        {.size = (uint32_t)sizeof files[0], .mode = 0400, .name = "x", .bytes = RH_STR_INIT("b")}};

    write_file(owner_path(rig, "in"), "1");

    assert_int_equal(run_with(rig, files, 2, "exit 0"), RH_EINVAL);
    assert_false(folder_exists(rig, "a"));
}

static int32_t read_now(struct rig *rig, const char *name, uint32_t max, char text[64])
{
    struct rh_buf buf;
    int32_t rc;

    rh_buf_init(&buf, 4096);
    rc = process_driver_read(rig->driver, OWNER, "a", name, max, &buf);
    (void)snprintf(text, 64, "%.*s", (int)buf.n, buf.p ? buf.p : "");
    rh_buf_release(&buf);
    return rc;
}

static void a_file_is_read_while_the_job_runs(void **state)
{
    struct rig *rig = *state;
    char text[64];

    shell(rig, "a",
          "printf 12345 > x; ln -s /etc/passwd link; mkfifo pipe; mkdir folder; echo go; sleep 60");
    await_output(rig, "a", "go\n");

    assert_int_equal(read_now(rig, "x", 5, text), RH_OK);
    assert_string_equal(text, "12345");
    assert_int_equal(read_now(rig, "x", 4, text), RH_ETOOLARGE);
    assert_int_equal(read_now(rig, "none", 9, text), RH_ENOTFOUND);
    assert_int_equal(read_now(rig, "link", 9, text), RH_EINVAL);
    assert_int_equal(read_now(rig, "pipe", 9, text), RH_EINVAL);
    assert_int_equal(read_now(rig, "folder", 9, text), RH_EINVAL);
    assert_int_equal(process_driver_kill(rig->driver, OWNER, "a"), RH_OK);
    run_until(rig, &rig->ended.count, 1);
}

struct taker {
    struct rig *rig;
    uint32_t count;
    int32_t plain;
    int32_t missing;
    int32_t link;
    int32_t folder;
    int32_t doubled;
};

static void take_on_done(void *user, const struct rh_process_exit *exit)
{
    struct taker *taker = user;
    struct process_driver *driver = taker->rig->driver;

    assert_int_equal(exit->rc, RH_OK);
    taker->plain = process_driver_take(driver, OWNER, "a", "out", "kept");
    taker->missing = process_driver_take(driver, OWNER, "a", "none", "kept2");
    taker->link = process_driver_take(driver, OWNER, "a", "link", "kept2");
    taker->folder = process_driver_take(driver, OWNER, "a", "folder", "kept2");
    taker->doubled = process_driver_take(driver, OWNER, "a", "doubled", "kept2");
    taker->count++;
}

static void only_plain_files_of_the_job_are_taken_and_only_at_its_end(void **state)
{
    struct rig *rig = *state;
    struct taker taker = {.rig = rig};
    struct rh_str argv[] = {RH_STR_INIT("sh"), RH_STR_INIT("-c"),
                            RH_STR_INIT("echo result > out; ln -s /etc/passwd link; mkdir folder; "
                                        "echo x > doubled; ln doubled other")};
    struct rh_process_spec spec = {.size = (uint32_t)sizeof spec, .key = "a", .argv = {argv, 3, 0}};
    char text[16] = "";
    FILE *file;

    assert_int_equal(process_driver_run(rig->driver, OWNER, &spec, take_on_done, &taker), RH_OK);
    assert_int_equal(process_driver_take(rig->driver, OWNER, "a", "out", "kept"), RH_ENOTFOUND);
    run_until(rig, &taker.count, 1);

    assert_int_equal(taker.plain, RH_OK);
    assert_int_equal(taker.missing, RH_ENOTFOUND);
    assert_int_equal(taker.link, RH_EINVAL);
    assert_int_equal(taker.folder, RH_EINVAL);
    assert_int_equal(taker.doubled, RH_EINVAL);
    file = fopen(owner_path(rig, "kept"), "r");
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof text, file));
    assert_string_equal(text, "result\n");
    assert_int_equal(fclose(file), 0);
    assert_int_equal(access(owner_path(rig, "kept2"), F_OK), -1);
}

static int teardown_files(void **state)
{
    static const char *const names[] = {"in", "in2", "in3", "kept"};
    struct rig *rig = *state;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        (void)unlink(owner_path(rig, names[i])); /* not every test has them all */
    remove_empty(rig->root, "/files/" OWNER);
    remove_empty(rig->root, "/files");
    return teardown(state);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown_files)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_given_file_is_in_the_folder_and_cannot_be_written),
        T(files_of_one_name_stand_in_folders_of_their_own),
        T(a_file_is_no_folder_for_another),
        T(a_missing_or_doubled_file_leaves_no_job),
        T(a_link_is_not_given),
        T(bytes_are_a_file_of_the_asked_mode_that_a_variable_names),
        T(bytes_do_not_replace_a_file),
        T(a_file_is_read_while_the_job_runs),
        T(only_plain_files_of_the_job_are_taken_and_only_at_its_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
