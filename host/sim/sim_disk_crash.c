/* The disk after a crash: a copy at the instant at which the power or the process went, and of what
 * had not been synced then, what the draw leaves. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#include "host/sim/sim_disk_impl.h"

enum style { STYLE_LOSE, STYLE_KEEP, STYLE_PREFIX, STYLE_MIXED, STYLE_COUNT };

struct crash {
    struct sim_disk *from, *to;
    enum sim_crash how;
    enum style style;
    struct rh_map64 twins;  /* file of `from` -> its copy in `to`, held */
    struct rh_map64 shares; /* job -> struct job_share */
};

/* How much of a job has happened. */
struct job_share {
    uint64_t done, left; /* operations */
};

static uint64_t below(struct crash *crash, uint64_t n)
{
    return rh_rng_below(&crash->from->rng, n);
}

/* --- the copy --- */

static struct sim_file *twin_of(struct crash *crash, struct sim_file *file)
{
    uint64_t key = (uint64_t)(uintptr_t)file;
    struct sim_file *twin = rh_map64_get(&crash->twins, key);

    if (twin)
        return twin;
    twin = calloc(1, sizeof *twin);
    if (!twin || rh_map64_put(&crash->twins, key, twin, NULL) != RH_OK)
        abort();
    twin->refs = 1;
    sim_bytes_copy(&twin->durable, &file->durable);
    twin->pending_count = file->pending_count;
    for (const struct sim_op *op = file->pending.first; op; op = op->next) {
        struct sim_op *copy = sim_op_new(op->kind, NULL, op->at, op->data, op->n);

        copy->is_doomed = op->is_doomed;
        sim_op_push(&twin->pending, copy);
    }
    return twin;
}

static struct sim_op *op_copy(struct crash *crash, const struct sim_op *op)
{
    struct sim_file *twin = op->file ? twin_of(crash, op->file) : NULL;

    if (op->kind == SIM_OP_LINK || op->kind == SIM_OP_UNLINK || op->kind == SIM_OP_RENAME)
        return sim_op_names(op->kind, twin, op->data, op->to);
    return sim_op_new(op->kind, twin, op->at, op->data, op->n);
}

static void copy_names(struct crash *crash, const struct rh_map *from, struct rh_map *to)
{
    uint32_t cursor = 0;
    struct rh_str name;
    void *file;

    while (rh_map_next(from, &cursor, &name, &file)) {
        struct sim_file *twin = twin_of(crash, file);

        twin->refs++;
        if (rh_map_put(to, name, twin, NULL) != RH_OK)
            abort();
    }
}

/* --- which part of the jobs has happened --- */

static struct job_share *share_of(struct crash *crash, uint64_t job)
{
    struct job_share *share = rh_map64_get(&crash->shares, job);

    if (share)
        return share;
    share = calloc(1, sizeof *share);
    if (!share || rh_map64_put(&crash->shares, job, share, NULL) != RH_OK)
        abort();
    return share;
}

/* Often all of it: written, but not yet told. */
static void draw_shares(struct crash *crash)
{
    uint32_t cursor = 0;
    void *value;

    for (const struct sim_op *op = crash->from->journal.first; op; op = op->next)
        share_of(crash, op->job)->done++;
    while (rh_map64_next(&crash->shares, &cursor, NULL, &value)) {
        struct job_share *share = value;

        share->left = share->done;
        if (crash->how == SIM_CRASH_WORST)
            share->left = 0;
        else if (crash->how != SIM_CRASH_PLAIN && below(crash, 3) > 0)
            share->left = below(crash, share->done + 1);
        crash->to->counts.cut_jobs += share->left < share->done;
    }
}

static void free_shares(struct crash *crash)
{
    uint32_t cursor = 0;
    void *share;

    while (rh_map64_next(&crash->shares, &cursor, NULL, &share))
        free(share);
    rh_map64_release(&crash->shares);
}

static void copy_operations(struct crash *crash)
{
    for (size_t i = 0; i < crash->from->name_count; i++)
        sim_log_fold(crash->to, op_copy(crash, crash->from->names[i]));
    draw_shares(crash);
    for (const struct sim_op *op = crash->from->journal.first; op; op = op->next) {
        struct job_share *share = share_of(crash, op->job);

        if (share->left > 0) {
            share->left--;
            sim_log_fold(crash->to, op_copy(crash, op));
        }
    }
}

/* --- what the power cut leaves --- */

/* Some of the sectors of a write; at least the file's length may have got through. */
static void put_torn(struct crash *crash, struct sim_bytes *image, const struct sim_op *op,
                     bool any)
{
    uint64_t end = op->at + op->n;

    for (uint64_t at = op->at; any && at < end;) {
        uint64_t next = (at / SIM_SECTOR_BYTES + 1) * SIM_SECTOR_BYTES;
        uint64_t stop = next < end ? next : end;

        if (below(crash, 2) == 0)
            sim_bytes_write(image, at, op->data + (at - op->at), stop - at);
        at = stop;
    }
    if (end > image->n && below(crash, 2) == 0)
        sim_bytes_resize(image, end);
}

enum fate { FATE_LOST, FATE_KEPT, FATE_TORN };

/* index counts the file's writes, edge is the number of those that a prefix has whole. */
static enum fate fate_of(struct crash *crash, const struct sim_op *op, uint64_t index,
                         uint64_t edge)
{
    enum fate fate = FATE_LOST;

    if (op->is_doomed)
        return FATE_LOST;
    if (crash->style == STYLE_KEEP || (crash->style == STYLE_PREFIX && index < edge))
        fate = FATE_KEPT;
    else if (crash->style == STYLE_PREFIX && index == edge)
        fate = FATE_TORN;
    else if (crash->style == STYLE_MIXED)
        fate = (enum fate)below(crash, 3);
    return fate == FATE_TORN && op->kind != SIM_OP_WRITE ? FATE_LOST : fate;
}

static void survive_content(struct crash *crash, struct sim_file *file)
{
    struct sim_disk_counts *counts = &crash->to->counts;
    uint64_t count = 0;
    uint64_t index = 0;
    uint64_t edge;

    for (const struct sim_op *op = file->pending.first; op; op = op->next)
        count++;
    edge = below(crash, count + 1);
    for (const struct sim_op *op = file->pending.first; op; op = op->next) {
        enum fate fate = fate_of(crash, op, index++, edge);

        if (fate == FATE_KEPT)
            sim_op_put(&file->durable, op);
        else if (op->kind == SIM_OP_WRITE && (fate == FATE_TORN || crash->style == STYLE_MIXED))
            put_torn(crash, &file->durable, op, fate == FATE_TORN);
        counts->kept += fate == FATE_KEPT;
        counts->torn += fate == FATE_TORN;
        counts->lost += fate == FATE_LOST;
    }
    sim_op_list_free(&file->pending);
    file->pending_count = 0;
}

static bool is_name_kept(struct crash *crash, size_t index, size_t edge)
{
    switch (crash->style) {
    case STYLE_KEEP:
        return true;
    case STYLE_PREFIX:
        return index < edge;
    case STYLE_MIXED:
        return below(crash, 2) == 0;
    default:
        return false;
    }
}

static void survive_names(struct crash *crash)
{
    struct sim_disk *disk = crash->to;
    size_t edge = below(crash, disk->name_count + 1);
    size_t lost = 0; /* names[0..lost) are the lost ones */

    for (size_t i = 0; i < disk->name_count; i++) {
        struct sim_op *op = disk->names[i];
        bool is_kept = is_name_kept(crash, i, edge);

        for (size_t before = 0; is_kept && before < lost; before++)
            is_kept = !sim_names_touch(disk->names[before], op);
        if (is_kept) {
            sim_names_apply(&disk->durable_names, op);
            sim_op_free(op);
        } else {
            disk->names[lost++] = op;
        }
    }
    for (size_t i = 0; i < lost; i++)
        sim_op_free(disk->names[i]);
    disk->counts.undone_names += lost;
    disk->name_count = 0;
}

static void survive(struct crash *crash)
{
    uint32_t cursor = 0;
    void *file;

    crash->style =
        crash->how == SIM_CRASH_WORST ? STYLE_LOSE : (enum style)below(crash, STYLE_COUNT);
    while (rh_map64_next(&crash->twins, &cursor, NULL, &file))
        survive_content(crash, file);
    survive_names(crash);
}

/* --- what the next program sees --- */

/* All that is on the platter or, after the end of a process alone, still on its way there. */
static void make_live(struct crash *crash)
{
    struct sim_disk *disk = crash->to;
    uint32_t cursor = 0;
    void *value;
    struct rh_str name;

    while (rh_map_next(&disk->durable_names, &cursor, &name, &value)) {
        ((struct sim_file *)value)->refs++;
        if (rh_map_put(&disk->live_names, name, value, NULL) != RH_OK)
            abort();
    }
    for (size_t i = 0; i < disk->name_count; i++)
        sim_names_apply(&disk->live_names, disk->names[i]);
    cursor = 0;
    while (rh_map64_next(&crash->twins, &cursor, NULL, &value)) {
        struct sim_file *file = value;

        sim_bytes_copy(&file->live, &file->durable);
        for (const struct sim_op *op = file->pending.first; op; op = op->next)
            sim_op_put(&file->live, op);
        sim_file_unref(file); /* one that no name leads to is gone */
    }
}

struct sim_disk *sim_disk_crash(struct sim_disk *disk, enum sim_crash how)
{
    struct crash crash = {.from = disk, .to = sim_disk_new(rh_rng_u64(&disk->rng)), .how = how};

    assert(disk->job == 0);
    rh_map64_init(&crash.twins, 1, RH_MAP_COUNT_MAX);
    rh_map64_init(&crash.shares, 1, RH_MAP_COUNT_MAX);
    crash.to->counts = disk->counts;
    crash.to->counts.crashes++;
    crash.to->generation = disk->generation;
    crash.to->last_job = disk->last_job;
    crash.to->is_slow = disk->is_slow;
    memcpy(crash.to->faults, disk->faults, sizeof disk->faults);
    memset(disk->faults, 0, sizeof disk->faults);
    sim_disk_abandon(disk);
    copy_names(&crash, &disk->durable_names, &crash.to->durable_names);
    copy_operations(&crash);
    if (how == SIM_CRASH_POWER || how == SIM_CRASH_WORST)
        survive(&crash);
    make_live(&crash);
    crash.to->generation++;
    free_shares(&crash);
    rh_map64_release(&crash.twins);
    return crash.to;
}
