/* What must hold of the relay in a simulated cluster: a request is run at most once, an answer
 * means that it was run, tables stay within their limits, and in the end every node behind NAT is
 * alive and can be called by all. The plugin `errand` makes the calls. PROTOCOLS: relay. */
#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/map.h>
#include <ringhost/sdk/str.h>
#include <ringhost/sim.h>

#define RUNS_MAX     (1u << 20)
#define ERRAND_BYTES 300000u /* of a large one: several pieces */
#define REQUESTS_MAX 256
#define BYTES_MAX    (64 * 1024 * 1024)
#define CLIENT_MS    9000
#define LARGE_EVERY  8u
#define STATUS_EVERY 4u

struct relay {
    uint32_t count;
    uint32_t ticks;
    struct rh_map64 runs; /* number of a call -> node that ran it + 1 */
    bool *reached;        /* from * count + to, since all was healed */
};

struct told {
    uint64_t number;
    int64_t rc, status;
    struct rh_str node_id;
};
static const struct rh_field told_fields[] = {
    RH_UINT64(struct told, number, 0, "of the call"),
    RH_INT(struct told, rc, 0, -100, 100, "how it ended"),
    RH_INT(struct told, status, 0, 0, 999, "of the answer"),
    RH_STR(struct told, node_id, 0, "who answered"),
};
static const struct rh_fields told_table = RH_FIELDS(struct told, told_fields);

struct row {
    struct rh_str node_id;
    int64_t requests;
};
struct counts {
    struct rh_list nodes;
    int64_t bytes;
};
static const struct rh_field row_fields[] = {
    RH_STR(struct row, node_id, 0, "a node of the hub"),
    RH_INT(struct row, requests, 0, 0, INT32_MAX, "without a reply"),
};
static const struct rh_field counts_fields[] = {
    RH_OBJECT_LIST(struct counts, nodes, 0, 4096, struct row, row_fields, "nodes of the hub"),
    RH_INT(struct counts, bytes, 0, 0, INT64_MAX / 2048, "held"),
};
static const struct rh_fields counts_table = RH_FIELDS(struct counts, counts_fields);

struct peer {
    struct rh_str node_id, state, reach;
};
struct peers {
    struct rh_list peers;
};
static const struct rh_field peer_fields[] = {
    RH_STR(struct peer, node_id, 0, "which"),
    RH_STR(struct peer, state, 0, "how it is"),
    RH_STR(struct peer, reach, 0, "how it is reached"),
};
static const struct rh_field peers_fields[] = {
    RH_OBJECT_LIST(struct peers, peers, 0, 4096, struct peer, peer_fields, "all"),
};
static const struct rh_fields peers_table = RH_FIELDS(struct peers, peers_fields);

static void *create(struct rh_sim *sim)
{
    struct relay *r = calloc(1, sizeof(*r));

    if (!r)
        return NULL;
    r->count = rh_sim_node_count(sim);
    r->reached = calloc((size_t)r->count * r->count, sizeof(*r->reached));
    assert(r->reached);
    rh_map64_init(&r->runs, 1, RUNS_MAX);
    return r;
}

static void destroy(void *self)
{
    struct relay *r = self;

    rh_map64_release(&r->runs);
    free(r->reached);
    free(r);
}

static void published(void *self, struct rh_sim *sim, uint32_t node, const struct rh_event *event)
{
    struct relay *r = self;
    struct rh_sim_node about;
    struct told told;
    void *memory = NULL;
    void *before;

    if (!rh_str_eq_c(event->type, "ERRAND_RUN") ||
        rh_sim_decode(sim, &told_table, event->payload, &told, &memory) != RH_OK)
        return;
    rh_sim_node(sim, node, &about);
    before = rh_map64_get(&r->runs, told.number);
    if (before && about.is_unreachable) /* the wire itself may bring a request to others twice */
        rh_sim_fail(sim, "runs_at_most_once", node, "call %" PRIu64 " was run before, by n%u",
                    told.number, (unsigned)(uintptr_t)before);
    else
        (void)rh_map64_put(&r->runs, told.number, (void *)(uintptr_t)(node + 1), NULL);
    rh_sim_release(sim, memory);
}

/* from * count + to */
static void on_answer(void *self, struct rh_sim *sim, void *user,
                      const struct rh_sim_answer *answer)
{
    struct relay *r = self;
    const uint32_t pair = (uint32_t)(uintptr_t)user;
    struct told told;
    void *memory = NULL;

    if (answer->status != 200 ||
        rh_sim_decode(sim, &told_table, answer->body, &told, &memory) != RH_OK)
        return;
    if (told.rc == RH_OK && told.status == 200) {
        const uint32_t ran = (uint32_t)(uintptr_t)rh_map64_get(&r->runs, told.number);

        if (ran != pair % r->count + 1)
            rh_sim_fail(sim, "an_answer_means_it_ran", pair / r->count,
                        "call %" PRIu64 " to n%u has an answer of %.*s", told.number,
                        pair % r->count + 1, RH_STR_ARG(told.node_id));
        if (rh_sim_is_healed(sim))
            r->reached[pair] = true;
    }
    rh_sim_release(sim, memory);
}

static void send(struct relay *r, struct rh_sim *sim, uint32_t from, uint32_t to)
{
    struct rh_sim_node node;
    char body[96];
    struct rh_sim_request request = {.size = (uint32_t)sizeof(request),
                                     .timeout_ms = CLIENT_MS,
                                     .method = "POST",
                                     .target = "/errand/call",
                                     .body = body,
                                     .done = on_answer,
                                     .user = (void *)(uintptr_t)(from * r->count + to)};

    rh_sim_node(sim, to, &node);
    (void)snprintf(body, sizeof(body), "{\"target\":\"%s\",\"bytes\":%u}", node.node_id,
                   rh_sim_random(sim) % LARGE_EVERY == 0 ? ERRAND_BYTES : 0);
    (void)rh_sim_request(sim, from, &request); /* what is wrong with it shows as no answer */
}

static void check_limits(struct rh_sim *sim, uint32_t node)
{
    struct rh_sim_answer answer;
    struct counts counts;
    void *memory = NULL;

    if (rh_sim_ask(sim, node, "/relay/status", &answer) != RH_OK || answer.status != 200 ||
        rh_sim_decode(sim, &counts_table, answer.body, &counts, &memory) != RH_OK)
        return;
    if (counts.bytes > BYTES_MAX)
        rh_sim_fail(sim, "tables_are_bounded", node, "the hub holds %" PRId64 " bytes",
                    counts.bytes);
    for (uint32_t i = 0; i < counts.nodes.count; i++) {
        const struct row *row =
            (const void *)((const char *)counts.nodes.items + (size_t)i * counts.nodes.stride);

        if (row->requests > REQUESTS_MAX)
            rh_sim_fail(sim, "tables_are_bounded", node, "%.*s has %" PRId64 " requests",
                        RH_STR_ARG(row->node_id), row->requests);
    }
    rh_sim_release(sim, memory);
}

static void tick(void *self, struct rh_sim *sim)
{
    struct relay *r = self;
    const uint32_t from = (uint32_t)(rh_sim_random(sim) % r->count);
    const uint32_t to = (uint32_t)(rh_sim_random(sim) % r->count);

    r->ticks++;
    if (from != to && !(rh_sim_is_healed(sim) && r->reached[from * r->count + to]))
        send(r, sim, from, to);
    for (uint32_t i = 0; rh_sim_is_healed(sim) && i < r->count * r->count; i++) {
        const uint32_t pair = (r->ticks + i) % (r->count * r->count);

        if (r->reached[pair] || pair / r->count == pair % r->count)
            continue;
        send(r, sim, pair / r->count, pair % r->count);
        break;
    }
    if (r->ticks % STATUS_EVERY == 0)
        check_limits(sim, (r->ticks / STATUS_EVERY) % r->count);
}

static bool sees_all_alive(struct relay *r, struct rh_sim *sim, uint32_t node)
{
    struct rh_sim_answer answer;
    struct peers peers;
    void *memory = NULL;
    uint32_t good = 0;

    if (rh_sim_ask(sim, node, "/peers", &answer) != RH_OK || answer.status != 200 ||
        rh_sim_decode(sim, &peers_table, answer.body, &peers, &memory) != RH_OK)
        return false;
    for (uint32_t i = 0; i < peers.peers.count; i++) {
        const struct peer *peer =
            (const void *)((const char *)peers.peers.items + (size_t)i * peers.peers.stride);
        const uint32_t at = rh_sim_find(sim, peer->node_id);
        struct rh_sim_node about = {.size = (uint32_t)sizeof(about)};

        if (at >= r->count)
            continue;
        rh_sim_node(sim, at, &about);
        good += rh_str_eq_c(peer->state, "alive") &&
                (!about.is_unreachable || !rh_str_eq_c(peer->reach, "direct"));
    }
    rh_sim_release(sim, memory);
    return good == r->count;
}

static uint32_t healed(void *self, struct rh_sim *sim)
{
    struct relay *r = self;

    for (uint32_t pair = 0; pair < r->count * r->count; pair++)
        if (!r->reached[pair] && pair / r->count != pair % r->count)
            return 0;
    for (uint32_t i = 0; i < r->count; i++)
        if (!sees_all_alive(r, sim, i))
            return 0;
    return 1;
}

static const char *const plugins[] = {"relay", "errand"};
static const struct rh_sim_invariants table = {
    .size = sizeof(table),
    .name = "relay",
    .plugins = plugins,
    .plugin_count = 2,
    .tick_ms = 300,
    .create = create,
    .destroy = destroy,
    .published = published,
    .tick = tick,
    .healed = healed,
};

RH_SIM_INVARIANTS(table)
