/* Clients of simulated ratings; what they were told is noted in struct elo. */
#include "invariants.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#define PLAYERS    9u
#define TIMEOUT_MS 4000
#define BODY_MAX   512
#define WALL_MS    INT64_C(1700000000000)

static uint32_t below(struct rh_sim *sim, uint32_t n)
{
    return (uint32_t)(rh_sim_random(sim) % n);
}

void elo_game_id(char id[8], uint32_t game)
{
    (void)snprintf(id, 8, "g%" PRIu32, game); /* fits */
}

static void send(struct rh_sim *sim, const char *target, const char *body,
                 void (*done)(void *self, struct rh_sim *sim, void *user,
                              const struct rh_sim_answer *answer),
                 uint32_t game)
{
    const struct rh_sim_request request = {
        .size = (uint32_t)sizeof(request),
        .timeout_ms = TIMEOUT_MS,
        .method = "POST",
        .target = target,
        .body = body,
        .done = done,
        .user = (void *)(uintptr_t)game,
    };
    const int32_t rc = rh_sim_request(sim, below(sim, rh_sim_node_count(sim)), &request);

    assert(rc == RH_OK);
    (void)rc;
}

struct synced {
    int64_t accepted;
    int64_t duplicates;
};
static const struct rh_field synced_fields[] = {
    RH_INT(struct synced, accepted, 0, 0, 10, "new games"),
    RH_INT(struct synced, duplicates, 0, 0, 10, "known ones"),
};
static const struct rh_fields synced_table = RH_FIELDS(struct synced, synced_fields);

static void on_synced(void *self, struct rh_sim *sim, void *user,
                      const struct rh_sim_answer *answer)
{
    struct elo *e = self;
    const uint32_t game = (uint32_t)(uintptr_t)user;
    struct synced synced;
    void *memory = NULL;

    if (answer->status != 200 ||
        rh_sim_decode(sim, &synced_table, answer->body, &synced, &memory) != RH_OK)
        return;
    rh_sim_release(sim, memory);
    if (synced.accepted + synced.duplicates == 0)
        return;
    e->games[game].is_known = true;
    elo_acknowledged(e, sim, answer->node, game);
}

/* What a game is follows from its number, but for one in eight, which has two stories. */
static void report(struct rh_sim *sim)
{
    const uint32_t game = below(sim, ELO_GAMES);
    const uint32_t story = game % 8 == 0 ? below(sim, 2) : 0;
    const uint32_t a = game % PLAYERS;
    const uint32_t b = (a + 1 + game / PLAYERS % (PLAYERS - 1)) % PLAYERS;
    const int64_t wild = below(sim, 20) == 0 ? INT64_C(86400000) * 365 : 0;
    char body[BODY_MAX];
    char id[8];

    elo_game_id(id, game);
    (void)snprintf(body, sizeof(body),
                   "{\"results\":[{\"game_id\":\"%s\",\"board_type\":\"" ELO_BOARD "\","
                   "\"players\":[\"p%" PRIu32 "\",\"p%" PRIu32 "\"],\"outcome\":%s,"
                   "\"played_at\":%" PRId64 "}]}",
                   id, a, b,
                   (game + story) % 3 == 0   ? "1"
                   : (game + story) % 3 == 1 ? "0"
                                             : "0.5",
                   WALL_MS - 86400000 + (int64_t)(game * 7919u % 1000u) + wild); /* fits */
    send(sim, "/elo/sync", body, on_synced, game);
}

static void on_retracted(void *self, struct rh_sim *sim, void *user,
                         const struct rh_sim_answer *answer)
{
    struct elo *e = self;
    const uint32_t game = (uint32_t)(uintptr_t)user;

    if (answer->status != 200)
        return;
    e->games[game].is_retracted = true;
    elo_acknowledged(e, sim, answer->node, game);
}

static void retract(struct rh_sim *sim)
{
    const uint32_t game = below(sim, ELO_GAMES / 8);
    char body[BODY_MAX];
    char id[8];

    elo_game_id(id, game);
    (void)snprintf(body, sizeof(body), "{\"game_id\":\"%s\",\"reason\":\"%" PRIu32 "\"}", id,
                   below(sim, 3)); /* fits */
    send(sim, "/elo/retract", body, on_retracted, game);
}

void elo_checks_load(struct elo *e, struct rh_sim *sim)
{
    (void)e;
    if (rh_sim_is_healed(sim))
        return;
    if (below(sim, 12) == 0)
        retract(sim);
    else
        report(sim);
}
