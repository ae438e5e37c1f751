/* JSON text straight into a struct by a field table, in one pass and with no tree between. */
#include "host/core/field_decode.h"

#include <assert.h>
#include <ringhost/sdk/str.h>
#include <stdio.h>
#include <string.h>

#include "host/core/field_decoder.h"

/* A key that is written longer than this, escapes included, is no field's name. */
#define KEY_RAW_MAX (FIELD_NAME_MAX * 6u)

static bool has_bit(const uint64_t *bits, uint32_t i)
{
    return (bits[i / 64] >> (i % 64) & 1) != 0;
}

static void set_bit(uint64_t *bits, uint32_t i)
{
    bits[i / 64] |= UINT64_C(1) << (i % 64);
}

/* Values that are JSON strings: text of their own notation. */
static bool decode_string(struct field_decoder *d, const struct rh_field *field, char *base,
                          const struct field_place *place)
{
    struct rh_str text;
    int32_t rc;

    if (!decoder_text(d, place, &text))
        return false;
    rc = field_set_text(field, text, base, d->arena);
    if (d->arena->rc != RH_OK)
        return decoder_fail_arena(d, place);
    return rc == RH_OK || decoder_fail_rule(d, field, place, text);
}

static bool decode_digits(struct field_decoder *d, const struct rh_field *field, char *base,
                          const struct field_place *place)
{
    struct json_number number;

    if (!json_number(&d->scan, &number))
        return decoder_fail_syntax(d, place);
    if (!number.is_integer && field->type != RH_FIELD_NUMBER)
        return decoder_fail_rule(d, field, place, (struct rh_str){NULL, 0});
    if (field_set_text(field, number.text, base, d->arena) != RH_OK)
        return decoder_fail_rule(d, field, place, (struct rh_str){NULL, 0});
    return true;
}

static bool decode_scalar(struct field_decoder *d, const struct rh_field *field, char *base,
                          const struct field_place *place)
{
    uint32_t kind = json_peek(&d->scan);
    bool takes_string = field->type != RH_FIELD_INT && field->type != RH_FIELD_NUMBER &&
                        field->type != RH_FIELD_BOOL;
    bool takes_digits = field->type == RH_FIELD_INT || field->type == RH_FIELD_NUMBER ||
                        field->type == RH_FIELD_SIZE;

    if (kind == JSON_STRING && takes_string)
        return decode_string(d, field, base, place);
    if (kind == JSON_NUMBER && takes_digits)
        return decode_digits(d, field, base, place);
    if (field->type == RH_FIELD_BOOL && (kind == JSON_TRUE || kind == JSON_FALSE)) {
        int32_t value = kind == JSON_TRUE;

        if (!json_literal(&d->scan))
            return decoder_fail_syntax(d, place);
        memcpy(base + field->offset, &value, sizeof(value));
        return true;
    }
    if (!json_skip(&d->scan, NULL))
        return decoder_fail_syntax(d, place);
    return decoder_fail_rule(d, field, place, (struct rh_str){NULL, 0});
}

static bool decode_raw(struct field_decoder *d, const struct rh_field *field, char *member,
                       const struct field_place *place)
{
    bool is_object = json_peek(&d->scan) == JSON_OBJECT;
    struct rh_str text;
    struct rh_str copy;

    if (!json_skip(&d->scan, &text))
        return decoder_fail_syntax(d, place);
    if ((field->type == RH_FIELD_RAW_OBJECT && !is_object) || !field_bytes_ok(field, text))
        return decoder_fail_rule(d, field, place, (struct rh_str){NULL, 0});
    if (field_arena_copy(d->arena, text, &copy) != RH_OK)
        return decoder_fail_arena(d, place);
    memcpy(member, &copy, sizeof(copy));
    return true;
}

static bool decode_field(struct field_decoder *d, const struct rh_field *field, char *base,
                         const struct field_place *place)
{
    char *member = base + field->offset;
    struct rh_fields sub;

    switch (field->type) {
    case RH_FIELD_STRING_LIST:
        return decoder_words(d, field, true, (void *)member, place);
    case RH_FIELD_MAP:
    case RH_FIELD_LIST_MAP:
    case RH_FIELD_OBJECT_MAP:
        return decoder_map(d, field, member, place);
    case RH_FIELD_OBJECT:
        sub = field_sub(field);
        return decoder_object(d, &sub, member, place);
    case RH_FIELD_OBJECT_LIST:
        return decoder_objects(d, field, member, place);
    case RH_FIELD_RAW:
    case RH_FIELD_RAW_OBJECT:
        return decode_raw(d, field, member, place);
    default:
        return decode_scalar(d, field, base, place);
    }
}

/* The field that a key names, or table->count. */
static uint32_t find_key(const struct rh_fields *table, struct json_string key, uint32_t guess)
{
    char name[KEY_RAW_MAX];

    if (!key.has_escape)
        return field_find(table, (struct rh_str){key.p, key.n}, guess);
    if (key.n > sizeof(name))
        return table->count;
    return field_find(table, (struct rh_str){name, json_string_decode(key, name)}, guess);
}

static bool skip_unknown(struct field_decoder *d, const struct rh_fields *table,
                         struct json_string key, const struct field_place *up)
{
    struct field_place place = {.up = up, .name = {key.p, key.n}};
    const char *suggestion;
    char what[FIELD_NAME_MAX + 48];

    if (!json_note_key(&d->scan, key) || !json_skip(&d->scan, NULL))
        return decoder_fail_syntax(d, &place);
    if (!(d->flags & FIELD_STRICT))
        return true;
    suggestion = field_suggest_name(table, place.name);
    if (!suggestion)
        return decoder_fail(d, &place, RH_EINVAL, "is not a field here");
    (void)snprintf(what, sizeof(what), "is not a field here; did you mean \"%s\"?", suggestion);
    return decoder_fail(d, &place, RH_EINVAL, what);
}

/* Defaults for what was not given; an error for what had to be. */
static bool complete(struct field_decoder *d, const struct rh_fields *table, const uint64_t *given,
                     char *base, const struct field_place *up)
{
    for (uint32_t i = 0; i < table->count; i++) {
        struct rh_field room;
        const struct rh_field *field;
        struct field_place place;

        if (has_bit(given, i))
            continue;
        field = field_get(table, i, &room);
        place = (struct field_place){up, {field->name, strlen(field->name)}, 0};
        if (field->flags & RH_REQUIRED)
            return decoder_fail(d, &place, RH_EINVAL, "is required");
        if (field_set_default(field, base, d->arena) != RH_OK)
            return decoder_fail_arena(d, &place);
    }
    return true;
}

/* The value of field i. null is as good as absent. */
static bool decode_member(struct field_decoder *d, const struct rh_fields *table, uint32_t i,
                          char *base, const struct field_place *up, uint64_t *given)
{
    struct rh_field room;
    const struct rh_field *field = field_get(table, i, &room);
    struct field_place place = {up, {field->name, strlen(field->name)}, 0};

    if (json_peek(&d->scan) == JSON_NULL)
        return json_literal(&d->scan) || decoder_fail_syntax(d, &place);
    if (!decode_field(d, field, base, &place))
        return false;
    set_bit(given, i);
    field_mark_given(field, base);
    return true;
}

static bool fail_repeated(struct field_decoder *d, struct json_string key,
                          const struct field_place *up)
{
    struct field_place place = {up, {key.p, key.n}, 0};

    (void)json_fail(&d->scan, key.p - 1, "the object has this key already"); /* Always false. */
    return decoder_fail_syntax(d, &place);
}

bool decoder_object(struct field_decoder *d, const struct rh_fields *table, char *base,
                    const struct field_place *up)
{
    uint64_t seen[FIELD_COUNT_MAX / 64] = {0};
    uint64_t given[FIELD_COUNT_MAX / 64] = {0};
    struct json_string key;
    struct json_nest nest;
    uint32_t guess = 0; /* Most writers keep the table's order. */

    assert(table->count <= FIELD_COUNT_MAX);
    if (json_peek(&d->scan) != JSON_OBJECT) {
        if (!json_skip(&d->scan, NULL))
            return decoder_fail_syntax(d, up);
        return decoder_fail(d, up, RH_EINVAL,
                            up ? "must be an object" : "the value must be an object");
    }
    if (!json_enter(&d->scan, &nest))
        return decoder_fail_syntax(d, up);
    while (json_next_key(&d->scan, &nest, &key)) {
        uint32_t i = find_key(table, key, guess);

        if (i == table->count) {
            if (!skip_unknown(d, table, key, up))
                return false;
            continue;
        }
        if (has_bit(seen, i))
            return fail_repeated(d, key, up);
        set_bit(seen, i);
        guess = i + 1;
        if (!decode_member(d, table, i, base, up, given))
            return false;
    }
    if (d->scan.rc != RH_OK)
        return decoder_fail_syntax(d, up);
    return complete(d, table, given, base, up);
}

bool decoder_short(struct field_decoder *d, const struct rh_fields *table, char *base,
                   const struct field_place *up)
{
    uint64_t given[FIELD_COUNT_MAX / 64] = {0};

    return decode_member(d, table, 0, base, up, given) && complete(d, table, given, base, up);
}

int32_t field_decode(const struct rh_fields *table, struct rh_str json, uint32_t flags,
                     uint64_t bytes_max, void *out, struct field_arena *arena,
                     struct field_error *error)
{
    struct field_decoder d;

    memset(out, 0, table->struct_size);
    d.arena = arena;
    d.error = error;
    d.flags = flags;
    d.rc = RH_OK;
    json_scan_init(&d.scan, json);
    if (bytes_max > 0 && json.n > bytes_max) {
        (void)decoder_fail(&d, NULL, RH_ETOOLARGE, "the text is too long"); /* Always false. */
    } else if (d.arena->rc != RH_OK) {
        (void)decoder_fail_arena(&d, NULL); /* Always false. */
    } else if (decoder_object(&d, table, out, NULL) && !json_end(&d.scan)) {
        (void)decoder_fail_syntax(&d, NULL); /* Always false. */
    }
    json_scan_release(&d.scan);
    if (d.rc != RH_OK)
        memset(out, 0, table->struct_size);
    return d.rc;
}
