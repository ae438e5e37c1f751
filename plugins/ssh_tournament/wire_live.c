/* Runs in memory: taken from the store, made, changed, and dropped again once the store shows their
 * end. */
#include "wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

/* The store shows them now. */
static void tails_free(struct live *live)
{
    for (uint32_t i = 0; i < live->run->spec.match_count && live->flights; i++) {
        free(live->flights[i].tail);
        live->flights[i].tail = NULL;
    }
}

static void live_free(struct plugin *p, struct live *live)
{
    tails_free(live);
    for (uint32_t i = 0; i < live->run->spec.host_count; i++)
        if (live->hosts[i])
            host_leave(p, live->hosts[i]);
    run_free(live->run);
    free(live->flights);
    free(live);
}

static void count_outputs(struct live *live)
{
    for (uint32_t i = 0; i < live->run->spec.match_count; i++) {
        const int64_t bytes = live->run->matches[i].output_bytes;

        live->stored_bytes += bytes > (int64_t)TAIL_MAX ? bytes : 0;
    }
}

int32_t live_add(struct plugin *p, struct run *run, struct live **out)
{
    struct live *live = calloc(1, sizeof(*live));
    int32_t rc = live ? RH_OK : RH_ENOMEM;

    if (!live) {
        run_free(run);
        return rc;
    }
    live->run = run;
    live->flights = calloc(run->spec.match_count, sizeof(*live->flights));
    if (!live->flights)
        rc = RH_ENOMEM;
    if (rc == RH_OK && p->live_count == LIVE_MAX)
        rc = RH_EFULL;
    for (uint32_t i = 0; i < run->spec.host_count && rc == RH_OK; i++) {
        live->hosts[i] = host_enter(p, &run->spec.hosts[i]);
        if (!live->hosts[i])
            rc = RH_EFULL;
    }
    if (rc == RH_OK)
        rc = runs_joblog_next(p, run->spec.id, &live->joblog_next);
    if (rc != RH_OK) {
        live_free(p, live);
        return rc;
    }
    count_outputs(live);
    p->live[p->live_count++] = live;
    *out = live;
    return RH_OK;
}

/* Attempts that were under way go on counting until they are adopted or given up. */
static void count_running(struct plugin *p, struct live *live)
{
    for (uint32_t i = 0; i < live->run->spec.match_count; i++) {
        if (live->run->matches[i].state != MATCH_RUNNING)
            continue;
        live->hosts[live->run->matches[i].host]->running++;
        live->flights[i].begun_ms = ssh_now(p);
        p->running++;
    }
}

int32_t lives_load(struct plugin *p)
{
    char ids[LIVE_MAX][RUN_ID_SIZE];
    uint32_t count = 0;
    int32_t rc = runs_scan(p, ids, &count);

    for (uint32_t i = 0; i < count && rc == RH_OK; i++) {
        struct run *run = NULL;
        struct live *live = NULL;

        rc = runs_open(p, rh_str_from(ids[i]), &run);
        if (rc == RH_OK)
            rc = live_add(p, run, &live);
        if (rc == RH_OK)
            count_running(p, live);
    }
    if (rc != RH_OK)
        lives_drop(p);
    return rc;
}

void lives_drop(struct plugin *p)
{
    for (uint32_t i = 0; i < p->live_count; i++)
        live_free(p, p->live[i]);
    p->live_count = 0;
    p->running = 0;
    hosts_drop(p);
}

struct live *live_find(const struct plugin *p, struct rh_str id)
{
    for (uint32_t i = 0; i < p->live_count; i++)
        if (rh_str_eq(p->live[i]->run->spec.id, id))
            return p->live[i];
    return NULL;
}

struct live *live_by_number(const struct plugin *p, uint64_t number)
{
    for (uint32_t i = 0; i < p->live_count; i++)
        if (p->live[i]->run->spec.number == number)
            return p->live[i];
    return NULL;
}

/* Only now does the store show the end of what is dropped from memory. */
static void on_durable(void *self, void *user, int32_t rc, uint64_t revision)
{
    struct plugin *p = self;
    const uint64_t number = (uint64_t)(uintptr_t)user;
    uint32_t count = 0;

    (void)revision;
    if (rc != RH_OK || !p->is_active)
        return; /* the host activates the plugin anew, from the store */
    rh_rated_kick(&p->rated);
    for (uint32_t i = 0; i < p->live_count; i++) {
        struct live *live = p->live[i];

        if (live->run->spec.number == number && --live->unrecorded == 0)
            tails_free(live);
        if (live->run->spec.number == number && live->unrecorded == 0 &&
            run_state_is_over(live->run->status.state)) {
            ssh_tell_end(p, live->run);
            live_free(p, live);
        } else {
            p->live[count++] = live;
        }
    }
    p->live_count = count;
    ssh_kick(p);
}

void live_commit(struct plugin *p, struct rh_batch_builder *batch, struct live *live)
{
    live->unrecorded++;
    if (rh_batch_commit(batch, &p->rh, on_durable, (void *)(uintptr_t)live->run->spec.number) !=
        RH_OK)
        p->rh.core->reactivate(p->rh.ctx, "a change of a run could not be recorded");
}

int32_t live_create(struct plugin *p, struct rh_str record, struct live **out)
{
    struct rh_batch_builder batch;
    struct run *run = NULL;
    struct live *live = NULL;
    int32_t rc = record_run_new(record, &run);

    if (rc == RH_OK)
        rc = live_add(p, run, &live);
    if (rc != RH_OK)
        return rc;
    p->last_number = run->spec.number;
    rh_batch_begin(&batch, SSH_NAMESPACE);
    runs_prune(p, &batch);
    runs_put_new(&batch, run, record);
    p->kept++;
    live_commit(p, &batch, live);
    *out = live;
    return RH_OK;
}

void live_cancel(struct plugin *p, struct live *live)
{
    struct rh_batch_builder batch;

    run_cancel(live->run);
    (void)run_settle(live->run, ssh_wall(p)); /* nothing runs: it is over at once */
    rh_batch_begin(&batch, SSH_NAMESPACE);
    runs_put_summary(&batch, live->run);
    live_commit(p, &batch, live);
    attempts_end(p, live);
}

int32_t live_resume(struct plugin *p, struct run *run, struct live **out)
{
    struct rh_batch_builder batch;
    struct live *live = NULL;
    int32_t rc;

    if (!run_resume(run)) {
        run_free(run);
        return rh_failf(&p->rh, RH_ECONFLICT, "every match of the run is ok already");
    }
    rc = live_add(p, run, &live);
    if (rc != RH_OK)
        return rc;
    rh_batch_begin(&batch, SSH_NAMESPACE);
    runs_put_summary(&batch, run);
    for (uint32_t i = 0; i < run->spec.match_count; i++)
        if (run->matches[i].state == MATCH_PENDING)
            runs_put_match(&batch, run, i);
    live_commit(p, &batch, live);
    *out = live;
    return RH_OK;
}
