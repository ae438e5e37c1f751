/* Field tables as JSON Schema (2020-12, as OpenAPI 3.1 uses it); it describes, it does not
 * validate. */
#include "host/core/field_schema.h"

#include <ringhost/sdk/str.h>
#include <string.h>

#include "host/core/field_text.h"
#include "host/core/field_value.h"

static void write_strings(struct rh_json_writer *w, const char *words)
{
    const char *p = words;

    rh_json_begin_array(w);
    while (*p != '\0') {
        size_t n = strcspn(p, " ");

        rh_json_string(w, (struct rh_str){p, n});
        p += n + (p[n] == ' ');
    }
    rh_json_end_array(w);
}

static void write_limits(const struct rh_field *field, const char *min_key, const char *max_key,
                         struct rh_json_writer *w)
{
    if (field->min == 0 && field->max == 0)
        return;
    if (field->min != 0 || field->type == RH_FIELD_INT)
        rh_json_kv_int(w, min_key, field->min);
    rh_json_kv_int(w, max_key, field->max);
}

static void write_string(const struct rh_field *field, struct rh_json_writer *w)
{
    rh_json_kv_strc(w, "type", "string");
    if (field->allowed) {
        rh_json_key(w, "enum");
        write_strings(w, field->allowed);
        return;
    }
    /* Lengths are characters in a schema and bytes here; a character has at least one byte. */
    if (field->min > 0)
        rh_json_kv_int(w, "minLength", 1);
    if (field->max > 0)
        rh_json_kv_int(w, "maxLength", field->max);
}

static void write_number(const struct rh_field *field, struct rh_json_writer *w)
{
    double max = field->number_max;
    double min = field->number_min;

    rh_json_kv_strc(w, "type", "number");
    if (min < 0 || min > 0 || max < 0 || max > 0) {
        rh_json_kv_double(w, "minimum", min);
        rh_json_kv_double(w, "maximum", max);
    }
}

static void write_size(struct rh_json_writer *w)
{
    rh_json_key(w, "type");
    write_strings(w, "string integer");
    rh_json_kv_strc(w, "pattern", "^[0-9]+(\\.[0-9]+)?([KMGT]?B|[KMGT]iB)?$");
    rh_json_kv_int(w, "minimum", 0);
}

static void write_string_array(const char *allowed, struct rh_json_writer *w)
{
    rh_json_kv_strc(w, "type", "array");
    rh_json_key(w, "items");
    rh_json_begin_object(w);
    rh_json_kv_strc(w, "type", "string");
    if (allowed) {
        rh_json_key(w, "enum");
        write_strings(w, allowed);
    }
    rh_json_end_object(w);
}

/* An object whose values all have the one schema that the caller writes next. */
static void begin_map(const struct rh_field *field, struct rh_json_writer *w)
{
    rh_json_kv_strc(w, "type", "object");
    write_limits(field, "minProperties", "maxProperties", w);
    rh_json_key(w, "additionalProperties");
}

static void write_table(const struct rh_fields *table, bool strict, struct rh_json_writer *w);

/* An object, or where it may be short a list in its place. */
static void write_entry(const struct rh_field *field, const struct rh_fields *sub, bool strict,
                        struct rh_json_writer *w)
{
    struct rh_field room;

    if (!(field->flags & RH_SHORT_LIST)) {
        field_schema_write(sub, strict, w);
        return;
    }
    rh_json_begin_object(w);
    rh_json_key(w, "oneOf");
    rh_json_begin_array(w);
    field_schema_write_value(field_get(sub, 0, &room), strict, w);
    field_schema_write(sub, strict, w);
    rh_json_end_array(w);
    rh_json_end_object(w);
}

static void write_compound(const struct rh_field *field, bool strict, struct rh_json_writer *w)
{
    struct rh_fields sub = field_sub(field);

    switch (field->type) {
    case RH_FIELD_STRING_LIST:
        write_string_array(field->allowed, w);
        write_limits(field, "minItems", "maxItems", w);
        break;
    case RH_FIELD_MAP:
        begin_map(field, w);
        rh_json_begin_object(w);
        rh_json_kv_strc(w, "type", "string");
        rh_json_end_object(w);
        break;
    case RH_FIELD_LIST_MAP:
        begin_map(field, w);
        rh_json_begin_object(w);
        write_string_array(NULL, w);
        rh_json_end_object(w);
        break;
    case RH_FIELD_OBJECT_LIST:
        rh_json_kv_strc(w, "type", "array");
        rh_json_key(w, "items");
        field_schema_write(&sub, strict, w);
        write_limits(field, "minItems", "maxItems", w);
        break;
    case RH_FIELD_OBJECT_MAP:
        begin_map(field, w);
        write_entry(field, &sub, strict, w);
        break;
    case RH_FIELD_OBJECT:
        write_table(&sub, strict, w);
        break;
    case RH_FIELD_RAW_OBJECT:
        rh_json_kv_strc(w, "type", "object");
        break;
    default: /* RAW: anything. */
        break;
    }
}

static void write_type(const struct rh_field *field, bool strict, struct rh_json_writer *w)
{
    switch (field->type) {
    case RH_FIELD_STRING:
        write_string(field, w);
        break;
    case RH_FIELD_INT:
        rh_json_kv_strc(w, "type", "integer");
        rh_json_kv_strc(w, "format", "int64");
        write_limits(field, "minimum", "maximum", w);
        break;
    case RH_FIELD_U64:
        rh_json_kv_strc(w, "type", "string");
        rh_json_kv_strc(w, "pattern", "^(0|[1-9][0-9]{0,19})$");
        break;
    case RH_FIELD_NUMBER:
        write_number(field, w);
        break;
    case RH_FIELD_BOOL:
        rh_json_kv_strc(w, "type", "boolean");
        break;
    case RH_FIELD_DURATION:
        rh_json_kv_strc(w, "type", "string");
        rh_json_kv_strc(w, "pattern", "^[0-9]+(\\.[0-9]+)?(ns|us|ms|s|m|h)$");
        break;
    case RH_FIELD_SIZE:
        write_size(w);
        break;
    case RH_FIELD_BYTES:
        rh_json_kv_strc(w, "type", "string");
        rh_json_kv_strc(w, "contentEncoding", "base64");
        if (field->max > 0)
            rh_json_kv_int(w, "maxLength", (field->max + 2) / 3 * 4);
        break;
    default:
        write_compound(field, strict, w);
        break;
    }
}

static void write_default(const struct rh_field *field, struct rh_json_writer *w)
{
    struct rh_str text = rh_str_from(field->fallback);
    int32_t is_true = 0;
    double number = 0;

    if (!field->fallback || (field->flags & RH_SECRET))
        return;
    rh_json_key(w, "default");
    switch (field->type) {
    case RH_FIELD_INT:
    case RH_FIELD_RAW:
    case RH_FIELD_RAW_OBJECT:
        rh_json_raw(w, text);
        break;
    case RH_FIELD_NUMBER:
        (void)rh_parse_f64(text, &number); /* field_check has seen that it is one. */
        rh_json_double(w, number);
        break;
    case RH_FIELD_BOOL:
        (void)field_parse_bool(text, &is_true); /* The same. */
        rh_json_bool(w, is_true != 0);
        break;
    case RH_FIELD_STRING_LIST:
        write_strings(w, field->fallback);
        break;
    default:
        rh_json_string(w, text);
        break;
    }
}

void field_schema_write_value(const struct rh_field *field, bool strict, struct rh_json_writer *w)
{
    rh_json_begin_object(w);
    rh_json_kv_strc(w, "description", field->doc);
    write_type(field, strict, w);
    write_default(field, w);
    if (field->flags & RH_SECRET)
        rh_json_kv_bool(w, "writeOnly", true);
    rh_json_end_object(w);
}

static void write_required(const struct rh_fields *table, struct rh_json_writer *w)
{
    bool is_first = true;

    for (uint32_t i = 0; i < table->count; i++) {
        struct rh_field room;
        const struct rh_field *field = field_get(table, i, &room);

        if (!(field->flags & RH_REQUIRED))
            continue;
        if (is_first) {
            rh_json_key(w, "required");
            rh_json_begin_array(w);
        }
        is_first = false;
        rh_json_string_c(w, field->name);
    }
    if (!is_first)
        rh_json_end_array(w);
}

/* The members of an object's schema, its braces written by the caller. */
static void write_table(const struct rh_fields *table, bool strict, struct rh_json_writer *w)
{
    rh_json_kv_strc(w, "type", "object");
    rh_json_key(w, "properties");
    rh_json_begin_object(w);
    for (uint32_t i = 0; i < table->count; i++) {
        struct rh_field room;
        const struct rh_field *field = field_get(table, i, &room);

        rh_json_key(w, field->name);
        field_schema_write_value(field, strict, w);
    }
    rh_json_end_object(w);
    write_required(table, w);
    if (strict)
        rh_json_kv_bool(w, "additionalProperties", false);
}

void field_schema_write(const struct rh_fields *table, bool strict, struct rh_json_writer *w)
{
    rh_json_begin_object(w);
    write_table(table, strict, w);
    rh_json_end_object(w);
}
