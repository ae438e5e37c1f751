/* Turns a request for a job into its record, or answers why not; it starts nothing. */
#include <inttypes.h>
#include <math.h>
#include <ringhost/sdk/json_depth.h>
#include <ringhost/sdk/json_writer.h>
#include <ringhost/sdk/work_input.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "members.h"
#include "candidate.h"
#include "wire.h"

#define TEXT_SIZE 300u

/* A request under examination; the first refusal stays. */
struct exam {
    struct plugin *p;
    const struct start_req *start;
    struct job_spec *spec;
    int32_t rc; /* RH_OK while nothing is wrong */
    const char *field;
    char text[TEXT_SIZE];
};

static void refuse(struct exam *e, int32_t rc, const char *field, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static void refuse(struct exam *e, int32_t rc, const char *field, const char *format, ...)
{
    va_list args;

    if (e->rc != RH_OK)
        return;
    e->rc = rc;
    e->field = field;
    va_start(args, format);
    (void)vsnprintf(e->text, sizeof(e->text), format, args); /* it may be cut: it is for people */
    va_end(args);
}

/* Without sigma0 the step is a part of each range: ranges are then the scales. */
static double scale_of(const struct start_req *start, double lower, double upper)
{
    return !start->has_sigma0 && isfinite(lower) && isfinite(upper) && upper > lower ? upper - lower
                                                                                     : 1.0;
}

static double initial_of(double lower, double upper, bool is_integer)
{
    const double middle = lower + (upper - lower) / 2.0;

    if (isfinite(lower) && isfinite(upper))
        return is_integer ? floor(middle) : middle;
    if (isfinite(lower))
        return lower > 0.0 ? lower : 0.0;
    return isfinite(upper) && upper < 0.0 ? upper : 0.0;
}

static void read_parameter(struct exam *e, const struct parameter_req *from, struct parameter *to)
{
    to->lower = from->has_lower ? from->lower : -INFINITY;
    to->upper = from->has_upper ? from->upper : INFINITY;
    to->is_integer = rh_str_eq_c(from->type, "integer");
    to->initial =
        from->has_initial ? from->initial : initial_of(to->lower, to->upper, to->is_integer);
    to->scale = from->has_scale ? from->scale : scale_of(e->start, to->lower, to->upper);
    if (!space_name_is_good(from->name) ||
        rh_str_copy(to->name, sizeof(to->name), from->name) != RH_OK)
        to->name[0] = '\0'; /* space_check refuses it */
}

static void read_parameters(struct exam *e)
{
    const struct rh_list *list = &e->start->parameters;
    struct search_spec *search = &e->spec->search;

    search->dimension = list->count;
    for (uint32_t i = 0; i < list->count; i++) {
        const char *at = (const char *)list->items + (size_t)i * list->stride;

        read_parameter(e, (const struct parameter_req *)(const void *)at, &search->parameters[i]);
    }
}

static void make_parameters(struct exam *e)
{
    const struct start_req *start = e->start;
    struct search_spec *search = &e->spec->search;
    struct parameter_req same = {.initial = start->initial,
                                 .lower = start->lower,
                                 .upper = start->upper,
                                 .type = RH_STR_LIT("real"),
                                 .has_initial = start->has_initial,
                                 .has_lower = start->has_lower,
                                 .has_upper = start->has_upper};

    search->dimension = (uint32_t)start->dimension;
    for (uint32_t i = 0; i < search->dimension; i++) {
        char name[PARAMETER_NAME_SIZE];

        (void)snprintf(name, sizeof(name), "x%" PRIu32, i); /* it fits */
        same.name = rh_str_from(name);
        read_parameter(e, &same, &search->parameters[i]);
    }
}

static void read_space(struct exam *e)
{
    const struct search_spec *search = &e->spec->search;
    enum space_problem problem;
    uint32_t index = 0;

    if ((e->start->parameters.count > 0) == (e->start->dimension > 0)) {
        refuse(e, RH_EINVAL, "parameters", "either \"parameters\" or \"dimension\" is required");
        return;
    }
    if (e->start->dimension > 0)
        make_parameters(e);
    else
        read_parameters(e);
    problem = space_check(search->parameters, search->dimension, &index);
    if (problem != SPACE_OK)
        refuse(e, RH_EINVAL, "parameters", "parameter %" PRIu32 " (\"%s\"): %s", index,
               search->parameters[index].name, space_problem_text(problem));
}

static void read_rules(struct exam *e)
{
    const struct stop_req *stop = &e->start->stop;
    const int64_t generations =
        stop->max_generations ? stop->max_generations : e->start->max_generations;

    if (stop->max_generations && e->start->max_generations &&
        stop->max_generations != e->start->max_generations)
        refuse(e, RH_EINVAL, "max_generations",
               "\"max_generations\" and \"stop.max_generations\" contradict each other");
    /* The search minimises. */
    e->spec->search.rules = (struct stop_rules){
        .has_target = stop->has_target != 0,
        .target = e->spec->is_maximize ? -stop->target : stop->target,
        .evaluations_max = (uint64_t)stop->max_evaluations,
        .generations_max = (uint64_t)generations,
        .tolfun = stop->tolfun,
        .tolfunhist = stop->tolfunhist,
        .tolx = stop->tolx,
        .condition_max = stop->condition,
        .sigma_growth_max = stop->sigma_growth,
        .flat_max = (uint32_t)stop->flat_generations,
    };
}

static void read_search(struct exam *e)
{
    const struct start_req *start = e->start;
    struct search_spec *search = &e->spec->search;

    if (start->population && start->population < (int64_t)POPULATION_MIN)
        refuse(e, RH_EINVAL, "population", "\"population\" must be 0 or an integer in [%u, %u]",
               POPULATION_MIN, POPULATION_MAX);
    search->population = start->population ? (uint32_t)start->population
                                           : strategy_default_population(search->dimension);
    search->sigma = start->sigma0;
    search->seed = start->has_seed ? start->seed : e->p->rh.core->random(e->p->rh.ctx);
    search->restart = RESTART_NONE;
    for (uint32_t i = 0; i < RESTART_KINDS; i++) {
        if (rh_str_eq_c(start->restarts, restart_name((enum restart_kind)i)))
            search->restart = (enum restart_kind)i;
    }
    search->doublings_max = (uint32_t)start->max_restarts;
}

static bool has_member(struct rh_str object, const char *key)
{
    struct member member;
    size_t offset = 0;

    while (members_next(object, &offset, &member)) {
        if (rh_str_eq_c(member.key, key))
            return true;
    }
    return false;
}

static void check_names(struct exam *e, const char *field, const struct rh_str_list *names)
{
    for (uint32_t i = 0; i < names->count; i++) {
        if (names->items[i].n == 0 || names->items[i].n > RH_WORK_NAME_MAX)
            refuse(e, RH_EINVAL, field, "\"%s\" has a name of 0 or over %d bytes", field,
                   RH_WORK_NAME_MAX);
    }
}

/* Candidates are added some at a time, so a place in the batch says nothing. */
static void check_depends(struct exam *e, const struct rh_str_list *names)
{
    for (uint32_t i = 0; i < names->count; i++) {
        if (rh_str_starts_with(names->items[i], RH_STR_LIT("#")))
            refuse(e, RH_EINVAL, "evaluate.depends_on",
                   "\"evaluate.depends_on\" must not name places in a batch");
    }
}

/* The longest that the payload gets: each name and value is put in once by us, and wherever the
 * template says so. */
static size_t payload_size(const struct exam *e)
{
    const struct search_spec *search = &e->spec->search;
    size_t size = e->start->evaluate.payload.n + sizeof("\"parameters\":{},");

    for (uint32_t i = 0; i < search->dimension; i++)
        size += strlen(search->parameters[i].name) + sizeof("\"\":,") + RH_JSON_DOUBLE_SIZE;
    return size;
}

static void check_files(struct exam *e, const struct rh_work_add *evaluate)
{
    struct rh_work_input input;

    for (uint32_t i = 0; i < evaluate->inputs.count; i++)
        if (rh_work_input_parse(evaluate->inputs.items[i], &input) != RH_OK)
            refuse(e, RH_EINVAL, "evaluate.inputs",
                   "\"evaluate.inputs\" must be NAME=SHA256 or NAME=SHA256:MODE each");
    for (uint32_t i = 0; i < evaluate->outputs.count; i++)
        if (!rh_work_file_name_is_good(evaluate->outputs.items[i]))
            refuse(e, RH_EINVAL, "evaluate.outputs",
                   "\"evaluate.outputs\" must be plain names of files");
}

/* What its table of fields cannot say. What only the queue can know is left to it. */
static void check_evaluate(struct exam *e)
{
    const struct rh_work_add *evaluate = &e->start->evaluate;
    const struct search_spec *search = &e->spec->search;
    const struct rh_str text = e->spec->evaluate;
    const struct rh_str unknown = candidate_unknown(text, search->parameters, search->dimension);

    if (text.n == 0)
        refuse(e, RH_EINVAL, "evaluate", "the key \"evaluate\" must be written without escapes");
    if (text.n > EVALUATE_BYTES_MAX)
        refuse(e, RH_ETOOLARGE, "evaluate", "\"evaluate\" is larger than %u bytes",
               EVALUATE_BYTES_MAX);
    if (evaluate->work_type.n == 0)
        refuse(e, RH_EINVAL, "evaluate.work_type", "\"evaluate.work_type\" is required");
    if (evaluate->group.n)
        refuse(e, RH_EINVAL, "evaluate.group",
               "\"evaluate.group\" must be left out: each generation has its own");
    if (evaluate->idempotency_key.n)
        refuse(e, RH_EINVAL, "evaluate.idempotency_key",
               "\"evaluate.idempotency_key\" must be left out: each candidate has its own");
    check_names(e, "evaluate.requires", &evaluate->requires);
    check_files(e, evaluate);
    check_depends(e, &evaluate->depends_on);
    if (payload_size(e) > RH_WORK_PAYLOAD_MAX)
        refuse(e, RH_ETOOLARGE, "evaluate.payload",
               "\"evaluate.payload\" with its parameters is larger than %d bytes",
               RH_WORK_PAYLOAD_MAX);
    if (rh_json_depth(evaluate->payload) > RH_WORK_DEPTH_MAX)
        refuse(e, RH_EINVAL, "evaluate.payload", "\"evaluate.payload\" is nested more than %d deep",
               RH_WORK_DEPTH_MAX);
    if (has_member(evaluate->payload, "parameters"))
        refuse(e, RH_EINVAL, "evaluate.payload",
               "\"evaluate.payload.parameters\" is where each candidate's parameters go");
    if (unknown.n)
        refuse(e, RH_EINVAL, "evaluate", "\"{%.*s}\" is no parameter", RH_STR_ARG(unknown));
}

static void examine(struct exam *e)
{
    const struct start_req *start = e->start;
    struct job_spec *spec = e->spec;

    spec->fitness_path = start->fitness_path;
    spec->idempotency_key = start->idempotency_key;
    spec->is_maximize = rh_str_eq_c(start->goal, "maximize");
    spec->quorum = start->quorum;
    spec->generation_timeout_ms = start->generation_timeout_s * 1000;
    spec->ask_again_ms = start->ask_again_s * 1000;
    spec->created_at_ms = e->p->rh.core->wall_ms(e->p->rh.ctx);
    read_space(e);
    if (e->rc != RH_OK)
        return;
    read_search(e);
    read_rules(e);
    if (start->has_evaluate)
        check_evaluate(e);
    if ((int64_t)e->p->lives.count >= e->p->config->live_max)
        refuse(e, RH_EBUSY, NULL, "as many jobs as \"live_max\" allows are running");
}

int32_t cmaes_start_record(struct plugin *p, rh_req req, const struct start_req *start,
                           struct rh_buf *record, bool *is_answered)
{
    struct job_spec spec = {.quorum = 1.0};
    struct exam e = {.p = p, .start = start, .spec = &spec, .rc = RH_OK};
    struct rh_error error = {.size = (uint32_t)sizeof(error)};
    struct rh_request request = {.size = (uint32_t)sizeof(request)};
    char id[RH_LIVES_ID_SIZE];
    const int32_t rc = p->rh.http->request(p->rh.ctx, req, &request);

    if (rc != RH_OK)
        return rc;
    if (start->has_evaluate)
        spec.evaluate = members_at(request.body, RH_STR_LIT("evaluate"));
    examine(&e);
    *is_answered = e.rc != RH_OK;
    if (*is_answered) {
        error.rc = e.rc;
        error.message = e.text;
        error.field = e.field;
        return p->rh.http->reply_error(p->rh.ctx, req, &error);
    }
    rh_lives_make_id(&p->rh, 'c', id);
    spec.id = rh_str_from(id);
    job_spec_encode(&spec, record);
    return record->rc;
}
