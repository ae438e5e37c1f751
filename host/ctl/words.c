/* Small texts for people: spans of time, safe words, colours of states. No tables, no input. */
#include "host/ctl/words.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <ringhost/sdk/str.h>

/* Length of the UTF-8 sequence at p, and its code point; 0 when it is none (RFC 3629). */
static size_t decode(const char *p, size_t n, uint32_t *point)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char first = (unsigned char)p[0];
    const size_t length = first < 0x80 ? 1 : first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3 : 4;

    if (length > n || (length == 4 && first >> 3 != 30))
        return 0;
    *point = length == 1 ? first : first & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if (((unsigned char)p[i] & 0xC0) != 0x80)
            return 0;
        *point = *point << 6 | ((unsigned char)p[i] & 0x3Fu);
    }
    if (*point < least[length] || *point > 0x10FFFF || (*point >= 0xD800 && *point <= 0xDFFF))
        return 0;
    return length;
}

static bool is_control(uint32_t point)
{
    return point < 0x20 || (point >= 0x7F && point < 0xA0) ||
           (point >= 0x200E && point <= 0x200F) || (point >= 0x2028 && point <= 0x202E) ||
           (point >= 0x2066 && point <= 0x2069);
}

void words_put(struct rh_buf *out, struct rh_str text)
{
    uint32_t point = 0;
    size_t i = 0;

    while (i < text.n) {
        const size_t length = decode(text.p + i, text.n - i, &point);

        if (length == 0 || is_control(point))
            (void)rh_buf_append_byte(out, '?'); /* sticky, as everywhere here */
        else
            (void)rh_buf_append(out, text.p + i, length);
        i += length ? length : 1;
    }
}

void words_put_lines(struct rh_buf *out, struct rh_str text)
{
    size_t from = 0;

    for (size_t i = 0; i <= text.n; i++) {
        if (i < text.n && text.p[i] != '\n' && text.p[i] != '\t')
            continue;
        words_put(out, (struct rh_str){text.p + from, i - from});
        if (i < text.n)
            (void)rh_buf_append_byte(out, text.p[i]); /* sticky, as above */
        from = i + 1;
    }
}

void words_put_c(struct rh_buf *out, const char *text)
{
    words_put(out, rh_str_from(text));
}

void words_span(struct rh_buf *out, int64_t span_ms)
{
    const int64_t ms = span_ms > 0 ? span_ms : 0;
    const int64_t s = ms / 1000;

    if (s < 1)
        (void)rh_buf_printf(out, "%" PRId64 " ms", ms);
    else if (s < 60)
        (void)rh_buf_printf(out, "%" PRId64 " s", s);
    else if (s < 3600)
        (void)rh_buf_printf(out, "%" PRId64 " min %" PRId64 " s", s / 60, s % 60);
    else if (s < 86400)
        (void)rh_buf_printf(out, "%" PRId64 " h %" PRId64 " min", s / 3600, s / 60 % 60);
    else
        (void)rh_buf_printf(out, "%" PRId64 " d %" PRId64 " h", s / 86400, s / 3600 % 24);
}

void words_ago(struct rh_buf *out, int64_t at_ms, int64_t now_ms)
{
    if (at_ms <= 0) {
        (void)rh_buf_append_c(out, "never");
    } else if (at_ms > now_ms) {
        (void)rh_buf_append_c(out, "in ");
        words_span(out, at_ms - now_ms);
    } else {
        words_span(out, now_ms - at_ms);
        (void)rh_buf_append_c(out, " ago");
    }
}

void words_instant(struct rh_buf *out, int64_t at_ms)
{
    const time_t seconds = (time_t)(at_ms / 1000);
    struct tm parts;
    char text[40];

    if (at_ms <= 0 || !gmtime_r(&seconds, &parts) ||
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
        (void)rh_buf_append_byte(out, '-');
    else
        (void)rh_buf_append_c(out, text);
}

void words_number(struct rh_buf *out, double value, int digits)
{
    static const int64_t powers[] = {1,      10,      100,      1000,      10000,
                                     100000, 1000000, 10000000, 100000000, 1000000000};
    const int64_t power = powers[digits];
    const double scaled = round(fabs(value) * (double)power);
    int64_t whole;

    if (!isfinite(value) || scaled > 9e15) {
        (void)rh_buf_append_byte(out, '-');
        return;
    }
    whole = (int64_t)scaled;
    (void)rh_buf_printf(out, "%s%" PRId64, value < 0 && whole > 0 ? "-" : "", whole / power);
    if (digits > 0)
        (void)rh_buf_printf(out, ".%0*" PRId64, digits, whole % power);
}

static size_t point_width(uint32_t point)
{
    static const struct {
        uint32_t first;
        uint32_t last;
        size_t width;
    } ranges[] = {{0x0300, 0x036F, 0}, {0x1100, 0x115F, 2},  {0x2E80, 0xA4CF, 2},
                  {0xAC00, 0xD7A3, 2}, {0xF900, 0xFAFF, 2},  {0xFE30, 0xFE6F, 2},
                  {0xFF00, 0xFF60, 2}, {0x1F300, 0x1FAFF, 2}};

    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        if (point >= ranges[i].first && point <= ranges[i].last)
            return ranges[i].width;
    }
    return 1;
}

size_t words_width(struct rh_str text)
{
    uint32_t point = 0;
    size_t width = 0;
    size_t i = 0;

    while (i < text.n) {
        const size_t length = decode(text.p + i, text.n - i, &point);

        width += length ? point_width(point) : 1;
        i += length ? length : 1;
    }
    return width;
}

const char *words_colour(struct rh_str state)
{
    static const struct {
        const char *colour;
        const char *words; /* each between blanks */
    } rows[] = {
        {"\033[32m", " ok active alive completed done win stronger leader "},
        {"\033[33m", " degraded waiting loading starting suspect delayed running leased pending "
                     "inactive draining undecided "},
        {"\033[31m", " failing failed dead left error cancelled loss weaker stopped "},
    };
    char word[40];

    if (state.n == 0 || state.n > 32 || memchr(state.p, ' ', state.n))
        return NULL;
    (void)snprintf(word, sizeof(word), " %.*s ", (int)state.n, state.p); /* fits */
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strstr(rows[i].words, word))
            return rows[i].colour;
    }
    return NULL;
}
