/* Tests of what is believed of members, and of the clock of each. */
#include "swim_test.h"

#include "plugins/swim/swim_state.h"

static struct swim core;

static void a_suspect_that_stays_silent_is_dead_after_the_longest_time(void **state)
{
    (void)state;
    core_start(&core, 9, SWIM_ALIVE);
    hear(&core, word("m0", SWIM_SUSPECT, 1, "m1"));
    const int64_t longest_ms = timing_suspicion_max_ms(&core.cfg.timing, 10);

    assert_int_equal(core_member(&core, "m0")->due_ms, core.now_ms + longest_ms);
    core.now_ms += longest_ms - 1;
    judge_due(&core);
    assert_int_equal(core_member(&core, "m0")->state, SWIM_SUSPECT);
    core.now_ms += 1;
    judge_due(&core);

    assert_int_equal(core_member(&core, "m0")->state, SWIM_DEAD);
    assert_int_equal(core.stats.deaths, 1);
    assert_true(tells(&core, "", "m0", SWIM_DEAD));
    swim_release(&core);
}

static void three_confirmations_leave_the_shortest_time(void **state)
{
    (void)state;
    core_start(&core, 9, SWIM_ALIVE);
    const int64_t begin_ms = core.now_ms;

    hear(&core, word("m0", SWIM_SUSPECT, 1, "m1"));
    hear(&core, word("m0", SWIM_SUSPECT, 1, "m2"));
    hear(&core, word("m0", SWIM_SUSPECT, 1, "m2"));
    assert_true(core_member(&core, "m0")->due_ms > begin_ms + 5000);
    hear(&core, word("m0", SWIM_SUSPECT, 1, "m3"));
    hear(&core, word("m0", SWIM_SUSPECT, 1, "m4"));

    assert_int_equal(core_member(&core, "m0")->due_ms,
                     begin_ms + timing_suspicion_min_ms(&core.cfg.timing, 10));
    swim_release(&core);
}

static void a_suspect_that_refutes_is_alive(void **state)
{
    (void)state;
    core_start(&core, 9, SWIM_ALIVE);
    hear(&core, word("m0", SWIM_SUSPECT, 1, "m1"));

    hear(&core, word("m0", SWIM_ALIVE, 2, ""));
    pass(&core, 200, true);

    assert_int_equal(core_member(&core, "m0")->state, SWIM_ALIVE);
    assert_false(rh_heap_contains(&core_member(&core, "m0")->timer));
    swim_release(&core);
}

static void who_was_alive_here_is_not_dead_at_the_word_of_others(void **state)
{
    const struct member *m;

    (void)state;
    core_start(&core, 9, SWIM_ALIVE);
    m = core_member(&core, "m0");

    hear(&core, word("m0", SWIM_DEAD, 1, ""));
    assert_int_equal(m->state, SWIM_SUSPECT);
    assert_int_equal(m->due_ms, core.now_ms + timing_suspicion_max_ms(&core.cfg.timing, 10));
    core.now_ms = m->due_ms;
    judge_due(&core);

    assert_int_equal(m->state, SWIM_DEAD);
    assert_int_equal(m->reason, MEMBER_SAID_DEAD);
    assert_int_equal(core.stats.deaths, 0);
    swim_release(&core);
}

static void who_does_not_answer_us_either_has_the_shortest_time(void **state)
{
    struct member *m;

    (void)state;
    core_start(&core, 9, SWIM_ALIVE);
    m = core_member(&core, "m0");
    hear(&core, word("m0", SWIM_DEAD, 1, ""));

    judge_accuse(&core, m, MEMBER_NO_ANSWER);

    assert_int_equal(m->due_ms, core.now_ms + timing_suspicion_min_ms(&core.cfg.timing, 10));
    swim_release(&core);
}

static void who_was_suspect_long_enough_is_dead_at_the_word_of_others(void **state)
{
    (void)state;
    core_start(&core, 9, SWIM_ALIVE);
    hear(&core, word("m0", SWIM_SUSPECT, 1, "m1"));
    core.now_ms += timing_suspicion_min_ms(&core.cfg.timing, 10);
    core.round_ms = core.now_ms + 1;

    hear(&core, word("m0", SWIM_DEAD, 1, ""));

    assert_int_equal(core_member(&core, "m0")->state, SWIM_DEAD);
    swim_release(&core);
}

static void dead_and_unknown_ones_are_tried_again_less_and_less(void **state)
{
    int64_t last_ms = 0;

    (void)state;
    core_start(&core, 1, SWIM_UNKNOWN);

    for (int i = 0; i < 8; i++) {
        const struct swim_action ping = await_ping(&core);

        assert_string_equal(ping.node_id, "m0");
        assert_true(core.now_ms - TEST_START_MS >= last_ms);
        last_ms = 2 * (core.now_ms - TEST_START_MS) / 2;
        swim_on_no_answer(&core, ping.seq, core.now_ms);
    }
    assert_true(core_member(&core, "m0")->due_ms - core.now_ms >= 60000);
    assert_int_equal(core_member(&core, "m0")->state, SWIM_UNKNOWN);
    swim_release(&core);
}

static void a_standstill_gives_suspects_their_time_again(void **state)
{
    const struct member *m;

    (void)state;
    core_start(&core, 9, SWIM_ALIVE);
    hear(&core, word("m0", SWIM_SUSPECT, 1, "m1"));
    m = core_member(&core, "m0");
    const int64_t time_ms = m->due_ms - core.now_ms;

    core.now_ms += 3000;
    judge_restart(&core);

    assert_int_equal(m->due_ms, core.now_ms + time_ms);
    swim_release(&core);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_suspect_that_stays_silent_is_dead_after_the_longest_time),
        cmocka_unit_test(three_confirmations_leave_the_shortest_time),
        cmocka_unit_test(a_suspect_that_refutes_is_alive),
        cmocka_unit_test(who_was_alive_here_is_not_dead_at_the_word_of_others),
        cmocka_unit_test(who_does_not_answer_us_either_has_the_shortest_time),
        cmocka_unit_test(who_was_suspect_long_enough_is_dead_at_the_word_of_others),
        cmocka_unit_test(dead_and_unknown_ones_are_tried_again_less_and_less),
        cmocka_unit_test(a_standstill_gives_suspects_their_time_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
