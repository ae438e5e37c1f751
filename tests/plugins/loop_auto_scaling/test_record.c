/* Tests of what is stored of machines and pools. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/record.h>

#include "plugins/loop_auto_scaling/record.h"

static void machines_read_back_as_they_were_written(void **state)
{
    const struct fleet_machine machine = {.node_id = "a-1",
                                          .pool = "a",
                                          .handle = "i-77",
                                          .error = "so",
                                          .since_ms = 5,
                                          .not_before_ms = 9,
                                          .attempts = 2,
                                          .state = FLEET_DRAINING,
                                          .is_drained = true};
    struct fleet_machine read = {.node_id = "a-1"};
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, 8192);
    machine_encode(&machine, &buf);

    assert_int_equal(machine_decode(rh_buf_str(&buf), &read), RH_OK);
    assert_memory_equal(&read, &machine, sizeof(read));
    for (size_t n = 0; n < buf.n; n++)
        assert_int_equal(machine_decode((struct rh_str){buf.p, n}, &read), RH_EINVAL);
    rh_buf_release(&buf);
}

static void pools_read_back_as_they_were_written(void **state)
{
    struct pool_memory pool = {.last_number = 17,
                               .boots = {.not_before_ms = INT64_C(1800000000000), .failures = 3}};
    struct pool_memory read = {.last_number = 0};
    struct rh_buf buf;

    (void)state;
    pool.history.wanted_count = 2;
    pool.history.wanted[1] = (struct scale_note){100, 7};
    scale_note_added(&pool.history, 90, 4);
    rh_buf_init(&buf, 8192);
    pool_encode(&pool, &buf);

    assert_int_equal(pool_decode(rh_buf_str(&buf), &read), RH_OK);
    assert_memory_equal(&read, &pool, sizeof(read));
    for (size_t n = 0; n < buf.n; n++)
        assert_int_equal(pool_decode((struct rh_str){buf.p, n}, &read), RH_EINVAL);
    rh_buf_release(&buf);
}

static void a_pool_stored_before_boots_were_counted_reads_with_none(void **state)
{
    struct pool_memory read = {.boots = {.failures = 9}};
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, 64);
    rh_record_put(&buf, 1);
    rh_record_put(&buf, 17);
    rh_record_put(&buf, 0);
    rh_record_put(&buf, 0);

    assert_int_equal(pool_decode(rh_buf_str(&buf), &read), RH_OK);
    assert_int_equal(read.last_number, 17);
    assert_int_equal(read.boots.failures, 0);
    rh_buf_release(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(machines_read_back_as_they_were_written),
        cmocka_unit_test(pools_read_back_as_they_were_written),
        cmocka_unit_test(a_pool_stored_before_boots_were_counted_reads_with_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
