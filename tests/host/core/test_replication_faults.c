/* Nodes with a provider where applying stops, and nodes that are no members. */
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

/* --- applying stops --- */

static void on_a_full_disk_the_leader_steps_down_and_goes_on_later(void **fixture)
{
    struct agree_net *n = *fixture;
    struct agree_node *node = &n->all->nodes[0];
    struct state_store *store;
    uint64_t put;
    agree_net_start(n);
    assert_int_equal(agree_net_put(n, 0, "a", "one"), 200);
    store = &agree_net_core(n, 0)->state->stores[STATE_REPLICA];
    assert_int_equal(sqlite3_exec(store->writer.db, "PRAGMA max_page_count=1", NULL, NULL, NULL),
                     SQLITE_OK); /* the database may not grow any more */

    for (uint32_t i = 0; i < 400; i++) {
        char body[600];
        int head = snprintf(body, sizeof body, "{\"key\":\"big%u\",\"value\":\"", i);
        memset(body + head, 'x', 400);
        memcpy(body + head + 400, "\"}", 3);
        put = rh_testhost_send(n->hosts[0], "POST", "/life/put", body);
    }
    agree_net_run(n, 3000);
    if (rh_testhost_answer(n->hosts[0], put, &n->reply))
        fail_msg("answered with %u %s", n->reply.status, n->reply.body);
    assert_int_equal(node->health_rc, RH_ENOSPACE);
    assert_true(node->steps_down >= 1);
    assert_int_equal(rh_testhost_request(n->hosts[0], "GET", "/healthz", NULL, &n->reply), 200);
    assert_int_equal(rh_testhost_request(n->hosts[0], "GET", "/admin/health", NULL, &n->reply),
                     200);
    agree_net_says(n, "degraded");
    agree_net_says(n, "full");
    agree_net_lead(n, 1);
    assert_int_equal(agree_net_get(n, 1, "big399"), 200); /* agreed on, so it is there */
    agree_net_says(n, "\"found\":true");
    assert_int_equal(
        sqlite3_exec(store->writer.db, "PRAGMA max_page_count=1000000", NULL, NULL, NULL),
        SQLITE_OK);
    agree_net_run(n, 3000);

    assert_int_equal(node->health_rc, RH_OK);
    assert_int_equal(agree_net_index(n, 0), n->all->commit);
    agree_net_is_equal(n);
}

static void a_failed_disk_stops_applying_and_leading_for_good(void **fixture)
{
    struct agree_net *n = *fixture;
    struct agree_node *node = &n->all->nodes[0];
    char why[RH_TESTHOST_WHY_MAX];
    agree_net_start(n);
    assert_int_equal(agree_net_put(n, 0, "a", "one"), 200);
    agree_net_run(n, 500);

    state_fail(agree_net_core(n, 0)->state, RH_EIO, "the disk is gone");
    agree_net_run(n, 200);

    assert_int_equal(node->health_rc, RH_EIO);
    assert_int_equal(node->steps_down, 1);
    agree_net_run(n, 20000);
    assert_true(node->steps_down > 1); /* asked again as long as it leads */
    agree_net_lead(n, 1);
    assert_int_equal(agree_net_put(n, 1, "b", "two"), 200);
    agree_net_run(n, 500);
    assert_int_equal(node->committed_rc, RH_EIO);
    rh_testhost_crash(n->hosts[0]);
    assert_int_equal(rh_testhost_start(n->hosts[0], why), RH_OK);
    agree_net_run(n, 1000);
    agree_net_is_equal(n);
}

/* --- who is no member --- */

static void where_the_provider_stands_by_nothing_is_applied(void **fixture)
{
    struct agree_net *n = *fixture;
    n->all->nodes[2].stands_by = true;
    agree_net_start(n);

    assert_int_equal(agree_net_put(n, 0, "a", "one"), 200);
    agree_net_run(n, 500);

    assert_int_equal(agree_net_index(n, 2), 0);
    assert_false(n->all->nodes[2].is_active);
    assert_false(n->all->nodes[2].leads_active);
}

static void read_replicated(void *self, void *script)
{
    struct life_script *s = script;
    struct rh_value value = {.size = (uint32_t)sizeof value};

    (void)self;
    s->event_rc = s->rh->state->get(s->rh->ctx, "life", RH_STR_LIT("a"), &value);
}

static void reading_on_a_node_that_is_no_member_says_so(void **fixture)
{
    struct agree_net *n = *fixture;
    n->all->nodes[2].stands_by = true;
    agree_net_start(n);

    life_call(n->net, &n->scripts[1], read_replicated, 10);
    life_call(n->net, &n->scripts[2], read_replicated, 10);

    assert_int_equal(n->scripts[1].event_rc, RH_ELOADING); /* a follower: not active */
    assert_int_equal(n->scripts[2].event_rc, RH_EELSEWHERE);
}

static void a_member_that_leaves_and_returns_catches_up(void **fixture)
{
    struct agree_net *n = *fixture;
    struct agree_node *node = &n->all->nodes[1];
    agree_net_start(n);
    assert_int_equal(agree_net_put(n, 0, "a", "one"), 200);
    agree_net_run(n, 500);

    assert_int_equal(node->host->stand_by(node->rh->ctx, 1), RH_OK);
    agree_net_run(n, 200);
    assert_false(node->is_active);
    assert_int_equal(node->host->committed(node->rh->ctx, 99, 99, 0, RH_STR_LIT("")),
                     RH_EFORBIDDEN);
    assert_int_equal(agree_net_put(n, 0, "b", "two"), 200);
    agree_net_run(n, 500);
    assert_true(agree_net_index(n, 1) < n->all->commit);
    assert_int_equal(node->host->stand_by(node->rh->ctx, 0), RH_OK);
    agree_net_run(n, 1000);

    assert_true(node->is_active);
    assert_int_equal(agree_net_index(n, 1), n->all->commit);
    agree_net_is_equal(n);
}

static void a_leader_that_stands_by_fails_what_it_proposed(void **fixture)
{
    struct agree_net *n = *fixture;
    struct agree_node *node = &n->all->nodes[0];
    uint64_t put;
    agree_net_start(n);
    agree_hold(n->all, true);
    put = rh_testhost_send(n->hosts[0], "POST", "/life/put", "{\"key\":\"a\",\"value\":\"v\"}");
    agree_net_run(n, 200);

    assert_int_equal(node->host->stand_by(node->rh->ctx, 1), RH_OK);
    agree_net_run(n, 1000);

    assert_true(rh_testhost_answer(n->hosts[0], put, &n->reply));
    assert_int_equal(n->reply.status, 503);
    assert_int_equal(n->scripts[0].deactivations, 1);
}

#define EACH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(on_a_full_disk_the_leader_steps_down_and_goes_on_later),
        EACH(a_failed_disk_stops_applying_and_leading_for_good),
        EACH(where_the_provider_stands_by_nothing_is_applied),
        EACH(reading_on_a_node_that_is_no_member_says_so),
        EACH(a_member_that_leaves_and_returns_catches_up),
        EACH(a_leader_that_stands_by_fails_what_it_proposed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
