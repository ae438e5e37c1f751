/* A query string, "limit=10&after=%2Fx", into a struct by a field table. */
#include "host/core/field_query.h"

#include <assert.h>
#include <ringhost/sdk/str.h>
#include <stdio.h>
#include <string.h>

#include "host/core/field_decode.h"
#include "host/core/json_string.h"

struct query {
    const struct rh_fields *table;
    char *base;
    struct field_arena *arena;
    struct field_error *error;
    uint32_t flags;
    uint64_t seen[FIELD_COUNT_MAX / 64];
};

static int32_t fail(struct query *q, struct rh_str name, int32_t rc, const char *what)
{
    struct field_place place = {.name = name};

    if (!q->error)
        return rc;
    field_path(&place, q->error->field, sizeof(q->error->field));
    /* Cut where it does not fit. */
    (void)snprintf(q->error->message, sizeof(q->error->message), "\"%s\" %.*s", q->error->field,
                   (int)(sizeof(q->error->message) - sizeof(q->error->field) - 4), what);
    return rc;
}

static int32_t fail_arena(struct query *q, struct rh_str name)
{
    return fail(q, name, q->arena->rc,
                q->arena->rc == RH_ETOOLARGE ? "needs more memory than is allowed for all fields"
                                             : "could not be kept: out of memory");
}

static int32_t fail_rule(struct query *q, const struct rh_field *field, struct rh_str word)
{
    char what[FIELD_RULE_SIZE + FIELD_NAME_MAX + 48];
    char rule[FIELD_RULE_SIZE];
    char choice[FIELD_NAME_MAX + 1];

    field_rule(field, FIELD_IN_TEXT, rule);
    if (field->allowed && field_suggest_choice(field, word, choice))
        (void)snprintf(what, sizeof(what), "must be %s; did you mean \"%s\"?", rule, choice);
    else
        (void)snprintf(what, sizeof(what), "must be %s", rule); /* what has room for both. */
    return fail(q, rh_str_from(field->name), RH_EINVAL, what);
}

static int32_t hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Percent decoding into the arena. RH_EINVAL for a broken escape, NUL or what is not UTF-8. */
static int32_t decode_text(struct query *q, struct rh_str raw, struct rh_str *out)
{
    char *dst = field_arena_text(q->arena, raw.n);
    size_t n = 0;

    if (!dst)
        return q->arena->rc;
    for (size_t i = 0; i < raw.n; i++) {
        if (raw.p[i] == '%') {
            int32_t high = i + 1 < raw.n ? hex_digit(raw.p[i + 1]) : -1;
            int32_t low = i + 2 < raw.n ? hex_digit(raw.p[i + 2]) : -1;

            if (high < 0 || low < 0)
                return RH_EINVAL;
            dst[n++] = (char)(high * 16 + low);
            i += 2;
        } else {
            dst[n++] = raw.p[i] == '+' ? ' ' : raw.p[i];
        }
    }
    field_arena_trim(q->arena, raw.n - n);
    *out = (struct rh_str){dst, n};
    return json_utf8_valid(*out) ? RH_OK : RH_EINVAL;
}

/* Appends the comma-separated words of raw to the list. */
static int32_t add_words(struct query *q, const struct rh_field *field, struct rh_str raw)
{
    struct rh_str_list list;
    struct rh_str *items;
    uint32_t count = 1;
    char *member = q->base + field->offset;

    memcpy(&list, member, sizeof(list));
    for (size_t i = 0; i < raw.n; i++)
        count += raw.p[i] == ',';
    if (raw.n == 0)
        return RH_OK;
    if (field->max > 0 && (int64_t)list.count + count > field->max)
        return fail_rule(q, field, (struct rh_str){NULL, 0});
    items = field_arena_alloc(q->arena, ((size_t)list.count + count) * sizeof(*items));
    if (!items)
        return fail_arena(q, rh_str_from(field->name));
    if (list.count > 0)
        memcpy(items, list.items, list.count * sizeof(*items));
    for (uint32_t i = 0; i < count; i++) {
        const char *comma = raw.n > 0 ? memchr(raw.p, ',', raw.n) : NULL;
        size_t n = comma ? (size_t)(comma - raw.p) : raw.n;
        struct rh_str *word = &items[list.count + i];
        int32_t rc = decode_text(q, (struct rh_str){raw.p, n}, word);

        if (q->arena->rc != RH_OK)
            return fail_arena(q, rh_str_from(field->name));
        if (rc != RH_OK)
            return fail(q, rh_str_from(field->name), rc, "is not percent-encoded UTF-8");
        if (!field_word_ok(field, *word))
            return fail_rule(q, field, *word);
        raw.p += n + (comma ? 1 : 0);
        raw.n -= n + (comma ? 1 : 0);
    }
    list.items = items;
    list.count += count;
    memcpy(member, &list, sizeof(list));
    return RH_OK;
}

static int32_t set_value(struct query *q, const struct rh_field *field, bool again,
                         struct rh_str raw)
{
    struct rh_str name = rh_str_from(field->name);
    struct rh_str text;
    int32_t rc;

    if (field->type == RH_FIELD_STRING_LIST)
        return add_words(q, field, raw);
    if (!field_is_scalar(field->type))
        return fail(q, name, RH_EINVAL, "cannot be given in a query");
    if (again)
        return fail(q, name, RH_EINVAL, "is given twice");
    rc = decode_text(q, raw, &text);
    if (rc == RH_EINVAL)
        return fail(q, name, rc, "is not percent-encoded UTF-8");
    if (rc == RH_OK)
        rc = field_set_text(field, text, q->base, q->arena);
    if (q->arena->rc != RH_OK)
        return fail_arena(q, name);
    return rc == RH_OK ? RH_OK : fail_rule(q, field, text);
}

static int32_t refuse_unknown(struct query *q, struct rh_str name)
{
    const char *suggestion;
    char what[FIELD_NAME_MAX + 48];

    if (!(q->flags & FIELD_STRICT))
        return RH_OK;
    suggestion = field_suggest_name(q->table, name);
    if (!suggestion)
        return fail(q, name, RH_EINVAL, "is not a parameter here");
    (void)snprintf(what, sizeof(what), "is not a parameter here; did you mean \"%s\"?", suggestion);
    return fail(q, name, RH_EINVAL, what);
}

static int32_t set_pair(struct query *q, struct rh_str pair)
{
    const char *equals = memchr(pair.p, '=', pair.n);
    size_t n = equals ? (size_t)(equals - pair.p) : pair.n;
    struct rh_str value = {pair.p + pair.n, 0};
    struct rh_str name;
    struct rh_field room;
    const struct rh_field *field;
    uint32_t i;
    uint64_t bit;
    int32_t rc = decode_text(q, (struct rh_str){pair.p, n}, &name);

    if (q->arena->rc != RH_OK)
        return fail_arena(q, (struct rh_str){pair.p, n});
    if (rc != RH_OK)
        return fail(q, (struct rh_str){"query", 5}, rc,
                    "has a name that is not percent-encoded UTF-8");
    if (equals)
        value = (struct rh_str){equals + 1, pair.n - n - 1};
    i = field_find(q->table, name, 0);
    if (i == q->table->count)
        return refuse_unknown(q, name);
    field = field_get(q->table, i, &room);
    bit = UINT64_C(1) << (i % 64);
    rc = set_value(q, field, (q->seen[i / 64] & bit) != 0, value);
    if (rc != RH_OK)
        return rc;
    q->seen[i / 64] |= bit;
    field_mark_given(field, q->base);
    return RH_OK;
}

static int32_t complete(struct query *q)
{
    for (uint32_t i = 0; i < q->table->count; i++) {
        struct rh_field room;
        const struct rh_field *field = field_get(q->table, i, &room);

        if (q->seen[i / 64] >> (i % 64) & 1) {
            struct rh_str_list list;

            if (field->type != RH_FIELD_STRING_LIST)
                continue;
            memcpy(&list, q->base + field->offset, sizeof(list));
            if (!field_count_ok(field, list.count))
                return fail_rule(q, field, (struct rh_str){NULL, 0});
            continue;
        }
        if (field->flags & RH_REQUIRED)
            return fail(q, rh_str_from(field->name), RH_EINVAL, "is required");
        if (field_set_default(field, q->base, q->arena) != RH_OK)
            return fail_arena(q, rh_str_from(field->name));
    }
    return RH_OK;
}

int32_t field_decode_query(const struct rh_fields *table, struct rh_str query, uint32_t flags,
                           void *out, struct field_arena *arena, struct field_error *error)
{
    struct query q = {table, out, arena, error, flags, {0}};
    int32_t rc = RH_OK;

    assert(table->count <= FIELD_COUNT_MAX);
    memset(out, 0, table->struct_size);
    while (query.n > 0 && rc == RH_OK) {
        const char *end = memchr(query.p, '&', query.n);
        size_t n = end ? (size_t)(end - query.p) : query.n;

        if (n > 0)
            rc = set_pair(&q, (struct rh_str){query.p, n});
        n += end ? 1 : 0;
        query.p += n;
        query.n -= n;
    }
    if (rc == RH_OK)
        rc = complete(&q);
    if (rc != RH_OK)
        memset(out, 0, table->struct_size);
    return rc;
}
