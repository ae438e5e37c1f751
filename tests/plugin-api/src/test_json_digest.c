/* Tests of the digest of JSON values: what is the same value, and what is not. */
#include "sdk_test.h"

#include <ringhost/sdk/json_digest.h>
#include <ringhost/sdk/str.h>

static bool is_same(const char *a, const char *b)
{
    return rh_json_digest(rh_str_from(a)) == rh_json_digest(rh_str_from(b));
}

static void spelling_makes_no_difference(void **state)
{
    static const char *const pairs[][2] = {
        {"{\"a\":1,\"b\":[true,null]}", " { \"b\" : [ true ,\n null ] , \"a\" : 1 } "},
        {"\"A\\u00e9\\n\"", "\"\\u0041\xc3\xa9\\u000a\""},
        {"\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\""},
        {"\"\\/\"", "\"/\""},
        {"1", "1.0"},
        {"-0", "0"},
        {"-0.0", "0"},
        {"10e-1", "1"},
        {"0.5", "5e-1"},
        {"[]", "[ ]"},
        {"{}", "{ }"},
    };

    (void)state;

    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        if (!is_same(pairs[i][0], pairs[i][1]))
            fail_msg("%s and %s", pairs[i][0], pairs[i][1]);
    }
}

static void other_values_differ(void **state)
{
    static const char *const values[] = {
        "1",
        "\"1\"",
        "true",
        "\"true\"",
        "null",
        "\"\"",
        "[]",
        "{}",
        "[1]",
        "[[1]]",
        "[1,2]",
        "[2,1]",
        "{\"a\":1}",
        "{\"a\":2}",
        "{\"b\":1}",
        "{\"a\":{\"b\":1}}",
        "{\"b\":{\"a\":1}}",
        "{\"a\":1,\"b\":2}",
        "{\"a\":2,\"b\":1}",
        "0.1",
        "0.10000000000000002",
        "9007199254740993",
        "9007199254740992",
        "18446744073709551615",
        "18446744073709551616",
        "18446744073709551617",
        "\"\\u0000\"",
        "\"\\\\u0000\"",
    };
    const size_t count = sizeof(values) / sizeof(values[0]);

    (void)state;

    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (is_same(values[i], values[k]))
                fail_msg("%s and %s", values[i], values[k]);
        }
    }
}

/* Each is copied to its exact size, so that address checks see a byte too many. */
static void text_that_is_no_json_is_survived(void **state)
{
    static const char *const texts[] = {"{",       "[", "\"",           "\"\\", "\"\\u12", "{\"a",
                                        "]",       "}", "\"\\ud83d\\u", "[1,,", "{]}[}",   ":::,",
                                        "\"\\uD8", "-", "{\"a\":"};

    (void)state;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const size_t n = strlen(texts[i]);
        char *copy = malloc(n);

        assert_non_null(copy);
        memcpy(copy, texts[i], n);
        const uint64_t first = rh_json_digest((struct rh_str){copy, n});
        assert_true(first == rh_json_digest((struct rh_str){copy, n}));
        free(copy);
    }
}

static void deep_nesting_ends_and_still_tells_apart(void **state)
{
    char a[1000];
    char b[1000];

    (void)state;
    memset(a, '[', 400);
    a[400] = '1';
    memset(a + 401, ']', 400);
    a[801] = '\0';
    memcpy(b, a, sizeof(b));
    b[400] = '2';

    assert_false(is_same(a, b));
    assert_true(is_same(a, a));
}

/* Stored with idempotency keys: it must never change. */
static void the_digest_is_the_same_for_ever(void **state)
{
    (void)state;

    assert_true(rh_json_digest(RH_STR_LIT("{\"a\":[1,0.5,\"x\",true]}")) ==
                UINT64_C(0xbf10b98020f75e43));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spelling_makes_no_difference),
        cmocka_unit_test(other_values_differ),
        cmocka_unit_test(text_that_is_no_json_is_survived),
        cmocka_unit_test(deep_nesting_ends_and_still_tells_apart),
        cmocka_unit_test(the_digest_is_the_same_for_ever),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
