/* Varints as in protocol buffers: seven bits a byte, least significant first, the top bit says
 * "more". */
#include "codec.h"

#include <assert.h>

#define VARINT_BYTES_MAX 10u

void codec_put_u64(struct rh_buf *buf, uint64_t value)
{
    char bytes[VARINT_BYTES_MAX];
    size_t n = 0;

    while (value >= 0x80) {
        bytes[n++] = (char)(0x80 | (value & 0x7f));
        value >>= 7;
    }
    bytes[n++] = (char)value;
    rh_buf_append(buf, bytes, n);
}

void codec_put(struct rh_buf *buf, int64_t value)
{
    assert(value >= 0);
    codec_put_u64(buf, (uint64_t)value);
}

void codec_put_str(struct rh_buf *buf, struct rh_str value)
{
    codec_put_u64(buf, value.n);
    rh_buf_append_str(buf, value);
}

void codec_reader_init(struct codec_reader *reader, struct rh_str bytes)
{
    *reader = (struct codec_reader){.bytes = bytes};
}

uint64_t codec_get_u64(struct codec_reader *reader)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < VARINT_BYTES_MAX && !reader->rc; i++) {
        if (reader->offset >= reader->bytes.n)
            break;
        uint64_t byte = (unsigned char)reader->bytes.p[reader->offset++];
        if (i == VARINT_BYTES_MAX - 1 && byte > 1)
            break;
        value |= (byte & 0x7f) << (7 * i);
        if (byte < 0x80)
            return value;
    }
    reader->rc = RH_EINVAL;
    return 0;
}

int64_t codec_get(struct codec_reader *reader, int64_t max)
{
    uint64_t value = codec_get_u64(reader);

    if (value > (uint64_t)max) {
        reader->rc = RH_EINVAL;
        return 0;
    }
    return (int64_t)value;
}

struct rh_str codec_get_str(struct codec_reader *reader)
{
    uint64_t n = codec_get_u64(reader);
    struct rh_str out = {NULL, 0};

    if (reader->rc || n > reader->bytes.n - reader->offset) {
        reader->rc = RH_EINVAL;
        return out;
    }
    out = (struct rh_str){reader->bytes.p + reader->offset, (size_t)n};
    reader->offset += (size_t)n;
    return out;
}

int32_t codec_end(const struct codec_reader *reader)
{
    return reader->rc || reader->offset != reader->bytes.n ? RH_EINVAL : RH_OK;
}
