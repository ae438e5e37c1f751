/* Finding, changing and printing nodes of a configuration tree. Not reading (yaml_load) and not
 * merging (config_merge). */
#include "host/core/node_tree.h"

#include <assert.h>
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

struct node *node_new(struct field_arena *arena, uint32_t kind, const struct node *from,
                      struct rh_str key)
{
    struct node *node = field_arena_alloc(arena, sizeof(*node));
    char *copy = field_arena_text(arena, key.n + 1);
    if (node == NULL || copy == NULL) {
        return NULL;
    }
    if (key.n > 0) {
        memcpy(copy, key.p, key.n);
    }
    copy[key.n] = 0;
    node->kind = kind;
    node->key = (struct rh_str){copy, key.n};
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

static void write_scalar_json(const struct node *node, struct rh_json_writer *w)
{
    int64_t whole;
    double number;
    if (node->kind == NODE_NULL) {
        rh_json_null(w);
    } else if (node->kind == NODE_BOOL) {
        rh_json_bool(w, rh_str_eq_c(node->text, "true"));
    } else if (node->kind == NODE_INT && rh_parse_i64(node->text, &whole) == RH_OK &&
               whole <= RH_JSON_INT_MAX && whole >= -RH_JSON_INT_MAX) {
        rh_json_int(w, whole);
    } else if (node->kind == NODE_NUMBER && rh_parse_f64(node->text, &number) == RH_OK) {
        rh_json_double(w, number);
    } else {
        rh_json_string(w, node->text);
    }
}

void node_write_json(const struct node *node, struct rh_json_writer *w)
{
    if (node->kind == NODE_MAP) {
        rh_json_begin_object(w);
        for (const struct node *child = node->first; child != NULL; child = child->next) {
            rh_json_key_str(w, child->key);
            node_write_json(child, w);
        }
        rh_json_end_object(w);
    } else if (node->kind == NODE_LIST) {
        rh_json_begin_array(w);
        for (const struct node *child = node->first; child != NULL; child = child->next) {
            node_write_json(child, w);
        }
        rh_json_end_array(w);
    } else {
        write_scalar_json(node, w);
    }
}
