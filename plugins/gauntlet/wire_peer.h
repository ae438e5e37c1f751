/* Reads what the executor reported, by a field table; it draws no conclusions. */
#ifndef RH_PLUGINS_GAUNTLET_WIRE_PEER_H
#define RH_PLUGINS_GAUNTLET_WIRE_PEER_H

#include "outcome.h"
#include "wire.h"

/* The one game in an executor's result, or RH_EINVAL; and *memory to be given to
 * rh->fields->release when the strings are done with. */
int32_t gauntlet_match_decode(const struct rh_services *rh, struct rh_str result,
                              struct match_game *out, void **memory);

#endif
