/* The peer table; see peers.h. */
#include "host/core/peers.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/sort.h>
#include <ringhost/sdk/str.h>

static const char *const state_names[] = {"unknown", "alive", "suspect", "dead", "left"};

const char *peer_state_name(uint32_t state)
{
    assert(state < sizeof state_names / sizeof state_names[0]);
    return state_names[state];
}

void peers_init(struct peers *peers, uint64_t seed)
{
    memset(peers, 0, sizeof *peers);
    rh_map_init(&peers->by_id, seed, RH_PEERS_MAX);
}

static void peer_free(struct peer *peer)
{
    free(peer->node_id);
    free(peer->instance_id);
    free(peer->role);
    free(peer->address);
    free(peer->reach);
    free(peer->presence);
    free(peer);
}

void peers_release(struct peers *peers)
{
    uint32_t cursor = 0;
    void *value;

    while (rh_map_next(&peers->by_id, &cursor, NULL, &value))
        peer_free(value);
    rh_map_release(&peers->by_id);
    free(peers->list);
    memset(peers, 0, sizeof *peers);
}

static char *text_dup(struct rh_str value)
{
    char *text = malloc(value.n + 1);

    if (!text)
        return NULL;
    if (value.n > 0)
        memcpy(text, value.p, value.n);
    text[value.n] = '\0';
    return text;
}

/* Let the view point at the owned strings again. */
static void peer_refresh(struct peer *peer)
{
    peer->view.node_id = rh_str_from(peer->node_id);
    peer->view.instance_id = rh_str_from(peer->instance_id);
    peer->view.role = rh_str_from(peer->role);
    peer->view.address = rh_str_from(peer->address);
    peer->view.reach = rh_str_from(peer->reach);
    peer->view.presence = rh_str_from(peer->presence);
}

static struct peer *peer_new(struct rh_str node_id)
{
    struct peer *peer = calloc(1, sizeof *peer);

    if (!peer)
        return NULL;
    peer->node_id = text_dup(node_id);
    peer->instance_id = text_dup(RH_STR_LIT(""));
    peer->role = text_dup(RH_STR_LIT(""));
    peer->address = text_dup(RH_STR_LIT(""));
    peer->reach = text_dup(RH_STR_LIT("direct"));
    peer->presence = text_dup(RH_STR_LIT("{}"));
    if (!peer->node_id || !peer->instance_id || !peer->role || !peer->address || !peer->reach ||
        !peer->presence) {
        peer_free(peer);
        return NULL;
    }
    peer->view.size = (uint32_t)sizeof peer->view;
    peer->view.rtt_ms = -1;
    peer_refresh(peer);
    return peer;
}

struct peer *peers_get(struct peers *peers, struct rh_str node_id, bool make)
{
    struct peer *peer = rh_map_get(&peers->by_id, node_id);

    if (peer || !make)
        return peer;
    peer = peer_new(node_id);
    if (!peer)
        return NULL;
    if (rh_map_put(&peers->by_id, node_id, peer, NULL) != RH_OK) {
        peer_free(peer);
        return NULL;
    }
    peers->list_stale = true;
    return peer;
}

void peers_remove(struct peers *peers, struct rh_str node_id)
{
    struct peer *peer = rh_map_get(&peers->by_id, node_id);

    if (!peer)
        return;
    (void)rh_map_remove(&peers->by_id, node_id); /* it is there; node_id may point into the peer */
    peer_free(peer);
    peers->list_stale = true;
}

int32_t peer_set(struct peers *peers, struct peer *peer, char **field, struct rh_str value)
{
    char *text;

    if (rh_str_eq_c(value, *field))
        return RH_OK;
    text = text_dup(value);
    if (!text)
        return RH_ENOMEM;
    free(*field);
    *field = text;
    peer_refresh(peer);
    peers->list_stale = true;
    return RH_OK;
}

static bool is_newer(const struct rh_node_state *state, const struct rh_peer *known)
{
    if (state->generation != known->generation)
        return state->generation > known->generation;
    return state->version > known->version;
}

/* Copy what the node says about itself. */
static int32_t peer_take(struct peers *peers, struct peer *peer, const struct rh_node_state *state)
{
    struct {
        char **field;
        struct rh_str value;
    } sets[] = {
        {&peer->instance_id, state->instance_id},
        {&peer->role, state->role},
        {&peer->address, state->address},
        {&peer->presence, state->presence},
    };

    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        int32_t rc = peer_set(peers, peer, sets[i].field, sets[i].value);

        if (rc != RH_OK)
            return rc;
    }
    peer->view.generation = state->generation;
    peer->view.version = state->version;
    peer->view.maintenance = state->maintenance;
    peers->list_stale = true;
    return RH_OK;
}

int32_t peers_learn(struct peers *peers, const struct rh_node_state *state, int64_t wall_ms)
{
    struct peer *peer = peers_get(peers, state->node_id, false);
    bool is_new = !peer;
    int32_t rc;

    if (state->presence.n > PEER_PRESENCE_MAX)
        return RH_ETOOLARGE;
    if (peer && peer->view.instance_id.n > 0 &&
        !rh_str_eq(peer->view.instance_id, state->instance_id) &&
        (peer->view.state == RH_PEER_ALIVE || peer->view.state == RH_PEER_SUSPECT ||
         peer->view.is_self))
        return RH_EEXISTS;
    if (peer && !rh_str_eq(peer->view.instance_id, state->instance_id)) {
        /* Another incarnation of the machine: its counters start anew. */
        peer->view.generation = 0;
        peer->view.version = 0;
        is_new = true;
    }
    if (peer && !rh_str_eq(peer->view.address, state->address))
        is_new = true;
    if (!peer)
        peer = peers_get(peers, state->node_id, true);
    if (!peer)
        return RH_EFULL;
    if (!is_newer(state, &peer->view))
        return PEERS_SAME;
    rc = peer_take(peers, peer, state);
    if (rc != RH_OK)
        return rc;
    if (is_new)
        peer->view.since_at_ms = wall_ms;
    return is_new ? PEERS_NEW : PEERS_CHANGED;
}

bool peers_report(struct peers *peers, struct peer *peer, uint32_t state, uint64_t incarnation,
                  int64_t wall_ms)
{
    peer->view.incarnation = incarnation;
    peers->list_stale = true;
    if (peer->view.state == state)
        return false;
    peer->view.state = state;
    peer->view.since_at_ms = wall_ms;
    return true;
}

static int compare_peers(const void *left, const void *right, void *context)
{
    const struct rh_peer *a = left;
    const struct rh_peer *b = right;

    (void)context;
    return rh_str_cmp(a->node_id, b->node_id);
}

void peers_list(struct peers *peers, struct rh_peers *out)
{
    uint32_t count = rh_map_count(&peers->by_id);
    uint32_t cursor = 0;
    uint32_t at = 0;
    void *value;

    if (count > peers->list_capacity) {
        struct rh_peer *list = realloc(peers->list, (count + 16) * sizeof *list);

        if (!list) {
            /* Show none rather than a torn list. */
            memset(out, 0, sizeof *out);
            return;
        }
        peers->list = list;
        peers->list_capacity = count + 16;
        peers->list_stale = true;
    }
    if (peers->list_stale) {
        while (rh_map_next(&peers->by_id, &cursor, NULL, &value))
            peers->list[at++] = ((const struct peer *)value)->view;
        /* Without scratch memory the order of arrival is kept. */
        (void)rh_sort(peers->list, at, sizeof *peers->list, compare_peers, NULL, NULL);
        peers->list_stale = false;
    }
    *out = (struct rh_peers){
        .size = (uint32_t)sizeof *out,
        .count = count,
        .peers = peers->list,
        .peer_stride = (uint32_t)sizeof(struct rh_peer),
    };
}
