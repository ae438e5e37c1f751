/* Role replication/1: agreement on the order of batches. The provider owns log and agreement, the
 * host owns apply. */
#ifndef RH_ROLE_REPLICATION_H
#define RH_ROLE_REPLICATION_H

#include <stdint.h>

#include <ringhost/abi.h>

#define RH_REPLICATION_ROLE   "replication/1"

#define RH_PROPOSAL_BYTES_MAX (512u * 1024u)

/* What the host calls. */
struct rh_replication_role_v1 {
    uint32_t size;
    uint32_t reserved0;
    /* This provider is now the active one (1), or stands by (0). [loop] */
    void (*active)(void *self, uint32_t is_active);
    /* Get `data` (borrowed) into the log. `id` comes back in committed() on this node, or in
     * failed(). [loop] RH_OK; RH_ENOTLEADER, RH_EAGAIN: not proposed. */
    int32_t (*propose)(void *self, uint64_t id, struct rh_str data);
    /* Confirm leadership for a linearizable read; answered by barrier_done(id). [loop] */
    int32_t (*barrier)(void *self, uint64_t id);
    /* Everything up to index is durable in replica.db: the log may be compacted below it. [loop] */
    void (*checkpointed)(void *self, uint64_t index);
    /* A snapshot asked for by snapshot_wanted is ready to be read through the host table, or
     * failed. [loop] */
    void (*snapshot_ready)(void *self, uint64_t id, int32_t rc, uint64_t index, uint64_t term,
                           uint64_t length);
    /* A snapshot being installed is in force (or not): log position is now (index, term). [loop] */
    void (*installed)(void *self, uint64_t id, int32_t rc, uint64_t index, uint64_t term);
};

/* Host functions for providers, fetched as the service "rh.role.replication/1". */
struct rh_replication_host_v1 {
    uint32_t size;
    uint32_t reserved0;
    /* (index, term) that replica.db has applied. [loop] */
    int32_t (*applied)(struct rh_ctx *ctx, uint64_t *index, uint64_t *term);
    /* Entry `index` is agreed on; strictly in order. id is the proposal's on the node that made it,
     * else 0. Empty data is a no-op. [loop] RH_OK, RH_EIO. */
    int32_t (*committed)(struct rh_ctx *ctx, uint64_t index, uint64_t term, uint64_t id,
                         struct rh_str data);
    /* A proposal was given up: RH_ENOTLEADER (never in the log) or RH_EUNKNOWN. [loop] */
    int32_t (*failed)(struct rh_ctx *ctx, uint64_t id, int32_t rc);
    int32_t (*barrier_done)(struct rh_ctx *ctx, uint64_t id, int32_t rc);
    /* Make a copy of replica.db; answered by snapshot_ready(id). [loop] */
    int32_t (*snapshot_wanted)(struct rh_ctx *ctx, uint64_t id);
    /* Read a piece of a ready snapshot; borrowed until the callback returns. [loop] */
    int32_t (*snapshot_read)(struct rh_ctx *ctx, uint64_t id, uint64_t offset, uint32_t max,
                             struct rh_str *out);
    int32_t (*snapshot_release)(struct rh_ctx *ctx, uint64_t id);
    /* Write a received snapshot piece by piece, then install it; answered by installed(id). [loop]
     */
    int32_t (*install_write)(struct rh_ctx *ctx, uint64_t id, uint64_t offset, struct rh_str data);
    int32_t (*install)(struct rh_ctx *ctx, uint64_t id, uint64_t index, uint64_t term);
};

#define RH_REPLICATION_HOST_ID "rh.role.replication/1"

#endif
