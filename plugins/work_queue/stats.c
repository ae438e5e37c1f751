/* Counters that add up: each is changed in the same commit as the items it counts. */
#include "stats.h"

#include <assert.h>

#include "codec.h"

#define COUNTERS_VERSION 1

void counters_encode(const struct counters *counters, struct rh_buf *buf)
{
    codec_put(buf, COUNTERS_VERSION);
    codec_put_u64(buf, counters->added);
    for (uint32_t i = ITEM_DONE; i < ITEM_STATES; i++) {
        codec_put_u64(buf, counters->finished[i]);
        codec_put_u64(buf, counters->pruned[i]);
    }
    codec_put_u64(buf, counters->seq_last);
    codec_put_u64(buf, counters->finish_last);
    codec_put_u64(buf, counters->epoch);
    codec_put_u64(buf, counters->activation);
}

int32_t counters_decode(struct rh_str record, struct counters *out)
{
    struct counters counters = {0};
    struct codec_reader r;

    codec_reader_init(&r, record);
    if (codec_get_u64(&r) != COUNTERS_VERSION)
        return RH_EINVAL;
    counters.added = codec_get_u64(&r);
    for (uint32_t i = ITEM_DONE; i < ITEM_STATES; i++) {
        counters.finished[i] = codec_get_u64(&r);
        counters.pruned[i] = codec_get_u64(&r);
    }
    counters.seq_last = codec_get_u64(&r);
    counters.finish_last = codec_get_u64(&r);
    counters.epoch = codec_get_u64(&r);
    counters.activation = codec_get_u64(&r);
    if (codec_end(&r))
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
