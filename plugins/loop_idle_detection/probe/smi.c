/* See smi.h. */
#include "smi.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <ringhost/sdk/str.h>

#define OUTPUT_MAX 16384u
#define FIELDS     6u

static struct rh_str trim(struct rh_str s)
{
    while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t')) {
        s.p++;
        s.n--;
    }
    while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\r'))
        s.n--;
    return s;
}

static int64_t number_of(struct rh_str text)
{
    int64_t value;

    return rh_parse_i64(text, &value) == RH_OK && value >= 0 ? value : -1;
}

/* The six fields of a line; false when there are more or fewer. */
static bool split(struct rh_str line, struct rh_str fields[FIELDS])
{
    uint32_t count = 0;

    while (count < FIELDS) {
        const char *comma = memchr(line.p, ',', line.n);
        const size_t n = comma ? (size_t)(comma - line.p) : line.n;

        fields[count++] = trim((struct rh_str){line.p, n});
        if (!comma)
            return count == FIELDS;
        line = (struct rh_str){comma + 1, line.n - n - 1};
    }
    return false;
}

void smi_parse(const char *text, size_t size, struct gpus *out)
{
    *out = (struct gpus){.state = GPUS_UNKNOWN};
    while (size > 0) {
        const char *end = memchr(text, '\n', size);
        const size_t n = end ? (size_t)(end - text) : size;
        struct rh_str fields[FIELDS];
        struct gpu *gpu = &out->list[out->count];

        if (trim((struct rh_str){text, n}).n > 0) {
            if (out->count == GPUS_MAX || !split((struct rh_str){text, n}, fields) ||
                rh_str_copy(gpu->name, sizeof(gpu->name), fields[1]) != RH_OK ||
                rh_str_copy(gpu->uuid, sizeof(gpu->uuid), fields[2]) != RH_OK) {
                (void)snprintf(out->why, sizeof(out->why), "nvidia-smi printed \"%.*s\"",
                               (int)(n < 100 ? n : 100), text);
                out->count = 0;
                return;
            }
            gpu->utilization = (double)number_of(fields[3]);
            gpu->memory_used_mb = number_of(fields[4]);
            gpu->memory_total_mb = number_of(fields[5]);
            out->count++;
        }
        text += n + (end ? 1 : 0);
        size -= n + (end ? 1 : 0);
    }
    out->state = out->count > 0 ? GPUS_SOME : GPUS_NONE;
}

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* it exists */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Reads to the end, or to the deadline: false. */
static bool read_all(int fd, int64_t until_ms, char *text, size_t *size)
{
    while (*size < OUTPUT_MAX) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        const int64_t left = until_ms - now_ms();
        ssize_t n;

        if (left <= 0 || (poll(&ready, 1, (int)left) <= 0 && errno != EINTR))
            return false;
        n = read(fd, text + *size, OUTPUT_MAX - *size);
        if (n == 0)
            return true;
        if (n > 0)
            *size += (size_t)n;
        else if (errno != EINTR)
            return false;
    }
    return true;
}

static int start(const char *program, int out_fd, pid_t *child)
{
    char query[] = "--query-gpu=index,name,uuid,utilization.gpu,memory.used,memory.total";
    char format[] = "--format=csv,noheader,nounits";
    char name[4096];
    char *argv[] = {name, query, format, NULL};
    posix_spawn_file_actions_t actions;
    int rc;

    if (rh_str_copy(name, sizeof(name), rh_str_from(program)) != RH_OK)
        return ENAMETOOLONG;
    rc = posix_spawn_file_actions_init(&actions);
    if (rc != 0)
        return rc;
    rc = posix_spawn_file_actions_adddup2(&actions, out_fd, STDOUT_FILENO);
    if (rc == 0)
        rc = posix_spawnp(child, program, &actions, NULL, argv, environ);
    (void)posix_spawn_file_actions_destroy(&actions); /* cannot fail here */
    return rc;
}

void smi_read(const char *program, int timeout_ms, struct gpus *out)
{
    char text[OUTPUT_MAX];
    size_t size = 0;
    pid_t child = 0;
    int fds[2];
    int status = 0;
    int rc;

    *out = (struct gpus){.state = GPUS_UNKNOWN};
    if (pipe2(fds, O_CLOEXEC) != 0) {
        (void)snprintf(out->why, sizeof(out->why), "no pipe: %s", strerror(errno));
        return;
    }
    rc = start(program, fds[1], &child);
    (void)close(fds[1]);
    if (rc != 0) {
        out->state = rc == ENOENT ? GPUS_NONE : GPUS_UNKNOWN;
        (void)snprintf(out->why, sizeof(out->why), "%s: %s", program, strerror(rc));
        (void)close(fds[0]);
        return;
    }
    const bool is_whole = read_all(fds[0], now_ms() + timeout_ms, text, &size);

    (void)close(fds[0]);
    if (!is_whole)
        (void)kill(child, SIGKILL); /* it is our child and not reaped yet */
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (!is_whole)
        (void)snprintf(out->why, sizeof(out->why), "%s did not end in %d ms", program, timeout_ms);
    else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        (void)snprintf(out->why, sizeof(out->why), "%s failed with status %d", program, status);
    else
        smi_parse(text, size, out);
}
