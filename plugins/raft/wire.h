/* The wiring of the raft plugin: its instance, its log in the host's state, its messages over HTTP,
 * and its roles. Decides nothing: raft.h does. All [loop]. */
#ifndef RH_RAFT_WIRE_H
#define RH_RAFT_WIRE_H

#include <ringhost/role/leader.h>
#include <ringhost/role/replication.h>
#include <ringhost/sdk/batch.h>

#include "codec.h"
#include "proposals.h"
#include "raft.h"
#include "stored.h"

#define RAFT_NAMESPACE "raft"
/* The first place of a log that begins with data is so far behind what was applied that no node
 * without data has come near it. */
#define RAFT_SEAT_GAP (UINT64_C(1) << 20)
#define RAFT_TERM_MAX INT64_C(9007199254740991)

struct raft_conf {
    int64_t heartbeat; /* ms; 0 = a thirtieth of the beat */
    int64_t pipeline;  /* appends to one follower without an answer */
    int64_t trailing;  /* entries kept behind a checkpoint */
};

#define RAFT_MODE_LOADING 0u
#define RAFT_MODE_REFUSED 1u /* data of another time: takes no part */
#define RAFT_MODE_SEATING \
    2u /* what is stored is being given to the host, before the log begins anew */
#define RAFT_MODE_RUNNING 3u
#define RAFT_MODE_ARCHIVING \
    4u /* its data is being set aside, after that it waits for a group to call it in */

/* What the host was last told about leadership. */
#define RAFT_TOLD_NOTHING    0u
#define RAFT_TOLD_LEADING    1u
#define RAFT_TOLD_FOLLOWING  2u
#define RAFT_TOLD_LEADERLESS 3u

struct raft_told {
    uint32_t what;
    uint64_t term;
    int64_t expires_ms;
    char leader[RAFT_ID_MAX + 1];
    char reason[128];
};

struct raft_plugin {
    struct rh_services rh;
    const struct rh_leader_host_v1 *leader;
    const struct rh_replication_host_v1 *replication;
    struct raft_conf conf;
    char self[RAFT_ID_MAX + 1];
    int64_t heartbeat_ms;
    struct raft_members voters; /* as configured */

    uint32_t mode;
    uint32_t
        run; /* counts the lives of the core, so that late answers to an earlier one are dropped */
    struct raft *core;     /* RAFT_MODE_RUNNING, else NULL */
    struct raft_hard hard; /* as loaded */
    struct raft_base base, note;
    bool has_base, has_note, has_seat, is_new_log, is_seat_given;
    bool has_left;              /* this node has given up what it had */
    uint64_t left;              /* lineage of that; 0 = it was from before raft */
    char home[RAFT_ID_MAX + 1]; /* another node with the data from before raft; "" = none known */
    int64_t led_ms;             /* when a leader was last known; at first the start */
    uint64_t seat_next, last_stored;

    bool has_leader_role, has_replication_role, is_standing_by;
    bool is_pumping, is_pump_posted;
    bool is_stuck, is_unhealthy; /* the host cannot apply */
    bool is_warned, is_mismatch_told, is_other_told;
    rh_handle timer;
    int64_t timer_ms;
    struct raft_told told;
    struct raft_proposals proposals;
    uint64_t proposals_term;
    uint64_t snapshot_id; /* asked of the host and not released; 0 = none */
    uint64_t write_seq;
    rh_req change_req; /* who waits for a change of members */
    uint64_t change_index, change_term;
    rh_req archive_req; /* who waits for the data to be set aside */
    rh_handle archive_timer;
    struct raft_decoded decoded;
    struct rh_buf body;
};

/* wire_store.c */

/* What is stored, into p; RAFT_MODE_REFUSED when there is data and no log. An error says why. */
int32_t raft_load_all(struct raft_plugin *p);
/* Make the core from what was loaded. */
int32_t raft_run_core(struct raft_plugin *p);
int32_t raft_store_write(struct raft_plugin *p, const struct raft_write *w);
int32_t raft_read_entry(void *self, uint64_t index, struct raft_entry *out);
/* Write a log that begins anew behind `base`, with a seat: what is stored before it is given to the
 * host first. cb as in commit. */
int32_t raft_store_seat(struct raft_plugin *p, const struct raft_base *base, uint64_t term,
                        void (*cb)(void *self, void *user, int32_t rc, uint64_t revision),
                        void *user);
/* Write a log that waits to be called in by a group, and that `lineage` is left for good; the term
 * and the vote stay. cb as in commit. */
int32_t raft_store_leave(struct raft_plugin *p, uint64_t lineage,
                         void (*cb)(void *self, void *user, int32_t rc, uint64_t revision),
                         void *user);
/* Give the host what is stored before the seat; runs the core once it is applied. */
int32_t raft_seat(struct raft_plugin *p);

/* wire_pump.c */

/* Do everything that the core wants done, tell the host, set the timer. */
void raft_pump(struct raft_plugin *p);
/* The same once on the next turn, so that what comes in one turn goes out together. */
void raft_pump_later(struct raft_plugin *p);
int64_t raft_now(const struct raft_plugin *p);
/* Everything proposed and not decided ends with RH_EUNKNOWN. */
void raft_fail_proposals(struct raft_plugin *p);
void raft_answer_change(struct raft_plugin *p, int32_t rc);

/* wire_tell.c */
/* Why a voter without a log founds no group, in words; "" where it is no configured voter. */
const char *raft_waiting(const struct raft_plugin *p);
void raft_tell(struct raft_plugin *p, const struct raft_status *status);
void raft_update_roles(struct raft_plugin *p);

/* wire_send.c */
void raft_send(struct raft_plugin *p, const struct raft_message *m);

/* wire_receive.c */
struct raft_vote_req {
    struct rh_str candidate;
    int64_t term, last_index, last_term, members_index;
    uint64_t lineage;
    int32_t pre, forced;
};
extern const struct rh_field raft_vote_fields[8];
int32_t raft_handle_append(void *self, rh_req req, const void *fields);
int32_t raft_handle_snapshot(void *self, rh_req req, const void *fields);
int32_t raft_handle_vote(void *self, rh_req req, const void *fields);
/* An answer as JSON, and back into reply, whose kind says to what. RH_EINVAL. */
void raft_put_reply(struct rh_buf *buf, const struct raft_message *m);
int32_t raft_take_reply(const struct rh_services *rh, struct rh_str body,
                        struct raft_message *reply);

/* wire_state.c */
int32_t raft_handle_state(void *self, rh_req req, const void *fields);

/* wire_admin.c */
struct raft_members_req {
    struct rh_str action, node_id;
};
struct raft_transfer_req {
    struct rh_str node_id;
};
struct raft_confirm_req {
    struct rh_str confirm;
};
extern const struct rh_field raft_members_fields[2];
extern const struct rh_field raft_transfer_fields[1];
extern const struct rh_field raft_confirm_fields[1];
int32_t raft_handle_members(void *self, rh_req req, const void *fields);
int32_t raft_handle_transfer(void *self, rh_req req, const void *fields);
int32_t raft_handle_bootstrap(void *self, rh_req req, const void *fields);
int32_t raft_handle_recover(void *self, rh_req req, const void *fields);
/* RH_OK, or RH_EINVAL and words: the caller means another node. */
int32_t raft_check_confirm(struct raft_plugin *p, const struct raft_confirm_req *wire);

/* wire_archive.c */
int32_t raft_handle_archive(void *self, rh_req req, const void *fields);
/* Have the host set the data aside, now or as soon as it can; then run the core. */
void raft_archive(struct raft_plugin *p);
/* This activation ends. */
void raft_archive_stop(struct raft_plugin *p);
/* Whether a message is of a group that this node has left for good, or wants its help to found one
 * while it waits to be called in by another: it is answered with RAFT_OTHER_DATA. */
bool raft_has_left(const struct raft_plugin *p, const struct raft_message *m);

/* wire_roles.c */
extern const struct rh_leader_role_v1 raft_leader_role;
extern const struct rh_replication_role_v1 raft_replication_role;

#endif
