/* Job folders and the real ringhost-exec; waits by pidfd and inotify, never by napping. */
#include "tests/host/exec/jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/exec/jobdir.h"

#define FILE_MAX (64u * 1024u * 1024u)

static int64_t clock_ms(void)
{
    struct timespec ts;

    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &ts), 0);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void readable_await(int fd, int64_t deadline_ms)
{
    struct pollfd one = {.fd = fd, .events = POLLIN};
    int64_t left_ms = deadline_ms - clock_ms();

    if (left_ms <= 0 || poll(&one, 1, (int)left_ms) != 1)
        fail_msg("nothing within %d ms", JOBS_DEADLINE_MS);
}

void job_init(struct job *job)
{
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
    memset(job, 0, sizeof *job);
    assert_true(snprintf(job->path, sizeof job->path, "/tmp/ringhost-exec-XXXXXX") > 0);
    assert_non_null(mkdtemp(job->path));
    assert_int_equal(exec_jobdir_open(job->path, &job->dir_fd), 0);
    exec_spec_init(&job->spec);
    job->spec.envs[job->spec.env_count++] = "PATH=/usr/bin:/bin";
}

void job_init_shell(struct job *job, const char *script)
{
    job_init(job);
    job->spec.args[job->spec.arg_count++] = "sh";
    job->spec.args[job->spec.arg_count++] = "-c";
    job->spec.args[job->spec.arg_count++] = script;
}

void job_write_spec(struct job *job)
{
    char *text = malloc(EXEC_SPEC_BYTES_MAX);
    size_t len = 0;

    assert_non_null(text);
    assert_int_equal(exec_spec_write(&job->spec, text, EXEC_SPEC_BYTES_MAX, &len), EXEC_SPEC_OK);
    assert_int_equal(exec_jobdir_replace(job->dir_fd, EXEC_JOBDIR_SPEC, text, len, false), 0);
    free(text);
}

void job_launch(struct job *job)
{
    job->pid = fork();
    assert_true(job->pid >= 0);
    if (job->pid == 0) {
        (void)execl(RINGHOST_EXEC_PROGRAM, "ringhost-exec", job->path, (char *)NULL);
        _exit(99);
    }
}

int jobs_wait_pid(pid_t pid)
{
    int status = 0;
    int fd = pidfd_open(pid, 0);

    assert_true(fd >= 0);
    readable_await(fd, clock_ms() + JOBS_DEADLINE_MS);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(close(fd), 0);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void job_finish(struct job *job, struct exec_record *rec)
{
    char *text;
    size_t len = 0;

    assert_int_equal(jobs_wait_pid(job->pid), 0);
    job->pid = 0;
    text = job_file(job, EXEC_JOBDIR_EXIT, &len);
    assert_int_equal(exec_record_read(text, len, rec), EXEC_RECORD_OK);
    free(text);
}

void job_run(struct job *job, struct exec_record *rec)
{
    job_write_spec(job);
    job_launch(job);
    job_finish(job, rec);
}

static int file_contains(struct job *job, const char *name, const char *text)
{
    char *bytes = NULL;
    size_t len = 0;
    int found;

    if (exec_jobdir_read(job->dir_fd, name, FILE_MAX, &bytes, &len) != 0)
        return 0;
    found = memmem(bytes, len, text, strlen(text)) != NULL;
    free(bytes);
    return found;
}

void job_await(struct job *job, const char *name, const char *text)
{
    int64_t deadline_ms = clock_ms() + JOBS_DEADLINE_MS;
    int fd = inotify_init1(IN_CLOEXEC);
    char events[4096];

    assert_true(fd >= 0);
    assert_true(inotify_add_watch(fd, job->path, IN_MODIFY | IN_CREATE | IN_MOVED_TO) >= 0);
    while (!file_contains(job, name, text)) {
        readable_await(fd, deadline_ms);
        assert_true(read(fd, events, sizeof events) > 0);
    }
    assert_int_equal(close(fd), 0);
}

char *job_file(struct job *job, const char *name, size_t *len)
{
    char *bytes = NULL;
    size_t n = 0;

    assert_int_equal(exec_jobdir_read(job->dir_fd, name, FILE_MAX, &bytes, &n), 0);
    if (len)
        *len = n;
    return bytes;
}

void job_assert_stdout(struct job *job, const char *text)
{
    char *bytes = job_file(job, EXEC_JOBDIR_STDOUT, NULL);

    assert_string_equal(bytes, text);
    free(bytes);
}

void job_release(struct job *job)
{
    static const char *const names[] = {
        EXEC_JOBDIR_SPEC,   EXEC_JOBDIR_LOCK,   EXEC_JOBDIR_PID,  EXEC_JOBDIR_JOB,
        EXEC_JOBDIR_STDOUT, EXEC_JOBDIR_STDERR, EXEC_JOBDIR_EXIT, "go",
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        (void)unlinkat(job->dir_fd, names[i], 0); /* not every job has every file */
    assert_int_equal(close(job->dir_fd), 0);
    assert_int_equal(rmdir(job->path), 0); /* and no other file, such as a temporary one */
}

void jobs_assert_no_child(void)
{
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}
