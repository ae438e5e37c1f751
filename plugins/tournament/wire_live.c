/* The live tournaments in memory, a cache of the store, and the commits that change both. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/emit.h>

#include "wire.h"

static void free_live(struct plugin *p, struct live *live)
{
    rh_work_group_remove(&p->work, &live->work);
    tournament_free(live->tournament);
    free(live);
}

int32_t tournaments_take(struct plugin *p, struct tournament *t, struct live **out)
{
    struct live *live = p->live_count < LIVE_MAX ? calloc(1, sizeof(*live)) : NULL;
    int32_t rc = live ? RH_OK : RH_ENOMEM;

    if (p->live_count == LIVE_MAX)
        rc = rh_failf(&p->rh, RH_EFULL, "more than %u tournaments are live", LIVE_MAX);
    if (rc == RH_OK)
        rc = rh_work_group_add(&p->work, &live->work, t->spec.id);
    if (rc != RH_OK) {
        free(live);
        tournament_free(t);
        return rc;
    }
    live->serial = ++p->last_serial;
    live->tournament = t;
    p->live[p->live_count++] = live;
    *out = live;
    return RH_OK;
}

/* One that ended waits for its last items to go. */
static int32_t load_one(struct plugin *p, const char *id)
{
    struct tournament *t = NULL;
    struct live *live = NULL;
    int32_t rc = tournaments_open_sound(p, rh_str_from(id), true, &t);

    if (rc == RH_OK && !t)
        return RH_OK;
    if (rc == RH_OK)
        rc = tournaments_take(p, t, &live);
    if (rc == RH_OK)
        rc = progress_advance(live->tournament, p->rh.core->wall_ms(p->rh.ctx));
    if (rc != RH_OK)
        return rc;
    if (live->tournament->status.state != TOURNAMENT_RUNNING)
        rh_work_group_cancel(&p->work, &live->work);
    rh_work_group_wake(&p->work, &live->work);
    return RH_OK;
}

int32_t tournaments_load(struct plugin *p)
{
    char ids[LIVE_MAX][TEXT_ID_SIZE];
    uint32_t count = 0;
    int32_t rc = tournaments_count(p);

    if (rc == RH_OK)
        rc = tournaments_live_ids(p, ids, &count);
    for (uint32_t i = 0; i < count && rc == RH_OK; i++)
        rc = load_one(p, ids[i]);
    if (rc != RH_OK)
        tournaments_drop(p);
    return rc;
}

void tournaments_drop(struct plugin *p)
{
    for (uint32_t i = 0; i < p->live_count; i++)
        free_live(p, p->live[i]);
    p->live_count = 0;
    rh_work_groups_stop(&p->work);
    if (p->has_batch)
        rh_batch_release(&p->batch);
    p->has_batch = false;
    rh_damaged_clear(&p->damaged);
}

struct live *tournaments_live(struct plugin *p, struct rh_str id)
{
    for (uint32_t i = 0; i < p->live_count; i++) {
        if (rh_str_eq(p->live[i]->tournament->spec.id, id))
            return p->live[i];
    }
    return NULL;
}

static uint32_t index_of(const struct plugin *p, uint64_t serial)
{
    uint32_t index = 0;

    while (index < p->live_count && p->live[index]->serial != serial)
        index++;
    return index;
}

static void leave_memory(struct plugin *p, uint32_t index)
{
    free_live(p, p->live[index]);
    p->live_count--;
    memmove(&p->live[index], &p->live[index + 1], (p->live_count - index) * sizeof(struct live *));
}

/* All that we intend is on disk, so the queue may hear of it. One without items in the queue leaves
 * memory: only now does the snapshot show its end. */
static void on_recorded(void *self, void *user, int32_t rc, uint64_t revision)
{
    struct plugin *p = self;
    const uint32_t index = index_of(p, (uint64_t)(uintptr_t)user);
    struct live *live = index < p->live_count ? p->live[index] : NULL;
    bool is_compare;
    bool is_more;

    (void)revision;
    if (rc != RH_OK)
        return; /* the host activates the plugin anew, from the store */
    rh_rated_kick(&p->rated);
    if (!live || --live->unrecorded > 0)
        return;
    if (live->tournament->status.is_settled) {
        leave_memory(p, index);
        return;
    }
    is_compare = live->is_compare || live->work.is_cancelled;
    is_more = live->is_more;
    live->is_compare = live->is_more = false;
    if (is_compare) /* waking may change the list */
        rh_work_group_wake(&p->work, &live->work);
    else if (is_more)
        rh_work_group_more(&p->work, &live->work);
}

static void submit(struct plugin *p, struct rh_batch_builder *batch, struct live *live)
{
    int32_t rc;

    live->unrecorded++;
    rc = rh_batch_commit(batch, &p->rh, on_recorded, (void *)(uintptr_t)live->serial);
    if (rc == RH_OK)
        return;
    rh_log_error(&p->rh, "tournament_commit_refused", "code=%d", (int)rc);
    p->rh.core->reactivate(p->rh.ctx,
                           "a batch could not be submitted: memory is ahead of the store");
}

int32_t tournaments_create(struct plugin *p, struct rh_str record, uint64_t asked,
                           struct tournament **out)
{
    struct rh_batch_builder batch;
    struct tournament *t = NULL;
    struct live *live = NULL;
    int32_t rc = tournament_new(record, &t);

    if (rc == RH_OK)
        rc = tournaments_take(p, t, &live);
    if (rc != RH_OK)
        return rc;
    rh_batch_begin(&batch, TOURNAMENT_NAMESPACE);
    tournaments_prune(p, &batch);
    live->asked = asked;
    tournaments_put_new(&batch, t, record, asked);
    p->kept++;
    live->is_compare = true;
    *out = t;
    return tournaments_commit(p, &batch, live);
}

/* Over as it is. */
static int32_t end_early(struct plugin *p, struct live *live, uint8_t state)
{
    struct tournament *t = live->tournament;
    struct rh_batch_builder batch;
    const int32_t rc = tournament_finish(t, state, p->rh.core->wall_ms(p->rh.ctx));

    if (rc != RH_OK)
        return rc;
    rh_work_group_cancel(&p->work, &live->work);
    rh_batch_begin(&batch, TOURNAMENT_NAMESPACE);
    tournaments_put_status(&batch, t);
    submit(p, &batch, live);
    return RH_OK;
}

int32_t tournaments_cancel(struct plugin *p, struct live *live)
{
    return end_early(p, live, TOURNAMENT_CANCELLED);
}

void tournaments_fail(struct plugin *p, struct live *live, struct rh_str why)
{
    struct tournament *t = live->tournament;

    tournament_cut(t->status.error, sizeof(t->status.error), why);
    (void)end_early(p, live, TOURNAMENT_FAILED); /* needs no memory, so it cannot fail */
    rh_log_error(&p->rh, "tournament_failed", "tournament=%.*s %s", RH_STR_ARG(t->spec.id),
                 t->status.error);
}

int32_t tournaments_reopen(struct plugin *p, struct rh_batch_builder *batch, struct live *live)
{
    struct tournament *t = live->tournament;
    int32_t rc;

    tournament_reopen(t);
    rh_work_group_remove(&p->work, &live->work);
    live->work = (struct rh_work_group){.serial = 0};
    rc = rh_work_group_add(&p->work, &live->work, t->spec.id);
    if (rc != RH_OK) {
        p->rh.core->reactivate(p->rh.ctx, "a corrected tournament could not run again");
        return rc;
    }
    tournaments_put_live(batch, t);
    tournaments_put_status(batch, t);
    return RH_OK;
}

void tournaments_settle(struct plugin *p, struct live *live)
{
    struct rh_batch_builder batch;

    live->tournament->status.is_settled = true;
    rh_work_group_remove(&p->work, &live->work);
    rh_batch_begin(&batch, TOURNAMENT_NAMESPACE);
    tournaments_put_settled(&batch, live->tournament);
    submit(p, &batch, live);
}

/* All that follows from the last match: state and event in one batch, so exactly once. */
static int32_t complete(struct plugin *p, struct rh_batch_builder *batch, struct live *live)
{
    struct tournament *t = live->tournament;
    uint64_t digest = 0;
    int32_t rc = tournament_finish(t, TOURNAMENT_COMPLETED, p->rh.core->wall_ms(p->rh.ctx));

    if (rc == RH_OK)
        rc = tournament_digest(t, &digest);
    if (rc != RH_OK)
        return rc;
    /* After a correction only where it changed what was told. */
    if (!t->status.is_announced || t->status.announced != digest) {
        const struct rh_tournament_completed event = {
            .tournament_id = t->spec.id,
            .winner = tournament_name(t, t->status.winner),
            .format = rh_str_from(plan_format_name(t->spec.options.format)),
            .matches = t->status.decided};

        rh_emit_tournament_completed(batch, &event);
        t->status.is_announced = true;
        t->status.announced = digest;
    }
    rh_work_group_cancel(&p->work, &live->work); /* games of matches that were decided otherwise */
    tournaments_put_status(batch, t);
    rh_log_info(&p->rh, "tournament_completed", "tournament=%.*s winner=%.*s matches=%" PRIu32,
                RH_STR_ARG(t->spec.id), RH_STR_ARG(tournament_name(t, t->status.winner)),
                t->status.decided);
    return RH_OK;
}

int32_t tournaments_commit(struct plugin *p, struct rh_batch_builder *batch, struct live *live)
{
    struct tournament *t = live->tournament;
    int32_t rc = progress_advance(t, p->rh.core->wall_ms(p->rh.ctx));

    if (rc == RH_OK)
        tournaments_put_changes(batch, t);
    if (rc == RH_OK && tournament_is_complete(t))
        rc = complete(p, batch, live);
    if (rc == RH_OK) {
        submit(p, batch, live);
        return RH_OK;
    }
    rh_batch_release(batch);
    p->rh.core->reactivate(p->rh.ctx, "no memory for what follows from a result");
    return rc;
}
