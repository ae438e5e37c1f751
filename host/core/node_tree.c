/* Finding, changing and printing nodes of a configuration tree. Not reading (yaml_load) and not
 * merging (config_merge). */
#include "host/core/node_tree.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/str.h>

struct node *node_get(const struct node *map, const char *key)
{
    if (map == NULL || map->kind != NODE_MAP) {
        return NULL;
    }
    for (struct node *child = map->first; child != NULL; child = child->next) {
        if (rh_str_eq_c(child->key, key)) {
            return child;
        }
    }
    return NULL;
}

/* The child that the path names first, and what of the path is behind it; NULL: none. */
static const struct node *step_into(const struct node *node, const char **path)
{
    const struct node *best = NULL;
    const char *behind = NULL;
    char number[16];
    uint32_t index = 0;

    for (const struct node *child = node->first; child; child = child->next) {
        struct rh_str name = child->key;

        if (node->kind == NODE_LIST) {
            (void)snprintf(number, sizeof number, "%" PRIu32, index++); /* fits */
            name = rh_str_from(number);
        }
        if (strncmp(*path, name.p, name.n) != 0 ||
            ((*path)[name.n] != '\0' && (*path)[name.n] != '.') ||
            (best && *path + name.n < behind))
            continue;
        best = child; /* the longest, since keys may have dots */
        behind = *path + name.n;
    }
    if (best)
        *path = behind + (*behind == '.');
    return best;
}

const struct node *node_at_path(const struct node *map, const char *path)
{
    const struct node *next = map;

    while (next && path[0] != '\0') {
        next = map->kind == NODE_MAP || map->kind == NODE_LIST ? step_into(map, &path) : NULL;
        if (next)
            map = next;
    }
    return map;
}

struct rh_str node_get_text(const struct node *map, const char *key)
{
    const struct node *entry = node_get(map, key);
    if (entry == NULL || entry->kind == NODE_NULL || entry->kind == NODE_LIST ||
        entry->kind == NODE_MAP) {
        return (struct rh_str){NULL, 0};
    }
    return entry->text;
}

/* The link that points to the entry, or to the NULL at the end. */
static struct node **find_link(struct node *map, struct rh_str key)
{
    struct node **link = &map->first;
    while (*link != NULL && !rh_str_eq((*link)->key, key)) {
        link = &(*link)->next;
    }
    return link;
}

/* Whether each entry of a stands in b with the same value. */
static bool is_part_of(const struct node *a, const struct node *b)
{
    for (const struct node *child = a->first; child != NULL; child = child->next) {
        const struct node *other = node_get(b, child->key.p);
        if (other == NULL || !node_equal(child, other)) {
            return false;
        }
    }
    return true;
}

static bool is_same_list(const struct node *a, const struct node *b)
{
    const struct node *other = b->first;
    for (const struct node *child = a->first; child != NULL; child = child->next) {
        if (other == NULL || !node_equal(child, other)) {
            return false;
        }
        other = other->next;
    }
    return other == NULL;
}

bool node_equal(const struct node *a, const struct node *b)
{
    static const struct node empty = {.kind = NODE_MAP};
    a = a != NULL ? a : &empty;
    b = b != NULL ? b : &empty;
    if (a->kind != b->kind) {
        return false;
    }
    if (a->kind == NODE_MAP) {
        return is_part_of(a, b) && is_part_of(b, a);
    }
    return a->kind == NODE_LIST ? is_same_list(a, b) : rh_str_eq(a->text, b->text);
}

struct node *node_take(struct node *map, const char *key)
{
    if (map == NULL || map->kind != NODE_MAP) {
        return NULL;
    }
    struct node **link = find_link(map, rh_str_from(key));
    struct node *entry = *link;
    if (entry != NULL) {
        *link = entry->next;
        entry->next = NULL;
        map->child_count--;
    }
    return entry;
}

void node_put(struct node *map, struct node *value)
{
    assert(map->kind == NODE_MAP);
    struct node **link = find_link(map, value->key);
    if (*link != NULL) {
        value->next = (*link)->next;
    } else {
        value->next = NULL;
        map->child_count++;
    }
    *link = value;
}

int32_t node_copy_text(struct field_arena *arena, struct rh_str text, struct rh_str *out)
{
    char *copy = field_arena_text(arena, text.n + 1);
    if (copy == NULL) {
        return arena->rc;
    }
    if (text.n > 0) {
        memcpy(copy, text.p, text.n);
    }
    copy[text.n] = 0;
    *out = (struct rh_str){copy, text.n};
    return RH_OK;
}

struct node *node_new(struct field_arena *arena, uint32_t kind, const struct node *from,
                      struct rh_str key)
{
    struct node *node = field_arena_alloc(arena, sizeof(*node));
    if (node == NULL || node_copy_text(arena, key, &node->key) != RH_OK) {
        return NULL;
    }
    node->kind = kind;
    node->text = (struct rh_str){"", 0};
    if (from != NULL) {
        node->file = from->file;
        node->line = from->line;
        node->column = from->column;
        node->key_line = from->key_line;
        node->key_column = from->key_column;
    }
    return node;
}

/* Depth is bounded by the loader (YAML_DEPTH_MAX). */
int32_t node_print(const struct node *node, struct rh_buf *out)
{
    int is_map = node->kind == NODE_MAP;
    if (!is_map && node->kind != NODE_LIST) {
        return rh_buf_append_str(out, node->kind == NODE_NULL ? rh_str_from("null") : node->text);
    }
    (void)rh_buf_append_byte(out, is_map ? '{' : '['); /* errors are sticky */
    for (const struct node *child = node->first; child != NULL; child = child->next) {
        if (is_map) {
            (void)rh_buf_append_str(out, child->key);
            (void)rh_buf_append_c(out, ": ");
        }
        (void)node_print(child, out);
        if (child->next != NULL) {
            (void)rh_buf_append_c(out, ", ");
        }
    }
    return rh_buf_append_byte(out, is_map ? '}' : ']');
}
