/* Tests of the JSON writer: text, escapes, sticky errors, and calls out of place. */
#include "sdk_test.h"

#include <math.h>
#include <ringhost/sdk/json_writer.h>

static struct rh_str lit(const char *text)
{
    return (struct rh_str){text, strlen(text)};
}

static void nested_values_get_their_commas(void **state)
{
    struct rh_buf buf;
    struct rh_json_writer w;

    (void)state;

    rh_buf_init(&buf, 1000);
    rh_json_init(&w, &buf);
    rh_json_begin_object(&w);
    rh_json_kv_str(&w, "s", lit("x"));
    rh_json_kv_strc(&w, "c", "y");
    rh_json_kv_strc(&w, "n", NULL);
    rh_json_kv_int(&w, "i", -5);
    rh_json_kv_u64(&w, "u", UINT64_MAX);
    rh_json_kv_double(&w, "d", 0.5);
    rh_json_kv_bool(&w, "t", true);
    rh_json_kv_bool(&w, "f", false);
    rh_json_kv_null(&w, "z");
    rh_json_kv_raw(&w, "r", lit("[1]"));
    rh_json_kv_raw(&w, "e", lit(""));
    rh_json_key(&w, "a");
    rh_json_begin_array(&w);
    rh_json_begin_object(&w);
    rh_json_end_object(&w);
    rh_json_begin_array(&w);
    rh_json_end_array(&w);
    rh_json_int(&w, 0);
    rh_json_end_array(&w);
    rh_json_end_object(&w);

    assert_int_equal(rh_json_finish(&w), RH_OK);
    assert_string_equal(buf.p, "{\"s\":\"x\",\"c\":\"y\",\"n\":null,\"i\":-5,"
                               "\"u\":\"18446744073709551615\",\"d\":0.5,\"t\":true,\"f\":false,"
                               "\"z\":null,\"r\":[1],\"e\":null,\"a\":[{},[],0]}");
    rh_buf_release(&buf);
}

static void check_string(struct rh_str s, const char *expected)
{
    struct rh_buf buf;
    struct rh_json_writer w;

    rh_buf_init(&buf, 1000);
    rh_json_init(&w, &buf);
    rh_json_string(&w, s);
    assert_int_equal(rh_json_finish(&w), RH_OK);
    assert_string_equal(buf.p, expected);
    rh_buf_release(&buf);
}

static void a_list_of_strings_is_one_value(void **state)
{
    const struct rh_str items[] = {lit("a"), lit("b\"c")};
    const struct rh_str_list two = {items, 2, 0};
    const struct rh_str_list none = {NULL, 0, 0};
    struct rh_json_writer w;
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, 1000);
    rh_json_init(&w, &buf);
    rh_json_begin_object(&w);
    rh_json_kv_str_list(&w, "two", &two);
    rh_json_kv_str_list(&w, "none", &none);
    rh_json_key(&w, "also");
    rh_json_str_list(&w, &two);
    rh_json_end_object(&w);

    assert_int_equal(rh_json_finish(&w), RH_OK);
    assert_string_equal(buf.p,
                        "{\"two\":[\"a\",\"b\\\"c\"],\"none\":[],\"also\":[\"a\",\"b\\\"c\"]}");
    rh_buf_release(&buf);
}

static void special_characters_are_escaped(void **state)
{
    (void)state;

    check_string(lit(""), "\"\"");
    check_string(lit("a\"b\\c/d"), "\"a\\\"b\\\\c/d\"");
    check_string(lit("\b\t\n\f\r"), "\"\\b\\t\\n\\f\\r\"");
    check_string((struct rh_str){"\0\x01\x0b\x1f\x7f", 5}, "\"\\u0000\\u0001\\u000b\\u001f\x7f\"");
}

#define BAD "\xef\xbf\xbd"

static void broken_utf8_becomes_replacement_characters(void **state)
{
    (void)state;

    check_string(lit("\xc3\xa9\xe2\x82\xac\xf0\x9f\x8e\xb2"),
                 "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x8e\xb2\"");
    check_string(lit("\x80"), "\"" BAD "\"");
    check_string(lit("\xc0\xaf"), "\"" BAD BAD "\"");
    check_string(lit("\xe0\x80\x80"), "\"" BAD BAD BAD "\"");
    check_string(lit("\xed\xa0\x80"), "\"" BAD BAD BAD "\"");
    check_string(lit("\xf4\x90\x80\x80"), "\"" BAD BAD BAD BAD "\"");
    check_string(lit("\xf5"), "\"" BAD "\"");
    check_string(lit("a\xe2\x82z"), "\"a" BAD "z\"");
    check_string(lit("\xf0\x9f\x8e"), "\"" BAD "\"");
    check_string(lit("\xe2\x82\""), "\"" BAD "\\\"\"");
}

static void integers_are_exact_at_their_limits(void **state)
{
    struct rh_buf buf;
    struct rh_json_writer w;

    (void)state;

    rh_buf_init(&buf, 1000);
    rh_json_init(&w, &buf);
    rh_json_begin_array(&w);
    rh_json_int(&w, INT64_MIN);
    rh_json_int(&w, INT64_MAX);
    rh_json_u64(&w, 0);
    rh_json_end_array(&w);

    assert_int_equal(rh_json_finish(&w), RH_OK);
    assert_string_equal(buf.p, "[-9223372036854775808,9223372036854775807,\"0\"]");
    rh_buf_release(&buf);
}

static void values_without_json_are_a_sticky_error(void **state)
{
    const double bad[] = {NAN, INFINITY, -INFINITY};

    (void)state;

    for (size_t i = 0; i < 3; i++) {
        struct rh_buf buf;
        struct rh_json_writer w;

        rh_buf_init(&buf, 1000);
        rh_json_init(&w, &buf);
        rh_json_begin_array(&w);
        rh_json_double(&w, bad[i]);
        rh_json_int(&w, 1);
        rh_json_end_array(&w);
        assert_int_equal(rh_json_finish(&w), RH_EINVAL);
        assert_string_equal(buf.p, "[");
        rh_buf_release(&buf);
    }
}

static int32_t write_nested(uint32_t depth)
{
    struct rh_buf buf;
    struct rh_json_writer w;
    int32_t rc;

    rh_buf_init(&buf, 1000);
    rh_json_init(&w, &buf);
    for (uint32_t i = 0; i < depth; i++) {
        if (i % 2) {
            rh_json_begin_object(&w);
            rh_json_key(&w, "k");
        } else {
            rh_json_begin_array(&w);
        }
    }
    rh_json_null(&w);
    for (uint32_t i = depth; i > 0; i--) {
        if ((i - 1) % 2)
            rh_json_end_object(&w);
        else
            rh_json_end_array(&w);
    }
    rc = rh_json_finish(&w);
    rh_buf_release(&buf);
    return rc;
}

static void nesting_ends_at_the_limit(void **state)
{
    (void)state;

    assert_int_equal(write_nested(RH_JSON_DEPTH_MAX), RH_OK);
    assert_int_equal(write_nested(RH_JSON_DEPTH_MAX + 1), RH_ETOOLARGE);
    assert_int_equal(write_nested(RH_JSON_DEPTH_MAX * 2), RH_ETOOLARGE);
}

static void write_sample(struct rh_json_writer *w)
{
    rh_json_begin_object(w);
    rh_json_kv_strc(w, "name", "a text that is long enough to let the buffer grow once or twice");
    rh_json_key(w, "list");
    rh_json_begin_array(w);
    for (int i = 0; i < 100; i++)
        rh_json_double(w, i / 7.0);
    rh_json_end_array(w);
    rh_json_end_object(w);
}

static void every_size_below_the_need_is_too_large(void **state)
{
    struct rh_buf buf;
    struct rh_json_writer w;
    size_t needed;

    (void)state;

    rh_buf_init(&buf, 10000);
    rh_json_init(&w, &buf);
    write_sample(&w);
    assert_int_equal(rh_json_finish(&w), RH_OK);
    needed = buf.n;
    rh_buf_release(&buf);

    for (size_t max = 0; max <= needed; max++) {
        rh_buf_init(&buf, max);
        rh_json_init(&w, &buf);
        write_sample(&w);
        assert_int_equal(rh_json_finish(&w), max < needed ? RH_ETOOLARGE : RH_OK);
        rh_buf_release(&buf);
    }
}

static void every_failing_allocation_is_reported(void **state)
{
    int failures = 0;
    int32_t rc;

    (void)state;

    do {
        struct rh_buf buf;
        struct rh_json_writer w;

        rh_buf_init(&buf, 10000);
        allocations_left = failures;
        rh_json_init(&w, &buf);
        write_sample(&w);
        rc = rh_json_finish(&w);
        allocations_left = -1;
        assert_true(rc == RH_OK || rc == RH_ENOMEM);
        rh_buf_release(&buf);
        failures += rc != RH_OK;
    } while (rc != RH_OK);
    assert_true(failures >= 3);
}

static struct rh_json_writer *fresh(void)
{
    static struct rh_buf buf;
    static struct rh_json_writer w;

    rh_buf_init(&buf, 1000);
    rh_json_init(&w, &buf);
    return &w;
}

static void value_without_key(void)
{
    struct rh_json_writer *w = fresh();

    rh_json_begin_object(w);
    rh_json_int(w, 1);
}

static void key_in_array(void)
{
    struct rh_json_writer *w = fresh();

    rh_json_begin_array(w);
    rh_json_key(w, "k");
}

static void two_keys(void)
{
    struct rh_json_writer *w = fresh();

    rh_json_begin_object(w);
    rh_json_key(w, "k");
    rh_json_key(w, "k");
}

static void wrong_end(void)
{
    struct rh_json_writer *w = fresh();

    rh_json_begin_object(w);
    rh_json_end_array(w);
}

static void end_after_key(void)
{
    struct rh_json_writer *w = fresh();

    rh_json_begin_object(w);
    rh_json_key(w, "k");
    rh_json_end_object(w);
}

static void end_too_many(void)
{
    rh_json_end_object(fresh());
}

static void second_value(void)
{
    struct rh_json_writer *w = fresh();

    rh_json_null(w);
    rh_json_null(w);
}

static void finish_too_early(void)
{
    struct rh_json_writer *w = fresh();

    rh_json_begin_array(w);
    (void)rh_json_finish(w);
}

static void finish_empty(void)
{
    (void)rh_json_finish(fresh());
}

static void good_use(void)
{
    struct rh_json_writer *w = fresh();

    rh_json_null(w);
    if (rh_json_finish(w) != RH_OK)
        abort();
}

static void calls_out_of_place_abort(void **state)
{
    (void)state;

    assert_false(aborts(good_use));
    assert_true(aborts(value_without_key));
    assert_true(aborts(key_in_array));
    assert_true(aborts(two_keys));
    assert_true(aborts(wrong_end));
    assert_true(aborts(end_after_key));
    assert_true(aborts(end_too_many));
    assert_true(aborts(second_value));
    assert_true(aborts(finish_too_early));
    assert_true(aborts(finish_empty));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nested_values_get_their_commas),
        cmocka_unit_test(a_list_of_strings_is_one_value),
        cmocka_unit_test(special_characters_are_escaped),
        cmocka_unit_test(broken_utf8_becomes_replacement_characters),
        cmocka_unit_test(integers_are_exact_at_their_limits),
        cmocka_unit_test(values_without_json_are_a_sticky_error),
        cmocka_unit_test(nesting_ends_at_the_limit),
        cmocka_unit_test(every_size_below_the_need_is_too_large),
        cmocka_unit_test(every_failing_allocation_is_reported),
        cmocka_unit_test(calls_out_of_place_abort),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
