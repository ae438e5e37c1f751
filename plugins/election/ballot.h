/* One voter's ballot paper: the newest term it knows and whom it gave its vote in it; not when it
 * may vote. */
#ifndef RH_ELECTION_BALLOT_H
#define RH_ELECTION_BALLOT_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/types.h>

/* The longest node id, without its NUL. Bytes. */
#define NODE_ID_MAX 64u

/* On disk before anything that follows from it is said aloud: that is what makes a vote count once
 * across crashes. */
struct ballot {
    uint64_t term;              /* 0 = never took part */
    char vote[NODE_ID_MAX + 1]; /* "" = not given away in this term */
};

/* Moves to a higher term with the vote still free. False, and nothing changed, when term is not
 * higher. [any] */
bool ballot_advance(struct ballot *ballot, uint64_t term);

/* Whether the vote of `term` can go to candidate: the term is newer, or it is this one and the vote
 * is free or already candidate's (Ongaro and Ousterhout, "In search of an understandable consensus
 * algorithm", section 5.2). [any] */
bool ballot_can_grant(const struct ballot *ballot, uint64_t term, const char *candidate);

/* Gives the vote. Asserts ballot_can_grant. True when the ballot changed and must be made durable.
 * [any] */
bool ballot_grant(struct ballot *ballot, uint64_t term, const char *candidate);

#endif
