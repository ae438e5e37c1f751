/* SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104): for names of content and signatures. [any] */
#ifndef RH_SDK_SHA256_H
#define RH_SDK_SHA256_H

#include <ringhost/errors.h>
#include <ringhost/types.h>

#define RH_SHA256_SIZE  32u                        /* bytes of a digest */
#define RH_SHA256_BLOCK 64u                        /* bytes of a block */
#define RH_SHA256_HEX   (2u * RH_SHA256_SIZE + 1u) /* room for its digits with a NUL */

/* A digest under way. Caller's memory; private. */
struct rh_sha256 {
    uint32_t state[8];
    uint64_t size; /* bytes fed */
    unsigned char block[RH_SHA256_BLOCK];
};

void rh_sha256_init(struct rh_sha256 *hash);
/* Feeds bytes; pieces give the digest of the whole. bytes may be NULL when size is 0. */
void rh_sha256_update(struct rh_sha256 *hash, const void *bytes, size_t size);
/* Writes the digest and wipes hash, which must be begun anew before it is used again. */
void rh_sha256_final(struct rh_sha256 *hash, unsigned char digest[RH_SHA256_SIZE]);

/* A digest as 64 lower-case digits and a NUL. */
void rh_sha256_hex(char dst[RH_SHA256_HEX], const unsigned char digest[RH_SHA256_SIZE]);
/* Exactly 64 digits of either case, or RH_EINVAL and digest is not written. */
int32_t rh_sha256_parse(struct rh_str digits, unsigned char digest[RH_SHA256_SIZE]);

/* A code over a message in pieces that only a holder of the key can make. Any size of key. */
struct rh_hmac_sha256 {
    struct rh_sha256 inner;
    struct rh_sha256 outer;
};

void rh_hmac_sha256_init(struct rh_hmac_sha256 *hmac, struct rh_str key);
void rh_hmac_sha256_update(struct rh_hmac_sha256 *hmac, struct rh_str part);
/* Writes the code and wipes hmac. */
void rh_hmac_sha256_final(struct rh_hmac_sha256 *hmac, unsigned char code[RH_SHA256_SIZE]);

#endif
