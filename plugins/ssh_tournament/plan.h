/* Which host a match goes to next. Pure: it sees loads and states, and moves nothing. */
#ifndef RH_PLUGINS_SSH_TOURNAMENT_PLAN_H
#define RH_PLUGINS_SSH_TOURNAMENT_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "health.h"

#define PLAN_HOSTS_MAX 64u

struct plan_host {
    enum health_state state;
    uint32_t running; /* attempts there, of all runs */
    uint32_t slots;   /* at least 1 */
    uint32_t tried;   /* attempts of this match that were there */
};

#define PLAN_WAIT (-1)

/* The index of a host with room, or PLAN_WAIT. A match goes to hosts where it was not tried, open
 * ones first; it waits for such a one that is only busy. Where it was tried it goes back, where it
 * was least often first, when all others rest. Among equals the share of slots in use decides, then
 * the order. count is 1..PLAN_HOSTS_MAX. [any] */
int32_t plan_pick(const struct plan_host *hosts, uint32_t count);

#endif
