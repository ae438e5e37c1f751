/* Brackets outside of strings are counted; nothing is parsed. */
#include <ringhost/sdk/json_depth.h>

#include <stdbool.h>

uint32_t rh_json_depth(struct rh_str json)
{
    uint32_t depth = 0;
    uint32_t deepest = 0;
    bool is_string = false;

    for (size_t i = 0; i < json.n; i++) {
        const char c = json.p[i];

        if (is_string && c == '\\')
            i++;
        else if (c == '"')
            is_string = !is_string;
        else if (!is_string && (c == '{' || c == '['))
            depth++;
        else if (!is_string && (c == '}' || c == ']') && depth > 0)
            depth--;
        deepest = depth > deepest ? depth : deepest;
    }
    return deepest;
}
