/* A section of configuration into a struct by a field table; reading YAML is yaml_load's work. */
#ifndef RH_HOST_CORE_FIELD_NODE_H
#define RH_HOST_CORE_FIELD_NODE_H

#include <ringhost/errors.h>
#include <ringhost/fields.h>

#include "host/core/field_arena.h"
#include "host/core/node.h"

/* Fills out (table->struct_size bytes, overwritten) from map, a NODE_MAP, or NULL or NODE_NULL for
 * an empty one. Reports every problem with its node and goes on: unknown key with "did you mean",
 * wrong type, broken rule, missing key. A null counts as absent. STRING and entries of lists and
 * maps take any scalar as it is written; RAW becomes JSON text. Keys of one map differ: the loader
 * sees to that. Strings point into the nodes, which must live as long as out; the rest is in the
 * arena. table was accepted by field_check. [any] Returns RH_OK, RH_EINVAL if anything was
 * reported, RH_ETOOLARGE or RH_ENOMEM from the arena (reported too); out is then zeroed. */
int32_t field_decode_node(const struct rh_fields *table, const struct node *map, node_report report,
                          void *user, void *out, struct field_arena *arena);

#endif
