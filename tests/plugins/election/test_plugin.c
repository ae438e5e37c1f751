/* Whole nodes with the election plugin: what operators may ask, who follows, who never votes. */
#include "nodes_test.h"

/* Three voters and n4, which does not vote. Returns the leader: n3, the greatest id. */
static uint32_t start_cluster(struct nodes *n, uint64_t *epoch)
{
    uint32_t leader;

    nodes_init(n, 3);
    for (uint32_t i = 0; i < NODES_MAX; i++)
        nodes_add(n, 3, NULL);
    leader = nodes_await(n, NODES_NOONE, epoch);
    rh_testnet_run(n->net, 6 * NODES_BEAT);
    return leader;
}

/* --- start --- */

static void a_start_is_refused_with_the_reason(void **state)
{
    struct nodes n;
    uint64_t epoch;
    uint64_t later;

    (void)state;
    assert_int_equal(start_cluster(&n, &epoch), 2);

    assert_int_equal(nodes_post(&n, 0, "/election/start", "{}"), 409);
    nodes_says(&n, "\"code\":\"leader_is_healthy\"");
    nodes_says(&n, "n3 leads and is healthy");
    assert_int_equal(nodes_post(&n, 2, "/election/start", "{\"force\":true}"), 409);
    nodes_says(&n, "\"code\":\"leads_already\"");
    assert_int_equal(nodes_post(&n, 3, "/election/start", "{\"force\":true}"), 403);
    nodes_says(&n, "\"code\":\"not_a_voter\"");
    assert_int_equal(nodes_post(&n, 0, "/election/start", "{\"forced\":true}"), 400);
    nodes_says(&n, "did you mean \\\"force\\\"");
    assert_int_equal(nodes_await(&n, NODES_NOONE, &later), 2);
    assert_int_equal(later, epoch);
    rh_testnet_free(n.net);
}

static void a_start_without_a_leader_stands_at_once(void **state)
{
    struct nodes n;

    (void)state;
    assert_int_equal(start_cluster(&n, NULL), 2);
    rh_testhost_crash(n.hosts[2]);
    while (nodes_view(&n, 0, NULL) != NODES_NOONE || nodes_view(&n, 1, NULL) != NODES_NOONE)
        rh_testnet_run(n.net, 10);

    assert_int_equal(nodes_post(&n, 0, "/election/start", "{}"), 202);
    nodes_says(&n, "\"standing\":true");
    rh_testnet_run(n.net, 50);

    assert_int_equal(nodes_view(&n, 0, NULL), 0);
    assert_int_equal(nodes_view(&n, 1, NULL), 0);
    rh_testnet_free(n.net);
}

static void a_forced_start_is_a_hand_over_that_lasts(void **state)
{
    struct nodes n;
    uint64_t before;
    uint64_t after;

    (void)state;
    assert_int_equal(start_cluster(&n, &before), 2);

    assert_int_equal(nodes_post(&n, 0, "/election/start", "{\"force\":true}"), 202);
    nodes_says(&n, "\"asked\":\"n3\"");
    rh_testnet_run(n.net, 100);

    assert_int_equal(nodes_await(&n, NODES_NOONE, &after), 0);
    assert_true(after > before);
    nodes_keeps(&n, 1, 0, 12);
    rh_testnet_free(n.net);
}

static void a_forced_start_without_a_majority_moves_nobody(void **state)
{
    struct nodes n;
    uint64_t before;
    uint64_t after;

    (void)state;
    assert_int_equal(start_cluster(&n, &before), 2);
    nodes_isolate(&n, 0, true);

    assert_int_equal(nodes_post(&n, 0, "/election/start", "{\"force\":true}"), 202);
    rh_testnet_run(n.net, 4 * NODES_BEAT);
    assert_int_equal(nodes_post(&n, 0, "/election/start", "{\"force\":true}"), 202);
    rh_testnet_run(n.net, 4 * NODES_BEAT);

    assert_int_equal(nodes_view(&n, 0, NULL), NODES_NOONE);
    assert_int_equal(nodes_view(&n, 1, &after), 2);
    assert_int_equal(after, before);
    rh_testnet_free(n.net);
}

static void who_may_have_acknowledged_a_leader_waits_even_when_forced(void **state)
{
    struct nodes n;
    char why[RH_TESTHOST_WHY_MAX];

    (void)state;
    assert_int_equal(start_cluster(&n, NULL), 2);
    rh_testhost_crash(n.hosts[0]);
    nodes_isolate(&n, 0, true);
    assert_int_equal(rh_testhost_start(n.hosts[0], why), RH_OK);
    rh_testnet_run(n.net, 500);

    assert_int_equal(nodes_post(&n, 0, "/election/start", "{\"force\":true}"), 409);

    nodes_says(&n, "\"code\":\"lease_may_run\"");
    rh_testnet_free(n.net);
}

/* --- step-down --- */

static void a_step_down_asked_of_a_follower_reaches_the_leader_and_holds(void **state)
{
    struct nodes n;

    (void)state;
    assert_int_equal(start_cluster(&n, NULL), 2);

    assert_int_equal(
        nodes_post(&n, 0, "/election/step-down", "{\"hold_ms\":60000,\"reason\":\"a new disk\"}"),
        200);

    assert_int_equal(rh_testhost_logged(n.hosts[2], "a new disk"), 1);
    assert_int_equal(nodes_await(&n, 2, NULL), 1);
    nodes_keeps(&n, 0, 1, 30);
    rh_testnet_free(n.net);
}

static void a_bad_step_down_changes_nothing(void **state)
{
    struct nodes n;

    (void)state;
    assert_int_equal(start_cluster(&n, NULL), 2);

    assert_int_equal(nodes_post(&n, 2, "/election/step-down", "{\"hold_ms\":-1}"), 400);
    nodes_says(&n, "hold_ms");

    nodes_keeps(&n, 0, 2, 3);
    rh_testnet_free(n.net);
}

/* --- transfer --- */

static void a_transfer_reaches_the_voter_and_lasts(void **state)
{
    struct nodes n;
    uint64_t before;
    uint64_t after;

    (void)state;
    assert_int_equal(start_cluster(&n, &before), 2);

    assert_int_equal(nodes_post(&n, 1, "/election/transfer", "{\"to\":\"n1\"}"), 202);
    rh_testnet_run(n.net, 100);

    assert_int_equal(nodes_await(&n, NODES_NOONE, &after), 0);
    assert_true(after > before);
    nodes_keeps(&n, 1, 0, 12);
    rh_testnet_free(n.net);
}

static void a_transfer_to_nobody_in_particular_goes_to_the_best(void **state)
{
    struct nodes n;

    (void)state;
    assert_int_equal(start_cluster(&n, NULL), 2);

    assert_int_equal(nodes_post(&n, 2, "/election/transfer", "{}"), 202);
    rh_testnet_run(n.net, 100);

    assert_int_equal(nodes_await(&n, NODES_NOONE, NULL), 1);
    rh_testnet_free(n.net);
}

static void a_transfer_that_cannot_be_is_refused(void **state)
{
    struct nodes n;

    (void)state;
    assert_int_equal(start_cluster(&n, NULL), 2);

    assert_int_equal(nodes_post(&n, 2, "/election/transfer", "{\"to\":\"n4\"}"), 400);
    nodes_says(&n, "\\\"n4\\\" is not a voter");
    assert_int_equal(nodes_post(&n, 2, "/election/transfer", "{\"to\":\"n3\"}"), 400);
    nodes_says(&n, "n3 leads already");
    nodes_isolate(&n, 0, true);
    rh_testnet_run(n.net, 3 * NODES_BEAT);
    assert_int_equal(nodes_post(&n, 2, "/election/transfer", "{\"to\":\"n1\"}"), 502);
    nodes_says(&n, "n1 does not answer");
    assert_int_equal(nodes_view(&n, 1, NULL), 2);
    rh_testnet_free(n.net);
}

/* --- following --- */

static void non_voters_follow_and_never_vote(void **state)
{
    struct nodes n;
    uint64_t epoch;
    uint64_t seen;

    (void)state;
    assert_int_equal(start_cluster(&n, &epoch), 2);
    assert_int_equal(nodes_view(&n, 3, &seen), 2);
    assert_int_equal(seen, epoch);

    assert_int_equal(nodes_post(&n, 3, "/election/vote", "{\"candidate\":\"n1\",\"term\":90}"),
                     403);
    nodes_says(&n, "\"code\":\"not_a_voter\"");
    assert_int_equal(nodes_post(&n, 0, "/election/vote", "{\"candidate\":\"n4\",\"term\":90}"),
                     403);
    nodes_says(&n, "n4 is not a voter");
    for (uint32_t i = 0; i < 3; i++)
        rh_testhost_crash(n.hosts[i]);
    rh_testnet_run(n.net, 20 * NODES_BEAT);

    assert_int_equal(nodes_view(&n, 3, NULL), NODES_NOONE);
    rh_testnet_free(n.net);
}

static void a_greater_node_that_returns_must_win_a_later_term(void **state)
{
    struct nodes n;
    uint64_t first;
    uint64_t second;
    uint64_t third;
    char why[RH_TESTHOST_WHY_MAX];

    (void)state;
    assert_int_equal(start_cluster(&n, &first), 2);
    rh_testhost_crash(n.hosts[2]);
    assert_int_equal(nodes_await(&n, 2, &second), 1);

    assert_int_equal(rh_testhost_start(n.hosts[2], why), RH_OK);
    assert_int_equal(nodes_await(&n, 1, &third), 2);

    assert_true(second > first);
    assert_true(third > second);
    rh_testnet_free(n.net);
}

static void nodes_with_different_voters_say_so_in_health(void **state)
{
    struct nodes n;

    (void)state;
    nodes_init(&n, 4);
    nodes_add(&n, 3, NULL);
    nodes_add(&n, 3, NULL);
    nodes_add(&n, 2, NULL); /* n3 counts itself out */
    rh_testnet_run(n.net, 8 * NODES_BEAT);

    assert_int_equal(nodes_get(&n, 0, "/admin/health"), 200);
    nodes_says(&n, "\"name\":\"election.voters\",\"status\":\"degraded\"");
    nodes_says(&n, "node n3 is configured with the voters n1 n2, this one with n1 n2 n3");
    assert_int_equal(nodes_get(&n, 2, "/admin/health"), 200);
    nodes_says(&n, "this one with n1 n2");
    rh_testnet_free(n.net);
}

static void nodes_that_agree_have_no_warning(void **state)
{
    struct nodes n;

    (void)state;
    (void)start_cluster(&n, NULL);

    for (uint32_t i = 0; i < NODES_MAX; i++) {
        assert_int_equal(nodes_get(&n, i, "/admin/health"), 200);
        assert_null(strstr(n.reply.body, "election."));
    }

    rh_testnet_free(n.net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_start_is_refused_with_the_reason),
        cmocka_unit_test(a_start_without_a_leader_stands_at_once),
        cmocka_unit_test(a_forced_start_is_a_hand_over_that_lasts),
        cmocka_unit_test(a_forced_start_without_a_majority_moves_nobody),
        cmocka_unit_test(who_may_have_acknowledged_a_leader_waits_even_when_forced),
        cmocka_unit_test(a_step_down_asked_of_a_follower_reaches_the_leader_and_holds),
        cmocka_unit_test(a_bad_step_down_changes_nothing),
        cmocka_unit_test(a_transfer_reaches_the_voter_and_lasts),
        cmocka_unit_test(a_transfer_to_nobody_in_particular_goes_to_the_best),
        cmocka_unit_test(a_transfer_that_cannot_be_is_refused),
        cmocka_unit_test(non_voters_follow_and_never_vote),
        cmocka_unit_test(a_greater_node_that_returns_must_win_a_later_term),
        cmocka_unit_test(nodes_with_different_voters_say_so_in_health),
        cmocka_unit_test(nodes_that_agree_have_no_warning),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
