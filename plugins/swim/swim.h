/* SWIM with Lifeguard: who is alive, found out by pings and spread with them. A pure core: time
 * and random numbers come in, actions go out. It decides about the nodes it was told of; it does
 * not know how they are reached or written. One thread at a time. [any]
 *
 * Das, Gupta and Motivala, "SWIM: scalable weakly-consistent infection-style process group
 * membership protocol", DSN 2002. Dadgar, Phillips and Currey, "Lifeguard: local health awareness
 * for more accurate failure detection", DSN workshops 2018.
 *
 * Time: `now_ms` is any monotonic clock. When the core is called more than SWIM_LAG_MS after it
 * asked to be, this node stood still; that time does not count against others. */
#ifndef RH_SWIM_SWIM_H
#define RH_SWIM_SWIM_H

#include <stdbool.h>
#include <stdint.h>

#include "health.h"
#include "member.h"
#include "proxy.h"
#include "schedule.h"
#include "timing.h"
#include "update.h"
#include "vouch.h"

#define SWIM_LAG_MS         100
#define SWIM_PROXIES_MAX    8u
#define SWIM_PROBES_MAX     16u
#define SWIM_RETRIES_MAX    3u /* tries of dead or unknown nodes under way */
#define SWIM_BACKGROUND_MAX 4u /* words about nodes without news, in one message */
#define SWIM_ACTIONS_MAX    64u
#define SWIM_GOODBYES_MAX   8u /* nodes that are told when this one leaves */

struct swim_config {
    char self[SWIM_ID_MAX + 1];
    char address[SWIM_ADDRESS_MAX + 1];
    struct timing timing;
    uint64_t incarnation; /* the first of this life; at least 1 */
    uint32_t proxies;     /* asked when a ping is not answered; 1 to SWIM_PROXIES_MAX */
    bool is_plain;        /* SWIM of the paper, to measure Lifeguard against */
};

#define SWIM_PING     1u /* call /swim/ping of `node_id` */
#define SWIM_INDIRECT 2u /* ask `node_id` to ping `target` */
#define SWIM_ANSWER   3u /* tell who asked as `handle` whether its target answered */

struct swim_action {
    uint32_t kind;
    bool is_acked;        /* SWIM_ANSWER */
    uint64_t seq;         /* 0: nobody waits for the answer */
    uint64_t handle;      /* SWIM_ANSWER */
    uint64_t incarnation; /* SWIM_ANSWER: of the target, as known here */
    int64_t timeout_ms;   /* SWIM_PING: give up after. SWIM_INDIRECT: what the proxy is given */
    char node_id[SWIM_ID_MAX + 1];
    char target[SWIM_ID_MAX + 1];
    char address[SWIM_ADDRESS_MAX + 1]; /* where node_id is, or "" */
};

/* Counts since init. */
struct swim_stats {
    uint64_t probes;
    uint64_t probes_failed;
    uint64_t suspicions;   /* begun here, whoever accused first */
    uint64_t deaths;       /* declared by this node's own clock */
    uint64_t refutations;  /* of accusations of this node */
    uint64_t stalls;       /* times this node stood still */
    uint64_t actions_lost; /* no room: as if the network had lost them */
};

/* A ping of ours that is under way. */
struct probe {
    uint64_t seq;
    struct member *target; /* NULL = free */
    int64_t due_ms;        /* of its phase */
    int64_t timeout_ms;
    uint8_t asked, nacked, silent; /* proxies */
    bool is_indirect;              /* second phase */
    bool is_direct_over;           /* the direct ping can no more be answered */
    bool is_retry;
};

/* Private to the core's files, but for reading what the comments name. */
struct swim {
    struct swim_config cfg;
    struct members members;
    struct schedule schedule;
    struct spread spread;
    struct spread_item own_news;
    struct rh_heap timers;
    struct health health; /* .score: local health, 0 is well */
    struct proxies proxies;
    struct probe probes[SWIM_PROBES_MAX];
    struct swim_action actions[SWIM_ACTIONS_MAX];
    struct swim_stats stats;
    struct rh_rng rng;
    struct member *again; /* to be probed first: nobody knew anything */
    uint64_t incarnation; /* of this node */
    uint64_t seq;
    int64_t now_ms;   /* without the time that this node stood still */
    int64_t stall_ms; /* that time */
    int64_t round_ms; /* next probe */
    double rtt_ms;    /* average, -1 = not measured */
    uint32_t action_first, action_count;
    uint32_t background; /* slot whose word strangers are told next for no reason */
    bool is_leaving;
    bool is_own_changed;
};

/* cfg is copied. The core is released with swim_release. */
void swim_init(struct swim *swim, const struct swim_config *cfg, uint64_t seed, int64_t now_ms);
void swim_release(struct swim *swim);

/* The host knows this node, in this state (SWIM_...), at this address ("" = unknown); new or not.
 * Nodes that others speak of are ignored until then. RH_OK, RH_EINVAL (self, id or address too
 * long), RH_EFULL, RH_ENOMEM. */
int32_t swim_learn(struct swim *swim, const char *id, const char *address, uint32_t state,
                   uint64_t incarnation, int64_t now_ms);
/* The host knows it no more. */
void swim_forget(struct swim *swim, const char *id);

/* When swim_tick wants to be called next. */
int64_t swim_next_ms(const struct swim *swim);
void swim_tick(struct swim *swim, int64_t now_ms);

/* Someone pings us. Answer with swim_message. */
void swim_on_ping(struct swim *swim, const char *from, uint64_t incarnation, int64_t now_ms);
/* What a message says. */
void swim_on_updates(struct swim *swim, const struct update *updates, uint32_t count,
                     int64_t now_ms);
/* Ping `seq` was answered by the node it was meant for. rtt_ms -1 = not measured. */
void swim_on_ack(struct swim *swim, uint64_t seq, uint64_t incarnation, int64_t rtt_ms,
                 int64_t now_ms);
/* The node is there, but does not speak SWIM (`has_swim` false) or not yet. One without SWIM cannot
 * refute; whoever reaches it does so for it. */
void swim_on_mute(struct swim *swim, uint64_t seq, bool has_swim, int64_t now_ms);
/* Ping `seq` will not be answered any more. */
void swim_on_no_answer(struct swim *swim, uint64_t seq, int64_t now_ms);

/* What a proxy says about the target of probe `seq`. */
#define SWIM_ACKED  1u
#define SWIM_NACKED 2u
#define SWIM_SILENT 3u /* the proxy itself did not answer, or could not ask */
void swim_on_indirect(struct swim *swim, uint64_t seq, uint32_t outcome, uint64_t incarnation,
                      int64_t now_ms);
/* We are asked to be a proxy by `from` ("" = not said); a SWIM_ANSWER with this handle follows, at
 * once for a target that another hub hears from. RH_OK, RH_ENOTFOUND (target not known), RH_EAGAIN
 * (PROXIES_MAX are under way). */
int32_t swim_on_indirect_request(struct swim *swim, const char *from, const char *target,
                                 uint64_t handle, int64_t timeout_ms, int64_t now_ms);
/* Who asked is gone. */
void swim_on_indirect_gone(struct swim *swim, uint64_t handle);

/* A hub (this node, or the sender) hears from the node and answers for it. RH_OK, RH_ENOTFOUND,
 * RH_EFULL, RH_ENOMEM. */
int32_t swim_vouch(struct swim *swim, const char *hub, const char *id, int64_t expires_in_ms,
                   int64_t now_ms);

/* This node goes away on purpose: goodbyes come as actions, and nothing is probed any more. */
void swim_leave(struct swim *swim, int64_t now_ms);

/* Writes what a message to a node (id, or "" for a stranger) says into out[SWIM_UPDATES_MAX];
 * returns how many. Each call counts as told. */
uint32_t swim_message(struct swim *swim, const char *to, struct update *out);

/* The next thing to do; false when there is none. */
bool swim_next_action(struct swim *swim, struct swim_action *out);
/* The next member whose state or incarnation changed; NULL at the end. */
const struct member *swim_next_changed(struct swim *swim);
/* Whether this node's own incarnation changed since the last call. */
bool swim_own_changed(struct swim *swim);

/* Nodes that count, this one included: not dead, not gone, not unknown. */
uint32_t swim_size(const struct swim *swim);
/* Whether a hub answers for it now. */
bool swim_is_vouched(const struct swim *swim, const struct member *member);

#endif
