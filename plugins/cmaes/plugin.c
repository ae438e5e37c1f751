/* The cmaes plugin: tunes parameters by CMA-ES over the cluster. Tables and handlers; the thinking
 * is in the cores. */
#include <inttypes.h>
#include <stddef.h>

#include "wire.h"

#define ROWS_MAX        500
#define SWEEP_MS        60000
#define DEADLINE_MS     1000
#define GENERATIONS_MAX 1000000000
#define EVALUATIONS_MAX INT64_C(1000000000000)
#define DAY_S           86400
#define REPORT_ROUTE_MS 20000

struct status_req {
    struct rh_str job_id;
    int64_t before;
    int64_t limit;
};

struct ask_req {
    struct rh_str job_id;
    int64_t count;
};

struct cancel_req {
    struct rh_str job_id;
};

static int32_t handle_start(void *self, rh_req req, const void *fields);
static int32_t handle_status(void *self, rh_req req, const void *fields);
static int32_t handle_ask(void *self, rh_req req, const void *fields);
static int32_t handle_report(void *self, rh_req req, const void *fields);
static int32_t handle_list(void *self, rh_req req, const void *fields);
static int32_t handle_cancel(void *self, rh_req req, const void *fields);

/* A number whose absence means something. */
#define GIVEN_NUMBER(s, m, lo, hi, d)                                            \
    RH_FIELD_ROW_(s, m, RH_FIELD_NUMBER, .number_min = (lo), .number_max = (hi), \
                  .given_offset = 1 + (uint32_t)offsetof(s, has_##m), .doc = (d))

static const struct rh_field parameter_fields[] = {
    RH_TEXT(struct parameter_req, name, RH_REQUIRED, PARAMETER_NAME_SIZE - 1,
            "letters, digits, '_', '.', '-'"),
    GIVEN_NUMBER(struct parameter_req, initial, -PARAMETER_VALUE_MAX, PARAMETER_VALUE_MAX,
                 "where the search begins; default the middle of the bounds, or the value nearest "
                 "to 0"),
    GIVEN_NUMBER(struct parameter_req, lower, -PARAMETER_VALUE_MAX, PARAMETER_VALUE_MAX,
                 "smallest value; none when left out"),
    GIVEN_NUMBER(struct parameter_req, upper, -PARAMETER_VALUE_MAX, PARAMETER_VALUE_MAX,
                 "largest value; none when left out"),
    GIVEN_NUMBER(struct parameter_req, scale, 1e-30, 1e30,
                 "step of this parameter in units of sigma0; default 1, or the range when sigma0 "
                 "is left out"),
    RH_CHOICE(struct parameter_req, type, 0, "real", "real integer", "what its values are"),
};

static const struct rh_field stop_fields[] = {
    GIVEN_NUMBER(struct stop_req, target, -FITNESS_MAX, FITNESS_MAX,
                 "this fitness, or a better one"),
    RH_INT(struct stop_req, max_evaluations, 0, 0, EVALUATIONS_MAX, "answers; 0 = no limit"),
    RH_INT(struct stop_req, max_generations, 0, 0, GENERATIONS_MAX, "generations; 0 = no limit"),
    RH_NUMBER(struct stop_req, tolfun, 1e-11, 0.0, 1e300,
              "range of the fitness in a generation and in the history"),
    RH_NUMBER(struct stop_req, tolfunhist, 1e-12, 0.0, 1e300,
              "range of the best fitness in the history"),
    RH_NUMBER(struct stop_req, tolx, 1e-11, 0.0, 1e300, "all standard deviations"),
    RH_NUMBER(struct stop_req, condition, 1e14, 1.0, 1e300, "condition of the covariance"),
    RH_NUMBER(struct stop_req, sigma_growth, 1e3, 1.0, 1e300,
              "growth of a standard deviation over the first one"),
    RH_INT(struct stop_req, flat_generations, 1, 0, GENERATIONS_MAX,
           "flat generations, one after the other, that are allowed"),
};

static const struct rh_field evaluate_fields[] = {RH_WORK_ADD_ROWS(struct rh_work_add)};

static const struct rh_field start_fields[] = {
    RH_OBJECT_LIST(struct start_req, parameters, 0, DIMENSION_MAX, struct parameter_req,
                   parameter_fields, "what is tuned; or dimension"),
    RH_INT(struct start_req, dimension, 0, 0, DIMENSION_MAX,
           "that many real parameters x0, x1, ... instead of a list"),
    GIVEN_NUMBER(struct start_req, initial, -PARAMETER_VALUE_MAX, PARAMETER_VALUE_MAX,
                 "of each, with dimension"),
    GIVEN_NUMBER(struct start_req, lower, -PARAMETER_VALUE_MAX, PARAMETER_VALUE_MAX,
                 "of each, with dimension"),
    GIVEN_NUMBER(struct start_req, upper, -PARAMETER_VALUE_MAX, PARAMETER_VALUE_MAX,
                 "of each, with dimension"),
    RH_FIELD_ROW_(struct start_req, sigma0, RH_FIELD_NUMBER, .fallback = "0.3", .number_min = 1e-30,
                  .number_max = 1e30,
                  .given_offset = 1 + (uint32_t)offsetof(struct start_req, has_sigma0),
                  .doc = "first standard deviation, in units of each scale; default 0.3 of each "
                         "range"),
    RH_INT(struct start_req, population, 0, 0, POPULATION_MAX,
           "candidates of a generation, 4 or more; 0 = 4 + floor(3 ln n)"),
    RH_INT(struct start_req, max_generations, 0, 0, GENERATIONS_MAX, "same as in stop"),
    RH_FIELD_ROW_(struct start_req, seed, RH_FIELD_U64,
                  .given_offset = 1 + (uint32_t)offsetof(struct start_req, has_seed),
                  .doc = "makes the search repeatable; random when left out"),
    RH_CHOICE(struct start_req, goal, 0, "minimize", "minimize maximize",
              "whether small or large fitness is good"),
    RH_CHOICE(struct start_req, restarts, 0, "none", "none ipop bipop",
              "what follows a run that ended without success"),
    RH_INT(struct start_req, max_restarts, 9, 0, RESTARTS_MAX,
           "restarts with a doubled population"),
    RH_NUMBER(struct start_req, quorum, 0.9, 0.01, 1.0,
              "part of a generation that is enough at its deadline"),
    RH_INT(struct start_req, generation_timeout_s, 0, 0, 365 * DAY_S,
           "deadline of a generation; 0 = all are waited for"),
    RH_INT(struct start_req, ask_again_s, 60, 0, 365 * DAY_S,
           "after that an asked candidate may be given out again"),
    RH_OBJECT(struct start_req, stop, 0, struct stop_req, stop_fields, "when it is enough"),
    RH_FIELD_ROW_(struct start_req, evaluate, RH_FIELD_OBJECT,
                  RH_SUB_(struct rh_work_add, evaluate_fields),
                  .given_offset = 1 + (uint32_t)offsetof(struct start_req, has_evaluate),
                  .doc = "a work item as /work/add takes it, with {x.NAME} for parameters; without "
                         "it evaluators ask"),
    RH_TEXT(struct start_req, fitness_path, 0, 200,
            "where the result of an item has its fitness, \"totals.wins\"; default fitness, or "
            "the number that the command printed"),
    RH_TEXT(struct start_req, idempotency_key, 0, 200,
            "the same request again gives the same job; another one with this key is refused"),
};
static const struct rh_fields start_table = RH_FIELDS(struct start_req, start_fields);

static const struct rh_field status_fields[] = {
    RH_TEXT(struct status_req, job_id, 0, JOB_ID_SIZE - 1, "which one; default the newest"),
    RH_INT(struct status_req, before, 0, 0, INT64_C(9007199254740991),
           "only generations before this one; 0 = the newest"),
    RH_INT(struct status_req, limit, 20, 0, ROWS_MAX, "generations of the history"),
};

static const struct rh_field ask_fields[] = {
    RH_TEXT(struct ask_req, job_id, RH_REQUIRED, JOB_ID_SIZE - 1, "which one"),
    RH_INT(struct ask_req, count, 1, 1, POPULATION_MAX, "how many at most"),
};

static const struct rh_field report_fields[] = {
    RH_TEXT(struct report_req, job_id, RH_REQUIRED, JOB_ID_SIZE - 1, "which job"),
    RH_TEXT(struct report_req, candidate_id, RH_REQUIRED, 31, "which candidate"),
    RH_TEXT(struct report_req, claim_token, 0, 100, "of its claim, where it is a work item"),
    RH_FIELD_ROW_(struct report_req, fitness, RH_FIELD_NUMBER, .number_min = -FITNESS_MAX,
                  .number_max = FITNESS_MAX,
                  .given_offset = 1 + (uint32_t)offsetof(struct report_req, has_fitness),
                  .doc = "what it is worth; or error"),
    RH_FIELD_ROW_(struct report_req, error, RH_FIELD_STRING, .min = 1, .max = 4096,
                  .given_offset = 1 + (uint32_t)offsetof(struct report_req, has_error),
                  .doc = "why it has no fitness"),
};

static const struct rh_field list_fields[] = {
    RH_LIVES_LIST_ROWS(JOB_ID_SIZE - 1),
};

static const struct rh_field cancel_fields[] = {
    RH_TEXT(struct cancel_req, job_id, RH_REQUIRED, JOB_ID_SIZE - 1, "which one"),
};

static const struct rh_route routes[] = {
    RH_ROUTE("POST", "/cmaes/start", RH_OPERATOR, RH_LEADER,
             RH_FIELDS(struct start_req, start_fields), handle_start, "Tune parameters."),
    RH_ROUTE("GET", "/cmaes/status", RH_READ, RH_LEADER | RH_IDEMPOTENT,
             RH_FIELDS(struct status_req, status_fields), handle_status,
             "Where a job stands: best, mean, step size, history."),
    RH_ROUTE("POST", "/cmaes/ask", RH_WORKER, RH_LEADER, RH_FIELDS(struct ask_req, ask_fields),
             handle_ask, "Candidates to evaluate, of a job without work items."),
    RH_ROUTE_WITH("POST", "/cmaes/report", RH_WORKER, RH_LEADER | RH_IDEMPOTENT,
                  RH_FIELDS(struct report_req, report_fields), handle_report,
                  "What a candidate is worth.", .timeout_ms = REPORT_ROUTE_MS),
    RH_ROUTE("GET", "/cmaes/list", RH_READ, RH_LEADER | RH_IDEMPOTENT,
             RH_FIELDS(struct rh_lives_list, list_fields), handle_list, "Jobs, the newest first."),
    RH_ROUTE("POST", "/cmaes/cancel", RH_OPERATOR, RH_LEADER | RH_IDEMPOTENT,
             RH_FIELDS(struct cancel_req, cancel_fields), handle_cancel,
             "End a job and cancel its work items."),
};

static int32_t reply_created(struct plugin *p, rh_req req, struct rh_str id, bool is_duplicate)
{
    struct rh_json_reply reply;

    rh_json_reply_begin(&reply);
    rh_json_kv_str(&reply.w, "job_id", id);
    if (is_duplicate)
        rh_json_kv_bool(&reply.w, "duplicate", true);
    return rh_json_reply_send(&reply, &p->rh, req, is_duplicate ? 200 : 201);
}

static int32_t handle_start(void *self, rh_req req, const void *fields)
{
    struct plugin *p = self;
    const struct start_req *start = fields;
    const struct rh_request_key request = {
        .key = start->idempotency_key,
        .asked = rh_request_asked(&start_table, start, RH_DIGEST_GIVEN)};
    struct live *live = NULL;
    struct rh_buf record;
    char id[RH_STORE_ID_SIZE];
    bool is_answered = false;
    int32_t rc = rh_lives_find_request(&p->lives, &request, id);

    if (rc == RH_OK)
        return reply_created(p, req, rh_str_from(id), true);
    if (rc == RH_ECONFLICT)
        return rh_request_refuse(&p->rh, req, "", request.key, rh_str_from(id));
    if (rc != RH_ENOTFOUND)
        return rc; /* whether there is one already is not known */
    rh_buf_init(&record, RECORD_BYTES_MAX);
    rc = cmaes_start_record(p, req, start, &record, &is_answered);
    if (rc == RH_OK && !is_answered)
        rc = jobs_create(p, rh_buf_str(&record), request.asked, &live);
    rh_buf_release(&record);
    if (rc != RH_OK || is_answered)
        return rc;
    rh_log_info(&p->rh, "cmaes_started", "job=%.*s dimension=%" PRIu32 " population=%" PRIu32,
                RH_STR_ARG(live->job->spec.id), live->job->spec.search.dimension,
                live->job->spec.search.population);
    return reply_created(p, req, live->job->spec.id, false);
}

static int32_t handle_status(void *self, rh_req req, const void *fields)
{
    struct plugin *p = self;
    const struct status_req *asked = fields;
    const uint64_t before = asked->before ? (uint64_t)asked->before : UINT64_MAX;
    struct rh_json_reply reply;
    struct generation_row rows[ROWS_MAX];
    struct rh_found found;
    struct job *j;
    uint32_t count = 0;
    int32_t rc = rh_lives_find_or_newest(&p->lives, asked->job_id, &found);

    if (rc != RH_OK)
        return rc;
    j = found.thing;
    if (!found.live)
        (void)cma_decompose(j->search->cma); /* for its condition; null if it has none */
    rc = jobs_rows(p, j->spec.id, before, (uint32_t)asked->limit, rows, &count);
    if (rc == RH_OK) {
        rh_json_reply_begin(&reply);
        cmaes_reply_status(&reply.w, j, (const struct live *)found.live);
        cmaes_reply_rows(&reply.w, rows, count);
        rc = rh_json_reply_send(&reply, &p->rh, req, 200);
    }
    rh_lives_release(&p->lives, &found);
    return rc;
}

static int32_t handle_ask(void *self, rh_req req, const void *fields)
{
    struct plugin *p = self;
    const struct ask_req *asked = fields;
    uint32_t indexes[POPULATION_MAX];
    struct rh_json_reply reply;
    struct rh_found found;
    struct job *j;
    uint32_t count = 0;
    int32_t rc = rh_lives_find(&p->lives, asked->job_id, &found);

    if (rc != RH_OK)
        return rc;
    j = found.thing;
    if (j->spec.evaluate.n) {
        rc = rh_reply_errorf(&p->rh, req, RH_ECONFLICT, "dispatched",
                             "the candidates of job \"%.*s\" are work items: claim them",
                             RH_STR_ARG(j->spec.id));
    } else {
        count = job_ask(j, p->rh.core->now_ms(p->rh.ctx), (uint32_t)asked->count, indexes);
        rh_json_reply_begin(&reply);
        cmaes_reply_candidates(&reply.w, j, indexes, count);
        rc = rh_json_reply_send(&reply, &p->rh, req, 200);
    }
    rh_lives_release(&p->lives, &found);
    return rc;
}

static int32_t handle_report(void *self, rh_req req, const void *fields)
{
    return cmaes_report_handle(self, req, fields);
}

static int32_t handle_list(void *self, rh_req req, const void *fields)
{
    return rh_lives_reply_list(&((struct plugin *)self)->lives, req, fields);
}

static int32_t handle_cancel(void *self, rh_req req, const void *fields)
{
    struct plugin *p = self;
    const struct cancel_req *asked = fields;
    struct rh_json_reply reply;
    struct rh_found found;
    const struct job *j;
    int32_t rc = rh_lives_find(&p->lives, asked->job_id, &found);

    if (rc != RH_OK)
        return rc;
    j = found.thing;
    if (found.live && j->status.state == JOB_RUNNING)
        jobs_cancel(p, (struct live *)found.live);
    if (j->status.state != JOB_CANCELLED) {
        rc = rh_failf(&p->rh, RH_ECONFLICT, "job \"%.*s\" is %s", RH_STR_ARG(j->spec.id),
                      job_state_name(j->status.state));
    } else {
        rh_json_reply_begin(&reply);
        cmaes_reply_summary(&reply.w, j);
        rc = rh_json_reply_send(&reply, &p->rh, req, 200);
    }
    rh_lives_release(&p->lives, &found);
    return rc;
}

static const struct rh_field config_fields[] = {
    RH_DURATION(struct cmaes_config, poll_interval, "1s", 50, 60000,
                "how often the queue is asked about running jobs"),
    RH_INT(struct cmaes_config, live_max, 16, 1, LIVE_MAX, "jobs that run at once"),
    RH_INT(struct cmaes_config, keep_max, 200, 1, 100000,
           "jobs that are kept; the oldest finished ones go first"),
};

static const struct rh_namespace namespaces[] = {
    {.size = (uint32_t)sizeof(struct rh_namespace),
     .flags = RH_NS_REPLICATED,
     .name = CMAES_NAMESPACE,
     .schema_read_min = 1,
     .schema_write = 1},
};

static int32_t run_reconcile(void *self)
{
    struct plugin *p = self;

    rh_work_groups_sweep(&p->work);
    return RH_OK;
}

static int32_t run_deadlines(void *self)
{
    jobs_check_deadlines(self);
    return RH_OK;
}

static const struct rh_loop loops[] = {
    {.size = (uint32_t)sizeof(struct rh_loop),
     .flags = RH_LEADER,
     .name = "cmaes_reconcile",
     .doc = "Compares every running job with the queue and adds candidates that have no item.",
     .interval_ms = SWEEP_MS,
     .jitter_ms = SWEEP_MS / 12,
     .run = run_reconcile},
    {.size = (uint32_t)sizeof(struct rh_loop),
     .flags = RH_LEADER,
     .name = "cmaes_deadlines",
     .doc = "Ends generations whose deadline is past and whose quorum is there.",
     .interval_ms = DEADLINE_MS,
     .run = run_deadlines},
};

static int32_t reconfigure(void *self, const void *config)
{
    struct plugin *p = self;

    p->config = config;
    rh_work_groups_interval(&p->work, p->config->poll_interval);
    return RH_OK;
}

static int32_t create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                      const void *config)
{
    struct plugin *p = self;

    rh_services_init(&p->rh, ctx, host);
    rh_lives_init(&p->lives, &p->rh, &cmaes_lives_owner, p);
    rh_work_groups_init(&p->work, &p->rh, &cmaes_work_owner, p,
                        ((const struct cmaes_config *)config)->poll_interval);
    return reconfigure(p, config);
}

static int32_t activate(void *self, uint64_t epoch)
{
    (void)epoch;
    return jobs_load(self);
}

static void deactivate(void *self)
{
    jobs_drop(self);
}

static const char *const services[] = {RH_CORE_ID, RH_FIELDS_ID, RH_HTTP_ID, RH_STATE_ID};
static const char *const after[] = {"work_queue"};

static const struct rh_plugin descriptor = {
    RH_PLUGIN_HEAD(struct plugin, "cmaes", "0.1.0"),
    .summary = "Tunes parameters by CMA-ES; candidates are work items spread over the cluster.",
    .license = "Apache-2.0",
    RH_LIST_OF(services, service),
    .after = after,
    .after_count = 1,
    .config = RH_FIELDS(struct cmaes_config, config_fields),
    RH_TABLE(namespaces, namespace),
    RH_TABLE(routes, route),
    RH_TABLE(loops, loop),
    .create = create,
    .activate = activate,
    .deactivate = deactivate,
    .reconfigure = reconfigure,
    .destroy = deactivate,
};

RH_PLUGIN_ENTRY("cmaes", "0.1.0", descriptor)
