/* Streams one JSON value onto an rh_buf; doubles are formatted in json_double.c. */
#include <ringhost/sdk/json_writer.h>

#include <assert.h>
#include <math.h>
#include <string.h>

#define DIGITS_MAX 20u

void rh_json_init(struct rh_json_writer *w, struct rh_buf *buf)
{
    *w = (struct rh_json_writer){.buf = buf, .rc = buf->rc};
}

int32_t rh_json_finish(struct rh_json_writer *w)
{
    if (w->rc == RH_OK)
        w->rc = w->buf->rc;
    if (w->rc == RH_OK) {
        assert(w->depth == 0);
        assert(w->has_value);
    }
    return w->rc;
}

static uint64_t level_bit(const struct rh_json_writer *w)
{
    return UINT64_C(1) << (w->depth - 1);
}

static bool is_in_object(const struct rh_json_writer *w)
{
    return w->depth > 0 && (w->object_mask & level_bit(w));
}

static bool is_failed(struct rh_json_writer *w)
{
    if (w->rc == RH_OK)
        w->rc = w->buf->rc;
    return w->rc != RH_OK;
}

/* Small pieces are most of the work, so those that fit are copied here. Errors are sticky in buf:
 * is_failed and finish look at it. */
static void put(struct rh_json_writer *w, const void *bytes, size_t size)
{
    struct rh_buf *buf = w->buf;

    if (buf->rc != RH_OK || buf->cap - buf->n <= size) {
        (void)rh_buf_append(buf, bytes, size);
        return;
    }
    memcpy(buf->p + buf->n, bytes, size);
    buf->n += size;
    buf->p[buf->n] = '\0';
}

static void put_comma(struct rh_json_writer *w)
{
    if (w->filled_mask & level_bit(w))
        put(w, ",", 1);
    w->filled_mask |= level_bit(w);
}

/* Whether a value may be written now; writes the comma before it. */
static bool value_starts(struct rh_json_writer *w)
{
    if (is_failed(w))
        return false;
    if (w->depth == 0) {
        assert(!w->has_value);
        w->has_value = true;
    } else if (is_in_object(w)) {
        assert(w->has_key);
        w->has_key = false;
    } else {
        put_comma(w);
    }
    return true;
}

static void begin(struct rh_json_writer *w, bool is_object)
{
    if (!value_starts(w))
        return;
    if (w->depth == RH_JSON_DEPTH_MAX) {
        w->rc = RH_ETOOLARGE;
        return;
    }
    w->depth++;
    w->filled_mask &= ~level_bit(w);
    if (is_object)
        w->object_mask |= level_bit(w);
    else
        w->object_mask &= ~level_bit(w);
    put(w, is_object ? "{" : "[", 1);
}

static void end(struct rh_json_writer *w, bool is_object)
{
    if (is_failed(w))
        return;
    assert(w->depth > 0);
    assert(!w->has_key);
    assert(is_in_object(w) == is_object);
    w->depth--;
    put(w, is_object ? "}" : "]", 1);
}

void rh_json_begin_object(struct rh_json_writer *w)
{
    begin(w, true);
}

void rh_json_end_object(struct rh_json_writer *w)
{
    end(w, true);
}

void rh_json_begin_array(struct rh_json_writer *w)
{
    begin(w, false);
}

void rh_json_end_array(struct rh_json_writer *w)
{
    end(w, false);
}

/* Length of the well-formed sequence at p, or minus the length of the broken piece there; n >= 1.
 * Ranges: Unicode 15, table 3-7. */
static int utf8_length(const unsigned char *p, size_t n)
{
    unsigned char low = 0x80;
    unsigned char high = 0xbf;
    int length;

    if (p[0] < 0x80)
        return 1;
    if (p[0] < 0xc2 || p[0] > 0xf4)
        return -1;
    length = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    if (p[0] == 0xe0)
        low = 0xa0;
    else if (p[0] == 0xed)
        high = 0x9f;
    else if (p[0] == 0xf0)
        low = 0x90;
    else if (p[0] == 0xf4)
        high = 0x8f;
    for (int i = 1; i < length; i++) {
        if ((size_t)i >= n || p[i] < low || p[i] > high)
            return -i;
        low = 0x80;
        high = 0xbf;
    }
    return length;
}

/* Writes the escape of one byte below 0x20, '"' or '\\'. */
static void put_escape(struct rh_json_writer *w, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    static const char letters[] = "btn-fr"; /* 0x08 to 0x0d; 0x0b has none. */
    char text[6] = {'\\', (char)c, '0', '0', hex[c >> 4], hex[c & 15]};

    if (c >= 0x20) {
        put(w, text, 2);
    } else if (c >= 0x08 && c <= 0x0d && c != 0x0b) {
        text[1] = letters[c - 0x08];
        put(w, text, 2);
    } else {
        text[1] = 'u';
        put(w, text, 6);
    }
}

/* Whether 8 bytes are all ASCII, no control, no quote and no backslash. May say no wrongly, never
 * yes. */
static bool is_plain_8(const unsigned char *p)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t x;
    uint64_t special;

    memcpy(&x, p, sizeof(x));
    special = x | (x - ones * 0x20) | ((x ^ (ones * '"')) - ones) | ((x ^ (ones * '\\')) - ones);
    return (special & (ones << 7)) == 0;
}

/* Copies runs that need no change at once. */
static void put_string(struct rh_json_writer *w, struct rh_str s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    size_t start = 0;
    size_t i = 0;

    put(w, "\"", 1);
    while (i < s.n) {
        int length = 1;

        if (s.n - i >= 8 && is_plain_8(p + i)) {
            i += 8;
            continue;
        }
        if (p[i] >= 0x80)
            length = utf8_length(p + i, s.n - i);
        if (length > 0 && p[i] >= 0x20 && p[i] != '"' && p[i] != '\\') {
            i += (size_t)length;
            continue;
        }
        put(w, p + start, i - start);
        if (length > 0)
            put_escape(w, p[i]);
        else
            put(w, "\xef\xbf\xbd", 3);
        i += (size_t)(length > 0 ? length : -length);
        start = i;
    }
    if (start < i)
        put(w, p + start, i - start);
    put(w, "\"", 1);
}

void rh_json_key_str(struct rh_json_writer *w, struct rh_str key)
{
    if (is_failed(w))
        return;
    assert(is_in_object(w));
    assert(!w->has_key);
    put_comma(w);
    put_string(w, key);
    put(w, ":", 1);
    w->has_key = true;
}

void rh_json_key(struct rh_json_writer *w, const char *key)
{
    rh_json_key_str(w, (struct rh_str){key, strlen(key)});
}

void rh_json_string(struct rh_json_writer *w, struct rh_str s)
{
    if (value_starts(w))
        put_string(w, s);
}

void rh_json_string_c(struct rh_json_writer *w, const char *text)
{
    if (!text)
        rh_json_null(w);
    else
        rh_json_string(w, (struct rh_str){text, strlen(text)});
}

/* Writes the digits at the end of text[DIGITS_MAX] and returns where they begin. */
static const char *format_digits(char text[DIGITS_MAX], uint64_t value)
{
    char *p = text + DIGITS_MAX;

    do {
        *--p = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    return p;
}

static void put_digits(struct rh_json_writer *w, uint64_t value)
{
    char text[DIGITS_MAX];
    const char *p = format_digits(text, value);

    put(w, p, (size_t)(text + DIGITS_MAX - p));
}

void rh_json_int(struct rh_json_writer *w, int64_t value)
{
    if (!value_starts(w))
        return;
    if (value < 0)
        put(w, "-", 1);
    put_digits(w, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void rh_json_u64(struct rh_json_writer *w, uint64_t value)
{
    if (!value_starts(w))
        return;
    put(w, "\"", 1);
    put_digits(w, value);
    put(w, "\"", 1);
}

void rh_json_double(struct rh_json_writer *w, double value)
{
    char text[RH_JSON_DOUBLE_SIZE];

    if (!value_starts(w))
        return;
    if (!isfinite(value)) {
        w->rc = RH_EINVAL;
        return;
    }
    put(w, text, rh_json_format_double(text, value));
}

void rh_json_raw(struct rh_json_writer *w, struct rh_str json)
{
    if (!value_starts(w))
        return;
    if (json.n)
        put(w, json.p, json.n);
    else
        put(w, "null", 4);
}

void rh_json_bool(struct rh_json_writer *w, bool value)
{
    rh_json_raw(w, value ? (struct rh_str){"true", 4} : (struct rh_str){"false", 5});
}

void rh_json_null(struct rh_json_writer *w)
{
    rh_json_raw(w, (struct rh_str){"null", 4});
}

void rh_json_kv_str(struct rh_json_writer *w, const char *key, struct rh_str value)
{
    rh_json_key(w, key);
    rh_json_string(w, value);
}

void rh_json_kv_strc(struct rh_json_writer *w, const char *key, const char *value)
{
    rh_json_key(w, key);
    rh_json_string_c(w, value);
}

void rh_json_kv_int(struct rh_json_writer *w, const char *key, int64_t value)
{
    rh_json_key(w, key);
    rh_json_int(w, value);
}

void rh_json_kv_u64(struct rh_json_writer *w, const char *key, uint64_t value)
{
    rh_json_key(w, key);
    rh_json_u64(w, value);
}

void rh_json_kv_double(struct rh_json_writer *w, const char *key, double value)
{
    rh_json_key(w, key);
    rh_json_double(w, value);
}

void rh_json_kv_bool(struct rh_json_writer *w, const char *key, bool value)
{
    rh_json_key(w, key);
    rh_json_bool(w, value);
}

void rh_json_kv_null(struct rh_json_writer *w, const char *key)
{
    rh_json_key(w, key);
    rh_json_null(w);
}

void rh_json_str_list(struct rh_json_writer *w, const struct rh_str_list *list)
{
    rh_json_begin_array(w);
    for (uint32_t i = 0; i < list->count; i++)
        rh_json_string(w, list->items[i]);
    rh_json_end_array(w);
}

void rh_json_kv_str_list(struct rh_json_writer *w, const char *key, const struct rh_str_list *list)
{
    rh_json_key(w, key);
    rh_json_str_list(w, list);
}

void rh_json_kv_raw(struct rh_json_writer *w, const char *key, struct rh_str json)
{
    rh_json_key(w, key);
    rh_json_raw(w, json);
}
