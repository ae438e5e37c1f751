/* The live tournaments in memory, a cache of the store, and the commits that change both. */
#include <inttypes.h>

#include <ringhost/sdk/emit.h>

#include "keys.h"
#include "wire.h"

static struct rh_live_name name(const void *thing)
{
    const struct tournament *t = thing;

    return (struct rh_live_name){t->spec.id, t->spec.idempotency_key};
}

static void close(void *thing)
{
    tournament_free(thing);
}

static int32_t enter(void *self, struct rh_live *base)
{
    struct plugin *p = self;
    struct live *live = (struct live *)base;

    live->tournament = base->thing;
    return rh_work_group_add(&p->work, &live->work, base->id);
}

/* One that ended waits for its last items to go. */
static int32_t resume(void *self, struct rh_live *base)
{
    struct plugin *p = self;
    struct live *live = (struct live *)base;
    const int32_t rc = progress_advance(live->tournament, p->rh.core->wall_ms(p->rh.ctx));

    if (rc != RH_OK)
        return rc;
    if (live->tournament->status.state != TOURNAMENT_RUNNING)
        rh_work_group_cancel(&p->work, &live->work);
    rh_work_group_wake(&p->work, &live->work);
    return RH_OK;
}

static void leave(void *self, struct rh_live *base)
{
    rh_work_group_remove(&((struct plugin *)self)->work, &((struct live *)base)->work);
}

static void write_row(struct rh_json_writer *w, const void *thing)
{
    tournament_reply_summary(w, thing);
}

const struct rh_lives_owner tournament_lives_owner = {
    .name_space = TOURNAMENT_NAMESPACE,
    .one = "tournament",
    .many = "tournaments",
    .live_size = sizeof(struct live),
    .count_max = LIVE_MAX,
    .kept_kind = KEY_STATUS,
    .live_kind = KEY_LIVE,
    .request_kind = KEY_REQUEST,
    .name = name,
    .open = tournaments_open,
    .open_head = tournaments_open_head,
    .close = close,
    .write_row = write_row,
    .enter = enter,
    .resume = resume,
    .leave = leave,
    .is_needed = tournaments_is_needed,
    .forget = tournaments_forget,
};

/* All that we intend is on disk, so the queue may hear of it. One without items in the queue leaves
 * memory: only now does the snapshot show its end. */
static void on_recorded(void *self, void *user, int32_t rc, uint64_t revision)
{
    struct plugin *p = self;
    struct live *live = (struct live *)rh_lives_recorded(&p->lives, user);
    bool is_compare;
    bool is_more;

    (void)revision;
    if (rc != RH_OK)
        return; /* the host activates the plugin anew, from the store */
    rh_rated_kick(&p->rated);
    if (!live)
        return;
    if (live->tournament->status.is_settled) {
        rh_lives_remove(&p->lives, &live->base);
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
    rh_lives_commit(&p->lives, batch, &live->base, on_recorded);
}

int32_t tournaments_create(struct plugin *p, struct rh_str record, uint64_t asked,
                           struct tournament **out)
{
    struct rh_batch_builder batch;
    struct tournament *t = NULL;
    struct rh_live *base = NULL;
    struct live *live;
    int32_t rc = tournament_new(record, &t);

    if (rc == RH_OK)
        rc = rh_lives_create(&p->lives, t, asked, p->config->keep_max, &batch, &base);
    if (rc != RH_OK)
        return rc;
    tournaments_put_new(&batch, t, record);
    live = (struct live *)base;
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
