/* Brackets and strings are told apart; nothing else of JSON matters here. */
#include "answer.h"

#include <string.h>

#include <ringhost/sdk/str.h>

/* The byte behind the string that begins at `at`, or the end. */
static size_t skip_string(struct rh_str text, size_t at)
{
    for (at++; at < text.n && text.p[at] != '"'; at++)
        at += text.p[at] == '\\';
    return at < text.n ? at + 1 : text.n;
}

static size_t skip_space(struct rh_str text, size_t at)
{
    while (at < text.n && memchr(" \t\r\n", text.p[at], 4))
        at++;
    return at;
}

/* Whether ":" and "[" come next; *at is then behind them. */
static bool skip_opening(struct rh_str text, size_t *at)
{
    size_t to = skip_space(text, *at);

    if (to == text.n || text.p[to] != ':')
        return false;
    to = skip_space(text, to + 1);
    if (to == text.n || text.p[to] != '[')
        return false;
    *at = to + 1;
    return true;
}

struct rh_str answer_items(struct rh_str answer)
{
    static const struct rh_str name = RH_STR_INIT("\"items\"");
    size_t depth = 0;
    size_t at = 0;

    while (at < answer.n) {
        const char c = answer.p[at];
        const size_t from = at;

        if (c != '"') {
            depth += c == '{' || c == '[';
            depth -= depth > 0 && (c == '}' || c == ']');
            at++;
            continue;
        }
        at = skip_string(answer, at);
        if (depth == 1 && rh_str_eq((struct rh_str){answer.p + from, at - from}, name) &&
            skip_opening(answer, &at))
            return (struct rh_str){answer.p + at, answer.n - at};
    }
    return (struct rh_str){NULL, 0};
}

bool answer_next(struct rh_str *rest, struct rh_str *item)
{
    size_t depth = 0;
    size_t from = skip_space(*rest, 0);

    if (from < rest->n && rest->p[from] == ',')
        from = skip_space(*rest, from + 1);
    if (from == rest->n || rest->p[from] != '{')
        return false;
    for (size_t at = from; at < rest->n;) {
        const char c = rest->p[at];

        if (c == '"') {
            at = skip_string(*rest, at);
            continue;
        }
        at++;
        depth += c == '{' || c == '[';
        depth -= depth > 0 && (c == '}' || c == ']');
        if (depth > 0)
            continue;
        *item = (struct rh_str){rest->p + from, at - from};
        *rest = (struct rh_str){rest->p + at, rest->n - at};
        return true;
    }
    return false;
}
