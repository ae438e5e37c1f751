/* Role leader/1: who leads. The provider decides by votes; the host's leadership service is the one
 * writer. */
#ifndef RH_ROLE_LEADER_H
#define RH_ROLE_LEADER_H

#include <stdint.h>

#include <ringhost/abi.h>

#define RH_LEADER_ROLE "leader/1"

/* What the host calls. */
struct rh_leader_role_v1 {
    uint32_t size;
    uint32_t reserved0;
    /* This provider is now the active one (1), or stands by (0). [loop] */
    void (*active)(void *self, uint32_t is_active);
    /* Stop leading, say so, and do not stand again for hold_ms. [loop] RH_OK also when not leading.
     */
    int32_t (*step_down)(void *self, int64_t hold_ms, const char *reason);
    /* Hand leadership to a voter; "" = to the best one. RH_OK: begun, not yet done. RH_ENOTLEADER,
     * RH_EINVAL; RH_EAGAIN or RH_EUNREACHABLE: that voter is behind or silent, so another may be
     * tried. May be called while another plugin's callback runs. [loop] */
    int32_t (*transfer)(void *self, struct rh_str node_id);
    /* The home of the replicated namespaces became known or changed. [loop] */
    void (*home_changed)(void *self);
};

/* Claim to be home of the replicated namespaces: the greater (epoch, node_id) wins. */
struct rh_home {
    uint32_t size;
    uint32_t reserved0;
    uint64_t epoch; /* of the leadership in which the claim was made; 0 = no home */
    struct rh_str node_id;
};

/* Host functions for providers, fetched as the service "rh.role.leader/1". Calls of a provider that
 * stands by are ignored with RH_EFORBIDDEN. */
struct rh_leader_host_v1 {
    uint32_t size;
    uint32_t reserved0;
    /* This node leads with this epoch until expires_ms (monotonic), unless renewed by calling
     * again. epoch must not be below any reported before. [loop] */
    int32_t (*leading)(struct rh_ctx *ctx, uint64_t epoch, int64_t expires_ms, uint32_t votes_have,
                       uint32_t votes_need);
    /* Another node leads. [loop] */
    int32_t (*following)(struct rh_ctx *ctx, struct rh_str leader, uint64_t epoch,
                         int64_t expires_ms);
    /* Nobody leads as far as this node knows; epoch is the greatest it has seen. reason is copied.
     * [loop] */
    int32_t (*leaderless)(struct rh_ctx *ctx, uint64_t epoch, const char *reason,
                          uint32_t votes_have, uint32_t votes_need);
    /* The home as this node knows it (borrowed); providers put it into votes and heartbeats. [loop]
     */
    void (*home)(struct rh_ctx *ctx, struct rh_home *out);
    /* A home claim seen in a vote or heartbeat; durable on this node when cb runs. A voter
     * acknowledges a heartbeat only then. [loop] */
    int32_t (*learn_home)(struct rh_ctx *ctx, const struct rh_home *claim,
                          void (*cb)(void *self, void *user, int32_t rc), void *user);
    /* A majority of voters has made the claim of `epoch` by this node durable; replicated
     * namespaces may now be activated. [loop] */
    int32_t (*home_confirmed)(struct rh_ctx *ctx, uint64_t epoch);
    /* Ask the active provider to hand leadership to a voter, "" = to the best one: its transfer()
     * runs inside this call, and its result and its words for an error become the caller's. For
     * providers that stand by; the active one gets RH_EINVAL. RH_ENOTLEADER when no provider is
     * active, RH_EUNSUPPORTED when it has no such function. Absent where `size` ends before it.
     * [loop] */
    int32_t (*transfer)(struct rh_ctx *ctx, struct rh_str node_id);
    /* The same with its step_down(). [loop] */
    int32_t (*step_down)(struct rh_ctx *ctx, int64_t hold_ms, const char *reason);
    /* Whether this node may stand and vote. RH_EFORBIDDEN: its provider of replication/1 stands by,
     * it is no member and holds no replicated state, so it follows only; asked for each time that a
     * provider becomes active. Absent where `size` ends before it. [loop] RH_OK. */
    int32_t (*may_lead)(struct rh_ctx *ctx);
};

#define RH_LEADER_HOST_ID "rh.role.leader/1"

#endif
