/* Reads the configuration again while a node runs, compares it with what is in force, and brings
 * into force what can change. Where the configuration lives that plugins hold on to. */
#ifndef RH_HOST_DAEMON_RELOAD_H
#define RH_HOST_DAEMON_RELOAD_H

#include <stdint.h>

#include <ringhost/sdk/buf.h>

#include "host/daemon/body.h"

/* A configuration that was read later than the first, kept while a plugin uses a section of it. */
struct reload_reading;

/* Zero-filled is empty. */
struct reload {
    struct body *first; /* that the core was made from */
    const struct options *options;
    struct reload_reading *in_force[CORE_PLUGINS_MAX]; /* NULL: the section of the first */
    struct rh_buf explained; /* of what is in force; see core_setup.config_json */
};

/* first and options outlive it; sets first->setup.reload. */
void reload_init(struct reload *reload, struct body *first, const struct options *options);
/* When the core is gone. */
void reload_release(struct reload *reload);
/* As core_setup.reload says; user is the struct reload. Blocks while files are read. */
int32_t reload_run(void *user, struct core *core, struct rh_buf *report);

#endif
