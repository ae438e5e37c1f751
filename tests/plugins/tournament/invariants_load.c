/* Clients of simulated tournaments: some start them, twice and to any node, have matches played
 * anew and cancel; workers play, crash, and forget. */
#include "invariants.h"

#include <stdlib.h>

#include <ringhost/sdk/hash.h>

uint8_t cups_load_outcome(struct rh_str work_id)
{
    static const uint8_t outcomes[16] = {
        GAME_FIRST,  GAME_FIRST,  GAME_FIRST,  GAME_FIRST,  GAME_FIRST,  GAME_FIRST,
        GAME_SECOND, GAME_SECOND, GAME_SECOND, GAME_SECOND, GAME_SECOND, GAME_SECOND,
        GAME_DRAW,   GAME_DRAW,   GAME_NONE,   GAME_NONE,
    };
    const uint64_t hash = rh_hash_fnv1a(RH_HASH_FNV1A_INIT, work_id.p, work_id.n);

    return outcomes[rh_hash_mix(hash) % 16];
}

/* --- people --- */

static void start(struct rh_sim *sim)
{
    static const char *const formats[] = {"single_elimination", "double_elimination",
                                          "round_robin"};
    const uint32_t key = sim_below(sim, CUPS_MAX);
    char players[64] = "";
    size_t n = 0;
    char body[SIM_BODY_MAX];

    /* What is asked for follows from the key: the same request again is the same. */
    for (uint32_t i = 0; i < 2 + key % 5 && i < 6; i++)
        n += (size_t)snprintf(players + n, sizeof(players) - n, "%s\"p%" PRIu32 "\"", i ? "," : "",
                              i + 1); /* fits */
    (void)snprintf(body, sizeof(body),
                   "{\"format\":\"%s\",\"players\":[%s],\"games_per_match\":%" PRIu32
                   ",\"extra_games\":1,\"max_attempts\":2,\"timeout_s\":%" PRIu32
                   ",\"seed\":\"%" PRIu32 "\",\"idempotency_key\":\"k%" PRIu32 "\"}",
                   formats[key % 3], players, 1 + key % 2, 2 + key, key, key); /* fits */
    sim_post(sim, "/tournament/start", body, NULL, NULL);
}

/* One that is not over, and one of its matches that is stuck, or any one. */
static bool choose(struct cups *c, struct rh_sim *sim, uint32_t node, bool is_stuck,
                   const char **id, char match_id[PLAN_ID_SIZE])
{
    struct cup *cup;
    struct tournament *t;
    bool is_found = false;

    if (c->count == 0)
        return false;
    cup = &c->cups[sim_below(sim, c->count)];
    t = cups_fold_read(sim, node, cup->id);
    if (!t)
        return false;
    for (uint32_t i = 0; i < t->plan.count && !is_found; i++) {
        const uint32_t match = is_stuck ? i : sim_below(sim, t->plan.count);

        is_found = is_stuck ? t->meetings[match].state == MEETING_READY &&
                                  t->matches[match].record.is_stuck
                            : t->meetings[match].state == MEETING_DECIDED;
        plan_id(&t->plan.matches[match], match_id);
    }
    *id = cup->id;
    tournament_free(t);
    return is_found;
}

static void replay(struct cups *c, struct rh_sim *sim, bool is_stuck)
{
    const uint32_t node = sim_leader(sim, "tournament");
    char match_id[PLAN_ID_SIZE];
    char body[SIM_BODY_MAX];
    const char *id;

    if (node == RH_SIM_OUTSIDE || !choose(c, sim, node, is_stuck, &id, match_id))
        return;
    (void)snprintf(body, sizeof(body),
                   "{\"tournament_id\":\"%s\",\"match_id\":\"%s\",\"replay\":true,\"undo\":%s}", id,
                   match_id, sim_below(sim, 2) ? "true" : "false"); /* fits */
    sim_post(sim, "/tournament/correct", body, NULL, NULL);
}

static void cancel(struct cups *c, struct rh_sim *sim)
{
    char body[SIM_BODY_MAX];

    if (c->count == 0)
        return;
    (void)snprintf(body, sizeof(body), "{\"tournament_id\":\"%s\"}",
                   c->cups[sim_below(sim, c->count)].id); /* fits */
    sim_post(sim, "/tournament/cancel", body, NULL, NULL);
}

/* --- workers --- */

struct player {
    struct rh_str name;
};
struct payload {
    struct rh_list players;
    int64_t first_index;
};
static const struct rh_field player_fields[] = {
    RH_STR(struct player, name, RH_REQUIRED, "-"),
};
static const struct rh_field payload_fields[] = {
    RH_OBJECT_LIST(struct payload, players, RH_REQUIRED, 2, struct player, player_fields, "-"),
    RH_INT(struct payload, first_index, 0, 0, 1000, "-"),
};
static const struct rh_fields payload_table = RH_FIELDS(struct payload, payload_fields);

static void write_game(struct rh_sim *sim, const struct sim_item *item, char *out, size_t size)
{
    const uint8_t outcome = cups_load_outcome(rh_str_from(item->id));
    const struct player *players;
    struct payload payload;
    void *memory = NULL;
    struct rh_str winner = RH_STR_LIT("draw");
    uint32_t black;

    out[0] = '\0';
    if (rh_sim_decode(sim, &payload_table, rh_str_from(item->payload), &payload, &memory) !=
            RH_OK ||
        payload.players.count != 2) {
        rh_sim_fail(sim, "items_are_matches", RH_SIM_OUTSIDE, "%s: %s", item->id, item->payload);
        return;
    }
    players = payload.players.items;
    black = (uint32_t)(payload.first_index % 2);
    if (outcome == GAME_FIRST || outcome == GAME_SECOND)
        winner = players[outcome == GAME_SECOND].name;
    (void)snprintf(
        out, size,
        ",\"result\":{\"games\":[{\"index\":%" PRId64 ",\"black\":\"%.*s\",\"white\":"
        "\"%.*s\",%s\"%.*s\"%s}]}",
        payload.first_index, RH_STR_ARG(players[black].name), RH_STR_ARG(players[1 - black].name),
        outcome == GAME_NONE ? "\"error\":{\"kind\":\"crash\",\"message\":\"x\",\"player\":"
                             : "\"winner\":",
        RH_STR_ARG(outcome == GAME_NONE ? players[0].name : winner),
        outcome == GAME_NONE ? "}" : ""); /* fits */
    rh_sim_release(sim, memory);
}

static void complete(struct rh_sim *sim, const struct sim_item *item)
{
    char more[SIM_BODY_MAX / 2];

    write_game(sim, item, more, sizeof(more));
    sim_report(sim, item, "/work/complete", more);
}

static void on_claimed(void *self, struct rh_sim *sim, void *user,
                       const struct rh_sim_answer *answer)
{
    struct cups *c = self;
    const uint32_t kept = sim_claimed(&c->worker, sim, user, answer);

    for (uint32_t i = 0; i < kept && rh_sim_is_healed(sim); i++)
        complete(sim, sim_newest(&c->worker, i));
}

void cups_load_tick(struct cups *c, struct rh_sim *sim)
{
    const uint32_t draw = sim_below(sim, 40);

    if (rh_sim_is_healed(sim)) {
        if (draw < 10)
            replay(c, sim, true);
        else
            sim_claim(sim, on_claimed);
        return;
    }
    if (draw < 3)
        start(sim);
    else if (draw == 3)
        replay(c, sim, sim_below(sim, 2) == 0);
    else if (draw == 4 && sim_below(sim, 8) == 0)
        cancel(c, sim);
    else if (draw < 18 || c->worker.count == 0)
        sim_claim(sim, on_claimed);
    else
        sim_work(&c->worker, sim, complete);
}
