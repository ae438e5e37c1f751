/* Setting replicated state aside for a provider: the copy, the empty database, and when it waits.
 */
#include <string.h>

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

struct outcome {
    uint32_t count;
    int32_t rc;
};

static void on_aside(void *self, void *user, int32_t rc)
{
    struct outcome *outcome = user;

    (void)self;
    outcome->count++;
    outcome->rc = rc;
}

static int32_t ask(struct agree_net *n, uint32_t at, struct outcome *outcome)
{
    struct agree_node *node = &n->all->nodes[at];

    return node->host->set_aside(node->rh->ctx, outcome ? on_aside : NULL, outcome);
}

static void a_follower_is_emptied_and_told_once(void **fixture)
{
    struct agree_net *n = *fixture;
    struct outcome outcome = {.count = 0};
    struct outcome second = {.count = 0};
    agree_net_start(n);
    assert_int_equal(agree_net_put(n, 0, "a", "one"), 200);
    agree_net_run(n, 500);
    assert_int_equal(agree_net_index(n, 1), n->all->commit);
    n->all->nodes[1].is_stuck = true; /* or it would fill it again */

    assert_int_equal(ask(n, 1, &outcome), RH_OK);
    assert_int_equal(ask(n, 1, &second), RH_EAGAIN);
    assert_int_equal(outcome.count, 0);
    agree_net_run(n, 500);

    assert_int_equal(outcome.count, 1);
    assert_int_equal(outcome.rc, RH_OK);
    assert_int_equal(second.count, 0);
    assert_int_equal(agree_net_index(n, 1), 0);
    assert_int_equal(state_replica_used(agree_net_core(n, 1)->state), 0);
    assert_int_equal(rh_testhost_logged(n->hosts[1], "state_set_aside"), 1);
}

static void state_in_use_is_not_set_aside(void **fixture)
{
    struct agree_net *n = *fixture;
    struct outcome outcome = {.count = 0};
    agree_net_start(n);
    assert_int_equal(agree_net_put(n, 0, "a", "one"), 200);

    assert_int_equal(ask(n, 0, &outcome), RH_EAGAIN); /* its plugin is active */
    assert_int_equal(ask(n, 1, NULL), RH_EINVAL);
    agree_net_run(n, 500);

    assert_int_equal(outcome.count, 0);
    assert_int_equal(agree_net_get(n, 0, "a"), 200);
    agree_net_says(n, "one");
}

static void no_home_is_known_where_a_log_always_was(void **fixture)
{
    struct agree_net *n = *fixture;
    struct agree_node *node = &n->all->nodes[1];
    struct rh_str home = RH_STR_LIT("x");
    uint64_t epoch = 7;
    agree_net_start(n);
    assert_int_equal(agree_net_put(n, 0, "a", "one"), 200);

    assert_int_equal(node->host->former_home(node->rh->ctx, &epoch, &home), RH_OK);

    assert_int_equal(epoch, 0);
    assert_int_equal(home.n, 0);
}

#define EACH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(a_follower_is_emptied_and_told_once),
        EACH(state_in_use_is_not_set_aside),
        EACH(no_home_is_known_where_a_log_always_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
