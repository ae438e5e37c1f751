/* Finding, changing and printing nodes of a configuration tree. Not reading (yaml_load) and not
 * merging (config_merge). */
#ifndef RH_HOST_CORE_NODE_TREE_H
#define RH_HOST_CORE_NODE_TREE_H

#include <stdbool.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/buf.h>

#include "host/core/field_arena.h"
#include "host/core/node.h"

/* The entry of a map, or NULL: absent, or map is NULL or no map. All functions here are [any]. */
struct node *node_get(const struct node *map, const char *key);

/* Where a path below the map leads: keys joined by dots, items of a list by their index from 0. A
 * path that is not there leads as far as it is; the map itself for "". A key may have dots. NULL
 * only for map NULL. */
const struct node *node_at_path(const struct node *map, const char *path);

/* The text of an entry that is a scalar other than null; {NULL, 0} if there is none. */
struct rh_str node_get_text(const struct node *map, const char *key);

/* Whether two values say the same, wherever they come from; the order in a map does not matter.
 * Scalars are compared as written, so 5s and 5000ms differ. NULL equals an empty map. */
bool node_equal(const struct node *a, const struct node *b);

/* Takes the entry out of the map and returns it, or NULL. */
struct node *node_take(struct node *map, const char *key);

/* Puts value into the map under its key, in the place of an entry of that name, else at the end.
 * value is in no other map. */
void node_put(struct node *map, struct node *value);

/* A new empty node with the place of `from` (NULL: no place) and the key, copied. NULL when memory
 * is out. */
struct node *node_new(struct field_arena *arena, uint32_t kind, const struct node *from,
                      struct rh_str key);

/* Copies text, NUL-terminated, into the arena. RH_OK, RH_ENOMEM or RH_ETOOLARGE; *out is written
 * only on success. */
int32_t node_copy_text(struct field_arena *arena, struct rh_str text, struct rh_str *out);

/* Appends the value as one line of flow YAML for people: scalars as written, [a, b], {k: v}.
 * Returns out->rc. */
int32_t node_print(const struct node *node, struct rh_buf *out);

#endif
