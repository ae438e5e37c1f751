/* Documents of conf.d sorted by kind and id. It looks at no other key. */
#include <inttypes.h>
#include <stdio.h>

#include <ringhost/sdk/str.h>

#include "host/core/config_build.h"
#include "host/core/node_tree.h"

static const char *const kind_names[] = {"cluster", "node", "plugin", "override"};
#define KIND_COUNT (sizeof(kind_names) / sizeof(kind_names[0]))

int config_keep(struct config_build *build, struct rh_str text, struct rh_str *to)
{
    if (node_copy_text(build->arena, text, to) != RH_OK) {
        build->rc = RH_ENOMEM;
        return 0;
    }
    return 1;
}

static int is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

int config_is_node_id(struct rh_str id)
{
    for (size_t i = 0; i < id.n; i++) {
        char c = id.p[i];
        int is_letter = is_lower(c) || (c >= 'A' && c <= 'Z');
        int is_joint = c == '.' || c == '_' || c == '-';
        if (!is_letter && !is_digit(c) && !(is_joint && i > 0)) {
            return 0;
        }
    }
    return id.n > 0 && id.n <= CONFIG_ID_MAX;
}

int config_is_plugin_id(struct rh_str id)
{
    for (size_t i = 0; i < id.n; i++) {
        char c = id.p[i];
        int begins_part = i == 0 || id.p[i - 1] == '.';
        int is_later = is_digit(c) || c == '_' || c == '-' || (c == '.' && i + 1 < id.n);
        if (!is_lower(c) && (begins_part || !is_later)) {
            return 0;
        }
    }
    return id.n > 0 && id.n <= CONFIG_ID_MAX;
}

struct config_doc *config_docs_find(const struct config_doc_list *list, struct rh_str id)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (rh_str_eq(list->items[i].id, id)) {
            return &list->items[i];
        }
    }
    return NULL;
}

const char *config_docs_suggest(const struct config_doc_list *list, struct rh_str id)
{
    const char *best = NULL;
    uint32_t best_distance = UINT32_MAX;
    for (uint32_t i = 0; i < list->count; i++) {
        const char *candidate = list->items[i].id.p;
        uint32_t distance = rh_edit_distance(id, list->items[i].id, 3);
        if (distance < best_distance && rh_suggest(id, &candidate, 1) != NULL) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best;
}

static void append(struct config_build *build, struct config_doc_list *list,
                   const struct config_doc *doc)
{
    if (list->items == NULL) {
        list->items = field_arena_alloc(build->arena, list->max * sizeof(*list->items));
        if (list->items == NULL) {
            build->rc = RH_ENOMEM;
            return;
        }
    }
    if (list->count == list->max) {
        config_errors_addf(build->errors, doc->root, 0, "too many %s; at most %" PRIu32,
                           list->limit, list->max);
        return;
    }
    list->items[list->count++] = *doc;
}

static void add_cluster(struct config_build *build, struct node *root)
{
    if (build->cluster != NULL) {
        config_errors_addf(build->errors, root, 0,
                           "the cluster is defined twice, first at %s:%" PRIu32 ":%" PRIu32,
                           build->cluster->file, build->cluster->line, build->cluster->column);
        return;
    }
    build->cluster = root;
}

/* Reads and checks the id under `key`; 0 when it is missing or wrong (reported). */
static int read_id(struct config_build *build, struct config_doc *doc, const char *key,
                   const char *what, int (*is_id)(struct rh_str id))
{
    doc->id_node = node_get(doc->root, key);
    if (doc->id_node == NULL || doc->id_node->kind == NODE_NULL) {
        config_errors_addf(build->errors, doc->root, 0, "this %s needs \"%s\"", what, key);
        return 0;
    }
    doc->id = node_get_text(doc->root, key);
    if (!is_id(doc->id)) {
        config_errors_addf(build->errors, doc->id_node, 0, "%s: \"%.*s\" is not an id (%s)", key,
                           RH_STR_ARG(doc->id),
                           is_id == config_is_plugin_id
                               ? "lower-case letters, digits, _ and -, parts joined by dots"
                               : "letters, digits, and . _ - inside; at most 64");
        return 0;
    }
    return 1;
}

static void add_definition(struct config_build *build, struct config_doc_list *list,
                           struct config_doc *doc, const char *what)
{
    const struct config_doc *first = config_docs_find(list, doc->id);
    if (first != NULL) {
        config_errors_addf(build->errors, doc->id_node, 0,
                           "%s \"%s\" is defined twice, first at %s:%" PRIu32 ":%" PRIu32, what,
                           doc->id.p, first->id_node->file, first->id_node->line,
                           first->id_node->column);
        return;
    }
    append(build, list, doc);
}

/* The target keys are taken out of an override, so that only values are left. */
static void add_override(struct config_build *build, struct config_doc *doc)
{
    struct node *targets[3];
    uint32_t given = 0;
    for (uint32_t i = 0; i < 3; i++) {
        targets[i] = node_take(doc->root, kind_names[i]);
        if (targets[i] != NULL) {
            given++;
            doc->kind = i + 1;
            doc->id_node = targets[i];
        }
    }
    if (given != 1) {
        config_errors_add(
            build->errors, doc->root, 0,
            "an override names one of \"cluster: true\", \"node: ID\" or \"plugin: ID\"");
        return;
    }
    if (doc->kind == CONFIG_KIND_CLUSTER) {
        if (doc->id_node->kind != NODE_BOOL || !rh_str_eq_c(doc->id_node->text, "true")) {
            config_errors_add(build->errors, doc->id_node, 0,
                              "cluster: must be true in an override");
            return;
        }
    } else if (doc->id_node->kind == NODE_LIST || doc->id_node->kind == NODE_MAP ||
               doc->id_node->text.n == 0) {
        config_errors_addf(build->errors, doc->id_node, 0, "%s: must be an id",
                           kind_names[doc->kind - 1]);
        return;
    } else {
        doc->id = doc->id_node->text;
    }
    append(build, &build->overrides, doc);
}

/* CONFIG_KIND_... of a document, without its `kind`; 0 when it has none (reported). */
static uint32_t take_kind(struct config_build *build, struct node *root)
{
    const struct node *kind = root->kind == NODE_MAP ? node_take(root, "kind") : NULL;
    if (root->kind != NODE_MAP) {
        config_errors_add(build->errors, root, 0,
                          "a document must be a map that begins with \"kind:\"");
        return 0;
    }
    if (kind == NULL) {
        config_errors_add(build->errors, root, 0,
                          "\"kind\" is missing: cluster, node, plugin or override");
        return 0;
    }
    for (uint32_t i = 0; i < KIND_COUNT; i++) {
        if (kind->kind == NODE_STRING && rh_str_eq_c(kind->text, kind_names[i])) {
            return i + 1;
        }
    }
    const char *near = rh_suggest(kind->text, kind_names, KIND_COUNT);
    if (near != NULL) {
        config_errors_addf(build->errors, kind, 0, "unknown kind \"%.*s\"; did you mean \"%s\"?",
                           RH_STR_ARG(kind->text), near);
    } else {
        config_errors_addf(build->errors, kind, 0,
                           "unknown kind \"%.*s\": cluster, node, plugin or override",
                           RH_STR_ARG(kind->text));
    }
    return 0;
}

void config_docs_add(struct config_build *build, struct node *root)
{
    struct config_doc doc = {.root = root};
    root->next = NULL;
    switch (take_kind(build, root)) {
    case CONFIG_KIND_CLUSTER:
        add_cluster(build, root);
        break;
    case CONFIG_KIND_NODE:
        if (read_id(build, &doc, "id", "node", config_is_node_id)) {
            add_definition(build, &build->nodes, &doc, "node");
        }
        break;
    case CONFIG_KIND_PLUGIN:
        if (read_id(build, &doc, "plugin", "kind: plugin", config_is_plugin_id)) {
            add_definition(build, &build->plugins, &doc, "plugin");
        }
        break;
    case CONFIG_KIND_OVERRIDE:
        add_override(build, &doc);
        break;
    default:
        break; /* reported */
    }
}
