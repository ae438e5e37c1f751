/* A table of criteria, each a question about the run. */
#include "stop.h"

#include <assert.h>
#include <math.h>
#include <ringhost/sdk/sort.h>
#include <string.h>

/* Three tenths of the window are compared with three tenths. */
#define STAGNATION_PART 0.3

struct stop_rules stop_rules_default(void)
{
    return (struct stop_rules){.tolfun = 1e-11,
                               .tolfunhist = 1e-12,
                               .tolx = 1e-11,
                               .condition_max = 1e14,
                               .sigma_growth_max = 1e3,
                               .flat_max = 1};
}

const char *stop_name(enum stop_reason reason)
{
    static const char *const names[STOP_REASONS] = {
        [STOP_NONE] = "",
        [STOP_TARGET] = "target",
        [STOP_MAX_EVALUATIONS] = "max_evaluations",
        [STOP_MAX_GENERATIONS] = "max_generations",
        [STOP_NO_FITNESS] = "no_fitness",
        [STOP_CANCELLED] = "cancelled",
        [STOP_TOLFUN] = "tolfun",
        [STOP_TOLFUNHIST] = "tolfunhist",
        [STOP_TOLX] = "tolx",
        [STOP_CONDITION] = "condition",
        [STOP_STAGNATION] = "stagnation",
        [STOP_FLAT_FITNESS] = "flat_fitness",
        [STOP_NO_EFFECT_AXIS] = "no_effect_axis",
        [STOP_NO_EFFECT_COORDINATE] = "no_effect_coordinate",
        [STOP_SIGMA_GROWTH] = "sigma_growth",
        [STOP_RUN_GENERATIONS] = "run_generations",
        [STOP_RUN_EVALUATIONS] = "run_evaluations",
        [STOP_NUMERIC] = "numeric",
        [STOP_REFUSED] = "refused",
    };

    assert(reason < STOP_REASONS);
    return names[reason];
}

bool stop_is_of_run(enum stop_reason reason)
{
    return reason >= STOP_TOLFUN && reason <= STOP_NUMERIC;
}

static uint32_t kept(const struct stop_track *track)
{
    return track->count < STOP_HISTORY_MAX ? (uint32_t)track->count : STOP_HISTORY_MAX;
}

/* Of the generation `back` before the last one. */
static double past(const double *ring, const struct stop_track *track, uint32_t back)
{
    assert(back < kept(track));
    return ring[(track->count - 1 - back) % STOP_HISTORY_MAX];
}

/* Flat: the best is no better than the one at three quarters. */
void stop_track_add(struct stop_track *track, const struct report *reports, const uint32_t *order,
                    uint32_t ranked_count)
{
    const uint32_t at = (uint32_t)(track->count % STOP_HISTORY_MAX);
    const double best = reports[order[0]].fitness;
    const double upper = reports[order[ranked_count * 3 / 4]].fitness;

    assert(ranked_count >= 1);
    track->best[at] = best;
    track->median[at] = (reports[order[(ranked_count - 1) / 2]].fitness +
                         reports[order[ranked_count / 2]].fitness) /
                        2.0;
    track->flat = ranked_count > 1 && best == upper ? track->flat + 1 : 0;
    track->count++;
}

static double history_range(const struct stop_track *track, const struct cma *cma)
{
    const struct strategy *s = &cma->strategy;
    const uint32_t wanted = 10 + 30 * s->dimension / s->population;
    const uint32_t count = wanted < kept(track) ? wanted : kept(track);
    double low = past(track->best, track, 0);
    double high = low;

    for (uint32_t back = 1; back < count; back++) {
        const double value = past(track->best, track, back);

        low = value < low ? value : low;
        high = value > high ? value : high;
    }
    return high - low;
}

static bool is_tolfun(const struct stop_track *track, const struct stop_view *v)
{
    return v->fitness_range < v->rules->tolfun && history_range(track, v->cma) < v->rules->tolfun;
}

static bool is_tolfunhist(const struct stop_track *track, const struct stop_view *v)
{
    return track->count > 9 && history_range(track, v->cma) < v->rules->tolfunhist;
}

static bool is_tolx(const struct stop_track *track, const struct stop_view *v)
{
    uint32_t continuous = 0;

    (void)track;
    for (uint32_t i = 0; i < v->cma->strategy.dimension; i++) {
        const double path = v->cma->sigma * fabs(v->cma->path_c[i]);

        if (v->scales[i] == 0.0)
            continue; /* an integer keeps its margin */
        continuous++;
        if (!(cma_deviation(v->cma, i) * v->scales[i] < v->rules->tolx) ||
            !(path * v->scales[i] < v->rules->tolx))
            return false;
    }
    return continuous > 0;
}

static bool is_condition(const struct stop_track *track, const struct stop_view *v)
{
    const double ratio = cma_axis_ratio(v->cma);

    (void)track;
    return ratio * ratio > v->rules->condition_max;
}

static int compare_doubles(const void *a, const void *b, void *ctx)
{
    const double left = *(const double *)a;
    const double right = *(const double *)b;

    (void)ctx;
    if (left < right)
        return -1;
    return left > right ? 1 : 0;
}

/* Of `count` generations, the newest of which is `back` before the last one. */
static double median(const double *ring, const struct stop_track *track, uint32_t back,
                     uint32_t count)
{
    double values[STOP_HISTORY_MAX];
    double scratch[STOP_HISTORY_MAX];
    int32_t rc;

    assert(count >= 1);
    for (uint32_t i = 0; i < count; i++)
        values[i] = past(ring, track, back + i);
    rc = rh_sort(values, count, sizeof(values[0]), compare_doubles, NULL, scratch);
    assert(rc == RH_OK); /* it has its scratch */
    return (values[(count - 1) / 2] + values[count / 2]) / 2.0;
}

/* Neither best nor median got better over the last fifth of the run, at least 120 + 30 n / lambda
 * generations. */
static bool is_stagnation(const struct stop_track *track, const struct stop_view *v)
{
    const struct strategy *s = &v->cma->strategy;
    const uint64_t least = 120 + 30 * s->dimension / s->population;
    uint64_t window = track->count / 5 > least ? track->count / 5 : least;
    uint32_t part;

    window = window < STOP_HISTORY_MAX ? window : STOP_HISTORY_MAX;
    if (track->count < window)
        return false;
    part = (uint32_t)(STAGNATION_PART * (double)window);
    return median(track->best, track, 0, part) >=
               median(track->best, track, (uint32_t)window - part, part) &&
           median(track->median, track, 0, part) >=
               median(track->median, track, (uint32_t)window - part, part);
}

static bool is_flat(const struct stop_track *track, const struct stop_view *v)
{
    return track->flat > v->rules->flat_max;
}

/* A tenth of a step along one axis, each in its turn, does not change the mean. */
static bool is_no_effect_axis(const struct stop_track *track, const struct stop_view *v)
{
    const struct cma *c = v->cma;
    const uint32_t n = c->strategy.dimension;
    const uint32_t k = (uint32_t)(track->count % n);
    const double length = 0.1 * c->sigma * c->lengths[k];

    for (uint32_t i = 0; i < n; i++) {
        if (c->mean[i] != c->mean[i] + length * c->axes[(size_t)k * n + i])
            return false;
    }
    return true;
}

static bool is_no_effect_coordinate(const struct stop_track *track, const struct stop_view *v)
{
    (void)track;
    for (uint32_t i = 0; i < v->cma->strategy.dimension; i++) {
        const double mean = v->cma->mean[i];

        if (v->scales[i] != 0.0 && mean == mean + 0.2 * cma_deviation(v->cma, i))
            return true;
    }
    return false;
}

static bool is_sigma_growth(const struct stop_track *track, const struct stop_view *v)
{
    (void)track;
    for (uint32_t i = 0; i < v->cma->strategy.dimension; i++) {
        if (cma_deviation(v->cma, i) > v->sigma_first * v->rules->sigma_growth_max)
            return true;
    }
    return false;
}

static bool is_run_generations(const struct stop_track *track, const struct stop_view *v)
{
    const double n = v->cma->strategy.dimension;
    const double most =
        100.0 + floor(150.0 * (n + 3.0) * (n + 3.0) / sqrt(v->cma->strategy.population));

    return (double)track->count >= most;
}

static bool is_run_evaluations(const struct stop_track *track, const struct stop_view *v)
{
    (void)track;
    return v->run_evaluations_max > 0 && v->run_evaluations >= v->run_evaluations_max;
}

static const struct {
    enum stop_reason reason;
    bool (*is_met)(const struct stop_track *track, const struct stop_view *view);
} criteria[] = {
    {STOP_TOLFUN, is_tolfun},
    {STOP_TOLFUNHIST, is_tolfunhist},
    {STOP_TOLX, is_tolx},
    {STOP_CONDITION, is_condition},
    {STOP_FLAT_FITNESS, is_flat},
    {STOP_STAGNATION, is_stagnation},
    {STOP_NO_EFFECT_AXIS, is_no_effect_axis},
    {STOP_NO_EFFECT_COORDINATE, is_no_effect_coordinate},
    {STOP_SIGMA_GROWTH, is_sigma_growth},
    {STOP_RUN_GENERATIONS, is_run_generations},
    {STOP_RUN_EVALUATIONS, is_run_evaluations},
};

enum stop_reason stop_check(const struct stop_track *track, const struct stop_view *view)
{
    assert(track->count >= 1);
    for (size_t i = 0; i < sizeof(criteria) / sizeof(criteria[0]); i++) {
        if (criteria[i].is_met(track, view))
            return criteria[i].reason;
    }
    return STOP_NONE;
}
