/* Field tables as Markdown for docs/configuration.md and docs/routes.md. */
#include "host/core/field_markdown.h"

#include <ringhost/sdk/str.h>
#include <stdio.h>

#include "host/core/field_words.h"

/* Longest dotted name: FIELD_DEPTH_MAX names with what goes between. */
#define PATH_SIZE (FIELD_DEPTH_MAX * (FIELD_NAME_MAX + 12u))

/* Results of appending are not looked at here: they stick to the buffer, as the header says. */

/* Text of a cell: a bar would end it. */
static void add_cell(struct rh_buf *out, const char *text)
{
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '|')
            (void)rh_buf_append_byte(out, '\\');
        (void)rh_buf_append_byte(out, *p);
    }
}

static const char *type_name(const struct rh_field *field)
{
    static const char *const names[] = {
        [RH_FIELD_STRING] = "string",
        [RH_FIELD_INT] = "integer",
        [RH_FIELD_U64] = "u64",
        [RH_FIELD_NUMBER] = "number",
        [RH_FIELD_BOOL] = "boolean",
        [RH_FIELD_DURATION] = "duration",
        [RH_FIELD_SIZE] = "size",
        [RH_FIELD_BYTES] = "base64",
        [RH_FIELD_STRING_LIST] = "list of strings",
        [RH_FIELD_MAP] = "map of strings",
        [RH_FIELD_LIST_MAP] = "map of lists",
        [RH_FIELD_OBJECT] = "object",
        [RH_FIELD_OBJECT_LIST] = "list of objects",
        [RH_FIELD_OBJECT_MAP] = "map of objects",
        [RH_FIELD_RAW] = "any",
        [RH_FIELD_RAW_OBJECT] = "any object",
    };

    if (field->flags & RH_SHORT_LIST)
        return "map of lists or objects";
    return field->type < sizeof(names) / sizeof(names[0]) && names[field->type] ? names[field->type]
                                                                                : "unknown";
}

static void add_default(struct rh_buf *out, const struct rh_field *field)
{
    if (field->flags & RH_REQUIRED) {
        (void)rh_buf_append_c(out, "required");
    } else if (field->flags & RH_SECRET) {
        (void)rh_buf_append_c(out, "(secret)");
    } else if (field->fallback && field->fallback[0] != '\0') {
        (void)rh_buf_append_byte(out, '`');
        add_cell(out, field->fallback);
        (void)rh_buf_append_byte(out, '`');
    }
}

static void add_row(struct rh_buf *out, const struct rh_field *field, const char *path,
                    uint32_t notation)
{
    char rule[FIELD_RULE_SIZE];

    field_rule(field, notation, rule);
    (void)rh_buf_printf(out, "| `%s` | %s | ", path, type_name(field));
    add_default(out, field);
    (void)rh_buf_append_c(out, " | ");
    add_cell(out, rule);
    (void)rh_buf_append_c(out, " | ");
    add_cell(out, field->doc);
    (void)rh_buf_append_c(out, " |\n");
}

static void add_rows(struct rh_buf *out, const struct rh_fields *table, const char *prefix,
                     uint32_t notation)
{
    for (uint32_t i = 0; i < table->count; i++) {
        struct rh_field room;
        const struct rh_field *field = field_get(table, i, &room);
        struct rh_fields sub = field_sub(field);
        char path[PATH_SIZE];
        char inner[PATH_SIZE];

        (void)snprintf(path, sizeof(path), "%s%s", prefix, field->name); /* PATH_SIZE is enough. */
        add_row(out, field, path, notation);
        if (!sub.fields)
            continue;
        (void)snprintf(inner, sizeof(inner), "%s%.*s%s.", prefix, (int)FIELD_NAME_MAX, field->name,
                       field->type == RH_FIELD_OBJECT_LIST  ? "[]"
                       : field->type == RH_FIELD_OBJECT_MAP ? ".<name>"
                                                            : "");
        add_rows(out, &sub, inner, notation);
    }
}

void field_markdown_write(const struct rh_fields *table, uint32_t notation, struct rh_buf *out)
{
    if (table->count == 0)
        return;
    (void)rh_buf_append_c(out, "| Name | Type | Default | Allowed | Meaning |\n"
                               "|---|---|---|---|---|\n");
    add_rows(out, table, "", notation);
}
