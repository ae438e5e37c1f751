/* Rows of a namespace whose keys are a kind (a letter), an id and perhaps a number: found, listed
 * and put into batches. For wiring. All [loop]. */
#ifndef RH_SDK_STORE_H
#define RH_SDK_STORE_H

#include <stdbool.h>

#include <ringhost/sdk/batch.h>
#include <ringhost/sdk/key.h>

/* The longest id that ids and prune handle, bytes with its NUL. */
#define RH_STORE_ID_SIZE 128u

/* A namespace of a plugin. Both are borrowed. */
struct rh_store {
    const struct rh_services *rh;
    const char *name_space;
};

/* --- keys --- */

/* The key of one row; append what else is in it (rh_key_u32). Errors stay in key->rc. [any] */
void rh_store_key(struct rh_key *key, char kind, struct rh_str id);
/* The range of all rows of a kind and an id. [any] */
void rh_store_range(struct rh_key *from, struct rh_key *to, char kind, struct rh_str id);
/* The id in a key of kind and id, or RH_EINVAL: it is no such key, or the id does not fit. [any] */
int32_t rh_store_key_id(struct rh_str key, char *id, size_t size);
/* The number in a key of kind, id and number, or the id and the number; RH_EINVAL as above. [any]
 */
int32_t rh_store_key_number(struct rh_str key, uint32_t *number);
int32_t rh_store_key_numbered(struct rh_str key, char *id, size_t size, uint32_t *number);

/* --- reading; what comes is borrowed as rh.state/1 says --- */

/* RH_OK also when there is no such row: out->found tells. A key that cannot be made is no row. */
int32_t rh_store_get(const struct rh_store *store, const struct rh_key *key, struct rh_value *out);
int32_t rh_store_get_id(const struct rh_store *store, char kind, struct rh_str id,
                        struct rh_value *out);

/* from <= key < to. flags: RH_SCAN_...; limit 0 = as many as one scan gives. RH_EINVAL for keys
 * that could not be made. */
int32_t rh_store_scan(const struct rh_store *store, const struct rh_key *from,
                      const struct rh_key *to, uint32_t flags, uint32_t limit,
                      struct rh_rows *rows);
const struct rh_row *rh_store_row(const struct rh_rows *rows, uint32_t index);

/* Ids of the rows of a kind, in their order and after `bound` ("" = from the first), or with
 * RH_SCAN_REVERSE backwards and before it ("" = from the last): into ids, `size` bytes apart, at
 * most `limit`. RH_EIO for a key that is none of this form. */
int32_t rh_store_ids(const struct rh_store *store, char kind, struct rh_str bound, uint32_t flags,
                     uint32_t limit, char *ids, size_t size, uint32_t *count);

/* Hands the rows of a kind and an id, which are numbered, to `take` in the order of their numbers,
 * page by page; it may not read the store, as that ends a page. What `take` or the store says;
 * RH_EINVAL for a key that has no number. */
int32_t rh_store_read_numbered(const struct rh_store *store, char kind, struct rh_str id,
                               int32_t (*take)(void *user, uint32_t number, struct rh_str data),
                               void *user);

/* Rows of a kind. */
int32_t rh_store_count(const struct rh_store *store, char kind, uint32_t *count);

/* --- batches; errors stick to the batch --- */

void rh_store_put(struct rh_batch_builder *batch, const struct rh_key *key, struct rh_str value);
/* The same with a buffer that may have failed. */
void rh_store_put_buf(struct rh_batch_builder *batch, const struct rh_key *key,
                      const struct rh_buf *value);
void rh_store_put_id(struct rh_batch_builder *batch, char kind, struct rh_str id,
                     struct rh_str value);
void rh_store_delete(struct rh_batch_builder *batch, const struct rh_key *key);
void rh_store_delete_id(struct rh_batch_builder *batch, char kind, struct rh_str id);
/* All rows of a kind and an id, whatever follows in their keys. */
void rh_store_delete_all(struct rh_batch_builder *batch, char kind, struct rh_str id);

/* --- keeping no more than so many --- */

struct rh_store_limit {
    char kind;     /* one row of it for each thing that is kept; the order of ids is that of age */
    uint32_t most; /* rows that one call may push out */
    int64_t keep_max;
    bool (*is_live)(void *self, struct rh_str id); /* such a one stays */
    /* Deletes all that belongs to it. */
    void (*forget)(void *self, struct rh_batch_builder *batch, struct rh_str id);
};

/* Makes room for one more: the oldest that are not live go, until there are fewer than keep_max,
 * and *kept falls by their number. What cannot be read stays. */
void rh_store_prune(const struct rh_store *store, const struct rh_store_limit *limit, void *self,
                    struct rh_batch_builder *batch, uint32_t *kept);

#endif
