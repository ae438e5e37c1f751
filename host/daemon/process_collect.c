/* The end of a job as its folder tells it: record, output, or what is known without a record. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ringhost/sdk/str.h>

#include "host/daemon/process.h"
#include "host/daemon/process_folder.h"
#include "host/exec/jobdir.h"
#include "host/exec/record.h"
#include "host/exec/tree.h"

static void end_say(struct process_end *end, int32_t rc, const char *reason, const char *message)
{
    end->exit.rc = rc;
    /* Both fit or are cut: they are for people. */
    (void)snprintf(end->reason, sizeof end->reason, "%s", reason);
    (void)snprintf(end->message, sizeof end->message, "%s", message);
}

/* The program whose ringhost-exec is gone: nobody else is left to end it. */
static bool orphan_kill(int dir_fd)
{
    struct exec_tree_proc proc;
    int32_t pid = 0;
    uint64_t start_ticks = 0;

    if (exec_jobdir_read_pid(dir_fd, EXEC_JOBDIR_JOB, &pid, &start_ticks) < 0)
        return false;
    if (exec_tree_look(pid, &proc) == 0 && proc.start_ticks == start_ticks)
        (void)kill(-pid, SIGKILL); /* it leads its group; already gone is fine */
    return true;
}

/* Leave a record in place of the missing one, so that a ringhost-exec which was started and has not
 * got as far as the lock finds the job over. Should that fail, the folder is deleted soon anyway.
 */
static void record_fill_in(int dir_fd, const char *message)
{
    struct exec_record rec;
    char text[EXEC_RECORD_BYTES_MAX];
    size_t len = 0;

    exec_record_init(&rec);
    exec_record_say(&rec, "%s", message);
    if (exec_record_write(&rec, text, sizeof text, &len) == EXEC_RECORD_OK)
        (void)exec_jobdir_replace(dir_fd, EXEC_JOBDIR_EXIT, text, len, false); /* see above */
}

static void end_from_nothing(struct process_end *end, int dir_fd, bool was_killed)
{
    bool had_begun = orphan_kill(dir_fd);

    if (was_killed && !had_begun)
        end_say(end, RH_OK, "killed", "cancelled before the program began");
    else if (had_begun)
        end_say(end, RH_EIO, "lost",
                "ringhost-exec died while the program ran; how that ended is not known");
    else
        end_say(end, RH_EIO, "lost", "ringhost-exec died before the program began");
    record_fill_in(dir_fd, end->message);
}

static void end_from_record(struct process_end *end, const struct exec_record *rec)
{
    struct rh_process_exit *exit = &end->exit;
    char words[256];

    switch (rec->reason) {
    case EXEC_REASON_EXITED:
        (void)snprintf(words, sizeof words, "exited with status %d", (int)rec->code);
        break;
    case EXEC_REASON_SIGNALLED:
        (void)snprintf(words, sizeof words, "ended by signal %d (%s)", (int)rec->signal,
                       strsignal((int)rec->signal));
        break;
    case EXEC_REASON_TIMEOUT:
        (void)snprintf(words, sizeof words, "ran longer than its limit, ended after %lld ms",
                       (long long)rec->wall_ms);
        break;
    case EXEC_REASON_KILLED:
        (void)snprintf(words, sizeof words, "cancelled");
        break;
    case EXEC_REASON_NOT_FOUND:
        (void)snprintf(words, sizeof words, "no such program");
        break;
    default:
        (void)snprintf(words, sizeof words, "could not be run");
        break;
    }
    end_say(end,
            rec->reason == EXEC_REASON_NOT_FOUND      ? RH_ENOTFOUND
            : rec->reason == EXEC_REASON_SPAWN_FAILED ? RH_EIO
            : rec->reason == EXEC_REASON_INTERNAL     ? RH_EIO
                                                      : RH_OK,
            rec->reason == EXEC_REASON_INTERNAL ? "lost" : exec_reason_word(rec->reason),
            rec->message[0] ? rec->message : words);
    exit->code = (int32_t)rec->code;
    exit->signal = (int32_t)rec->signal;
    exit->wall_ms = rec->wall_ms;
    exit->max_rss_kb = rec->maxrss_kb;
}

/* True if there is a record that can be read. */
static bool record_load(int dir_fd, struct exec_record *rec, const char **why)
{
    char *text = NULL;
    size_t len = 0;
    int32_t code = EXEC_RECORD_OK;

    if (exec_jobdir_read(dir_fd, EXEC_JOBDIR_EXIT, EXEC_RECORD_BYTES_MAX, &text, &len) < 0) {
        *why = NULL;
        return false;
    }
    code = exec_record_read(text, len, rec);
    free(text);
    *why = code == EXEC_RECORD_OK ? NULL : exec_record_error_text(code);
    return code == EXEC_RECORD_OK;
}

static void errors_load(int dir_fd, struct rh_buf *out)
{
    struct stat st;
    char *to;
    ssize_t got;
    int fd = openat(dir_fd, EXEC_JOBDIR_STDERR, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0)
        return;
    to = rh_buf_reserve(out, PROCESS_ERRORS_BYTES_MAX);
    if (to && fstat(fd, &st) == 0) {
        int64_t from = st.st_size > (int64_t)PROCESS_ERRORS_BYTES_MAX
                           ? st.st_size - (int64_t)PROCESS_ERRORS_BYTES_MAX
                           : 0;

        got = pread(fd, to, PROCESS_ERRORS_BYTES_MAX, from);
        if (got > 0)
            rh_buf_advance(out, (size_t)got);
    }
    (void)close(fd); /* it was only read */
}

static void limits_load(int dir_fd, struct process_end *end)
{
    char *text = NULL;
    size_t len = 0;

    if (exec_jobdir_read(dir_fd, EXEC_JOBDIR_LIMITS, EXEC_LIMITS_BYTES_MAX, &text, &len) == 0)
        (void)snprintf(end->limits, sizeof end->limits, "%.*s", (int)len, text); /* fits */
    free(text);
}

void process_folder_collect(const char *path, bool was_killed, struct process_end *end)
{
    struct exec_record rec;
    const char *why = NULL;
    int dir_fd = -1;
    int lock_fd = -1;

    memset(end, 0, sizeof *end);
    end->exit.size = (uint32_t)sizeof end->exit;
    rh_buf_init(&end->output, (size_t)PROCESS_OUTPUT_BYTES_MAX);
    rh_buf_init(&end->errors, PROCESS_ERRORS_BYTES_MAX);
    if (exec_jobdir_open(path, &dir_fd) < 0) {
        end_say(end, RH_EIO, "lost", "the job's folder is gone");
    } else {
        /* With the lock in our hands nobody can begin the job while we judge it. */
        int rc = exec_jobdir_lock(dir_fd, &lock_fd);

        if (record_load(dir_fd, &rec, &why))
            end_from_record(end, &rec);
        else if (why)
            end_say(end, RH_EIO, "lost", why);
        else if (rc == -EWOULDBLOCK)
            end_say(end, RH_EIO, "lost", "ringhost-exec left no record, yet its lock is held");
        else
            end_from_nothing(end, dir_fd, was_killed);
        if (process_folder_output(path, 0, (uint64_t)PROCESS_OUTPUT_BYTES_MAX, &end->output) !=
                RH_OK &&
            end->exit.rc == RH_OK)
            end_say(end, RH_EIO, "lost", "its output cannot be read");
        errors_load(dir_fd, &end->errors);
        limits_load(dir_fd, end);
        (void)close(dir_fd); /* nothing was written through it */
        if (lock_fd >= 0)
            (void)close(lock_fd); /* gives the lock back */
    }
    end->exit.limits = rh_str_from(end->limits);
    end->exit.reason = rh_str_from(end->reason);
    end->exit.message = rh_str_from(end->message);
    end->exit.output = rh_buf_str(&end->output);
    end->exit.errors = rh_buf_str(&end->errors);
}

void process_end_release(struct process_end *end)
{
    rh_buf_release(&end->output);
    rh_buf_release(&end->errors);
}
