/* Finds descendants by one scan of /proc; its lists of children are not in every kernel. */
#include "host/exec/tree.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#define START_FIELD 22 /* starttime in proc(5); state is 3, ppid 4 */
#define PPID_FIELD  4

struct table {
    struct exec_tree_proc *rows;
    bool *is_below;
    size_t count;
    size_t size;
};

static bool number_take(const char *text, uint64_t max, uint64_t *out)
{
    char *end = NULL;
    unsigned long long value;

    errno = 0;
    value = strtoull(text, &end, 10);
    if (errno != 0 || end == text || text[0] == '-' || value > max)
        return false;
    *out = value;
    return true;
}

int exec_tree_parse(const char *text, struct exec_tree_proc *out)
{
    const char *p = strrchr(text, ')');
    struct exec_tree_proc proc = {0};
    uint64_t pid = 0;
    uint64_t ppid = 0;

    if (!p || !number_take(text, INT32_MAX, &pid) || p[1] != ' ' || p[2] == '\0')
        return -EINVAL;
    proc.state = p[2];
    p += 2;
    for (int field = 4; field <= START_FIELD; field++) {
        p = strchr(p, ' ');
        if (!p)
            return -EINVAL;
        p++;
        if (field == PPID_FIELD && !number_take(p, INT32_MAX, &ppid))
            return -EINVAL;
    }
    if (!number_take(p, UINT64_MAX, &proc.start_ticks))
        return -EINVAL;
    proc.pid = (pid_t)pid;
    proc.ppid = (pid_t)ppid;
    *out = proc;
    return 0;
}

int exec_tree_look(pid_t pid, struct exec_tree_proc *out)
{
    char text[EXEC_TREE_STAT_MAX];
    char path[32];
    ssize_t n;
    int fd;
    int rc;
    int len = snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);

    assert(len > 0);
    assert((size_t)len < sizeof path);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? -ESRCH : -errno;
    n = read(fd, text, sizeof text - 1);
    rc = errno;
    (void)close(fd); /* it was only read */
    if (n < 0)
        return -rc;
    text[n] = '\0';
    return n == 0 ? -ESRCH : exec_tree_parse(text, out);
}

static int table_add(struct table *table, const struct exec_tree_proc *proc)
{
    if (table->count == table->size) {
        size_t size = table->size == 0 ? 256 : table->size * 2;
        struct exec_tree_proc *rows;

        if (size > EXEC_TREE_PROCS_MAX)
            return -E2BIG;
        rows = realloc(table->rows, size * sizeof *rows);
        if (!rows)
            return -ENOMEM;
        table->rows = rows;
        table->size = size;
    }
    table->rows[table->count++] = *proc;
    return 0;
}

static int table_fill(struct table *table)
{
    DIR *dir = opendir("/proc");
    const struct dirent *entry;
    int rc = 0;

    if (!dir)
        return -errno;
    while (rc == 0 && (errno = 0, entry = readdir(dir)) != NULL) {
        struct exec_tree_proc proc;
        uint64_t pid = 0;

        if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
            continue;
        /* A process that is gone by now, or hidden from us, is none of ours. */
        if (number_take(entry->d_name, INT32_MAX, &pid) && exec_tree_look((pid_t)pid, &proc) == 0)
            rc = table_add(table, &proc);
    }
    if (rc == 0 && errno != 0)
        rc = -errno;
    (void)closedir(dir); /* it was only read */
    return rc;
}

static int by_pid(const void *a, const void *b)
{
    const struct exec_tree_proc *x = a;
    const struct exec_tree_proc *y = b;

    return (x->pid > y->pid) - (x->pid < y->pid);
}

/* Children mostly have larger pids than their parents, so two passes are the rule. */
static int table_mark(struct table *table, pid_t root)
{
    bool again = true;

    table->is_below = calloc(table->count + 1, sizeof *table->is_below);
    if (!table->is_below)
        return -ENOMEM;
    if (table->count > 0)
        qsort(table->rows, table->count, sizeof *table->rows, by_pid);
    while (again) {
        again = false;
        for (size_t i = 0; i < table->count; i++) {
            struct exec_tree_proc key = {.pid = table->rows[i].ppid};
            const struct exec_tree_proc *parent;

            if (table->is_below[i])
                continue;
            parent = bsearch(&key, table->rows, table->count, sizeof key, by_pid);
            if (key.pid != root && (!parent || !table->is_below[parent - table->rows]))
                continue;
            table->is_below[i] = true;
            again = true;
        }
    }
    return 0;
}

static bool proc_signal(const struct exec_tree_proc *proc, int sig)
{
    struct exec_tree_proc now;
    bool done = false;
    int fd = pidfd_open(proc->pid, 0);

    if (fd < 0)
        return false;
    if (exec_tree_look(proc->pid, &now) == 0 && now.start_ticks == proc->start_ticks)
        done = sig == 0 || pidfd_send_signal(fd, sig, NULL, 0) == 0;
    (void)close(fd); /* a pidfd has nothing to lose */
    return done;
}

int exec_tree_signal(pid_t root, int sig, size_t *count)
{
    struct table table = {0};
    size_t signalled = 0;
    int rc = table_fill(&table);

    if (rc == 0)
        rc = table_mark(&table, root);
    if (rc < 0)
        goto out;
    for (size_t i = 0; i < table.count; i++) {
        const struct exec_tree_proc *proc = &table.rows[i];

        if (table.is_below[i] && proc->state != 'Z' && proc->state != 'X')
            signalled += proc_signal(proc, sig) ? 1 : 0;
    }
    *count = signalled;
out:
    free(table.is_below);
    free(table.rows);
    return rc;
}
