/* Games as work items of the queue: what is wanted, how an item looks, what comes back. */
#include <stddef.h>

#include <ringhost/sdk/gtp_match.h>

#include "result.h"
#include "wire.h"

static struct live *live_of(const struct rh_work_group *group)
{
    return (struct live *)(void *)((char *)group - offsetof(struct live, work));
}

static uint32_t wanted(void *self, const struct rh_work_group *group, uint32_t from)
{
    const uint32_t item = tournament_wanted(live_of(group)->tournament, from);

    (void)self;
    return item == ITEM_NONE ? RH_WORK_NONE : item;
}

/* Only what is on disk may have a consequence outside. */
static bool unwanted(void *self, const struct rh_work_group *group, uint32_t index)
{
    const struct live *live = live_of(group);

    (void)self;
    return live->base.unrecorded == 0 && !tournament_is_wanted(live->tournament, index);
}

static void write_match(struct rh_json_writer *w, const struct tournament *t,
                        const struct extra_record *what, const struct rh_gtp_player players[2])
{
    const struct spec *spec = &t->spec;
    const struct rh_gtp_rules rules = {
        .ko_rule = spec->ko_rule,
        .board_size = spec->board_size,
        .komi_halves = spec->komi_halves,
        .move_time_ms = spec->move_time_ms,
        .game_time_ms = spec->game_time_ms,
        .command_time_ms = spec->command_time_ms,
        .max_moves = spec->max_moves,
    };

    rh_gtp_match_write(w, &rules, what->game, tournament_seed(t, what), players);
}

/* Only wanted items are written, so the match has its players. */
static void write(void *self, const struct rh_work_group *group, uint32_t index,
                  struct rh_json_writer *w)
{
    const struct tournament *t = live_of(group)->tournament;
    const struct extra_record what = tournament_item(t, index);
    const struct spec *spec = &t->spec;
    const uint32_t a = t->meetings[what.match].players[0] - 1u;
    const uint32_t b = t->meetings[what.match].players[1] - 1u;
    const struct rh_gtp_player players[2] = {
        {spec->names[a], spec->argv_json[a], spec->inputs[a]},
        {spec->names[b], spec->argv_json[b], spec->inputs[b]},
    };

    (void)self;
    rh_json_kv_str(w, "work_type", spec->work_type);
    rh_json_kv_str(w, "config_key", spec->config_key);
    rh_json_kv_str(w, "board_type", spec->board_type);
    rh_json_kv_int(w, "num_players", 2);
    rh_json_kv_int(w, "priority", spec->priority);
    rh_json_kv_raw(w, "requires", spec->requires_json);
    rh_json_kv_bool(w, "needs_gpu", spec->needs_gpu);
    rh_json_kv_int(w, "min_vram_mb", spec->min_vram_mb);
    if (spec->timeout_s)
        rh_json_kv_int(w, "timeout_s", spec->timeout_s);
    if (spec->max_runtime_s)
        rh_json_kv_int(w, "max_runtime_s", spec->max_runtime_s);
    rh_json_kv_int(w, "max_attempts", spec->max_attempts);
    rh_gtp_inputs_write(w, players);
    rh_json_key(w, "payload");
    write_match(w, t, &what, players);
}

static void take(void *self, struct rh_work_group *group, const struct rh_work_item *item)
{
    struct plugin *p = self;
    struct live *live = live_of(group);
    struct tournament *t = live->tournament;
    struct rh_gtp_game game = {.index = 0};
    struct rh_gtp_fault fault = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
    struct game_record result;
    void *game_memory = NULL;
    void *fault_memory = NULL;
    bool is_read;

    if (item->index >= tournament_items(t) || t->results[item->index])
        return;
    is_read = rh_gtp_game_decode(&p->rh, item->result, &game, &game_memory) == RH_OK;
    (void)rh_gtp_fault_decode(&p->rh, item->error, &fault, &fault_memory); /* then it stays empty */
    result_of_item(t, item, is_read ? &game : NULL, fault.kind, fault.player, fault.message,
                   &result);
    result.finished_at_ms = item->finished_at_ms;
    p->rh.fields->release(p->rh.ctx, game_memory);
    p->rh.fields->release(p->rh.ctx, fault_memory);
    if (!tournament_take(t, item->index, &result))
        return; /* without memory: it comes again with the next comparison */
    rh_batch_continue(&p->batch, TOURNAMENT_NAMESPACE);
    live->is_more = true;
    live->is_compare = live->is_compare || result.outcome == GAME_NONE;
    tournaments_put_result(&p->batch, t, item->index);
    tournaments_put_unrated(&p->batch, t, item->index);
}

static void taken(void *self, struct rh_work_group *group)
{
    struct plugin *p = self;

    if (!rh_batch_is_begun(&p->batch))
        return;
    (void)tournaments_commit(p, &p->batch, live_of(group)); /* failure begins a new activation */
}

static void settled(void *self, struct rh_work_group *group)
{
    tournaments_settle(self, live_of(group));
}

static void refused(void *self, struct rh_work_group *group, struct rh_str why)
{
    tournaments_fail(self, live_of(group), why);
}

const struct rh_work_owner tournament_work_owner = {
    .name = "tournament",
    .wanted = wanted,
    .write = write,
    .take = take,
    .taken = taken,
    .unwanted = unwanted,
    .settled = settled,
    .refused = refused,
};
