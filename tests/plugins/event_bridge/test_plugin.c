/* Tests of webhooks: a node with the bridge, and one with a receiver that the tests command. */
#include "plugin_test.h"

static void an_event_arrives_with_all_that_it_has(void **state)
{
    struct world *world = world_with("{\"a\":{" URL "}}");

    (void)state;
    assert_int_equal(publish(world, "MY_EVENT", "{\"x\":[1,2]}"), 202);
    assert_non_null(strstr(world->reply.body, "\"event_id\":\"event_bridge:"));
    run(world, SHORT);

    assert_int_equal(received.count, 1);
    assert_non_null(strstr(received.bodies[0], "\"type\":\"MY_EVENT\",\"kind\":\"cluster\","
                                               "\"source\":\"test\",\"node_id\":\"n1\","
                                               "\"cluster_id\":\"c\",\"at\":18"));
    assert_non_null(strstr(received.bodies[0], "\"payload\":{\"x\":[1,2]}"));
    assert_says(world, "/events/sinks",
                "\"state\":\"ready\",\"available\":true,\"position\":1,"
                "\"newest\":1,\"behind\":0,");
    world_free(world);
}

static void events_arrive_once_and_in_order(void **state)
{
    struct world *world = world_with("{\"a\":{" URL "}}");

    (void)state;
    publish_numbers(world, 0, 100);
    run(world, SHORT);

    assert_int_equal(received.count, 100);
    assert_all_in_order(100);
    world_free(world);
}

static void a_sink_gets_only_what_its_filter_lets_through(void **state)
{
    struct world *world = world_with("{\"a\":{" URL ",\"types\":[\"NUM*\"]}}");

    (void)state;
    assert_int_equal(publish(world, "OTHER", "{}"), 202);
    publish_numbers(world, 0, 1);
    assert_int_equal(publish(world, "OTHER", "{}"), 202);
    run(world, SHORT);

    assert_int_equal(received.count, 1);
    assert_says(world, "/events/sinks", "\"behind\":0,");
    assert_says(world, "/events/sinks", "\"passed\":2,");
    world_free(world);
}

static void a_receiver_in_trouble_gets_them_later_and_in_order(void **state)
{
    struct world *world = world_with("{\"a\":{" URL "}}");

    (void)state;
    received.fail_count = 4;
    received.fail_status = 500;
    publish_numbers(world, 0, 5);
    run(world, SHORT / 2);
    assert_int_equal(received.count, 0);
    assert_says(world, "/events/sinks", "\"state\":\"waiting\"");
    assert_says(world, "/events/sinks", "\"last_error\":\"HTTP 500");

    run(world, 20000);

    assert_int_equal(received.failed, 4);
    assert_int_equal(received.count, 5);
    assert_all_in_order(5);
    assert_says(world, "/events/sinks", "\"last_error\":null");
    world_free(world);
}

static void a_receiver_that_is_not_there_is_tried_again_after_thirty_seconds(void **state)
{
    struct world *world = world_with("{\"a\":{" URL "}}");

    (void)state;
    rh_testhost_crash(world->receiver);
    publish_numbers(world, 0, 3);
    run(world, SHORT);
    assert_says(world, "/events/sinks", "\"state\":\"unavailable\",\"available\":false");
    assert_says(world, "/events/sinks", "\"attempts\":0,");

    assert_int_equal(rh_testhost_start(world->receiver, world->why), RH_OK);
    run(world, 25000);
    assert_int_equal(received.count, 0);
    run(world, 6000);

    assert_int_equal(received.count, 3);
    assert_all_in_order(3);
    world_free(world);
}

static void a_crash_loses_nothing_and_repeats_only_the_last(void **state)
{
    struct world *world = world_with("{\"a\":{" URL "}}");

    (void)state;
    publish_numbers(world, 0, 20);
    run(world, SHORT);
    received.fail_count = 1;
    received.fail_status = 503;
    publish_numbers(world, 20, 20);
    rh_testhost_crash(world->bridge);
    assert_int_equal(rh_testhost_start(world->bridge, world->why), RH_OK);
    run(world, 20000);

    assert_all_in_order(40);
    assert_true(received.count <= 60);
    world_free(world);
}

static void a_stop_in_good_order_repeats_nothing(void **state)
{
    struct world *world = world_with("{\"a\":{" URL "}}");

    (void)state;
    publish_numbers(world, 0, 20);
    run(world, 200);
    assert_int_equal(received.count, 20);
    assert_int_equal(rh_testhost_stop(world->bridge), 0);
    assert_int_equal(rh_testhost_start(world->bridge, world->why), RH_OK);
    run(world, 10000);

    assert_int_equal(received.count, 20);
    world_free(world);
}

static void events_that_are_kept_no_longer_are_a_gap_that_is_told(void **state)
{
    struct world *world = world_with("{\"a\":{" URL ",\"types\":[\"NUMBER\"]}}");

    (void)state;
    rh_testhost_crash(world->receiver);
    publish_numbers(world, 0, 1);
    run(world, SHORT);
    for (int i = 0; i < 101; i++)
        assert_int_equal(post(world, "/flood", "{}"), 200);
    assert_int_equal(rh_testhost_start(world->receiver, world->why), RH_OK);
    publish_numbers(world, 1, 1);
    run(world, 60000);

    assert_all_in_order(2); /* the head is in memory */
    assert_says(world, "/events/sinks", "\"behind\":0,");
    assert_says(world, "/events/sinks", "\"missed\":1001,");
    assert_int_equal(rh_testhost_logged(world->bridge, "events_missed sink=a count=1001"), 1);
    world_free(world);
}

static void metrics_show_where_sinks_stand(void **state)
{
    struct world *world = world_with("{\"a\":{" URL ",\"dead_max\":1}}");

    (void)state;
    received.fail_count = 2;
    received.fail_status = 400;
    publish_numbers(world, 0, 3);
    run(world, 3000);

    assert_says(world, "/metrics", "event_bridge_behind{plugin=\"event_bridge\",sink=\"a\"} 2\n");
    assert_says(world, "/metrics",
                "event_bridge_dead_letters{plugin=\"event_bridge\",sink=\"a\"} 1\n");
    assert_int_equal(post(world, "/events/discard", "{\"sink\":\"a\",\"all\":true}"), 200);
    run(world, 3000);
    assert_says(world, "/metrics", "event_bridge_behind{plugin=\"event_bridge\",sink=\"a\"} 0\n");
    assert_says(world, "/metrics",
                "event_bridge_delivered_total{plugin=\"event_bridge\",sink=\"a\"} 1\n");
    world_free(world);
}

static void several_sinks_do_not_wait_for_each_other(void **state)
{
    struct world *world =
        world_with("{\"a\":{" URL "},\"b\":{\"url\":\"http://n9:1/\",\"types\":[\"NUMBER\"]}}");

    (void)state;
    publish_numbers(world, 0, 3);
    run(world, SHORT);

    assert_int_equal(received.count, 3);
    assert_says(world, "/events/sinks", "\"sink\":\"b\"");
    assert_says(world, "/events/sinks", "\"oldest_undelivered_at\":18");
    world_free(world);
}

static void a_faulty_sink_keeps_the_node_from_starting(void **state)
{
    static const char *const bad[][2] = {
        {"{\"sinks\":{\"a\":{\"url\":\"https://x/\"}}}", "no TLS client"},
        {"{\"sinks\":{\"a\":{}}}", "needs either url or argv"},
        {"{\"sinks\":{\"a\":{\"url\":\"http://x/\",\"argv\":[\"y\"]}}}", "needs either"},
        {"{\"sinks\":{\"A\":{\"url\":\"http://x/\"}}}", "is no name"},
        {"{\"sinks\":{\"a\":{\"argv\":[\"x\"],\"secret_file\":\"/x\"}}}", "is for a url"},
        {"{\"sinks\":{\"a\":{" URL ",\"secret_file\":\"/none\"}}}",
         "sinks.a.secret_file: \"/none\": no such file"},
        {"{\"sinks\":{\"a\":{" URL ",\"secret_file\":\"none\"}}}",
         "sinks.a.secret_file: \"none\": is not an absolute path"},
        {"{\"sinks\":{\"a\":{\"argv\":[\"\"]}}}", "sinks.a: argv names no program"},
        {"{\"sinks\":{\"a\":{\"url\":\"http://x:65536/\"}}}", "sinks.a.url: the port of the URL"},
        {"{\"sinks\":{\"a\":{" URL ",\"types\":[\"NUM*\",\"!\"]}}}",
         "sinks.a.types.1: \"!\" fits no event"},
        {"{\"sinks\":{\"a\":{" URL ",\"types\":[\"trainingX\"]}}}",
         "sinks.a.types.0: \"trainingX\" fits no event"},
        {"{\"sinks\":{\"a\":{" URL ",\"backoff\":\"2m\"}}}", "backoff_max is below"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct world *world = world_new();

        if (start_bridge(world, bad[i][0]) == RH_OK)
            run(world, SHORT);
        if (!strstr(world->why, bad[i][1]) &&
            (!world->bridge || rh_testhost_logged(world->bridge, bad[i][1]) == 0))
            fail_msg("%s is not refused with \"%s\": %s", bad[i][0], bad[i][1], world->why);
        world_free(world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_arrives_with_all_that_it_has),
        cmocka_unit_test(events_arrive_once_and_in_order),
        cmocka_unit_test(a_sink_gets_only_what_its_filter_lets_through),
        cmocka_unit_test(a_receiver_in_trouble_gets_them_later_and_in_order),
        cmocka_unit_test(a_receiver_that_is_not_there_is_tried_again_after_thirty_seconds),
        cmocka_unit_test(a_crash_loses_nothing_and_repeats_only_the_last),
        cmocka_unit_test(a_stop_in_good_order_repeats_nothing),
        cmocka_unit_test(events_that_are_kept_no_longer_are_a_gap_that_is_told),
        cmocka_unit_test(metrics_show_where_sinks_stand),
        cmocka_unit_test(several_sinks_do_not_wait_for_each_other),
        cmocka_unit_test(a_faulty_sink_keeps_the_node_from_starting),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
