/* Building and reading keys whose memcmp order is the order of their components. */
#include <ringhost/sdk/key.h>

#include <assert.h>
#include <stdbool.h>
#include <string.h>

/* Second byte after 0x00: the end sorts before an escaped zero, so prefixes come first. */
#define MARK_END  0x01
#define MARK_ZERO 0xff

#define SIGN_BIT  (UINT64_C(1) << 63)

void rh_key_init(struct rh_key *key)
{
    key->n = 0;
    key->rc = RH_OK;
}

static int32_t append(struct rh_key *key, const uint8_t *bytes, size_t size)
{
    if (key->rc != RH_OK)
        return key->rc;
    if (size > RH_KEY_BYTES_MAX - key->n) {
        key->rc = RH_ETOOLARGE;
        return key->rc;
    }
    memcpy(key->p + key->n, bytes, size);
    key->n += size;
    return RH_OK;
}

static int32_t append_number(struct rh_key *key, uint64_t value, size_t size)
{
    uint8_t bytes[8];

    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(value >> (8 * (size - 1 - i)));
    return append(key, bytes, size);
}

int32_t rh_key_u8(struct rh_key *key, uint8_t value)
{
    return append_number(key, value, 1);
}

int32_t rh_key_u32(struct rh_key *key, uint32_t value)
{
    return append_number(key, value, 4);
}

int32_t rh_key_u64(struct rh_key *key, uint64_t value)
{
    return append_number(key, value, 8);
}

int32_t rh_key_i64(struct rh_key *key, int64_t value)
{
    return append_number(key, (uint64_t)value ^ SIGN_BIT, 8);
}

/* Escaped in place behind the key; returns the new size, or 0 if it does not fit. */
static size_t put_escaped(struct rh_key *key, struct rh_str value)
{
    size_t n = key->n;

    for (size_t i = 0; i < value.n; i++) {
        bool is_zero = value.p[i] == '\0';

        if (RH_KEY_BYTES_MAX - n < (is_zero ? 2u : 1u))
            return 0;
        key->p[n++] = (uint8_t)value.p[i];
        if (is_zero)
            key->p[n++] = MARK_ZERO;
    }
    if (RH_KEY_BYTES_MAX - n < 2)
        return 0;
    key->p[n++] = 0;
    key->p[n++] = MARK_END;
    return n;
}

int32_t rh_key_str(struct rh_key *key, struct rh_str value)
{
    size_t n;

    if (key->rc != RH_OK)
        return key->rc;
    n = put_escaped(key, value);
    if (n == 0)
        key->rc = RH_ETOOLARGE;
    else
        key->n = n;
    return key->rc;
}

struct rh_str rh_key_view(const struct rh_key *key)
{
    assert(key->rc == RH_OK);
    return (struct rh_str){(const char *)key->p, key->n};
}

int32_t rh_key_prefix_end(struct rh_key *key)
{
    size_t n = key->n;

    assert(key->rc == RH_OK);
    while (n > 0 && key->p[n - 1] == 0xff)
        n--;
    if (n == 0)
        return RH_ENOTFOUND;
    key->p[n - 1]++;
    key->n = n;
    return RH_OK;
}

void rh_key_reader_init(struct rh_key_reader *reader, struct rh_str bytes)
{
    *reader = (struct rh_key_reader){.bytes = bytes, .rc = RH_OK};
}

static int32_t fail(struct rh_key_reader *reader)
{
    reader->rc = RH_EINVAL;
    return reader->rc;
}

static uint8_t byte_at(const struct rh_key_reader *reader, size_t offset)
{
    return (uint8_t)reader->bytes.p[offset];
}

static int32_t read_number(struct rh_key_reader *reader, size_t size, uint64_t *out)
{
    uint64_t value = 0;

    if (reader->rc != RH_OK)
        return reader->rc;
    if (reader->bytes.n - reader->offset < size)
        return fail(reader);
    for (size_t i = 0; i < size; i++)
        value = (value << 8) | byte_at(reader, reader->offset + i);
    reader->offset += size;
    *out = value;
    return RH_OK;
}

int32_t rh_key_read_u8(struct rh_key_reader *reader, uint8_t *out)
{
    uint64_t value;
    int32_t rc = read_number(reader, 1, &value);

    if (rc == RH_OK)
        *out = (uint8_t)value;
    return rc;
}

int32_t rh_key_read_u32(struct rh_key_reader *reader, uint32_t *out)
{
    uint64_t value;
    int32_t rc = read_number(reader, 4, &value);

    if (rc == RH_OK)
        *out = (uint32_t)value;
    return rc;
}

int32_t rh_key_read_u64(struct rh_key_reader *reader, uint64_t *out)
{
    return read_number(reader, 8, out);
}

int32_t rh_key_read_i64(struct rh_key_reader *reader, int64_t *out)
{
    uint64_t value;
    int32_t rc = read_number(reader, 8, &value);

    if (rc == RH_OK)
        *out = (int64_t)(value ^ SIGN_BIT);
    return rc;
}

/* Finds the end of the string at the reader: *length decoded bytes in *size encoded ones. */
static bool measure_str(const struct rh_key_reader *reader, size_t *length, size_t *size,
                        bool *has_nul)
{
    size_t i = reader->offset;

    *length = 0;
    *has_nul = false;
    while (i < reader->bytes.n) {
        if (byte_at(reader, i++) != 0) {
            (*length)++;
            continue;
        }
        if (i == reader->bytes.n)
            return false;
        if (byte_at(reader, i) == MARK_END) {
            *size = i + 1 - reader->offset;
            return true;
        }
        if (byte_at(reader, i++) != MARK_ZERO)
            return false;
        (*length)++;
        *has_nul = true;
    }
    return false;
}

int32_t rh_key_read_str(struct rh_key_reader *reader, char *dst, size_t size, size_t *n)
{
    size_t length;
    size_t encoded_size;
    bool has_nul;
    size_t at;

    assert(size >= 1);
    if (reader->rc != RH_OK)
        return reader->rc;
    if (!measure_str(reader, &length, &encoded_size, &has_nul))
        return fail(reader);
    if (length >= size || (has_nul && !n))
        return fail(reader);
    at = reader->offset;
    for (size_t i = 0; i < length; i++) {
        dst[i] = (char)byte_at(reader, at);
        at += dst[i] == '\0' ? 2 : 1;
    }
    dst[length] = '\0';
    if (n)
        *n = length;
    reader->offset += encoded_size;
    return RH_OK;
}

int32_t rh_key_read_end(struct rh_key_reader *reader)
{
    if (reader->rc == RH_OK && reader->offset != reader->bytes.n)
        return fail(reader);
    return reader->rc;
}
