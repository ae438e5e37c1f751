/* Clients of simulated gauntlets: some start them, twice and at any node, and cancel; workers claim
 * games from the queue and from the plugin, play, crash, and forget. */
#include "invariants.h"

/* Requests with the same key that differ. */
#define VARIANTS 2u

/* --- people --- */

struct started {
    struct rh_str gauntlet_id;
};
static const struct rh_field started_fields[] = {
    RH_STR(struct started, gauntlet_id, RH_REQUIRED, "which one"),
};
static const struct rh_fields started_table = RH_FIELDS(struct started, started_fields);

static void check_key(struct race_key *key, struct rh_sim *sim, uint32_t node, struct rh_str id,
                      uint32_t variant)
{
    if (key->id[0] && (!rh_str_eq_c(id, key->id) || variant != key->variant))
        rh_sim_fail(sim, "request_keys_stay", node,
                    "%s was of request %" PRIu32 ", and %.*s is of %" PRIu32, key->id, key->variant,
                    RH_STR_ARG(id), variant);
    if (rh_str_copy(key->id, sizeof(key->id), id) != RH_OK)
        abort(); /* they are short */
    key->variant = variant;
}

/* What was promised must be there in the end. */
static void on_started(void *self, struct rh_sim *sim, void *user,
                       const struct rh_sim_answer *answer)
{
    const uint32_t asked = (uint32_t)(uintptr_t)user;
    struct races *r = self;
    struct started started;
    void *memory = NULL;

    if ((answer->status != 200 && answer->status != 201) ||
        rh_sim_decode(sim, &started_table, answer->body, &started, &memory) != RH_OK)
        return;
    check_key(&r->keys[asked / VARIANTS], sim, answer->node, started.gauntlet_id, asked % VARIANTS);
    (void)sim_know(&r->known, sim, started.gauntlet_id); /* one too many tells itself */
    rh_sim_release(sim, memory);
}

/* What is asked for follows from the key, but that one in eight is another request with that key.
 * Every other gauntlet has a test that ends after a few games. */
static void start(struct rh_sim *sim)
{
    static const char *const baselines[] = {"\"a\"", "\"a\",\"b\"", "\"a\",\"b\",\"c\""};
    static const char *const statistics[] = {"pentanomial", "trinomial"};
    const uint32_t key = sim_below(sim, RACES_MAX);
    const uint32_t variant = sim_below(sim, 8) == 0;
    char sprt[128] = "";
    char body[SIM_BODY_MAX];

    if (key % 2)
        (void)snprintf(sprt, sizeof(sprt),
                       "\"sprt\":{\"elo0\":-100,\"elo1\":100,\"alpha\":0.2,\"beta\":0.2,"
                       "\"statistic\":\"%s\"},",
                       statistics[key / 2 % 2]); /* fits */
    (void)snprintf(body, sizeof(body),
                   "{\"model\":\"m\",\"baselines\":[%s],\"games\":%" PRIu32
                   ",%s\"komi\":%u.5,\"max_attempts\":%d,\"timeout_s\":%" PRIu32
                   ",\"seed\":\"%" PRIu32 "\",\"idempotency_key\":\"k%" PRIu32 "\"}",
                   baselines[key % 3], key % 2 ? 16 : 2 + key % 6, sprt, 6 + variant, RACE_ATTEMPTS,
                   2 + key, key, key); /* fits */
    sim_post(sim, "/gauntlet/run", body, on_started, (void *)(uintptr_t)(key * VARIANTS + variant));
}

static void cancel(struct races *r, struct rh_sim *sim)
{
    char body[SIM_BODY_MAX];

    if (r->known.count == 0)
        return;
    (void)snprintf(body, sizeof(body), "{\"gauntlet_id\":\"%s\"}",
                   r->races[sim_below(sim, r->known.count)].id); /* fits */
    sim_post(sim, "/gauntlet/cancel", body, NULL, NULL);
}

/* --- workers --- */

static void on_claimed(void *self, struct rh_sim *sim, void *user,
                       const struct rh_sim_answer *answer)
{
    sim_match_claimed(&((struct races *)self)->worker, sim, user, answer);
}

static void claim(struct rh_sim *sim)
{
    sim_claim_by(sim, sim_below(sim, 2) ? "/gauntlet/claim" : "/work/claim", on_claimed);
}

void races_load_tick(struct races *r, struct rh_sim *sim)
{
    const uint32_t draw = sim_below(sim, 40);

    if (rh_sim_is_healed(sim))
        claim(sim);
    else if (draw < 3)
        start(sim);
    else if (draw == 3 && sim_below(sim, 4) == 0)
        cancel(r, sim);
    else if (draw < 18 || r->worker.count == 0)
        claim(sim);
    else
        sim_work(&r->worker, sim, sim_match_complete);
}
