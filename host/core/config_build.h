/* A configuration while it is being put together: documents by kind. Private to config*.c; the door
 * is config.h. */
#ifndef RH_HOST_CORE_CONFIG_BUILD_H
#define RH_HOST_CORE_CONFIG_BUILD_H

#include "host/core/config.h"

/* A document without its kind. id is that of the node or plugin; for an override of the cluster it
 * is empty. */
struct config_doc {
    struct node *root;
    struct rh_str id;
    const struct node *id_node; /* for places in messages */
    uint32_t kind;              /* of an override: what it changes, CONFIG_KIND_... */
};

struct config_doc_list {
    struct config_doc *items;
    uint32_t count;
    uint32_t max;
    const char *limit; /* words for "too many ..." */
};

struct config_build {
    const struct config_source *source;
    struct config_errors *errors;
    struct field_arena *arena;
    struct node *cluster;          /* the document, or NULL */
    const struct config_doc *self; /* the selected node, or NULL */
    struct config_doc_list nodes;
    struct config_doc_list plugins;
    struct config_doc_list overrides;
    uint32_t is_partial; /* some text could not be read: what seems missing may be there */
    int32_t rc;          /* RH_OK or RH_ENOMEM */
};

#define CONFIG_KIND_CLUSTER  1u
#define CONFIG_KIND_NODE     2u
#define CONFIG_KIND_PLUGIN   3u
#define CONFIG_KIND_OVERRIDE 4u

/* Copies text, NUL-terminated, into the arena; 0, with rc set, when memory is out. */
int config_keep(struct config_build *build, struct rh_str text, struct rh_str *to);

/* config_docs.c: sorts one document into the build by its kind and id. */
void config_docs_add(struct config_build *build, struct node *root);

/* The document of that id, or NULL; and the nearest id for "did you mean", or NULL. */
struct config_doc *config_docs_find(const struct config_doc_list *list, struct rh_str id);
const char *config_docs_suggest(const struct config_doc_list *list, struct rh_str id);

/* config_merge.c: applies all overrides, in order. */
void config_merge_overrides(struct config_build *build);

/* Lays `from` over `base`, both maps: maps merge, scalars and lists replace, null takes the key
 * away. from is used up. */
void config_merge_map(struct node *base, struct node *from);

/* config_env.c: applies the reference variables that are set. */
void config_env_apply(struct config_build *build);

/* config_set.c: applies every --set, in order. */
void config_set_apply(struct config_build *build);

/* config_check.c: what documents must keep between each other. */
void config_check(struct config_build *build);

/* Whether the text is a node id ([A-Za-z0-9][A-Za-z0-9._-]*), a plugin id ([a-z][a-z0-9_-]*, parts
 * joined by dots); both at most CONFIG_ID_MAX bytes. */
int config_is_node_id(struct rh_str id);
int config_is_plugin_id(struct rh_str id);

#endif
