/* rh.state/1's barrier: confirmed by the provider, and everything up to there applied. */
#include "tests/host/core/cmocka_all.h"

#include <ringhost/sdk/error.h>

#include "host/core/core_internal.h"
#include "tests/host/core/agree_net.h"

static int setup(void **fixture)
{
    static struct agree_net net;

    agree_net_init(&net, 2);
    *fixture = &net;
    return 0;
}

static int teardown(void **fixture)
{
    agree_net_end(*fixture);
    return 0;
}

static void on_barrier(void *self, void *user, int32_t rc)
{
    struct life_script *s = life_script_of(self);

    (void)user;
    life_text_add(s->trace, "barrier:%s ", rc == RH_OK ? "ok" : rh_error_token(rc));
}

static void ask(void *self, void *script)
{
    struct life_script *s = script;

    (void)self;
    s->event_rc = s->rh->state->barrier(s->rh->ctx, on_barrier, NULL);
}

static void ask_thrice(void *self, void *script)
{
    for (int i = 0; i < 3; i++)
        ask(self, script);
}

static void a_barrier_waits_for_the_provider(void **fixture)
{
    struct agree_net *n = *fixture;
    agree_net_start(n);
    agree_hold(n->all, true);

    life_call(n->net, &n->scripts[0], ask, 500);
    assert_int_equal(n->scripts[0].event_rc, RH_OK);
    assert_int_equal(n->all->nodes[0].barriers_asked, 1);
    assert_int_equal(life_text_count(&n->traces[0], "barrier:ok"), 0);
    agree_hold(n->all, false);
    agree_net_run(n, 500);

    assert_int_equal(life_text_count(&n->traces[0], "barrier:ok"), 1);
}

static void a_barrier_waits_until_all_that_was_handed_in_is_applied(void **fixture)
{
    struct agree_net *n = *fixture;
    struct core *core;
    struct agree_node *node = &n->all->nodes[0];
    agree_net_start(n);
    core = agree_net_core(n, 0);
    node->is_stuck = true;
    life_call(n->net, &n->scripts[0], ask, 5);

    assert_int_equal(
        node->host->committed(node->rh->ctx, node->next, n->all->epoch, 0, RH_STR_LIT("")), RH_OK);
    barriers_answered(core, node->barriers[0], RH_OK);
    assert_non_null(core->repl.barriers); /* the entry is taken, not applied */
    agree_net_run(n, 5);

    assert_null(core->repl.barriers);
    assert_int_equal(life_text_count(&n->traces[0], "barrier:ok"), 1);
}

static void barriers_of_one_turn_share_a_question(void **fixture)
{
    struct agree_net *n = *fixture;
    agree_net_start(n);

    life_call(n->net, &n->scripts[0], ask_thrice, 500);

    assert_int_equal(n->all->nodes[0].barriers_asked, 1);
    assert_int_equal(life_text_count(&n->traces[0], "barrier:ok"), 3);
}

static void a_leader_that_was_deposed_says_so(void **fixture)
{
    struct agree_net *n = *fixture;
    agree_net_start(n);
    n->all->nodes[0].is_cut = true;

    agree_lead(n->all, 1); /* n1 has not heard of it, and still believes that it leads */
    life_call(n->net, &n->scripts[0], ask, 100);

    assert_int_equal(life_text_count(&n->traces[0], "barrier:not_leader"), 1);
}

static void a_barrier_ends_with_its_activation(void **fixture)
{
    struct agree_net *n = *fixture;
    agree_net_start(n);
    agree_hold(n->all, true);
    life_call(n->net, &n->scripts[0], ask, 100);

    agree_lead(n->all, 1);
    agree_hold(n->all, false);
    agree_net_run(n, 1000);

    assert_int_equal(life_text_count(&n->traces[0], "barrier:cancelled"), 1);
    assert_int_equal(life_text_count(&n->traces[0], "barrier:not_leader"), 0);
    assert_null(agree_net_core(n, 0)->repl.barriers);
}

static void a_stop_ends_barriers(void **fixture)
{
    struct agree_net *n = *fixture;
    agree_net_start(n);
    agree_hold(n->all, true);
    life_call(n->net, &n->scripts[0], ask, 100);

    assert_int_equal(rh_testhost_stop(n->hosts[0]), 0);

    assert_int_equal(life_text_count(&n->traces[0], "barrier:cancelled"), 1);
}

static void ask_too_often(void *self, void *script)
{
    struct life_script *s = script;

    for (uint32_t i = 0; i <= PLUGIN_BARRIERS_MAX; i++)
        ask(self, s);
}

static void barriers_are_limited(void **fixture)
{
    struct agree_net *n = *fixture;
    agree_net_start(n);

    life_call(n->net, &n->scripts[0], ask_too_often, 500);

    assert_int_equal(n->scripts[0].event_rc, RH_EAGAIN);
    assert_int_equal(agree_net_core(n, 0)->plugins[2].barrier_count, 0);
    assert_int_equal(agree_net_core(n, 0)->plugins[2].over_quota, 1);
}

static void without_a_provider_the_home_answers_at_once(void **fixture)
{
    struct life_node node;
    (void)fixture;
    life_node_start(&node, LIFE_REPLICATED);

    life_call(node.net, &node.script, ask, 10);

    assert_int_equal(life_text_count(&node.trace, "barrier:ok"), 1);
    life_node_end(&node);
}

#define EACH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(a_barrier_waits_for_the_provider),
        EACH(a_barrier_waits_until_all_that_was_handed_in_is_applied),
        EACH(barriers_of_one_turn_share_a_question),
        EACH(a_leader_that_was_deposed_says_so),
        EACH(a_barrier_ends_with_its_activation),
        EACH(a_stop_ends_barriers),
        EACH(barriers_are_limited),
        cmocka_unit_test(without_a_provider_the_home_answers_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
