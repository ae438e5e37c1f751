/* Compact stored records: numbers as base-128 varints, strings with a length before them; no field
 * names. For values; keys, whose order counts, are <ringhost/sdk/key.h>. */
#ifndef RH_SDK_RECORD_H
#define RH_SDK_RECORD_H

#include <ringhost/sdk/buf.h>

/* Each appends one number or one string; errors stay in buf->rc. rh_record_put takes a number that
 * is never negative (a negative one is a wrong program), rh_record_put_i64 any, small ones of
 * either sign in few bytes. What was put is read by the function of the same name. [any] */
void rh_record_put(struct rh_buf *buf, int64_t value);
void rh_record_put_u64(struct rh_buf *buf, uint64_t value);
void rh_record_put_i64(struct rh_buf *buf, int64_t value);
void rh_record_put_str(struct rh_buf *buf, struct rh_str value);

/* Reads back in the order of writing. The first failure stays in rc (RH_EINVAL); reads after it
 * give the least value or "". */
struct rh_record_reader {
    struct rh_str bytes;
    size_t offset;
    int32_t rc;
};

void rh_record_reader_init(struct rh_record_reader *reader, struct rh_str bytes);

/* One number. rh_record_get, of a number put by rh_record_put or rh_record_put_u64, fails outside
 * [min, max], 0 <= min <= max, and then gives min: so the result fits the narrower field it goes
 * to. [any] */
int64_t rh_record_get(struct rh_record_reader *reader, int64_t min, int64_t max);
uint64_t rh_record_get_u64(struct rh_record_reader *reader);
int64_t rh_record_get_i64(struct rh_record_reader *reader);

/* One string: borrowed from the record, or copied with a NUL behind it into size bytes (at least
 * 1), where one that is too long or holds a NUL fails. [any] */
struct rh_str rh_record_get_str(struct rh_record_reader *reader);
void rh_record_get_text(struct rh_record_reader *reader, char *dst, size_t size);

/* RH_OK if everything was read and nothing is left, else RH_EINVAL. [any] */
int32_t rh_record_end(const struct rh_record_reader *reader);

#endif
