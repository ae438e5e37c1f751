/* Tests of events that are sent together, and of what comes before what. */
#include "plugin_test.h"

#define TO_BATCH "\"url\":\"http://n2:8770/batch\""
#define SLOWLY   "{\"a\":{" TO_BATCH ",\"batch\":8,\"recheck\":\"30s\",\"attempts\":3}}"
#define ALL      "{\"sink\":\"a\",\"all\":true}"

/* Numbers that wait while the receiver is down, and then go out together. */
static struct world *world_with_backlog(const char *sinks, int count)
{
    struct world *world = world_with(sinks);

    rh_testhost_crash(world->receiver);
    publish_numbers(world, 0, count);
    run(world, SHORT);
    assert_int_equal(rh_testhost_start(world->receiver, world->why), RH_OK);
    return world;
}

static void a_backlog_goes_out_in_batches(void **state)
{
    struct world *world = world_with_backlog(SLOWLY, 65);

    (void)state;
    run(world, 31000);

    assert_int_equal(received.count, 65);
    assert_all_in_order(65);
    assert_true(received.batches <= 1 + 65 / 8 + 1);
    assert_non_null(strstr(received.batch, "batch_"));
    assert_says(world, "/events/sinks", "\"behind\":0,");
    assert_says(world, "/events/sinks", "\"delivered\":65,");
    world_free(world);
}

static void a_batch_of_one_has_the_shape_of_a_batch(void **state)
{
    struct world *world = world_with(SLOWLY);

    (void)state;
    publish_numbers(world, 0, 1);
    run(world, SHORT);

    assert_int_equal(received.batches, 1);
    assert_int_equal(received.count, 1);
    world_free(world);
}

static void a_failure_in_the_middle_of_a_batch_keeps_the_order(void **state)
{
    struct world *world = world_with_backlog(SLOWLY, 20);

    (void)state;
    received.fail_count = 2;
    received.fail_status = 500;
    received.fail_on = "\"n\":5}";
    run(world, 60000);

    assert_int_equal(received.failed, 2);
    assert_all_in_order(20);
    assert_says(world, "/events/sinks", "\"delivered\":20,");
    assert_says(world, "/events/sinks", "\"dead_letters\":0,");
    world_free(world);
}

static void of_a_batch_only_the_one_that_is_refused_becomes_a_dead_letter(void **state)
{
    struct world *world = world_with_backlog(SLOWLY, 20);

    (void)state;
    received.fail_count = 1000;
    received.fail_status = 422;
    received.fail_on = "\"n\":5}";
    run(world, 31000);

    assert_says(world, "/events/dead?sink=a", "\"payload\":{\"n\":5}}],\"next\":null}");
    assert_says(world, "/events/sinks", "\"delivered\":19,");
    assert_int_equal(number_of(received.count - 1), 19);
    world_free(world);
}

static void an_event_that_fails_too_often_is_found_in_its_batch(void **state)
{
    struct world *world = world_with_backlog(SLOWLY, 20);

    (void)state;
    received.fail_count = 1000;
    received.fail_status = 500;
    received.fail_on = "\"n\":5}";
    run(world, 120000);

    assert_says(world, "/events/dead?sink=a", "\"payload\":{\"n\":5}}],\"next\":null}");
    assert_says(world, "/events/sinks", "\"delivered\":19,");
    world_free(world);
}

static void a_crash_between_batches_loses_nothing(void **state)
{
    struct world *world = world_with_backlog(SLOWLY, 30);

    (void)state;
    run(world, 29500);
    rh_testhost_crash(world->bridge);
    assert_int_equal(rh_testhost_start(world->bridge, world->why), RH_OK);
    run(world, 60000);

    assert_all_in_order(30);
    assert_says(world, "/events/sinks", "\"behind\":0,");
    world_free(world);
}

static void great_events_go_out_in_several_batches(void **state)
{
    struct world *world = world_with("{\"a\":{" TO_BATCH ",\"batch\":256}}");
    char payload[400];

    (void)state;
    rh_testhost_crash(world->receiver);
    memset(payload, 'x', sizeof payload);
    memcpy(payload, "{\"text\":\"", 9);
    memcpy(payload + sizeof payload - 3, "\"}", 3);
    for (int i = 0; i < 12; i++)
        assert_int_equal(publish(world, "GREAT", payload), 202);
    run(world, SHORT);
    assert_int_equal(rh_testhost_start(world->receiver, world->why), RH_OK);
    run(world, 120000); /* the receiver refuses what is above 2 KiB, so they are halved */

    assert_int_equal(received.count, 12);
    assert_says(world, "/events/sinks", "\"dead_letters\":0,");
    world_free(world);
}

static void a_redriven_letter_does_not_wait_for_what_was_read_ahead(void **state)
{
    struct world *world = world_with("{\"a\":{" URL ",\"recheck\":\"1h\"}}");

    (void)state;
    received.fail_count = 1;
    received.fail_status = 422;
    publish_numbers(world, 0, 1);
    run(world, SHORT);
    rh_testhost_crash(world->receiver);
    publish_numbers(world, 1, 20);
    run(world, SHORT);
    assert_says(world, "/events/sinks", "\"state\":\"unavailable\"");
    assert_int_equal(rh_testhost_start(world->receiver, world->why), RH_OK);

    assert_int_equal(post(world, "/events/redrive", ALL), 200);
    run(world, SHORT); /* not an hour */

    assert_int_equal(received.count, 21);
    assert_int_equal(number_of(0), 1); /* it was being tried */
    assert_int_equal(number_of(1), 0);
    assert_int_equal(number_of(2), 2);
    assert_says(world, "/events/sinks", "\"passed\":0,");
    world_free(world);
}

static void a_redriven_letter_makes_room_for_a_head_that_waits_for_it(void **state)
{
    struct world *world = world_with("{\"a\":{" URL ",\"dead_max\":1,\"recheck\":\"1h\"}}");

    (void)state;
    received.fail_count = 2;
    received.fail_status = 422;
    publish_numbers(world, 0, 4);
    run(world, SHORT);
    assert_says(world, "/events/sinks", "\"state\":\"blocked\"");

    assert_int_equal(post(world, "/events/redrive", ALL), 200);
    run(world, SHORT); /* not an hour */

    assert_int_equal(received.count, 4);
    assert_int_equal(number_of(0), 0);
    assert_int_equal(number_of(3), 3);
    assert_says(world, "/events/sinks", "\"state\":\"ready\"");
    assert_says(world, "/events/sinks", "\"dead_letters\":0,");
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_backlog_goes_out_in_batches),
        cmocka_unit_test(a_batch_of_one_has_the_shape_of_a_batch),
        cmocka_unit_test(a_failure_in_the_middle_of_a_batch_keeps_the_order),
        cmocka_unit_test(of_a_batch_only_the_one_that_is_refused_becomes_a_dead_letter),
        cmocka_unit_test(an_event_that_fails_too_often_is_found_in_its_batch),
        cmocka_unit_test(a_crash_between_batches_loses_nothing),
        cmocka_unit_test(great_events_go_out_in_several_batches),
        cmocka_unit_test(a_redriven_letter_does_not_wait_for_what_was_read_ahead),
        cmocka_unit_test(a_redriven_letter_makes_room_for_a_head_that_waits_for_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
