/* Jobs that outlive their driver or their owner, and what is left when they are gone. */
#include "tests/host/daemon/process_rig.h"

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
