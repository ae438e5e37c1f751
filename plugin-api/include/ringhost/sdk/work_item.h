/* A work item as its owner sees it, and the key that names it; see <ringhost/sdk/work_group.h>.
 * Pure. */
#ifndef RH_SDK_WORK_ITEM_H
#define RH_SDK_WORK_ITEM_H

#include <stdint.h>

#include <ringhost/errors.h>
#include <ringhost/types.h>

/* Items of one group, and bytes of a group's id with its NUL. */
#define RH_WORK_ITEMS_MAX     100000u
#define RH_WORK_GROUP_ID_SIZE 112u

/* Room for "<group>/<index>" and its NUL. */
#define RH_WORK_KEY_SIZE (RH_WORK_GROUP_ID_SIZE + 11u)

/* How an item ended. */
enum rh_work_end { RH_WORK_DONE, RH_WORK_DEAD, RH_WORK_CANCELLED };

/* An item that is over. Borrowed until the callback returns. */
struct rh_work_item {
    uint32_t index;
    enum rh_work_end end;
    int64_t attempt; /* attempts begun, at least 0 */
    /* When it ended, Unix ms by the queue's clock; never later than now, also where it is handed
     * over long after. */
    int64_t finished_at_ms;
    struct rh_str work_id;
    struct rh_str node_id; /* who had it last, "" = nobody */
    struct rh_str error;   /* why the last attempt failed, "" = it did not */
    struct rh_str result;  /* JSON as it was reported, "" or "null" when there is none */
};

/* Writes the key of an item. RH_EINVAL if it does not fit, dst is then empty. [any] */
int32_t rh_work_key(char dst[RH_WORK_KEY_SIZE], struct rh_str group, uint32_t index);

/* The index in such a key, or RH_EINVAL when it is none of this group or not below
 * RH_WORK_ITEMS_MAX; *index is then not written. [any] */
int32_t rh_work_key_index(struct rh_str key, struct rh_str group, uint32_t *index);

#endif
