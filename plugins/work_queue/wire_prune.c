/* Retention: finished items that are too many or too old are deleted, a chunk at a time. */
#include <string.h>

#include "wire.h"

/* Finished items that are deleted in one commit. */
#define PRUNE_CHUNK 256u

static void on_pruned(void *instance, void *user)
{
    struct work_queue *self = instance;

    if ((uint64_t)(uintptr_t)user != self->generation || !self->is_built)
        return;
    self->is_pruning = false;
    wire_prune(self);
    wire_arm(self);
}

/* One more finished item of a group is gone; the last one takes the group's row along. */
static void prune_group(struct work_queue *self, struct rh_str name)
{
    struct rh_key key = key_of_name(ROW_GROUP, name);
    struct group *live = group_find(&self->queue.groups, name);
    struct group stored = {.name = name};
    struct group *group = live ? live : &stored;

    if (!live && store_load_group(self, &stored))
        return;
    group->totals.pruned++;
    if (!live && group->totals.pruned >= group->totals.added)
        store_delete(self, &key);
    else
        store_put_group(self, group);
}

static void prune_one(struct work_queue *self, const struct place *place)
{
    static const uint8_t rows[] = {ROW_STATUS, ROW_PAYLOAD, ROW_PROGRESS,  ROW_RESULT,
                                   ROW_ERROR,  ROW_SPEC,    ROW_CHECKPOINT};
    struct item_lists lists;
    char group_memory[ITEM_NAME_MAX];
    struct item_spec spec;
    uint64_t seq = place->seq;
    struct rh_key key;

    if (store_get_spec(self, seq, &spec, &lists) == RH_OK) {
        if (spec.idempotency_key.n > 0) {
            key = key_of_name(ROW_IDEMPOTENCY, spec.idempotency_key);
            store_delete(self, &key);
        }
        if (spec.group.n > 0 && spec.group.n <= sizeof(group_memory)) {
            struct rh_str group = {group_memory, spec.group.n};
            memcpy(group_memory, spec.group.p, spec.group.n);
            key = key_of_member(group, seq);
            store_delete(self, &key);
            prune_group(self, group);
        }
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        key = key_of_seq(rows[i], seq);
        store_delete(self, &key);
    }
    key = key_of_seq(ROW_FINISHED, place->finish_no);
    store_delete(self, &key);
    queue_count_pruned(&self->queue, place->state);
}

static void on_prune_commit(void *instance, void *user, int32_t rc, uint64_t revision)
{
    struct work_queue *self = instance;

    (void)revision;
    if (rc == RH_OK && self->is_built)
        store_settle(self, (uint64_t)(uintptr_t)user);
    if (rc == RH_OK && self->is_built &&
        self->rh.core->post(self->rh.ctx, on_pruned, (void *)(uintptr_t)self->generation))
        self->is_pruning = false;
}

void wire_prune_from(struct work_queue *self, int64_t finished_at_ms)
{
    struct queue_time now = wire_now(self);
    int64_t kept_ms = self->config->done_kept_for;

    self->prune_at_ms = INT64_MAX;
    if (finished_at_ms > 0 && kept_ms > 0)
        self->prune_at_ms = now.mono_ms + finished_at_ms + kept_ms - now.wall_ms;
}

/* How many of the oldest are to go: those above done_kept, and those older than done_kept_for. */
static uint32_t count_old(const struct work_queue *self, const struct place *oldest, uint32_t count)
{
    uint64_t kept = counters_kept(&self->queue.counters);
    uint64_t above =
        kept > (uint64_t)self->config->done_kept ? kept - (uint64_t)self->config->done_kept : 0;
    int64_t kept_ms = self->config->done_kept_for;
    int64_t now_ms = wire_now(self).wall_ms;
    uint32_t old = above < PRUNE_CHUNK ? 0 : PRUNE_CHUNK;

    if (old > count)
        old = count;
    while (old < count && kept_ms > 0 && oldest[old].finished_at_ms + kept_ms <= now_ms)
        old++;
    return old;
}

/* Those that wait for an item must be told of its end before it is forgotten. */
static bool may_prune(const struct work_queue *self)
{
    bool is_many =
        counters_kept(&self->queue.counters) >= (uint64_t)self->config->done_kept + PRUNE_CHUNK;

    return !self->is_pruning && (is_many || self->prune_at_ms <= wire_now(self).mono_ms) &&
           depends_are_told(&self->queue.depends);
}

void wire_prune(struct work_queue *self)
{
    struct place oldest[PRUNE_CHUNK + 1];
    uint32_t count = 0;
    bool more;

    if (!may_prune(self) ||
        wire_read_places(self, 0, false, PRUNE_CHUNK + 1, oldest, &count, &more))
        return;
    uint32_t old = count_old(self, oldest, count < PRUNE_CHUNK ? count : PRUNE_CHUNK);
    wire_prune_from(self, old < count ? oldest[old].finished_at_ms : 0);
    if (old == 0)
        return;
    store_begin(self);
    for (uint32_t i = 0; i < old; i++)
        prune_one(self, &oldest[i]);
    store_put_counters(self);
    if (self->store_rc) {
        rh_batch_release(&self->batch);
        self->rh.core->reactivate(self->rh.ctx, "old items could not be deleted");
        return;
    }
    self->is_pruning = rh_batch_commit(&self->batch, &self->rh, on_prune_commit,
                                       (void *)(uintptr_t)self->commit) == RH_OK;
    if (!self->is_pruning)
        self->rh.core->reactivate(self->rh.ctx, "old items could not be deleted");
}
