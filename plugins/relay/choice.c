/* The choice of hubs; see choice.h. */
#include "choice.h"

#include <assert.h>

#include <ringhost/sdk/hash.h>

/* Rendezvous hashing (Thaler and Ravishankar, 1998): when a hub goes, only its nodes move. */
static uint64_t weight(struct rh_str self, struct rh_str hub)
{
    uint64_t digest = rh_hash_fnv1a(RH_HASH_FNV1A_INIT, self.p, self.n);

    return rh_hash_mix(rh_hash_fnv1a(digest, hub.p, hub.n));
}

/* Greater is better: facts in the order of their weight. */
static uint32_t merit(const struct candidate *c, bool is_listed)
{
    return (uint32_t)c->is_alive << 3 | (uint32_t)!c->is_avoided << 2 |
           (is_listed ? 0 : (uint32_t)c->is_leader << 1 | (uint32_t)c->is_held);
}

static bool is_better(struct rh_str self, const struct candidate *all, bool is_listed, uint32_t a,
                      uint32_t b)
{
    const uint32_t merit_a = merit(&all[a], is_listed);
    const uint32_t merit_b = merit(&all[b], is_listed);

    if (merit_a != merit_b)
        return merit_a > merit_b;
    if (is_listed)
        return a < b;
    return weight(self, all[a].node_id) > weight(self, all[b].node_id);
}

static bool is_taken(const uint32_t *out, uint32_t n, uint32_t at)
{
    for (uint32_t i = 0; i < n; i++)
        if (out[i] == at)
            return true;
    return false;
}

uint32_t choice_hubs(struct rh_str self, const struct candidate *candidates, uint32_t count,
                     bool is_listed, uint32_t want, uint32_t *out)
{
    uint32_t n = 0;

    assert(want <= CHOICE_HUBS_MAX);
    while (n < want) {
        uint32_t best = count;

        for (uint32_t i = 0; i < count; i++)
            if (!is_taken(out, n, i) && (candidates[i].is_alive || n == 0) &&
                (best == count || is_better(self, candidates, is_listed, i, best)))
                best = i;
        if (best == count)
            break;
        out[n++] = best;
    }
    return n;
}
