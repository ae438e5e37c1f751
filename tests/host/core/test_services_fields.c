/* Tests of host/core/services_fields.c. */
#include "tests/host/core/probe_world.h"

#include <string.h>

#include <ringhost/sdk/str.h>

static const struct rh_field act_fields[] = {
    RH_STR(struct probe_act, name, RH_REQUIRED, "any name"),
    RH_INT(struct probe_act, count, 1, 1, 64, "how many"),
};
static const struct rh_fields act_table = RH_FIELDS(struct probe_act, act_fields);

static void a_record_is_decoded_and_unknown_fields_are_ignored(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    struct probe_act act;
    void *memory;

    assert_int_equal(probe->rh.fields->decode(probe->rh.ctx, &act_table,
                                              RH_STR_LIT("{\"name\":\"a\\u0062\",\"new\":1}"), &act,
                                              &memory, NULL, 0),
                     RH_OK);
    assert_true(rh_str_eq_c(act.name, "ab"));
    assert_int_equal(act.count, 1);
    probe->rh.fields->release(probe->rh.ctx, memory);
    probe->rh.fields->release(probe->rh.ctx, NULL);
}

static void a_wrong_record_leaves_zeros_and_says_why(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    struct probe_act act = {.count = 9};
    char why[128] = "";
    char tiny[8] = "";
    void *memory = &act;

    assert_int_equal(probe->rh.fields->decode(probe->rh.ctx, &act_table,
                                              RH_STR_LIT("{\"name\":\"a\",\"count\":0}"), &act,
                                              &memory, why, sizeof why),
                     RH_EINVAL);
    assert_null(memory);
    assert_int_equal(act.count, 0);
    assert_int_equal(act.name.n, 0);
    assert_string_equal(why, "\"count\" must be an integer in [1, 64]");
    assert_int_equal(probe->rh.fields->decode(probe->rh.ctx, &act_table, RH_STR_LIT("{"), &act,
                                              &memory, tiny, sizeof tiny),
                     RH_EINVAL);
    assert_int_equal(strlen(tiny), 7);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, world_set_up, world_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_record_is_decoded_and_unknown_fields_are_ignored),
        CASE(a_wrong_record_leaves_zeros_and_says_why),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
