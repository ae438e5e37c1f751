/* Little-endian numbers and strings; see bytes.h. */
#include "bytes.h"

#include <assert.h>

static void put(struct rh_buf *buf, uint64_t value, size_t size)
{
    char out[8];

    assert(size <= sizeof(out));
    for (size_t i = 0; i < size; i++)
        out[i] = (char)(value >> (8 * i));
    (void)rh_buf_append(buf, out, size); /* sticky */
}

void raft_bytes_put_u8(struct rh_buf *buf, uint8_t value)
{
    put(buf, value, 1);
}

void raft_bytes_put_u32(struct rh_buf *buf, uint32_t value)
{
    put(buf, value, 4);
}

void raft_bytes_put_u64(struct rh_buf *buf, uint64_t value)
{
    put(buf, value, 8);
}

void raft_bytes_put_str(struct rh_buf *buf, struct rh_str value)
{
    assert(value.n <= UINT32_MAX);
    put(buf, value.n, 4);
    (void)rh_buf_append_str(buf, value); /* sticky */
}

struct raft_bytes_reader raft_bytes_reader(struct rh_str bytes)
{
    return (struct raft_bytes_reader){.rest = bytes, .rc = RH_OK};
}

static struct rh_str take(struct raft_bytes_reader *reader, size_t size)
{
    struct rh_str out = {NULL, 0};

    if (reader->rc != RH_OK || reader->rest.n < size) {
        reader->rc = RH_EINVAL;
        return out;
    }
    out = (struct rh_str){reader->rest.p, size};
    if (size > 0)
        reader->rest.p += size;
    reader->rest.n -= size;
    return out;
}

static uint64_t number(struct raft_bytes_reader *reader, size_t size)
{
    const struct rh_str bytes = take(reader, size);
    uint64_t value = 0;

    for (size_t i = 0; i < bytes.n; i++)
        value |= (uint64_t)(unsigned char)bytes.p[i] << (8 * i);
    return value;
}

uint8_t raft_bytes_u8(struct raft_bytes_reader *reader)
{
    return (uint8_t)number(reader, 1);
}

uint32_t raft_bytes_u32(struct raft_bytes_reader *reader)
{
    return (uint32_t)number(reader, 4);
}

uint64_t raft_bytes_u64(struct raft_bytes_reader *reader)
{
    return number(reader, 8);
}

struct rh_str raft_bytes_str(struct raft_bytes_reader *reader)
{
    const uint32_t size = raft_bytes_u32(reader);

    return take(reader, size);
}

int32_t raft_bytes_end(const struct raft_bytes_reader *reader)
{
    return reader->rc == RH_OK && reader->rest.n == 0 ? RH_OK : RH_EINVAL;
}
