/* Whether a field table itself is sound, before anything is decoded by it; it looks at no data. */
#ifndef RH_HOST_CORE_FIELD_CHECK_H
#define RH_HOST_CORE_FIELD_CHECK_H

#include <ringhost/errors.h>
#include <ringhost/fields.h>

/* Checks a table that a plugin brought: sizes and strides, known types and flags, names well formed
 * and unique, members inside the struct, aligned and apart from each other, limits in order,
 * defaults that keep their own rules, nesting and counts within field_value.h. Pointers must point
 * to what they claim; that cannot be checked. Reads sub-tables at most FIELD_DEPTH_MAX deep, so a
 * table may not contain itself. [any] RH_OK; RH_EINVAL with "field \"gpu.count\": the default \"x\"
 * is not an integer" in why (cut to fit, may be NULL). */
int32_t field_check(const struct rh_fields *table, char *why, size_t why_size);

#endif
