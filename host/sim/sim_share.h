/* What the SQLite connections of one file share: its locks, and the shared memory of the WAL. It
 * reads and writes no file. The rules are those of sqlite3_io_methods; results are SQLite's codes.
 */
#ifndef RH_HOST_SIM_SIM_SHARE_H
#define RH_HOST_SIM_SIM_SHARE_H

#include <stdbool.h>
#include <stdint.h>

#define SIM_SHM_LOCKS       8u   /* SQLITE_SHM_NLOCK */
#define SIM_SHM_REGIONS_MAX 256u /* of 4096 frames each, but the first */

struct sim_share;

/* Of a file. A zeroed one is unused. */
struct sim_sharing {
    uint32_t readers;               /* shares at SHARED or above */
    const struct sim_share *writer; /* at RESERVED or above */
    void **regions;
    uint32_t region_count;
    uint32_t mapped; /* shares that use the regions */
    uint32_t shm_readers[SIM_SHM_LOCKS];
    const struct sim_share *shm_writers[SIM_SHM_LOCKS];
};

/* Of a connection. A zeroed one with `of` set holds nothing. */
struct sim_share {
    struct sim_sharing *of;
    int level; /* SQLITE_LOCK_... */
    bool is_mapped;
    bool shm_reads[SIM_SHM_LOCKS];
};

/* Nobody may use it. */
void sim_sharing_release(struct sim_sharing *sharing);

/* SQLITE_OK or SQLITE_BUSY. */
int sim_share_lock(struct sim_share *share, int level);
void sim_share_unlock(struct sim_share *share, int level);
bool sim_share_is_reserved(const struct sim_share *share);

/* SQLITE_OK or SQLITE_FULL; *out is NULL if the region is absent and extend is 0. Regions stay
 * where they are until the last share has unmapped. */
int sim_share_shm_map(struct sim_share *share, int region, int bytes, int extend,
                      void volatile **out);
/* SQLITE_OK or SQLITE_BUSY. */
int sim_share_shm_lock(struct sim_share *share, int first, int count, int flags);
void sim_share_shm_unmap(struct sim_share *share);

#endif
