/* JSON values for one field; see garbage_value.h. */
#include "host/check/garbage_value.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/core/field_value.h"

#define ENTRIES_MAX 300 /* of a list that is made too long */
#define NUMBER_SIZE 32u

static const char *const wrong[] = {
    "null",
    "true",
    "-1",
    "0",
    "1.5",
    "1e308",
    "9007199254740992",
    "-9223372036854775809",
    "\"\"",
    "\"x\"",
    "\"\\u0000\"",
    "\"\\ud83d\\ude00/../%2e\"",
    "\"0s\"",
    "\"18446744073709551615\"",
    "[]",
    "[null]",
    "[\"\",\"\"]",
    "[[[]]]",
    "{}",
    "{\"\":null}",
    "{\"a\":{\"a\":[1,\"b\"]}}",
};
#define WRONG_COUNT ((uint32_t)(sizeof wrong / sizeof wrong[0]))

/* Words that occur to many plugins. */
static const char *const words[] = {
    "a", "n1", "n2", "default", "game", "hex8", "..", "/", "%s", "\xc3\xa4\xe2\x82\xac",
    "0", "-1", "\t", "*",
};
#define WORD_COUNT ((uint32_t)(sizeof words / sizeof words[0]))

const char *garbage_wrong(uint32_t index)
{
    return index < WRONG_COUNT ? wrong[index] : NULL;
}

/* A string of n bytes. */
static void put_length(struct rh_json_writer *w, int64_t n)
{
    struct rh_buf text;

    rh_buf_init(&text, GARBAGE_LENGTH_MAX + 1);
    for (int64_t i = 0; i < n && i <= GARBAGE_LENGTH_MAX; i++)
        (void)rh_buf_append_byte(&text, 'a'); /* sticky; an empty string is fine too */
    rh_json_string(w, rh_buf_str(&text));
    rh_buf_release(&text);
}

/* The first of the allowed words, or number `index` of them. */
static struct rh_str allowed_word(const char *allowed, uint64_t index)
{
    size_t n = strcspn(allowed, " ");

    for (; index > 0 && allowed[n] == ' '; index--) {
        allowed += n + 1;
        n = strcspn(allowed, " ");
    }
    return (struct rh_str){allowed, n};
}

static void put_number_text(struct rh_json_writer *w, uint32_t type, int64_t value)
{
    char text[NUMBER_SIZE];

    switch (type) {
    case RH_FIELD_DURATION:
        (void)snprintf(text, sizeof text, "%" PRId64 "ms", value); /* fits */
        rh_json_string_c(w, text);
        break;
    case RH_FIELD_U64:
        (void)snprintf(text, sizeof text, "%" PRIu64, (uint64_t)value); /* fits */
        rh_json_string_c(w, text);
        break;
    default:
        rh_json_int(w, value);
        break;
    }
}

static void put_string_minimal(struct rh_json_writer *w, const struct rh_field *field)
{
    if (field->allowed)
        rh_json_string(w, allowed_word(field->allowed, 0));
    else
        put_length(w, field->min > 1 ? field->min : 1);
}

/* The least number that the field takes, or 1 when 1 will do. */
static int64_t least(const struct rh_field *field)
{
    if (field->min == 0 && field->max == 0)
        return 1;
    return field->min <= 1 && field->max >= 1 ? 1 : field->min;
}

/* The fewest entries of a list or map; n of them. */
static void put_entries(struct rh_json_writer *w, const struct rh_field *field, int64_t n,
                        struct garbage *garbage)
{
    bool is_map = field->type == RH_FIELD_MAP || field->type == RH_FIELD_LIST_MAP ||
                  field->type == RH_FIELD_OBJECT_MAP;
    struct rh_fields sub = field_sub(field);
    char key[NUMBER_SIZE];

    is_map ? rh_json_begin_object(w) : rh_json_begin_array(w);
    for (int64_t i = 0; i < n && i < ENTRIES_MAX; i++) {
        (void)snprintf(key, sizeof key, "k%" PRId64, i); /* fits */
        if (is_map)
            rh_json_key(w, key);
        if (field->type == RH_FIELD_OBJECT_LIST || field->type == RH_FIELD_OBJECT_MAP)
            garbage ? garbage_object_random(w, &sub, garbage) : garbage_object_minimal(w, &sub);
        else if (field->type == RH_FIELD_LIST_MAP)
            rh_json_raw(w, RH_STR_LIT("[\"a\"]"));
        else if (field->allowed)
            rh_json_string(w, allowed_word(field->allowed, (uint64_t)i));
        else
            rh_json_string_c(w, garbage ? words[rh_rng_below(&garbage->rng, WORD_COUNT)] : key);
    }
    is_map ? rh_json_end_object(w) : rh_json_end_array(w);
}

void garbage_value_minimal(struct rh_json_writer *w, const struct rh_field *field)
{
    struct rh_fields sub;

    switch (field->type) {
    case RH_FIELD_STRING:
        put_string_minimal(w, field);
        break;
    case RH_FIELD_INT:
    case RH_FIELD_U64:
    case RH_FIELD_DURATION:
    case RH_FIELD_SIZE:
        put_number_text(w, field->type, least(field));
        break;
    case RH_FIELD_NUMBER:
        rh_json_double(w, field->number_min);
        break;
    case RH_FIELD_BOOL:
        rh_json_bool(w, true);
        break;
    case RH_FIELD_BYTES:
        rh_json_string_c(w, "AAAA");
        break;
    case RH_FIELD_OBJECT:
        sub = field_sub(field);
        garbage_object_minimal(w, &sub);
        break;
    case RH_FIELD_RAW:
    case RH_FIELD_RAW_OBJECT:
        rh_json_raw(w, RH_STR_LIT("{}"));
        break;
    default:
        put_entries(w, field, field->min > 1 ? field->min : 1, NULL);
        break;
    }
}

static void put_string_random(struct rh_json_writer *w, const struct rh_field *field,
                              struct garbage *garbage)
{
    uint64_t draw = rh_rng_below(&garbage->rng, 8);
    uint64_t at;

    if (field->allowed) {
        rh_json_string(w, allowed_word(field->allowed, rh_rng_below(&garbage->rng, 8)));
    } else if (draw < 4 && garbage->seen_count > 0) {
        at = rh_rng_below(&garbage->rng, garbage->seen_count);
        rh_json_string_c(w, garbage->seen[at]);
    } else if (draw < 7) {
        rh_json_string_c(w, words[rh_rng_below(&garbage->rng, WORD_COUNT)]);
    } else {
        put_length(w, field->max > 0 ? field->max : 100);
    }
}

/* An edge of the range, or anything inside. */
static int64_t random_int(const struct rh_field *field, struct garbage *garbage)
{
    bool has_limits = field->min != 0 || field->max != 0;
    int64_t low = has_limits ? field->min : -FIELD_INT_MAX;
    int64_t high = has_limits ? field->max : FIELD_INT_MAX;
    uint64_t span = (uint64_t)high - (uint64_t)low;

    switch (rh_rng_below(&garbage->rng, 4)) {
    case 0:
        return low;
    case 1:
        return high;
    case 2:
        return least(field);
    default:
        return (int64_t)((uint64_t)low +
                         rh_rng_below(&garbage->rng, span < UINT64_MAX ? span + 1 : span));
    }
}

void garbage_value_random(struct rh_json_writer *w, const struct rh_field *field,
                          struct garbage *garbage)
{
    struct rh_fields sub;
    double share;

    if (rh_rng_below(&garbage->rng, 16) == 0) {
        rh_json_raw(w, rh_str_from(wrong[rh_rng_below(&garbage->rng, WRONG_COUNT)]));
        return;
    }
    switch (field->type) {
    case RH_FIELD_STRING:
        put_string_random(w, field, garbage);
        break;
    case RH_FIELD_INT:
    case RH_FIELD_DURATION:
    case RH_FIELD_SIZE:
        put_number_text(w, field->type, random_int(field, garbage));
        break;
    case RH_FIELD_U64:
        put_number_text(w, field->type,
                        (int64_t)(rh_rng_u64(&garbage->rng) >> rh_rng_below(&garbage->rng, 64)));
        break;
    case RH_FIELD_NUMBER:
        share = rh_rng_double(&garbage->rng);
        rh_json_double(w, field->number_min * (1 - share) + field->number_max * share);
        break;
    case RH_FIELD_BOOL:
        rh_json_bool(w, rh_rng_below(&garbage->rng, 2) == 0);
        break;
    case RH_FIELD_OBJECT:
        sub = field_sub(field);
        garbage_object_random(w, &sub, garbage);
        break;
    case RH_FIELD_BYTES:
        garbage_value_minimal(w, field);
        break;
    case RH_FIELD_RAW:
    case RH_FIELD_RAW_OBJECT:
        rh_json_raw(w, rh_rng_below(&garbage->rng, 2) ? RH_STR_LIT("{}")
                                                      : RH_STR_LIT("{\"x\":[1,{\"y\":null}]}"));
        break;
    default:
        put_entries(w, field, (int64_t)rh_rng_below(&garbage->rng, 4), garbage);
        break;
    }
}

void garbage_value_beyond(struct rh_json_writer *w, const struct rh_field *field, bool is_above)
{
    int64_t limit = is_above ? field->max : field->min;

    switch (field->type) {
    case RH_FIELD_STRING:
    case RH_FIELD_BYTES:
        put_length(w, is_above ? limit + 1 : (limit > 0 ? limit - 1 : 0));
        break;
    case RH_FIELD_INT:
    case RH_FIELD_U64:
    case RH_FIELD_DURATION:
    case RH_FIELD_SIZE:
        put_number_text(w, field->type,
                        is_above ? (limit < INT64_MAX ? limit + 1 : limit)
                                 : (limit > INT64_MIN ? limit - 1 : limit));
        break;
    case RH_FIELD_NUMBER:
        rh_json_double(w, is_above ? field->number_max * 2 + 1 : field->number_min * 2 - 1);
        break;
    case RH_FIELD_STRING_LIST:
    case RH_FIELD_MAP:
    case RH_FIELD_LIST_MAP:
    case RH_FIELD_OBJECT_LIST:
    case RH_FIELD_OBJECT_MAP:
        put_entries(w, field, is_above ? limit + 1 : 0, NULL);
        break;
    default:
        rh_json_raw(w, RH_STR_LIT("[{\"deep\":[[[[[[[[[[1]]]]]]]]]]}]"));
        break;
    }
}

void garbage_object_minimal(struct rh_json_writer *w, const struct rh_fields *table)
{
    struct rh_field room;

    rh_json_begin_object(w);
    for (uint32_t i = 0; i < table->count; i++) {
        const struct rh_field *field = field_get(table, i, &room);

        if (!(field->flags & RH_REQUIRED))
            continue;
        rh_json_key(w, field->name);
        garbage_value_minimal(w, field);
    }
    rh_json_end_object(w);
}

void garbage_object_random(struct rh_json_writer *w, const struct rh_fields *table,
                           struct garbage *garbage)
{
    struct rh_field room;

    rh_json_begin_object(w);
    for (uint32_t i = 0; i < table->count; i++) {
        const struct rh_field *field = field_get(table, i, &room);
        uint64_t left_out = field->flags & RH_REQUIRED ? 32 : 2; /* one in so many */

        if (rh_rng_below(&garbage->rng, left_out) == 0)
            continue;
        rh_json_key(w, field->name);
        garbage_value_random(w, field, garbage);
    }
    rh_json_end_object(w);
}
