/* Finds a plugin's file, reads what it is before any of its code runs, and opens it. */
#ifndef RH_HOST_DAEMON_PLUGIN_OPEN_H
#define RH_HOST_DAEMON_PLUGIN_OPEN_H

#include <stdint.h>

#include "host/core/plugin_desc.h"

#define PLUGIN_OPEN_WHY_MAX   768u
#define PLUGIN_FILE_PATH_MAX  1024u
#define PLUGIN_FILE_BYTES_MAX (256u * 1024u * 1024u)

/* One opened plugin. Closed with plugin_close. */
struct opened_plugin {
    struct plugin_desc *desc;
    void *module; /* NULL: linked statically */
    char file[PLUGIN_FILE_PATH_MAX];
};

/* A statically linked plugin (builds for sanitizers and coverage). */
struct static_plugin {
    const char *id; /* the plugin's, or the name of the file of another build, without ".so" */
    const struct rh_plugin *(*entry)(void);
};
/* Ends with a row of NULL; empty in ordinary builds. */
extern const struct static_plugin static_plugins[];

/* Look for `file` (a name, or a path with '/') in the directories, in order; id must be the
 * plugin's own. On failure why (PLUGIN_OPEN_WHY_MAX) names the file, what is wrong, and what to do.
 * RH_OK, RH_ENOTFOUND, RH_EINVAL, RH_EIO, RH_ENOMEM. */
int32_t plugin_open(const char *const *directories, uint32_t directory_count, const char *id,
                    const char *file, struct opened_plugin *out, char *why);
/* NULL members are allowed. */
void plugin_close(struct opened_plugin *plugin);

#endif
