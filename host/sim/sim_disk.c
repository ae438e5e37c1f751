/* The live side of a disk: files, names, reading and writing, and the faults asked for. */
#include "host/sim/sim_disk.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#include "host/sim/sim_disk_impl.h"

struct sim_disk *sim_disk_new(uint64_t seed)
{
    struct sim_disk *disk = calloc(1, sizeof *disk);

    if (!disk)
        abort();
    rh_rng_seed(&disk->rng, seed);
    /* Room also for those that are removed, but not for good. */
    rh_map_init(&disk->live_names, seed, SIM_FILES_MAX + SIM_PENDING_NAMES_MAX);
    rh_map_init(&disk->durable_names, seed, SIM_FILES_MAX + SIM_PENDING_NAMES_MAX);
    return disk;
}

void sim_file_unref(struct sim_file *file)
{
    assert(file->refs > 0);
    if (--file->refs > 0)
        return;
    sim_op_list_free(&file->pending);
    sim_bytes_release(&file->live);
    sim_bytes_release(&file->durable);
    sim_sharing_release(&file->sharing);
    free(file);
}

static void names_release(struct rh_map *names)
{
    uint32_t cursor = 0;
    void *file;

    while (rh_map_next(names, &cursor, NULL, &file))
        sim_file_unref(file);
    rh_map_release(names);
}

void sim_disk_free(struct sim_disk *disk)
{
    if (!disk)
        return;
    sim_op_list_free(&disk->journal);
    for (size_t i = 0; i < disk->name_count; i++)
        sim_op_free(disk->names[i]);
    names_release(&disk->live_names);
    names_release(&disk->durable_names);
    free(disk);
}

/* --- names --- */

static void name_set(struct rh_map *names, const char *name, struct sim_file *file)
{
    void *old = NULL;

    file->refs++;
    if (rh_map_put(names, rh_str_from(name), file, &old) != RH_OK)
        abort(); /* its place was checked, so there is no memory */
    if (old)
        sim_file_unref(old);
}

static void name_drop(struct rh_map *names, const char *name)
{
    struct sim_file *file = rh_map_remove(names, rh_str_from(name));

    if (file)
        sim_file_unref(file);
}

void sim_names_apply(struct rh_map *names, const struct sim_op *op)
{
    if (op->kind == SIM_OP_LINK) {
        name_set(names, op->data, op->file);
    } else if (op->kind == SIM_OP_UNLINK) {
        name_drop(names, op->data);
    } else {
        assert(op->kind == SIM_OP_RENAME);
        name_drop(names, op->data);
        name_set(names, op->to, op->file);
    }
}

static void names_change(struct sim_disk *disk, struct sim_op *op)
{
    sim_names_apply(&disk->live_names, op);
    sim_log_take(disk, op);
}

struct sim_file *sim_disk_find(struct sim_disk *disk, const char *name)
{
    return rh_map_get(&disk->live_names, rh_str_from(name));
}

static bool is_name_good(const char *name)
{
    size_t n = strlen(name);

    return n > 0 && n <= SIM_FILE_NAME_MAX;
}

struct sim_file *sim_disk_open(struct sim_disk *disk, const char *name, bool make)
{
    struct sim_file *file = name ? sim_disk_find(disk, name) : NULL;

    if (!file) {
        if (name &&
            (!make || !is_name_good(name) || rh_map_count(&disk->live_names) >= SIM_FILES_MAX))
            return NULL;
        file = calloc(1, sizeof *file);
        if (!file)
            abort();
        file->is_nameless = !name;
        if (name)
            names_change(disk, sim_op_names(SIM_OP_LINK, file, name, NULL));
    }
    file->refs++;
    return file;
}

void sim_disk_close(struct sim_disk *disk, struct sim_file *file)
{
    (void)disk;
    sim_file_unref(file);
}

int32_t sim_disk_remove(struct sim_disk *disk, const char *name)
{
    struct sim_file *file = sim_disk_find(disk, name);

    if (!file)
        return RH_ENOTFOUND;
    names_change(disk, sim_op_names(SIM_OP_UNLINK, file, name, NULL));
    return RH_OK;
}

int32_t sim_disk_rename(struct sim_disk *disk, const char *from, const char *to)
{
    struct sim_file *file = sim_disk_find(disk, from);

    if (!is_name_good(to))
        return RH_EINVAL;
    if (!file)
        return RH_ENOTFOUND;
    if (strcmp(from, to) != 0)
        names_change(disk, sim_op_names(SIM_OP_RENAME, file, from, to));
    return RH_OK;
}

bool sim_disk_next(const struct sim_disk *disk, uint32_t *cursor, struct rh_str *name)
{
    return rh_map_next(&disk->live_names, cursor, name, NULL);
}

/* --- faults --- */

void sim_disk_fault(struct sim_disk *disk, enum sim_fault kind, uint32_t n, bool lasts)
{
    disk->faults[kind] = (struct sim_fault_state){n, lasts};
}

static bool bites(struct sim_disk *disk, enum sim_fault kind)
{
    struct sim_fault_state *fault = &disk->faults[kind];

    if ((kind == SIM_FAULT_READ && disk->are_reads_spared) || fault->left == 0 || --fault->left > 0)
        return false;
    if (fault->lasts)
        fault->left = 1;
    disk->counts.bites[kind]++;
    return true;
}

void sim_disk_spare_reads(struct sim_disk *disk, bool is_spared)
{
    disk->are_reads_spared = is_spared;
}

void sim_disk_abandon(struct sim_disk *disk)
{
    disk->is_abandoned = true;
}

bool sim_disk_is_abandoned(const struct sim_disk *disk)
{
    return disk->is_abandoned;
}

void sim_disk_slow(struct sim_disk *disk, bool is_slow)
{
    disk->is_slow = is_slow;
}

int64_t sim_disk_delay_us(struct sim_disk *disk)
{
    if (!disk->is_slow)
        return 0;
    disk->counts.slowed++;
    return (int64_t)rh_rng_below(&disk->rng, SIM_DISK_SLOW_US + 1);
}

struct sim_disk_counts sim_disk_counts(const struct sim_disk *disk)
{
    return disk->counts;
}

uint64_t sim_disk_random(struct sim_disk *disk)
{
    return rh_rng_u64(&disk->rng);
}

/* --- content --- */

int32_t sim_disk_read(struct sim_disk *disk, struct sim_file *file, uint64_t at, void *to, size_t n,
                      size_t *got)
{
    disk->counts.reads++;
    if (bites(disk, SIM_FAULT_READ))
        return RH_EIO;
    *got = sim_bytes_read(&file->live, at, to, n);
    return RH_OK;
}

static void content_change(struct sim_disk *disk, struct sim_op *op)
{
    sim_op_put(&op->file->live, op);
    if (op->file->is_nameless)
        sim_op_free(op); /* it does not outlive its opener */
    else
        sim_log_take(disk, op);
}

int32_t sim_disk_write(struct sim_disk *disk, struct sim_file *file, uint64_t at, const void *from,
                       size_t n)
{
    bool grows = at + n > file->live.n;

    disk->counts.writes++;
    if (bites(disk, SIM_FAULT_WRITE))
        return RH_EIO;
    if (at > SIM_FILE_BYTES_MAX || n > SIM_FILE_BYTES_MAX - at ||
        (grows && bites(disk, SIM_FAULT_GROW)))
        return RH_ENOSPACE;
    if (n > 0)
        content_change(disk, sim_op_new(SIM_OP_WRITE, file, at, from, n));
    return RH_OK;
}

int32_t sim_disk_truncate(struct sim_disk *disk, struct sim_file *file, uint64_t bytes)
{
    bool grows = bytes > file->live.n;

    disk->counts.writes++;
    if (bites(disk, SIM_FAULT_WRITE))
        return RH_EIO;
    if (bytes > SIM_FILE_BYTES_MAX || (grows && bites(disk, SIM_FAULT_GROW)))
        return RH_ENOSPACE;
    if (bytes != file->live.n)
        content_change(disk, sim_op_new(SIM_OP_TRUNCATE, file, bytes, NULL, 0));
    return RH_OK;
}

uint64_t sim_disk_size(const struct sim_file *file)
{
    return file->live.n;
}

/* A drawn part of what was to be made durable never will be. */
static void doom(struct sim_disk *disk, struct sim_file *file)
{
    if (file->journal_job != 0)
        sim_disk_job_end(disk, file->journal_job); /* the failure is seen */
    for (struct sim_op *op = file->pending.first; op; op = op->next) {
        if (op->is_doomed || rh_rng_below(&disk->rng, 2) == 0)
            continue;
        op->is_doomed = true;
        disk->counts.doomed++;
    }
}

int32_t sim_disk_sync(struct sim_disk *disk, struct sim_file *file)
{
    disk->counts.syncs++;
    if (bites(disk, SIM_FAULT_SYNC)) {
        doom(disk, file);
        return RH_EIO;
    }
    if (!file->is_nameless)
        sim_log_take(disk, sim_op_new(SIM_OP_SYNC, file, 0, NULL, 0));
    return RH_OK;
}

int32_t sim_disk_sync_names(struct sim_disk *disk)
{
    disk->counts.syncs++;
    if (bites(disk, SIM_FAULT_SYNC))
        return RH_EIO;
    sim_log_take(disk, sim_op_new(SIM_OP_SYNC_NAMES, NULL, 0, NULL, 0));
    return RH_OK;
}

bool sim_disk_durable(const struct sim_disk *disk, struct rh_str name, struct rh_str *out)
{
    const struct sim_file *file = rh_map_get(&disk->durable_names, name);

    if (file)
        *out = (struct rh_str){(const char *)file->durable.p, file->durable.n};
    return file != NULL;
}

uint64_t sim_disk_generation(const struct sim_disk *disk)
{
    return disk->generation;
}

struct sim_sharing *sim_file_sharing(struct sim_file *file)
{
    return &file->sharing;
}
