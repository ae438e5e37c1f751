/* Tests of one probe. */
#include "swim_test.h"

static struct swim core;

static int64_t now(void)
{
    return core.now_ms + core.stall_ms;
}

/* A probe whose direct ping is not answered: the questions to proxies. */
static struct swim_action fail_direct(struct swim_action asks[3])
{
    const struct swim_action ping = await_ping(&core);

    pass(&core, core.cfg.timing.timeout_min_ms, false);
    for (int i = 0; i < 3; i++) {
        asks[i] = next_action(&core, SWIM_INDIRECT);
        assert_string_equal(asks[i].target, ping.node_id);
        assert_string_not_equal(asks[i].node_id, ping.node_id);
        assert_int_equal(asks[i].seq, ping.seq);
    }
    return ping;
}

static void an_answered_ping_proves_life(void **state)
{
    struct swim_action ping;

    (void)state;
    core_start(&core, 5, SWIM_ALIVE);
    core.health.score = 3;
    ping = await_ping(&core);
    assert_string_equal(ping.address, "a:1");

    swim_on_ack(&core, ping.seq, 4, 20, now());

    assert_int_equal(core_member(&core, ping.node_id)->incarnation, 4);
    assert_int_equal(core.health.score, 2);
    assert_true(core.rtt_ms == 20);
    pass(&core, 900, false);
    assert_int_equal(core.stats.probes_failed, 0);
    swim_release(&core);
}

static void three_others_are_asked_before_anyone_is_accused(void **state)
{
    struct swim_action asks[3];
    struct swim_action ping;

    (void)state;
    core_start(&core, 5, SWIM_ALIVE);
    ping = fail_direct(asks);
    assert_string_not_equal(asks[0].node_id, asks[1].node_id);
    assert_string_not_equal(asks[1].node_id, asks[2].node_id);

    swim_on_indirect(&core, ping.seq, SWIM_NACKED, 0, now());
    swim_on_indirect(&core, ping.seq, SWIM_ACKED, 6, now());
    pass(&core, 400, false);

    assert_int_equal(core_member(&core, ping.node_id)->state, SWIM_ALIVE);
    assert_int_equal(core_member(&core, ping.node_id)->incarnation, 6);
    swim_release(&core);
}

static void one_nack_and_no_answer_make_a_suspect(void **state)
{
    struct swim_action asks[3];
    struct swim_action ping;

    (void)state;
    core_start(&core, 5, SWIM_ALIVE);
    ping = fail_direct(asks);

    swim_on_indirect(&core, ping.seq, SWIM_NACKED, 0, now());
    pass(&core, core.cfg.timing.timeout_min_ms, true);

    assert_int_equal(core_member(&core, ping.node_id)->state, SWIM_SUSPECT);
    assert_int_equal(core.health.score, 1 + 2); /* the probe, and two nacks that did not come */
    assert_true(tells(&core, "", ping.node_id, SWIM_SUSPECT));
    swim_release(&core);
}

static void silent_proxies_are_not_held_against_the_target_once(void **state)
{
    struct swim_action asks[3];
    struct swim_action ping, again;

    (void)state;
    core_start(&core, 5, SWIM_ALIVE);
    ping = fail_direct(asks);
    for (int i = 0; i < 3; i++)
        swim_on_indirect(&core, ping.seq, SWIM_SILENT, 0, now());
    swim_on_no_answer(&core, ping.seq, now());

    assert_int_equal(core_member(&core, ping.node_id)->state, SWIM_ALIVE);
    again = await_ping(&core);
    assert_string_equal(again.node_id, ping.node_id); /* asked again, before the others */
    pass(&core, 20000, true);
    assert_int_equal(core_member(&core, ping.node_id)->state, SWIM_SUSPECT);
    swim_release(&core);
}

static void a_refused_ping_goes_to_the_proxies_at_once(void **state)
{
    struct swim_action ping;
    int64_t begin_ms;

    (void)state;
    core_start(&core, 5, SWIM_ALIVE);
    ping = await_ping(&core);
    begin_ms = now();

    swim_on_no_answer(&core, ping.seq, now());
    for (int i = 0; i < 3; i++) {
        (void)next_action(&core, SWIM_INDIRECT);
        swim_on_indirect(&core, ping.seq, SWIM_NACKED, 0, now());
    }

    assert_int_equal(core_member(&core, ping.node_id)->state, SWIM_SUSPECT);
    assert_int_equal(now(), begin_ms);
    assert_int_equal(core.health.score, 1);
    swim_release(&core);
}

static void with_nobody_to_ask_the_ping_alone_decides(void **state)
{
    struct swim_action ping;

    (void)state;
    core_start(&core, 1, SWIM_ALIVE);
    ping = await_ping(&core);

    swim_on_no_answer(&core, ping.seq, now());

    assert_int_equal(core_member(&core, "m0")->state, SWIM_SUSPECT);
    swim_release(&core);
}

static void a_late_answer_counts_until_the_conclusion(void **state)
{
    struct swim_action asks[3];
    struct swim_action ping;

    (void)state;
    core_start(&core, 5, SWIM_ALIVE);
    ping = fail_direct(asks);

    swim_on_ack(&core, ping.seq, 1, -1, now());
    pass(&core, 400, false);

    assert_int_equal(core_member(&core, ping.node_id)->state, SWIM_ALIVE);
    assert_int_equal(core.stats.probes_failed, 0);
    swim_release(&core);
}

static void a_node_in_trouble_probes_less_and_waits_longer(void **state)
{
    struct swim_action ping;
    int64_t begin_ms;

    (void)state;
    core_start(&core, 5, SWIM_ALIVE);
    core.health.score = 4;
    ping = await_ping(&core);
    begin_ms = core.now_ms;

    assert_int_equal(ping.timeout_ms, 2 * 5 * core.cfg.timing.timeout_min_ms);
    assert_int_equal(core.round_ms - begin_ms, 5 * core.cfg.timing.interval_ms);
    swim_release(&core);
}

static void a_node_without_swim_is_alive_while_it_answers(void **state)
{
    struct swim_action ping;

    (void)state;
    core_start(&core, 1, SWIM_ALIVE);
    ping = await_ping(&core);
    swim_on_no_answer(&core, ping.seq, now());
    assert_int_equal(core_member(&core, "m0")->state, SWIM_SUSPECT);

    ping = await_ping(&core);
    swim_on_mute(&core, ping.seq, true, now());
    assert_int_equal(core_member(&core, "m0")->state, SWIM_SUSPECT); /* it can speak for itself */
    ping = await_ping(&core);
    swim_on_mute(&core, ping.seq, false, now());

    assert_int_equal(core_member(&core, "m0")->state, SWIM_ALIVE);
    assert_int_equal(core_member(&core, "m0")->incarnation, 2);
    swim_release(&core);
}

static void answers_to_forgotten_members_change_nothing(void **state)
{
    struct swim_action ping;

    (void)state;
    core_start(&core, 2, SWIM_ALIVE);
    ping = await_ping(&core);

    swim_forget(&core, ping.node_id);
    swim_on_ack(&core, ping.seq, 9, 1, now());
    swim_on_no_answer(&core, ping.seq, now());
    swim_on_indirect(&core, ping.seq, SWIM_ACKED, 9, now());

    assert_null(members_get(&core.members, ping.node_id));
    swim_release(&core);
}

static void tries_of_the_dead_are_few_at_a_time(void **state)
{
    uint32_t tries = 0;
    struct swim_action action;

    (void)state;
    core_start(&core, 50, SWIM_UNKNOWN);

    swim_tick(&core, now());
    while (swim_next_action(&core, &action))
        tries++;

    assert_int_equal(tries, SWIM_RETRIES_MAX);
    swim_release(&core);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answered_ping_proves_life),
        cmocka_unit_test(three_others_are_asked_before_anyone_is_accused),
        cmocka_unit_test(one_nack_and_no_answer_make_a_suspect),
        cmocka_unit_test(silent_proxies_are_not_held_against_the_target_once),
        cmocka_unit_test(a_refused_ping_goes_to_the_proxies_at_once),
        cmocka_unit_test(with_nobody_to_ask_the_ping_alone_decides),
        cmocka_unit_test(a_late_answer_counts_until_the_conclusion),
        cmocka_unit_test(a_node_in_trouble_probes_less_and_waits_longer),
        cmocka_unit_test(a_node_without_swim_is_alive_while_it_answers),
        cmocka_unit_test(answers_to_forgotten_members_change_nothing),
        cmocka_unit_test(tries_of_the_dead_are_few_at_a_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
