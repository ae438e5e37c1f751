/* Tests of what is told of records that cannot be read. */
#include "sdk_test.h"

#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/damaged.h>

#include "fake_host.h"

static void health_tells_how_many_and_the_first(void **state)
{
    struct rh_services rh = fake_host();
    struct rh_damaged damaged = {0};

    (void)state;

    rh_damaged_add(&damaged, &rh, "job", RH_STR_LIT("c1"));
    rh_damaged_add(&damaged, &rh, "job", RH_STR_LIT("c2"));

    assert_string_equal(fake.event, "damaged");
    assert_string_equal(fake.text, "the records of 2 jobs cannot be read, of \"c1\" first; left "
                                   "out, and kept as they are");
}

static void one_that_is_met_again_is_told_once(void **state)
{
    struct rh_services rh = fake_host();
    struct rh_damaged damaged = {0};

    (void)state;
    rh_damaged_add(&damaged, &rh, "job", RH_STR_LIT("c1"));
    fake.text[0] = '\0';

    rh_damaged_add(&damaged, &rh, "job", RH_STR_LIT("c1"));

    assert_string_equal(fake.text, "");
    assert_int_equal(damaged.count, 1);
}

static void they_are_remembered_until_the_activation_ends(void **state)
{
    struct rh_services rh = fake_host();
    struct rh_damaged damaged = {0};

    (void)state;
    rh_damaged_add(&damaged, &rh, "job", RH_STR_LIT("c1"));
    assert_true(rh_damaged_has(&damaged, RH_STR_LIT("c1")));
    assert_false(rh_damaged_has(&damaged, RH_STR_LIT("c")));

    rh_damaged_clear(&damaged);

    assert_false(rh_damaged_has(&damaged, RH_STR_LIT("c1")));
}

static void more_than_it_has_room_for_are_in_the_log(void **state)
{
    struct rh_services rh = fake_host();
    struct rh_damaged damaged = {0};
    char id[32];

    (void)state;
    for (uint32_t i = 0; i < RH_DAMAGED_MAX; i++) {
        (void)snprintf(id, sizeof(id), "c%u", i);
        rh_damaged_add(&damaged, &rh, "job", rh_str_from(id));
    }

    rh_damaged_add(&damaged, &rh, "job", RH_STR_LIT("one more"));

    assert_int_equal(damaged.count, RH_DAMAGED_MAX);
    assert_string_equal(fake.event, "records_damaged");
    assert_non_null(strstr(fake.text, "job=one more"));
}

static void a_failed_read_is_no_damage(void **state)
{
    (void)state;

    assert_true(rh_damaged_is(RH_EINVAL));
    assert_true(rh_damaged_is(RH_ENOTFOUND));
    assert_false(rh_damaged_is(RH_EIO));
    assert_false(rh_damaged_is(RH_ENOMEM));
    assert_false(rh_damaged_is(RH_OK));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(health_tells_how_many_and_the_first),
        cmocka_unit_test(one_that_is_met_again_is_told_once),
        cmocka_unit_test(they_are_remembered_until_the_activation_ends),
        cmocka_unit_test(more_than_it_has_room_for_are_in_the_log),
        cmocka_unit_test(a_failed_read_is_no_damage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
