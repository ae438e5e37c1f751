/* Bodies and queries from field tables; see garbage.h. */
#include "host/check/garbage.h"

#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/check/garbage_value.h"
#include "host/core/field_value.h"

#define BEYOND 2u /* pieces for each field beside the wrong types: below and above its limits */

static const char *const broken[] = {
    "",
    "null",
    "[]",
    "\"x\"",
    "1",
    "{",
    "{}",
    "{\"a\":}",
    "{\"a\":1,}",
    "{'a'}",
    "\xef\xbb\xbf{}",
    "{} {}",
    "\xff",
    "{\"a\":1,\"a\":2}",
    "{\"\":{}}",
    "[[[[[[[[[[[[",
    "{\"a\":\"\x01\"}",
    "{\"a\":01}",
    "not json",
};
#define BROKEN_COUNT ((uint32_t)(sizeof broken / sizeof broken[0]))

static const char *const broken_queries[] = {
    "", "&&&", "=", "a", "a=b", "%", "%zz=%", "a=%00", "=&=&a==", "a=1&a=2", "%ff=%c0%af", "[]=1",
};
#define BROKEN_QUERY_COUNT ((uint32_t)(sizeof broken_queries / sizeof broken_queries[0]))

void garbage_init(struct garbage *garbage, uint64_t seed)
{
    rh_rng_seed(&garbage->rng, seed);
    garbage->seen_count = 0;
}

void garbage_learn(struct garbage *garbage, struct rh_str answer)
{
    size_t from = 0;

    for (size_t i = 0; i < answer.n; i++) {
        size_t n = i - from;
        uint32_t at;

        if (answer.p[i] != '"')
            continue;
        if (n > 0 && n <= GARBAGE_TEXT_MAX && !memchr(answer.p + from, '\\', n) &&
            rh_rng_below(&garbage->rng, 4) == 0) {
            at = garbage->seen_count < GARBAGE_SEEN_MAX
                     ? garbage->seen_count++
                     : (uint32_t)rh_rng_below(&garbage->rng, GARBAGE_SEEN_MAX);
            memcpy(garbage->seen[at], answer.p + from, n);
            garbage->seen[at][n] = '\0';
        }
        from = i + 1;
    }
}

/* Text of a JSON value as a query has it: without quotes, everything odd as %XX. */
static void put_encoded(struct rh_buf *out, struct rh_str json)
{
    if (json.n >= 2 && json.p[0] == '"')
        json = (struct rh_str){json.p + 1, json.n - 2};
    for (size_t i = 0; i < json.n; i++) {
        unsigned char c = (unsigned char)json.p[i];
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';

        if (is_plain)
            (void)rh_buf_append_byte(out, (char)c); /* sticky */
        else
            (void)rh_buf_printf(out, "%%%02X", c); /* likewise */
    }
}

/* How the value of one field is made. */
#define VALUE_MINIMAL 0
#define VALUE_RANDOM  1
#define VALUE_BELOW   2
#define VALUE_ABOVE   3
#define VALUE_WRONG   4 /* and up: garbage_wrong(kind - VALUE_WRONG) */

static void put_value(struct rh_json_writer *w, const struct rh_field *field, uint32_t kind,
                      struct garbage *garbage)
{
    switch (kind) {
    case VALUE_MINIMAL:
        garbage_value_minimal(w, field);
        break;
    case VALUE_RANDOM:
        garbage_value_random(w, field, garbage);
        break;
    case VALUE_BELOW:
    case VALUE_ABOVE:
        garbage_value_beyond(w, field, kind == VALUE_ABOVE);
        break;
    default:
        rh_json_raw(w, rh_str_from(garbage_wrong(kind - VALUE_WRONG)));
        break;
    }
}

static void put_query_field(struct rh_buf *out, const struct rh_field *field, uint32_t kind,
                            struct garbage *garbage)
{
    struct rh_json_writer w;
    struct rh_buf json;

    rh_buf_init(&json, out->max);
    rh_json_init(&w, &json);
    put_value(&w, field, kind, garbage);
    if (rh_json_finish(&w) == RH_OK) {
        if (out->n > 0)
            (void)rh_buf_append_byte(out, '&'); /* sticky, as all below */
        (void)rh_buf_append_c(out, field->name);
        (void)rh_buf_append_byte(out, '=');
        put_encoded(out, rh_buf_str(&json));
    }
    rh_buf_release(&json);
}

/* Required fields at their least; field `odd` (table->count = none) as `kind` says. */
static void put_body(struct rh_buf *out, const struct rh_fields *table, uint32_t odd, uint32_t kind,
                     struct garbage *garbage)
{
    struct rh_json_writer w;
    struct rh_field room;

    rh_json_init(&w, out);
    rh_json_begin_object(&w);
    for (uint32_t i = 0; i < table->count; i++) {
        const struct rh_field *field = field_get(table, i, &room);

        if (i != odd && !(field->flags & RH_REQUIRED))
            continue;
        rh_json_key(&w, field->name);
        put_value(&w, field, i == odd ? kind : VALUE_MINIMAL, garbage);
    }
    rh_json_end_object(&w);
    (void)rh_json_finish(&w); /* sticky in out */
}

static void put_query(struct rh_buf *out, const struct rh_fields *table, uint32_t odd,
                      uint32_t kind, struct garbage *garbage)
{
    struct rh_field room;

    for (uint32_t i = 0; i < table->count; i++) {
        const struct rh_field *field = field_get(table, i, &room);

        if (i == odd || field->flags & RH_REQUIRED)
            put_query_field(out, field, i == odd ? kind : VALUE_MINIMAL, garbage);
    }
}

void garbage_random(struct garbage *garbage, const struct rh_fields *table, bool is_query,
                    struct rh_buf *out)
{
    struct rh_json_writer w;
    struct rh_field room;

    if (!is_query) {
        rh_json_init(&w, out);
        garbage_object_random(&w, table, garbage);
        (void)rh_json_finish(&w); /* sticky in out */
        return;
    }
    for (uint32_t i = 0; i < table->count; i++)
        if (rh_rng_below(&garbage->rng, 2) == 0)
            put_query_field(out, field_get(table, i, &room), VALUE_RANDOM, garbage);
}

static void put_unknown(struct rh_buf *out, const struct rh_fields *table, bool is_query)
{
    if (is_query) {
        put_query(out, table, table->count, VALUE_MINIMAL, NULL);
        (void)rh_buf_append_c(out, out->n > 0 ? "&no_such_field=1" : "no_such_field=1");
        return;
    }
    put_body(out, table, table->count, VALUE_MINIMAL, NULL);
    if (out->rc == RH_OK && out->n >= 2) {
        bool is_empty = out->p[out->n - 2] == '{';

        out->n--; /* the closing brace comes again */
        (void)rh_buf_append_c(out, is_empty ? "\"no_such_field\":1}" : ",\"no_such_field\":1}");
    }
}

int32_t garbage_minimal(const struct rh_fields *table, bool is_query, struct rh_buf *out)
{
    if (is_query)
        put_query(out, table, table->count, VALUE_MINIMAL, NULL);
    else
        put_body(out, table, table->count, VALUE_MINIMAL, NULL);
    return out->rc;
}

static uint32_t wrong_count(void)
{
    uint32_t n = 0;

    while (garbage_wrong(n))
        n++;
    return n;
}

bool garbage_piece(struct garbage *garbage, const struct rh_fields *table, bool is_query,
                   uint32_t index, struct rh_buf *out)
{
    uint32_t broken_count = is_query ? BROKEN_QUERY_COUNT : BROKEN_COUNT;
    uint32_t each = BEYOND + wrong_count();

    if (index < broken_count) {
        (void)rh_buf_append_c(out, is_query ? broken_queries[index] : broken[index]); /* sticky */
        return true;
    }
    index -= broken_count;
    if (index < table->count * each) {
        if (is_query)
            put_query(out, table, index / each, VALUE_BELOW + index % each, garbage);
        else
            put_body(out, table, index / each, VALUE_BELOW + index % each, garbage);
        return true;
    }
    index -= table->count * each;
    if (index == 0)
        put_unknown(out, table, is_query);
    else if (index <= GARBAGE_RANDOM)
        garbage_random(garbage, table, is_query, out);
    return index <= GARBAGE_RANDOM;
}
