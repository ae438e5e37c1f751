/* What JSON, queries and configuration share about fields: reading tables, the rules of values and
 * defaults; the words of errors are in field_words. */
#include "host/core/field_value.h"

#include <assert.h>
#include <ringhost/sdk/str.h>
#include <string.h>

#include "host/core/field_text.h"

static const struct rh_field *row_at(const struct rh_fields *table, uint32_t i)
{
    return (const void *)((const char *)table->fields + (size_t)i * table->stride);
}

const struct rh_field *field_get(const struct rh_fields *table, uint32_t i, struct rh_field *room)
{
    const struct rh_field *row = row_at(table, i);

    assert(i < table->count);
    if (row->size >= sizeof(*room))
        return row;
    memset(room, 0, sizeof(*room));
    memcpy(room, row, row->size);
    return room;
}

struct rh_fields field_sub(const struct rh_field *field)
{
    return (struct rh_fields){field->fields, field->field_count, field->field_stride,
                              field->struct_size, 0};
}

static bool has_name(const struct rh_field *row, struct rh_str name)
{
    return strncmp(row->name, name.p, name.n) == 0 && row->name[name.n] == '\0';
}

uint32_t field_find(const struct rh_fields *table, struct rh_str name, uint32_t guess)
{
    if (name.n == 0 || name.n > FIELD_NAME_MAX)
        return table->count;
    if (guess < table->count && has_name(row_at(table, guess), name))
        return guess;
    for (uint32_t i = 0; i < table->count; i++) {
        const struct rh_field *row = row_at(table, i);

        if (row->name[0] == name.p[0] && has_name(row, name))
            return i;
    }
    return table->count;
}

bool field_is_scalar(uint32_t type)
{
    return type >= RH_FIELD_STRING && type <= RH_FIELD_BYTES;
}

bool field_int_ok(const struct rh_field *field, int64_t value)
{
    if (value < -FIELD_INT_MAX || value > FIELD_INT_MAX)
        return false;
    if (field->type != RH_FIELD_INT && value < 0)
        return false;
    return (field->min == 0 && field->max == 0) || (value >= field->min && value <= field->max);
}

bool field_number_ok(const struct rh_field *field, double value)
{
    bool is_free = !(field->number_min < 0 || field->number_min > 0) &&
                   !(field->number_max < 0 || field->number_max > 0);

    return is_free || (value >= field->number_min && value <= field->number_max);
}

bool field_count_ok(const struct rh_field *field, uint32_t count)
{
    return (field->min == 0 && field->max == 0) ||
           ((int64_t)count >= field->min && (int64_t)count <= field->max);
}

/* Whether word is one of the words of allowed, which is not NULL. */
static bool is_allowed(const char *allowed, struct rh_str word)
{
    const char *p = allowed;

    while (*p != '\0') {
        size_t n = strcspn(p, " ");

        if (n == word.n && memcmp(p, word.p, n) == 0)
            return true;
        p += n;
        p += *p == ' ';
    }
    return false;
}

bool field_bytes_ok(const struct rh_field *field, struct rh_str value)
{
    if ((field->min != 0 || field->max != 0) &&
        ((int64_t)value.n < field->min || (int64_t)value.n > field->max))
        return false;
    return field->type != RH_FIELD_STRING || !field->allowed || is_allowed(field->allowed, value);
}

bool field_word_ok(const struct rh_field *field, struct rh_str value)
{
    return value.n <= FIELD_ENTRY_MAX && (!field->allowed || is_allowed(field->allowed, value));
}

static int32_t set_bytes(const struct rh_field *field, struct rh_str text, void *member,
                         struct field_arena *arena)
{
    size_t room = field_base64_room(text.n);
    unsigned char *bytes;
    struct rh_str value;

    /* Padding is at most two bytes: what is longer than that cannot fit the limit. */
    if (field->max > 0 && room > (uint64_t)field->max + 2)
        return RH_EINVAL;
    bytes = (unsigned char *)field_arena_text(arena, room);
    if (!bytes)
        return arena->rc;
    value.p = (const char *)bytes;
    if (field_parse_base64(text, bytes, &value.n) != RH_OK || !field_bytes_ok(field, value))
        return RH_EINVAL;
    memcpy(member, &value, sizeof(value));
    return RH_OK;
}

static int32_t set_integer(const struct rh_field *field, struct rh_str text, void *member)
{
    int64_t value;
    int32_t rc;

    if (field->type == RH_FIELD_DURATION)
        rc = field_parse_duration(text, &value);
    else if (field->type == RH_FIELD_SIZE)
        rc = field_parse_size(text, &value);
    else
        rc = rh_parse_i64(text, &value);
    if (rc != RH_OK || !field_int_ok(field, value))
        return RH_EINVAL;
    memcpy(member, &value, sizeof(value));
    return RH_OK;
}

int32_t field_set_text(const struct rh_field *field, struct rh_str text, void *base,
                       struct field_arena *arena)
{
    void *member = (char *)base + field->offset;
    double number;

    assert(field_is_scalar(field->type));
    switch (field->type) {
    case RH_FIELD_STRING:
        if (!field_bytes_ok(field, text))
            return RH_EINVAL;
        memcpy(member, &text, sizeof(text));
        return RH_OK;
    case RH_FIELD_U64:
        return rh_parse_u64(text, member);
    case RH_FIELD_NUMBER:
        if (rh_parse_f64(text, &number) != RH_OK || !field_number_ok(field, number))
            return RH_EINVAL;
        memcpy(member, &number, sizeof(number));
        return RH_OK;
    case RH_FIELD_BOOL:
        return field_parse_bool(text, member);
    case RH_FIELD_BYTES:
        return set_bytes(field, text, member, arena);
    default:
        return set_integer(field, text, member);
    }
}

void field_mark_given(const struct rh_field *field, void *base)
{
    if (field->given_offset > 0)
        ((char *)base)[field->given_offset - 1] = 1;
}

/* The words of the default as a list. */
static int32_t default_list(const struct rh_field *field, struct rh_str_list *list,
                            struct field_arena *arena)
{
    const char *p = field->fallback;
    uint32_t count = 1;
    struct rh_str *items;

    if (*p == '\0')
        return RH_OK;
    for (const char *c = p; *c != '\0'; c++)
        count += *c == ' ';
    items = field_arena_alloc(arena, count * sizeof(*items));
    if (!items)
        return arena->rc;
    for (uint32_t i = 0; i < count; i++) {
        size_t n = strcspn(p, " ");

        items[i] = (struct rh_str){p, n};
        p += n + (p[n] == ' ');
    }
    *list = (struct rh_str_list){items, count, 0};
    return RH_OK;
}

static int32_t fill_defaults(const struct rh_fields *table, void *base, struct field_arena *arena)
{
    int32_t rc = RH_OK;

    for (uint32_t i = 0; i < table->count && rc == RH_OK; i++) {
        struct rh_field room;

        rc = field_set_default(field_get(table, i, &room), base, arena);
    }
    return rc;
}

int32_t field_set_default(const struct rh_field *field, void *base, struct field_arena *arena)
{
    char *member = (char *)base + field->offset;
    struct rh_fields sub;
    struct rh_str text;

    switch (field->type) {
    case RH_FIELD_OBJECT:
        sub = field_sub(field);
        return fill_defaults(&sub, member, arena);
    case RH_FIELD_RAW_OBJECT:
        text = rh_str_from(field->fallback ? field->fallback : "{}");
        memcpy(member, &text, sizeof(text));
        return RH_OK;
    case RH_FIELD_RAW:
        text = rh_str_from(field->fallback);
        memcpy(member, &text, sizeof(text));
        return RH_OK;
    case RH_FIELD_STRING_LIST:
        return field->fallback ? default_list(field, (void *)member, arena) : RH_OK;
    default:
        if (!field->fallback || !field_is_scalar(field->type))
            return RH_OK;
        return field_set_text(field, rh_str_from(field->fallback), base, arena);
    }
}

int32_t field_default(const struct rh_fields *table, void *out, struct field_arena *arena)
{
    memset(out, 0, table->struct_size);
    return fill_defaults(table, out, arena);
}
