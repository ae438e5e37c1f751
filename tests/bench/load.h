/* The load: connections that repeat the cycle of a protocol, and the filling of a queue. */
#ifndef RH_TESTS_BENCH_LOAD_H
#define RH_TESTS_BENCH_LOAD_H

#include <stdint.h>

#include "tests/bench/latency.h"
#include "tests/bench/proto.h"

#define LOAD_CONNECTIONS_MAX 1024u

struct load_result {
    uint64_t cycles;                     /* ended within the time measured */
    int64_t us;                          /* that time */
    struct latency latency[PROTO_STEPS]; /* from a request to its answer */
};

/* Runs `connections` flows against 127.0.0.1:port for run_ms (> 0). Every cycle that was begun is
 * ended before it returns, so that the queue is as it was. Values begin at serial `seed` << 32. 0,
 * or -1 after telling why. */
int load_run(const struct proto *proto, uint16_t port, uint32_t connections, int64_t run_ms,
             uint64_t seed, struct load_result *out);

/* Adds count other items, in batches. 0, or -1 after telling why. */
int load_fill(const struct proto *proto, uint16_t port, uint32_t count);

#endif
