/* <ringhost/testhost.h>: what a test sees of a plugin, and leadership given and taken. */
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include "tests/host/core/life_net.h"

static struct rh_testhost_plugin_view view_of(const struct life_node *n)
{
    struct rh_testhost_plugin_view view;

    assert_true(rh_testhost_plugin_view(n->host, "life", &view));
    return view;
}

static void a_plugin_is_seen_while_its_node_is_up(void **state)
{
    struct rh_testhost_plugin_view view;
    struct life_node n;

    (void)state;
    life_node_start(&n, LIFE_REPLICATED);

    view = view_of(&n);
    assert_true(view.is_active);
    assert_true(view.is_replicated);
    assert_int_equal(view.activations, 1);
    assert_int_equal(view.requests + view.calls + view.commits + view.processes, 0);
    assert_false(rh_testhost_plugin_view(n.host, "death", &view));
    assert_false(rh_testhost_is_finished(n.host));
    assert_int_equal(rh_testhost_stop(n.host), 0);
    assert_false(rh_testhost_plugin_view(n.host, "life", &view));
    assert_false(rh_testhost_is_finished(n.host));
    life_node_end(&n);
}

static void a_plugin_can_be_activated_again(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, LIFE_LOCAL);

    rh_testhost_reactivate(n.host, "life");
    rh_testnet_run(n.net, 10);

    assert_int_equal(view_of(&n).activations, 2);
    assert_true(view_of(&n).is_active);
    assert_int_equal(n.script.deactivations, 1);
    life_node_end(&n);
}

static void without_the_leadership_a_replicated_plugin_rests(void **state)
{
    struct life_node n;
    uint64_t epoch;

    (void)state;
    life_node_start(&n, LIFE_REPLICATED);
    epoch = n.script.epoch;

    rh_testhost_lead(n.host, false);
    rh_testnet_run(n.net, 100);
    assert_false(view_of(&n).is_active);
    rh_testhost_lead(n.host, true);
    rh_testnet_run(n.net, 1000);

    assert_true(view_of(&n).is_active);
    assert_true(n.script.epoch > epoch);
    life_node_end(&n);
}

static void errors_are_counted_and_the_last_is_kept(void **state)
{
    struct life_node n;
    const char *last;

    (void)state;
    life_node_init(&n);
    n.script.activate_rc = RH_EIO;
    assert_int_equal(life_node_begin(&n, LIFE_LOCAL), RH_OK);
    assert_int_equal(rh_testhost_errors(n.host, &last), 0);
    assert_string_equal(last, "");

    rh_testnet_run(n.net, 2000);

    assert_true(rh_testhost_errors(n.host, &last) > 0);
    assert_non_null(strstr(last, "activation_failed"));
    assert_false(view_of(&n).is_active);
    life_node_end(&n);
}

static void the_status_of_a_sent_request_is_there_once_it_is_answered(void **state)
{
    struct life_node n;
    uint64_t id;

    (void)state;
    life_node_start(&n, 0);

    id = rh_testhost_send(n.host, "GET", "/plugins", NULL);
    assert_int_equal(rh_testhost_status(n.host, id), 0);
    rh_testnet_run(n.net, 100);

    assert_int_equal(rh_testhost_status(n.host, id), 200);
    assert_int_equal(rh_testhost_status(n.host, id + 1000), 0);
    life_node_end(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plugin_is_seen_while_its_node_is_up),
        cmocka_unit_test(a_plugin_can_be_activated_again),
        cmocka_unit_test(without_the_leadership_a_replicated_plugin_rests),
        cmocka_unit_test(errors_are_counted_and_the_last_is_kept),
        cmocka_unit_test(the_status_of_a_sent_request_is_there_once_it_is_answered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
