/* The words of errors about fields: rules, suggestions and paths; it checks nothing.
 *
 * All functions take tables that field_check accepted and are [any]. */
#ifndef RH_HOST_CORE_FIELD_WORDS_H
#define RH_HOST_CORE_FIELD_WORDS_H

#include <ringhost/fields.h>
#include <stdbool.h>

#include "host/core/field_value.h"

/* Room for any text of field_rule. */
#define FIELD_RULE_SIZE 224u

/* How a value was written, for the words of a rule. */
#define FIELD_IN_JSON 0u
#define FIELD_IN_TEXT 1u /* configuration, query */

/* What was wrong. field is the path, "items[3].payload" ("" for the whole); both are cut to fit. */
struct field_error {
    char field[128];
    char message[384];
};

/* Where a value stands, as a chain on the stack, innermost first; only read when there is an error.
 */
struct field_place {
    const struct field_place *up;
    struct rh_str name; /* of a field or a map's key; empty: an item of a list */
    uint32_t index;     /* of the item */
};

/* "an integer in [1, 64]", "one of \"quick\", \"standard\"": ends the sentence "x must be ...". */
void field_rule(const struct rh_field *field, uint32_t notation, char dst[FIELD_RULE_SIZE]);

/* The choice nearest to word, written to dst; false if none is near. */
bool field_suggest_choice(const struct rh_field *field, struct rh_str word,
                          char dst[FIELD_NAME_MAX + 1]);

/* The field name nearest to name, or NULL. */
const char *field_suggest_name(const struct rh_fields *table, struct rh_str name);

/* Writes the path of a place: "items[3].payload". */
void field_path(const struct field_place *place, char *dst, size_t size);

#endif
