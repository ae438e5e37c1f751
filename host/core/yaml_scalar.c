/* What a YAML scalar means: its kind by the 1.2 core schema, and ${NAME} in it. It does not read
 * files or trees. */
#include "host/core/yaml_scalar.h"

#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/str.h>

static bool is_one_of(struct rh_str text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (rh_str_eq_c(text, words[i])) {
            return true;
        }
    }
    return false;
}

#define IS_ONE_OF(text, words) is_one_of((text), (words), sizeof(words) / sizeof((words)[0]))

static const char *const null_words[] = {"", "~", "null", "Null", "NULL"};
static const char *const bool_words[] = {"true", "false"};
static const char *const number_words[] = {".inf", "+.inf", "-.inf", ".Inf", "+.Inf", "-.Inf",
                                           ".INF", "+.INF", "-.INF", ".nan", ".NaN",  ".NAN"};
static const char *const old_true[] = {"yes", "Yes", "YES", "on", "On", "ON", "True", "TRUE"};
static const char *const old_false[] = {"no", "No", "NO", "off", "Off", "OFF", "False", "FALSE"};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Index after the digits of the base that begin at `at`. */
static size_t skip_digits(struct rh_str s, size_t at, int base)
{
    while (at < s.n) {
        char c = s.p[at];
        bool is_hex = (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        bool fits = base == 8 ? c >= '0' && c <= '7' : is_digit(c) || (base == 16 && is_hex);
        if (!fits) {
            break;
        }
        at++;
    }
    return at;
}

static bool is_based_int(struct rh_str s)
{
    if (s.n < 3 || s.p[0] != '0' || (s.p[1] != 'x' && s.p[1] != 'o')) {
        return false;
    }
    return skip_digits(s, 2, s.p[1] == 'x' ? 16 : 8) == s.n;
}

/* [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?, where only digits make an
 * integer. */
static uint32_t decimal_kind(struct rh_str s)
{
    size_t at = s.n > 0 && (s.p[0] == '-' || s.p[0] == '+') ? 1 : 0;
    size_t whole_end = skip_digits(s, at, 10);
    size_t digits = whole_end - at;
    if (digits > 0 && whole_end == s.n) {
        return NODE_INT;
    }
    at = whole_end;
    if (at < s.n && s.p[at] == '.') {
        size_t part_end = skip_digits(s, at + 1, 10);
        digits += part_end - at - 1;
        at = part_end;
    }
    if (digits == 0) {
        return NODE_STRING;
    }
    if (at < s.n && (s.p[at] == 'e' || s.p[at] == 'E')) {
        at++;
        at += at < s.n && (s.p[at] == '-' || s.p[at] == '+') ? 1 : 0;
        size_t end = skip_digits(s, at, 10);
        if (end == at) {
            return NODE_STRING;
        }
        at = end;
    }
    return at == s.n ? NODE_NUMBER : NODE_STRING;
}

uint32_t yaml_scalar_kind(struct rh_str text)
{
    if (IS_ONE_OF(text, null_words)) {
        return NODE_NULL;
    }
    if (IS_ONE_OF(text, bool_words)) {
        return NODE_BOOL;
    }
    if (is_based_int(text)) {
        return NODE_INT;
    }
    return IS_ONE_OF(text, number_words) ? NODE_NUMBER : decimal_kind(text);
}

bool yaml_scalar_is_old_bool(struct rh_str text, int *value)
{
    bool is_true = IS_ONE_OF(text, old_true);
    if (!is_true && !IS_ONE_OF(text, old_false)) {
        return false;
    }
    *value = is_true;
    return true;
}

static bool is_name_byte(char c, size_t index)
{
    bool is_letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
    return is_letter || (index > 0 && is_digit(c));
}

/* Reads NAME} at the start of s into name and returns the bytes taken, or 0 if that is not what is
 * there. */
static size_t read_name(struct rh_str s, char name[YAML_VARIABLE_NAME_MAX + 1])
{
    size_t n = 0;
    while (n < s.n && n < YAML_VARIABLE_NAME_MAX && is_name_byte(s.p[n], n)) {
        name[n] = s.p[n];
        n++;
    }
    name[n] = 0;
    return n > 0 && n < s.n && s.p[n] == '}' ? n + 1 : 0;
}

int32_t yaml_scalar_expand(struct rh_str text, yaml_lookup lookup, void *user, struct rh_buf *out,
                           char *why, size_t why_size, int *replaced)
{
    char name[YAML_VARIABLE_NAME_MAX + 1];
    size_t at = 0;
    *replaced = 0;
    while (at < text.n) {
        struct rh_str rest = {text.p + at, text.n - at};
        if (rest.n < 2 || rest.p[0] != '$' || (rest.p[1] != '$' && rest.p[1] != '{')) {
            (void)rh_buf_append_byte(out, rest.p[0]); /* sticky, returned below */
            at++;
            continue;
        }
        if (rest.p[1] == '$') {
            (void)rh_buf_append_byte(out, '$');
            at += 2;
            continue;
        }
        size_t taken = read_name((struct rh_str){rest.p + 2, rest.n - 2}, name);
        if (taken == 0) {
            (void)snprintf(why, why_size,
                           "\"${\" begins a variable: write ${NAME}, or $${ for the text itself");
            return RH_EINVAL;
        }
        const char *value = lookup(user, name);
        if (value == NULL) {
            (void)snprintf(why, why_size, "variable \"%s\" is not set", name);
            return RH_EINVAL;
        }
        (void)rh_buf_append_c(out, value);
        *replaced = 1;
        at += 2 + taken;
    }
    return out->rc;
}
