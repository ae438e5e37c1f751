/* Tests of dead letters: what becomes one, and what can be done with it. */
#include "plugin_test.h"

#define ALL "{\"sink\":\"a\",\"all\":true}"

/* A receiver that refuses number 1 once. */
static struct world *world_with_a_dead_letter(const char *sinks)
{
    struct world *world = world_with(sinks);

    received.fail_count = 1;
    received.fail_status = 422;
    received.fail_on = "\"n\":1}";
    publish_numbers(world, 0, 3);
    run(world, SHORT);
    assert_int_equal(received.failed, 1);
    return world;
}

static void a_refused_event_becomes_a_dead_letter_and_holds_up_nobody(void **state)
{
    struct world *world = world_with_a_dead_letter("{\"a\":{" URL "}}");

    (void)state;
    assert_int_equal(received.count, 2);
    assert_int_equal(number_of(1), 2);
    assert_says(world, "/events/dead?sink=a", "\"error\":\"HTTP 422");
    assert_says(world, "/events/dead?sink=a", "\"payload\":{\"n\":1}}],\"next\":null}");
    assert_says(world, "/events/sinks", "\"buried\":1,\"dead_letters\":1,");
    world_free(world);
}

static void so_many_failed_tries_make_a_dead_letter(void **state)
{
    struct world *world = world_with("{\"a\":{" URL ",\"attempts\":3}}");

    (void)state;
    received.fail_count = 3;
    received.fail_status = 500;
    publish_numbers(world, 0, 2);
    run(world, 10000);

    assert_int_equal(received.count, 1);
    assert_int_equal(number_of(0), 1);
    assert_says(world, "/events/dead?sink=a", "\"attempts\":3,");
    world_free(world);
}

static void a_dead_letter_outlives_a_crash(void **state)
{
    struct world *world = world_with_a_dead_letter("{\"a\":{" URL "}}");

    (void)state;
    rh_testhost_crash(world->bridge);
    assert_int_equal(rh_testhost_start(world->bridge, world->why), RH_OK);
    run(world, 5000);

    assert_says(world, "/events/dead?sink=a", "\"payload\":{\"n\":1}}");
    assert_says(world, "/events/sinks", "\"dead_letters\":1,");
    world_free(world);
}

static void a_redriven_letter_is_delivered_and_gone(void **state)
{
    struct world *world = world_with_a_dead_letter("{\"a\":{" URL "}}");

    (void)state;
    assert_int_equal(post(world, "/events/redrive", ALL), 200);
    assert_non_null(strstr(world->reply.body, "\"redriven\":1,"));
    run(world, SHORT);

    assert_int_equal(received.count, 3);
    assert_int_equal(number_of(2), 1);
    assert_says(world, "/events/dead?sink=a", "\"dead\":[],");
    assert_says(world, "/events/sinks", "\"dead_letters\":0,");
    world_free(world);
}

static void a_redriven_letter_that_is_refused_again_stays(void **state)
{
    struct world *world = world_with_a_dead_letter("{\"a\":{" URL "}}");

    (void)state;
    received.fail_count = 1;
    received.fail_status = 500;
    assert_int_equal(post(world, "/events/redrive", ALL), 200);
    publish_numbers(world, 3, 1);
    run(world, SHORT);

    assert_int_equal(received.count, 3); /* 0, 2 and 3 */
    assert_says(world, "/events/dead?sink=a", "\"error\":\"HTTP 500");
    assert_says(world, "/events/sinks", "\"dead_letters\":1,");
    world_free(world);
}

static void a_letter_is_named_by_the_id_of_its_event(void **state)
{
    struct world *world = world_with_a_dead_letter("{\"a\":{" URL "}}");
    char body[256];
    char id[128];
    const char *at;

    (void)state;
    assert_int_equal(get(world, "/events/dead?sink=a"), 200);
    at = strstr(world->reply.body, "\"event_id\":\"");
    assert_non_null(at);
    at += strlen("\"event_id\":\"");
    (void)snprintf(id, sizeof id, "%.*s", (int)strcspn(at, "\""), at);
    (void)snprintf(body, sizeof body, "{\"sink\":\"a\",\"event_ids\":[\"%s\"]}", id);

    assert_int_equal(post(world, "/events/discard", "{\"sink\":\"a\",\"event_ids\":[\"x\"]}"), 404);
    assert_int_equal(post(world, "/events/discard", body), 200);
    run(world, SHORT);

    assert_says(world, "/events/dead?sink=a", "\"dead\":[],");
    assert_int_equal(received.count, 2);
    world_free(world);
}

static uint32_t program_runs;

/* Refuses all, slowly. */
static void refuse(void *user, struct rh_testhost_process *process)
{
    (void)user;
    process->takes_ms = 500;
    process->exit_code = 3;
    program_runs++;
}

static void a_letter_thrown_away_while_it_is_tried_again_does_not_come_back(void **state)
{
    struct world *world = world_with("{\"a\":{\"argv\":[\"/bin/carry\"]}}");

    (void)state;
    program_runs = 0;
    rh_testhost_script(world->bridge, refuse, NULL);
    publish_numbers(world, 0, 1);
    run(world, SHORT);
    assert_says(world, "/events/sinks", "\"dead_letters\":1,");
    assert_int_equal(post(world, "/events/redrive", ALL), 200);
    run(world, 10);
    assert_int_equal(program_runs, 2);

    assert_int_equal(post(world, "/events/discard", ALL), 200);
    assert_says(world, "/events/sinks", "\"state\":\"sending\"");
    run(world, SHORT);

    assert_says(world, "/events/dead?sink=a", "\"dead\":[],");
    assert_says(world, "/events/sinks", "\"state\":\"ready\"");
    assert_int_equal(program_runs, 2);
    world_free(world);
}

static void without_room_for_another_a_sink_stands_still_and_says_so(void **state)
{
    struct world *world = world_with_a_dead_letter("{\"a\":{" URL ",\"dead_max\":1}}");

    (void)state;
    received.fail_count = 1;
    received.fail_on = "\"n\":4}";
    publish_numbers(world, 3, 3);
    run(world, SHORT);
    assert_int_equal(received.count, 3); /* 0, 2, 3 */
    assert_says(world, "/events/sinks", "\"state\":\"blocked\"");

    assert_int_equal(post(world, "/events/discard", ALL), 200);
    run(world, SHORT);

    assert_int_equal(received.count, 4);
    assert_int_equal(number_of(3), 5);
    assert_says(world, "/events/dead?sink=a", "\"payload\":{\"n\":4}}");
    world_free(world);
}

static void pages_follow_each_other(void **state)
{
    struct world *world = world_with("{\"a\":{" URL "}}");
    char path[128];
    const char *next;

    (void)state;
    received.fail_count = 3;
    received.fail_status = 400;
    publish_numbers(world, 0, 3);
    run(world, SHORT);
    assert_says(world, "/events/dead?sink=a&limit=2", "\"payload\":{\"n\":1}}],\"next\":\"");
    next = strstr(world->reply.body, "\"next\":\"") + strlen("\"next\":\"");
    (void)snprintf(path, sizeof path, "/events/dead?sink=a&limit=2&after=%.*s",
                   (int)strcspn(next, "\""), next);

    assert_says(world, path, "\"dead\":[{\"event_id\":");
    assert_says(world, path, "\"payload\":{\"n\":2}}],\"next\":null}");
    world_free(world);
}

static void senseless_requests_are_refused(void **state)
{
    struct world *world = world_with("{\"a\":{" URL "}}");

    (void)state;
    assert_int_equal(get(world, "/events/dead?sink=b"), 404);
    assert_int_equal(get(world, "/events/dead"), 400);
    assert_int_equal(post(world, "/events/redrive", "{\"sink\":\"a\"}"), 400);
    assert_int_equal(
        post(world, "/events/redrive", "{\"sink\":\"a\",\"all\":true,\"event_ids\":[\"x\"]}"), 400);
    assert_int_equal(post(world, "/events/redrive", ALL), 404);
    assert_int_equal(post(world, "/events/node/redrive", ALL), 404);
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refused_event_becomes_a_dead_letter_and_holds_up_nobody),
        cmocka_unit_test(so_many_failed_tries_make_a_dead_letter),
        cmocka_unit_test(a_dead_letter_outlives_a_crash),
        cmocka_unit_test(a_redriven_letter_is_delivered_and_gone),
        cmocka_unit_test(a_redriven_letter_that_is_refused_again_stays),
        cmocka_unit_test(a_letter_is_named_by_the_id_of_its_event),
        cmocka_unit_test(a_letter_thrown_away_while_it_is_tried_again_does_not_come_back),
        cmocka_unit_test(without_room_for_another_a_sink_stands_still_and_says_so),
        cmocka_unit_test(pages_follow_each_other),
        cmocka_unit_test(senseless_requests_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
