/* What answers mean for a report. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#include "plugins/worker/verdict.h"

static enum verdict of(uint32_t status, const char *code)
{
    return verdict_of(RH_OK, status, rh_str_from(code));
}

static void any_success_is_taken(void **state)
{
    (void)state;

    assert_int_equal(of(200, ""), VERDICT_TAKEN);
    assert_int_equal(of(202, ""), VERDICT_TAKEN);
}

static void stale_claim_and_unknown_item_are_final(void **state)
{
    (void)state;

    assert_int_equal(of(409, "stale_claim"), VERDICT_STALE);
    assert_int_equal(of(404, "not_found"), VERDICT_STALE);
}

static void conflict_about_the_cluster_is_tried_again(void **state)
{
    (void)state;

    assert_int_equal(of(409, "wrong_cluster"), VERDICT_AGAIN);
    assert_int_equal(of(409, "upgrade_needed"), VERDICT_AGAIN);
}

static void leader_without_a_queue_is_tried_again(void **state)
{
    (void)state;

    assert_int_equal(of(404, "no_route"), VERDICT_AGAIN);
}

static void wrong_report_is_refused(void **state)
{
    static const uint32_t statuses[] = {400, 413, 415, 422};

    (void)state;

    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
        assert_int_equal(of(statuses[i], "x"), VERDICT_REFUSED);
}

static void passing_trouble_is_tried_again(void **state)
{
    static const uint32_t statuses[] = {0, 301, 401, 403, 408, 412, 421, 429, 500, 502, 503, 504};

    (void)state;

    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
        assert_int_equal(of(statuses[i], "not_leader"), VERDICT_AGAIN);
}

static void no_answer_is_tried_again_whatever_the_rest_says(void **state)
{
    (void)state;

    assert_int_equal(verdict_of(RH_EUNKNOWN, 200, rh_str_from("")), VERDICT_AGAIN);
    assert_int_equal(verdict_of(RH_ENOTLEADER, 0, rh_str_from("")), VERDICT_AGAIN);
    assert_int_equal(verdict_of(RH_ETIMEOUT, 409, rh_str_from("stale_claim")), VERDICT_AGAIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_success_is_taken),
        cmocka_unit_test(stale_claim_and_unknown_item_are_final),
        cmocka_unit_test(conflict_about_the_cluster_is_tried_again),
        cmocka_unit_test(leader_without_a_queue_is_tried_again),
        cmocka_unit_test(wrong_report_is_refused),
        cmocka_unit_test(passing_trouble_is_tried_again),
        cmocka_unit_test(no_answer_is_tried_again_whatever_the_rest_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
