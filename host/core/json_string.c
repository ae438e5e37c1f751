/* JSON strings as written between their quotes: checked, compared and unescaped; the rest of JSON
 * is in json_scan. */
#include "host/core/json_string.h"

#include <assert.h>
#include <string.h>

#define BYTES_01 UINT64_C(0x0101010101010101)
#define BYTES_80 UINT64_C(0x8080808080808080)

/* Whether 8 bytes are all ASCII, no control, no quote and no backslash. May say no wrongly, never
 * yes. */
static bool is_plain_8(const char *p)
{
    uint64_t x;
    uint64_t control;
    uint64_t quote;
    uint64_t backslash;

    memcpy(&x, p, sizeof(x));
    control = x - BYTES_01 * 0x20;
    quote = (x ^ (BYTES_01 * '"')) - BYTES_01;
    backslash = (x ^ (BYTES_01 * '\\')) - BYTES_01;
    return ((x | control | quote | backslash) & BYTES_80) == 0;
}

static bool is_tail(const char *p, const char *end)
{
    return p < end && ((unsigned char)*p & 0xc0) == 0x80;
}

/* Table 3-7 of the Unicode standard: the second byte rules out overlong forms, surrogates and
 * beyond U+10FFFF. */
size_t json_utf8_length(const char *p, const char *end)
{
    unsigned char c = (unsigned char)p[0];
    unsigned char second = p + 1 < end ? (unsigned char)p[1] : 0;

    if (c < 0x80)
        return 1;
    if (c < 0xc2 || c > 0xf4 || !is_tail(p + 1, end))
        return 0;
    if (c < 0xe0)
        return 2;
    if (c < 0xf0) {
        if ((c == 0xe0 && second < 0xa0) || (c == 0xed && second > 0x9f))
            return 0;
        return is_tail(p + 2, end) ? 3 : 0;
    }
    if ((c == 0xf0 && second < 0x90) || (c == 0xf4 && second > 0x8f))
        return 0;
    return is_tail(p + 2, end) && is_tail(p + 3, end) ? 4 : 0;
}

bool json_utf8_valid(struct rh_str s)
{
    const char *p = s.n > 0 ? s.p : "";
    const char *end = p + s.n;

    while (p < end) {
        size_t length = *p == '\0' ? 0 : json_utf8_length(p, end);

        if (length == 0)
            return false;
        p += length;
    }
    return true;
}

static int32_t hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* The four digits at p as a number, or -1. */
static int32_t hex_4(const char *p, const char *end)
{
    int32_t value = 0;

    if (end - p < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int32_t digit = hex_digit(p[i]);

        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* p is after "\u". Returns the byte after the escape, both halves of a pair, or NULL with *rule. */
static const char *check_unicode(const char *p, const char *end, const char **rule)
{
    int32_t unit = hex_4(p, end);
    int32_t low;

    if (unit < 0) {
        *rule = "\\u takes four hexadecimal digits";
        return NULL;
    }
    if (unit == 0) {
        *rule = "\\u0000 is not allowed";
        return NULL;
    }
    p += 4;
    if (unit < 0xd800 || unit > 0xdfff)
        return p;
    low = unit < 0xdc00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u' ? hex_4(p + 2, end) : -1;
    if (low < 0xdc00 || low > 0xdfff) {
        *rule = "half of a surrogate pair";
        return NULL;
    }
    return p + 6;
}

static const char *check_escape(const char *p, const char *end, const char **rule)
{
    if (p + 1 < end && p[1] == 'u')
        return check_unicode(p + 2, end, rule);
    if (p + 1 < end && p[1] != '\0' && strchr("\"\\/bfnrt", p[1]))
        return p + 2;
    *rule = "unknown escape in a string";
    return NULL;
}

const char *json_string_scan(const char *p, const char *end, struct json_string *out,
                             const char **rule, const char **rule_at)
{
    const char *start = p;
    bool has_escape = false;

    for (;;) {
        const char *next;

        while (end - p >= 8 && is_plain_8(p))
            p += 8;
        *rule_at = p;
        if (p == end) {
            *rule = "the string has no end";
            return NULL;
        }
        if (*p == '"')
            break;
        if (*p == '\\') {
            has_escape = true;
            next = check_escape(p, end, rule);
            if (!next)
                return NULL;
            p = next;
        } else if ((unsigned char)*p < 0x20) {
            *rule = "control characters in a string must be escaped";
            return NULL;
        } else if ((unsigned char)*p < 0x80) {
            p++;
        } else {
            size_t length = json_utf8_length(p, end);

            if (length == 0) {
                *rule = "the string is not UTF-8";
                return NULL;
            }
            p += length;
        }
    }
    *out = (struct json_string){start, (size_t)(p - start), has_escape};
    return p + 1;
}

static size_t put_utf8(char *dst, uint32_t c)
{
    if (c < 0x80) {
        dst[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        dst[0] = (char)(0xc0 | (c >> 6));
        dst[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        dst[0] = (char)(0xe0 | (c >> 12));
        dst[1] = (char)(0x80 | ((c >> 6) & 0x3f));
        dst[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    dst[0] = (char)(0xf0 | (c >> 18));
    dst[1] = (char)(0x80 | ((c >> 12) & 0x3f));
    dst[2] = (char)(0x80 | ((c >> 6) & 0x3f));
    dst[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

/* Decodes the checked escape at *p, moves *p behind it, writes at most 4 bytes. */
static size_t decode_escape(const char **p, const char *end, char *dst)
{
    static const char names[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    char kind = (*p)[1];
    int32_t unit;
    int32_t low;

    if (kind != 'u') {
        const char *found = strchr(names, kind);

        assert(found);
        dst[0] = meanings[found - names];
        *p += 2;
        return 1;
    }
    unit = hex_4(*p + 2, end);
    assert(unit > 0);
    *p += 6;
    if (unit < 0xd800 || unit > 0xdbff)
        return put_utf8(dst, (uint32_t)unit);
    low = hex_4(*p + 2, end);
    assert(low >= 0xdc00);
    *p += 6;
    return put_utf8(dst, 0x10000u + (((uint32_t)unit - 0xd800u) << 10) + ((uint32_t)low - 0xdc00u));
}

size_t json_string_decode(struct json_string s, char *dst)
{
    const char *p = s.p;
    const char *end = p + s.n;
    size_t n = 0;

    if (!s.has_escape) {
        memcpy(dst, s.p, s.n);
        return s.n;
    }
    while (p < end) {
        if (*p == '\\')
            n += decode_escape(&p, end, dst + n);
        else
            dst[n++] = *p++;
    }
    return n;
}

/* Steps through the meant bytes of a string without memory. */
struct walk {
    const char *p;
    const char *end;
    size_t count;
    size_t index;
    char bytes[4];
};

/* The next meant byte, or -1 at the end. */
static int walk_next(struct walk *w)
{
    if (w->index == w->count) {
        if (w->p == w->end)
            return -1;
        w->index = 0;
        if (*w->p == '\\') {
            w->count = decode_escape(&w->p, w->end, w->bytes);
        } else {
            w->bytes[0] = *w->p++;
            w->count = 1;
        }
    }
    return (unsigned char)w->bytes[w->index++];
}

int json_string_cmp(struct json_string a, struct json_string b)
{
    struct walk left = {.p = a.p, .end = a.p + a.n};
    struct walk right = {.p = b.p, .end = b.p + b.n};
    size_t shorter = a.n < b.n ? a.n : b.n;
    int l;
    int r;

    if (!a.has_escape && !b.has_escape) {
        int order = shorter > 0 ? memcmp(a.p, b.p, shorter) : 0;

        return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
    }
    do {
        l = walk_next(&left);
        r = walk_next(&right);
    } while (l == r && l >= 0);
    return l - r;
}

int32_t json_unescape(struct json_string s, struct field_arena *arena, struct rh_str *out)
{
    char *dst = field_arena_text(arena, s.n);
    size_t n;

    if (!dst)
        return arena->rc;
    n = json_string_decode(s, dst);
    field_arena_trim(arena, s.n - n);
    *out = (struct rh_str){dst, n};
    return RH_OK;
}
