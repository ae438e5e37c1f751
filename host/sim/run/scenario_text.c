/* Words of a scenario's line; see scenario_text.h. */
#include "host/sim/run/scenario_text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#include "host/sim/run/scenario.h"

#define DIGITS_MAX 15u
#define SAID_MAX   384u

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

struct rh_str text_word(struct scenario_text *text)
{
    struct rh_str word = {NULL, 0};

    while (text->at < text->line.n && is_blank(text->line.p[text->at]))
        text->at++;
    text->word_at = text->at;
    word.p = text->line.p + text->at;
    if (text->at < text->line.n && text->line.p[text->at] == '#')
        text->at = text->line.n;
    while (text->at < text->line.n && !is_blank(text->line.p[text->at])) {
        text->at++;
        word.n++;
    }
    return word;
}

struct rh_str text_rest(struct scenario_text *text, const char *until)
{
    struct rh_str rest = text_word(text);
    size_t from = text->word_at;
    size_t end = from;

    while (rest.n > 0 && !(until && rh_str_eq_c(rest, until))) {
        end = text->at;
        rest = text_word(text);
    }
    if (rest.n > 0)
        text->at = text->word_at; /* `until` is still to be read */
    text->word_at = from;
    return (struct rh_str){text->line.p + from, end - from};
}

int32_t text_error(struct scenario_text *text, const char *format, ...)
{
    char said[SAID_MAX];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(said, sizeof said, format, args); /* cut when longer */
    va_end(args);
    (void)snprintf(text->why, SCENARIO_WHY_MAX, "%s:%" PRIu32 ":%zu: error: %s", text->file,
                   text->number, text->word_at + 1, said); /* likewise */
    return RH_EINVAL;
}

int32_t text_unknown(struct scenario_text *text, const char *what, struct rh_str word,
                     const char *const *known, size_t count)
{
    const char *near = rh_suggest(word, known, count);

    if (word.n == 0)
        return text_error(text, "%s is missing", what);
    return text_error(text, "unknown %s \"%.*s\"%s%s%s", what, RH_STR_ARG(word),
                      near ? "; did you mean \"" : "", near ? near : "", near ? "\"" : "");
}

int32_t text_end(struct scenario_text *text)
{
    struct rh_str word = text_word(text);

    return word.n == 0 ? RH_OK : text_error(text, "\"%.*s\" is too much", RH_STR_ARG(word));
}

int32_t text_number(struct scenario_text *text, const char *what, int64_t least, int64_t most,
                    int64_t *out)
{
    struct rh_str word = text_word(text);
    int64_t value;

    if (rh_parse_i64(word, &value) != RH_OK || value < least || value > most)
        return text_error(text, "%s: \"%.*s\" is not an integer in [%" PRId64 ", %" PRId64 "]",
                          what, RH_STR_ARG(word), least, most);
    *out = value;
    return RH_OK;
}

/* Decimal digits with at most six behind the point, times a million; false: no number in front.
 * *used = bytes read. */
static bool parse_millionths(struct rh_str word, int64_t *out, size_t *used)
{
    size_t at = 0;
    size_t point = SIZE_MAX;
    size_t decimals = 0;
    int64_t value = 0;

    for (; at < word.n && at <= DIGITS_MAX; at++) {
        if (word.p[at] == '.' && point == SIZE_MAX && at > 0)
            point = at;
        else if (word.p[at] >= '0' && word.p[at] <= '9')
            value = value * 10 + (word.p[at] - '0');
        else
            break;
    }
    if (point != SIZE_MAX)
        decimals = at - point - 1;
    if (at == 0 || at > DIGITS_MAX || decimals > 6 || point == at - 1)
        return false;
    for (; decimals < 6; decimals++) {
        if (value > INT64_MAX / 10)
            return false;
        value *= 10;
    }
    *out = value;
    *used = at;
    return true;
}

bool text_parse_duration(struct rh_str word, int64_t *out)
{
    static const struct {
        const char *name;
        int64_t us;
    } units[] = {{"us", 1}, {"ms", 1000}, {"s", 1000000}, {"m", 60000000}, {"h", 3600000000}};
    int64_t value;
    size_t used;

    if (!parse_millionths(word, &value, &used))
        return false;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (!rh_str_eq_c((struct rh_str){word.p + used, word.n - used}, units[i].name))
            continue;
        if (value / 1000000 > INT64_MAX / 4 / units[i].us)
            return false;
        *out = value / 1000000 * units[i].us + value % 1000000 * units[i].us / 1000000;
        return true;
    }
    return false;
}

bool text_parse_percent(struct rh_str word, int64_t *out)
{
    int64_t value;
    size_t used;

    if (!parse_millionths(word, &value, &used) || used + 1 != word.n || word.p[used] != '%')
        return false;
    *out = value / 100;
    return true;
}

/* Take off a sign: -1 or 1. */
static int64_t take_sign(struct rh_str *word, bool is_signed)
{
    int64_t sign = 1;

    if (is_signed && word->n > 0 && (word->p[0] == '-' || word->p[0] == '+')) {
        sign = word->p[0] == '-' ? -1 : 1;
        word->p++;
        word->n--;
    }
    return sign;
}

int32_t text_duration(struct scenario_text *text, const char *what, bool is_signed, int64_t *out)
{
    struct rh_str word = text_word(text);
    struct rh_str digits = word;
    int64_t sign = take_sign(&digits, is_signed);

    if (!text_parse_duration(digits, out))
        return text_error(text, "%s: \"%.*s\" is not a duration (us ms s m h)", what,
                          RH_STR_ARG(word));
    *out *= sign;
    return RH_OK;
}

int32_t text_percent(struct scenario_text *text, const char *what, bool is_signed, int64_t *out)
{
    struct rh_str word = text_word(text);
    struct rh_str digits = word;
    int64_t sign = take_sign(&digits, is_signed);

    if (!text_parse_percent(digits, out))
        return text_error(text, "%s: \"%.*s\" is not a percentage such as 2.5%%", what,
                          RH_STR_ARG(word));
    *out *= sign;
    return RH_OK;
}
