/* Log lines to a descriptor by a thread of its own, so that a slow reader never stops the loop. It
 * formats nothing. */
#ifndef RH_HOST_DAEMON_LOG_SINK_H
#define RH_HOST_DAEMON_LOG_SINK_H

#include <stdint.h>

#include <ringhost/types.h>

#define LOG_SINK_BYTES_MAX (256u * 1024u) /* waiting; further lines are dropped and counted */

struct log_sink;

/* fd stays the caller's. RH_OK, RH_ENOMEM or RH_EINTERNAL. */
int32_t log_sink_new(int fd, struct log_sink **out);

/* Takes a line and adds the newline. [any] */
void log_sink_line(struct log_sink *sink, struct rh_str line);

/* Writes what waits, then ends the thread. A line says how many were dropped, if any. NULL is
 * allowed. */
void log_sink_free(struct log_sink *sink);

#endif
