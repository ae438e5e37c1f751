/* Finds where values begin and end by quotes and brackets alone: the text was decoded before. */
#include "members.h"

#include <ringhost/sdk/str.h>
#include <string.h>

static size_t skip_blanks(struct rh_str s, size_t at)
{
    while (at < s.n && (s.p[at] == ' ' || s.p[at] == '\t' || s.p[at] == '\n' || s.p[at] == '\r' ||
                        s.p[at] == ',' || s.p[at] == ':'))
        at++;
    return at;
}

/* From an opening quote to behind the closing one. */
static size_t skip_string(struct rh_str s, size_t at)
{
    for (at++; at < s.n && s.p[at] != '"'; at++) {
        if (s.p[at] == '\\')
            at++;
    }
    return at < s.n ? at + 1 : s.n;
}

static bool ends_word(char c)
{
    return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* From the first byte of a value to behind its last one. */
static size_t skip_value(struct rh_str s, size_t at)
{
    size_t depth = 0;

    if (at < s.n && s.p[at] == '"')
        return skip_string(s, at);
    if (at < s.n && s.p[at] != '{' && s.p[at] != '[') {
        while (at < s.n && !ends_word(s.p[at]))
            at++;
        return at;
    }
    while (at < s.n) {
        const char c = s.p[at];

        if (c == '"') {
            at = skip_string(s, at);
            continue;
        }
        at++;
        if (c == '{' || c == '[')
            depth++;
        else if ((c == '}' || c == ']') && --depth == 0)
            break;
    }
    return at;
}

bool members_next(struct rh_str object, size_t *offset, struct member *out)
{
    size_t at = *offset;
    size_t end;

    at = skip_blanks(object, at);
    if (*offset == 0 && at < object.n && object.p[at] == '{')
        at = skip_blanks(object, at + 1);
    if (at >= object.n || object.p[at] != '"')
        return false;
    end = skip_string(object, at);
    out->key = (struct rh_str){object.p + at + 1, end - at - 2};
    at = skip_blanks(object, end);
    end = skip_value(object, at);
    out->value = (struct rh_str){object.p + at, end - at};
    *offset = end;
    return true;
}

static struct rh_str member_of(struct rh_str object, struct rh_str key)
{
    struct member member;
    size_t offset = 0;

    while (members_next(object, &offset, &member)) {
        if (rh_str_eq(member.key, key))
            return member.value;
    }
    return (struct rh_str){NULL, 0};
}

struct rh_str members_at(struct rh_str object, struct rh_str path)
{
    while (object.n && path.n) {
        const char *dot = memchr(path.p, '.', path.n);
        const size_t n = dot ? (size_t)(dot - path.p) : path.n;

        object = member_of(object, (struct rh_str){path.p, n});
        path = dot ? (struct rh_str){dot + 1, path.n - n - 1} : (struct rh_str){NULL, 0};
    }
    return object;
}
