/* Types of events against a list of globs. */
#include "filter.h"

#include <ringhost/sdk/str.h>

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
