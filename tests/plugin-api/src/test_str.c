/* Tests of borrowed strings, globs and suggestions. */
#include "sdk_test.h"

#include <ringhost/sdk/str.h>

static void equality_looks_at_bytes_and_length(void **state)
{
    (void)state;

    assert_true(rh_str_eq(RH_STR_LIT("ab"), rh_str_from("ab")));
    assert_true(rh_str_eq(rh_str_from(NULL), RH_STR_LIT("")));
    assert_false(rh_str_eq(RH_STR_LIT("ab"), RH_STR_LIT("abc")));
    assert_false(rh_str_eq(RH_STR_LIT("a\0b"), RH_STR_LIT("a\0c")));
    assert_true(rh_str_eq_c(RH_STR_LIT("x"), "x"));
    assert_false(rh_str_eq_c(RH_STR_LIT("x"), "y"));
}

static void order_is_unsigned_and_prefix_first(void **state)
{
    (void)state;

    assert_true(rh_str_cmp(RH_STR_LIT("a"), RH_STR_LIT("b")) < 0);
    assert_true(rh_str_cmp(RH_STR_LIT("\xff"), RH_STR_LIT("a")) > 0);
    assert_true(rh_str_cmp(RH_STR_LIT("a"), RH_STR_LIT("aa")) < 0);
    assert_true(rh_str_cmp(RH_STR_LIT("a"), rh_str_from(NULL)) > 0);
    assert_int_equal(rh_str_cmp(rh_str_from(NULL), rh_str_from("")), 0);
}

static void prefixes_and_suffixes_are_recognized(void **state)
{
    (void)state;

    assert_true(rh_str_starts_with(RH_STR_LIT("/work/claim"), RH_STR_LIT("/work")));
    assert_true(rh_str_starts_with(RH_STR_LIT("x"), rh_str_from(NULL)));
    assert_false(rh_str_starts_with(RH_STR_LIT("/wo"), RH_STR_LIT("/work")));
    assert_true(rh_str_ends_with(RH_STR_LIT("a.yaml"), RH_STR_LIT(".yaml")));
    assert_true(rh_str_ends_with(rh_str_from(NULL), RH_STR_LIT("")));
    assert_false(rh_str_ends_with(RH_STR_LIT("aml"), RH_STR_LIT(".yaml")));
}

static void copy_is_whole_or_empty(void **state)
{
    char dst[4] = "zzz";

    (void)state;

    assert_int_equal(rh_str_copy(dst, sizeof(dst), RH_STR_LIT("abc")), RH_OK);
    assert_string_equal(dst, "abc");
    assert_int_equal(rh_str_copy(dst, sizeof(dst), RH_STR_LIT("abcd")), RH_EINVAL);
    assert_string_equal(dst, "");
    assert_int_equal(rh_str_copy(dst, sizeof(dst), RH_STR_LIT("a\0b")), RH_EINVAL);
    assert_string_equal(dst, "");
    assert_int_equal(rh_str_copy(dst, 1, rh_str_from(NULL)), RH_OK);
    assert_int_equal(rh_str_copy(dst, 1, RH_STR_LIT("a")), RH_EINVAL);
}

static bool glob(const char *pattern, const char *text)
{
    return rh_glob_match(rh_str_from(pattern), rh_str_from(text));
}

static void globs_match_whole_texts(void **state)
{
    (void)state;

    assert_true(glob("", ""));
    assert_false(glob("", "a"));
    assert_true(glob("*", ""));
    assert_true(glob("**", "abc"));
    assert_true(glob("leader.*", "leader.changed"));
    assert_false(glob("leader.*", "leader"));
    assert_true(glob("a?c", "abc"));
    assert_false(glob("a?c", "ac"));
    assert_true(glob("*ab*ab", "xababyab"));
    assert_false(glob("*ab*ac", "xababyab"));
    assert_true(glob("[a]", "[a]"));
}

/* The definition, one case a line. */
static bool glob_slow(const char *p, const char *t)
{
    if (*p == '\0')
        return *t == '\0';
    if (*p == '*')
        return glob_slow(p + 1, t) || (*t && glob_slow(p, t + 1));
    return *t && (*p == '?' || *p == *t) && glob_slow(p + 1, t + 1);
}

static void globs_agree_with_their_definition(void **state)
{
    struct rh_rng rng = test_rng(11);
    uint32_t matched = 0;

    (void)state;

    for (int round = 0; round < 20000; round++) {
        char pattern[9] = {0};
        char text[11] = {0};

        for (uint64_t i = rh_rng_below(&rng, 9); i > 0; i--)
            pattern[i - 1] = "ab*?"[rh_rng_below(&rng, 4)];
        for (uint64_t i = rh_rng_below(&rng, 11); i > 0; i--)
            text[i - 1] = "ab"[rh_rng_below(&rng, 2)];
        assert_int_equal(glob(pattern, text), glob_slow(pattern, text));
        matched += glob(pattern, text);
    }
    assert_true(matched > 1000);
}

static uint32_t distance(const char *a, const char *b, uint32_t limit)
{
    return rh_edit_distance(rh_str_from(a), rh_str_from(b), limit);
}

static void edit_distance_counts_edits_and_swaps(void **state)
{
    char longer[RH_EDIT_BYTES_MAX + 2];

    (void)state;

    memset(longer, 'a', sizeof(longer));
    longer[sizeof(longer) - 1] = '\0';
    assert_int_equal(distance("", "", 5), 0);
    assert_int_equal(distance("abc", "", 5), 3);
    assert_int_equal(distance("fanuot", "fanout", 5), 1);
    assert_int_equal(distance("kitten", "sitting", 5), 3);
    assert_int_equal(distance("kitten", "sitting", 2), 3);
    assert_int_equal(distance("abcdef", "uvwxyz", 2), 3);
    assert_int_equal(distance("ca", "abc", 9), 3);
    assert_int_equal(distance(longer, longer, 7), 8);
    assert_int_equal(distance(longer + 1, longer + 1, 7), 0);
}

static void suggestion_is_the_nearest_or_none(void **state)
{
    static const char *const names[] = {"interval", "fanout", "fan_in", "beat", "seat"};

    (void)state;

    assert_string_equal(rh_suggest(RH_STR_LIT("fanuot"), names, 5), "fanout");
    assert_string_equal(rh_suggest(RH_STR_LIT("intervall"), names, 5), "interval");
    assert_string_equal(rh_suggest(RH_STR_LIT("heat"), names, 5), "beat");
    assert_string_equal(rh_suggest(RH_STR_LIT("seat"), names, 5), "seat");
    assert_null(rh_suggest(RH_STR_LIT("zebra"), names, 5));
    assert_null(rh_suggest(RH_STR_LIT(""), names, 5));
    assert_null(rh_suggest(RH_STR_LIT("fanout"), names, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equality_looks_at_bytes_and_length),
        cmocka_unit_test(order_is_unsigned_and_prefix_first),
        cmocka_unit_test(prefixes_and_suffixes_are_recognized),
        cmocka_unit_test(copy_is_whole_or_empty),
        cmocka_unit_test(globs_match_whole_texts),
        cmocka_unit_test(globs_agree_with_their_definition),
        cmocka_unit_test(edit_distance_counts_edits_and_swaps),
        cmocka_unit_test(suggestion_is_the_nearest_or_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
