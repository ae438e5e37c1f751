/* Tests of what a machine needs next, and of which ones go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "plugins/loop_auto_scaling/fleet.h"

#define S 1000

static const struct fleet_limits limits = {
    .boot_ms = 900 * S, .retry_base_ms = 60 * S, .retry_most_ms = 960 * S, .driver_ms = 600 * S};

static const struct {
    const char *what;
    enum fleet_state from;
    struct fleet_view view;
    int64_t after_s;
    bool is_drained;
    enum fleet_op op;
    enum fleet_state to;
} steps[] = {
    {"an intention is carried out",
     FLEET_STARTING,
     {.leases = 0},
     0,
     false,
     FLEET_START,
     FLEET_STARTING},
    {"what boots is waited for",
     FLEET_BOOTING,
     {.leases = 0},
     900,
     false,
     FLEET_NOTHING,
     FLEET_BOOTING},
    {"not for ever", FLEET_BOOTING, {.leases = 0}, 901, false, FLEET_STOP, FLEET_STOPPING},
    {"but what holds work is left",
     FLEET_BOOTING,
     {.leases = 1},
     901,
     false,
     FLEET_NOTHING,
     FLEET_BOOTING},
    {"it is alive", FLEET_BOOTING, {.is_alive = true}, 10, false, FLEET_NOTHING, FLEET_READY},
    {"ready stays", FLEET_READY, {.is_alive = true}, 5000, false, FLEET_NOTHING, FLEET_READY},
    {"unknown is not dead", FLEET_READY, {.leases = 0}, 5000, false, FLEET_NOTHING, FLEET_READY},
    {"dead goes", FLEET_READY, {.is_gone = true}, 5, false, FLEET_STOP, FLEET_STOPPING},
    {"dead with a lease stays",
     FLEET_READY,
     {.is_gone = true, .leases = 1},
     5,
     false,
     FLEET_NOTHING,
     FLEET_READY},
    {"a dead voter stays",
     FLEET_READY,
     {.is_gone = true, .is_voter = true},
     5,
     false,
     FLEET_NOTHING,
     FLEET_READY},
    {"ready is told that it may work",
     FLEET_READY,
     {.is_alive = true},
     5,
     true,
     FLEET_UNDRAIN,
     FLEET_READY},
    {"draining is asked for",
     FLEET_DRAINING,
     {.is_alive = true},
     5,
     false,
     FLEET_DRAIN,
     FLEET_DRAINING},
    {"and not believed before it is confirmed",
     FLEET_DRAINING,
     {.is_alive = true, .leases = 1},
     5,
     false,
     FLEET_DRAIN,
     FLEET_DRAINING},
    {"busy is waited for",
     FLEET_DRAINING,
     {.is_alive = true, .leases = 1},
     5000,
     true,
     FLEET_NOTHING,
     FLEET_DRAINING},
    {"confirmed in this very instant",
     FLEET_DRAINING,
     {.is_alive = true},
     0,
     true,
     FLEET_NOTHING,
     FLEET_DRAINING},
    {"confirmed and free goes",
     FLEET_DRAINING,
     {.is_alive = true},
     5,
     true,
     FLEET_STOP,
     FLEET_STOPPING},
    {"dead while draining goes",
     FLEET_DRAINING,
     {.is_gone = true},
     5,
     false,
     FLEET_STOP,
     FLEET_STOPPING},
    {"a voter by now stays",
     FLEET_DRAINING,
     {.is_voter = true},
     5,
     true,
     FLEET_UNDRAIN,
     FLEET_READY},
    {"the leader stays", FLEET_DRAINING, {.is_leader = true}, 5, true, FLEET_UNDRAIN, FLEET_READY},
    {"the protected stays",
     FLEET_DRAINING,
     {.is_protected = true},
     5,
     true,
     FLEET_UNDRAIN,
     FLEET_READY},
    {"stopping goes on", FLEET_STOPPING, {.leases = 0}, 5, false, FLEET_STOP, FLEET_STOPPING},
};

static void each_state_has_its_next_step(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        struct fleet_machine machine = {
            .state = steps[i].from, .since_ms = 1000 * S, .is_drained = steps[i].is_drained};
        const enum fleet_op op =
            fleet_advance(&machine, &steps[i].view, &limits, (1000 + steps[i].after_s) * S);

        if (op != steps[i].op || machine.state != steps[i].to)
            fail_msg("%s: op %d, %s", steps[i].what, (int)op, fleet_state_name(machine.state));
    }
}

static void a_driver_that_fails_is_asked_again_later_and_later(void **state)
{
    static const int64_t waits_s[] = {60, 120, 240, 480, 960, 960};
    struct fleet_machine machine = {.state = FLEET_STARTING};
    const struct fleet_view view = {.leases = 0};

    (void)state;
    for (size_t i = 0; i < sizeof(waits_s) / sizeof(waits_s[0]); i++) {
        fleet_failed(&machine, "no quota", false, &limits, 0);
        assert_int_equal(machine.not_before_ms, waits_s[i] * S);
    }
    assert_int_equal(fleet_advance(&machine, &view, &limits, 959 * S), FLEET_NOTHING);
    assert_int_equal(fleet_advance(&machine, &view, &limits, 960 * S), FLEET_START);
}

static void not_now_is_no_failure(void **state)
{
    struct fleet_machine machine = {.state = FLEET_STARTING};

    (void)state;
    for (int i = 0; i < 5; i++) {
        fleet_failed(&machine, "try again", true, &limits, 1000 * S);
        assert_int_equal(machine.not_before_ms, 1060 * S);
    }
    assert_int_equal(machine.attempts, 0);
}

static const struct {
    const char *what;
    uint32_t failures; /* before */
    uint32_t ups, given_up;
    uint32_t then;
    int64_t wait_s;
} boots_rows[] = {
    {"nothing happened", 0, 0, 0, 0, 0},
    {"the first that is given up", 0, 0, 1, 1, 60},
    {"several at once are one failure", 0, 0, 4, 1, 60},
    {"the second", 1, 0, 1, 2, 120},
    {"the third", 2, 0, 1, 3, 240},
    {"the cap", 4, 0, 1, 5, 960},
    {"never more", 50, 0, 1, 51, 960},
    {"one came up", 7, 1, 0, 0, 0},
    {"one of two came up", 7, 1, 1, 0, 0},
    {"a quiet run keeps the count", 7, 0, 0, 7, 0},
};

static void machines_that_do_not_come_up_are_replaced_later_and_later(void **state)
{
    const int64_t now_ms = 5000 * S;

    (void)state;
    for (size_t i = 0; i < sizeof(boots_rows) / sizeof(boots_rows[0]); i++) {
        struct fleet_boots boots = {.failures = boots_rows[i].failures};
        const int64_t due_ms = now_ms + boots_rows[i].wait_s * S;

        fleet_boots_note(&boots, boots_rows[i].ups, boots_rows[i].given_up, &limits, now_ms);

        if (boots.failures != boots_rows[i].then || !fleet_boots_allow(&boots, &limits, due_ms) ||
            (boots_rows[i].wait_s > 0 && fleet_boots_allow(&boots, &limits, due_ms - 1)))
            fail_msg("%s: %u failures", boots_rows[i].what, (unsigned)boots.failures);
    }
}

static void a_time_from_a_clock_that_was_far_ahead_does_not_bind(void **state)
{
    const struct fleet_view idle = {.leases = 0};
    struct fleet_machine machine = {.state = FLEET_STARTING};
    struct fleet_boots boots = {.failures = 0};

    (void)state;
    machine.not_before_ms = limits.retry_most_ms;
    assert_int_equal(fleet_advance(&machine, &idle, &limits, 0), FLEET_NOTHING);
    machine.not_before_ms++;
    assert_int_equal(fleet_advance(&machine, &idle, &limits, 0), FLEET_START);

    boots.not_before_ms = limits.retry_most_ms;
    assert_false(fleet_boots_allow(&boots, &limits, 0));
    boots.not_before_ms++;
    assert_true(fleet_boots_allow(&boots, &limits, 0));

    machine = (struct fleet_machine){.state = FLEET_BOOTING, .since_ms = limits.boot_ms};
    assert_int_equal(fleet_advance(&machine, &idle, &limits, 0), FLEET_NOTHING);
    machine.since_ms++;
    assert_int_equal(fleet_advance(&machine, &idle, &limits, 0), FLEET_STOP);

    machine =
        (struct fleet_machine){.state = FLEET_DRAINING, .since_ms = 3600 * S, .is_drained = true};
    assert_int_equal(fleet_advance(&machine, &idle, &limits, 0), FLEET_STOP);
}

static void only_the_end_of_booting_says_whether_it_came_up(void **state)
{
    (void)state;
    for (int from = 0; from < FLEET_STATES; from++)
        for (int to = 0; to < FLEET_STATES; to++) {
            const bool is_boot = from == FLEET_BOOTING;

            assert_int_equal(fleet_came_up((enum fleet_state)from, (enum fleet_state)to),
                             is_boot && to == FLEET_READY);
            assert_int_equal(fleet_gave_up((enum fleet_state)from, (enum fleet_state)to),
                             is_boot && to == FLEET_STOPPING);
        }
}

#define COUNT 7u

static void those_that_go_are_starting_booting_free_new_and_never_guarded(void **state)
{
    struct fleet_machine machines[COUNT] = {
        {.state = FLEET_READY, .since_ms = 10},  {.state = FLEET_READY, .since_ms = 20},
        {.state = FLEET_READY, .since_ms = 99},  {.state = FLEET_READY, .since_ms = 99},
        {.state = FLEET_BOOTING, .since_ms = 5}, {.state = FLEET_STARTING, .since_ms = 99},
        {.state = FLEET_READY, .since_ms = 30},
    };
    const struct fleet_view views[COUNT] = {{.leases = 0},         {.leases = 0}, {.leases = 2},
                                            {.is_voter = true},    {.leases = 0}, {.leases = 0},
                                            {.is_protected = true}};
    struct fleet_machine *list[COUNT];
    enum fleet_op ops[COUNT] = {FLEET_NOTHING};

    (void)state;
    for (uint32_t i = 0; i < COUNT; i++)
        list[i] = &machines[i];

    assert_int_equal(fleet_shrink(list, views, ops, COUNT, 3, &limits, 1000), 3);
    assert_int_equal(machines[5].state, FLEET_STOPPING);
    assert_int_equal(ops[5], FLEET_NOTHING);
    assert_int_equal(machines[4].state, FLEET_STOPPING);
    assert_int_equal(ops[4], FLEET_STOP);
    assert_int_equal(machines[1].state, FLEET_DRAINING);
    assert_int_equal(fleet_shrink(list, views, ops, COUNT, 100, &limits, 1000), 2);

    assert_int_equal(machines[0].state, FLEET_DRAINING);
    assert_int_equal(machines[2].state, FLEET_DRAINING); /* it goes when its work is done */
    assert_int_equal(machines[3].state, FLEET_READY);
    assert_int_equal(machines[6].state, FLEET_READY);
}

static void what_no_driver_agreed_to_is_stopped_once_none_can_be_at_it(void **state)
{
    static const enum fleet_op asked[] = {FLEET_NOTHING, FLEET_START}; /* it waits, or is due */
    const struct fleet_view view = {.leases = 0};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct fleet_machine machine = {.state = FLEET_STARTING, .attempts = 9};
        struct fleet_machine *list[1] = {&machine};
        enum fleet_op op = asked[i];

        assert_int_equal(fleet_shrink(list, &view, &op, 1, 1, &limits, 1000 * S), 1);

        assert_int_equal(op, FLEET_NOTHING);
        assert_int_equal(machine.state, FLEET_STOPPING);
        assert_int_equal(fleet_advance(&machine, &view, &limits, 1599 * S), FLEET_NOTHING);
        assert_int_equal(fleet_advance(&machine, &view, &limits, 1600 * S), FLEET_STOP);
    }
}

static void what_is_being_drained_stays_before_a_new_one_is_started(void **state)
{
    struct fleet_machine machines[3] = {{.state = FLEET_DRAINING, .is_drained = true},
                                        {.state = FLEET_READY},
                                        {.state = FLEET_DRAINING}};
    struct fleet_machine *list[3] = {&machines[0], &machines[1], &machines[2]};
    enum fleet_op ops[3] = {FLEET_NOTHING};

    (void)state;

    assert_int_equal(fleet_keep(list, ops, 3, 1, 7), 1);

    assert_int_equal(machines[0].state, FLEET_READY);
    assert_true(machines[0].is_drained); /* until it is told */
    assert_int_equal(ops[0], FLEET_UNDRAIN);
    assert_int_equal(machines[2].state, FLEET_DRAINING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_state_has_its_next_step),
        cmocka_unit_test(a_driver_that_fails_is_asked_again_later_and_later),
        cmocka_unit_test(not_now_is_no_failure),
        cmocka_unit_test(machines_that_do_not_come_up_are_replaced_later_and_later),
        cmocka_unit_test(a_time_from_a_clock_that_was_far_ahead_does_not_bind),
        cmocka_unit_test(only_the_end_of_booting_says_whether_it_came_up),
        cmocka_unit_test(those_that_go_are_starting_booting_free_new_and_never_guarded),
        cmocka_unit_test(what_no_driver_agreed_to_is_stopped_once_none_can_be_at_it),
        cmocka_unit_test(what_is_being_drained_stays_before_a_new_one_is_started),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
