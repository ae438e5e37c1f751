/* Activation: what belongs to one ends with it, and the next begins from the stored state. */
#include <stdio.h>
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include "host/core/core_internal.h"
#include "host/sim/sim.h"
#include "tests/host/core/life_net.h"

/* --- a leader provider in the test's hand --- */

static void lead(struct life_node *n, uint64_t epoch)
{
    struct rh_ctx *ctx = n->script.rh->ctx;

    assert_int_equal(n->script.leader->leading(ctx, epoch, INT64_MAX, 1, 1), RH_OK);
}

static void lose(struct life_node *n)
{
    assert_int_equal(n->script.leader->leaderless(n->script.rh->ctx, 1, "a test", 0, 1), RH_OK);
}

static void start_led(struct life_node *n, uint32_t flags)
{
    life_node_init(n);
    if (life_node_begin(n, flags | LIFE_LEADS | LIFE_ROUTES) != RH_OK)
        fail_msg("%s", n->why);
    rh_testnet_run(n->net, 1000);
}

static void a_local_plugin_is_active_without_a_leader(void **state)
{
    struct life_node n;

    (void)state;

    start_led(&n, LIFE_LOCAL);

    assert_int_equal(life_node_post(&n, "/life/put", "{\"key\":\"k\",\"value\":\"v\"}"), 200);
    assert_int_equal(n.script.activations, 1);
    life_node_end(&n);
}

static void a_replicated_plugin_is_active_only_while_this_node_leads(void **state)
{
    struct life_node n;

    (void)state;
    start_led(&n, LIFE_REPLICATED);
    assert_int_equal(n.script.activations, 0);

    lead(&n, 5);
    rh_testnet_run(n.net, 100);
    assert_int_equal(n.script.activations, 1);
    assert_int_equal(n.script.epoch, 5);
    lose(&n);
    rh_testnet_run(n.net, 100);

    assert_int_equal(n.script.deactivations, 1);
    assert_int_equal(life_node_get(&n, "/life/get?key=k"), 503);
    life_node_end(&n);
}

static void a_new_epoch_is_a_new_activation(void **state)
{
    struct life_node n;

    (void)state;
    start_led(&n, LIFE_REPLICATED);
    lead(&n, 5);
    rh_testnet_run(n.net, 100);

    lead(&n, 6);
    rh_testnet_run(n.net, 100);

    assert_int_equal(n.script.activations, 2);
    assert_int_equal(n.script.deactivations, 1);
    assert_int_equal(n.script.epoch, 6);
    life_node_end(&n);
}

static void leadership_lost_and_won_within_a_turn_is_a_new_activation(void **state)
{
    struct life_node n;

    (void)state;
    start_led(&n, LIFE_REPLICATED);
    lead(&n, 5);
    rh_testnet_run(n.net, 100);

    lose(&n);
    lead(&n, 7);
    rh_testnet_run(n.net, 100);

    assert_int_equal(n.script.activations, 2);
    assert_int_equal(n.script.epoch, 7);
    life_node_end(&n);
}

static void renewing_the_lease_keeps_the_activation(void **state)
{
    struct life_node n;

    (void)state;
    start_led(&n, LIFE_REPLICATED);
    lead(&n, 5);
    rh_testnet_run(n.net, 100);

    lead(&n, 5);
    rh_testnet_run(n.net, 100);

    assert_int_equal(n.script.activations, 1);
    life_node_end(&n);
}

static void while_activating_routes_say_loading(void **state)
{
    struct life_node n;

    (void)state;
    life_node_init(&n);
    n.script.activate_rc = RH_PENDING;
    n.script.done_ms = 5000;
    assert_int_equal(life_node_begin(&n, LIFE_LOCAL | LIFE_ROUTES), RH_OK);
    rh_testnet_run(n.net, 1000);

    assert_int_equal(life_node_get(&n, "/life/get?key=k"), 503);
    life_node_says(&n, "\"code\":\"loading\"");
    rh_testnet_run(n.net, 5000);

    assert_int_equal(life_node_get(&n, "/life/get?key=k"), 200);
    life_node_end(&n);
}

static void a_parked_request_gets_503_when_its_activation_ends(void **state)
{
    struct rh_testhost_reply reply;
    struct life_node n;
    uint64_t parked;

    (void)state;
    start_led(&n, LIFE_REPLICATED);
    lead(&n, 5);
    rh_testnet_run(n.net, 100);
    parked = rh_testhost_send(n.host, "GET", "/life/wait", NULL);
    rh_testnet_run(n.net, 100);

    lose(&n);
    rh_testnet_run(n.net, 100);

    assert_true(rh_testhost_answer(n.host, parked, &reply));
    assert_int_equal(reply.status, 503);
    life_node_end(&n);
}

static void an_old_timer(void *self, void *user)
{
    (void)user;
    life_text_add(life_script_of(self)->trace, "old-timer ");
}

static void an_answer(void *self, void *user, const struct rh_reply *reply)
{
    (void)user;
    life_text_add(life_script_of(self)->trace, "call:%d ", reply->rc);
}

/* A timer, a call and a commit, all under way. */
static void begin_work(void *self, void *script)
{
    struct life_script *s = script;
    const struct rh_call call = {
        .size = (uint32_t)sizeof call, .target = "self", .method = "GET", .path = "/life/wait"};
    rh_handle handle;

    (void)self;
    assert_int_equal(s->rh->core->timer(s->rh->ctx, 500, an_old_timer, NULL, &handle), RH_OK);
    assert_int_equal(s->rh->http->call(s->rh->ctx, &call, an_answer, NULL, &handle), RH_OK);
    assert_int_equal(life_put(s, "k", "v", NULL, NULL), RH_OK);
    s->rh->core->reactivate(s->rh->ctx, "the test says so");
}

static void work_of_an_old_activation_ends_cancelled_and_once(void **state)
{
    char cancelled[32];
    struct life_node n;

    (void)state;
    life_node_start(&n, LIFE_LOCAL | LIFE_ROUTES);
    snprintf(cancelled, sizeof cancelled, "call:%d ", RH_ECANCELLED);

    life_call(n.net, &n.script, begin_work, 20000);

    assert_int_equal(n.script.activations, 2);
    assert_int_equal(life_text_count(&n.trace, "old-timer"), 0);
    assert_non_null(strstr(n.trace.text, cancelled));
    assert_int_equal(life_text_count(&n.trace, "commit:cancelled"), 1);
    assert_true(strstr(n.trace.text, "commit:cancelled") < strstr(n.trace.text, "deactivate"));
    life_node_end(&n);
}

static void the_next_activation_sees_commits_whose_outcome_was_open(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, LIFE_LOCAL | LIFE_ROUTES);

    life_call(n.net, &n.script, begin_work, 2000);

    assert_int_equal(life_node_get(&n, "/life/get?key=k"), 200);
    life_node_says(&n, "\"value\":\"v\"");
    life_node_end(&n);
}

static void fill_beyond_quota(void *self, void *script)
{
    struct life_script *s = script;

    (void)self;
    assert_int_equal(life_put(s, "a", "12345678901234567890", NULL, NULL), RH_OK);
    assert_int_equal(life_put(s, "b", "v", NULL, NULL), RH_OK);
}

static void a_failed_commit_fails_those_behind_it_and_starts_anew(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, LIFE_LOCAL | LIFE_ROUTES);
    state_quota(n.host->core->plugins[0].namespaces[0].ns, 10);

    life_call(n.net, &n.script, fill_beyond_quota, 1000);

    assert_non_null(strstr(n.trace.text, "commit:full commit:"));
    assert_int_equal(n.script.activations, 2);
    assert_int_equal(life_node_get(&n, "/life/get?key=b"), 200);
    life_node_says(&n, "\"found\":false");
    assert_int_equal(life_node_post(&n, "/life/put", "{\"key\":\"k\",\"value\":\"v\"}"), 200);
    life_node_end(&n);
}

static void an_update_that_waits_when_the_process_ends_does_nothing(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, LIFE_LOCAL | LIFE_ROUTES);
    n.script.rh->core->reactivate(n.script.rh->ctx, "the test says so");

    rh_testhost_crash(n.host);

    assert_int_equal(n.script.deactivations, 0);
    assert_int_equal(rh_testhost_start(n.host, n.why), RH_OK);
    rh_testnet_run(n.net, 1000);
    assert_int_equal(n.script.activations, 2);
    life_node_end(&n);
}

/* --- failures --- */

static void a_failing_activation_is_tried_again_at_growing_intervals(void **state)
{
    struct life_node n;

    (void)state;
    life_node_init(&n);
    n.script.activate_rc = RH_EIO;
    n.script.fail_text = "a row is unreadable";
    assert_int_equal(life_node_begin(&n, LIFE_LOCAL | LIFE_ROUTES), RH_OK);

    rh_testnet_run(n.net, 400);
    assert_int_equal(n.script.activations, 1);
    rh_testnet_run(n.net, 200); /* + 500 */
    assert_int_equal(n.script.activations, 2);
    rh_testnet_run(n.net, 800);
    assert_int_equal(n.script.activations, 2);
    rh_testnet_run(n.net, 300); /* + 1,000 */
    assert_int_equal(n.script.activations, 3);

    assert_int_equal(life_node_get(&n, "/admin/health"), 200);
    life_node_says(&n, "{\"name\":\"plugins\",\"status\":\"degraded\",\"reason\":\"life: activate: "
                       "a row is unreadable\"}");
    life_node_end(&n);
}

static void retries_come_once_a_beat_in_the_end(void **state)
{
    uint32_t before;
    struct life_node n;

    (void)state;
    life_node_init(&n);
    n.script.activate_rc = RH_EIO;
    assert_int_equal(life_node_begin(&n, LIFE_LOCAL), RH_OK);
    rh_testnet_run(n.net, 300000);
    before = n.script.activations;

    rh_testnet_run(n.net, 300000);

    assert_int_equal(n.script.activations - before, 300000 / 1500);
    life_node_end(&n);
}

static void a_success_forgets_earlier_failures(void **state)
{
    uint32_t before;
    struct life_node n;

    (void)state;
    life_node_init(&n);
    n.script.activate_rc = RH_EIO;
    assert_int_equal(life_node_begin(&n, LIFE_LOCAL), RH_OK);
    rh_testnet_run(n.net, 20000);
    n.script.activate_rc = RH_OK;
    rh_testnet_run(n.net, 60000);
    n.script.activate_rc = RH_EIO;
    before = n.script.activations;

    n.script.rh->core->reactivate(n.script.rh->ctx, "again");
    rh_testnet_run(n.net, 600);

    assert_int_equal(n.script.activations - before, 2); /* at once, and half a second later */
    life_node_end(&n);
}

static void an_activation_that_never_ends_fails_at_its_deadline(void **state)
{
    struct life_node n;

    (void)state;
    life_node_init(&n);
    n.script.activate_rc = RH_PENDING;
    assert_int_equal(life_node_begin(&n, LIFE_LOCAL), RH_OK);

    rh_testnet_run(n.net, 119000);
    assert_int_equal(rh_testhost_logged(n.host, "activation_failed"), 0);
    rh_testnet_run(n.net, 2000);

    assert_int_equal(rh_testhost_logged(n.host, "activation_failed"), 1);
    assert_int_equal(n.script.deactivations, 1);
    assert_int_equal(n.script.activations, 2);
    life_node_end(&n);
}

static void a_late_done_of_an_ended_activation_does_not_end_the_next(void **state)
{
    struct life_node n;

    (void)state;
    start_led(&n, LIFE_REPLICATED);
    n.script.activate_rc = RH_PENDING;
    lead(&n, 5);
    rh_testnet_run(n.net, 100);

    n.script.rh->core->done(n.script.rh->ctx, RH_OK); /* of the activation of epoch 5 ... */
    lose(&n);
    lead(&n, 6);
    rh_testnet_run(n.net, 100);

    assert_int_equal(n.script.activations, 2);
    assert_int_equal(life_node_get(&n, "/life/get?key=k"), 503);
    life_node_says(&n, "\"code\":\"loading\"");
    life_node_end(&n);
}

/* Another version of the plugin, in the host's own copy of the descriptor. */
static void restart(struct life_node *n, uint32_t min, uint32_t write)
{
    struct rh_namespace *ns = (struct rh_namespace *)(uintptr_t)n->host->descs[0]->desc.namespaces;

    assert_int_equal(rh_testhost_stop(n->host), 0);
    ns->schema_read_min = min;
    ns->schema_write = write;
    n->trace.n = 0;
}

static void an_older_schema_is_migrated_before_activate(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, LIFE_LOCAL | LIFE_ROUTES);

    restart(&n, 1, 3);
    assert_int_equal(rh_testhost_start(n.host, n.why), RH_OK);
    rh_testnet_run(n.net, 1000);

    assert_int_equal(n.script.migrated_from, 1);
    assert_non_null(strstr(n.trace.text, "life.migrate life.activate "));
    life_node_end(&n);
}

static void a_migrated_schema_is_not_migrated_again(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, LIFE_LOCAL | LIFE_ROUTES);
    restart(&n, 1, 3);
    assert_int_equal(rh_testhost_start(n.host, n.why), RH_OK);
    rh_testnet_run(n.net, 1000);

    restart(&n, 1, 3);
    assert_int_equal(rh_testhost_start(n.host, n.why), RH_OK);
    rh_testnet_run(n.net, 1000);

    assert_int_equal(life_text_count(&n.trace, "life.migrate"), 0);
    life_node_end(&n);
}

static void a_failing_migration_is_tried_again(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, LIFE_LOCAL | LIFE_ROUTES);
    restart(&n, 1, 3);
    n.script.migrate_rc = RH_EIO;
    assert_int_equal(rh_testhost_start(n.host, n.why), RH_OK);
    rh_testnet_run(n.net, 300);
    assert_int_equal(life_text_count(&n.trace, "life.activate"), 0);

    n.script.migrate_rc = RH_OK;
    rh_testnet_run(n.net, 1000);

    assert_int_equal(life_text_count(&n.trace, "life.migrate"), 2);
    assert_int_equal(life_text_count(&n.trace, "life.activate"), 1);
    life_node_end(&n);
}

static void a_newer_schema_is_refused_by_name(void **state)
{
    struct life_node n;

    (void)state;
    life_node_init(&n);
    n.script.schema_write = 4;
    assert_int_equal(life_node_begin(&n, LIFE_LOCAL | LIFE_ROUTES), RH_OK);
    rh_testnet_run(n.net, 1000);
    restart(&n, 2, 3);

    assert_int_equal(rh_testhost_start(n.host, n.why), RH_EINVAL);

    assert_string_equal(n.why, "plugin life 0.1.0: namespace \"life\" holds schema 4, this version "
                               "reads 2 to 3");
    life_node_end(&n);
}

static void the_schema_of_a_replicated_namespace_is_stored_with_its_data(void **state)
{
    struct life_node n;

    (void)state;
    life_node_init(&n);
    n.script.schema_write = 4;
    assert_int_equal(life_node_begin(&n, LIFE_REPLICATED | LIFE_ROUTES), RH_OK);
    rh_testnet_run(n.net, 1000);
    assert_int_equal(life_node_post(&n, "/life/put", "{\"key\":\"k\",\"value\":\"v\"}"), 200);

    restart(&n, 1, 3);
    assert_int_equal(rh_testhost_start(n.host, n.why), RH_OK);
    rh_testnet_run(n.net, 1000);

    assert_int_equal(life_text_count(&n.trace, "life.activate"), 0);
    assert_int_equal(rh_testhost_logged(n.host, "schema_refused"), 1);
    life_node_end(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_local_plugin_is_active_without_a_leader),
        cmocka_unit_test(a_replicated_plugin_is_active_only_while_this_node_leads),
        cmocka_unit_test(a_new_epoch_is_a_new_activation),
        cmocka_unit_test(leadership_lost_and_won_within_a_turn_is_a_new_activation),
        cmocka_unit_test(renewing_the_lease_keeps_the_activation),
        cmocka_unit_test(while_activating_routes_say_loading),
        cmocka_unit_test(a_parked_request_gets_503_when_its_activation_ends),
        cmocka_unit_test(work_of_an_old_activation_ends_cancelled_and_once),
        cmocka_unit_test(the_next_activation_sees_commits_whose_outcome_was_open),
        cmocka_unit_test(a_failed_commit_fails_those_behind_it_and_starts_anew),
        cmocka_unit_test(an_update_that_waits_when_the_process_ends_does_nothing),
        cmocka_unit_test(a_failing_activation_is_tried_again_at_growing_intervals),
        cmocka_unit_test(retries_come_once_a_beat_in_the_end),
        cmocka_unit_test(a_success_forgets_earlier_failures),
        cmocka_unit_test(an_activation_that_never_ends_fails_at_its_deadline),
        cmocka_unit_test(a_late_done_of_an_ended_activation_does_not_end_the_next),
        cmocka_unit_test(an_older_schema_is_migrated_before_activate),
        cmocka_unit_test(a_migrated_schema_is_not_migrated_again),
        cmocka_unit_test(a_failing_migration_is_tried_again),
        cmocka_unit_test(a_newer_schema_is_refused_by_name),
        cmocka_unit_test(the_schema_of_a_replicated_namespace_is_stored_with_its_data),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
