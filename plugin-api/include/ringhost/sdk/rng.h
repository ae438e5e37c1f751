/* Seeded random numbers, the same on every machine; not for secrets.
 *
 * xoshiro256** 1.0 seeded by splitmix64: Blackman and Vigna, "Scrambled linear pseudorandom number
 * generators", ACM TOMS 47(4), 2021. All functions are [any], one thread at a time per generator.
 */
#ifndef RH_SDK_RNG_H
#define RH_SDK_RNG_H

#include <stddef.h>
#include <stdint.h>

struct rh_rng {
    uint64_t s[4];
};

/* Every seed is good, 0 too. */
void rh_rng_seed(struct rh_rng *rng, uint64_t seed);

/* 64 uniform bits. */
uint64_t rh_rng_u64(struct rh_rng *rng);

/* Uniform in [0, n), without bias; n >= 1. Lemire, "Fast random integer generation in an interval",
 * ACM TOMACS 29(1), 2019. */
uint64_t rh_rng_below(struct rh_rng *rng, uint64_t n);

/* Uniform multiple of 2^-53 in [0, 1). */
double rh_rng_double(struct rh_rng *rng);

/* Every order of count items of item_size bytes equally likely (Fisher-Yates; Knuth, TAOCP vol. 2,
 * algorithm 3.4.2P). */
void rh_rng_shuffle(struct rh_rng *rng, void *items, size_t count, size_t item_size);

#endif
