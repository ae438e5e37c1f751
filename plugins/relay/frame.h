/* Pieces of requests and replies as they travel between nodes and hubs, as bytes. It keeps nothing
 * and judges no content. [any]
 *
 * A frame is, numbers in big-endian order: u32 length of what follows, u8 kind, 3 zero bytes, u64
 * id, u64 key, u32 total, u32 offset, u32 time, u32 status, u32 retry, u64 fence, then four texts
 * (u16 length, bytes), then data up to the end. */
#ifndef RH_RELAY_FRAME_H
#define RH_RELAY_FRAME_H

#include <stdint.h>

#include <ringhost/sdk/buf.h>

#define FRAME_DATA_MAX   (64u * 1024u)         /* in pieces of a body, bytes */
#define FRAME_BODY_MAX   (16u * 1024u * 1024u) /* of a request or a reply, bytes */
#define FRAME_TEXT_MAX   8192u                 /* the longest path with its query */
#define FRAME_NODE_MAX   64u                   /* a node id */
#define FRAME_METHOD_MAX 15u
#define FRAME_TYPE_MAX   127u /* a content type */
#define FRAME_HEAD_BYTES 52u
/* Room for the largest frame without data. */
#define FRAME_OVERHEAD_MAX \
    (FRAME_HEAD_BYTES + 8u + FRAME_NODE_MAX + FRAME_METHOD_MAX + FRAME_TEXT_MAX + FRAME_TYPE_MAX)

#define FRAME_REQUEST 1u /* begins a request; data is the begin of its body */
#define FRAME_REPLY   2u /* begins a reply */
#define FRAME_DATA    3u /* the body goes on at `offset` */
#define FRAME_BATCH   4u /* begins the answer to a poll: id is the number of the batch */

struct frame {
    uint32_t kind;
    uint64_t id;         /* of the message at its hub */
    uint64_t key;        /* REQUEST: the caller's own number for it */
    uint32_t total;      /* REQUEST, REPLY: bytes of the whole body */
    uint32_t offset;     /* DATA: where data belongs in it */
    uint32_t timeout_ms; /* REQUEST: what is left for it */
    uint32_t status;     /* REPLY */
    uint32_t retry_after_s;
    uint64_t fence;     /* REQUEST: the epoch of a leader's act, 0 = none */
    struct rh_str node; /* who asks, or answers; from caller to hub: who is asked */
    struct rh_str method;
    struct rh_str path; /* with query; REPLY: words */
    struct rh_str content_type;
    struct rh_str data;
};

/* Appends a frame; texts and numbers are within the limits above. Returns out->rc. */
int32_t frame_put(struct rh_buf *out, const struct frame *frame);
/* Writes another timeout into a whole frame of frame_put. */
void frame_set_timeout(char *bytes, uint32_t timeout_ms);
/* Takes the first frame of *bytes and steps over it; texts are borrowed from there. RH_OK, or
 * RH_EPROTOCOL: not a whole frame within the limits; *bytes and *out are then unchanged. */
int32_t frame_take(struct rh_str *bytes, struct frame *out);

#endif
