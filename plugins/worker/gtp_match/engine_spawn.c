/* Starts a program with pipes on its three standard files; it does not talk to it. */
#include "engine_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILD_FAILED 127

/* [0] is read, [1] is written; the last pair carries the errno of a failed exec. */
struct spawn_ends {
    int in[2];
    int out[2];
    int err[2];
    int note[2];
};

static void close_pair(int pair[2])
{
    for (int i = 0; i < 2; i++) {
        if (pair[i] >= 0)
            (void)close(pair[i]); /* nothing was written through it */
        pair[i] = -1;
    }
}

static void close_ends(struct spawn_ends *ends)
{
    close_pair(ends->in);
    close_pair(ends->out);
    close_pair(ends->err);
    close_pair(ends->note);
}

static bool open_ends(struct spawn_ends *ends)
{
    return pipe2(ends->in, O_CLOEXEC) == 0 && pipe2(ends->out, O_CLOEXEC) == 0 &&
           pipe2(ends->err, O_CLOEXEC) == 0 && pipe2(ends->note, O_CLOEXEC) == 0 &&
           fcntl(ends->in[1], F_SETFL, O_NONBLOCK) == 0 &&
           fcntl(ends->out[0], F_SETFL, O_NONBLOCK) == 0 &&
           fcntl(ends->err[0], F_SETFL, O_NONBLOCK) == 0;
}

/* Between fork and exec: only async-signal-safe calls. */
static _Noreturn void become_program(const char *path, char *const *argv, const char *folder,
                                     const struct spawn_ends *ends, pid_t parent)
{
    sigset_t none;
    struct sigaction action = {.sa_handler = SIG_DFL};
    (void)sigemptyset(&none);
    bool is_ready =
        setpgid(0, 0) == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent &&
        sigaction(SIGPIPE, &action, NULL) == 0 && sigprocmask(SIG_SETMASK, &none, NULL) == 0 &&
        dup2(ends->in[0], STDIN_FILENO) >= 0 && dup2(ends->out[1], STDOUT_FILENO) >= 0 &&
        dup2(ends->err[1], STDERR_FILENO) >= 0 && (!folder || chdir(folder) == 0);
    if (is_ready)
        (void)execv(path, argv); /* comes back only when it failed */
    int error = errno;
    (void)!write(ends->note[1], &error, sizeof(error)); /* if this fails too, 127 must do */
    _exit(CHILD_FAILED);
}

/* 0 when the exec closed the pipe, else the errno the child sent. */
static int read_note(int fd)
{
    int error = 0;
    ssize_t got;
    do
        got = read(fd, &error, sizeof(error));
    while (got < 0 && errno == EINTR);
    return got == (ssize_t)sizeof(error) ? error : 0;
}

enum engine_spawn_step engine_spawn(const char *path, char *const *argv, const char *folder,
                                    struct engine_pipes *out, int *error)
{
    struct spawn_ends ends = {{-1, -1}, {-1, -1}, {-1, -1}, {-1, -1}};
    enum engine_spawn_step step = ENGINE_SPAWN_SYSTEM;
    int pid_fd = -1;
    pid_t parent = getpid();
    pid_t pid = -1;
    if (open_ends(&ends))
        pid = fork();
    if (pid == 0)
        become_program(path, argv, folder, &ends, parent);
    *error = errno;
    if (pid < 0)
        goto out;

    (void)setpgid(pid, pid); /* the child does it too; whoever is later fails harmlessly */
    (void)close(ends.note[1]);
    ends.note[1] = -1;
    *error = read_note(ends.note[0]);
    if (*error != 0)
        step = ENGINE_SPAWN_EXEC;
    else
        pid_fd = pidfd_open(pid, 0);
    if (pid_fd < 0) {
        if (*error == 0)
            *error = errno;
        (void)kill(-pid, SIGKILL);
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
            continue;
        goto out;
    }
    *out = (struct engine_pipes){pid, pid_fd, ends.in[1], ends.out[0], ends.err[0]};
    ends.in[1] = ends.out[0] = ends.err[0] = -1;
    step = ENGINE_SPAWN_DONE;
out:
    close_ends(&ends);
    return step;
}
