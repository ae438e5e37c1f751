/* Which events a sink takes, by type. Pure. */
#ifndef RH_PLUGINS_EVENT_BRIDGE_FILTER_H
#define RH_PLUGINS_EVENT_BRIDGE_FILTER_H

#include <stdbool.h>

#include <ringhost/types.h>

/* Whether the list lets a type through. Its patterns are globs ("WORK_*"), one that begins with '!'
 * takes types out again, the last that fits decides. A list without any, or one that begins with a
 * '!', lets through what no pattern fits. */
bool filter_takes(const struct rh_str_list *patterns, struct rh_str type);

/* Whether a pattern, also one with '!' in front, fits some type that an event may have
 * ([A-Z][A-Z0-9_]{2,63}). */
bool filter_is_possible(struct rh_str pattern);

#endif
