/* Requests from pieces; see inbox.h. */
#include "inbox.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

void inbox_init(struct inbox *inbox, uint64_t seed)
{
    memset(inbox, 0, sizeof(*inbox));
    seen_init(&inbox->seen, seed);
}

void inbox_drop(struct inbox *inbox, struct inbox_request *request)
{
    if (request->next)
        request->next->link = request->link;
    *request->link = request->next;
    inbox->count--;
    inbox->bytes -= request->total;
    free(request->bytes);
    free(request->block);
    free(request);
}

void inbox_release(struct inbox *inbox)
{
    while (inbox->first)
        inbox_drop(inbox, inbox->first);
    seen_release(&inbox->seen);
}

static const char *keep(char **at, struct rh_str text)
{
    const char *kept = *at;

    if (text.n > 0)
        memcpy(*at, text.p, text.n);
    (*at)[text.n] = '\0';
    *at += text.n + 1;
    return kept;
}

/* Makes room for the request that this frame begins; it is counted, also without a body. */
static struct inbox_request *begin(struct inbox *inbox, struct rh_str hub,
                                   const struct frame *frame, uint32_t total, int64_t now_ms)
{
    struct inbox_request *r = calloc(1, sizeof(*r));
    char *at;

    if (!r)
        return NULL;
    r->block =
        malloc(hub.n + frame->node.n + frame->method.n + frame->path.n + frame->content_type.n + 5);
    r->bytes = malloc((size_t)total + 1);
    if (!r->block || !r->bytes) {
        free(r->block);
        free(r->bytes);
        free(r);
        return NULL;
    }
    at = r->block;
    r->hub = (struct rh_str){keep(&at, hub), hub.n};
    r->from = (struct rh_str){keep(&at, frame->node), frame->node.n};
    r->method = keep(&at, frame->method);
    r->path = keep(&at, frame->path);
    r->content_type = keep(&at, frame->content_type);
    r->id = frame->id;
    r->key = frame->key;
    r->fence = frame->fence;
    r->deadline_ms = now_ms + frame->timeout_ms;
    r->total = total;
    r->link = &inbox->first;
    r->next = inbox->first;
    if (r->next)
        r->next->link = &r->next;
    inbox->first = r;
    inbox->count++;
    inbox->bytes += total;
    return r;
}

static struct inbox_request *find(struct inbox *inbox, struct rh_str hub, uint64_t id)
{
    struct inbox_request *r = inbox->first;

    while (r && (r->is_given || r->id != id || !rh_str_eq(r->hub, hub)))
        r = r->next;
    return r;
}

static int32_t fill(struct inbox *inbox, struct inbox_request *r, const struct frame *frame,
                    struct inbox_request **out)
{
    if (frame->data.n > r->total - r->have)
        return RH_EPROTOCOL;
    if (frame->data.n > 0)
        memcpy(r->bytes + r->have, frame->data.p, frame->data.n);
    r->have += (uint32_t)frame->data.n;
    if (r->have < r->total)
        return INBOX_MORE;
    r->body = (struct rh_str){r->bytes, r->total};
    r->is_given = true;
    inbox->stats.taken++;
    *out = r;
    return INBOX_RUN;
}

/* The head of a request that is not to be run. */
static int32_t refuse(struct inbox *inbox, struct rh_str hub, const struct frame *frame,
                      int64_t now_ms, int32_t what, struct inbox_request **out)
{
    struct inbox_request *r = begin(inbox, hub, frame, 0, now_ms);

    if (!r)
        return RH_ENOMEM;
    if (what == INBOX_DUPLICATE)
        inbox->stats.duplicates++;
    else
        inbox->stats.refused++;
    r->is_given = true;
    *out = r;
    return what;
}

static int32_t take_head(struct inbox *inbox, struct rh_str hub, const struct frame *frame,
                         int64_t now_ms, struct inbox_request **out)
{
    struct inbox_request *r;
    int32_t rc;

    if (inbox->count >= INBOX_COUNT_MAX || inbox->bytes + frame->total > INBOX_BYTES_MAX)
        return refuse(inbox, hub, frame, now_ms, INBOX_NO_ROOM, out);
    rc = seen_add(&inbox->seen, frame->node, frame->key, now_ms);
    if (rc != RH_OK)
        return refuse(inbox, hub, frame, now_ms, rc == RH_EEXISTS ? INBOX_DUPLICATE : INBOX_NO_ROOM,
                      out);
    r = begin(inbox, hub, frame, frame->total, now_ms);
    return r ? fill(inbox, r, frame, out) : RH_ENOMEM;
}

int32_t inbox_take(struct inbox *inbox, struct rh_str hub, const struct frame *frame,
                   int64_t now_ms, struct inbox_request **out)
{
    struct inbox_request *r;

    if (frame->kind == FRAME_REQUEST)
        return take_head(inbox, hub, frame, now_ms, out);
    if (frame->kind != FRAME_DATA)
        return RH_EPROTOCOL;
    r = find(inbox, hub, frame->id);
    if (!r)
        return INBOX_MORE; /* of one that was refused or dropped */
    return frame->offset == r->have ? fill(inbox, r, frame, out) : RH_EPROTOCOL;
}

static void drop_unwhole(struct inbox *inbox, const struct rh_str *hub, int64_t now_ms)
{
    struct inbox_request *next;

    for (struct inbox_request *r = inbox->first; r; r = next) {
        next = r->next;
        if (r->is_given || (hub ? !rh_str_eq(r->hub, *hub) : r->deadline_ms > now_ms))
            continue;
        inbox->stats.expired++;
        inbox_drop(inbox, r);
    }
}

void inbox_forget_hub(struct inbox *inbox, struct rh_str hub)
{
    drop_unwhole(inbox, &hub, 0);
}

void inbox_tick(struct inbox *inbox, int64_t now_ms)
{
    drop_unwhole(inbox, NULL, now_ms);
}
