/* The raft plugin in whole nodes: replicated state, fail-over, members, and who is refused. */
#include "nodes.h"

static void a_note_is_kept_by_all_and_survives_the_leader(void **state)
{
    struct nodes n;
    uint32_t first;
    uint32_t second;

    (void)state;
    nodes_start(&n, 3);
    first = nodes_await(&n, NODES_NOONE);

    assert_int_equal(nodes_put(&n, first, "a", "one"), 200);
    assert_int_equal(nodes_put(&n, (first + 1) % 3, "b", "two"), 200); /* forwarded */
    rh_testhost_crash(n.hosts[first]);
    second = nodes_await(&n, first);

    assert_int_equal(nodes_read(&n, second, "a"), 200);
    nodes_says(&n, "\"value\":\"one\"");
    assert_int_equal(nodes_read(&n, 3 - first - second, "b"), 200);
    nodes_says(&n, "\"value\":\"two\"");
    nodes_end(&n);
}

static void a_restarted_group_has_everything(void **state)
{
    struct nodes n;
    char why[RH_TESTHOST_WHY_MAX];

    (void)state;
    nodes_start(&n, 3);
    assert_int_equal(nodes_put(&n, nodes_await(&n, NODES_NOONE), "a", "one"), 200);

    for (uint32_t i = 0; i < 3; i++)
        rh_testhost_crash(n.hosts[i]);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(rh_testhost_start(n.hosts[i], why), RH_OK);

    assert_int_equal(nodes_read(&n, nodes_await(&n, NODES_NOONE), "a"), 200);
    nodes_says(&n, "\"value\":\"one\"");
    nodes_end(&n);
}

static void without_a_majority_nothing_is_acknowledged(void **state)
{
    struct nodes n;
    uint32_t leader;

    (void)state;
    nodes_start(&n, 3);
    leader = nodes_await(&n, NODES_NOONE);
    nodes_isolate(&n, leader, true);

    assert_int_not_equal(nodes_put(&n, leader, "a", "lost"), 200);
    rh_testnet_run(n.net, 3000);
    assert_int_equal(nodes_get(&n, leader, "/raft/state"), 200);
    nodes_says(&n, "\"leader\":null");
    assert_int_equal(nodes_put(&n, nodes_await(&n, leader), "a", "kept"), 200);
    nodes_isolate(&n, leader, false);
    rh_testnet_run(n.net, 5000);

    assert_int_equal(nodes_read(&n, leader, "a"), 200);
    nodes_says(&n, "kept");
    nodes_end(&n);
}

static void election_stands_by_where_raft_leads(void **state)
{
    struct nodes n;
    uint32_t leader;

    (void)state;
    nodes_start(&n, 3);
    leader = nodes_await(&n, NODES_NOONE);

    assert_int_equal(nodes_get(&n, leader, "/election/leader"), 200);

    nodes_says(&n, node_names[leader]);
    nodes_says(&n, "\"source\":\"raft\"");
    assert_int_equal(nodes_post(&n, leader, "/election/vote", "{\"candidate\":\"n2\",\"term\":99}"),
                     409);
    nodes_says(&n, "raft_leads");
    nodes_end(&n);
}

/* A number of the last reply. */
static int64_t number_of(const struct nodes *n, const char *key)
{
    const char *at = n->reply.body ? strstr(n->reply.body, key) : NULL;

    assert_non_null(at);
    return strtoll(at + strlen(key), NULL, 10);
}

/* If the host's lease ended before raft's, an answer in between would make this node announce
 * itself a second time for the same term. */
static void the_host_believes_as_long_as_raft_does(void **state)
{
    struct nodes n;
    uint32_t leader;
    int64_t begin_ms;

    (void)state;
    nodes_start(&n, 3);
    begin_ms = rh_testnet_now_ms(n.net);
    leader = nodes_await(&n, NODES_NOONE);

    for (int i = 0; i < 100; i++) {
        int64_t left_ms;

        rh_testnet_run(n.net, 7);
        assert_int_equal(nodes_get(&n, leader, "/raft/state"), 200);
        left_ms = number_of(&n, "\"lease_ms\":");
        assert_int_equal(nodes_get(&n, leader, "/election/leader"), 200);

        assert_int_equal(number_of(&n, "\"lease_expires_at\":"),
                         NODES_WALL_MS + rh_testnet_now_ms(n.net) - begin_ms + left_ms);
    }
    nodes_end(&n);
}

static void leadership_is_handed_over_on_request(void **state)
{
    struct nodes n;
    uint32_t leader;
    char body[64];
    uint32_t to;

    (void)state;
    nodes_start(&n, 3);
    leader = nodes_await(&n, NODES_NOONE);
    to = (leader + 1) % 3;
    (void)snprintf(body, sizeof(body), "{\"node_id\":\"%s\"}", node_names[to]);

    assert_int_equal(nodes_post(&n, leader, "/raft/transfer", body), 200);

    rh_testnet_run(n.net, 300);
    assert_int_equal(nodes_await(&n, leader), to);
    assert_int_equal(nodes_post(&n, to, "/raft/transfer", "{\"node_id\":\"n9\"}"), 400);
    nodes_end(&n);
}

static void a_new_node_becomes_a_learner_and_then_a_voter(void **state)
{
    struct nodes n;
    uint32_t leader;

    (void)state;
    nodes_start(&n, 3);
    leader = nodes_await(&n, NODES_NOONE);
    assert_int_equal(nodes_put(&n, leader, "a", "one"), 200);
    nodes_add(&n);
    rh_testnet_run(n.net, 5000);
    assert_int_equal(nodes_get(&n, 3, "/raft/state"), 200);
    nodes_says(&n, "\"state\":\"standby\"");

    assert_int_equal(
        nodes_post(&n, leader, "/raft/members", "{\"action\":\"add\",\"node_id\":\"n4\"}"), 200);
    rh_testnet_run(n.net, 3000);
    assert_int_equal(nodes_number(&n, 3, "last_applied"), nodes_number(&n, leader, "commit_index"));
    assert_int_equal(
        nodes_post(&n, leader, "/raft/members", "{\"action\":\"promote\",\"node_id\":\"n4\"}"),
        200);
    assert_int_equal(
        nodes_post(&n, leader, "/raft/members", "{\"action\":\"promote\",\"node_id\":\"n4\"}"),
        409);

    assert_int_equal(nodes_number(&n, leader, "votes_need"), 3);
    assert_int_equal(
        nodes_post(&n, leader, "/raft/members", "{\"action\":\"remove\",\"node_id\":\"n4\"}"), 200);
    rh_testnet_run(n.net, 5000);
    assert_int_equal(nodes_number(&n, leader, "votes_need"), 2);
    assert_int_equal(nodes_get(&n, 3, "/raft/state"), 200);
    nodes_says(&n, "\"state\":\"standby\"");
    nodes_end(&n);
}

static uint32_t raised(const struct nodes *n)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < n->count; i++)
        count += rh_testhost_logged(n->hosts[i], "schema_raised");
    return count;
}

/* n4 is a voter by the log alone, and has the older code. */
static void a_schema_waits_for_the_voters_of_the_log(void **state)
{
    const struct rh_namespace newer_namespace = {.size = sizeof(newer_namespace),
                                                 .flags = RH_NS_REPLICATED,
                                                 .name = "notes",
                                                 .schema_read_min = 1,
                                                 .schema_write_min = 1,
                                                 .schema_write = 2};
    struct rh_plugin newer = notes_descriptor;
    struct nodes n;
    uint32_t leader;

    (void)state;
    newer.namespaces = &newer_namespace;
    nodes_init(&n, 3);
    n.notes = &newer;
    for (uint32_t i = 0; i < 3; i++)
        nodes_add(&n);
    n.notes = NULL;
    nodes_add(&n);
    leader = nodes_await(&n, NODES_NOONE);
    assert_int_equal(
        nodes_post(&n, leader, "/raft/members", "{\"action\":\"add\",\"node_id\":\"n4\"}"), 200);
    rh_testnet_run(n.net, 3000);
    assert_int_equal(
        nodes_post(&n, leader, "/raft/members", "{\"action\":\"promote\",\"node_id\":\"n4\"}"),
        200);
    rh_testnet_run(n.net, 5000);

    assert_int_equal(nodes_put(&n, leader, "a", "one"), 200);
    rh_testnet_run(n.net, 10000);
    assert_int_equal(raised(&n), 0);
    assert_int_equal(
        nodes_post(&n, leader, "/raft/members", "{\"action\":\"remove\",\"node_id\":\"n4\"}"), 200);
    rh_testnet_run(n.net, 5000);

    assert_int_equal(raised(&n), 1);
    assert_int_equal(nodes_put(&n, leader, "b", "two"), 200);
    nodes_end(&n);
}

/* Enough for the host to make a checkpoint. */
static void put_much(struct nodes *n, uint32_t at)
{
    const size_t size = 190000;
    char *body = malloc(size + 64);

    assert_non_null(body);
    for (int i = 0; i < 60; i++) {
        const int head = snprintf(body, 64, "{\"key\":\"k%d\",\"value\":\"", i);

        memset(body + head, 'a' + i % 26, size);
        memcpy(body + (size_t)head + size, "\"}", 3);
        assert_int_equal(nodes_post(n, at, "/notes/put", body), 200);
    }
    free(body);
}

static void a_follower_far_behind_gets_a_snapshot(void **state)
{
    struct nodes n;
    char why[RH_TESTHOST_WHY_MAX];
    uint32_t leader;
    uint32_t away;

    (void)state;
    nodes_init(&n, 3);
    n.config = "{\"trailing\":0}";
    while (n.count < 3)
        nodes_add(&n);
    leader = nodes_await(&n, NODES_NOONE);
    away = (leader + 1) % 3;
    rh_testhost_crash(n.hosts[away]);
    put_much(&n, leader);
    assert_int_equal(nodes_get(&n, leader, "/raft/state"), 200);
    assert_null(strstr(n.reply.body, "\"snapshot\":{\"index\":0"));

    assert_int_equal(rh_testhost_start(n.hosts[away], why), RH_OK);
    rh_testnet_run(n.net, 10000);

    assert_int_equal(nodes_number(&n, away, "last_applied"),
                     nodes_number(&n, leader, "commit_index"));
    assert_true(rh_testhost_logged(n.hosts[away], "raft_installed") > 0);
    rh_testhost_crash(n.hosts[leader]);
    assert_int_equal(nodes_read(&n, nodes_await(&n, leader), "k59"), 200);
    nodes_says(&n, "\"n\":190000");
    nodes_end(&n);
}

static void confirm_at(struct nodes *n, uint32_t at, const char *target, uint32_t status)
{
    char body[64];

    (void)snprintf(body, sizeof(body), "{\"confirm\":\"%s\"}", node_names[at]);
    assert_int_equal(nodes_post(n, at, target, body), status);
}

static void archived_voters_found_no_group_of_their_own(void **state)
{
    struct nodes n;
    char why[RH_TESTHOST_WHY_MAX];
    uint32_t leader;
    uint32_t left;
    uint32_t other;
    char body[64];

    (void)state;
    nodes_start(&n, 3);
    leader = nodes_await(&n, NODES_NOONE);
    assert_int_equal(nodes_put(&n, leader, "a", "one"), 200);
    rh_testnet_run(n.net, 1000);
    left = (leader + 1) % 3;
    other = 3 - leader - left;
    confirm_at(&n, left, "/raft/archive", 409); /* it is led */
    rh_testhost_crash(n.hosts[leader]);
    rh_testhost_crash(n.hosts[other]);
    rh_testnet_run(n.net, 5000);
    confirm_at(&n, left, "/raft/archive", 409); /* nobody has another lineage */
    confirm_at(&n, left, "/raft/recover", 200);
    assert_int_equal(nodes_await(&n, NODES_NOONE), left);
    assert_int_equal(rh_testhost_start(n.hosts[leader], why), RH_OK);
    rh_testnet_run(n.net, 10000);
    assert_int_equal(nodes_get(&n, leader, "/raft/state"), 200);
    nodes_says(&n, "\"error\":\"other_data\"");

    confirm_at(&n, leader, "/raft/archive", 200);
    rh_testhost_crash(n.hosts[left]);
    assert_int_equal(rh_testhost_start(n.hosts[other], why), RH_OK); /* asks the archived one */
    rh_testnet_run(n.net, 20000);
    assert_int_equal(nodes_leader(&n, NODES_NOONE), NODES_NOONE);
    assert_int_equal(nodes_get(&n, leader, "/election/leader"), 200);
    nodes_says(&n, "\"leader\":null");

    assert_int_equal(rh_testhost_start(n.hosts[left], why), RH_OK);
    assert_int_equal(nodes_await(&n, NODES_NOONE), left);
    (void)snprintf(body, sizeof(body), "{\"action\":\"add\",\"node_id\":\"%s\"}",
                   node_names[leader]);
    assert_int_equal(nodes_post(&n, left, "/raft/members", body), 200);
    rh_testnet_run(n.net, 5000);
    assert_int_equal(nodes_number(&n, leader, "last_applied"),
                     nodes_number(&n, left, "commit_index"));
    nodes_end(&n);
}

/* Two crash; the one that is left goes on, and one of the old ones comes back. */
static uint32_t come_back_to_another_lineage(struct nodes *n, uint32_t *left)
{
    char why[RH_TESTHOST_WHY_MAX];
    uint32_t old;

    nodes_start(n, 3);
    old = nodes_await(n, NODES_NOONE);
    assert_int_equal(nodes_put(n, old, "a", "one"), 200);
    rh_testnet_run(n->net, 1000);
    *left = (old + 1) % 3;
    rh_testhost_crash(n->hosts[old]);
    rh_testhost_crash(n->hosts[3 - old - *left]);
    rh_testnet_run(n->net, 5000);
    confirm_at(n, *left, "/raft/recover", 200);
    assert_int_equal(nodes_await(n, NODES_NOONE), *left);
    assert_int_equal(rh_testhost_start(n->hosts[old], why), RH_OK);
    rh_testnet_run(n->net, 10000);
    return old;
}

static void archiving_survives_a_crash_at_any_moment(void **state)
{
    (void)state;
    for (uint32_t ms = 0; ms < 12; ms++) {
        struct nodes n;
        char why[RH_TESTHOST_WHY_MAX];
        char body[64];
        uint32_t left;
        const uint32_t old = come_back_to_another_lineage(&n, &left);

        (void)snprintf(body, sizeof(body), "{\"confirm\":\"%s\"}", node_names[old]);
        (void)rh_testhost_send(n.hosts[old], "POST", "/raft/archive", body);
        rh_testnet_run(n.net, ms);
        rh_testhost_crash(n.hosts[old]);
        assert_int_equal(rh_testhost_start(n.hosts[old], why), RH_OK);
        rh_testnet_run(n.net, 5000);

        assert_int_equal(nodes_get(&n, old, "/raft/state"), 200);
        if (strstr(n.reply.body, "\"lineage\":\"1\"")) { /* nothing was on disk: as before */
            nodes_says(&n, "\"error\":\"other_data\"");
            confirm_at(&n, old, "/raft/archive", 200);
        }
        assert_int_equal(nodes_number(&n, old, "last_applied"), 0);
        nodes_says(&n, "\"lineage\":\"0\"");
        nodes_end(&n);
    }
}

static void a_lost_majority_is_recovered_with_one_node(void **state)
{
    struct nodes n;
    char body[64];
    char why[RH_TESTHOST_WHY_MAX];
    uint32_t leader;
    uint32_t left;

    (void)state;
    nodes_start(&n, 3);
    leader = nodes_await(&n, NODES_NOONE);
    assert_int_equal(nodes_put(&n, leader, "a", "one"), 200);
    left = (leader + 1) % 3;
    rh_testnet_run(n.net, 1000);
    (void)snprintf(body, sizeof(body), "{\"confirm\":\"%s\"}", node_names[left]);
    assert_int_equal(nodes_post(&n, left, "/raft/recover", body), 409); /* there is a leader */
    rh_testhost_crash(n.hosts[leader]);
    rh_testhost_crash(n.hosts[3 - leader - left]);
    rh_testnet_run(n.net, 5000);

    assert_int_equal(nodes_post(&n, left, "/raft/recover", body), 200);

    assert_int_equal(nodes_await(&n, NODES_NOONE), left);
    assert_int_equal(nodes_read(&n, left, "a"), 200);
    nodes_says(&n, "\"value\":\"one\"");
    assert_int_equal(nodes_put(&n, left, "b", "two"), 200);
    assert_int_equal(rh_testhost_start(n.hosts[leader], why), RH_OK); /* the old lineage */
    rh_testnet_run(n.net, 10000);
    assert_int_equal(nodes_leader(&n, left), NODES_NOONE);
    nodes_end(&n);
}

static void removed_voters_elect_nobody_and_follow(void **state)
{
    struct nodes n;
    uint32_t leader;
    char body[64];

    (void)state;
    nodes_start(&n, 3);
    leader = nodes_await(&n, NODES_NOONE);
    assert_int_equal(nodes_put(&n, leader, "a", "one"), 200);
    for (uint32_t i = 0; i < 3; i++) {
        if (i == leader)
            continue;
        (void)snprintf(body, sizeof(body), "{\"action\":\"remove\",\"node_id\":\"%s\"}",
                       node_names[i]);
        assert_int_equal(nodes_post(&n, leader, "/raft/members", body), 200);
    }
    rh_testnet_run(n.net, 10000);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(nodes_get(&n, i, "/election/leader"), 200);
        nodes_says(&n, "\"leader\":\"n");
        nodes_says(&n, node_names[leader]);
        assert_int_equal(nodes_read(&n, i, "a"), 200); /* forwarded */
    }

    nodes_isolate(&n, leader, true);
    rh_testnet_run(n.net, 30000);

    for (uint32_t i = 0; i < 3; i++) {
        if (i == leader)
            continue;
        assert_int_equal(nodes_get(&n, i, "/election/leader"), 200);
        nodes_says(&n, "\"leader\":null");
        assert_int_not_equal(nodes_put(&n, i, "b", "lost"), 200);
    }
    nodes_end(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_note_is_kept_by_all_and_survives_the_leader),
        cmocka_unit_test(a_restarted_group_has_everything),
        cmocka_unit_test(without_a_majority_nothing_is_acknowledged),
        cmocka_unit_test(election_stands_by_where_raft_leads),
        cmocka_unit_test(the_host_believes_as_long_as_raft_does),
        cmocka_unit_test(leadership_is_handed_over_on_request),
        cmocka_unit_test(a_new_node_becomes_a_learner_and_then_a_voter),
        cmocka_unit_test(a_schema_waits_for_the_voters_of_the_log),
        cmocka_unit_test(a_follower_far_behind_gets_a_snapshot),
        cmocka_unit_test(a_lost_majority_is_recovered_with_one_node),
        cmocka_unit_test(archiving_survives_a_crash_at_any_moment),
        cmocka_unit_test(archived_voters_found_no_group_of_their_own),
        cmocka_unit_test(removed_voters_elect_nobody_and_follow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
