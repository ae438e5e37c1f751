/* What checks may ask: facts, stores live and durable, requests through the faults, answers in no
 * time, decoding. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include <ringhost/sdk/str.h>

#include "host/sim/run/world.h"
#include "tests/host/sim/run/probe.h"

/* What the tick under test found; it looks once, after the fifth second. */
static struct {
    bool is_done;
    uint32_t answered, status;
    struct rh_sim_node node;
    int32_t rc;
    char text[256];
} found;

static bool is_time(struct rh_sim *sim)
{
    if (found.is_done || rh_sim_now_us(sim) < 5000000)
        return false;
    return found.is_done = true;
}

static void run(void (*on_tick)(struct rh_sim *sim), const char *text)
{
    struct suite *suite = probe_suite(text);
    struct world_result result;

    memset(&found, 0, sizeof found);
    probe.on_tick = on_tick;
    world_run(suite, 1, NULL, &result);
    suite_close(suite);
    if (result.verdict != WORLD_GOOD)
        fail_msg("%s: %s", result.invariant, result.text);
    assert_true(found.is_done);
}

static void look_at_facts(struct rh_sim *sim)
{
    struct rh_leader leader = {0};
    uint32_t leaders = 0;

    if (!is_time(sim))
        return;
    assert_int_equal(rh_sim_node_count(sim), 4);
    assert_int_equal(rh_sim_beat_ms(sim), 1500);
    assert_int_equal(rh_sim_is_healed(sim), 0);
    assert_int_equal(rh_sim_find(sim, RH_STR_LIT("n3")), 2);
    assert_int_equal(rh_sim_find(sim, RH_STR_LIT("n9")), RH_SIM_OUTSIDE);
    rh_sim_node(sim, 3, &found.node);
    (void)snprintf(found.text, sizeof found.text, "%s %s", found.node.node_id,
                   found.node.role); /* they live as long as the run */
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(rh_sim_leader(sim, i, &leader), RH_OK);
        leaders += leader.is_self;
    }
    assert_int_equal(leaders, 1);
    assert_int_equal(rh_sim_is_active(sim, 0, "gossip"), 1);
    assert_int_equal(rh_sim_is_active(sim, 0, "raft"), 0);
    assert_true(rh_sim_random(sim) != rh_sim_random(sim));
}

static void facts_are_those_of_the_nodes(void **state)
{
    (void)state;

    run(look_at_facts, "nodes 4\nrole worker n4\nphase safety 6s\n");

    assert_string_equal(found.text, "n4 worker");
    assert_int_equal(found.node.is_voter, 0);
    assert_int_equal(found.node.is_up, 1);
    assert_int_equal(found.node.is_ready, 1);
    assert_int_equal(found.node.life, 1);
}

static void look_at_stores(struct rh_sim *sim)
{
    struct rh_scan scan = {.size = (uint32_t)sizeof scan, .name_space = "election"};
    struct rh_rows rows = {0};
    struct rh_value live = {0};
    struct rh_value durable = {0};

    if (!is_time(sim))
        return;
    assert_int_equal(rh_sim_get(sim, 0, "election", RH_STR_LIT("ballot"), &live), RH_OK);
    assert_int_equal(live.found, 1);
    assert_int_equal(rh_sim_disk_get(sim, 0, "election", RH_STR_LIT("ballot"), &durable), RH_OK);
    assert_int_equal(durable.found, 1);
    assert_true(rh_str_eq(live.data, durable.data));
    assert_int_equal(live.version, durable.version);
    assert_int_equal(rh_sim_disk_scan(sim, 0, &scan, &rows), RH_OK);
    assert_true(rows.count >= 1);
    assert_int_equal(rh_sim_scan(sim, 0, &scan, &rows), RH_OK);
    assert_true(rows.count >= 1);
    assert_int_equal(rh_sim_get(sim, 0, "nobodys", RH_STR_LIT("x"), &live), RH_ENOTFOUND);
    assert_int_equal(rh_sim_disk_get(sim, 0, "nobodys", RH_STR_LIT("x"), &live), RH_ENOTFOUND);
}

static void stores_are_read_live_and_from_the_disk(void **state)
{
    (void)state;

    run(look_at_stores, "phase safety 6s\n");
}

static void look_at_a_dead_node(struct rh_sim *sim)
{
    struct rh_leader leader = {0};
    struct rh_sim_answer answer;
    struct rh_value value = {0};

    if (!is_time(sim))
        return;
    rh_sim_node(sim, 0, &found.node);
    assert_int_equal(rh_sim_leader(sim, 0, &leader), RH_ENOTFOUND);
    assert_int_equal(rh_sim_get(sim, 0, "election", RH_STR_LIT("ballot"), &value), RH_ENOTFOUND);
    assert_int_equal(rh_sim_ask(sim, 0, "/healthz", &answer), RH_ENOTFOUND);
    assert_int_equal(rh_sim_disk_get(sim, 0, "election", RH_STR_LIT("ballot"), &value), RH_OK);
    assert_int_equal(value.found, 1);
}

static void the_disk_of_a_dead_node_can_be_read(void **state)
{
    (void)state;

    run(look_at_a_dead_node, "at 4s power n1\nphase safety 6s\n");

    assert_int_equal(found.node.is_up, 0);
}

static void on_answer(void *self, struct rh_sim *sim, void *user,
                      const struct rh_sim_answer *answer)
{
    assert_ptr_equal(self, &probe);
    assert_ptr_equal(user, &found);
    assert_int_equal(answer->node, 2);
    (void)sim;
    found.answered++;
    found.status = answer->status;
    (void)rh_str_copy(found.text, sizeof found.text, answer->node_id); /* fits */
}

static void send_request(struct rh_sim *sim)
{
    struct rh_sim_request request = {.size = (uint32_t)sizeof request,
                                     .timeout_ms = 500,
                                     .method = "GET",
                                     .target = "/healthz",
                                     .done = on_answer,
                                     .user = &found};

    if (!is_time(sim))
        return;
    assert_int_equal(rh_sim_request(sim, 2, &request), RH_OK);
    assert_int_equal(found.answered, 0);
    request.target = "healthz";
    assert_int_equal(rh_sim_request(sim, 2, &request), RH_EINVAL);
}

static void a_request_is_answered_once_or_lost(void **state)
{
    (void)state;

    run(send_request, "phase safety 7s\n");
    assert_int_equal(found.answered, 1);
    assert_int_equal(found.status, 200);
    assert_string_equal(found.text, "n3");
    run(send_request, "faults loss=100%\nphase safety 7s\n");
    assert_int_equal(found.answered, 1);
    assert_int_equal(found.status, 0);
}

struct leader_reply {
    struct rh_str leader;
    int64_t epoch;
};

static void ask(struct rh_sim *sim)
{
    static const struct rh_field fields[] = {
        RH_STR(struct leader_reply, leader, 0, "who"),
        RH_INT(struct leader_reply, epoch, 0, 0, 1000, "when"),
    };
    static const struct rh_fields table = RH_FIELDS(struct leader_reply, fields);
    int64_t before_us = rh_sim_now_us(sim);
    struct rh_sim_answer answer;
    struct leader_reply reply;
    void *memory = NULL;

    if (!is_time(sim))
        return;
    assert_int_equal(rh_sim_ask(sim, 1, "/election/leader", &answer), RH_OK);
    assert_int_equal(answer.status, 200);
    assert_int_equal(rh_sim_now_us(sim), before_us);
    assert_int_equal(rh_sim_decode(sim, &table, answer.body, &reply, &memory), RH_OK);
    assert_int_equal(reply.epoch, 1);
    assert_int_equal(reply.leader.p[0], 'n');
    rh_sim_release(sim, memory);
    assert_int_equal(rh_sim_ask(sim, 1, "/events", &answer), RH_EAGAIN); /* goes on for ever */
    assert_int_equal(rh_sim_decode(sim, &table, RH_STR_LIT("{"), &reply, &memory), RH_EINVAL);
    assert_null(memory);
}

static void a_question_takes_no_time_and_no_notice_of_faults(void **state)
{
    (void)state;

    run(ask, "phase safety 7s\nat 4900ms cut all all\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(facts_are_those_of_the_nodes),
        cmocka_unit_test(stores_are_read_live_and_from_the_disk),
        cmocka_unit_test(the_disk_of_a_dead_node_can_be_read),
        cmocka_unit_test(a_request_is_answered_once_or_lost),
        cmocka_unit_test(a_question_takes_no_time_and_no_notice_of_faults),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
