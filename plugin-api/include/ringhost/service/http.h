/* rh.http/1: answer requests, and call routes of this node, of peers and of URLs. */
#ifndef RH_SERVICE_HTTP_H
#define RH_SERVICE_HTTP_H

#include <stdint.h>

#include <ringhost/abi.h>

#define RH_HTTP_ID "rh.http/1"

/* Lanes: each has connections of its own to a peer, so that none waits behind another. */
#define RH_LANE_NORMAL  0u
#define RH_LANE_CONTROL 1u /* heartbeats, votes, pings */
#define RH_LANE_BULK    2u /* large bodies */

#define RH_CALL_DIRECT  1u /* never through a hub */
#define RH_CALL_IDEMPOTENT \
    2u /* may be sent again when a kept-alive connection was closed under it */

#define RH_CALL_HEADERS_MAX 8u /* headers of its own that a call may have */

/* Who asks. Borrowed until the reply. */
struct rh_request {
    uint32_t size;
    uint32_t scope_mask; /* bit 1 << RH_READ ... : what the caller may do */
    struct rh_str method;
    struct rh_str path;       /* without query */
    struct rh_str query;      /* raw, without '?' */
    struct rh_str body;       /* raw */
    struct rh_str request_id; /* X-Request-Id, given or made */
    struct rh_str caller;     /* name from the token file; "" when none is in use */
    struct rh_str node_id;    /* peer's node id, "" for others */
    struct rh_str address;    /* remote address as text */
    struct rh_str via;        /* the node that forwarded it, or "" */
    int64_t deadline_ms;      /* monotonic */
};

/* An error body {"error":{code,message,field,details}}. Everything is copied. */
struct rh_error {
    uint32_t size;
    int32_t rc;             /* gives status, code and message when those are left out */
    uint32_t status;        /* HTTP status; 0 = from rc */
    uint32_t retry_after_s; /* Retry-After header; 0 = none */
    const char *code;       /* "stale_claim"; NULL = from rc */
    const char *message;    /* NULL = from rc */
    const char *field;      /* the offending request field, or NULL */
    struct rh_str details;  /* JSON object, or empty */
};

/* A call. Everything is copied. */
struct rh_call {
    uint32_t size;
    uint32_t lane;      /* RH_LANE_... */
    const char *target; /* a node id, "self", "leader", "host:port" of a not yet known peer ("addr:"
                           prefix), or a http:// URL, which never gets a token of ours */
    const char *method; /* "GET", "POST", ... */
    const char *path;   /* with query; NULL = "/"; ignored for URLs */
    struct rh_str body;
    const char *content_type; /* NULL = application/json when there is a body */
    int64_t timeout_ms;       /* 0 = 8 s; longer ones are cut to a day */
    uint64_t order_key; /* calls with one non-zero key to one target are sent one after the other */
    uint32_t flags;     /* RH_CALL_... */
    uint32_t reserved0;
    /* Of a leader-only act, the epoch it was decided in; 0 = none. A node that has seen a greater
     * one answers 412 stale_epoch and does nothing. Not sent to URLs. */
    uint64_t epoch;
    const struct rh_pair *headers; /* names and values, for URLs only; not those about the
                                      connection, the host, the body or who asks */
    uint32_t header_count;         /* at most RH_CALL_HEADERS_MAX */
    uint32_t header_stride;
};

/* The answer. Borrowed until the callback returns. */
struct rh_reply {
    uint32_t size;
    int32_t rc;      /* RH_OK when any HTTP answer came; else RH_EUNREACHABLE (nothing was sent),
                        RH_ETIMEOUT,      RH_EUNKNOWN (sent, no answer), RH_ECANCELLED, RH_ENOTLEADER (no
                        leader known) */
    uint32_t status; /* HTTP status, 0 without an answer */
    uint32_t retry_after_s;
    struct rh_str body;
    struct rh_str node_id;    /* X-Node-Id of who answered */
    struct rh_str error_code; /* error.code of an error body, or "" */
    struct rh_str message;    /* error.message, or the reason of rc */
    int64_t rtt_ms;
    struct rh_str
        content_type; /* "" when the answer has none. Absent where `size` ends before it */
};

struct rh_http_v1 {
    uint32_t size;
    uint32_t reserved0;
    /* Facts about a request. RH_ENOTFOUND when it was answered or is gone. [loop] */
    int32_t (*request)(struct rh_ctx *ctx, rh_req req, struct rh_request *out);
    /* Answer with a status and a JSON body (copied; empty is "{}"). Held back by the host until
     * every commit that the plugin submitted before has completed; if one failed, that error is
     * sent instead of anything below 500. [loop] RH_ENOTFOUND: already answered, or the caller is
     * gone (nothing to do about it). */
    int32_t (*reply)(struct rh_ctx *ctx, rh_req req, uint32_t status, struct rh_str body);
    /* The same with another content type. */
    int32_t (*reply_typed)(struct rh_ctx *ctx, rh_req req, uint32_t status,
                           const char *content_type, struct rh_str body);
    /* Answer with an error. Held back like any reply. [loop] */
    int32_t (*reply_error)(struct rh_ctx *ctx, rh_req req, const struct rh_error *error);
    /* Stream: begin once, write any number of times, end once. The head is held back like any
     * reply, and what is written meanwhile with it; if a commit that it waited for failed, that
     * error is the answer and the request is gone. write returns RH_EAGAIN when more than 1 MiB
     * waits (the bytes were not taken); `on_drain` is then called once there is room. [loop] */
    int32_t (*begin)(struct rh_ctx *ctx, rh_req req, uint32_t status, const char *content_type,
                     void (*on_drain)(void *self, void *user), void *user);
    int32_t (*write)(struct rh_ctx *ctx, rh_req req, struct rh_str data);
    int32_t (*end)(struct rh_ctx *ctx, rh_req req);
    /* cb runs once if the caller goes away, or the host answers for us (deadline, deactivation),
     * before our reply. [loop] */
    int32_t (*watch)(struct rh_ctx *ctx, rh_req req, void (*cb)(void *self, rh_req req, void *user),
                     void *user);
    /* Call a route. cb runs exactly once, never before this returns; not at all on failure. [loop]
     * RH_OK and *id (may be NULL); RH_EINVAL; RH_EAGAIN over the quota of 1,024 calls in flight. */
    int32_t (*call)(struct rh_ctx *ctx, const struct rh_call *call,
                    void (*cb)(void *self, void *user, const struct rh_reply *reply), void *user,
                    rh_handle *id);
    /* End a call; its callback comes with RH_ECANCELLED. [loop] */
    int32_t (*cancel)(struct rh_ctx *ctx, rh_handle id);
    /* As reply, but waits for no commit: only for an answer whose loss, or whose sight before what
     * it tells is durable, harms nobody. A later failure of a commit cannot change it. [loop]
     * Absent where `size` ends before it. */
    int32_t (*reply_early)(struct rh_ctx *ctx, rh_req req, uint32_t status, struct rh_str body);
};

#endif
