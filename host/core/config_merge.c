/* kind: override laid over the definitions. It knows no field: every map merges alike. */
#include <ringhost/sdk/str.h>

#include "host/core/config_build.h"
#include "host/core/node_tree.h"

void config_merge_map(struct node *base, struct node *from)
{
    struct node *next = NULL;
    for (struct node *value = from->first; value != NULL; value = next) {
        next = value->next;
        struct node *old = node_get(base, value->key.p);
        if (value->kind == NODE_NULL) {
            (void)node_take(base, value->key.p); /* back to the default; nothing to take is fine */
        } else if (value->kind == NODE_MAP && old != NULL && old->kind == NODE_MAP) {
            config_merge_map(old, value);
        } else {
            node_put(base, value);
        }
    }
    from->first = NULL;
    from->child_count = 0;
}

/* Merging moves nodes, and an override by glob has several bases, so each gets its own copy. */
static struct node *copy_tree(struct config_build *build, const struct node *from)
{
    struct node *copy = field_arena_alloc(build->arena, sizeof(*copy));
    if (copy == NULL) {
        build->rc = RH_ENOMEM;
        return NULL;
    }
    *copy = *from;
    copy->first = NULL;
    copy->next = NULL;
    struct node **tail = &copy->first;
    for (const struct node *child = from->first; child != NULL; child = child->next) {
        *tail = copy_tree(build, child);
        if (*tail == NULL) {
            return NULL;
        }
        tail = &(*tail)->next;
    }
    return copy;
}

static void merge_copy(struct config_build *build, struct node *base, const struct node *from)
{
    struct node *copy = copy_tree(build, from);
    if (copy != NULL) {
        config_merge_map(base, copy);
    }
}

static void merge_cluster(struct config_build *build, const struct config_doc *override)
{
    if (build->cluster == NULL) {
        config_errors_add(build->errors, override->id_node, 1,
                          "override of the cluster, which no document defines");
        return;
    }
    merge_copy(build, build->cluster, override->root);
}

static void merge_named(struct config_build *build, const struct config_doc_list *list,
                        const struct config_doc *override, const char *what)
{
    int is_used = 0;
    const struct node *id = node_get(override->root, "id");
    if (id != NULL && override->kind == CONFIG_KIND_NODE) {
        config_errors_add(build->errors, id, 1, "an override cannot change an id");
        return;
    }
    for (uint32_t i = 0; i < list->count; i++) {
        if (rh_glob_match(override->id, list->items[i].id)) {
            merge_copy(build, list->items[i].root, override->root);
            is_used = 1;
        }
    }
    if (is_used || build->is_partial) {
        return;
    }
    const char *near = config_docs_suggest(list, override->id);
    config_errors_addf(build->errors, override->id_node, 0,
                       "override of %s \"%s\", which no document defines%s%s%s", what,
                       override->id.p, near != NULL ? "; did you mean \"" : "",
                       near != NULL ? near : "", near != NULL ? "\"?" : "");
}

void config_merge_overrides(struct config_build *build)
{
    for (uint32_t i = 0; i < build->overrides.count; i++) {
        const struct config_doc *override = &build->overrides.items[i];
        if (override->kind == CONFIG_KIND_CLUSTER) {
            merge_cluster(build, override);
        } else if (override->kind == CONFIG_KIND_NODE) {
            merge_named(build, &build->nodes, override, "node");
        } else {
            merge_named(build, &build->plugins, override, "plugin");
        }
    }
}
