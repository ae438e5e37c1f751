/* A blocking TCP connection with deadlines; it knows no HTTP. */
#include "host/ctl/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define POLL_MAX_MS 3600000

static int64_t clock_ms(clockid_t id)
{
    struct timespec now = {0, 0};

    (void)clock_gettime(id, &now); /* these clocks exist on Linux */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t socket_now_ms(void)
{
    return clock_ms(CLOCK_MONOTONIC);
}

int64_t socket_wall_ms(void)
{
    return clock_ms(CLOCK_REALTIME);
}

/* Until events, or the deadline: RH_OK, RH_ETIMEOUT, RH_EIO. */
static int32_t wait_for(int fd, short events, int64_t deadline_ms)
{
    for (;;) {
        struct pollfd poll_fd = {.fd = fd, .events = events};
        int64_t left_ms = deadline_ms - socket_now_ms();
        int n;

        if (left_ms <= 0)
            return RH_ETIMEOUT;
        if (left_ms > POLL_MAX_MS)
            left_ms = POLL_MAX_MS;
        n = poll(&poll_fd, fd >= 0 ? 1 : 0, (int)left_ms);
        if (n > 0)
            return RH_OK;
        if (n < 0 && errno != EINTR)
            return RH_EIO;
    }
}

void socket_pause(int64_t pause_ms)
{
    (void)wait_for(-1, 0, socket_now_ms() + pause_ms); /* ends by the clock */
}

/* 0, or the errno that says why not. */
static int connect_one(const struct addrinfo *info, int64_t deadline_ms, int *out)
{
    const int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int one = 1;
    int error = 0;
    socklen_t size = sizeof(error);

    if (fd < 0)
        return errno;
    if (connect(fd, info->ai_addr, info->ai_addrlen) != 0 && errno != EINPROGRESS)
        error = errno;
    else if (wait_for(fd, POLLOUT, deadline_ms) != RH_OK)
        error = ETIMEDOUT;
    else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        error = errno;
    if (error) {
        (void)close(fd); /* nothing was sent on it */
        return error;
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)); /* only speed */
    *out = fd;
    return 0;
}

int32_t socket_connect(const struct addr *addr, int64_t deadline_ms, int *fd, struct rh_buf *why)
{
    const struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *list = NULL;
    char port[8];
    int error = 0;
    int rc;

    (void)snprintf(port, sizeof(port), "%u", (unsigned)addr->port); /* fits */
    rc = getaddrinfo(addr->host, port, &hints, &list);
    if (rc != 0) {
        (void)rh_buf_append_c(why, gai_strerror(rc)); /* sticky in why, as below */
        return RH_EUNREACHABLE;
    }
    for (const struct addrinfo *info = list; info; info = info->ai_next) {
        error = connect_one(info, deadline_ms, fd);
        if (error == 0)
            break;
    }
    freeaddrinfo(list);
    if (error == 0)
        return RH_OK;
    (void)rh_buf_append_c(why, strerror(error));
    return RH_EUNREACHABLE;
}

int32_t socket_send(int fd, struct rh_str bytes, int64_t deadline_ms, size_t *sent)
{
    *sent = 0;
    while (*sent < bytes.n) {
        const ssize_t n = send(fd, bytes.p + *sent, bytes.n - *sent, MSG_NOSIGNAL);
        int32_t rc;

        if (n >= 0) {
            *sent += (size_t)n;
            continue;
        }
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN && errno != EWOULDBLOCK)
            return RH_EIO;
        rc = wait_for(fd, POLLOUT, deadline_ms);
        if (rc != RH_OK)
            return rc;
    }
    return RH_OK;
}

int64_t socket_receive(int fd, void *buf, size_t size, int64_t deadline_ms)
{
    for (;;) {
        int32_t rc = wait_for(fd, POLLIN, deadline_ms);
        ssize_t n;

        if (rc != RH_OK)
            return rc;
        n = recv(fd, buf, size, 0);
        if (n >= 0)
            return n;
        if (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK)
            return RH_EIO;
    }
}
