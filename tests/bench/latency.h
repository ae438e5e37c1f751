/* Counts of times in buckets, from which shares are read; within 1/32 of the truth. */
#ifndef RH_TESTS_BENCH_LATENCY_H
#define RH_TESTS_BENCH_LATENCY_H

#include <stdint.h>

#define LATENCY_BUCKETS 1024u

struct latency {
    uint64_t count;
    uint64_t buckets[LATENCY_BUCKETS];
};

void latency_add(struct latency *l, int64_t us);

/* The time in microseconds that a share (0 to 1) of the counted ones did not exceed; 0 without any.
 */
int64_t latency_share(const struct latency *l, double share);

#endif
