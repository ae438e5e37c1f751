/* Tests of what runs of loops say about themselves. */
#include "sdk_test.h"

#include <string.h>

#include <ringhost/sdk/loop_actions.h>

#include "fake_host.h"

static void the_acts_of_a_run_are_shown_at_its_end(void **state)
{
    struct rh_services rh = fake_host();
    struct rh_loop_actions actions = {0};

    (void)state;

    rh_loop_actions_begin(&actions, &rh, "reaper", false);
    rh_loop_action(&actions, "reap", RH_STR_LIT("w17"), "held %d s", 12);
    assert_string_equal(fake.noted, "");
    rh_loop_actions_end(&actions);

    assert_string_equal(fake.noted_loop, "reaper");
    assert_string_equal(fake.noted,
                        "[{\"action\":\"reap\",\"subject\":\"w17\",\"why\":\"held 12 s\"}]");
}

static void each_act_is_a_line_of_the_log_also_one_that_is_not_done(void **state)
{
    struct rh_services rh = fake_host();
    struct rh_loop_actions actions = {0};

    (void)state;

    rh_loop_actions_begin(&actions, &rh, "reaper", true);
    rh_loop_action(&actions, "reap", RH_STR_LIT("w17"), "stale");
    rh_loop_actions_end(&actions);

    assert_string_equal(fake.event, "loop_action");
    assert_string_equal(fake.text,
                        "loop=reaper action=reap subject=w17 dry_run=true why=\"stale\"");
    assert_non_null(strstr(fake.noted, "\"dry_run\":true"));
}

static void a_run_without_acts_shows_none(void **state)
{
    struct rh_services rh = fake_host();
    struct rh_loop_actions actions = {0};

    (void)state;

    rh_loop_actions_begin(&actions, &rh, "reaper", false);
    rh_loop_actions_end(&actions);

    assert_string_equal(fake.noted, "[]");
}

static void what_is_too_much_is_not_shown_but_counted(void **state)
{
    struct rh_services rh = fake_host();
    struct rh_loop_actions actions = {0};
    uint32_t shown = 0;

    (void)state;
    rh_loop_actions_begin(&actions, &rh, "reaper", false);

    for (uint32_t i = 0; i < 2 * RH_LOOP_ACTIONS_MAX; i++)
        rh_loop_action(&actions, "reap", RH_STR_LIT("w17"), "%0150d", 1);

    assert_int_equal(actions.count, 2 * RH_LOOP_ACTIONS_MAX);
    rh_loop_actions_end(&actions);
    for (const char *at = fake.noted; (at = strstr(at, "\"reap\"")); at++)
        shown++;
    assert_int_equal(shown, RH_LOOP_ACTIONS_MAX);
}

static void a_run_that_was_cut_off_is_forgotten(void **state)
{
    struct rh_services rh = fake_host();
    struct rh_loop_actions actions = {0};

    (void)state;
    rh_loop_actions_begin(&actions, &rh, "reaper", false);
    rh_loop_action(&actions, "reap", RH_STR_LIT("w17"), "stale");

    rh_loop_actions_drop(&actions);
    rh_loop_action(&actions, "reap", RH_STR_LIT("w18"), "stale");
    rh_loop_actions_end(&actions);

    assert_string_equal(fake.noted, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_acts_of_a_run_are_shown_at_its_end),
        cmocka_unit_test(each_act_is_a_line_of_the_log_also_one_that_is_not_done),
        cmocka_unit_test(a_run_without_acts_shows_none),
        cmocka_unit_test(what_is_too_much_is_not_shown_but_counted),
        cmocka_unit_test(a_run_that_was_cut_off_is_forgotten),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
