/* POST /cmaes/report: an answer of an evaluator is recorded once; a late one is only counted. */
#include "candidate.h"
#include "wire.h"

static int32_t reply(struct plugin *p, rh_req req, const struct report_req *report, bool accepted,
                     bool duplicate, bool late)
{
    struct rh_json_reply out;

    rh_json_reply_begin(&out);
    rh_json_kv_str(&out.w, "job_id", report->job_id);
    rh_json_kv_str(&out.w, "candidate_id", report->candidate_id);
    rh_json_kv_bool(&out.w, "accepted", accepted);
    rh_json_kv_bool(&out.w, "duplicate", duplicate);
    rh_json_kv_bool(&out.w, "late", late);
    return rh_json_reply_send(&out, &p->rh, req, 200);
}

static int32_t refuse(struct plugin *p, rh_req req, const char *field, const char *message)
{
    const struct rh_error error = {
        .size = (uint32_t)sizeof(error), .rc = RH_EINVAL, .message = message, .field = field};

    return p->rh.http->reply_error(p->rh.ctx, req, &error);
}

static int32_t put(struct plugin *p, rh_req req, struct live *live, const struct report_req *report,
                   uint32_t index)
{
    struct rh_batch_builder batch;

    job_put(live->job, index,
            (struct report){report->has_fitness ? REPORT_FITNESS : REPORT_ERROR, report->fitness});
    if (!report->has_fitness &&
        rh_str_copy(live->error, sizeof(live->error),
                    (struct rh_str){report->error.p, report->error.n < sizeof(live->error) - 1
                                                         ? report->error.n
                                                         : sizeof(live->error) - 1}) != RH_OK)
        live->error[0] = '\0';
    rh_batch_begin(&batch, CMAES_NAMESPACE);
    cmaes_store_put_report(&batch, live->job, index);
    jobs_advance(p, live, &batch);
    jobs_commit(p, &batch, live);
    return reply(p, req, report, true, false, false);
}

/* The row of its generation knows who was there in time, and who came since. */
static int32_t note_late(struct plugin *p, rh_req req, struct live *live,
                         const struct report_req *report, uint64_t generation, uint32_t index)
{
    const uint8_t bit = (uint8_t)(1u << index % 8);
    const bool is_last = live && live->has_last && live->last.generation == generation;
    struct rh_batch_builder batch;
    struct generation_row row;
    int32_t rc = RH_OK;

    if (is_last)
        row = live->last;
    else
        rc = cmaes_store_row(p, report->job_id, generation, &row);
    if (rc == RH_OK && index >= row.population)
        rc = RH_ENOTFOUND;
    if (rc == RH_ENOTFOUND)
        return rh_failf(&p->rh, rc, "no candidate \"%.*s\"", RH_STR_ARG(report->candidate_id));
    if (rc != RH_OK)
        return rc;
    if (row.seen[index / 8] & bit)
        return reply(p, req, report, false, true, false);
    row.seen[index / 8] |= bit;
    row.late++;
    if (is_last)
        live->last = row;
    rh_batch_begin(&batch, CMAES_NAMESPACE);
    cmaes_store_put_row(&batch, report->job_id, &row);
    jobs_commit(p, &batch, NULL);
    return reply(p, req, report, false, false, true);
}

static int32_t judge(struct plugin *p, rh_req req, struct live *live, const struct job *j,
                     const struct report_req *report)
{
    uint64_t generation = 0;
    uint32_t index = 0;

    if (candidate_id_read(report->candidate_id, &generation, &index) != RH_OK)
        return refuse(p, req, "candidate_id", "\"candidate_id\" must be \"<generation>/<index>\"");
    switch (job_judge(j, generation, index)) {
    case JOB_ANSWER_NEW:
        return j->spec.evaluate.n ? cmaes_relay_report(p, req, live, report, generation, index)
                                  : put(p, req, live, report, index);
    case JOB_ANSWER_SAME:
        return reply(p, req, report, false, true, false);
    case JOB_ANSWER_LATE:
        return note_late(p, req, live, report, generation, index);
    case JOB_ANSWER_UNKNOWN:
    default:
        return rh_failf(&p->rh, RH_ENOTFOUND, "no candidate \"%.*s\"",
                        RH_STR_ARG(report->candidate_id));
    }
}

int32_t cmaes_report_handle(struct plugin *p, rh_req req, const struct report_req *report)
{
    struct rh_found found;
    int32_t rc;

    if (report->has_fitness == report->has_error)
        return refuse(p, req, "fitness", "exactly one of \"fitness\" and \"error\" is required");
    rc = rh_lives_find(&p->lives, report->job_id, &found);
    if (rc != RH_OK)
        return rc;
    rc = judge(p, req, (struct live *)found.live, found.thing, report);
    rh_lives_release(&p->lives, &found);
    return rc;
}
