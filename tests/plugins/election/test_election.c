/* Tests of the follower's side. */
#include "core_test.h"

static void a_first_start_waits_only_the_jitter(void **state)
{
    struct election e;

    (void)state;

    core_start(&e, 0);
    assert_in_range(election_next_ms(&e), 0, BEAT);
    core_start(&e, 4);
    assert_in_range(election_next_ms(&e), TIMEOUT, TIMEOUT + BEAT);
}

static void a_restarted_voter_refuses_votes_for_a_timeout(void **state)
{
    struct election e;
    struct vote_reply reply;
    const struct vote_request r = core_request("n2", 9, false);

    (void)state;

    core_start(&e, 4);
    election_on_vote(&e, &r, &reply, TIMEOUT - 1);
    assert_false(reply.granted);
    assert_string_equal(reply.reason, "has_leader");
    election_on_vote(&e, &r, &reply, TIMEOUT);
    assert_true(reply.granted);
}

static void a_heartbeat_is_followed_until_the_timeout(void **state)
{
    struct election e;
    struct election_action report;
    struct heartbeat_reply reply;
    const struct heartbeat h = core_heartbeat("n3", 5);

    (void)state;
    core_start(&e, 0);
    (void)core_drain(&e, 0, NULL);

    election_on_heartbeat(&e, &h, &reply, 100);
    assert_true(reply.ok);
    assert_true(reply.can_lead);
    assert_int_equal(core_drain(&e, ELECTION_FOLLOWING, &report), 1);
    assert_string_equal(report.u.leader, "n3");
    assert_int_equal(report.expires_ms, 100 + TIMEOUT);
    assert_int_equal(election_next_ms(&e), 100 + TIMEOUT);
    election_tick(&e, 100 + TIMEOUT);
    assert_int_equal(core_drain(&e, ELECTION_LEADERLESS, &report), 1);
    assert_string_equal(report.u.reason, "no heartbeat from n3 for 2000 ms");
}

static void a_higher_term_is_made_durable_before_it_is_acknowledged(void **state)
{
    struct election e;
    struct election_action persist;
    struct heartbeat_reply reply;
    const struct heartbeat h = core_heartbeat("n3", 5);

    (void)state;
    core_start(&e, 0);

    election_on_heartbeat(&e, &h, &reply, 100);

    assert_int_equal(core_drain(&e, ELECTION_PERSIST, &persist), 1);
    assert_int_equal(persist.u.ballot.term, 5);
    assert_string_equal(persist.u.ballot.vote, "");
}

static void a_lower_term_is_answered_with_the_higher_one(void **state)
{
    struct election e;
    struct heartbeat_reply reply;
    const struct heartbeat h = core_heartbeat("n3", 5);

    (void)state;

    core_start(&e, 6);
    election_on_heartbeat(&e, &h, &reply, 100);

    assert_false(reply.ok);
    assert_int_equal(reply.term, 6);
    assert_string_equal(e.leader, "");
}

static void a_heartbeat_of_a_non_voter_is_refused(void **state)
{
    struct election e;
    struct heartbeat_reply reply;
    const struct heartbeat h = core_heartbeat("n9", 5);

    (void)state;

    core_start(&e, 0);
    election_on_heartbeat(&e, &h, &reply, 100);

    assert_false(reply.ok);
    assert_int_equal(e.ballot.term, 0);
}

static void a_node_that_does_not_vote_follows_and_stores_nothing(void **state)
{
    struct election e;
    struct election_config cfg = {
        .self = "w1", .beat_ms = BEAT, .timeout_ms = TIMEOUT, .voter_count = 1, .voters = {"n1"}};
    const struct ballot none = {.term = 0};
    struct heartbeat_reply reply;
    const struct heartbeat h = core_heartbeat("n1", 2);

    (void)state;

    election_init(&e, &cfg, &none, 1, 0);
    assert_true(election_next_ms(&e) == INT64_MAX);
    election_on_heartbeat(&e, &h, &reply, 10);
    assert_true(reply.ok);
    assert_false(reply.can_lead);
    assert_int_equal(core_drain(&e, ELECTION_PERSIST, NULL), 0);
}

static void the_successor_stands_at_once_and_others_wait(void **state)
{
    struct election e;
    struct heartbeat_reply reply;
    struct heartbeat h = core_heartbeat("n3", 5);

    (void)state;

    core_start(&e, 0);
    election_on_heartbeat(&e, &h, &reply, 100);
    h.is_resigning = true;
    (void)snprintf(h.successor, sizeof(h.successor), "n1");
    election_on_heartbeat(&e, &h, &reply, 200);
    assert_int_equal(e.state, ELECTION_CANDIDATE);
    assert_int_equal(e.ballot.term, 6);

    core_start(&e, 0);
    (void)snprintf(h.successor, sizeof(h.successor), "n2");
    election_on_heartbeat(&e, &h, &reply, 200);
    assert_int_equal(e.state, ELECTION_FOLLOWER);
    assert_true(election_next_ms(&e) >= 200 + BEAT);
}

static void a_late_heartbeat_of_who_stood_down_is_refused(void **state)
{
    struct election e;
    struct heartbeat_reply reply;
    struct heartbeat h = core_heartbeat("n3", 5);

    (void)state;
    core_start(&e, 0);
    h.is_resigning = true;
    election_on_heartbeat(&e, &h, &reply, 100);

    h.is_resigning = false;
    election_on_heartbeat(&e, &h, &reply, 150);

    assert_false(reply.ok);
    assert_string_equal(e.leader, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_first_start_waits_only_the_jitter),
        cmocka_unit_test(a_restarted_voter_refuses_votes_for_a_timeout),
        cmocka_unit_test(a_heartbeat_is_followed_until_the_timeout),
        cmocka_unit_test(a_higher_term_is_made_durable_before_it_is_acknowledged),
        cmocka_unit_test(a_lower_term_is_answered_with_the_higher_one),
        cmocka_unit_test(a_heartbeat_of_a_non_voter_is_refused),
        cmocka_unit_test(a_node_that_does_not_vote_follows_and_stores_nothing),
        cmocka_unit_test(the_successor_stands_at_once_and_others_wait),
        cmocka_unit_test(a_late_heartbeat_of_who_stood_down_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
