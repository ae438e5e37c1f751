/* From a command line to what the core wants: configuration read, plugins opened, their sections
 * decoded and tried. Nothing is started. */
#ifndef RH_HOST_DAEMON_BODY_H
#define RH_HOST_DAEMON_BODY_H

#include <stdint.h>

#include <ringhost/sdk/buf.h>

#include "host/core/config.h"
#include "host/core/core.h"
#include "host/daemon/conf_read.h"
#include "host/daemon/options.h"
#include "host/daemon/plugin_open.h"

#define BODY_PLUGIN_DIRS_MAX 3u
#define BODY_PATH_MAX        1024u

/* Everything that core_setup borrows from. Zero-filled is empty, but for `running`. */
struct body {
    struct conf_read files;
    struct config_errors errors;
    struct config *config;
    /* A body whose plugins run: those are not opened again, their own tables read the sections, and
     * their descriptors are borrowed. NULL for the first one. */
    const struct body *running;
    struct opened_plugin opened[CORE_PLUGINS_MAX];
    uint8_t is_borrowed[CORE_PLUGINS_MAX];
    struct core_plugin_setup plugins[CORE_PLUGINS_MAX];
    void *sections[CORE_PLUGINS_MAX];
    const char **grants[CORE_PLUGINS_MAX];
    struct field_arena arenas[CORE_PLUGINS_MAX];
    uint8_t is_sound[CORE_PLUGINS_MAX]; /* its section is decoded and its grants suffice */
    uint8_t is_tried[CORE_PLUGINS_MAX]; /* its create has been tried */
    char *refusals[CORE_PLUGINS_MAX];   /* "file:line:column: words" of a create that refused where
                                           the node can do without; else NULL */
    uint32_t plugin_count;
    struct core_node_setup *nodes;
    struct core_setup setup;
    struct rh_buf token_text;
    struct rh_buf inventory;
    struct rh_buf explained;
    struct rh_buf explained_text;
    char program[BODY_PATH_MAX]; /* the program's own file, as it was at the start */
    char program_dir[BODY_PATH_MAX];
    char plugin_dirs_text[BODY_PLUGIN_DIRS_MAX][BODY_PATH_MAX];
    const char *plugin_dirs[BODY_PLUGIN_DIRS_MAX];
    uint32_t plugin_dir_count;
};

/* Read, check, open, decode, and with MODE_RUN and MODE_CHECK try the `create` of each plugin in a
 * host that touches nothing. Problems and notes are appended to `said` as lines for people. Returns
 * 0 or an exit code. With MODE_ROUTES, MODE_DOCS and MODE_EXPLAIN without a node, all plugins that
 * conf.d names are opened. */
int32_t body_load(struct body *body, const struct options *options, struct rh_buf *said);
void body_release(struct body *body);

#endif
