/* A map for lookup and a list in order of commits for settling. */
#include "overlay.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void overlay_init(struct overlay *overlay, uint64_t seed)
{
    *overlay = (struct overlay){.first = NULL};
    rh_map_init(&overlay->map, seed, OVERLAY_KEYS_MAX);
}

static void unlink_entry(struct overlay *overlay, struct overlay_entry *entry)
{
    if (entry->prev)
        entry->prev->next = entry->next;
    else
        overlay->first = entry->next;
    if (entry->next)
        entry->next->prev = entry->prev;
    else
        overlay->last = entry->prev;
}

static void link_last(struct overlay *overlay, struct overlay_entry *entry)
{
    assert(!overlay->last || overlay->last->commit <= entry->commit);
    entry->prev = overlay->last;
    entry->next = NULL;
    if (overlay->last)
        overlay->last->next = entry;
    else
        overlay->first = entry;
    overlay->last = entry;
}

static void forget(struct overlay *overlay, struct overlay_entry *entry)
{
    unlink_entry(overlay, entry);
    rh_map_remove(&overlay->map, entry->key);
    free((char *)(uintptr_t)entry->value.p);
    free(entry);
}

void overlay_release(struct overlay *overlay)
{
    while (overlay->first)
        forget(overlay, overlay->first);
    rh_map_release(&overlay->map);
}

static struct overlay_entry *new_entry(struct rh_str key)
{
    struct overlay_entry *entry = calloc(1, sizeof(*entry) + key.n + 1);

    if (!entry)
        return NULL;
    if (key.n > 0)
        memcpy(entry + 1, key.p, key.n);
    entry->key = (struct rh_str){(char *)(entry + 1), key.n};
    return entry;
}

static int32_t set(struct overlay *overlay, struct rh_str key, struct rh_str value, bool is_deleted,
                   uint64_t commit)
{
    struct overlay_entry *entry = rh_map_get(&overlay->map, key);
    struct overlay_entry *made = entry ? NULL : new_entry(key);
    char *copy = malloc(value.n + 1);
    int32_t rc = copy && (entry || made) ? RH_OK : RH_ENOMEM;

    if (!rc && made)
        rc = rh_map_put(&overlay->map, key, made, NULL);
    if (rc) {
        free(copy);
        free(made);
        return rc;
    }
    if (value.n > 0)
        memcpy(copy, value.p, value.n);
    if (made)
        entry = made;
    else
        unlink_entry(overlay, entry);
    free((char *)(uintptr_t)entry->value.p);
    entry->value = (struct rh_str){copy, value.n};
    entry->is_deleted = is_deleted;
    entry->commit = commit;
    link_last(overlay, entry);
    return RH_OK;
}

int32_t overlay_put(struct overlay *overlay, struct rh_str key, struct rh_str value,
                    uint64_t commit)
{
    return set(overlay, key, value, false, commit);
}

int32_t overlay_delete(struct overlay *overlay, struct rh_str key, uint64_t commit)
{
    return set(overlay, key, (struct rh_str){NULL, 0}, true, commit);
}

bool overlay_get(const struct overlay *overlay, struct rh_str key, struct rh_str *value,
                 bool *is_deleted)
{
    const struct overlay_entry *entry = rh_map_get(&overlay->map, key);

    if (!entry)
        return false;
    *is_deleted = entry->is_deleted;
    if (!entry->is_deleted)
        *value = entry->value;
    return true;
}

void overlay_settle(struct overlay *overlay, uint64_t commit)
{
    while (overlay->first && overlay->first->commit <= commit)
        forget(overlay, overlay->first);
}

void overlay_undo(struct overlay *overlay, uint64_t commit)
{
    while (overlay->last && overlay->last->commit == commit)
        forget(overlay, overlay->last);
}
