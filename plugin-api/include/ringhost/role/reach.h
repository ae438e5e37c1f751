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
     * RH_OK, RH_EUNREACHABLE (no way known), RH_EAGAIN. */
    int32_t (*carry)(void *self, struct rh_str node_id, uint64_t id, const struct rh_call *call);
};

/* Host functions for providers, fetched as the service "rh.role.reach/1". */
struct rh_reach_host_v1 {
    uint32_t size;
    uint32_t reserved0;
    /* The answer to carry(id), exactly once. [loop] */
    int32_t (*delivered)(struct rh_ctx *ctx, uint64_t id, const struct rh_reply *reply);
    /* How a node is reached now: "direct", or "hub1,hub2"; shown as peer.reach. [loop] */
    int32_t (*reach)(struct rh_ctx *ctx, struct rh_str node_id, const char *how);
};

#define RH_REACH_HOST_ID "rh.role.reach/1"

#endif
