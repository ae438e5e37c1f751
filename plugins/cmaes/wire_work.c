/* Candidates that are work items: how they are written, and what their ends mean. */
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "members.h"
#include "candidate.h"
#include "wire.h"

/* An item with everything put in. Bytes. */
#define ITEM_BYTES_MAX (2u * EVALUATE_BYTES_MAX)

static struct item_group *group_of(const struct rh_work_group *work)
{
    return (struct item_group *)(void *)((char *)(uintptr_t)work -
                                         offsetof(struct item_group, work));
}

void item_group_free(struct plugin *p, struct item_group *group)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < p->group_count; i++) {
        if (p->groups[i] != group)
            p->groups[count++] = p->groups[i];
    }
    p->group_count = count;
    rh_work_group_remove(&p->work, &group->work);
    free(group);
}

static uint32_t wanted(void *self, const struct rh_work_group *work, uint32_t from)
{
    const struct live *live = group_of(work)->live;
    uint32_t index;

    (void)self;
    if (!live)
        return RH_WORK_NONE;
    index = job_missing(live->job, from);
    return index < job_population(live->job) ? index : RH_WORK_NONE;
}

/* The payload of the template with "parameters" in front. */
static void write_payload(struct rh_json_writer *w, const struct job *j, const double *values,
                          struct rh_str payload)
{
    struct member member;
    size_t offset = 0;

    rh_json_key(w, "payload");
    rh_json_begin_object(w);
    cmaes_reply_values(w, "parameters", j, values);
    while (members_next(payload, &offset, &member)) {
        rh_json_key_str(w, member.key);
        rh_json_raw(w, member.value);
    }
    rh_json_end_object(w);
}

static void write_members(struct rh_json_writer *w, const struct job *j, const double *values,
                          struct rh_str item)
{
    struct rh_str payload = {NULL, 0};
    struct member member;
    size_t offset = 0;

    while (members_next(item, &offset, &member)) {
        if (rh_str_eq_c(member.key, "payload")) {
            payload = member.value;
            continue;
        }
        rh_json_key_str(w, member.key);
        rh_json_raw(w, member.value);
    }
    write_payload(w, j, values, payload);
}

static void write(void *self, const struct rh_work_group *work, uint32_t index,
                  struct rh_json_writer *w)
{
    const struct job *j = group_of(work)->live->job;
    double values[DIMENSION_MAX];
    const struct candidate candidate = {.parameters = j->spec.search.parameters,
                                        .values = values,
                                        .count = j->spec.search.dimension,
                                        .job_id = j->spec.id,
                                        .generation = job_generation(j),
                                        .index = index};
    struct rh_buf item;

    (void)self;
    rh_buf_init(&item, ITEM_BYTES_MAX);
    search_values(j->search, index, values);
    candidate_expand(j->spec.evaluate, &candidate, &item);
    if (item.rc == RH_OK)
        write_members(w, j, values, rh_buf_str(&item));
    else
        w->rc = item.rc;
    rh_buf_release(&item);
}

static void note_error(struct live *live, struct rh_str text)
{
    const size_t n = text.n < JOB_ERROR_SIZE - 1 ? text.n : JOB_ERROR_SIZE - 1;

    memset(live->error, 0, sizeof(live->error));
    if (n)
        memcpy(live->error, text.p, n);
}

/* The number at a path of the result; false when there is none that can be a fitness. */
static bool read_fitness(struct rh_str result, struct rh_str path, double *fitness)
{
    double value = 0.0;

    if (rh_parse_f64(members_at(result, path), &value) != RH_OK || fabs(value) > FITNESS_MAX)
        return false;
    *fitness = value;
    return true;
}

static struct report report_of(struct live *live, const struct rh_work_item *item)
{
    const struct rh_str path = live->job->spec.fitness_path;
    struct report report = {REPORT_FITNESS, 0.0};
    bool is_read;

    if (item->end != RH_WORK_DONE) {
        note_error(live, item->error.n ? item->error : RH_STR_LIT("the work item was cancelled"));
        return (struct report){REPORT_ERROR, 0.0};
    }
    if (path.n)
        is_read = read_fitness(item->result, path, &report.fitness);
    else /* by name, or the number that a command printed */
        is_read = read_fitness(item->result, RH_STR_LIT("fitness"), &report.fitness) ||
                  read_fitness(item->result, RH_STR_LIT("value"), &report.fitness);
    if (is_read)
        return report;
    note_error(live, RH_STR_LIT("the result of the work item has no number as its fitness"));
    return (struct report){REPORT_ERROR, 0.0};
}

static void take(void *self, struct rh_work_group *work, const struct rh_work_item *item)
{
    struct plugin *p = self;
    struct live *live = group_of(work)->live;

    if (!live || job_judge(live->job, job_generation(live->job), item->index) != JOB_ANSWER_NEW)
        return;
    job_put(live->job, item->index, report_of(live, item));
    rh_batch_continue(&p->batch, CMAES_NAMESPACE);
    cmaes_store_put_report(&p->batch, live->job, item->index);
}

static void taken(void *self, struct rh_work_group *work)
{
    struct plugin *p = self;
    struct live *live = group_of(work)->live;

    if (!rh_batch_is_begun(&p->batch) || !live)
        return;
    jobs_advance(p, live, &p->batch);
    jobs_commit(p, &p->batch, live);
}

static void settled(void *self, struct rh_work_group *work)
{
    struct plugin *p = self;
    struct rh_batch_builder batch;

    rh_batch_begin(&batch, CMAES_NAMESPACE);
    cmaes_store_delete_ended_group(&batch, work->id);
    item_group_free(p, group_of(work));
    jobs_commit(p, &batch, NULL);
}

/* An ended generation wants nothing of the queue that it could refuse. */
static void refused(void *self, struct rh_work_group *work, struct rh_str why)
{
    struct live *live = group_of(work)->live;

    if (live)
        jobs_fail(self, live, why);
}

const struct rh_work_owner cmaes_work_owner = {
    .name = "cmaes",
    .wanted = wanted,
    .write = write,
    .take = take,
    .taken = taken,
    .settled = settled,
    .refused = refused,
};
