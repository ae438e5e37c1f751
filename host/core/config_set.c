/* --set KEY=VALUE laid over everything else. KEY is cluster.X, node.X (the selected one) or
 * plugin.ID.X (its config). */
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/core/config_build.h"
#include "host/core/node_tree.h"
#include "host/core/yaml_load.h"

#define SET_SHOWN_MAX 256u /* bytes of a --set shown in messages */

struct setting {
    struct config_build *build;
    struct node place; /* file "--set KEY=VALUE", line 0 */
    struct rh_str key;
    struct rh_str value;
};

static void complain(struct setting *setting, const char *message)
{
    config_errors_add(setting->build->errors, &setting->place, 0, message);
}

/* Problems inside VALUE: the place within it is of no use. */
static void report_value(void *user, const struct node *where, int at_key, const char *message)
{
    (void)where;
    (void)at_key;
    complain(user, message);
}

static void move_to_place(struct node *node, const struct node *place)
{
    node->file = place->file;
    node->line = 0;
    node->column = 0;
    node->key_line = 0;
    node->key_column = 0;
    for (struct node *child = node->first; child != NULL; child = child->next) {
        move_to_place(child, place);
    }
}

/* VALUE as a node without key: one YAML value, a scalar or [a, b] or {k: v}. NULL when it is at
 * fault (reported). */
static struct node *read_value(struct setting *setting)
{
    struct node *document = NULL;
    struct yaml_input input = {.file = setting->place.file,
                               .text = setting->value,
                               .report = report_value,
                               .report_user = setting};
    int32_t rc = yaml_load(&input, setting->build->arena, &document);
    if (rc == RH_ENOMEM) {
        setting->build->rc = RH_ENOMEM;
    }
    if (rc != RH_OK) {
        return NULL;
    }
    if (document == NULL) { /* KEY= gives null, back to the default */
        document = node_new(setting->build->arena, NODE_NULL, NULL, (struct rh_str){"", 0});
        if (document == NULL) {
            setting->build->rc = RH_ENOMEM;
            return NULL;
        }
    }
    if (document->next != NULL) {
        complain(setting, "more than one value");
        return NULL;
    }
    move_to_place(document, &setting->place);
    return document;
}

/* Words between single dots. */
static int is_path(struct rh_str path)
{
    for (size_t i = 0; i < path.n; i++) {
        int is_edge = i == 0 || i + 1 == path.n;
        if (path.p[i] == '.' && (is_edge || path.p[i - 1] == '.')) {
            return 0;
        }
    }
    return path.n > 0;
}

/* The map under key, made when there is none. NULL when memory is out. */
static struct node *inner_map(struct setting *setting, struct node *map, struct rh_str key)
{
    struct node *inner = node_get(map, key.p);
    if (inner != NULL && inner->kind == NODE_MAP) {
        return inner;
    }
    inner = node_new(setting->build->arena, NODE_MAP, &setting->place, key);
    if (inner == NULL) {
        setting->build->rc = RH_ENOMEM;
        return NULL;
    }
    node_put(map, inner);
    return inner;
}

/* Puts value below map at the path "a.b.c", making maps on the way. */
static void put_at_path(struct setting *setting, struct node *map, struct rh_str path,
                        struct node *value)
{
    while (map != NULL) {
        struct rh_str key;
        const char *dot = memchr(path.p, '.', path.n);
        struct rh_str part = {path.p, dot != NULL ? (size_t)(dot - path.p) : path.n};
        if (!config_keep(setting->build, part, &key)) {
            return;
        }
        if (dot == NULL) {
            value->key = key;
            node_put(map, value);
            return;
        }
        map = inner_map(setting, map, key);
        path = (struct rh_str){dot + 1, path.n - part.n - 1};
    }
}

/* Ids have dots too, so the longest id that path begins with is meant. */
static struct config_doc *find_plugin(struct config_build *build, struct rh_str path,
                                      struct rh_str *rest)
{
    struct config_doc *best = NULL;
    for (uint32_t i = 0; i < build->plugins.count; i++) {
        struct config_doc *doc = &build->plugins.items[i];
        if (path.n > doc->id.n && rh_str_starts_with(path, doc->id) && path.p[doc->id.n] == '.' &&
            (best == NULL || doc->id.n > best->id.n)) {
            best = doc;
        }
    }
    if (best != NULL) {
        *rest = (struct rh_str){path.p + best->id.n + 1, path.n - best->id.n - 1};
    }
    return best;
}

static struct node *plugin_section(struct setting *setting, struct rh_str *path)
{
    struct config_build *build = setting->build;
    struct rh_str rest;
    struct config_doc *doc = find_plugin(build, *path, &rest);
    if (doc == NULL) {
        const char *dot = memchr(path->p, '.', path->n);
        struct rh_str id = {path->p, dot != NULL ? (size_t)(dot - path->p) : path->n};
        const char *near = config_docs_suggest(&build->plugins, id);
        config_errors_addf(build->errors, &setting->place, 0, "no plugin \"%.*s\" is defined%s%s%s",
                           RH_STR_ARG(id), near != NULL ? "; did you mean \"" : "",
                           near != NULL ? near : "", near != NULL ? "\"?" : "");
        return NULL;
    }
    *path = rest;
    return node_get(doc->root, "config");
}

static struct rh_str take_prefix(struct rh_str key, const char *prefix)
{
    struct rh_str p = rh_str_from(prefix);
    if (!rh_str_starts_with(key, p) || key.n == p.n) {
        return (struct rh_str){NULL, 0};
    }
    return (struct rh_str){key.p + p.n, key.n - p.n};
}

/* The map that the key lives in, and the path below it. NULL when there is none (reported, or
 * nothing to do). */
static struct node *find_target(struct setting *setting, struct rh_str *path)
{
    struct config_build *build = setting->build;
    *path = take_prefix(setting->key, "cluster.");
    if (path->n > 0) {
        return build->cluster;
    }
    *path = take_prefix(setting->key, "node.");
    if (path->n > 0) {
        if (rh_str_eq_c(*path, "id")) {
            complain(setting, "the id of a node cannot be set; choose a node with --node");
            return NULL;
        }
        if (build->self == NULL) {
            complain(setting, "node.KEY needs a selected node; choose one with --node");
        }
        return build->self != NULL ? build->self->root : NULL;
    }
    *path = take_prefix(setting->key, "plugin.");
    if (path->n > 0) {
        return plugin_section(setting, path);
    }
    complain(setting, "KEY begins with \"cluster.\", \"node.\" or \"plugin.ID.\"");
    return NULL;
}

static void apply(struct config_build *build, const char *text)
{
    struct setting setting = {.build = build};
    char shown[SET_SHOWN_MAX];
    struct rh_str file;
    struct rh_str path;
    (void)snprintf(shown, sizeof(shown), "--set %s", text); /* cut at the limit */
    if (!config_keep(build, rh_str_from(shown), &file)) {
        return;
    }
    setting.place.file = file.p;
    const char *equals = strchr(text, '=');
    if (equals == NULL) {
        complain(&setting, "KEY=VALUE is expected");
        return;
    }
    setting.key = (struct rh_str){text, (size_t)(equals - text)};
    setting.value = rh_str_from(equals + 1);
    if (!is_path(setting.key)) {
        complain(&setting, "KEY is words between single dots");
        return;
    }
    struct node *map = find_target(&setting, &path);
    struct node *value = map != NULL ? read_value(&setting) : NULL;
    if (value != NULL) {
        put_at_path(&setting, map, path, value);
    }
}

void config_set_apply(struct config_build *build)
{
    uint32_t count = build->source->set_count;
    if (count > CONFIG_SETS_MAX) {
        config_errors_addf(build->errors, NULL, 0, "too many --set; at most %u", CONFIG_SETS_MAX);
        count = CONFIG_SETS_MAX;
    }
    for (uint32_t i = 0; i < count; i++) {
        apply(build, build->source->sets[i]);
    }
}
