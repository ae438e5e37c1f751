/* What must hold of gauntlets in a simulated cluster: a game is counted once and is what its item
 * came to, verdicts follow from the games alone on every node, an end is announced once with what
 * is stored, and no item is left behind. The load on it comes from invariants_load.c. */
#include "invariants.h"

#include <stdlib.h>

#include <ringhost/sdk/hash.h>

#define TICK_MS       100
#define COMPARE_TICKS 10u
#define GAMES_MAX     (RACES_MAX * RACE_GAMES_MAX)
#define CHECKED_MAX   (1u << 16)

static void *create(struct rh_sim *sim)
{
    struct races *r = calloc(1, sizeof(*r));

    (void)sim;
    if (!r)
        return NULL;
    rh_map64_init(&r->games, 1, GAMES_MAX);
    rh_map64_init(&r->checked, 1, CHECKED_MAX);
    r->known = (struct sim_known){.name_space = GAUNTLET_NS, .max = RACES_MAX};
    for (uint32_t i = 0; i < RACES_MAX; i++)
        r->races[i].id = r->known.ids[i];
    return r;
}

static void destroy(void *self)
{
    struct races *r = self;

    rh_map64_release(&r->games);
    rh_map64_release(&r->checked);
    free(r);
}

/* --- announced --- */

struct completed {
    struct rh_str gauntlet_id;
    struct rh_str verdict;
    int64_t wins, losses, draws, total_games;
};
static const struct rh_field completed_fields[] = {
    RH_STR(struct completed, gauntlet_id, RH_REQUIRED, "which one"),
    RH_STR(struct completed, verdict, 0, "-"),
    RH_INT(struct completed, wins, 0, 0, RACE_GAMES_MAX, "-"),
    RH_INT(struct completed, losses, 0, 0, RACE_GAMES_MAX, "-"),
    RH_INT(struct completed, draws, 0, 0, RACE_GAMES_MAX, "-"),
    RH_INT(struct completed, total_games, 0, 0, RACE_GAMES_MAX, "-"),
};
static const struct rh_fields completed_table = RH_FIELDS(struct completed, completed_fields);

static bool says(const struct completed *event, const struct gauntlet_status *status)
{
    return status->state == GAUNTLET_COMPLETED && event->wins == status->total.wins &&
           event->losses == status->total.losses && event->draws == status->total.draws &&
           event->total_games == tally_decided(&status->total) &&
           rh_str_eq_c(event->verdict, verdict_name((enum verdict)status->verdict));
}

/* It may be told to several nodes, and to some much later; what it says is stored with it. */
static void check_event(struct race *race, struct rh_sim *sim, uint32_t node,
                        const struct rh_event *event, const struct completed *completed)
{
    const uint64_t id = rh_hash_fnv1a(RH_HASH_FNV1A_INIT, event->id.p, event->id.n);
    struct race_rows stored;

    if (race->event && race->event != id)
        rh_sim_fail(sim, "announced_once", node, "%s: again, by %.*s", race->id,
                    RH_STR_ARG(event->id));
    race->event = id;
    if (!races_fold_read(sim, node, race->id, &stored))
        return;
    if (!says(completed, &stored.gauntlet->status))
        rh_sim_fail(sim, "announced_is_stored", node, "%s, which is %s: %.*s", race->id,
                    gauntlet_state_name(stored.gauntlet->status.state), RH_STR_ARG(event->payload));
    gauntlet_free(stored.gauntlet);
}

static void published(void *self, struct rh_sim *sim, uint32_t node, const struct rh_event *event)
{
    struct completed completed;
    struct races *r = self;
    uint32_t place;
    void *memory = NULL;

    if (!rh_str_eq_c(event->type, "EVALUATION_COMPLETED") ||
        rh_sim_decode(sim, &completed_table, event->payload, &completed, &memory) != RH_OK)
        return;
    place = sim_know(&r->known, sim, completed.gauntlet_id);
    if (place < RACES_MAX)
        check_event(&r->races[place], sim, node, event, &completed);
    rh_sim_release(sim, memory);
}

/* --- what is stored --- */

/* The same rows need one look. */
static bool is_new(struct races *r, uint64_t digest)
{
    void *before = NULL;

    if (digest && rh_map64_put(&r->checked, digest, r, &before) != RH_OK)
        abort(); /* a run has few */
    return digest && !before;
}

static void check_node(struct races *r, struct rh_sim *sim, uint32_t node)
{
    struct race_rows stored;

    sim_know_stored(&r->known, sim, node);
    for (uint32_t i = 0; i < r->known.count; i++) {
        const char *id = r->races[i].id;

        if (!is_new(r, races_fold_digest(sim, node, id)) ||
            !races_fold_read(sim, node, id, &stored))
            continue;
        races_fold_games(r, sim, node, i, &stored);
        races_fold_check(sim, node, &stored);
        gauntlet_free(stored.gauntlet);
    }
}

static void check_leader(struct races *r, struct rh_sim *sim)
{
    const uint32_t leader = sim_leader(sim, "gauntlet");

    for (uint32_t i = 0; i < r->known.count && leader != RH_SIM_OUTSIDE; i++) {
        races_shown_check(sim, leader, r->races[i].id);
        races_shown_items(sim, leader, r->races[i].id);
    }
}

static void tick(void *self, struct rh_sim *sim)
{
    struct races *r = self;

    races_load_tick(r, sim);
    if (++r->ticks % COMPARE_TICKS != 0)
        return;
    for (uint32_t i = 0; i < rh_sim_node_count(sim); i++)
        check_node(r, sim, i);
    check_leader(r, sim);
}

/* --- the end --- */

static uint64_t counted(const struct gauntlet *g)
{
    uint64_t games = 0;

    for (uint32_t i = 0; i < g->game_count; i++) {
        if (g->games[i].outcome != OUTCOME_PENDING)
            games |= UINT64_C(1) << i;
    }
    return games;
}

/* Over, told, and with every game that any node ever had. */
static bool is_over(struct rh_sim *sim, uint32_t node, const struct race *race)
{
    const struct gauntlet_status *status;
    struct race_rows stored;
    bool is_over;

    if (!races_fold_read(sim, node, race->id, &stored))
        return false;
    status = &stored.gauntlet->status;
    is_over = status->state != GAUNTLET_RUNNING && status->is_settled &&
              (status->state != GAUNTLET_COMPLETED || race->event) &&
              (race->counted & ~counted(stored.gauntlet)) == 0;
    gauntlet_free(stored.gauntlet);
    return is_over;
}

static uint32_t healed(void *self, struct rh_sim *sim)
{
    struct races *r = self;
    const uint32_t leader = sim_leader(sim, "gauntlet");

    if (leader == RH_SIM_OUTSIDE)
        return 0;
    sim_know_stored(&r->known, sim, leader);
    for (uint32_t i = 0; i < r->known.count; i++) {
        for (uint32_t node = 0; node < rh_sim_node_count(sim); node++) {
            if (!is_over(sim, node, &r->races[i]))
                return 0;
        }
        if (!sim_group_is_over(sim, leader, r->races[i].id))
            return 0;
    }
    return 1;
}

static void end(void *self, struct rh_sim *sim)
{
    for (uint32_t i = 0; i < rh_sim_node_count(sim); i++)
        check_node(self, sim, i);
    check_leader(self, sim);
}

static const char *const plugins[] = {"work_queue", "gauntlet"};

static const struct rh_sim_invariants invariants = {
    .size = (uint32_t)sizeof(invariants),
    .name = "gauntlet",
    .plugins = plugins,
    .plugin_count = 2,
    .tick_ms = TICK_MS,
    .create = create,
    .destroy = destroy,
    .published = published,
    .tick = tick,
    .healed = healed,
    .end = end,
};
RH_SIM_INVARIANTS(invariants)
