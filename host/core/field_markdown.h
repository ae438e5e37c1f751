/* Field tables as Markdown for docs/configuration.md and docs/routes.md. */
#ifndef RH_HOST_CORE_FIELD_MARKDOWN_H
#define RH_HOST_CORE_FIELD_MARKDOWN_H

#include <ringhost/fields.h>
#include <ringhost/sdk/buf.h>

/* Appends one table: a row for each field with name, type, default, what is allowed, and its doc.
 * Fields of sub-structs follow theirs with dotted names: "gpu.count", "items[].priority",
 * "hosts.<name>.cpus". Nothing for a table without fields. Errors stick to the buffer. table was
 * accepted by field_check. [any] */
void field_markdown_write(const struct rh_fields *table, struct rh_buf *out);

#endif
