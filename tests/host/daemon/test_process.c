/* Jobs through the real ringhost-exec: ends of every kind, and jobs that outlive the driver. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ringhost/sdk/str.h>

#include "host/daemon/process.h"
#include "host/exec/jobdir.h"

#define OWNER       "tester"
#define PATIENCE_MS 30000u
#define JOBS_MAX    128u

struct ended {
    uint32_t count;
    int32_t rc;
    int32_t code;
    int32_t signal;
    char reason[32];
    char message[1024];
    char output[4096];
    size_t errors_bytes;
    char errors_last;
    uint32_t folder_was_there;
    char key[32];
};

struct rig {
    uv_loop_t loop;
    uv_timer_t patience;
    uint32_t is_late;
    char root[64];
    struct process_driver *driver;
    struct ended ended;
    uint32_t total; /* ends of all jobs */
};

static struct rig *the_rig; /* what callbacks look at; tests run one after the other */

static void on_late(uv_timer_t *timer)
{
    ((struct rig *)timer->data)->is_late = 1;
}

static int folder_exists(const struct rig *rig, const char *key)
{
    char path[256];

    (void)snprintf(path, sizeof path, "%s/jobs/" OWNER "/%s", rig->root, key);
    return access(path, F_OK) == 0;
}

static void cut(char *dst, size_t size, struct rh_str s)
{
    (void)snprintf(dst, size, "%.*s", RH_STR_ARG(s));
}

static void on_done(void *user, const struct rh_process_exit *exit)
{
    struct ended *ended = user;

    ended->count++;
    the_rig->total++;
    ended->rc = exit->rc;
    ended->code = exit->code;
    ended->signal = exit->signal;
    cut(ended->reason, sizeof ended->reason, exit->reason);
    cut(ended->message, sizeof ended->message, exit->message);
    cut(ended->output, sizeof ended->output, exit->output);
    ended->errors_bytes = exit->errors.n;
    ended->errors_last = exit->errors.n ? exit->errors.p[exit->errors.n - 1] : '\0';
    ended->folder_was_there = ended->key[0] && folder_exists(the_rig, ended->key);
}

static void driver_make(struct rig *rig)
{
    assert_int_equal(process_driver_new(&rig->loop, rig->root, RINGHOST_EXEC_PROGRAM, &rig->driver),
                     RH_OK);
}

static void driver_renew(struct rig *rig)
{
    process_driver_free(rig->driver);
    (void)uv_run(&rig->loop, UV_RUN_NOWAIT);
    driver_make(rig);
}

static int setup(void **state)
{
    struct rig *rig = calloc(1, sizeof *rig);

    assert_non_null(rig);
    assert_int_equal(uv_loop_init(&rig->loop), 0);
    assert_int_equal(uv_timer_init(&rig->loop, &rig->patience), 0);
    rig->patience.data = rig;
    assert_int_equal(uv_timer_start(&rig->patience, on_late, PATIENCE_MS, 0), 0);
    (void)snprintf(rig->root, sizeof rig->root, "/tmp/ringhost-process-XXXXXX");
    assert_non_null(mkdtemp(rig->root));
    driver_make(rig);
    the_rig = rig;
    *state = rig;
    return 0;
}

static uint32_t entries(const char *root, const char *below)
{
    char path[256];
    uint32_t count = 0;
    DIR *dir;

    (void)snprintf(path, sizeof path, "%s/%s", root, below);
    dir = opendir(path);
    if (!dir)
        return 0;
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    assert_int_equal(closedir(dir), 0);
    return count;
}

static void remove_empty(const char *root, const char *below)
{
    char path[256];

    (void)snprintf(path, sizeof path, "%s%s", root, below);
    assert_true(rmdir(path) == 0 || errno == ENOENT);
}

static int teardown(void **state)
{
    struct rig *rig = *state;

    process_driver_free(rig->driver);
    uv_close((uv_handle_t *)&rig->patience, NULL);
    (void)uv_run(&rig->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&rig->loop), 0);
    remove_empty(rig->root, "/jobs/" OWNER); /* fails when a test has left a folder */
    remove_empty(rig->root, "/jobs/.gone");
    remove_empty(rig->root, "/jobs");
    remove_empty(rig->root, "");
    free(rig);
    return 0;
}

static void run_until(struct rig *rig, const uint32_t *count, uint32_t wanted)
{
    while (*count < wanted) {
        (void)uv_run(&rig->loop, UV_RUN_ONCE);
        if (rig->is_late)
            fail_msg("%u of %u after %u ms", *count, wanted, PATIENCE_MS);
    }
}

/* One more turn, in which the folder of the last job has gone. */
static void run_once(struct rig *rig)
{
    (void)uv_run(&rig->loop, UV_RUN_NOWAIT);
}

static int32_t shell_with(struct rig *rig, struct rh_process_spec spec, const char *key,
                          const char *script, struct ended *ended)
{
    struct rh_str argv[] = {RH_STR_INIT("sh"), RH_STR_INIT("-c"), rh_str_from(script)};

    spec.size = (uint32_t)sizeof spec;
    spec.key = key;
    spec.argv = (struct rh_str_list){argv, 3, 0};
    (void)snprintf(ended->key, sizeof ended->key, "%s", key);
    return process_driver_run(rig->driver, OWNER, &spec, on_done, ended);
}

static void shell(struct rig *rig, const char *key, const char *script)
{
    struct rh_process_spec spec = {.grace_ms = 2000};

    assert_int_equal(shell_with(rig, spec, key, script, &rig->ended), RH_OK);
}

/* Wait until the job has written text to stdout. */
static void await_output(struct rig *rig, const char *key, const char *text)
{
    for (;;) {
        struct rh_buf out;
        int found;

        rh_buf_init(&out, 4096);
        assert_int_equal(process_driver_output(rig->driver, OWNER, key, 0, 4096, &out), RH_OK);
        found = out.n == strlen(text) && memcmp(out.p, text, out.n) == 0;
        rh_buf_release(&out);
        if (found)
            return;
        (void)uv_run(&rig->loop, UV_RUN_NOWAIT);
        if (rig->is_late)
            fail_msg("no output within %u ms", PATIENCE_MS);
    }
}

static void exit_code_and_output_come_back_before_the_folder_goes(void **state)
{
    struct rig *rig = *state;

    shell(rig, "a", "echo out; echo err >&2; exit 7");
    run_until(rig, &rig->ended.count, 1);

    assert_int_equal(rig->ended.rc, RH_OK);
    assert_string_equal(rig->ended.reason, "exited");
    assert_int_equal(rig->ended.code, 7);
    assert_string_equal(rig->ended.output, "out\n");
    assert_int_equal(rig->ended.errors_bytes, 4);
    assert_true(rig->ended.folder_was_there);
    assert_false(folder_exists(rig, "a"));
}

static void callback_does_not_run_before_run_returns(void **state)
{
    struct rig *rig = *state;

    shell(rig, "a", "exit 0");

    assert_int_equal(rig->ended.count, 0);
    run_until(rig, &rig->ended.count, 1);
}

static void input_reaches_standard_input(void **state)
{
    struct rig *rig = *state;
    struct rh_process_spec spec = {.input = RH_STR_LIT("{\"a\":1}")};

    assert_int_equal(shell_with(rig, spec, "a", "cat", &rig->ended), RH_OK);
    run_until(rig, &rig->ended.count, 1);

    assert_string_equal(rig->ended.output, "{\"a\":1}");
}

static void path_begins_with_the_programs_own_directory(void **state)
{
    struct rig *rig = *state;
    char wanted[512];

    shell(rig, "a", "printf '%s %s' \"${PATH%%:*}\" \"$HOME\"");
    run_until(rig, &rig->ended.count, 1);

    (void)snprintf(wanted, sizeof wanted, "%.*s %s",
                   (int)(strrchr(RINGHOST_EXEC_PROGRAM, '/') - RINGHOST_EXEC_PROGRAM),
                   RINGHOST_EXEC_PROGRAM, getenv("HOME") ? getenv("HOME") : "/");
    assert_string_equal(rig->ended.output, wanted);
}

static void given_path_is_left_alone(void **state)
{
    struct rig *rig = *state;
    struct rh_str env[] = {RH_STR_INIT("PATH=/usr/bin:/bin"), RH_STR_INIT("X=y z")};
    struct rh_process_spec spec = {.env = {env, 2, 0}};

    assert_int_equal(shell_with(rig, spec, "a", "printf '%s|%s' \"$PATH\" \"$X\"", &rig->ended),
                     RH_OK);
    run_until(rig, &rig->ended.count, 1);

    assert_string_equal(rig->ended.output, "/usr/bin:/bin|y z");
}

static void job_works_in_a_folder_of_its_own_that_goes_with_it(void **state)
{
    struct rig *rig = *state;

    shell(rig, "a", "mkdir -p x/y && touch x/y/z exit && pwd");
    run_until(rig, &rig->ended.count, 1);

    assert_non_null(strstr(rig->ended.output, "/jobs/" OWNER "/a/work\n"));
    assert_false(folder_exists(rig, "a"));
    assert_int_equal(entries(rig->root, "jobs/.gone"), 0);
}

static void errors_are_the_last_16_kib(void **state)
{
    struct rig *rig = *state;

    shell(rig, "a", "head -c 40000 /dev/zero >&2; printf Z >&2");
    run_until(rig, &rig->ended.count, 1);

    assert_int_equal(rig->ended.errors_bytes, PROCESS_ERRORS_BYTES_MAX);
    assert_int_equal(rig->ended.errors_last, 'Z');
}

static void output_is_cut_at_its_limit(void **state)
{
    struct rig *rig = *state;
    struct rh_process_spec spec = {.output_max = 5};

    assert_int_equal(shell_with(rig, spec, "a", "printf 0123456789", &rig->ended), RH_OK);
    run_until(rig, &rig->ended.count, 1);

    assert_string_equal(rig->ended.output, "01234");
}

static void kill_ends_the_whole_tree(void **state)
{
    struct rig *rig = *state;

    shell(rig, "a", "sleep 1000 & printf up; wait");
    await_output(rig, "a", "up");
    assert_int_equal(process_driver_kill(rig->driver, OWNER, "a"), RH_OK);
    run_until(rig, &rig->ended.count, 1);

    assert_string_equal(rig->ended.reason, "killed");
}

static void kill_right_after_the_start_is_a_kill(void **state)
{
    struct rig *rig = *state;

    shell(rig, "a", "sleep 1000");
    assert_int_equal(process_driver_kill(rig->driver, OWNER, "a"), RH_OK);
    run_until(rig, &rig->ended.count, 1);

    assert_string_equal(rig->ended.reason, "killed");
}

static void time_limit_is_a_reason_of_its_own(void **state)
{
    struct rig *rig = *state;
    struct rh_process_spec spec = {.wall_ms = 100};

    assert_int_equal(shell_with(rig, spec, "a", "sleep 1000", &rig->ended), RH_OK);
    run_until(rig, &rig->ended.count, 1);

    assert_string_equal(rig->ended.reason, "timeout");
}

static void missing_program_is_not_found(void **state)
{
    struct rig *rig = *state;
    struct rh_str argv[] = {RH_STR_INIT("no-such-program-here")};
    struct rh_process_spec spec = {.size = (uint32_t)sizeof spec, .key = "a", .argv = {argv, 1, 0}};

    assert_int_equal(process_driver_run(rig->driver, OWNER, &spec, on_done, &rig->ended), RH_OK);
    run_until(rig, &rig->ended.count, 1);

    assert_int_equal(rig->ended.rc, RH_ENOTFOUND);
    assert_string_equal(rig->ended.reason, "not_found");
    assert_true(rig->ended.message[0] != '\0');
}

static void bad_names_and_specs_are_refused_without_a_trace(void **state)
{
    static const char *const keys[] = {"", ".", "..", "a/b", "a b", "\xc3\xa4"};
    struct rig *rig = *state;
    struct rh_process_spec too_much = {.output_max = PROCESS_OUTPUT_BYTES_MAX + 1};
    struct rh_process_spec empty = {.size = (uint32_t)sizeof empty, .key = "a"};

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        assert_int_equal(
            shell_with(rig, (struct rh_process_spec){0}, keys[i], "exit 0", &rig->ended),
            RH_EINVAL);
    assert_int_equal(shell_with(rig, too_much, "a", "exit 0", &rig->ended), RH_EINVAL);
    assert_int_equal(process_driver_run(rig->driver, OWNER, &empty, on_done, NULL), RH_EINVAL);

    assert_int_equal(entries(rig->root, "jobs/" OWNER), 0);
}

static void key_in_use_is_refused_and_its_job_goes_on(void **state)
{
    struct rig *rig = *state;
    struct ended other = {0};

    shell(rig, "a", "sleep 1000");
    assert_int_equal(shell_with(rig, (struct rh_process_spec){0}, "a", "exit 0", &other),
                     RH_EEXISTS);

    assert_int_equal(process_driver_kill(rig->driver, OWNER, "a"), RH_OK);
    run_until(rig, &rig->ended.count, 1);
    assert_int_equal(other.count, 0);
}

static void running_job_is_adopted_by_a_new_driver(void **state)
{
    struct rig *rig = *state;
    struct ended adopted = {0};

    shell(rig, "a", "trap 'printf bye; exit 3' TERM; printf up; sleep 1000 & wait");
    await_output(rig, "a", "up");
    driver_renew(rig);
    assert_int_equal(process_driver_adopt(rig->driver, OWNER, "a", on_done, &adopted), RH_OK);
    run_once(rig);
    assert_int_equal(adopted.count, 0);
    assert_int_equal(process_driver_kill(rig->driver, OWNER, "a"), RH_OK);
    run_until(rig, &adopted.count, 1);

    assert_string_equal(adopted.output, "upbye");
    assert_string_equal(adopted.reason, "killed");
    assert_int_equal(rig->ended.count, 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no zombie of the former life */
}

static void ended_job_is_collected_by_a_new_driver(void **state)
{
    struct rig *rig = *state;
    struct ended adopted = {.key = "a"};
    char record[256];

    shell(rig, "a", "printf done; exit 4");
    driver_renew(rig);
    (void)snprintf(record, sizeof record, "%s/jobs/" OWNER "/a/exit", rig->root);
    while (access(record, F_OK) != 0 && !rig->is_late)
        (void)uv_run(&rig->loop, UV_RUN_NOWAIT);
    assert_int_equal(process_driver_adopt(rig->driver, OWNER, "a", on_done, &adopted), RH_OK);
    assert_int_equal(adopted.count, 0); /* on a later turn */
    run_until(rig, &adopted.count, 1);

    assert_string_equal(adopted.reason, "exited");
    assert_int_equal(adopted.code, 4);
    assert_string_equal(adopted.output, "done");
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_false(folder_exists(rig, "a"));
}

static void adopting_at_any_moment_gives_the_end_once(void **state)
{
    struct rig *rig = *state;

    for (uint32_t i = 0; i < 30; i++) { /* the moment differs from round to round */
        struct ended adopted = {0};

        shell(rig, "a", "printf x; exit 5");
        for (uint32_t turn = 0; turn < i * 20 && rig->ended.count == 0; turn++)
            (void)uv_run(&rig->loop, UV_RUN_NOWAIT);
        if (rig->ended.count == 0) {
            driver_renew(rig);
            assert_int_equal(process_driver_adopt(rig->driver, OWNER, "a", on_done, &adopted),
                             RH_OK);
            run_until(rig, &adopted.count, 1);
            /* A ringhost-exec that had not got as far as its lock is told apart, and never runs. */
            assert_true(strcmp(adopted.reason, "lost") == 0 || adopted.code == 5);
        }
        rig->ended.count = 0;
        assert_false(folder_exists(rig, "a"));
    }
    while (waitpid(-1, NULL, 0) > 0) { /* those that came too late to tell who they are */
    }
}

static void job_whose_keeper_was_killed_is_lost_and_its_program_ended(void **state)
{
    struct rig *rig = *state;
    char path[256];
    int dir_fd = -1;
    int32_t pid = 0;
    int32_t program = 0;
    uint64_t ticks = 0;

    shell(rig, "a", "printf up; exec sleep 1000");
    await_output(rig, "a", "up");
    (void)snprintf(path, sizeof path, "%s/jobs/" OWNER "/a", rig->root);
    assert_int_equal(exec_jobdir_open(path, &dir_fd), 0);
    assert_int_equal(exec_jobdir_read_pid(dir_fd, EXEC_JOBDIR_PID, &pid, &ticks), 0);
    assert_int_equal(exec_jobdir_read_pid(dir_fd, EXEC_JOBDIR_JOB, &program, &ticks), 0);
    assert_int_equal(close(dir_fd), 0);
    assert_int_equal(kill(pid, SIGKILL), 0);
    run_until(rig, &rig->ended.count, 1);

    assert_int_equal(rig->ended.rc, RH_EIO);
    assert_string_equal(rig->ended.reason, "lost");
    assert_false(folder_exists(rig, "a"));
    while (kill(program, 0) == 0 && !rig->is_late) /* until its new parent has reaped it */
        (void)uv_run(&rig->loop, UV_RUN_NOWAIT);
    assert_int_equal(kill(program, 0), -1);
}

struct listed {
    uint32_t count;
    uint32_t running;
};

static void on_each(void *user, const char *key, uint32_t is_running)
{
    struct listed *listed = user;

    assert_true(strcmp(key, "a") == 0 || strcmp(key, "b") == 0);
    listed->count++;
    listed->running += is_running;
}

static void list_tells_running_jobs_from_ended_ones(void **state)
{
    struct rig *rig = *state;
    struct ended b = {0};
    struct listed before = {0};
    struct listed after = {0};

    shell(rig, "a", "sleep 1000");
    assert_int_equal(shell_with(rig, (struct rh_process_spec){0}, "b", "exit 0", &b), RH_OK);
    assert_int_equal(process_driver_list(rig->driver, OWNER, on_each, &before), RH_OK);
    process_driver_detach(rig->driver, OWNER);
    do {
        (void)uv_run(&rig->loop, UV_RUN_NOWAIT);
        after = (struct listed){0};
        assert_int_equal(process_driver_list(rig->driver, OWNER, on_each, &after), RH_OK);
    } while (after.running > 1 && !rig->is_late);

    assert_int_equal(before.count, 2);
    assert_int_equal(before.running, 2);
    assert_int_equal(after.count, 2);
    assert_int_equal(after.running, 1);
    assert_int_equal(process_driver_adopt(rig->driver, OWNER, "a", on_done, &rig->ended), RH_OK);
    assert_int_equal(process_driver_kill(rig->driver, OWNER, "a"), RH_OK);
    assert_int_equal(process_driver_adopt(rig->driver, OWNER, "b", on_done, &b), RH_OK);
    run_until(rig, &rig->ended.count, 2);
    run_until(rig, &b.count, 2);
}

static void detached_owner_is_told_at_once_and_its_jobs_go_on(void **state)
{
    struct rig *rig = *state;
    struct ended adopted = {0};

    shell(rig, "a", "printf up; sleep 1000");
    await_output(rig, "a", "up");
    process_driver_detach(rig->driver, OWNER);
    assert_int_equal(rig->ended.rc, RH_ECANCELLED);
    assert_int_equal(process_driver_adopt(rig->driver, OWNER, "a", on_done, &adopted), RH_OK);
    assert_int_equal(process_driver_adopt(rig->driver, OWNER, "a", on_done, &adopted), RH_EEXISTS);
    assert_int_equal(process_driver_kill(rig->driver, OWNER, "a"), RH_OK);
    run_until(rig, &adopted.count, 1);

    assert_int_equal(rig->ended.count, 1);
    assert_string_equal(adopted.reason, "killed");
}

static void absent_job_is_not_found(void **state)
{
    struct rig *rig = *state;
    struct rh_buf out;

    rh_buf_init(&out, 16);

    assert_int_equal(process_driver_kill(rig->driver, OWNER, "a"), RH_ENOTFOUND);
    assert_int_equal(process_driver_adopt(rig->driver, OWNER, "a", on_done, NULL), RH_ENOTFOUND);
    assert_int_equal(process_driver_output(rig->driver, OWNER, "a", 0, 1, &out), RH_ENOTFOUND);
}

static uint32_t fds_open(void)
{
    return entries("/proc/self", "fd");
}

static void hundred_jobs_leave_nothing_behind(void **state)
{
    struct rig *rig = *state;
    struct ended *all = calloc(JOBS_MAX, sizeof *all);
    uint32_t fds;

    assert_non_null(all);
    shell(rig, "first", "exit 0"); /* what libuv opens once is open now */
    run_until(rig, &rig->total, 1);
    fds = fds_open();
    for (uint32_t i = 0; i < 100; i++) {
        char key[16];

        (void)snprintf(key, sizeof key, "j%u", i);
        assert_int_equal(shell_with(rig, (struct rh_process_spec){0}, key, "exit 0", &all[i]),
                         RH_OK);
    }
    run_until(rig, &rig->total, 101);
    run_once(rig);

    for (uint32_t i = 0; i < 100; i++)
        assert_int_equal(all[i].count, 1);
    assert_int_equal(fds_open(), fds);
    assert_int_equal(entries(rig->root, "jobs/" OWNER), 0);
    assert_int_equal(entries(rig->root, "jobs/.gone"), 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
    free(all);
}

static void more_jobs_than_the_quota_are_refused(void **state)
{
    struct rig *rig = *state;
    struct ended last = {0};
    uint32_t refused = 0;

    for (uint32_t i = 0; i < PROCESS_JOBS_PER_OWNER_MAX; i++) {
        char path[256];
        char key[16];

        /* Folders of an earlier life whose ringhost-exec never began. */
        (void)snprintf(key, sizeof key, "q%u", i);
        (void)snprintf(path, sizeof path, "%s/jobs/" OWNER, rig->root);
        assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
        (void)snprintf(path, sizeof path, "%s/jobs/" OWNER "/%s", rig->root, key);
        assert_int_equal(mkdir(path, 0700), 0);
        assert_int_equal(process_driver_adopt(rig->driver, OWNER, key, on_done, &rig->ended),
                         RH_OK);
    }
    refused = shell_with(rig, (struct rh_process_spec){0}, "one", "exit 0", &last) == RH_EAGAIN;
    run_until(rig, &rig->total, PROCESS_JOBS_PER_OWNER_MAX);

    assert_int_equal(refused, 1);
    assert_string_equal(rig->ended.reason, "lost");
    assert_int_equal(last.count, 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(exit_code_and_output_come_back_before_the_folder_goes),
        T(callback_does_not_run_before_run_returns),
        T(input_reaches_standard_input),
        T(path_begins_with_the_programs_own_directory),
        T(given_path_is_left_alone),
        T(job_works_in_a_folder_of_its_own_that_goes_with_it),
        T(errors_are_the_last_16_kib),
        T(output_is_cut_at_its_limit),
        T(kill_ends_the_whole_tree),
        T(kill_right_after_the_start_is_a_kill),
        T(time_limit_is_a_reason_of_its_own),
        T(missing_program_is_not_found),
        T(bad_names_and_specs_are_refused_without_a_trace),
        T(key_in_use_is_refused_and_its_job_goes_on),
        T(running_job_is_adopted_by_a_new_driver),
        T(ended_job_is_collected_by_a_new_driver),
        T(adopting_at_any_moment_gives_the_end_once),
        T(job_whose_keeper_was_killed_is_lost_and_its_program_ended),
        T(list_tells_running_jobs_from_ended_ones),
        T(detached_owner_is_told_at_once_and_its_jobs_go_on),
        T(absent_job_is_not_found),
        T(hundred_jobs_leave_nothing_behind),
        T(more_jobs_than_the_quota_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
