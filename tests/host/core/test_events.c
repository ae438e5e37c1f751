/* Events to plugins: once, in order, later, checked; cluster events only when they are durable. */
#include <stdio.h>
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include "host/core/core_internal.h"
#include "host/sim/sim.h"
#include "tests/host/core/life_net.h"

static const char done_payload[] = "{\"work_id\":\"w1\",\"work_type\":\"x\",\"node_id\":\"n1\"}";

static int32_t publish(struct life_script *s, const char *type, const char *payload,
                       const char *source)
{
    return s->rh->events->publish(s->rh->ctx, type, rh_str_from(payload), source);
}

static void publish_one(void *self, void *script)
{
    struct life_script *s = script;

    (void)self;
    assert_int_equal(publish(s, "MY_EVENT", "{\"n\":1}", NULL), RH_OK);
    assert_int_equal(life_text_count(&s->events, "MY_EVENT"), 0); /* never inside the call */
}

static void a_subscriber_is_called_once_and_on_a_later_turn(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, LIFE_EVENTS);

    life_call(n.net, &n.script, publish_one, 1000);

    assert_int_equal(life_text_count(&n.script.events, "MY_EVENT"), 1);
    assert_non_null(strstr(n.script.payloads.text, "life {\"n\":1} "));
    life_node_end(&n);
}

static void publish_many(void *self, void *script)
{
    char payload[32];

    (void)self;
    for (int i = 0; i < 600; i++) { /* more than are delivered in a turn */
        snprintf(payload, sizeof payload, "{\"n\":%d}", i);
        assert_int_equal(publish(script, "MY_EVENT", payload, "s"), RH_OK);
    }
}

static void events_of_a_publisher_keep_their_order(void **state)
{
    const char *at;
    struct life_node n;

    (void)state;
    life_node_start(&n, LIFE_EVENTS);
    n.script.payloads.n = n.script.events.n = 0;

    life_call(n.net, &n.script, publish_many, 1000);

    at = n.script.payloads.text;
    for (int i = 0; i < 600; i++) {
        char payload[32];

        snprintf(payload, sizeof payload, "s {\"n\":%d} ", i);
        assert_memory_equal(at, payload, strlen(payload));
        at += strlen(payload);
    }
    assert_int_equal(*at, '\0');
    life_node_end(&n);
}

static void publish_too_many(void *self, void *script)
{
    (void)self;
    for (uint32_t i = 0; i < BUS_EVENTS_MAX + 10; i++)
        assert_int_equal(publish(script, "MY_EVENT", "{}", NULL), RH_OK);
}

static void what_falls_off_the_ring_is_counted(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, 0);

    life_call(n.net, &n.script, publish_too_many, 1000);

    assert_int_equal(rh_testhost_logged(n.host, "events_dropped count=10"), 1);
    life_node_end(&n);
}

static void a_subscriber_may_push_its_own_event_off_the_ring(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, LIFE_EVENTS);
    n.script.payloads.n = n.script.events.n = 0;
    n.script.echoes = 20;

    life_call(n.net, &n.script, publish_too_many, 1000);

    assert_memory_equal(n.script.events.text, "MY_EVENT ", 9);
    assert_memory_equal(n.script.payloads.text, "life {} ", 8);
    life_node_end(&n);
}

static void types_outside_the_pattern_are_refused(void **state)
{
    static const char too_long[] = "A23456789012345678901234567890123456789012345678901234567"
                                   "89012345";
    static const char *const wrong[] = {"", "AB", "lower", "With-Dash", "1ABC", "_ABC", too_long};
    struct life_node n;

    (void)state;
    life_node_start(&n, LIFE_EVENTS);

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(publish(&n.script, wrong[i], "{}", NULL), RH_EINVAL);
    assert_int_equal(publish(&n.script, "A_1", "{}", NULL), RH_OK);

    life_node_end(&n);
}

static void a_catalogue_type_must_carry_what_the_catalogue_says(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, LIFE_EVENTS);

    assert_int_equal(publish(&n.script, "NODE_IDLE", "{}", NULL), RH_EINVAL);
    assert_non_null(strstr(n.host->core->plugins[0].fail_text, "event NODE_IDLE: "));
    assert_non_null(strstr(n.host->core->plugins[0].fail_text, "node_id"));

    life_node_end(&n);
}

static void a_cluster_type_cannot_be_published_without_a_commit(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, LIFE_EVENTS);

    assert_int_equal(publish(&n.script, "WORK_COMPLETED", done_payload, NULL), RH_EINVAL);

    assert_non_null(strstr(n.host->core->plugins[0].fail_text, "goes with a commit"));
    life_node_end(&n);
}

static void a_payload_that_is_no_object_or_too_large_is_refused(void **state)
{
    static char large[70000];
    struct life_node n;

    (void)state;
    memset(large, ' ', sizeof large - 1);
    large[0] = '{';
    large[sizeof large - 2] = '}';
    life_node_start(&n, LIFE_EVENTS);

    assert_int_equal(publish(&n.script, "MY_EVENT", "[1]", NULL), RH_EINVAL);
    assert_int_equal(publish(&n.script, "MY_EVENT", "{\"a\":}", NULL), RH_EINVAL);
    assert_int_equal(publish(&n.script, "MY_EVENT", large, NULL), RH_ETOOLARGE);

    life_node_end(&n);
}

/* --- cluster events --- */

static void commit_with_event(void *self, void *script)
{
    (void)self;
    assert_int_equal(life_put(script, "k", "v", "WORK_COMPLETED", done_payload), RH_OK);
}

static void a_cluster_event_comes_once_and_only_when_it_is_durable(void **state)
{
    struct rh_value value = {.size = (uint32_t)sizeof value};
    struct life_node n;

    (void)state;
    life_node_start(&n, LIFE_EVENTS | LIFE_REPLICATED);
    if (n.script.rh->core->post(n.script.rh->ctx, commit_with_event, &n.script) != RH_OK)
        fail();

    while (life_text_count(&n.script.events, "WORK_COMPLETED") == 0) {
        assert_int_equal(n.script.rh->state->get(n.script.rh->ctx, "life", RH_STR_LIT("k"), &value),
                         RH_OK);
        assert_true(sim_step(n.net, n.net->now_us + 1000000));
    }
    assert_int_equal(n.script.rh->state->get(n.script.rh->ctx, "life", RH_STR_LIT("k"), &value),
                     RH_OK);
    assert_int_equal(value.found, 1);
    rh_testnet_run(n.net, 5000);

    assert_int_equal(life_text_count(&n.script.events, "WORK_COMPLETED"), 1);
    life_node_end(&n);
}

static void a_crash_before_the_commit_is_durable_invents_no_event(void **state)
{
    struct life_node n;
    uint64_t stream;

    (void)state;
    life_node_start(&n, LIFE_EVENTS | LIFE_LOCAL);
    if (n.script.rh->core->post(n.script.rh->ctx, commit_with_event, &n.script) != RH_OK)
        fail();

    rh_testhost_crash(n.host); /* before the turn that would have run it */
    assert_int_equal(rh_testhost_start(n.host, n.why), RH_OK);
    rh_testnet_run(n.net, 1000);
    stream = rh_testhost_resume(n.host, "/events", "0.0.1.0");
    rh_testnet_run(n.net, 1000);

    assert_null(strstr(rh_testhost_streamed(n.host, stream), "WORK_COMPLETED"));
    life_node_end(&n);
}

static void commit_that_conflicts(void *self, void *script)
{
    struct life_script *s = script;
    const struct rh_op ops[] = {{.size = (uint32_t)sizeof(struct rh_op),
                                 .op = RH_OP_CHECK,
                                 .key = RH_STR_LIT("k"),
                                 .version = 77}};
    const struct rh_batch_event event = {.size = (uint32_t)sizeof event,
                                         .type = "WORK_COMPLETED",
                                         .payload = rh_str_from(done_payload)};
    const struct rh_batch batch = {.size = (uint32_t)sizeof batch,
                                   .name_space = "life",
                                   .ops = ops,
                                   .op_count = 1,
                                   .op_stride = (uint32_t)sizeof ops[0],
                                   .events = &event,
                                   .event_count = 1,
                                   .event_stride = (uint32_t)sizeof event};

    (void)self;
    assert_int_equal(s->rh->state->commit(s->rh->ctx, &batch, NULL, NULL), RH_OK);
}

static void a_commit_that_fails_publishes_nothing(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, LIFE_EVENTS | LIFE_LOCAL);

    life_call(n.net, &n.script, commit_that_conflicts, 2000);

    assert_int_equal(life_text_count(&n.script.events, "WORK_COMPLETED"), 0);
    life_node_end(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_subscriber_is_called_once_and_on_a_later_turn),
        cmocka_unit_test(events_of_a_publisher_keep_their_order),
        cmocka_unit_test(what_falls_off_the_ring_is_counted),
        cmocka_unit_test(a_subscriber_may_push_its_own_event_off_the_ring),
        cmocka_unit_test(types_outside_the_pattern_are_refused),
        cmocka_unit_test(a_catalogue_type_must_carry_what_the_catalogue_says),
        cmocka_unit_test(a_cluster_type_cannot_be_published_without_a_commit),
        cmocka_unit_test(a_payload_that_is_no_object_or_too_large_is_refused),
        cmocka_unit_test(a_cluster_event_comes_once_and_only_when_it_is_durable),
        cmocka_unit_test(a_crash_before_the_commit_is_durable_invents_no_event),
        cmocka_unit_test(a_commit_that_fails_publishes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
