/* The field tables of the kinds of documents in conf.d, and decoding by them. Not the checks
 * between documents. */
#ifndef RH_HOST_CORE_CONFIG_KINDS_H
#define RH_HOST_CORE_CONFIG_KINDS_H

#include "host/core/config.h"

/* Of struct config_cluster, config_node and config_plugin. The last has no `config`: that section
 * is the plugin's own. */
extern const struct rh_fields config_cluster_fields;
extern const struct rh_fields config_node_fields;
extern const struct rh_fields config_plugin_fields;

/* Decodes map by table into out; problems go to errors, with `context` ("kind node") named where a
 * key is unknown. RH_OK, RH_EINVAL or RH_ENOMEM. [any] */
int32_t config_decode(const struct rh_fields *table, const struct node *map, const char *context,
                      void *out, struct field_arena *arena, struct config_errors *errors);

#endif
