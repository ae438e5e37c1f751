/* One process holds every connection, so a lock is a count and shared memory is memory. */
#include "host/sim/sim_share.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

static_assert(SIM_SHM_LOCKS == SQLITE_SHM_NLOCK, "as many locks as SQLite has");

static void regions_free(struct sim_sharing *sharing)
{
    for (uint32_t i = 0; i < sharing->region_count; i++)
        free(sharing->regions[i]);
    free(sharing->regions);
    sharing->regions = NULL;
    sharing->region_count = 0;
}

void sim_sharing_release(struct sim_sharing *sharing)
{
    assert(sharing->readers == 0);
    assert(sharing->mapped == 0);
    regions_free(sharing);
}

int sim_share_lock(struct sim_share *share, int level)
{
    struct sim_sharing *of = share->of;
    const struct sim_share *writer = of->writer;

    if (share->level >= level)
        return SQLITE_OK;
    if (writer && writer != share &&
        (level > SQLITE_LOCK_SHARED || writer->level >= SQLITE_LOCK_PENDING))
        return SQLITE_BUSY;
    if (share->level == SQLITE_LOCK_NONE)
        of->readers++;
    if (level >= SQLITE_LOCK_RESERVED)
        of->writer = share;
    share->level = level;
    if (level == SQLITE_LOCK_EXCLUSIVE && of->readers > 1) {
        share->level = SQLITE_LOCK_PENDING; /* no new readers; the old ones have to go */
        return SQLITE_BUSY;
    }
    return SQLITE_OK;
}

void sim_share_unlock(struct sim_share *share, int level)
{
    struct sim_sharing *of = share->of;

    if (share->level <= level)
        return;
    if (of->writer == share)
        of->writer = NULL;
    if (level == SQLITE_LOCK_NONE) {
        assert(of->readers > 0);
        of->readers--;
    }
    share->level = level;
}

bool sim_share_is_reserved(const struct sim_share *share)
{
    return share->of->writer != NULL;
}

int sim_share_shm_map(struct sim_share *share, int region, int bytes, int extend,
                      void volatile **out)
{
    struct sim_sharing *of = share->of;
    uint32_t at = (uint32_t)region;

    assert(region >= 0);
    *out = NULL;
    if (!share->is_mapped) {
        share->is_mapped = true;
        of->mapped++;
    }
    if (at >= SIM_SHM_REGIONS_MAX)
        return SQLITE_FULL;
    if (at >= of->region_count && !extend)
        return SQLITE_OK;
    if (!of->regions)
        of->regions = calloc(SIM_SHM_REGIONS_MAX, sizeof *of->regions);
    if (!of->regions)
        abort();
    for (; of->region_count <= at; of->region_count++) {
        of->regions[of->region_count] = calloc(1, (size_t)bytes);
        if (!of->regions[of->region_count])
            abort();
    }
    *out = of->regions[at];
    return SQLITE_OK;
}

static bool is_shm_free(const struct sim_share *share, uint32_t slot, bool for_writing)
{
    const struct sim_sharing *of = share->of;
    uint32_t others = of->shm_readers[slot] - share->shm_reads[slot];

    if (of->shm_writers[slot] && of->shm_writers[slot] != share)
        return false;
    return !for_writing || others == 0;
}

static void shm_set(struct sim_share *share, uint32_t slot, bool reads, bool writes)
{
    struct sim_sharing *of = share->of;

    of->shm_readers[slot] -= share->shm_reads[slot];
    of->shm_readers[slot] += reads;
    share->shm_reads[slot] = reads;
    if (writes)
        of->shm_writers[slot] = share;
    else if (of->shm_writers[slot] == share)
        of->shm_writers[slot] = NULL;
}

int sim_share_shm_lock(struct sim_share *share, int first, int count, int flags)
{
    bool locks = (flags & SQLITE_SHM_LOCK) != 0;
    bool for_writing = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
    uint32_t end = (uint32_t)(first + count);

    assert(first >= 0);
    assert(end <= SIM_SHM_LOCKS);
    for (uint32_t slot = (uint32_t)first; locks && slot < end; slot++)
        if (!is_shm_free(share, slot, for_writing))
            return SQLITE_BUSY;
    for (uint32_t slot = (uint32_t)first; slot < end; slot++)
        shm_set(share, slot, locks && !for_writing, locks && for_writing);
    return SQLITE_OK;
}

void sim_share_shm_unmap(struct sim_share *share)
{
    if (!share->is_mapped)
        return;
    for (uint32_t slot = 0; slot < SIM_SHM_LOCKS; slot++)
        shm_set(share, slot, false, false);
    share->is_mapped = false;
    assert(share->of->mapped > 0);
    if (--share->of->mapped == 0)
        regions_free(share->of);
}
