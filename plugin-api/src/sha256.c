/* SHA-256 as FIPS 180-4, section 6.2, has it, one block after the other; HMAC as RFC 2104. */
#include <ringhost/sdk/sha256.h>

#include <string.h>

#include <ringhost/sdk/hex.h>

#define LENGTH_SIZE 8u /* the message length in bits at the end of the last block */
#define INNER_PAD   0x36u
#define OUTER_PAD   0x5cu

/* FIPS 180-4, section 4.2.2. */
static const uint32_t round_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotated(uint32_t x, uint32_t by)
{
    return (x >> by) | (x << (32u - by));
}

static uint32_t load(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3];
}

static void store(unsigned char *p, uint32_t x)
{
    p[0] = (unsigned char)(x >> 24);
    p[1] = (unsigned char)(x >> 16);
    p[2] = (unsigned char)(x >> 8);
    p[3] = (unsigned char)x;
}

/* Section 6.2.2, steps 1 to 4. */
static void take_block(uint32_t state[8], const unsigned char *block)
{
    uint32_t w[64];
    uint32_t s[8];

    for (uint32_t t = 0; t < 16; t++)
        w[t] = load(block + (size_t)t * 4);
    for (uint32_t t = 16; t < 64; t++) {
        uint32_t s0 = rotated(w[t - 15], 7) ^ rotated(w[t - 15], 18) ^ (w[t - 15] >> 3);
        uint32_t s1 = rotated(w[t - 2], 17) ^ rotated(w[t - 2], 19) ^ (w[t - 2] >> 10);

        w[t] = s1 + w[t - 7] + s0 + w[t - 16];
    }
    memcpy(s, state, sizeof s);
    for (uint32_t t = 0; t < 64; t++) {
        uint32_t sum1 = rotated(s[4], 6) ^ rotated(s[4], 11) ^ rotated(s[4], 25);
        uint32_t choice = (s[4] & s[5]) ^ (~s[4] & s[6]);
        uint32_t t1 = s[7] + sum1 + choice + round_constants[t] + w[t];
        uint32_t sum0 = rotated(s[0], 2) ^ rotated(s[0], 13) ^ rotated(s[0], 22);
        uint32_t t2 = sum0 + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));

        memmove(s + 1, s, 7 * sizeof s[0]);
        s[4] += t1;
        s[0] = t1 + t2;
    }
    for (uint32_t i = 0; i < 8; i++)
        state[i] += s[i];
}

void rh_sha256_init(struct rh_sha256 *hash)
{
    static const uint32_t first[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

    memcpy(hash->state, first, sizeof first);
    hash->size = 0;
}

void rh_sha256_update(struct rh_sha256 *hash, const void *bytes, size_t size)
{
    const unsigned char *p = bytes;
    size_t held = hash->size % RH_SHA256_BLOCK;

    hash->size += size;
    if (held > 0 && size > 0) {
        size_t n = RH_SHA256_BLOCK - held < size ? RH_SHA256_BLOCK - held : size;

        memcpy(hash->block + held, p, n);
        if (held + n < RH_SHA256_BLOCK)
            return;
        take_block(hash->state, hash->block);
        p += n;
        size -= n;
    }
    for (; size >= RH_SHA256_BLOCK; size -= RH_SHA256_BLOCK, p += RH_SHA256_BLOCK)
        take_block(hash->state, p);
    if (size > 0)
        memcpy(hash->block, p, size);
}

void rh_sha256_final(struct rh_sha256 *hash, unsigned char digest[RH_SHA256_SIZE])
{
    static const unsigned char pad[RH_SHA256_BLOCK] = {0x80};
    const uint64_t bits = hash->size * 8;
    size_t held = hash->size % RH_SHA256_BLOCK;
    size_t end = RH_SHA256_BLOCK - LENGTH_SIZE;
    unsigned char length[LENGTH_SIZE];

    store(length, (uint32_t)(bits >> 32));
    store(length + 4, (uint32_t)bits);
    rh_sha256_update(hash, pad, held < end ? end - held : RH_SHA256_BLOCK + end - held);
    rh_sha256_update(hash, length, sizeof length);
    for (uint32_t i = 0; i < 8; i++)
        store(digest + (size_t)i * 4, hash->state[i]);
    memset(hash, 0, sizeof *hash);
}

void rh_sha256_hex(char dst[RH_SHA256_HEX], const unsigned char digest[RH_SHA256_SIZE])
{
    (void)rh_hex_encode(dst, RH_SHA256_HEX, digest, RH_SHA256_SIZE); /* it fits */
}

int32_t rh_sha256_parse(struct rh_str digits, unsigned char digest[RH_SHA256_SIZE])
{
    size_t n;

    if (digits.n != 2u * RH_SHA256_SIZE)
        return RH_EINVAL;
    return rh_hex_decode(digest, RH_SHA256_SIZE, digits, &n);
}

void rh_hmac_sha256_init(struct rh_hmac_sha256 *hmac, struct rh_str key)
{
    unsigned char block[RH_SHA256_BLOCK] = {0};

    if (key.n > RH_SHA256_BLOCK) {
        rh_sha256_init(&hmac->inner);
        rh_sha256_update(&hmac->inner, key.p, key.n);
        rh_sha256_final(&hmac->inner, block);
    } else if (key.n > 0) {
        memcpy(block, key.p, key.n);
    }
    for (size_t i = 0; i < sizeof block; i++)
        block[i] ^= INNER_PAD;
    rh_sha256_init(&hmac->inner);
    rh_sha256_update(&hmac->inner, block, sizeof block);
    for (size_t i = 0; i < sizeof block; i++)
        block[i] ^= INNER_PAD ^ OUTER_PAD;
    rh_sha256_init(&hmac->outer);
    rh_sha256_update(&hmac->outer, block, sizeof block);
}

void rh_hmac_sha256_update(struct rh_hmac_sha256 *hmac, struct rh_str part)
{
    rh_sha256_update(&hmac->inner, part.p, part.n);
}

void rh_hmac_sha256_final(struct rh_hmac_sha256 *hmac, unsigned char code[RH_SHA256_SIZE])
{
    rh_sha256_final(&hmac->inner, code);
    rh_sha256_update(&hmac->outer, code, RH_SHA256_SIZE);
    rh_sha256_final(&hmac->outer, code);
}
