/* Walks over JSON text once and folds what it means. */
#include <ringhost/sdk/json_digest.h>

#include <string.h>

#include <ringhost/sdk/hash.h>
#include <ringhost/sdk/str.h>

/* Whole numbers up to here are the same as doubles and as integers. */
#define EXACT_MAX 9007199254740992.0

/* What a value is, so that "1" and 1 differ. */
enum kind { KIND_WORD = 1, KIND_STRING, KIND_INT, KIND_U64, KIND_DOUBLE, KIND_ARRAY, KIND_OBJECT };

struct scan {
    const char *p;
    const char *end;
    uint32_t depth;
};

static uint64_t begin(enum kind kind)
{
    return rh_hash_fnv1a_u64(RH_HASH_FNV1A_INIT, kind);
}

static char peek(const struct scan *s)
{
    return s->p < s->end ? *s->p : '\0';
}

static void skip_space(struct scan *s)
{
    while (s->p < s->end && strchr(" \t\r\n,:", *s->p) && *s->p)
        s->p++;
}

static uint32_t read_hex4(struct scan *s)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < 4 && s->p < s->end; i++, s->p++) {
        static const char digits[] = "0123456789abcdef";
        const char lower = (char)(*s->p >= 'A' && *s->p <= 'F' ? *s->p - 'A' + 'a' : *s->p);
        const char *at = lower ? strchr(digits, lower) : NULL;

        value = value * 16 + (at ? (uint32_t)(at - digits) : 0);
    }
    return value;
}

static uint64_t add_utf8(uint64_t digest, uint32_t code)
{
    unsigned char bytes[4];
    size_t n = 0;

    if (code < 0x80) {
        bytes[n++] = (unsigned char)code;
    } else if (code < 0x800) {
        bytes[n++] = (unsigned char)(0xc0 | code >> 6);
        bytes[n++] = (unsigned char)(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        bytes[n++] = (unsigned char)(0xe0 | code >> 12);
        bytes[n++] = (unsigned char)(0x80 | (code >> 6 & 0x3f));
        bytes[n++] = (unsigned char)(0x80 | (code & 0x3f));
    } else {
        bytes[n++] = (unsigned char)(0xf0 | (code >> 18 & 0x07));
        bytes[n++] = (unsigned char)(0x80 | (code >> 12 & 0x3f));
        bytes[n++] = (unsigned char)(0x80 | (code >> 6 & 0x3f));
        bytes[n++] = (unsigned char)(0x80 | (code & 0x3f));
    }
    return rh_hash_fnv1a(digest, bytes, n);
}

/* After a backslash. */
static uint64_t add_escape(struct scan *s, uint64_t digest)
{
    static const char names[] = "bfnrt";
    static const char values[] = "\b\f\n\r\t";
    const char c = peek(s);
    const char *at = c ? strchr(names, c) : NULL;
    uint32_t code;

    if (s->p < s->end)
        s->p++;
    if (c != 'u')
        return rh_hash_fnv1a(digest, at ? values + (at - names) : &c, 1);
    code = read_hex4(s);
    if (code >= 0xd800 && code < 0xdc00 && s->end - s->p >= 6 && s->p[0] == '\\' &&
        s->p[1] == 'u') {
        s->p += 2;
        code = 0x10000 + ((code - 0xd800) << 10) + ((read_hex4(s) - 0xdc00) & 0x3ff);
    }
    return add_utf8(digest, code);
}

static uint64_t string_digest(struct scan *s)
{
    uint64_t digest = begin(KIND_STRING);

    s->p++;
    while (s->p < s->end && *s->p != '"') {
        const char c = *s->p++;

        digest = c == '\\' ? add_escape(s, digest) : rh_hash_fnv1a(digest, &c, 1);
    }
    if (s->p < s->end)
        s->p++;
    return digest;
}

static uint64_t number_digest(struct rh_str text)
{
    const bool is_whole = !memchr(text.p, '.', text.n) && !memchr(text.p, 'e', text.n) &&
                          !memchr(text.p, 'E', text.n);
    int64_t i;
    uint64_t u;
    double d;

    if (rh_parse_i64(text, &i) == RH_OK)
        return rh_hash_fnv1a_u64(begin(KIND_INT), (uint64_t)i);
    if (rh_parse_u64(text, &u) == RH_OK)
        return rh_hash_fnv1a_u64(begin(KIND_U64), u);
    if (is_whole || rh_parse_f64(text, &d) != RH_OK)
        return rh_hash_fnv1a(begin(KIND_WORD), text.p, text.n);
    if (d >= -EXACT_MAX && d <= EXACT_MAX && d == (double)(int64_t)d)
        return rh_hash_fnv1a_u64(begin(KIND_INT), (uint64_t)(int64_t)d);
    memcpy(&u, &d, sizeof(u));
    return rh_hash_fnv1a_u64(begin(KIND_DOUBLE), u);
}

/* true, false, null or a number. */
static uint64_t word_digest(struct scan *s)
{
    struct rh_str text = {s->p, 0};

    while (s->p < s->end && *s->p && !strchr(" \t\r\n,:]}[{\"", *s->p))
        s->p++;
    if (s->p == text.p && s->p < s->end)
        s->p++; /* no JSON; go on in any case */
    text.n = (size_t)(s->p - text.p);
    if (text.n && (text.p[0] == '-' || (text.p[0] >= '0' && text.p[0] <= '9')))
        return number_digest(text);
    return rh_hash_fnv1a(begin(KIND_WORD), text.p, text.n);
}

static uint64_t value_digest(struct scan *s);

static uint64_t array_digest(struct scan *s)
{
    uint64_t digest = begin(KIND_ARRAY);

    s->p++;
    for (skip_space(s); s->p < s->end && *s->p != ']'; skip_space(s))
        digest = rh_hash_fnv1a_u64(digest, value_digest(s));
    if (s->p < s->end)
        s->p++;
    return digest;
}

/* A sum knows no order. */
static uint64_t object_digest(struct scan *s)
{
    uint64_t sum = 0;

    s->p++;
    for (skip_space(s); s->p < s->end && *s->p != '}'; skip_space(s)) {
        uint64_t member = value_digest(s);

        skip_space(s);
        member = rh_hash_fnv1a_u64(member, value_digest(s));
        sum += rh_hash_mix(member);
    }
    if (s->p < s->end)
        s->p++;
    return rh_hash_fnv1a_u64(begin(KIND_OBJECT), sum);
}

static uint64_t value_digest(struct scan *s)
{
    uint64_t digest;

    skip_space(s);
    if (peek(s) == '"')
        return string_digest(s);
    if ((peek(s) != '{' && peek(s) != '[') || s->depth == RH_JSON_DIGEST_DEPTH_MAX)
        return word_digest(s);
    s->depth++;
    digest = peek(s) == '{' ? object_digest(s) : array_digest(s);
    s->depth--;
    return digest;
}

uint64_t rh_json_digest(struct rh_str json)
{
    struct scan s = {json.p, json.p + json.n, 0};

    return json.n ? value_digest(&s) : begin(KIND_WORD);
}
