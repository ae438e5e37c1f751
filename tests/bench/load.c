/* One thread, epoll, one request in flight on each connection; see load.h. */
#include "tests/bench/load.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/net.h"

#define EVENTS_MAX    64
#define CONN_IN_MAX   4096u /* answers of a cycle are small */
#define PATIENCE_MS   10000 /* a server that is silent for so long is given up */
#define FILL_PATIENCE 60    /* seconds */

struct conn {
    int fd;
    int64_t asked_us;
    struct proto_flow flow;
    size_t in_n;
    char in[CONN_IN_MAX];
};

struct load {
    const struct proto *proto;
    struct conn *conns;
    char *out; /* PROTO_OUT_MAX; the request being sent */
    uint64_t serial;
    uint64_t cycles;
    uint32_t opened; /* connections */
    uint32_t busy;   /* of these, within a cycle */
    int epoll_fd;
    bool is_ending;          /* begin no more cycles */
    struct latency *latency; /* of each step */
};

size_t proto_put(char *out, size_t at, const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(out + at, PROTO_OUT_MAX - at, format, args);
    va_end(args);
    assert(n >= 0);
    assert((size_t)n < PROTO_OUT_MAX - at);
    return at + (size_t)n;
}

size_t proto_value(uint64_t serial, char *out)
{
    /* The odd multiplier spreads consecutive serials over all digits and maps no two to one. */
    uint64_t mixed = serial * UINT64_C(0x9e3779b97f4a7c15);
    int n =
        snprintf(out, PROTO_VALUE_MAX,
                 "{\"board\":\"hex8\",\"seed\":\"%016llx\",\"first\":\"%016llx\","
                 "\"second\":\"%016llx\",\"games\":1}",
                 (unsigned long long)serial, (unsigned long long)mixed, (unsigned long long)~mixed);

    assert(n > 0 && (size_t)n < PROTO_VALUE_MAX);
    return (size_t)n;
}

static int ask(struct load *load, struct conn *conn)
{
    size_t n;

    if (conn->flow.step == PROTO_ADD) {
        conn->flow.serial = load->serial++;
        (void)proto_value(conn->flow.serial, conn->flow.value);
    }
    n = load->proto->ask(&conn->flow, load->out);
    conn->flow.asked++;
    conn->asked_us = net_now_us();
    if (net_send(conn->fd, load->out, n) == 0)
        return 0;
    (void)fprintf(stderr, "%s: send: %s\n", load->proto->name, strerror(errno));
    return -1;
}

/* The answer to a step is there: go on with the next. */
static int advance(struct load *load, struct conn *conn)
{
    if (!load->is_ending)
        latency_add(&load->latency[conn->flow.step], net_now_us() - conn->asked_us);
    conn->flow.step = (conn->flow.step + 1) % load->proto->steps;
    if (conn->flow.step == PROTO_ADD) {
        if (load->is_ending) {
            load->busy--;
            return 0;
        }
        load->cycles++;
    }
    return ask(load, conn);
}

static int on_readable(struct load *load, struct conn *conn)
{
    ssize_t got = recv(conn->fd, conn->in + conn->in_n, sizeof conn->in - conn->in_n, 0);
    ptrdiff_t used;

    if (got <= 0) {
        (void)fprintf(stderr, "%s: the connection ended: %s\n", load->proto->name,
                      got < 0 ? strerror(errno) : "closed");
        return -1;
    }
    conn->in_n += (size_t)got;
    used = load->proto->answer(&conn->flow, conn->in, conn->in_n);
    if (used < 0 || (used == 0 && conn->in_n == sizeof conn->in) ||
        (used > 0 && (size_t)used != conn->in_n)) {
        (void)fprintf(stderr, "%s: step %u: wrong answer: %.*s\n", load->proto->name,
                      conn->flow.step, (int)conn->in_n, conn->in);
        return -1;
    }
    if (used == 0)
        return 0;
    conn->in_n = 0;
    return advance(load, conn);
}

static int open_all(struct load *load, uint16_t port, uint32_t connections)
{
    for (; load->opened < connections; load->opened++) {
        struct conn *conn = &load->conns[load->opened];
        struct epoll_event event = {.events = EPOLLIN, .data = {.ptr = conn}};

        conn->fd = net_connect(port);
        if (conn->fd < 0 || epoll_ctl(load->epoll_fd, EPOLL_CTL_ADD, conn->fd, &event) != 0) {
            (void)fprintf(stderr, "%s: port %u: %s\n", load->proto->name, port, strerror(errno));
            return -1;
        }
        conn->flow.index = load->opened;
    }
    return 0;
}

static int turn(struct load *load)
{
    struct epoll_event events[EVENTS_MAX];
    int n = epoll_wait(load->epoll_fd, events, EVENTS_MAX, PATIENCE_MS);

    if (n == 0 || (n < 0 && errno != EINTR)) {
        (void)fprintf(stderr, "%s: %s\n", load->proto->name,
                      n == 0 ? "no answer in time" : strerror(errno));
        return -1;
    }
    for (int i = 0; i < n; i++)
        if (on_readable(load, events[i].data.ptr) != 0)
            return -1;
    return 0;
}

static int drive(struct load *load, int64_t run_ms, struct load_result *out)
{
    int64_t start_us = net_now_us();
    int64_t now_us = start_us;

    for (uint32_t i = 0; i < load->opened; i++)
        if (ask(load, &load->conns[i]) != 0)
            return -1;
    load->busy = load->opened;
    while (load->busy > 0) {
        if (turn(load) != 0)
            return -1;
        now_us = net_now_us();
        if (!load->is_ending && now_us - start_us >= run_ms * 1000) {
            out->cycles = load->cycles;
            out->us = now_us - start_us;
            load->is_ending = true;
        }
    }
    return 0;
}

int load_run(const struct proto *proto, uint16_t port, uint32_t connections, int64_t run_ms,
             uint64_t seed, struct load_result *out)
{
    struct load load = {
        .proto = proto, .serial = (seed << 32) + 1, .epoll_fd = -1, .latency = out->latency};
    int rc = -1;

    memset(out, 0, sizeof *out);
    assert(connections > 0 && connections <= LOAD_CONNECTIONS_MAX);
    assert(run_ms > 0);
    load.conns = calloc(connections, sizeof *load.conns);
    load.out = malloc(PROTO_OUT_MAX);
    load.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (load.conns && load.out && load.epoll_fd >= 0 && open_all(&load, port, connections) == 0)
        rc = drive(&load, run_ms, out);
    for (uint32_t i = 0; i < load.opened; i++)
        (void)close(load.conns[i].fd); /* nothing is under way */
    if (load.epoll_fd >= 0)
        (void)close(load.epoll_fd);
    free(load.out);
    free(load.conns);
    return rc;
}

/* Reads answers until a batch is filled. */
static int fill_batch(const struct proto *proto, int fd, uint32_t count, char *in)
{
    size_t n = 0;
    ptrdiff_t used = 0;

    while (used == 0 && n < PROTO_IN_MAX) {
        ssize_t got = recv(fd, in + n, PROTO_IN_MAX - n, 0);

        if (got <= 0)
            return -1;
        n += (size_t)got;
        used = proto->filled(in, n, count);
    }
    return used > 0 && (size_t)used == n ? 0 : -1;
}

int load_fill(const struct proto *proto, uint16_t port, uint32_t count)
{
    struct timeval patience = {.tv_sec = FILL_PATIENCE};
    char *out = malloc(PROTO_OUT_MAX);
    char *in = malloc(PROTO_IN_MAX);
    int fd = net_connect(port);
    int rc = -1;
    uint32_t done = 0;

    if (!out || !in || fd < 0)
        goto out;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0)
        goto out;
    while (done < count) {
        uint32_t batch = count - done < PROTO_FILL_MAX ? count - done : PROTO_FILL_MAX;
        size_t n = proto->fill(done, batch, out);

        if (net_send(fd, out, n) != 0 || fill_batch(proto, fd, batch, in) != 0)
            goto out;
        done += batch;
    }
    rc = 0;
out:
    if (rc != 0)
        (void)fprintf(stderr, "%s: filling ended after %u items\n", proto->name, done);
    if (fd >= 0)
        (void)close(fd);
    free(in);
    free(out);
    return rc;
}
