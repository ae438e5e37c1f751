/* What a leader knows of one follower, and the window of what it has sent it; not the sending. */
#ifndef RH_RAFT_PEER_H
#define RH_RAFT_PEER_H

#include "raft.h"

#define RAFT_VOTE_NONE 0u
#define RAFT_VOTE_YES  1u
#define RAFT_VOTE_NO   2u

/* An append without an answer. */
struct raft_flight {
    uint64_t seq, last;
    uint64_t bytes;
    int64_t sent_ms;
};

struct raft_peer {
    char id[RAFT_ID_MAX + 1];
    bool is_voter;
    bool is_paused; /* probe: an append is out */
    bool is_beat_due;
    bool is_vote_due;    /* ask for its vote */
    bool is_piece_out;   /* snapshot: a chunk is out */
    bool has_lost_data;  /* denied having what it had acknowledged */
    uint8_t state;       /* RAFT_PEER_... */
    uint8_t vote;        /* RAFT_VOTE_... */
    uint64_t match;      /* known to be on its disk and equal to ours */
    uint64_t next;       /* first to be sent */
    uint64_t sent_index; /* greatest sent in this term */
    uint64_t match_seq;  /* requests after this one were sent when match was as it is */
    uint64_t probe_seq;
    uint64_t acked_round;
    uint64_t commit_told;
    int64_t acked_sent_ms; /* sending of the newest request that it answered; -1 = none */
    int64_t heard_ms;
    int64_t sent_ms; /* of the probe or chunk that is out */
    int64_t told_ms; /* when the commit index was last told by itself */
    uint64_t snapshot_id, offset;
    uint32_t flight_first, flight_count;
    uint64_t flight_bytes;
    struct raft_flight flights[RAFT_INFLIGHT_MAX];
};

/* A follower of which nothing is known: probe from next. Keeps id and is_voter. [any] */
void raft_peer_reset(struct raft_peer *peer, uint64_t next);
/* Back to one append at a time, from behind what is known. [any] */
void raft_peer_probe(struct raft_peer *peer);
/* The window has room for one more append. [any] */
bool raft_peer_has_room(const struct raft_peer *peer, uint32_t flights_max, uint64_t bytes_max);
void raft_peer_take_off(struct raft_peer *peer, const struct raft_flight *flight);
/* Everything up to index has arrived. [any] */
void raft_peer_land(struct raft_peer *peer, uint64_t index);
/* It has entries up to index. True when that is news. [any] */
bool raft_peer_raise(struct raft_peer *peer, uint64_t index, uint64_t seq);

#endif
