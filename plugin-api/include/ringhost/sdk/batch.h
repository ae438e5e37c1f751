/* Builds a batch for rh.state/1 piece by piece, keys and values copied. It commits only through
 * rh_batch_commit. [loop] */
#ifndef RH_SDK_BATCH_H
#define RH_SDK_BATCH_H

#include <stdbool.h>

#include <ringhost/sdk/plugin.h>

/* Caller's memory; private. Errors are sticky: commit returns the first. An all-zero one is not
 * begun. */
struct rh_batch_builder {
    struct rh_buf bytes; /* keys, values, event texts one after the other */
    struct rh_buf ops;   /* struct rh_op with offsets in place of pointers until commit */
    struct rh_buf events;
    uint32_t op_count;
    uint32_t event_count;
    int32_t rc;
    uint32_t flags;
    const char *name_space; /* NULL = not begun */
};

/* Empty batch for one namespace (borrowed name, a literal). */
void rh_batch_begin(struct rh_batch_builder *batch, const char *name_space);
/* The same unless it is begun already: for one that is filled piece by piece. */
void rh_batch_continue(struct rh_batch_builder *batch, const char *name_space);
bool rh_batch_is_begun(const struct rh_batch_builder *batch);
/* It is not begun afterwards. One that is not begun may be released, too. */
void rh_batch_release(struct rh_batch_builder *batch);
void rh_batch_put(struct rh_batch_builder *batch, struct rh_str key, struct rh_str value);
void rh_batch_delete(struct rh_batch_builder *batch, struct rh_str key);
/* from <= key < to; empty to = to the end. */
void rh_batch_delete_range(struct rh_batch_builder *batch, struct rh_str from, struct rh_str to);
/* The batch fails with RH_ECONFLICT unless key has this version (0 = absent). */
void rh_batch_check(struct rh_batch_builder *batch, struct rh_str key, uint64_t version);
/* A cluster event that is stored with the batch; payload is a JSON object. type is borrowed, a
 * literal. */
void rh_batch_event(struct rh_batch_builder *batch, const char *type, struct rh_str payload);
/* The same in another's name; source is borrowed until commit, NULL = the plugin's id. */
void rh_batch_event_from(struct rh_batch_builder *batch, const char *type, struct rh_str payload,
                         const char *source);
/* Replies need not wait for this batch. */
void rh_batch_lazy(struct rh_batch_builder *batch);
/* Submit a batch that is begun, and release it. cb as in rh.state/1, may be NULL. An empty batch
 * without cb is RH_OK and does nothing. */
int32_t rh_batch_commit(struct rh_batch_builder *batch, const struct rh_services *rh,
                        void (*cb)(void *self, void *user, int32_t rc, uint64_t revision),
                        void *user);

#endif
