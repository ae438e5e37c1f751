/* Stored rows of a tournament back into it, one by one; tournament_loaded follows them. Pure. */
#ifndef RH_PLUGINS_TOURNAMENT_LOAD_H
#define RH_PLUGINS_TOURNAMENT_LOAD_H

#include "tournament.h"

/* tournament: a struct tournament that was made of its spec; number: of the row. Extra items come
 * in the order of their numbers, and before results. RH_EINVAL: it is no such row. [any] */
int32_t load_match(void *tournament, uint32_t number, struct rh_str data);
int32_t load_extra(void *tournament, uint32_t number, struct rh_str data);
int32_t load_result(void *tournament, uint32_t number, struct rh_str data);

#endif
