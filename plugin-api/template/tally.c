/* Counts by name; see tally.h. */
#include "tally.h"

#include <assert.h>
#include <stdlib.h>

struct count {
    int64_t value;
};

void tally_init(struct tally *tally, uint64_t seed)
{
    rh_map_init(&tally->counts, seed, TALLY_NAMES_MAX);
}

void tally_release(struct tally *tally)
{
    uint32_t cursor = 0;
    void *count;

    while (rh_map_next(&tally->counts, &cursor, NULL, &count))
        free(count);
    rh_map_release(&tally->counts);
}

int64_t tally_get(const struct tally *tally, struct rh_str name)
{
    const struct count *count = rh_map_get(&tally->counts, name);

    return count ? count->value : 0;
}

int32_t tally_set(struct tally *tally, struct rh_str name, int64_t value)
{
    struct count *count = rh_map_get(&tally->counts, name);
    int32_t rc;

    if (value < 0 || value > TALLY_COUNT_MAX)
        return RH_EINVAL;
    if (count) {
        count->value = value;
        return RH_OK;
    }
    count = malloc(sizeof(*count));
    if (!count)
        return RH_ENOMEM;
    count->value = value;
    rc = rh_map_put(&tally->counts, name, count, NULL);
    if (rc != RH_OK)
        free(count);
    return rc;
}

int32_t tally_add(struct tally *tally, struct rh_str name, int64_t times, int64_t *count)
{
    int64_t now = tally_get(tally, name);
    int32_t rc;

    assert(now <= TALLY_COUNT_MAX);
    if (times < 1)
        return RH_EINVAL;
    if (times > TALLY_COUNT_MAX - now)
        return RH_EFULL;
    rc = tally_set(tally, name, now + times);
    if (rc == RH_OK)
        *count = now + times;
    return rc;
}
