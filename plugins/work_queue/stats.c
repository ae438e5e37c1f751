/* Counters that add up: each is changed in the same commit as the items it counts. */
#include "stats.h"

#include <assert.h>

#include <ringhost/sdk/record.h>

#define COUNTERS_VERSION 2

void counters_encode(const struct counters *counters, struct rh_buf *buf)
{
    rh_record_put(buf, COUNTERS_VERSION);
    rh_record_put_u64(buf, counters->added);
    for (uint32_t i = ITEM_DONE; i < ITEM_STATES; i++) {
        rh_record_put_u64(buf, counters->finished[i]);
        rh_record_put_u64(buf, counters->pruned[i]);
    }
    rh_record_put_u64(buf, counters->seq_last);
    rh_record_put_u64(buf, counters->finish_last);
    rh_record_put_u64(buf, counters->epoch);
    rh_record_put_u64(buf, counters->activation);
}

int32_t counters_decode(struct rh_str record, struct counters *out)
{
    struct counters counters = {0};
    struct rh_record_reader r;

    rh_record_reader_init(&r, record);
    if (rh_record_get_u64(&r) != COUNTERS_VERSION)
        return RH_EINVAL;
    counters.added = rh_record_get_u64(&r);
    for (uint32_t i = ITEM_DONE; i < ITEM_STATES; i++) {
        counters.finished[i] = rh_record_get_u64(&r);
        counters.pruned[i] = rh_record_get_u64(&r);
    }
    counters.seq_last = rh_record_get_u64(&r);
    counters.finish_last = rh_record_get_u64(&r);
    counters.epoch = rh_record_get_u64(&r);
    counters.activation = rh_record_get_u64(&r);
    if (rh_record_end(&r))
        return RH_EINVAL;
    *out = counters;
    return RH_OK;
}

uint64_t counters_kept(const struct counters *counters)
{
    uint64_t kept = 0;

    for (uint32_t i = ITEM_DONE; i < ITEM_STATES; i++) {
        assert(counters->pruned[i] <= counters->finished[i]);
        kept += counters->finished[i] - counters->pruned[i];
    }
    return kept;
}

void stats_refuse(struct stats *stats, const uint64_t refused[MATCH_REASON_COUNT])
{
    stats->claims_empty++;
    for (uint32_t i = 0; i < MATCH_REASON_COUNT; i++)
        stats->refused[i] += refused[i];
}
