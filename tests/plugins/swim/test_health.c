/* Tests of the local health. */
#include "swim_test.h"

static void trouble_adds_up_to_eight_and_clean_probes_take_it_away(void **state)
{
    struct health h = {.score_max = HEALTH_SCORE_MAX};

    (void)state;

    health_worsen(&h, 3);
    assert_int_equal(h.score, 3);
    health_worsen(&h, 9);
    assert_int_equal(h.score, HEALTH_SCORE_MAX);
    for (uint32_t i = 0; i < 20; i++)
        health_improve(&h);
    assert_int_equal(h.score, 0);
}

static void a_node_in_trouble_waits_longer(void **state)
{
    struct health h = {.score_max = HEALTH_SCORE_MAX};

    (void)state;

    assert_int_equal(health_stretch_ms(&h, 500), 500);
    health_worsen(&h, 2);
    assert_int_equal(health_stretch_ms(&h, 500), 1500);
    health_worsen(&h, 100);
    assert_int_equal(health_stretch_ms(&h, 500), 4500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trouble_adds_up_to_eight_and_clean_probes_take_it_away),
        cmocka_unit_test(a_node_in_trouble_waits_longer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
