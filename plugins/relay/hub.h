/* What a hub keeps: who is registered, the requests for them on the way, and the replies on the way
 * back. It sends nothing and reads no clock: polls and requests are handles of the wiring, which
 * answers those that the hub names. One thread at a time. [any]
 *
 * A request goes to its node in pieces of 64 KiB, at most 1 MiB in one batch; the node's next poll
 * confirms a batch, or gets the same again. Once the last piece of a request is in a batch it may
 * have been run: from then on its end without a reply is "outcome unknown", and it is never handed
 * out under another registration. */
#ifndef RH_RELAY_HUB_H
#define RH_RELAY_HUB_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/sdk/heap.h>

#include "bucket.h"
#include "frame.h"
#include "seen.h"

#define HUB_NODES_MAX    1024u
#define HUB_QUEUE_MAX    256u                  /* requests of a node that have no reply yet */
#define HUB_BYTES_MAX    (64u * 1024u * 1024u) /* bodies of all requests and replies */
#define HUB_WINDOW_BYTES (1024u * 1024u)       /* of bodies in one batch */
#define HUB_PIECES_MAX   64u
#define HUB_CALLERS_MAX  4096u

/* Why a request had no reply of its node: X(NAME, status, token, words). Below 504: nothing was
 * run.
 */
#define HUB_REASONS(X)                                                                   \
    X(UNKNOWN_NODE, 503, "unknown_node", "the node is not registered at this hub")       \
    X(QUEUE_FULL, 503, "node_queue_full", "as many requests wait for the node as may")   \
    X(FULL, 503, "hub_full", "this hub holds as many bytes or requests as it may")       \
    X(RATE_LIMITED, 429, "rate_limited", "the caller sends more requests than it may")   \
    X(STOPPING, 503, "hub_stopping", "this hub stops; the node did not get the request") \
    X(DUPLICATE, 409, "duplicate_request", "the request was taken before")               \
    X(NOT_DELIVERED, 504, "not_delivered", "the node did not fetch the request in time") \
    X(NO_REPLY, 504, "no_reply", "the node got the request and did not answer in time")  \
    X(NODE_CHANGED, 502, "outcome_unknown", "the node got the request and went away")    \
    X(REPLY_TOO_LARGE, 502, "reply_too_large", "the node's reply is larger than the hub can hold")

enum {
    HUB_REPLIED = 0,
#define HUB_REASON_CONSTANT(name, status, token, words) HUB_##name,
    HUB_REASONS(HUB_REASON_CONSTANT)
#undef HUB_REASON_CONSTANT
        HUB_REASON_COUNT
};

struct hub_reason {
    uint32_t status;
    const char *token;
    const char *words;
};
/* reason > 0 and below HUB_REASON_COUNT. */
const struct hub_reason *hub_reason(uint32_t reason);

struct hub_config {
    int64_t ttl_ms;
    int64_t poll_ms;
    int64_t rate; /* requests a second of one caller */
    int64_t burst;
};

struct hub_stats {
    uint64_t registered, polls, taken, delivered, replied, resent, bytes_in, bytes_out;
    uint64_t refused[HUB_REASON_COUNT]; /* by reason, [0] unused */
};

/* A request for a node. Copied. */
struct hub_ask {
    struct rh_str from, target, method, path, content_type, body;
    uint64_t key;
    uint64_t fence; /* the epoch of a leader's act; 0 = none */
    int64_t timeout_ms;
    uint64_t origin; /* of the wiring: what waits for the reply */
    uint32_t origin_kind;
};

struct hub_message {
    uint64_t id, key, fence, origin;
    uint32_t origin_kind;
    uint32_t reason; /* once ended */
    struct hub_node *node;
    struct hub_message *prev, *next; /* of its node, or of those that ended */
    struct rh_heap_node due;
    int64_t deadline_ms;
    struct rh_str from, method, path, content_type, body; /* in the block */
    char target[FRAME_NODE_MAX + 1];
    uint32_t placed;   /* bytes put into batches */
    uint32_t acked;    /* bytes confirmed */
    bool is_begun;     /* its head was put into a batch */
    bool is_handed;    /* all of it was: it may have been run */
    bool is_delivered; /* all of it was confirmed */
    bool has_reply;
    uint32_t status, retry_after_s, reply_total;
    struct rh_buf reply;
    char reply_type[FRAME_TYPE_MAX + 1];
    char *block;
};

struct hub_piece {
    struct hub_message *message; /* NULL: it has ended */
    uint32_t offset, n;
    bool is_head;
};

struct hub_node {
    struct hub_node *next;
    struct hub_message *first, *last;
    uint64_t epoch;
    uint64_t batch; /* number of the last one */
    bool is_leaving;
    uint64_t poll; /* handle of the parked one, 0 = none */
    int64_t expires_ms, poll_until_ms, polled_ms;
    uint32_t count;   /* messages */
    uint32_t pending; /* of those, not delivered */
    uint32_t piece_count;
    struct hub_piece pieces[HUB_PIECES_MAX]; /* of the batch that is not confirmed */
    char id[FRAME_NODE_MAX + 1];
};

struct hub {
    struct hub_config cfg;
    struct hub_stats stats;
    struct rh_map by_id; /* node id -> struct hub_node */
    struct hub_node *nodes;
    struct rh_map64 messages;
    struct rh_heap dues;
    struct hub_message *ended_first, *ended_last;
    struct rh_map callers; /* node id -> struct bucket */
    struct seen seen;
    uint64_t last_id;
    uint64_t bytes; /* held by bodies */
};

/* seed: also where the numbers of messages begin, so that those of an earlier life mean nothing. */
void hub_init(struct hub *hub, const struct hub_config *cfg, uint64_t seed);
void hub_release(struct hub *hub);

/* A node registers, or renews. A greater epoch replaces the registration: what the node may have
 * got under the old one ends. RH_OK; RH_ESTALE: a newer one is in force; RH_EFULL, RH_ENOMEM. */
int32_t hub_register(struct hub *hub, struct rh_str id, uint64_t epoch, int64_t now_ms);
/* The node goes to other hubs: what it has not fetched ends at once, so that who asked may ask
 * there; what it has got it still answers. Another epoch than the registration's is nothing. */
void hub_leave(struct hub *hub, struct rh_str id, uint64_t epoch);
/* NULL: not registered, or leaving. */
const struct hub_node *hub_find(const struct hub *hub, struct rh_str id);
/* Whether it has no request under way. */
bool hub_is_idle(const struct hub *hub, struct rh_str id);
void hub_forget(struct hub *hub, struct rh_str id);

/* A poll: confirms batch `ack` and waits at most wait_ms. *superseded is the handle of an older
 * poll, which the wiring answers with nothing, or 0. RH_OK; RH_ENOTFOUND: not registered so;
 * RH_ESTALE; RH_ECONFLICT: the batches do not fit, register anew. */
int32_t hub_poll(struct hub *hub, struct rh_str id, uint64_t epoch, uint64_t ack, uint64_t handle,
                 int64_t wait_ms, int64_t now_ms, uint64_t *superseded);
/* Whoever polled is gone. */
void hub_poll_gone(struct hub *hub, uint64_t handle);
/* The next poll to be answered, taken out; 0: none is due. The answer is what hub_write_batch
 * gives.
 */
uint64_t hub_next_poll(struct hub *hub, int64_t now_ms, struct hub_node **node);
/* Appends the batch that the node has not confirmed, or a new one; none: nothing is appended.
 * Returns its number, which the node confirms. */
uint64_t hub_write_batch(struct hub *hub, struct hub_node *node, struct rh_buf *out,
                         int64_t now_ms);

/* Takes a request. HUB_REPLIED: taken; else why not. */
uint32_t hub_take(struct hub *hub, const struct hub_ask *ask, int64_t now_ms);
/* Nobody waits for the reply any more. */
void hub_origin_gone(struct hub *hub, uint32_t kind, uint64_t origin);
/* A piece of a reply of a node. Unknown ones and repetitions are nothing. RH_OK, RH_EPROTOCOL. */
int32_t hub_reply(struct hub *hub, struct rh_str id, const struct frame *frame);
/* What is over by now. */
void hub_tick(struct hub *hub, int64_t now_ms);
/* When hub_tick, or hub_next_poll, has something to do next; INT64_MAX: never. */
int64_t hub_next_ms(const struct hub *hub);
/* The next message that ended, or NULL; the wiring answers its origin and drops it. */
struct hub_message *hub_next_ended(struct hub *hub);
void hub_drop(struct hub *hub, struct hub_message *message);
/* Everything ends. */
void hub_stop(struct hub *hub);

/* Between hub.c and hub_node.c: ends a message; it is out of its node's list and in that of the
 * ended. */
void hub_end(struct hub *hub, struct hub_message *message, uint32_t reason);
/* Ends all messages of a node that it may have got, or that it has not, for these reasons; 0: those
 * go on. */
void hub_end_all(struct hub *hub, struct hub_node *node, uint32_t handed, uint32_t unhanded);

#endif
