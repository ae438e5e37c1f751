/* Tests of the random generator: published values, ranges, and evenness. */
#include "sdk_test.h"

/* From the reference programs of Blackman and Vigna: splitmix64 from 0, xoshiro256** from 1 2 3 4.
 */
static void published_values_come_out(void **state)
{
    struct rh_rng rng;

    (void)state;

    rh_rng_seed(&rng, 0);
    assert_true(rng.s[0] == UINT64_C(0xe220a8397b1dcdaf));
    assert_true(rng.s[1] == UINT64_C(0x6e789e6aa1b965f4));
    assert_true(rng.s[2] == UINT64_C(0x06c45d188009454f));
    assert_true(rng.s[3] == UINT64_C(0xf88bb8a8724c81ec));
    rng = (struct rh_rng){{1, 2, 3, 4}};
    assert_true(rh_rng_u64(&rng) == 11520);
    assert_true(rh_rng_u64(&rng) == 0);
    assert_true(rh_rng_u64(&rng) == 1509978240);
    assert_true(rh_rng_u64(&rng) == UINT64_C(1215971899390074240));
}

static void numbers_below_n_are_even(void **state)
{
    struct rh_rng rng = test_rng(101);
    uint32_t counts[7] = {0};

    (void)state;

    for (int i = 0; i < 70000; i++)
        counts[rh_rng_below(&rng, 7)]++;

    for (int i = 0; i < 7; i++)
        assert_in_range(counts[i], 9500, 10500);
}

/* With 3 * 2^62 possible results a plain remainder would give the lower third twice as often. */
static void large_ranges_are_unbiased(void **state)
{
    struct rh_rng rng = test_rng(102);
    uint64_t n = UINT64_C(3) << 62;
    uint32_t thirds[3] = {0};

    (void)state;

    for (int i = 0; i < 30000; i++) {
        uint64_t value = rh_rng_below(&rng, n);

        assert_true(value < n);
        thirds[value >> 62]++;
    }

    for (int i = 0; i < 3; i++)
        assert_in_range(thirds[i], 9600, 10400);
    assert_true(rh_rng_below(&rng, 1) == 0);
}

static void doubles_fill_zero_to_one(void **state)
{
    struct rh_rng rng = test_rng(103);
    struct rh_rng highest = {{0, 0, 0, 0}};
    double sum = 0;

    (void)state;

    for (int i = 0; i < 100000; i++) {
        double value = rh_rng_double(&rng);

        assert_true(value >= 0.0);
        assert_true(value < 1.0);
        sum += value;
    }

    assert_true(sum > 49500 && sum < 50500);
    assert_true(rh_rng_double(&highest) == 0.0);
}

static void shuffles_are_permutations_and_even(void **state)
{
    struct rh_rng rng = test_rng(104);
    uint32_t orders[3][3][3] = {{{0}}};

    (void)state;

    for (int i = 0; i < 60000; i++) {
        uint16_t items[3] = {0, 1, 2};

        rh_rng_shuffle(&rng, items, 3, sizeof(items[0]));
        assert_int_equal((1 << items[0]) | (1 << items[1]) | (1 << items[2]), 7);
        orders[items[0]][items[1]][items[2]]++;
    }

    assert_in_range(orders[0][1][2], 9500, 10500);
    assert_in_range(orders[0][2][1], 9500, 10500);
    assert_in_range(orders[1][0][2], 9500, 10500);
    assert_in_range(orders[1][2][0], 9500, 10500);
    assert_in_range(orders[2][0][1], 9500, 10500);
    assert_in_range(orders[2][1][0], 9500, 10500);
}

static void one_seed_gives_one_sequence(void **state)
{
    struct rh_rng a;
    struct rh_rng b;
    struct rh_rng other;
    uint32_t same = 0;

    (void)state;

    rh_rng_seed(&a, 5);
    rh_rng_seed(&b, 5);
    rh_rng_seed(&other, 6);
    for (int i = 0; i < 100; i++) {
        uint64_t value = rh_rng_u64(&a);

        assert_true(value == rh_rng_u64(&b));
        same += value == rh_rng_u64(&other);
    }

    assert_int_equal(same, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_values_come_out),
        cmocka_unit_test(numbers_below_n_are_even),
        cmocka_unit_test(large_ranges_are_unbiased),
        cmocka_unit_test(doubles_fill_zero_to_one),
        cmocka_unit_test(shuffles_are_permutations_and_even),
        cmocka_unit_test(one_seed_gives_one_sequence),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
