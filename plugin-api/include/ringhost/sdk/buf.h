/* A growable byte buffer with a limit and a sticky error; not a string library.
 *
 * The first failure is kept in rc and every later append does nothing, so callers check once at the
 * end. All functions are [any], one thread at a time per buffer. Memory belongs to the buffer until
 * release or take. */
#ifndef RH_SDK_BUF_H
#define RH_SDK_BUF_H

#include <ringhost/errors.h>
#include <ringhost/types.h>
#include <stdarg.h>

/* p[0..n) is the content. p is NULL until the first append; then p[n] is 0. Read only; change
 * through functions. rc is RH_OK, RH_ENOMEM (no memory) or RH_ETOOLARGE (more than max bytes asked
 * for). */
struct rh_buf {
    char *p;
    size_t n;
    size_t cap;
    size_t max;
    int32_t rc;
};

/* Empty, holding at most max bytes (max < SIZE_MAX / 2). Allocates nothing. */
void rh_buf_init(struct rh_buf *buf, size_t max);

/* Frees the memory and leaves an empty buffer with the same max, ready for use. */
void rh_buf_release(struct rh_buf *buf);

/* Forgets content and error, keeps the memory. */
void rh_buf_reset(struct rh_buf *buf);

/* Each appends all or nothing and returns buf->rc. A NULL pointer is fine when its size is 0. The
 * bytes must not lie inside buf. */
int32_t rh_buf_append(struct rh_buf *buf, const void *bytes, size_t size);
int32_t rh_buf_append_str(struct rh_buf *buf, struct rh_str s);
int32_t rh_buf_append_c(struct rh_buf *buf, const char *text);
int32_t rh_buf_append_byte(struct rh_buf *buf, char byte);

/* Appends formatted text. %f, %g and %e follow the locale: for numbers that programs read use
 * <ringhost/sdk/json_writer.h>. Returns buf->rc; a broken format is RH_EINVAL, sticky too. */
int32_t rh_buf_printf(struct rh_buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
int32_t rh_buf_vprintf(struct rh_buf *buf, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* Makes room for size more bytes and returns where they go, or NULL with rc set. The caller writes
 * at most size bytes there and then calls rh_buf_advance with how many. */
char *rh_buf_reserve(struct rh_buf *buf, size_t size);
void rh_buf_advance(struct rh_buf *buf, size_t size);

/* The content, borrowed until the next change. */
struct rh_str rh_buf_str(const struct rh_buf *buf);

/* Gives the content away as a NUL-terminated block, its size without the NUL in *size (size may be
 * NULL), and leaves buf empty. NULL, with rc set, if buf has failed or memory is out. The caller
 * passes it to free(). */
char *rh_buf_take(struct rh_buf *buf, size_t *size);

#endif
