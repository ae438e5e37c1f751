/* What is durable on a node's simulated disk at this instant, read through the databases there, for
 * checks. Not the live snapshot of a running node (state.h). */
#ifndef RH_HOST_SIM_RUN_DISK_VIEW_H
#define RH_HOST_SIM_RUN_DISK_VIEW_H

#include <stdint.h>

#include <ringhost/service/state.h>

struct disk_view;
struct sim_storage;

/* Of the node whose disk this is; both outlive it. Aborts without memory. */
struct disk_view *disk_view_new(struct sim_storage *storage);
/* NULL is allowed. */
void disk_view_free(struct disk_view *view);
/* One key. The data is borrowed until the next call. RH_OK (found or not); RH_ENOTFOUND: no such
 * namespace is durable; RH_EIO: a database cannot be read, which a crash would leave like that. */
int32_t disk_view_get(struct disk_view *view, const char *name_space, struct rh_str key,
                      struct rh_value *out);
/* A range, as rh.state/1 has it. */
int32_t disk_view_scan(struct disk_view *view, const struct rh_scan *scan, struct rh_rows *out);

#endif
