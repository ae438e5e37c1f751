/* Tests of when a device is idle: readings one after the other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plugins/loop_idle_detection/idle.h"

static const struct idle_limits limits = {.below_percent = 10, .after_ms = 15000};
static const struct idle_jobs no_jobs = {.is_known = true, .slots = 1};

static struct idle_reading cpu(double percent)
{
    return (struct idle_reading){.gpus = IDLE_GPUS_NONE, .cpu_percent = percent};
}

static void a_processor_is_idle_after_15_s_below_the_limit_and_told_once(void **state)
{
    static const struct {
        int64_t at_s;
        double percent;
        uint32_t told;
    } rows[] = {{0, 5, 0},   {10, 5, 0},   {14, 5, 0}, {15, 5, 1}, {25, 5, 0},
                {35, 10, 0}, {45, 9.9, 0}, {55, 9, 0}, {60, 9, 1}, {61, 9, 0}};
    struct idle idle;

    (void)state;
    idle_init(&idle);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct idle_reading reading = cpu(rows[i].percent);
        int64_t since_ms = -1;

        if (idle_step(&idle, &reading, &no_jobs, &limits, rows[i].at_s * 1000, &since_ms) !=
            rows[i].told)
            fail_msg("at %d s", (int)rows[i].at_s);
        if (rows[i].told)
            assert_int_equal(since_ms, (rows[i].at_s - 15) * 1000);
    }
}

static void what_is_not_known_is_never_idle(void **state)
{
    const struct idle_reading unknown = {.gpus = IDLE_GPUS_UNKNOWN, .cpu_percent = 0};
    const struct idle_reading no_percent = cpu(-1);
    const struct idle_reading quiet = cpu(0);
    const struct idle_jobs no_worker = {.is_known = false};
    struct idle idle;
    int64_t since_ms;

    (void)state;
    idle_init(&idle);
    for (int64_t s = 0; s < 100; s += 10) {
        assert_int_equal(idle_step(&idle, &unknown, &no_jobs, &limits, s * 1000, &since_ms), 0);
        assert_int_equal(idle_step(&idle, &no_percent, &no_jobs, &limits, s * 1000, &since_ms), 0);
        assert_int_equal(idle_step(&idle, &quiet, &no_worker, &limits, s * 1000, &since_ms), 0);
    }
}

static void an_unknown_reading_begins_the_time_anew(void **state)
{
    const struct idle_reading quiet = cpu(0);
    struct idle idle;
    int64_t since_ms;

    (void)state;
    idle_init(&idle);
    assert_int_equal(idle_step(&idle, &quiet, &no_jobs, &limits, 0, &since_ms), 0);
    idle_unknown(&idle);

    assert_int_equal(idle_step(&idle, &quiet, &no_jobs, &limits, 15000, &since_ms), 0);
    assert_int_equal(idle_step(&idle, &quiet, &no_jobs, &limits, 30000, &since_ms), 1);
}

static void a_job_keeps_a_quiet_device_from_being_idle(void **state)
{
    const struct idle_reading quiet = cpu(0);
    const struct idle_jobs busy = {.is_known = true, .slots = 1, .has_any = true};
    struct idle idle;
    int64_t since_ms;

    (void)state;
    idle_init(&idle);
    for (int64_t s = 0; s <= 60; s += 10)
        assert_int_equal(idle_step(&idle, &quiet, &busy, &limits, s * 1000, &since_ms), 0);

    assert_int_equal(idle_step(&idle, &quiet, &no_jobs, &limits, 70000, &since_ms), 0);
    assert_int_equal(idle_step(&idle, &quiet, &no_jobs, &limits, 85000, &since_ms), 1);
}

static void a_job_that_came_and_went_between_two_looks_counts(void **state)
{
    const struct idle_reading quiet = cpu(0);
    struct idle_jobs jobs = no_jobs;
    struct idle idle;
    int64_t since_ms;

    (void)state;
    idle_init(&idle);
    assert_int_equal(idle_step(&idle, &quiet, &jobs, &limits, 0, &since_ms), 0);
    jobs.claimed++;

    assert_int_equal(idle_step(&idle, &quiet, &jobs, &limits, 15000, &since_ms), 0);
    assert_int_equal(idle_step(&idle, &quiet, &jobs, &limits, 30000, &since_ms), 1);
}

static void each_gpu_is_idle_for_itself_where_slots_are_gpus(void **state)
{
    const struct idle_reading reading = {
        .gpus = IDLE_GPUS_SOME, .gpu_count = 3, .cpu_percent = 100, .gpu_percent = {0, 0, 99}};
    const struct idle_jobs jobs = {.is_known = true, .slots = 3, .busy_slots = 1, .has_any = true};
    struct idle idle;
    int64_t since_ms;

    (void)state;
    idle_init(&idle);
    assert_int_equal(idle_step(&idle, &reading, &jobs, &limits, 0, &since_ms), 0);

    assert_int_equal(idle_step(&idle, &reading, &jobs, &limits, 15000, &since_ms), 1);
    assert_true(idle.devices[1].is_told);
    assert_false(idle.devices[0].is_told);
}

static void a_job_is_one_of_all_gpus_where_slots_are_not_gpus(void **state)
{
    const struct idle_reading reading = {
        .gpus = IDLE_GPUS_SOME, .gpu_count = 2, .gpu_percent = {0, 0}};
    const struct idle_jobs jobs = {.is_known = true, .slots = 1, .busy_slots = 1, .has_any = true};
    struct idle idle;
    int64_t since_ms;

    (void)state;
    idle_init(&idle);
    for (int64_t s = 0; s <= 60; s += 10)
        assert_int_equal(idle_step(&idle, &reading, &jobs, &limits, s * 1000, &since_ms), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_processor_is_idle_after_15_s_below_the_limit_and_told_once),
        cmocka_unit_test(what_is_not_known_is_never_idle),
        cmocka_unit_test(an_unknown_reading_begins_the_time_anew),
        cmocka_unit_test(a_job_keeps_a_quiet_device_from_being_idle),
        cmocka_unit_test(a_job_that_came_and_went_between_two_looks_counts),
        cmocka_unit_test(each_gpu_is_idle_for_itself_where_slots_are_gpus),
        cmocka_unit_test(a_job_is_one_of_all_gpus_where_slots_are_not_gpus),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
