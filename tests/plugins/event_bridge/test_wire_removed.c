/* Tests of sinks that were taken out of the configuration. */
#include "plugin_test.h"

#define FORGET "{\"sink\":\"a\"}"

static void configure(struct world *world, const char *config)
{
    if (rh_testhost_reconfigure(world->bridge, "event_bridge", config, world->why) != RH_OK)
        fail_msg("it cannot be configured anew: %s", world->why);
    run(world, 3000);
}

/* Sink a had a dead letter, and is gone. */
static struct world *world_without_a(void)
{
    struct world *world = world_with("{\"a\":{" URL "}}");

    received.fail_count = 1;
    received.fail_status = 422;
    publish_numbers(world, 0, 3);
    run(world, SHORT);
    assert_says(world, "/events/sinks", "\"dead_letters\":1,");
    configure(world, "{\"sinks\":{\"b\":{" URL ",\"types\":[\"NONE\"]}}}");
    return world;
}

static void a_removed_sink_is_listed_with_what_it_left(void **state)
{
    struct world *world = world_without_a();

    (void)state;
    assert_says(world, "/events/sinks",
                "{\"sink\":\"a\",\"scope\":\"cluster\",\"state\":\"removed\",\"position\":3,"
                "\"behind\":0,\"delivered\":2,\"missed\":0,\"buried\":1,\"dead_letters\":1,");
    assert_says(world, "/events/dead?sink=a", "\"payload\":{\"n\":0}}],\"next\":null}");
    world_free(world);
}

static void health_tells_of_letters_that_nobody_sends(void **state)
{
    struct world *world = world_without_a();

    (void)state;
    assert_int_equal(
        rh_testhost_logged(world->bridge, "sink a is configured no longer and has 1 dead letters"),
        1);
    world_free(world);
}

static void what_it_left_is_deleted_on_request_and_that_is_logged(void **state)
{
    struct world *world = world_without_a();

    (void)state;
    assert_int_equal(post(world, "/events/forget", FORGET), 200);
    assert_non_null(strstr(world->reply.body, "{\"sink\":\"a\",\"dead_letters\":1,\"waiting\":0}"));
    run(world, SHORT);

    assert_int_equal(get(world, "/events/sinks"), 200);
    assert_null(strstr(world->reply.body, "\"removed\""));
    assert_int_equal(get(world, "/events/dead?sink=a"), 404);
    assert_int_equal(post(world, "/events/forget", FORGET), 404);
    assert_int_equal(rh_testhost_logged(world->bridge, "sink_forgotten sink=a"), 1);
    world_free(world);
}

static void letters_of_a_removed_sink_are_refused_with_what_to_do(void **state)
{
    static const char *const routes[] = {"/events/redrive", "/events/discard"};
    struct world *world = world_without_a();

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(post(world, routes[i], "{\"sink\":\"a\",\"all\":true}"), 404);
        assert_non_null(strstr(world->reply.body, "was removed from the configuration"));
        assert_non_null(strstr(world->reply.body, "ringctl events forget"));
    }
    assert_int_equal(post(world, routes[0], "{\"sink\":\"z\",\"all\":true}"), 404);
    assert_non_null(strstr(world->reply.body, "no sink \\\"z\\\" of scope cluster"));
    world_free(world);
}

static void a_sink_that_is_put_back_goes_on_where_it_was(void **state)
{
    struct world *world = world_without_a();

    (void)state;
    publish_numbers(world, 3, 2);
    configure(world, "{\"sinks\":{\"a\":{" URL "}}}");

    assert_says(world, "/events/sinks", "\"delivered\":4,");
    assert_int_equal(post(world, "/events/redrive", "{\"sink\":\"a\",\"all\":true}"), 200);
    run(world, SHORT);
    assert_int_equal(received.count, 5);
    world_free(world);
}

static void a_sink_that_is_configured_is_not_forgotten(void **state)
{
    struct world *world = world_with("{\"a\":{" URL "},\"n\":{" URL ",\"scope\":\"node\"}}");

    (void)state;
    assert_int_equal(post(world, "/events/forget", FORGET), 409);
    assert_int_equal(post(world, "/events/node/forget", "{\"sink\":\"n\"}"), 409);
    assert_int_equal(post(world, "/events/node/forget", FORGET), 404);
    assert_int_equal(post(world, "/events/forget", "{}"), 400);
    world_free(world);
}

static void events_that_wait_on_a_node_are_counted_and_deleted(void **state)
{
    struct world *world =
        world_with("{\"a\":{" URL ",\"scope\":\"node\",\"types\":[\"NODE_IDLE\"]}}");

    (void)state;
    rh_testhost_crash(world->receiver);
    for (int i = 0; i < 3; i++)
        assert_int_equal(
            publish(world, "NODE_IDLE", "{\"node_id\":\"n1\",\"since_at\":1,\"source\":\"x\"}"),
            202);
    run(world, SHORT);
    configure(world, "{}");
    assert_says(world, "/events/node/sinks", "\"state\":\"removed\"");
    assert_says(world, "/events/node/sinks", "\"waiting\":3}");
    assert_true(rh_testhost_logged(world->bridge, "ringctl events node-forget a") > 0);

    assert_int_equal(post(world, "/events/node/forget", FORGET), 200);

    assert_non_null(strstr(world->reply.body, "\"waiting\":3}"));
    assert_says(world, "/events/node/sinks", "\"sinks\":[],");
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_removed_sink_is_listed_with_what_it_left),
        cmocka_unit_test(health_tells_of_letters_that_nobody_sends),
        cmocka_unit_test(what_it_left_is_deleted_on_request_and_that_is_logged),
        cmocka_unit_test(letters_of_a_removed_sink_are_refused_with_what_to_do),
        cmocka_unit_test(a_sink_that_is_put_back_goes_on_where_it_was),
        cmocka_unit_test(a_sink_that_is_configured_is_not_forgotten),
        cmocka_unit_test(events_that_wait_on_a_node_are_counted_and_deleted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
