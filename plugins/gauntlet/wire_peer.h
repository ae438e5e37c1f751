/* Reads what the queue answers, by field tables; it draws no conclusions. */
#ifndef RH_PLUGINS_GAUNTLET_WIRE_PEER_H
#define RH_PLUGINS_GAUNTLET_WIRE_PEER_H

#include "outcome.h"
#include "wire.h"

struct peer_counts {
    int64_t done;
    int64_t dead;
    int64_t cancelled;
};

/* One item of GET /work/group, as it comes. */
struct peer_item {
    struct rh_str work_id;
    struct rh_str idempotency_key;
    struct rh_str status;
    struct rh_str node_id;
    struct rh_str error;
    struct rh_str result; /* JSON, "" or "null" when there is none */
    int64_t attempt;
};

struct peer_group {
    struct rh_list items; /* of struct peer_item */
    struct rh_str next;   /* "" = the last page */
    struct peer_counts counts;
    uint8_t has_counts;
};

/* RH_OK, and *memory to be given to rh->fields->release when the strings are done with; or what the
 * decoder says, with `why` in words. */
int32_t gauntlet_group_decode(const struct rh_services *rh, struct rh_str body,
                              struct peer_group *out, void **memory, char *why, uint32_t why_size);

#endif
