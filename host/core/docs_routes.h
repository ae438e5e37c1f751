/* All routes of the host and of its plugins as one list by path. Private to docs_*.c. */
#ifndef RH_HOST_CORE_DOCS_ROUTES_H
#define RH_HOST_CORE_DOCS_ROUTES_H

#include "host/core/docs_print.h"

/* One route and whose it is. */
struct docs_route {
    const struct rh_route *def;
    const char *owner; /* plugin id, or "host" */
};

/* Makes the list, ordered by path and then method; free(*out). RH_OK, or RH_ENOMEM, *out then
 * unchanged. *count may be 0. [any] */
int32_t docs_routes_list(const struct docs_input *in, struct docs_route **out, uint32_t *count);

#endif
