/* Plain files of a mounted cgroup2. A limit counts as set only when its file takes it. */
#include "host/exec/cgroup.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEXT_MAX      8192u  /* of a file that is read */
#define CPU_PERIOD_US 100000 /* of cpu.max */

bool exec_cgroup_is_wanted(const struct exec_spec *spec)
{
    return spec->memory_max >= 0 || spec->pids_max >= 0 || spec->cpu_percent >= 0;
}

bool exec_cgroup_self(const char *text, char path[EXEC_CGROUP_PATH_MAX])
{
    for (const char *line = text; line; line = strchr(line, '\n')) {
        size_t n;

        line += *line == '\n';
        if (strncmp(line, "0::/", 4) != 0)
            continue;
        n = strcspn(line + 3, "\n");
        if (n >= EXEC_CGROUP_PATH_MAX)
            return false;
        memcpy(path, line + 3, n);
        path[n] = '\0';
        return true;
    }
    return false;
}

static bool path_of(char out[EXEC_CGROUP_PATH_MAX], const char *folder, const char *name)
{
    int n = snprintf(out, EXEC_CGROUP_PATH_MAX, "%s/%s", folder, name);

    return n > 0 && (size_t)n < EXEC_CGROUP_PATH_MAX;
}

/* 0 or -errno. */
static int file_put(const char *folder, const char *name, const char *text)
{
    char path[EXEC_CGROUP_PATH_MAX];
    ssize_t n;
    int rc;
    int fd = path_of(path, folder, name) ? open(path, O_WRONLY | O_CLOEXEC) : -1;

    if (fd < 0)
        return errno ? -errno : -ENAMETOOLONG;
    n = write(fd, text, strlen(text));
    rc = n == (ssize_t)strlen(text) ? 0 : n < 0 ? -errno : -EIO;
    (void)close(fd); /* the kernel has taken it, or said no */
    return rc;
}

static bool file_get(const char *path, char text[TEXT_MAX])
{
    ssize_t n;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return false;
    n = read(fd, text, TEXT_MAX - 1);
    (void)close(fd); /* it was only read */
    text[n > 0 ? n : 0] = '\0';
    return n >= 0;
}

static bool fail(struct exec_cgroup *cgroup, const char *what, int error)
{
    (void)snprintf(cgroup->why, sizeof cgroup->why, "%.200s: %.200s: %s", cgroup->path, what,
                   strerror(error)); /* cut when long */
    return false;
}

static bool limit_put(struct exec_cgroup *cgroup, const char *name, const char *text)
{
    int rc = file_put(cgroup->path, name, text);

    return rc == 0 || fail(cgroup, name, -rc);
}

static bool limits_put(struct exec_cgroup *cgroup, const struct exec_spec *spec)
{
    char text[64];

    if (spec->memory_max >= 0) {
        (void)snprintf(text, sizeof text, "%" PRId64, spec->memory_max); /* fits, as those below */
        if (!limit_put(cgroup, "memory.max", text))
            return false;
        /* Kernels without swap accounting have no such file; old ones kill one process only. */
        (void)file_put(cgroup->path, "memory.swap.max", "0");
        (void)file_put(cgroup->path, "memory.oom.group", "1");
    }
    if (spec->pids_max >= 0) {
        (void)snprintf(text, sizeof text, "%" PRId64, spec->pids_max);
        if (!limit_put(cgroup, "pids.max", text))
            return false;
    }
    if (spec->cpu_percent >= 0) {
        (void)snprintf(text, sizeof text, "%" PRId64 " %d",
                       spec->cpu_percent * (CPU_PERIOD_US / 100), CPU_PERIOD_US);
        if (!limit_put(cgroup, "cpu.max", text))
            return false;
    }
    return true;
}

/* Joining needs rights over both cgroups, which a child finds out. */
static bool join_try(struct exec_cgroup *cgroup)
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0)
        _exit(write(cgroup->procs_fd, "0", 1) == 1 ? 0 : errno & 0xff);
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return fail(cgroup, "fork", errno);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0
               ? true
               : fail(cgroup, "cgroup.procs", WIFEXITED(status) ? WEXITSTATUS(status) : EIO);
}

/* Empty ones whose ringhost-exec is gone. */
static void leftovers_remove(const char *base)
{
    DIR *dir = opendir(base);

    if (!dir)
        return;
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        const size_t n = sizeof(EXEC_CGROUP_PREFIX) - 1;
        char *end = NULL;
        long pid;

        if (strncmp(entry->d_name, EXEC_CGROUP_PREFIX, n) != 0)
            continue;
        pid = strtol(entry->d_name + n, &end, 10);
        if (*end == '\0' && pid > 1 && kill((pid_t)pid, 0) != 0 && errno == ESRCH)
            (void)unlinkat(dirfd(dir), entry->d_name,
                           AT_REMOVEDIR); /* refused unless it is empty */
    }
    (void)closedir(dir); /* it was only read */
}

/* Below base. Controllers are asked for one by one: a limit that nobody wants may be without. */
static bool make_below(struct exec_cgroup *cgroup, const char *base, int32_t pid,
                       const struct exec_spec *spec)
{
    char name[sizeof(EXEC_CGROUP_PREFIX) + 12];
    char procs[EXEC_CGROUP_PATH_MAX];

    (void)snprintf(name, sizeof name, EXEC_CGROUP_PREFIX "%" PRId32, pid); /* fits */
    if (!path_of(cgroup->path, base, name) || !path_of(procs, cgroup->path, "cgroup.procs"))
        return fail(cgroup, "path", ENAMETOOLONG);
    leftovers_remove(base);
    (void)file_put(base, "cgroup.subtree_control", "+memory"); /* the limit's file says it all */
    (void)file_put(base, "cgroup.subtree_control", "+pids");
    (void)file_put(base, "cgroup.subtree_control", "+cpu");
    if (mkdir(cgroup->path, 0755) != 0 && errno != EEXIST)
        return fail(cgroup, "mkdir", errno);
    cgroup->procs_fd = open(procs, O_WRONLY | O_CLOEXEC);
    if (cgroup->procs_fd < 0)
        (void)fail(cgroup, "cgroup.procs", errno);
    else if (limits_put(cgroup, spec) && join_try(cgroup))
        return true;
    exec_cgroup_end(cgroup);
    return false;
}

/* A unit of the service manager, beside which only the manager may make any. */
static bool is_unit(const char *path)
{
    static const char *const ends[] = {".service", ".scope", ".slice"};
    const size_t n = strlen(path);

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        const size_t end = strlen(ends[i]);

        if (n > end && strcmp(path + n - end, ends[i]) == 0)
            return true;
    }
    return false;
}

bool exec_cgroup_make(struct exec_cgroup *cgroup, const char *root, const char *self, int32_t pid,
                      const struct exec_spec *spec)
{
    char base[EXEC_CGROUP_PATH_MAX];
    char *slash;

    cgroup->procs_fd = -1;
    cgroup->path[0] = cgroup->why[0] = '\0';
    assert(self[0] == '/');
    if (!path_of(base, root, self + 1))
        return fail(cgroup, "path", ENAMETOOLONG);
    /* Beside its own where it may: one that has processes may hand no controller down. */
    slash = strrchr(base, '/');
    if (self[1] != '\0' && slash && !is_unit(base)) {
        *slash = '\0';
        if (make_below(cgroup, base, pid, spec))
            return true;
        *slash = '/';
    }
    return make_below(cgroup, base, pid, spec);
}

bool exec_cgroup_begin(struct exec_cgroup *cgroup, const struct exec_spec *spec)
{
    char text[TEXT_MAX];
    char self[EXEC_CGROUP_PATH_MAX];

    cgroup->procs_fd = -1;
    cgroup->path[0] = cgroup->why[0] = '\0';
    if (!exec_cgroup_is_wanted(spec))
        return false;
    if (!file_get("/proc/self/cgroup", text) || !exec_cgroup_self(text, self) ||
        access(EXEC_CGROUP_ROOT "/cgroup.controllers", F_OK) != 0) {
        (void)snprintf(cgroup->why, sizeof cgroup->why, "%s",
                       "no cgroup of version 2 is mounted at " EXEC_CGROUP_ROOT); /* fits */
        return false;
    }
    return exec_cgroup_make(cgroup, EXEC_CGROUP_ROOT, self, getpid(), spec);
}

void exec_cgroup_kill(const struct exec_cgroup *cgroup)
{
    if (cgroup->procs_fd >= 0)
        (void)file_put(cgroup->path, "cgroup.kill", "1"); /* kernels before 5.14 have none */
}

int64_t exec_cgroup_oom_kills(const struct exec_cgroup *cgroup)
{
    char path[EXEC_CGROUP_PATH_MAX];
    char text[TEXT_MAX];
    const char *at;

    if (cgroup->procs_fd < 0 || !path_of(path, cgroup->path, "memory.events") ||
        !file_get(path, text))
        return 0;
    at = strstr(text, "oom_kill ");
    return at ? strtoll(at + sizeof("oom_kill"), NULL, 10) : 0;
}

void exec_cgroup_end(struct exec_cgroup *cgroup)
{
    if (cgroup->procs_fd >= 0)
        (void)close(cgroup->procs_fd); /* nothing to lose */
    cgroup->procs_fd = -1;
    if (cgroup->path[0])
        (void)rmdir(cgroup->path); /* refused while somebody is in it: a later one removes it */
}
