/* Buckets as in HdrHistogram: each doubling is cut into 32; see latency.h. */
#include "tests/bench/latency.h"

#include <assert.h>

#define CUTS      32u
#define CUTS_BITS 5u

static uint32_t bucket_of(uint64_t us)
{
    uint32_t doublings;

    if (us < CUTS)
        return (uint32_t)us;
    doublings = 63u - (uint32_t)__builtin_clzll(us) - CUTS_BITS;
    return (doublings + 1) * CUTS + (uint32_t)(us >> doublings) - CUTS;
}

/* The last value of a bucket. */
static int64_t bucket_end(uint32_t bucket)
{
    uint32_t doublings = bucket / CUTS;

    if (doublings == 0)
        return bucket;
    return (int64_t)((bucket % CUTS + CUTS + 1ull) << (doublings - 1)) - 1;
}

void latency_add(struct latency *l, int64_t us)
{
    uint32_t bucket = bucket_of(us > 0 ? (uint64_t)us : 0);

    assert(bucket < LATENCY_BUCKETS * 2);
    l->buckets[bucket < LATENCY_BUCKETS ? bucket : LATENCY_BUCKETS - 1]++;
    l->count++;
}

int64_t latency_share(const struct latency *l, double share)
{
    uint64_t wanted = (uint64_t)(share * (double)l->count);
    uint64_t seen = 0;

    for (uint32_t i = 0; l->count > 0 && i < LATENCY_BUCKETS; i++) {
        seen += l->buckets[i];
        if (seen > wanted || seen == l->count)
            return bucket_end(i);
    }
    return 0;
}
