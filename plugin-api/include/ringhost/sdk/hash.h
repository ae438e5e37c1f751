/* 64-bit hashes, the same on every machine and in every version; none is cryptographic. [any] */
#ifndef RH_SDK_HASH_H
#define RH_SDK_HASH_H

#include <stddef.h>
#include <stdint.h>

/* Start value of rh_hash_fnv1a. */
#define RH_HASH_FNV1A_INIT UINT64_C(0xcbf29ce484222325)

/* FNV-1a, 64 bits (Fowler, Noll, Vo): feeds size bytes into a digest. Pieces may be fed one after
 * another; the result is that of the whole. For digests of state, not for tables that outsiders
 * fill. */
uint64_t rh_hash_fnv1a(uint64_t digest, const void *bytes, size_t size);

/* The same for a number, as 8 little-endian bytes. */
uint64_t rh_hash_fnv1a_u64(uint64_t digest, uint64_t value);

/* Spreads every bit of value over the whole result; one to one. Finalizer of splitmix64 (Steele,
 * Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014). */
uint64_t rh_hash_mix(uint64_t value);

/* SipHash-1-3 (Aumasson and Bernstein, 2012, with 1 and 3 rounds) under a 128-bit key: without the
 * key nobody can choose colliding input. */
uint64_t rh_hash_sip13(uint64_t key0, uint64_t key1, const void *bytes, size_t size);

#endif
