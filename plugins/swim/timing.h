/* Every time that SWIM keeps, derived from the cluster's beat. It reads no clock. [any]
 *
 * Rules: Das, Gupta and Motivala, "SWIM", DSN 2002; Dadgar, Phillips and Currey, "Lifeguard", 2018.
 */
#ifndef RH_SWIM_TIMING_H
#define RH_SWIM_TIMING_H

#include <stdint.h>

#define TIMING_INTERVALS_A_BEAT     15
#define TIMING_INTERVAL_MIN_MS      20
#define TIMING_INTERVAL_FLOOR_MS    100 /* of the derived one: below, a busy machine is too slow */
#define TIMING_SUSPICION_FACTOR     4   /* intervals, in a cluster of ten */
#define TIMING_SUSPICION_FACTOR_MIN 3
#define TIMING_SUSPICION_MAX_FACTOR 6 /* without any confirmation, in shortest suspicions */
#define TIMING_SUSPICION_FLOOR_MS   1000
#define TIMING_CONFIRMATIONS        3
#define TIMING_RETRANSMIT_FACTOR    4
#define TIMING_NACK_PERCENT         80
#define TIMING_RETRY_BEATS_MAX      20
#define TIMING_WHY_MAX              256u

/* What an operator set; 0 = derived. */
struct timing_wishes {
    int64_t interval_ms;
    int64_t timeout_ms;
    int64_t suspicion_factor;
};

struct timing {
    int64_t beat_ms;
    int64_t interval_ms;      /* from probe to probe */
    int64_t timeout_min_ms;   /* of the direct ping, and again of the indirect ones */
    int64_t timeout_max_ms;   /* however slow the network is */
    int64_t suspicion_factor; /* shortest suspicion, in intervals */
};

/* RH_OK, or RH_EINVAL with the broken rule by name in why[TIMING_WHY_MAX]; *out is then unchanged.
 */
int32_t timing_derive(struct timing *out, const struct timing_wishes *wishes, int64_t beat_ms,
                      char *why);

/* How long an answer is waited for: 4 average round trips within the limits. rtt_ms < 0 = not
 * measured. */
int64_t timing_timeout_ms(const struct timing *timing, double rtt_ms);

/* How long a suspect of a cluster of `nodes` has at least, and at most. The floor keeps what a busy
 * machine does to its processes apart from death. */
int64_t timing_suspicion_min_ms(const struct timing *timing, uint32_t nodes);
int64_t timing_suspicion_max_ms(const struct timing *timing, uint32_t nodes);

/* Accusers besides the first that can be asked for in a cluster of `nodes`: the suspect and the
 * first accuser cannot confirm. */
uint32_t timing_confirmations(uint32_t nodes);

/* How often a node tells one piece of news. */
uint32_t timing_transmissions(uint32_t nodes);

/* Until the next try of a node that did not answer `failures` tries: doubles from one interval to
 * 20 beats, then a random quarter less. random is 64 uniform bits. */
int64_t timing_retry_ms(const struct timing *timing, uint32_t failures, uint64_t random);

#endif
