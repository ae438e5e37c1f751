/* A map, two sums, and a scan for the file that has been unused for longest. */
#include "catalog.h"

#include <assert.h>
#include <stdlib.h>

#include <ringhost/errors.h>

static struct rh_str key_of(const unsigned char digest[RH_SHA256_SIZE])
{
    return (struct rh_str){(const char *)digest, RH_SHA256_SIZE};
}

void catalog_init(struct catalog *catalog, uint64_t seed, const struct catalog_limits *limits)
{
    *catalog = (struct catalog){.limits = *limits};
    rh_map_init(&catalog->files, seed, CATALOG_FILES_MAX);
}

void catalog_release(struct catalog *catalog)
{
    uint32_t cursor = 0;
    void *value = NULL;

    while (rh_map_next(&catalog->files, &cursor, NULL, &value))
        free(value);
    rh_map_release(&catalog->files);
    catalog->bytes = 0;
    catalog->reserved_bytes = 0;
    catalog->reserved_files = 0;
}

struct artifact *catalog_find(const struct catalog *catalog,
                              const unsigned char digest[RH_SHA256_SIZE])
{
    return rh_map_get(&catalog->files, key_of(digest));
}

int32_t catalog_add(struct catalog *catalog, const struct artifact *artifact, struct artifact **out)
{
    struct artifact *kept = malloc(sizeof(*kept));
    int32_t rc;

    assert(!catalog_find(catalog, artifact->digest));
    assert(artifact->size_bytes >= 0);
    if (!kept)
        return RH_ENOMEM;
    *kept = *artifact;
    kept->id = ++catalog->last_id;
    rc = rh_map_put(&catalog->files, key_of(kept->digest), kept, NULL);
    if (rc != RH_OK) {
        free(kept);
        return rc;
    }
    catalog->bytes += kept->size_bytes;
    *out = kept;
    return RH_OK;
}

void catalog_remove(struct catalog *catalog, struct artifact *artifact)
{
    const void *removed = rh_map_remove(&catalog->files, key_of(artifact->digest));

    assert(removed == artifact);
    catalog->bytes -= artifact->size_bytes;
    assert(catalog->bytes >= 0);
    free(artifact);
}

bool catalog_may_go(const struct catalog *catalog, const struct artifact *artifact, int64_t now_ms)
{
    const struct catalog_limits *limits = &catalog->limits;
    int64_t idle_ms = now_ms - artifact->used_at_ms;

    if (artifact->is_pinned || artifact->readers > 0 || idle_ms < limits->idle_min_ms)
        return false;
    return !artifact->is_own || (limits->own_keep_ms > 0 && idle_ms >= limits->own_keep_ms);
}

/* a goes before b. */
static bool goes_before(const struct artifact *a, const struct artifact *b)
{
    if (a->is_own != b->is_own)
        return !a->is_own;
    return a->used_at_ms < b->used_at_ms;
}

static struct artifact *find_victim(const struct catalog *catalog, int64_t now_ms)
{
    struct artifact *victim = NULL;
    uint32_t cursor = 0;
    void *value = NULL;

    while (rh_map_next(&catalog->files, &cursor, NULL, &value)) {
        struct artifact *artifact = value;

        if (catalog_may_go(catalog, artifact, now_ms) && (!victim || goes_before(artifact, victim)))
            victim = artifact;
    }
    return victim;
}

/* Whether so much more fits. */
static bool fits(const struct catalog *catalog, int64_t size_bytes, int64_t files)
{
    const struct catalog_limits *limits = &catalog->limits;
    int64_t count = (int64_t)rh_map_count(&catalog->files) + catalog->reserved_files;

    return size_bytes <= limits->bytes_max - catalog->bytes - catalog->reserved_bytes &&
           files <= limits->files_max - count;
}

int32_t catalog_reserve(struct catalog *catalog, int64_t size_bytes, int64_t now_ms,
                        struct artifact **victim)
{
    assert(size_bytes >= 0);
    if (size_bytes > catalog->limits.bytes_max)
        return RH_ETOOLARGE;
    if (size_bytes > catalog->limits.bytes_max - catalog->reserved_bytes ||
        catalog->reserved_files >= catalog->limits.files_max)
        return RH_EFULL; /* nothing that goes would help */
    if (!fits(catalog, size_bytes, 1)) {
        *victim = find_victim(catalog, now_ms);
        return *victim ? RH_EAGAIN : RH_EFULL;
    }
    catalog->reserved_bytes += size_bytes;
    catalog->reserved_files++;
    return RH_OK;
}

void catalog_unreserve(struct catalog *catalog, int64_t size_bytes)
{
    catalog->reserved_bytes -= size_bytes;
    catalog->reserved_files--;
    assert(catalog->reserved_bytes >= 0);
    assert(catalog->reserved_files >= 0);
}

struct artifact *catalog_surplus(const struct catalog *catalog, int64_t now_ms)
{
    return fits(catalog, 0, 0) ? NULL : find_victim(catalog, now_ms);
}
