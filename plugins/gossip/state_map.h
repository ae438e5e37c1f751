/* What every node says about itself, as far as this node knows: versions that only their owner
 * raises, so that merging needs no clock and no order. Not liveness, not the network.
 *
 * Scuttlebutt: van Renesse, Dumitriu, Gough and Thomas, "Efficient reconciliation and flow control
 * for anti-entropy protocols", 2008. All functions are [any], one thread at a time per map. */
#ifndef RH_GOSSIP_STATE_MAP_H
#define RH_GOSSIP_STATE_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/sdk/map.h>

#define STATE_ID_MAX         64u
#define STATE_ADDRESS_MAX    256u
#define STATE_PRESENCE_MAX   8192u
#define STATE_NODES_MAX      4096u
#define STATE_TOMBSTONES_MAX 4096u
/* States in one message, all together. Bytes. */
#define STATE_DELTA_BYTES_MAX (64u * 1024u)
/* Entries of one digest; a larger cluster sends a different part each time. */
#define STATE_DIGEST_MAX 512u

struct gossip_state {
    char node_id[STATE_ID_MAX + 1];
    char instance_id[STATE_ID_MAX + 1];
    char role[STATE_ID_MAX + 1];
    char cluster_id[STATE_ID_MAX + 1];
    char address[STATE_ADDRESS_MAX + 1];
    struct rh_str presence; /* JSON object; borrowed in arguments, the map's own inside it */
    uint64_t generation;    /* grows with each start of the node */
    uint64_t version;       /* grows with each change within a generation */
    uint64_t beat;          /* grows with each round of the node within a generation: it lives */
    uint64_t incarnation;
    bool is_left;
    bool maintenance;
};

/* A pruned node rises again when its beat has grown for so many rounds of ours, without a gap of
 * more than a few: what is left of a dead one comes to rest sooner. */
#define STATE_RISE_ROUNDS     8u
#define STATE_RISE_GAP_ROUNDS 4u

/* What one side knows of a node. */
struct state_digest {
    char node_id[STATE_ID_MAX + 1];
    uint64_t generation;
    uint64_t version;
    uint64_t beat;
};

/* What was known of a node when it was pruned, and the signs since that it lives. */
struct state_tombstone {
    struct state_digest last; /* its beat goes on growing */
    uint64_t grows_since;     /* round of ours in which its beat began to grow; 0 = it does not */
    uint64_t grew_at;         /* round of the last growth */
};

struct state_map {
    struct rh_map nodes;      /* node id -> struct gossip_state */
    struct rh_map tombstones; /* node id -> struct state_tombstone */
    char self[STATE_ID_MAX + 1];
    uint64_t generation_offset; /* see state_map_set_self */
    uint64_t beat;
    uint32_t digest_start;
};

/* What a merge came to; negative codes besides. */
#define STATE_OLD   0 /* nothing new */
#define STATE_BEAT  1 /* the node lives; it says nothing new */
#define STATE_NEWER 2 /* taken over */

/* Empty. self is the only node whose state is never taken from others. */
void state_map_init(struct state_map *map, const char *self, uint64_t seed);
void state_map_release(struct state_map *map);

/* This node's own state; node_id must be self's. A data directory that was lost leaves a generation
 * with the others that is beyond ours: it was seen by merge or digest, and ours goes above it.
 * RH_OK, RH_EFULL, RH_ENOMEM, RH_ETOOLARGE. */
int32_t state_map_set_self(struct state_map *map, const struct gossip_state *state);
/* One more round of this node. */
void state_map_beat(struct state_map *map);

/* Takes over a state that is newer by (generation, version), or a higher beat. Idempotent and
 * commutative. States of self are STATE_OLD, and so are those of pruned nodes that say nothing
 * newer and do not show by their beats that they live. RH_EFULL, RH_ENOMEM, RH_ETOOLARGE:
 * unchanged. */
int32_t state_map_merge(struct state_map *map, const struct gossip_state *state);
/* The beat in a digest is word of mouth that the node lives: STATE_BEAT or STATE_OLD. */
int32_t state_map_merge_beat(struct state_map *map, const struct state_digest *digest);

const struct gossip_state *state_map_get(const struct state_map *map, const char *node_id);
uint32_t state_map_count(const struct state_map *map);
/* Steps through all; *cursor starts at 0; NULL at the end. Not while the map changes. */
const struct gossip_state *state_map_next(const struct state_map *map, uint32_t *cursor);

/* Writes what this node knows into out[max], a different part each time when there is more; returns
 * how many. */
uint32_t state_map_digest(struct state_map *map, struct state_digest *out, uint32_t max);

/* Chooses what the sender of a digest lacks, the most out of date first: out[max] borrows from the
 * map; returns how many. All together take at most bytes_max by state_size, but at least one is
 * chosen if one is lacking. is_partial: nodes that the digest does not name are not lacking. */
uint32_t state_map_delta(const struct state_map *map, const struct state_digest *digest,
                         uint32_t count, bool is_partial, uint32_t bytes_max,
                         const struct gossip_state **out, uint32_t max);

/* Whether the other side of a digest entry knows more than this node, pruned nodes considered. */
bool state_map_wants(const struct state_map *map, const struct state_digest *digest);

/* Forgets a node, other than self, and leaves a tombstone, so that what others still tell of it
 * does not bring it back; only its own newer word does, or its beats (STATE_RISE_ROUNDS). The
 * oldest tombstone makes room when there are too many. RH_OK, RH_ENOTFOUND, RH_EINVAL, RH_ENOMEM.
 */
int32_t state_map_prune(struct state_map *map, const char *node_id);

/* Bytes that a state takes in a message, roughly and never too few for texts without escapes. */
uint32_t state_size(const struct gossip_state *state);

#endif
