/* Tests of strict numbers: grammar, ranges, and doubles against the C library. */
#include "sdk_test.h"

#include <errno.h>
#include <ringhost/sdk/str.h>

static void integers_at_their_limits_are_read(void **state)
{
    int64_t i = 1;
    uint64_t u = 1;

    (void)state;

    assert_int_equal(rh_parse_i64(RH_STR_LIT("-9223372036854775808"), &i), RH_OK);
    assert_true(i == INT64_MIN);
    assert_int_equal(rh_parse_i64(RH_STR_LIT("9223372036854775807"), &i), RH_OK);
    assert_true(i == INT64_MAX);
    assert_int_equal(rh_parse_i64(RH_STR_LIT("-0"), &i), RH_OK);
    assert_true(i == 0);
    assert_int_equal(rh_parse_u64(RH_STR_LIT("18446744073709551615"), &u), RH_OK);
    assert_true(u == UINT64_MAX);
    assert_int_equal(rh_parse_u64(RH_STR_LIT("0"), &u), RH_OK);
    assert_true(u == 0);
}

static void other_text_is_no_integer(void **state)
{
    static const char *const bad[] = {
        "",
        "-",
        "+1",
        " 1",
        "1 ",
        "1.0",
        "1e3",
        "01",
        "00",
        "0x",
        "--1",
        "a",
        "1a",
        "-01",
        "- 1",
        "9223372036854775808000",
        "18446744073709551616",
        "-9223372036854775809",
    };
    int64_t i = 77;
    uint64_t u = 77;

    (void)state;

    for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
        assert_int_equal(rh_parse_i64(rh_str_from(bad[k]), &i), RH_EINVAL);
        assert_int_equal(rh_parse_u64(rh_str_from(bad[k]), &u), RH_EINVAL);
    }
    assert_int_equal(rh_parse_i64(RH_STR_LIT("9223372036854775808"), &i), RH_EINVAL);
    assert_int_equal(rh_parse_u64(RH_STR_LIT("-1"), &u), RH_EINVAL);
    assert_int_equal(rh_parse_i64(RH_STR_LIT("1\0"), &i), RH_EINVAL);
    assert_true(i == 77);
    assert_true(u == 77);
}

static void other_text_is_no_double(void **state)
{
    static const char *const bad[] = {
        "",    "-",    "+1",  ".5",   "1.",  "01",    "1e",
        "1e+", "1E-",  "inf", "nan",  " 1",  "1 ",    "0x1p3",
        "1,5", "1.5.", "--1", "1e5.", "-.5", "1e309", "-1e999999999999999999999",
    };
    double value = 77;

    (void)state;

    for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++)
        assert_int_equal(rh_parse_f64(rh_str_from(bad[k]), &value), RH_EINVAL);
    assert_true(value == 77);
}

static uint64_t bits_of(double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

/* Bit-equal to strtod, which in the C locale rounds correctly. */
static void check_same_as_strtod(const char *text)
{
    double expected = strtod(text, NULL);
    double value = -1;

    assert_int_equal(rh_parse_f64(rh_str_from(text), &value), RH_OK);
    if (bits_of(value) != bits_of(expected))
        fail_msg("%s: %a, expected %a", text, value, expected);
}

static void hard_doubles_round_correctly(void **state)
{
    static const char *const texts[] = {
        "0",
        "-0",
        "-0.0e5",
        "0e99999999999999999999",
        "5e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "1e-400",
        "1.7976931348623157e308",
        "1.7976931348623158e308",
        "9007199254740993",
        "9007199254740992.99999999999999",
        "2.2250738585072011e-308",
        "0.1",
        "1e22",
        "1e23",
        "123456789012345678",
        "8.5e-22",
        "6.631236846766476e-316",
        "3.5e21",
        "179769313486231580793e288",
        "0.000001e-310",
    };

    (void)state;

    errno = 5;
    for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++) {
        check_same_as_strtod(texts[k]);
        errno = 5;
    }
    assert_int_equal(errno, 5);
}

static void digits_far_behind_decide_a_tie(void **state)
{
    static char text[3000];
    double value;

    (void)state;

    memset(text, '0', sizeof(text));
    memcpy(text, "9007199254740993.", 17); /* Halfway between two doubles. */
    text[sizeof(text) - 2] = '1';
    text[sizeof(text) - 1] = '\0';
    assert_int_equal(rh_parse_f64(rh_str_from(text), &value), RH_OK);
    assert_true(value == 9007199254740994.0);
    text[sizeof(text) - 2] = '0';
    assert_int_equal(rh_parse_f64(rh_str_from(text), &value), RH_OK);
    assert_true(value == 9007199254740992.0);
}

static void random_decimals_agree_with_strtod(void **state)
{
    struct rh_rng rng = test_rng(21);

    (void)state;

    for (int round = 0; round < 50000; round++) {
        char text[64];
        int digits = (int)rh_rng_below(&rng, 20);
        int exponent = (int)rh_rng_below(&rng, 640) - 340;

        snprintf(text, sizeof(text), "%s%" PRIu64 ".%0*" PRIu64 "e%d",
                 rh_rng_below(&rng, 2) ? "-" : "", rh_rng_u64(&rng) >> rh_rng_below(&rng, 64),
                 digits, rh_rng_u64(&rng) >> rh_rng_below(&rng, 64), exponent > 280 ? 0 : exponent);
        check_same_as_strtod(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_at_their_limits_are_read),
        cmocka_unit_test(other_text_is_no_integer),
        cmocka_unit_test(other_text_is_no_double),
        cmocka_unit_test(hard_doubles_round_correctly),
        cmocka_unit_test(digits_far_behind_decide_a_tie),
        cmocka_unit_test(random_decimals_agree_with_strtod),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
