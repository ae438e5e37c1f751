/* Whoever watches a net sees each message as it is sent and as it is delivered, with its pieces. */
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include <ringhost/sdk/str.h>

#include "host/sim/sim.h"
#include "tests/host/core/life_net.h"

struct seen {
    uint32_t kinds[8];
    uint64_t exchange;
    bool is_same;
    char query[32], path[32];
    uint32_t status, from, to;
};

static void on_message(void *user, const struct rh_sim_message *message)
{
    struct seen *seen = user;

    if (!rh_str_eq_c(message->path, "/healthz"))
        return;
    seen->kinds[message->kind]++;
    if (message->kind == RH_SIM_REQUEST_SENT) {
        seen->exchange = message->exchange;
        seen->is_same = true;
        assert_int_equal(rh_str_copy(seen->query, sizeof seen->query, message->query), RH_OK);
        seen->from = message->from;
        seen->to = message->to;
    }
    seen->is_same &= message->exchange == seen->exchange;
    if (message->kind == RH_SIM_REPLY_SENT)
        seen->status = message->status;
}

static void on_answer(void *user, const struct http_result *result)
{
    *(int32_t *)user = result->rc;
}

/* A call from n1 to n2. */
static int32_t call(struct life_cluster *c, struct seen *seen)
{
    const struct http_outbound out = {
        .authority = RH_STR_LIT("n2:8770"),
        .method = "GET",
        .target = RH_STR_LIT("/healthz?a=1"),
        .deadline_ms = sim_clock_now_us(c->hosts[0]) / 1000 + 500,
        .body_max = 100000,
    };
    int32_t rc = 99;
    uint64_t id;

    c->net->watch = (struct sim_watch){.user = seen, .on_message = on_message};
    assert_int_equal(sim_call(c->hosts[0], &out, on_answer, &rc, &id), RH_OK);
    rh_testnet_run(c->net, 1000);
    c->net->watch = (struct sim_watch){0};
    return rc;
}

static void a_call_is_seen_four_times_under_one_number(void **state)
{
    struct seen seen = {0};
    struct life_cluster c;

    (void)state;
    life_cluster_start(&c, 2, 1);

    assert_int_equal(call(&c, &seen), RH_OK);

    for (uint32_t kind = RH_SIM_REQUEST_SENT; kind <= RH_SIM_REPLY_DELIVERED; kind++)
        assert_int_equal(seen.kinds[kind], 1);
    assert_true(seen.is_same);
    assert_string_equal(seen.query, "a=1");
    assert_int_equal(seen.from, 0);
    assert_int_equal(seen.to, 1);
    assert_true(seen.status >= 200);
    life_cluster_end(&c);
}

static void what_is_lost_is_sent_and_not_delivered(void **state)
{
    struct seen seen = {0};
    struct life_cluster c;

    (void)state;
    life_cluster_start(&c, 2, 1);
    sim_wire_cut(&c.net->wire, 0, 1, true);

    assert_int_equal(call(&c, &seen), RH_ETIMEOUT);

    assert_int_equal(seen.kinds[RH_SIM_REQUEST_SENT], 1);
    assert_int_equal(seen.kinds[RH_SIM_REQUEST_DELIVERED], 0);
    life_cluster_end(&c);
}

static void a_reset_after_the_work_is_unknown_to_the_caller(void **state)
{
    struct seen seen = {0};
    struct life_cluster c;

    (void)state;
    life_cluster_start(&c, 2, 1);
    c.net->wire.faults.reset_ppm = SIM_PPM;

    assert_int_equal(call(&c, &seen), RH_EUNKNOWN);

    assert_int_equal(seen.kinds[RH_SIM_REPLY_SENT], 1);
    assert_int_equal(seen.kinds[RH_SIM_REPLY_DELIVERED], 0);
    life_cluster_end(&c);
}

static void a_node_behind_nat_calls_and_is_not_called(void **state)
{
    struct seen seen = {0};
    struct life_cluster c;

    (void)state;
    life_cluster_start(&c, 2, 1);

    c.hosts[1]->is_unreachable = true;
    assert_int_equal(call(&c, &seen), RH_EUNREACHABLE);
    c.hosts[1]->is_unreachable = false;
    c.hosts[0]->is_unreachable = true;

    assert_int_equal(call(&c, &seen), RH_OK);
    life_cluster_end(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_is_seen_four_times_under_one_number),
        cmocka_unit_test(what_is_lost_is_sent_and_not_delivered),
        cmocka_unit_test(a_reset_after_the_work_is_unknown_to_the_caller),
        cmocka_unit_test(a_node_behind_nat_calls_and_is_not_called),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
