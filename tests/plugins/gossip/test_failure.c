/* Tests of missed rounds. */
#include "map_test.h"

#include "plugins/gossip/failure.h"

static void silence_makes_suspect_then_dead(void **state)
{
    struct failure f = {0};

    (void)state;
    assert_true(failure_seen(&f));
    assert_false(failure_missed(&f, 3)); /* it was seen in this round */

    assert_false(failure_missed(&f, 3));
    assert_true(failure_missed(&f, 3));
    assert_int_equal(f.state, FAILURE_SUSPECT);
    assert_false(failure_missed(&f, 3));
    assert_true(failure_missed(&f, 3));
    assert_int_equal(f.state, FAILURE_DEAD);
    assert_true(failure_seen(&f));
    assert_int_equal(f.state, FAILURE_ALIVE);
}

static void large_clusters_wait_for_word_of_mouth(void **state)
{
    struct failure f = {0};
    uint32_t rounds = 0;

    (void)state;
    (void)failure_seen(&f);
    (void)failure_missed(&f, 50);

    while (f.state == FAILURE_ALIVE) {
        (void)failure_missed(&f, 50);
        rounds++;
    }

    assert_int_equal(rounds, FAILURE_SUSPECT_ROUNDS + 2);
}

static void who_was_never_heard_of_is_not_judged(void **state)
{
    struct failure f = {0};

    (void)state;

    for (uint32_t i = 0; i < 20; i++)
        assert_false(failure_missed(&f, 3));
    assert_int_equal(f.state, FAILURE_UNKNOWN);
}

static void who_left_is_not_missed(void **state)
{
    struct failure f = {0};

    (void)state;
    (void)failure_seen(&f);

    assert_true(failure_left(&f));
    assert_false(failure_left(&f));
    for (uint32_t i = 0; i < 9; i++)
        assert_false(failure_missed(&f, 3));
    assert_int_equal(f.state, FAILURE_LEFT);
}

static void what_another_detector_found_out_is_where_the_count_begins(void **state)
{
    struct failure f = {.state = FAILURE_SUSPECT, .missed = 3};

    (void)state;

    failure_adopt(&f, FAILURE_ALIVE);

    assert_int_equal(f.state, FAILURE_ALIVE);
    for (uint32_t i = 0; i < FAILURE_SUSPECT_ROUNDS; i++)
        assert_false(failure_missed(&f, 3));
    assert_true(failure_missed(&f, 3));
    failure_adopt(&f, FAILURE_DEAD);
    assert_false(failure_missed(&f, 3));
    assert_int_equal(f.state, FAILURE_DEAD);
}

static void a_round_that_comes_late_judges_nobody(void **state)
{
    struct failure_clock c = {0};

    (void)state;

    assert_true(failure_round(&c, 100, 1500, 1500));
    assert_true(failure_round(&c, 1600, 1500, 1500));
    assert_true(failure_round(&c, 4600, 1500, 1500));
    assert_false(failure_round(&c, 7601, 1500, 1500));
    assert_true(failure_round(&c, 9101, 1500, 1500));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence_makes_suspect_then_dead),
        cmocka_unit_test(large_clusters_wait_for_word_of_mouth),
        cmocka_unit_test(who_was_never_heard_of_is_not_judged),
        cmocka_unit_test(who_left_is_not_missed),
        cmocka_unit_test(what_another_detector_found_out_is_where_the_count_begins),
        cmocka_unit_test(a_round_that_comes_late_judges_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
