/* Tests of the ballot paper. */
#include "core_test.h"

static void a_vote_is_given_once_per_term(void **state)
{
    struct ballot b = {.term = 3};

    (void)state;

    assert_true(ballot_grant(&b, 3, "n1"));
    assert_false(ballot_can_grant(&b, 3, "n2"));
    assert_true(ballot_can_grant(&b, 3, "n1"));
    assert_false(ballot_grant(&b, 3, "n1"));
    assert_true(ballot_can_grant(&b, 4, "n2"));
    assert_false(ballot_can_grant(&b, 2, "n1"));
}

static void a_later_term_frees_the_vote(void **state)
{
    struct ballot b = {.term = 3, .vote = "n1"};

    (void)state;

    assert_false(ballot_advance(&b, 3));
    assert_string_equal(b.vote, "n1");
    assert_true(ballot_advance(&b, 9));
    assert_int_equal(b.term, 9);
    assert_string_equal(b.vote, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_vote_is_given_once_per_term),
        cmocka_unit_test(a_later_term_frees_the_vote),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
