/* Whether a comparison with other nodes counts as a success of the loop. Pure. */
#ifndef RH_PLUGINS_LOOP_ELO_SYNC_VERDICT_H
#define RH_PLUGINS_LOOP_ELO_SYNC_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

/* peers were asked and failed of them could not be. One node that is down must not slow the loop
 * down for all others; a node that reaches nobody may as well wait. [any] */
bool verdict_is_good(int64_t peers, int64_t failed);

#endif
