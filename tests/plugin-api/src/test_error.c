/* Tests of the error list's lookups. */
#include <errno.h>

#include "sdk_test.h"

#include <ringhost/sdk/error.h>

static void numbers_and_statuses_of_the_abi_stay(void **state)
{
    (void)state;

    assert_int_equal(RH_OK, 0);
    assert_int_equal(RH_PENDING, 1);
    assert_int_equal(RH_EINVAL, -1);
    assert_int_equal(RH_ECONFLICT, -8);
    assert_int_equal(RH_EUNKNOWN, -10);
    assert_int_equal(RH_ESTALECLAIM, -25);
    assert_int_equal(rh_error_http(RH_OK), 200);
    assert_int_equal(rh_error_http(RH_PENDING), 202);
    assert_int_equal(rh_error_http(RH_EFULL), 507);
    assert_int_equal(rh_error_http(RH_ESTALECLAIM), 409);
    assert_string_equal(rh_error_token(RH_EUNKNOWN), "outcome_unknown");
    assert_string_equal(rh_error_token(RH_OK), "ok");
    assert_string_equal(rh_error_text(RH_ENOTFOUND), "not found");
}

static void every_row_is_found_and_tokens_differ(void **state)
{
    static const int32_t codes[] = {
#define CODE(name, number, http, token, text) RH_##name,
        RH_ERRORS(CODE)
#undef CODE
    };
    size_t count = sizeof(codes) / sizeof(codes[0]);

    (void)state;

    for (size_t i = 0; i < count; i++) {
        assert_int_equal(codes[i], -(int32_t)i - 1);
        assert_in_range(rh_error_http(codes[i]), 400, 599);
        assert_true(strlen(rh_error_text(codes[i])) > 3);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(rh_error_token(codes[i]), rh_error_token(codes[j]));
    }
}

static void unknown_numbers_are_internal_errors(void **state)
{
    static const int32_t unknown[] = {2, 500, -26, -1000, INT32_MIN, INT32_MAX};

    (void)state;

    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        assert_int_equal(rh_error_http(unknown[i]), 500);
        assert_string_equal(rh_error_token(unknown[i]), "internal");
        assert_string_equal(rh_error_text(unknown[i]), "unknown error");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_and_statuses_of_the_abi_stay),
        cmocka_unit_test(every_row_is_found_and_tokens_differ),
        cmocka_unit_test(unknown_numbers_are_internal_errors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
