/* Who is told of what, in which order, and batches in an order that suits. */
#include "work_queue_test.h"

#include "depend.h"

enum { DONE = 3, DEAD = 4 };

static struct depend_wait *wait_for(struct depends *d, char *name, const uint64_t *seqs,
                                    uint32_t count)
{
    struct depend_wait *wait = NULL;

    assert_int_equal(depend_on(d, name, seqs, count, &wait), RH_OK);
    return wait;
}

static void whoever_waits_is_told_once_of_each_and_in_order(void **state)
{
    char a[] = "a";
    char b[] = "b";
    struct depends d;
    uint64_t seq;
    uint8_t verdict;

    (void)state;
    depends_init(&d, 1);
    struct depend_wait *wait_a = wait_for(&d, a, (const uint64_t[]){7, 8}, 2);
    struct depend_wait *wait_b = wait_for(&d, b, (const uint64_t[]){8}, 1);
    depend_over(&d, 8, DONE, 1);
    depend_over(&d, 7, DEAD, 1);

    assert_ptr_equal(depend_next(&d, 1, &seq, &verdict), wait_a);
    assert_int_equal(seq, 8);
    assert_int_equal(wait_a->unmet, 1);
    assert_ptr_equal(depend_next(&d, 1, &seq, &verdict), wait_b);
    assert_int_equal(wait_b->unmet, 0);
    assert_ptr_equal(depend_next(&d, 1, &seq, &verdict), wait_a);
    assert_int_equal(seq, 7);
    assert_int_equal(verdict, DEAD);
    assert_null(depend_next(&d, 1, &seq, &verdict));
    assert_true(depends_are_told(&d));
    depend_leave(&d, wait_a);
    depend_leave(&d, wait_b);
    depends_release(&d);
}

static void nobody_is_told_before_the_stamp(void **state)
{
    char a[] = "a";
    struct depends d;
    uint64_t seq;
    uint8_t verdict;

    (void)state;
    depends_init(&d, 1);
    struct depend_wait *wait = wait_for(&d, a, (const uint64_t[]){7}, 1);
    depend_over(&d, 7, DONE, 5);

    assert_null(depend_next(&d, 4, &seq, &verdict));
    assert_false(depends_are_told(&d));
    assert_ptr_equal(depend_next(&d, 5, &seq, &verdict), wait);
    depend_leave(&d, wait);
    depends_release(&d);
}

static void who_has_left_is_told_nothing(void **state)
{
    char a[] = "a";
    char b[] = "b";
    struct depends d;
    uint64_t seq;
    uint8_t verdict;

    (void)state;
    depends_init(&d, 1);
    depend_leave(&d, wait_for(&d, a, (const uint64_t[]){7}, 1));
    assert_int_equal(rh_map64_count(&d.nodes), 0);
    struct depend_wait *early = wait_for(&d, a, (const uint64_t[]){7}, 1);
    struct depend_wait *late = wait_for(&d, b, (const uint64_t[]){7}, 1);
    depend_over(&d, 7, DONE, 1);
    depend_leave(&d, early);

    assert_ptr_equal(depend_next(&d, 1, &seq, &verdict), late);
    assert_null(depend_next(&d, 1, &seq, &verdict));
    depend_leave(&d, late);
    depends_release(&d);
}

static void what_is_waited_for_anew_is_over_anew(void **state)
{
    char a[] = "a";
    char b[] = "b";
    struct depends d;
    uint64_t seq;
    uint8_t verdict;

    (void)state;
    depends_init(&d, 1);
    struct depend_wait *before = wait_for(&d, a, (const uint64_t[]){7}, 1);
    depend_over(&d, 7, DEAD, 1);
    struct depend_wait *after = wait_for(&d, b, (const uint64_t[]){7}, 1);

    assert_ptr_equal(depend_next(&d, 9, &seq, &verdict), before);
    assert_null(depend_next(&d, 9, &seq, &verdict));
    depend_over(&d, 7, DONE, 2);
    assert_ptr_equal(depend_next(&d, 9, &seq, &verdict), after);
    assert_int_equal(verdict, DONE);
    depend_leave(&d, before);
    depend_leave(&d, after);
    depends_release(&d);
}

static void a_batch_is_ordered_so_that_nobody_precedes_whom_it_waits_for(void **state)
{
    const uint32_t edges[] = {0, 2, 2, 3, 1, 0};
    uint32_t order[5];
    uint32_t memory[5];
    uint32_t place[5];
    uint32_t cycle;

    (void)state;
    assert_int_equal(depend_sort(edges, 3, 5, order, memory, &cycle), RH_OK);

    for (uint32_t i = 0; i < 5; i++)
        place[order[i]] = i;
    for (uint32_t k = 0; k < 3; k++)
        assert_true(place[edges[2 * k]] > place[edges[2 * k + 1]]);
}

static void a_batch_without_edges_keeps_its_order(void **state)
{
    uint32_t order[3];
    uint32_t memory[3];
    uint32_t cycle;

    (void)state;
    assert_int_equal(depend_sort(NULL, 0, 3, order, memory, &cycle), RH_OK);

    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(order[i], i);
}

static void a_circle_is_refused_and_one_of_it_named(void **state)
{
    const uint32_t circle[] = {1, 2, 2, 3, 3, 1, 0, 1};
    const uint32_t self[] = {2, 2};
    uint32_t order[4];
    uint32_t memory[4];
    uint32_t cycle = 9;

    (void)state;
    assert_int_equal(depend_sort(circle, 4, 4, order, memory, &cycle), RH_EINVAL);
    assert_in_range(cycle, 0, 3);
    assert_int_equal(depend_sort(self, 1, 4, order, memory, &cycle), RH_EINVAL);
    assert_int_equal(cycle, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whoever_waits_is_told_once_of_each_and_in_order),
        cmocka_unit_test(nobody_is_told_before_the_stamp),
        cmocka_unit_test(who_has_left_is_told_nothing),
        cmocka_unit_test(what_is_waited_for_anew_is_over_anew),
        cmocka_unit_test(a_batch_is_ordered_so_that_nobody_precedes_whom_it_waits_for),
        cmocka_unit_test(a_batch_without_edges_keeps_its_order),
        cmocka_unit_test(a_circle_is_refused_and_one_of_it_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
