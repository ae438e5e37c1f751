/* What the bridge keeps: cursors, events that wait, dead letters; as bytes. Pure. */
#ifndef RH_PLUGINS_EVENT_BRIDGE_RECORD_H
#define RH_PLUGINS_EVENT_BRIDGE_RECORD_H

#include <stdbool.h>

#include <ringhost/sdk/buf.h>

#define RECORD_BYTES_MAX (96u * 1024u) /* an event of 64 KiB with all that belongs to it */
#define RECORD_ERROR_MAX 512u          /* bytes of a reason */

/* How far a sink has come. */
struct cursor {
    uint64_t position;  /* all up to it are delivered, buried, or none of the sink's */
    uint64_t delivered; /* events, ever */
    uint64_t missed;    /* events that were gone before they could be looked at, ever */
    uint64_t buried;    /* dead letters, ever */
    uint64_t dead;      /* dead letters now */
};

/* An event as it is sent. Strings are borrowed. */
struct letter {
    struct rh_str id, type, source, node_id, payload;
    int64_t at_ms;     /* Unix ms */
    uint64_t position; /* cluster: in the store; node: in the outbox */
    bool is_cluster;
};

/* One that was given up. */
struct dead {
    struct letter letter;
    struct rh_str error; /* of the last try */
    int64_t attempts;
    int64_t dead_at_ms;
};

/* Append; errors stay in buf. */
void record_put_cursor(struct rh_buf *buf, const struct cursor *cursor);
void record_put_letter(struct rh_buf *buf, const struct letter *letter);
void record_put_dead(struct rh_buf *buf, const struct dead *dead);

/* Read; strings are borrowed from bytes. RH_OK or RH_EINVAL, *out is then undefined. */
int32_t record_get_cursor(struct rh_str bytes, struct cursor *out);
int32_t record_get_letter(struct rh_str bytes, struct letter *out);
int32_t record_get_dead(struct rh_str bytes, struct dead *out);

#endif
