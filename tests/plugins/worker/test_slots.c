/* Numbers, slots and devices of jobs that run at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/rng.h>
#include <ringhost/sdk/str.h>

#include "plugins/worker/slots.h"

static void lowest_free_number_is_taken(void **state)
{
    struct slots slots;
    struct share a = {.index = 99};
    struct share b = {.index = 99};

    (void)state;
    slots_init(&slots, 3, 0);
    assert_true(slots_take(&slots, 1, 0, &a));
    assert_true(slots_take(&slots, 1, 0, &b));
    slots_give(&slots, &a);
    assert_true(slots_take(&slots, 1, 0, &a));

    assert_int_equal(a.index, 0);
    assert_int_equal(b.index, 1);
    assert_int_equal(slots_free(&slots), 1);
}

static void full_slots_give_nothing(void **state)
{
    struct slots slots;
    struct share share;

    (void)state;
    slots_init(&slots, 1, 0);
    assert_true(slots_take(&slots, 1, 0, &share));

    assert_false(slots_take(&slots, 1, 0, &share));
    assert_int_equal(slots_free(&slots), 0);
}

static void all_numbers_can_be_taken_and_given_back(void **state)
{
    struct slots slots;
    struct share shares[SLOTS_MAX];
    struct share more;

    (void)state;
    slots_init(&slots, SLOTS_MAX, 0);
    for (uint32_t i = 0; i < SLOTS_MAX; i++) {
        assert_true(slots_take(&slots, 1, 0, &shares[i]));
        assert_int_equal(shares[i].index, i);
    }
    assert_false(slots_take(&slots, 1, 0, &more));
    for (uint32_t i = 0; i < SLOTS_MAX; i++)
        slots_give(&slots, &shares[i]);

    assert_int_equal(slots_free(&slots), SLOTS_MAX);
}

static void number_in_use_cannot_be_taken_again(void **state)
{
    struct slots slots;
    const struct share two = {.index = 2, .cpus = 1};
    const struct share beyond = {.index = SLOTS_MAX, .cpus = 1};

    (void)state;
    slots_init(&slots, 4, 0);

    assert_true(slots_take_at(&slots, &two));
    assert_false(slots_take_at(&slots, &two));
    assert_false(slots_take_at(&slots, &beyond));
}

static void jobs_of_a_larger_configuration_count_until_they_end(void **state)
{
    struct slots slots;
    const struct share old = {.index = 7, .cpus = 3, .gpu_bits = 1u << 5};
    struct share share = {.index = 99};

    (void)state;
    slots_init(&slots, 1, 1);
    assert_true(slots_take_at(&slots, &old));
    assert_int_equal(slots_free(&slots), 0);
    assert_false(slots_take(&slots, 1, 0, &share));
    slots_give(&slots, &old);

    assert_true(slots_take(&slots, 1, 1, &share));
    assert_int_equal(share.index, 0);
    assert_int_equal(share.gpu_bits, 1);
}

static void a_job_may_take_several_slots_and_devices(void **state)
{
    struct slots slots;
    struct share big;
    struct share small;

    (void)state;
    slots_init(&slots, 4, 3);
    assert_true(slots_take(&slots, 3, 2, &big));

    assert_int_equal(big.gpu_bits, 3);
    assert_int_equal(slots_free(&slots), 1);
    assert_int_equal(slots_gpus_free(&slots), 1);
    assert_false(slots_take(&slots, 2, 0, &small));
    assert_false(slots_take(&slots, 1, 2, &small));
    assert_true(slots_take(&slots, 1, 1, &small));
    assert_int_equal(small.gpu_bits, 4);
    assert_int_equal(small.index, 1);
}

static void a_job_without_devices_leaves_them_free(void **state)
{
    struct slots slots;
    struct share share;

    (void)state;
    slots_init(&slots, 2, 1);
    assert_true(slots_take(&slots, 1, 0, &share));

    assert_int_equal(share.gpu_bits, 0);
    assert_int_equal(slots_gpus_free(&slots), 1);
}

static void a_device_in_use_cannot_be_taken_again(void **state)
{
    struct slots slots;
    const struct share one = {.index = 0, .cpus = 1, .gpu_bits = 6};
    const struct share other = {.index = 1, .cpus = 1, .gpu_bits = 4};

    (void)state;
    slots_init(&slots, 2, 3);

    assert_true(slots_take_at(&slots, &one));
    assert_false(slots_take_at(&slots, &other));
}

static void no_two_jobs_ever_share_a_device(void **state)
{
    const uint64_t seed = 20260101;
    struct rh_rng rng;
    struct slots slots;
    struct share held[16];
    uint32_t count = 0;

    (void)state;
    print_message("seed %llu\n", (unsigned long long)seed);
    rh_rng_seed(&rng, seed);
    slots_init(&slots, 16, 8);
    for (uint32_t round = 0; round < 20000; round++) {
        uint64_t all = 0;
        uint32_t cpus = 0;
        struct share share;

        if (count > 0 && rh_rng_below(&rng, 2) == 0) {
            uint32_t i = (uint32_t)rh_rng_below(&rng, count);

            slots_give(&slots, &held[i]);
            held[i] = held[--count];
        } else if (count < 16 && slots_take(&slots, 1 + (uint32_t)rh_rng_below(&rng, 4),
                                            (uint32_t)rh_rng_below(&rng, 4), &share)) {
            held[count++] = share;
        }
        for (uint32_t i = 0; i < count; i++) {
            assert_true((all & held[i].gpu_bits) == 0);
            all |= held[i].gpu_bits;
            cpus += held[i].cpus;
        }
        assert_true(all < 256);
        assert_true(cpus <= 16);
        assert_int_equal(slots_free(&slots), 16 - cpus);
    }
}

static void devices_are_read_as_they_are_written(void **state)
{
    static const char *const bad[] = {",",  "0,",  "1,0",  "a",          "64",
                                      "00", "0 1", "0,,1", "99999999999"};
    char text[SLOTS_GPUS_TEXT];
    uint64_t bits = 7;

    (void)state;
    slots_gpus_write(UINT64_MAX, text);
    assert_int_equal(slots_gpus_read(rh_str_from(text), &bits), RH_OK);
    assert_true(bits == UINT64_MAX);
    slots_gpus_write(5, text);
    assert_string_equal(text, "0,2");
    assert_int_equal(slots_gpus_read((struct rh_str){NULL, 0}, &bits), RH_OK);
    assert_true(bits == 0);

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(slots_gpus_read(rh_str_from(bad[i]), &bits), RH_EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lowest_free_number_is_taken),
        cmocka_unit_test(full_slots_give_nothing),
        cmocka_unit_test(all_numbers_can_be_taken_and_given_back),
        cmocka_unit_test(number_in_use_cannot_be_taken_again),
        cmocka_unit_test(jobs_of_a_larger_configuration_count_until_they_end),
        cmocka_unit_test(a_job_may_take_several_slots_and_devices),
        cmocka_unit_test(a_job_without_devices_leaves_them_free),
        cmocka_unit_test(a_device_in_use_cannot_be_taken_again),
        cmocka_unit_test(no_two_jobs_ever_share_a_device),
        cmocka_unit_test(devices_are_read_as_they_are_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
