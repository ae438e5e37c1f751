/* Runs a node: the loop, the core on it, signals, and the way out. */
#ifndef RH_HOST_DAEMON_RUN_H
#define RH_HOST_DAEMON_RUN_H

#include "host/daemon/body.h"

#define RUN_ENDED (-2)

/* Until the node has stopped; options are read again with the configuration. Returns the exit code;
 * on trouble before the start one line is in `said`. *socket_fd is RUN_ENDED, or the program is to
 * be executed again: the listening socket for it, -1 when it has to bind anew. */
int32_t run_node(struct body *body, const struct options *options, struct rh_buf *said,
                 int *socket_fd);

#endif
