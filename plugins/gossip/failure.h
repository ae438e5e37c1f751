/* Who is taken for dead while no better detector runs: counts the rounds of this node in which a
 * peer gave no sign of life, directly or by word of mouth. It reads no clock. [any] */
#ifndef RH_GOSSIP_FAILURE_H
#define RH_GOSSIP_FAILURE_H

#include <stdbool.h>
#include <stdint.h>

/* States; the same numbers as the peer table's. */
#define FAILURE_UNKNOWN        0u
#define FAILURE_ALIVE          1u
#define FAILURE_SUSPECT        2u
#define FAILURE_DEAD           3u
#define FAILURE_LEFT           4u

#define FAILURE_SUSPECT_ROUNDS 2u
#define FAILURE_DEAD_ROUNDS    4u

/* One peer. All zero = never heard of. */
struct failure {
    uint32_t state; /* FAILURE_... */
    uint32_t missed;
    bool was_seen; /* since the last round */
};

/* The rounds of this node. */
struct failure_clock {
    int64_t last_ms;
    bool has_run;
};

/* Begins a round. Whether it may judge: not when it comes more than a beat late, for then this node
 * was the one that stood still, and what the others said meanwhile waits to be read. */
bool failure_round(struct failure_clock *clock, int64_t now_ms, int64_t interval_ms,
                   int64_t beat_ms);

/* A sign of life. True when the state changed (to alive). */
bool failure_seen(struct failure *peer);
/* It says goodbye. True when the state changed. */
bool failure_left(struct failure *peer);
/* Another detector found this out; the count begins anew. */
void failure_adopt(struct failure *peer, uint32_t state);
/* One round is over; nodes is the size of the cluster: word of mouth takes one round more for each
 * power of eight. True when the state changed (to suspect or dead). Peers that were never heard of
 * are not judged. */
bool failure_missed(struct failure *peer, uint32_t nodes);

#endif
