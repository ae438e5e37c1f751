/* See refusal_place.h. */
#include "host/daemon/refusal_place.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "host/core/node_tree.h"

static bool is_of_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* The text stands in the words, and is not part of a longer word. */
static bool names(const char *words, const char *text)
{
    const size_t n = strlen(text);

    for (const char *at = n > 0 ? strstr(words, text) : NULL; at; at = strstr(at + 1, text))
        if ((at == words || !is_of_word(at[-1])) && !is_of_word(at[n]))
            return true;
    return false;
}

static bool is_elsewhere(const struct node *node, const struct node *map)
{
    return node->file && (!map->file || strcmp(node->file, map->file) != 0);
}

/* The first value below `at` that is not from where `map` stands, and that the words name. Maps are
 * no deeper than the loader lets them be. */
static const struct node *find_named(const struct node *at, const struct node *map,
                                     const char *words)
{
    const struct node *found = NULL;

    for (const struct node *child = at->first; child && !found; child = child->next) {
        if (child->kind == NODE_MAP)
            found = find_named(child, map, words);
        else if (is_elsewhere(child, map) && names(words, child->key.p))
            found = child;
    }
    return found;
}

const struct node *refusal_place(const struct config_plugin *plugin, const char *field,
                                 const char *words)
{
    const struct node *where = node_at_path(plugin->config, field);
    const struct node *named =
        where && where->kind == NODE_MAP ? find_named(where, where, words) : NULL;

    if (named)
        where = named;
    return where && where->file ? where : plugin->where;
}

void refusal_say(const struct node *where, const char *words, char *out, size_t size)
{
    const bool is_keyed = where->key_line > 0;
    const uint32_t line = is_keyed ? where->key_line : where->line;
    const char *file = where->file ? where->file : "";

    if (line > 0) /* cut, here and below: for people */
        (void)snprintf(out, size, "%s:%" PRIu32 ":%" PRIu32 ": %s", file, line,
                       is_keyed ? where->key_column : where->column, words);
    else
        (void)snprintf(out, size, "%s%s%s", file, file[0] ? ": " : "", words);
}
