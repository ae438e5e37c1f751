/* The wiring of the gossip plugin: its instance, its messages as JSON, and its rounds. What is
 * newer, who is dead and who is asked is decided by the cores. All [loop]. */
#ifndef RH_GOSSIP_WIRE_H
#define RH_GOSSIP_WIRE_H

#include <ringhost/role/membership.h>
#include <ringhost/sdk/plugin.h>

#include "backoff.h"
#include "failure.h"
#include "sampler.h"
#include "state_map.h"

#define SEEDS_MAX       64u
#define WIRE_NUMBER_MAX INT64_C(9007199254740991)
/* One message: a digest and a delta with room for escapes. */
#define MESSAGE_BYTES_MAX (1024u * 1024u)

struct gossip_conf {
    int64_t interval; /* ms; 0 = the cluster's beat */
    int64_t fanout;
    int64_t prune_after; /* ms; 0 = never */
};

struct gossip_peer {
    struct failure failure;
    struct backoff backoff;
    int64_t gone_ms;    /* dead or left since, monotonic */
    bool is_asked;      /* a call is under way */
    bool is_refused;    /* the host did not take its state: tried again each round */
    bool is_report_due; /* the host did not know it when it was judged */
};

struct gossip_seed {
    char address[STATE_ADDRESS_MAX + 1];
    struct backoff backoff;
    bool is_asked;
    bool has_answered;
};

struct gossip_plugin {
    struct rh_services rh;
    const struct rh_membership_host_v1 *membership;
    struct gossip_conf conf;
    struct state_map map;
    struct rh_map peers; /* node id -> struct gossip_peer */
    struct rh_rng rng;
    struct failure_clock clock;
    struct gossip_seed seeds[SEEDS_MAX];
    uint32_t seed_count;
    int64_t beat_ms;
    int64_t interval_ms;
    int64_t spread_ms; /* when last told anyone */
    rh_handle soon;
    bool is_leaving;
    bool is_running;
    bool is_judge; /* no better detector is active: liveness is ours to tell */
    struct state_digest digest[STATE_DIGEST_MAX]; /* scratch of one callback */
    const struct gossip_state *delta[STATE_DIGEST_MAX];
};

/* Messages as they are in JSON. */
struct wire_digest {
    struct rh_str node_id; /* the key */
    int64_t g, v, b;
};
struct wire_state {
    struct rh_str node_id, instance_id, role, address, cluster_id, presence;
    int64_t generation, version, beat, incarnation;
    int32_t left, maintenance;
};
struct wire_gossip {
    struct rh_str from;
    struct rh_list digest;
    struct rh_list states;
    struct rh_str_list want;
    int32_t partial;
};
struct wire_push {
    struct rh_list states;
};

extern const struct rh_field wire_gossip_fields[4];
extern const struct rh_field wire_push_fields[1];
extern const struct rh_fields wire_gossip_reply_table;

/* RH_EINVAL when an id or address is too long. presence is borrowed. */
int32_t wire_take_state(const struct wire_state *wire, struct gossip_state *out);
/* Fills out[max] from a decoded digest; entries with too long ids are left out. Returns how many.
 */
uint32_t wire_take_digest(const struct rh_list *list, struct state_digest *out, uint32_t max);

/* Keys of an open object. */
void wire_put_states(struct rh_json_writer *w, const struct gossip_state *const *states,
                     uint32_t count);
void wire_put_digest(struct rh_json_writer *w, const struct state_digest *digest, uint32_t count,
                     bool is_partial);

/* wire_exchange.c */
/* Takes over what a message says; returns how many states were news. */
uint32_t exchange_take_states(struct gossip_plugin *p, const struct rh_list *states);
void exchange_take_digest(struct gossip_plugin *p, const struct state_digest *digest,
                          uint32_t count);
/* A node was heard from itself. rtt_ms -1 = not measured. */
void exchange_heard(struct gossip_plugin *p, struct rh_str node_id, int64_t rtt_ms);
/* Tell others soon, but not more often than ten times in an interval. */
void exchange_soon(struct gossip_plugin *p);
/* One push-pull with fan-out peers and the seeds that are due. */
void exchange_spread(struct gossip_plugin *p);
/* Say goodbye to everyone alive. */
void exchange_leave(struct gossip_plugin *p);
/* Put this node's own word into the map. */
int32_t exchange_refresh_self(struct gossip_plugin *p);
/* The record of a peer, made if need be; NULL without memory or above the limit. */
struct gossip_peer *exchange_peer(struct gossip_plugin *p, struct rh_str node_id);

/* wire_judge.c */
/* Liveness is ours to tell from now on, or another's. */
void judge_take_over(struct gossip_plugin *p, bool is_judge);
/* A round is over: who is missed, who is forgotten. */
void judge_round(struct gossip_plugin *p);
/* A sign of life of a node. */
void judge_alive(struct gossip_plugin *p, struct rh_str node_id);
void judge_left(struct gossip_plugin *p, struct rh_str node_id);
/* Hand a node's word to the host. */
void judge_learn(struct gossip_plugin *p, const struct gossip_state *state);

#endif
