/* What the tests of CMA-ES share: cmocka, specs of searches, functions to minimise. */
#ifndef RH_TESTS_PLUGINS_CMAES_FIXTURE_H
#define RH_TESTS_PLUGINS_CMAES_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/cmaes/search.h"

static inline void assert_near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.12g is not within %.3g of %.12g", value, tolerance, expected);
}

/* n parameters x0, x1, ... without bounds that begin at `initial`. */
static inline struct search_spec fixture_spec(uint32_t n, double initial, double sigma,
                                              uint64_t seed)
{
    struct search_spec spec = {.dimension = n,
                               .population = strategy_default_population(n),
                               .sigma = sigma,
                               .seed = seed,
                               .restart = RESTART_NONE,
                               .doublings_max = 9,
                               .rules = stop_rules_default()};

    for (uint32_t i = 0; i < n; i++) {
        spec.parameters[i] = (struct parameter){
            .initial = initial, .lower = -INFINITY, .upper = INFINITY, .scale = 1.0};
        (void)snprintf(spec.parameters[i].name, PARAMETER_NAME_SIZE, "x%u", i);
    }
    return spec;
}

typedef double fixture_function(const double *x, uint32_t n);

static inline double fixture_sphere(const double *x, uint32_t n)
{
    double sum = 0.0;

    for (uint32_t i = 0; i < n; i++)
        sum += x[i] * x[i];
    return sum;
}

static inline double fixture_ellipsoid(const double *x, uint32_t n)
{
    double sum = 0.0;

    for (uint32_t i = 0; i < n; i++)
        sum += pow(10.0, 6.0 * i / (n - 1)) * x[i] * x[i];
    return sum;
}

static inline double fixture_cigar(const double *x, uint32_t n)
{
    return 1e6 * fixture_sphere(x, n) - (1e6 - 1.0) * x[0] * x[0];
}

static inline double fixture_tablet(const double *x, uint32_t n)
{
    return fixture_sphere(x, n) + (1e6 - 1.0) * x[0] * x[0];
}

static inline double fixture_rosenbrock(const double *x, uint32_t n)
{
    double sum = 0.0;

    for (uint32_t i = 0; i + 1 < n; i++)
        sum += 100.0 * (x[i] * x[i] - x[i + 1]) * (x[i] * x[i] - x[i + 1]) +
               (x[i] - 1.0) * (x[i] - 1.0);
    return sum;
}

static inline double fixture_rastrigin(const double *x, uint32_t n)
{
    double sum = 10.0 * n;

    for (uint32_t i = 0; i < n; i++)
        sum += x[i] * x[i] - 10.0 * cos(2.0 * 3.14159265358979323846 * x[i]);
    return sum;
}

static inline struct search *fixture_search(const struct search_spec *spec)
{
    struct search *s = NULL;

    assert_int_equal(search_new(spec, &s), RH_OK);
    return s;
}

/* Draws a generation, has it all evaluated, and tells it. */
static inline void fixture_generation(struct search *s, fixture_function *f)
{
    struct report reports[POPULATION_MAX];
    double values[DIMENSION_MAX];

    search_sample(s);
    for (uint32_t i = 0; i < search_population(s); i++) {
        search_values(s, i, values);
        reports[i] = (struct report){REPORT_FITNESS, f(values, s->spec->dimension)};
    }
    assert_int_equal(search_tell(s, reports), RH_OK);
}

#endif
