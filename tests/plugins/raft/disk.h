/* A node's disk in the tests of the raft core: what is durable, one write under way, and a state
 * machine that is a digest of what it was given. */
#ifndef RH_TESTS_PLUGINS_RAFT_DISK_H
#define RH_TESTS_PLUGINS_RAFT_DISK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <string.h>

#include <ringhost/sdk/hash.h>

#include "plugins/raft/raft_state.h"
#include "plugins/raft/stored.h"

#define DISK_ENTRIES_MAX 16384u
#define DISK_DATA_MAX    160u
#define DISK_WRITE_MAX   64u

struct disk_entry {
    uint64_t term;
    uint32_t kind, n;
    char data[DISK_DATA_MAX];
};

struct disk {
    struct raft_hard hard;
    struct raft_base base, note;
    bool has_note;
    uint64_t first, last; /* stored entries; last < first: none */
    struct disk_entry *entries;
};

/* What a write carries, copied when it is taken, since the log may change meanwhile. */
struct disk_write {
    bool is_active, has_hard, has_base, has_note;
    uint64_t seq, truncate_from, delete_below, first;
    uint32_t count;
    struct raft_hard hard;
    struct raft_base base, note;
    struct disk_entry entries[DISK_WRITE_MAX];
};

/* What has been applied: equal places have equal digests. */
struct machine {
    uint64_t index, term, digest;
};

static inline struct disk_entry *disk_at(const struct disk *disk, uint64_t index)
{
    return &disk->entries[index % DISK_ENTRIES_MAX];
}

static inline bool disk_has(const struct disk *disk, uint64_t index)
{
    return index >= disk->first && index <= disk->last;
}

/* The disk holds the entry, or it is below the base, where only what was agreed on is. */
static inline bool disk_holds(const struct disk *disk, uint64_t index, uint64_t term)
{
    if (index <= disk->base.index)
        return true;
    return disk_has(disk, index) && disk_at(disk, index)->term == term;
}

static inline void disk_entry_set(struct disk_entry *out, const struct raft_entry *entry)
{
    assert_true(entry->data.n <= DISK_DATA_MAX);
    out->term = entry->term;
    out->kind = entry->kind;
    out->n = (uint32_t)entry->data.n;
    if (entry->data.n > 0)
        memcpy(out->data, entry->data.p, entry->data.n);
}

static inline struct raft_entry disk_entry_view(const struct disk_entry *entry, uint64_t index)
{
    return (struct raft_entry){
        .index = index, .term = entry->term, .kind = entry->kind, .data = {entry->data, entry->n}};
}

static inline void disk_put(struct disk *disk, uint64_t index, const struct disk_entry *entry)
{
    if (disk->last < disk->first)
        disk->first = index;
    assert_true(disk->last < disk->first || index == disk->last + 1);
    *disk_at(disk, index) = *entry;
    disk->last = index;
    assert_true(disk->last - disk->first < DISK_ENTRIES_MAX);
}

static inline void disk_apply(struct disk *disk, const struct disk_write *w)
{
    if (w->truncate_from && disk->last >= w->truncate_from)
        disk->last = w->truncate_from - 1;
    if (w->delete_below && disk->first < w->delete_below)
        disk->first = w->delete_below;
    if (disk->last < disk->first) {
        disk->first = 1;
        disk->last = 0;
    }
    if (w->has_hard)
        disk->hard = w->hard;
    if (w->has_base)
        disk->base = w->base;
    if (w->has_note)
        disk->note = w->note;
    disk->has_note |= w->has_note;
    for (uint32_t i = 0; i < w->count; i++)
        disk_put(disk, w->first + i, &w->entries[i]);
}

/* Copies what the core wants written. */
static inline void disk_take(struct disk_write *out, const struct raft *raft,
                             const struct raft_write *w)
{
    memset(out, 0, offsetof(struct disk_write, entries));
    assert_true(w->count <= DISK_WRITE_MAX);
    out->is_active = true;
    out->seq = w->seq;
    out->truncate_from = w->truncate_from;
    out->delete_below = w->delete_below;
    out->first = w->first;
    out->count = w->count;
    out->has_hard = w->hard != NULL;
    out->has_base = w->base != NULL;
    out->has_note = w->incoming != NULL;
    if (w->hard)
        out->hard = *w->hard;
    if (w->base)
        out->base = *w->base;
    if (w->incoming)
        out->note = *w->incoming;
    for (uint32_t i = 0; i < w->count; i++) {
        struct raft_entry entry;

        assert_int_equal(raft_entry(raft, w->first + i, &entry), RH_OK);
        disk_entry_set(&out->entries[i], &entry);
    }
}

static inline int32_t disk_read(void *user, uint64_t index, struct raft_entry *out)
{
    const struct disk *disk = user;

    if (!disk_has(disk, index))
        return RH_EIO;
    *out = disk_entry_view(disk_at(disk, index), index);
    return RH_OK;
}

static inline void machine_apply(struct machine *machine, const struct raft_entry *entry)
{
    uint64_t digest = rh_hash_fnv1a_u64(machine->digest, entry->index);

    digest = rh_hash_fnv1a_u64(digest, entry->term);
    machine->digest = rh_hash_fnv1a(digest, entry->data.p, entry->data.n);
    machine->index = entry->index;
    machine->term = entry->term;
}

/* A core from what the disk and the state machine hold. */
static inline struct raft *disk_start(struct disk *disk, const struct machine *machine,
                                      struct raft_config config)
{
    const struct raft_base *note = disk->has_note ? &disk->note : NULL;
    const uint64_t note_term =
        note && disk_has(disk, note->index) ? disk_at(disk, note->index)->term : 0;
    const uint32_t how = raft_settle(&disk->base, note, note_term, machine->index, machine->term);
    const struct raft_base *base = how == RAFT_SETTLED ? &disk->base : note;
    struct raft *raft;

    assert_int_not_equal(how, RAFT_UNSOUND);
    config.read = disk_read;
    config.read_user = disk;
    raft = raft_new(&config, &disk->hard, base,
                    machine->index > base->index ? machine->index : base->index);
    assert_non_null(raft);
    if (how != RAFT_REPLACED) {
        for (uint64_t index = base->index + 1; index <= disk->last; index++) {
            const struct raft_entry entry = disk_entry_view(disk_at(disk, index), index);

            assert_int_equal(raft_load(raft, &entry), RH_OK);
        }
    }
    if (how != RAFT_SETTLED)
        raft_rebase(raft, how == RAFT_REPLACED);
    return raft;
}

#endif
