/* Tests of what follows a run: doublings of IPOP, budgets of BIPOP. */
#include "fixture.h"

static void without_restarts_nothing_follows(void **state)
{
    struct restart r = {0};
    struct restart_plan plan;
    struct rh_rng rng;

    (void)state;
    rh_rng_seed(&rng, 1);
    assert_false(restart_next(&r, RESTART_NONE, 9, 10, 1000, &rng, &plan));
    assert_int_equal(r.runs, 1);
}

static void ipop_doubles_the_population_until_its_restarts_are_used_up(void **state)
{
    struct restart r = {0};
    struct restart_plan plan;
    struct rh_rng rng;

    (void)state;
    rh_rng_seed(&rng, 1);
    for (uint32_t i = 1; i <= 3; i++) {
        assert_true(restart_next(&r, RESTART_IPOP, 3, 10, 1000, &rng, &plan));
        assert_int_equal(plan.population, 10u << i);
        assert_true(plan.sigma_factor == 1.0);
        assert_int_equal(plan.evaluations_max, 0);
    }
    assert_false(restart_next(&r, RESTART_IPOP, 3, 10, 1000, &rng, &plan));
}

static void populations_end_at_their_limit(void **state)
{
    struct restart r = {0};
    struct restart_plan plan = {0, 0.0, 0};
    struct rh_rng rng;

    (void)state;
    rh_rng_seed(&rng, 1);
    for (uint32_t i = 0; i < 12; i++)
        assert_true(restart_next(&r, RESTART_IPOP, 12, 10, 1000, &rng, &plan));
    assert_int_equal(plan.population, POPULATION_MAX);
}

/* Hansen 2009: the first restart is large; small runs follow until they have used as much. */
static void bipop_gives_both_kinds_of_runs_the_same_budget(void **state)
{
    struct restart r = {0};
    struct restart_plan plan;
    struct rh_rng rng;
    uint64_t used = 1000;
    uint32_t small = 0;

    (void)state;
    rh_rng_seed(&rng, 1);
    while (restart_next(&r, RESTART_BIPOP, 6, 10, used, &rng, &plan)) {
        if (r.is_small) {
            const uint32_t large = 10u << r.doublings;

            assert_true(r.evaluations_small < r.evaluations_large);
            assert_in_range(plan.population, 10, large / 2);
            assert_true(plan.sigma_factor > 0.0099 && plan.sigma_factor <= 1.0);
            assert_int_equal(plan.evaluations_max, r.evaluations_last_large / 2);
            used = plan.evaluations_max;
            small++;
        } else {
            assert_true(r.evaluations_small >= r.evaluations_large);
            assert_int_equal(plan.population, 10u << r.doublings);
            used = 100 * (uint64_t)plan.population;
        }
    }
    assert_int_equal(r.doublings, 6);
    assert_true(small >= 6);
}

static void names_are_those_of_the_requests(void **state)
{
    (void)state;
    assert_string_equal(restart_name(RESTART_NONE), "none");
    assert_string_equal(restart_name(RESTART_IPOP), "ipop");
    assert_string_equal(restart_name(RESTART_BIPOP), "bipop");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_restarts_nothing_follows),
        cmocka_unit_test(ipop_doubles_the_population_until_its_restarts_are_used_up),
        cmocka_unit_test(populations_end_at_their_limit),
        cmocka_unit_test(bipop_gives_both_kinds_of_runs_the_same_budget),
        cmocka_unit_test(names_are_those_of_the_requests),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
