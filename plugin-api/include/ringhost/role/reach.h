/* Role reach/1: how to get a call to a node that cannot be dialled. */
#ifndef RH_ROLE_REACH_H
#define RH_ROLE_REACH_H

#include <stdint.h>

#include <ringhost/abi.h>
#include <ringhost/service/http.h>

#define RH_REACH_ROLE "reach/1"

/* What the host calls. */
struct rh_reach_role_v1 {
    uint32_t size;
    uint32_t reserved0;
    void (*active)(void *self, uint32_t is_active);
    /* Carry `call` to node_id; the answer comes back through delivered(id). [loop]
     * RH_OK, RH_EUNREACHABLE (no way known), RH_EAGAIN, RH_ENOMEM. */
    int32_t (*carry)(void *self, struct rh_str node_id, uint64_t id, const struct rh_call *call);
};

/* A request that a hub has brought to this node. Borrowed until admit returns. */
struct rh_relayed {
    uint32_t size;
    uint32_t reserved0;
    struct rh_str from; /* node id of who asks, as the hub checked it */
    struct rh_str hub;  /* node id of the hub */
    struct rh_str request_id;
    const char *method;
    const char *path;         /* with query */
    const char *content_type; /* NULL = none */
    struct rh_str body;
    int64_t timeout_ms; /* what is left for it */
    uint64_t epoch;     /* of a leader-only act, see struct rh_call; 0 = none */
};

/* Host functions for providers, fetched as the service "rh.role.reach/1". */
struct rh_reach_host_v1 {
    uint32_t size;
    uint32_t reserved0;
    /* The answer to carry(id), exactly once. Copied. [loop] RH_OK; RH_ENOTFOUND: nobody waits for
     * it any more. */
    int32_t (*delivered)(struct rh_ctx *ctx, uint64_t id, const struct rh_reply *reply);
    /* How a node is reached now: "direct", or "hub1,hub2"; shown as peer.reach. [loop] RH_OK;
     * RH_ENOTFOUND; RH_EINVAL: empty, or above 512 bytes; RH_EFORBIDDEN: not the active provider.
     */
    int32_t (*reach)(struct rh_ctx *ctx, struct rh_str node_id, const char *how);
    /* Run a request on this node as one of the node `from`, with the scopes that this node's own
     * token file gives to that node, whatever the hub may do. LEADER routes are answered with 421.
     * cb comes exactly once, on a later turn, and at the latest at the end of the activation.
     * [loop] RH_OK; RH_EINVAL; RH_EFORBIDDEN: the hub is no node by the token file; RH_EAGAIN over
     * the quota of calls. Absent where `size` ends before it. */
    int32_t (*admit)(struct rh_ctx *ctx, const struct rh_relayed *request,
                     void (*cb)(void *self, void *user, const struct rh_reply *reply), void *user);
};

#define RH_REACH_HOST_ID "rh.role.reach/1"

#endif
