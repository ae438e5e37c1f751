/* Tests of the list of matches: names of pieces, and who can come. */
#include "core_test.h"

static void ids_lead_back_to_their_matches(void **state)
{
    const struct plan_options options[] = {single_of(13), double_of(31), robin_of(7)};

    (void)state;
    for (size_t k = 0; k < sizeof(options) / sizeof(options[0]); k++) {
        struct plan plan;
        char id[PLAN_ID_SIZE];

        assert_int_equal(plan_init(&plan, &options[k]), RH_OK);
        for (uint32_t i = 0; i < plan.count; i++) {
            plan_id(&plan.matches[i], id);
            assert_int_equal(plan_find(&plan, rh_str_from(id)), i);
        }
        plan_release(&plan);
    }
}

static void the_number_of_matches_is_known_before_they_are_made(void **state)
{
    (void)state;
    for (uint32_t n = 2; n <= PLAN_PLAYERS_MAX; n++) {
        const struct plan_options options[] = {single_of(n), double_of(n), robin_of(n)};

        for (size_t k = 0; k < sizeof(options) / sizeof(options[0]); k++) {
            struct plan plan;

            assert_int_equal(plan_init(&plan, &options[k]), RH_OK);
            assert_int_equal(plan_matches(&options[k]), plan.count);
            plan_release(&plan);
        }
    }
}

static void ids_of_no_match_find_nothing(void **state)
{
    const char *const ids[] = {"", "W", "W0.1", "W1.0", "W1.5", "w1.1", "F3", "F", "L5.1", "R1.1"};
    const struct plan_options options = double_of(8);
    struct plan plan;

    (void)state;
    assert_int_equal(plan_init(&plan, &options), RH_OK);
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
        assert_int_equal(plan_find(&plan, rh_str_from(ids[i])), plan.count);
    plan_release(&plan);
}

static void players_come_from_matches_before(void **state)
{
    (void)state;
    for (uint32_t n = 2; n <= PLAN_PLAYERS_MAX; n++) {
        const struct plan_options options = double_of(n);
        struct plan plan;

        assert_int_equal(plan_init(&plan, &options), RH_OK);
        for (uint32_t i = 0; i < plan.count; i++) {
            for (uint32_t side = 0; side < 2; side++) {
                const struct plan_side *from = &plan.matches[i].sides[side];

                assert_true(from->source == SOURCE_SEED || from->of < i);
            }
        }
        plan_release(&plan);
    }
}

/* Three players of a double elimination: one bye above, and so one below. */
static void a_bye_above_is_a_bye_below(void **state)
{
    const struct plan_options options = double_of(3);
    struct plan plan;

    (void)state;
    assert_int_equal(plan_init(&plan, &options), RH_OK);
    assert_int_equal(plan_seats(&plan.matches[plan_find(&plan, RH_STR_LIT("W1.1"))]), 1);
    assert_int_equal(plan_seats(&plan.matches[plan_find(&plan, RH_STR_LIT("L1.1"))]), 1);
    assert_int_equal(plan_seats(&plan.matches[plan_find(&plan, RH_STR_LIT("L2.1"))]), 2);
    plan_release(&plan);
}

static void formats_and_parts_have_names(void **state)
{
    (void)state;
    for (uint8_t format = 0; format < FORMAT_COUNT; format++) {
        assert_int_equal(plan_format_find(rh_str_from(plan_format_name(format))), format);
        assert_non_null(strstr(PLAN_FORMAT_NAMES, plan_format_name(format)));
    }
    assert_int_equal(plan_format_find(RH_STR_LIT("swiss")), FORMAT_COUNT);
    assert_string_equal(plan_part_name(PART_LOSERS), "losers");
    assert_string_equal(plan_part_name(PART_FINAL), "final");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_lead_back_to_their_matches),
        cmocka_unit_test(the_number_of_matches_is_known_before_they_are_made),
        cmocka_unit_test(ids_of_no_match_find_nothing),
        cmocka_unit_test(players_come_from_matches_before),
        cmocka_unit_test(a_bye_above_is_a_bye_below),
        cmocka_unit_test(formats_and_parts_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
