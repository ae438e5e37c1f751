/* Sockets on 127.0.0.1 and the clock, as the benches need them; no protocol. */
#ifndef RH_TESTS_BENCH_NET_H
#define RH_TESTS_BENCH_NET_H

#include <stddef.h>
#include <stdint.h>

/* Monotonic time in microseconds. */
int64_t net_now_us(void);

/* A blocking connection without Nagle's delay; the descriptor, or -1 with errno. */
int net_connect(uint16_t port);

/* Sends all n bytes. 0, or -1 with errno. */
int net_send(int fd, const char *p, size_t n);

/* A port that was free a moment ago, or 0 with errno. */
uint16_t net_free_port(void);

#endif
