/* Tests of what a majority has, knows or supports. */
#include "core_test.h"

static struct raft *five(struct group *group)
{
    core_start(group, 5);
    return core_elect(group, 0);
}

static void the_match_is_that_of_a_majority(void **state)
{
    struct group group;
    struct raft *leader = five(&group);

    (void)state;
    for (uint32_t i = 0; i < 4; i++)
        leader->peers[i].match = 10 * (i + 1);
    leader->log.stable_index = 25;

    assert_int_equal(raft_quorum_match(leader), 25);
    leader->log.stable_index = 5;
    assert_int_equal(raft_quorum_match(leader), 20);
    leader->peers[3].is_voter = false;
    assert_int_equal(raft_quorum_match(leader), 10); /* of 5, 10, 20, 30 three have 10 */
    group_free(&group);
}

static void the_lease_counts_from_the_sending(void **state)
{
    struct group group;
    struct raft *leader = five(&group);
    const int64_t now_ms = group_now(&group, 0);

    (void)state;
    for (uint32_t i = 0; i < 4; i++)
        leader->peers[i].acked_sent_ms = -1;

    assert_true(raft_lease_ms(leader, now_ms) == RAFT_NEVER);
    leader->peers[0].acked_sent_ms = now_ms - 300;
    assert_true(raft_lease_ms(leader, now_ms) == RAFT_NEVER);
    leader->peers[1].acked_sent_ms = now_ms - 200;
    assert_int_equal(raft_lease_ms(leader, now_ms), now_ms - 300 + 8 * GROUP_BEAT_MS);
    leader->peers[2].acked_sent_ms = now_ms;
    assert_int_equal(raft_lease_ms(leader, now_ms), now_ms - 200 + 8 * GROUP_BEAT_MS);
    group_free(&group);
}

static void support_is_counted_among_the_living(void **state)
{
    struct group group;
    struct raft *leader = five(&group);
    uint32_t have;
    uint32_t need;

    (void)state;
    leader->peers[0].acked_sent_ms = -1;
    leader->peers[1].acked_sent_ms = group_now(&group, 0) - 9 * GROUP_BEAT_MS;

    raft_quorum_support(leader, group_now(&group, 0), &have, &need);

    assert_int_equal(have, 3);
    assert_int_equal(need, 3);
    group_free(&group);
}

/* The clocks of PROTOCOLS: a lease on a slow clock is over before a timeout on a fast one. */
static void the_lease_ends_before_the_shortest_timeout(void **state)
{
    (void)state;

    assert_true(RAFT_LEASE_HEARTBEATS * 11 < RAFT_TIMEOUT_HEARTBEATS * 9);
}

/* Of five, n2 and n3 have answered; without n3 a majority is one of three that have not. */
static void a_change_of_members_does_not_shorten_the_lease(void **state)
{
    const struct raft_change change = {.kind = RAFT_REMOVE, .id = "n3"};
    struct group group;
    struct raft *leader = five(&group);
    const int64_t now_ms = group_now(&group, 0);
    int64_t lease_ms;
    uint64_t index;

    (void)state;
    for (uint32_t i = 0; i < 4; i++)
        leader->peers[i].acked_sent_ms = i < 2 ? now_ms - 100 : -1;
    lease_ms = raft_lease_ms(leader, now_ms);
    assert_int_equal(lease_ms, now_ms - 100 + 8 * GROUP_BEAT_MS);

    assert_int_equal(raft_propose_change(leader, &change, &index), RH_OK);

    assert_int_equal(leader->peer_count, 3);
    assert_int_equal(raft_lease_ms(leader, now_ms), lease_ms);
    assert_int_equal(raft_quit_ms(leader, now_ms), lease_ms);
    group_free(&group);
}

CORE_MAIN(cmocka_unit_test(a_change_of_members_does_not_shorten_the_lease),
          cmocka_unit_test(the_match_is_that_of_a_majority),
          cmocka_unit_test(the_lease_counts_from_the_sending),
          cmocka_unit_test(support_is_counted_among_the_living),
          cmocka_unit_test(the_lease_ends_before_the_shortest_timeout))
