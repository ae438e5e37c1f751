/* Lists and maps from JSON by a field table; single values and objects are in field_decode. */
#include <assert.h>
#include <ringhost/sdk/str.h>
#include <string.h>

#include "host/core/field_decoder.h"

/* Items that a list has room for at first. */
#define LIST_FIRST 4u

/* A list that grows in the arena; what it leaves behind when it grows is less than what it holds in
 * the end. */
struct growing {
    char *items;
    uint32_t count;
    uint32_t room;
    uint32_t item_size;
};

/* A zeroed new last item, or NULL with rc set. */
static void *grow(struct field_decoder *d, struct growing *list, const struct field_place *place)
{
    if (list->count == list->room) {
        uint32_t room = list->room > 0 ? list->room * 2 : LIST_FIRST;
        char *items =
            room > list->room ? field_arena_alloc(d->arena, (size_t)room * list->item_size) : NULL;

        if (!items) {
            if (d->arena->rc == RH_OK)
                d->arena->rc = RH_ETOOLARGE;
            (void)decoder_fail_arena(d, place); /* Always false. */
            return NULL;
        }
        if (list->count > 0)
            memcpy(items, list->items, (size_t)list->count * list->item_size);
        list->items = items;
        list->room = room;
    }
    return list->items + (size_t)list->count++ * list->item_size;
}

/* Whether one more item is still within the limit. */
static bool may_grow(struct field_decoder *d, const struct rh_field *field, uint32_t count,
                     const struct field_place *place)
{
    if (field->max > 0 && (int64_t)count >= field->max)
        return decoder_fail_rule(d, field, place, (struct rh_str){NULL, 0});
    return true;
}

static bool decode_word(struct field_decoder *d, const struct rh_field *field, struct rh_str *out,
                        const struct field_place *place)
{
    const struct rh_field word = {.type = RH_FIELD_STRING,
                                  .flags = field->flags,
                                  .max = FIELD_ENTRY_MAX,
                                  .allowed = field->allowed};

    if (json_peek(&d->scan) != JSON_STRING) {
        if (!json_skip(&d->scan, NULL))
            return decoder_fail_syntax(d, place);
        return decoder_fail(d, place, RH_EINVAL, "must be a string");
    }
    if (!decoder_text(d, place, out))
        return false;
    if (out->n > FIELD_ENTRY_MAX)
        return decoder_fail(d, place, RH_EINVAL, "must be a string of at most 4096 bytes");
    if (!field_word_ok(field, *out))
        return decoder_fail_rule(d, &word, place, *out);
    return true;
}

bool decoder_words(struct field_decoder *d, const struct rh_field *field, bool limited,
                   struct rh_str_list *out, const struct field_place *place)
{
    struct growing list = {.item_size = sizeof(struct rh_str)};
    struct field_place item = {.up = place};
    struct json_nest nest;

    if (json_peek(&d->scan) != JSON_ARRAY)
        return decoder_refuse(d, field, place);
    if (!json_enter(&d->scan, &nest))
        return decoder_fail_syntax(d, place);
    while (json_next_item(&d->scan, &nest)) {
        struct rh_str *word;

        item.index = list.count;
        if (limited && !may_grow(d, field, list.count, place))
            return false;
        word = grow(d, &list, place);
        if (!word || !decode_word(d, field, word, &item))
            return false;
    }
    if (d->scan.rc != RH_OK)
        return decoder_fail_syntax(d, place);
    if (limited && !field_count_ok(field, list.count))
        return decoder_fail_rule(d, field, place, (struct rh_str){NULL, 0});
    *out = (struct rh_str_list){(const struct rh_str *)(void *)list.items, list.count, 0};
    return true;
}

bool decoder_objects(struct field_decoder *d, const struct rh_field *field, char *member,
                     const struct field_place *place)
{
    struct rh_fields sub = field_sub(field);
    struct growing list = {.item_size = sub.struct_size};
    struct field_place item = {.up = place};
    struct rh_list out;
    struct json_nest nest;

    if (json_peek(&d->scan) != JSON_ARRAY)
        return decoder_refuse(d, field, place);
    if (!json_enter(&d->scan, &nest))
        return decoder_fail_syntax(d, place);
    while (json_next_item(&d->scan, &nest)) {
        char *base;

        item.index = list.count;
        if (!may_grow(d, field, list.count, place))
            return false;
        base = grow(d, &list, place);
        if (!base || !decoder_object(d, &sub, base, &item))
            return false;
    }
    if (d->scan.rc != RH_OK)
        return decoder_fail_syntax(d, place);
    if (!field_count_ok(field, list.count))
        return decoder_fail_rule(d, field, place, (struct rh_str){NULL, 0});
    out = (struct rh_list){list.items, list.count, sub.struct_size};
    memcpy(member, &out, sizeof(out));
    return true;
}

/* The value of one entry of a map, `entry` being a pair, a named list or a sub-struct that begins
 * with the key. */
static bool decode_entry(struct field_decoder *d, const struct rh_field *field,
                         const struct rh_fields *sub, char *entry, const struct field_place *place)
{
    switch (field->type) {
    case RH_FIELD_MAP:
        return decode_word(d, field, (void *)(entry + offsetof(struct rh_pair, value)), place);
    case RH_FIELD_LIST_MAP:
        return decoder_words(d, field, false,
                             (void *)(entry + offsetof(struct rh_named_list, values)), place);
    default:
        if ((field->flags & RH_SHORT_LIST) && json_peek(&d->scan) == JSON_ARRAY)
            return decoder_short(d, sub, entry, place);
        return decoder_object(d, sub, entry, place);
    }
}

bool decoder_map(struct field_decoder *d, const struct rh_field *field, char *member,
                 const struct field_place *up)
{
    struct rh_fields sub = field_sub(field);
    struct growing list = {.item_size = field->type == RH_FIELD_MAP ? sizeof(struct rh_pair)
                                        : field->type == RH_FIELD_LIST_MAP
                                            ? sizeof(struct rh_named_list)
                                            : sub.struct_size};
    struct json_string raw;
    struct json_nest nest;
    struct rh_list out;

    if (json_peek(&d->scan) != JSON_OBJECT)
        return decoder_refuse(d, field, up);
    if (!json_enter(&d->scan, &nest))
        return decoder_fail_syntax(d, up);
    while (json_next_key(&d->scan, &nest, &raw)) {
        struct field_place place = {.up = up, .name = {raw.p, raw.n}};
        struct rh_str key;
        char *entry;

        if (!json_note_key(&d->scan, raw))
            return decoder_fail_syntax(d, &place);
        if (raw.n > FIELD_ENTRY_MAX)
            return decoder_fail(d, up, RH_EINVAL, "has a key of more than 4096 bytes");
        if (!may_grow(d, field, list.count, up))
            return false;
        entry = grow(d, &list, up);
        if (!entry)
            return false;
        if (json_unescape(raw, d->arena, &key) != RH_OK)
            return decoder_fail_arena(d, up);
        memcpy(entry, &key, sizeof(key));
        if (!decode_entry(d, field, &sub, entry, &place))
            return false;
    }
    if (d->scan.rc != RH_OK)
        return decoder_fail_syntax(d, up);
    if (!field_count_ok(field, list.count))
        return decoder_fail_rule(d, field, up, (struct rh_str){NULL, 0});
    /* The three list types are {items, count, 4 bytes}; only that of sub-structs has a stride. */
    out = (struct rh_list){list.items, list.count,
                           field->type == RH_FIELD_OBJECT_MAP ? sub.struct_size : 0};
    memcpy(member, &out, sizeof(out));
    return true;
}
