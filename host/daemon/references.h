/* The references that --routes and --docs print, from the descriptors of the opened plugins. */
#ifndef RH_HOST_DAEMON_REFERENCES_H
#define RH_HOST_DAEMON_REFERENCES_H

#include "host/daemon/body.h"

/* One line a route, tab-separated, sorted by path. Returns 0 or an exit code. */
int32_t references_routes(const struct body *body, struct rh_buf *out);
/* what: routes, events, configuration; another word is told in said. Returns 0 or an exit code. */
int32_t references_docs(const struct body *body, const char *what, struct rh_buf *out,
                        struct rh_buf *said);

#endif
