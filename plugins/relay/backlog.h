/* Replies of a node on their way to one hub, in pieces, at most 1 MiB of them unconfirmed. It sends
 * nothing. One thread at a time. [any] */
#ifndef RH_RELAY_BACKLOG_H
#define RH_RELAY_BACKLOG_H

#include <stdbool.h>
#include <stdint.h>

#include "frame.h"

#define BACKLOG_COUNT_MAX    512u
#define BACKLOG_BYTES_MAX    (64u * 1024u * 1024u)
#define BACKLOG_WINDOW_BYTES (1024u * 1024u)
#define BACKLOG_PIECES_MAX   64u
/* The largest message that backlog_write makes. */
#define BACKLOG_MESSAGE_MAX (BACKLOG_WINDOW_BYTES + BACKLOG_PIECES_MAX * FRAME_OVERHEAD_MAX)

/* A reply. Copied. */
struct backlog_reply {
    uint64_t id; /* of the request at the hub */
    uint32_t status, retry_after_s;
    struct rh_str node, content_type, body;
    int64_t deadline_ms;
};

struct backlog {
    struct backlog_row *first, *last;
    uint32_t count;
    uint64_t bytes;
    bool is_sending; /* a message of backlog_write has no outcome yet */
};

/* Zeroed it is empty. Frees all. */
void backlog_clear(struct backlog *backlog);
/* RH_OK; RH_EFULL: no room, the reply is lost; RH_ENOMEM. */
int32_t backlog_add(struct backlog *backlog, const struct backlog_reply *reply);
/* Appends the next pieces: one of each reply in turn. Whether there were any; then
 * backlog_confirm is to follow. Not while one is being sent. */
bool backlog_write(struct backlog *backlog, struct rh_buf *out);
/* The hub has what was written last, or it has to be written again. */
void backlog_confirm(struct backlog *backlog, bool is_there);
/* Drops replies that nobody waits for any more, unless a message is being sent. */
void backlog_tick(struct backlog *backlog, int64_t now_ms);

#endif
