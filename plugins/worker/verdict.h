/* What the answer to a report means for the report: it arrived, it is refused for good, or try
 * again. */
#ifndef RH_PLUGINS_WORKER_VERDICT_H
#define RH_PLUGINS_WORKER_VERDICT_H

#include <stdint.h>

#include <ringhost/types.h>

enum verdict {
    VERDICT_TAKEN,   /* acknowledged */
    VERDICT_STALE,   /* somebody else has the claim, or the item is gone: nothing to be done */
    VERDICT_REFUSED, /* the report itself is wrong and will never be taken */
    VERDICT_AGAIN,   /* no answer, no leader, overloaded, not allowed yet */
};

/* rc as in struct rh_reply; status 0 without an answer; code is error.code of the body. A conflict
 * that is about the cluster (wrong_cluster, upgrade_needed) and a route that is not there are about
 * the node asked, not about the report: again. */
enum verdict verdict_of(int32_t rc, uint32_t status, struct rh_str code);

#endif
