/* Field tables as Markdown for docs/configuration.md and docs/routes.md. */
#ifndef RH_HOST_CORE_FIELD_MARKDOWN_H
#define RH_HOST_CORE_FIELD_MARKDOWN_H

#include <ringhost/fields.h>
#include <ringhost/sdk/buf.h>

/* Appends one table: a row for each field with name, type, default, what is allowed, and its doc.
 * Fields of sub-structs follow theirs with dotted names: "gpu.count", "items[].priority",
 * "hosts.<name>.cpus". Nothing for a table without fields. Errors stick to the buffer. table was
 * accepted by field_check. notation: FIELD_IN_JSON or FIELD_IN_TEXT, how the values are written.
 * [any] */
void field_markdown_write(const struct rh_fields *table, uint32_t notation, struct rh_buf *out);

#endif
