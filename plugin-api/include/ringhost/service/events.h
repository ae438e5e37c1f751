/* rh.events/1: publish local events. Cluster events go with a commit (rh.state/1); subscriptions
 * are in the descriptor. */
#ifndef RH_SERVICE_EVENTS_H
#define RH_SERVICE_EVENTS_H

#include <stdint.h>

#include <ringhost/abi.h>

#define RH_EVENTS_ID         "rh.events/1"

#define RH_STORED_EVENTS_MAX 512u /* read at once */

/* A stored cluster event. */
struct rh_stored_event {
    struct rh_event event;
    uint64_t position; /* grows by one an event, the same on every node of the cluster */
};

/* What was read. Everything is borrowed until the next call into the host or the end of the
 * callback. */
struct rh_stored_events {
    uint32_t size;
    uint32_t count;
    const struct rh_stored_event *items;
    uint32_t stride;
    uint32_t reserved0;
    uint64_t oldest; /* position of the oldest that is kept; those before it are gone */
    uint64_t newest; /* position of the newest; 0 = there never was one */
};

struct rh_events_v1 {
    uint32_t size;
    uint32_t reserved0;
    /* Publish a local event. Catalogue types are checked against their payload; another type must
     * match [A-Z][A-Z0-9_]{2,63}. Copied. source NULL = the plugin's id. [loop] RH_OK, RH_EINVAL
     * (with core->fail text), RH_ETOOLARGE above 64 KiB, RH_EAGAIN over the queue quota. */
    int32_t (*publish)(struct rh_ctx *ctx, const char *type, struct rh_str payload,
                       const char *source);
    /* Read cluster events of the replicated state in the order in which they were committed, those
     * after a position (0 = from the oldest kept), at most max (1..RH_STORED_EVENTS_MAX) and about
     * 1 MiB of them. after + 1 < oldest is a gap: what lies between is kept no more. Absent where
     * `size` ends before it. [loop] RH_OK, also when there are none; RH_EINVAL; RH_ENOTLEADER where
     * this node does not lead with the replicated state; RH_ENOMEM; RH_EIO. */
    int32_t (*stored)(struct rh_ctx *ctx, uint64_t after, uint32_t max,
                      struct rh_stored_events *out);
};

#endif
