/* Field tables as JSON Schema (2020-12, as OpenAPI 3.1 uses it); it describes, it does not
 * validate. */
#ifndef RH_HOST_CORE_FIELD_SCHEMA_H
#define RH_HOST_CORE_FIELD_SCHEMA_H

#include <ringhost/fields.h>
#include <ringhost/sdk/json_writer.h>
#include <stdbool.h>

/* Writes the schema of the table's object: one value. strict: unknown fields are refused
 * (additionalProperties is false). Errors stick to the writer. table was accepted by field_check.
 * [any] */
void field_schema_write(const struct rh_fields *table, bool strict, struct rh_json_writer *w);

/* The same for the value of one field, as parameters of a query need it. */
void field_schema_write_value(const struct rh_field *field, bool strict, struct rh_json_writer *w);

#endif
