/* One generation after the other: learn, keep integers reachable, see whether a run is over and
 * what follows it. */
#include "search.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "margin.h"

/* Beyond it, a coordinate times its scale may leave the range of numbers. */
#define COORDINATE_MAX 1e200
/* Below it, a deviation times a scale may be 0; and a factor divides by it. */
#define DEVIATION_MIN 1e-200
#define FACTOR_MIN    1e-250

/* The first deviation of a restart, in parts of a bounded range; and how much longer than that of
 * the first run it may be. */
#define RESTART_PART        0.3
#define RESTART_STRETCH_MAX 1e3

/* Where a run begins, in coordinates: the initial values first, later somewhere within the bounds
 * where there are some. */
static void choose_start(struct search *s, bool is_first, double *start)
{
    for (uint32_t i = 0; i < s->spec->dimension; i++) {
        const struct parameter *p = &s->spec->parameters[i];

        start[i] = p->initial / p->scale;
        if (!is_first && space_is_bounded(p))
            start[i] = (p->lower + rh_rng_double(&s->rng) * (p->upper - p->lower)) / p->scale;
        s->factors[i] = 1.0;
    }
}

/* A run that begins anywhere within bounds has to see all of it: where the first deviation is small
 * against a range, it is a part of the range instead. */
static double stretch_of(const struct search *s, const struct parameter *p)
{
    const double wanted = RESTART_PART * (p->upper - p->lower) / (s->spec->sigma * p->scale);

    if (!space_is_bounded(p) || wanted < 1.0)
        return 1.0;
    return wanted < RESTART_STRETCH_MAX ? wanted : RESTART_STRETCH_MAX;
}

static int32_t stretch(struct search *s, struct cma *cma)
{
    const size_t n = s->spec->dimension;

    for (size_t i = 0; i < n; i++) {
        const double factor = stretch_of(s, &s->spec->parameters[i]);

        cma->covariance[i * n + i] = factor * factor;
        if (cma->sigma * factor > s->sigma_first)
            s->sigma_first = cma->sigma * factor;
    }
    return cma_decompose(cma);
}

static int32_t begin_run(struct search *s, const struct restart_plan *plan, bool is_first)
{
    double start[DIMENSION_MAX];
    struct cma *cma = NULL;
    int32_t rc;

    choose_start(s, is_first, start);
    s->sigma_first = s->spec->sigma * plan->sigma_factor;
    s->run_evaluations = 0;
    s->run_evaluations_max = plan->evaluations_max;
    memset(&s->track, 0, sizeof(s->track));
    rc = cma_new(s->spec->dimension, plan->population, start, s->sigma_first, &cma);
    if (rc == RH_OK && !is_first)
        rc = stretch(s, cma);
    cma_free(s->cma);
    s->cma = cma;
    return rc;
}

int32_t search_new(const struct search_spec *spec, struct search **out)
{
    const struct restart_plan plan = {spec->population, 1.0, 0};
    struct search *s = calloc(1, sizeof(*s));
    int32_t rc;

    if (!s)
        return RH_ENOMEM;
    s->spec = spec;
    rh_rng_seed(&s->rng, spec->seed);
    rc = begin_run(s, &plan, true);
    if (rc == RH_OK)
        *out = s;
    else
        search_free(s);
    return rc;
}

void search_free(struct search *s)
{
    if (!s)
        return;
    cma_free(s->cma);
    free(s);
}

uint32_t search_population(const struct search *s)
{
    return s->reason == STOP_NONE ? s->cma->strategy.population : 0;
}

void search_sample(struct search *s)
{
    assert(s->reason == STOP_NONE);
    cma_sample(s->cma, &s->rng);
}

void search_values(const struct search *s, uint32_t index, double *values)
{
    const double *step = cma_step(s->cma, index);

    for (uint32_t i = 0; i < s->spec->dimension; i++)
        values[i] = space_value(&s->spec->parameters[i],
                                s->cma->mean[i] + s->cma->sigma * s->factors[i] * step[i]);
}

void search_mean(const struct search *s, double *values)
{
    for (uint32_t i = 0; i < s->spec->dimension; i++)
        values[i] = space_value(&s->spec->parameters[i], s->cma->mean[i]);
}

static void note_best(struct search *s, const struct report *reports, uint32_t index)
{
    if (s->has_best && reports[index].fitness >= s->best_fitness)
        return;
    s->has_best = true;
    s->best_fitness = reports[index].fitness;
    s->best_generation = s->generations - 1;
    search_values(s, index, s->best_values);
}

static void keep_margins(struct search *s)
{
    const double alpha = 1.0 / ((double)s->spec->dimension * s->cma->strategy.population);

    for (uint32_t i = 0; i < s->spec->dimension; i++) {
        const struct parameter *p = &s->spec->parameters[i];
        struct margin m = {.lower = p->lower,
                           .upper = p->upper,
                           .deviation = cma_deviation(s->cma, i) * p->scale,
                           .mean = s->cma->mean[i] * p->scale,
                           .factor = s->factors[i]};

        if (!p->is_integer)
            continue;
        margin_keep(&m, alpha);
        s->cma->mean[i] = m.mean / p->scale;
        s->factors[i] = m.factor;
    }
}

static enum stop_reason check_run(const struct search *s, const struct report *reports,
                                  const uint32_t *order, uint32_t ranked_count)
{
    double scales[DIMENSION_MAX];
    /* One value alone says nothing about how far values differ. */
    const double range = ranked_count > 1
                             ? reports[order[ranked_count - 1]].fitness - reports[order[0]].fitness
                             : INFINITY;
    const struct stop_view view = {.rules = &s->spec->rules,
                                   .cma = s->cma,
                                   .scales = scales,
                                   .sigma_first = s->sigma_first,
                                   .fitness_range = range,
                                   .run_evaluations = s->run_evaluations,
                                   .run_evaluations_max = s->run_evaluations_max};

    for (uint32_t i = 0; i < s->spec->dimension; i++)
        scales[i] = s->spec->parameters[i].is_integer ? 0.0 : s->spec->parameters[i].scale;
    return stop_check(&s->track, &view);
}

static enum stop_reason check_search(const struct search *s)
{
    const struct stop_rules *rules = &s->spec->rules;

    if (rules->has_target && s->best_fitness <= rules->target)
        return STOP_TARGET;
    if (rules->evaluations_max && s->evaluations >= rules->evaluations_max)
        return STOP_MAX_EVALUATIONS;
    if (rules->generations_max && s->generations >= rules->generations_max)
        return STOP_MAX_GENERATIONS;
    return STOP_NONE;
}

void search_end(struct search *s, enum stop_reason reason)
{
    assert(reason != STOP_NONE);
    s->reason = reason;
}

/* What is left of a run whose numbers left their range: its best point, so that there is something
 * to read. */
static int32_t fall_back(struct search *s)
{
    double mean[DIMENSION_MAX];
    struct cma *cma = NULL;
    int32_t rc;

    for (uint32_t i = 0; i < s->spec->dimension; i++)
        mean[i] = s->best_values[i] / s->spec->parameters[i].scale;
    rc = cma_new(s->spec->dimension, s->cma->strategy.population, mean, s->sigma_first, &cma);
    cma_free(s->cma);
    s->cma = cma;
    return rc;
}

static int32_t follow_run(struct search *s, enum stop_reason why)
{
    struct restart_plan plan;

    s->run_reason = why;
    if (restart_next(&s->restart, s->spec->restart, s->spec->doublings_max, s->spec->population,
                     s->run_evaluations, &s->rng, &plan))
        return begin_run(s, &plan, false);
    search_end(s, why);
    return RH_OK;
}

static uint32_t answers(const struct report *reports, uint32_t count)
{
    uint32_t back = 0;

    for (uint32_t i = 0; i < count; i++)
        back += reports[i].kind != REPORT_NONE;
    return back;
}

static bool is_between(double value, double low, double high)
{
    return value >= low && value <= high; /* false for what is no number */
}

/* Values are sums and products of these; axes and lengths were checked when they were made. */
bool search_is_sound(const struct search *s)
{
    const struct cma *c = s->cma;

    for (uint32_t i = 0; i < s->spec->dimension; i++) {
        if (!is_between(c->mean[i], -COORDINATE_MAX, COORDINATE_MAX) ||
            !is_between(c->path_c[i], -COORDINATE_MAX, COORDINATE_MAX) ||
            !is_between(c->path_sigma[i], -COORDINATE_MAX, COORDINATE_MAX) ||
            !is_between(cma_deviation(c, i), DEVIATION_MIN, COORDINATE_MAX) ||
            !is_between(s->factors[i], FACTOR_MIN, 1.0 / FACTOR_MIN))
            return false;
    }
    return c->sigma * c->lengths[s->spec->dimension - 1] <= COORDINATE_MAX;
}

int32_t search_tell(struct search *s, const struct report *reports)
{
    const uint32_t count = s->cma->strategy.population;
    uint32_t order[POPULATION_MAX];
    uint32_t scratch[POPULATION_MAX];
    const uint32_t ranked_count = ranking_make(reports, count, order, scratch);
    enum stop_reason why;

    assert(s->reason == STOP_NONE);
    s->generations++;
    s->evaluations += answers(reports, count);
    s->run_evaluations += answers(reports, count);
    if (ranked_count == 0) {
        search_end(s, STOP_NO_FITNESS);
        return RH_OK;
    }
    note_best(s, reports, order[0]);
    stop_track_add(&s->track, reports, order, ranked_count);
    if (cma_learn(s->cma, order, ranked_count) == RH_OK && search_is_sound(s)) {
        keep_margins(s);
        why = check_run(s, reports, order, ranked_count);
    } else {
        why = STOP_NUMERIC;
        if (fall_back(s) != RH_OK)
            return RH_ENOMEM;
    }
    if (check_search(s) != STOP_NONE)
        search_end(s, check_search(s));
    else if (why != STOP_NONE)
        return follow_run(s, why);
    return RH_OK;
}
