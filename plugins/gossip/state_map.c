/* Owner-only versions and their reconciliation; see state_map.h. */
#include "state_map.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/sort.h>
#include <ringhost/sdk/str.h>

void state_map_init(struct state_map *map, const char *self, uint64_t seed)
{
    int32_t rc;

    memset(map, 0, sizeof(*map));
    rh_map_init(&map->nodes, seed, STATE_NODES_MAX);
    rh_map_init(&map->tombstones, seed, STATE_TOMBSTONES_MAX);
    rc = rh_str_copy(map->self, sizeof(map->self), rh_str_from(self));
    assert(rc == RH_OK);
    (void)rc; /* only checked */
}

static void state_free(struct gossip_state *state)
{
    if (state)
        free((void *)(uintptr_t)state->presence.p); /* the map's own copy */
    free(state);
}

void state_map_release(struct state_map *map)
{
    uint32_t cursor = 0;
    void *value;

    while (rh_map_next(&map->nodes, &cursor, NULL, &value))
        state_free(value);
    cursor = 0;
    while (rh_map_next(&map->tombstones, &cursor, NULL, &value))
        free(value);
    rh_map_release(&map->nodes);
    rh_map_release(&map->tombstones);
}

static struct gossip_state *find(const struct state_map *map, const char *node_id)
{
    return rh_map_get(&map->nodes, rh_str_from(node_id));
}

static bool is_self(const struct state_map *map, const char *node_id)
{
    return strcmp(map->self, node_id) == 0;
}

static bool is_after(uint64_t generation, uint64_t version, uint64_t than_generation,
                     uint64_t than_version)
{
    return generation > than_generation ||
           (generation == than_generation && version > than_version);
}

/* Stores a copy over whatever was there; the beat never goes back within a generation. */
static int32_t store(struct state_map *map, const struct gossip_state *state)
{
    struct gossip_state *copy = malloc(sizeof(*copy));
    char *presence = malloc(state->presence.n + 1);
    void *old = NULL;
    int32_t rc = RH_ENOMEM;

    if (!copy || !presence)
        goto out;
    *copy = *state;
    if (state->presence.n)
        memcpy(presence, state->presence.p, state->presence.n);
    presence[state->presence.n] = '\0';
    copy->presence.p = presence;
    rc = rh_map_put(&map->nodes, rh_str_from(copy->node_id), copy, &old);
    if (rc != RH_OK)
        goto out;
    if (old) {
        const struct gossip_state *before = old;

        if (before->generation == copy->generation && before->beat > copy->beat)
            copy->beat = before->beat;
        state_free(old);
    }
    return RH_OK;

out:
    free(presence);
    free(copy);
    return rc;
}

/* Somebody remembers a generation of ours that we have forgotten. */
static void observe_self(struct state_map *map, uint64_t generation, const char *instance_id)
{
    struct gossip_state *own = find(map, map->self);

    if (!own || generation < own->generation)
        return;
    if (generation == own->generation &&
        (!instance_id || strcmp(instance_id, own->instance_id) == 0))
        return;
    map->generation_offset += generation + 1 - own->generation;
    own->generation = generation + 1;
}

int32_t state_map_set_self(struct state_map *map, const struct gossip_state *state)
{
    struct gossip_state own = *state;

    assert(is_self(map, state->node_id));
    if (state->presence.n > STATE_PRESENCE_MAX)
        return RH_ETOOLARGE;
    own.generation += map->generation_offset;
    own.beat = map->beat;
    return store(map, &own);
}

void state_map_beat(struct state_map *map)
{
    struct gossip_state *own = find(map, map->self);

    map->beat++;
    if (own)
        own->beat = map->beat;
}

static bool is_buried(const struct state_map *map, const char *node_id, uint64_t generation,
                      uint64_t version)
{
    const struct state_tombstone *tombstone = rh_map_get(&map->tombstones, rh_str_from(node_id));

    return tombstone &&
           !is_after(generation, version, tombstone->last.generation, tombstone->last.version);
}

/* Nobody but the node itself raises its beat. Of a dead one others may still tell a higher beat,
 * but not a growing one. */
static bool shows_life(struct state_map *map, const struct gossip_state *state)
{
    struct state_tombstone *tombstone = rh_map_get(&map->tombstones, rh_str_from(state->node_id));

    if (state->generation != tombstone->last.generation ||
        state->version != tombstone->last.version || state->beat <= tombstone->last.beat)
        return false;
    tombstone->last.beat = state->beat;
    if (tombstone->grows_since == 0 || map->beat - tombstone->grew_at > STATE_RISE_GAP_ROUNDS)
        tombstone->grows_since = map->beat;
    tombstone->grew_at = map->beat;
    return map->beat - tombstone->grows_since >= STATE_RISE_ROUNDS;
}

int32_t state_map_merge(struct state_map *map, const struct gossip_state *state)
{
    struct gossip_state *known = find(map, state->node_id);
    int32_t rc;

    if (state->presence.n > STATE_PRESENCE_MAX)
        return RH_ETOOLARGE;
    if (is_self(map, state->node_id)) {
        observe_self(map, state->generation, state->instance_id);
        return STATE_OLD;
    }
    if (is_buried(map, state->node_id, state->generation, state->version) &&
        !shows_life(map, state))
        return STATE_OLD;
    if (known && !is_after(state->generation, state->version, known->generation, known->version)) {
        if (state->generation != known->generation || state->beat <= known->beat)
            return STATE_OLD;
        known->beat = state->beat;
        return STATE_BEAT;
    }
    rc = store(map, state);
    if (rc != RH_OK)
        return rc;
    free(rh_map_remove(&map->tombstones, rh_str_from(state->node_id)));
    return STATE_NEWER;
}

int32_t state_map_merge_beat(struct state_map *map, const struct state_digest *digest)
{
    struct gossip_state *known = find(map, digest->node_id);

    if (is_self(map, digest->node_id)) {
        observe_self(map, digest->generation, NULL);
        return STATE_OLD;
    }
    if (!known || known->generation != digest->generation || known->beat >= digest->beat)
        return STATE_OLD;
    known->beat = digest->beat;
    return STATE_BEAT;
}

const struct gossip_state *state_map_get(const struct state_map *map, const char *node_id)
{
    return find(map, node_id);
}

uint32_t state_map_count(const struct state_map *map)
{
    return rh_map_count(&map->nodes);
}

const struct gossip_state *state_map_next(const struct state_map *map, uint32_t *cursor)
{
    void *value = NULL;

    return rh_map_next(&map->nodes, cursor, NULL, &value) ? value : NULL;
}

static void digest_of(const struct gossip_state *state, struct state_digest *out)
{
    memcpy(out->node_id, state->node_id, sizeof(out->node_id));
    out->generation = state->generation;
    out->version = state->version;
    out->beat = state->beat;
}

uint32_t state_map_digest(struct state_map *map, struct state_digest *out, uint32_t max)
{
    const uint32_t count = state_map_count(map);
    const uint32_t start = count > max ? map->digest_start % count : 0;
    const uint32_t wanted = count > max ? max : count;
    const struct gossip_state *state;
    uint32_t cursor = 0;
    uint32_t filled = 0;

    for (uint32_t place = 0; (state = state_map_next(map, &cursor)) != NULL; place++) {
        if ((place + count - start) % count < wanted)
            digest_of(state, &out[filled++]);
    }
    map->digest_start = start + wanted;
    return filled;
}

uint32_t state_size(const struct gossip_state *state)
{
    return (uint32_t)(320 + strlen(state->node_id) + strlen(state->instance_id) +
                      strlen(state->role) + strlen(state->cluster_id) + strlen(state->address) +
                      state->presence.n);
}

/* How far behind the other side is; nodes it has never heard of, or knows from an earlier
 * generation, come first. */
struct lack {
    const struct gossip_state *state;
    uint64_t gap;
};

static int more_behind_first(const void *a, const void *b, void *ctx)
{
    const struct lack *x = a;
    const struct lack *y = b;

    (void)ctx;
    if (x->gap != y->gap)
        return x->gap > y->gap ? -1 : 1;
    return strcmp(x->state->node_id, y->state->node_id);
}

static uint64_t gap_of(const struct gossip_state *state, const struct state_digest *digest)
{
    if (!digest || state->generation > digest->generation)
        return UINT64_MAX;
    if (state->generation < digest->generation || state->version <= digest->version)
        return 0;
    return state->version - digest->version;
}

uint32_t state_map_delta(const struct state_map *map, const struct state_digest *digest,
                         uint32_t count, bool is_partial, uint32_t bytes_max,
                         const struct gossip_state **out, uint32_t max)
{
    struct lack *lacks = calloc(state_map_count(map) + 1u, sizeof(*lacks));
    const struct gossip_state *state;
    uint32_t cursor = 0;
    uint32_t found = 0;
    uint32_t chosen = 0;
    uint32_t bytes = 0;
    struct rh_map named;

    rh_map_init(&named, 1, STATE_NODES_MAX);
    if (!lacks)
        goto out; /* nothing is sent now; the next round tries again */
    for (uint32_t i = 0; i < count; i++) {
        if (rh_map_put(&named, rh_str_from(digest[i].node_id), (void *)(uintptr_t)&digest[i],
                       NULL) != RH_OK)
            goto out;
    }
    while ((state = state_map_next(map, &cursor)) != NULL) {
        const struct state_digest *theirs = rh_map_get(&named, rh_str_from(state->node_id));
        const uint64_t gap = !theirs && is_partial ? 0 : gap_of(state, theirs);

        if (gap > 0)
            lacks[found++] = (struct lack){state, gap};
    }
    if (rh_sort(lacks, found, sizeof(*lacks), more_behind_first, NULL, NULL) != RH_OK)
        goto out;
    while (chosen < found && chosen < max) {
        bytes += state_size(lacks[chosen].state);
        if (bytes > bytes_max && chosen > 0)
            break;
        out[chosen] = lacks[chosen].state;
        chosen++;
    }

out:
    rh_map_release(&named);
    free(lacks);
    return chosen;
}

bool state_map_wants(const struct state_map *map, const struct state_digest *digest)
{
    const struct gossip_state *known = find(map, digest->node_id);

    if (is_self(map, digest->node_id))
        return false;
    if (is_buried(map, digest->node_id, digest->generation, digest->version))
        return false;
    return !known ||
           is_after(digest->generation, digest->version, known->generation, known->version);
}

int32_t state_map_prune(struct state_map *map, const char *node_id)
{
    struct gossip_state *state = find(map, node_id);
    struct state_tombstone *tombstone;
    void *old = NULL;
    int32_t rc;

    if (is_self(map, node_id))
        return RH_EINVAL;
    if (!state)
        return RH_ENOTFOUND;
    tombstone = calloc(1, sizeof(*tombstone));
    if (!tombstone)
        return RH_ENOMEM;
    digest_of(state, &tombstone->last);
    if (rh_map_count(&map->tombstones) == STATE_TOMBSTONES_MAX) {
        uint32_t cursor = 0;
        struct rh_str oldest;

        if (rh_map_next(&map->tombstones, &cursor, &oldest, NULL))
            free(rh_map_remove(&map->tombstones, oldest));
    }
    rc = rh_map_put(&map->tombstones, rh_str_from(node_id), tombstone, &old);
    if (rc != RH_OK) {
        free(tombstone);
        return rc;
    }
    free(old);
    state_free(rh_map_remove(&map->nodes, rh_str_from(tombstone->last.node_id)));
    return RH_OK;
}
