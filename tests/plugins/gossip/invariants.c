/* What must hold of gossip in a simulated cluster, read from the messages on the wire and, once all
 * is healed, from each node's list of peers. PROTOCOLS: gossip. */
#include "invariants.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/hash.h>
#include <ringhost/sdk/map.h>
#include <ringhost/sdk/str.h>

#define NUMBER_MAX       INT64_C(9007199254740991)
#define NODES_MAX        4096
#define TRUTHS_MAX       (1u << 24)
#define DELTA_BYTES_MAX  (64u * 1024u)
#define DIGEST_ROW_BYTES 256u          /* room for one row of a digest, or one wanted id */
#define STATE_BYTES_MAX  (16u * 1024u) /* one state may be sent although it is above the cap */

/* What a node has last said that it knows of another. */
struct known {
    uint32_t life;  /* of the teller */
    uint32_t round; /* of the teller's digests in that life, in which it was last named */
    int64_t g, v, b;
};

struct teller {
    uint32_t life;
    uint32_t rounds; /* whole digests sent in this life */
};

struct gossip {
    uint32_t count;
    struct teller *tellers;
    struct known *known; /* teller * count + about */
    struct gossip_awake *awake;
    struct rh_map64 truths; /* about, generation, version -> digest of the contents */
    uint32_t is_converged;
};

struct row {
    struct rh_str node_id; /* the key */
    int64_t g, v, b;
};
static const struct rh_field row_fields[] = {
    RH_INT(struct row, g, 0, 0, NUMBER_MAX, "generation"),
    RH_INT(struct row, v, 0, 0, NUMBER_MAX, "version"),
    RH_INT(struct row, b, 0, 0, NUMBER_MAX, "beat"),
};
struct said {
    struct rh_str node_id, instance_id, role, address, cluster_id, presence;
    int64_t generation, version;
    int32_t left, maintenance;
};
static const struct rh_field said_fields[] = {
    RH_STR(struct said, node_id, RH_REQUIRED, "who says it"),
    RH_STR(struct said, instance_id, 0, "its instance"),
    RH_STR(struct said, role, 0, "its role"),
    RH_STR(struct said, address, 0, "its address"),
    RH_STR(struct said, cluster_id, 0, "its cluster"),
    RH_RAW_OBJECT(struct said, presence, 0, "what it advertises"),
    RH_INT(struct said, generation, 0, 0, NUMBER_MAX, "its start"),
    RH_INT(struct said, version, 0, 0, NUMBER_MAX, "its change"),
    RH_BOOL(struct said, left, false, "it has left"),
    RH_BOOL(struct said, maintenance, false, "it takes no work"),
};
struct talk {
    struct rh_list digest, states;
    int32_t partial;
};
static const struct rh_field talk_fields[] = {
    RH_OBJECT_MAP(struct talk, digest, 0, NODES_MAX, struct row, row_fields, "what is known"),
    RH_OBJECT_LIST(struct talk, states, 0, NODES_MAX, struct said, said_fields, "news"),
    RH_BOOL(struct talk, partial, false, "the digest names only some"),
};
static const struct rh_fields talk_table = RH_FIELDS(struct talk, talk_fields);

static void *create(struct rh_sim *sim)
{
    struct gossip *g = calloc(1, sizeof(*g));

    if (!g)
        return NULL;
    g->count = rh_sim_node_count(sim);
    g->tellers = calloc(g->count, sizeof(*g->tellers));
    g->known = calloc((size_t)g->count * g->count, sizeof(*g->known));
    g->awake = calloc(g->count, sizeof(*g->awake));
    assert(g->tellers);
    assert(g->known);
    assert(g->awake);
    rh_map64_init(&g->truths, 1, TRUTHS_MAX);
    return g;
}

static void destroy(void *self)
{
    struct gossip *g = self;

    rh_map64_release(&g->truths);
    free(g->tellers);
    free(g->known);
    free(g->awake);
    free(g);
}

static int compare(const struct row *row, const struct known *known)
{
    if (row->g != known->g)
        return row->g < known->g ? -1 : 1;
    if (row->v != known->v)
        return row->v < known->v ? -1 : 1;
    return row->b < known->b ? -1 : row->b > known->b;
}

/* What a node knows only grows, and so does a beat while the node that it is of goes on; what it
 * has pruned comes back only as something newer. */
static void check_row(struct gossip *g, struct rh_sim *sim, uint32_t teller, const struct row *row)
{
    uint32_t about = rh_sim_find(sim, row->node_id);
    const struct teller *who = &g->tellers[teller];
    struct known *known;
    int order;

    if (about >= g->count) {
        rh_sim_fail(sim, "only_real_nodes", teller, "it tells of \"%.*s\"",
                    RH_STR_ARG(row->node_id));
        return;
    }
    known = &g->known[(size_t)teller * g->count + about];
    if (known->life == who->life) {
        bool was_pruned = known->round + 1 < who->rounds;

        order = compare(row, known);
        if (order < 0)
            rh_sim_fail(sim, "versions_monotonic", teller,
                        "of %.*s it knew %" PRId64 ".%" PRId64 " beat %" PRId64
                        ", and now says %" PRId64 ".%" PRId64 " beat %" PRId64,
                        RH_STR_ARG(row->node_id), known->g, known->v, known->b, row->g, row->v,
                        row->b);
        else if (!was_pruned && row->g == known->g && row->b < known->b)
            rh_sim_fail(sim, "beats_monotonic", teller,
                        "of %.*s it knew beat %" PRId64 " of %" PRId64 ".%" PRId64
                        ", and now says beat %" PRId64 " of %" PRId64 ".%" PRId64,
                        RH_STR_ARG(row->node_id), known->b, known->g, known->v, row->b, row->g,
                        row->v);
        else if (was_pruned && order == 0)
            rh_sim_fail(sim, "pruned_stays_pruned", teller,
                        "%.*s is back at %" PRId64 ".%" PRId64 " beat %" PRId64
                        ", as before it was forgotten",
                        RH_STR_ARG(row->node_id), row->g, row->v, row->b);
    }
    *known = (struct known){who->life, who->rounds, row->g, row->v, row->b};
}

static uint64_t feed(uint64_t digest, struct rh_str text)
{
    return rh_hash_fnv1a(rh_hash_fnv1a_u64(digest, text.n), text.p, text.n);
}

/* Only the owner writes: one version has one content, whoever tells it. */
static void check_said(struct gossip *g, struct rh_sim *sim, uint32_t teller,
                       const struct said *said)
{
    uint64_t key = feed(RH_HASH_FNV1A_INIT, said->node_id);
    uint64_t digest = RH_HASH_FNV1A_INIT;
    uintptr_t before;

    key = rh_hash_mix(rh_hash_fnv1a_u64(key, (uint64_t)said->generation) + (uint64_t)said->version);
    digest = feed(feed(feed(digest, said->instance_id), said->role), said->address);
    digest = feed(feed(digest, said->cluster_id), said->presence);
    digest = rh_hash_fnv1a_u64(digest, (uint64_t)said->left << 1 | (uint64_t)said->maintenance) | 1;
    before = (uintptr_t)rh_map64_get(&g->truths, key);
    if (before != 0 && before != (uintptr_t)digest)
        rh_sim_fail(sim, "one_truth_per_version", teller,
                    "%" PRId64 ".%" PRId64 " of %.*s has two contents", said->generation,
                    said->version, RH_STR_ARG(said->node_id));
    if (rh_map64_put(&g->truths, key, (void *)(uintptr_t)digest, NULL) != RH_OK)
        abort();
}

static void check_size(const struct gossip *g, struct rh_sim *sim,
                       const struct rh_sim_message *message)
{
    size_t most = DELTA_BYTES_MAX + STATE_BYTES_MAX + 2 * (size_t)g->count * DIGEST_ROW_BYTES;

    if (message->body.n > most)
        rh_sim_fail(sim, "messages_bounded", message->from, "%zu bytes in one message",
                    message->body.n);
}

static void on_message(void *self, struct rh_sim *sim, const struct rh_sim_message *message)
{
    struct gossip *g = self;
    struct rh_sim_node node;
    struct talk talk;
    void *memory = NULL;

    if ((message->kind != RH_SIM_REQUEST_SENT && message->kind != RH_SIM_REPLY_SENT) ||
        message->from >= g->count ||
        (!rh_str_eq_c(message->path, "/gossip") && !rh_str_eq_c(message->path, "/gossip/push")) ||
        (message->kind == RH_SIM_REPLY_SENT && message->status != 200))
        return;
    check_size(g, sim, message);
    if (rh_sim_decode(sim, &talk_table, message->body, &talk, &memory) != RH_OK)
        return; /* a reply to a push says only how many were news */
    rh_sim_node(sim, message->from, &node);
    if (g->tellers[message->from].life != node.life)
        g->tellers[message->from] = (struct teller){.life = node.life};
    if (talk.digest.count > 0 && !talk.partial)
        g->tellers[message->from].rounds++;
    for (uint32_t i = 0; i < talk.digest.count; i++)
        check_row(g, sim, message->from, (const struct row *)talk.digest.items + i);
    for (uint32_t i = 0; i < talk.states.count; i++)
        check_said(g, sim, message->from, (const struct said *)talk.states.items + i);
    rh_sim_release(sim, memory);
}

static void on_event(void *self, struct rh_sim *sim, uint32_t node)
{
    struct gossip *g = self;

    if (node != RH_SIM_OUTSIDE)
        gossip_awake_event(g->awake, sim, node);
}

static void on_published(void *self, struct rh_sim *sim, uint32_t node,
                         const struct rh_event *event)
{
    const struct gossip *g = self;

    gossip_awake_published(g->awake, sim, node, event);
}

/* --- convergence --- */

struct peer {
    struct rh_str node_id, state;
};
static const struct rh_field peer_fields[] = {
    RH_STR(struct peer, node_id, RH_REQUIRED, "who"),
    RH_STR(struct peer, state, 0, "alive, ..."),
};
struct peers {
    struct rh_list peers;
};
static const struct rh_field peers_fields[] = {
    RH_OBJECT_LIST(struct peers, peers, 0, NODES_MAX, struct peer, peer_fields, "all"),
};
static const struct rh_fields peers_table = RH_FIELDS(struct peers, peers_fields);

/* How many of the nodes this one takes for alive. */
static uint32_t count_alive(struct rh_sim *sim, uint32_t node)
{
    struct rh_sim_answer answer;
    struct peers peers;
    void *memory = NULL;
    uint32_t count = 0;

    if (rh_sim_ask(sim, node, "/peers", &answer) != RH_OK || answer.status != 200 ||
        rh_sim_decode(sim, &peers_table, answer.body, &peers, &memory) != RH_OK)
        return 0;
    for (uint32_t i = 0; i < peers.peers.count; i++)
        count += rh_str_eq_c(((const struct peer *)peers.peers.items + i)->state, "alive");
    rh_sim_release(sim, memory);
    return count;
}

/* All nodes have said the same versions of all nodes, and take all for alive. */
static uint32_t healed(void *self, struct rh_sim *sim)
{
    const struct gossip *g = self;

    for (uint32_t about = 0; about < g->count; about++) {
        const struct known *first = &g->known[about];

        for (uint32_t teller = 0; teller < g->count; teller++) {
            const struct known *known = &g->known[(size_t)teller * g->count + about];

            if (known->life != g->tellers[teller].life || known->g != first->g ||
                known->v != first->v || known->g == 0)
                return 0;
        }
    }
    for (uint32_t node = 0; node < g->count; node++)
        if (count_alive(sim, node) != g->count)
            return 0;
    return 1;
}

static const char *const plugins[] = {"gossip"};

static const struct rh_sim_invariants invariants = {
    .size = (uint32_t)sizeof(invariants),
    .name = "gossip",
    .plugins = plugins,
    .plugin_count = 1,
    .create = create,
    .destroy = destroy,
    .event = on_event,
    .message = on_message,
    .published = on_published,
    .healed = healed,
};

RH_SIM_INVARIANTS(invariants)
