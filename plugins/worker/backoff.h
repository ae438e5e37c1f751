/* How long to wait after a failure: exponential, with jitter, and not before the other side asks;
 * no clock. */
#ifndef RH_PLUGINS_WORKER_BACKOFF_H
#define RH_PLUGINS_WORKER_BACKOFF_H

#include <stdint.h>

#define BACKOFF_BASE_MS     500
#define BACKOFF_RETRY_MAX_S 300u /* of a Retry-After that is honoured */

/* The wait after the failures-th failure in a row (from 1): between half and all of
 * min(cap_ms, 500 ms * 2^failures), at random bits of the caller; with retry_after_s > 0 never less
 * than that, plus up to 500 ms so that not everybody comes back at once. Milliseconds. Half is kept
 * where AWS's "full jitter" (Brooker, "Exponential Backoff And Jitter", 2015) keeps nothing, so
 * that no second try comes at once. */
int64_t backoff_ms(uint32_t failures, int64_t cap_ms, uint32_t retry_after_s, uint64_t random);

#endif
