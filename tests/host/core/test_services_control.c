/* rh.control/1: granted to admin alone, and what it does to the host. */
#include <stdio.h>
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include "host/core/core_internal.h"
#include "host/sim/sim.h"
#include "tests/host/core/life_net.h"

/* One node whose plugin is called `id` and asks for rh.control/1. */
struct single {
    struct rh_testnet *net;
    struct rh_testhost *host;
    struct life_script script;
    struct life_plugin plugin;
};

static void single_start(struct single *s, const char *id)
{
    struct rh_testhost_plugin row;
    const struct rh_testhost_setup setup = {.plugins = &row, .plugin_count = 1};
    char why[RH_TESTHOST_WHY_MAX];

    memset(s, 0, sizeof *s);
    s->net = rh_testnet_new(1, LIFE_WALL_MS);
    life_describe(&s->plugin, id, NULL, LIFE_CONTROL | LIFE_MEMBERS, &s->script);
    row = life_entry(&s->plugin);
    if (rh_testhost_new(s->net, &setup, &s->host, why) != RH_OK)
        fail_msg("%s", why);
    rh_testnet_run(s->net, 1000);
}

static void only_admin_is_granted_control(void **state)
{
    struct single s;

    (void)state;

    single_start(&s, "life");
    assert_null(s.script.rh->control);
    rh_testnet_free(s.net);
    single_start(&s, "admin");

    assert_non_null(s.script.rh->control);
    rh_testnet_free(s.net);
}

static void every_named_report_is_json_and_others_are_not_found(void **state)
{
    static const char *const names[] = {"health", "plugins", "routes", "loops", "config"};
    struct rh_str json;
    struct single s;

    (void)state;
    single_start(&s, "admin");

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_int_equal(s.script.rh->control->report(s.script.rh->ctx, names[i], &json), RH_OK);
        assert_int_equal(json.p[0], '{');
        assert_int_equal(json.p[json.n - 1], '}');
    }

    assert_int_equal(s.script.rh->control->report(s.script.rh->ctx, "secrets", &json),
                     RH_ENOTFOUND);
    rh_testnet_free(s.net);
}

static void a_negative_grace_is_refused(void **state)
{
    struct single s;

    (void)state;
    single_start(&s, "admin");

    assert_int_equal(s.script.rh->control->shutdown(s.script.rh->ctx, -1), RH_EINVAL);
    rh_testnet_run(s.net, 1000);

    assert_true(rh_testhost_is_ready(s.host));
    rh_testnet_free(s.net);
}

static void the_log_level_of_one_plugin_silences_it_alone(void **state)
{
    const struct rh_control_v1 *control;
    struct rh_ctx *ctx;
    struct single s;

    (void)state;
    single_start(&s, "admin");
    control = s.script.rh->control;
    ctx = s.script.rh->ctx;

    assert_int_equal(control->log_level(ctx, "admin", RH_LOG_ERROR), RH_OK);
    s.script.rh->core->log(ctx, RH_LOG_INFO, "hush", "a=1");
    assert_int_equal(control->log_level(ctx, "admin", RH_LOG_INFO), RH_OK);
    s.script.rh->core->log(ctx, RH_LOG_INFO, "speak", "a=1");

    assert_int_equal(rh_testhost_logged(s.host, "hush"), 0);
    assert_int_equal(rh_testhost_logged(s.host, "speak"), 1);
    assert_int_equal(control->log_level(ctx, "nobody", RH_LOG_INFO), RH_ENOTFOUND);
    assert_int_equal(control->log_level(ctx, NULL, RH_LOG_ERROR + 1), RH_EINVAL);
    rh_testnet_free(s.net);
}

static void an_address_needs_a_port(void **state)
{
    struct single s;

    (void)state;
    single_start(&s, "admin");

    assert_int_equal(s.script.rh->control->peer_add(s.script.rh->ctx, "nohost"), RH_EINVAL);
    assert_int_equal(s.script.rh->control->peer_add(s.script.rh->ctx, "host:1"), RH_OK);

    assert_int_equal(s.host->core->seed_count, 1);
    rh_testnet_free(s.net);
}

static void learn_peer(void *self, void *script)
{
    struct life_script *s = script;
    const struct rh_node_state state = {
        .size = (uint32_t)sizeof state,
        .node_id = RH_STR_LIT("n5"),
        .instance_id = RH_STR_LIT("5"),
        .address = RH_STR_LIT("n5:1"),
        .presence = RH_STR_LIT("{}"),
        .generation = 1,
        .version = 1,
    };

    (void)self;
    assert_int_equal(s->membership->learn(s->rh->ctx, &state), RH_OK);
    assert_int_equal(s->membership->report(s->rh->ctx, RH_STR_LIT("n5"), RH_PEER_ALIVE, 1, "so"),
                     RH_OK);
}

static void only_the_dead_and_the_left_can_be_removed(void **state)
{
    const struct rh_control_v1 *control;
    struct rh_ctx *ctx;
    struct single s;

    (void)state;
    single_start(&s, "admin");
    life_call(s.net, &s.script, learn_peer, 10);
    control = s.script.rh->control;
    ctx = s.script.rh->ctx;

    assert_int_equal(control->peer_remove(ctx, "n5"), RH_ECONFLICT);
    assert_int_equal(control->peer_remove(ctx, "n1"), RH_ENOTFOUND); /* ourselves */
    assert_int_equal(control->peer_remove(ctx, "n9"), RH_ENOTFOUND);
    assert_int_equal(s.script.membership->report(ctx, RH_STR_LIT("n5"), RH_PEER_DEAD, 1, "silent"),
                     RH_OK);
    assert_int_equal(control->peer_remove(ctx, "n5"), RH_OK);

    assert_int_equal(control->peer_remove(ctx, "n5"), RH_ENOTFOUND);
    rh_testnet_free(s.net);
}

static void adopting_at_home_changes_nothing(void **state)
{
    struct single s;

    (void)state;
    single_start(&s, "admin");

    assert_int_equal(s.script.rh->control->adopt_state(s.script.rh->ctx), RH_OK);

    assert_int_equal(s.host->core->lead.home_epoch, 0);
    rh_testnet_free(s.net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_admin_is_granted_control),
        cmocka_unit_test(every_named_report_is_json_and_others_are_not_found),
        cmocka_unit_test(a_negative_grace_is_refused),
        cmocka_unit_test(the_log_level_of_one_plugin_silences_it_alone),
        cmocka_unit_test(an_address_needs_a_port),
        cmocka_unit_test(only_the_dead_and_the_left_can_be_removed),
        cmocka_unit_test(adopting_at_home_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
