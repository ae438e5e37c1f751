/* The election core: Bully among configured voters with Raft's election rules, a lease, and the
 * home of the replicated state first. It reads no clock, sends nothing and stores nothing: time
 * comes in as an argument, what must happen goes out as actions. PROTOCOLS "One leadership, two
 * providers".
 *
 * Call a function, then carry out all actions in order before the next call, and only then send the
 * reply that the call filled: a PERSIST among them must be durable before the reply leaves. All
 * functions are [any], one thread at a time. now_ms is monotonic and never goes back. */
#ifndef RH_ELECTION_ELECTION_H
#define RH_ELECTION_ELECTION_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/sdk/rng.h>

#include "ballot.h"

#define ELECTION_VOTERS_MAX  31u
#define ELECTION_ACTIONS_MAX 160u
#define ELECTION_REASON_MAX  160u

/* States. */
#define ELECTION_FOLLOWER     0u /* with a leader or without */
#define ELECTION_PRECANDIDATE 1u /* asks whether standing has a chance; changes nobody's term */
#define ELECTION_CANDIDATE    2u
#define ELECTION_LEADER       3u

struct election_config {
    char self[NODE_ID_MAX + 1];
    int64_t priority; /* greater stands before smaller */
    int64_t beat_ms;
    int64_t timeout_ms; /* lease_fits_timeout holds */
    uint32_t voter_count;
    char voters[ELECTION_VOTERS_MAX][NODE_ID_MAX + 1]; /* self may be among them */
};

struct election_home {
    uint64_t epoch; /* 0 = none */
    char node_id[NODE_ID_MAX + 1];
};

/* Messages. home must have been learned and be durable before a message is given to the core. */
struct vote_request {
    char candidate[NODE_ID_MAX + 1];
    uint64_t term;          /* the term it would lead */
    uint64_t released_term; /* the leader of this term and all before have stood down for good; 0 =
                               unknown */
    int64_t priority;
    bool is_pre;
    bool is_forced; /* no vote is wanted: the leader is asked to hand over to the candidate */
};
struct vote_reply {
    bool granted;
    uint64_t term;
    int64_t priority;
    char reason[32]; /* "" when granted: stale_term, has_leader, voted, not_a_voter; to a forced
                        request handing_over, not_leader */
};
struct heartbeat {
    char leader[NODE_ID_MAX + 1];
    uint64_t term;
    int64_t lease_ms;
    bool is_resigning;               /* it has stopped leading */
    bool is_foreign;                 /* another provider decided: binds nodes that do not vote */
    char successor[NODE_ID_MAX + 1]; /* who should stand at once; "" = anyone */
};
struct heartbeat_reply {
    bool ok;
    uint64_t term;
    int64_t priority;
    bool can_lead;
};
/* What was sent, to be given back with the answer. */
struct heartbeat_sent {
    uint64_t term;
    int64_t sent_ms;
    uint64_t home_epoch; /* of a claim of our own that rode along; 0 = none */
};

/* Actions. */
#define ELECTION_PERSIST \
    1u /* make `ballot` durable, then call election_on_persisted(ballot.term) */
#define ELECTION_SEND_VOTE      2u /* `vote` to the voter `voter` */
#define ELECTION_SEND_HEARTBEAT 3u /* `heartbeat` to `voter`; remember `sent` */
#define ELECTION_SEND_OTHERS    4u /* `heartbeat` to all nodes that are not voters */
#define ELECTION_LEADING        5u /* report: term, expires_ms, have, need */
#define ELECTION_FOLLOWING      6u /* report: leader, term, expires_ms */
#define ELECTION_LEADERLESS     7u /* report: term, reason, have, need */
#define ELECTION_HOME_CONFIRMED 8u /* report: home_epoch */

struct election_action {
    uint32_t kind;
    uint32_t voter; /* index into config.voters */
    uint64_t term;
    int64_t expires_ms;
    uint32_t have;
    uint32_t need;
    uint64_t home_epoch;
    union {
        struct ballot ballot;
        struct vote_request vote;
        struct {
            struct heartbeat heartbeat;
            struct heartbeat_sent sent;
        } beat;
        char leader[NODE_ID_MAX + 1];
        char reason[ELECTION_REASON_MAX];
    } u;
};

/* What is known of one voter. Private. */
struct election_voter {
    int64_t priority;
    int64_t answered_ms;    /* last answer to us; LEASE_NEVER */
    int64_t alive_since_ms; /* answers without a gap since */
    int64_t acked_sent_ms;  /* see lease.h */
    int64_t sent_ms;        /* last message of this round */
    uint64_t acked_home_epoch;
    bool has_answered; /* in this round */
    bool has_granted;
    bool can_lead;
};

/* Embedded by the caller; private. */
struct election {
    struct election_config cfg;
    struct election_voter voters[ELECTION_VOTERS_MAX];
    struct election_home home;
    struct rh_rng rng;
    struct ballot ballot;
    uint8_t state;
    bool is_durable;     /* candidate: our own vote is on disk */
    bool is_leased;      /* leader: a majority has acknowledged */
    uint32_t self_index; /* ELECTION_VOTERS_MAX when this node does not vote */
    uint64_t floor_term; /* terms up to here are taken */
    uint64_t released_term;
    char leader[NODE_ID_MAX + 1]; /* "" = none known */
    uint64_t leader_term;
    int64_t heard_ms;
    char sticky_leader[NODE_ID_MAX + 1]; /* whom votes are refused for the sake of */
    uint64_t sticky_term;
    int64_t sticky_until_ms;
    int64_t stand_at_ms; /* when to ask for votes if nobody leads */
    int64_t hold_until_ms;
    int64_t round_ms; /* when this round of votes or beat of heartbeats began */
    int64_t won_ms;
    int64_t lease_ms; /* end of our lease */
    int64_t handed_over_ms;
    int64_t forcing_until_ms; /* so long the leader is asked to hand over; LEASE_NEVER = not */
    uint64_t confirmed_home_epoch;
    char reason[ELECTION_REASON_MAX];
    struct election_action actions[ELECTION_ACTIONS_MAX];
    uint32_t action_first;
    uint32_t action_count;
};

/* Starts as follower of nobody. A ballot of term 0 means that this voter never took part: it waits
 * only the jitter. Any other may have acknowledged a leader just before it stopped, so it neither
 * stands nor votes for one timeout. */
void election_init(struct election *e, const struct election_config *cfg,
                   const struct ballot *ballot, uint64_t seed, int64_t now_ms);

/* Does what is due; call at election_next_ms, which is never before the last now_ms given. */
void election_tick(struct election *e, int64_t now_ms);
int64_t election_next_ms(const struct election *e);

/* Terms up to `term` were used by someone else (another provider): ours come after. */
void election_raise_floor(struct election *e, uint64_t term);
/* The home as this node knows it durably. */
void election_set_home(struct election *e, const struct election_home *home, int64_t now_ms);

void election_on_vote(struct election *e, const struct vote_request *request,
                      struct vote_reply *reply, int64_t now_ms);
/* asked is what was sent to the voter with this index. */
void election_on_vote_reply(struct election *e, uint32_t voter, const struct vote_request *asked,
                            const struct vote_reply *reply, int64_t now_ms);
void election_on_heartbeat(struct election *e, const struct heartbeat *heartbeat,
                           struct heartbeat_reply *reply, int64_t now_ms);
void election_on_heartbeat_reply(struct election *e, uint32_t voter,
                                 const struct heartbeat_sent *sent,
                                 const struct heartbeat_reply *reply, int64_t now_ms);
void election_on_persisted(struct election *e, uint64_t term, int64_t now_ms);

/* Stop leading, tell everyone, and do not stand for hold_ms. successor NULL = anyone. No effect
 * beyond the hold when this node does not lead. */
void election_resign(struct election *e, const char *successor, int64_t hold_ms, int64_t now_ms);

/* An operator wants this voter to lead. Without a leader that may live it asks for pre-votes at
 * once, whatever holds it back. Else nothing happens, or, forced, the leader is asked to hand over
 * for up to a beat: it stands down in our favour, and a majority still has to vote for us. */
#define ELECTION_START_STANDS      0u /* now, or already */
#define ELECTION_START_ASKED       1u /* the leader, to hand over */
#define ELECTION_START_NOT_A_VOTER 2u
#define ELECTION_START_LEADS       3u /* this very node */
#define ELECTION_START_LED         4u /* the leader is healthy; only when not forced */
#define ELECTION_START_LEASED                                          \
    5u /* a lease that we acknowledged may still run, whose is unknown \
        */
uint32_t election_start(struct election *e, bool is_forced, int64_t now_ms);

/* Whether this node may act as leader at now_ms. */
bool election_leads(const struct election *e, int64_t now_ms);
/* Index of a voter, or ELECTION_VOTERS_MAX. */
uint32_t election_voter_index(const struct election *e, const char *node_id);
/* Whether a voter has answered the leader within a lease. */
bool election_voter_is_alive(const struct election *e, uint32_t voter, int64_t now_ms);
/* Whether a voter that answered would stand: it is not held back by a step-down. */
bool election_voter_can_lead(const struct election *e, uint32_t voter);
/* The highest-ranked living voter that can lead, other than this node, or ELECTION_VOTERS_MAX. */
uint32_t election_best_other(const struct election *e, int64_t now_ms);
/* Majority of the configured voters. */
uint32_t election_need(const struct election *e);
/* Voters that support the leader, or answer, as this node knows; itself included. */
uint32_t election_have(const struct election *e, int64_t now_ms);

/* Takes the next action; false when there is none. */
bool election_next_action(struct election *e, struct election_action *out);

#endif
