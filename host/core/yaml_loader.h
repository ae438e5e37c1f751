/* What the parts of the YAML loader share: its state, and how they report. Private to yaml_*.c; the
 * door is yaml_load.h. */
#ifndef RH_HOST_CORE_YAML_LOADER_H
#define RH_HOST_CORE_YAML_LOADER_H

#include <yaml.h>

#include "host/core/field_arena.h"
#include "host/core/yaml_load.h"

/* Longest message of the loader itself, bytes. */
#define YAML_WHY_MAX 512u

struct yaml_anchor {
    struct yaml_anchor *next;
    const char *name;
    const struct node *node; /* NULL while its value is being read, or when that is at fault */
};

/* One call of yaml_load. */
struct yaml_loader {
    const struct yaml_input *input;
    struct field_arena *arena;
    yaml_parser_t parser;
    struct yaml_anchor *anchors; /* of this document, the newest first */
    uint32_t anchor_count;
    uint32_t alias_nodes;
    int32_t rc;        /* RH_EINVAL once something was reported; RH_ENOMEM */
    uint32_t is_ended; /* nothing more can be read */
};

/* Reports message at a place (0-based mark, as libyaml has it) and goes on. */
void yaml_loader_complain(struct yaml_loader *l, const yaml_mark_t *mark, const char *message);

/* The same, for something after which the rest of the text has no meaning. */
void yaml_loader_give_up(struct yaml_loader *l, const yaml_mark_t *mark, const char *message);

/* Ends the loading with RH_ENOMEM. */
void yaml_loader_out_of_memory(struct yaml_loader *l);

/* Copies text, NUL-terminated, into the arena; 0 when memory is out. */
int yaml_loader_set_text(struct yaml_loader *l, struct rh_str *to, struct rh_str text);

/* A new node at mark, or NULL when memory is out. */
struct node *yaml_loader_node(struct yaml_loader *l, uint32_t kind, const yaml_mark_t *mark);

/* The value of a scalar event without its tag and anchor, or NULL when it is refused (reported). */
struct node *yaml_loader_scalar(struct yaml_loader *l, const yaml_event_t *event);

/* Declares the anchor &name, whose node the caller sets once it is read. NULL at YAML_ANCHORS_MAX
 * (reported). */
struct yaml_anchor *yaml_anchor_add(struct yaml_loader *l, const yaml_char_t *name,
                                    const yaml_mark_t *mark);

/* A copy of what an alias event stands for, depth levels below the root. Inner nodes keep the place
 * of the anchor, the outermost gets that of the alias. NULL when there is no such anchor or a limit
 * is reached (reported). */
struct node *yaml_anchor_expand(struct yaml_loader *l, const yaml_event_t *event, uint32_t depth);

#endif
