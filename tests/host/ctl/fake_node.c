/* A node that is a thread of the test. */
#include "fake_node.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ctl_test.h"

static int bind_any(struct sockaddr_in *address)
{
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    socklen_t size = sizeof(*address);

    *address = (struct sockaddr_in){.sin_family = AF_INET};
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)address, size), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)address, &size), 0);
    return fd;
}

void fake_closed_address(char address[32])
{
    struct sockaddr_in where;
    const int fd = bind_any(&where);

    (void)snprintf(address, 32, "127.0.0.1:%u", (unsigned)ntohs(where.sin_port));
    (void)close(fd);
}

/* How many bytes a request has; 0 while its head is not complete. */
static size_t request_size(const char *text)
{
    const char *end = strstr(text, "\r\n\r\n");
    const char *length = strstr(text, "Content-Length: ");
    size_t body = 0;

    if (!end)
        return 0;
    if (length && length < end)
        body = (size_t)strtoul(length + 16, NULL, 10);
    return (size_t)(end - text) + 4 + body;
}

static void read_request(int fd, char *text)
{
    size_t n = 0;

    while (n + 1 < FAKE_REQUEST_MAX && (request_size(text) == 0 || n < request_size(text))) {
        const ssize_t got = recv(fd, text + n, FAKE_REQUEST_MAX - 1 - n, 0);

        if (got <= 0)
            return;
        n += (size_t)got;
        text[n] = '\0';
    }
}

static void send_all(int fd, const char *bytes, size_t size)
{
    size_t sent = 0;

    while (sent < size) {
        const ssize_t n = send(fd, bytes + sent, size - sent, MSG_NOSIGNAL);

        if (n <= 0)
            return;
        sent += (size_t)n;
    }
}

static void answer(int fd, const struct fake_step *step)
{
    char byte;

    if (step->reply) {
        const size_t size = strlen(step->reply);
        const size_t half = step->is_cut_in_two ? size / 2 : size;

        send_all(fd, step->reply, half);
        send_all(fd, step->reply + half, size - half);
    }
    while (step->is_held && recv(fd, &byte, 1, 0) > 0)
        continue;
    (void)shutdown(fd, SHUT_WR);
    while (recv(fd, &byte, 1, 0) > 0)
        continue;
}

static void *serve(void *arg)
{
    struct fake_node *node = arg;

    for (uint32_t i = 0; i < node->step_count; i++) {
        const int fd = accept(node->listen_fd, NULL, NULL);

        if (fd < 0)
            break;
        read_request(fd, node->requests[i]);
        node->request_count = i + 1;
        if (node->before)
            node->before();
        answer(fd, &node->steps[i]);
        (void)close(fd);
    }
    return NULL;
}

struct fake_node *fake_node_start(const struct fake_step *steps, uint32_t step_count)
{
    return fake_node_start_with(steps, step_count, NULL);
}

struct fake_node *fake_node_start_with(const struct fake_step *steps, uint32_t step_count,
                                       void (*before)(void))
{
    struct fake_node *node = calloc(1, sizeof(*node));
    struct sockaddr_in address;

    assert_non_null(node);
    assert_true(step_count <= FAKE_SCRIPT_MAX);
    node->steps = steps;
    node->step_count = step_count;
    node->before = before;
    node->listen_fd = bind_any(&address);
    assert_int_equal(listen(node->listen_fd, 16), 0);
    node->port = ntohs(address.sin_port);
    (void)snprintf(node->address, sizeof(node->address), "127.0.0.1:%u", (unsigned)node->port);
    assert_int_equal(pthread_create(&node->thread, NULL, serve, node), 0);
    return node;
}

void fake_node_stop(struct fake_node *node)
{
    (void)shutdown(node->listen_fd, SHUT_RDWR); /* wakes accept */
    assert_int_equal(pthread_join(node->thread, NULL), 0);
    (void)close(node->listen_fd);
}

void fake_node_free(struct fake_node *node)
{
    free(node);
}
