/* Builds configuration nodes for tests from short rows; not a parser. */
#ifndef RH_TESTS_HOST_CORE_FIELD_TREE_H
#define RH_TESTS_HOST_CORE_FIELD_TREE_H

#include <string.h>

#include "host/core/node.h"

/* A scalar; key is "" outside a map. */
static inline struct node leaf(uint32_t kind, const char *key, const char *text)
{
    return (struct node){.kind = kind, .key = {key, strlen(key)}, .text = {text, strlen(text)}};
}

/* A list or map of count children, which are linked in order. */
static inline struct node tree(uint32_t kind, const char *key, struct node *children,
                               uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        children[i].line = i + 1;
        children[i].next = i + 1 < count ? &children[i + 1] : NULL;
    }
    return (struct node){.kind = kind,
                         .key = {key, strlen(key)},
                         .child_count = count,
                         .first = count > 0 ? children : NULL};
}

#endif
