/* Tests of hexadecimal digits. */
#include "sdk_test.h"

#include <ringhost/sdk/hex.h>
#include <ringhost/sdk/str.h>

static void every_byte_goes_there_and_back(void **state)
{
    unsigned char bytes[256];
    unsigned char back[256];
    char text[513];
    size_t n = 0;

    (void)state;

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)i;
    assert_int_equal(rh_hex_encode(text, sizeof(text), bytes, sizeof(bytes)), RH_OK);
    assert_int_equal(strlen(text), 512);
    assert_memory_equal(text, "000102030405060708090a0b0c0d0e0f10", 34);
    assert_int_equal(rh_hex_decode(back, sizeof(back), rh_str_from(text), &n), RH_OK);
    assert_int_equal(n, sizeof(bytes));
    assert_memory_equal(back, bytes, sizeof(bytes));
}

static void what_does_not_fit_is_not_written(void **state)
{
    char text[5] = "old";
    unsigned char bytes[2] = {7, 7};
    size_t n = 9;

    (void)state;

    assert_int_equal(rh_hex_encode(text, 4, "\x01\x02", 2), RH_EINVAL);
    assert_int_equal(rh_hex_encode(text, 0, "", 0), RH_EINVAL);
    assert_string_equal(text, "old");
    assert_int_equal(rh_hex_encode(text, 5, "\x01\xfe", 2), RH_OK);
    assert_string_equal(text, "01fe");
    assert_int_equal(rh_hex_decode(bytes, 2, RH_STR_LIT("010203"), &n), RH_EINVAL);
    assert_int_equal(bytes[0], 7);
    assert_int_equal(n, 9);
}

static void other_text_is_refused(void **state)
{
    static const char *const bad[] = {"0", "0g", "g0", "0x", " 1", "12 ", "1/", "1:", "@1", "`1"};
    unsigned char bytes[4] = {7};
    size_t n = 9;

    (void)state;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(rh_hex_decode(bytes, 4, rh_str_from(bad[i]), &n), RH_EINVAL);
    assert_int_equal(bytes[0], 7);
    assert_int_equal(rh_hex_decode(bytes, 4, RH_STR_LIT("aBCd"), &n), RH_OK);
    assert_int_equal(n, 2);
    assert_int_equal(bytes[0], 0xab);
    assert_int_equal(bytes[1], 0xcd);
    assert_int_equal(rh_hex_decode(bytes, 4, RH_STR_LIT(""), &n), RH_OK);
    assert_int_equal(n, 0);
}

static void numbers_have_sixteen_digits(void **state)
{
    char text[17];
    uint64_t value = 5;

    (void)state;

    rh_hex_u64(text, UINT64_C(0x0123456789abcdef));
    assert_string_equal(text, "0123456789abcdef");
    assert_int_equal(rh_hex_parse_u64(RH_STR_LIT("FFFFffffFFFFfffe"), &value), RH_OK);
    assert_true(value == UINT64_MAX - 1);
    assert_int_equal(rh_hex_parse_u64(RH_STR_LIT("123456789abcdef"), &value), RH_EINVAL);
    assert_int_equal(rh_hex_parse_u64(RH_STR_LIT("00123456789abcdef"), &value), RH_EINVAL);
    assert_int_equal(rh_hex_parse_u64(RH_STR_LIT("0123456789abcdeg"), &value), RH_EINVAL);
    assert_true(value == UINT64_MAX - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_goes_there_and_back),
        cmocka_unit_test(what_does_not_fit_is_not_written),
        cmocka_unit_test(other_text_is_refused),
        cmocka_unit_test(numbers_have_sixteen_digits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
