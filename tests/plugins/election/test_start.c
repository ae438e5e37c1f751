/* An operator wants a voter to lead: what the core does about it, on both sides. */
#include "core_test.h"

/* n1 follows n3, heard of at time 0. */
static void follow(struct election *e, uint64_t term)
{
    const struct heartbeat h = core_heartbeat("n3", term);
    struct heartbeat_reply reply;

    core_start(e, 0);
    election_on_heartbeat(e, &h, &reply, 0);
    assert_true(reply.ok);
    (void)core_drain(e, 0, NULL);
}

static void a_healthy_leader_is_left_alone(void **state)
{
    struct election e;

    (void)state;
    follow(&e, 4);

    assert_int_equal(election_start(&e, false, 10), ELECTION_START_LED);

    assert_int_equal(core_drain(&e, ELECTION_SEND_VOTE, NULL), 0);
    assert_int_equal(e.state, ELECTION_FOLLOWER);
}

static void forced_it_asks_the_leader_and_nobody_else(void **state)
{
    struct election e;
    struct election_action asked;

    (void)state;
    follow(&e, 4);

    assert_int_equal(election_start(&e, true, 10), ELECTION_START_ASKED);

    assert_int_equal(core_drain(&e, ELECTION_SEND_VOTE, &asked), 1);
    assert_int_equal(asked.voter, 2);
    assert_true(asked.u.vote.is_forced);
    assert_int_equal(asked.u.vote.term, 5);
    assert_int_equal(e.ballot.term, 4);
    assert_string_equal(e.ballot.vote, "");
}

static void an_unheard_request_is_repeated_for_a_beat(void **state)
{
    struct election e;
    uint32_t asked = 0;
    int64_t now_ms;

    (void)state;
    follow(&e, 4);
    (void)election_start(&e, true, 0);

    for (now_ms = election_next_ms(&e); now_ms < TIMEOUT; now_ms = election_next_ms(&e)) {
        election_tick(&e, now_ms);
        asked += core_drain(&e, ELECTION_SEND_VOTE, NULL);
    }

    assert_int_equal(asked, 5); /* with the first */
    assert_int_equal(e.state, ELECTION_FOLLOWER);
}

static void a_late_tick_ends_the_asking(void **state)
{
    struct election e;

    (void)state;
    follow(&e, 4);
    (void)election_start(&e, true, 0);
    (void)core_drain(&e, 0, NULL);

    election_tick(&e, BEAT + 1);

    assert_int_equal(core_drain(&e, ELECTION_SEND_VOTE, NULL), 0);
    assert_int_equal(election_next_ms(&e), TIMEOUT);
}

static void a_leader_of_a_later_term_is_not_asked(void **state)
{
    struct election e;
    const struct heartbeat later = core_heartbeat("n2", 6);
    struct heartbeat_reply reply;

    (void)state;
    follow(&e, 4);
    (void)election_start(&e, true, 0);
    (void)core_drain(&e, 0, NULL);

    election_on_heartbeat(&e, &later, &reply, 10);
    election_tick(&e, BEAT / 2);

    assert_int_equal(core_drain(&e, ELECTION_SEND_VOTE, NULL), 0);
}

static void a_forced_request_makes_the_leader_hand_over(void **state)
{
    struct election e;
    struct vote_request request = core_request("n2", 2, true);
    struct vote_reply reply;
    struct election_action sent;

    (void)state;
    core_start(&e, 0);
    const int64_t now_ms = core_win(&e);
    core_ack(&e, 1, now_ms, now_ms);
    (void)core_drain(&e, 0, NULL);
    request.is_forced = true;

    election_on_vote(&e, &request, &reply, now_ms + 5);

    assert_false(reply.granted);
    assert_string_equal(reply.reason, "handing_over");
    assert_false(election_leads(&e, now_ms + 5));
    assert_int_equal(core_drain(&e, ELECTION_SEND_HEARTBEAT, &sent), 2);
    assert_true(sent.u.beat.heartbeat.is_resigning);
    assert_string_equal(sent.u.beat.heartbeat.successor, "n2");
}

static void a_forced_request_for_an_earlier_leader_is_late(void **state)
{
    struct election e;
    struct vote_request request;
    struct vote_reply reply;

    (void)state;
    core_start(&e, 0);
    const int64_t now_ms = core_win(&e);
    core_ack(&e, 1, now_ms, now_ms);
    request = core_request("n2", e.ballot.term, true);
    request.is_forced = true;

    election_on_vote(&e, &request, &reply, now_ms + 5);

    assert_string_equal(reply.reason, "stale_term");
    assert_true(election_leads(&e, now_ms + 5));
}

static void followers_do_not_vote_on_a_forced_request(void **state)
{
    struct election e;
    struct vote_request request = core_request("n2", 5, true);
    struct vote_reply reply;

    (void)state;
    follow(&e, 4);
    request.is_forced = true;

    election_on_vote(&e, &request, &reply, 10 * TIMEOUT);

    assert_false(reply.granted);
    assert_string_equal(reply.reason, "not_leader");
}

static void without_a_leader_it_asks_for_pre_votes_at_once(void **state)
{
    struct election e;
    struct election_action asked;

    (void)state;
    core_start(&e, 0);
    election_resign(&e, NULL, 50000, 0);
    (void)core_drain(&e, 0, NULL);

    assert_int_equal(election_start(&e, false, 1), ELECTION_START_STANDS);

    assert_int_equal(core_drain(&e, ELECTION_SEND_VOTE, &asked), 2);
    assert_true(asked.u.vote.is_pre);
    assert_int_equal(e.state, ELECTION_PRECANDIDATE);
}

static void a_lease_acknowledged_before_a_restart_is_waited_for(void **state)
{
    struct election e;

    (void)state;
    core_start(&e, 9);

    assert_int_equal(election_start(&e, true, TIMEOUT - 1), ELECTION_START_LEASED);
    assert_int_equal(election_start(&e, true, TIMEOUT), ELECTION_START_STANDS);
}

static void the_leader_and_who_does_not_vote_are_refused(void **state)
{
    struct election e;
    struct election_config cfg = {
        .self = "n9", .beat_ms = BEAT, .timeout_ms = TIMEOUT, .voter_count = 1, .voters = {"n1"}};
    const struct ballot none = {.term = 0};

    (void)state;
    core_start(&e, 0);
    const int64_t now_ms = core_win(&e);
    assert_int_equal(election_start(&e, true, now_ms), ELECTION_START_LEADS);

    election_init(&e, &cfg, &none, 1, 0);

    assert_int_equal(election_start(&e, true, 0), ELECTION_START_NOT_A_VOTER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_healthy_leader_is_left_alone),
        cmocka_unit_test(forced_it_asks_the_leader_and_nobody_else),
        cmocka_unit_test(an_unheard_request_is_repeated_for_a_beat),
        cmocka_unit_test(a_late_tick_ends_the_asking),
        cmocka_unit_test(a_leader_of_a_later_term_is_not_asked),
        cmocka_unit_test(a_forced_request_makes_the_leader_hand_over),
        cmocka_unit_test(a_forced_request_for_an_earlier_leader_is_late),
        cmocka_unit_test(followers_do_not_vote_on_a_forced_request),
        cmocka_unit_test(without_a_leader_it_asks_for_pre_votes_at_once),
        cmocka_unit_test(a_lease_acknowledged_before_a_restart_is_waited_for),
        cmocka_unit_test(the_leader_and_who_does_not_vote_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
