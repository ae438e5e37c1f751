/* Configuration values as JSON text, for RAW fields and for showing them. */
#include "host/core/node_json.h"

#include <ringhost/sdk/json_writer.h>
#include <ringhost/sdk/str.h>
#include <stdbool.h>

static bool write_node(const struct node *node, struct rh_json_writer *w);

static bool write_children(const struct node *node, struct rh_json_writer *w)
{
    bool is_map = node->kind == NODE_MAP;
    bool ok = w->rc == RH_OK;

    if (is_map)
        rh_json_begin_object(w);
    else
        rh_json_begin_array(w);
    for (const struct node *child = node->first; child && ok; child = child->next) {
        if (is_map)
            rh_json_key_str(w, child->key);
        ok = w->rc == RH_OK && write_node(child, w);
    }
    if (!ok)
        return false;
    if (is_map)
        rh_json_end_object(w);
    else
        rh_json_end_array(w);
    return true;
}

static bool write_node(const struct node *node, struct rh_json_writer *w)
{
    int64_t integer;
    double number;

    switch (node->kind) {
    case NODE_NULL:
        rh_json_null(w);
        return true;
    case NODE_BOOL:
        rh_json_bool(w, rh_str_eq_c(node->text, "true"));
        return true;
    case NODE_INT:
        if (rh_parse_i64(node->text, &integer) != RH_OK)
            return false;
        rh_json_int(w, integer);
        return true;
    case NODE_NUMBER:
        if (rh_parse_f64(node->text, &number) != RH_OK)
            return false;
        rh_json_double(w, number);
        return true;
    case NODE_STRING:
        rh_json_string(w, node->text);
        return true;
    default:
        return write_children(node, w);
    }
}

int32_t node_json(const struct node *node, struct field_arena *arena, struct rh_str *out)
{
    struct rh_json_writer w;
    struct rh_buf buf;
    int32_t rc = RH_EINVAL;

    rh_buf_init(&buf, NODE_JSON_MAX);
    rh_json_init(&w, &buf);
    if (write_node(node, &w))
        rc = rh_json_finish(&w);
    if (rc == RH_OK)
        rc = field_arena_copy(arena, rh_buf_str(&buf), out);
    else if (rc == RH_ENOMEM)
        arena->rc = RH_ENOMEM;
    else
        rc = RH_EINVAL;
    rh_buf_release(&buf);
    return rc;
}
