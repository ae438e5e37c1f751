/* Varints and strings of stored records, and what broken records lead to. */
#include "work_queue_test.h"

#include "codec.h"

static void numbers_and_strings_come_back_in_order(void **state)
{
    static const uint64_t numbers[] = {0, 1, 127, 128, 300, UINT32_MAX, INT64_MAX, UINT64_MAX};
    const size_t count = sizeof(numbers) / sizeof(numbers[0]);
    struct codec_reader reader;
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, 1000);
    for (size_t i = 0; i < count; i++) {
        codec_put_u64(&buf, numbers[i]);
        codec_put_str(&buf, S("a\0b"));
    }

    codec_reader_init(&reader, rh_buf_str(&buf));
    for (size_t i = 0; i < count; i++) {
        assert_true(codec_get_u64(&reader) == numbers[i]);
        assert_true(rh_str_eq(codec_get_str(&reader), S("a\0b")));
    }

    assert_int_equal(codec_end(&reader), RH_OK);
    rh_buf_release(&buf);
}

static void every_truncation_is_an_error(void **state)
{
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, 100);
    codec_put(&buf, 70000);
    codec_put_str(&buf, S("hello"));

    for (size_t n = 0; n < buf.n; n++) {
        struct codec_reader reader;
        codec_reader_init(&reader, (struct rh_str){buf.p, n});
        (void)codec_get(&reader, INT64_MAX);
        (void)codec_get_str(&reader);
        assert_int_equal(codec_end(&reader), RH_EINVAL);
    }
    rh_buf_release(&buf);
}

static void bytes_left_over_are_an_error(void **state)
{
    struct codec_reader reader;

    (void)state;
    codec_reader_init(&reader, S("\x01\x02"));

    assert_int_equal(codec_get(&reader, 10), 1);

    assert_int_equal(codec_end(&reader), RH_EINVAL);
}

static void a_number_above_its_limit_is_an_error(void **state)
{
    struct codec_reader reader;

    (void)state;
    codec_reader_init(&reader, S("\x0b"));

    assert_int_equal(codec_get(&reader, 10), 0);

    assert_int_equal(codec_end(&reader), RH_EINVAL);
}

static void a_varint_of_over_64_bits_is_an_error(void **state)
{
    struct codec_reader reader;

    (void)state;
    codec_reader_init(&reader, S("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"));

    assert_true(codec_get_u64(&reader) == 0);

    assert_int_equal(reader.rc, RH_EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_and_strings_come_back_in_order),
        cmocka_unit_test(every_truncation_is_an_error),
        cmocka_unit_test(bytes_left_over_are_an_error),
        cmocka_unit_test(a_number_above_its_limit_is_an_error),
        cmocka_unit_test(a_varint_of_over_64_bits_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
