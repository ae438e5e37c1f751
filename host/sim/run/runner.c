/* Worker processes; see runner.h. */
#include "host/sim/run/runner.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <ringhost/errors.h>

#define LOOK_MS 200 /* how often the parent looks after its workers */
#define IDLE    UINT32_MAX

/* What a worker is at; shared with the parent. */
struct slot {
    _Atomic uint32_t index; /* of the seed under way, or IDLE */
    _Atomic int64_t since_ms;
};

struct shared {
    _Atomic uint32_t next; /* seed to be taken */
    struct slot slots[RUNNER_JOBS_MAX];
};

/* One result on the pipe, written at once. */
struct record {
    uint32_t index;
    uint32_t reserved0;
    struct world_result result;
};
static_assert(sizeof(struct record) <= PIPE_BUF, "a record is written whole or not at all");

struct runner {
    const struct suite *suite;
    const uint64_t *seeds;
    uint32_t seed_count;
    const struct runner_options *options;
    struct shared *shared;
    int read_fd, write_fd;
    pid_t pids[RUNNER_JOBS_MAX]; /* 0 = none */
    bool was_killed[RUNNER_JOBS_MAX];
    void (*each)(void *user, uint32_t index, const struct world_result *result);
    void *user;
};

static int64_t wall_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void work(struct runner *r, struct slot *slot)
{
    struct record record;
    uint32_t index;

    memset(&record, 0, sizeof record);
    while ((index = atomic_fetch_add(&r->shared->next, 1)) < r->seed_count) {
        atomic_store(&slot->since_ms, wall_ms());
        atomic_store(&slot->index, index);
        record.index = index;
        world_run(r->suite, r->seeds[index], NULL, &record.result);
        if (write(r->write_fd, &record, sizeof record) != (ssize_t)sizeof record)
            _exit(1); /* nobody reads any more */
        atomic_store(&slot->index, IDLE);
    }
}

static bool start(struct runner *r, uint32_t at)
{
    pid_t pid;

    atomic_store(&r->shared->slots[at].index, IDLE);
    r->was_killed[at] = false;
    pid = fork();
    if (pid == 0) {
        (void)close(r->read_fd); /* the parent's */
        work(r, &r->shared->slots[at]);
        _exit(0);
    }
    r->pids[at] = pid > 0 ? pid : 0;
    return pid > 0;
}

/* Read the records that are there; waits up to LOOK_MS for the first. */
static void read_records(struct runner *r, int timeout_ms)
{
    struct pollfd fd = {.fd = r->read_fd, .events = POLLIN};
    struct record record;

    while (poll(&fd, 1, timeout_ms) > 0 && (fd.revents & POLLIN)) {
        if (read(r->read_fd, &record, sizeof record) != (ssize_t)sizeof record)
            return;
        r->each(r->user, record.index, &record.result);
        timeout_ms = 0;
    }
}

static void report_lost(struct runner *r, uint32_t at, uint32_t index, int status)
{
    struct world_result result;

    memset(&result, 0, sizeof result);
    result.verdict = WORLD_VIOLATION;
    (void)snprintf(result.invariant, sizeof result.invariant, "%s",
                   r->was_killed[at] ? "worker_ends" : "worker_lives");
    (void)snprintf(result.node, sizeof result.node, "-");
    if (r->was_killed[at])
        (void)snprintf(result.text, sizeof result.text, "no end after %" PRIu32 " s",
                       r->options->limit_s);
    else
        (void)snprintf(result.text, sizeof result.text, "the process ended with %s %d",
                       WIFSIGNALED(status) ? "signal" : "code",
                       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    r->each(r->user, index, &result);
}

/* A worker has ended: the seed it was at is lost with it, the others need a new one. */
static void collect(struct runner *r, uint32_t at, int status)
{
    uint32_t index;

    read_records(r, 0); /* what it had written comes first */
    index = atomic_load(&r->shared->slots[at].index);
    r->pids[at] = 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return;
    if (index != IDLE)
        report_lost(r, at, index, status);
    if (atomic_load(&r->shared->next) < r->seed_count)
        (void)start(r, at); /* without it the others go on */
}

static uint32_t look_after(struct runner *r)
{
    int64_t limit_ms = (int64_t)r->options->limit_s * 1000;
    uint32_t alive = 0;

    for (uint32_t i = 0; i < r->options->jobs; i++) {
        struct slot *slot = &r->shared->slots[i];
        int status;

        if (r->pids[i] == 0)
            continue;
        if (!r->was_killed[i] && atomic_load(&slot->index) != IDLE &&
            wall_ms() - atomic_load(&slot->since_ms) > limit_ms) {
            r->was_killed[i] = true;
            (void)kill(r->pids[i], SIGKILL); /* our child, not yet waited for */
        }
        if (waitpid(r->pids[i], &status, WNOHANG) == r->pids[i])
            collect(r, i, status);
        alive += r->pids[i] != 0;
    }
    return alive;
}

int32_t runner_run(const struct suite *suite, const uint64_t *seeds, uint32_t seed_count,
                   const struct runner_options *options,
                   void (*each)(void *user, uint32_t index, const struct world_result *result),
                   void *user)
{
    struct runner r = {.suite = suite,
                       .seeds = seeds,
                       .seed_count = seed_count,
                       .options = options,
                       .each = each,
                       .user = user};
    int fds[2];
    uint32_t started = 0;

    assert(options->jobs >= 1 && options->jobs <= RUNNER_JOBS_MAX);
    if (pipe2(fds, O_CLOEXEC) != 0)
        return RH_EIO;
    r.read_fd = fds[0];
    r.write_fd = fds[1];
    r.shared =
        mmap(NULL, sizeof *r.shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (r.shared == MAP_FAILED) {
        (void)close(fds[0]);
        (void)close(fds[1]);
        return RH_ENOMEM;
    }
    for (uint32_t i = 0; i < options->jobs && i < seed_count; i++)
        started += start(&r, i);
    while (look_after(&r) > 0)
        read_records(&r, LOOK_MS);
    read_records(&r, 0);
    (void)munmap(r.shared, sizeof *r.shared);
    (void)close(fds[0]);
    (void)close(fds[1]);
    return started > 0 ? RH_OK : RH_EIO;
}
