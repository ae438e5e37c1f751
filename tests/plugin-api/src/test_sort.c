/* Tests of the stable sort: order, stability, scratch, and no memory. */
#include "sdk_test.h"

#include <ringhost/sdk/sort.h>

struct item {
    uint32_t key;
    uint32_t index;
    char filler[5];
};

/* ctx counts the comparisons and says the direction. */
struct direction {
    int sign;
    uint64_t calls;
};

static int compare(const void *a, const void *b, void *ctx)
{
    const struct item *left = a;
    const struct item *right = b;
    struct direction *direction = ctx;

    direction->calls++;
    return direction->sign * ((left->key > right->key) - (left->key < right->key));
}

static void check_random(struct rh_rng *rng, size_t count, uint64_t keys, struct item *scratch)
{
    static struct item items[1100];
    struct direction direction = {rh_rng_below(rng, 2) ? 1 : -1, 0};
    static bool seen[1100];

    memset(seen, 0, sizeof(seen));
    for (uint32_t i = 0; i < count; i++)
        items[i] = (struct item){(uint32_t)rh_rng_below(rng, keys), i, "abcd"};
    assert_int_equal(rh_sort(items, count, sizeof(items[0]), compare, &direction, scratch), RH_OK);
    assert_true(direction.calls <= count * 11);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(items[i].filler, "abcd");
        assert_false(seen[items[i].index]);
        seen[items[i].index] = true;
        if (i > 0) {
            int order = compare(&items[i - 1], &items[i], &direction);

            assert_true(order < 0 || (order == 0 && items[i - 1].index < items[i].index));
        }
    }
}

static void random_items_are_sorted_stably(void **state)
{
    static struct item scratch[1100];
    struct rh_rng rng = test_rng(81);

    (void)state;

    for (int round = 0; round < 400; round++)
        check_random(&rng, (size_t)rh_rng_below(&rng, 1 + (uint64_t)round * 2), 1 + (uint64_t)round,
                     round % 2 ? scratch : NULL);
    for (size_t count = 0; count < 40; count++)
        check_random(&rng, count, 5, NULL);
    check_random(&rng, 1024, UINT32_MAX, NULL);
    check_random(&rng, 1025, 2, NULL);
}

static void without_memory_the_items_stay(void **state)
{
    struct item items[3] = {{3, 0, ""}, {1, 1, ""}, {2, 2, ""}};
    struct item scratch[3];
    struct direction up = {1, 0};

    (void)state;

    allocations_left = 0;
    assert_int_equal(rh_sort(items, 3, sizeof(items[0]), compare, &up, NULL), RH_ENOMEM);
    assert_int_equal(items[0].key, 3);
    assert_int_equal(rh_sort(items, 1, sizeof(items[0]), compare, &up, NULL), RH_OK);
    assert_int_equal(rh_sort(NULL, 0, sizeof(items[0]), compare, &up, NULL), RH_OK);
    assert_int_equal(rh_sort(items, 3, sizeof(items[0]), compare, &up, scratch), RH_OK);
    allocations_left = -1;
    assert_int_equal(items[0].key, 1);
    assert_int_equal(items[2].key, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_items_are_sorted_stably),
        cmocka_unit_test(without_memory_the_items_stay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
