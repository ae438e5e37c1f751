/* Tests of asking for votes and giving them. */
#include "core_test.h"

static void a_pre_vote_changes_nothing(void **state)
{
    struct election e;
    struct vote_reply reply;
    const struct vote_request r = core_request("n2", 8, true);

    (void)state;

    core_start(&e, 0);
    election_on_vote(&e, &r, &reply, 10);

    assert_true(reply.granted);
    assert_int_equal(e.ballot.term, 0);
    assert_int_equal(core_drain(&e, ELECTION_PERSIST, NULL), 0);
}

static void the_second_candidate_of_a_term_is_refused(void **state)
{
    struct election e;
    struct vote_reply reply;
    const struct vote_request first = core_request("n2", 8, false);
    const struct vote_request second = core_request("n3", 8, false);

    (void)state;
    core_start(&e, 0);

    election_on_vote(&e, &first, &reply, 10);
    assert_true(reply.granted);
    assert_int_equal(core_drain(&e, ELECTION_PERSIST, NULL), 1);
    election_on_vote(&e, &second, &reply, 11);
    assert_false(reply.granted);
    assert_string_equal(reply.reason, "voted");
}

static void who_follows_a_living_leader_votes_for_nobody(void **state)
{
    struct election e;
    struct heartbeat_reply ok;
    struct vote_reply reply;
    const struct heartbeat h = core_heartbeat("n3", 5);
    struct vote_request r = core_request("n2", 6, false);

    (void)state;
    core_start(&e, 0);
    election_on_heartbeat(&e, &h, &ok, 100);

    election_on_vote(&e, &r, &reply, 100 + TIMEOUT - 1);
    assert_string_equal(reply.reason, "has_leader");
    assert_int_equal(e.ballot.term, 5);
    r.released_term = 5;
    election_on_vote(&e, &r, &reply, 101);
    assert_true(reply.granted);
}

static void a_late_request_of_the_leaders_own_term_does_not_end_its_lease(void **state)
{
    struct election e;
    struct heartbeat_reply ok;
    struct vote_reply reply;
    const struct heartbeat h = core_heartbeat("n3", 5);
    const struct vote_request late = core_request("n3", 5, false);
    const struct vote_request other = core_request("n2", 6, false);

    (void)state;
    core_start(&e, 0);
    election_on_vote(&e, &late, &reply, 50);
    election_on_heartbeat(&e, &h, &ok, 100);

    election_on_vote(&e, &late, &reply, 150);
    assert_string_equal(e.leader, "n3");
    election_on_vote(&e, &other, &reply, 160);
    assert_false(reply.granted);
}

static void a_candidate_outside_the_configuration_is_refused(void **state)
{
    struct election e;
    struct vote_reply reply;
    const struct vote_request r = core_request("n9", 8, false);

    (void)state;

    core_start(&e, 0);
    election_on_vote(&e, &r, &reply, 10);

    assert_false(reply.granted);
    assert_string_equal(reply.reason, "not_a_voter");
}

static void nobody_is_asked_before_the_own_vote_is_durable(void **state)
{
    struct election e;
    struct election_action asked;
    const struct vote_reply yes = {.granted = true};

    (void)state;
    core_start(&e, 0);
    const int64_t now_ms = election_next_ms(&e);
    election_tick(&e, now_ms);
    assert_int_equal(core_drain(&e, ELECTION_SEND_VOTE, &asked), 2);
    assert_true(asked.u.vote.is_pre);

    election_on_vote_reply(&e, 1, &asked.u.vote, &yes, now_ms + 5);
    assert_int_equal(e.state, ELECTION_CANDIDATE);
    assert_int_equal(core_drain(&e, ELECTION_SEND_VOTE, NULL), 0);
    election_on_persisted(&e, 1, now_ms + 9);
    assert_int_equal(core_drain(&e, ELECTION_SEND_VOTE, &asked), 2);
    assert_false(asked.u.vote.is_pre);
}

static void an_attempt_without_quorum_says_so_and_tries_again(void **state)
{
    struct election e;
    struct election_action report;

    (void)state;
    core_start(&e, 0);
    const int64_t now_ms = election_next_ms(&e);
    election_tick(&e, now_ms);
    (void)core_drain(&e, 0, NULL);

    election_tick(&e, now_ms + BEAT);
    assert_int_equal(core_drain(&e, ELECTION_LEADERLESS, &report), 1);
    assert_string_equal(report.u.reason, "no quorum: 1 of 3 voters support n1, 2 needed, 1 answer");
    assert_in_range(election_next_ms(&e), now_ms + BEAT, now_ms + 2 * BEAT);
    assert_int_equal(e.ballot.term, 0);
}

static void a_returning_voter_stands_above_the_term_it_hears_of(void **state)
{
    struct election e;
    struct election_action asked;
    const struct vote_reply stale = {.granted = false, .term = 41, .reason = "stale_term"};

    (void)state;
    core_start(&e, 0);
    int64_t now_ms = election_next_ms(&e);
    election_tick(&e, now_ms);
    (void)core_drain(&e, ELECTION_SEND_VOTE, &asked);

    election_on_vote_reply(&e, 1, &asked.u.vote, &stale, now_ms);
    now_ms = election_next_ms(&e);
    election_tick(&e, now_ms);
    assert_int_equal(core_drain(&e, ELECTION_SEND_VOTE, &asked), 2);
    assert_int_equal(asked.u.vote.term, 42);
}

static void terms_of_another_provider_are_not_used_again(void **state)
{
    struct election e;
    struct election_action asked;

    (void)state;
    core_start(&e, 0);
    election_raise_floor(&e, 70);

    election_tick(&e, election_next_ms(&e));

    assert_int_equal(core_drain(&e, ELECTION_SEND_VOTE, &asked), 2);
    assert_int_equal(asked.u.vote.term, 71);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pre_vote_changes_nothing),
        cmocka_unit_test(the_second_candidate_of_a_term_is_refused),
        cmocka_unit_test(who_follows_a_living_leader_votes_for_nobody),
        cmocka_unit_test(a_late_request_of_the_leaders_own_term_does_not_end_its_lease),
        cmocka_unit_test(a_candidate_outside_the_configuration_is_refused),
        cmocka_unit_test(nobody_is_asked_before_the_own_vote_is_durable),
        cmocka_unit_test(an_attempt_without_quorum_says_so_and_tries_again),
        cmocka_unit_test(a_returning_voter_stands_above_the_term_it_hears_of),
        cmocka_unit_test(terms_of_another_provider_are_not_used_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
