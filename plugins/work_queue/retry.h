/* How long a failed item waits before its next attempt; it keeps no state. */
#ifndef RH_PLUGINS_WORK_QUEUE_RETRY_H
#define RH_PLUGINS_WORK_QUEUE_RETRY_H

#include <stdint.h>

/* Exponential back-off with full jitter: a uniform choice in [0, min(cap, base * 2^(attempt - 1))],
 * ms. attempt counts from 1 (the attempt that failed); random is 64 uniform bits. base_ms and
 * cap_ms >= 0. [any] Source: Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog,
 * 2015. */
int64_t retry_delay_ms(int64_t base_ms, int64_t cap_ms, uint32_t attempt, uint64_t random);

#endif
