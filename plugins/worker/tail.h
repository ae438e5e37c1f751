/* The end of the output of programs that have ended of late, for those who follow it: what a
 * program prints last is wanted most. Pure. */
#ifndef RH_PLUGINS_WORKER_TAIL_H
#define RH_PLUGINS_WORKER_TAIL_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/sdk/str.h>

#include "job.h"

/* Programs, bytes of each, and how long they are kept. When there are more, the oldest goes. */
#define TAILS_MAX      16u
#define TAIL_BYTES_MAX (64u * 1024u)
#define TAIL_KEPT_MS   30000

struct tail {
    char work_id[JOB_TEXT_SIZE];
    char *text; /* owned; NULL = this place is free */
    size_t size;
    int64_t offset; /* of its first byte in the whole output */
    int64_t ended_ms;
    int64_t attempt; /* of the item, this and the next set by whoever keeps it */
    bool is_cut;     /* the program has printed more than was kept */
};

/* Zeroed: none. */
struct tails {
    struct tail tails[TAILS_MAX];
};

/* Keeps the end of this output, in place of an earlier one of the same item. now_ms is monotonic.
 * NULL: none is kept, for want of memory. [any] */
struct tail *tails_keep(struct tails *tails, struct rh_str work_id, struct rh_str output,
                        int64_t now_ms);
/* NULL: none of this item, or it is too old. Valid until the next keep or release. [any] */
const struct tail *tails_find(const struct tails *tails, struct rh_str work_id, int64_t now_ms);
/* At most max bytes of it, from `*offset` of the whole output on; what is older than the tail is
 * skipped, and *offset says so. [any] */
struct rh_str tail_text(const struct tail *tail, int64_t *offset, int64_t max);
void tails_release(struct tails *tails);

#endif
