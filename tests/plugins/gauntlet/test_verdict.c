/* Tests of the verdicts: what decides, and all that does not. */
#include "fixture.h"

static void assert_verdict(struct verdict_result got, enum verdict verdict,
                           enum verdict_reason reason)
{
    assert_string_equal(verdict_name(got.verdict), verdict_name(verdict));
    assert_string_equal(verdict_reason_name(got.reason), verdict_reason_name(reason));
}

static void check(struct tally tally, enum verdict verdict, enum verdict_reason reason)
{
    assert_verdict(verdict_of_tally(&tally, false), verdict, reason);
}

static void an_interval_above_one_half_is_stronger(void **state)
{
    (void)state;
    check((struct tally){15, 5, 0, 0, 0}, VERDICT_STRONGER, REASON_INTERVAL_ABOVE_HALF);
}

static void an_interval_below_one_half_is_weaker(void **state)
{
    (void)state;
    check((struct tally){5, 15, 0, 0, 0}, VERDICT_WEAKER, REASON_INTERVAL_BELOW_HALF);
}

static void fourteen_of_twenty_are_not_enough(void **state)
{
    (void)state;
    check((struct tally){14, 6, 0, 0, 0}, VERDICT_UNDECIDED, REASON_INTERVAL_CONTAINS_HALF);
}

static void zero_games_decide_nothing(void **state)
{
    (void)state;
    check((struct tally){0, 0, 0, 0, 0}, VERDICT_UNDECIDED, REASON_NO_GAMES);
    check((struct tally){0, 0, 0, 20, 0}, VERDICT_UNDECIDED, REASON_NO_GAMES);
}

static void more_than_a_tenth_of_errors_decides_nothing(void **state)
{
    (void)state;
    check((struct tally){17, 0, 0, 3, 0}, VERDICT_UNDECIDED, REASON_TOO_MANY_ERRORS);
    check((struct tally){18, 0, 0, 2, 0}, VERDICT_STRONGER, REASON_INTERVAL_ABOVE_HALF);
}

static void pending_games_decide_nothing_yet(void **state)
{
    (void)state;
    check((struct tally){19, 0, 0, 0, 1}, VERDICT_UNDECIDED, REASON_RUNNING);
}

static void a_cancelled_gauntlet_decides_nothing(void **state)
{
    const struct tally tally = {20, 0, 0, 0, 0};

    (void)state;
    assert_verdict(verdict_of_tally(&tally, true), VERDICT_UNDECIDED, REASON_CANCELLED);
}

static const struct verdict_result stronger = {VERDICT_STRONGER, REASON_INTERVAL_ABOVE_HALF};
static const struct verdict_result weaker = {VERDICT_WEAKER, REASON_INTERVAL_BELOW_HALF};
static const struct verdict_result open_result = {VERDICT_UNDECIDED, REASON_INTERVAL_CONTAINS_HALF};
static const struct verdict_result running = {VERDICT_UNDECIDED, REASON_RUNNING};

static const struct sprt sprt = {SPRT_LOGISTIC, 0.0, 5.0, 0.05, 0.05};

static void a_passed_test_of_no_regression_is_not_progress(void **state)
{
    const struct sprt no_regression = {SPRT_LOGISTIC, -5.0, 0.0, 0.05, 0.05};
    const struct tally tally = {.wins = 30, .losses = 30};
    const struct verdict_result passed = {VERDICT_NOT_WEAKER, REASON_H1};
    const struct verdict_result better = {VERDICT_STRONGER, REASON_H1};
    const struct verdict_result failed = {VERDICT_NOT_STRONGER, REASON_H0};

    (void)state;
    assert_verdict(verdict_of_sprt(&tally, &no_regression, SPRT_H1, false), VERDICT_NOT_WEAKER,
                   REASON_H1);
    assert_int_equal(verdict_promotion(VERDICT_NOT_WEAKER), PROMOTION_PROMOTE);
    assert_verdict(verdict_overall((struct verdict_result[]){passed, better}, 2),
                   VERDICT_NOT_WEAKER, REASON_NO_WEAKER);
    assert_verdict(verdict_overall((struct verdict_result[]){passed, failed}, 2),
                   VERDICT_NOT_STRONGER, REASON_SOME_NOT_STRONGER);
}

static void a_test_decides_though_games_are_pending(void **state)
{
    const struct tally tally = {.wins = 30, .losses = 20, .pending = 50};

    (void)state;
    assert_verdict(verdict_of_sprt(&tally, &sprt, SPRT_H1, false), VERDICT_STRONGER, REASON_H1);
    assert_verdict(verdict_of_sprt(&tally, &sprt, SPRT_H0, false), VERDICT_NOT_STRONGER, REASON_H0);
    assert_verdict(verdict_of_sprt(&tally, &sprt, SPRT_GOES_ON, false), VERDICT_UNDECIDED,
                   REASON_RUNNING);
    assert_verdict(verdict_of_sprt(&tally, &sprt, SPRT_H1, true), VERDICT_UNDECIDED,
                   REASON_CANCELLED);
}

static void a_test_without_end_or_with_many_errors_decides_nothing(void **state)
{
    const struct tally out = {.wins = 30, .losses = 20};
    const struct tally errors = {.wins = 30, .errors = 5, .pending = 9};
    const struct tally none = {.errors = 4};

    (void)state;
    assert_verdict(verdict_of_sprt(&out, &sprt, SPRT_GOES_ON, false), VERDICT_UNDECIDED,
                   REASON_OUT_OF_GAMES);
    assert_verdict(verdict_of_sprt(&errors, &sprt, SPRT_H1, false), VERDICT_UNDECIDED,
                   REASON_TOO_MANY_ERRORS);
    assert_verdict(verdict_of_sprt(&none, &sprt, SPRT_GOES_ON, false), VERDICT_UNDECIDED,
                   REASON_NO_GAMES);
}

static void only_the_stronger_is_promoted(void **state)
{
    (void)state;
    assert_int_equal(verdict_promotion(VERDICT_STRONGER), PROMOTION_PROMOTE);
    assert_int_equal(verdict_promotion(VERDICT_WEAKER), PROMOTION_REJECT);
    assert_int_equal(verdict_promotion(VERDICT_NOT_STRONGER), PROMOTION_REJECT);
    assert_int_equal(verdict_promotion(VERDICT_UNDECIDED), PROMOTION_UNDECIDED);
    assert_string_equal(verdict_promotion_name(PROMOTION_REJECT), "reject");
}

static void one_baseline_decides_for_the_whole(void **state)
{
    (void)state;
    assert_verdict(verdict_overall(&open_result, 1), VERDICT_UNDECIDED,
                   REASON_INTERVAL_CONTAINS_HALF);
    assert_verdict(verdict_overall(&weaker, 1), VERDICT_WEAKER, REASON_INTERVAL_BELOW_HALF);
}

static void the_whole_is_stronger_only_against_every_baseline(void **state)
{
    const struct verdict_result all[] = {stronger, stronger};
    const struct verdict_result some[] = {stronger, open_result};

    (void)state;
    assert_verdict(verdict_overall(all, 2), VERDICT_STRONGER, REASON_EVERY_BASELINE);
    assert_verdict(verdict_overall(some, 2), VERDICT_UNDECIDED, REASON_BASELINE_UNDECIDED);
}

static void the_whole_is_weaker_with_one_weaker_result(void **state)
{
    const struct verdict_result some[] = {stronger, weaker, open_result};

    (void)state;
    assert_verdict(verdict_overall(some, 3), VERDICT_WEAKER, REASON_SOME_BASELINE);
}

static void the_whole_is_open_while_a_baseline_is(void **state)
{
    const struct verdict_result some[] = {weaker, running};

    (void)state;
    assert_verdict(verdict_overall(some, 2), VERDICT_UNDECIDED, REASON_RUNNING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_interval_above_one_half_is_stronger),
        cmocka_unit_test(an_interval_below_one_half_is_weaker),
        cmocka_unit_test(fourteen_of_twenty_are_not_enough),
        cmocka_unit_test(zero_games_decide_nothing),
        cmocka_unit_test(more_than_a_tenth_of_errors_decides_nothing),
        cmocka_unit_test(pending_games_decide_nothing_yet),
        cmocka_unit_test(a_cancelled_gauntlet_decides_nothing),
        cmocka_unit_test(a_passed_test_of_no_regression_is_not_progress),
        cmocka_unit_test(a_test_decides_though_games_are_pending),
        cmocka_unit_test(a_test_without_end_or_with_many_errors_decides_nothing),
        cmocka_unit_test(only_the_stronger_is_promoted),
        cmocka_unit_test(one_baseline_decides_for_the_whole),
        cmocka_unit_test(the_whole_is_stronger_only_against_every_baseline),
        cmocka_unit_test(the_whole_is_weaker_with_one_weaker_result),
        cmocka_unit_test(the_whole_is_open_while_a_baseline_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
