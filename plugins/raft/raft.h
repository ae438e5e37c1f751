/* The raft core: one node's part in agreeing on a sequence of entries (Ongaro and Ousterhout, "In
 * search of an understandable consensus algorithm"; Ongaro's thesis for pre-vote, single-server
 * changes, transfer and ReadIndex). It reads no clock, socket or file: time, messages and results
 * of writes come in, and what is to be done is taken out with the raft_next functions, in any order
 * and as often as there is something. Nothing that must wait for the disk comes out of
 * raft_next_message before raft_written has told that it is there. All functions [any], one thread
 * at a time. */
#ifndef RH_RAFT_RAFT_H
#define RH_RAFT_RAFT_H

#include "log.h"
#include "members.h"

/* The election timeout is drawn anew for each term from [10, 20) heartbeats. */
#define RAFT_TIMEOUT_HEARTBEATS 10
/* A leader believes in itself for 8 heartbeats from the sending of the last one that a majority
 * acknowledged. Whoever acknowledged grants no vote for 10 of its own heartbeats from then. With
 * clocks that run at 0.9 to 1.1 of true time the lease lasts at most 8 / 0.9 = 8.89 and the refusal
 * at least 10 / 1.1 = 9.09 true heartbeats: the lease ends first. A factor of 0.9 would not do. */
#define RAFT_LEASE_HEARTBEATS 8

#define RAFT_INFLIGHT_MAX     32u
#define RAFT_READS_MAX        4096u
#define RAFT_MESSAGES_MAX     4096u /* waiting to be taken, and as many waiting for the disk */
/* Changes of members behind the base that are remembered. */
#define RAFT_HISTORY_MAX 64u

/* The lineage of a group that began by itself on empty nodes. 0 = none yet: a node that belongs to
 * no group and joins whichever calls it. */
#define RAFT_LINEAGE_FIRST UINT64_C(1)

struct raft_config {
    char self[RAFT_ID_MAX + 1];
    int64_t heartbeat_ms;      /* >= 1 */
    uint32_t inflight_max;     /* appends to one follower without an answer, 1..RAFT_INFLIGHT_MAX */
    uint32_t append_bytes_max; /* data of one append; a larger entry goes alone */
    uint64_t inflight_bytes_max;    /* data without an answer, per follower */
    uint64_t uncommitted_bytes_max; /* proposals beyond are refused */
    uint64_t held_bytes_max;        /* data kept in memory though it is on disk */
    uint32_t write_bytes_max;       /* data of one write; a larger entry goes alone */
    uint32_t write_entries_max;     /* >= 1 */
    uint32_t chunk_bytes;           /* of a snapshot, in one message */
    uint64_t trailing_entries;      /* kept behind a checkpoint for followers that lag */
    uint64_t seed;                  /* of this life of the node */
    /* Fetch an entry that is on disk and not in memory; out->data is borrowed until the next read.
     * RH_OK, or the error that ends this node's part. */
    int32_t (*read)(void *user, uint64_t index, struct raft_entry *out);
    void *read_user;
};

/* Must be on disk before anything that follows from it is said. */
struct raft_hard {
    uint64_t term;
    char vote[RAFT_ID_MAX + 1]; /* "" = not given away in this term */
};

/* Where the log begins, and what held there. */
struct raft_base {
    uint64_t lineage;
    uint64_t index, term;
    struct raft_members members;
};

#define RAFT_FOLLOWER      0u
#define RAFT_PRE_CANDIDATE 1u
#define RAFT_CANDIDATE     2u
#define RAFT_LEADER        3u
#define RAFT_FAILED        4u /* takes no part any more; see raft_failure */

/* Messages. A request is answered by exactly one reply, its kind plus one, with the same ticket,
 * seq, round, sent_ms, index and flags; late, doubled and reordered ones harm nothing. */
#define RAFT_MSG_VOTE           1u
#define RAFT_MSG_APPEND         3u
#define RAFT_MSG_BEAT           5u
#define RAFT_MSG_SNAPSHOT       7u
#define RAFT_MSG_TIMEOUT        9u /* stand at once: leadership is handed over */
#define RAFT_MSG_REPLY(kind)    ((kind) + 1u)
#define RAFT_MSG_IS_REPLY(kind) (((kind)&1u) == 0u)

#define RAFT_FLAG_PRE           1u /* vote: would you? Changes nothing. */
#define RAFT_FLAG_FORCED        2u /* vote: the leader of the term before has handed over */

/* What a reply says. */
#define RAFT_YES        0u /* granted; appended up to match; snapshot installed up to match */
#define RAFT_NO         1u /* an append that does not fit: hint; a vote that is refused */
#define RAFT_STALE      2u /* term is newer than the request's */
#define RAFT_MORE       3u /* snapshot: want is the next byte wanted; want == length: being installed */
#define RAFT_OTHER_DATA 4u /* another lineage: the two must not mix */
#define RAFT_REMOVED    5u /* vote: you have been removed */
#define RAFT_LIVE       6u /* vote: a leader lives */

struct raft_message {
    uint32_t kind;
    uint32_t flags;
    char peer[RAFT_ID_MAX + 1]; /* out: to whom; in: from whom */
    uint64_t ticket;            /* of a request that came in; the reply carries it back */
    uint64_t lineage, term;
    /* vote: end of the candidate's log; append: the entry before the first; snapshot: its place */
    uint64_t index, index_term;
    uint64_t members_index; /* vote: of the candidate's members */
    uint64_t commit;        /* append, beat */
    uint64_t seq, round;    /* counted by the sender */
    int64_t sent_ms;        /* on the sender's clock */
    /* Append: first entry is index + 1. Out: read them with raft_entry before the core is changed.
     * In: entries[entry_count], borrowed during the step. */
    uint32_t entry_count;
    const struct raft_entry *entries;
    /* Snapshot: a chunk at offset of length bytes. Out: chunk_bytes of it are to be read from
     * snapshot snapshot_id. In: chunk, borrowed. members: at its place, borrowed. */
    uint64_t snapshot_id, offset, length;
    uint32_t chunk_bytes;
    struct rh_str chunk;
    const struct raft_members *members;
    /* replies */
    uint32_t status;                /* RAFT_YES ... */
    uint64_t match;                 /* append: index + entry_count; snapshot: its index */
    uint64_t hint_index, hint_term; /* where the logs may agree */
    uint64_t want;
};

struct raft;

/* A node from what its disk holds: hard state and base, then raft_load for each stored entry behind
 * the base, then raft_start. handed: entries up to here have been given to the state machine; not
 * below base->index. NULL without memory. Everything is copied. */
struct raft *raft_new(const struct raft_config *config, const struct raft_hard *hard,
                      const struct raft_base *base, uint64_t handed);
/* data is needed for RAFT_ENTRY_MEMBERS only. RH_OK, RH_EINVAL (a gap, a falling term, no members),
 * RH_ENOMEM, RH_EFULL. */
int32_t raft_load(struct raft *raft, const struct raft_entry *entry);
/* The base given to raft_new is not the one on disk, and is to be written; entries up to it go, and
 * with replaces_log those behind it too (none have been loaded then). Before raft_start. */
void raft_rebase(struct raft *raft, bool replaces_log);
void raft_start(struct raft *raft, int64_t now_ms);
void raft_free(struct raft *raft);

/* A term or epoch that has been used, by raft or before it: this node's term is not below. */
void raft_raise_floor(struct raft *raft, uint64_t floor, int64_t now_ms);
/* Time has come to now_ms. Call it when raft_next_ms says so; earlier and later is harmless. */
void raft_tick(struct raft *raft, int64_t now_ms);
int64_t raft_next_ms(const struct raft *raft, int64_t now_ms);
/* A message came in. RH_OK; RH_ENOMEM: as if it had been lost. RH_EINVAL: it makes no sense. After
 * an error the ticket gets no reply. */
int32_t raft_step(struct raft *raft, const struct raft_message *message, int64_t now_ms);
/* The request to the peer with this id had no answer. */
void raft_unreachable(struct raft *raft, const char *id, uint32_t kind, int64_t now_ms);

/* Put data into the log. RH_OK and the entry's place; RH_ENOTLEADER, RH_EAGAIN (too much is not yet
 * agreed on, or leadership is being handed over), RH_ENOMEM. */
int32_t raft_propose(struct raft *raft, struct rh_str data, uint64_t *index);
/* One member more, other or less. RH_OK and the entry's place; RH_ENOTLEADER; RH_EAGAIN: nothing of
 * this term is agreed on yet, another change is under way, or the learner lags; errors of
 * raft_members_change. */
int32_t raft_propose_change(struct raft *raft, const struct raft_change *change, uint64_t *index);
/* Answered by raft_next_read once nothing newer can have been agreed on elsewhere, and everything
 * agreed on by now has been handed out. RH_OK, RH_ENOTLEADER, RH_EAGAIN. */
int32_t raft_read_index(struct raft *raft, uint64_t id);
/* Hand leadership to a voter once it has everything; "" = to the one that has most. RH_OK (begun,
 * or it is this node), RH_ENOTLEADER, RH_ENOTFOUND (no such voter), RH_EUNREACHABLE, RH_EAGAIN (one
 * is under way). */
int32_t raft_transfer(struct raft *raft, const char *to, int64_t now_ms);
/* Stop leading and do not stand for hold_ms; the live voter that has most stands at once. */
void raft_step_down(struct raft *raft, int64_t hold_ms, int64_t now_ms);
/* Do not lead (or do again): what is agreed on cannot be applied here. */
void raft_forbid_lead(struct raft *raft, bool is_forbidden, int64_t now_ms);

/* What is to be done. */

/* A message to be sent. entries, chunk and members must be read before the core is changed. */
bool raft_next_message(struct raft *raft, int64_t now_ms, struct raft_message *out);
/* The entry, from memory or storage; data borrowed until the next call or change. RH_OK, or what
 * read() said. */
int32_t raft_entry(const struct raft *raft, uint64_t index, struct raft_entry *out);

/* One atomic write, in this order: entries from truncate_from on are removed, those below
 * delete_below too, then hard, base and incoming are put and the entries first .. first + count
 * - 1. Pointers live until raft_written. */
struct raft_write {
    uint64_t seq;
    const struct raft_hard *hard;     /* NULL = unchanged */
    const struct raft_base *base;     /* NULL = unchanged */
    const struct raft_base *incoming; /* a snapshot about to be installed; NULL = unchanged */
    uint64_t truncate_from;           /* 0 = none */
    uint64_t delete_below;            /* 0 = none */
    uint64_t first;
    uint32_t count;
};
/* False also while a write is under way. */
bool raft_next_write(struct raft *raft, struct raft_write *out);
/* The write is durable, or has failed, which ends this node's part. */
void raft_written(struct raft *raft, uint64_t seq, int32_t rc, int64_t now_ms);

/* The next entry that is agreed on and on this node's disk. Stays the same until raft_handed. */
bool raft_next_committed(struct raft *raft, struct raft_entry *out);
void raft_handed(struct raft *raft);

struct raft_read {
    uint64_t id;
    int32_t rc; /* RH_OK, RH_ENOTLEADER */
};
bool raft_next_read(struct raft *raft, struct raft_read *out);

/* Snapshots, sending: while a snapshot is wanted, make one and tell. A ready one is kept until
 * raft_snapshot_in_use says no. */
bool raft_snapshot_wanted(const struct raft *raft);
void raft_snapshot_making(struct raft *raft, uint64_t id);
/* rc RH_OK: the state after (index, term), length bytes. */
void raft_snapshot_ready(struct raft *raft, uint64_t id, int32_t rc, uint64_t index, uint64_t term,
                         uint64_t length);
bool raft_snapshot_in_use(const struct raft *raft, uint64_t id);
/* It was given up, made or being made: it is not sent, and another is wanted when one is needed. */
void raft_snapshot_dropped(struct raft *raft, uint64_t id);

/* Receiving: the chunk of the message just stepped is to be stored at offset of snapshot id (0
 * begins anew); to be asked right after raft_step, since data is the message's. */
struct raft_chunk {
    uint64_t id, offset;
    struct rh_str data;
};
bool raft_next_chunk(struct raft *raft, struct raft_chunk *out);
void raft_chunk_stored(struct raft *raft, int32_t rc);
/* All of it is stored, and what raft_next_write said about it is durable: put it into force. */
struct raft_install {
    uint64_t id, index, term;
};
bool raft_next_install(struct raft *raft, struct raft_install *out);
void raft_installed(struct raft *raft, uint64_t id, int32_t rc, int64_t now_ms);

/* The state machine is durable up to index: the log may be shortened. */
void raft_compact(struct raft *raft, uint64_t index, int64_t now_ms);

/* Members at a place of the log not above the agreed one; NULL when no longer known. */
const struct raft_members *raft_members_at(const struct raft *raft, uint64_t index);

#define RAFT_PEER_PROBE     0u
#define RAFT_PEER_REPLICATE 1u
#define RAFT_PEER_SNAPSHOT  2u

struct raft_peer_status {
    char id[RAFT_ID_MAX + 1];
    bool is_voter;
    bool has_lost_data; /* denied having what it had acknowledged */
    uint32_t state;     /* RAFT_PEER_... */
    uint32_t inflight;
    uint64_t match, next;
    int64_t heard_ms; /* of its last answer; 0 = none in this term */
};
struct raft_status {
    uint32_t role;
    bool is_member, is_voter, is_transferring;
    bool was_told_removed;
    uint64_t lineage, term, commit, handed;
    uint64_t base_index, base_term, last_index, last_term, stable_index;
    uint64_t uncommitted_bytes;
    char vote[RAFT_ID_MAX + 1], leader[RAFT_ID_MAX + 1]; /* "" = none */
    /* Monotonic end of this node's belief in the leader: its own lease, or its election timeout; 0
     * = none. */
    int64_t expires_ms;
    uint32_t votes_have, votes_need;
    char other_data_from[RAFT_ID_MAX +
                         1]; /* who was last refused for, or refused, another lineage */
    uint64_t other_lineage;
    uint32_t peer_count;
    struct raft_peer_status peers[RAFT_MEMBERS_MAX]; /* [peer_count]: of a leader */
};
void raft_status(const struct raft *raft, int64_t now_ms, struct raft_status *out);
const struct raft_members *raft_members(const struct raft *raft);
/* Why it is RAFT_FAILED, or "". */
const char *raft_failure(const struct raft *raft);
/* Whether it may go on with what is on its disk, loaded anew: a read has failed, not a write. */
bool raft_may_begin_again(const struct raft *raft);
/* Whether this node may take up another lineage: it has never held data. */
bool raft_is_virgin(const struct raft *raft);

#endif
