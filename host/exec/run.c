/* The life of a job: RUN until it ends or must; CLOSE, the end of a held input; TERM for the grace
 * time; KILL till none is left. */
#include "host/exec/run.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host/exec/cgroup.h"
#include "host/exec/jobdir.h"
#include "host/exec/output.h"
#include "host/exec/spawn.h"
#include "host/exec/tree.h"

/* Only ever forwards. */
enum phase { PHASE_RUN, PHASE_CLOSE, PHASE_TERM, PHASE_KILL, PHASE_DONE };

struct run {
    const struct exec_spec *spec;
    struct exec_record *rec;
    int signal_fd;
    int stdin_fd; /* -1 once it is closed: all is written and not held, or nobody reads */
    size_t stdin_at;
    struct exec_output out;
    struct exec_output err;
    struct exec_cgroup cgroup;
    pid_t pid;
    bool has_ended; /* the program itself */
    bool is_cancelled;
    enum phase phase;
    int64_t start_ms;
    int64_t deadline_ms; /* end of the phase; -1 = none */
    int64_t round_ms;    /* of the next SIGKILL in PHASE_KILL */
    size_t left_behind;
};

static int64_t clock_ms(void)
{
    struct timespec ts = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &ts); /* cannot fail for this clock */
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void watched_signals(sigset_t *set)
{
    (void)sigemptyset(set);
    (void)sigaddset(set, SIGCHLD);
    (void)sigaddset(set, SIGTERM);
    (void)sigaddset(set, SIGINT);
}

static void fd_close(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd); /* pipes and a signalfd: nothing to lose */
    *fd = -1;
}

static void phase_move(struct run *run, enum phase phase, int64_t deadline_ms)
{
    assert(phase > run->phase);
    run->phase = phase;
    run->deadline_ms = deadline_ms;
}

static void run_fail(struct run *run, const char *what, int error)
{
    run->rec->reason = EXEC_REASON_INTERNAL;
    run->rec->code = EXEC_CODE_INTERNAL;
    exec_record_say(run->rec, "%s: %s", what, strerror(error));
}

static void spawn_fail(struct run *run, const struct exec_spawn_failure *failure)
{
    bool is_missing = failure->step == EXEC_SPAWN_FIND;
    const char *program = run->spec->args[0];

    run->rec->reason = is_missing ? EXEC_REASON_NOT_FOUND : EXEC_REASON_SPAWN_FAILED;
    run->rec->code = is_missing ? EXEC_CODE_NOT_FOUND : EXEC_CODE_SPAWN_FAILED;
    if (is_missing && !strchr(program, '/'))
        exec_record_say(run->rec, "program \"%.200s\" is in none of the folders %.250s", program,
                        exec_spawn_path(run->spec));
    else
        exec_record_say(run->rec, "%s \"%.300s\": %s", exec_spawn_step_text(failure->step), program,
                        strerror(failure->error));
}

/* How the limits are kept is told in a file of the folder; not being able to is no reason not to
 * begin. */
static void cgroup_begin(struct run *run, int dir_fd)
{
    const bool has_one = exec_cgroup_begin(&run->cgroup, run->spec);
    const char *words = has_one ? EXEC_LIMITS_CGROUP : run->cgroup.why;

    if (words[0])
        (void)exec_jobdir_replace(dir_fd, EXEC_JOBDIR_LIMITS, words, strlen(words), false);
}

/* Returns false with the record filled if the job did not start. */
static bool run_start(struct run *run, int dir_fd)
{
    struct exec_spawn_failure failure;
    int fds[3] = {-1, -1, -1};
    int in[2] = {-1, -1};
    sigset_t set;
    int rc = 0;

    run->pid = -1;
    watched_signals(&set);
    run->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (run->signal_fd < 0 || pipe2(in, O_CLOEXEC) != 0) {
        run_fail(run, "signalfd, pipe", errno);
        goto out;
    }
    fds[0] = in[0];
    run->stdin_fd = in[1];
    if (fcntl(run->stdin_fd, F_SETFL, O_NONBLOCK) != 0) {
        run_fail(run, "fcntl", errno);
        goto out;
    }
    rc = exec_output_open(&run->out, dir_fd, EXEC_JOBDIR_STDOUT, &fds[1]);
    if (rc == 0)
        rc = exec_output_open(&run->err, dir_fd, EXEC_JOBDIR_STDERR, &fds[2]);
    if (rc < 0) {
        run_fail(run, "output file", -rc);
        goto out;
    }
    cgroup_begin(run, dir_fd);
    run->start_ms = clock_ms();
    run->pid = exec_spawn(run->spec, fds, run->cgroup.procs_fd, &failure);
    if (run->pid < 0)
        spawn_fail(run, &failure);
out:
    for (int i = 0; i < 3; i++)
        fd_close(&fds[i]);
    return run->pid > 0;
}

static bool stdin_is_all_written(const struct run *run)
{
    return run->stdin_at == run->spec->stdin_len;
}

static void stdin_feed(struct run *run)
{
    while (run->stdin_fd >= 0 && !(run->spec->stdin_hold && stdin_is_all_written(run))) {
        size_t left = run->spec->stdin_len - run->stdin_at;
        ssize_t n =
            left == 0 ? 0 : write(run->stdin_fd, run->spec->stdin_bytes + run->stdin_at, left);

        if (n > 0)
            run->stdin_at += (size_t)n;
        else if (n < 0 && errno == EAGAIN)
            return;
        else if (n == 0 || errno != EINTR)
            fd_close(&run->stdin_fd); /* all written, or nobody reads: EPIPE is the job's right */
    }
}

static void signals_take(struct run *run)
{
    struct signalfd_siginfo info;

    while (read(run->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo != SIGCHLD)
            run->is_cancelled = true;
    }
}

static void program_ended(struct run *run, int status)
{
    struct exec_record *rec = run->rec;

    run->has_ended = true;
    rec->wall_ms = clock_ms() - run->start_ms;
    rec->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    rec->code = rec->signal ? EXEC_CODE_SIGNAL_BASE + rec->signal : WEXITSTATUS(status);
    if (run->phase == PHASE_RUN)
        rec->reason = rec->signal ? EXEC_REASON_SIGNALLED : EXEC_REASON_EXITED;
}

/* Orphans come to a subreaper, so no child left means no descendant left. */
static bool reap_all(struct run *run)
{
    for (;;) {
        int status = 0;
        pid_t pid = waitpid(-1, &status, WNOHANG | __WALL);

        if (pid < 0 && errno == ECHILD)
            return true;
        if (pid <= 0)
            return false;
        if (pid == run->pid)
            program_ended(run, status);
    }
}

/* A failed scan is tried again: TERM is followed by KILL, and KILL has rounds. */
static size_t tree_hit(int sig)
{
    size_t count = 0;

    return exec_tree_signal(getpid(), sig, &count) == 0 ? count : 0;
}

static void kill_begin(struct run *run, int64_t now_ms)
{
    phase_move(run, PHASE_KILL, now_ms + EXEC_RUN_KILL_GIVE_UP_MS);
    run->round_ms = now_ms;
}

static void term_begin(struct run *run, int64_t now_ms)
{
    phase_move(run, PHASE_TERM, now_ms + run->spec->grace_ms);
    if (run->spec->grace_ms == 0) {
        if (run->has_ended)
            run->left_behind = tree_hit(0);
        kill_begin(run, now_ms);
        return;
    }
    run->left_behind = tree_hit(SIGTERM);
    if (!run->has_ended)
        run->left_behind = 0;
    (void)tree_hit(SIGCONT); /* a stopped process cannot obey */
}

/* The end of its input is a job's first sign that it must end. */
static void end_begin(struct run *run, int64_t now_ms)
{
    if (run->has_ended || !run->spec->stdin_hold || run->stdin_fd < 0) {
        term_begin(run, now_ms);
        return;
    }
    fd_close(&run->stdin_fd);
    phase_move(run, PHASE_CLOSE, now_ms + run->spec->grace_ms);
}

static void run_step(struct run *run)
{
    bool none_left = reap_all(run);
    int64_t now_ms = clock_ms();

    if (none_left) {
        assert(run->has_ended);
        phase_move(run, PHASE_DONE, -1);
        return;
    }
    if (run->phase == PHASE_RUN) {
        bool is_late = run->deadline_ms >= 0 && now_ms >= run->deadline_ms;

        if (!run->has_ended && run->is_cancelled)
            run->rec->reason = EXEC_REASON_KILLED;
        else if (!run->has_ended && is_late)
            run->rec->reason = EXEC_REASON_TIMEOUT;
        if (run->has_ended || run->is_cancelled || is_late)
            end_begin(run, now_ms);
    } else if (run->phase == PHASE_CLOSE && (run->has_ended || now_ms >= run->deadline_ms)) {
        term_begin(run, now_ms);
    } else if (run->phase == PHASE_TERM && now_ms >= run->deadline_ms) {
        kill_begin(run, now_ms);
    }
    if (run->phase == PHASE_KILL && now_ms >= run->deadline_ms) {
        phase_move(run, PHASE_DONE, -1);
    } else if (run->phase == PHASE_KILL && now_ms >= run->round_ms) {
        exec_cgroup_kill(&run->cgroup);
        (void)tree_hit(SIGKILL);
        run->round_ms = now_ms + EXEC_RUN_KILL_ROUND_MS;
    }
}

static int wait_ms(const struct run *run)
{
    int64_t until_ms = run->phase == PHASE_KILL ? run->round_ms : run->deadline_ms;
    int64_t left_ms = until_ms - clock_ms();

    if (until_ms < 0)
        return -1;
    if (left_ms < 0)
        return 0;
    return left_ms > 3600000 ? 3600000 : (int)left_ms;
}

static void run_wait(struct run *run)
{
    struct pollfd fds[] = {
        {.fd = run->signal_fd, .events = POLLIN},
        {.fd = run->stdin_fd, .events = stdin_is_all_written(run) ? 0 : POLLOUT},
        {.fd = run->out.pipe_fd, .events = POLLIN},
        {.fd = run->err.pipe_fd, .events = POLLIN},
    };

    if (poll(fds, sizeof fds / sizeof fds[0], wait_ms(run)) <= 0)
        return;
    if (fds[0].revents)
        signals_take(run);
    if (fds[1].revents & POLLERR)
        fd_close(&run->stdin_fd); /* nobody reads it any more */
    else if (fds[1].revents)
        stdin_feed(run);
    if (fds[2].revents)
        exec_output_pump(&run->out);
    if (fds[3].revents)
        exec_output_pump(&run->err);
}

static void output_account(struct run *run)
{
    struct exec_record *rec = run->rec;

    exec_output_pump(&run->out);
    exec_output_pump(&run->err);
    exec_output_close(&run->out, true);
    exec_output_close(&run->err, true);
    rec->stdout_bytes = run->out.kept;
    rec->stdout_dropped = run->out.dropped;
    rec->stderr_bytes = run->err.kept;
    rec->stderr_dropped = run->err.dropped;
    if (run->out.error || run->err.error)
        exec_record_say(rec, "%s: %s", run->out.error ? "stdout" : "stderr",
                        strerror(run->out.error ? run->out.error : run->err.error));
}

static int64_t timeval_ms(const struct timeval *tv)
{
    return (int64_t)tv->tv_sec * 1000 + tv->tv_usec / 1000;
}

static void usage_account(struct exec_record *rec)
{
    struct rusage usage = {0};

    (void)getrusage(RUSAGE_CHILDREN, &usage); /* cannot fail */
    rec->user_ms = timeval_ms(&usage.ru_utime);
    rec->sys_ms = timeval_ms(&usage.ru_stime);
    rec->maxrss_kb = usage.ru_maxrss;
}

/* Only in the give-up case is anything of the tree still there. */
static void tree_account(struct run *run)
{
    size_t alive = tree_hit(0);

    if (exec_cgroup_oom_kills(&run->cgroup) > 0)
        exec_record_say(run->rec, "out of memory: its programs together may have %lld bytes",
                        (long long)run->spec->memory_max);
    else if (alive > 0)
        exec_record_say(run->rec, "still alive after SIGKILL: %zu", alive);
    else if (run->left_behind > 0)
        exec_record_say(run->rec, "left behind and ended: %zu", run->left_behind);
    if (!run->has_ended)
        run->rec->wall_ms = clock_ms() - run->start_ms;
}

void exec_run_prepare(void)
{
    struct sigaction action;
    sigset_t set;

    memset(&action, 0, sizeof action);
    action.sa_handler = SIG_DFL;
    watched_signals(&set);
    for (int sig = 1; sig < NSIG; sig++) {
        if (sigismember(&set, sig) == 1)
            (void)sigaction(sig, &action, NULL); /* an ignored signal would never be seen */
    }
    action.sa_handler = SIG_IGN;
    (void)sigaction(SIGPIPE, &action, NULL); /* none of these fail for signals that exist */
    (void)sigaction(SIGHUP, &action, NULL);
    (void)sigprocmask(SIG_SETMASK, &set, NULL);
}

void exec_run(const struct exec_spec *spec, int dir_fd, struct exec_record *rec)
{
    struct run run = {.spec = spec,
                      .rec = rec,
                      .signal_fd = -1,
                      .stdin_fd = -1,
                      .phase = PHASE_RUN,
                      .cgroup = {.procs_fd = -1}};

    exec_record_init(rec);
    exec_output_init(&run.out, spec->output_max_bytes, spec->output_tail_bytes);
    exec_output_init(&run.err, spec->output_max_bytes, spec->output_tail_bytes);
    if (run_start(&run, dir_fd)) {
        /* Not being able to note the program's pid is no reason to kill it. */
        (void)exec_jobdir_write_pid(dir_fd, EXEC_JOBDIR_JOB, run.pid);
        run.deadline_ms = spec->wall_ms > 0 ? run.start_ms + spec->wall_ms : -1;
        stdin_feed(&run);
        for (run_step(&run); run.phase != PHASE_DONE; run_step(&run))
            run_wait(&run);
        tree_account(&run);
    }
    exec_cgroup_end(&run.cgroup);
    output_account(&run);
    usage_account(rec);
    fd_close(&run.stdin_fd);
    fd_close(&run.signal_fd);
}
