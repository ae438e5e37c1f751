/* fork, surroundings, execve; the child reports a failure through a close-on-exec pipe. */
#include "host/exec/spawn.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static bool limit_set(__rlimit_resource_t resource, int64_t soft, int64_t hard)
{
    struct rlimit limit = {.rlim_cur = (rlim_t)soft, .rlim_max = (rlim_t)hard};

    return soft < 0 || setrlimit(resource, &limit) == 0;
}

static void signals_reset(void)
{
    struct sigaction action;
    sigset_t none;

    memset(&action, 0, sizeof action);
    action.sa_handler = SIG_DFL;
    for (int sig = 1; sig < NSIG; sig++)
        (void)sigaction(sig, &action, NULL); /* those that cannot be changed are at their default */
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL); /* fails only for a wrong first argument */
}

const char *exec_spawn_path(const struct exec_spec *spec)
{
    for (size_t i = 0; i < spec->env_count; i++) {
        if (strncmp(spec->envs[i], "PATH=", 5) == 0)
            return spec->envs[i] + 5;
    }
    return EXEC_PATH_DEFAULT;
}

static void program_exec(const struct exec_spec *spec, const char *path)
{
    (void)execve(path, (char *const *)spec->args, (char *const *)spec->envs); /* returns = failed */
}

/* Returns only on failure. As execvp, a folder that denies access does not end the search but
 * decides the error if nothing else is found. */
static struct exec_spawn_failure program_find_exec(const struct exec_spec *spec)
{
    struct exec_spawn_failure failure = {.step = EXEC_SPAWN_FIND, .error = ENOENT};
    const char *name = spec->args[0];
    const char *dir = exec_spawn_path(spec);
    char path[EXEC_PATH_MAX];

    if (strchr(name, '/')) {
        program_exec(spec, name);
        failure.error = errno;
        if (errno != ENOENT && errno != ENOTDIR)
            failure.step = EXEC_SPAWN_EXEC;
        return failure;
    }
    while (dir) {
        const char *colon = strchr(dir, ':');
        int dir_len = (int)(colon ? (size_t)(colon - dir) : strlen(dir));
        int n = snprintf(path, sizeof path, "%.*s%s%s", dir_len, dir, dir_len > 0 ? "/" : "", name);

        dir = colon ? colon + 1 : NULL;
        if (n < 0 || (size_t)n >= sizeof path)
            continue;
        program_exec(spec, path);
        if (errno == ENOENT || errno == ENOTDIR)
            continue;
        failure = (struct exec_spawn_failure){.step = EXEC_SPAWN_EXEC, .error = errno};
        if (errno != EACCES)
            break;
    }
    return failure;
}

/* Address space last: below it nothing may allocate. */
static enum exec_spawn_step surroundings_set(const struct exec_spec *spec, const int fds[3],
                                             int procs_fd)
{
    const int64_t as_bytes =
        procs_fd < 0 && spec->memory_max >= 0 &&
                (spec->rlimit_as_bytes < 0 || spec->memory_max < spec->rlimit_as_bytes)
            ? spec->memory_max
            : spec->rlimit_as_bytes;

    if (procs_fd >= 0 && write(procs_fd, "0", 1) != 1)
        return EXEC_SPAWN_CGROUP;
    (void)umask((mode_t)spec->umask); /* cannot fail */
    for (int i = 0; i < 3; i++) {
        assert(fds[i] > 2);
        if (dup2(fds[i], i) < 0)
            return EXEC_SPAWN_FDS;
    }
    if (chdir(spec->cwd ? spec->cwd : "/") != 0)
        return EXEC_SPAWN_CWD;
    if (spec->nice != 0 && setpriority(PRIO_PROCESS, 0, (int)spec->nice) != 0)
        return EXEC_SPAWN_NICE;
    if (!limit_set(RLIMIT_NOFILE, spec->rlimit_nofile, spec->rlimit_nofile))
        return EXEC_SPAWN_NOFILE;
    /* SIGXCPU at the limit, SIGKILL one second later. */
    if (!limit_set(RLIMIT_CPU, spec->rlimit_cpu_s, spec->rlimit_cpu_s + 1))
        return EXEC_SPAWN_CPU;
    if (!limit_set(RLIMIT_AS, as_bytes, as_bytes))
        return EXEC_SPAWN_AS;
    return EXEC_SPAWN_STEP_COUNT;
}

static void child_run(const struct exec_spec *spec, const int fds[3], int procs_fd, int report_fd)
{
    struct exec_spawn_failure failure;

    (void)setpgid(0, 0); /* a fresh child can always lead its own group */
    signals_reset();
    failure.step = surroundings_set(spec, fds, procs_fd);
    failure.error = errno;
    if (failure.step == EXEC_SPAWN_STEP_COUNT)
        failure = program_find_exec(spec);
    (void)!write(report_fd, &failure,
                 sizeof failure); /* without it the parent sees EOF, then 126 */
    _exit(126);
}

pid_t exec_spawn(const struct exec_spec *spec, const int fds[3], int procs_fd,
                 struct exec_spawn_failure *failure)
{
    struct exec_spawn_failure reported;
    int report[2];
    pid_t pid;
    ssize_t n;

    if (pipe2(report, O_CLOEXEC) != 0) {
        *failure = (struct exec_spawn_failure){.step = EXEC_SPAWN_FORK, .error = errno};
        return -1;
    }
    pid = fork();
    if (pid == 0)
        child_run(spec, fds, procs_fd, report[1]);
    reported = (struct exec_spawn_failure){.step = EXEC_SPAWN_FORK, .error = errno};
    (void)close(report[1]); /* only the child writes */
    n = 0;
    if (pid > 0) {
        do
            n = read(report[0], &reported, sizeof reported);
        while (n < 0 && errno == EINTR);
    }
    (void)close(report[0]); /* it was only read */
    if (pid > 0 && n != (ssize_t)sizeof reported)
        return pid;
    if (pid > 0)
        (void)waitpid(pid, NULL, 0); /* it has said why; its status is ours */
    *failure = reported;
    return -1;
}

const char *exec_spawn_step_text(enum exec_spawn_step step)
{
    static const char *const texts[] = {
        [EXEC_SPAWN_FORK] = "fork",
        [EXEC_SPAWN_FDS] = "standard streams",
        [EXEC_SPAWN_CWD] = "cwd",
        [EXEC_SPAWN_NICE] = "nice",
        [EXEC_SPAWN_NOFILE] = "rlimit_nofile",
        [EXEC_SPAWN_CPU] = "rlimit_cpu_s",
        [EXEC_SPAWN_AS] = "rlimit_as_bytes",
        [EXEC_SPAWN_CGROUP] = "cgroup.procs",
        [EXEC_SPAWN_FIND] = "program",
        [EXEC_SPAWN_EXEC] = "execve",
    };

    assert((unsigned)step < EXEC_SPAWN_STEP_COUNT);
    return texts[step];
}
