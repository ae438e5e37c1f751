/* Stable 64-bit hashes. */
#include <ringhost/sdk/hash.h>

#define FNV_PRIME UINT64_C(0x100000001b3)

uint64_t rh_hash_fnv1a(uint64_t digest, const void *bytes, size_t size)
{
    const unsigned char *p = bytes;

    for (size_t i = 0; i < size; i++)
        digest = (digest ^ p[i]) * FNV_PRIME;
    return digest;
}

uint64_t rh_hash_fnv1a_u64(uint64_t digest, uint64_t value)
{
    for (unsigned i = 0; i < 8; i++)
        digest = (digest ^ ((value >> (8 * i)) & 0xff)) * FNV_PRIME;
    return digest;
}

uint64_t rh_hash_mix(uint64_t value)
{
    value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
    return value ^ (value >> 31);
}

static uint64_t rotate_left(uint64_t value, unsigned bits)
{
    return (value << bits) | (value >> (64 - bits));
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotate_left(v[1], 13) ^ v[0];
    v[3] = rotate_left(v[3], 16) ^ v[2];
    v[0] = rotate_left(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = rotate_left(v[1], 17) ^ v[2];
    v[3] = rotate_left(v[3], 21) ^ v[0];
    v[2] = rotate_left(v[2], 32);
}

static void sip_absorb(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    sip_round(v);
    v[0] ^= word;
}

/* Up to 8 bytes as a little-endian number. */
static uint64_t load(const unsigned char *p, size_t size)
{
    uint64_t word = 0;

    for (size_t i = 0; i < size; i++)
        word |= (uint64_t)p[i] << (8 * i);
    return word;
}

/* The start values spell "somepseudorandomlygeneratedbytes". */
uint64_t rh_hash_sip13(uint64_t key0, uint64_t key1, const void *bytes, size_t size)
{
    const unsigned char *p = bytes;
    uint64_t v[4] = {
        key0 ^ UINT64_C(0x736f6d6570736575),
        key1 ^ UINT64_C(0x646f72616e646f6d),
        key0 ^ UINT64_C(0x6c7967656e657261),
        key1 ^ UINT64_C(0x7465646279746573),
    };
    size_t tail = size % 8;
    size_t whole = size - tail;

    for (size_t at = 0; at < whole; at += 8)
        sip_absorb(v, load(p + at, 8));
    sip_absorb(v, ((uint64_t)size << 56) | (tail ? load(p + whole, tail) : 0));
    v[2] ^= 0xff;
    sip_round(v);
    sip_round(v);
    sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}
