/* The gauntlets in memory: how they come and go, and the commits that change them and the store. */
#include "wire.h"

#include "keys.h"

static struct rh_live_name name(const void *thing)
{
    const struct gauntlet *g = thing;

    return (struct rh_live_name){g->spec.id, g->spec.idempotency_key};
}

static void close(void *thing)
{
    gauntlet_free(thing);
}

static int32_t enter(void *self, struct rh_live *base)
{
    struct plugin *p = self;
    struct live *live = (struct live *)base;

    live->gauntlet = base->thing;
    return rh_work_group_add(&p->work, &live->work, base->id);
}

static int32_t resume(void *self, struct rh_live *base)
{
    struct plugin *p = self;
    struct live *live = (struct live *)base;

    if (live->gauntlet->status.state != GAUNTLET_RUNNING)
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
    gauntlet_reply_summary(w, thing);
}

const struct rh_lives_owner gauntlet_lives_owner = {
    .name_space = GAUNTLET_NAMESPACE,
    .one = "gauntlet",
    .many = "gauntlets",
    .live_size = sizeof(struct live),
    .count_max = LIVE_MAX,
    .kept_kind = KEY_STATUS,
    .live_kind = KEY_LIVE,
    .request_kind = KEY_REQUEST,
    .name = name,
    .open = gauntlets_open,
    .close = close,
    .write_row = write_row,
    .enter = enter,
    .resume = resume,
    .leave = leave,
    .is_needed = gauntlets_is_needed,
    .forget = gauntlets_forget,
};

/* What we intend is on disk, so the queue may hear of it; and the store shows the end of what has
 * nothing there any more. */
static void on_recorded(void *self, void *user, int32_t rc, uint64_t revision)
{
    struct plugin *p = self;
    struct live *live = (struct live *)rh_lives_recorded(&p->lives, user);

    (void)revision;
    if (rc != RH_OK)
        return; /* the host activates the plugin anew, from the store */
    rh_rated_kick(&p->rated);
    if (!live)
        return;
    if (live->gauntlet->status.is_settled)
        rh_lives_remove(&p->lives, &live->base);
    else
        rh_work_group_wake(&p->work, &live->work);
}

void gauntlets_commit(struct plugin *p, struct rh_batch_builder *batch, struct live *live)
{
    rh_lives_commit(&p->lives, batch, live ? &live->base : NULL, on_recorded);
}

int32_t gauntlets_create(struct plugin *p, struct rh_str record, uint64_t asked,
                         struct gauntlet **out)
{
    struct rh_batch_builder batch;
    struct gauntlet *g = NULL;
    struct rh_live *live = NULL;
    int32_t rc = gauntlet_new(record, &g);

    if (rc == RH_OK)
        rc = rh_lives_create(&p->lives, g, asked, p->config->keep_max, &batch, &live);
    if (rc != RH_OK)
        return rc;
    gauntlets_put_new(&batch, g, record);
    *out = g;
    gauntlets_commit(p, &batch, (struct live *)live);
    return RH_OK;
}

/* Over without its missing games. */
static void end_early(struct plugin *p, struct live *live, uint8_t state)
{
    struct rh_batch_builder batch;

    gauntlet_finish(live->gauntlet, state, p->rh.core->wall_ms(p->rh.ctx));
    rh_work_group_cancel(&p->work, &live->work);
    rh_batch_begin(&batch, GAUNTLET_NAMESPACE);
    gauntlets_put_status(&batch, live->gauntlet);
    gauntlets_commit(p, &batch, live);
}

void gauntlets_cancel(struct plugin *p, struct live *live)
{
    end_early(p, live, GAUNTLET_CANCELLED);
}

void gauntlets_fail(struct plugin *p, struct live *live, struct rh_str why)
{
    struct gauntlet *g = live->gauntlet;

    game_text_cut(g->status.error, sizeof(g->status.error), why);
    end_early(p, live, GAUNTLET_FAILED);
    rh_log_error(&p->rh, "gauntlet_failed", "gauntlet=%.*s %s", RH_STR_ARG(g->spec.id),
                 g->status.error);
}
