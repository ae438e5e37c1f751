/* Replies in pieces; see backlog.h. */
#include "backlog.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

struct backlog_row {
    struct backlog_row *next;
    struct backlog_reply reply; /* its texts are below */
    uint32_t written, confirmed;
    bool is_begun, is_head_there;
    char bytes[];
};

static void drop(struct backlog *backlog, struct backlog_row **link, struct backlog_row *before)
{
    struct backlog_row *row = *link;

    *link = row->next;
    if (backlog->last == row)
        backlog->last = before;
    backlog->count--;
    backlog->bytes -= row->reply.body.n;
    free(row);
}

void backlog_clear(struct backlog *backlog)
{
    while (backlog->first)
        drop(backlog, &backlog->first, NULL);
    backlog->is_sending = false;
}

static struct rh_str keep(char **at, struct rh_str text)
{
    struct rh_str kept = {*at, text.n};

    if (text.n > 0)
        memcpy(*at, text.p, text.n);
    *at += text.n;
    return kept;
}

int32_t backlog_add(struct backlog *backlog, const struct backlog_reply *reply)
{
    struct backlog_row *row;
    char *at;

    assert(reply->body.n <= FRAME_BODY_MAX);
    if (backlog->count == BACKLOG_COUNT_MAX || backlog->bytes + reply->body.n > BACKLOG_BYTES_MAX)
        return RH_EFULL;
    row = calloc(1, sizeof(*row) + reply->node.n + reply->content_type.n + reply->body.n);
    if (!row)
        return RH_ENOMEM;
    at = row->bytes;
    row->reply = *reply;
    row->reply.node = keep(&at, reply->node);
    row->reply.content_type = keep(&at, reply->content_type);
    row->reply.body = keep(&at, reply->body);
    if (backlog->last)
        backlog->last->next = row;
    else
        backlog->first = row;
    backlog->last = row;
    backlog->count++;
    backlog->bytes += reply->body.n;
    return RH_OK;
}

static bool is_written(const struct backlog_row *row)
{
    return row->is_begun && row->written == row->reply.body.n;
}

static uint32_t put_piece(struct backlog_row *row, struct rh_buf *out)
{
    const uint32_t left = (uint32_t)row->reply.body.n - row->written;
    const uint32_t n = left < FRAME_DATA_MAX ? left : FRAME_DATA_MAX;
    struct frame frame = {.kind = FRAME_DATA,
                          .id = row->reply.id,
                          .offset = row->written,
                          .data = {row->reply.body.p + row->written, n}};

    if (!row->is_begun) {
        frame.kind = FRAME_REPLY;
        frame.total = (uint32_t)row->reply.body.n;
        frame.status = row->reply.status;
        frame.retry_after_s = row->reply.retry_after_s;
        frame.node = row->reply.node;
        frame.content_type = row->reply.content_type;
        row->is_begun = true;
    }
    (void)frame_put(out, &frame); /* out keeps the error */
    row->written += n;
    return n;
}

bool backlog_write(struct backlog *backlog, struct rh_buf *out)
{
    uint32_t bytes = 0;
    uint32_t pieces = 0;
    bool is_more = true;

    assert(!backlog->is_sending);
    while (is_more) {
        is_more = false;
        for (struct backlog_row *row = backlog->first; row; row = row->next) {
            if (is_written(row))
                continue;
            if (pieces == BACKLOG_PIECES_MAX || bytes + FRAME_DATA_MAX > BACKLOG_WINDOW_BYTES)
                break;
            bytes += put_piece(row, out);
            pieces++;
            is_more = true;
        }
    }
    backlog->is_sending = pieces > 0;
    return backlog->is_sending;
}

void backlog_confirm(struct backlog *backlog, bool is_there)
{
    struct backlog_row **link = &backlog->first;
    struct backlog_row *before = NULL;

    assert(backlog->is_sending);
    backlog->is_sending = false;
    while (*link) {
        struct backlog_row *row = *link;

        if (is_there) {
            row->confirmed = row->written;
            row->is_head_there = row->is_begun;
        } else {
            row->written = row->confirmed;
            row->is_begun = row->is_head_there;
        }
        if (is_there && is_written(row)) {
            drop(backlog, link, before);
            continue;
        }
        before = row;
        link = &row->next;
    }
}

void backlog_tick(struct backlog *backlog, int64_t now_ms)
{
    struct backlog_row **link = &backlog->first;
    struct backlog_row *before = NULL;

    if (backlog->is_sending)
        return;
    while (*link) {
        if ((*link)->reply.deadline_ms <= now_ms) {
            drop(backlog, link, before);
            continue;
        }
        before = *link;
        link = &(*link)->next;
    }
}
