/* What JSON, queries and configuration share about fields: reading tables, the rules of values,
 * defaults and the words of errors; it reads no JSON and no configuration.
 *
 * All functions take tables that field_check accepted and are [any]. */
#ifndef RH_HOST_CORE_FIELD_VALUE_H
#define RH_HOST_CORE_FIELD_VALUE_H

#include <ringhost/errors.h>
#include <ringhost/fields.h>
#include <stdbool.h>

#include "host/core/field_arena.h"

/* Limits of every table, which field_check enforces. */
#define FIELD_COUNT_MAX   256u   /* fields in one table */
#define FIELD_TOTAL_MAX   4096u  /* fields in a table and all below it */
#define FIELD_DEPTH_MAX   8u     /* tables inside tables */
#define FIELD_NAME_MAX    64u    /* bytes of a name */
#define FIELD_STRUCT_MAX  65536u /* bytes of a struct */
#define FIELD_CHOICES_MAX 64u    /* words in `allowed` */
#define FIELD_ENTRY_MAX   4096u  /* bytes of a string in a list, of a key and of a value in a map */
#define FIELD_INT_MAX     INT64_C(9007199254740991) /* an int is within +-(2^53-1) */

/* Field i of a table: the plugin's own row, or, when that is of an older and shorter shape, its
 * copy in *room with zeros for what it lacks. */
const struct rh_field *field_get(const struct rh_fields *table, uint32_t i, struct rh_field *room);

/* The table of an OBJECT, OBJECT_LIST or OBJECT_MAP. */
struct rh_fields field_sub(const struct rh_field *field);

/* The number of the field with that name, or table->count. Looks at `guess` first. */
uint32_t field_find(const struct rh_fields *table, struct rh_str name, uint32_t guess);

/* Whether values are plain text in a query and in configuration. */
bool field_is_scalar(uint32_t type);

/* Whether a value keeps the field's limits and choices. field_bytes_ok is for STRING and BYTES,
 * field_count_ok for lists and maps, field_word_ok for one string in a list. */
bool field_int_ok(const struct rh_field *field, int64_t value);
bool field_number_ok(const struct rh_field *field, double value);
bool field_bytes_ok(const struct rh_field *field, struct rh_str value);
bool field_count_ok(const struct rh_field *field, uint32_t count);
bool field_word_ok(const struct rh_field *field, struct rh_str value);

/* Sets the member of a scalar field from text; `base` is the struct. BYTES are decoded into the
 * arena, a STRING is borrowed: text must live as long as the struct. RH_EINVAL if it breaks the
 * field's rule (nothing is written), RH_ENOMEM or RH_ETOOLARGE from the arena. */
int32_t field_set_text(const struct rh_field *field, struct rh_str text, void *base,
                       struct field_arena *arena);

/* Marks the field as given, if the struct wants to know. */
void field_mark_given(const struct rh_field *field, void *base);

/* Puts the field's default into its member, which must be zero. Sub-structs get theirs. RH_OK or
 * from the arena. */
int32_t field_set_default(const struct rh_field *field, void *base, struct field_arena *arena);

/* Zeroes the struct and fills all defaults; required fields stay zero. RH_OK or from the arena. */
int32_t field_default(const struct rh_fields *table, void *out, struct field_arena *arena);

#endif
