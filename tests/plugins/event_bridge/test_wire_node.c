/* Tests of a node's own sinks: local events through an outbox on disk. */
#include "plugin_test.h"

#define IDLE(n) "{\"node_id\":\"n1\",\"since_at\":1,\"source\":\"" n "\"}"
#define SINK    "{\"a\":{" URL ",\"scope\":\"node\",\"types\":[\"NODE_IDLE\"]"

static void publish_idle(struct world *world, const char *payload)
{
    assert_int_equal(publish(world, "NODE_IDLE", payload), 202);
}

static void local_events_arrive_in_order(void **state)
{
    struct world *world = world_with(SINK "}}");

    (void)state;
    publish_idle(world, IDLE("first"));
    publish_idle(world, IDLE("second"));
    run(world, SHORT);

    assert_int_equal(received.count, 2);
    assert_non_null(strstr(received.bodies[0], "first"));
    assert_non_null(strstr(received.bodies[1], "second"));
    assert_says(world, "/events/node/sinks", "\"waiting\":0,\"waiting_bytes\":0,\"dropped\":0}");
    assert_says(world, "/events/sinks", "\"sinks\":[]");
    world_free(world);
}

static void what_waits_outlives_a_crash(void **state)
{
    struct world *world = world_with(SINK "}}");

    (void)state;
    rh_testhost_crash(world->receiver);
    publish_idle(world, IDLE("first"));
    publish_idle(world, IDLE("second"));
    run(world, SHORT);
    rh_testhost_crash(world->bridge);
    assert_int_equal(rh_testhost_start(world->bridge, world->why), RH_OK);
    assert_int_equal(rh_testhost_start(world->receiver, world->why), RH_OK);
    run(world, 40000);

    assert_int_equal(received.count, 2);
    assert_non_null(strstr(received.bodies[0], "first"));
    assert_non_null(strstr(received.bodies[1], "second"));
    world_free(world);
}

static void a_full_outbox_keeps_the_oldest_and_counts_the_rest(void **state)
{
    struct world *world = world_with(SINK ",\"outbox_rows\":2}}");

    (void)state;
    rh_testhost_crash(world->receiver);
    publish_idle(world, IDLE("first"));
    publish_idle(world, IDLE("second"));
    publish_idle(world, IDLE("third"));
    run(world, SHORT);
    assert_says(world, "/events/node/sinks", "\"waiting\":2,");
    assert_says(world, "/events/node/sinks", "\"dropped\":1}");
    assert_int_equal(rh_testhost_logged(world->bridge, "outbox_full sink=a"), 1);

    assert_int_equal(rh_testhost_start(world->receiver, world->why), RH_OK);
    run(world, 40000);

    assert_int_equal(received.count, 2);
    assert_non_null(strstr(received.bodies[1], "second"));
    world_free(world);
}

static void a_refused_local_event_is_a_dead_letter_of_the_node(void **state)
{
    struct world *world = world_with(SINK "}}");

    (void)state;
    received.fail_count = 1;
    received.fail_status = 400;
    publish_idle(world, IDLE("first"));
    publish_idle(world, IDLE("second"));
    run(world, SHORT);
    assert_int_equal(received.count, 1);
    assert_says(world, "/events/node/dead?sink=a", "first");
    assert_says(world, "/events/node/sinks", "\"waiting\":0,\"waiting_bytes\":0,");

    assert_int_equal(post(world, "/events/node/redrive", "{\"sink\":\"a\",\"all\":true}"), 200);
    run(world, SHORT);

    assert_int_equal(received.count, 2);
    assert_non_null(strstr(received.bodies[1], "first"));
    assert_says(world, "/events/node/dead?sink=a", "\"dead\":[]");
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(local_events_arrive_in_order),
        cmocka_unit_test(what_waits_outlives_a_crash),
        cmocka_unit_test(a_full_outbox_keeps_the_oldest_and_counts_the_rest),
        cmocka_unit_test(a_refused_local_event_is_a_dead_letter_of_the_node),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
