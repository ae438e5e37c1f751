/* Replicated namespaces beside a plugin's life: the plugin is active everywhere, and writes them
 * where its node leads. */
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include "host/core/core_internal.h"
#include "tests/host/core/agree_net.h"

static int setup(void **fixture)
{
    static struct agree_net net;

    agree_net_init(&net, 3);
    for (uint32_t i = 0; i < 3; i++)
        net.scripts[i].is_beside = true;
    *fixture = &net;
    return 0;
}

static int teardown(void **fixture)
{
    agree_net_end(*fixture);
    return 0;
}

static void start(struct agree_net *n)
{
    agree_net_start(n);
    agree_net_run(n, 1000);
}

static void the_plugin_is_active_on_every_node(void **fixture)
{
    struct agree_net *n = *fixture;

    start(n);

    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(n->scripts[i].activations, 1);
}

static void the_leader_writes_it_for_all_and_others_are_refused_by_name(void **fixture)
{
    struct agree_net *n = *fixture;

    start(n);

    assert_int_equal(agree_net_put(n, 0, "a", "one"), 200);
    assert_int_equal(agree_net_put(n, 1, "a", "two"), 503);
    agree_net_says(n, "only where the node leads");
    assert_string_equal(n->reply.node_id, "n2"); /* it was not forwarded */
    agree_net_run(n, 1000);
    agree_net_is_equal(n);
}

static void leadership_comes_and_goes_without_a_new_activation(void **fixture)
{
    struct agree_net *n = *fixture;

    start(n);
    agree_lead(n->all, 1);
    agree_net_run(n, 1000);

    assert_int_equal(agree_net_put(n, 0, "a", "one"), 503);
    assert_int_equal(agree_net_put(n, 1, "a", "two"), 200);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(n->scripts[i].activations, 1);
        assert_int_equal(n->scripts[i].deactivations, 0);
    }
}

static void a_commit_that_fails_ends_no_activation_and_later_ones_go_through(void **fixture)
{
    struct agree_net *n = *fixture;
    uint64_t put;

    start(n);
    agree_hold(n->all, true);
    put = rh_testhost_send(n->hosts[0], "POST", "/life/put", "{\"key\":\"a\",\"value\":\"v\"}");
    agree_net_run(n, 100);
    agree_lead(n->all, 1);
    agree_hold(n->all, false);
    agree_net_run(n, 1000);
    assert_true(rh_testhost_answer(n->hosts[0], put, &n->reply));
    assert_int_equal(n->reply.status, 503);
    assert_int_equal(n->scripts[0].activations, 1);
    agree_lead(n->all, 0);
    agree_net_run(n, 1000);

    assert_int_equal(agree_net_put(n, 0, "b", "again"), 200);
    assert_int_equal(n->scripts[0].activations, 1);
    agree_net_run(n, 1000);
    agree_net_is_equal(n);
}

static void a_leader_without_an_entry_of_its_term_is_refused(void **fixture)
{
    struct agree_net *n = *fixture;

    start(n);
    n->all->nodes[1].is_stuck = true;
    agree_lead(n->all, 1);
    agree_net_run(n, 1000);
    assert_int_equal(agree_net_put(n, 1, "a", "early"), 503);
    n->all->nodes[1].is_stuck = false;
    agree_net_run(n, 1000);

    assert_int_equal(agree_net_put(n, 1, "a", "now"), 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_plugin_is_active_on_every_node, setup, teardown),
        cmocka_unit_test_setup_teardown(the_leader_writes_it_for_all_and_others_are_refused_by_name,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(leadership_comes_and_goes_without_a_new_activation, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            a_commit_that_fails_ends_no_activation_and_later_ones_go_through, setup, teardown),
        cmocka_unit_test_setup_teardown(a_leader_without_an_entry_of_its_term_is_refused, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
