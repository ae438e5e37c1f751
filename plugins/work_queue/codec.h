/* Compact stored records: numbers as base-128 varints, strings with a length before them; no field
 * names. */
#ifndef RH_PLUGINS_WORK_QUEUE_CODEC_H
#define RH_PLUGINS_WORK_QUEUE_CODEC_H

#include <ringhost/sdk/buf.h>

/* Append one number or one string; errors stay in buf->rc. A negative number is a wrong program.
 * [any] */
void codec_put(struct rh_buf *buf, int64_t value);
void codec_put_u64(struct rh_buf *buf, uint64_t value);
void codec_put_str(struct rh_buf *buf, struct rh_str value);

/* Reads back in the order of writing. The first failure stays in rc; reads after it give 0 or "".
 */
struct codec_reader {
    struct rh_str bytes;
    size_t offset;
    int32_t rc;
};

void codec_reader_init(struct codec_reader *reader, struct rh_str bytes);

/* One number. codec_get is RH_EINVAL above max, so that the result fits the narrower field it goes
 * to. [any] */
uint64_t codec_get_u64(struct codec_reader *reader);
int64_t codec_get(struct codec_reader *reader, int64_t max);

/* One string, borrowed from the record. [any] */
struct rh_str codec_get_str(struct codec_reader *reader);

/* RH_OK if everything was read and nothing is left, else RH_EINVAL. [any] */
int32_t codec_end(const struct codec_reader *reader);

#endif
