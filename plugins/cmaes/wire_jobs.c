/* Jobs in memory: from the store, through their generations, to their end. Memory runs ahead of the
 * store by what is being committed; nothing leaves for the queue before it is on disk. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keys.h"
#include "snapshot.h"
#include "wire.h"

static int64_t wall_of(const struct plugin *p)
{
    return p->rh.core->wall_ms(p->rh.ctx);
}

void jobs_group_id(const struct job *j, uint64_t generation, char id[RH_WORK_GROUP_ID_SIZE])
{
    /* Ids of jobs are made here and short. */
    (void)snprintf(id, RH_WORK_GROUP_ID_SIZE, "%.*s/%" PRIu64, RH_STR_ARG(j->spec.id), generation);
}

/* What is intended is on disk. */
static void wake(struct plugin *p, struct item_group *group)
{
    if (!group->is_awake)
        rh_work_group_wake(&p->work, &group->work);
    group->is_awake = true;
}

static int32_t add_group(struct plugin *p, const char *id, struct live *live,
                         struct item_group **out)
{
    struct item_group *group =
        p->group_count < RH_WORK_GROUPS_MAX ? calloc(1, sizeof(*group)) : NULL;
    int32_t rc = group ? RH_OK : RH_ENOMEM;

    if (p->group_count == RH_WORK_GROUPS_MAX)
        rc = RH_EFULL;
    if (rc == RH_OK)
        rc = rh_work_group_add(&p->work, &group->work, rh_str_from(id));
    if (rc != RH_OK) {
        free(group);
        return rc;
    }
    group->live = live;
    p->groups[p->group_count++] = group;
    *out = group;
    return RH_OK;
}

/* The items of the open generation, not woken yet; none where evaluators ask. */
static int32_t open_group(struct plugin *p, struct live *live)
{
    char id[RH_WORK_GROUP_ID_SIZE];
    const struct job *j = live->job;

    if (j->spec.evaluate.n == 0 || j->status.state != JOB_RUNNING)
        return RH_OK;
    jobs_group_id(j, job_generation(j), id);
    return add_group(p, id, live, &live->open);
}

static struct rh_live_name name(const void *thing)
{
    const struct job *j = thing;

    return (struct rh_live_name){j->spec.id, j->spec.idempotency_key};
}

static void close(void *thing)
{
    job_free(thing);
}

static int32_t enter(void *self, struct rh_live *base)
{
    struct live *live = (struct live *)base;

    live->job = base->thing;
    return open_group(self, live);
}

static int32_t resume(void *self, struct rh_live *base)
{
    struct live *live = (struct live *)base;

    if (live->open)
        wake(self, live->open);
    return RH_OK;
}

static void leave(void *self, struct rh_live *base)
{
    struct live *live = (struct live *)base;

    if (live->open)
        item_group_free(self, live->open);
}

static void write_row(struct rh_json_writer *w, const void *thing)
{
    cmaes_reply_summary(w, thing);
}

const struct rh_lives_owner cmaes_lives_owner = {
    .name_space = CMAES_NAMESPACE,
    .one = "job",
    .many = "jobs",
    .live_size = sizeof(struct live),
    .count_max = LIVE_MAX,
    .kept_kind = KEY_STATUS,
    .live_kind = KEY_LIVE,
    .request_kind = KEY_REQUEST,
    .name = name,
    .open = cmaes_store_open,
    .close = close,
    .write_row = write_row,
    .enter = enter,
    .resume = resume,
    .leave = leave,
    .forget = cmaes_store_forget,
};

static int32_t load_ended_groups(struct plugin *p)
{
    char ids[RH_WORK_GROUPS_MAX][RH_WORK_GROUP_ID_SIZE];
    uint32_t count = 0;
    int32_t rc = cmaes_store_ended_groups(p, ids, RH_WORK_GROUPS_MAX - LIVE_MAX, &count);

    for (uint32_t i = 0; i < count && rc == RH_OK; i++) {
        struct item_group *group = NULL;

        rc = add_group(p, ids[i], NULL, &group);
        if (rc != RH_OK)
            break;
        rh_work_group_cancel(&p->work, &group->work);
        wake(p, group);
    }
    return rc;
}

int32_t jobs_load(struct plugin *p)
{
    int32_t rc = rh_lives_load(&p->lives);

    if (rc == RH_OK)
        rc = load_ended_groups(p);
    if (rc != RH_OK)
        jobs_drop(p);
    return rc;
}

void jobs_drop(struct plugin *p)
{
    rh_lives_drop(&p->lives);
    while (p->group_count > 0)
        item_group_free(p, p->groups[p->group_count - 1]);
    rh_work_groups_stop(&p->work);
    rh_batch_release(&p->batch);
}

/* What was committed is on disk: the queue may hear of the open generation, ended ones are
 * cancelled, and a job that is over leaves memory. */
static void on_recorded(void *self, void *user, int32_t rc, uint64_t revision)
{
    struct plugin *p = self;
    struct live *live = (struct live *)rh_lives_recorded(&p->lives, user);

    (void)revision;
    if (rc != RH_OK || !live)
        return; /* after a failure the host activates the plugin anew, from the store */
    for (uint32_t i = 0; i < p->group_count; i++) {
        if (!p->groups[i]->live)
            wake(p, p->groups[i]);
    }
    if (live->job->status.state != JOB_RUNNING)
        rh_lives_remove(&p->lives, &live->base);
    else if (live->open)
        wake(p, live->open);
}

void jobs_commit(struct plugin *p, struct rh_batch_builder *batch, struct live *live)
{
    rh_lives_commit(&p->lives, batch, live ? &live->base : NULL, on_recorded);
}

/* The snapshot of a job whose generation was not drawn yet. */
static int32_t first_snapshot(const struct job *j, struct rh_buf *snapshot)
{
    struct search *s = NULL;
    const int32_t rc = search_new(&j->spec.search, &s);

    if (rc != RH_OK)
        return rc;
    snapshot_encode(s, snapshot);
    search_free(s);
    return snapshot->rc;
}

int32_t jobs_create(struct plugin *p, struct rh_str record, uint64_t asked, struct live **out)
{
    struct rh_batch_builder batch;
    struct rh_buf snapshot;
    struct rh_live *live = NULL;
    struct job *j = NULL;
    int32_t rc = job_new(record, (struct rh_str){NULL, 0}, NULL, &j);

    rh_buf_init(&snapshot, SNAPSHOT_BYTES_MAX);
    if (rc == RH_OK)
        rc = first_snapshot(j, &snapshot);
    if (rc == RH_OK)
        rc = rh_lives_create(&p->lives, j, asked, p->config->keep_max, &batch, &live);
    else
        job_free(j);
    if (rc == RH_OK) {
        cmaes_store_put_spec(&batch, j, record);
        cmaes_store_put_status(&batch, j);
        cmaes_store_put_snapshot(&batch, &snapshot, j->spec.id);
        *out = (struct live *)live;
        jobs_commit(p, &batch, *out);
    }
    rh_buf_release(&snapshot);
    return rc;
}

/* Nobody waits for the rest of the generation: the queue is to let go of it. */
static void end_group(struct plugin *p, struct live *live, bool has_rest,
                      struct rh_batch_builder *batch)
{
    struct item_group *group = live->open;

    live->open = NULL;
    if (!group)
        return;
    if (!has_rest) {
        item_group_free(p, group);
        return;
    }
    group->live = NULL;
    group->is_awake = false;
    rh_work_group_cancel(&p->work, &group->work);
    cmaes_store_put_ended_group(batch, group->work.id);
}

static void put_event(struct plugin *p, const struct job *j, struct rh_batch_builder *batch)
{
    const struct search *s = j->search;
    struct rh_json_writer w;
    struct rh_buf json;

    rh_buf_init(&json, RECORD_BYTES_MAX);
    rh_json_init(&w, &json);
    rh_json_begin_object(&w);
    rh_json_kv_str(&w, "job_id", j->spec.id);
    rh_json_kv_strc(&w, "reason", stop_name(s->reason));
    rh_json_kv_int(&w, "generations", (int64_t)s->generations);
    rh_json_kv_int(&w, "evaluations", (int64_t)s->evaluations);
    if (s->has_best) {
        rh_json_kv_double(&w, "fitness", job_fitness(j, s->best_fitness));
        cmaes_reply_values(&w, "parameters", j, s->best_values);
    }
    rh_json_end_object(&w);
    if (rh_json_finish(&w) == RH_OK)
        rh_batch_event(batch, CMAES_COMPLETED, rh_buf_str(&json));
    else
        batch->rc = json.rc;
    rh_buf_release(&json);
    rh_log_info(&p->rh, "cmaes_completed",
                "job=%.*s reason=%s generations=%" PRIu64 " evaluations=%" PRIu64,
                RH_STR_ARG(j->spec.id), stop_name(s->reason), s->generations, s->evaluations);
}

/* The end of a generation, with the snapshot that was taken before the next one was drawn. */
static void put_generation(struct plugin *p, struct live *live, struct rh_batch_builder *batch,
                           const struct rh_buf *snapshot)
{
    const struct job *j = live->job;

    cmaes_store_put_row(batch, j->spec.id, &live->last);
    if (live->last.generation >= ROWS_KEPT)
        cmaes_store_delete_row(batch, j->spec.id, live->last.generation - ROWS_KEPT);
    cmaes_store_delete_reports(batch, j->spec.id);
    cmaes_store_put_snapshot(batch, snapshot, j->spec.id);
    cmaes_store_put_status(batch, j);
    if (j->status.state == JOB_RUNNING)
        return;
    cmaes_store_delete_live(batch, j->spec.id);
    put_event(p, j, batch);
}

void jobs_advance(struct plugin *p, struct live *live, struct rh_batch_builder *batch)
{
    struct rh_buf snapshot;
    int32_t rc;

    if (!job_is_due(live->job, wall_of(p)))
        return;
    rh_buf_init(&snapshot, SNAPSHOT_BYTES_MAX);
    rc = job_close(live->job, wall_of(p), &live->last, &snapshot);
    if (rc == RH_OK) {
        live->has_last = true;
        put_generation(p, live, batch, &snapshot);
        end_group(p, live, live->last.is_quorum, batch);
        rc = open_group(p, live);
    }
    rh_buf_release(&snapshot);
    if (rc == RH_OK)
        return;
    rh_log_error(&p->rh, "cmaes_generation_failed", "job=%.*s code=%d",
                 RH_STR_ARG(live->job->spec.id), (int)rc);
    batch->rc = rc; /* it is not committed, and memory is made anew from the store */
}

/* A job that has just ended without its result. */
static void put_early_end(struct plugin *p, struct live *live, struct rh_batch_builder *batch)
{
    const struct job *j = live->job;
    struct rh_buf snapshot;

    rh_buf_init(&snapshot, SNAPSHOT_BYTES_MAX);
    snapshot_encode(j->search, &snapshot);
    cmaes_store_delete_reports(batch, j->spec.id);
    cmaes_store_put_snapshot(batch, &snapshot, j->spec.id);
    cmaes_store_put_status(batch, j);
    cmaes_store_delete_live(batch, j->spec.id);
    end_group(p, live, true, batch);
    rh_buf_release(&snapshot);
}

void jobs_cancel(struct plugin *p, struct live *live)
{
    struct rh_batch_builder batch;

    rh_batch_begin(&batch, CMAES_NAMESPACE);
    job_cancel(live->job, wall_of(p));
    put_early_end(p, live, &batch);
    jobs_commit(p, &batch, live);
}

static void put_failure(struct plugin *p, const struct job *j, struct rh_batch_builder *batch)
{
    struct rh_json_writer w;
    struct rh_buf json;

    rh_buf_init(&json, RECORD_BYTES_MAX);
    rh_json_init(&w, &json);
    rh_json_begin_object(&w);
    rh_json_kv_str(&w, "job_id", j->spec.id);
    rh_json_kv_strc(&w, "reason", stop_name(j->search->reason));
    rh_json_kv_strc(&w, "error", j->status.error);
    rh_json_end_object(&w);
    if (rh_json_finish(&w) == RH_OK)
        rh_batch_event(batch, CMAES_FAILED, rh_buf_str(&json));
    else
        batch->rc = json.rc;
    rh_buf_release(&json);
    rh_log_error(&p->rh, "cmaes_failed", "job=%.*s %s", RH_STR_ARG(j->spec.id), j->status.error);
}

void jobs_fail(struct plugin *p, struct live *live, struct rh_str why)
{
    struct rh_batch_builder batch;

    rh_batch_begin(&batch, CMAES_NAMESPACE);
    job_fail(live->job, why, wall_of(p));
    put_early_end(p, live, &batch);
    put_failure(p, live->job, &batch);
    jobs_commit(p, &batch, live);
}

void jobs_check_deadlines(struct plugin *p)
{
    for (uint32_t i = 0; i < p->lives.count; i++) {
        struct live *live = (struct live *)p->lives.live[i];
        struct rh_batch_builder batch;

        if (!job_is_due(live->job, wall_of(p)))
            continue;
        rh_batch_begin(&batch, CMAES_NAMESPACE);
        jobs_advance(p, live, &batch);
        jobs_commit(p, &batch, live);
    }
}

int32_t jobs_rows(struct plugin *p, struct rh_str id, uint64_t before, uint32_t limit,
                  struct generation_row *rows, uint32_t *count)
{
    const struct live *live = (const struct live *)rh_lives_get(&p->lives, id);
    const int32_t rc = cmaes_store_rows(p, id, before, limit, rows, count);
    const bool is_ahead = rc == RH_OK && limit > 0 && live && live->has_last &&
                          live->last.generation < before &&
                          (*count == 0 || rows[0].generation < live->last.generation);

    if (!is_ahead)
        return rc;
    if (*count == limit)
        (*count)--;
    memmove(rows + 1, rows, *count * sizeof(*rows));
    rows[0] = live->last;
    (*count)++;
    return RH_OK;
}
