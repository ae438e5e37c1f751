/* Bytes to lower-case hexadecimal digits and back. [any] */
#ifndef RH_SDK_HEX_H
#define RH_SDK_HEX_H

#include <ringhost/errors.h>
#include <ringhost/types.h>

/* Writes 2 * n digits and a NUL into dst[size]; RH_EINVAL if they do not fit, dst not written. */
int32_t rh_hex_encode(char *dst, size_t size, const void *bytes, size_t n);

/* Reads pairs of digits, either case, nothing else, into dst[size] and their number of bytes into
 * *n. RH_EINVAL for anything else, or if they do not fit; outputs are then not written. */
int32_t rh_hex_decode(void *dst, size_t size, struct rh_str digits, size_t *n);

/* A number as exactly 16 digits and a NUL; and back, exactly 16 digits or RH_EINVAL. */
void rh_hex_u64(char dst[17], uint64_t value);
int32_t rh_hex_parse_u64(struct rh_str digits, uint64_t *out);

#endif
