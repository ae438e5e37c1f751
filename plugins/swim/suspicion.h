/* How long one suspect has left: from the longest time down to the shortest as independent accusers
 * confirm. It reads no clock and knows no node. [any]
 *
 * Lifeguard, section 4 (LHA-Suspicion). */
#ifndef RH_SWIM_SUSPICION_H
#define RH_SWIM_SUSPICION_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/types.h>

#define SUSPICION_CONFIRMATIONS_MAX 3u

struct suspicion {
    int64_t start_ms;
    int64_t min_ms;
    int64_t max_ms;
    uint32_t accusers[SUSPICION_CONFIRMATIONS_MAX + 1]; /* hashes of their ids */
    uint8_t accuser_count;
    uint8_t wanted; /* confirmations that bring it down to min_ms; 0 = none can come */
};

/* Begins with the first accuser. 0 < min_ms <= max_ms; wanted <= SUSPICION_CONFIRMATIONS_MAX. */
void suspicion_begin(struct suspicion *s, int64_t now_ms, int64_t min_ms, int64_t max_ms,
                     uint32_t wanted, struct rh_str accuser);
/* Another accuser. True when it is news and counts: then the time is shorter. An empty id never
 * counts. */
bool suspicion_confirm(struct suspicion *s, struct rh_str accuser);
/* When it is over. */
int64_t suspicion_end_ms(const struct suspicion *s);
/* Somebody has seen it through: nothing more than the shortest time is left. */
void suspicion_shorten(struct suspicion *s);
/* The time until now does not count: this node stood still. */
void suspicion_restart(struct suspicion *s, int64_t now_ms);

#endif
