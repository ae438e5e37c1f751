/* Stored records of machines and of what pools remember. Pure. */
#ifndef RH_PLUGINS_LOOP_AUTO_SCALING_RECORD_H
#define RH_PLUGINS_LOOP_AUTO_SCALING_RECORD_H

#include <ringhost/sdk/buf.h>

#include "fleet.h"
#include "scale.h"

/* What is kept of a pool. */
struct pool_memory {
    struct scale_history history;
    struct fleet_boots boots;
    int64_t last_number; /* of a machine; never used twice */
};

/* Encoding appends, errors stay in buf; decoding gives RH_OK or RH_EINVAL, and leaves the node_id
 * alone, which is the key. [any] */
void machine_encode(const struct fleet_machine *machine, struct rh_buf *buf);
int32_t machine_decode(struct rh_str record, struct fleet_machine *out);
void pool_encode(const struct pool_memory *pool, struct rh_buf *buf);
int32_t pool_decode(struct rh_str record, struct pool_memory *out);

#endif
