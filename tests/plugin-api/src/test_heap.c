/* Tests of the heap: random pushes, updates and removals against a scan, and its limits. */
#include "sdk_test.h"

#include <ringhost/sdk/heap.h>

#define ITEMS 200u

struct item {
    uint64_t due;
    struct rh_heap_node node;
};

static struct item *item_of(const struct rh_heap_node *node)
{
    return RH_CONTAINER_OF(node, struct item, node);
}

static int compare(const struct rh_heap_node *a, const struct rh_heap_node *b)
{
    uint64_t left = item_of(a)->due;
    uint64_t right = item_of(b)->due;

    return (left > right) - (left < right);
}

static void check_invariant(const struct rh_heap *heap)
{
    for (uint32_t i = 0; i < heap->count; i++) {
        assert_int_equal(heap->nodes[i]->place, i + 1);
        if (i > 0)
            assert_true(compare(heap->nodes[(i - 1) / 2], heap->nodes[i]) <= 0);
    }
}

static void check_first(const struct rh_heap *heap, struct item *items)
{
    uint64_t least = UINT64_MAX;
    uint32_t count = 0;

    for (uint32_t i = 0; i < ITEMS; i++) {
        if (!rh_heap_contains(&items[i].node))
            continue;
        count++;
        if (items[i].due < least)
            least = items[i].due;
    }
    assert_int_equal(heap->count, count);
    if (count)
        assert_true(item_of(rh_heap_peek(heap))->due == least);
    else
        assert_null(rh_heap_peek(heap));
}

static void random_steps_keep_the_least_first(void **state)
{
    static struct item items[ITEMS];
    struct rh_rng rng = test_rng(61);
    struct rh_heap heap;

    (void)state;

    rh_heap_init(&heap, compare, ITEMS);
    for (int round = 0; round < 10000; round++) {
        struct item *item = &items[rh_rng_below(&rng, ITEMS)];
        uint64_t due = rh_rng_below(&rng, 100);

        if (!rh_heap_contains(&item->node)) {
            item->due = due;
            assert_int_equal(rh_heap_push(&heap, &item->node), RH_OK);
        } else if (rh_rng_below(&rng, 2)) {
            item->due = due;
            rh_heap_update(&heap, &item->node);
        } else {
            rh_heap_remove(&heap, &item->node);
            assert_false(rh_heap_contains(&item->node));
        }
        check_first(&heap, items);
        check_invariant(&heap);
    }
    rh_heap_release(&heap);
    for (uint32_t i = 0; i < ITEMS; i++)
        assert_false(rh_heap_contains(&items[i].node));
}

static void pops_come_in_order(void **state)
{
    static struct item items[ITEMS];
    struct rh_rng rng = test_rng(62);
    struct rh_heap heap;
    uint64_t last = 0;

    (void)state;

    rh_heap_init(&heap, compare, ITEMS);
    for (uint32_t i = 0; i < ITEMS; i++) {
        items[i].due = rh_rng_u64(&rng);
        assert_int_equal(rh_heap_push(&heap, &items[i].node), RH_OK);
    }
    for (uint32_t i = 0; i < ITEMS; i++) {
        struct item *item = item_of(rh_heap_pop(&heap));

        assert_true(item->due >= last);
        last = item->due;
    }

    assert_null(rh_heap_pop(&heap));
    rh_heap_release(&heap);
}

static void full_and_out_of_memory_change_nothing(void **state)
{
    struct item items[3] = {{.due = 1}, {.due = 2}, {.due = 3}};
    struct rh_heap heap;

    (void)state;

    rh_heap_init(&heap, compare, 2);
    allocations_left = 0;
    assert_int_equal(rh_heap_push(&heap, &items[0].node), RH_ENOMEM);
    allocations_left = -1;
    assert_false(rh_heap_contains(&items[0].node));
    assert_int_equal(rh_heap_push(&heap, &items[0].node), RH_OK);
    assert_int_equal(rh_heap_push(&heap, &items[1].node), RH_OK);
    assert_int_equal(rh_heap_push(&heap, &items[2].node), RH_EFULL);
    assert_false(rh_heap_contains(&items[2].node));
    assert_int_equal(heap.count, 2);
    rh_heap_release(&heap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_steps_keep_the_least_first),
        cmocka_unit_test(pops_come_in_order),
        cmocka_unit_test(full_and_out_of_memory_change_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
