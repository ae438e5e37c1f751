/* Tests of plugin-api/src/base64.c: the vectors of RFC 4648, section 10, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/sdk/base64.h>
#include <ringhost/sdk/str.h>

struct vector {
    const char *plain, *text;
};

static const struct vector vectors[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};

static void bytes_become_the_text_of_the_standard(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        char text[16];

        assert_int_equal(
            rh_base64_encode(text, sizeof text, vectors[i].plain, strlen(vectors[i].plain)), RH_OK);

        assert_string_equal(text, vectors[i].text);
    }
}

static void the_text_becomes_the_bytes_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        char bytes[16];
        size_t n = 99;

        assert_int_equal(rh_base64_decode(bytes, sizeof bytes, rh_str_from(vectors[i].text), &n),
                         RH_OK);

        assert_int_equal(n, strlen(vectors[i].plain));
        assert_memory_equal(bytes, vectors[i].plain, n);
    }
}

static void all_bytes_survive_both_ways(void **state)
{
    unsigned char bytes[256];
    unsigned char back[256];
    char text[RH_BASE64_SIZE(256)];
    size_t n = 0;

    (void)state;
    for (uint32_t i = 0; i < 256; i++)
        bytes[i] = (unsigned char)i;

    assert_int_equal(rh_base64_encode(text, sizeof text, bytes, sizeof bytes), RH_OK);
    assert_int_equal(rh_base64_decode(back, sizeof back, rh_str_from(text), &n), RH_OK);

    assert_int_equal(n, 256);
    assert_memory_equal(back, bytes, 256);
}

static void what_is_not_base64_is_refused(void **state)
{
    static const char *const bad[] = {"Z",    "Zg",       "Zg=",  "Zg===", "====", "Z===", "Zm9v\n",
                                      "Zm-v", "Zg==Zg==", "Zh==", "Zm9=",  "Z g=", "=g=="};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char bytes[16];
        size_t n = 99;

        assert_int_equal(rh_base64_decode(bytes, sizeof bytes, rh_str_from(bad[i]), &n), RH_EINVAL);
        assert_int_equal(n, 99);
    }
}

static void what_does_not_fit_is_refused(void **state)
{
    char small[8];
    size_t n;

    (void)state;
    assert_int_equal(rh_base64_encode(small, sizeof small, "foobar", 6), RH_EINVAL);
    assert_int_equal(rh_base64_decode(small, 5, rh_str_from("Zm9vYmFy"), &n), RH_EINVAL);
    assert_int_equal(rh_base64_decode(small, 6, rh_str_from("Zm9vYmFy"), &n), RH_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_become_the_text_of_the_standard),
        cmocka_unit_test(the_text_becomes_the_bytes_again),
        cmocka_unit_test(all_bytes_survive_both_ways),
        cmocka_unit_test(what_is_not_base64_is_refused),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
