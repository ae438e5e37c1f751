/* One GET; see http_get.h. */
#include "tests/bench/http_get.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/net.h"

#define STATUS_AT 9 /* in "HTTP/1.1 200 OK" */

static size_t read_all(int fd, char *out, size_t size)
{
    size_t n = 0;

    while (n + 1 < size) {
        ssize_t got = recv(fd, out + n, size - 1 - n, 0);

        if (got <= 0)
            break;
        n += (size_t)got;
    }
    out[n] = '\0';
    return n;
}

int http_get(uint16_t port, const char *path, char *out, size_t size, size_t *n)
{
    char ask[512];
    char *body;
    int status;
    int fd = net_connect(port);
    int len = snprintf(ask, sizeof ask,
                       "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", path);

    assert(len > 0);
    assert((size_t)len < sizeof ask);
    if (fd < 0)
        return -1;
    if (net_send(fd, ask, (size_t)len) != 0)
        len = 0;
    *n = len > 0 ? read_all(fd, out, size) : 0;
    (void)close(fd); /* all was read */
    body = *n > STATUS_AT ? strstr(out, "\r\n\r\n") : NULL;
    if (!body)
        return -1;
    status = (int)strtol(out + STATUS_AT, NULL, 10);
    body += 4;
    *n -= (size_t)(body - out);
    memmove(out, body, *n + 1);
    return status;
}
