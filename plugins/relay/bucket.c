/* A token bucket in whole numbers; see bucket.h. */
#include "bucket.h"

#include <assert.h>

#define MILLI 1000

bool bucket_take(struct bucket *bucket, int64_t rate, int64_t burst, int64_t now_ms)
{
    const int64_t elapsed_ms = now_ms - bucket->at_ms;
    int64_t refill_milli;

    assert(rate > 0);
    assert(burst > 0);
    /* A thousandth of a token each ms for each token a second. */
    refill_milli = elapsed_ms > burst * MILLI ? burst * MILLI : elapsed_ms * rate;
    bucket->at_ms = now_ms;
    bucket->spent_milli =
        refill_milli >= bucket->spent_milli ? 0 : bucket->spent_milli - refill_milli;
    if (bucket->spent_milli + MILLI > burst * MILLI)
        return false;
    bucket->spent_milli += MILLI;
    return true;
}
