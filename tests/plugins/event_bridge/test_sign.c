/* Tests of signatures; the first expected value is that of the libraries of Standard Webhooks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#include "plugins/event_bridge/sign.h"

#define SECRET    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define SIGNATURE "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
#define PLAIN     "a secret of some length"

static struct sign_message make(void)
{
    return (struct sign_message){RH_STR_LIT("msg_p5jXN8AQM9LWM0D4loKWxJek"), 1614265330,
                                 RH_STR_LIT("{\"test\": 2432232314}")};
}

static void the_signature_is_that_of_the_specification(void **state)
{
    const struct sign_message message = make();
    char value[SIGN_VALUE_SIZE];
    struct sign_keys keys;
    const char *why = NULL;

    (void)state;
    assert_int_equal(sign_keys_read(rh_str_from(SECRET "\n"), &keys, &why), RH_OK);

    sign_value(&keys, &message, value);

    assert_string_equal(value, SIGNATURE);
}

static void two_secrets_give_two_signatures(void **state)
{
    const struct sign_message message = make();
    char value[SIGN_VALUE_SIZE];
    struct sign_keys keys;
    const char *why = NULL;

    (void)state;
    assert_int_equal(sign_keys_read(rh_str_from("\n " PLAIN "\r\n\n" SECRET), &keys, &why), RH_OK);

    sign_value(&keys, &message, value);

    assert_int_equal(keys.count, 2);
    assert_int_equal(keys.sizes[0], strlen(PLAIN));
    assert_string_equal(value, "v1,jvY1RFggx4CFO2Wib/E/Tge+T6Tg+SuLd+lVRK/zoSE= " SIGNATURE);
}

static void a_change_of_any_part_changes_the_signature(void **state)
{
    struct sign_message others[3] = {make(), make(), make()};
    struct sign_keys keys;
    const char *why = NULL;

    (void)state;
    others[0].id = RH_STR_LIT("msg_other");
    others[1].timestamp_s++;
    others[2].body = RH_STR_LIT("{\"test\": 2432232315}");
    assert_int_equal(sign_keys_read(rh_str_from(SECRET), &keys, &why), RH_OK);

    for (size_t i = 0; i < 3; i++) {
        char value[SIGN_VALUE_SIZE];

        sign_value(&keys, &others[i], value);
        assert_string_not_equal(value, SIGNATURE);
    }
}

static void a_faulty_file_of_secrets_is_refused_with_words(void **state)
{
    static const char *const bad[] = {
        "",
        "\n \n",
        "short",
        "whsec_!!!!",
        "whsec_AAAA",
        PLAIN "\n" PLAIN "\n" PLAIN,
        PLAIN "\nshort",
    };
    char long_one[SIGN_SECRET_MAX + 2];

    (void)state;
    memset(long_one, 'x', sizeof long_one);
    long_one[sizeof long_one - 1] = '\0';
    for (size_t i = 0; i <= sizeof bad / sizeof bad[0]; i++) {
        const char *text = i < sizeof bad / sizeof bad[0] ? bad[i] : long_one;
        struct sign_keys keys = {.count = 77};
        const char *why = NULL;

        assert_int_equal(sign_keys_read(rh_str_from(text), &keys, &why), RH_EINVAL);
        assert_non_null(why);
        assert_int_equal(keys.count, 77);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_signature_is_that_of_the_specification),
        cmocka_unit_test(two_secrets_give_two_signatures),
        cmocka_unit_test(a_change_of_any_part_changes_the_signature),
        cmocka_unit_test(a_faulty_file_of_secrets_is_refused_with_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
