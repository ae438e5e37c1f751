/* Requests of a leader as bytes: appends, heartbeats, pieces of snapshots. Not votes and answers,
 * which are JSON. */
#ifndef RH_RAFT_CODEC_H
#define RH_RAFT_CODEC_H

#include <ringhost/sdk/buf.h>

#include "raft.h"

/* A body that raft_encode makes of a message within the limits below is not longer. Bytes. */
#define RAFT_BODY_MAX         (1024u * 1024u)
#define RAFT_BODY_DATA_MAX    (640u * 1024u) /* data of entries, or of a piece */
#define RAFT_BODY_ENTRIES_MAX 4096u

/* from: who sends. read: entries of an append, one after the other. chunk: bytes of a piece. Errors
 * are sticky in buf; what read says is returned. [any] */
int32_t raft_encode(struct rh_buf *buf, const struct raft_message *m, const char *from,
                    const struct raft *raft, struct rh_str chunk);

/* A decoded request; everything but `message` is its memory. */
struct raft_decoded {
    struct raft_message message; /* peer: who sent it */
    struct raft_members members;
    struct raft_entry *entries;
    uint32_t entry_cap;
};

/* Strings and data are borrowed from body; entries live until the next call or release. `out` is
 * zeroed at first and may be used again. RH_OK, RH_EINVAL (cut short, damaged, more than the
 * limits), RH_EUNSUPPORTED (of another version), RH_ENOMEM. [any] */
int32_t raft_decode(struct rh_str body, struct raft_decoded *out);
void raft_decoded_release(struct raft_decoded *decoded);

#endif
