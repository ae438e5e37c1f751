/* A strict pull scanner for JSON text (RFC 8259); it builds no tree and knows no field tables. */
#include "host/core/json_scan.h"

#include <assert.h>
#include <ringhost/sdk/sort.h>
#include <ringhost/sdk/str.h>
#include <stdio.h>
#include <string.h>

#define HAS_ESCAPE (UINT32_C(1) << 31)
/* Up to this many keys are compared pair by pair. */
#define PAIRWISE_MAX 12u
/* Without an exponent, fewer digits than this are always below the largest double. */
#define SAFE_DIGITS 300

_Static_assert(JSON_TEXT_MAX < HAS_ESCAPE, "lengths leave the top bit free");

void json_scan_init(struct json_scan *s, struct rh_str text)
{
    s->start = text.p ? text.p : "";
    s->p = s->start;
    s->end = s->start + text.n;
    s->rule = NULL;
    s->rule_at = s->start;
    s->rc = RH_OK;
    s->depth = 0;
    s->key_count = 0;
    rh_buf_init(&s->more_keys, (size_t)JSON_TEXT_MAX * 2);
    if (text.n > JSON_TEXT_MAX) {
        s->end = s->start;
        (void)json_fail(s, s->start, "the text is too long"); /* Sticky. */
        s->rc = RH_ETOOLARGE;
    }
}

void json_scan_release(struct json_scan *s)
{
    rh_buf_release(&s->more_keys);
}

bool json_fail(struct json_scan *s, const char *at, const char *rule)
{
    if (s->rc == RH_OK) {
        s->rc = RH_EINVAL;
        s->rule = rule;
        s->rule_at = at;
    }
    return false;
}

static bool fail_memory(struct json_scan *s)
{
    if (s->rc == RH_OK) {
        (void)json_fail(s, s->p, "out of memory"); /* Sticky. */
        s->rc = RH_ENOMEM;
    }
    return false;
}

static void skip_space(struct json_scan *s)
{
    while (s->p < s->end && (*s->p == ' ' || *s->p == '\n' || *s->p == '\t' || *s->p == '\r'))
        s->p++;
}

uint32_t json_peek(struct json_scan *s)
{
    if (s->rc != RH_OK)
        return JSON_NONE;
    skip_space(s);
    if (s->p == s->end)
        return JSON_NONE;
    switch (*s->p) {
    case '{':
        return JSON_OBJECT;
    case '[':
        return JSON_ARRAY;
    case '"':
        return JSON_STRING;
    case 't':
        return JSON_TRUE;
    case 'f':
        return JSON_FALSE;
    case 'n':
        return JSON_NULL;
    default:
        return *s->p == '-' || (*s->p >= '0' && *s->p <= '9') ? JSON_NUMBER : JSON_NONE;
    }
}

bool json_string(struct json_scan *s, struct json_string *out)
{
    const char *rule;
    const char *rule_at;
    const char *next;

    if (s->rc != RH_OK)
        return false;
    assert(s->p < s->end);
    assert(*s->p == '"');
    next = json_string_scan(s->p + 1, s->end, out, &rule, &rule_at);
    if (!next)
        return json_fail(s, rule_at, rule);
    s->p = next;
    return true;
}

/* Moves past digits; returns how many. */
static ptrdiff_t skip_digits(struct json_scan *s)
{
    const char *from = s->p;

    while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
        s->p++;
    return s->p - from;
}

bool json_number(struct json_scan *s, struct json_number *out)
{
    const char *from = s->p;
    bool is_integer = true;
    bool is_small;
    double value;

    if (s->rc != RH_OK)
        return false;
    if (*s->p == '-')
        s->p++;
    if (s->end - s->p >= 2 && s->p[0] == '0' && s->p[1] >= '0' && s->p[1] <= '9')
        return json_fail(s, s->p, "numbers have no leading zeros");
    is_small = skip_digits(s) < SAFE_DIGITS;
    if (s->p == from || s->p[-1] == '-')
        return json_fail(s, s->p, "a minus sign is followed by a digit");
    if (s->p < s->end && *s->p == '.') {
        is_integer = false;
        s->p++;
        if (skip_digits(s) == 0)
            return json_fail(s, s->p, "a decimal point is followed by a digit");
    }
    if (s->p < s->end && (*s->p == 'e' || *s->p == 'E')) {
        is_integer = false;
        is_small = false;
        s->p++;
        if (s->p < s->end && (*s->p == '-' || *s->p == '+'))
            s->p++;
        if (skip_digits(s) == 0)
            return json_fail(s, s->p, "an exponent has digits");
    }
    *out = (struct json_number){{from, (size_t)(s->p - from)}, is_integer};
    if (!is_small && rh_parse_f64(out->text, &value) != RH_OK)
        return json_fail(s, from, "the number is too large for a double");
    return true;
}

bool json_literal(struct json_scan *s)
{
    static const struct rh_str words[] = {RH_STR_INIT("true"), RH_STR_INIT("false"),
                                          RH_STR_INIT("null")};

    if (s->rc != RH_OK)
        return false;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        size_t n = words[i].n;

        if ((size_t)(s->end - s->p) >= n && memcmp(s->p, words[i].p, n) == 0) {
            s->p += n;
            return true;
        }
    }
    return json_fail(s, s->p, "the only words are true, false and null");
}

bool json_enter(struct json_scan *s, struct json_nest *nest)
{
    if (s->rc != RH_OK)
        return false;
    assert(*s->p == '{' || *s->p == '[');
    if (s->depth == JSON_DEPTH_MAX)
        return json_fail(s, s->p, "nested more than 64 deep");
    s->depth++;
    s->p++;
    *nest = (struct json_nest){s->key_count, true};
    return true;
}

static struct json_key *all_keys(struct json_scan *s)
{
    return s->more_keys.n > 0 ? (struct json_key *)(void *)s->more_keys.p : s->keys;
}

bool json_note_key(struct json_scan *s, struct json_string key)
{
    struct json_key entry = {(uint32_t)(key.p - s->start),
                             (uint32_t)key.n | (key.has_escape ? HAS_ESCAPE : 0)};

    if (s->rc != RH_OK)
        return false;
    if (s->more_keys.n == 0 && s->key_count < JSON_KEYS_INLINE) {
        s->keys[s->key_count++] = entry;
        return true;
    }
    if (s->more_keys.n == 0 && rh_buf_append(&s->more_keys, s->keys, sizeof(s->keys)) != RH_OK)
        return fail_memory(s);
    if (rh_buf_append(&s->more_keys, &entry, sizeof(entry)) != RH_OK)
        return fail_memory(s);
    s->key_count++;
    return true;
}

static int key_cmp(const void *a, const void *b, void *ctx)
{
    const struct json_key *left = a;
    const struct json_key *right = b;
    const char *start = ctx;

    return json_string_cmp((struct json_string){start + left->at, left->length & ~HAS_ESCAPE,
                                                (left->length & HAS_ESCAPE) != 0},
                           (struct json_string){start + right->at, right->length & ~HAS_ESCAPE,
                                                (right->length & HAS_ESCAPE) != 0});
}

/* Keys without escapes are as long as what they mean: other lengths need no look at the bytes. */
static bool is_same_key(const struct json_key *a, const struct json_key *b, void *start)
{
    if (((a->length | b->length) & HAS_ESCAPE) == 0 && a->length != b->length)
        return false;
    return key_cmp(a, b, start) == 0;
}

/* Forgets the keys from base on. */
static void drop_keys(struct json_scan *s, uint32_t base)
{
    s->key_count = base;
    if (s->more_keys.n == 0)
        return;
    if (base <= JSON_KEYS_INLINE) {
        memcpy(s->keys, s->more_keys.p, base * sizeof(s->keys[0]));
        rh_buf_reset(&s->more_keys);
    } else {
        s->more_keys.n = base * sizeof(s->keys[0]);
    }
}

/* The keys noted since base must differ. */
static bool check_keys(struct json_scan *s, uint32_t base)
{
    struct json_key *keys = all_keys(s) + base;
    uint32_t count = s->key_count - base;
    void *start = (void *)(uintptr_t)s->start;

    assert(s->key_count >= base);
    if (count > PAIRWISE_MAX) {
        if (rh_sort(keys, count, sizeof(*keys), key_cmp, start, NULL) != RH_OK)
            return fail_memory(s);
        for (uint32_t i = 1; i < count; i++) {
            if (key_cmp(&keys[i - 1], &keys[i], start) == 0)
                return json_fail(s, s->start + keys[i].at - 1, "the object has this key already");
        }
    } else {
        for (uint32_t i = 1; i < count; i++) {
            for (uint32_t k = 0; k < i; k++) {
                if (is_same_key(&keys[k], &keys[i], start))
                    return json_fail(s, s->start + keys[i].at - 1,
                                     "the object has this key already");
            }
        }
    }
    if (count > 0)
        drop_keys(s, base);
    return true;
}

/* Reads the separator before the next entry, or the closing bracket. False when there is no next
 * entry. */
static bool next_entry(struct json_scan *s, struct json_nest *nest, char close, const char *rule)
{
    if (s->rc != RH_OK)
        return false;
    skip_space(s);
    if (s->p == s->end)
        return json_fail(s, s->p, close == '}' ? "the object has no end" : "the array has no end");
    if (*s->p == close && nest->is_first) {
        s->p++;
        s->depth--;
        return false;
    }
    if (nest->is_first) {
        nest->is_first = false;
        return true;
    }
    if (*s->p == close) {
        s->p++;
        s->depth--;
        return false;
    }
    if (*s->p != ',')
        return json_fail(s, s->p, rule);
    s->p++;
    skip_space(s);
    if (s->p < s->end && *s->p == close)
        return json_fail(s, s->p, "a comma is followed by another entry");
    return true;
}

bool json_next_key(struct json_scan *s, struct json_nest *nest, struct json_string *key)
{
    if (!next_entry(s, nest, '}', "entries of an object are separated by commas")) {
        if (s->rc == RH_OK)
            (void)check_keys(s, nest->key_base); /* Sticky. */
        return false;
    }
    if (json_peek(s) != JSON_STRING)
        return json_fail(s, s->p, "keys are strings in double quotes");
    if (!json_string(s, key))
        return false;
    skip_space(s);
    if (s->p == s->end || *s->p != ':')
        return json_fail(s, s->p, "a key is followed by a colon");
    s->p++;
    return true;
}

bool json_next_item(struct json_scan *s, struct json_nest *nest)
{
    return next_entry(s, nest, ']', "entries of an array are separated by commas");
}

static bool skip_value(struct json_scan *s);

static bool skip_nest(struct json_scan *s, bool is_object)
{
    struct json_nest nest;
    struct json_string key;

    if (!json_enter(s, &nest))
        return false;
    if (is_object) {
        while (json_next_key(s, &nest, &key)) {
            if (!json_note_key(s, key) || !skip_value(s))
                return false;
        }
    } else {
        while (json_next_item(s, &nest)) {
            if (!skip_value(s))
                return false;
        }
    }
    return s->rc == RH_OK;
}

static bool skip_value(struct json_scan *s)
{
    struct json_string string;
    struct json_number number;
    uint32_t kind = json_peek(s);

    switch (kind) {
    case JSON_OBJECT:
    case JSON_ARRAY:
        return skip_nest(s, kind == JSON_OBJECT);
    case JSON_STRING:
        return json_string(s, &string);
    case JSON_NUMBER:
        return json_number(s, &number);
    case JSON_TRUE:
    case JSON_FALSE:
    case JSON_NULL:
        return json_literal(s);
    default:
        return json_fail(s, s->p, s->p == s->end ? "a value is missing" : "no value begins so");
    }
}

bool json_skip(struct json_scan *s, struct rh_str *raw)
{
    const char *from;

    (void)json_peek(s); /* Only for the white space before the value. */
    from = s->p;
    if (!skip_value(s))
        return false;
    if (raw)
        *raw = (struct rh_str){from, (size_t)(s->p - from)};
    return true;
}

bool json_end(struct json_scan *s)
{
    if (s->rc != RH_OK)
        return false;
    skip_space(s);
    if (s->p != s->end)
        return json_fail(s, s->p, "nothing may follow the value");
    return true;
}

void json_describe(const struct json_scan *s, char *dst, size_t size)
{
    size_t line = 1;
    const char *line_start = s->start;

    assert(s->rc != RH_OK);
    for (const char *p = s->start; p < s->rule_at; p++) {
        if (*p == '\n') {
            line++;
            line_start = p + 1;
        }
    }
    /* Cut where it does not fit, as the header says. */
    (void)snprintf(dst, size, "at byte %zu (line %zu, column %zu): %s",
                   (size_t)(s->rule_at - s->start), line, (size_t)(s->rule_at - line_start) + 1,
                   s->rule);
}

int32_t json_check(struct rh_str text, char *why, size_t why_size)
{
    struct json_scan s;
    int32_t rc;

    json_scan_init(&s, text);
    if (json_skip(&s, NULL))
        (void)json_end(&s); /* Sticky: rc tells. */
    rc = s.rc;
    if (rc != RH_OK && why)
        json_describe(&s, why, why_size);
    json_scan_release(&s);
    return rc;
}
