/* The one peer table: who is configured or known, where, in which state. It decides nothing about
 * liveness. */
#ifndef RH_HOST_CORE_PEERS_H
#define RH_HOST_CORE_PEERS_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/role/membership.h>
#include <ringhost/sdk/buf.h>
#include <ringhost/sdk/map.h>
#include <ringhost/service/cluster.h>

#define PEER_PRESENCE_MAX 8192u

/* Strings are owned. `view` points into them and is what plugins see. */
struct peer {
    struct rh_peer view;
    char *node_id, *instance_id, *role, *address, *reach, *presence;
};

struct peers {
    struct rh_map by_id;  /* node id -> struct peer */
    struct rh_peer *list; /* ordered by node id; rebuilt when stale */
    uint32_t list_capacity;
    bool list_stale;
};

/* What learning about a node came to. */
#define PEERS_SAME    0
#define PEERS_CHANGED 1 /* presence, role, maintenance */
#define PEERS_NEW     2 /* the node is new, or has another address or instance */

void peers_init(struct peers *peers, uint64_t seed);
void peers_release(struct peers *peers);
/* Find or make. NULL: table full or no memory. */
struct peer *peers_get(struct peers *peers, struct rh_str node_id, bool make);
void peers_remove(struct peers *peers, struct rh_str node_id);
/* Replace one owned string (node_id excepted). RH_OK or RH_ENOMEM. */
int32_t peer_set(struct peers *peers, struct peer *peer, char **field, struct rh_str value);
/* Take a node's own word about itself when (generation, version) is newer. Returns PEERS_..., or
 * RH_EEXISTS (another living instance has this id), RH_EFULL, RH_ETOOLARGE. */
int32_t peers_learn(struct peers *peers, const struct rh_node_state *state, int64_t wall_ms);
/* Set the liveness; true if it changed. */
bool peers_report(struct peers *peers, struct peer *peer, uint32_t state, uint64_t incarnation,
                  int64_t wall_ms);
/* All, ordered by id. */
void peers_list(struct peers *peers, struct rh_peers *out);
const char *peer_state_name(uint32_t state);

#endif
