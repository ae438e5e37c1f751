/* The idempotency key of a work item: its group and its index. */
#include <ringhost/sdk/work_item.h>

#include <inttypes.h>
#include <stdio.h>

#include <ringhost/sdk/str.h>

int32_t rh_work_key(char dst[RH_WORK_KEY_SIZE], struct rh_str group, uint32_t index)
{
    const int n = snprintf(dst, RH_WORK_KEY_SIZE, "%.*s/%" PRIu32, RH_STR_ARG(group), index);

    if (n > 0 && (size_t)n < RH_WORK_KEY_SIZE)
        return RH_OK;
    dst[0] = '\0';
    return RH_EINVAL;
}

int32_t rh_work_key_index(struct rh_str key, struct rh_str group, uint32_t *index)
{
    const size_t head = group.n + 1;
    uint64_t value = 0;

    if (key.n <= head || !rh_str_starts_with(key, group) || key.p[group.n] != '/')
        return RH_EINVAL;
    if (rh_parse_u64((struct rh_str){key.p + head, key.n - head}, &value) != RH_OK ||
        value >= RH_WORK_ITEMS_MAX)
        return RH_EINVAL;
    *index = (uint32_t)value;
    return RH_OK;
}
