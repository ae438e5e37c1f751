/* Snapshots and installs as a provider asks for them, over whole nodes. */
#include <stdio.h>
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include <ringhost/sdk/error.h>

#include "host/core/core_internal.h"
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

/* n3 misses entries which are then no longer in the log. */
static void leave_behind(struct agree_net *n)
{
    agree_net_start(n);
    assert_int_equal(agree_net_put(n, 0, "a", "one"), 200);
    n->all->nodes[2].is_cut = true;
    for (uint32_t i = 0; i < 10; i++)
        assert_int_equal(agree_net_put(n, 0, "b", i == 9 ? "last" : "some"), 200);
    agree_compact(n->all);
    assert_int_equal(agree_net_put(n, 0, "c", "behind"), 200);
}

static void who_is_behind_the_log_gets_a_snapshot_and_goes_on(void **fixture)
{
    struct agree_net *n = *fixture;
    leave_behind(n);

    n->all->nodes[2].is_cut = false;
    agree_net_run(n, 3000);

    assert_int_equal(n->all->nodes[0].snapshots, 1);
    assert_int_equal(n->all->nodes[0].snapshot_rc, RH_OK);
    assert_int_equal(n->all->nodes[2].installs, 1);
    assert_int_equal(n->all->nodes[2].installed_rc, RH_OK);
    assert_int_equal(agree_net_index(n, 2), n->all->commit);
    agree_net_is_equal(n);
    agree_net_lead(n, 2);
    assert_int_equal(agree_net_get(n, 2, "b"), 200);
    agree_net_says(n, "last");
}

static void the_log_may_be_compacted_up_to_an_installed_snapshot(void **fixture)
{
    struct agree_net *n = *fixture;
    leave_behind(n);

    n->all->nodes[2].is_cut = false;
    agree_net_run(n, 3000);

    assert_true(n->all->nodes[2].checkpointed >= n->all->snapshot_index);
}

static void events_of_a_snapshot_reach_readers_once(void **fixture)
{
    struct agree_net *n = *fixture;
    const char *text;
    uint64_t stream;
    agree_net_start(n);
    stream = rh_testhost_send(n->hosts[2], "GET", "/events", NULL);
    assert_int_equal(life_put(&n->scripts[0], "a", "v", "FIRST_THING", "{}"), RH_OK);
    agree_net_run(n, 500);
    n->all->nodes[2].is_cut = true;
    assert_int_equal(life_put(&n->scripts[0], "a", "w", "SECOND_THING", "{}"), RH_OK);
    agree_net_run(n, 500);
    agree_compact(n->all);
    assert_int_equal(life_put(&n->scripts[0], "a", "x", "THIRD_THING", "{}"), RH_OK);
    agree_net_run(n, 500);

    n->all->nodes[2].is_cut = false;
    agree_net_run(n, 3000);

    text = rh_testhost_streamed(n->hosts[2], stream);
    assert_int_equal(n->all->nodes[2].installs, 1);
    for (uint32_t i = 0; i < 3; i++) {
        static const char *const types[] = {"event: FIRST_THING", "event: SECOND_THING",
                                            "event: THIRD_THING"};
        const char *at = strstr(text, types[i]);

        assert_non_null(at);
        assert_null(strstr(at + 1, types[i]));
    }
    assert_null(strstr(text, "event: gap"));
}

static void a_gap_is_shown_for_more_events_than_the_bus_takes(void **fixture)
{
    struct agree_net *n = *fixture;
    uint64_t stream;
    agree_net_start(n);
    stream = rh_testhost_send(n->hosts[2], "GET", "/events", NULL);
    agree_net_run(n, 100);
    n->all->nodes[2].is_cut = true;
    for (uint32_t i = 0; i < 2100; i++) {
        assert_int_equal(life_put(&n->scripts[0], "a", i % 2 ? "v" : "w", "THING", "{}"), RH_OK);
        if (i % 100 == 99)
            agree_net_run(n, 100);
    }
    agree_compact(n->all);

    n->all->nodes[2].is_cut = false;
    agree_net_run(n, 5000);

    assert_int_equal(n->all->nodes[2].installed_rc, RH_OK);
    assert_non_null(
        strstr(rh_testhost_streamed(n->hosts[2], stream), "event: gap\ndata: {\"missed\":52}"));
}

static void a_schema_that_came_with_a_snapshot_is_looked_at(void **fixture)
{
    struct agree_net *n = *fixture;
    struct plugin_ns *ns;
    leave_behind(n);
    ns = &agree_net_core(n, 2)->plugins[2].namespaces[0];
    assert_string_equal(ns->def.name, "life");
    ns->def.schema_read_min = 5; /* as a later version of the plugin would */
    ns->def.schema_write_min = 5;
    ns->def.schema_write = 5;
    n->all->nodes[2].is_cut = false;
    agree_net_run(n, 3000);

    agree_lead(n->all, 2);
    agree_net_run(n, 1000);

    assert_int_equal(n->scripts[2].activations, 0);
    assert_int_equal(agree_net_get(n, 2, "a"), 503);
    agree_net_says(n, "holds schema 1, this version reads 5 to 5");
}

/* --- a single node's provider, step by step --- */

static void ids_and_limits_of_snapshots(void **fixture)
{
    struct agree_net *n = *fixture;
    struct agree_node *node = &n->all->nodes[0];
    struct rh_str piece;
    agree_net_start(n);
    assert_int_equal(agree_net_put(n, 0, "a", "one"), 200);

    assert_int_equal(node->host->snapshot_wanted(node->rh->ctx, 0), RH_EINVAL);
    assert_int_equal(node->host->snapshot_wanted(node->rh->ctx, 5), RH_OK);
    assert_int_equal(node->host->snapshot_wanted(node->rh->ctx, 5), RH_EINVAL);
    assert_int_equal(node->host->snapshot_wanted(node->rh->ctx, 6), RH_EAGAIN);
    assert_int_equal(node->host->snapshot_read(node->rh->ctx, 5, 0, 16, &piece), RH_ENOTFOUND);
    assert_int_equal(node->host->snapshot_release(node->rh->ctx, 5), RH_OK);
    agree_net_run(n, 100);

    assert_int_equal(node->snapshots, 1);
    assert_int_equal(node->snapshot_rc, RH_ECANCELLED);
    assert_int_equal(node->host->snapshot_release(node->rh->ctx, 5), RH_ENOTFOUND);
}

static void a_provider_that_goes_leaves_no_snapshot(void **fixture)
{
    struct agree_net *n = *fixture;
    struct agree_node *node = &n->all->nodes[1];
    struct core *core;
    agree_net_start(n);
    core = agree_net_core(n, 1);
    assert_int_equal(node->host->snapshot_wanted(node->rh->ctx, 5), RH_OK);

    assert_int_equal(node->host->stand_by(node->rh->ctx, 1), RH_OK);
    agree_net_run(n, 500);

    assert_int_equal(node->snapshots, 0); /* nobody to be told */
    for (uint32_t i = 0; i < STATE_SNAPSHOTS_MAX; i++)
        assert_int_equal(core->repl.snapshots[i].id, 0);
    assert_int_equal(node->host->stand_by(node->rh->ctx, 0), RH_OK);
    agree_net_run(n, 500);
    assert_int_equal(node->host->snapshot_wanted(node->rh->ctx, 6), RH_OK);
}

static void ids_of_installs(void **fixture)
{
    struct agree_net *n = *fixture;
    struct agree_node *node = &n->all->nodes[1];
    agree_net_start(n);

    assert_int_equal(node->host->install(node->rh->ctx, 9, 50, 1), RH_ENOTFOUND);
    assert_int_equal(node->host->install_write(node->rh->ctx, 0, 0, RH_STR_LIT("x")), RH_EINVAL);
    assert_int_equal(node->host->install_write(node->rh->ctx, 9, 0, RH_STR_LIT("abc")), RH_OK);
    assert_int_equal(node->host->install_write(node->rh->ctx, 8, 3, RH_STR_LIT("d")), RH_ECONFLICT);
    assert_int_equal(node->host->install(node->rh->ctx, 8, 50, 1), RH_ENOTFOUND);
    assert_int_equal(node->host->install(node->rh->ctx, 9, 0, 1), RH_EINVAL);
    assert_int_equal(node->host->install(node->rh->ctx, 9, 50, 1), RH_OK);
    agree_net_run(n, 100);

    assert_int_equal(node->installs, 1);
    assert_int_equal(node->installed_rc, RH_EPROTOCOL);
    assert_int_equal(agree_net_put(n, 0, "a", "one"), 200);
    agree_net_run(n, 500);
    agree_net_is_equal(n);
}

#define EACH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(who_is_behind_the_log_gets_a_snapshot_and_goes_on),
        EACH(the_log_may_be_compacted_up_to_an_installed_snapshot),
        EACH(events_of_a_snapshot_reach_readers_once),
        EACH(a_gap_is_shown_for_more_events_than_the_bus_takes),
        EACH(a_schema_that_came_with_a_snapshot_is_looked_at),
        EACH(ids_and_limits_of_snapshots),
        EACH(a_provider_that_goes_leaves_no_snapshot),
        EACH(ids_of_installs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
