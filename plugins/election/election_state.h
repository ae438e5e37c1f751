/* What the files of the election core share; private to them. Contracts of the public functions are
 * in election.h. */
#ifndef RH_ELECTION_ELECTION_STATE_H
#define RH_ELECTION_ELECTION_STATE_H

#include "election.h"
#include "lease.h"

/* Heartbeats and vote requests that were not answered are repeated this often in a beat. */
#define ELECTION_REPEATS_PER_BEAT 5

/* A better voter is handed leadership after this many beats of stability, at most once in so many.
 */
#define ELECTION_STABLE_BEATS   4
#define ELECTION_HANDOVER_BEATS 20

/* A slot of the action queue, zeroed but for its kind. */
struct election_action *election_push(struct election *e, uint32_t kind);
/* Moves the state along an allowed edge; the same state is no move. */
void election_move(struct election *e, uint8_t state);
bool election_votes(const struct election *e);
/* Emits PERSIST of the ballot. */
void election_persist(struct election *e);
/* Follower of nobody: reports why, and stands after delay_ms. */
void election_orphan(struct election *e, int64_t delay_ms, int64_t now_ms);
/* Uniform in [0, window_ms]. */
int64_t election_jitter(struct election *e, int64_t window_ms);
/* The delay of this voter's place among all. */
int64_t election_place_delay(struct election *e);
/* Remember an answer of a voter. */
void election_heard_from(struct election *e, uint32_t voter, int64_t priority, int64_t now_ms);
/* Whether votes are refused for the sake of a leader that may live. */
bool election_is_sticky(const struct election *e, const struct vote_request *request,
                        int64_t now_ms);

/* A leader whose timer is late must not act on a lease that is over. Others are not moved by it: a
 * heartbeat that waited behind a stall must be seen before the timeout that it prevents. */
void election_check_lease(struct election *e, int64_t now_ms);

/* Asks the leader that is followed, a voter, to hand over to this one. */
void election_ask_to_hand_over(struct election *e, int64_t now_ms);

/* candidate.c */
void election_stand(struct election *e, bool is_pre, int64_t now_ms);
void election_candidate_tick(struct election *e, int64_t now_ms);
/* leading.c */
void election_lead(struct election *e, int64_t now_ms);
void election_leader_tick(struct election *e, int64_t now_ms);
int64_t election_leader_next_ms(const struct election *e);

#endif
