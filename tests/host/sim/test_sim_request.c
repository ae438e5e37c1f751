/* Requests from outside: through the faults of the wire or past them, told once, in no time if
 * asked for. */
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include <ringhost/sdk/str.h>

#include "host/sim/sim.h"
#include "tests/host/core/life_net.h"

struct told {
    uint32_t times;
    uint32_t status;
    int64_t at_us;
    struct rh_testnet *net;
};

static void on_done(void *user, const struct sim_request *request)
{
    struct told *told = user;

    told->times++;
    told->status = request->status;
    told->at_us = told->net->now_us;
}

static struct told send(struct life_node *n, bool is_lossy, int64_t timeout_us)
{
    struct told told = {.net = n->net};
    const struct sim_request_spec spec = {
        .method = "GET",
        .target = "/healthz",
        .is_lossy = is_lossy,
        .timeout_us = timeout_us,
        .done = on_done,
        .user = &told,
    };

    (void)sim_request_send(n->host, &spec);
    assert_int_equal(told.times, 0); /* never inside the call */
    rh_testnet_run(n->net, 3000);
    return told;
}

static void a_client_waits_for_two_latencies(void **state)
{
    struct life_node n;
    struct told told;
    int64_t from_us;

    (void)state;
    life_node_start(&n, 0);
    rh_testnet_latency(n.net, 30, 30);
    from_us = n.net->now_us;

    told = send(&n, true, 1000000);

    assert_int_equal(told.times, 1);
    assert_int_equal(told.status, 200);
    assert_int_equal(told.at_us - from_us, 60000);
    life_node_end(&n);
}

static void a_lost_request_is_told_at_its_deadline(void **state)
{
    struct life_node n;
    struct told told;
    int64_t from_us;

    (void)state;
    life_node_start(&n, 0);
    n.net->wire.faults.loss_ppm = SIM_PPM;
    from_us = n.net->now_us;

    told = send(&n, true, 1000000);

    assert_int_equal(told.times, 1);
    assert_int_equal(told.status, 0);
    assert_int_equal(told.at_us - from_us, 1000000);
    life_node_end(&n);
}

static void a_reset_after_the_answer_leaves_status_0(void **state)
{
    struct life_node n;
    struct told told;

    (void)state;
    life_node_start(&n, 0);
    n.net->wire.faults.reset_ppm = SIM_PPM;

    told = send(&n, true, 1000000);

    assert_int_equal(told.times, 1);
    assert_int_equal(told.status, 0);
    life_node_end(&n);
}

static void a_duplicate_is_answered_once(void **state)
{
    struct life_node n;
    struct told told;

    (void)state;
    life_node_start(&n, 0);
    n.net->wire.faults.duplicate_ppm = SIM_PPM;

    told = send(&n, true, 1000000);

    assert_int_equal(told.times, 1);
    assert_int_equal(told.status, 200);
    life_node_end(&n);
}

static void a_test_is_past_all_faults(void **state)
{
    struct life_node n;
    struct told told;

    (void)state;
    life_node_start(&n, 0);
    n.net->wire.faults.loss_ppm = SIM_PPM;

    told = send(&n, false, 0);

    assert_int_equal(told.times, 1);
    assert_int_equal(told.status, 200);
    life_node_end(&n);
}

static void now_takes_no_time_and_leaves_nothing(void **state)
{
    struct life_node n;
    const struct sim_request *request;
    int64_t from_us;
    uint64_t id;

    (void)state;
    life_node_start(&n, 0);
    from_us = n.net->now_us;

    id = sim_request_now(n.host, "/healthz");

    request = rh_map64_get(&n.host->requests, id);
    assert_true(request->is_answered);
    assert_int_equal(request->status, 200);
    assert_int_equal(n.net->now_us, from_us);
    sim_request_forget(n.host, id);
    assert_null(rh_map64_get(&n.host->requests, id));
    life_node_end(&n);
}

static void a_node_that_dies_loses_what_it_had_not_answered(void **state)
{
    struct told told = {0};
    struct life_node n;
    const struct sim_request_spec spec = {
        .method = "GET", .target = "/events", .done = on_done, .user = &told};

    (void)state;
    life_node_start(&n, 0);
    told.net = n.net;
    (void)sim_request_send(n.host, &spec);
    rh_testnet_run(n.net, 10);
    assert_int_equal(told.times, 0);

    rh_testhost_crash(n.host);

    assert_int_equal(told.times, 1);
    life_node_end(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_waits_for_two_latencies),
        cmocka_unit_test(a_lost_request_is_told_at_its_deadline),
        cmocka_unit_test(a_reset_after_the_answer_leaves_status_0),
        cmocka_unit_test(a_duplicate_is_answered_once),
        cmocka_unit_test(a_test_is_past_all_faults),
        cmocka_unit_test(now_takes_no_time_and_leaves_nothing),
        cmocka_unit_test(a_node_that_dies_loses_what_it_had_not_answered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
