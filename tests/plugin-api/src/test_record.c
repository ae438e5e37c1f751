/* Varints and strings of stored records, and what broken records lead to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ringhost/sdk/record.h>
#include <ringhost/sdk/str.h>

#define S(text) RH_STR_LIT(text)

static void numbers_and_strings_come_back_in_order(void **state)
{
    static const uint64_t numbers[] = {0, 1, 127, 128, 300, UINT32_MAX, INT64_MAX, UINT64_MAX};
    const size_t count = sizeof(numbers) / sizeof(numbers[0]);
    struct rh_record_reader reader;
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, 1000);
    for (size_t i = 0; i < count; i++) {
        rh_record_put_u64(&buf, numbers[i]);
        rh_record_put_str(&buf, S("a\0b"));
    }

    rh_record_reader_init(&reader, rh_buf_str(&buf));
    for (size_t i = 0; i < count; i++) {
        assert_true(rh_record_get_u64(&reader) == numbers[i]);
        assert_true(rh_str_eq(rh_record_get_str(&reader), S("a\0b")));
    }

    assert_int_equal(rh_record_end(&reader), RH_OK);
    rh_buf_release(&buf);
}

static void every_truncation_is_an_error(void **state)
{
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, 100);
    rh_record_put(&buf, 70000);
    rh_record_put_str(&buf, S("hello"));

    for (size_t n = 0; n < buf.n; n++) {
        struct rh_record_reader reader;
        rh_record_reader_init(&reader, (struct rh_str){buf.p, n});
        (void)rh_record_get(&reader, 0, INT64_MAX);
        (void)rh_record_get_str(&reader);
        assert_int_equal(rh_record_end(&reader), RH_EINVAL);
    }
    rh_buf_release(&buf);
}

static void bytes_left_over_are_an_error(void **state)
{
    struct rh_record_reader reader;

    (void)state;
    rh_record_reader_init(&reader, S("\x01\x02"));

    assert_int_equal(rh_record_get(&reader, 0, 10), 1);

    assert_int_equal(rh_record_end(&reader), RH_EINVAL);
}

static void a_number_above_its_limit_is_an_error(void **state)
{
    struct rh_record_reader reader;

    (void)state;
    rh_record_reader_init(&reader, S("\x0b"));

    assert_int_equal(rh_record_get(&reader, 0, 10), 0);

    assert_int_equal(rh_record_end(&reader), RH_EINVAL);
}

static void a_varint_of_over_64_bits_is_an_error(void **state)
{
    struct rh_record_reader reader;

    (void)state;
    rh_record_reader_init(&reader, S("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"));

    assert_true(rh_record_get_u64(&reader) == 0);

    assert_int_equal(reader.rc, RH_EINVAL);
}

static void signed_numbers_come_back_and_small_ones_are_short(void **state)
{
    static const int64_t numbers[] = {0, -1, 1, -64, 63, 64, INT64_MIN, INT64_MAX, INT64_MIN + 1};
    struct rh_record_reader reader;
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, 1000);
    for (size_t i = 0; i < 5; i++)
        rh_record_put_i64(&buf, numbers[i]);
    assert_int_equal(buf.n, 5);
    for (size_t i = 5; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        rh_record_put_i64(&buf, numbers[i]);

    rh_record_reader_init(&reader, rh_buf_str(&buf));

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        assert_true(rh_record_get_i64(&reader) == numbers[i]);
    assert_int_equal(rh_record_end(&reader), RH_OK);
    rh_buf_release(&buf);
}

/* A caller may divide by the number, or use it as an index, before it asks for the error. */
static void a_number_that_fails_is_its_least(void **state)
{
    struct rh_record_reader reader;

    (void)state;
    rh_record_reader_init(&reader, S("\x02\x09"));

    assert_int_equal(rh_record_get(&reader, 3, 9), 3);
    assert_int_equal(rh_record_get(&reader, 5, 9), 5);

    assert_int_equal(rh_record_end(&reader), RH_EINVAL);
}

static void a_text_that_does_not_fit_is_an_error(void **state)
{
    static const struct {
        struct rh_str bytes;
        const char *text;
        int32_t rc;
    } rows[] = {
        {RH_STR_INIT("\x03"
                     "abc"),
         "abc", RH_OK},
        {RH_STR_INIT("\x00"), "", RH_OK},
        {RH_STR_INIT("\x04"
                     "abcd"),
         "", RH_EINVAL},
        {RH_STR_INIT("\x03"
                     "a\0c"),
         "", RH_EINVAL},
        {RH_STR_INIT("\x03"
                     "ab"),
         "", RH_EINVAL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rh_record_reader reader;
        char text[4] = "xxx";

        rh_record_reader_init(&reader, rows[i].bytes);
        rh_record_get_text(&reader, text, sizeof(text));

        assert_string_equal(text, rows[i].text);
        assert_int_equal(rh_record_end(&reader), rows[i].rc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signed_numbers_come_back_and_small_ones_are_short),
        cmocka_unit_test(a_number_that_fails_is_its_least),
        cmocka_unit_test(a_text_that_does_not_fit_is_an_error),
        cmocka_unit_test(numbers_and_strings_come_back_in_order),
        cmocka_unit_test(every_truncation_is_an_error),
        cmocka_unit_test(bytes_left_over_are_an_error),
        cmocka_unit_test(a_number_above_its_limit_is_an_error),
        cmocka_unit_test(a_varint_of_over_64_bits_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
