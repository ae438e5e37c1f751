/* The scanner accepts exactly RFC 8259 and says where and why it refuses. */
#include "host/core/json_scan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/sdk/json_writer.h>
#include <ringhost/sdk/rng.h>
#include <ringhost/sdk/str.h>

#include "plugin-api/src/alloc.h"

#define TEXT(s) RH_STR_LIT(s)

/* The SDK's door to malloc: fails when the countdown reaches 0; negative never. */
static int alloc_countdown = -1;

void *rh_mem_resize(void *block, size_t size)
{
    if (alloc_countdown == 0)
        return NULL;
    if (alloc_countdown > 0)
        alloc_countdown--;
    return realloc(block, size);
}

struct refusal {
    struct rh_str text;
    const char *why; /* how the message goes on after "at byte N (line 1, column N+1): " */
    size_t at;
};

static void accepts_every_valid_text(void **state)
{
    static const struct rh_str texts[] = {
        RH_STR_INIT("null"),
        RH_STR_INIT(" true\r\n\t "),
        RH_STR_INIT("false"),
        RH_STR_INIT("0"),
        RH_STR_INIT("-0"),
        RH_STR_INIT("-0.0e-0"),
        RH_STR_INIT("1E+2"),
        RH_STR_INIT("1.5e300"),
        RH_STR_INIT("1e-99999"),
        RH_STR_INIT("123456789012345678901234567890"),
        RH_STR_INIT("1.7976931348623157e308"),
        RH_STR_INIT("\"\""),
        RH_STR_INIT("[]"),
        RH_STR_INIT("{}"),
        RH_STR_INIT("[ ]"),
        RH_STR_INIT("{ }"),
        RH_STR_INIT("[[],{},[{}]]"),
        RH_STR_INIT("{\"a\":{\"a\":1},\"b\":{\"a\":1}}"),
        RH_STR_INIT("{\"\":0,\" \":0}"),
        RH_STR_INIT("{\"a\":1,\"A\":2}"),
        RH_STR_INIT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\""),
        RH_STR_INIT("\"\\ud83d\\ude00\""),
        RH_STR_INIT("\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""),
        RH_STR_INIT("\"\x7f\""),
        RH_STR_INIT("\"\xf4\x8f\xbf\xbf\xee\x80\x80\xed\x9f\xbf\""),
        RH_STR_INIT("[1 , 2\n,3]"),
        RH_STR_INIT("\"\xef\xbf\xbe\""),
        RH_STR_INIT("[\"a,]}\"]"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        char why[160] = "";

        if (json_check(texts[i], why, sizeof(why)) != RH_OK)
            fail_msg("%.*s: %s", RH_STR_ARG(texts[i]), why);
    }
}

static const struct refusal broken_texts[] = {
    {RH_STR_INIT(""), "a value is missing", 0},
    {RH_STR_INIT("  "), "a value is missing", 2},
    {RH_STR_INIT("\xef\xbb\xbf{}"), "no value begins so", 0},
    {RH_STR_INIT("{} x"), "nothing may follow", 3},
    {RH_STR_INIT("1 2"), "nothing may follow", 2},
    {RH_STR_INIT("null\0"), "nothing may follow", 4},
    {RH_STR_INIT("01"), "numbers have no leading zeros", 0},
    {RH_STR_INIT("[-012]"), "numbers have no leading zeros", 2},
    {RH_STR_INIT("1."), "a decimal point", 2},
    {RH_STR_INIT("1.e5"), "a decimal point", 2},
    {RH_STR_INIT(".5"), "no value begins so", 0},
    {RH_STR_INIT("+1"), "no value begins so", 0},
    {RH_STR_INIT("-"), "a minus sign", 1},
    {RH_STR_INIT("-x"), "a minus sign", 1},
    {RH_STR_INIT("-.5"), "a minus sign", 1},
    {RH_STR_INIT("1e"), "an exponent", 2},
    {RH_STR_INIT("1e+"), "an exponent", 3},
    {RH_STR_INIT("[1e999]"), "the number is too large", 1},
    {RH_STR_INIT("-1e400"), "the number is too large", 0},
    {RH_STR_INIT("0x10"), "nothing may follow", 1},
    {RH_STR_INIT("NaN"), "no value begins so", 0},
    {RH_STR_INIT("Infinity"), "no value begins so", 0},
    {RH_STR_INIT("nul"), "the only words", 0},
    {RH_STR_INIT("True"), "no value begins so", 0},
    {RH_STR_INIT("truE"), "the only words", 0},
    {RH_STR_INIT("'a'"), "no value begins so", 0},
    {RH_STR_INIT("[1,]"), "a comma is followed", 3},
    {RH_STR_INIT("[,1]"), "no value begins so", 1},
    {RH_STR_INIT("[1 2]"), "entries of an array", 3},
    {RH_STR_INIT("[1"), "the array has no end", 2},
    {RH_STR_INIT("["), "the array has no end", 1},
    {RH_STR_INIT("[1,"), "a value is missing", 3},
    {RH_STR_INIT("[1}"), "entries of an array", 2},
    {RH_STR_INIT("]"), "no value begins so", 0},
    {RH_STR_INIT("{"), "the object has no end", 1},
    {RH_STR_INIT("{\"a\"}"), "a key is followed", 4},
    {RH_STR_INIT("{\"a\":}"), "no value begins so", 5},
    {RH_STR_INIT("{\"a\":1,}"), "a comma is followed", 7},
    {RH_STR_INIT("{\"a\":1 \"b\":2}"), "entries of an object", 7},
    {RH_STR_INIT("{a:1}"), "keys are strings", 1},
    {RH_STR_INIT("{1:1}"), "keys are strings", 1},
    {RH_STR_INIT("{,}"), "keys are strings", 1},
    {RH_STR_INIT("{\"a\":1/*x*/}"), "entries of an object", 6},
    {RH_STR_INIT("\"a"), "the string has no end", 2},
    {RH_STR_INIT("\"a\tb\""), "control characters", 2},
    {RH_STR_INIT("\"12345678\x1f\""), "control characters", 9},
    {RH_STR_INIT("\"a\0b\""), "control characters", 2},
    {RH_STR_INIT("\"\\x41\""), "unknown escape", 1},
    {RH_STR_INIT("\"\\"), "unknown escape", 1},
    {RH_STR_INIT("\"\\u12g4\""), "\\u takes four", 1},
    {RH_STR_INIT("\"\\u12"), "\\u takes four", 1},
    {RH_STR_INIT("\"x\\u0000\""), "\\u0000 is not allowed", 2},
    {RH_STR_INIT("\"\\ud800\""), "half of a surrogate", 1},
    {RH_STR_INIT("\"\\udc00\\ud800\""), "half of a surrogate", 1},
    {RH_STR_INIT("\"\\ud800\\u0041\""), "half of a surrogate", 1},
    {RH_STR_INIT("\"\\ud800x\""), "half of a surrogate", 1},
    {RH_STR_INIT("\"\xff\""), "the string is not UTF-8", 1},
    {RH_STR_INIT("\"\xc0\xaf\""), "the string is not UTF-8", 1},
    {RH_STR_INIT("\"\xe0\x80\xaf\""), "the string is not UTF-8", 1},
    {RH_STR_INIT("\"\xed\xa0\x80\""), "the string is not UTF-8", 1},
    {RH_STR_INIT("\"\xf4\x90\x80\x80\""), "the string is not UTF-8", 1},
    {RH_STR_INIT("\"\xf0\x8f\xbf\xbf\""), "the string is not UTF-8", 1},
    {RH_STR_INIT("\"\xe2\x82\""), "the string is not UTF-8", 1},
    {RH_STR_INIT("\"\x80\""), "the string is not UTF-8", 1},
    {RH_STR_INIT("{\"a\":1,\"a\":1}"), "the object has this key", 7},
    {RH_STR_INIT("{\"a\":1,\"\\u0061\":1}"), "the object has this key", 7},
    {RH_STR_INIT("{\"\\/\":1,\"/\":1}"), "the object has this key", 8},
    {RH_STR_INIT("[{\"x\":{\"\":1,\"\":2}}]"), "the object has this key", 12},
    {RH_STR_INIT("{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":1}"), "the object has this key", 18},
};

static void refuses_each_broken_text_with_its_place_and_rule(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(broken_texts) / sizeof(broken_texts[0]); i++) {
        char want[128];
        char why[160] = "accepted";
        int32_t rc = json_check(broken_texts[i].text, why, sizeof(why));

        (void)snprintf(want, sizeof(want), "at byte %zu (line 1, column %zu): %s",
                       broken_texts[i].at, broken_texts[i].at + 1, broken_texts[i].why);
        if (rc != RH_EINVAL || strncmp(why, want, strlen(want)) != 0)
            fail_msg("case %zu %.*s: %s; wanted %s", i, RH_STR_ARG(broken_texts[i].text), why,
                     want);
    }
}

static void names_line_and_column(void **state)
{
    char why[160];

    (void)state;

    (void)json_check(TEXT("{\n \"a\": 1,\n  \"b\": x}"), why, sizeof(why));

    assert_string_equal(why, "at byte 18 (line 3, column 8): no value begins so");
}

/* depth brackets, alternating kinds, into text. */
static struct rh_str nested(char *text, size_t depth)
{
    size_t n = 0;

    for (size_t i = 0; i < depth; i++) {
        if (i % 2) {
            memcpy(text + n, "{\"k\":", 5);
            n += 5;
        } else {
            text[n++] = '[';
        }
    }
    text[n++] = '1';
    for (size_t i = depth; i-- > 0;)
        text[n++] = i % 2 ? '}' : ']';
    return (struct rh_str){text, n};
}

static void allows_64_levels_and_no_more(void **state)
{
    char text[1024];

    (void)state;
    assert_int_equal(json_check(nested(text, 64), NULL, 0), RH_OK);
    assert_int_equal(json_check(nested(text, 65), NULL, 0), RH_EINVAL);
}

static void survives_a_megabyte_of_open_brackets(void **state)
{
    size_t n = 1 << 20;
    char *text = malloc(n);

    (void)state;
    assert_non_null(text);
    memset(text, '[', n);

    assert_int_equal(json_check((struct rh_str){text, n}, NULL, 0), RH_EINVAL);

    free(text);
}

/* An object of count keys; the last repeats the first when repeat is set. */
static struct rh_str many_keys(struct rh_buf *buf, uint32_t count, bool repeat)
{
    (void)rh_buf_append_byte(buf, '{');
    for (uint32_t i = 0; i < count; i++)
        (void)rh_buf_printf(buf, "%s\"key%u\":{\"key%u\":0}", i > 0 ? "," : "", i, i);
    if (repeat)
        (void)rh_buf_append_c(buf, ",\"\\u006bey0\":0");
    (void)rh_buf_append_byte(buf, '}');
    assert_int_equal(buf->rc, RH_OK);
    return rh_buf_str(buf);
}

static void finds_repeats_in_objects_of_every_size(void **state)
{
    static const uint32_t counts[] = {1, 2, 11, 12, 13, 31, 32, 33, 34, 100, 20000};

    (void)state;
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        struct rh_buf buf;

        rh_buf_init(&buf, 1 << 22);
        assert_int_equal(json_check(many_keys(&buf, counts[i], false), NULL, 0), RH_OK);
        rh_buf_reset(&buf);
        assert_int_equal(json_check(many_keys(&buf, counts[i], true), NULL, 0), RH_EINVAL);
        rh_buf_release(&buf);
    }
}

static void keeps_outer_keys_apart_while_inner_objects_grow(void **state)
{
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, 1 << 20);
    (void)rh_buf_append_c(&buf, "{\"first\":0,\"inner\":");
    (void)many_keys(&buf, 50, false);
    (void)rh_buf_append_c(&buf, ",\"other\":");
    (void)many_keys(&buf, 40, false);
    (void)rh_buf_append_c(&buf, ",\"first\":0}");

    assert_int_equal(json_check(rh_buf_str(&buf), NULL, 0), RH_EINVAL);

    buf.n -= strlen(",\"first\":0}");
    (void)rh_buf_append_c(&buf, ",\"last\":0}");
    assert_int_equal(json_check(rh_buf_str(&buf), NULL, 0), RH_OK);
    rh_buf_release(&buf);
}

static void every_failed_allocation_is_out_of_memory(void **state)
{
    struct rh_buf buf;
    struct rh_str text;
    int failures = 0;
    int32_t rc = RH_ENOMEM;

    (void)state;
    rh_buf_init(&buf, 1 << 20);
    text = many_keys(&buf, 200, false);

    for (int n = 0; rc == RH_ENOMEM && n < 100; n++) {
        alloc_countdown = n;
        rc = json_check(text, NULL, 0);
        failures += rc == RH_ENOMEM;
    }

    alloc_countdown = -1;
    assert_int_equal(rc, RH_OK);
    assert_true(failures > 0);
    rh_buf_release(&buf);
}

static void write_random(struct rh_json_writer *w, struct rh_rng *rng, uint32_t depth)
{
    uint64_t kind = rh_rng_below(rng, depth < 6 ? 8 : 6);
    uint64_t count = rh_rng_below(rng, 20);
    char text[32];

    switch (kind) {
    case 0:
        rh_json_null(w);
        break;
    case 1:
        rh_json_bool(w, count % 2);
        break;
    case 2:
        rh_json_int(w, (int64_t)rh_rng_u64(rng));
        break;
    case 3:
        rh_json_double(w, (rh_rng_double(rng) - 0.5) * (double)rh_rng_below(rng, 1000000));
        break;
    case 4:
    case 5:
        for (size_t i = 0; i < sizeof(text); i++)
            text[i] = (char)(1 + rh_rng_below(rng, 255));
        rh_json_string(w, (struct rh_str){text, (size_t)rh_rng_below(rng, sizeof(text))});
        break;
    case 6:
        rh_json_begin_array(w);
        for (uint64_t i = 0; i < count; i++)
            write_random(w, rng, depth + 1);
        rh_json_end_array(w);
        break;
    default:
        rh_json_begin_object(w);
        for (uint64_t i = 0; i < count; i++) {
            int n = snprintf(text, sizeof(text), "\x01\"k%d", (int)i);

            rh_json_key_str(w, (struct rh_str){text, (size_t)n});
            write_random(w, rng, depth + 1);
        }
        rh_json_end_object(w);
        break;
    }
}

static void accepts_whatever_the_writer_writes_and_no_prefix_of_it(void **state)
{
    uint64_t seed = 7;
    struct rh_rng rng;

    (void)state;
    print_message("seed %llu\n", (unsigned long long)seed);
    rh_rng_seed(&rng, seed);
    for (int round = 0; round < 200; round++) {
        struct rh_json_writer w;
        struct rh_buf buf;

        rh_buf_init(&buf, 1 << 24);
        rh_json_init(&w, &buf);
        rh_json_begin_array(&w);
        write_random(&w, &rng, 1);
        rh_json_end_array(&w);
        assert_int_equal(rh_json_finish(&w), RH_OK);

        assert_int_equal(json_check(rh_buf_str(&buf), NULL, 0), RH_OK);
        assert_int_equal(json_check((struct rh_str){buf.p, rh_rng_below(&rng, buf.n)}, NULL, 0),
                         RH_EINVAL);
        rh_buf_release(&buf);
    }
}

static void pulls_keys_items_and_raw_text(void **state)
{
    struct json_scan s;
    struct json_nest object;
    struct json_nest array;
    struct json_string key;
    struct json_number number;
    struct rh_str raw;

    (void)state;
    json_scan_init(&s, TEXT(" {\"a\": [1, 2.5] ,\"b\": {\"x\" : [ ] } } "));

    assert_int_equal(json_peek(&s), JSON_OBJECT);
    assert_true(json_enter(&s, &object));
    assert_true(json_next_key(&s, &object, &key));
    assert_int_equal(json_peek(&s), JSON_ARRAY);
    assert_true(json_enter(&s, &array));
    assert_true(json_next_item(&s, &array));
    assert_int_equal(json_peek(&s), JSON_NUMBER);
    assert_true(json_number(&s, &number));
    assert_true(number.is_integer);
    assert_true(json_next_item(&s, &array));
    assert_int_equal(json_peek(&s), JSON_NUMBER);
    assert_true(json_number(&s, &number));
    assert_false(number.is_integer);
    assert_true(rh_str_eq_c(number.text, "2.5"));
    assert_false(json_next_item(&s, &array));
    assert_true(json_next_key(&s, &object, &key));
    assert_true(json_skip(&s, &raw));
    assert_true(rh_str_eq_c(raw, "{\"x\" : [ ] }"));
    assert_false(json_next_key(&s, &object, &key));
    assert_true(json_end(&s));
    assert_int_equal(s.rc, RH_OK);
    json_scan_release(&s);
}

static void the_first_error_stays(void **state)
{
    struct json_scan s;
    char why[160];

    (void)state;
    json_scan_init(&s, TEXT("[1"));

    assert_false(json_fail(&s, s.start + 1, "first"));
    assert_false(json_fail(&s, s.start, "second"));
    assert_false(json_skip(&s, NULL));
    assert_int_equal(json_peek(&s), JSON_NONE);

    json_describe(&s, why, sizeof(why));
    assert_string_equal(why, "at byte 1 (line 1, column 2): first");
    json_scan_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_every_valid_text),
        cmocka_unit_test(refuses_each_broken_text_with_its_place_and_rule),
        cmocka_unit_test(names_line_and_column),
        cmocka_unit_test(allows_64_levels_and_no_more),
        cmocka_unit_test(survives_a_megabyte_of_open_brackets),
        cmocka_unit_test(finds_repeats_in_objects_of_every_size),
        cmocka_unit_test(keeps_outer_keys_apart_while_inner_objects_grow),
        cmocka_unit_test(every_failed_allocation_is_out_of_memory),
        cmocka_unit_test(accepts_whatever_the_writer_writes_and_no_prefix_of_it),
        cmocka_unit_test(pulls_keys_items_and_raw_text),
        cmocka_unit_test(the_first_error_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
