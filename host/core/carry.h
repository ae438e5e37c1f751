/* Calls through hubs, in both directions: those that leave this node by the provider of reach/1,
 * and those that it brings, which ask this node in another's name. Shared by the core's files
 * only. */
#ifndef RH_HOST_CORE_CARRY_H
#define RH_HOST_CORE_CARRY_H

#include "host/core/core_internal.h"

/* In whose name a call asks this node, when it is not the node itself. Borrowed until the call
 * returns; name as long as the core. */
struct self_caller {
    struct rh_str node_id;
    struct rh_str via;        /* the hub that brought it */
    struct rh_str request_id; /* "" = one is made */
    struct rh_str name;       /* from the token file */
    uint32_t scope_mask;
};
int32_t call_self(struct call_ref *ref, const struct rh_call *spec,
                  const struct self_caller *caller, int64_t deadline_ms);
/* Whoever made the call is gone: its request is given up on the next turn, since its route may be
 * of the plugin that is ending now. [loop] */
void call_self_abandon(struct core *core, uint64_t request_id);
/* As call_start to "self", in another's name. */
int32_t call_start_as(struct core *core, struct rh_ctx *plugin, const struct rh_call *spec,
                      const struct self_caller *caller,
                      void (*cb)(void *self, void *user, const struct rh_reply *reply), void *user);

/* Whether a call to this peer (NULL is allowed) goes through a hub. */
bool carry_is_needed(struct core *core, const struct peer *peer, const struct rh_call *spec);
/* Give the call to the provider of reach/1, on a later turn. Takes ref on success: RH_OK,
 * RH_EAGAIN, RH_ENOMEM. */
int32_t carry_start(struct call_ref *ref, struct rh_str node_id, const struct rh_call *spec,
                    int64_t deadline_ms);
void carries_release(struct core *core); /* all of them, without a word */
/* The table of the service "rh.role.reach/1". */
const void *services_reach(void);

#endif
