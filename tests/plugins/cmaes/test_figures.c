/* Measures how fast the search is, against the medians of pycma: evaluations to 1e-9 over 20 seeds
 * from 0.5 with sigma 0.3. Each median is printed as FIGURE name value. */
#include "job_fixture.h"

#define SEEDS  20u
#define TARGET 1e-9

/* Until one of the answers is good enough; 0 = never. */
static uint64_t evaluations(struct search *s, fixture_function *f)
{
    struct report reports[POPULATION_MAX];
    double values[DIMENSION_MAX];
    uint64_t used = 0;

    while (s->reason == STOP_NONE) {
        search_sample(s);
        for (uint32_t i = 0; i < search_population(s); i++) {
            used++;
            search_values(s, i, values);
            reports[i] = (struct report){REPORT_FITNESS, f(values, s->spec->dimension)};
            if (reports[i].fitness <= TARGET)
                return used;
        }
        assert_int_equal(search_tell(s, reports), RH_OK);
    }
    return 0;
}

/* The same through a job whose answers get lost or come twice, a tenth of them each; generations
 * end at their deadline. A lost answer was evaluated all the same. */
static uint64_t lossy_evaluations(struct job *j, fixture_function *f, struct rh_rng *rng)
{
    int64_t now_ms = 0;
    uint64_t used = 0;

    while (job_population(j) > 0) {
        for (uint32_t i = 0; i < job_population(j); i++) {
            double values[DIMENSION_MAX];
            double fitness;

            used++;
            search_values(j->search, i, values);
            fitness = f(values, j->spec.search.dimension);
            if (rh_rng_double(rng) < 0.1)
                continue;
            assert_int_equal(job_judge(j, job_generation(j), i), JOB_ANSWER_NEW);
            job_put(j, i, (struct report){REPORT_FITNESS, fitness});
            if (fitness <= TARGET)
                return used;
            if (rh_rng_double(rng) < 0.1)
                assert_int_equal(job_judge(j, job_generation(j), i), JOB_ANSWER_SAME);
        }
        now_ms += 10 * j->spec.generation_timeout_ms;
        (void)fixture_close(j, now_ms);
    }
    return 0;
}

static int compare(const void *a, const void *b)
{
    const uint64_t left = *(const uint64_t *)a;
    const uint64_t right = *(const uint64_t *)b;

    return left < right ? -1 : left > right;
}

/* One that was never solved lies beyond every median. */
static double median(uint64_t used[SEEDS])
{
    const uint32_t middle = SEEDS / 2;

    for (uint32_t i = 0; i < SEEDS; i++)
        used[i] = used[i] ? used[i] : UINT32_MAX;
    qsort(used, SEEDS, sizeof(used[0]), compare);
    /* Of an even number of seeds the two in the middle. */
    return ((double)used[middle - 1] + (double)used[middle]) / 2.0;
}

static double median_of(fixture_function *f, uint32_t n)
{
    uint64_t used[SEEDS];

    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        const struct search_spec spec = fixture_spec(n, 0.5, 0.3, seed);
        struct search *s = fixture_search(&spec);

        used[seed - 1] = evaluations(s, f);
        search_free(s);
    }
    return median(used);
}

static double lossy_median_of(fixture_function *f, uint32_t n)
{
    uint64_t used[SEEDS];

    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        const struct search_spec search = fixture_spec(n, 0.5, 0.3, seed);
        struct job_spec spec = fixture_job_spec(&search);
        struct rh_rng rng;
        struct job *j;

        spec.quorum = 0.1; /* generations with more losses than a quorum allows end, too */
        rh_rng_seed(&rng, 1000 + seed);
        j = fixture_job(&spec);
        used[seed - 1] = lossy_evaluations(j, f, &rng);
        job_free(j);
    }
    return median(used);
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
        const double middle = median_of(cases[i].function, cases[i].dimension);

        printf("FIGURE cmaes.evaluations.%s %.0f\n", cases[i].name, middle);
        assert_true(middle < UINT32_MAX);
        if (cases[i].pycma > 0.0)
            assert_near(middle / cases[i].pycma, 1.0, 0.1);
    }
}

static void a_tenth_of_the_answers_may_get_lost_and_a_tenth_come_twice(void **state)
{
    static const struct {
        const char *name;
        fixture_function *function;
    } lossy[] = {{"sphere_10", fixture_sphere}, {"ellipsoid_10", fixture_ellipsoid}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const double clean = median_of(lossy[i].function, 10);
        const double middle = lossy_median_of(lossy[i].function, 10);

        printf("FIGURE cmaes.lossy_ratio.%s %.3f\n", lossy[i].name, middle / clean);
        assert_true(middle <= 1.25 * clean);
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
        uint64_t mine;

        for (uint32_t i = 0; i < 10; i++) {
            spec.parameters[i].lower = -5.0;
            spec.parameters[i].upper = 5.0;
        }
        spec.restart = RESTART_IPOP;
        s = fixture_search(&spec);
        mine = evaluations(s, fixture_rastrigin);
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
        cmocka_unit_test(a_tenth_of_the_answers_may_get_lost_and_a_tenth_come_twice),
        cmocka_unit_test(rastrigin_is_solved_by_ipop_for_each_of_20_seeds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
