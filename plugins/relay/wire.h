/* The wiring of the relay plugin: its instance, and how the cores' wishes become calls and answers.
 * Decides nothing: hub.h, link.h, inbox.h, backlog.h and choice.h do. All [loop]. */
#ifndef RH_RELAY_WIRE_H
#define RH_RELAY_WIRE_H

#include <ringhost/role/reach.h>
#include <ringhost/sdk/plugin.h>

#include "choice.h"
#include "hub.h"
#include "inbox.h"
#include "link.h"
#include "backlog.h"
#include "timing.h"

#define RELAY_LINKS_MAX     8u /* hubs in use, and those that are being left */
#define RELAY_AVOIDED_MAX   16u
#define RELAY_CANDIDATES    64u /* nodes that are looked at when hubs are chosen */
#define RELAY_REACH_MAX     500u
#define RELAY_METRICS       8u
#define RELAY_NUMBER_MAX    INT64_C(9007199254740991)
#define RELAY_CALL_MS       5000 /* of a registration and of replies */
#define RELAY_PROBE_MS      2000 /* of a hub that looks whether it can call a node */
#define RELAY_MESSAGE_SLACK 16384u

/* Who waits for a message of the hub. */
#define ORIGIN_FORWARD 1u /* a request of POST /relay/forward */
#define ORIGIN_CARRY   2u /* a request of POST /relay/carry */
#define ORIGIN_LOCAL   3u /* a call of this node, by the host's number */

struct relay_conf {
    struct rh_str mode;
    struct rh_str_list hubs;
    int64_t hub_count, poll, ttl, timeout, rate, burst;
};

struct relay_link {
    struct relay_plugin *plugin;
    struct link core;
    struct backlog backlog;
    int64_t linger_until_ms; /* not wanted any more, and polled on so long; 0 = no such thing */
    int64_t replies_due_ms;  /* after a failure to send some */
    uint32_t reply_failures;
};

struct relay_avoided {
    char hub[FRAME_NODE_MAX + 1];
    int64_t until_ms;
};

struct relay_stats {
    uint64_t carried, carried_local, retried, lost;
};

struct relay_plugin {
    struct rh_services rh;
    const struct rh_reach_host_v1 *reach;
    struct relay_conf conf;
    struct timing timing;
    struct hub hub;
    struct inbox inbox;
    struct relay_link links[RELAY_LINKS_MAX];
    struct relay_avoided avoided[RELAY_AVOIDED_MAX];
    struct relay_stats stats;
    uint64_t epoch; /* of the last registration of this node */
    uint64_t key;   /* of the last call of this node */
    rh_handle timer;
    int64_t timer_ms;
    int64_t vouch_due_ms;
    bool is_vouching; /* the call has no answer yet */
    uint32_t run;     /* counts activations, so that late answers of an earlier one are dropped */
    bool is_running;
    bool is_voter;
    char self[FRAME_NODE_MAX + 1];
    char told[RELAY_REACH_MAX + 1]; /* hubs that this node advertises, "" = none */
    rh_handle metrics[RELAY_METRICS];
    rh_handle refused_metrics[HUB_REASON_COUNT];
    struct hub_stats counted;
    struct relay_stats counted_stats;
    bool has_metrics;
};

struct wire_register {
    struct rh_str node_id;
    uint64_t epoch;
    int32_t probe, leave;
};
struct wire_registered {
    int64_t ttl_ms;
    struct rh_str reach;
};
struct wire_poll {
    struct rh_str node_id;
    uint64_t epoch, ack;
    int64_t wait_ms;
};
struct wire_forward {
    struct rh_str target, method, path, body, body_base64, content_type;
    int64_t timeout_ms;
};

extern const struct rh_field wire_register_fields[4];
extern const struct rh_field wire_poll_fields[4];
extern const struct rh_field wire_forward_fields[7];

static inline int64_t relay_now(const struct relay_plugin *p)
{
    return p->rh.core->now_ms(p->rh.ctx);
}

/* wire_run.c */
/* After every call of a core that changes it: answers, calls, the next timer. */
void relay_settle(struct relay_plugin *p);
/* Hubs for a node as its presence names them and as this hub knows it; "" = it is direct. */
void relay_hubs_of(struct relay_plugin *p, const struct rh_peer *peer, char *out, size_t size);
/* Tell the host how every node is reached. */
void relay_reach_all(struct relay_plugin *p);
/* Vouch for the nodes that this hub hears from, when it is time or at once. */
void relay_vouch(struct relay_plugin *p, bool at_once);

/* wire_hub.c */
int32_t relay_handle_register(void *self, rh_req req, const void *fields);
int32_t relay_handle_poll(void *self, rh_req req, const void *fields);
int32_t relay_handle_reply(void *self, rh_req req, const void *fields);

/* wire_forward.c */
int32_t relay_handle_forward(void *self, rh_req req, const void *fields);
int32_t relay_handle_carry(void *self, rh_req req, const void *fields);
/* Answer those whose messages have ended. */
void relay_answer_ended(struct relay_plugin *p);

/* wire_status.c */
int32_t relay_handle_status(void *self, rh_req req, const void *fields);
void relay_metrics_init(struct relay_plugin *p);
void relay_metrics_count(struct relay_plugin *p);

/* wire_node.c */
/* Choose hubs anew, with what is known now. */
void relay_choose(struct relay_plugin *p);
/* Register, poll and send replies where it is time. */
void relay_run_links(struct relay_plugin *p);
int64_t relay_links_due_ms(const struct relay_plugin *p);
/* A hub has not answered: others are preferred for a while. */
void relay_avoid(struct relay_plugin *p, const char *hub);
struct relay_link *relay_link_of(struct relay_plugin *p, struct rh_str hub);

/* wire_admit.c */
/* Take what a poll has brought. RH_OK and the number of the batch; RH_EPROTOCOL; RH_ENOMEM. */
int32_t relay_take_batch(struct relay_plugin *p, struct relay_link *link, struct rh_str bytes,
                         uint64_t *batch);
void relay_send_replies(struct relay_plugin *p, struct relay_link *link);

/* wire_carry.c */
int32_t relay_carry(void *self, struct rh_str node_id, uint64_t id, const struct rh_call *call);
/* Bring the host the end of a call that went through this node's own hub. */
void relay_deliver_local(struct relay_plugin *p, const struct hub_message *message);

#endif
