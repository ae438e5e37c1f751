/* Clients of simulated tournaments: some start them, twice and to any node, have matches played
 * anew and cancel; workers play, crash, and forget. */
#include "invariants.h"

#include <stdlib.h>

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

    if (c->known.count == 0)
        return false;
    cup = &c->cups[sim_below(sim, c->known.count)];
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

    if (c->known.count == 0)
        return;
    (void)snprintf(body, sizeof(body), "{\"tournament_id\":\"%s\"}",
                   c->cups[sim_below(sim, c->known.count)].id); /* fits */
    sim_post(sim, "/tournament/cancel", body, NULL, NULL);
}

/* --- workers --- */

static void on_claimed(void *self, struct rh_sim *sim, void *user,
                       const struct rh_sim_answer *answer)
{
    sim_match_claimed(&((struct cups *)self)->worker, sim, user, answer);
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
        sim_work(&c->worker, sim, sim_match_complete);
}
