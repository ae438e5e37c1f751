/* What election does while another provider decides who leads: the leader's heartbeat to nodes that
 * do not vote, and Bully's priority as a wish for a transfer. It reads no clock and sends nothing:
 * time comes in as an argument, what is due goes out as a value. PROTOCOLS "One leadership, two
 * providers". All [any], one thread at a time. */
#ifndef RH_ELECTION_STANDBY_H
#define RH_ELECTION_STANDBY_H

#include <stdbool.h>
#include <stdint.h>

#include "election.h"

/* What standby_tick finds due, or'd together. */
#define STANDBY_BEAT     1u /* tell the nodes that do not vote */
#define STANDBY_TRANSFER 2u /* ask for a transfer: standby_better says to whom */

/* Embedded by the caller; private. */
struct standby {
    struct election_config cfg;
    int64_t priority[ELECTION_VOTERS_MAX];
    int64_t fit_since_ms[ELECTION_VOTERS_MAX]; /* without a gap; LEASE_NEVER = not fit now */
    bool is_leader;
    uint64_t epoch;
    int64_t lead_since_ms;
    int64_t beat_ms;      /* when the next heartbeat is due */
    int64_t next_look_ms; /* when a transfer is thought of again */
    int64_t handed_over_ms;
};

void standby_init(struct standby *s, const struct election_config *cfg, int64_t now_ms);
/* This node leads with this epoch, or does not. A new epoch is a new leadership. */
void standby_lead(struct standby *s, bool is_leader, uint64_t epoch, int64_t now_ms);
/* What is known of a voter; is_fit: alive and reached directly. voter < cfg.voter_count. */
void standby_see(struct standby *s, uint32_t voter, int64_t priority, bool is_fit, int64_t now_ms);

/* What is due; call at standby_next_ms, INT64_MAX = nothing will be. Only a leader has anything to
 * do: a beat at once and every beat; a transfer when it has led for four beats, a voter that stands
 * above it has been fit for four, and the last transfer is twenty beats ago. */
uint32_t standby_tick(struct standby *s, int64_t now_ms);
int64_t standby_next_ms(const struct standby *s);
/* Voters that stand above this one and have been fit for four beats, the best first; how many.
 * Whether they have caught up the other provider knows: ask for one after the other. */
uint32_t standby_better(const struct standby *s, uint32_t out[ELECTION_VOTERS_MAX], int64_t now_ms);
/* One of them was accepted. */
void standby_handed_over(struct standby *s, int64_t now_ms);

#endif
