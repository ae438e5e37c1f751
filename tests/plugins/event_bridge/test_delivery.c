/* Tests of the delivery of one event after the other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#include "plugins/event_bridge/delivery.h"

static const struct delivery_limits limits = {
    .backoff_ms = 1000, .backoff_max_ms = 60000, .recheck_ms = 30000, .attempts_max = 3};

static struct delivery started(void)
{
    struct delivery delivery = {.state = DELIVERY_OFF};

    delivery_start(&delivery);
    return delivery;
}

/* Send at now_ms and judge. */
static enum delivery_act go(struct delivery *delivery, enum verdict verdict, int64_t now_ms,
                            int64_t retry_after_ms)
{
    assert_true(delivery_may_send(delivery, now_ms));
    delivery_sent(delivery, 1);
    return delivery_judge(delivery, &limits, verdict, now_ms, 0, retry_after_ms);
}

static void one_is_on_its_way_at_a_time(void **state)
{
    struct delivery delivery = started();

    (void)state;
    assert_true(delivery_may_send(&delivery, 0));
    delivery_sent(&delivery, 1);

    assert_false(delivery_may_send(&delivery, INT64_MAX));
    assert_int_equal(delivery_due_ms(&delivery), INT64_MAX);
}

static void what_is_taken_makes_room_for_the_next(void **state)
{
    struct delivery delivery = started();

    (void)state;
    assert_int_equal(go(&delivery, VERDICT_TAKEN, 0, 0), DELIVERY_DROP);

    assert_true(delivery_may_send(&delivery, 0));
}

static void pauses_double_to_their_limit(void **state)
{
    (void)state;
    assert_int_equal(delivery_pause_ms(&limits, 1, 0), 1000);
    assert_int_equal(delivery_pause_ms(&limits, 2, 0), 2000);
    assert_int_equal(delivery_pause_ms(&limits, 6, 0), 32000);
    assert_int_equal(delivery_pause_ms(&limits, 7, 0), 60000);
    assert_int_equal(delivery_pause_ms(&limits, UINT32_MAX, 0), 60000);
}

static void chance_spreads_a_pause_over_its_second_half(void **state)
{
    int64_t least = INT64_MAX;
    int64_t most = 0;

    (void)state;
    for (uint64_t random = 0; random < 5000; random++) {
        const int64_t pause = delivery_pause_ms(&limits, 3, random);

        least = pause < least ? pause : least;
        most = pause > most ? pause : most;
    }

    assert_int_equal(least, 2000);
    assert_int_equal(most, 4000);
}

static void a_failed_try_is_repeated_after_its_pause(void **state)
{
    struct delivery delivery = started();

    (void)state;
    assert_int_equal(go(&delivery, VERDICT_AGAIN, 100, 0), DELIVERY_KEEP);

    assert_int_equal(delivery_due_ms(&delivery), 1100);
    assert_false(delivery_may_send(&delivery, 1099));
    assert_true(delivery_may_send(&delivery, 1100));
}

static void a_receiver_that_asks_for_more_time_gets_it(void **state)
{
    struct delivery delivery = started();

    (void)state;
    (void)go(&delivery, VERDICT_AGAIN, 0, 7000);

    assert_int_equal(delivery_due_ms(&delivery), 7000);
}

static void no_receiver_stops_a_sink_for_more_than_an_hour(void **state)
{
    struct delivery delivery = started();

    (void)state;
    (void)go(&delivery, VERDICT_AGAIN, 5, INT64_C(4294967295) * 1000);

    assert_int_equal(delivery_due_ms(&delivery), 5 + 3600000);
}

static void so_many_failures_bury_an_event(void **state)
{
    struct delivery delivery = started();

    (void)state;
    assert_int_equal(go(&delivery, VERDICT_AGAIN, 0, 0), DELIVERY_KEEP);
    assert_int_equal(go(&delivery, VERDICT_AGAIN, 10000, 0), DELIVERY_KEEP);
    assert_int_equal(go(&delivery, VERDICT_AGAIN, 20000, 0), DELIVERY_BURY);

    assert_false(delivery_may_send(&delivery, INT64_MAX));
    delivery_buried(&delivery, true, 20000);
    assert_true(delivery_may_send(&delivery, 20000));
    assert_int_equal(delivery.attempts, 0);
}

static void without_a_limit_no_failure_buries(void **state)
{
    struct delivery_limits endless = limits;
    struct delivery delivery = started();

    (void)state;
    endless.attempts_max = 0;
    for (int64_t i = 0; i < 1000; i++) {
        assert_true(delivery_may_send(&delivery, i * 60000));
        delivery_sent(&delivery, 1);
        assert_int_equal(delivery_judge(&delivery, &endless, VERDICT_AGAIN, i * 60000, 0, 0),
                         DELIVERY_KEEP);
    }
}

static void a_refusal_buries_at_once(void **state)
{
    struct delivery delivery = started();

    (void)state;
    assert_int_equal(go(&delivery, VERDICT_REFUSED, 0, 0), DELIVERY_BURY);
}

static void a_receiver_that_is_not_there_is_looked_for_after_thirty_seconds(void **state)
{
    struct delivery delivery = started();

    (void)state;
    for (int64_t i = 0; i < 10; i++) {
        assert_int_equal(go(&delivery, VERDICT_UNAVAILABLE, i * 30000, 0), DELIVERY_KEEP);
        assert_false(delivery.is_available);
        assert_false(delivery_may_send(&delivery, i * 30000 + 29999));
    }

    assert_int_equal(delivery.attempts, 0); /* it says nothing about the event */
    assert_int_equal(go(&delivery, VERDICT_TAKEN, 300000, 0), DELIVERY_DROP);
    assert_true(delivery.is_available);
}

static void without_room_it_stands_still_until_there_is_some(void **state)
{
    struct delivery delivery = started();

    (void)state;
    (void)go(&delivery, VERDICT_REFUSED, 0, 0);
    delivery_buried(&delivery, false, 31000);

    assert_false(delivery_may_send(&delivery, INT64_MAX));
    assert_false(delivery_may_bury(&delivery, 30999));
    delivery_unblock(&delivery, 5000);
    assert_true(delivery_may_bury(&delivery, 5000));

    delivery_buried(&delivery, true, 5000);
    assert_true(delivery_may_send(&delivery, 5000));
}

static void a_head_that_waits_for_room_steps_back_for_others(void **state)
{
    struct delivery delivery = started();

    (void)state;
    assert_false(delivery_step_back(&delivery));
    (void)go(&delivery, VERDICT_REFUSED, 0, 0);
    delivery_buried(&delivery, false, 31000);

    assert_true(delivery_step_back(&delivery));

    assert_true(delivery_may_send(&delivery, 0));
    assert_int_equal(delivery.attempts, 0);
}

static void who_asks_for_a_try_need_not_wait(void **state)
{
    struct delivery delivery = started();

    (void)state;
    (void)go(&delivery, VERDICT_UNAVAILABLE, 0, 0);
    assert_false(delivery_may_send(&delivery, 10));

    delivery_hurry(&delivery, 10);

    assert_true(delivery_may_send(&delivery, 10));
    delivery_hurry(&delivery, 10); /* nothing waits */
    assert_int_equal(delivery_due_ms(&delivery), INT64_MAX);
}

static const struct delivery_limits wide = {.backoff_ms = 1000,
                                            .backoff_max_ms = 60000,
                                            .recheck_ms = 30000,
                                            .attempts_max = 2,
                                            .width_max = 8};

static enum delivery_act go_wide(struct delivery *delivery, uint32_t count, enum verdict verdict,
                                 int64_t now_ms)
{
    assert_true(delivery_may_send(delivery, now_ms));
    delivery_sent(delivery, count);
    return delivery_judge(delivery, &wide, verdict, now_ms, 0, 0);
}

static void some_that_fail_together_are_tried_one_by_one(void **state)
{
    struct delivery delivery = started();

    (void)state;
    assert_int_equal(delivery_width(&delivery, &wide), 8);
    assert_int_equal(go_wide(&delivery, 8, VERDICT_AGAIN, 0), DELIVERY_KEEP);

    assert_int_equal(delivery_width(&delivery, &wide), 1);
    assert_int_equal(delivery_due_ms(&delivery), 1000);
}

static void width_doubles_with_each_success_up_to_its_limit(void **state)
{
    static const uint32_t widths[] = {1, 2, 4, 8, 8};
    struct delivery delivery = started();

    (void)state;
    (void)go_wide(&delivery, 8, VERDICT_REFUSED, 0);

    for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++) {
        assert_int_equal(delivery_width(&delivery, &wide), widths[i]);
        assert_int_equal(go_wide(&delivery, widths[i], VERDICT_TAKEN, 0), DELIVERY_DROP);
    }
}

static void only_an_event_that_was_alone_is_buried(void **state)
{
    struct delivery delivery = started();

    (void)state;
    assert_int_equal(go_wide(&delivery, 8, VERDICT_REFUSED, 0), DELIVERY_KEEP);
    assert_true(delivery_may_send(&delivery, 0)); /* at once */
    assert_int_equal(go_wide(&delivery, 2, VERDICT_AGAIN, 0), DELIVERY_KEEP);
    assert_int_equal(go_wide(&delivery, 2, VERDICT_AGAIN, 60000), DELIVERY_KEEP);
    assert_int_equal(go_wide(&delivery, 1, VERDICT_AGAIN, 120000), DELIVERY_BURY);
}

static void one_by_one_is_all_that_a_sink_without_a_width_does(void **state)
{
    struct delivery delivery = started();

    (void)state;
    assert_int_equal(delivery_width(&delivery, &limits), 1);
    (void)go(&delivery, VERDICT_AGAIN, 0, 0);
    (void)go(&delivery, VERDICT_TAKEN, 60000, 0);

    assert_int_equal(delivery_width(&delivery, &limits), 1);
}

static void an_answer_after_the_stop_means_nothing(void **state)
{
    struct delivery delivery = started();

    (void)state;
    delivery_sent(&delivery, 1);
    delivery_stop(&delivery);

    assert_int_equal(delivery_judge(&delivery, &limits, VERDICT_TAKEN, 0, 0, 0), DELIVERY_NONE);
    assert_false(delivery_may_send(&delivery, INT64_MAX));
    delivery_start(&delivery);
    assert_int_equal(delivery_judge(&delivery, &limits, VERDICT_TAKEN, 0, 0, 0), DELIVERY_NONE);
}

static void what_we_gave_up_ourselves_counts_as_nothing(void **state)
{
    struct delivery delivery = started();

    (void)state;
    assert_int_equal(go(&delivery, VERDICT_STOPPED, 0, 0), DELIVERY_KEEP);

    assert_int_equal(delivery.attempts, 0);
    assert_true(delivery_may_send(&delivery, 0));
}

static void a_hold_waits_for_its_time(void **state)
{
    struct delivery delivery = started();

    (void)state;
    delivery_hold(&delivery, 500);

    assert_int_equal(delivery_due_ms(&delivery), 500);
    assert_false(delivery_may_send(&delivery, 499));
    assert_true(delivery_may_send(&delivery, 500));
}

static void every_state_has_a_name(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < DELIVERY_STATES; i++)
        assert_non_null(delivery_state_name((enum delivery_state)i));
    assert_string_equal(delivery_state_name(DELIVERY_BLOCKED), "blocked");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_is_on_its_way_at_a_time),
        cmocka_unit_test(what_is_taken_makes_room_for_the_next),
        cmocka_unit_test(pauses_double_to_their_limit),
        cmocka_unit_test(chance_spreads_a_pause_over_its_second_half),
        cmocka_unit_test(a_failed_try_is_repeated_after_its_pause),
        cmocka_unit_test(a_receiver_that_asks_for_more_time_gets_it),
        cmocka_unit_test(no_receiver_stops_a_sink_for_more_than_an_hour),
        cmocka_unit_test(so_many_failures_bury_an_event),
        cmocka_unit_test(without_a_limit_no_failure_buries),
        cmocka_unit_test(a_refusal_buries_at_once),
        cmocka_unit_test(a_receiver_that_is_not_there_is_looked_for_after_thirty_seconds),
        cmocka_unit_test(without_room_it_stands_still_until_there_is_some),
        cmocka_unit_test(a_head_that_waits_for_room_steps_back_for_others),
        cmocka_unit_test(who_asks_for_a_try_need_not_wait),
        cmocka_unit_test(some_that_fail_together_are_tried_one_by_one),
        cmocka_unit_test(width_doubles_with_each_success_up_to_its_limit),
        cmocka_unit_test(only_an_event_that_was_alone_is_buried),
        cmocka_unit_test(one_by_one_is_all_that_a_sink_without_a_width_does),
        cmocka_unit_test(an_answer_after_the_stop_means_nothing),
        cmocka_unit_test(what_we_gave_up_ourselves_counts_as_nothing),
        cmocka_unit_test(a_hold_waits_for_its_time),
        cmocka_unit_test(every_state_has_a_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
