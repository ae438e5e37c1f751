/* Tests of what answers mean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#include "plugins/event_bridge/verdict.h"

struct answer {
    int32_t rc;
    uint32_t status;
    enum verdict verdict;
};

static void an_answer_takes_refuses_or_asks_again(void **state)
{
    static const struct answer answers[] = {
        {RH_OK, 200, VERDICT_TAKEN},         {RH_OK, 204, VERDICT_TAKEN},
        {RH_OK, 301, VERDICT_REFUSED},       {RH_OK, 400, VERDICT_REFUSED},
        {RH_OK, 401, VERDICT_REFUSED},       {RH_OK, 404, VERDICT_REFUSED},
        {RH_OK, 408, VERDICT_AGAIN},         {RH_OK, 410, VERDICT_REFUSED},
        {RH_OK, 425, VERDICT_AGAIN},         {RH_OK, 429, VERDICT_AGAIN},
        {RH_OK, 500, VERDICT_AGAIN},         {RH_OK, 503, VERDICT_AGAIN},
        {RH_ETIMEOUT, 0, VERDICT_AGAIN},     {RH_EUNKNOWN, 0, VERDICT_AGAIN},
        {RH_EPROTOCOL, 0, VERDICT_AGAIN},    {RH_EUNREACHABLE, 0, VERDICT_UNAVAILABLE},
        {RH_ECANCELLED, 0, VERDICT_STOPPED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
        assert_int_equal(verdict_of_reply(answers[i].rc, answers[i].status), answers[i].verdict);
}

static void a_program_says_with_its_exit_status(void **state)
{
    const struct rh_str exited = RH_STR_LIT("exited");

    (void)state;
    assert_int_equal(verdict_of_exit(RH_OK, exited, 0), VERDICT_TAKEN);
    assert_int_equal(verdict_of_exit(RH_OK, exited, 75), VERDICT_AGAIN);
    assert_int_equal(verdict_of_exit(RH_OK, exited, 1), VERDICT_REFUSED);
    assert_int_equal(verdict_of_exit(RH_OK, exited, 127), VERDICT_REFUSED);
}

static void a_program_that_did_not_end_by_itself_is_tried_again(void **state)
{
    static const char *const reasons[] = {"signalled", "timeout", "killed", "lost", "spawn_failed"};

    (void)state;
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        assert_int_equal(verdict_of_exit(RH_OK, rh_str_from(reasons[i]), 0), VERDICT_AGAIN);
    assert_int_equal(verdict_of_exit(RH_EIO, RH_STR_LIT(""), 0), VERDICT_AGAIN);
    assert_int_equal(verdict_of_exit(RH_ENOTFOUND, RH_STR_LIT("not_found"), 0),
                     VERDICT_UNAVAILABLE);
    assert_int_equal(verdict_of_exit(RH_ECANCELLED, RH_STR_LIT(""), 0), VERDICT_STOPPED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_takes_refuses_or_asks_again),
        cmocka_unit_test(a_program_says_with_its_exit_status),
        cmocka_unit_test(a_program_that_did_not_end_by_itself_is_tried_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
