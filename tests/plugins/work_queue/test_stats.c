/* The stored counters, and the counting of refusals. */
#include "work_queue_test.h"

#include "stats.h"

static void counters_come_back_and_broken_ones_are_refused(void **state)
{
    const struct counters counters = {.added = 70000,
                                      .finished = {[ITEM_DONE] = 5, [ITEM_DEAD] = 6},
                                      .pruned = {[ITEM_DONE] = 4},
                                      .seq_last = UINT64_MAX,
                                      .finish_last = 11,
                                      .epoch = 3,
                                      .activation = 2};
    struct counters out;
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, 200);
    counters_encode(&counters, &buf);

    assert_int_equal(counters_decode(rh_buf_str(&buf), &out), RH_OK);
    assert_memory_equal(&out, &counters, sizeof(out));
    assert_int_equal(counters_kept(&out), 7);
    for (size_t n = 0; n < buf.n; n++)
        assert_int_equal(counters_decode((struct rh_str){buf.p, n}, &out), RH_EINVAL);
    rh_buf_release(&buf);
}

static void refusals_add_up_by_reason(void **state)
{
    const uint64_t refused[MATCH_REASON_COUNT] = {[MATCH_GPU] = 3, [MATCH_VRAM] = 1};
    struct stats stats = {.claims = 0};

    (void)state;
    stats_refuse(&stats, refused);
    stats_refuse(&stats, refused);

    assert_int_equal(stats.refused[MATCH_GPU], 6);
    assert_int_equal(stats.refused[MATCH_VRAM], 2);
    assert_int_equal(stats.claims_empty, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counters_come_back_and_broken_ones_are_refused),
        cmocka_unit_test(refusals_add_up_by_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
