/* An SQLite VFS for tests: the default one, but the n-th write or flush fails; it never loses data
 * on its own. */
#ifndef RH_TESTS_HOST_CORE_FAULT_VFS_H
#define RH_TESTS_HOST_CORE_FAULT_VFS_H

#include <stdint.h>

enum { FAULT_NONE, FAULT_WRITE, FAULT_SYNC };

struct fault_vfs;

/* Register a VFS named "fault"; one at a time. free unregisters it; no connection may be left. */
struct fault_vfs *fault_vfs_new(void);
void fault_vfs_free(struct fault_vfs *vfs);
/* Make the n-th call (1 = the next) of that kind on a WAL or database file give sqlite_rc, and,
 * with is_lasting, all after it. FAULT_NONE takes the fault away. Counts begin anew. */
void fault_vfs_set(struct fault_vfs *vfs, int kind, uint32_t n, int sqlite_rc, int is_lasting);
/* Faults given since set. */
uint32_t fault_vfs_hits(const struct fault_vfs *vfs);

#endif
