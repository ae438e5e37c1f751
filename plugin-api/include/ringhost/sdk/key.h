/* Keys of the key-value store whose memcmp order is the order of their components; no storage.
 *
 * Numbers are big-endian. A string has each 0x00 byte written as 0x00 0xff and ends with 0x00 0x01,
 * so a shorter string comes before its extensions and any bytes may be in it. Compare only keys
 * made of the same sequence of component types. All functions are [any]. */
#ifndef RH_SDK_KEY_H
#define RH_SDK_KEY_H

#include <ringhost/errors.h>
#include <ringhost/types.h>

/* The longest key the store takes. */
#define RH_KEY_BYTES_MAX 512u

/* p[0..n) is the key. rc is RH_OK, or RH_ETOOLARGE once a component did not fit; later appends then
 * do nothing. */
struct rh_key {
    size_t n;
    int32_t rc;
    uint8_t p[RH_KEY_BYTES_MAX];
};

/* Empty key. */
void rh_key_init(struct rh_key *key);

/* Each appends one whole component or nothing, and returns key->rc. i64 orders negative before
 * positive. */
int32_t rh_key_u8(struct rh_key *key, uint8_t value);
int32_t rh_key_u32(struct rh_key *key, uint32_t value);
int32_t rh_key_u64(struct rh_key *key, uint64_t value);
int32_t rh_key_i64(struct rh_key *key, int64_t value);
int32_t rh_key_str(struct rh_key *key, struct rh_str value);

/* The key's bytes, borrowed until it changes. Asserts that key->rc is RH_OK: check it first. */
struct rh_str rh_key_view(const struct rh_key *key);

/* Turns a prefix into the smallest key after all keys that begin with it: the exclusive end of a
 * scan. RH_ENOTFOUND, key unchanged, if there is no such key (empty or all 0xff). Asserts that
 * key->rc is RH_OK. */
int32_t rh_key_prefix_end(struct rh_key *key);

/* Reads the components of a stored key in order. bytes are borrowed. The first failure is kept in
 * rc. */
struct rh_key_reader {
    struct rh_str bytes;
    size_t offset;
    int32_t rc;
};

void rh_key_reader_init(struct rh_key_reader *reader, struct rh_str bytes);

/* Each reads one component. RH_OK, or RH_EINVAL if the bytes do not hold one here, sticky; *out is
 * written only on success. */
int32_t rh_key_read_u8(struct rh_key_reader *reader, uint8_t *out);
int32_t rh_key_read_u32(struct rh_key_reader *reader, uint32_t *out);
int32_t rh_key_read_u64(struct rh_key_reader *reader, uint64_t *out);
int32_t rh_key_read_i64(struct rh_key_reader *reader, int64_t *out);

/* Decodes a string into dst[size], NUL-terminated, and its length into *n (n may be NULL, and the
 * string then must not hold a NUL byte). RH_EINVAL also if it does not fit; size >= 1. On failure
 * dst and *n are not written. */
int32_t rh_key_read_str(struct rh_key_reader *reader, char *dst, size_t size, size_t *n);

/* RH_OK if nothing failed and every byte was read, else the first error or RH_EINVAL. */
int32_t rh_key_read_end(struct rh_key_reader *reader);

#endif
