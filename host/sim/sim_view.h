/* An SQLite VFS that shows what is durable on a simulated disk, for checkers: as if the power had
 * gone just now and taken all it can. Nothing that a checker does is seen by the node, and it can
 * write nothing. One thread.
 *
 * A connection, and its prepared statements, may be kept for the whole run, through crashes too:
 * whenever a read begins (the first step after a reset), it shows the durable state of that
 * instant, and keeps to it until it ends. What that costs is reading what the write-ahead log has
 * got since.
 *
 * A database must be in WAL mode, or at rest: of one that is being changed through a rollback
 * journal the view shows the half that has been written. */
#ifndef RH_HOST_SIM_SIM_VIEW_H
#define RH_HOST_SIM_SIM_VIEW_H

#include "host/sim/sim_disk.h"

#define SIM_VIEW_FILES_MAX 64u /* that connections have looked at */

struct sim_view;

/* Register it, for the files of disk; "ROOT/x" is the file "x". Both must outlive it. */
struct sim_view *sim_view_new(const struct sim_disk *disk, const char *root);
/* Unregister it. All connections are closed. NULL is allowed. */
void sim_view_free(struct sim_view *view);
/* From now on it shows another disk. No read is under way. */
void sim_view_move(struct sim_view *view, const struct sim_disk *disk);
/* For sqlite3_open_v2, with SQLITE_OPEN_READONLY. Lives as long as view. */
const char *sim_view_name(const struct sim_view *view);

#endif
