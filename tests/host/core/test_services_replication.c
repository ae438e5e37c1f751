/* The host table of replication/1: who may call what, and the answers to wrong calls. */
#include "tests/host/core/cmocka_all.h"

#include <string.h>

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

static void who_is_not_active_may_only_look(void **fixture)
{
    struct agree_net *n = *fixture;
    struct agree_node *node = &n->all->nodes[1];
    const struct rh_replication_host_v1 *host;
    struct rh_str piece;
    uint64_t index = 7;
    uint64_t term = 7;
    struct rh_ctx *ctx;
    node->stands_by = true;
    agree_net_start(n);
    host = node->host;
    ctx = node->rh->ctx;

    assert_int_equal(host->applied(ctx, &index, &term), RH_OK);
    assert_int_equal(index, 0);
    assert_int_equal(host->committed(ctx, 1, 1, 0, RH_STR_LIT("")), RH_EFORBIDDEN);
    assert_int_equal(host->failed(ctx, 1, RH_EUNKNOWN), RH_EFORBIDDEN);
    assert_int_equal(host->barrier_done(ctx, 1, RH_OK), RH_EFORBIDDEN);
    assert_int_equal(host->snapshot_wanted(ctx, 1), RH_EFORBIDDEN);
    assert_int_equal(host->snapshot_read(ctx, 1, 0, 1, &piece), RH_EFORBIDDEN);
    assert_int_equal(host->snapshot_release(ctx, 1), RH_EFORBIDDEN);
    assert_int_equal(host->install_write(ctx, 1, 0, RH_STR_LIT("x")), RH_EFORBIDDEN);
    assert_int_equal(host->install(ctx, 1, 1, 1), RH_EFORBIDDEN);
}

static void entries_come_in_order(void **fixture)
{
    struct agree_net *n = *fixture;
    struct agree_node *node = &n->all->nodes[1];
    agree_net_start(n);
    node->is_stuck = true;

    assert_int_equal(node->host->committed(node->rh->ctx, node->next - 1, 1, 0, RH_STR_LIT("")),
                     RH_EINVAL);
    assert_int_equal(node->host->committed(node->rh->ctx, node->next + 5, 1, 0, RH_STR_LIT("")),
                     RH_OK); /* gaps are allowed */
}

static void an_entry_of_an_unknown_version_stops_the_node_from_leading(void **fixture)
{
    struct agree_net *n = *fixture;
    struct agree_node *node = &n->all->nodes[0];
    agree_net_start(n);

    assert_int_equal(
        node->host->committed(node->rh->ctx, node->next, 1, 0, RH_STR_LIT("not a batch")),
        RH_EUNSUPPORTED);
    agree_net_run(n, 200);

    assert_true(node->steps_down >= 1);
    assert_int_equal(rh_testhost_request(n->hosts[0], "GET", "/admin/health", NULL, &n->reply),
                     200);
    agree_net_says(n, "holds an entry that this version does not know");
}

static void a_full_queue_has_room_after_the_next_applied(void **fixture)
{
    struct agree_net *n = *fixture;
    struct agree_node *node = &n->all->nodes[1];
    uint64_t index;
    int32_t rc = RH_OK;
    agree_net_start(n);
    node->is_stuck = true;
    index = node->next;

    while ((rc = node->host->committed(node->rh->ctx, index, n->all->epoch, 0, RH_STR_LIT(""))) ==
           RH_OK)
        index++;
    assert_int_equal(rc, RH_EAGAIN);
    assert_int_equal(index - node->next, STATE_QUEUE_BATCHES_MAX);
    node->applied_calls = 0;
    while (node->applied_calls == 0)
        agree_net_run(n, 1);

    assert_int_equal(node->host->committed(node->rh->ctx, index, n->all->epoch, 0, RH_STR_LIT("")),
                     RH_OK);
}

static void a_proposal_is_given_up_with_one_of_two_codes(void **fixture)
{
    struct agree_net *n = *fixture;
    struct agree_node *node = &n->all->nodes[0];
    agree_net_start(n);

    assert_int_equal(node->host->failed(node->rh->ctx, 1, RH_EIO), RH_EINVAL);
    assert_int_equal(node->host->failed(node->rh->ctx, 12345, RH_ENOTLEADER), RH_OK);
}

static void standing_by_before_the_start_is_never_told_active(void **fixture)
{
    struct agree_net *n = *fixture;
    n->all->nodes[1].stands_by = true;

    agree_net_start(n);

    assert_null(agree_net_core(n, 1)->repl.provider);
    assert_non_null(agree_net_core(n, 0)->repl.provider);
    assert_string_equal(agree_net_core(n, 0)->repl.provider->id, "agree");
}

static int setup_alone(void **fixture)
{
    static struct agree_net net;

    agree_net_init(&net, 1);
    *fixture = &net;
    return 0;
}

/* Alone it leads itself, but what it has may be old, and nobody else would get what it takes. */
static void who_leads_and_is_no_member_uses_no_replicated_state(void **fixture)
{
    struct agree_net *n = *fixture;
    struct agree_node *node = &n->all->nodes[0];
    agree_net_start(n);
    assert_int_equal(agree_net_put(n, 0, "a", "one"), 200);

    assert_int_equal(node->host->stand_by(node->rh->ctx, 1), RH_OK);
    agree_net_run(n, 2000);

    assert_true(agree_net_core(n, 0)->lead.is_self);
    assert_int_equal(node->leader->may_lead(node->rh->ctx), RH_EFORBIDDEN);
    assert_int_equal(agree_net_put(n, 0, "b", "two"), 503);
    agree_net_says(n, "this node is no member and holds no replicated state");
    assert_int_equal(node->host->stand_by(node->rh->ctx, 0), RH_OK);
    assert_int_equal(node->leader->may_lead(node->rh->ctx), RH_OK);
}

#define EACH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(who_is_not_active_may_only_look),
        EACH(entries_come_in_order),
        EACH(an_entry_of_an_unknown_version_stops_the_node_from_leading),
        EACH(a_full_queue_has_room_after_the_next_applied),
        EACH(a_proposal_is_given_up_with_one_of_two_codes),
        EACH(standing_by_before_the_start_is_never_told_active),
        cmocka_unit_test_setup_teardown(who_leads_and_is_no_member_uses_no_replicated_state,
                                        setup_alone, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
