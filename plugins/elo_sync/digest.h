/* The digest of a set of facts as text, and what two digests tell of the difference. Pure. */
#ifndef RH_PLUGINS_ELO_SYNC_DIGEST_H
#define RH_PLUGINS_ELO_SYNC_DIGEST_H

#include "facts.h"

/* 16 digits for each bucket. */
#define DIGEST_TEXT_SIZE (FACTS_BUCKETS * 16u)

/* Appends the sums of all buckets; errors stay in buf->rc. [any] */
void digest_write(const struct facts *facts, struct rh_buf *buf);

/* The buckets in which the other set differs from ours, ascending, at most FACTS_BUCKETS. RH_EINVAL
 * when the text is no digest. [any] */
int32_t digest_compare(const struct facts *facts, struct rh_str text,
                       uint32_t differing[FACTS_BUCKETS], uint32_t *count);

#endif
