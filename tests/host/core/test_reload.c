/* Reading the configuration again: who may ask, what a plugin goes through, and what is told. */
#include <stdio.h>
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include "host/core/core_internal.h"
#include "host/sim/sim.h"
#include "tests/host/core/life_net.h"

/* The body of these tests: gives "life" the section below, or says what the test wants. */
struct fake_body {
    struct life_node n;
    uint64_t section; /* as life's config struct */
    int32_t rc;
    const char *text;
    int32_t reconfigure_rc;
    char why[CORE_WHY_MAX];
    uint32_t watched[2];     /* sections of the host that were entered, and left */
    uint32_t watched_inside; /* those entered when the configuration was read */
};

static int32_t fake_reload(void *user, struct core *core, struct rh_buf *report)
{
    struct fake_body *body = user;

    body->watched_inside = body->watched[0] - body->watched[1];
    if (body->rc == RH_OK)
        body->reconfigure_rc = core_reconfigure(core, "life", &body->section, body->why);
    (void)rh_buf_append_c(report, body->text);
    return body->rc;
}

static void start(struct fake_body *body, uint32_t flags)
{
    memset(body, 0, sizeof *body);
    life_node_start(&body->n, flags);
    body->section = (uint64_t)(uintptr_t)&body->n.script;
    body->text = "{\"reconfigured\":[\"life\"]}";
    body->n.host->setup.reload = fake_reload;
    body->n.host->setup.reload_user = body;
}

static struct fake_body body; /* large */

static void a_plugin_is_deactivated_reconfigured_and_activated(void **state)
{
    (void)state;
    start(&body, LIFE_LOCAL);

    assert_int_equal(life_node_post(&body.n, "/admin/reload", "{}"), 200);
    rh_testnet_run(body.n.net, 100);

    assert_string_equal(body.n.reply.body, "{\"reconfigured\":[\"life\"]}");
    assert_non_null(
        strstr(body.n.trace.text, "life.activate life.deactivate life.reconfigure life.activate "));
    assert_int_equal(body.n.script.reconfigured, 1);
    assert_int_equal(rh_testhost_logged(body.n.host, "reloaded"), 1);
    life_node_end(&body.n);
}

static void a_refusing_plugin_goes_on_and_its_words_are_kept(void **state)
{
    (void)state;
    start(&body, LIFE_LOCAL);
    body.n.script.reconfigure_rc = RH_EINVAL;
    body.n.script.fail_text = "two of these contradict each other";

    assert_int_equal(life_node_post(&body.n, "/admin/reload", "{}"), 200);
    rh_testnet_run(body.n.net, 100);

    assert_int_equal(body.reconfigure_rc, RH_EINVAL);
    assert_string_equal(body.why, "two of these contradict each other");
    assert_int_equal(body.n.script.activations, 2);
    assert_int_equal(body.n.script.reconfigured, 0);
    assert_int_equal(rh_testhost_logged(body.n.host, "reconfigure_refused"), 1);
    life_node_end(&body.n);
}

static void a_plugin_that_cannot_or_does_not_run_takes_a_restart(void **state)
{
    char why[CORE_WHY_MAX];

    (void)state;
    start(&body, LIFE_LOCAL);

    assert_int_equal(core_reconfigure(body.n.host->core, "admin", NULL, why), RH_EUNSUPPORTED);
    assert_string_equal(why, "it cannot be changed while it runs");
    assert_int_equal(core_reconfigure(body.n.host->core, "nobody", NULL, why), RH_EUNSUPPORTED);
    assert_string_equal(why, "it does not run");

    life_node_end(&body.n);
}

static void a_wrong_configuration_changes_nothing_and_is_told_whole(void **state)
{
    (void)state;
    start(&body, LIFE_LOCAL);
    body.rc = RH_EINVAL;
    body.text = "a.yaml:1:2: error: one\nb.yaml:3:4: error: two\n";

    assert_int_equal(life_node_post(&body.n, "/admin/reload", "{}"), 400);
    life_node_says(&body.n, "\"code\":\"invalid_configuration\"");
    life_node_says(&body.n, "a.yaml:1:2: error: one\\nb.yaml:3:4: error: two");
    assert_int_equal(rh_testhost_logged(body.n.host, "error: one"), 1);
    assert_int_equal(rh_testhost_logged(body.n.host, "error: two"), 1);

    assert_int_equal(body.n.script.activations, 1);
    life_node_end(&body.n);
}

static void a_signal_does_the_same_and_logs_it(void **state)
{
    (void)state;
    start(&body, LIFE_LOCAL);

    core_reload(body.n.host->core);
    rh_testnet_run(body.n.net, 100);

    assert_int_equal(body.n.script.reconfigured, 1);
    assert_int_equal(rh_testhost_logged(body.n.host, "reloaded"), 1);
    life_node_end(&body.n);
}

static void note_entered(void *ctx, const char *plugin, const char *what)
{
    (void)ctx;
    if (!plugin)
        body.watched[what ? 0 : 1]++;
}

static void reading_is_watched_as_a_callback_is(void **state)
{
    const struct driver_ops *before;
    struct driver_ops ops;

    (void)state;
    start(&body, LIFE_LOCAL);
    before = body.n.host->core->driver.ops;
    ops = *before;
    ops.entered = note_entered;
    body.n.host->core->driver.ops = &ops;
    body.rc = RH_EINVAL; /* no plugin is called */
    body.text = "";

    core_reload(body.n.host->core);
    rh_testnet_run(body.n.net, 100);

    assert_int_equal(body.watched_inside, 1);
    assert_int_equal(body.watched[1], 1);
    body.n.host->core->driver.ops = before;
    life_node_end(&body.n);
}

static void one_at_a_time(void **state)
{
    (void)state;
    start(&body, LIFE_LOCAL);

    core_reload(body.n.host->core);
    core_reload(body.n.host->core);
    rh_testnet_run(body.n.net, 100);

    assert_int_equal(rh_testhost_logged(body.n.host, "reload_refused"), 1);
    assert_int_equal(body.n.script.reconfigured, 1);
    life_node_end(&body.n);
}

static void a_body_that_cannot_says_so(void **state)
{
    (void)state;
    start(&body, LIFE_LOCAL);
    body.n.host->setup.reload = NULL;

    assert_int_equal(life_node_post(&body.n, "/admin/reload", "{}"), 501);

    life_node_says(&body.n, "\"code\":\"unsupported\"");
    life_node_end(&body.n);
}

static void an_activation_that_fails_is_tried_at_once_with_a_new_section(void **state)
{
    (void)state;
    start(&body, LIFE_LOCAL);
    body.n.script.activate_rc = RH_EIO;
    rh_testhost_reactivate(body.n.host, "life");
    rh_testnet_run(body.n.net, 1000);
    body.n.script.activate_rc = RH_OK;

    assert_int_equal(life_node_post(&body.n, "/admin/reload", "{}"), 200);
    rh_testnet_run(body.n.net, 10);

    assert_int_equal(body.n.host->core->plugins[0].phase, ACT_ACTIVE);
    life_node_end(&body.n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plugin_is_deactivated_reconfigured_and_activated),
        cmocka_unit_test(a_refusing_plugin_goes_on_and_its_words_are_kept),
        cmocka_unit_test(a_plugin_that_cannot_or_does_not_run_takes_a_restart),
        cmocka_unit_test(a_wrong_configuration_changes_nothing_and_is_told_whole),
        cmocka_unit_test(a_signal_does_the_same_and_logs_it),
        cmocka_unit_test(reading_is_watched_as_a_callback_is),
        cmocka_unit_test(one_at_a_time),
        cmocka_unit_test(a_body_that_cannot_says_so),
        cmocka_unit_test(an_activation_that_fails_is_tried_at_once_with_a_new_section),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
