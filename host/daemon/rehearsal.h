/* Tries the `create` of plugins with their sections before anything is started or changed, so that
 * what they refuse has a file and a line. */
#ifndef RH_HOST_DAEMON_REHEARSAL_H
#define RH_HOST_DAEMON_REHEARSAL_H

#include "host/daemon/body.h"

/* Try what is enabled on this node and was not tried yet; body->setup is that node's. Refusals go
 * to body->errors: as errors, or for a plugin that the node can do without (on_failure: degrade) as
 * notes, unless the configuration is only being checked; body->refusals then has the words for a
 * reload. RH_OK also then; RH_ENOMEM. */
int32_t rehearse_plugins(struct body *body, const struct config_node *node, uint32_t is_check);

#endif
