/* Claims about process trees: how /proc is read, and that nothing a job starts outlives it. */
#include "host/exec/tree.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/exec/jobdir.h"
#include "tests/host/exec/jobs.h"

/* What this program does when it is the job: a daemon that left session and group and ignores
 * SIGTERM. Tells its pid on standard output, then waits for the end. */
static int daemon_run(void)
{
    pid_t leader = fork();

    if (leader != 0) /* nothing but the daemon is left behind: its session's leader has ended */
        return waitpid(leader, NULL, 0) == leader ? 0 : 1;
    (void)setsid();
    if (fork() != 0)
        return 0;
    (void)signal(SIGTERM, SIG_IGN);
    (void)printf("daemon %d\n", (int)getpid());
    (void)fflush(stdout);
    for (;;)
        (void)pause();
}

static pid_t daemon_pid(struct job *job)
{
    char *text = job_file(job, EXEC_JOBDIR_STDOUT, NULL);
    const char *at = strstr(text, "daemon ");
    long pid;

    assert_non_null(at);
    pid = strtol(at + 7, NULL, 10);
    free(text);
    assert_true(pid > 1);
    return (pid_t)pid;
}

static void job_init_daemon(struct job *job, const char *self, const char *script)
{
    job_init_shell(job, script);
    job->spec.args[job->spec.arg_count++] = self; /* $0 of the script */
    job->spec.grace_ms = 50;
}

static void assert_gone(pid_t pid)
{
    assert_int_equal(kill(pid, 0), -1);
    assert_int_equal(errno, ESRCH);
    jobs_assert_no_child();
}

static void a_name_with_parentheses_and_newlines_is_parsed(void **state)
{
    struct exec_tree_proc proc;

    (void)state;
    assert_int_equal(exec_tree_parse("12 (a) R 1 (\n) S 7 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 "
                                     "98765 1 2 3\n",
                                     &proc),
                     0);
    assert_int_equal(proc.pid, 12);
    assert_int_equal(proc.ppid, 7);
    assert_int_equal(proc.state, 'S');
    assert_int_equal(proc.start_ticks, 98765);
}

static void a_cut_or_strange_line_is_refused(void **state)
{
    static const char *const lines[] = {
        "",
        "12",
        "12 (a)",
        "12 (a) S",
        "12 (a) S 7 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0",
        "x (a) S 7 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 98765",
        "12 (a) S -7 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 98765",
    };

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct exec_tree_proc proc;

        assert_int_equal(exec_tree_parse(lines[i], &proc), -EINVAL);
    }
}

static void this_process_is_found_and_a_reaped_one_is_not(void **state)
{
    struct exec_tree_proc proc;
    pid_t child = fork();

    (void)state;
    assert_true(child >= 0);
    if (child == 0)
        _exit(0);
    assert_int_equal(jobs_wait_pid(child), 0);

    assert_int_equal(exec_tree_look(child, &proc), -ESRCH);
    assert_int_equal(exec_tree_look(getpid(), &proc), 0);
    assert_int_equal(proc.ppid, getppid());
}

static void a_timeout_kills_the_whole_tree(void **state)
{
    struct exec_record rec;
    struct job job;

    (void)state;
    job_init_shell(&job, "tail -f /dev/null & (tail -f /dev/null & wait) & wait");
    job.spec.wall_ms = 100;

    job_run(&job, &rec);

    assert_int_equal(rec.reason, EXEC_REASON_TIMEOUT);
    assert_int_equal(rec.signal, SIGTERM);
    assert_true(rec.wall_ms >= 100);
    job_release(&job);
    jobs_assert_no_child();
}

static void a_cancel_kills_a_daemon_that_left_and_ignores_sigterm(void **state)
{
    struct exec_record rec;
    struct job job;
    pid_t pid;

    job_init_daemon(&job, *state, "\"$0\" daemon; tail -f /dev/null");
    job_write_spec(&job);
    job_launch(&job);
    job_await(&job, EXEC_JOBDIR_STDOUT, "daemon ");
    job_await(&job, EXEC_JOBDIR_STDOUT, "\n");

    assert_int_equal(kill(job.pid, SIGTERM), 0);
    job_finish(&job, &rec);

    pid = daemon_pid(&job);
    assert_int_equal(rec.reason, EXEC_REASON_KILLED);
    assert_gone(pid);
    job_release(&job);
}

static void a_daemon_left_behind_is_killed_and_told(void **state)
{
    struct exec_record rec;
    struct job job;

    job_init_daemon(&job, *state, "\"$0\" daemon | { read line; echo \"$line\"; exit 4; }");

    job_run(&job, &rec);

    assert_int_equal(rec.reason, EXEC_REASON_EXITED);
    assert_int_equal(rec.code, 4);
    assert_non_null(strstr(rec.message, "left behind and ended: 1"));
    assert_gone(daemon_pid(&job));
    job_release(&job);
}

static void a_stopped_job_obeys_a_cancel(void **state)
{
    struct exec_record rec;
    struct job job;

    (void)state;
    job_init_shell(&job, "trap 'exit 9' TERM; echo ready; kill -STOP $$; tail -f /dev/null");
    job.spec.grace_ms = JOBS_DEADLINE_MS / 3;
    job_write_spec(&job);
    job_launch(&job);
    job_await(&job, EXEC_JOBDIR_STDOUT, "ready");

    assert_int_equal(kill(job.pid, SIGTERM), 0);
    job_finish(&job, &rec);

    assert_int_equal(rec.reason, EXEC_REASON_KILLED);
    assert_int_equal(rec.code, 9);
    assert_int_equal(rec.signal, 0);
    job_release(&job);
    jobs_assert_no_child();
}

static void no_grace_means_sigkill_at_once(void **state)
{
    struct exec_record rec;
    struct job job;

    (void)state;
    job_init_shell(&job, "trap 'exit 9' TERM; echo ready; while :; do :; done");
    job.spec.grace_ms = 0;
    job_write_spec(&job);
    job_launch(&job);
    job_await(&job, EXEC_JOBDIR_STDOUT, "ready");

    assert_int_equal(kill(job.pid, SIGINT), 0);
    job_finish(&job, &rec);

    assert_int_equal(rec.reason, EXEC_REASON_KILLED);
    assert_int_equal(rec.signal, SIGKILL);
    job_release(&job);
    jobs_assert_no_child();
}

int main(int argc, char **argv)
{
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_with_parentheses_and_newlines_is_parsed),
        cmocka_unit_test(a_cut_or_strange_line_is_refused),
        cmocka_unit_test(this_process_is_found_and_a_reaped_one_is_not),
        cmocka_unit_test(a_timeout_kills_the_whole_tree),
        cmocka_unit_test_prestate(a_cancel_kills_a_daemon_that_left_and_ignores_sigterm, self),
        cmocka_unit_test_prestate(a_daemon_left_behind_is_killed_and_told, self),
        cmocka_unit_test(a_stopped_job_obeys_a_cancel),
        cmocka_unit_test(no_grace_means_sigkill_at_once),
    };

    if (argc == 2 && strcmp(argv[1], "daemon") == 0)
        return daemon_run();
    if (n <= 0)
        return 1;
    self[n] = '\0';
    return cmocka_run_group_tests(tests, NULL, NULL);
}
