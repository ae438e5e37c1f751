/* Secrets of one job: names, limits, files, and that they are wiped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#include "plugins/worker/secrets.h"

static void names_are_those_of_variables(void **state)
{
    char longest[SECRET_NAME_MAX + 2];

    (void)state;
    memset(longest, 'A', sizeof(longest));
    assert_true(secret_name_is_good(RH_STR_LIT("DB_PASSWORD")));
    assert_true(secret_name_is_good(RH_STR_LIT("_a9")));
    assert_true(secret_name_is_good((struct rh_str){longest, SECRET_NAME_MAX}));

    assert_false(secret_name_is_good((struct rh_str){longest, SECRET_NAME_MAX + 1}));
    assert_false(secret_name_is_good(RH_STR_LIT("")));
    assert_false(secret_name_is_good(RH_STR_LIT("9a")));
    assert_false(secret_name_is_good(RH_STR_LIT("a-b")));
    assert_false(secret_name_is_good(RH_STR_LIT("a/b")));
}

static void each_has_a_file_and_a_variable(void **state)
{
    struct secrets secrets;

    (void)state;
    secrets_init(&secrets);
    assert_int_equal(secrets_add(&secrets, RH_STR_LIT("KEY"), RH_STR_LIT("k1")), RH_OK);
    assert_int_equal(secrets_add(&secrets, RH_STR_LIT("EMPTY"), (struct rh_str){NULL, 0}), RH_OK);
    assert_int_equal(secrets_add(&secrets, RH_STR_LIT("OTHER"), RH_STR_LIT("k3")), RH_OK);

    assert_int_equal(secrets.count, 3);
    assert_string_equal(secrets.items[0].file, "secrets/KEY");
    assert_string_equal(secrets.items[0].variable, "KEY_FILE");
    assert_true(rh_str_eq_c(secret_text(&secrets, 0), "k1"));
    assert_non_null(secret_text(&secrets, 1).p); /* an empty file, not none */
    assert_int_equal(secret_text(&secrets, 1).n, 0);
    assert_true(rh_str_eq_c(secret_text(&secrets, 2), "k3"));
}

static void files_in_their_place_are_in_the_way(void **state)
{
    (void)state;

    assert_true(secrets_is_in_way("secrets"));
    assert_true(secrets_is_in_way("secrets/KEY"));
    assert_false(secrets_is_in_way("secrets.txt"));
    assert_false(secrets_is_in_way("secret"));
    assert_false(secrets_is_in_way("v1/secrets"));
}

static void too_many_and_too_large_are_refused(void **state)
{
    static char large[SECRET_BYTES_MAX + 1];
    struct secrets secrets;

    (void)state;
    secrets_init(&secrets);
    assert_int_equal(secrets_add(&secrets, RH_STR_LIT("A"), (struct rh_str){large, sizeof(large)}),
                     RH_ETOOLARGE);
    for (uint32_t i = 0; i < SECRETS_MAX; i++)
        assert_int_equal(
            secrets_add(&secrets, RH_STR_LIT("A"), (struct rh_str){large, SECRET_BYTES_MAX}),
            RH_OK);

    assert_int_equal(secrets_add(&secrets, RH_STR_LIT("A"), RH_STR_LIT("")), RH_EFULL);
}

static void nothing_is_left_after_wiping(void **state)
{
    static struct secrets none;
    struct secrets secrets;

    (void)state;
    secrets_init(&secrets);
    assert_int_equal(secrets_add(&secrets, RH_STR_LIT("KEY"), RH_STR_LIT("hunter2")), RH_OK);
    secrets_wipe(&secrets);

    assert_memory_equal(&secrets, &none, sizeof(secrets));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_those_of_variables),
        cmocka_unit_test(each_has_a_file_and_a_variable),
        cmocka_unit_test(files_in_their_place_are_in_the_way),
        cmocka_unit_test(too_many_and_too_large_are_refused),
        cmocka_unit_test(nothing_is_left_after_wiping),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
