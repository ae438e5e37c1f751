/* See digest.h. */
#include "digest.h"

#include <ringhost/sdk/hex.h>

void digest_write(const struct facts *facts, struct rh_buf *buf)
{
    char digits[17];

    for (uint32_t i = 0; i < FACTS_BUCKETS; i++) {
        rh_hex_u64(digits, facts->sums[i]);
        (void)rh_buf_append(buf, digits, 16); /* errors stay in buf */
    }
}

int32_t digest_compare(const struct facts *facts, struct rh_str text,
                       uint32_t differing[FACTS_BUCKETS], uint32_t *count)
{
    uint32_t n = 0;

    if (text.n != DIGEST_TEXT_SIZE)
        return RH_EINVAL;
    for (uint32_t i = 0; i < FACTS_BUCKETS; i++) {
        uint64_t sum;

        if (rh_hex_parse_u64((struct rh_str){text.p + (size_t)i * 16, 16}, &sum) != RH_OK)
            return RH_EINVAL;
        if (sum != facts->sums[i])
            differing[n++] = i;
    }
    *count = n;
    return RH_OK;
}
