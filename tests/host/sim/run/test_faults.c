/* What a seed draws: within the table's ranges, each kind in half of the seeds, never over what is
 * given. */
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include "host/sim/run/faults.h"

#define SEEDS 2000

static void draw(const struct faults_plan *plan, uint64_t seed, struct faults *out)
{
    struct rh_rng rng;

    rh_rng_seed(&rng, seed);
    faults_draw(plan, &rng, out);
}

static void a_swarm_has_each_kind_in_half_of_its_seeds(void **state)
{
    const struct faults_plan plan = {.is_swarm = true, .has_builds = true};
    int in[FAULT_KINDS] = {0};

    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct faults faults;

        draw(&plan, seed, &faults);
        for (uint32_t i = 0; i < FAULT_KINDS; i++) {
            in[i] += faults.strength[i] > 0;
            if (faults.strength[i] > 0)
                assert_in_range(faults.strength[i], fault_defs[i].least, fault_defs[i].most);
        }
    }

    for (uint32_t i = 0; i < FAULT_KINDS; i++)
        assert_in_range(in[i], SEEDS * 9 / 20, SEEDS * 11 / 20);
}

static void what_is_given_is_not_drawn(void **state)
{
    struct faults_plan plan = {.is_swarm = true};
    struct faults faults;

    (void)state;
    plan.is_given[FAULT_LOSS] = plan.is_given[FAULT_CRASH] = true;
    plan.fixed.strength[FAULT_CRASH] = 5;

    for (uint64_t seed = 0; seed < 100; seed++) {
        draw(&plan, seed, &faults);
        assert_int_equal(faults.strength[FAULT_LOSS], 0);
        assert_int_equal(faults.strength[FAULT_CRASH], 5);
    }
}

static void without_builds_seeds_mean_what_they_meant(void **state)
{
    struct faults_plan plan = {.is_swarm = true};
    struct faults faults;
    struct rh_rng with;
    struct rh_rng without;

    (void)state;
    for (uint64_t seed = 0; seed < 100; seed++) {
        rh_rng_seed(&without, seed);
        plan.has_builds = false;
        faults_draw(&plan, &without, &faults);
        assert_int_equal(faults.strength[FAULT_BUILD], 0);
        rh_rng_seed(&with, seed);
        for (uint32_t i = 0; i < 3 * FAULT_BUILD; i++)
            (void)rh_rng_u64(&with); /* in or out, and two for how strong */

        assert_int_equal(rh_rng_u64(&with), rh_rng_u64(&without));
    }
}

static void without_a_swarm_only_what_is_given_happens(void **state)
{
    struct faults_plan plan = {0};
    struct faults faults;

    (void)state;
    plan.fixed.strength[FAULT_DUP] = 7;

    draw(&plan, 3, &faults);

    assert_memory_equal(&faults, &plan.fixed, sizeof faults);
}

static void kinds_are_found_by_name(void **state)
{
    const char *names[FAULT_KINDS];

    (void)state;
    fault_names(names);

    for (uint32_t i = 0; i < FAULT_KINDS; i++)
        assert_int_equal(fault_find(names[i]), i);
    assert_int_equal(fault_find("no_such"), FAULT_KINDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_swarm_has_each_kind_in_half_of_its_seeds),
        cmocka_unit_test(what_is_given_is_not_drawn),
        cmocka_unit_test(without_builds_seeds_mean_what_they_meant),
        cmocka_unit_test(without_a_swarm_only_what_is_given_happens),
        cmocka_unit_test(kinds_are_found_by_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
