/* Measures how fast the search is, against the medians of pycma: evaluations to 1e-9 over 20 seeds
 * from 0.5 with sigma 0.3. Each median is printed as FIGURE name value. */
#include "fixture.h"

#define SEEDS  20u
#define TARGET 1e-9

/* Which answers get lost or come twice, in parts of all. */
struct weather {
    double lost;
    double doubled;
};

/* Evaluations until one of the answers is good enough; 0 = never. A lost answer was evaluated all
 * the same. */
static uint64_t evaluations(struct search *s, fixture_function *f, struct weather weather,
                            struct rh_rng *rng)
{
    struct report reports[POPULATION_MAX];
    double values[DIMENSION_MAX];
    uint64_t used = 0;

    while (s->reason == STOP_NONE) {
        search_sample(s);
        for (uint32_t i = 0; i < search_population(s); i++) {
            const bool is_lost = weather.lost > 0.0 && rh_rng_double(rng) < weather.lost;
            double fitness;

            used++;
            search_values(s, i, values);
            fitness = f(values, s->spec->dimension);
            reports[i] = (struct report){is_lost ? REPORT_NONE : REPORT_FITNESS, fitness};
            if (!is_lost && fitness <= TARGET)
                return used;
        }
        /* A report that came twice is the same entry: nothing to tell apart here. */
        assert_int_equal(search_tell(s, reports), RH_OK);
    }
    return 0;
}

static int compare(const void *a, const void *b)
{
    const uint64_t left = *(const uint64_t *)a;
    const uint64_t right = *(const uint64_t *)b;

    return left < right ? -1 : left > right;
}

static double median_of(fixture_function *f, uint32_t n, struct weather weather)
{
    uint64_t used[SEEDS];

    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        const struct search_spec spec = fixture_spec(n, 0.5, 0.3, seed);
        struct search *s = fixture_search(&spec);
        struct rh_rng rng;

        rh_rng_seed(&rng, 1000 + seed);
        used[seed - 1] = evaluations(s, f, weather, &rng);
        if (used[seed - 1] == 0)
            used[seed - 1] = UINT32_MAX; /* not solved: beyond every median */
        search_free(s);
    }
    qsort(used, SEEDS, sizeof(used[0]), compare);
    return (double)(used[SEEDS / 2 - 1] + used[SEEDS / 2]) / 2.0;
}

static const struct {
    const char *name;
    fixture_function *function;
    uint32_t dimension;
    double pycma; /* median, or 0 = only reported */
} cases[] = {
    {"sphere_10", fixture_sphere, 10, 1394.0},
    {"ellipsoid_10", fixture_ellipsoid, 10, 3956.0},
    {"ellipsoid_20", fixture_ellipsoid, 20, 12792.0},
    {"rosenbrock_10", fixture_rosenbrock, 10, 4441.0},
    {"rosenbrock_20", fixture_rosenbrock, 20, 15724.0},
    {"sphere_5", fixture_sphere, 5, 0.0},
    {"sphere_20", fixture_sphere, 20, 0.0},
    {"sphere_40", fixture_sphere, 40, 0.0},
    {"ellipsoid_5", fixture_ellipsoid, 5, 0.0},
    {"rosenbrock_5", fixture_rosenbrock, 5, 0.0},
    {"cigar_10", fixture_cigar, 10, 0.0},
    {"tablet_10", fixture_tablet, 10, 0.0},
};

static void medians_are_within_a_tenth_of_those_of_pycma(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const double median =
            median_of(cases[i].function, cases[i].dimension, (struct weather){0.0, 0.0});

        printf("FIGURE cmaes.evaluations.%s %.0f\n", cases[i].name, median);
        assert_true(median < UINT32_MAX);
        if (cases[i].pycma > 0.0)
            assert_near(median / cases[i].pycma, 1.0, 0.1);
    }
}

static void a_tenth_of_the_answers_may_get_lost(void **state)
{
    static const struct {
        const char *name;
        fixture_function *function;
    } lossy[] = {{"sphere_10", fixture_sphere}, {"ellipsoid_10", fixture_ellipsoid}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const double clean = median_of(lossy[i].function, 10, (struct weather){0.0, 0.0});
        const double median = median_of(lossy[i].function, 10, (struct weather){0.1, 0.1});

        printf("FIGURE cmaes.lossy_ratio.%s %.3f\n", lossy[i].name, median / clean);
        assert_true(median <= 1.25 * clean);
    }
}

/* From the middle of [-5, 5]^10 with a step of 2: doubled populations find the best of 10^10 holes.
 */
static void rastrigin_is_solved_by_ipop_for_each_of_20_seeds(void **state)
{
    uint32_t solved = 0;
    uint64_t used = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct search_spec spec = fixture_spec(10, 2.5, 2.0, seed);
        struct search *s;
        struct rh_rng unused = {{0}};
        uint64_t mine;

        for (uint32_t i = 0; i < 10; i++) {
            spec.parameters[i].lower = -5.0;
            spec.parameters[i].upper = 5.0;
        }
        spec.restart = RESTART_IPOP;
        s = fixture_search(&spec);
        mine = evaluations(s, fixture_rastrigin, (struct weather){0.0, 0.0}, &unused);
        solved += mine > 0;
        used += mine;
        search_free(s);
    }
    printf("FIGURE cmaes.rastrigin_10_ipop_solved_of_20 %u\n", solved);
    printf("FIGURE cmaes.rastrigin_10_ipop_evaluations_mean %.0f\n", (double)used / SEEDS);
    assert_int_equal(solved, SEEDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(medians_are_within_a_tenth_of_those_of_pycma),
        cmocka_unit_test(a_tenth_of_the_answers_may_get_lost),
        cmocka_unit_test(rastrigin_is_solved_by_ipop_for_each_of_20_seeds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
