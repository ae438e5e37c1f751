/* Configuration values as JSON text, for RAW fields and for showing them. */
#ifndef RH_HOST_CORE_NODE_JSON_H
#define RH_HOST_CORE_NODE_JSON_H

#include <ringhost/errors.h>
#include <ringhost/types.h>

#include "host/core/field_arena.h"
#include "host/core/node.h"

/* Longest text, bytes. */
#define NODE_JSON_MAX (UINT32_C(1) << 20)

/* Writes the value as JSON into the arena. Numbers that JSON cannot write (.inf) are RH_EINVAL, as
 * is nesting beyond 64 or text beyond NODE_JSON_MAX; RH_ENOMEM or RH_ETOOLARGE with the arena's rc
 * set. [any] */
int32_t node_json(const struct node *node, struct field_arena *arena, struct rh_str *out);

#endif
