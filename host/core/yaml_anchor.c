/* Anchors and aliases of one YAML document: an alias becomes a copy, and the copies have a cap. */
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/core/yaml_loader.h"

struct yaml_anchor *yaml_anchor_add(struct yaml_loader *l, const yaml_char_t *name,
                                    const yaml_mark_t *mark)
{
    struct rh_str text;
    if (l->anchor_count >= YAML_ANCHORS_MAX) {
        yaml_loader_give_up(l, mark, "too many anchors in one document; at most 256");
        return NULL;
    }
    struct yaml_anchor *anchor = field_arena_alloc(l->arena, sizeof(*anchor));
    if (anchor == NULL) {
        yaml_loader_out_of_memory(l);
        return NULL;
    }
    if (!yaml_loader_set_text(l, &text, rh_str_from((const char *)name))) {
        return NULL;
    }
    anchor->name = text.p;
    anchor->next = l->anchors; /* a later anchor of the same name hides an earlier one */
    l->anchors = anchor;
    l->anchor_count++;
    return anchor;
}

/* Copies what an alias stands for. depth counts from the root of the document. */
static struct node *copy_tree(struct yaml_loader *l, const struct node *from, uint32_t depth,
                              const yaml_mark_t *mark)
{
    if (depth > YAML_DEPTH_MAX) {
        yaml_loader_give_up(l, mark, "nested deeper than 64 levels by this alias");
        return NULL;
    }
    if (++l->alias_nodes > YAML_ALIAS_NODES_MAX) {
        yaml_loader_give_up(l, mark, "aliases expand to more than 10000 values in this file");
        return NULL;
    }
    struct node *copy = field_arena_alloc(l->arena, sizeof(*copy));
    if (copy == NULL) {
        yaml_loader_out_of_memory(l);
        return NULL;
    }
    *copy = *from;
    copy->first = NULL;
    copy->next = NULL;
    struct node **tail = &copy->first;
    for (const struct node *child = from->first; child != NULL; child = child->next) {
        *tail = copy_tree(l, child, depth + 1, mark);
        if (*tail == NULL) {
            return NULL;
        }
        tail = &(*tail)->next;
    }
    return copy;
}

struct node *yaml_anchor_expand(struct yaml_loader *l, const yaml_event_t *event, uint32_t depth)
{
    char why[YAML_WHY_MAX];
    const char *name = (const char *)event->data.alias.anchor;
    struct yaml_anchor *anchor = l->anchors;
    while (anchor != NULL && strcmp(anchor->name, name) != 0) {
        anchor = anchor->next;
    }
    if (anchor == NULL) {
        (void)snprintf(why, sizeof(why), "alias *%.100s has no anchor &%.100s before it", name,
                       name);
        yaml_loader_complain(l, &event->start_mark, why);
        return NULL;
    }
    if (anchor->node == NULL) {
        (void)snprintf(why, sizeof(why),
                       "alias *%.100s stands inside its own anchor, or the anchor is at fault",
                       name);
        yaml_loader_complain(l, &event->start_mark, why);
        return NULL;
    }
    struct node *copy = copy_tree(l, anchor->node, depth, &event->start_mark);
    if (copy != NULL) {
        copy->line = (uint32_t)event->start_mark.line + 1;
        copy->column = (uint32_t)event->start_mark.column + 1;
    }
    return copy;
}
