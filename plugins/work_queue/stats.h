/* What the queue has counted since it was made (stored) and since activation (refusals); no items.
 */
#ifndef RH_PLUGINS_WORK_QUEUE_STATS_H
#define RH_PLUGINS_WORK_QUEUE_STATS_H

#include <ringhost/sdk/buf.h>

#include "item.h"
#include "match.h"

/* One stored row. added = live + finished[done] + finished[dead] + finished[cancelled], always. */
struct counters {
    uint64_t added;
    uint64_t finished[ITEM_STATES]; /* by final state, deleted ones included; live states stay 0 */
    uint64_t pruned[ITEM_STATES];   /* of these, deleted since */
    uint64_t seq_last;              /* the last item's number */
    uint64_t finish_last;           /* the last finish number */
    uint64_t epoch;                 /* of the last activation */
    uint64_t activation;            /* its number within that epoch */
};

/* Since activation. */
struct stats {
    uint64_t refused[MATCH_REASON_COUNT]; /* items kept from claims that got nothing, by reason */
    uint64_t claims;
    uint64_t claims_empty;
    uint64_t expired;
    uint64_t reaped;
    uint64_t retried;
    uint64_t stolen;  /* items */
    uint64_t lost;    /* items taken back, since the claim that got them was not heard of */
    uint64_t revived; /* dead items that were tried again on request */
    uint64_t duplicates;
    uint64_t stale;
};

void counters_encode(const struct counters *counters, struct rh_buf *buf);
/* RH_OK or RH_EINVAL. [any] */
int32_t counters_decode(struct rh_str record, struct counters *out);

/* Finished items that are still stored. [any] */
uint64_t counters_kept(const struct counters *counters);

/* Counts one claim that got nothing. [any] */
void stats_refuse(struct stats *stats, const uint64_t refused[MATCH_REASON_COUNT]);

#endif
