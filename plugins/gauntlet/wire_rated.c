/* Hands the games of gauntlets to the ratings. What is offered is read from the store, so it is on
 * disk; how far that is, too. */
#include "wire.h"

#include <ringhost/sdk/str.h>

#include "outcome.h"

/* The players' names as the ratings know them, and who won. */
static void write_game(struct rh_json_writer *w, const struct gauntlet *g, uint32_t index,
                       const struct game_result *result)
{
    const struct schedule_game plan = schedule_game(g->spec.seed, g->spec.baseline_count, index);
    const struct rh_str baseline = g->spec.baselines[plan.baseline];
    struct rh_rated_game game = {.group = g->spec.id,
                                 .index = index,
                                 .board_type = g->spec.board_type,
                                 .players = {plan.model_is_black ? g->spec.model : baseline,
                                             plan.model_is_black ? baseline : g->spec.model},
                                 .winner = RH_STR_LIT("draw"),
                                 .played_at_ms = result->ended_at_ms};

    if (result->outcome == OUTCOME_WIN)
        game.winner = g->spec.model;
    if (result->outcome == OUTCOME_LOSS)
        game.winner = baseline;
    rh_rated_write(w, &game);
}

static bool is_decided(const struct game_result *result)
{
    return result->outcome == OUTCOME_WIN || result->outcome == OUTCOME_LOSS ||
           result->outcome == OUTCOME_DRAW;
}

/* Games of one gauntlet on their way into an offer. */
struct offer {
    const struct gauntlet *gauntlet;
    struct rh_json_writer *w;
    uint32_t next; /* first game that has not been dealt with */
    uint32_t count, max;
    bool is_running;
};

static bool add_game(void *user, uint32_t index, const struct game_result *game)
{
    struct offer *offer = user;

    /* While it runs a game that is still missing may come; those behind it wait. */
    if ((offer->is_running && index != offer->next) || offer->count == offer->max)
        return false;
    if (is_decided(game)) {
        write_game(offer->w, offer->gauntlet, index, game);
        offer->count++;
    }
    offer->next = index + 1;
    return true;
}

/* What one gauntlet has to offer; how many games. */
static uint32_t collect_of(struct plugin *p, struct rh_str id, struct rh_json_writer *w,
                           uint32_t max)
{
    const struct live *live = gauntlets_live(p, id);
    struct gauntlet *own = NULL;
    struct offer offer = {.w = w, .max = max};
    struct gauntlet_status status;
    uint32_t from = 0;
    int32_t rc = gauntlets_rated_next(p, id, &from);

    if (rc == RH_OK)
        rc = gauntlets_status(p, id, &status);
    if (rc == RH_OK && !live)
        rc = gauntlets_open(p, id, &own);
    if (rc != RH_OK)
        return 0;
    offer.gauntlet = live ? live->gauntlet : own;
    offer.next = from;
    offer.is_running = status.state == GAUNTLET_RUNNING;
    rc = gauntlets_games_from(p, id, from, add_game, &offer);
    gauntlet_free(own);
    game_text_cut(p->rating_id, sizeof(p->rating_id), id);
    p->rating_next = offer.next;
    p->is_rating_last = rc == RH_OK && !offer.is_running && offer.count < max;
    return offer.count;
}

static void acked(void *self)
{
    struct plugin *p = self;
    struct rh_batch_builder batch;

    rh_batch_begin(&batch, GAUNTLET_NAMESPACE);
    gauntlets_put_rated(&batch, rh_str_from(p->rating_id), p->rating_next, p->is_rating_last);
    gauntlets_commit(p, &batch, NULL);
}

static uint32_t collect(void *self, struct rh_json_writer *w, uint32_t max)
{
    struct plugin *p = self;
    char ids[LIVE_MAX][GAME_ID_SIZE];
    uint32_t count = 0;

    if (gauntlets_unrated(p, ids, &count) != RH_OK)
        return 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t games = collect_of(p, rh_str_from(ids[i]), w, max);

        if (games)
            return games;
        if (p->is_rating_last)
            acked(p); /* it is over, and nothing of it is left to tell */
    }
    return 0;
}

const struct rh_rated_owner gauntlet_rated_owner = {
    .name = "gauntlet",
    .collect = collect,
    .acked = acked,
};
