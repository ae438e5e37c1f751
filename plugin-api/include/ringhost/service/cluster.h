/* rh.cluster/1: the peer table, leader and epoch, change notices, and this node's advertised state.
 */
#ifndef RH_SERVICE_CLUSTER_H
#define RH_SERVICE_CLUSTER_H

#include <stdint.h>

#include <ringhost/abi.h>

#define RH_CLUSTER_ID "rh.cluster/1"

#define RH_PEERS_MAX  4096u

/* Liveness of a peer. */
#define RH_PEER_UNKNOWN 0u /* configured or heard of, never reached */
#define RH_PEER_ALIVE   1u
#define RH_PEER_SUSPECT 2u
#define RH_PEER_DEAD    3u
#define RH_PEER_LEFT    4u

/* One row of the peer table; this node is in it. Borrowed until the callback returns. */
struct rh_peer {
    uint32_t size;
    uint32_t state; /* RH_PEER_... */
    uint32_t is_self;
    uint32_t is_voter;
    uint32_t maintenance; /* 1: takes no new work */
    uint32_t reserved0;
    struct rh_str node_id;
    struct rh_str instance_id;
    struct rh_str role;
    struct rh_str address;  /* host:port, "" when unknown */
    struct rh_str reach;    /* "direct", or the hubs */
    struct rh_str presence; /* JSON object that the node advertises, "{}" when none */
    uint64_t incarnation;
    uint64_t generation; /* of the node's advertised state (PROTOCOLS: owner-only writes) */
    uint64_t version;
    int64_t last_seen_at_ms; /* Unix ms; 0 = never */
    int64_t since_at_ms;     /* in this state since */
    int64_t rtt_ms;          /* -1 = not measured */
};

struct rh_peers {
    uint32_t size;
    uint32_t count;
    const struct rh_peer *peers; /* ordered by node id */
    uint32_t peer_stride;
    uint32_t reserved0;
};

struct rh_leader {
    uint32_t size;
    uint32_t is_self;
    uint64_t epoch;        /* fencing token */
    int64_t expires_ms;    /* monotonic end of the lease as known here; 0 = none */
    struct rh_str node_id; /* "" = none known */
    struct rh_str source;  /* "host", "election", "raft" */
    struct rh_str reason;  /* why there is none, or "" */
    struct rh_str home;    /* node that holds the replicated namespaces, "" = none yet */
    uint32_t votes_have;   /* voters that support the leader, as known here */
    uint32_t votes_need;
};

#define RH_CHANGE_PEERS    1u /* who is there, or what is held of somebody: alive, suspect, ... */
#define RH_CHANGE_LEADER   2u
#define RH_CHANGE_PRESENCE 4u /* what a node says of itself */
#define RH_CHANGE_MEMBERS  8u /* a node came, was removed, or has another address or instance */

struct rh_cluster_v1 {
    uint32_t size;
    uint32_t reserved0;
    /* All peers, this node included. [loop] */
    void (*peers)(struct rh_ctx *ctx, struct rh_peers *out);
    /* One peer by node id; RH_ENOTFOUND. [loop] */
    int32_t (*peer)(struct rh_ctx *ctx, struct rh_str node_id, struct rh_peer *out);
    void (*leader)(struct rh_ctx *ctx, struct rh_leader *out);
    /* cb runs on a later turn after changes of the kinds in mask (RH_CHANGE_...), coalesced. One
     * watch per instance. [loop] */
    int32_t (*watch)(struct rh_ctx *ctx, uint32_t mask, void (*cb)(void *self, uint32_t changed));
    /* Advertise a fact of this node under a key ("slots"); value is JSON, empty removes. [loop]
     * RH_EINVAL, RH_ETOOLARGE above 8 KiB in all. */
    int32_t (*advertise)(struct rh_ctx *ctx, const char *key, struct rh_str value);
    /* Fencing: RH_OK when epoch is not below the greatest seen (which it raises), else RH_ESTALE.
     * [loop] */
    int32_t (*fence)(struct rh_ctx *ctx, uint64_t epoch);
};

#endif
