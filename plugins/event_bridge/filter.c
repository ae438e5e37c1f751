/* Types of events against a list of globs. */
#include "filter.h"

#include <ringhost/sdk/str.h>

#define TYPE_MIN 3u /* bytes of a type */
#define TYPE_MAX 64u

static bool is_negated(struct rh_str pattern)
{
    return pattern.n > 0 && pattern.p[0] == '!';
}

bool filter_takes(const struct rh_str_list *patterns, struct rh_str type)
{
    bool takes = patterns->count == 0 || is_negated(patterns->items[0]);

    for (uint32_t i = 0; i < patterns->count; i++) {
        struct rh_str pattern = patterns->items[i];
        bool is_not = is_negated(pattern);

        if (is_not)
            pattern = (struct rh_str){pattern.p + 1, pattern.n - 1};
        if (rh_glob_match(pattern, type))
            takes = !is_not;
    }
    return takes;
}

static bool is_glob(char c)
{
    return c == '*' || c == '?';
}

static bool is_of_types(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool filter_is_possible(struct rh_str pattern)
{
    size_t least = 0; /* bytes of what it fits */
    size_t i = is_negated(pattern) ? 1 : 0;
    const char first = i < pattern.n ? pattern.p[i] : '\0';
    bool has_star = false;

    if (!is_glob(first) && !(first >= 'A' && first <= 'Z'))
        return false;
    for (; i < pattern.n; i++) {
        if (!is_glob(pattern.p[i]) && !is_of_types(pattern.p[i]))
            return false;
        has_star = has_star || pattern.p[i] == '*';
        least += pattern.p[i] != '*';
    }
    return least <= TYPE_MAX && (has_star || least >= TYPE_MIN);
}
