/* Dense entries in insertion order, found through open-addressed slots with linear probing.
 *
 * Slots are at least twice as many as entries, and removal moves later slots back instead of
 * leaving marks, so probing stays short however long the map lives (Knuth, TAOCP vol. 3,
 * algorithm 6.4R). */
#include "map_table.h"

#include "alloc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define CAPACITY_MIN 8u

void rh_map_table_init(struct rh_map_table *table, uint64_t seed, uint32_t count_max)
{
    assert(count_max >= 1);
    assert(count_max <= RH_MAP_COUNT_MAX);
    *table = (struct rh_map_table){.seed = seed, .count_max = count_max};
}

void rh_map_table_release(struct rh_map_table *table)
{
    free(table->entries);
    free(table->slots);
    *table = (struct rh_map_table){.seed = table->seed, .count_max = table->count_max};
}

struct map_entry *rh_map_table_at(const struct rh_map_table *table, size_t entry_size,
                                  uint32_t index)
{
    return (struct map_entry *)(void *)((char *)table->entries + (size_t)index * entry_size);
}

static uint32_t home_of(const struct rh_map_table *table, uint64_t hash)
{
    return (uint32_t)hash & (table->slots_count - 1);
}

static uint32_t slot_after(const struct rh_map_table *table, uint32_t slot)
{
    return (slot + 1) & (table->slots_count - 1);
}

struct map_entry *rh_map_table_find(const struct rh_map_table *table, size_t entry_size,
                                    uint64_t hash, rh_map_table_equal *equal, const void *key)
{
    uint32_t slot;

    if (table->count == 0)
        return NULL;
    for (slot = home_of(table, hash); table->slots[slot]; slot = slot_after(table, slot)) {
        struct map_entry *entry = rh_map_table_at(table, entry_size, table->slots[slot] - 1);

        if (entry->hash == hash && equal(entry, key))
            return entry;
    }
    return NULL;
}

static void slots_add(struct rh_map_table *table, uint64_t hash, uint32_t index)
{
    uint32_t slot = home_of(table, hash);

    while (table->slots[slot])
        slot = slot_after(table, slot);
    table->slots[slot] = index + 1;
}

/* Closes the holes and fills the slots anew. */
static void compact(struct rh_map_table *table, size_t entry_size)
{
    uint32_t kept = 0;

    memset(table->slots, 0, table->slots_count * sizeof(*table->slots));
    for (uint32_t i = 0; i < table->used; i++) {
        struct map_entry *from = rh_map_table_at(table, entry_size, i);

        if (!from->value)
            continue;
        slots_add(table, from->hash, kept);
        if (kept != i)
            memcpy(rh_map_table_at(table, entry_size, kept), from, entry_size);
        kept++;
    }
    assert(kept == table->count);
    table->used = kept;
}

static int32_t grow(struct rh_map_table *table, size_t entry_size)
{
    uint32_t capacity = table->capacity ? table->capacity * 2 : CAPACITY_MIN;
    void *entries = rh_mem_resize(table->entries, capacity * entry_size);
    uint32_t *slots;

    if (!entries)
        return RH_ENOMEM;
    table->entries = entries; /* Larger than capacity says, which is harmless if slots fail. */
    slots = rh_mem_resize(NULL, (size_t)capacity * 2 * sizeof(*slots));
    if (!slots)
        return RH_ENOMEM;
    free(table->slots);
    table->slots = slots;
    table->slots_count = capacity * 2;
    table->capacity = capacity;
    compact(table, entry_size);
    return RH_OK;
}

/* Growing only when three quarters are alive keeps a long-lived map of steady size from growing,
 * and each compaction frees a quarter of the entries, so adding is O(1) amortized. */
int32_t rh_map_table_make_room(struct rh_map_table *table, size_t entry_size)
{
    if (table->count == table->count_max)
        return RH_EFULL;
    if (table->used < table->capacity)
        return RH_OK;
    if (table->capacity == 0 || table->count > table->capacity / 4 * 3)
        return grow(table, entry_size);
    compact(table, entry_size);
    return RH_OK;
}

struct map_entry *rh_map_table_add(struct rh_map_table *table, size_t entry_size, uint64_t hash,
                                   void *value)
{
    struct map_entry *entry;

    assert(value);
    assert(table->used < table->capacity);
    entry = rh_map_table_at(table, entry_size, table->used);
    memset(entry, 0, entry_size);
    entry->hash = hash;
    entry->value = value;
    slots_add(table, hash, table->used);
    table->used++;
    table->count++;
    return entry;
}

/* Empties a slot; every later slot of the run that may stand there moves back. */
static void slots_remove(struct rh_map_table *table, size_t entry_size, uint32_t slot)
{
    uint32_t mask = table->slots_count - 1;
    uint32_t next = slot_after(table, slot);

    for (; table->slots[next]; next = slot_after(table, next)) {
        uint64_t hash = rh_map_table_at(table, entry_size, table->slots[next] - 1)->hash;
        uint32_t distance = (next - home_of(table, hash)) & mask;

        if (distance < ((next - slot) & mask))
            continue;
        table->slots[slot] = table->slots[next];
        slot = next;
    }
    table->slots[slot] = 0;
}

void rh_map_table_remove(struct rh_map_table *table, size_t entry_size, struct map_entry *entry)
{
    size_t offset = (size_t)((char *)entry - (char *)table->entries);
    uint32_t index = (uint32_t)(offset / entry_size);
    uint32_t slot = home_of(table, entry->hash);

    assert(entry->value);
    assert(index < table->used);
    while (table->slots[slot] != index + 1) {
        assert(table->slots[slot]);
        slot = slot_after(table, slot);
    }
    slots_remove(table, entry_size, slot);
    entry->value = NULL;
    table->count--;
}

struct map_entry *rh_map_table_next(const struct rh_map_table *table, size_t entry_size,
                                    uint32_t *cursor)
{
    while (*cursor < table->used) {
        struct map_entry *entry = rh_map_table_at(table, entry_size, (*cursor)++);

        if (entry->value)
            return entry;
    }
    return NULL;
}
