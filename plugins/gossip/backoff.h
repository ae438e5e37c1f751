/* When a peer that did not answer may be tried again. It knows neither peers nor clocks. [any] */
#ifndef RH_GOSSIP_BACKOFF_H
#define RH_GOSSIP_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

#define BACKOFF_FIRST_MS  1000
#define BACKOFF_BEATS_MAX 20

/* All zero = never failed. */
struct backoff {
    int64_t next_ms;
    uint32_t failures;
};

bool backoff_is_over(const struct backoff *backoff, int64_t now_ms);
void backoff_succeed(struct backoff *backoff);
/* Waits 1 s after the first failure, twice as long after each further one, at most 20 beats; then a
 * random quarter less, so that peers that lost one node together do not try together. random is 64
 * uniform bits. */
void backoff_fail(struct backoff *backoff, int64_t now_ms, int64_t beat_ms, uint64_t random);

#endif
