/* Workers: every seed has its result, also those in which a worker dies or does not end. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include "host/sim/run/runner.h"
#include "tests/host/sim/run/probe.h"

#define SEEDS 12

struct results {
    uint32_t times[SEEDS];
    struct world_result results[SEEDS];
};

static void on_result(void *user, uint32_t index, const struct world_result *result)
{
    struct results *r = user;

    assert_true(index < SEEDS);
    r->times[index]++;
    r->results[index] = *result;
}

static void run(const char *text, void (*on_tick)(struct rh_sim *sim), uint32_t jobs,
                uint32_t limit_s, struct results *out)
{
    const struct runner_options options = {.jobs = jobs, .limit_s = limit_s};
    struct suite *suite = probe_suite(text);
    uint64_t seeds[SEEDS];

    memset(out, 0, sizeof *out);
    for (uint32_t i = 0; i < SEEDS; i++)
        seeds[i] = 100 + i;
    probe.on_tick = on_tick;
    assert_int_equal(runner_run(suite, seeds, SEEDS, &options, on_result, out), 0);
    suite_close(suite);
    for (uint32_t i = 0; i < SEEDS; i++)
        assert_int_equal(out->times[i], 1);
}

static void every_seed_is_run_once_and_as_by_itself(void **state)
{
    struct results many, one;

    (void)state;

    run("phase safety 3s\nfaults swarm\n", NULL, 4, 60, &many);
    run("phase safety 3s\nfaults swarm\n", NULL, 1, 60, &one);

    for (uint32_t i = 0; i < SEEDS; i++) {
        assert_int_equal(many.results[i].verdict, WORLD_GOOD);
        assert_true(many.results[i].hash == one.results[i].hash);
        assert_true(i == 0 || many.results[i].hash != many.results[i - 1].hash);
    }
}

static void die_by_chance(struct rh_sim *sim)
{
    if (rh_sim_random(sim) % 40 == 0)
        (void)raise(SIGKILL);
}

static void a_worker_that_dies_costs_its_seed_alone(void **state)
{
    struct results r;
    uint32_t dead = 0;

    (void)state;

    run("phase safety 3s\n", die_by_chance, 3, 60, &r);

    for (uint32_t i = 0; i < SEEDS; i++) {
        bool is_dead = r.results[i].verdict == WORLD_VIOLATION;

        dead += is_dead;
        if (is_dead) {
            assert_string_equal(r.results[i].invariant, "worker_lives");
            assert_string_equal(r.results[i].text, "the process ended with signal 9");
        }
    }
    assert_in_range(dead, 1, SEEDS - 1);
}

static void never_end(struct rh_sim *sim)
{
    if (rh_sim_now_us(sim) == 100000 && rh_sim_random(sim) % 8 == 0)
        for (;;)
            ;
}

static void a_worker_that_does_not_end_is_ended(void **state)
{
    struct results r;
    uint32_t hung = 0;

    (void)state;

    run("phase safety 1s\n", never_end, 4, 2, &r);

    for (uint32_t i = 0; i < SEEDS; i++)
        hung += strcmp(r.results[i].invariant, "worker_ends") == 0;
    assert_in_range(hung, 1, SEEDS - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_seed_is_run_once_and_as_by_itself),
        cmocka_unit_test(a_worker_that_dies_costs_its_seed_alone),
        cmocka_unit_test(a_worker_that_does_not_end_is_ended),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
