/* Tests of the growable buffer: content, limits, and failing allocations. */
#include "sdk_test.h"

#include <ringhost/sdk/buf.h>

static void appends_come_out_in_order_and_terminated(void **state)
{
    struct rh_buf buf;

    (void)state;

    rh_buf_init(&buf, 1000);
    assert_int_equal(rh_buf_append(&buf, "ab", 2), RH_OK);
    assert_int_equal(rh_buf_append_c(&buf, "cd"), RH_OK);
    assert_int_equal(rh_buf_append_c(&buf, NULL), RH_OK);
    assert_int_equal(rh_buf_append_str(&buf, (struct rh_str){"ef", 2}), RH_OK);
    assert_int_equal(rh_buf_append_byte(&buf, 'g'), RH_OK);
    assert_int_equal(rh_buf_printf(&buf, "-%d-%s", 42, "x"), RH_OK);

    assert_int_equal(buf.n, 12);
    assert_string_equal(buf.p, "abcdefg-42-x");
    rh_buf_release(&buf);
    assert_null(buf.p);
    assert_int_equal(buf.max, 1000);
}

static void growing_keeps_content(void **state)
{
    struct rh_rng rng = test_rng(31);
    static char expected[70000];
    size_t n = 0;
    struct rh_buf buf;

    (void)state;

    rh_buf_init(&buf, sizeof(expected));
    while (n + 400 < sizeof(expected)) {
        size_t size = (size_t)rh_rng_below(&rng, 300);

        memset(expected + n, 'a' + (int)rh_rng_below(&rng, 26), size);
        assert_int_equal(rh_buf_append(&buf, expected + n, size), RH_OK);
        n += size;
    }

    assert_int_equal(buf.n, n);
    assert_memory_equal(buf.p, expected, n);
    assert_int_equal(buf.p[n], 0);
    rh_buf_release(&buf);
}

static void limit_is_exact_and_the_error_sticks(void **state)
{
    struct rh_buf buf;

    (void)state;

    rh_buf_init(&buf, 5);
    assert_int_equal(rh_buf_append_c(&buf, "12345"), RH_OK);
    assert_int_equal(rh_buf_append_byte(&buf, '6'), RH_ETOOLARGE);
    assert_int_equal(rh_buf_append(&buf, NULL, 0), RH_ETOOLARGE);
    assert_int_equal(rh_buf_printf(&buf, "%d", 1), RH_ETOOLARGE);
    assert_null(rh_buf_reserve(&buf, 0));
    assert_null(rh_buf_take(&buf, NULL));
    assert_string_equal(buf.p, "12345");

    rh_buf_reset(&buf);
    assert_int_equal(rh_buf_printf(&buf, "%s", "123456"), RH_ETOOLARGE);
    assert_int_equal(buf.n, 0);
    rh_buf_reset(&buf);
    assert_int_equal(rh_buf_append(&buf, "x", SIZE_MAX), RH_ETOOLARGE);
    rh_buf_release(&buf);
}

static void failed_growth_keeps_content_and_sticks(void **state)
{
    struct rh_buf buf;
    char big[500] = {0};

    (void)state;

    rh_buf_init(&buf, 1000);
    assert_int_equal(rh_buf_append_c(&buf, "kept"), RH_OK);
    allocations_left = 0;
    assert_int_equal(rh_buf_append(&buf, big, sizeof(big)), RH_ENOMEM);
    allocations_left = -1;
    assert_int_equal(rh_buf_append_c(&buf, "x"), RH_ENOMEM);

    assert_string_equal(buf.p, "kept");
    rh_buf_reset(&buf);
    assert_int_equal(rh_buf_append(&buf, big, sizeof(big)), RH_OK);
    rh_buf_release(&buf);
}

static void reset_keeps_the_memory(void **state)
{
    struct rh_buf buf;
    char *p;

    (void)state;

    rh_buf_init(&buf, 1000);
    assert_int_equal(rh_buf_append_c(&buf, "some"), RH_OK);
    p = buf.p;
    rh_buf_reset(&buf);
    allocations_left = 0;
    assert_int_equal(rh_buf_append_c(&buf, "other"), RH_OK);
    allocations_left = -1;

    assert_ptr_equal(buf.p, p);
    assert_string_equal(buf.p, "other");
    rh_buf_release(&buf);
}

static void take_gives_the_block_away(void **state)
{
    struct rh_buf buf;
    size_t size = 99;
    char *p;
    char *empty;

    (void)state;

    rh_buf_init(&buf, 1000);
    empty = rh_buf_take(&buf, &size);
    assert_non_null(empty);
    assert_int_equal(size, 0);
    assert_string_equal(empty, "");
    assert_int_equal(rh_buf_append_c(&buf, "mine"), RH_OK);
    p = rh_buf_take(&buf, &size);

    assert_string_equal(p, "mine");
    assert_int_equal(size, 4);
    assert_null(buf.p);
    assert_int_equal(buf.n, 0);
    free(p);
    free(empty);
}

static void reserved_room_is_used_by_advance(void **state)
{
    struct rh_buf buf;
    char *p;

    (void)state;

    rh_buf_init(&buf, 100);
    p = rh_buf_reserve(&buf, 100);
    assert_non_null(p);
    memset(p, 'r', 100);
    rh_buf_advance(&buf, 100);

    assert_int_equal(rh_buf_str(&buf).n, 100);
    assert_int_equal(strlen(buf.p), 100);
    assert_null(rh_buf_reserve(&buf, 1));
    rh_buf_release(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appends_come_out_in_order_and_terminated),
        cmocka_unit_test(growing_keeps_content),
        cmocka_unit_test(limit_is_exact_and_the_error_sticks),
        cmocka_unit_test(failed_growth_keeps_content_and_sticks),
        cmocka_unit_test(reset_keeps_the_memory),
        cmocka_unit_test(take_gives_the_block_away),
        cmocka_unit_test(reserved_room_is_used_by_advance),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
