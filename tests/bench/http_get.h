/* One GET on a connection of its own: status and body. Not a client for load. */
#ifndef RH_TESTS_BENCH_HTTP_GET_H
#define RH_TESTS_BENCH_HTTP_GET_H

#include <stddef.h>
#include <stdint.h>

/* Asks 127.0.0.1:port for path and reads until the server closes. The body (cut to size - 1, NUL at
 * the end) goes to out; its length to *n. Returns the status, or -1 when there was no answer. */
int http_get(uint16_t port, const char *path, char *out, size_t size, size_t *n);

#endif
