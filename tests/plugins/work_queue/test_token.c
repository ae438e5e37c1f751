/* Tokens as text and in order. */
#include "work_queue_test.h"

#include "token.h"

static void text_comes_back_as_the_same_token(void **state)
{
    const struct token token = {7, 2, UINT64_MAX};
    char text[TOKEN_TEXT_SIZE];
    struct token out;

    (void)state;
    struct rh_str s = token_format(token, text);

    assert_string_equal(text, "7.2.18446744073709551615");
    assert_int_equal(token_parse(s, &out), RH_OK);
    assert_int_equal(token_compare(token, out), 0);
}

static void other_texts_are_refused(void **state)
{
    static const char *const texts[] = {"",      "1",       "1.2",    "1.2.",   ".1.2",  "1..2",
                                        "1.2.x", "1.2.3.4", "1.2.3 ", "-1.2.3", "01.2.3"};
    struct token out = {9, 9, 9};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_int_equal(token_parse(rh_str_from(texts[i]), &out), RH_EINVAL);

    assert_true(out.epoch == 9);
}

static void epoch_comes_before_activation_before_count(void **state)
{
    (void)state;
    assert_true(token_compare((struct token){1, 9, 9}, (struct token){2, 1, 1}) < 0);
    assert_true(token_compare((struct token){2, 1, 9}, (struct token){2, 2, 1}) < 0);
    assert_true(token_compare((struct token){2, 2, 2}, (struct token){2, 2, 1}) > 0);
    assert_true(token_is_before((struct token){1, 9, 9}, (struct token){2, 1, 0}));
    assert_false(token_is_before((struct token){2, 1, 1}, (struct token){2, 1, 9}));
    assert_true(token_is_none((struct token){0, 0, 0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_comes_back_as_the_same_token),
        cmocka_unit_test(other_texts_are_refused),
        cmocka_unit_test(epoch_comes_before_activation_before_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
