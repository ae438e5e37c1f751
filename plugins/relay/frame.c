/* Frames as bytes; see frame.h. */
#include "frame.h"

#include <assert.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#define FRAME_TEXTS      4u
#define FRAME_LENGTH_N   4u
#define FRAME_TIMEOUT_AT 32u /* behind length, kind, id, key, total and offset */

static const size_t text_max[FRAME_TEXTS] = {FRAME_NODE_MAX, FRAME_METHOD_MAX, FRAME_TEXT_MAX,
                                             FRAME_TYPE_MAX};

static void put_number(char **at, uint64_t value, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i++)
        *(*at)++ = (char)(unsigned char)(value >> (8u * (bytes - 1 - i)));
}

static uint64_t take_number(const char **at, uint32_t bytes)
{
    uint64_t value = 0;

    for (uint32_t i = 0; i < bytes; i++)
        value = value << 8 | (unsigned char)*(*at)++;
    return value;
}

int32_t frame_put(struct rh_buf *out, const struct frame *frame)
{
    const struct rh_str texts[FRAME_TEXTS] = {frame->node, frame->method, frame->path,
                                              frame->content_type};
    size_t length = FRAME_HEAD_BYTES - FRAME_LENGTH_N + frame->data.n;
    char *begin;
    char *at;

    assert(frame->data.n <= FRAME_BODY_MAX);
    for (uint32_t i = 0; i < FRAME_TEXTS; i++) {
        assert(texts[i].n <= text_max[i]);
        length += 2 + texts[i].n;
    }
    begin = rh_buf_reserve(out, length + FRAME_LENGTH_N);
    if (!begin)
        return out->rc;
    at = begin;
    put_number(&at, length, 4);
    put_number(&at, frame->kind, 1);
    put_number(&at, 0, 3);
    put_number(&at, frame->id, 8);
    put_number(&at, frame->key, 8);
    put_number(&at, frame->total, 4);
    put_number(&at, frame->offset, 4);
    put_number(&at, frame->timeout_ms, 4);
    put_number(&at, frame->status, 4);
    put_number(&at, frame->retry_after_s, 4);
    put_number(&at, frame->fence, 8);
    assert(at - begin == FRAME_HEAD_BYTES);
    for (uint32_t i = 0; i < FRAME_TEXTS; i++) {
        put_number(&at, texts[i].n, 2);
        if (texts[i].n > 0)
            memcpy(at, texts[i].p, texts[i].n);
        at += texts[i].n;
    }
    if (frame->data.n > 0)
        memcpy(at, frame->data.p, frame->data.n);
    rh_buf_advance(out, length + FRAME_LENGTH_N);
    return out->rc;
}

void frame_set_timeout(char *bytes, uint32_t timeout_ms)
{
    char *at = bytes + FRAME_TIMEOUT_AT;

    put_number(&at, timeout_ms, 4);
}

/* One text from at, that ends before `end` and has no NUL inside. */
static bool take_text(const char **at, const char *end, size_t most, struct rh_str *out)
{
    size_t n;

    if (end - *at < 2)
        return false;
    n = take_number(at, 2);
    if (n > most || n > (size_t)(end - *at) || memchr(*at, '\0', n))
        return false;
    *out = (struct rh_str){*at, n};
    *at += n;
    return true;
}

static bool makes_sense(const struct frame *f)
{
    if (f->total > FRAME_BODY_MAX || f->data.n > FRAME_BODY_MAX)
        return false;
    if (f->kind == FRAME_BATCH)
        return f->data.n == 0;
    if (f->kind == FRAME_DATA)
        return f->data.n > 0 && f->offset <= FRAME_BODY_MAX;
    if (f->kind == FRAME_REQUEST)
        return f->data.n <= f->total && f->method.n > 0 && f->node.n > 0 && f->path.n > 0 &&
               f->path.p[0] == '/';
    return f->kind == FRAME_REPLY && f->data.n <= f->total && f->status >= 200 && f->status < 600;
}

int32_t frame_take(struct rh_str *bytes, struct frame *out)
{
    const char *at = bytes->p;
    const char *end;
    struct frame f;
    struct rh_str *const texts[FRAME_TEXTS] = {&f.node, &f.method, &f.path, &f.content_type};
    size_t length;

    if (bytes->n < FRAME_HEAD_BYTES)
        return RH_EPROTOCOL;
    length = take_number(&at, 4);
    if (length < FRAME_HEAD_BYTES - FRAME_LENGTH_N || length > bytes->n - FRAME_LENGTH_N)
        return RH_EPROTOCOL;
    end = at + length;
    f.kind = (uint32_t)take_number(&at, 1);
    if (take_number(&at, 3) != 0)
        return RH_EPROTOCOL;
    f.id = take_number(&at, 8);
    f.key = take_number(&at, 8);
    f.total = (uint32_t)take_number(&at, 4);
    f.offset = (uint32_t)take_number(&at, 4);
    f.timeout_ms = (uint32_t)take_number(&at, 4);
    f.status = (uint32_t)take_number(&at, 4);
    f.retry_after_s = (uint32_t)take_number(&at, 4);
    f.fence = take_number(&at, 8);
    for (uint32_t i = 0; i < FRAME_TEXTS; i++)
        if (!take_text(&at, end, text_max[i], texts[i]))
            return RH_EPROTOCOL;
    f.data = (struct rh_str){at, (size_t)(end - at)};
    if (!makes_sense(&f))
        return RH_EPROTOCOL;
    *bytes = (struct rh_str){end, bytes->n - FRAME_LENGTH_N - length};
    *out = f;
    return RH_OK;
}
