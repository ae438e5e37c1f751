/* Bytes to base64 and back (RFC 4648, section 4, with padding). [any] */
#ifndef RH_SDK_BASE64_H
#define RH_SDK_BASE64_H

#include <ringhost/errors.h>
#include <ringhost/types.h>

/* Room for n bytes in base64, with a NUL. */
#define RH_BASE64_SIZE(n) (((n) + 2u) / 3u * 4u + 1u)

/* Writes the text and a NUL into dst[size]; RH_EINVAL if they do not fit, dst not written. */
int32_t rh_base64_encode(char *dst, size_t size, const void *bytes, size_t n);

/* Reads text that is padded and has no other characters into dst[size], the number of bytes into
 * *n. RH_EINVAL for anything else, or if they do not fit; what is in dst then means nothing. */
int32_t rh_base64_decode(void *dst, size_t size, struct rh_str text, size_t *n);

#endif
