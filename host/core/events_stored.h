/* Reading committed cluster events on behalf of a plugin; the bus is events.c. */
#ifndef RH_HOST_CORE_EVENTS_STORED_H
#define RH_HOST_CORE_EVENTS_STORED_H

#include <stdbool.h>

#include <ringhost/service/events.h>

struct core;

/* Whether this node leads and holds the replicated state as it was left to it; only then are stored
 * events read, and namespaces beside a plugin's life used (services_state.c). */
bool services_leads_with_state(struct core *core);

/* stored() of rh.events/1. [loop] */
int32_t events_stored(struct rh_ctx *plugin, uint64_t after, uint32_t max,
                      struct rh_stored_events *out);

#endif
