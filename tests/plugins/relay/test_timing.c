/* Tests of plugins/relay/timing.c. */
#include "plugins/relay/timing.h"

#include "relay_test.h"

static const struct timing usual = {25000, 60000, 7500};

static void the_usual_times_are_fine(void **state)
{
    char why[TIMING_WHY_MAX];

    (void)state;
    assert_int_equal(timing_check(&usual, why), RH_OK);
}

static void a_broken_rule_is_named(void **state)
{
    const struct {
        struct timing timing;
        const char *rule;
    } rows[] = {{{31000, 60000, 7500}, "ttl_outlives_polls"},
                {{59950, 120000, 7500}, "poll_in_route"},
                {{25000, 61000, 7500}, "ttl_in_vouch"},
                {{25000, 60000, 8001}, "relay_in_call"}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char why[TIMING_WHY_MAX] = "";

        assert_int_equal(timing_check(&rows[i].timing, why), RH_EINVAL);
        assert_non_null(strstr(why, rows[i].rule));
    }
}

static void a_hub_answers_before_its_caller_gives_up(void **state)
{
    (void)state;
    assert_int_equal(timing_at_hub_ms(8000), 7900);
    assert_int_equal(timing_at_hub_ms(500), 450);
    assert_int_equal(timing_at_hub_ms(0), 1);
    assert_int_equal(timing_at_hub_ms(INT64_C(24) * 3600 * 1000),
                     TIMING_FORWARD_ROUTE_MS - TIMING_MARGIN_MS);
}

static void rests_grow_to_a_limit(void **state)
{
    (void)state;
    for (uint64_t random = 0; random < 100; random++) {
        assert_in_range(timing_rest_ms(1, random * 7919), TIMING_REST_MS * 3 / 4, TIMING_REST_MS);
        assert_in_range(timing_rest_ms(100, random * 7919), TIMING_REST_MAX_MS * 3 / 4,
                        TIMING_REST_MAX_MS);
    }
    assert_true(timing_rest_ms(4, 0) > timing_rest_ms(3, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_usual_times_are_fine),
        cmocka_unit_test(a_broken_rule_is_named),
        cmocka_unit_test(a_hub_answers_before_its_caller_gives_up),
        cmocka_unit_test(rests_grow_to_a_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
