/* A token bucket: so many at once, so many a second after that. [any] */
#ifndef RH_RELAY_BUCKET_H
#define RH_RELAY_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed it is full. */
struct bucket {
    int64_t spent_milli; /* thousandths of tokens missing */
    int64_t at_ms;
};

/* Takes one of `burst` tokens, refilled by `rate` a second (both at least 1); false: there is none.
 */
bool bucket_take(struct bucket *bucket, int64_t rate, int64_t burst, int64_t now_ms);

#endif
