/* The notations of single values - durations, sizes, booleans, base64 - from text; it knows no
 * fields. */
#ifndef RH_HOST_CORE_FIELD_TEXT_H
#define RH_HOST_CORE_FIELD_TEXT_H

#include <ringhost/errors.h>
#include <ringhost/types.h>

/* All are [any]; the whole text is the value, or RH_EINVAL, and *out is written only on success. */

/* "1500ms", "1.5s", "2m": a decimal number and one of ns us ms s m h, no blank, no sign, a whole
 * number of milliseconds. */
int32_t field_parse_duration(struct rh_str text, int64_t *ms);

/* "4096", "64KiB", "1.5MiB", "2GB": a decimal number and none or one of B KiB MiB GiB TiB KB MB GB
 * TB, no blank, no sign, a whole number of bytes. */
int32_t field_parse_size(struct rh_str text, int64_t *bytes);

/* "true", "1" or "false", "0". */
int32_t field_parse_bool(struct rh_str text, int32_t *out);

/* Most bytes that n characters of base64 can hold. */
size_t field_base64_room(size_t n);

/* RFC 4648, section 4: the standard alphabet, padded, with no line breaks and no stray bits. dst
 * has room for field_base64_room(text.n). */
int32_t field_parse_base64(struct rh_str text, unsigned char *dst, size_t *n);

#endif
