/* Tests of numbers and strings as bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ringhost/sdk/str.h>

#include "plugins/raft/bytes.h"

static void what_is_put_is_read_back_in_order(void **state)
{
    struct raft_bytes_reader reader;
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, 100);
    raft_bytes_put_u8(&buf, 200);
    raft_bytes_put_u32(&buf, UINT32_C(0x01020304));
    raft_bytes_put_u64(&buf, UINT64_MAX - 1);
    raft_bytes_put_str(&buf, RH_STR_LIT("text"));
    reader = raft_bytes_reader(rh_buf_str(&buf));

    assert_int_equal(raft_bytes_u8(&reader), 200);
    assert_int_equal(raft_bytes_u32(&reader), UINT32_C(0x01020304));
    assert_true(raft_bytes_u64(&reader) == UINT64_MAX - 1);
    assert_true(rh_str_eq_c(raft_bytes_str(&reader), "text"));
    assert_int_equal(raft_bytes_end(&reader), RH_OK);
    rh_buf_release(&buf);
}

static void the_low_byte_comes_first(void **state)
{
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, 100);
    raft_bytes_put_u32(&buf, UINT32_C(0x01020304));

    assert_memory_equal(buf.p, "\x04\x03\x02\x01", 4);
    rh_buf_release(&buf);
}

static void what_is_cut_short_stays_an_error(void **state)
{
    struct raft_bytes_reader reader = raft_bytes_reader(RH_STR_LIT("\x05\x00\x00\x00"
                                                                   "abc"));

    (void)state;

    assert_int_equal(raft_bytes_str(&reader).n, 0);
    assert_int_equal(raft_bytes_u8(&reader), 0);
    assert_int_equal(reader.rc, RH_EINVAL);
    assert_int_equal(raft_bytes_end(&reader), RH_EINVAL);
}

static void bytes_that_are_left_are_an_error(void **state)
{
    struct raft_bytes_reader reader = raft_bytes_reader(RH_STR_LIT("ab"));

    (void)state;
    (void)raft_bytes_u8(&reader);

    assert_int_equal(raft_bytes_end(&reader), RH_EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_put_is_read_back_in_order),
        cmocka_unit_test(the_low_byte_comes_first),
        cmocka_unit_test(what_is_cut_short_stays_an_error),
        cmocka_unit_test(bytes_that_are_left_are_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
