/* How long a leader may believe in itself, from what a majority acknowledged; it reads no clock. */
#ifndef RH_ELECTION_LEASE_H
#define RH_ELECTION_LEASE_H

#include <stdbool.h>
#include <stdint.h>

/* "Never acknowledged". */
#define LEASE_NEVER INT64_MIN

/* A lease lasts this share of a beat. */
#define LEASE_TENTHS_OF_BEAT 16

/* 1.6 beats. [any] */
int64_t lease_length_ms(int64_t beat_ms);

/* The end of the lease: lease_length after the sending of the newest heartbeat that `need` voters
 * know of, the leader among them. sent_ms[i] is the sending time of the newest heartbeat that voter
 * i, not the leader, acknowledged, or LEASE_NEVER. LEASE_NEVER while there are fewer. count <= 64.
 * Counting from the sending, not from the answer, is what makes it end before the timeout of anyone
 * who acknowledged (Gray and Cheriton, "Leases", 1989). [any] */
int64_t lease_expires_ms(const int64_t *sent_ms, uint32_t count, uint32_t need, int64_t now_ms,
                         int64_t beat_ms);

/* Whether a lease ends before anyone who acknowledged stands or votes, with clock rates that differ
 * by 10 % from the true one either way: lease / 0.9 < timeout / 1.1. [any] */
bool lease_fits_timeout(int64_t beat_ms, int64_t timeout_ms);

/* The shortest timeout that lease_fits_timeout accepts. Milliseconds. [any] */
int64_t lease_timeout_min_ms(int64_t beat_ms);

#endif
