/* Tests of the leader's side. */
#include "core_test.h"

static void votes_alone_are_no_lease(void **state)
{
    struct election e;
    struct election_action report;

    (void)state;
    core_start(&e, 0);

    const int64_t now_ms = core_win(&e);
    assert_int_equal(e.state, ELECTION_LEADER);
    assert_false(election_leads(&e, now_ms));
    (void)core_drain(&e, 0, NULL);
    core_ack(&e, 1, now_ms, now_ms + 20);
    assert_true(election_leads(&e, now_ms + 20));
    assert_int_equal(core_drain(&e, ELECTION_LEADING, &report), 1);
    assert_int_equal(report.expires_ms, now_ms + 1600);
    assert_int_equal(report.have, 2);
    assert_int_equal(report.need, 2);
}

static void the_lease_ends_without_answers(void **state)
{
    struct election e;
    struct election_action report;

    (void)state;
    core_start(&e, 0);
    const int64_t now_ms = core_win(&e);
    core_ack(&e, 1, now_ms, now_ms + 20);
    (void)core_drain(&e, 0, NULL);

    assert_true(election_leads(&e, now_ms + 1599));
    election_tick(&e, now_ms + 1600);
    assert_false(election_leads(&e, now_ms + 1600));
    assert_int_equal(core_drain(&e, ELECTION_LEADERLESS, &report), 1);
    assert_non_null(strstr(report.u.reason, "no quorum"));
}

static void silent_voters_are_asked_again_after_a_fifth_of_a_beat(void **state)
{
    struct election e;
    struct election_action sent;

    (void)state;
    core_start(&e, 0);
    const int64_t now_ms = core_win(&e);
    core_ack(&e, 1, now_ms, now_ms + 20);
    (void)core_drain(&e, 0, NULL);

    assert_int_equal(election_next_ms(&e), now_ms + BEAT / 5);
    election_tick(&e, now_ms + BEAT / 5);
    assert_int_equal(core_drain(&e, ELECTION_SEND_HEARTBEAT, &sent), 1);
    assert_int_equal(sent.voter, 2);
}

static void others_hear_of_the_leader_once_a_beat(void **state)
{
    struct election e;

    (void)state;
    core_start(&e, 0);
    const int64_t now_ms = core_win(&e);
    assert_int_equal(core_drain(&e, ELECTION_SEND_OTHERS, NULL), 1);
    core_ack(&e, 1, now_ms, now_ms + 1);
    core_ack(&e, 2, now_ms, now_ms + 1);
    (void)core_drain(&e, 0, NULL);

    assert_int_equal(election_next_ms(&e), now_ms + BEAT);
    election_tick(&e, now_ms + BEAT);
    assert_int_equal(core_drain(&e, ELECTION_SEND_OTHERS, NULL), 1);
}

static void a_claim_is_confirmed_by_a_majority_once(void **state)
{
    struct election e;
    struct election_action report;
    const struct election_home home = {.epoch = 1, .node_id = "n1"};

    (void)state;
    core_start(&e, 0);
    const int64_t now_ms = core_win(&e);
    core_ack(&e, 1, now_ms, now_ms + 1);
    assert_int_equal(core_drain(&e, ELECTION_HOME_CONFIRMED, NULL), 0);

    election_set_home(&e, &home, now_ms + 2);
    core_ack(&e, 1, now_ms + 2, now_ms + 3);
    core_ack(&e, 2, now_ms + 2, now_ms + 4);
    assert_int_equal(core_drain(&e, ELECTION_HOME_CONFIRMED, &report), 1);
    assert_int_equal(report.home_epoch, 1);
}

/* Beats until leadership is handed over; 0 = it was kept. */
static uint32_t beats_until_handover(struct election *e, int64_t now_ms, char *successor)
{
    for (uint32_t beat = 1; beat <= 30; beat++) {
        struct election_action action;

        core_ack(e, 1, now_ms, now_ms);
        core_ack(e, 2, now_ms, now_ms);
        (void)core_drain(e, 0, NULL);
        now_ms += BEAT;
        election_tick(e, now_ms);
        if (e->state == ELECTION_LEADER)
            continue;
        while (election_next_action(e, &action)) {
            if (action.kind == ELECTION_SEND_HEARTBEAT)
                (void)snprintf(successor, NODE_ID_MAX + 1, "%s", action.u.beat.heartbeat.successor);
        }
        return beat;
    }
    return 0;
}

static void a_better_voter_is_handed_leadership_after_four_calm_beats(void **state)
{
    struct election e;
    char successor[NODE_ID_MAX + 1] = "";

    (void)state;
    core_start(&e, 0);
    const int64_t now_ms = core_win(&e);

    assert_int_equal(beats_until_handover(&e, now_ms, successor), 4);
    assert_string_equal(successor, "n3");
}

static void the_living_home_comes_before_every_priority(void **state)
{
    struct election e;
    char successor[NODE_ID_MAX + 1] = "";
    const struct election_home home = {.epoch = 1, .node_id = "n2"};

    (void)state;
    core_start(&e, 0);
    election_set_home(&e, &home, 0);
    const int64_t now_ms = core_win(&e);

    assert_int_equal(beats_until_handover(&e, now_ms, successor), 1);
    assert_string_equal(successor, "n2");
}

static void the_home_itself_keeps_leading(void **state)
{
    struct election e;
    char successor[NODE_ID_MAX + 1] = "";
    const struct election_home home = {.epoch = 1, .node_id = "n1"};

    (void)state;
    core_start(&e, 0);
    election_set_home(&e, &home, 0);
    const int64_t now_ms = core_win(&e);

    assert_int_equal(beats_until_handover(&e, now_ms, successor), 0);
}

static void who_stood_down_does_not_stand_while_held(void **state)
{
    struct election e;
    struct election_action sent;

    (void)state;
    core_start(&e, 0);
    const int64_t now_ms = core_win(&e);
    core_ack(&e, 1, now_ms, now_ms + 1);
    (void)core_drain(&e, 0, NULL);

    election_resign(&e, NULL, 50000, now_ms + 2);
    assert_false(election_leads(&e, now_ms + 2));
    assert_int_equal(core_drain(&e, ELECTION_SEND_HEARTBEAT, &sent), 2);
    assert_true(sent.u.beat.heartbeat.is_resigning);
    assert_true(election_next_ms(&e) >= now_ms + 50002);
}

static void a_single_voter_leads_alone(void **state)
{
    struct election e;
    struct election_config cfg = {
        .self = "n1", .beat_ms = BEAT, .timeout_ms = TIMEOUT, .voter_count = 1, .voters = {"n1"}};
    const struct ballot none = {.term = 0};

    (void)state;

    election_init(&e, &cfg, &none, 1, 0);
    const int64_t now_ms = election_next_ms(&e);
    election_tick(&e, now_ms);
    election_on_persisted(&e, 1, now_ms);
    assert_true(election_leads(&e, now_ms));
    election_tick(&e, now_ms + BEAT);
    assert_true(election_leads(&e, now_ms + 2 * BEAT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(votes_alone_are_no_lease),
        cmocka_unit_test(the_lease_ends_without_answers),
        cmocka_unit_test(silent_voters_are_asked_again_after_a_fifth_of_a_beat),
        cmocka_unit_test(others_hear_of_the_leader_once_a_beat),
        cmocka_unit_test(a_claim_is_confirmed_by_a_majority_once),
        cmocka_unit_test(a_better_voter_is_handed_leadership_after_four_calm_beats),
        cmocka_unit_test(the_living_home_comes_before_every_priority),
        cmocka_unit_test(the_home_itself_keeps_leading),
        cmocka_unit_test(who_stood_down_does_not_stand_while_held),
        cmocka_unit_test(a_single_voter_leads_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
