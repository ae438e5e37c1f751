/* Varints as in protocol buffers: seven bits a byte, least significant first, the top bit says
 * "more"; signed numbers in zigzag order, 0 -1 1 -2 2 ... */
#include <ringhost/sdk/record.h>

#include <assert.h>

#include <ringhost/sdk/str.h>

#define VARINT_BYTES_MAX 10u

void rh_record_put_u64(struct rh_buf *buf, uint64_t value)
{
    char bytes[VARINT_BYTES_MAX];
    size_t n = 0;

    while (value >= 0x80) {
        bytes[n++] = (char)(0x80 | (value & 0x7f));
        value >>= 7;
    }
    bytes[n++] = (char)value;
    (void)rh_buf_append(buf, bytes, n); /* the error stays in buf */
}

void rh_record_put(struct rh_buf *buf, int64_t value)
{
    assert(value >= 0);
    rh_record_put_u64(buf, (uint64_t)value);
}

void rh_record_put_i64(struct rh_buf *buf, int64_t value)
{
    rh_record_put_u64(buf, ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0));
}

void rh_record_put_str(struct rh_buf *buf, struct rh_str value)
{
    rh_record_put_u64(buf, value.n);
    (void)rh_buf_append_str(buf, value); /* the error stays in buf */
}

void rh_record_reader_init(struct rh_record_reader *reader, struct rh_str bytes)
{
    *reader = (struct rh_record_reader){.bytes = bytes};
}

uint64_t rh_record_get_u64(struct rh_record_reader *reader)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < VARINT_BYTES_MAX && !reader->rc; i++) {
        uint64_t byte;

        if (reader->offset >= reader->bytes.n)
            break;
        byte = (unsigned char)reader->bytes.p[reader->offset++];
        if (i == VARINT_BYTES_MAX - 1 && byte > 1)
            break;
        value |= (byte & 0x7f) << (7 * i);
        if (byte < 0x80)
            return value;
    }
    reader->rc = RH_EINVAL;
    return 0;
}

int64_t rh_record_get(struct rh_record_reader *reader, int64_t min, int64_t max)
{
    uint64_t value = rh_record_get_u64(reader);

    assert(min >= 0 && min <= max);
    if (reader->rc || value < (uint64_t)min || value > (uint64_t)max) {
        reader->rc = RH_EINVAL;
        return min;
    }
    return (int64_t)value;
}

int64_t rh_record_get_i64(struct rh_record_reader *reader)
{
    const uint64_t value = rh_record_get_u64(reader);
    const int64_t half = (int64_t)(value >> 1);

    return value & 1 ? -half - 1 : half;
}

struct rh_str rh_record_get_str(struct rh_record_reader *reader)
{
    uint64_t n = rh_record_get_u64(reader);
    struct rh_str out = {NULL, 0};

    if (reader->rc || n > reader->bytes.n - reader->offset) {
        reader->rc = RH_EINVAL;
        return out;
    }
    out = (struct rh_str){reader->bytes.p + reader->offset, (size_t)n};
    reader->offset += (size_t)n;
    return out;
}

void rh_record_get_text(struct rh_record_reader *reader, char *dst, size_t size)
{
    assert(size > 0);
    if (rh_str_copy(dst, size, rh_record_get_str(reader)) != RH_OK) {
        dst[0] = '\0';
        reader->rc = RH_EINVAL;
    }
}

int32_t rh_record_end(const struct rh_record_reader *reader)
{
    return reader->rc || reader->offset != reader->bytes.n ? RH_EINVAL : RH_OK;
}
