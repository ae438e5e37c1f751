/* The wiring of the election plugin: its instance, its messages as JSON, and how actions of the
 * core are carried out. Decides nothing: election.h does. All [loop]. */
#ifndef RH_ELECTION_WIRE_H
#define RH_ELECTION_WIRE_H

#include <ringhost/role/leader.h>
#include <ringhost/sdk/batch.h>

#include "election.h"
#include "standby.h"

#define BALLOT_NAMESPACE "election"
/* Messages that wait for a home claim to be durable. */
#define WAITING_MAX 256u

struct election_conf {
    int64_t priority;
    int64_t timeout; /* ms; 0 = twice the beat */
};

struct election_plugin {
    struct rh_services rh;
    const struct rh_leader_host_v1 *leader;
    struct election_conf conf;
    struct election core;
    struct ballot ballot;  /* as loaded */
    uint64_t durable_term; /* newest term of our ballot that is on disk */
    rh_handle timer;
    uint32_t waiting_count;
    uint32_t
        run; /* counts the runs of the core, so that late answers of an earlier one are dropped */
    bool is_loaded;
    bool is_active;
    bool is_outranked;      /* another provider decides */
    bool is_running;        /* loaded and active: the core lives */
    bool is_standing_by;    /* loaded and outranked: standby lives */
    uint32_t foreign_voter; /* 1 + index of a voter that lets another provider decide; 0 = none */
    struct standby standby;
    uint64_t handed_over_epoch; /* in which this node last had leadership handed on; 0 = never */
    uint64_t seen_handed_over;  /* the greatest such epoch of others */
};

/* Messages as they are in JSON. */
struct wire_home {
    int64_t epoch;
    struct rh_str node_id;
};
struct wire_vote {
    struct rh_str candidate;
    int64_t term, priority, released_term;
    int32_t pre, force;
    struct wire_home home;
};
struct wire_vote_reply {
    int32_t granted;
    int64_t term, priority;
    struct rh_str reason;
    struct wire_home home;
};
struct wire_heartbeat {
    struct rh_str leader, successor, source;
    int64_t term, lease_ms;
    int32_t resigning;
    struct wire_home home;
};
struct wire_heartbeat_reply {
    int32_t ok, can_lead;
    int64_t term, priority;
    struct wire_home home;
};
struct wire_ballot {
    uint64_t term;
    struct rh_str vote;
};

#define WIRE_TERM_MAX INT64_C(9007199254740991)

extern const struct rh_field wire_vote_fields[7];
extern const struct rh_field wire_heartbeat_fields[7];
extern const struct rh_fields wire_vote_reply_table;
extern const struct rh_fields wire_heartbeat_reply_table;
extern const struct rh_fields wire_ballot_table;

/* A message that came in, or an answer to one of ours. */
#define INBOUND_VOTE            1u
#define INBOUND_HEARTBEAT       2u
#define INBOUND_VOTE_REPLY      3u
#define INBOUND_HEARTBEAT_REPLY 4u
struct inbound {
    uint32_t kind;
    uint32_t voter; /* who answered */
    uint32_t run;
    rh_req req; /* who waits */
    struct election_home home;
    struct vote_request vote;
    struct vote_reply vote_reply;
    struct heartbeat heartbeat;
    struct heartbeat_sent sent;
    struct heartbeat_reply heartbeat_reply;
};

/* Copies ids and numbers; RH_EINVAL when an id is too long. */
int32_t wire_take_vote(const struct wire_vote *wire, struct inbound *out);
int32_t wire_take_heartbeat(const struct wire_heartbeat *wire, struct inbound *out);

/* JSON objects onto buf, with the home that this node knows. source: the plugin that decided a
 * foreign heartbeat. */
void wire_put_vote(struct rh_buf *buf, const struct vote_request *vote, const struct rh_home *home);
void wire_put_heartbeat(struct rh_buf *buf, const struct heartbeat *heartbeat,
                        const struct rh_home *home, struct rh_str source);
void wire_put_ballot(struct rh_buf *buf, const struct ballot *ballot);
void wire_put_home(struct rh_json_writer *w, const struct rh_home *home);
/* Decodes an answer into in->vote_reply or in->heartbeat_reply and in->home. RH_EINVAL. */
int32_t wire_read_reply(const struct rh_services *rh, struct inbound *in, struct rh_str body);

/* Learn the home claim of a message if it is news, then hand it to the core, then answer. Takes
 * over *in by copying. */
int32_t wire_receive(struct election_plugin *p, const struct inbound *in);
/* Carry out what the core wants and set its timer. An error means that nothing may be answered. */
int32_t wire_run(struct election_plugin *p);
/* Nobody leads, as far as we know. A term that is not on our disk may come to nothing, and is not
 * told: the host would refuse all leaders of lesser terms. */
int32_t wire_leaderless(struct election_plugin *p, uint64_t term, const char *reason, uint32_t have,
                        uint32_t need);
/* Tell the core which home this node knows. */
void wire_refresh_home(struct election_plugin *p);
/* Run the plugin's one timer at next_ms, INT64_MAX = not. RH_OK, RH_EAGAIN. */
int32_t wire_set_timer(struct election_plugin *p, int64_t next_ms);
/* The heartbeat to every living node that does not vote; answers are not waited for. */
void wire_send_others(struct election_plugin *p, const struct heartbeat *heartbeat);

/* wire_standby.c: another provider decides. begin after standby_init. */
void wire_standby_begin(struct election_plugin *p, const struct election_config *cfg);
void wire_standby_run(struct election_plugin *p);
/* Leadership of this node is being handed on: remember, and let others know. */
void wire_handed_over(struct election_plugin *p);

/* wire_peers.c */
/* Advertise priority, voters and handed_over_epoch of this node. */
void wire_advertise(struct election_plugin *p);
/* What others advertise: who may lead, and warnings where voters differ or only a hub reaches one.
 */
void wire_look_at_peers(struct election_plugin *p);

/* wire_operator.c: what operators ask for. */
struct wire_start {
    int32_t force;
};
struct wire_step_down {
    int64_t hold_ms;
    struct rh_str reason;
};
struct wire_transfer {
    struct rh_str to; /* empty = the best voter */
};
extern const struct rh_field wire_start_fields[1];
extern const struct rh_field wire_step_down_fields[2];
extern const struct rh_field wire_transfer_fields[1];
int32_t election_handle_start(void *self, rh_req req, const void *fields);
int32_t election_handle_step_down(void *self, rh_req req, const void *fields);
int32_t election_handle_transfer(void *self, rh_req req, const void *fields);
/* The role's functions. */
int32_t wire_step_down(void *self, int64_t hold_ms, const char *reason);
int32_t wire_transfer(void *self, struct rh_str node_id);
/* Two election timeouts: so long a step-down without a time holds. */
int64_t wire_hold_ms(const struct election_plugin *p);
/* 409 raft_leads, or 503 while the ballot is being loaded. */
int32_t wire_refuse_standby(struct election_plugin *p, rh_req req, const char *message);

#endif
