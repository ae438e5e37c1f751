/* Role membership/1: who is alive. The provider reports; the host keeps the one peer table. */
#ifndef RH_ROLE_MEMBERSHIP_H
#define RH_ROLE_MEMBERSHIP_H

#include <stdint.h>

#include <ringhost/abi.h>
#include <ringhost/service/cluster.h>

#define RH_MEMBERSHIP_ROLE "membership/1"

/* What the host calls. */
struct rh_membership_role_v1 {
    uint32_t size;
    uint32_t reserved0;
    /* This provider is now the active one (1), or stands by (0). [loop] */
    void (*active)(void *self, uint32_t is_active);
    /* The node is about to leave on purpose: tell the others. [loop] */
    void (*leave)(void *self);
};

/* A node's own word about itself, spread by whoever spreads (gossip). Copied. */
struct rh_node_state {
    uint32_t size;
    uint32_t is_left;
    struct rh_str node_id;
    struct rh_str instance_id;
    struct rh_str role;
    struct rh_str address;
    struct rh_str presence; /* JSON object */
    struct rh_str cluster_id;
    uint64_t generation;
    uint64_t version;
    uint64_t incarnation;
    uint32_t maintenance;
    uint32_t reserved0;
};

/* Host functions for providers, fetched as the service "rh.role.membership/1"; granted to plugins
 * that give the membership role or name the service. */
struct rh_membership_host_v1 {
    uint32_t size;
    uint32_t reserved0;
    /* What this node says about itself now. `generation` grows at each start, `version` at each
     * change. Borrowed. [loop] */
    void (*self_state)(struct rh_ctx *ctx, struct rh_node_state *out);
    /* Take over another node's word about itself; only a newer (generation, version) changes
     * anything. [loop] RH_OK, RH_EINVAL, RH_EEXISTS (node_id known under another instance id that
     * is alive: refused and shown in health), RH_EFULL. */
    int32_t (*learn)(struct rh_ctx *ctx, const struct rh_node_state *state);
    /* Liveness of a peer; ignored unless this provider is active. reason is copied. [loop] */
    int32_t (*report)(struct rh_ctx *ctx, struct rh_str node_id, uint32_t peer_state,
                      uint64_t incarnation, const char *reason);
    /* Remember that a peer was heard from, with its round trip (-1 unknown). [loop] */
    int32_t (*seen)(struct rh_ctx *ctx, struct rh_str node_id, int64_t rtt_ms);
    /* Drop a peer that is dead or left from the table. [loop] */
    int32_t (*forget)(struct rh_ctx *ctx, struct rh_str node_id);
};

#define RH_MEMBERSHIP_HOST_ID "rh.role.membership/1"

#endif
