/* xoshiro256** with splitmix64 seeding, and what is drawn from it. */
#include <ringhost/sdk/rng.h>

#include <assert.h>
#include <ringhost/sdk/hash.h>

__extension__ typedef unsigned __int128 wide;

/* The step of splitmix64's counter: 2^64 divided by the golden ratio. */
#define GOLDEN_STEP UINT64_C(0x9e3779b97f4a7c15)

void rh_rng_seed(struct rh_rng *rng, uint64_t seed)
{
    for (size_t i = 0; i < 4; i++)
        rng->s[i] = rh_hash_mix(seed + (i + 1) * GOLDEN_STEP);
}

static uint64_t rotate_left(uint64_t value, unsigned bits)
{
    return (value << bits) | (value >> (64 - bits));
}

uint64_t rh_rng_u64(struct rh_rng *rng)
{
    uint64_t *s = rng->s;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t shifted = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate_left(s[3], 45);
    return result;
}

/* The high half of a 128-bit product is the number; a low half under 2^64 mod n is drawn again. */
uint64_t rh_rng_below(struct rh_rng *rng, uint64_t n)
{
    wide product;

    assert(n >= 1);
    product = (wide)rh_rng_u64(rng) * n;
    if ((uint64_t)product < n) {
        uint64_t refused = (0 - n) % n;

        while ((uint64_t)product < refused)
            product = (wide)rh_rng_u64(rng) * n;
    }
    return (uint64_t)(product >> 64);
}

double rh_rng_double(struct rh_rng *rng)
{
    return (double)(rh_rng_u64(rng) >> 11) * 0x1p-53;
}

static void swap_bytes(unsigned char *a, unsigned char *b, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char kept = a[i];

        a[i] = b[i];
        b[i] = kept;
    }
}

void rh_rng_shuffle(struct rh_rng *rng, void *items, size_t count, size_t item_size)
{
    unsigned char *p = items;

    for (size_t left = count; left > 1; left--) {
        size_t chosen = (size_t)rh_rng_below(rng, left);

        if (chosen != left - 1)
            swap_bytes(p + chosen * item_size, p + (left - 1) * item_size, item_size);
    }
}
