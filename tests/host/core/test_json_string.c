/* Strings mean the same however they are escaped. */
#include "host/core/json_string.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/sdk/str.h>

static struct json_string scan(struct rh_str quoted)
{
    struct json_string out;
    const char *rule;
    const char *at;

    assert_ptr_equal(json_string_scan(quoted.p + 1, quoted.p + quoted.n, &out, &rule, &at),
                     quoted.p + quoted.n);
    return out;
}

static void unescapes_every_kind(void **state)
{
    struct field_arena arena;
    struct rh_str out;

    (void)state;
    field_arena_init(&arena, 1000);

    assert_int_equal(
        json_unescape(
            scan(RH_STR_LIT("\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00E9\\u20ac\\ud83d\\ude00\"")),
            &arena, &out),
        RH_OK);

    assert_true(
        rh_str_eq(out, RH_STR_LIT("a\"\\/\b\f\n\r\tA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")));
    assert_int_equal(arena.used_bytes, out.n);
    field_arena_release(&arena);
}

static void a_full_arena_refuses_the_text(void **state)
{
    struct field_arena arena;
    struct rh_str out = {NULL, 0};

    (void)state;
    field_arena_init(&arena, 2);

    assert_int_equal(json_unescape(scan(RH_STR_LIT("\"abc\"")), &arena, &out), RH_ETOOLARGE);

    assert_null(out.p);
    field_arena_release(&arena);
}

static void order_ignores_how_strings_are_written(void **state)
{
    struct json_string plain = scan(RH_STR_LIT("\"caf\xc3\xa9\""));
    struct json_string escaped = scan(RH_STR_LIT("\"\\u0063af\\u00e9\""));
    struct json_string longer = scan(RH_STR_LIT("\"\\u0063af\\u00e9s\""));
    struct json_string empty = scan(RH_STR_LIT("\"\""));

    (void)state;
    assert_int_equal(json_string_cmp(plain, escaped), 0);
    assert_int_equal(json_string_cmp(escaped, plain), 0);
    assert_true(json_string_cmp(plain, longer) < 0);
    assert_true(json_string_cmp(longer, plain) > 0);
    assert_true(json_string_cmp(empty, plain) < 0);
    assert_true(json_string_cmp(escaped, empty) > 0);
    assert_int_equal(json_string_cmp(empty, empty), 0);
}

static void utf8_lengths_follow_the_unicode_table(void **state)
{
    (void)state;
    assert_true(json_utf8_valid(RH_STR_LIT("a\xc2\x80\xe0\xa0\x80\xf0\x90\x80\x80")));
    assert_true(json_utf8_valid((struct rh_str){NULL, 0}));
    assert_false(json_utf8_valid(RH_STR_LIT("a\0")));
    assert_false(json_utf8_valid(RH_STR_LIT("\xc1\xbf")));
    assert_false(json_utf8_valid(RH_STR_LIT("\xf5\x80\x80\x80")));
    assert_false(json_utf8_valid(RH_STR_LIT("\xf0\x90\x80")));
}

static void every_escape_becomes_utf8_of_the_right_length(void **state)
{
    (void)state;
    for (uint32_t c = 1; c <= 0x10ffff; c += c < 0x3000 ? 1 : 97) {
        char escaped[16];
        char decoded[16];
        struct json_string s;
        size_t n;

        if (c >= 0xd800 && c <= 0xdfff)
            continue;
        if (c < 0x10000)
            (void)snprintf(escaped, sizeof(escaped), "\"\\u%04x\"", c);
        else
            (void)snprintf(escaped, sizeof(escaped), "\"\\u%04X\\u%04X\"",
                           0xd800 + ((c - 0x10000) >> 10), 0xdc00 + ((c - 0x10000) & 0x3ff));
        s = scan(rh_str_from(escaped));
        n = json_string_decode(s, decoded);

        assert_int_equal(json_utf8_length(decoded, decoded + n), n);
        assert_int_equal(n, c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unescapes_every_kind),
        cmocka_unit_test(a_full_arena_refuses_the_text),
        cmocka_unit_test(order_ignores_how_strings_are_written),
        cmocka_unit_test(utf8_lengths_follow_the_unicode_table),
        cmocka_unit_test(every_escape_becomes_utf8_of_the_right_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
