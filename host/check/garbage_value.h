/* JSON values for one field: the least valid one, a random one, one beyond its limits. Private to
 * garbage.c and garbage_value.c. */
#ifndef RH_HOST_CHECK_GARBAGE_VALUE_H
#define RH_HOST_CHECK_GARBAGE_VALUE_H

#include <ringhost/sdk/json_writer.h>

#include "host/check/garbage.h"

/* Each writes one JSON value. */
void garbage_value_minimal(struct rh_json_writer *w, const struct rh_field *field);
void garbage_value_random(struct rh_json_writer *w, const struct rh_field *field,
                          struct garbage *garbage);
/* Just outside the limits, above or below; something odd for types without limits. */
void garbage_value_beyond(struct rh_json_writer *w, const struct rh_field *field, bool is_above);

/* JSON that fits no type, or only by chance; NULL past the last one. */
const char *garbage_wrong(uint32_t index);

/* The object of a table with its required fields. */
void garbage_object_minimal(struct rh_json_writer *w, const struct rh_fields *table);
/* Some fields, most of them valid. */
void garbage_object_random(struct rh_json_writer *w, const struct rh_fields *table,
                           struct garbage *garbage);

#endif
