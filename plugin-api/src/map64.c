/* Map from uint64_t to pointers. */
#include <ringhost/sdk/map.h>

#include "map_table.h"

#include <assert.h>
#include <ringhost/sdk/hash.h>

struct number_entry {
    struct map_entry entry;
    uint64_t key;
};

#define ENTRY_SIZE sizeof(struct number_entry)

/* Keyed twice: a plain mix of key ^ seed would leave differences of keys open to choice. */
static uint64_t hash_of(const struct rh_map64 *map, uint64_t key)
{
    return rh_hash_mix(rh_hash_mix(key ^ map->table.seed) + map->table.seed);
}

static struct number_entry *number_entry_of(struct map_entry *entry)
{
    return RH_CONTAINER_OF(entry, struct number_entry, entry);
}

static bool is_key(const struct map_entry *entry, const void *key)
{
    const struct number_entry *number = (const struct number_entry *)(const void *)entry;
    const uint64_t *wanted = key;

    return number->key == *wanted;
}

static struct map_entry *find(const struct rh_map64 *map, uint64_t key)
{
    return rh_map_table_find(&map->table, ENTRY_SIZE, hash_of(map, key), is_key, &key);
}

void rh_map64_init(struct rh_map64 *map, uint64_t seed, uint32_t count_max)
{
    rh_map_table_init(&map->table, seed, count_max);
}

void rh_map64_release(struct rh_map64 *map)
{
    rh_map_table_release(&map->table);
}

int32_t rh_map64_put(struct rh_map64 *map, uint64_t key, void *value, void **old)
{
    struct map_entry *entry = find(map, key);
    void *former = NULL;

    assert(value);
    if (entry) {
        former = entry->value;
        entry->value = value;
    } else {
        int32_t rc = rh_map_table_make_room(&map->table, ENTRY_SIZE);

        if (rc != RH_OK)
            return rc;
        entry = rh_map_table_add(&map->table, ENTRY_SIZE, hash_of(map, key), value);
        number_entry_of(entry)->key = key;
    }
    if (old)
        *old = former;
    return RH_OK;
}

void *rh_map64_get(const struct rh_map64 *map, uint64_t key)
{
    struct map_entry *entry = find(map, key);

    return entry ? entry->value : NULL;
}

void *rh_map64_remove(struct rh_map64 *map, uint64_t key)
{
    struct map_entry *entry = find(map, key);
    void *value;

    if (!entry)
        return NULL;
    value = entry->value;
    rh_map_table_remove(&map->table, ENTRY_SIZE, entry);
    return value;
}

uint32_t rh_map64_count(const struct rh_map64 *map)
{
    return map->table.count;
}

bool rh_map64_next(const struct rh_map64 *map, uint32_t *cursor, uint64_t *key, void **value)
{
    struct map_entry *entry = rh_map_table_next(&map->table, ENTRY_SIZE, cursor);

    if (!entry)
        return false;
    if (key)
        *key = number_entry_of(entry)->key;
    if (value)
        *value = entry->value;
    return true;
}
