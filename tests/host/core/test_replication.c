/* Replicated namespaces with a provider: who decides, what is applied where, when plugins are
 * active. */
#include <stdio.h>
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include <ringhost/sdk/error.h>

#include "host/core/core_internal.h"
#include "host/core/state_impl.h"
#include "tests/host/core/agree_net.h"

static int setup(void **fixture)
{
    static struct agree_net net;

    agree_net_init(&net, 3);
    *fixture = &net;
    return 0;
}

static int teardown(void **fixture)
{
    agree_net_end(*fixture);
    return 0;
}

static void a_put_on_the_leader_is_on_all_nodes(void **fixture)
{
    struct agree_net *n = *fixture;
    agree_net_start(n);

    assert_int_equal(agree_net_put(n, 0, "a", "one"), 200);
    agree_net_run(n, 1000);

    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(agree_net_index(n, i), n->all->commit);
    assert_int_equal(n->scripts[1].activations, 0); /* followers apply with no plugin code */
    assert_int_equal(n->scripts[2].activations, 0);
    agree_net_is_equal(n);
}

static void a_put_elsewhere_is_forwarded_to_the_leader(void **fixture)
{
    struct agree_net *n = *fixture;
    agree_net_start(n);

    assert_int_equal(agree_net_put(n, 2, "a", "one"), 200);

    assert_string_equal(n->reply.node_id, "n1");
    assert_int_equal(agree_net_get(n, 1, "a"), 200);
    agree_net_says(n, "\"value\":\"one\"");
}

static void a_new_leader_sees_everything_acknowledged_before(void **fixture)
{
    struct agree_net *n = *fixture;
    agree_net_start(n);
    for (uint32_t i = 0; i < 20; i++)
        assert_int_equal(agree_net_put(n, 0, "a", i % 2 ? "odd" : "even"), 200);
    assert_int_equal(agree_net_put(n, 0, "a", "last"), 200);
    n->all->nodes[1].is_stuck = true; /* it has applied nothing of late */
    assert_int_equal(agree_net_put(n, 0, "b", "late"), 200);
    rh_testhost_crash(n->hosts[0]);

    agree_lead(n->all, 1);
    agree_net_run(n, 1000);
    assert_int_equal(n->scripts[1].activations, 0); /* it leads, but may not load yet */
    assert_int_equal(agree_net_get(n, 1, "b"), 503);
    agree_net_says(n, "\"code\":\"loading\"");
    agree_net_says(n, "no entry of epoch");
    n->all->nodes[1].is_stuck = false;
    agree_net_run(n, 1000);

    assert_int_equal(n->scripts[1].activations, 1);
    assert_int_equal(agree_net_get(n, 1, "a"), 200);
    agree_net_says(n, "last");
    assert_int_equal(agree_net_get(n, 1, "b"), 200);
    agree_net_says(n, "late");
    agree_net_is_equal(n);
}

static void a_lost_leadership_ends_the_activation(void **fixture)
{
    struct agree_net *n = *fixture;
    agree_net_start(n);

    agree_net_lead(n, 2);

    assert_int_equal(n->scripts[0].deactivations, 1);
    assert_int_equal(n->scripts[2].activations, 1);
    assert_int_equal(n->scripts[2].epoch, n->all->epoch);
}

static void a_new_epoch_of_the_same_leader_is_a_new_activation(void **fixture)
{
    struct agree_net *n = *fixture;
    agree_net_start(n);

    agree_net_lead(n, 0);

    assert_int_equal(n->scripts[0].activations, 2);
    assert_int_equal(n->scripts[0].epoch, n->all->epoch);
}

static void an_answer_waits_until_its_batch_is_agreed_on(void **fixture)
{
    struct agree_net *n = *fixture;
    uint64_t put;
    agree_net_start(n);
    agree_hold(n->all, true);

    put = rh_testhost_send(n->hosts[0], "POST", "/life/put", "{\"key\":\"a\",\"value\":\"v\"}");
    agree_net_run(n, 1000);
    assert_false(rh_testhost_answer(n->hosts[0], put, &n->reply));
    agree_hold(n->all, false);
    agree_net_run(n, 1000);

    assert_true(rh_testhost_answer(n->hosts[0], put, &n->reply));
    assert_int_equal(n->reply.status, 200);
}

static void a_proposal_given_up_is_unknown_and_reactivates(void **fixture)
{
    struct agree_net *n = *fixture;
    uint64_t put;
    agree_net_start(n);
    agree_hold(n->all, true);
    put = rh_testhost_send(n->hosts[0], "POST", "/life/put", "{\"key\":\"a\",\"value\":\"v\"}");
    agree_net_run(n, 200);

    agree_lead(n->all, 1); /* what was not agreed on is gone */
    agree_hold(n->all, false);
    agree_net_run(n, 1000);

    assert_true(rh_testhost_answer(n->hosts[0], put, &n->reply));
    assert_int_equal(n->reply.status, 503);
    assert_int_equal(n->scripts[0].deactivations, 1);
    assert_int_equal(agree_net_get(n, 1, "a"), 200);
    agree_net_says(n, "\"found\":false");
}

static void a_refused_proposal_is_not_applied(void **fixture)
{
    struct agree_net *n = *fixture;
    agree_net_start(n);

    n->all->nodes[0].propose_rc = RH_ENOTLEADER;
    assert_int_equal(agree_net_put(n, 0, "a", "v"), 503);
    agree_net_says(n, "not_leader");
    n->all->nodes[0].propose_rc = RH_OK;
    agree_net_run(n, 2000);

    assert_int_equal(agree_net_get(n, 0, "a"), 200);
    agree_net_says(n, "\"found\":false");
    assert_int_equal(agree_net_put(n, 0, "a", "w"), 200);
}

static void a_provider_with_too_much_under_way_is_asked_again(void **fixture)
{
    struct agree_net *n = *fixture;
    uint64_t puts[3];
    agree_net_start(n);
    n->all->nodes[0].propose_rc = RH_EAGAIN;

    for (int i = 0; i < 3; i++)
        puts[i] = rh_testhost_send(n->hosts[0], "POST", "/life/put",
                                   i == 2 ? "{\"key\":\"a\",\"value\":\"last\"}"
                                          : "{\"key\":\"a\",\"value\":\"v\"}");
    agree_net_run(n, 500);
    assert_false(rh_testhost_answer(n->hosts[0], puts[0], &n->reply));
    n->all->nodes[0].propose_rc = RH_OK;
    agree_net_run(n, 500);

    for (int i = 0; i < 3; i++) {
        assert_true(rh_testhost_answer(n->hosts[0], puts[i], &n->reply));
        assert_int_equal(n->reply.status, 200);
    }
    assert_int_equal(n->scripts[0].activations, 1); /* no reason to load anew */
    assert_int_equal(agree_net_get(n, 0, "a"), 200);
    agree_net_says(n, "last");
}

static void commit_with_check(void *self, void *script)
{
    struct life_script *s = script;
    const struct rh_op ops[] = {
        {.size = sizeof(struct rh_op), .op = RH_OP_CHECK, .key = RH_STR_LIT("a"), .version = 77},
        {.size = sizeof(struct rh_op),
         .op = RH_OP_PUT,
         .key = RH_STR_LIT("a"),
         .value = RH_STR_LIT("never")},
    };
    const struct rh_batch batch = {.size = sizeof batch,
                                   .name_space = "life",
                                   .ops = ops,
                                   .op_count = 2,
                                   .op_stride = sizeof ops[0]};

    (void)self;
    s->event_rc = s->rh->state->commit(s->rh->ctx, &batch, NULL, NULL);
}

static void a_conflict_is_the_same_on_all_nodes(void **fixture)
{
    struct agree_net *n = *fixture;
    agree_net_start(n);
    assert_int_equal(agree_net_put(n, 0, "a", "one"), 200);

    life_call(n->net, &n->scripts[0], commit_with_check, 500);
    assert_int_equal(agree_net_put(n, 0, "b", "two"), 200);
    agree_net_run(n, 500);

    assert_int_equal(n->scripts[0].event_rc, RH_OK);
    assert_int_equal(agree_net_get(n, 0, "a"), 200);
    agree_net_says(n, "\"value\":\"one\"");
    agree_net_is_equal(n);
}

static void groups_of_any_size_give_the_same_state(void **fixture)
{
    struct agree_net *n = *fixture;
    char body[96];
    agree_net_start(n);
    n->all->nodes[2].is_stuck = true; /* it gets all in one group, the others in many */

    for (uint32_t i = 0; i < 300; i++) {
        (void)snprintf(body, sizeof body, "{\"key\":\"k%u\",\"value\":\"%u\"}", i % 7,
                       i); /* fits */
        (void)rh_testhost_send(n->hosts[0], "POST", "/life/put", body);
        if (i % 10 == 0)
            agree_net_run(n, 20);
    }
    agree_net_run(n, 2000);
    n->all->nodes[2].is_stuck = false;
    agree_net_run(n, 2000);

    assert_int_equal(agree_net_index(n, 2), n->all->commit);
    agree_net_is_equal(n);
}

static void cluster_events_have_the_same_ids_everywhere(void **fixture)
{
    struct agree_net *n = *fixture;
    uint64_t streams[3];
    agree_net_start(n);
    for (uint32_t i = 0; i < 3; i++)
        streams[i] = rh_testhost_send(n->hosts[i], "GET", "/events", NULL);
    agree_net_run(n, 100);

    assert_int_equal(life_put(&n->scripts[0], "a", "v", "THING_HAPPENED", "{\"n\":1}"), RH_OK);
    agree_net_run(n, 1000);

    for (uint32_t i = 0; i < 3; i++) {
        const char *text = rh_testhost_streamed(n->hosts[i], streams[i]);

        assert_non_null(strstr(text, "event: THING_HAPPENED"));
        assert_non_null(strstr(text, "\"id\":\"life:1:0\""));
        assert_non_null(strstr(text, "\"node_id\":\"n1\",\"at\""));
    }
}

static void a_restart_goes_on_where_it_was(void **fixture)
{
    struct agree_net *n = *fixture;
    char why[RH_TESTHOST_WHY_MAX];
    uint64_t index;
    agree_net_start(n);
    assert_int_equal(agree_net_put(n, 0, "a", "one"), 200);
    agree_net_run(n, 500);
    index = agree_net_index(n, 1);
    rh_testhost_crash(n->hosts[1]);
    assert_int_equal(agree_net_put(n, 0, "b", "two"), 200);

    assert_int_equal(rh_testhost_start(n->hosts[1], why), RH_OK);
    agree_net_run(n, 1000);

    assert_true(n->all->nodes[1].next > index + 1);
    assert_int_equal(agree_net_index(n, 1), n->all->commit);
    agree_net_is_equal(n);
}

static void there_is_no_home_and_nothing_to_adopt(void **fixture)
{
    struct rh_leader leader = {.size = (uint32_t)sizeof leader};
    struct agree_net *n = *fixture;
    agree_net_start(n);
    assert_int_equal(agree_net_put(n, 0, "a", "one"), 200);

    n->scripts[0].rh->cluster->leader(n->scripts[0].rh->ctx, &leader);

    assert_int_equal(leader.home.n, 0);
    assert_int_equal(
        rh_testhost_request(n->hosts[0], "POST", "/admin/state/adopt", NULL, &n->reply), 409);
    agree_net_says(n, "the state is replicated");
    assert_int_equal(rh_testhost_logged(n->hosts[0], "home_claimed"), 0);
}

static void a_provider_learns_what_is_applied_and_what_is_durable(void **fixture)
{
    struct agree_net *n = *fixture;
    struct agree_node *node = &n->all->nodes[1];
    agree_net_start(n);
    assert_int_equal(agree_net_put(n, 0, "a", "one"), 200);
    agree_net_run(n, 500);
    assert_int_equal(node->applied_index, n->all->commit);
    assert_int_equal(node->applied_term, n->all->epoch);
    assert_int_equal(node->checkpointed, 0); /* not flushed: the log has it */

    state_checkpoint(agree_net_core(n, 1)->state);
    assert_int_equal(agree_net_put(n, 0, "a", "two"), 200);
    agree_net_run(n, 500);

    assert_true(node->checkpointed >= 2); /* the first batch: the leader's own entry is 1 */
}

static void health_says_whose_log_decides_and_how_far(void **fixture)
{
    struct agree_net *n = *fixture;
    n->all->nodes[2].stands_by = true;
    agree_net_start(n);

    assert_int_equal(rh_testhost_request(n->hosts[1], "GET", "/admin/health", NULL, &n->reply),
                     200);
    agree_net_says(n, "\"replication\":{\"member\":true,\"provider\":\"agree\",\"applied_index\":1,"
                      "\"applied_term\":1}");
    assert_int_equal(rh_testhost_request(n->hosts[2], "GET", "/admin/health", NULL, &n->reply),
                     200);
    agree_net_says(n, "\"replication\":{\"member\":false,\"provider\":\"\"");
}

#define EACH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(a_put_on_the_leader_is_on_all_nodes),
        EACH(a_put_elsewhere_is_forwarded_to_the_leader),
        EACH(a_new_leader_sees_everything_acknowledged_before),
        EACH(a_lost_leadership_ends_the_activation),
        EACH(a_new_epoch_of_the_same_leader_is_a_new_activation),
        EACH(an_answer_waits_until_its_batch_is_agreed_on),
        EACH(a_proposal_given_up_is_unknown_and_reactivates),
        EACH(a_refused_proposal_is_not_applied),
        EACH(a_provider_with_too_much_under_way_is_asked_again),
        EACH(a_conflict_is_the_same_on_all_nodes),
        EACH(groups_of_any_size_give_the_same_state),
        EACH(cluster_events_have_the_same_ids_everywhere),
        EACH(a_restart_goes_on_where_it_was),
        EACH(there_is_no_home_and_nothing_to_adopt),
        EACH(a_provider_learns_what_is_applied_and_what_is_durable),
        EACH(health_says_whose_log_decides_and_how_far),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
