/* Who this node is, and of which cluster: ids made once and kept in the host's namespace. All
 * [loop]. */
#ifndef RH_HOST_CORE_IDENTITY_H
#define RH_HOST_CORE_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ringhost/types.h>

struct core;

/* Who this node is by its store, made at the first start; why (CORE_WHY_MAX) says what does not
 * fit. RH_OK, RH_EINVAL, RH_EIO. */
int32_t identity_init(struct core *core, char *why);
/* Only when none is known. epoch: of the leadership in which it was made, 0 = not known. */
void identity_set_cluster(struct core *core, struct rh_str cluster_id, uint64_t epoch);
/* This node leads: without an id there is one now. */
void identity_make_cluster(struct core *core);
/* Another node takes part in the cluster under the id that we know: it is nobody's own any more,
 * and final once all voters have said it. */
void identity_confirm_cluster(struct core *core, struct rh_str node_id);
struct cluster_claim {
    struct rh_str cluster_id, node_id;
    uint64_t epoch; /* in which it was made; 0 = final, or not known */
    bool is_own;    /* of the caller */
};
/* A proven peer names another cluster id. Ours gives way when this node made it and no other node
 * has ever taken part in it, unless replicated data was acknowledged here; of two such ids the
 * lesser stays. It also gives way, while it is not final, to the one that a later leader made: that
 * leader was elected by voters that had heard of none, so ours had reached a minority. False: it
 * does not, and the peer is to be refused. */
bool identity_yield_cluster(struct core *core, const struct cluster_claim *theirs);
/* The host namespace: small values by name. cb may be NULL. */
int32_t host_put(struct core *core, const char *key, struct rh_str value,
                 void (*cb)(void *user, int32_t rc, uint64_t revision), void *user);
int32_t host_get(struct core *core, const char *key, char *out, size_t size);
int32_t host_get_u64(struct core *core, const char *key, uint64_t *out);
int32_t host_put_u64(struct core *core, const char *key, uint64_t value,
                     void (*cb)(void *user, int32_t rc, uint64_t revision), void *user);

#endif
