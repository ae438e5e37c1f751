/* Tests of the times that follow from the beat. */
#include "swim_test.h"

#include <math.h>

static struct timing derive(int64_t beat_ms)
{
    struct timing timing;
    char why[TIMING_WHY_MAX] = "";

    if (timing_derive(&timing, &(struct timing_wishes){0}, beat_ms, why) != RH_OK)
        fail_msg("%s", why);
    return timing;
}

static void all_times_follow_from_the_beat(void **state)
{
    const struct timing t = derive(15000);

    (void)state;

    assert_int_equal(t.interval_ms, 1000);
    assert_int_equal(t.timeout_min_ms, 500);
    assert_int_equal(t.timeout_max_ms, 750);
    assert_int_equal(timing_suspicion_min_ms(&t, 3), 4000);
    assert_int_equal(timing_suspicion_max_ms(&t, 3), 24000);
    assert_int_equal(timing_suspicion_min_ms(&t, 1000), 12000);
    assert_int_equal(derive(1500).interval_ms, 100);
}

static void a_short_beat_does_not_make_busy_machines_dead(void **state)
{
    const struct timing t = derive(1500);

    (void)state;

    assert_int_equal(timing_suspicion_min_ms(&t, 3), TIMING_SUSPICION_FLOOR_MS);
    assert_int_equal(derive(300).interval_ms, TIMING_INTERVAL_FLOOR_MS);
    assert_int_equal(derive(50).interval_ms, 50);
    assert_int_equal(timing_suspicion_min_ms(&t, 1000), 1200);
}

static void timeout_follows_the_round_trip_within_limits(void **state)
{
    const struct timing t = derive(15000);

    (void)state;

    assert_int_equal(timing_timeout_ms(&t, -1), 500);
    assert_int_equal(timing_timeout_ms(&t, 1), 500);
    assert_int_equal(timing_timeout_ms(&t, 150), 600);
    assert_int_equal(timing_timeout_ms(&t, 2600), 750);
}

static void confirmations_are_as_many_as_can_come(void **state)
{
    static const uint32_t wanted[] = {0, 0, 0, 1, 2, 3, 3};

    (void)state;

    for (uint32_t nodes = 0; nodes < sizeof(wanted) / sizeof(wanted[0]); nodes++)
        assert_int_equal(timing_confirmations(nodes), wanted[nodes]);
}

static void transmissions_grow_with_the_logarithm(void **state)
{
    (void)state;

    assert_int_equal(timing_transmissions(3), 4);
    assert_int_equal(timing_transmissions(9), 4);
    assert_int_equal(timing_transmissions(99), 8);
    assert_int_equal(timing_transmissions(1000), 16);
}

static void retries_double_up_to_twenty_beats(void **state)
{
    const struct timing t = derive(15000);
    int64_t last_ms = 0;

    (void)state;

    for (uint32_t i = 0; i < 9; i++) {
        assert_int_equal(timing_retry_ms(&t, i, 0), last_ms ? 2 * last_ms : 1000);
        last_ms = timing_retry_ms(&t, i, 0);
    }
    assert_int_equal(timing_retry_ms(&t, 9, 0), 20 * 15000);
    assert_int_equal(timing_retry_ms(&t, UINT32_MAX, 0), 20 * 15000);
    for (uint64_t random = 0; random < 100000; random += 777)
        assert_in_range(timing_retry_ms(&t, 9, random), 15 * 15000, 20 * 15000);
}

static void overrides_that_contradict_each_other_are_refused_by_rule(void **state)
{
    static const struct {
        struct timing_wishes wishes;
        const char *rule;
    } rows[] = {
        {{.interval_ms = 15001}, "interval_in_beat"},
        {{.interval_ms = 19}, "interval_in_beat"},
        {{.timeout_ms = 751}, "timeout_in_interval"},
        {{.interval_ms = 400, .timeout_ms = 301}, "timeout_in_interval"},
        {{.suspicion_factor = 2}, "suspicion_outlives_probe"},
    };
    struct timing timing = {.beat_ms = 77};
    char why[TIMING_WHY_MAX];

    (void)state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(timing_derive(&timing, &rows[i].wishes, 15000, why), RH_EINVAL);
        assert_non_null(strstr(why, rows[i].rule));
        assert_int_equal(timing.beat_ms, 77);
    }
    assert_int_equal(timing_derive(&timing, &(struct timing_wishes){15000, 11250, 3}, 15000, why),
                     RH_OK);
    assert_int_equal(timing.timeout_min_ms, 11250);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_times_follow_from_the_beat),
        cmocka_unit_test(a_short_beat_does_not_make_busy_machines_dead),
        cmocka_unit_test(timeout_follows_the_round_trip_within_limits),
        cmocka_unit_test(confirmations_are_as_many_as_can_come),
        cmocka_unit_test(transmissions_grow_with_the_logarithm),
        cmocka_unit_test(retries_double_up_to_twenty_beats),
        cmocka_unit_test(overrides_that_contradict_each_other_are_refused_by_rule),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
