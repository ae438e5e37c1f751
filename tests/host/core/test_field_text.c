/* Durations, sizes, booleans and base64 are read strictly. */
#include "host/core/field_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/sdk/str.h>

#define BAD INT64_C(-1)

struct sample {
    const char *text;
    int64_t value; /* BAD: refused */
};

static void durations_are_whole_milliseconds_with_a_unit(void **state)
{
    static const struct sample samples[] = {
        {"0s", 0},
        {"1500ms", 1500},
        {"15s", 15000},
        {"2m", 120000},
        {"1h", 3600000},
        {"1.5s", 1500},
        {"0.25m", 15000},
        {"2000us", 2},
        {"3000000ns", 3},
        {"500us", BAD},
        {"0.5ms", BAD},
        {"15", BAD},
        {"", BAD},
        {"s", BAD},
        {"-1s", BAD},
        {"+1s", BAD},
        {" 1s", BAD},
        {"1 s", BAD},
        {"1s ", BAD},
        {"15 parsecs", BAD},
        {".5s", BAD},
        {"1.s", BAD},
        {"1..5s", BAD},
        {"1S", BAD},
        {"1d", BAD},
        {"1e3s", BAD},
        {"9999999999999999h", BAD},
        {"999999999999999999ms", INT64_C(999999999999999999)},
        {"1000000000000000000ms", BAD},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        int64_t ms = BAD;

        if ((field_parse_duration(rh_str_from(samples[i].text), &ms) == RH_OK) !=
                (samples[i].value != BAD) ||
            ms != samples[i].value)
            fail_msg("\"%s\" gave %lld", samples[i].text, (long long)ms);
    }
}

static void sizes_are_whole_bytes(void **state)
{
    static const struct sample samples[] = {
        {"0", 0},
        {"4096", 4096},
        {"64KiB", 65536},
        {"1MiB", 1048576},
        {"2GB", 2000000000},
        {"1.5KiB", 1536},
        {"7B", 7},
        {"1TiB", INT64_C(1) << 40},
        {"0.5B", BAD},
        {"64kib", BAD},
        {"64 KiB", BAD},
        {"-1", BAD},
        {"1K", BAD},
        {"KiB", BAD},
        {"99999999999999TiB", BAD},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        int64_t bytes = BAD;

        if ((field_parse_size(rh_str_from(samples[i].text), &bytes) == RH_OK) !=
                (samples[i].value != BAD) ||
            bytes != samples[i].value)
            fail_msg("\"%s\" gave %lld", samples[i].text, (long long)bytes);
    }
}

static void booleans_are_four_words(void **state)
{
    int32_t value = 7;

    (void)state;
    assert_int_equal(field_parse_bool(RH_STR_LIT("true"), &value), RH_OK);
    assert_int_equal(value, 1);
    assert_int_equal(field_parse_bool(RH_STR_LIT("0"), &value), RH_OK);
    assert_int_equal(value, 0);
    assert_int_equal(field_parse_bool(RH_STR_LIT("yes"), &value), RH_EINVAL);
    assert_int_equal(field_parse_bool(RH_STR_LIT(""), &value), RH_EINVAL);
    assert_int_equal(value, 0);
}

static void base64_is_canonical(void **state)
{
    static const struct {
        const char *text;
        const char *bytes; /* NULL: refused */
    } samples[] = {
        {"", ""},         {"Zg==", "f"},        {"Zm8=", "fo"},
        {"Zm9v", "foo"},  {"Zm9vYg==", "foob"}, {"+/+/", "\xfb\xff\xbf"},
        {"Zg", NULL},     {"Zg=", NULL},        {"Zh==", NULL},
        {"Zm9=", NULL},   {"Zg==Zg==", NULL},   {"Z===", NULL},
        {"====", NULL},   {"Zm 9", NULL},       {"Zm-_", NULL},
        {"Zm9v\n", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        unsigned char dst[16];
        size_t n = 0;
        int32_t rc = field_parse_base64(rh_str_from(samples[i].text), dst, &n);

        if ((rc == RH_OK) != (samples[i].bytes != NULL))
            fail_msg("\"%s\" gave %d", samples[i].text, (int)rc);
        if (samples[i].bytes) {
            assert_int_equal(n, strlen(samples[i].bytes));
            assert_true(n <= field_base64_room(strlen(samples[i].text)));
            assert_memory_equal(dst, samples[i].bytes, n);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_are_whole_milliseconds_with_a_unit),
        cmocka_unit_test(sizes_are_whole_bytes),
        cmocka_unit_test(booleans_are_four_words),
        cmocka_unit_test(base64_is_canonical),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
