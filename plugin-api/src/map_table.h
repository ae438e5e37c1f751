/* What both kinds of maps share: dense entries in insertion order and open-addressed slots; no
 * keys. */
#ifndef RH_PLUGIN_API_SRC_MAP_TABLE_H
#define RH_PLUGIN_API_SRC_MAP_TABLE_H

#include <ringhost/sdk/map.h>

/* Every entry begins with this; value is NULL in a hole. */
struct map_entry {
    uint64_t hash;
    void *value;
};

/* Whether the entry, whose hash is right, has the key. */
typedef bool rh_map_table_equal(const struct map_entry *entry, const void *key);

/* Empty. Allocates nothing. */
void rh_map_table_init(struct rh_map_table *table, uint64_t seed, uint32_t count_max);

/* Frees entries and slots; keys are the caller's to free first. */
void rh_map_table_release(struct rh_map_table *table);

/* Entry number `index` of entries of entry_size bytes. */
struct map_entry *rh_map_table_at(const struct rh_map_table *table, size_t entry_size,
                                  uint32_t index);

/* The entry with the key, or NULL. */
struct map_entry *rh_map_table_find(const struct rh_map_table *table, size_t entry_size,
                                    uint64_t hash, rh_map_table_equal *equal, const void *key);

/* Makes sure that one rh_map_table_add will succeed. RH_OK, RH_EFULL or RH_ENOMEM (nothing
 * changed).
 */
int32_t rh_map_table_make_room(struct rh_map_table *table, size_t entry_size);

/* Appends an entry with hash and value set and the rest zero; the key must be absent, and
 * rh_map_table_make_room have said RH_OK just before. */
struct map_entry *rh_map_table_add(struct rh_map_table *table, size_t entry_size, uint64_t hash,
                                   void *value);

/* Turns the entry, which is in the table, into a hole. */
void rh_map_table_remove(struct rh_map_table *table, size_t entry_size, struct map_entry *entry);

/* The next entry at or after *cursor that is no hole, and moves *cursor past it; NULL at the end.
 */
struct map_entry *rh_map_table_next(const struct rh_map_table *table, size_t entry_size,
                                    uint32_t *cursor);

#endif
