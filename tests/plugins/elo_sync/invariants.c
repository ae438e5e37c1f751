/* What must hold of the ratings in a simulated cluster: what was acknowledged stays, equal sets
 * give equal ratings to the last bit, all nodes end with one set, and what is announced is
 * announced once. PROTOCOLS: elo_sync. */
#include "invariants.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/key.h>
#include <ringhost/sdk/str.h>

#define TICK_MS       150
#define COMPARE_TICKS 8u
#define TEXT_MAX      16384
#define NODES_MAX     16u

static void *create(struct rh_sim *sim)
{
    struct elo *e = calloc(1, sizeof(*e));

    (void)sim;
    if (e)
        rh_map_init(&e->events, 1, ELO_EVENTS);
    return e;
}

static void destroy(void *self)
{
    struct elo *e = self;

    rh_map_release(&e->events);
    free(e);
}

/* --- acknowledged is on disk, and stays --- */

void elo_acknowledged(struct elo *e, struct rh_sim *sim, uint32_t node, uint32_t game)
{
    struct rh_value value = {.size = (uint32_t)sizeof(value)};
    struct rh_key key;
    char id[8];

    (void)e;
    elo_game_id(id, game);
    rh_key_init(&key);
    (void)rh_key_u8(&key, 'f'); /* so short a key fits */
    (void)rh_key_str(&key, rh_str_from(id));
    if (rh_sim_disk_get(sim, node, ELO_NS, rh_key_view(&key), &value) == RH_OK && !value.found)
        rh_sim_fail(sim, "acknowledged_games_stay", node, "%s was acknowledged and is not on disk",
                    id);
}

static uint32_t published_by(void *self, const struct rh_event *event)
{
    struct elo *e = self;
    void *old = NULL;

    if (rh_map_put(&e->events, event->id, e, &old) != RH_OK)
        abort(); /* a run has few */
    return old == NULL;
}

static void published(void *self, struct rh_sim *sim, uint32_t node, const struct rh_event *event)
{
    struct elo *e = self;

    (void)sim;
    (void)node;
    if (rh_str_eq_c(event->type, "ELO_UPDATED"))
        e->event_count += published_by(self, event);
}

/* --- equal sets, equal ratings --- */

struct status {
    struct rh_str digest;
};
static const struct rh_field status_fields[] = {
    RH_STR(struct status, digest, RH_REQUIRED, "of the set"),
};
static const struct rh_fields status_table = RH_FIELDS(struct status, status_fields);

/* What one node says; false: it does not answer now. */
static bool look(struct rh_sim *sim, uint32_t node, char digest[32], char ratings[TEXT_MAX])
{
    struct rh_sim_answer answer = {.size = (uint32_t)sizeof(answer)};
    struct status status;
    void *memory = NULL;
    bool is_there;

    if (rh_sim_ask(sim, node, "/elo/status", &answer) != RH_OK || answer.status != 200 ||
        rh_sim_decode(sim, &status_table, answer.body, &status, &memory) != RH_OK)
        return false;
    is_there = rh_str_copy(digest, 32, status.digest) == RH_OK;
    rh_sim_release(sim, memory);
    return is_there &&
           rh_sim_ask(sim, node, "/elo/rankings?board_type=" ELO_BOARD "&limit=1000", &answer) ==
               RH_OK &&
           (answer.status == 200 || answer.status == 404) &&
           rh_str_copy(ratings, TEXT_MAX, answer.body) == RH_OK;
}

/* Compares all nodes that answer. 1: all answer, and all are equal. */
static uint32_t compare(struct rh_sim *sim)
{
    static char digests[NODES_MAX][32];
    static char ratings[NODES_MAX][TEXT_MAX];
    bool is_there[NODES_MAX];
    const uint32_t count = rh_sim_node_count(sim);
    uint32_t is_one = 1;

    assert(count <= NODES_MAX);
    for (uint32_t i = 0; i < count; i++) {
        is_there[i] = look(sim, i, digests[i], ratings[i]);
        is_one = is_one && is_there[i];
        for (uint32_t k = 0; k < i; k++) {
            if (!is_there[i] || !is_there[k])
                continue;
            if (strcmp(digests[i], digests[k]) != 0)
                is_one = 0;
            else if (strcmp(ratings[i], ratings[k]) != 0)
                rh_sim_fail(sim, "ratings_follow_from_the_set", i,
                            "same digest %s as node %" PRIu32 ", other ratings", digests[i], k);
        }
    }
    return is_one;
}

static void tick(void *self, struct rh_sim *sim)
{
    struct elo *e = self;

    elo_checks_load(e, sim);
    if (++e->ticks % COMPARE_TICKS == 0)
        (void)compare(sim); /* failures tell themselves */
}

/* --- announced --- */

/* Marks on a node that has the replicated state. */
static bool count_marks(struct rh_sim *sim, uint32_t node, uint32_t *count)
{
    struct rh_scan scan = {.size = (uint32_t)sizeof(scan), .name_space = ELO_MARKS};
    struct rh_rows rows = {.size = (uint32_t)sizeof(rows)};

    if (rh_sim_scan(sim, node, &scan, &rows) != RH_OK || rows.more)
        return false;
    *count = rows.count;
    return true;
}

static bool is_marked(struct rh_sim *sim, uint32_t node, const char *id)
{
    struct rh_value value = {.size = (uint32_t)sizeof(value)};
    struct rh_key key;

    rh_key_init(&key);
    (void)rh_key_u8(&key, 'a'); /* so short a key fits */
    (void)rh_key_str(&key, rh_str_from(id));
    return rh_sim_get(sim, node, ELO_MARKS, rh_key_view(&key), &value) == RH_OK && value.found;
}

/* The node that leads, or RH_SIM_OUTSIDE. */
static uint32_t leader_of(struct rh_sim *sim)
{
    for (uint32_t i = 0; i < rh_sim_node_count(sim); i++) {
        struct rh_leader leader = {.size = (uint32_t)sizeof(leader)};

        if (rh_sim_leader(sim, i, &leader) == RH_OK && leader.is_self)
            return i;
    }
    return RH_SIM_OUTSIDE;
}

/* What the node says of a game; false: it has none of this id, or does not answer now. */
static bool ask_game(struct rh_sim *sim, uint32_t node, const char *id, bool *is_rated)
{
    struct rh_sim_answer answer = {.size = (uint32_t)sizeof(answer)};
    char target[64];

    (void)snprintf(target, sizeof(target), "/elo/game?game_id=%s", id); /* fits */
    if (rh_sim_ask(sim, node, target, &answer) != RH_OK || answer.status != 200)
        return false;
    *is_rated = strstr(answer.body.p, "\"rated\":true") != NULL;
    return true;
}

/* Every game that counts has its mark. */
static uint32_t all_are_announced(struct rh_sim *sim, uint32_t node)
{
    bool is_rated;
    char id[8];

    for (uint32_t i = 0; i < ELO_GAMES; i++) {
        elo_game_id(id, i);
        if (ask_game(sim, node, id, &is_rated) && is_rated && !is_marked(sim, node, id))
            return 0;
    }
    return 1;
}

static uint32_t healed(void *self, struct rh_sim *sim)
{
    const uint32_t leader = leader_of(sim);

    (void)self;
    return leader != RH_SIM_OUTSIDE && compare(sim) && all_are_announced(sim, leader);
}

static void end(void *self, struct rh_sim *sim)
{
    struct elo *e = self;
    uint32_t marks = 0;
    char id[8];

    for (uint32_t node = 0; node < rh_sim_node_count(sim); node++) {
        for (uint32_t i = 0; i < ELO_GAMES; i++) {
            bool is_rated = false;

            elo_game_id(id, i);
            if (e->games[i].is_known &&
                (!ask_game(sim, node, id, &is_rated) || (e->games[i].is_retracted && is_rated)))
                rh_sim_fail(sim, "acknowledged_games_stay", node, "%s is not what it was", id);
        }
        /* Two players a game, one event each. */
        if (count_marks(sim, node, &marks) && rh_sim_is_active(sim, node, "raft") &&
            node == leader_of(sim) && e->event_count > 2 * marks)
            rh_sim_fail(sim, "announced_once", node, "%" PRIu32 " events of %" PRIu32 " games",
                        e->event_count, marks);
    }
}

static const char *const plugins[] = {"elo_sync"};

static const struct rh_sim_invariants invariants = {
    .size = (uint32_t)sizeof(invariants),
    .name = "elo_sync",
    .plugins = plugins,
    .plugin_count = 1,
    .tick_ms = TICK_MS,
    .create = create,
    .destroy = destroy,
    .published = published,
    .tick = tick,
    .healed = healed,
    .end = end,
};
RH_SIM_INVARIANTS(invariants)
