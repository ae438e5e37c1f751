/* Plugins of a configuration that run on none of its nodes, and what may have been meant. */
#ifndef RH_HOST_DAEMON_UNUSED_PLUGINS_H
#define RH_HOST_DAEMON_UNUSED_PLUGINS_H

#include "host/core/config.h"

/* Add a note for each role or node under `enable` that matches no configured node but is nearly one
 * of theirs, and for each other plugin that runs on none of them. Nothing where no node is
 * configured. Nodes that this configuration does not know may run them: these are no errors. [any]
 */
void unused_plugins_note(const struct config *config, struct config_errors *errors);

#endif
