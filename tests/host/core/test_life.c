/* The life cycle of plugins: order, steps that take their time, failures, and the way down. */
#include <stdio.h>
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include "host/sim/sim.h"
#include "tests/host/core/life_net.h"

/* Up to three plugins a, b, c on one node; c is written first in the configuration. */
struct trio {
    struct rh_testnet *net;
    struct rh_testhost *host;
    struct life_text trace;
    struct life_script scripts[3];
    struct life_plugin plugins[3];
    char why[RH_TESTHOST_WHY_MAX];
};

static int32_t trio_begin(struct trio *t, const char *const after[3], uint32_t flags)
{
    static const char *const ids[] = {"a", "b", "c"};
    struct rh_testhost_plugin plugins[3];
    const struct rh_testhost_setup setup = {.plugins = plugins, .plugin_count = 3};

    t->net = rh_testnet_new(1, LIFE_WALL_MS);
    for (uint32_t i = 0; i < 3; i++) {
        t->scripts[i].trace = &t->trace;
        if (t->scripts[i].done_ms == 0)
            t->scripts[i].done_ms = -1;
        life_describe(&t->plugins[i], ids[i], after[i], flags, &t->scripts[i]);
        plugins[2 - i] = life_entry(&t->plugins[i]);
    }
    return rh_testhost_new(t->net, &setup, &t->host, t->why);
}

static void trio_end(struct trio *t)
{
    rh_testnet_free(t->net);
}

static const char *const alphabetical[] = {NULL, "a", "b"};

static void a_plugin_is_refused_without_a_service_that_it_needs(void **state)
{
    static const char *const services[] = {RH_CORE_ID, RH_CONTROL_ID};
    struct life_text trace = {0};
    struct life_script script = {.trace = &trace, .done_ms = -1};
    struct life_plugin plugin;
    struct rh_testhost_plugin entry;
    const struct rh_testhost_setup setup = {.plugins = &entry, .plugin_count = 1};
    struct rh_testnet *net = rh_testnet_new(1, LIFE_WALL_MS);
    struct rh_testhost *host = NULL;
    char why[RH_TESTHOST_WHY_MAX] = "";

    (void)state;
    life_describe(&plugin, "a", NULL, 0, &script);
    plugin.desc.services = services; /* the second is the plugin admin's alone */
    plugin.desc.service_count = 2;
    entry = life_entry(&plugin);

    assert_int_not_equal(rh_testhost_new(net, &setup, &host, why), RH_OK);

    assert_non_null(strstr(why, "plugin a needs service rh.control/1, which it is not granted"));
    assert_string_equal(trace.text, "");
    rh_testnet_free(net);
}

static void steps_run_in_order_up_and_in_reverse_order_down(void **state)
{
    struct trio t = {0};

    (void)state;
    assert_int_equal(trio_begin(&t, alphabetical, 0), RH_OK);

    rh_testnet_run(t.net, 1000);
    assert_int_equal(rh_testhost_stop(t.host), 0);

    assert_string_equal(t.trace.text,
                        "a.create a.start a.activate b.create b.start b.activate c.create c.start "
                        "c.activate c.quiesce c.deactivate c.stop b.quiesce b.deactivate b.stop "
                        "a.quiesce a.deactivate a.stop a.destroy b.destroy c.destroy ");
    trio_end(&t);
}

static void plugins_without_after_start_in_the_order_of_the_configuration(void **state)
{
    static const char *const none[3] = {NULL, NULL, NULL};
    struct trio t = {0};

    (void)state;
    assert_int_equal(trio_begin(&t, none, 0), RH_OK);

    rh_testnet_run(t.net, 1000);

    assert_true(strstr(t.trace.text, "b.create") > strstr(t.trace.text, "c.start"));
    assert_true(strstr(t.trace.text, "a.create") > strstr(t.trace.text, "b.start"));
    trio_end(&t);
}

static void after_naming_an_absent_plugin_changes_nothing(void **state)
{
    static const char *const absent[3] = {"nobody", NULL, NULL};
    struct trio t = {0};

    (void)state;
    assert_int_equal(trio_begin(&t, absent, 0), RH_OK);

    rh_testnet_run(t.net, 1000);

    assert_true(rh_testhost_is_ready(t.host));
    trio_end(&t);
}

static void a_circle_of_after_is_refused_by_name(void **state)
{
    static const char *const circle[3] = {"c", "a", "b"};
    struct trio t = {0};

    (void)state;
    assert_int_equal(trio_begin(&t, circle, 0), RH_EINVAL);

    assert_non_null(strstr(t.why, "lead back to itself"));
    assert_string_equal(t.trace.text, "");
    trio_end(&t);
}

static void the_next_plugin_waits_for_a_pending_start(void **state)
{
    struct trio t = {.scripts[0] = {.start_rc = RH_PENDING, .done_ms = 3000}};

    (void)state;
    assert_int_equal(trio_begin(&t, alphabetical, 0), RH_OK);

    rh_testnet_run(t.net, 2900);
    assert_string_equal(t.trace.text, "a.create a.start ");
    assert_false(rh_testhost_is_ready(t.host));
    rh_testnet_run(t.net, 1000);

    assert_true(rh_testhost_is_ready(t.host));
    assert_int_equal(life_text_count(&t.trace, "c.activate"), 1);
    trio_end(&t);
}

static void a_pending_create_that_never_ends_fails_at_its_deadline(void **state)
{
    struct trio t = {.scripts[1] = {.create_rc = RH_PENDING, .done_ms = -1}};

    (void)state;
    assert_int_equal(trio_begin(&t, alphabetical, 0), RH_OK);

    rh_testnet_run(t.net, 9500);
    assert_int_equal(rh_testhost_logged(t.host, "plugin_failed"), 0);
    rh_testnet_run(t.net, 1000);

    assert_int_equal(rh_testhost_logged(t.host, "not done within 10000 ms"), 2); /* and fatal */
    assert_int_equal(rh_testhost_stop(t.host), CORE_EXIT_CONFIG);
    trio_end(&t);
}

static void a_late_done_after_the_deadline_starts_nothing(void **state)
{
    struct trio t = {.scripts[1] = {.start_rc = RH_PENDING, .done_ms = 12000}};

    (void)state;
    assert_int_equal(trio_begin(&t, alphabetical, 0), RH_OK);
    ((struct core_plugin_setup *)t.host->plugins)[1].degrade = 1;

    rh_testnet_run(t.net, 15000);

    assert_true(rh_testhost_is_ready(t.host));
    assert_int_equal(life_text_count(&t.trace, "b.activate"), 0);
    assert_int_equal(life_text_count(&t.trace, "c.activate"), 1);
    trio_end(&t);
}

static void a_failing_plugin_that_may_be_missing_leaves_the_node_running(void **state)
{
    struct rh_testhost_reply reply;
    struct trio t = {.scripts[1] = {.create_rc = RH_EIO, .fail_text = "no such card"}};

    (void)state;
    /* The setup has no word for on_failure: set it before the first turn. */
    t.scripts[0].start_rc = RH_PENDING;
    t.scripts[0].done_ms = 100;
    assert_int_equal(trio_begin(&t, alphabetical, 0), RH_OK);
    ((struct core_plugin_setup *)t.host->plugins)[1].degrade = 1;

    rh_testnet_run(t.net, 1000);

    assert_true(rh_testhost_is_ready(t.host));
    assert_int_equal(rh_testhost_request(t.host, "GET", "/plugins", NULL, &reply), 200);
    assert_non_null(strstr(reply.body, "\"state\":\"failed\",\"reason\":\"create: no such card\""));
    assert_int_equal(rh_testhost_stop(t.host), 0);
    assert_int_equal(life_text_count(&t.trace, "b.stop"), 0);
    assert_int_equal(life_text_count(&t.trace, "b.destroy"), 1);
    trio_end(&t);
}

/* b has failed, and the node goes on without it. */
static void trio_without_b(struct trio *t)
{
    t->scripts[0].start_rc = RH_PENDING;
    t->scripts[0].done_ms = 100;
    assert_int_equal(trio_begin(t, alphabetical, 0), RH_OK);
    ((struct core_plugin_setup *)t->host->plugins)[1].degrade = 1;
    rh_testnet_run(t->net, 1000);
    assert_true(core_has_failed(t->host->core, "b"));
}

static void one_that_failed_is_created_anew(void **state)
{
    static const struct life_script failing[] = {{.create_rc = RH_EIO}, {.start_rc = RH_EIO}};
    char why[CORE_WHY_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof failing / sizeof failing[0]; i++) {
        struct trio t = {.scripts[1] = failing[i]};

        trio_without_b(&t);
        t.scripts[1].create_rc = t.scripts[1].start_rc = RH_OK;

        assert_int_equal(core_try_again(t.host->core, "b", why), RH_OK);
        rh_testnet_run(t.net, 100);

        assert_false(core_has_failed(t.host->core, "b"));
        assert_int_equal(life_text_count(&t.trace, "b.destroy"), 1);
        assert_int_equal(life_text_count(&t.trace, "b.activate"), 1);
        assert_int_equal(rh_testhost_stop(t.host), 0);
        assert_int_equal(life_text_count(&t.trace, "b.stop"), 1);
        assert_int_equal(life_text_count(&t.trace, "c.stop"), 1);
        trio_end(&t);
    }
}

static void one_that_takes_its_time_anew_is_on_its_way(void **state)
{
    struct trio t = {.scripts[1] = {.create_rc = RH_EIO}};
    char why[CORE_WHY_MAX];

    (void)state;
    trio_without_b(&t);
    t.scripts[1].create_rc = RH_PENDING;
    t.scripts[1].done_ms = 500;

    assert_int_equal(core_try_again(t.host->core, "b", why), RH_PENDING);
    assert_int_equal(life_text_count(&t.trace, "b.activate"), 0);
    rh_testnet_run(t.net, 2000);

    assert_int_equal(life_text_count(&t.trace, "b.activate"), 1);
    trio_end(&t);
}

static void one_that_fails_again_says_why_and_the_node_goes_on(void **state)
{
    struct trio t = {.scripts[1] = {.create_rc = RH_EIO, .fail_text = "no such card"}};
    char why[CORE_WHY_MAX];

    (void)state;
    trio_without_b(&t);

    assert_int_equal(core_try_again(t.host->core, "b", why), RH_EINVAL);
    rh_testnet_run(t.net, 100);

    assert_string_equal(why, "create: no such card");
    assert_true(core_has_failed(t.host->core, "b"));
    assert_true(rh_testhost_is_ready(t.host));
    trio_end(&t);
}

static void one_that_runs_is_not_tried_again(void **state)
{
    struct trio t = {0};
    char why[CORE_WHY_MAX];

    (void)state;
    assert_int_equal(trio_begin(&t, alphabetical, 0), RH_OK);
    rh_testnet_run(t.net, 1000);

    assert_int_equal(core_try_again(t.host->core, "b", why), RH_EINVAL);
    assert_int_equal(core_try_again(t.host->core, "nobody", why), RH_EINVAL);

    assert_int_equal(life_text_count(&t.trace, "b.create"), 1);
    trio_end(&t);
}

static void a_failing_plugin_that_is_needed_ends_the_node_and_is_named(void **state)
{
    struct trio t = {.scripts[1] = {.start_rc = RH_EIO, .fail_text = "no such card"}};

    (void)state;
    assert_int_equal(trio_begin(&t, alphabetical, 0), RH_OK);

    rh_testnet_run(t.net, 1000);

    assert_int_equal(rh_testhost_logged(t.host, "plugin b failed: start: no such card"), 1);
    assert_int_equal(rh_testhost_stop(t.host), CORE_EXIT_CONFIG);
    assert_int_equal(life_text_count(&t.trace, "c.create"), 0);
    assert_int_equal(life_text_count(&t.trace, "a.stop"), 1);
    assert_int_equal(life_text_count(&t.trace, "b.stop"), 0);
    trio_end(&t);
}

static void a_failure_is_told_as_an_event(void **state)
{
    struct trio t = {.scripts[1] = {.start_rc = RH_EIO, .fail_text = "no such card"}};

    (void)state;
    t.scripts[0].start_rc = RH_PENDING;
    t.scripts[0].done_ms = 100;
    assert_int_equal(trio_begin(&t, alphabetical, LIFE_EVENTS), RH_OK);
    ((struct core_plugin_setup *)t.host->plugins)[1].degrade = 1;

    rh_testnet_run(t.net, 1000);

    assert_non_null(strstr(t.scripts[0].payloads.text, "{\"plugin\":\"b\",\"state\":\"failed\""));
    trio_end(&t);
}

static void pending_quiesce_and_stop_are_waited_for(void **state)
{
    struct trio t = {
        .scripts[2] = {.quiesce_rc = RH_PENDING, .stop_rc = RH_PENDING, .done_ms = 2000}};
    int64_t from_ms;

    (void)state;
    assert_int_equal(trio_begin(&t, alphabetical, 0), RH_OK);
    rh_testnet_run(t.net, 1000);
    from_ms = rh_testnet_now_ms(t.net);

    assert_int_equal(rh_testhost_stop(t.host), 0);

    assert_in_range(rh_testnet_now_ms(t.net) - from_ms, 4000, 4100);
    assert_non_null(strstr(t.trace.text, "c.quiesce c.deactivate c.stop b.quiesce"));
    trio_end(&t);
}

static void a_stop_ends_although_every_plugin_hangs(void **state)
{
    struct trio t = {0};
    int64_t from_ms;

    (void)state;
    for (uint32_t i = 0; i < 3; i++) {
        t.scripts[i].quiesce_rc = t.scripts[i].stop_rc = RH_PENDING;
        t.scripts[i].done_ms = -1;
    }
    assert_int_equal(trio_begin(&t, alphabetical, 0), RH_OK);
    rh_testnet_run(t.net, 1000);
    from_ms = rh_testnet_now_ms(t.net);

    assert_int_equal(rh_testhost_stop(t.host), 0);

    assert_in_range(rh_testnet_now_ms(t.net) - from_ms, 59900, 61000);
    trio_end(&t);
}

static void a_stop_while_a_start_is_pending_destroys_what_was_created(void **state)
{
    struct trio t = {.scripts[1] = {.start_rc = RH_PENDING, .done_ms = -1}};

    (void)state;
    assert_int_equal(trio_begin(&t, alphabetical, 0), RH_OK);
    rh_testnet_run(t.net, 1000);

    assert_int_equal(rh_testhost_stop(t.host), 0);

    assert_string_equal(t.trace.text, "a.create a.start a.activate b.create b.start a.quiesce "
                                      "a.deactivate a.stop a.destroy b.destroy ");
    trio_end(&t);
}

static void a_stop_while_an_activation_is_pending_ends_it_once(void **state)
{
    struct trio t = {
        .scripts[1] = {.activate_rc = RH_PENDING, .quiesce_rc = RH_PENDING, .done_ms = 5000}};

    (void)state;
    assert_int_equal(trio_begin(&t, alphabetical, 0), RH_OK);
    rh_testnet_run(t.net, 1000);

    assert_int_equal(rh_testhost_stop(t.host), 0);

    assert_int_equal(life_text_count(&t.trace, "b.deactivate"), 1);
    assert_int_equal(life_text_count(&t.trace, "b.stop"), 1);
    assert_int_equal(life_text_count(&t.trace, "b.destroy"), 1);
    trio_end(&t);
}

static void a_done_of_an_activation_that_a_stop_ends_is_not_the_quiesces(void **state)
{
    static struct life_script scripts[2]; /* large */
    struct life_plugin plugins[2];
    struct rh_testhost_plugin rows[2];
    const struct rh_testhost_setup setup = {.plugins = rows, .plugin_count = 2};
    struct rh_testnet *net = rh_testnet_new(1, LIFE_WALL_MS);
    static struct life_text text;
    char why[RH_TESTHOST_WHY_MAX];
    struct rh_testhost *host;
    int64_t from_ms;

    (void)state;
    scripts[0].trace = scripts[1].trace = &text;
    scripts[1].calls_in_activate = true;
    scripts[1].activate_rc = scripts[1].quiesce_rc = RH_PENDING;
    scripts[1].done_ms = 8000;
    life_describe(&plugins[0], "a", NULL, LIFE_ROUTES, &scripts[0]);
    life_describe(&plugins[1], "b", "a", 0, &scripts[1]);
    for (uint32_t i = 0; i < 2; i++)
        rows[i] = life_entry(&plugins[i]);
    assert_int_equal(rh_testhost_new(net, &setup, &host, why), RH_OK);
    rh_testnet_run(net, 1000);
    from_ms = rh_testnet_now_ms(net);

    assert_int_equal(rh_testhost_stop(host), 0);

    assert_non_null(strstr(text.text, "b.call_over b.deactivate b.quiesce b.stop"));
    assert_in_range(rh_testnet_now_ms(net) - from_ms, 13000, 13100); /* grace, quiesce */
    rh_testnet_free(net);
}

static void one_id_twice_is_refused_by_name(void **state)
{
    struct life_script scripts[2] = {0};
    struct life_plugin plugins[2];
    struct rh_testhost_plugin rows[2];
    const struct rh_testhost_setup setup = {.plugins = rows, .plugin_count = 2};
    struct rh_testnet *net = rh_testnet_new(1, LIFE_WALL_MS);
    char why[RH_TESTHOST_WHY_MAX];
    struct rh_testhost *host;

    (void)state;
    for (uint32_t i = 0; i < 2; i++) {
        life_describe(&plugins[i], "same", NULL, 0, &scripts[i]);
        rows[i] = life_entry(&plugins[i]);
    }

    assert_int_equal(rh_testhost_new(net, &setup, &host, why), RH_EINVAL);

    assert_string_equal(why, "plugin same is loaded twice");
    rh_testnet_free(net);
}

static void a_route_of_another_plugin_is_refused_by_name(void **state)
{
    struct trio t = {0};

    (void)state;

    assert_int_equal(trio_begin(&t, alphabetical, LIFE_ROUTES), RH_EINVAL);

    assert_non_null(strstr(t.why, "plugin b: route POST /life/put is taken"));
    trio_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plugin_is_refused_without_a_service_that_it_needs),
        cmocka_unit_test(steps_run_in_order_up_and_in_reverse_order_down),
        cmocka_unit_test(plugins_without_after_start_in_the_order_of_the_configuration),
        cmocka_unit_test(after_naming_an_absent_plugin_changes_nothing),
        cmocka_unit_test(a_circle_of_after_is_refused_by_name),
        cmocka_unit_test(the_next_plugin_waits_for_a_pending_start),
        cmocka_unit_test(a_pending_create_that_never_ends_fails_at_its_deadline),
        cmocka_unit_test(a_late_done_after_the_deadline_starts_nothing),
        cmocka_unit_test(a_failing_plugin_that_may_be_missing_leaves_the_node_running),
        cmocka_unit_test(one_that_failed_is_created_anew),
        cmocka_unit_test(one_that_takes_its_time_anew_is_on_its_way),
        cmocka_unit_test(one_that_fails_again_says_why_and_the_node_goes_on),
        cmocka_unit_test(one_that_runs_is_not_tried_again),
        cmocka_unit_test(a_failing_plugin_that_is_needed_ends_the_node_and_is_named),
        cmocka_unit_test(a_failure_is_told_as_an_event),
        cmocka_unit_test(pending_quiesce_and_stop_are_waited_for),
        cmocka_unit_test(a_stop_ends_although_every_plugin_hangs),
        cmocka_unit_test(a_stop_while_a_start_is_pending_destroys_what_was_created),
        cmocka_unit_test(a_stop_while_an_activation_is_pending_ends_it_once),
        cmocka_unit_test(a_done_of_an_activation_that_a_stop_ends_is_not_the_quiesces),
        cmocka_unit_test(one_id_twice_is_refused_by_name),
        cmocka_unit_test(a_route_of_another_plugin_is_refused_by_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
