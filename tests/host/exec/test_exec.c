/* Claims about ringhost-exec with real processes: results, surroundings, refusals, and its own
 * death. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/exec/jobdir.h"
#include "tests/host/exec/jobs.h"

#define MANY_JOBS 200

static void shell_prints(const char *script, void (*change)(struct exec_spec *), const char *out)
{
    struct exec_record rec;
    struct job job;

    job_init_shell(&job, script);
    if (change)
        change(&job.spec);

    job_run(&job, &rec);

    assert_int_equal(rec.reason, EXEC_REASON_EXITED);
    assert_int_equal(rec.code, 0);
    job_assert_stdout(&job, out);
    job_release(&job);
    jobs_assert_no_child();
}

static void shell_ends(const char *script, enum exec_reason reason, int code, int sig)
{
    struct exec_record rec;
    struct job job;

    job_init_shell(&job, script);

    job_run(&job, &rec);

    assert_int_equal(rec.reason, reason);
    assert_int_equal(rec.code, code);
    assert_int_equal(rec.signal, sig);
    assert_string_equal(rec.message, "");
    job_release(&job);
    jobs_assert_no_child();
}

static void the_exit_status_is_recorded(void **state)
{
    (void)state;
    shell_ends("exit 0", EXEC_REASON_EXITED, 0, 0);
    shell_ends("exit 7", EXEC_REASON_EXITED, 7, 0);
}

static void a_signal_is_recorded_with_a_code_that_is_not_zero(void **state)
{
    (void)state;
    shell_ends("kill -KILL $$", EXEC_REASON_SIGNALLED, 128 + SIGKILL, SIGKILL);
}

static void program_fails(const char *program, const char *cwd, enum exec_reason reason, int code)
{
    struct exec_record rec;
    struct job job;

    job_init(&job);
    job.spec.args[job.spec.arg_count++] = program;
    job.spec.cwd = cwd;

    job_run(&job, &rec);

    assert_int_equal(rec.reason, reason);
    assert_int_equal(rec.code, code);
    assert_non_null(strstr(rec.message, program));
    job_release(&job);
    jobs_assert_no_child();
}

static void a_missing_program_is_told_from_one_that_cannot_start(void **state)
{
    (void)state;
    program_fails("no-such-program", NULL, EXEC_REASON_NOT_FOUND, 127);
    program_fails("/no/such/program", NULL, EXEC_REASON_NOT_FOUND, 127);
    program_fails("/etc/passwd", NULL, EXEC_REASON_SPAWN_FAILED, 126);
    program_fails("true", "/no/such/folder", EXEC_REASON_SPAWN_FAILED, 126);
}

static void standard_input_arrives_whole(void **state)
{
    size_t size = 1024 * 1024;
    char *bytes = malloc(size);
    struct exec_record rec;
    struct job job;
    size_t len = 0;
    char *got;

    (void)state;
    assert_non_null(bytes);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)(i * 2654435761u >> 13);
    job_init_shell(&job, "exec cat");
    job.spec.stdin_bytes = bytes;
    job.spec.stdin_len = size;

    job_run(&job, &rec);

    got = job_file(&job, EXEC_JOBDIR_STDOUT, &len);
    assert_int_equal(rec.stdout_bytes, size);
    assert_int_equal(len, size);
    assert_memory_equal(got, bytes, size);
    free(got);
    free(bytes);
    job_release(&job);
}

static void a_job_that_ignores_its_input_is_not_hurt_by_it(void **state)
{
    size_t size = 1024 * 1024;
    char *bytes = calloc(1, size);
    struct exec_record rec;
    struct job job;

    (void)state;
    assert_non_null(bytes);
    job_init_shell(&job, "exit 3");
    job.spec.stdin_bytes = bytes;
    job.spec.stdin_len = size;

    job_run(&job, &rec);

    assert_int_equal(rec.reason, EXEC_REASON_EXITED);
    assert_int_equal(rec.code, 3);
    free(bytes);
    job_release(&job);
}

/* The output of numbered lines, with a tail of 600 of 2000 bytes. */
static void run_lines(const char *script, struct exec_record *rec, char **got, size_t *len)
{
    struct job job;

    job_init_shell(&job, script);
    job.spec.output_max_bytes = 2000;
    job.spec.output_tail_bytes = 600;
    job_run(&job, rec);
    *got = job_file(&job, EXEC_JOBDIR_STDOUT, len);
    job_release(&job);
}

static void the_end_of_a_long_output_is_kept_behind_its_beginning(void **state)
{
    struct exec_record rec;
    char *got;
    size_t len = 0;
    long left_out = 0;

    (void)state;
    run_lines("seq -w 1 100000", &rec, &got, &len); /* 7 bytes a line */

    assert_int_equal(rec.stdout_bytes, len);
    assert_true(len <= 2000);
    assert_memory_equal(got, "000001\n000002\n", 14);
    assert_string_equal(got + len - 14, "099999\n100000\n");
    assert_int_equal(sscanf(strchr(got, '['), "[%ld bytes left out]", &left_out), 1);
    assert_int_equal(rec.stdout_dropped, left_out);
    assert_int_equal(left_out, 700000 - 1400 - (600 - 96));
    free(got);
}

static void an_output_that_fits_with_its_tail_is_whole(void **state)
{
    struct exec_record rec;
    char *got;
    size_t len = 0;

    (void)state;
    run_lines("seq -w 1000 1399", &rec, &got, &len); /* 2000 bytes */

    assert_int_equal(len, 2000);
    assert_int_equal(rec.stdout_dropped, 0);
    assert_null(strchr(got, '['));
    assert_string_equal(got + 1990, "1398\n1399\n");
    for (size_t i = 0; i < 400; i++)
        assert_int_equal(strtol(got + 5 * i, NULL, 10), 1000 + i);
    free(got);
}

static void held_input_ends_when_the_job_must(void **state)
{
    struct exec_record rec;
    struct job job;
    size_t len = 0;
    char *got;

    (void)state;
    job_init_shell(&job, "read -r a; echo got $a; read -r b; echo end of input; exit 5");
    job.spec.stdin_bytes = "one\n";
    job.spec.stdin_len = 4;
    job.spec.stdin_hold = 1;
    job.spec.wall_ms = 200;
    job.spec.grace_ms = JOBS_DEADLINE_MS;

    job_run(&job, &rec);

    got = job_file(&job, EXEC_JOBDIR_STDOUT, &len);
    assert_int_equal(rec.reason, EXEC_REASON_TIMEOUT);
    assert_int_equal(rec.code, 5);
    assert_int_equal(rec.signal, 0);
    assert_true(rec.wall_ms >= 200);
    assert_string_equal(got, "got one\nend of input\n");
    free(got);
    job_release(&job);
}

static void held_input_that_nobody_reads_does_not_hold_the_job(void **state)
{
    struct exec_record rec;
    struct job job;

    (void)state;
    job_init_shell(&job, "exec <&-; sleep 0.1; exit 4");
    job.spec.stdin_hold = 1;
    job.spec.wall_ms = JOBS_DEADLINE_MS;

    job_run(&job, &rec);

    assert_int_equal(rec.reason, EXEC_REASON_EXITED);
    assert_int_equal(rec.code, 4);
    job_release(&job);
}

static void a_job_deaf_to_the_end_of_its_input_gets_signals(void **state)
{
    struct exec_record rec;
    struct job job;

    (void)state;
    job_init_shell(&job, "exec sleep 100");
    job.spec.stdin_hold = 1;
    job.spec.wall_ms = 50;
    job.spec.grace_ms = 50;

    job_run(&job, &rec);

    assert_int_equal(rec.reason, EXEC_REASON_TIMEOUT);
    assert_int_equal(rec.signal, SIGTERM);
    job_release(&job);
}

static void output_is_capped_at_exactly_its_limit_and_the_rest_counted(void **state)
{
    struct exec_record rec;
    struct job job;
    size_t len = 0;
    char *kept;

    (void)state;
    job_init_shell(&job, "printf ab; head -c 3000000 /dev/zero; head -c 1001 /dev/zero >&2");
    job.spec.output_max_bytes = 1000;

    job_run(&job, &rec);

    kept = job_file(&job, EXEC_JOBDIR_STDOUT, &len);
    assert_int_equal(len, 1000);
    assert_memory_equal(kept, "ab\0", 3);
    free(kept);
    free(job_file(&job, EXEC_JOBDIR_STDERR, &len));
    assert_int_equal(len, 1000);
    assert_int_equal(rec.stdout_bytes, 1000);
    assert_int_equal(rec.stdout_dropped, 3000002 - 1000);
    assert_int_equal(rec.stderr_bytes, 1000);
    assert_int_equal(rec.stderr_dropped, 1);
    job_release(&job);
}

static void the_environment_is_exactly_the_given_one(void **state)
{
    struct exec_record rec;
    struct job job;

    (void)state;
    job_init(&job);
    job.spec.args[job.spec.arg_count++] = "env";
    job.spec.envs[job.spec.env_count++] = "A=x y=z";

    job_run(&job, &rec);

    job_assert_stdout(&job, "PATH=/usr/bin:/bin\nA=x y=z\n");
    job_release(&job);
}

static void surroundings_change(struct exec_spec *spec)
{
    spec->cwd = "/usr";
    spec->rlimit_nofile = 64;
    spec->rlimit_as_bytes = INT64_C(4096) * 1024 * 1024;
    spec->rlimit_cpu_s = 77;
    spec->nice = 5;
    spec->umask = 077;
}

static void folder_limits_priority_and_umask_are_those_of_the_spec(void **state)
{
    (void)state;
    shell_prints("/bin/pwd; ulimit -n; ulimit -v; ulimit -t; nice; umask", surroundings_change,
                 "/usr\n64\n4194304\n77\n5\n0077\n");
}

static void the_job_inherits_no_descriptor_but_the_three(void **state)
{
    int leaked = open("/dev/null", O_RDONLY); /* as a host might leak one: no close-on-exec */

    (void)state;
    assert_true(leaked >= 0);
    shell_prints("exec ls /proc/self/fd", NULL, "0\n1\n2\n3\n"); /* 3 is the folder that ls reads */
    assert_int_equal(close(leaked), 0);
}

static void the_job_starts_with_default_signals(void **state)
{
    (void)state;
    shell_prints("grep -E 'SigBlk|SigIgn' /proc/self/status | tr -d '\\t'", NULL,
                 "SigBlk:0000000000000000\nSigIgn:0000000000000000\n");
}

static void a_finished_job_is_never_run_again(void **state)
{
    struct exec_record rec;
    struct job job;

    (void)state;
    job_init_shell(&job, "echo once");
    job_run(&job, &rec);

    job_launch(&job);

    assert_int_equal(jobs_wait_pid(job.pid), 65);
    job_assert_stdout(&job, "once\n");
    job_release(&job);
}

static void a_running_job_is_not_started_twice(void **state)
{
    struct exec_record rec;
    struct job job;
    struct job second;

    (void)state;
    job_init_shell(&job, "echo ready; exec tail -f /dev/null");
    job_write_spec(&job);
    job_launch(&job);
    job_await(&job, EXEC_JOBDIR_STDOUT, "ready");
    second = job;

    job_launch(&second);

    assert_int_equal(jobs_wait_pid(second.pid), 65);
    assert_int_equal(kill(job.pid, SIGTERM), 0);
    job_finish(&job, &rec);
    assert_int_equal(rec.reason, EXEC_REASON_KILLED);
    job_release(&job);
}

static void a_bad_spec_and_an_open_folder_are_refused(void **state)
{
    struct job job;

    (void)state;
    job_init_shell(&job, "exit 0");
    assert_int_equal(exec_jobdir_replace(job.dir_fd, EXEC_JOBDIR_SPEC, "arg x", 5, false), 0);
    job_launch(&job);
    assert_int_equal(jobs_wait_pid(job.pid), 65);
    job_write_spec(&job);
    assert_int_equal(fchmod(job.dir_fd, 0755), 0);
    job_launch(&job);
    assert_int_equal(jobs_wait_pid(job.pid), 65);
    assert_int_equal(faccessat(job.dir_fd, EXEC_JOBDIR_EXIT, F_OK, 0), -1);
    job_release(&job);
}

static void the_job_goes_on_after_its_parent_dies(void **state)
{
    struct exec_record rec;
    struct job job;
    uint64_t start_ticks = 0;
    int32_t pid = 0;
    pid_t parent;
    int go;

    (void)state;
    job_init_shell(&job, "echo ready; read word < go; echo $word");
    job.spec.cwd = job.path;
    assert_int_equal(mkfifoat(job.dir_fd, "go", 0600), 0);
    job_write_spec(&job);
    parent = fork();
    assert_true(parent >= 0);
    if (parent == 0) {
        job_launch(&job);
        (void)pause();
        _exit(0);
    }
    job_await(&job, EXEC_JOBDIR_STDOUT, "ready");
    assert_int_equal(kill(parent, SIGKILL), 0);
    assert_int_equal(jobs_wait_pid(parent), 128 + SIGKILL);

    go = openat(job.dir_fd, "go", O_RDWR | O_CLOEXEC);
    assert_true(go >= 0);
    assert_int_equal(write(go, "onwards\n", 8), 8);

    assert_int_equal(exec_jobdir_read_pid(job.dir_fd, EXEC_JOBDIR_PID, &pid, &start_ticks), 0);
    job.pid = pid;
    job_finish(&job, &rec);
    assert_int_equal(rec.reason, EXEC_REASON_EXITED);
    job_assert_stdout(&job, "ready\nonwards\n");
    assert_int_equal(close(go), 0);
    job_release(&job);
    jobs_assert_no_child();
}

static void a_killed_ringhost_exec_leaves_no_record_and_a_free_lock(void **state)
{
    struct job job;
    uint64_t start_ticks = 0;
    int32_t orphan = 0;
    bool running = false;
    bool over = true;

    (void)state;
    job_init_shell(&job, "echo ready; exec tail -f /dev/null");
    job_write_spec(&job);
    job_launch(&job);
    job_await(&job, EXEC_JOBDIR_STDOUT, "ready");
    job_await(&job, EXEC_JOBDIR_JOB, "\n");
    assert_int_equal(exec_jobdir_is_running(job.dir_fd, &running), 0);
    assert_true(running);

    assert_int_equal(kill(job.pid, SIGKILL), 0);
    assert_int_equal(jobs_wait_pid(job.pid), 128 + SIGKILL);

    assert_int_equal(exec_jobdir_is_running(job.dir_fd, &running), 0);
    assert_int_equal(exec_jobdir_is_over(job.dir_fd, &over), 0);
    assert_false(running);
    assert_false(over);
    assert_int_equal(exec_jobdir_read_pid(job.dir_fd, EXEC_JOBDIR_JOB, &orphan, &start_ticks), 0);
    assert_int_equal(kill(-orphan, SIGKILL), 0);
    assert_int_equal(jobs_wait_pid(orphan), 128 + SIGKILL);
    job_release(&job);
    jobs_assert_no_child();
}

static size_t fds_open(void)
{
    DIR *dir = opendir("/proc/self/fd");
    size_t count = 0;

    assert_non_null(dir);
    while (readdir(dir))
        count++;
    assert_int_equal(closedir(dir), 0);
    return count;
}

static void two_hundred_short_jobs_leave_no_zombie_and_no_descriptor(void **state)
{
    size_t fds_before = fds_open();

    (void)state;
    for (int i = 0; i < MANY_JOBS; i++) {
        struct exec_record rec;
        struct job job;

        job_init_shell(&job, "true & true & echo done");
        job_run(&job, &rec);
        assert_int_equal(rec.reason, EXEC_REASON_EXITED);
        job_assert_stdout(&job, "done\n");
        job_release(&job);
    }

    jobs_assert_no_child();
    assert_int_equal(fds_open(), fds_before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_exit_status_is_recorded),
        cmocka_unit_test(a_signal_is_recorded_with_a_code_that_is_not_zero),
        cmocka_unit_test(a_missing_program_is_told_from_one_that_cannot_start),
        cmocka_unit_test(standard_input_arrives_whole),
        cmocka_unit_test(a_job_that_ignores_its_input_is_not_hurt_by_it),
        cmocka_unit_test(the_end_of_a_long_output_is_kept_behind_its_beginning),
        cmocka_unit_test(an_output_that_fits_with_its_tail_is_whole),
        cmocka_unit_test(held_input_ends_when_the_job_must),
        cmocka_unit_test(a_job_deaf_to_the_end_of_its_input_gets_signals),
        cmocka_unit_test(held_input_that_nobody_reads_does_not_hold_the_job),
        cmocka_unit_test(output_is_capped_at_exactly_its_limit_and_the_rest_counted),
        cmocka_unit_test(the_environment_is_exactly_the_given_one),
        cmocka_unit_test(folder_limits_priority_and_umask_are_those_of_the_spec),
        cmocka_unit_test(the_job_inherits_no_descriptor_but_the_three),
        cmocka_unit_test(the_job_starts_with_default_signals),
        cmocka_unit_test(a_finished_job_is_never_run_again),
        cmocka_unit_test(a_running_job_is_not_started_twice),
        cmocka_unit_test(a_bad_spec_and_an_open_folder_are_refused),
        cmocka_unit_test(the_job_goes_on_after_its_parent_dies),
        cmocka_unit_test(a_killed_ringhost_exec_leaves_no_record_and_a_free_lock),
        cmocka_unit_test(two_hundred_short_jobs_leave_no_zombie_and_no_descriptor),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
