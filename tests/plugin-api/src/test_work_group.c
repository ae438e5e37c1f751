/* Tests of the set of an owner's groups; the calls to the queue are those of test_work_round.c. */
#include "sdk_test.h"

#include <ringhost/sdk/work_group.h>

static const struct rh_work_owner owner = {.name = "test"};

static void ids_that_a_query_cannot_hold_are_refused(void **state)
{
    const char *const bad[] = {"", "a b", "a&b", "a%", "a?b", "ä"};
    struct rh_services rh = {0};
    struct rh_work_groups groups;
    struct rh_work_group group = {0};
    char longest[RH_WORK_GROUP_ID_SIZE + 1];

    (void)state;
    rh_work_groups_init(&groups, &rh, &owner, NULL, 1);
    memset(longest, 'g', sizeof(longest));

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(rh_work_group_add(&groups, &group, rh_str_from(bad[i])), RH_EINVAL);
    assert_int_equal(
        rh_work_group_add(&groups, &group, (struct rh_str){longest, RH_WORK_GROUP_ID_SIZE}),
        RH_ETOOLARGE);
    assert_int_equal(
        rh_work_group_add(&groups, &group, (struct rh_str){longest, RH_WORK_GROUP_ID_SIZE - 1}),
        RH_OK);
    assert_int_equal(groups.count, 1);
    rh_work_groups_stop(&groups);
}

static void a_set_takes_no_more_than_its_limit(void **state)
{
    static struct rh_work_group all[RH_WORK_GROUPS_MAX + 1];
    struct rh_services rh = {0};
    struct rh_work_groups groups;

    (void)state;
    rh_work_groups_init(&groups, &rh, &owner, NULL, 1);

    for (uint32_t i = 0; i < RH_WORK_GROUPS_MAX; i++)
        assert_int_equal(rh_work_group_add(&groups, &all[i], RH_STR_LIT("g")), RH_OK);

    assert_int_equal(rh_work_group_add(&groups, &all[RH_WORK_GROUPS_MAX], RH_STR_LIT("g")),
                     RH_EFULL);
    rh_work_group_remove(&groups, &all[3]);
    assert_int_equal(rh_work_group_add(&groups, &all[RH_WORK_GROUPS_MAX], RH_STR_LIT("g")), RH_OK);
    rh_work_groups_stop(&groups);
    assert_int_equal(groups.count, 0);
}

static void a_group_in_no_set_may_be_removed(void **state)
{
    struct rh_services rh = {0};
    struct rh_work_groups groups;
    struct rh_work_group group = {0};

    (void)state;
    rh_work_groups_init(&groups, &rh, &owner, NULL, 1);

    rh_work_group_remove(&groups, &group);
    assert_int_equal(rh_work_group_add(&groups, &group, RH_STR_LIT("g")), RH_OK);
    rh_work_group_remove(&groups, &group);
    rh_work_group_remove(&groups, &group);

    assert_int_equal(groups.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_that_a_query_cannot_hold_are_refused),
        cmocka_unit_test(a_set_takes_no_more_than_its_limit),
        cmocka_unit_test(a_group_in_no_set_may_be_removed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
