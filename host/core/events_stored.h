/* Reading committed cluster events on behalf of a plugin; the bus is events.c. */
#ifndef RH_HOST_CORE_EVENTS_STORED_H
#define RH_HOST_CORE_EVENTS_STORED_H

#include <ringhost/service/events.h>

/* stored() of rh.events/1. [loop] */
int32_t events_stored(struct rh_ctx *plugin, uint64_t after, uint32_t max,
                      struct rh_stored_events *out);

#endif
