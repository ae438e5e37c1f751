/* What becomes of the games that are work items: their results are recorded, and the last one
 * completes the gauntlet. */
#include <inttypes.h>
#include <stddef.h>

#include <ringhost/sdk/emit.h>
#include <ringhost/sdk/gtp_match.h>

#include "outcome.h"
#include "wire.h"

/* Games of a sequential test that are in the queue beyond those that are over. */
#define SPRT_GAMES_AHEAD 200u

static struct live *live_of(const struct rh_work_group *group)
{
    return (struct live *)(void *)((char *)group - offsetof(struct live, work));
}

static uint32_t wanted(void *self, const struct rh_work_group *group, uint32_t from)
{
    const struct gauntlet *g = live_of(group)->gauntlet;
    const uint32_t index = gauntlet_wanted(g, from);

    (void)self;
    if (g->status.state != GAUNTLET_RUNNING || index >= g->game_count)
        return RH_WORK_NONE;
    /* A test may end any time: only so many of its games are in the queue at once. */
    return g->spec.has_sprt && index >= g->over + SPRT_GAMES_AHEAD ? RH_WORK_NONE : index;
}

static void write(void *self, const struct rh_work_group *group, uint32_t index,
                  struct rh_json_writer *w)
{
    (void)self;
    gauntlet_write_item(&live_of(group)->gauntlet->spec, index, w);
}

/* Only what is on disk may have a consequence outside. */
static bool unwanted(void *self, const struct rh_work_group *group, uint32_t index)
{
    const struct live *live = live_of(group);

    (void)self;
    return live->base.unrecorded == 0 && !gauntlet_is_wanted(live->gauntlet, index);
}

static void take(void *self, struct rh_work_group *group, const struct rh_work_item *item)
{
    struct plugin *p = self;
    struct gauntlet *g = live_of(group)->gauntlet;
    struct rh_gtp_game game;
    struct game_result result;
    void *memory = NULL;
    bool is_read;

    if (item->index >= g->game_count || gauntlet_pending(g, item->index) != item->index)
        return;
    /* A game that was cancelled because its test is over has no result and needs none. */
    if (item->end == RH_WORK_CANCELLED && !gauntlet_is_wanted(g, item->index))
        return;
    is_read = rh_gtp_game_decode(&p->rh, item->result, &game, &memory) == RH_OK;
    outcome_of_item(&g->spec, item, is_read ? &game : NULL, &result);
    p->rh.fields->release(p->rh.ctx, memory);
    result.ended_at_ms = item->finished_at_ms;
    if (!gauntlet_put(g, item->index, &result))
        return;
    rh_batch_continue(&p->batch, GAUNTLET_NAMESPACE);
    gauntlets_put_game(&p->batch, g, item->index);
}

/* All that follows from the last game: state and event in one batch, so exactly once. */
static void complete(struct plugin *p, struct gauntlet *g)
{
    struct rh_gauntlet_completed event = {.gauntlet_id = g->spec.id,
                                          .model = g->spec.model,
                                          .config_key = g->spec.config_key,
                                          .baselines = g->spec.baselines,
                                          .baseline_count = g->spec.baseline_count};
    const struct tally *total = &g->status.total;
    struct rh_self self = {.size = (uint32_t)sizeof(self)};

    gauntlet_finish(g, GAUNTLET_COMPLETED, p->rh.core->wall_ms(p->rh.ctx));
    p->rh.core->self(p->rh.ctx, &self);
    event.verdict = rh_str_from(verdict_name((enum verdict)g->status.verdict));
    event.node_id = self.node_id;
    event.wins = total->wins;
    event.losses = total->losses;
    event.draws = total->draws;
    event.total_games = tally_decided(total);
    if (event.total_games)
        event.win_rate =
            ((double)event.wins + (double)event.draws / 2.0) / (double)event.total_games;
    rh_emit_gauntlet_completed(&p->batch, &event);
    if (g->status.is_settled)
        gauntlets_put_settled(&p->batch, g);
    else
        gauntlets_put_status(&p->batch, g);
    rh_log_info(&p->rh, "gauntlet_completed",
                "gauntlet=%.*s verdict=%s games=%" PRIu32 " errors=%" PRIu32,
                RH_STR_ARG(g->spec.id), verdict_name((enum verdict)g->status.verdict),
                tally_scheduled(total), total->errors);
}

static void taken(void *self, struct rh_work_group *group)
{
    struct plugin *p = self;
    struct live *live = live_of(group);
    const bool is_decided = gauntlet_decide(live->gauntlet);
    const bool is_complete = gauntlet_is_complete(live->gauntlet);

    if (!rh_batch_is_begun(&p->batch) && !is_complete)
        return;
    rh_batch_continue(&p->batch, GAUNTLET_NAMESPACE);
    if (is_complete)
        complete(p, live->gauntlet);
    else if (is_decided)
        gauntlets_put_status(&p->batch, live->gauntlet);
    if (is_complete && live->gauntlet->status.is_settled)
        rh_work_group_remove(&p->work, group);
    else if (is_complete)
        rh_work_group_cancel(&p->work, group);
    gauntlets_commit(p, &p->batch, is_complete || is_decided ? live : NULL);
    if (!is_complete && !is_decided && live->gauntlet->spec.has_sprt)
        rh_work_group_more(&p->work, group);
}

static void settled(void *self, struct rh_work_group *group)
{
    struct plugin *p = self;
    struct live *live = live_of(group);
    struct rh_batch_builder batch;

    live->gauntlet->status.is_settled = true;
    rh_work_group_remove(&p->work, group);
    rh_batch_begin(&batch, GAUNTLET_NAMESPACE);
    gauntlets_put_settled(&batch, live->gauntlet);
    gauntlets_commit(p, &batch, live);
}

static void refused(void *self, struct rh_work_group *group, struct rh_str why)
{
    gauntlets_fail(self, live_of(group), why);
}

const struct rh_work_owner gauntlet_work_owner = {
    .name = "gauntlet",
    .wanted = wanted,
    .write = write,
    .take = take,
    .taken = taken,
    .unwanted = unwanted,
    .settled = settled,
    .refused = refused,
};
