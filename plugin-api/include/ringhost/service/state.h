/* rh.state/1: namespaced, ordered, durable key-value state; one truth on disk, read from a
 * snapshot, written in groups. */
#ifndef RH_SERVICE_STATE_H
#define RH_SERVICE_STATE_H

#include <stdint.h>

#include <ringhost/abi.h>

#define RH_STATE_ID                   "rh.state/1"

#define RH_KEY_MAX                    512u
#define RH_VALUE_MAX                  (1024u * 1024u)
#define RH_BATCH_OPS_MAX              4096u
#define RH_BATCH_BYTES_MAX            (1024u * 1024u) /* local namespaces */
#define RH_BATCH_REPLICATED_BYTES_MAX (256u * 1024u)  /* replicated ones, events included */
#define RH_SCAN_ROWS_MAX              1000u

#define RH_OP_PUT                     1u
#define RH_OP_DELETE                  2u
#define RH_OP_DELETE_RANGE \
    3u                 /* key <= k < value (the end key); empty end = to the end of the namespace */
#define RH_OP_CHECK 4u /* fails the batch unless the key's version is `version`; 0 = absent */

struct rh_op {
    uint32_t size;
    uint32_t op;
    struct rh_str key;
    struct rh_str value;
    uint64_t version; /* RH_OP_CHECK only */
};

/* A cluster event that is stored in the same transaction. */
struct rh_batch_event {
    uint32_t size;
    uint32_t reserved0;
    const char *type;
    struct rh_str payload; /* JSON object */
    const char *source;    /* NULL = plugin id */
};

/* Replies need not wait for it; its loss is harmless. It may wait some milliseconds for a commit to
 * be flushed with. */
#define RH_BATCH_LAZY 1u

/* Operations on one namespace that happen together or not at all. Copied by commit. */
struct rh_batch {
    uint32_t size;
    uint32_t flags;
    const char *name_space;
    const struct rh_op *ops;
    const struct rh_batch_event *events;
    uint32_t op_count, op_stride;
    uint32_t event_count, event_stride;
};

struct rh_value {
    uint32_t size;
    uint32_t found;
    struct rh_str data;
    uint64_t version; /* namespace revision of the last write; 0 = absent */
};

struct rh_row {
    struct rh_str key;
    struct rh_str data;
    uint64_t version;
};

#define RH_SCAN_REVERSE 1u

/* from <= key < to (forward), or the same range read from its end (reverse). Empty `to` = no upper
 * bound. To go on, forward: from = last key + one NUL byte; reverse: to = last key. */
struct rh_scan {
    uint32_t size;
    uint32_t flags;
    const char *name_space;
    struct rh_str from;
    struct rh_str to;
    uint32_t limit; /* rows, 1..RH_SCAN_ROWS_MAX; 0 = RH_SCAN_ROWS_MAX */
    uint32_t reserved0;
};

struct rh_rows {
    uint32_t size;
    uint32_t count;
    const struct rh_row *rows;
    uint32_t row_stride;
    uint32_t more; /* 1: the limit (or 4 MiB of rows) was reached before the range ended */
};

struct rh_usage {
    uint32_t size;
    uint32_t reserved0;
    uint64_t revision; /* of the snapshot */
    uint64_t keys;
    uint64_t bytes;
};

struct rh_state_v1 {
    uint32_t size;
    uint32_t reserved0;
    /* Read one key from the snapshot. The data is borrowed until the next get or scan of this
     * plugin or the end of the callback. RH_OK (found or not), RH_EINVAL (not our namespace),
     * RH_ELOADING (not active), RH_EELSEWHERE (this node is no member of the replicated state),
     * RH_EIO. [loop] */
    int32_t (*get)(struct rh_ctx *ctx, const char *name_space, struct rh_str key,
                   struct rh_value *out);
    /* Read a range; rows borrowed as in get. [loop] */
    int32_t (*scan)(struct rh_ctx *ctx, const struct rh_scan *scan, struct rh_rows *out);
    /* Apply a batch. cb (may be NULL) runs exactly once, after the snapshot has advanced past it,
     * in order of submission per namespace: RH_OK and the namespace revision; RH_ECONFLICT,
     * RH_EFULL, RH_ENOTLEADER: not applied; RH_EUNKNOWN: may apply; RH_EIO, RH_ENOSPACE: writes
     * have stopped. Any failure but RH_ECONFLICT fails what was submitted after it, and the plugin
     * is deactivated and activated. [loop] Returns RH_OK, or RH_EINVAL / RH_ETOOLARGE / RH_ELOADING
     * / RH_EIO, and then cb is not called. */
    int32_t (*commit)(struct rh_ctx *ctx, const struct rh_batch *batch,
                      void (*cb)(void *self, void *user, int32_t rc, uint64_t revision),
                      void *user);
    /* cb runs once a read from the snapshot is known to see everything acknowledged anywhere before
     * this call; RH_ENOTLEADER when this node turned out not to lead, RH_ECANCELLED when its
     * activation ended. Returns RH_OK, RH_EINVAL, RH_ECANCELLED
     * or RH_EAGAIN over the quota of 256. [loop] */
    int32_t (*barrier)(struct rh_ctx *ctx, void (*cb)(void *self, void *user, int32_t rc),
                       void *user);
    int32_t (*usage)(struct rh_ctx *ctx, const char *name_space, struct rh_usage *out);
    /* The schema that has to be written in this activation: schema_write, or an older one, down to
     * schema_write_min, while not every voter can read that. It changes only between activations.
     * Absent where `size` ends before it. RH_OK, and as get. [loop] */
    int32_t (*schema)(struct rh_ctx *ctx, const char *name_space, uint32_t *out);
};

#endif
