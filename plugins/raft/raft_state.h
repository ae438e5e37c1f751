/* What the files of the raft core share; private to them. Contracts of the public functions are in
 * raft.h. */
#ifndef RH_RAFT_RAFT_STATE_H
#define RH_RAFT_RAFT_STATE_H

#include <ringhost/sdk/rng.h>

#include "peer.h"
#include "queue.h"
#include "raft.h"

#define RAFT_NEVER INT64_MIN

/* A write that storage is busy with; what it points at lives here. */
struct raft_writing {
    bool is_active;
    uint64_t seq, gen;
    uint64_t last; /* entries up to here are in it; lowered when they are truncated meanwhile */
    bool has_incoming;
    struct raft_hard hard;
    struct raft_base base, incoming;
};

/* A linearizable read that waits for a majority to know its round, and for index to be handed out.
 */
struct raft_pending_read {
    uint64_t id, index, round;
};

/* A snapshot of this node for followers. */
struct raft_outgoing {
    bool is_wanted, is_making, is_ready;
    uint64_t id, index, term, length;
    struct raft_members members;
};

#define RAFT_INCOMING_NONE     0u
#define RAFT_INCOMING_STORING  1u /* chunks come in */
#define RAFT_INCOMING_NOTING   2u /* complete; its place and members are being written */
#define RAFT_INCOMING_DUE      3u /* to be put into force */
#define RAFT_INCOMING_INSTALLS 4u

/* A snapshot of a leader for this node. */
struct raft_incoming {
    uint8_t state;
    bool has_chunk;
    uint64_t id, offset, length;
    struct raft_chunk chunk;
    struct raft_base base;       /* what holds once it is in force */
    struct raft_message message; /* that brought the chunk */
};

struct raft {
    struct raft_config cfg;
    struct rh_rng rng;
    uint8_t role;
    bool is_started, is_forbidden, was_told_removed;
    bool has_data; /* an entry with data has been in the log, or a snapshot was its base */
    bool was_late; /* the deadline was put off once, as the tick for it came late */
    const char *failure;
    bool may_begin_again;

    struct raft_hard hard;
    struct raft_base base; /* index and term are those of the log */
    struct raft_log log;
    struct raft_members history[RAFT_HISTORY_MAX]; /* [0] is base.members, the last is in force */
    uint32_t history_count;
    uint64_t gap_from, gap_to; /* members in [from, to) have been forgotten */
    uint64_t commit, handed;

    char leader[RAFT_ID_MAX + 1];
    int64_t heard_ms;    /* of a leader; RAFT_NEVER */
    int64_t deadline_ms; /* when it stands */
    int64_t hold_ms;     /* it does not stand before */
    int64_t resend_ms;   /* a candidate asks again */
    int64_t stood_ms;    /* since when it has been asking for promises */
    uint64_t vote_gen;   /* requests leave once this is durable */
    bool is_forced;      /* stands because the leader handed over */

    struct raft_peer peers[RAFT_MEMBERS_MAX];
    uint32_t peer_count, peer_turn;
    int64_t lead_since_ms, beat_at_ms;
    int64_t lease_kept_ms; /* lease that members before these gave; RAFT_NEVER */
    uint64_t own_index;    /* the first entry of this leadership */
    uint64_t round, seq, uncommitted_bytes;
    char transfer_to[RAFT_ID_MAX + 1]; /* "" = none under way */
    int64_t transfer_until_ms;

    struct raft_pending_read reads[RAFT_READS_MAX];
    uint32_t read_first, read_count; /* a ring */
    bool wants_round;                /* a read waits for a round that has not begun */
    uint64_t refused[RAFT_READS_MAX];
    uint32_t refused_count;

    struct raft_queue queue;
    uint64_t gen, gen_durable; /* of hard and base: changed, on disk */
    bool is_hard_dirty, is_base_dirty, is_incoming_dirty;
    uint64_t truncate_from, delete_below, write_seq;
    struct raft_writing writing;

    struct raft_outgoing outgoing;
    struct raft_incoming incoming;
    char other_data_from[RAFT_ID_MAX + 1];
    uint64_t other_lineage;
};

/* raft.c */
bool raft_votes(const struct raft *raft);
/* In force: the newest in the log, agreed on or not (thesis, section 4.1). */
const struct raft_members *raft_newest(const struct raft *raft);
void raft_fail(struct raft *raft, const char *why);
/* An entry on the disk: it fails, and may begin again. */
void raft_cannot_read(struct raft *raft);
/* Moves the role along an allowed edge; the same is no move. */
void raft_move(struct raft *raft, uint8_t role);
/* A higher term, the vote still free. */
void raft_enter_term(struct raft *raft, uint64_t term);
void raft_mark_hard(struct raft *raft);
void raft_mark_base(struct raft *raft);
/* Follower of `leader` ("" = nobody yet). Ends what a leader or candidate had under way. */
void raft_follow(struct raft *raft, const char *leader, int64_t now_ms);
/* Draws the time at which this node stands. */
void raft_draw_deadline(struct raft *raft, int64_t now_ms);
int64_t raft_timeout_min_ms(const struct raft *raft);
/* An answer with the fields that every reply carries back. */
struct raft_message raft_reply_to(const struct raft *raft, const struct raft_message *request,
                                  uint32_t status);
/* Leaves once everything of this node's hard state, and entries up to index, are on disk. */
void raft_send_after(struct raft *raft, const struct raft_message *reply, uint64_t index);
/* Adds to the log; a change of members is in force from then on. RH_OK, RH_ENOMEM, RH_EFULL. */
int32_t raft_add_entry(struct raft *raft, const struct raft_entry *entry);
/* Forgets entries from index on, and members with them. */
void raft_cut(struct raft *raft, uint64_t index);
/* Agreement has come to index. */
void raft_set_commit(struct raft *raft, uint64_t index, int64_t now_ms);
/* Begin anew behind base, with nothing in the log. */
void raft_restart_at(struct raft *raft, const struct raft_base *base);

/* history.c */
void raft_history_reset(struct raft *raft, const struct raft_members *members);
void raft_history_add(struct raft *raft, const struct raft_members *members);
void raft_history_cut(struct raft *raft, uint64_t index);
/* Forgets what is older than what holds at index. */
void raft_history_compact(struct raft *raft, uint64_t index);
/* The table of peers follows the members in force; progress of those who stay is kept. */
void raft_refresh_peers(struct raft *raft);

/* vote.c */
bool raft_can_stand(const struct raft *raft);
void raft_stand(struct raft *raft, bool is_pre, int64_t now_ms);
void raft_count_votes(struct raft *raft, int64_t now_ms);
void raft_on_vote(struct raft *raft, const struct raft_message *m, int64_t now_ms);
void raft_on_vote_reply(struct raft *raft, const struct raft_message *m, int64_t now_ms);
bool raft_next_vote(struct raft *raft, struct raft_message *out);
void raft_candidate_tick(struct raft *raft, int64_t now_ms);

/* append.c: a follower's side */
int32_t raft_on_append(struct raft *raft, const struct raft_message *m, int64_t now_ms);
void raft_on_beat(struct raft *raft, const struct raft_message *m, int64_t now_ms);

/* replicate.c: a leader's side */
void raft_lead(struct raft *raft, int64_t now_ms);
void raft_leader_tick(struct raft *raft, int64_t now_ms);
void raft_advance_commit(struct raft *raft, int64_t now_ms);
void raft_on_append_reply(struct raft *raft, const struct raft_message *m, int64_t now_ms);
void raft_on_beat_reply(struct raft *raft, const struct raft_message *m, int64_t now_ms);
bool raft_next_append(struct raft *raft, struct raft_peer *peer, int64_t now_ms,
                      struct raft_message *out);
bool raft_next_beat(struct raft *raft, int64_t now_ms, struct raft_message *out);
/* A request of a leader with the fields that all have. */
struct raft_message raft_request(struct raft *raft, const struct raft_peer *peer, uint32_t kind,
                                 int64_t now_ms);

/* quorum.c */
/* When this leader's belief in itself ends; RAFT_NEVER before a majority has answered. */
int64_t raft_lease_ms(const struct raft *raft, int64_t now_ms);
/* The members are about to change: what those before have promised holds until its time. */
void raft_keep_lease(struct raft *raft);
/* When it has to stop leading unless answers come. */
int64_t raft_quit_ms(const struct raft *raft, int64_t now_ms);
uint64_t raft_quorum_match(const struct raft *raft);
uint64_t raft_quorum_round(const struct raft *raft);
void raft_quorum_support(const struct raft *raft, int64_t now_ms, uint32_t *have, uint32_t *need);

/* read_index.c */
void raft_refuse_reads(struct raft *raft);
/* Begins a round when a read waits for one. */
void raft_begin_round(struct raft *raft, bool is_tick);

/* transfer.c */
void raft_transfer_tick(struct raft *raft, int64_t now_ms);
void raft_try_handover(struct raft *raft, int64_t now_ms);
void raft_on_timeout(struct raft *raft, const struct raft_message *m, int64_t now_ms);

/* snapshot_send.c */
void raft_begin_snapshot(struct raft *raft, struct raft_peer *peer);
bool raft_next_piece(struct raft *raft, struct raft_peer *peer, int64_t now_ms,
                     struct raft_message *out);
void raft_on_snapshot_reply(struct raft *raft, const struct raft_message *m, int64_t now_ms);
/* snapshot_receive.c */
void raft_on_snapshot(struct raft *raft, const struct raft_message *m, int64_t now_ms);
/* The note about the incoming snapshot is durable. */
void raft_incoming_noted(struct raft *raft);
void raft_drop_incoming(struct raft *raft);

#endif
