/* Where every effective value of a configuration came from, for people and programs. It changes
 * nothing. */
#include "host/core/config_explain.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/json_writer.h>
#include <ringhost/sdk/str.h>

#include "host/core/config_kinds.h"
#include "host/core/field_value.h"
#include "host/core/node_json.h"
#include "host/core/node_tree.h"

#define KEY_MAX   512u
#define VALUE_MAX 65536u

void config_explain_init(struct config_explain *explain, struct field_arena *arena)
{
    *explain = (struct config_explain){.arena = arena};
}

void config_explain_release(struct config_explain *explain)
{
    free(explain->rows);
    config_explain_init(explain, explain->arena);
}

static struct rh_str keep(struct config_explain *explain, struct rh_str text)
{
    struct rh_str copy = {"", 0};
    if (field_arena_copy(explain->arena, text, &copy) != RH_OK) {
        explain->rc = RH_ENOMEM;
    }
    return copy;
}

static void add(struct config_explain *explain, const struct config_explain_row *row)
{
    if (explain->count == CONFIG_EXPLAIN_MAX) {
        explain->rc = RH_EFULL;
        return;
    }
    if (explain->count == explain->room) {
        uint32_t room = explain->room == 0 ? 64 : explain->room * 2;
        struct config_explain_row *rows = realloc(explain->rows, room * sizeof(*rows));
        if (rows == NULL) {
            explain->rc = RH_ENOMEM;
            return;
        }
        explain->rows = rows;
        explain->room = room;
    }
    explain->rows[explain->count++] = *row;
}

/* ---- one row ---- */

static struct rh_str origin_of(struct config_explain *explain, const struct node *node)
{
    char text[KEY_MAX];
    if (node->file == NULL) {
        return rh_str_from("default");
    }
    if (node->line == 0) { /* not from a file: "environment NAME" or "--set KEY=VALUE" */
        return rh_str_starts_with(rh_str_from(node->file), rh_str_from("--set "))
                   ? rh_str_from("--set")
                   : rh_str_from(node->file);
    }
    (void)snprintf(text, sizeof(text), "%s:%" PRIu32, node->file,
                   node->line); /* cut at the limit */
    return keep(explain, rh_str_from(text));
}

static void add_node(struct config_explain *explain, const char *key, const struct node *node)
{
    struct rh_buf buf;
    struct config_explain_row row = {.key = keep(explain, rh_str_from(key)),
                                     .origin = origin_of(explain, node)};
    rh_buf_init(&buf, VALUE_MAX);
    int32_t rc = node_print(node, &buf);
    row.value = rc == RH_OK ? keep(explain, rh_buf_str(&buf)) : rh_str_from("(too long to show)");
    rh_buf_release(&buf);
    if (rc == RH_ENOMEM) {
        explain->rc = RH_ENOMEM;
    }
    if (node_json(node, explain->arena, &row.json) != RH_OK) {
        row.json = rh_str_from(
            "null"); /* .inf and .nan; out of memory shows in the next row or the text */
    }
    add(explain, &row);
}

static void add_secret(struct config_explain *explain, const char *key, const struct node *node)
{
    struct config_explain_row row = {.key = keep(explain, rh_str_from(key)),
                                     .value = rh_str_from("(secret)"),
                                     .json = rh_str_from("\"(secret)\""),
                                     .origin = node != NULL ? origin_of(explain, node)
                                                            : rh_str_from("default")};
    add(explain, &row);
}

static int is_text_type(uint32_t type)
{
    return type != RH_FIELD_INT && type != RH_FIELD_NUMBER && type != RH_FIELD_BOOL &&
           type != RH_FIELD_RAW && type != RH_FIELD_RAW_OBJECT;
}

static void add_default(struct config_explain *explain, const char *key,
                        const struct rh_field *field)
{
    struct rh_buf buf;
    struct rh_json_writer w;
    struct config_explain_row row = {.key = keep(explain, rh_str_from(key)),
                                     .origin = rh_str_from("default")};
    row.value = rh_str_from(field->fallback != NULL ? field->fallback : "");
    row.json = rh_str_from("null");
    if (field->fallback != NULL && is_text_type(field->type)) {
        rh_buf_init(&buf, VALUE_MAX);
        rh_json_init(&w, &buf);
        rh_json_string(&w, row.value);
        if (rh_json_finish(&w) == RH_OK) {
            row.json = keep(explain, rh_buf_str(&buf));
        } else {
            explain->rc = RH_ENOMEM;
        }
        rh_buf_release(&buf);
    } else if (field->fallback != NULL) {
        row.json = row.value;
    }
    add(explain, &row);
}

/* ---- whole sections ---- */

static void add_table(struct config_explain *explain, const char *prefix,
                      const struct rh_fields *table, const struct node *map)
{
    char key[KEY_MAX];
    struct rh_field room;
    for (uint32_t i = 0; i < table->count; i++) {
        const struct rh_field *field = field_get(table, i, &room);
        const struct node *node = node_get(map, field->name);
        int is_given = node != NULL && node->kind != NODE_NULL;
        (void)snprintf(key, sizeof(key), "%s.%s", prefix,
                       field->name); /* names are short; cut at the limit */
        if (field->type == RH_FIELD_OBJECT) {
            struct rh_fields sub = field_sub(field);
            add_table(explain, key, &sub, node);
        } else if (field->flags & RH_SECRET) {
            add_secret(explain, key, is_given ? node : NULL);
        } else if (is_given) {
            add_node(explain, key, node);
        } else {
            add_default(explain, key, field);
        }
    }
}

static void add_given(struct config_explain *explain, const char *prefix, const struct node *map)
{
    char key[KEY_MAX];
    for (const struct node *child = map->first; child != NULL; child = child->next) {
        (void)snprintf(key, sizeof(key), "%s.%s", prefix, child->key.p);
        if (child->kind == NODE_MAP) {
            add_given(explain, key, child);
        } else if (child->kind != NODE_NULL) {
            add_node(explain, key, child);
        }
    }
}

int32_t config_explain_host(struct config_explain *explain, const struct config *config)
{
    add_table(explain, "cluster", &config_cluster_fields, config->cluster_where);
    if (config->self != NULL) {
        add_table(explain, "node", &config_node_fields, config->self->where);
    }
    return explain->rc;
}

int32_t config_explain_plugin(struct config_explain *explain, const struct config *config,
                              const char *id, const struct rh_fields *table)
{
    char prefix[CONFIG_ID_MAX + 32];
    const struct config_plugin *plugin = config_plugin(config, id);
    if (plugin == NULL) {
        return RH_ENOTFOUND;
    }
    (void)snprintf(prefix, sizeof(prefix), "plugin_definition.%s", id);
    add_table(explain, prefix, &config_plugin_fields, plugin->where);
    return config_explain_section(explain, config, id, table);
}

int32_t config_explain_section(struct config_explain *explain, const struct config *config,
                               const char *id, const struct rh_fields *table)
{
    char prefix[CONFIG_ID_MAX + 32];
    const struct config_plugin *plugin = config_plugin(config, id);
    if (plugin == NULL) {
        return RH_ENOTFOUND;
    }
    (void)snprintf(prefix, sizeof(prefix), "plugin.%s", id);
    if (table != NULL) {
        add_table(explain, prefix, table, plugin->config);
    } else {
        add_given(explain, prefix, plugin->config);
    }
    return explain->rc;
}

/* ---- printing ---- */

int32_t config_explain_text(const struct config_explain *explain, struct rh_buf *out)
{
    for (uint32_t i = 0; i < explain->count; i++) {
        const struct config_explain_row *row = &explain->rows[i];
        (void)rh_buf_append_str(out, row->key); /* errors are sticky */
        (void)rh_buf_append_c(out, " = ");
        (void)rh_buf_append_str(out, row->value);
        (void)rh_buf_append_c(out, row->value.n > 0 ? "   # " : "  # ");
        (void)rh_buf_append_str(out, row->origin);
        (void)rh_buf_append_byte(out, '\n');
    }
    return explain->rc != RH_OK ? explain->rc : out->rc;
}

int32_t config_explain_json(const struct config_explain *explain, struct rh_buf *out)
{
    struct rh_json_writer w;
    rh_json_init(&w, out);
    rh_json_begin_object(&w);
    rh_json_key(&w, "values");
    rh_json_begin_array(&w);
    for (uint32_t i = 0; i < explain->count; i++) {
        rh_json_begin_object(&w);
        rh_json_kv_str(&w, "key", explain->rows[i].key);
        rh_json_kv_raw(&w, "value", explain->rows[i].json);
        rh_json_kv_str(&w, "origin", explain->rows[i].origin);
        rh_json_end_object(&w);
    }
    rh_json_end_array(&w);
    rh_json_end_object(&w);
    int32_t rc = rh_json_finish(&w);
    return explain->rc != RH_OK ? explain->rc : rc;
}
