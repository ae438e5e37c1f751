/* Where the replicated namespaces are at home: claim, return, adoption, and that nothing forks. */
#include <stdio.h>
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include "host/core/core_internal.h"
#include "host/sim/sim.h"
#include "tests/host/core/life_net.h"

static const char put_a[] = "{\"key\":\"a\",\"value\":\"one\"}";
static const char put_b[] = "{\"key\":\"b\",\"value\":\"two\"}";

static struct rh_leader view(const struct life_script *script)
{
    struct rh_leader leader = {.size = (uint32_t)sizeof leader};

    script->rh->cluster->leader(script->rh->ctx, &leader);
    return leader;
}

/* Start three nodes and store a=one; the leader, whose home it now is. */
static uint32_t start_with_a_home(struct life_cluster *c, uint64_t seed)
{
    uint32_t home;

    life_cluster_start(c, 3, seed);
    home = life_cluster_await(c, 3);
    rh_testnet_run(c->net, 3000);
    assert_int_equal(life_cluster_post(c, home, "/life/put", put_a), 200);
    rh_testnet_run(c->net, 5000);
    return home;
}

static void the_first_committer_becomes_home_and_all_know(void **state)
{
    struct life_cluster c;
    uint32_t home;

    (void)state;

    home = start_with_a_home(&c, 1);

    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(view(&c.scripts[i]).home.n, 2);
        assert_true(rh_str_eq(view(&c.scripts[i]).home, view(&c.scripts[home]).node_id));
    }
    life_cluster_end(&c);
}

static void a_leader_without_commits_is_no_home(void **state)
{
    struct life_cluster c;
    uint32_t leader;

    (void)state;
    life_cluster_start(&c, 3, 2);
    leader = life_cluster_await(&c, 3);

    assert_int_equal(life_cluster_get(&c, leader, "/life/get?key=a"), 200);

    assert_int_equal(view(&c.scripts[leader]).home.n, 0);
    life_cluster_end(&c);
}

static void the_first_commit_waits_for_a_majority_that_has_the_claim(void **state)
{
    struct life_cluster c;
    uint32_t leader;
    uint64_t put;

    (void)state;
    life_cluster_start(&c, 3, 3);
    leader = life_cluster_await(&c, 3);
    rh_testnet_run(c.net, 3000);
    life_cluster_isolate(&c, leader, true); /* it leads until its lease ends */

    put = rh_testhost_send(c.hosts[leader], "POST", "/life/put", put_a);
    rh_testnet_run(c.net, 500);
    assert_int_equal(rh_testhost_logged(c.hosts[leader], "home_claimed"), 1);
    assert_false(rh_testhost_answer(c.hosts[leader], put, &c.reply));
    rh_testnet_run(c.net, 30000);

    assert_true(rh_testhost_answer(c.hosts[leader], put, &c.reply));
    assert_int_equal(c.reply.status, 503);
    life_cluster_end(&c);
}

static void without_its_home_the_state_is_elsewhere_and_named(void **state)
{
    static const char *const names[] = {"\"home\":\"n1\"", "\"home\":\"n2\"", "\"home\":\"n3\""};
    struct life_cluster c;
    uint32_t home;
    uint32_t other;

    (void)state;
    home = start_with_a_home(&c, 4);

    rh_testhost_crash(c.hosts[home]);
    other = life_cluster_await(&c, home);
    rh_testnet_run(c.net, 2000);

    for (uint32_t i = 0; i < 3; i++) {
        if (i == home)
            continue;
        assert_int_equal(life_cluster_get(&c, i, "/life/get?key=a"), 503);
        life_cluster_says(&c, "\"code\":\"state_elsewhere\"");
        life_cluster_says(&c, names[home]);
    }
    assert_int_equal(c.scripts[other].activations, 0);
    life_cluster_end(&c);
}

static void routes_without_replicated_state_are_led_although_the_state_is_elsewhere(void **state)
{
    struct life_cluster c;
    uint32_t home;
    uint32_t other;

    (void)state;
    home = start_with_a_home(&c, 4);
    rh_testhost_crash(c.hosts[home]);
    other = life_cluster_await(&c, home);

    assert_int_equal(life_cluster_post(&c, other, "/election/step-down", "{\"hold_ms\":60000}"),
                     200);
    rh_testnet_run(c.net, 10000);

    assert_int_not_equal(life_cluster_leader(&c), other);
    life_cluster_end(&c);
}

static void leadership_and_state_return_with_the_home(void **state)
{
    char why[RH_TESTHOST_WHY_MAX];
    struct life_cluster c;
    uint32_t home;

    (void)state;
    home = start_with_a_home(&c, 5);
    rh_testhost_crash(c.hosts[home]);
    (void)life_cluster_await(&c, home);
    rh_testnet_run(c.net, 10000);

    assert_int_equal(rh_testhost_start(c.hosts[home], why), RH_OK);
    rh_testnet_run(c.net, 60000);

    assert_int_equal(life_cluster_leader(&c), home);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(life_cluster_get(&c, i, "/life/get?key=a"), 200);
        life_cluster_says(&c, "\"value\":\"one\"");
    }
    assert_int_equal(life_cluster_post(&c, (home + 1) % 3, "/life/put", put_b), 200);
    life_cluster_end(&c);
}

static uint32_t files_like(const struct rh_testhost *host, const char *word)
{
    uint32_t cursor = 0;
    uint32_t count = 0;
    struct rh_str name;

    while (sim_disk_next(host->storage.disk, &cursor, &name))
        count += memmem(name.p, name.n, word, strlen(word)) != NULL;
    return count;
}

static void only_the_leader_may_adopt(void **state)
{
    struct life_cluster c;
    uint32_t home;
    uint32_t leader;

    (void)state;
    home = start_with_a_home(&c, 6);
    rh_testhost_crash(c.hosts[home]);
    leader = life_cluster_await(&c, home);

    for (uint32_t i = 0; i < 3; i++)
        if (i != home && i != leader)
            assert_int_equal(life_cluster_post(&c, i, "/admin/state/adopt", NULL), 503);

    assert_int_equal(rh_testhost_logged(c.hosts[leader], "state_adopted"), 0);
    life_cluster_end(&c);
}

static void an_adoption_that_was_answered_survives_a_crash(void **state)
{
    char why[RH_TESTHOST_WHY_MAX];
    struct life_cluster c;
    uint32_t home;
    uint32_t leader;

    (void)state;
    home = start_with_a_home(&c, 7);
    rh_testhost_crash(c.hosts[home]);
    leader = life_cluster_await(&c, home);

    assert_int_equal(life_cluster_post(&c, leader, "/admin/state/adopt", NULL), 200);
    rh_testhost_crash(c.hosts[leader]);
    assert_int_equal(rh_testhost_start(c.hosts[leader], why), RH_OK);

    assert_string_equal(c.hosts[leader]->core->lead.home_node, c.hosts[leader]->node_id);
    life_cluster_end(&c);
}

static void adopting_makes_a_new_home_that_serves(void **state)
{
    struct life_cluster c;
    uint32_t home;
    uint32_t leader;

    (void)state;
    home = start_with_a_home(&c, 7);
    rh_testhost_crash(c.hosts[home]);
    leader = life_cluster_await(&c, home);

    assert_int_equal(life_cluster_post(&c, leader, "/admin/state/adopt", NULL), 200);
    rh_testnet_run(c.net, 5000);

    assert_int_equal(life_cluster_post(&c, leader, "/life/put", put_b), 200);
    assert_int_equal(life_cluster_get(&c, leader, "/life/get?key=a"), 200);
    life_cluster_says(&c, "\"found\":false");
    life_cluster_end(&c);
}

static void the_old_home_that_returns_sets_its_data_aside(void **state)
{
    char why[RH_TESTHOST_WHY_MAX];
    struct life_cluster c;
    uint32_t home;
    uint32_t leader;

    (void)state;
    home = start_with_a_home(&c, 8);
    rh_testhost_crash(c.hosts[home]);
    leader = life_cluster_await(&c, home);
    assert_int_equal(life_cluster_post(&c, leader, "/admin/state/adopt", NULL), 200);
    rh_testnet_run(c.net, 5000);
    assert_int_equal(life_cluster_post(&c, leader, "/life/put", put_b), 200);
    assert_int_equal(files_like(c.hosts[home], "superseded"), 0);

    assert_int_equal(rh_testhost_start(c.hosts[home], why), RH_OK);
    rh_testnet_run(c.net, 60000);

    assert_int_equal(rh_testhost_logged(c.hosts[home], "state_superseded"), 1);
    assert_int_equal(files_like(c.hosts[home], "superseded"), 1);
    assert_int_equal(life_cluster_leader(&c), leader);
    assert_int_equal(life_cluster_get(&c, home, "/life/get?key=b"), 200);
    life_cluster_says(&c, "\"value\":\"two\"");
    life_cluster_end(&c);
}

static void a_home_that_dies_before_setting_its_data_aside_does_it_at_the_next_start(void **state)
{
    char why[RH_TESTHOST_WHY_MAX];
    struct life_cluster c;
    uint32_t home;
    uint32_t leader;
    int64_t until_us;
    char claim[128];

    (void)state;
    home = start_with_a_home(&c, 9);
    rh_testhost_crash(c.hosts[home]);
    leader = life_cluster_await(&c, home);
    assert_int_equal(life_cluster_post(&c, leader, "/admin/state/adopt", NULL), 200);
    rh_testnet_run(c.net, 5000);
    assert_int_equal(rh_testhost_start(c.hosts[home], why), RH_OK);
    until_us = c.net->now_us + 60000000;
    do {
        assert_true(sim_step(c.net, until_us));
        assert_int_equal(host_get(c.hosts[home]->core, "home", claim, sizeof claim), RH_OK);
    } while (!strchr(claim, '!'));
    assert_int_equal(files_like(c.hosts[home], "superseded"), 0);

    rh_testhost_crash(c.hosts[home]);
    assert_int_equal(rh_testhost_start(c.hosts[home], why), RH_OK);
    rh_testnet_run(c.net, 60000);

    assert_int_equal(files_like(c.hosts[home], "superseded"), 1);
    assert_int_equal(state_replica_used(c.hosts[home]->core->state), 0);
    assert_int_equal(life_cluster_leader(&c), leader);
    life_cluster_end(&c);
}

/* --- a provider in the test's hand --- */

static void claim_learned(void *self, void *user, int32_t rc)
{
    char stored[128] = "";

    assert_int_equal(host_get(life_script_of(self)->rh->ctx->core, "home", stored, sizeof stored),
                     RH_OK);
    life_text_add(life_script_of(self)->trace, "learned:%s:%d:%s ", (const char *)user, rc,
                  stored[0] ? "durable" : "not-yet");
}

static char first_name[] = "first";
static char second_name[] = "second";

static void learn_twice(void *self, void *script)
{
    const struct rh_home claim = {
        .size = (uint32_t)sizeof claim, .epoch = 3, .node_id = RH_STR_LIT("n2")};
    struct life_script *s = script;

    (void)self;
    assert_int_equal(s->leader->learn_home(s->rh->ctx, &claim, claim_learned, first_name), RH_OK);
    assert_int_equal(s->leader->learn_home(s->rh->ctx, &claim, claim_learned, second_name), RH_OK);
}

static void start_led(struct life_node *n)
{
    life_node_init(n);
    if (life_node_begin(n, LIFE_LEADS | LIFE_REPLICATED | LIFE_ROUTES) != RH_OK)
        fail_msg("%s", n->why);
    rh_testnet_run(n->net, 1000);
}

static void a_claim_is_acknowledged_only_when_it_is_durable_also_the_second_time(void **state)
{
    struct life_node n;

    (void)state;
    start_led(&n);

    life_call(n.net, &n.script, learn_twice, 100);

    assert_int_equal(life_text_count(&n.trace, "learned:first:0:durable"), 1);
    assert_int_equal(life_text_count(&n.trace, "learned:second:0:durable"), 1);
    life_node_end(&n);
}

static void learn_lesser(void *self, void *script)
{
    const struct rh_home claim = {
        .size = (uint32_t)sizeof claim, .epoch = 2, .node_id = RH_STR_LIT("n9")};
    struct life_script *s = script;

    (void)self;
    assert_int_equal(s->leader->learn_home(s->rh->ctx, &claim, claim_learned, first_name), RH_OK);
}

static void a_lesser_claim_changes_nothing(void **state)
{
    struct life_node n;

    (void)state;
    start_led(&n);
    life_call(n.net, &n.script, learn_twice, 100);

    life_call(n.net, &n.script, learn_lesser, 100);

    assert_string_equal(view(&n.script).home.p, "n2");
    life_node_end(&n);
}

static void a_claim_is_confirmed_only_for_its_own_epoch(void **state)
{
    struct rh_testhost_reply reply;
    struct life_node n;
    uint64_t put;

    (void)state;
    start_led(&n);
    assert_int_equal(n.script.leader->leading(n.script.rh->ctx, 5, INT64_MAX, 2, 2), RH_OK);
    rh_testnet_run(n.net, 100);
    put = rh_testhost_send(n.host, "POST", "/life/put", put_a);
    rh_testnet_run(n.net, 100);
    assert_true(n.script.homes > 0);

    assert_int_equal(n.script.leader->home_confirmed(n.script.rh->ctx, 4), RH_ESTALE);
    rh_testnet_run(n.net, 100);
    assert_false(rh_testhost_answer(n.host, put, &reply));
    assert_int_equal(n.script.leader->home_confirmed(n.script.rh->ctx, 5), RH_OK);
    rh_testnet_run(n.net, 100);

    assert_true(rh_testhost_answer(n.host, put, &reply));
    assert_int_equal(reply.status, 200);
    life_node_end(&n);
}

static void a_claim_that_is_refused_leaves_no_batch_and_no_home_behind(void **state)
{
    struct life_node n;
    struct core *core;

    (void)state;
    start_led(&n);
    assert_int_equal(n.script.leader->leading(n.script.rh->ctx, 5, INT64_MAX, 2, 2), RH_OK);
    rh_testnet_run(n.net, 100);
    core = n.host->core;
    while (host_put(core, "filler", RH_STR_LIT("x"), NULL, NULL) == RH_OK) {
    }

    assert_int_equal(home_propose(core, 1, RH_STR_LIT("batch")), RH_EAGAIN);

    assert_string_equal(core->lead.home_node, "");
    assert_int_equal(core->lead.gate_count, 0);
    rh_testnet_run(n.net, 1000);
    assert_int_equal(rh_testhost_logged(n.host, "home_claimed"), 0);
    life_node_end(&n);
}

static void commits_behind_an_unconfirmed_claim_fail_when_leadership_is_lost(void **state)
{
    struct rh_testhost_reply reply;
    struct life_node n;
    uint64_t put;

    (void)state;
    start_led(&n);
    assert_int_equal(n.script.leader->leading(n.script.rh->ctx, 5, INT64_MAX, 2, 2), RH_OK);
    rh_testnet_run(n.net, 100);
    put = rh_testhost_send(n.host, "POST", "/life/put", put_a);
    rh_testnet_run(n.net, 100);

    assert_int_equal(n.script.leader->leaderless(n.script.rh->ctx, 5, "no votes", 1, 2), RH_OK);
    rh_testnet_run(n.net, 100);

    assert_true(rh_testhost_answer(n.host, put, &reply));
    assert_int_equal(reply.status, 503);
    assert_int_equal(n.script.leader->leading(n.script.rh->ctx, 6, INT64_MAX, 2, 2), RH_OK);
    rh_testnet_run(n.net, 100);
    assert_int_equal(life_node_get(&n, "/life/get?key=a"), 200);
    life_node_says(&n, "\"found\":false");
    life_node_end(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_committer_becomes_home_and_all_know),
        cmocka_unit_test(a_leader_without_commits_is_no_home),
        cmocka_unit_test(the_first_commit_waits_for_a_majority_that_has_the_claim),
        cmocka_unit_test(without_its_home_the_state_is_elsewhere_and_named),
        cmocka_unit_test(routes_without_replicated_state_are_led_although_the_state_is_elsewhere),
        cmocka_unit_test(leadership_and_state_return_with_the_home),
        cmocka_unit_test(only_the_leader_may_adopt),
        cmocka_unit_test(an_adoption_that_was_answered_survives_a_crash),
        cmocka_unit_test(adopting_makes_a_new_home_that_serves),
        cmocka_unit_test(the_old_home_that_returns_sets_its_data_aside),
        cmocka_unit_test(a_home_that_dies_before_setting_its_data_aside_does_it_at_the_next_start),
        cmocka_unit_test(a_claim_is_acknowledged_only_when_it_is_durable_also_the_second_time),
        cmocka_unit_test(a_lesser_claim_changes_nothing),
        cmocka_unit_test(a_claim_is_confirmed_only_for_its_own_epoch),
        cmocka_unit_test(a_claim_that_is_refused_leaves_no_batch_and_no_home_behind),
        cmocka_unit_test(commits_behind_an_unconfirmed_claim_fail_when_leadership_is_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
