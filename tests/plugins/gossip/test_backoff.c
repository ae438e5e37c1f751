/* Tests of back-off. */
#include "map_test.h"

#include "plugins/gossip/backoff.h"

static void waits_double_up_to_twenty_beats(void **state)
{
    struct backoff b = {0};
    const int64_t expected[] = {1000, 2000, 4000, 8000, 16000, 30000, 30000};

    (void)state;

    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        backoff_fail(&b, 0, 1500, 0);
        assert_int_equal(b.next_ms, expected[i]);
    }
}

static void jitter_takes_at_most_a_quarter(void **state)
{
    (void)state;

    for (uint64_t random = 0; random < 1000; random += 7) {
        struct backoff b = {0};

        backoff_fail(&b, 500, 1500, random);
        assert_in_range(b.next_ms, 500 + 750, 500 + 1000);
    }
}

static void an_answer_ends_it(void **state)
{
    struct backoff b = {0};

    (void)state;

    assert_true(backoff_is_over(&b, 0));
    backoff_fail(&b, 0, 1500, 0);
    assert_false(backoff_is_over(&b, 999));
    assert_true(backoff_is_over(&b, 1000));
    backoff_succeed(&b);
    assert_true(backoff_is_over(&b, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_double_up_to_twenty_beats),
        cmocka_unit_test(jitter_takes_at_most_a_quarter),
        cmocka_unit_test(an_answer_ends_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
