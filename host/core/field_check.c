/* Whether a field table itself is sound, before anything is decoded by it; it looks at no data. */
#include "host/core/field_check.h"

#include <math.h>
#include <ringhost/sdk/str.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "host/core/field_arena.h"
#include "host/core/field_words.h"
#include "host/core/json_scan.h"

#define DOC_MAX      512u
#define FLAGS_KNOWN  (RH_REQUIRED | RH_SECRET | RH_SHORT_LIST)
#define FALLBACK_MAX 4096u

/* Every row has had at least these members. */
#define ROW_SIZE_MIN ((uint32_t)(offsetof(struct rh_field, given_offset) + sizeof(uint32_t)))

struct checker {
    char *why;
    size_t why_size;
    uint32_t total; /* fields seen so far, at all levels */
};

static bool refuse(struct checker *c, const struct field_place *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Always false. */
static bool refuse(struct checker *c, const struct field_place *place, const char *format, ...)
{
    char path[128];
    char what[384];
    va_list args;

    if (!c->why)
        return false;
    va_start(args, format);
    (void)vsnprintf(what, sizeof(what), format, args); /* Cut where it does not fit. */
    va_end(args);
    field_path(place, path, sizeof(path));
    if (path[0] != '\0')
        (void)snprintf(c->why, c->why_size, "field \"%s\": %s", path, what);
    else
        (void)snprintf(c->why, c->why_size, "field table: %s", what);
    return false;
}

static uint32_t type_size(const struct rh_field *field)
{
    switch (field->type) {
    case RH_FIELD_INT:
    case RH_FIELD_U64:
    case RH_FIELD_NUMBER:
    case RH_FIELD_DURATION:
    case RH_FIELD_SIZE:
        return 8;
    case RH_FIELD_BOOL:
        return 4;
    case RH_FIELD_OBJECT:
        return field->struct_size;
    default:
        return 16;
    }
}

_Static_assert(sizeof(struct rh_str) == 16, "type_size knows it");
_Static_assert(sizeof(struct rh_str_list) == 16, "type_size knows it");
_Static_assert(sizeof(struct rh_list) == 16, "type_size knows it");

static bool is_name(const char *name)
{
    size_t n = 0;

    for (; name[n] != '\0' && n <= FIELD_NAME_MAX; n++) {
        char c = name[n];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';

        if (!is_letter && (n == 0 || !((c >= '0' && c <= '9') || c == '-')))
            return false;
    }
    return n > 0 && n <= FIELD_NAME_MAX;
}

static bool check_doc(struct checker *c, const struct rh_field *field,
                      const struct field_place *place)
{
    struct rh_str doc = rh_str_from(field->doc);

    if (doc.n == 0 || doc.n > DOC_MAX || !json_utf8_valid(doc) || memchr(doc.p, '\n', doc.n))
        return refuse(c, place, "doc must be one line of at most %u bytes", DOC_MAX);
    return true;
}

/* Words with one space between, each short enough to be suggested. */
static bool check_allowed(struct checker *c, const struct rh_field *field,
                          const struct field_place *place)
{
    const char *p = field->allowed;
    uint32_t count = 0;

    if (!p)
        return true;
    if (field->type != RH_FIELD_STRING && field->type != RH_FIELD_STRING_LIST)
        return refuse(c, place, "only strings and lists of strings have allowed values");
    for (;;) {
        size_t n = strcspn(p, " ");

        count++;
        if (n == 0 || n > FIELD_NAME_MAX || count > FIELD_CHOICES_MAX ||
            !json_utf8_valid((struct rh_str){p, n}))
            return refuse(c, place,
                          "allowed must be at most %u words of at most %u bytes, one space between",
                          FIELD_CHOICES_MAX, FIELD_NAME_MAX);
        if (p[n] == '\0')
            return true;
        p += n + 1;
    }
}

static bool check_limits(struct checker *c, const struct rh_field *field,
                         const struct field_place *place)
{
    bool is_count = field->type != RH_FIELD_INT;

    if (field->min > field->max)
        return refuse(c, place, "min is above max");
    if (field->min < -FIELD_INT_MAX || field->max > FIELD_INT_MAX)
        return refuse(c, place, "min and max must be within 53 bits");
    if (is_count && field->min < 0)
        return refuse(c, place, "min must not be negative for this type");
    if (!isfinite(field->number_min) || !isfinite(field->number_max) ||
        field->number_min > field->number_max)
        return refuse(c, place, "number_min and number_max must be finite and in order");
    return true;
}

static bool check_list_default(struct checker *c, const struct rh_field *field,
                               const struct field_place *place)
{
    const char *p = field->fallback;
    uint32_t count = 0;

    while (*p != '\0') {
        size_t n = strcspn(p, " ");

        count++;
        if (n == 0 || !field_word_ok(field, (struct rh_str){p, n}))
            return refuse(c, place, "the default \"%s\" holds a word that is not allowed",
                          field->fallback);
        p += n;
        if (*p == ' ' && *++p == '\0')
            return refuse(c, place, "the default \"%s\" ends in a space", field->fallback);
    }
    return field_count_ok(field, count) ||
           refuse(c, place, "the default has %u entries, out of its own limits", count);
}

static bool check_scalar_default(struct checker *c, const struct rh_field *field,
                                 const struct field_place *place)
{
    struct rh_field probe = *field;
    struct field_arena arena;
    char rule[FIELD_RULE_SIZE];
    _Alignas(16) char value[16] = {0};
    int32_t rc;

    probe.offset = 0;
    field_arena_init(&arena, FALLBACK_MAX * 2);
    rc = field_set_text(&probe, rh_str_from(field->fallback), value, &arena);
    field_arena_release(&arena);
    if (rc == RH_OK)
        return true;
    field_rule(field, FIELD_IN_TEXT, rule);
    return refuse(c, place, "the default \"%s\" is not %s", field->fallback, rule);
}

static bool check_default(struct checker *c, const struct rh_field *field,
                          const struct field_place *place)
{
    struct rh_str text = rh_str_from(field->fallback);
    char why[128];

    if (!field->fallback)
        return true;
    if (field->flags & RH_REQUIRED)
        return refuse(c, place, "a required field has no default");
    if (text.n > FALLBACK_MAX || !json_utf8_valid(text))
        return refuse(c, place, "a default must be UTF-8 of at most %u bytes", FALLBACK_MAX);
    if (field_is_scalar(field->type))
        return check_scalar_default(c, field, place);
    if (field->type == RH_FIELD_STRING_LIST)
        return check_list_default(c, field, place);
    if (field->type != RH_FIELD_RAW && field->type != RH_FIELD_RAW_OBJECT)
        return refuse(c, place, "this type takes no default");
    if (json_check(text, why, sizeof(why)) != RH_OK)
        return refuse(c, place, "the default is not JSON %s", why);
    if (field->type == RH_FIELD_RAW_OBJECT && text.p[0] != '{')
        return refuse(c, place, "the default must be an object");
    return true;
}

static bool check_table(struct checker *c, const struct rh_fields *table, uint32_t used_to,
                        const struct field_place *up, uint32_t depth);

/* What the C type at offset needs; of a sub-struct, what its described members need, at most 8. */
static uint32_t alignment_of(const struct rh_field *field)
{
    struct rh_fields sub = field_sub(field);
    uint32_t most = field->type == RH_FIELD_OBJECT_MAP ? 8 : 4;

    if (!sub.fields)
        return field->type == RH_FIELD_BOOL ? 4 : 8;
    for (uint32_t i = 0; i < sub.count && most < 8; i++) {
        struct rh_field room;
        const struct rh_field *inner = field_get(&sub, i, &room);

        if (inner->type != RH_FIELD_OBJECT || alignment_of(inner) == 8)
            most = inner->type == RH_FIELD_BOOL ? most : 8;
    }
    return most;
}

static bool may_be_short(const struct rh_field *field)
{
    struct rh_fields sub = field_sub(field);
    struct rh_field room;

    return field->type == RH_FIELD_OBJECT_MAP && sub.fields && sub.count > 0 &&
           field_get(&sub, 0, &room)->type == RH_FIELD_STRING_LIST;
}

static bool check_sub(struct checker *c, const struct rh_field *field,
                      const struct field_place *place, uint32_t depth)
{
    bool has_sub = field->type == RH_FIELD_OBJECT || field->type == RH_FIELD_OBJECT_LIST ||
                   field->type == RH_FIELD_OBJECT_MAP;
    struct rh_fields sub = field_sub(field);
    /* The key of a map's entry comes first in its struct. */
    uint32_t used_to = field->type == RH_FIELD_OBJECT_MAP ? (uint32_t)sizeof(struct rh_str) : 0;

    if ((field->flags & RH_SHORT_LIST) && !may_be_short(field))
        return refuse(c, place, "only a map of objects whose first field is a list can be short");
    if (!has_sub) {
        if (field->fields || field->field_count > 0)
            return refuse(c, place, "this type has no sub-fields");
        return true;
    }
    if (!check_table(c, &sub, used_to, place, depth + 1))
        return false;
    if (sub.struct_size == 0 || sub.struct_size % alignment_of(field) != 0)
        return refuse(c, place, "struct_size of %u bytes does not fit its members' alignment",
                      sub.struct_size);
    return true;
}

/* Bytes [from, from + size) of the struct. */
struct span {
    uint32_t from;
    uint32_t size;
};

static bool overlap(struct span a, struct span b)
{
    return a.from < b.from + b.size && b.from < a.from + a.size;
}

static struct span member_span(const struct rh_field *field)
{
    return (struct span){field->offset, type_size(field)};
}

static struct span given_span(const struct rh_field *field)
{
    return (struct span){field->given_offset - 1, field->given_offset > 0 ? 1 : 0};
}

static bool check_member(struct checker *c, const struct rh_fields *table,
                         const struct rh_field *field, uint32_t used_to,
                         const struct field_place *place)
{
    uint32_t size = type_size(field);
    uint32_t alignment = field->type == RH_FIELD_OBJECT ? alignment_of(field)
                         : field->type == RH_FIELD_BOOL ? 4
                                                        : 8;

    if (size > table->struct_size || field->offset > table->struct_size - size)
        return refuse(c, place, "the member lies outside its struct of %u bytes",
                      table->struct_size);
    if (field->offset % alignment != 0)
        return refuse(c, place, "offset %u is not a multiple of %u", field->offset, alignment);
    if (field->offset < used_to)
        return refuse(c, place, "the member lies on the key at the struct's beginning");
    if (field->given_offset > table->struct_size)
        return refuse(c, place, "given_offset lies outside the struct");
    if (field->given_offset > 0 &&
        (field->given_offset - 1 < used_to || overlap(given_span(field), member_span(field))))
        return refuse(c, place, "given_offset lies on other data");
    return true;
}

/* Name and bytes differ from those of all fields before it. */
static bool check_apart(struct checker *c, const struct rh_fields *table, uint32_t i,
                        const struct rh_field *field, const struct field_place *place)
{
    for (uint32_t k = 0; k < i; k++) {
        struct rh_field room;
        const struct rh_field *other = field_get(table, k, &room);
        struct span mine[2] = {member_span(field), given_span(field)};
        struct span theirs[2] = {member_span(other), given_span(other)};

        if (strcmp(other->name, field->name) == 0)
            return refuse(c, place, "there are two fields of this name");
        for (int pair = 0; pair < 4; pair++) {
            struct span a = mine[pair / 2];
            struct span b = theirs[pair % 2];

            if (a.size > 0 && b.size > 0 && overlap(a, b))
                return refuse(c, place, "shares bytes of the struct with \"%s\"", other->name);
        }
    }
    return true;
}

static bool check_field(struct checker *c, const struct rh_fields *table, uint32_t i,
                        uint32_t used_to, const struct field_place *up, uint32_t depth)
{
    struct rh_field room;
    const struct rh_field *field =
        (const void *)((const char *)table->fields + (size_t)i * table->stride);
    struct field_place place = {.up = up, .index = i};

    if (field->size < ROW_SIZE_MIN || field->size > table->stride)
        return refuse(c, &place, "its size of %u bytes is not in [%u, the stride %u]", field->size,
                      ROW_SIZE_MIN, table->stride);
    field = field_get(table, i, &room);
    if (!field->name || !is_name(field->name))
        return refuse(c, &place,
                      "a name is 1 to %u letters, digits, _ and -, and begins with no digit",
                      FIELD_NAME_MAX);
    place.name = rh_str_from(field->name);
    if (field->type < RH_FIELD_STRING || field->type > RH_FIELD_RAW_OBJECT)
        return refuse(c, &place, "unknown type %u; built for a later ringhost?", field->type);
    if (field->flags & ~FLAGS_KNOWN)
        return refuse(c, &place, "unknown flags 0x%x; built for a later ringhost?", field->flags);
    return check_doc(c, field, &place) && check_limits(c, field, &place) &&
           check_allowed(c, field, &place) && check_sub(c, field, &place, depth) &&
           check_member(c, table, field, used_to, &place) &&
           check_apart(c, table, i, field, &place) && check_default(c, field, &place);
}

static bool check_table(struct checker *c, const struct rh_fields *table, uint32_t used_to,
                        const struct field_place *up, uint32_t depth)
{
    if (depth > FIELD_DEPTH_MAX)
        return refuse(c, up, "tables are nested more than %u deep", FIELD_DEPTH_MAX);
    if (table->reserved != 0)
        return refuse(c, up, "reserved is not 0");
    if (table->struct_size > FIELD_STRUCT_MAX || table->struct_size < used_to)
        return refuse(c, up, "struct_size of %u bytes is not in [%u, %u]", table->struct_size,
                      used_to, FIELD_STRUCT_MAX);
    if (table->count > FIELD_COUNT_MAX || table->count > FIELD_TOTAL_MAX - c->total)
        return refuse(c, up, "more than %u fields, or %u with all below", FIELD_COUNT_MAX,
                      FIELD_TOTAL_MAX);
    if (table->count > 0 && !table->fields)
        return refuse(c, up, "fields is NULL");
    if (table->count > 0 && (table->stride < ROW_SIZE_MIN || table->stride % 8 != 0))
        return refuse(c, up, "a stride of %u bytes is too small or not a multiple of 8",
                      table->stride);
    c->total += table->count;
    for (uint32_t i = 0; i < table->count; i++) {
        if (!check_field(c, table, i, used_to, up, depth))
            return false;
    }
    return true;
}

int32_t field_check(const struct rh_fields *table, char *why, size_t why_size)
{
    struct checker c = {.why = why_size > 0 ? why : NULL, .why_size = why_size};

    return check_table(&c, table, 0, NULL, 1) ? RH_OK : RH_EINVAL;
}
