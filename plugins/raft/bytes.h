/* Numbers and strings as bytes, little-endian, for records on disk and bodies on the wire; not
 * JSON. */
#ifndef RH_RAFT_BYTES_H
#define RH_RAFT_BYTES_H

#include <stdint.h>

#include <ringhost/sdk/buf.h>

/* Each appends; errors are sticky in buf. [any] */
void raft_bytes_put_u8(struct rh_buf *buf, uint8_t value);
void raft_bytes_put_u32(struct rh_buf *buf, uint32_t value);
void raft_bytes_put_u64(struct rh_buf *buf, uint64_t value);
/* u32 length, then the bytes; at most UINT32_MAX of them. */
void raft_bytes_put_str(struct rh_buf *buf, struct rh_str value);

/* Reads from the front of `rest`. rc is RH_OK, or RH_EINVAL once something was cut short; reads
 * then give 0 and "". */
struct raft_bytes_reader {
    struct rh_str rest;
    int32_t rc;
};

struct raft_bytes_reader raft_bytes_reader(struct rh_str bytes);
uint8_t raft_bytes_u8(struct raft_bytes_reader *reader);
uint32_t raft_bytes_u32(struct raft_bytes_reader *reader);
uint64_t raft_bytes_u64(struct raft_bytes_reader *reader);
/* Borrowed from what is read. */
struct rh_str raft_bytes_str(struct raft_bytes_reader *reader);
/* RH_OK when nothing failed and nothing is left, else RH_EINVAL. */
int32_t raft_bytes_end(const struct raft_bytes_reader *reader);

#endif
