/* Read your own writes: values that were submitted for commit and are not in the store's snapshot
 * yet. No I/O. */
#ifndef RH_PLUGINS_WORK_QUEUE_OVERLAY_H
#define RH_PLUGINS_WORK_QUEUE_OVERLAY_H

#include <stdbool.h>

#include <ringhost/sdk/map.h>

#define OVERLAY_KEYS_MAX 1048576u /* keys in flight at once */

/* Private: one key in flight. */
struct overlay_entry {
    struct overlay_entry *prev;
    struct overlay_entry *next;
    uint64_t commit;
    bool is_deleted;
    struct rh_str key;
    struct rh_str value; /* own block */
};

struct overlay {
    struct rh_map map;
    struct overlay_entry *first; /* oldest commit first */
    struct overlay_entry *last;
};

void overlay_init(struct overlay *overlay, uint64_t seed);
/* Forgets everything. [any] */
void overlay_release(struct overlay *overlay);

/* Remembers a value (copied) or a deletion that goes with a commit. Commits are numbered in order
 * of submission. RH_OK, RH_EFULL or RH_ENOMEM, nothing changed then. [any] */
int32_t overlay_put(struct overlay *overlay, struct rh_str key, struct rh_str value,
                    uint64_t commit);
int32_t overlay_delete(struct overlay *overlay, struct rh_str key, uint64_t commit);

/* Whether the key is in flight; then *is_deleted, and *value if it is not (borrowed until the next
 * change). [any] */
bool overlay_get(const struct overlay *overlay, struct rh_str key, struct rh_str *value,
                 bool *is_deleted);

/* Commits up to this one are in the snapshot: forget what they wrote. [any] */
void overlay_settle(struct overlay *overlay, uint64_t commit);

/* Commit `commit`, the last one, is not going to be submitted: forget what it wrote. Values that it
 * replaced are forgotten too, so undo only commits of new keys. [any] */
void overlay_undo(struct overlay *overlay, uint64_t commit);

#endif
