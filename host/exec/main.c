/* ringhost-exec: takes hold of one job folder, runs its job, leaves the exit record. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "host/exec/jobdir.h"
#include "host/exec/record.h"
#include "host/exec/run.h"
#include "host/exec/spec.h"

/* As in sysexits.h. */
enum { STATUS_OK = 0, STATUS_USAGE = 64, STATUS_DATA = 65, STATUS_INTERNAL = 70, STATUS_IO = 74 };

static int complain(int status, const char *what, const char *why)
{
    (void)fprintf(stderr, "ringhost-exec: %s: %s\n", what, why); /* nobody else to tell */
    return status;
}

/* Streams 0 to 2 open, so that no descriptor of ours becomes one; all others closed, so that the
 * job holds none of the host's sockets when the host is gone. */
static bool fds_tidy(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= 2);
    return fd >= 0 && close_range(3, ~0u, 0) == 0;
}

/* Lead a session. A group leader, which a shell's child is, first joins its parent's group. */
static int session_lead(void)
{
    if (getsid(0) == getpid() || setsid() >= 0)
        return 0;
    if (setpgid(0, getpgid(getppid())) != 0 || setsid() < 0)
        return -errno;
    return 0;
}

static int folder_take(const char *path, int *dir_fd, int *lock_fd)
{
    bool over = true;
    int rc = exec_jobdir_open(path, dir_fd);

    if (rc < 0)
        return complain(rc == -EPERM ? STATUS_DATA : STATUS_IO, path,
                        rc == -EPERM ? "must be yours alone, mode 0700" : strerror(-rc));
    rc = exec_jobdir_lock(*dir_fd, lock_fd);
    if (rc == -EWOULDBLOCK)
        return complain(STATUS_DATA, path, "the job is running");
    if (rc == 0)
        rc = exec_jobdir_is_over(*dir_fd, &over);
    if (rc < 0)
        return complain(STATUS_IO, path, strerror(-rc));
    return over ? complain(STATUS_DATA, path, "the job has been run") : STATUS_OK;
}

static int spec_load(int dir_fd, char **text, struct exec_spec *spec)
{
    size_t len = 0;
    size_t at = 0;
    int32_t code;
    int rc = exec_jobdir_read(dir_fd, EXEC_JOBDIR_SPEC, EXEC_SPEC_BYTES_MAX, text, &len);

    if (rc == -EFBIG)
        return complain(STATUS_DATA, "spec", exec_spec_error_text(EXEC_SPEC_ETOO_BIG));
    if (rc < 0)
        return complain(STATUS_IO, "spec", strerror(-rc));
    code = exec_spec_read(*text, len, spec, &at);
    if (code != EXEC_SPEC_OK) {
        char where[64];

        (void)snprintf(where, sizeof where, "spec, byte %zu", at); /* fits */
        return complain(STATUS_DATA, where, exec_spec_error_text(code));
    }
    return STATUS_OK;
}

static int record_leave(int dir_fd, const struct exec_record *rec)
{
    char text[EXEC_RECORD_BYTES_MAX];
    size_t len = 0;
    int32_t code = exec_record_write(rec, text, sizeof text, &len);
    int rc;

    if (code != EXEC_RECORD_OK)
        return complain(STATUS_INTERNAL, "exit", exec_record_error_text(code));
    rc = exec_jobdir_replace(dir_fd, EXEC_JOBDIR_EXIT, text, len, true);
    return rc < 0 ? complain(STATUS_IO, "exit", strerror(-rc)) : STATUS_OK;
}

static int job_run(const char *path)
{
    static const char session[] = "session, subreaper";
    struct exec_spec *spec = malloc(sizeof *spec);
    struct exec_record rec;
    char *text = NULL;
    int dir_fd = -1;
    int lock_fd = -1;
    int status = STATUS_OK;
    int rc = 0;

    if (!spec)
        return complain(STATUS_INTERNAL, "memory", strerror(ENOMEM));
    rc = session_lead();
    if (rc == 0 && prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0)
        rc = -errno;
    if (rc < 0) {
        status = complain(STATUS_INTERNAL, session, strerror(-rc));
        goto out;
    }
    status = folder_take(path, &dir_fd, &lock_fd);
    if (status == STATUS_OK)
        status = spec_load(dir_fd, &text, spec);
    if (status != STATUS_OK)
        goto out;
    rc = exec_jobdir_write_pid(dir_fd, EXEC_JOBDIR_PID, getpid());
    if (rc < 0) {
        status = complain(STATUS_IO, "pid", strerror(-rc));
        goto out;
    }
    exec_run(spec, dir_fd, &rec);
    status = record_leave(dir_fd, &rec);
out:
    free(text);
    free(spec);
    if (dir_fd >= 0)
        (void)close(dir_fd); /* nothing was written through it */
    if (lock_fd >= 0)
        (void)close(lock_fd); /* last of all: the record is there before the lock is free */
    return status;
}

int main(int argc, char **argv)
{
    if (!fds_tidy())
        return STATUS_INTERNAL;
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return puts("usage: ringhost-exec JOBDIR\n"
                    "Run the job described in JOBDIR/spec, kill and reap whatever it leaves, and\n"
                    "write JOBDIR/exit. SIGTERM cancels. See ringhost-exec(1).") < 0
                   ? STATUS_IO
                   : STATUS_OK;
    if (argc == 2 && strcmp(argv[1], "--version") == 0)
        return puts("ringhost-exec " RINGHOST_VERSION) < 0 ? STATUS_IO : STATUS_OK;
    if (argc != 2 || argv[1][0] == '-')
        return complain(STATUS_USAGE, "usage", "ringhost-exec JOBDIR | --help | --version");
    exec_run_prepare();
    return job_run(argv[1]);
}
