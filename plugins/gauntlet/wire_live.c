/* The gauntlets in memory: taken from the store, made, changed and dropped again once the store
 * shows their end. */
#include "wire.h"

#include <stdlib.h>

/* Takes a gauntlet over in any case. */
static int32_t take_live(struct plugin *p, struct gauntlet *g, struct live **out)
{
    struct live *live = p->live_count < LIVE_MAX ? calloc(1, sizeof(*live)) : NULL;
    int32_t rc = live ? RH_OK : RH_ENOMEM;

    if (p->live_count == LIVE_MAX)
        rc = rh_failf(&p->rh, RH_EFULL, "more than %u gauntlets are live", LIVE_MAX);
    if (rc == RH_OK)
        rc = rh_work_group_add(&p->work, &live->work, g->spec.id);
    if (rc != RH_OK) {
        free(live);
        gauntlet_free(g);
        return rc;
    }
    live->serial = ++p->last_serial;
    live->gauntlet = g;
    p->live[p->live_count++] = live;
    *out = live;
    return RH_OK;
}

static void free_live(struct plugin *p, struct live *live)
{
    rh_work_group_remove(&p->work, &live->work);
    gauntlet_free(live->gauntlet);
    free(live);
}

int32_t gauntlets_load(struct plugin *p)
{
    char ids[LIVE_MAX][GAME_ID_SIZE];
    uint32_t count = 0;
    int32_t rc = gauntlets_count(p);

    if (rc == RH_OK)
        rc = gauntlets_live_ids(p, ids, &count);
    for (uint32_t i = 0; i < count && rc == RH_OK; i++) {
        struct gauntlet *g = NULL;
        struct live *live = NULL;

        rc = gauntlets_open_sound(p, rh_str_from(ids[i]), &g);
        if (rc == RH_OK && !g)
            continue;
        if (rc == RH_OK)
            rc = take_live(p, g, &live);
        if (rc != RH_OK)
            break;
        if (g->status.state != GAUNTLET_RUNNING)
            rh_work_group_cancel(&p->work, &live->work);
        rh_work_group_wake(&p->work, &live->work);
    }
    if (rc != RH_OK)
        gauntlets_drop(p);
    return rc;
}

void gauntlets_drop(struct plugin *p)
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

struct live *gauntlets_live(struct plugin *p, struct rh_str id)
{
    for (uint32_t i = 0; i < p->live_count; i++) {
        if (rh_str_eq(p->live[i]->gauntlet->spec.id, id))
            return p->live[i];
    }
    return NULL;
}

static struct live *live_by_serial(struct plugin *p, uint64_t serial)
{
    for (uint32_t i = 0; i < p->live_count; i++) {
        if (p->live[i]->serial == serial)
            return p->live[i];
    }
    return NULL;
}

/* Only now does the snapshot show the end of what is dropped from memory. */
static void on_durable(void *self, void *user, int32_t rc, uint64_t revision)
{
    struct plugin *p = self;
    const uint64_t settled = (uint64_t)(uintptr_t)user;
    uint32_t count = 0;

    (void)revision;
    if (rc != RH_OK)
        return; /* the host activates the plugin anew, from the store */
    rh_rated_kick(&p->rated);
    for (uint32_t i = 0; i < p->live_count; i++) {
        if (p->live[i]->serial == settled)
            free_live(p, p->live[i]);
        else
            p->live[count++] = p->live[i];
    }
    p->live_count = count;
}

/* What we intend is on disk, so the queue may hear of it. */
static void on_recorded(void *self, void *user, int32_t rc, uint64_t revision)
{
    struct plugin *p = self;
    struct live *live;

    (void)revision;
    if (rc != RH_OK)
        return; /* as above */
    rh_rated_kick(&p->rated);
    live = live_by_serial(p, (uint64_t)(uintptr_t)user);
    if (live)
        rh_work_group_wake(&p->work, &live->work);
}

static void submit(struct plugin *p, struct rh_batch_builder *batch,
                   void (*cb)(void *self, void *user, int32_t rc, uint64_t revision),
                   uint64_t serial)
{
    const int32_t rc = rh_batch_commit(batch, &p->rh, cb, (void *)(uintptr_t)serial);

    if (rc == RH_OK)
        return;
    rh_log_error(&p->rh, "gauntlet_commit_refused", "code=%d", (int)rc);
    p->rh.core->reactivate(p->rh.ctx,
                           "a batch could not be submitted: memory is ahead of the store");
}

void gauntlets_commit(struct plugin *p, struct rh_batch_builder *batch, const struct live *settled)
{
    submit(p, batch, on_durable, settled ? settled->serial : 0);
}

static void on_decided(void *self, void *user, int32_t rc, uint64_t revision)
{
    struct plugin *p = self;
    struct live *live = live_by_serial(p, (uint64_t)(uintptr_t)user);

    if (rc == RH_OK && live)
        live->unrecorded--;
    on_recorded(self, user, rc, revision);
}

void gauntlets_commit_decision(struct plugin *p, struct rh_batch_builder *batch, struct live *live)
{
    if (live->gauntlet->status.state != GAUNTLET_RUNNING)
        rh_work_group_cancel(&p->work, &live->work);
    live->unrecorded++;
    submit(p, batch, on_decided, live->serial);
}

int32_t gauntlets_create(struct plugin *p, struct rh_str record, uint64_t asked,
                         struct gauntlet **out)
{
    struct rh_batch_builder batch;
    struct gauntlet *g = NULL;
    struct live *live = NULL;
    int32_t rc = gauntlet_new(record, &g);

    if (rc == RH_OK)
        rc = take_live(p, g, &live);
    if (rc != RH_OK)
        return rc;
    rh_batch_begin(&batch, GAUNTLET_NAMESPACE);
    gauntlets_prune(p, &batch);
    live->asked = asked;
    gauntlets_put_new(&batch, live->gauntlet, record, asked);
    p->kept++;
    *out = g;
    submit(p, &batch, on_recorded, live->serial);
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
    submit(p, &batch, on_recorded, live->serial);
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
