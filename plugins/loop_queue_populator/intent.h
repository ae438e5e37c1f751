/* What was decided to be added, as it is stored before it is done: done again after a crash or by
 * the next leader it gives the same items, since each has a key of its own. Pure. */
#ifndef RH_PLUGINS_LOOP_QUEUE_POPULATOR_INTENT_H
#define RH_PLUGINS_LOOP_QUEUE_POPULATOR_INTENT_H

#include <stdint.h>

#include <ringhost/sdk/buf.h>

#include "mix.h"

/* Items of one intent, and groups of alike ones. */
#define INTENT_ITEMS_MAX 1000
#define INTENT_LINES_MAX 1000u
/* Bytes of a name, and of a key, NUL included. */
#define INTENT_NAME_SIZE 257u
#define INTENT_KEY_SIZE  64u

/* So many items of one kind. */
struct intent_line {
    char config_key[INTENT_NAME_SIZE];
    char work_type[INTENT_NAME_SIZE];
    int64_t count;
};

struct intent {
    uint64_t number; /* 1, 2, ...: never used twice in a cluster */
    uint32_t line_count;
    struct intent_line lines[INTENT_LINES_MAX];
};

/* Appends the record; the error stays in buf. [any] */
void intent_encode(const struct intent *intent, struct rh_buf *buf);
/* RH_OK, or RH_EINVAL for what intent_encode did not make. [any] */
int32_t intent_decode(struct rh_str record, struct intent *out);

/* Items of all lines. [any] */
int64_t intent_items(const struct intent *intent);
/* The line of the index-th item, index < intent_items. [any] */
const struct intent_line *intent_line_of(const struct intent *intent, int64_t index);
/* The idempotency key of an item. [any] */
void intent_key(const struct intent *intent, int64_t index, char key[INTENT_KEY_SIZE]);

#endif
