/* Which run follows one that ended without success: its population, step size and budget.
 *
 * IPOP: Auger and Hansen, "A restart CMA evolution strategy with increasing population size", CEC
 * 2005. BIPOP: Hansen, "Benchmarking a BI-population CMA-ES on the BBOB-2009 function testbed",
 * GECCO 2009. */
#ifndef RH_PLUGINS_CMAES_RESTART_H
#define RH_PLUGINS_CMAES_RESTART_H

#include <ringhost/sdk/rng.h>
#include <stdbool.h>

enum restart_kind {
    RESTART_NONE,
    RESTART_IPOP,  /* each run has twice the population */
    RESTART_BIPOP, /* and in between short runs with small ones, for as many evaluations */
    RESTART_KINDS
};

#define RESTARTS_MAX 30u

/* What is known of the runs so far. All zero before the first one, which is a run like any but in
 * neither budget. */
struct restart {
    uint32_t doublings;         /* runs with a doubled population so far */
    uint32_t runs;              /* runs that ended */
    bool is_small;              /* the run under way is a short one of BIPOP */
    uint64_t evaluations_large; /* of ended runs with doubled populations */
    uint64_t evaluations_small;
    uint64_t evaluations_last_large;
};

struct restart_plan {
    uint32_t population;
    double sigma_factor;
    uint64_t evaluations_max; /* 0 = no limit of its own */
};

/* "none", "ipop", "bipop"; static. [any] */
const char *restart_name(enum restart_kind kind);

/* A run with these evaluations ended: the next one into *plan. False when doublings_max doublings
 * are used up. population is that of the first run. Larger ones than POPULATION_MAX do not grow
 * further. BIPOP draws from rng. [any] */
bool restart_next(struct restart *r, enum restart_kind kind, uint32_t doublings_max,
                  uint32_t population, uint64_t run_evaluations, struct rh_rng *rng,
                  struct restart_plan *plan);

#endif
