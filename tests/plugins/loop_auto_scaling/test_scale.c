/* Tests of how many machines a pool should have: published examples, and tables of decisions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "plugins/loop_auto_scaling/scale.h"

#define S 1000

static const struct scale_limits limits = {.least = 0,
                                           .most = 500,
                                           .target = 75,
                                           .tolerance = 0.1,
                                           .window_ms = 300 * S,
                                           .up_least = 4,
                                           .up_percent = 100,
                                           .up_window_ms = 60 * S};

/* ceil(current x metric / target): the formula of the Kubernetes documentation ("Horizontal Pod
 * Autoscaling", algorithm details) with the examples given there and in its walkthrough. */
static void published_examples_come_out(void **state)
{
    static const struct {
        int64_t current;
        double metric, target;
        int64_t wanted;
    } rows[] = {
        {50, 90, 75, 60},   /* WORKLOAD's own */
        {1, 200, 100, 2},   /* 200m of a wanted 100m: doubled */
        {4, 50, 100, 2},    /* 50m of it: halved */
        {1, 305, 50, 7},    /* walkthrough: one replica at 305 % of a request, 50 % wanted */
        {10, 105, 100, 10}, /* a ratio within the tolerance of 0.1 changes nothing */
        {10, 95, 100, 10},  {10, 110, 100, 10},     {10, 111, 100, 12},
        {10, 89, 100, 9},   {3, 200.0 / 3, 100, 2}, /* a whole number but for the last bits */
        {10, 0, 100, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scale_limits wanted = limits;

        wanted.target = rows[i].target;
        const int64_t got =
            scale_recommend(&wanted, rows[i].current, (double)rows[i].current * rows[i].metric);

        if (got != rows[i].wanted)
            fail_msg("(%d, %g, %g) gives %d", (int)rows[i].current, rows[i].metric, rows[i].target,
                     (int)got);
    }
}

static void from_nothing_and_to_the_limits(void **state)
{
    struct scale_limits few = limits;

    (void)state;
    few.least = 2;
    few.most = 5;

    assert_int_equal(scale_recommend(&limits, 0, 76), 2);
    assert_int_equal(scale_recommend(&limits, 0, 0), 0);
    assert_int_equal(scale_recommend(&few, 0, 0), 2);
    assert_int_equal(scale_recommend(&few, 3, 100000), 5);
    assert_int_equal(scale_recommend(&limits, 3, 1e18), 500);
}

static struct scale_verdict decide(struct scale_history *history, int64_t at_s, int64_t ready,
                                   int64_t booting, double total)
{
    const struct scale_input input = {.now_ms = at_s * S,
                                      .ready = ready,
                                      .booting = booting,
                                      .has_total = total >= 0,
                                      .total = total};

    return scale_decide(history, &limits, &input);
}

static void going_down_takes_the_greatest_recommendation_of_the_window(void **state)
{
    static const struct {
        int64_t at_s;
        double machines; /* that the demand wants */
        int64_t desired;
        enum scale_reason reason;
    } rows[] = {
        {1000, 10, 10, SCALE_STEADY},   {1120, 4, 10, SCALE_DOWN_HELD},
        {1240, 6, 10, SCALE_DOWN_HELD}, {1301, 5, 6, SCALE_DOWN_HELD},
        {1421, 3, 6, SCALE_DOWN_HELD},  {1541, 3, 5, SCALE_DOWN_HELD},
        {1722, 3, 3, SCALE_DOWN},
    };
    struct scale_history history = {{{0, 0}}, {{0, 0}}, 0, 0};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct scale_verdict v = decide(&history, rows[i].at_s, 10, 0, rows[i].machines * 75);

        if (v.desired != rows[i].desired || v.reason != rows[i].reason)
            fail_msg("at %d s: %d, %s", (int)rows[i].at_s, (int)v.desired,
                     scale_reason_name(v.reason));
    }
}

static void a_first_look_takes_nothing_away(void **state)
{
    struct scale_history history = {{{0, 0}}, {{0, 0}}, 0, 0};

    (void)state;
    assert_int_equal(decide(&history, 1000, 10, 0, 75).desired, 10);
    assert_int_equal(decide(&history, 1299, 10, 0, 75).desired, 10);
    assert_int_equal(decide(&history, 1301, 10, 0, 75).desired, 1);
}

static void going_up_is_bounded_by_four_or_by_what_there_was(void **state)
{
    struct scale_history history = {{{0, 0}}, {{0, 0}}, 0, 0};

    (void)state;

    assert_int_equal(decide(&history, 1000, 1, 0, 7500).desired, 5);
    scale_note_added(&history, 1000 * S, 4);
    assert_int_equal(decide(&history, 1030, 1, 4, 7500).desired, 5);
    assert_int_equal(decide(&history, 1059, 5, 0, 7500).desired, 5);
    assert_int_equal(decide(&history, 1061, 5, 0, 7500).desired, 10);
    scale_note_added(&history, 1061 * S, 5);
    assert_int_equal(decide(&history, 1122, 10, 0, 7500).desired, 20);
    assert_int_equal(decide(&history, 1122, 10, 0, 7500).reason, SCALE_UP_LIMITED);
}

static void machines_that_boot_are_counted_and_taken_to_do_nothing(void **state)
{
    struct scale_history history = {{{0, 0}}, {{0, 0}}, 0, 0};

    (void)state;

    assert_int_equal(decide(&history, 1000, 2, 2, 4 * 75).desired, 4);
    assert_int_equal(decide(&history, 1001, 2, 2, 6 * 75).desired, 6);
}

static void a_missing_metric_never_takes_anything_away(void **state)
{
    struct scale_history history = {{{0, 0}}, {{0, 0}}, 0, 0};
    struct scale_limits least = limits;
    const struct scale_input blind = {.now_ms = 2000 * S, .ready = 2};

    (void)state;
    for (int64_t s = 1000; s < 3000; s += 120) {
        const struct scale_verdict v = decide(&history, s, 10, 0, -1);

        assert_int_equal(v.desired, 10);
        assert_int_equal(v.reason, SCALE_MISSING);
    }
    least.least = 3;
    assert_int_equal(scale_decide(&history, &least, &blind).desired, 3);
}

static void a_clock_that_was_set_back_holds_for_one_window_at_most(void **state)
{
    struct scale_history history = {{{0, 0}}, {{0, 0}}, 0, 0};

    (void)state;
    assert_int_equal(decide(&history, 100000, 10, 0, 750).desired, 10);

    assert_int_equal(decide(&history, 5000, 10, 0, 75).desired, 10); /* knows nothing: holds on */
    assert_int_equal(decide(&history, 5301, 10, 0, 75).desired, 1);
}

static void what_is_remembered_is_bounded_and_keeps_the_greatest(void **state)
{
    struct scale_history history = {{{0, 0}}, {{0, 0}}, 0, 0};

    (void)state;
    (void)decide(&history, 1000, 400, 0, 400 * 75.0);
    for (int64_t s = 1001; s < 1290; s++)
        (void)decide(&history, s, 400, 0, 75);

    assert_int_equal(history.wanted_count, SCALE_KEPT_MAX);
    assert_int_equal(decide(&history, 1290, 400, 0, 75).desired, 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_examples_come_out),
        cmocka_unit_test(from_nothing_and_to_the_limits),
        cmocka_unit_test(going_down_takes_the_greatest_recommendation_of_the_window),
        cmocka_unit_test(a_first_look_takes_nothing_away),
        cmocka_unit_test(going_up_is_bounded_by_four_or_by_what_there_was),
        cmocka_unit_test(machines_that_boot_are_counted_and_taken_to_do_nothing),
        cmocka_unit_test(a_missing_metric_never_takes_anything_away),
        cmocka_unit_test(a_clock_that_was_set_back_holds_for_one_window_at_most),
        cmocka_unit_test(what_is_remembered_is_bounded_and_keeps_the_greatest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
