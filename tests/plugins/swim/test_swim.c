/* Tests of the core's life, its clock and its table. */
#include "swim_test.h"

static struct swim core;

static int64_t now(void)
{
    return core.now_ms + core.stall_ms;
}

static void only_other_nodes_with_fitting_names_are_learnt(void **state)
{
    char long_id[SWIM_ID_MAX + 2];

    (void)state;
    core_start(&core, 1, SWIM_ALIVE);
    memset(long_id, 'x', sizeof(long_id) - 1);
    long_id[sizeof(long_id) - 1] = '\0';

    assert_int_equal(swim_learn(&core, "self", "", SWIM_ALIVE, 0, now()), RH_EINVAL);
    assert_int_equal(swim_learn(&core, "", "", SWIM_ALIVE, 0, now()), RH_EINVAL);
    assert_int_equal(swim_learn(&core, long_id, "", SWIM_ALIVE, 0, now()), RH_EINVAL);
    assert_int_equal(swim_learn(&core, "m9", "", SWIM_STATES, 0, now()), RH_EINVAL);
    assert_int_equal(core.members.count, 1);
    swim_release(&core);
}

static void the_table_has_a_limit(void **state)
{
    (void)state;
    core_start(&core, MEMBERS_MAX, SWIM_ALIVE);

    assert_int_equal(swim_learn(&core, "one more", "", SWIM_ALIVE, 0, now()), RH_EFULL);

    swim_release(&core);
}

static void a_later_address_of_the_host_is_taken(void **state)
{
    (void)state;
    core_start(&core, 1, SWIM_ALIVE);

    assert_int_equal(swim_learn(&core, "m0", "b:2", SWIM_DEAD, 0, now()), RH_OK);

    assert_string_equal(core_member(&core, "m0")->address, "b:2");
    assert_int_equal(core_member(&core, "m0")->state, SWIM_ALIVE); /* liveness is ours to judge */
    swim_release(&core);
}

static void time_in_which_this_node_stood_still_does_not_count(void **state)
{
    struct swim_action ping;
    int64_t left_ms;

    (void)state;
    core_start(&core, 5, SWIM_ALIVE);
    hear(&core, word("m0", SWIM_SUSPECT, 1, "m1"));
    ping = await_ping(&core);
    left_ms = core_member(&core, "m0")->due_ms - core.now_ms;

    swim_tick(&core, now() + 60000); /* timers run before what waits in the sockets */
    swim_on_ack(&core, ping.seq, 1, -1, now());

    assert_int_equal(core.stats.stalls, 1);
    assert_int_equal(core.health.score, 0); /* one worse, and one better for the answer */
    assert_int_equal(core_member(&core, "m0")->state, SWIM_SUSPECT);
    assert_true(core_member(&core, "m0")->due_ms - core.now_ms >= left_ms);
    assert_int_equal(core.stats.probes_failed, 0);
    swim_release(&core);
}

static void being_a_little_late_is_no_standstill(void **state)
{
    (void)state;
    core_start(&core, 5, SWIM_ALIVE);

    swim_tick(&core, swim_next_ms(&core) + SWIM_LAG_MS);

    assert_int_equal(core.stats.stalls, 0);
    assert_int_equal(core.health.score, 0);
    swim_release(&core);
}

static void who_asks_for_a_ping_is_answered(void **state)
{
    struct swim_action ping, answer;

    (void)state;
    core_start(&core, 5, SWIM_ALIVE);
    assert_int_equal(swim_on_indirect_request(&core, "m3", "m2", 42, 500, now()), RH_OK);
    ping = next_action(&core, SWIM_PING);
    assert_string_equal(ping.node_id, "m2");

    swim_on_ack(&core, ping.seq, 8, 3, now());

    answer = next_action(&core, SWIM_ANSWER);
    assert_int_equal(answer.handle, 42);
    assert_true(answer.is_acked);
    assert_int_equal(answer.incarnation, 8);
    swim_release(&core);
}

static void who_asks_hears_at_80_percent_that_nothing_came(void **state)
{
    struct swim_action answer;
    int64_t begin_ms;

    (void)state;
    core_start(&core, 5, SWIM_ALIVE);
    core.round_ms = core.now_ms + 100000; /* nothing else happens */
    begin_ms = now();
    assert_int_equal(swim_on_indirect_request(&core, "m3", "m2", 42, 500, now()), RH_OK);
    (void)next_action(&core, SWIM_PING);

    assert_int_equal(swim_next_ms(&core), begin_ms + 400);
    swim_tick(&core, swim_next_ms(&core));

    answer = next_action(&core, SWIM_ANSWER);
    assert_int_equal(answer.handle, 42);
    assert_false(answer.is_acked);
    swim_release(&core);
}

static void nobody_is_answered_who_has_gone(void **state)
{
    struct swim_action ping;

    (void)state;
    core_start(&core, 5, SWIM_ALIVE);
    (void)swim_on_indirect_request(&core, "m3", "m2", 42, 500, now());
    ping = next_action(&core, SWIM_PING);

    swim_on_indirect_gone(&core, 42);
    swim_on_ack(&core, ping.seq, 8, 3, now());

    assert_true(is_idle(&core));
    swim_release(&core);
}

static void proxies_know_their_limits(void **state)
{
    (void)state;
    core_start(&core, 5, SWIM_ALIVE);

    assert_int_equal(swim_on_indirect_request(&core, "m3", "nobody", 1, 500, now()), RH_ENOTFOUND);
    for (uint32_t i = 0; i < PROXIES_MAX; i++) {
        assert_int_equal(swim_on_indirect_request(&core, "m3", "m1", i + 1, 500, now()), RH_OK);
        (void)next_action(&core, SWIM_PING);
    }
    assert_int_equal(swim_on_indirect_request(&core, "m3", "m1", 99, 500, now()), RH_EAGAIN);
    swim_release(&core);
}

static void asked_about_itself_it_is_there(void **state)
{
    struct swim_action answer;

    (void)state;
    core_start(&core, 5, SWIM_ALIVE);

    assert_int_equal(swim_on_indirect_request(&core, "m3", "self", 7, 500, now()), RH_OK);

    answer = next_action(&core, SWIM_ANSWER);
    assert_true(answer.is_acked);
    assert_int_equal(answer.incarnation, 10);
    swim_release(&core);
}

static void a_leaving_node_tells_eight_and_probes_nobody(void **state)
{
    uint32_t told = 0;
    struct swim_action action;

    (void)state;
    core_start(&core, 20, SWIM_ALIVE);

    swim_leave(&core, now());
    swim_leave(&core, now());
    while (swim_next_action(&core, &action)) {
        assert_true(tells(&core, action.node_id, "self", SWIM_LEFT));
        told++;
    }

    assert_int_equal(told, SWIM_GOODBYES_MAX);
    assert_int_equal(swim_next_ms(&core), INT64_MAX);
    hear(&core, word("self", SWIM_LEFT, 10, ""));
    assert_int_equal(core.incarnation, 10); /* its own word needs no refutation */
    swim_release(&core);
}

static void a_ping_of_a_returned_node_brings_it_back(void **state)
{
    (void)state;
    core_start(&core, 5, SWIM_ALIVE);
    hear(&core, word("m0", SWIM_LEFT, 1, ""));

    swim_on_ping(&core, "m0", 1, now());
    assert_int_equal(core_member(&core, "m0")->state, SWIM_LEFT);
    swim_on_ping(&core, "m0", 2, now());

    assert_int_equal(core_member(&core, "m0")->state, SWIM_ALIVE);
    swim_on_ping(&core, "stranger", 2, now());
    assert_null(members_get(&core.members, "stranger"));
    swim_release(&core);
}

static void actions_have_a_limit_and_what_is_above_is_lost(void **state)
{
    (void)state;
    core_start(&core, 5, SWIM_ALIVE);

    for (uint32_t i = 0; i < SWIM_ACTIONS_MAX + 5; i++)
        (void)swim_on_indirect_request(&core, "m3", "self", i, 500, now());

    assert_int_equal(core.stats.actions_lost, 5);
    swim_release(&core);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_other_nodes_with_fitting_names_are_learnt),
        cmocka_unit_test(the_table_has_a_limit),
        cmocka_unit_test(a_later_address_of_the_host_is_taken),
        cmocka_unit_test(time_in_which_this_node_stood_still_does_not_count),
        cmocka_unit_test(being_a_little_late_is_no_standstill),
        cmocka_unit_test(who_asks_for_a_ping_is_answered),
        cmocka_unit_test(who_asks_hears_at_80_percent_that_nothing_came),
        cmocka_unit_test(nobody_is_answered_who_has_gone),
        cmocka_unit_test(proxies_know_their_limits),
        cmocka_unit_test(asked_about_itself_it_is_there),
        cmocka_unit_test(a_leaving_node_tells_eight_and_probes_nobody),
        cmocka_unit_test(a_ping_of_a_returned_node_brings_it_back),
        cmocka_unit_test(actions_have_a_limit_and_what_is_above_is_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
