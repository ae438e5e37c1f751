/* rh.events/1: publish local events. Cluster events go with a commit (rh.state/1); subscriptions
 * are in the descriptor. */
#ifndef RH_SERVICE_EVENTS_H
#define RH_SERVICE_EVENTS_H

#include <stdint.h>

#include <ringhost/abi.h>

#define RH_EVENTS_ID "rh.events/1"

struct rh_events_v1 {
    uint32_t size;
    uint32_t reserved0;
    /* Publish a local event. Catalogue types are checked against their payload; another type must
     * match [A-Z][A-Z0-9_]{2,63}. Copied. source NULL = the plugin's id. [loop] RH_OK, RH_EINVAL
     * (with core->fail text), RH_ETOOLARGE above 64 KiB, RH_EAGAIN over the queue quota. */
    int32_t (*publish)(struct rh_ctx *ctx, const char *type, struct rh_str payload,
                       const char *source);
};

#endif
