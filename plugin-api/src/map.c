/* Map from bytes, which it copies, to pointers. */
#include <ringhost/sdk/map.h>

#include "alloc.h"
#include "map_table.h"

#include <assert.h>
#include <ringhost/sdk/hash.h>
#include <stdlib.h>
#include <string.h>

struct bytes_entry {
    struct map_entry entry;
    struct rh_str key; /* Owned; p is NULL when empty. */
};

#define ENTRY_SIZE sizeof(struct bytes_entry)

static uint64_t hash_of(const struct rh_map *map, struct rh_str key)
{
    return rh_hash_sip13(map->table.seed, rh_hash_mix(map->table.seed), key.p, key.n);
}

static struct bytes_entry *bytes_entry_of(struct map_entry *entry)
{
    return RH_CONTAINER_OF(entry, struct bytes_entry, entry);
}

static bool is_key(const struct map_entry *entry, const void *key)
{
    const struct bytes_entry *bytes = (const struct bytes_entry *)(const void *)entry;
    const struct rh_str *wanted = key;

    return bytes->key.n == wanted->n &&
           (wanted->n == 0 || memcmp(bytes->key.p, wanted->p, wanted->n) == 0);
}

static struct map_entry *find(const struct rh_map *map, struct rh_str key)
{
    if (map->table.count == 0)
        return NULL;
    return rh_map_table_find(&map->table, ENTRY_SIZE, hash_of(map, key), is_key, &key);
}

void rh_map_init(struct rh_map *map, uint64_t seed, uint32_t count_max)
{
    rh_map_table_init(&map->table, seed, count_max);
}

void rh_map_release(struct rh_map *map)
{
    struct map_entry *entry;
    uint32_t cursor = 0;

    while ((entry = rh_map_table_next(&map->table, ENTRY_SIZE, &cursor)))
        free((char *)bytes_entry_of(entry)->key.p);
    rh_map_table_release(&map->table);
}

static int32_t add(struct rh_map *map, struct rh_str key, void *value)
{
    struct map_entry *entry;
    char *copy = NULL;
    int32_t rc = rh_map_table_make_room(&map->table, ENTRY_SIZE);

    if (rc != RH_OK)
        return rc;
    if (key.n) {
        copy = rh_mem_resize(NULL, key.n);
        if (!copy)
            return RH_ENOMEM;
        memcpy(copy, key.p, key.n);
    }
    entry = rh_map_table_add(&map->table, ENTRY_SIZE, hash_of(map, key), value);
    bytes_entry_of(entry)->key = (struct rh_str){copy, key.n};
    return RH_OK;
}

int32_t rh_map_put(struct rh_map *map, struct rh_str key, void *value, void **old)
{
    struct map_entry *entry = find(map, key);
    void *former = NULL;

    assert(value);
    assert(key.n <= UINT32_MAX);
    if (entry) {
        former = entry->value;
        entry->value = value;
    } else {
        int32_t rc = add(map, key, value);

        if (rc != RH_OK)
            return rc;
    }
    if (old)
        *old = former;
    return RH_OK;
}

void *rh_map_get(const struct rh_map *map, struct rh_str key)
{
    struct map_entry *entry = find(map, key);

    return entry ? entry->value : NULL;
}

void *rh_map_remove(struct rh_map *map, struct rh_str key)
{
    struct map_entry *entry = find(map, key);
    void *value;

    if (!entry)
        return NULL;
    value = entry->value;
    free((char *)bytes_entry_of(entry)->key.p);
    rh_map_table_remove(&map->table, ENTRY_SIZE, entry);
    return value;
}

uint32_t rh_map_count(const struct rh_map *map)
{
    return map->table.count;
}

bool rh_map_next(const struct rh_map *map, uint32_t *cursor, struct rh_str *key, void **value)
{
    struct map_entry *entry = rh_map_table_next(&map->table, ENTRY_SIZE, cursor);

    if (!entry)
        return false;
    if (key)
        *key = bytes_entry_of(entry)->key;
    if (value)
        *value = entry->value;
    return true;
}
