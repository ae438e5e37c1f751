/* Tests of nodes that only hubs hear from. */
#include "swim_test.h"

static struct swim core;

static struct update vouched(const char *id, const char *hub, int64_t expires_in_ms)
{
    struct update update = word(id, SWIM_UNKNOWN, 0, hub);

    update.kind = UPDATE_VOUCH;
    update.expires_in_ms = expires_in_ms;
    return update;
}

static int64_t now(void)
{
    return core.now_ms + core.stall_ms;
}

static void vouched_nodes_are_not_probed(void **state)
{
    (void)state;
    core_start(&core, 2, SWIM_ALIVE);
    assert_int_equal(swim_vouch(&core, "m0", "m1", 60000, now()), RH_OK);

    for (int i = 0; i < 20; i++) {
        const struct swim_action ping = await_ping(&core);

        assert_string_equal(ping.node_id, "m0");
        swim_on_ack(&core, ping.seq, 1, 1, now());
    }
    swim_release(&core);
}

static void a_node_that_was_never_reached_is_alive_at_its_hubs_word(void **state)
{
    (void)state;
    core_start(&core, 2, SWIM_UNKNOWN);

    hear(&core, vouched("m0", "m1", 60000));

    assert_int_equal(core_member(&core, "m0")->state, SWIM_ALIVE);
    assert_int_equal(core_member(&core, "m1")->state, SWIM_UNKNOWN);
    swim_release(&core);
}

/* Else it would hear of nothing, not even that it is taken for dead itself. */
static void with_hubs_for_all_those_are_tried(void **state)
{
    uint32_t tried = 0;

    (void)state;
    core_start(&core, 2, SWIM_ALIVE);
    hear(&core, vouched("m0", "m1", 60000));
    hear(&core, vouched("m1", "m0", 60000));

    for (int i = 0; i < 8; i++) {
        const struct swim_action ping = await_ping(&core);

        tried |= strcmp(ping.node_id, "m0") == 0 ? 1U : 2U;
        swim_on_no_answer(&core, ping.seq, now());
    }

    assert_int_equal(tried, 3);
    assert_int_equal(core.health.score,
                     0); /* others watch them: a try tells nothing of this node */
    assert_int_equal(core_member(&core, "m0")->state, SWIM_ALIVE);
    assert_int_equal(core_member(&core, "m1")->state, SWIM_ALIVE);
    swim_release(&core);
}

static void an_own_vouch_that_others_bring_back_is_none(void **state)
{
    (void)state;
    core_start(&core, 2, SWIM_ALIVE);

    hear(&core, vouched("m1", core.cfg.self, 50000));

    for (int i = 0; i < 20; i++) {
        const struct swim_action ping = await_ping(&core);

        swim_on_ack(&core, ping.seq, 1, 1, now());
        if (strcmp(ping.node_id, "m1") == 0) {
            swim_release(&core);
            return;
        }
    }
    fail_msg("m1 is not probed");
}

static void a_vouch_is_told_to_others_with_what_is_left_of_it(void **state)
{
    struct update updates[SWIM_UPDATES_MAX];
    bool is_told = false;
    uint32_t count;

    (void)state;
    core_start(&core, 2, SWIM_ALIVE);
    hear(&core, vouched("m1", "m0", 50000));
    core.now_ms += 20000;
    core.round_ms = core.now_ms + 1;

    count = swim_message(&core, "", updates);

    for (uint32_t i = 0; i < count; i++) {
        if (updates[i].kind != UPDATE_VOUCH)
            continue;
        is_told = true;
        assert_string_equal(updates[i].by, "m0");
        assert_string_equal(updates[i].node_id, "m1");
        assert_int_equal(updates[i].expires_in_ms, 30000);
    }
    assert_true(is_told);
    swim_release(&core);
}

/* Lets time pass while everyone but m1 answers. */
static void live(int64_t ms)
{
    const int64_t until_ms = now() + ms;
    struct swim_action action;

    while (swim_next_ms(&core) <= until_ms) {
        swim_tick(&core, swim_next_ms(&core) > now() ? swim_next_ms(&core) : now());
        while (swim_next_action(&core, &action)) {
            if (action.kind == SWIM_PING && strcmp(action.node_id, "m1") != 0)
                swim_on_ack(&core, action.seq, 1, 1, now());
            else if (action.kind == SWIM_INDIRECT)
                swim_on_indirect(&core, action.seq, SWIM_NACKED, 0, now());
        }
    }
}

static void when_the_last_vouch_ends_it_must_answer_for_itself(void **state)
{
    (void)state;
    core_start(&core, 9, SWIM_ALIVE);
    hear(&core, vouched("m1", "m0", 20000));
    hear(&core, vouched("m1", "m2", 30000));

    live(29000);
    assert_int_equal(core_member(&core, "m1")->state, SWIM_ALIVE);
    live(6000);

    assert_int_equal(core_member(&core, "m1")->state, SWIM_SUSPECT);
    assert_int_equal(core_member(&core, "m1")->reason, MEMBER_NO_ANSWER);
    swim_release(&core);
}

static void suspicion_of_a_hub_waits_one_ttl_for_its_nodes(void **state)
{
    (void)state;
    core_start(&core, 9, SWIM_ALIVE);
    hear(&core, vouched("m1", "m0", 10000));
    live(5000);

    hear(&core, word("m0", SWIM_SUSPECT, 1, "m3"));
    for (uint32_t i = 4; i < 7; i++) {
        char by[8];

        (void)snprintf(by, sizeof(by), "m%u", (unsigned)i);
        hear(&core, word("m0", SWIM_SUSPECT, 1, by));
    }
    live(55000);

    assert_int_equal(core_member(&core, "m0")->state, SWIM_DEAD);
    assert_int_equal(core_member(&core, "m1")->state, SWIM_ALIVE);
    live(10000);
    assert_int_equal(core_member(&core, "m1")->state, SWIM_SUSPECT);
    swim_release(&core);
}

static void another_hub_takes_over_in_time(void **state)
{
    (void)state;
    core_start(&core, 9, SWIM_ALIVE);
    hear(&core, vouched("m1", "m0", 10000));
    hear(&core, word("m0", SWIM_DEAD, 1, ""));
    live(40000);

    for (int i = 0; i < 5; i++) {
        hear(&core, vouched("m1", "m2", 60000));
        live(50000);
    }

    assert_int_equal(core_member(&core, "m1")->state, SWIM_ALIVE);
    swim_release(&core);
}

static void who_can_call_and_not_be_called_is_vouched_for(void **state)
{
    struct swim_action ping;

    (void)state;
    core_start(&core, 9, SWIM_ALIVE);
    hear(&core, word("m1", SWIM_SUSPECT, 1, "m3"));

    swim_on_ping(&core, "m1", 2, now()); /* it refutes, by a ping of its own */
    live(3000);
    assert_true(core_member(&core, "m1")->is_oneway);
    for (int i = 0; i < 20; i++) {
        live(9000);
        assert_int_equal(core_member(&core, "m1")->state, SWIM_ALIVE);
        assert_true(swim_is_vouched(&core, core_member(&core, "m1")));
        swim_on_ping(&core, "m1", 2, now());
    }

    do { /* it can be called after all */
        ping = await_ping(&core);
    } while (strcmp(ping.node_id, "m1") != 0);
    swim_on_ack(&core, ping.seq, 2, 1, now());
    assert_false(core_member(&core, "m1")->is_oneway);
    assert_false(swim_is_vouched(&core, core_member(&core, "m1")));
    swim_release(&core);
}

static void an_accusation_of_a_vouched_node_is_passed_on_and_not_believed(void **state)
{
    struct update updates[SWIM_UPDATES_MAX];

    (void)state;
    core_start(&core, 4, SWIM_ALIVE);
    hear(&core, vouched("m1", "m0", 60000));

    hear(&core, word("m1", SWIM_SUSPECT, 1, "m3"));

    assert_int_equal(core_member(&core, "m1")->state, SWIM_ALIVE);
    assert_int_equal(core.stats.suspicions, 0);
    swim_on_ping(&core, "m1", 1, now()); /* and it hears what it has to refute */
    assert_true(swim_message(&core, "m1", updates) > 0);
    assert_string_equal(updates[0].node_id, "m1");
    assert_int_equal(updates[0].state, SWIM_SUSPECT);
    assert_string_equal(updates[0].by, "m3"); /* one accusation, however many pass it on */
    swim_release(&core);
}

static void a_vouch_acquits_a_suspect_until_it_ends(void **state)
{
    (void)state;
    core_start(&core, 9, SWIM_ALIVE);
    hear(&core, word("m1", SWIM_SUSPECT, 1, "m3"));
    assert_int_equal(core_member(&core, "m1")->state, SWIM_SUSPECT);

    hear(&core, vouched("m1", "m0", 60000));

    assert_int_equal(core_member(&core, "m1")->state, SWIM_ALIVE);
    assert_int_equal(core_member(&core, "m1")->reason, MEMBER_VOUCHED);
    live(59000);
    assert_int_equal(core_member(&core, "m1")->state, SWIM_ALIVE);
    live(6000);
    assert_int_equal(core_member(&core, "m1")->state, SWIM_SUSPECT);
    live(30000);
    assert_int_equal(core_member(&core, "m1")->state, SWIM_DEAD);
    swim_release(&core);
}

/* Vouches are told on with what is left, so each hop adds the time that it was under way. */
static void the_echo_of_a_vouch_that_has_ended_acquits_nobody(void **state)
{
    (void)state;
    core_start(&core, 9, SWIM_ALIVE);
    hear(&core, word("m1", SWIM_SUSPECT, 1, "m3"));

    hear(&core, vouched("m1", "m0", 500));

    assert_int_equal(core_member(&core, "m1")->state, SWIM_SUSPECT);
    swim_release(&core);
}

/* Its greatest word stays "dead": words about a node never go back. */
static void a_vouched_node_that_others_have_buried_must_answer_when_the_vouch_ends(void **state)
{
    (void)state;
    core_start(&core, 9, SWIM_ALIVE);
    hear(&core, vouched("m1", "m0", 20000));

    hear(&core, word("m1", SWIM_DEAD, 1, ""));

    live(19000);
    assert_int_equal(core_member(&core, "m1")->state, SWIM_ALIVE);
    assert_int_equal(core_member(&core, "m1")->said, SWIM_DEAD);
    live(6000);
    assert_int_equal(core_member(&core, "m1")->state, SWIM_SUSPECT);
    assert_int_equal(core_member(&core, "m1")->said, SWIM_DEAD);
    live(6000);
    assert_int_equal(core_member(&core, "m1")->state, SWIM_DEAD);
    swim_release(&core);
}

static void a_proxy_answers_from_a_vouch(void **state)
{
    struct swim_action answer;

    (void)state;
    core_start(&core, 4, SWIM_ALIVE);
    assert_int_equal(swim_vouch(&core, "self", "m1", 60000, now()), RH_OK);

    assert_int_equal(swim_on_indirect_request(&core, "m3", "m1", 7, 500, now()), RH_OK);

    answer = next_action(&core, SWIM_ANSWER);
    assert_int_equal(answer.handle, 7);
    assert_true(answer.is_acked);
    assert_int_equal(answer.incarnation, 1);
    assert_true(is_idle(&core));
    swim_release(&core);
}

static void a_proxy_does_not_tell_a_hub_its_own_word(void **state)
{
    (void)state;
    core_start(&core, 4, SWIM_ALIVE);
    assert_int_equal(swim_vouch(&core, "m3", "m1", 60000, now()), RH_OK);

    assert_int_equal(swim_on_indirect_request(&core, "m3", "m1", 7, 500, now()), RH_OK);

    assert_string_equal(next_action(&core, SWIM_PING).node_id, "m1");
    assert_true(is_idle(&core));
    swim_release(&core);
}

static void what_cannot_be_vouched_for_is_refused(void **state)
{
    (void)state;
    core_start(&core, 2, SWIM_ALIVE);

    assert_int_equal(swim_vouch(&core, "m0", "nobody", 1000, now()), RH_ENOTFOUND);
    assert_int_equal(swim_vouch(&core, "m0", "m1", 0, now()), RH_EINVAL);
    assert_int_equal(swim_vouch(&core, "m0", "m1", VOUCH_TTL_MS + 1, now()), RH_EINVAL);
    assert_int_equal(swim_vouch(&core, "", "m1", 1000, now()), RH_EINVAL);
    hear(&core, vouched("m1", "", 1000));
    hear(&core, vouched("m1", "m0", -5));
    assert_null(core_member(&core, "m1")->vouches);
    hear(&core, vouched("m1", "m0", 10 * VOUCH_TTL_MS));
    assert_int_equal(vouch_end_ms(core_member(&core, "m1"), NULL), core.now_ms + VOUCH_TTL_MS);
    swim_release(&core);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vouched_nodes_are_not_probed),
        cmocka_unit_test(a_node_that_was_never_reached_is_alive_at_its_hubs_word),
        cmocka_unit_test(with_hubs_for_all_those_are_tried),
        cmocka_unit_test(an_own_vouch_that_others_bring_back_is_none),
        cmocka_unit_test(a_vouch_is_told_to_others_with_what_is_left_of_it),
        cmocka_unit_test(when_the_last_vouch_ends_it_must_answer_for_itself),
        cmocka_unit_test(suspicion_of_a_hub_waits_one_ttl_for_its_nodes),
        cmocka_unit_test(another_hub_takes_over_in_time),
        cmocka_unit_test(who_can_call_and_not_be_called_is_vouched_for),
        cmocka_unit_test(an_accusation_of_a_vouched_node_is_passed_on_and_not_believed),
        cmocka_unit_test(a_vouch_acquits_a_suspect_until_it_ends),
        cmocka_unit_test(the_echo_of_a_vouch_that_has_ended_acquits_nobody),
        cmocka_unit_test(a_vouched_node_that_others_have_buried_must_answer_when_the_vouch_ends),
        cmocka_unit_test(a_proxy_answers_from_a_vouch),
        cmocka_unit_test(a_proxy_does_not_tell_a_hub_its_own_word),
        cmocka_unit_test(what_cannot_be_vouched_for_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
