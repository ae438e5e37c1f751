/* A query string, "limit=10&after=%2Fx", into a struct by a field table. */
#ifndef RH_HOST_CORE_FIELD_QUERY_H
#define RH_HOST_CORE_FIELD_QUERY_H

#include <ringhost/errors.h>
#include <ringhost/fields.h>

#include "host/core/field_arena.h"
#include "host/core/field_words.h"

/* As field_decode, for what follows the '?' of a URL. Scalars are plain text (a U64 is digits); a
 * STRING_LIST is repeated or separated by commas (a comma inside an entry is written %2C); fields
 * of other types cannot be given.
 * "+" is a space; empty pieces between '&' are nothing; a scalar given twice is an error. flags:
 * FIELD_STRICT. [any] Returns RH_OK, RH_EINVAL, RH_ETOOLARGE or RH_ENOMEM. */
int32_t field_decode_query(const struct rh_fields *table, struct rh_str query, uint32_t flags,
                           void *out, struct field_arena *arena, struct field_error *error);

#endif
