/* Bookkeeping of budgets, and the sizes that follow. */
#include "restart.h"

#include <assert.h>
#include <math.h>

#include "strategy.h"

const char *restart_name(enum restart_kind kind)
{
    static const char *const names[RESTART_KINDS] = {"none", "ipop", "bipop"};

    assert(kind < RESTART_KINDS);
    return names[kind];
}

static uint32_t doubled(uint32_t population, uint32_t doublings)
{
    for (uint32_t i = 0; i < doublings && population < POPULATION_MAX; i++)
        population *= 2;
    return population < POPULATION_MAX ? population : POPULATION_MAX;
}

static void account(struct restart *r, uint64_t evaluations)
{
    r->runs++;
    if (r->is_small) {
        r->evaluations_small += evaluations;
    } else if (r->doublings > 0) {
        r->evaluations_large += evaluations;
        r->evaluations_last_large = evaluations;
    }
}

/* Between the first run's population and half of the large one, small sizes more often; the step
 * size is up to a hundred times smaller. */
static void plan_small(const struct restart *r, uint32_t population, struct rh_rng *rng,
                       struct restart_plan *plan)
{
    const double ratio = (double)doubled(population, r->doublings) / population / 2.0;
    const double u = rh_rng_double(rng);
    const double size = floor(population * pow(ratio, u * u));

    plan->population = size < population ? population : (uint32_t)size;
    plan->sigma_factor = pow(10.0, -2.0 * rh_rng_double(rng));
    plan->evaluations_max = r->evaluations_last_large / 2;
}

bool restart_next(struct restart *r, enum restart_kind kind, uint32_t doublings_max,
                  uint32_t population, uint64_t run_evaluations, struct rh_rng *rng,
                  struct restart_plan *plan)
{
    assert(population >= POPULATION_MIN);
    account(r, run_evaluations);
    r->is_small = kind == RESTART_BIPOP && r->evaluations_small < r->evaluations_large;
    if (kind == RESTART_NONE || (!r->is_small && r->doublings >= doublings_max))
        return false;
    if (r->is_small) {
        plan_small(r, population, rng, plan);
        return true;
    }
    r->doublings++;
    *plan = (struct restart_plan){doubled(population, r->doublings), 1.0, 0};
    return true;
}
