/* A tree of configuration values with the place each came from. Not YAML itself (yaml_load) nor
 * meaning (config). */
#ifndef RH_HOST_CORE_NODE_H
#define RH_HOST_CORE_NODE_H

#include <stdint.h>

#include <ringhost/types.h>

#define NODE_NULL   0u
#define NODE_BOOL   1u
#define NODE_INT    2u /* YAML 1.2 core integer */
#define NODE_NUMBER 3u /* YAML 1.2 core float */
#define NODE_STRING 4u
#define NODE_LIST   5u
#define NODE_MAP    6u

/* Owned by the document it belongs to; all text is NUL-terminated as well. */
struct node {
    uint32_t kind;
    uint32_t line;     /* 1-based, of the value */
    uint32_t column;   /* 1-based */
    uint32_t key_line; /* of the key, inside a map; else 0 */
    uint32_t key_column;
    uint32_t child_count;
    const char *file;   /* path as shown in messages */
    struct rh_str key;  /* inside a map */
    struct rh_str text; /* scalars: the text as written, ${VAR} replaced */
    struct node *first; /* children, in order */
    struct node *next;
};

/* Called for each problem; `where` may be NULL for a whole file. message is borrowed. at_key: the
 * key is at fault. */
typedef void (*node_report)(void *user, const struct node *where, int at_key, const char *message);

#endif
