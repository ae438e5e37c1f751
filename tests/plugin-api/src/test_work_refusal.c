/* Tests of what a refusal of the queue means. */
#include "sdk_test.h"

#include "plugin-api/src/work_round.h"

static void what_is_wrong_with_the_item_is_refused_for_good(void **state)
{
    static const uint32_t for_good[] = {400, 409, 413, 422};
    static const uint32_t for_now[] = {200, 201, 401, 403, 404, 408, 412, 429, 500, 502, 503, 507};
    struct rh_reply reply = {.size = (uint32_t)sizeof(reply), .rc = RH_OK};

    (void)state;
    for (size_t i = 0; i < sizeof(for_good) / sizeof(for_good[0]); i++) {
        reply.status = for_good[i];
        assert_true(work_refusal_is_for_good(&reply));
    }
    for (size_t i = 0; i < sizeof(for_now) / sizeof(for_now[0]); i++) {
        reply.status = for_now[i];
        assert_false(work_refusal_is_for_good(&reply));
    }
}

static void what_the_queue_never_said_is_no_refusal_for_good(void **state)
{
    const struct rh_reply reply = {
        .size = (uint32_t)sizeof(reply), .rc = RH_ETIMEOUT, .status = 400};

    (void)state;
    assert_false(work_refusal_is_for_good(&reply));
}

static void each_refusal_doubles_the_wait_up_to_a_minute(void **state)
{
    static const int64_t waits_ms[] = {5000, 10000, 20000, 40000, 60000, 60000};

    (void)state;
    for (uint32_t i = 0; i < sizeof(waits_ms) / sizeof(waits_ms[0]); i++)
        assert_int_equal(work_refusal_wait_ms(i, 0), waits_ms[i]);
    assert_int_equal(work_refusal_wait_ms(UINT32_MAX, 0), 60000);
}

static void the_queue_may_ask_for_a_longer_wait_but_not_for_hours(void **state)
{
    (void)state;
    assert_int_equal(work_refusal_wait_ms(0, 3), 5000);
    assert_int_equal(work_refusal_wait_ms(0, 17), 17000);
    assert_int_equal(work_refusal_wait_ms(0, UINT32_MAX), 60000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_with_the_item_is_refused_for_good),
        cmocka_unit_test(what_the_queue_never_said_is_no_refusal_for_good),
        cmocka_unit_test(each_refusal_doubles_the_wait_up_to_a_minute),
        cmocka_unit_test(the_queue_may_ask_for_a_longer_wait_but_not_for_hours),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
