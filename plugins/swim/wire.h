/* The wiring of the swim plugin: its instance, its messages as JSON, and how actions of the core
 * are carried out. Decides nothing: swim.h does. All [loop]. */
#ifndef RH_SWIM_WIRE_H
#define RH_SWIM_WIRE_H

#include <ringhost/role/membership.h>
#include <ringhost/sdk/plugin.h>

#include "incarnation.h"
#include "swim.h"

#define SWIM_NAMESPACE       "swim"
#define SWIM_MESSAGE_BYTES   (64u * 1024u)
#define SWIM_VOUCH_NODES_MAX 1024u
#define SWIM_WIRE_NUMBER_MAX INT64_C(9007199254740991)
#define SWIM_METRICS         7u

struct swim_conf {
    int64_t interval; /* ms; 0 = a fifteenth of the beat */
    int64_t timeout;  /* ms; 0 = half the interval */
    int64_t suspicion_factor;
    int64_t proxies;
};

struct swim_plugin {
    struct rh_services rh;
    const struct rh_membership_host_v1 *membership;
    struct swim_conf conf;
    struct swim core;
    uint64_t reserved;          /* incarnations up to it are, or are being, reserved on disk */
    uint64_t first_incarnation; /* of the next run of the core */
    rh_handle timer;
    int64_t timer_ms; /* when it fires */
    rh_handle metrics[SWIM_METRICS];
    struct swim_stats counted; /* what the metrics have */
    uint32_t
        run; /* counts the runs of the core, so that late answers of an earlier one are dropped */
    bool is_loaded;
    bool is_active;
    bool is_running; /* loaded and active: the core lives */
    bool has_metrics;
};

/* Messages as they are in JSON. */
struct wire_update {
    struct rh_str node_id, state, by, address;
    int64_t incarnation, expires_in_ms;
};
struct wire_ping {
    struct rh_str from;
    int64_t seq, incarnation;
    struct rh_list updates;
};
struct wire_ping_reply {
    int64_t seq, incarnation;
    struct rh_list updates;
};
struct wire_ask {
    struct rh_str from; /* "" = it does not say */
    struct rh_str target;
    int64_t seq, timeout_ms;
};
struct wire_ask_reply {
    int32_t acked;
    int64_t incarnation;
};
struct wire_vouched {
    struct rh_str node_id;
    int64_t expires_in_ms;
};
struct wire_vouch {
    struct rh_str hub;
    struct rh_list nodes;
};
struct wire_reserved {
    uint64_t reserved;
};

extern const struct rh_field wire_ping_fields[4];
extern const struct rh_field wire_ask_fields[4];
extern const struct rh_field wire_vouch_fields[2];
extern const struct rh_fields wire_ping_reply_table;
extern const struct rh_fields wire_ask_reply_table;
extern const struct rh_fields wire_reserved_table;

/* "alive" ... of a state. */
const char *swim_state_name(uint32_t state);
/* Fills out[SWIM_UPDATES_MAX]; words that make no sense are left out. Returns how many. */
uint32_t swim_take_updates(const struct rh_list *list, struct update *out);
/* The key `updates` of an open object: what a message to this node says now. */
void swim_put_updates(struct swim_plugin *p, struct rh_json_writer *w, const char *to);

/* wire_routes.c */
int32_t swim_handle_ping(void *self, rh_req req, const void *fields);
int32_t swim_handle_indirect_ping(void *self, rh_req req, const void *fields);
int32_t swim_handle_vouch(void *self, rh_req req, const void *fields);
int32_t swim_handle_members(void *self, rh_req req, const void *fields);

/* wire_store.c */
/* The incarnations that earlier lives may have used, 0 = none. */
int32_t swim_store_load(struct swim_plugin *p, uint64_t *reserved);
/* Write that they may be in use up to `reserved`; no reply waits for it. cb may be NULL. */
int32_t swim_store_reserve(struct swim_plugin *p, uint64_t reserved,
                           void (*cb)(void *self, void *user, int32_t rc, uint64_t revision));

/* wire_metrics.c */
/* Without the service, or room for them, there are no metrics. */
void swim_metrics_init(struct swim_plugin *p);
/* Adds what was counted since. */
void swim_metrics_count(struct swim_plugin *p);

/* wire_run.c */
/* Makes the core's table that of the host. */
void swim_sync(struct swim_plugin *p);
/* Carries out what the core wants: calls, answers, reports, a write, the next timer. After every
 * call of the core that changes it. */
void swim_settle(struct swim_plugin *p);
int64_t swim_now(const struct swim_plugin *p);

#endif
