/* A growable byte buffer with a limit and a sticky error. */
#include <ringhost/sdk/buf.h>

#include "alloc.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CAP_MIN 64u

void rh_buf_init(struct rh_buf *buf, size_t max)
{
    assert(max < SIZE_MAX / 2);
    *buf = (struct rh_buf){.max = max, .rc = RH_OK};
}

void rh_buf_release(struct rh_buf *buf)
{
    free(buf->p);
    rh_buf_init(buf, buf->max);
}

void rh_buf_reset(struct rh_buf *buf)
{
    buf->n = 0;
    buf->rc = RH_OK;
    if (buf->p)
        buf->p[0] = '\0';
}

/* Room for size more bytes and the NUL. cap counts the NUL. */
static int32_t grow(struct rh_buf *buf, size_t size)
{
    size_t needed = buf->n + size + 1;
    size_t cap = buf->cap < CAP_MIN ? CAP_MIN : buf->cap * 2;
    char *p;

    if (cap < needed)
        cap = needed;
    if (cap > buf->max + 1)
        cap = buf->max + 1;
    assert(cap >= needed);
    p = rh_mem_resize(buf->p, cap);
    if (!p)
        return RH_ENOMEM;
    buf->p = p;
    buf->cap = cap;
    return RH_OK;
}

char *rh_buf_reserve(struct rh_buf *buf, size_t size)
{
    assert(buf->n <= buf->max);
    if (buf->rc != RH_OK)
        return NULL;
    if (size > buf->max - buf->n)
        buf->rc = RH_ETOOLARGE;
    else if (buf->cap - buf->n < size + 1)
        buf->rc = grow(buf, size);
    if (buf->rc != RH_OK)
        return NULL;
    return buf->p + buf->n;
}

void rh_buf_advance(struct rh_buf *buf, size_t size)
{
    assert(buf->rc == RH_OK);
    assert(buf->n + size < buf->cap);
    buf->n += size;
    buf->p[buf->n] = '\0';
}

int32_t rh_buf_append(struct rh_buf *buf, const void *bytes, size_t size)
{
    char *p = rh_buf_reserve(buf, size);

    if (!p)
        return buf->rc;
    if (size)
        memcpy(p, bytes, size);
    rh_buf_advance(buf, size);
    return RH_OK;
}

int32_t rh_buf_append_str(struct rh_buf *buf, struct rh_str s)
{
    return rh_buf_append(buf, s.p, s.n);
}

int32_t rh_buf_append_c(struct rh_buf *buf, const char *text)
{
    return rh_buf_append(buf, text, text ? strlen(text) : 0);
}

int32_t rh_buf_append_byte(struct rh_buf *buf, char byte)
{
    return rh_buf_append(buf, &byte, 1);
}

int32_t rh_buf_vprintf(struct rh_buf *buf, const char *format, va_list args)
{
    va_list again;
    int length;
    char *p;

    if (buf->rc != RH_OK)
        return buf->rc;
    va_copy(again, args);
    length = vsnprintf(NULL, 0, format, args);
    if (length < 0) {
        buf->rc = RH_EINVAL;
        goto out;
    }
    p = rh_buf_reserve(buf, (size_t)length);
    if (!p)
        goto out;
    if (vsnprintf(p, (size_t)length + 1, format, again) != length) {
        p[0] = '\0';
        buf->rc = RH_EINVAL;
        goto out;
    }
    rh_buf_advance(buf, (size_t)length);
out:
    va_end(again);
    return buf->rc;
}

int32_t rh_buf_printf(struct rh_buf *buf, const char *format, ...)
{
    va_list args;
    int32_t rc;

    va_start(args, format);
    rc = rh_buf_vprintf(buf, format, args);
    va_end(args);
    return rc;
}

struct rh_str rh_buf_str(const struct rh_buf *buf)
{
    return (struct rh_str){buf->p, buf->n};
}

char *rh_buf_take(struct rh_buf *buf, size_t *size)
{
    char *p = rh_buf_reserve(buf, 0);

    if (!p)
        return NULL;
    p = buf->p;
    p[buf->n] = '\0';
    if (size)
        *size = buf->n;
    rh_buf_init(buf, buf->max);
    return p;
}
