/* Hash maps from bytes or uint64_t to pointers, visited in insertion order; not sorted by key.
 *
 * Insertion order does not depend on the seed or the addresses, so simulations repeat. Lookup is
 * O(1) on average; the seed keeps outsiders from choosing colliding keys. Values are borrowed and
 * never NULL. All functions are [any], one thread at a time per map. */
#ifndef RH_SDK_MAP_H
#define RH_SDK_MAP_H

#include <ringhost/errors.h>
#include <ringhost/types.h>
#include <stdbool.h>

/* The largest count_max a map accepts. */
#define RH_MAP_COUNT_MAX (UINT32_C(1) << 28)

/* Private: dense entries in insertion order (removed ones stay as holes until the next growth), and
 * slots that hold entry number + 1 by open addressing. */
struct rh_map_table {
    void *entries;
    uint32_t *slots;
    uint64_t seed;
    uint32_t slots_count;
    uint32_t used;
    uint32_t count;
    uint32_t capacity;
    uint32_t count_max;
    uint32_t reserved;
};

struct rh_map {
    struct rh_map_table table;
};

struct rh_map64 {
    struct rh_map_table table;
};

/* Empty, for at most count_max entries (1 to RH_MAP_COUNT_MAX). Allocates nothing. */
void rh_map_init(struct rh_map *map, uint64_t seed, uint32_t count_max);
void rh_map64_init(struct rh_map64 *map, uint64_t seed, uint32_t count_max);

/* Frees keys and tables, not the values, and leaves an empty map with the same seed and limit. A
 * zeroed map that was never filled may be released, too. */
void rh_map_release(struct rh_map *map);
void rh_map64_release(struct rh_map64 *map);

/* Sets key to value; the key is copied. A key that is present keeps its place, and its former value
 * goes to *old; *old is NULL for a new key. old may be NULL. RH_EFULL at count_max, RH_ENOMEM; the
 * map is then unchanged and *old not written. Keys are at most UINT32_MAX bytes. */
int32_t rh_map_put(struct rh_map *map, struct rh_str key, void *value, void **old);
int32_t rh_map64_put(struct rh_map64 *map, uint64_t key, void *value, void **old);

/* The value, or NULL if the key is absent. */
void *rh_map_get(const struct rh_map *map, struct rh_str key);
void *rh_map64_get(const struct rh_map64 *map, uint64_t key);

/* Removes the key and returns its value, or NULL if it was absent. Never allocates. key may be one
 * that rh_map_next gave. */
void *rh_map_remove(struct rh_map *map, struct rh_str key);
void *rh_map64_remove(struct rh_map64 *map, uint64_t key);

uint32_t rh_map_count(const struct rh_map *map);
uint32_t rh_map64_count(const struct rh_map64 *map);

/* Steps through the entries in the order in which their keys were first put. *cursor starts at 0;
 * false at the end. key and value may be NULL; *key is borrowed until that entry is removed.
 * Removing entries on the way is allowed, putting new keys is not. */
bool rh_map_next(const struct rh_map *map, uint32_t *cursor, struct rh_str *key, void **value);
bool rh_map64_next(const struct rh_map64 *map, uint32_t *cursor, uint64_t *key, void **value);

#endif
