/* Requests and responses of HTTP/1.1 as the protocols of ringhost need them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/proto.h"

size_t proto_http_post(char *out, const char *path, const char *body)
{
    return proto_put(out, 0,
                     "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                     "Content-Length: %zu\r\n\r\n%s",
                     path, strlen(body), body);
}

/* The server's header names are in lower case. */
ptrdiff_t proto_http_response(const char *p, size_t n, const char **body, size_t *body_n)
{
    static const char length_key[] = "\r\ncontent-length: ";
    const char *end = memmem(p, n, "\r\n\r\n", 4);
    const char *length;

    if (!end)
        return 0;
    length = memmem(p, (size_t)(end + 2 - p), length_key, sizeof length_key - 1);
    if (!length)
        return PROTO_WRONG;
    *body = end + 4;
    *body_n = strtoul(length + sizeof length_key - 1, NULL, 10);
    if (n - (size_t)(*body - p) < *body_n)
        return 0;
    if (memcmp(p, "HTTP/1.1 20", 11) != 0) {
        (void)fprintf(stderr, "ringhost answered %.12s %.*s\n", p, (int)*body_n, *body);
        return PROTO_WRONG;
    }
    return (ptrdiff_t)((size_t)(*body - p) + *body_n);
}
