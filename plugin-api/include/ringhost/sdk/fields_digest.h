/* A digest of a decoded struct by its field table: of what was said, not of how. Not cryptographic.
 * [any] */
#ifndef RH_SDK_FIELDS_DIGEST_H
#define RH_SDK_FIELDS_DIGEST_H

#include <ringhost/fields.h>

/* A field that the table marks as given (given_offset) differs from one left out, also where the
 * value is the default. */
#define RH_DIGEST_GIVEN 1u

/* The digest depends on names and values alone: not on the order of the table, nor on fields that
 * have their default. So a table may be rearranged, and grow by fields with defaults, and a digest
 * that is stored stays right. Durations and sizes count in any case where their default is not 0.
 * flags: RH_DIGEST_... */
uint64_t rh_fields_digest(const struct rh_fields *table, const void *decoded, uint32_t flags);

#endif
