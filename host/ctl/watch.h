/* Follows something that lasts - a gauntlet, a search, a tournament - by looking at it again and
 * again, through changes of leader, to its end. What it looks like is the caller's. */
#ifndef RH_HOST_CTL_WATCH_H
#define RH_HOST_CTL_WATCH_H

#include <stdbool.h>

#include "host/ctl/ctl.h"

/* What is watched; static. */
struct watch_kind {
    const char *path;
    const char *id_field; /* of the query, for its id */
    const char *limit;    /* of the query: as little as what is shown needs */
    bool (*is_over)(const cJSON *reply);
    bool (*is_good)(const cJSON *reply); /* of one that is over: exit code 0 or CTL_REFUSED */
    render_fn *progress;                 /* one line without its end */
    render_fn *page; /* on a terminal in place of the line, whole lines; NULL = the line */
    render_fn *end;
};

/* Asks for the path (GET) every so often, about an id or, where it is empty, the newest, as the
 * options "interval" and "patience" say, and prints: on a terminal one line, or a page, that
 * changes, else a line for each change. Returns the exit code. Blocks.
 */
int watch_run(struct ctl *ctl, const struct watch_kind *kind, struct rh_str id);

#endif
