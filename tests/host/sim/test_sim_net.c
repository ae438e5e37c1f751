/* Calls between nodes: answered once, refused by the dead, lost on a cut line, ended by deadlines.
 */
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include "host/core/core_internal.h"
#include "host/sim/sim.h"
#include "tests/host/core/life_net.h"

/* Two nodes and the outcome of the last call from the first to the second. */
struct two {
    struct rh_testnet *net;
    struct rh_testhost *hosts[2];
    struct life_script scripts[2];
    struct life_plugin plugins[2];
    uint32_t answers;
    int32_t rc;
    uint32_t status;
    int64_t at_ms;
};

static void two_start(struct two *t)
{
    static const char *const names[] = {"n1", "n2"};
    char why[RH_TESTHOST_WHY_MAX];

    memset(t, 0, sizeof *t);
    t->net = rh_testnet_new(1, LIFE_WALL_MS);
    for (uint32_t i = 0; i < 2; i++) {
        struct rh_testhost_plugin row;
        const struct rh_testhost_setup setup = {.node_id = names[i],
                                                .plugins = &row,
                                                .plugin_count = 1,
                                                .voters = names,
                                                .voter_count = 2};

        life_describe(&t->plugins[i], "life", NULL, LIFE_ROUTES | LIFE_LOCAL, &t->scripts[i]);
        row = life_entry(&t->plugins[i]);
        if (rh_testhost_new(t->net, &setup, &t->hosts[i], why) != RH_OK)
            fail_msg("%s", why);
    }
    rh_testnet_run(t->net, 1000);
}

static void on_answer(void *user, const struct http_result *result)
{
    struct two *t = user;

    t->answers++;
    t->rc = result->rc;
    t->status = result->status;
    t->at_ms = rh_testnet_now_ms(t->net);
}

/* Call n2 (or whom) with a second until the deadline. */
static uint64_t call(struct two *t, const char *whom, const char *path)
{
    const struct http_outbound out = {
        .authority = rh_str_from(whom),
        .method = "GET",
        .target = rh_str_from(path),
        .deadline_ms = rh_testnet_now_ms(t->net) + 1000,
        .body_max = 1000000,
    };
    uint64_t id = 0;

    assert_int_equal(sim_call(t->hosts[0], &out, on_answer, t, &id), RH_OK);
    assert_int_equal(t->answers, 0); /* never inside the call */
    return id;
}

static void an_answer_takes_two_latencies(void **state)
{
    struct two t;
    int64_t from_ms;

    (void)state;
    two_start(&t);
    rh_testnet_latency(t.net, 7, 7);
    from_ms = rh_testnet_now_ms(t.net);

    call(&t, "n2:8770", "/healthz");
    rh_testnet_run(t.net, 5000);

    assert_int_equal(t.answers, 1);
    assert_int_equal(t.rc, RH_OK);
    assert_int_equal(t.status, 200);
    assert_int_equal(t.at_ms - from_ms, 14);
    rh_testnet_free(t.net);
}

static void a_node_that_is_down_or_unknown_refuses_at_once(void **state)
{
    struct two t;

    (void)state;
    two_start(&t);
    rh_testhost_crash(t.hosts[1]);

    call(&t, "n2:8770", "/healthz");
    rh_testnet_run(t.net, 10);
    assert_int_equal(t.answers, 1);
    assert_int_equal(t.rc, RH_EUNREACHABLE);
    t.answers = 0;
    call(&t, "n9:8770", "/healthz");
    rh_testnet_run(t.net, 5000);

    assert_int_equal(t.answers, 1);
    assert_int_equal(t.rc, RH_EUNREACHABLE);
    rh_testnet_free(t.net);
}

static void a_cut_line_is_found_by_the_deadline_and_heals(void **state)
{
    struct two t;
    int64_t from_ms;

    (void)state;
    two_start(&t);
    rh_testnet_cut(t.net, "n1", "n2", true);
    from_ms = rh_testnet_now_ms(t.net);

    call(&t, "n2:8770", "/healthz");
    rh_testnet_run(t.net, 5000);
    assert_int_equal(t.answers, 1);
    assert_int_equal(t.rc, RH_ETIMEOUT);
    assert_int_equal(t.at_ms - from_ms, 1000);
    t.answers = 0;
    rh_testnet_cut(t.net, "n1", "n2", false);
    call(&t, "n2:8770", "/healthz");
    rh_testnet_run(t.net, 5000);

    assert_int_equal(t.status, 200);
    rh_testnet_free(t.net);
}

static void an_answer_is_lost_on_a_line_cut_meanwhile(void **state)
{
    struct two t;

    (void)state;
    two_start(&t);
    rh_testnet_latency(t.net, 10, 10);

    call(&t, "n2:8770", "/healthz");
    rh_testnet_cut(t.net, "n1", "n2", true);
    rh_testnet_run(t.net, 5000);

    assert_int_equal(t.answers, 1);
    assert_int_equal(t.rc, RH_ETIMEOUT);
    rh_testnet_free(t.net);
}

static void a_node_that_dies_before_it_answers_leaves_the_outcome_open(void **state)
{
    struct two t;

    (void)state;
    two_start(&t);

    call(&t, "n2:8770", "/life/wait");
    rh_testnet_run(t.net, 100);
    rh_testhost_crash(t.hosts[1]);
    rh_testnet_run(t.net, 5000);

    assert_int_equal(t.answers, 1);
    assert_int_equal(t.rc, RH_EUNKNOWN);
    rh_testnet_free(t.net);
}

static void a_cancelled_call_ends_once_and_late_answers_are_ignored(void **state)
{
    struct two t;
    uint64_t id;

    (void)state;
    two_start(&t);

    id = call(&t, "n2:8770", "/healthz");
    sim_call_cancel(t.hosts[0], id);
    sim_call_cancel(t.hosts[0], id);
    rh_testnet_run(t.net, 5000);

    assert_int_equal(t.answers, 1);
    assert_int_equal(t.rc, RH_ECANCELLED);
    rh_testnet_free(t.net);
}

static void a_request_to_a_node_that_is_down_has_status_0(void **state)
{
    struct rh_testhost_reply reply;
    struct two t;
    uint64_t id;

    (void)state;
    two_start(&t);
    id = rh_testhost_send(t.hosts[1], "GET", "/healthz", NULL); /* still on its way */

    rh_testhost_crash(t.hosts[1]);
    rh_testnet_run(t.net, 10);

    assert_true(rh_testhost_answer(t.hosts[1], id, &reply));
    assert_int_equal(reply.status, 0);
    assert_int_equal(rh_testhost_request(t.hosts[1], "GET", "/healthz", NULL, NULL), 0);
    rh_testnet_free(t.net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_takes_two_latencies),
        cmocka_unit_test(a_node_that_is_down_or_unknown_refuses_at_once),
        cmocka_unit_test(a_cut_line_is_found_by_the_deadline_and_heals),
        cmocka_unit_test(an_answer_is_lost_on_a_line_cut_meanwhile),
        cmocka_unit_test(a_node_that_dies_before_it_answers_leaves_the_outcome_open),
        cmocka_unit_test(a_cancelled_call_ends_once_and_late_answers_are_ignored),
        cmocka_unit_test(a_request_to_a_node_that_is_down_has_status_0),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
