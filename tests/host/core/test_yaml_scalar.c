/* The core schema at its edges, and ${NAME} without a file around it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/sdk/str.h>

#include "host/core/yaml_scalar.h"

static void numbers_end_where_the_schema_ends_them(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t kind;
    } cases[] = {{"+5", NODE_INT},        {"007", NODE_INT},     {"+", NODE_STRING},
                 {"-", NODE_STRING},      {"0x", NODE_STRING},   {"0xg", NODE_STRING},
                 {"0o8", NODE_STRING},    {"1.", NODE_NUMBER},   {".5", NODE_NUMBER},
                 {"-.5e-3", NODE_NUMBER}, {"1e+", NODE_STRING},  {"1_000", NODE_STRING},
                 {"-.inf", NODE_NUMBER},  {".NaN", NODE_NUMBER}, {"nan", NODE_STRING},
                 {"True", NODE_STRING}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(yaml_scalar_kind(rh_str_from(cases[i].text)), cases[i].kind);
    }
}

static void old_booleans_are_told_from_words(void **state)
{
    (void)state;
    int value = 7;
    assert_false(yaml_scalar_is_old_bool(rh_str_from("yEs"), &value));
    assert_false(yaml_scalar_is_old_bool(rh_str_from("true"), &value));
    assert_int_equal(value, 7);
    assert_true(yaml_scalar_is_old_bool(rh_str_from("ON"), &value));
    assert_int_equal(value, 1);
    assert_true(yaml_scalar_is_old_bool(rh_str_from("False"), &value));
    assert_int_equal(value, 0);
}

static const char *long_value(void *user, const char *name)
{
    (void)name;
    return user;
}

static void expansion_keeps_the_limit_of_its_buffer(void **state)
{
    (void)state;
    char value[] = "0123456789";
    char why[64];
    int replaced = 0;
    struct rh_buf buf;
    rh_buf_init(&buf, 15);

    int32_t rc = yaml_scalar_expand(rh_str_from("${A}${A}"), long_value, value, &buf, why,
                                    sizeof(why), &replaced);

    assert_int_equal(rc, RH_ETOOLARGE);
    rh_buf_release(&buf);
}

static void a_name_is_letters_digits_and_underscores(void **state)
{
    (void)state;
    static const char *const wrong[] = {"${1A}", "${A-B}", "${A", "${", "${}", "${A }"};
    char value[] = "v";
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        char why[128] = {0};
        int replaced = 0;
        struct rh_buf buf;
        rh_buf_init(&buf, 100);
        assert_int_equal(yaml_scalar_expand(rh_str_from(wrong[i]), long_value, value, &buf, why,
                                            sizeof(why), &replaced),
                         RH_EINVAL);
        assert_true(strlen(why) > 0);
        rh_buf_release(&buf);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_end_where_the_schema_ends_them),
        cmocka_unit_test(old_booleans_are_told_from_words),
        cmocka_unit_test(expansion_keeps_the_limit_of_its_buffer),
        cmocka_unit_test(a_name_is_letters_digits_and_underscores),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
