/* The host's own routes as a table, for those who describe them without a running node. */
#ifndef RH_HOST_CORE_BUILTIN_H
#define RH_HOST_CORE_BUILTIN_H

#include <stdint.h>

#include <ringhost/abi.h>

#define BUILTIN_ROUTES_MAX 32u

/* Copies the rows (handlers are NULL; texts are static) into out[count_max] and returns how many.
 * BUILTIN_ROUTES_MAX is enough for all. [any] */
uint32_t builtin_list(struct rh_route *out, uint32_t count_max);

#endif
