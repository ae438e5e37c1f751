/* An SQLite VFS that shows what is durable on a simulated disk at this moment, for checkers: as if
 * the power had gone now and taken all it can. Nothing is copied, and nothing that the checker does
 * is seen by the node. Reading only. One thread.
 *
 * A connection may be kept for the whole run, and its prepared statements with it:
 *     sim_view_show(view, disk);              before each look
 *     sqlite3_step(...) ... sqlite3_reset(...) no statement is left in the middle of its rows
 * A look costs what SQLite needs to index the write-ahead log when the disk has changed, else
 * nothing. The databases must be in WAL mode, or at rest. */
#ifndef RH_HOST_SIM_SIM_VIEW_H
#define RH_HOST_SIM_SIM_VIEW_H

#include "host/sim/sim_disk.h"

#define SIM_VIEW_FILES_MAX 64u /* that connections have looked at */

struct sim_view;

/* Register it; "ROOT/x" is the file "x". root must outlive it. */
struct sim_view *sim_view_new(const char *root);
/* Unregister it. All connections are closed. NULL is allowed. */
void sim_view_free(struct sim_view *view);
/* From now on it shows the durable state of disk, of this instant. disk must live until the next
 * call or the end of all connections. Returns the name for sqlite3_open_v2, to be used with
 * SQLITE_OPEN_READONLY. */
const char *sim_view_show(struct sim_view *view, const struct sim_disk *disk);

#endif
