/* Tests of events that come in from outside. */
#include "plugin_test.h"

static void a_catalogue_type_must_carry_what_the_catalogue_says(void **state)
{
    struct world *world = world_with("{\"a\":{" URL "}}");

    (void)state;
    assert_int_equal(publish(world, "WORK_COMPLETED", "{\"work_id\":\"w\"}"), 400);
    assert_non_null(strstr(world->reply.body, "payload of WORK_COMPLETED"));
    assert_int_equal(
        publish(world, "WORK_COMPLETED",
                "{\"work_id\":\"w\",\"work_type\":\"x\",\"node_id\":\"n1\",\"result\":{}}"),
        202);
    run(world, SHORT);

    assert_int_equal(received.count, 1);
    assert_non_null(strstr(received.bodies[0], "\"type\":\"WORK_COMPLETED\",\"kind\":\"cluster\""));
    world_free(world);
}

static void a_local_type_stays_on_the_node(void **state)
{
    struct world *world = world_with("{\"a\":{" URL "},\"b\":{" URL ",\"scope\":\"node\","
                                     "\"types\":[\"NODE_IDLE\"]}}");

    (void)state;
    assert_int_equal(
        publish(world, "NODE_IDLE", "{\"node_id\":\"n1\",\"since_at\":1,\"source\":\"probe\"}"),
        202);
    assert_non_null(strstr(world->reply.body, "\"kind\":\"local\",\"event_id\":null"));
    run(world, SHORT);

    assert_int_equal(received.count, 1); /* from b */
    assert_non_null(strstr(received.bodies[0], "\"kind\":\"local\""));
    world_free(world);
}

static void what_is_no_event_is_refused(void **state)
{
    static const char *const bad[] = {
        "{\"event_type\":\"lower\",\"payload\":{},\"source\":\"s\"}",
        "{\"event_type\":\"AB\",\"payload\":{},\"source\":\"s\"}",
        "{\"event_type\":\"A-B-C\",\"payload\":{},\"source\":\"s\"}",
        "{\"event_type\":\"MY_EVENT\",\"payload\":[],\"source\":\"s\"}",
        "{\"event_type\":\"MY_EVENT\",\"payload\":{}}",
        "{\"event_type\":\"MY_EVENT\",\"payload\":{},\"source\":\"\"}",
        "{\"event_type\":\"MY_EVENT\",\"source\":\"s\"}",
        "{\"payload\":{},\"source\":\"s\"}",
        "{\"event_type\":\"MY_EVENT\",\"payload\":{},\"source\":\"s\",\"more\":1}",
    };
    struct world *world = world_with("{\"a\":{" URL "}}");

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(post(world, "/events/publish", bad[i]), 400);
    run(world, SHORT);

    assert_int_equal(received.count, 0);
    world_free(world);
}

static void a_payload_has_a_largest_size(void **state)
{
    enum { LIMIT = 60 * 1024 };
    struct world *world = world_with("{}");
    char *body = malloc(LIMIT + 200);
    char *at = body;

    (void)state;
    assert_non_null(body);
    at += snprintf(at, 200, "{\"event_type\":\"MY_EVENT\",\"source\":\"s\",\"payload\":");
    memset(at, ' ', LIMIT + 1);
    at[0] = '{';
    at[LIMIT - 1] = '}';
    memcpy(at + LIMIT, "}", 2);
    assert_int_equal(post(world, "/events/publish", body), 202);

    at[LIMIT - 1] = ' ';
    at[LIMIT] = '}';
    memcpy(at + LIMIT + 1, "}", 2);
    assert_int_equal(post(world, "/events/publish", body), 413);

    free(body);
    world_free(world);
}

static void a_flood_is_refused_until_the_next_second(void **state)
{
    struct world *world = world_new();
    uint32_t taken = 0;
    uint32_t status;

    (void)state;
    assert_int_equal(start_bridge(world, "{\"publish_rate\":10}"), RH_OK);
    run(world, 6000);
    do {
        status = publish(world, "MY_EVENT", "{}");
        taken += status == 202;
    } while (status == 202 && taken < 1000);

    assert_int_equal(status, 429);
    assert_int_equal(world->reply.retry_after_s, 1);
    assert_non_null(strstr(world->reply.body, "rate_limited"));
    assert_true(taken >= 10 && taken < 100);
    run(world, 1000);
    assert_int_equal(publish(world, "MY_EVENT", "{}"), 202);
    world_free(world);
}

#define KEYED                                                       \
    "{\"event_type\":\"MY_EVENT\",\"payload\":{},\"source\":\"s\"," \
    "\"idempotency_key\":\"k1\"}"

static void the_same_key_again_publishes_nothing_and_gives_the_first_id(void **state)
{
    struct world *world = world_with("{\"a\":{" URL "}}");
    char first[128];
    const char *id;

    (void)state;
    assert_int_equal(post(world, "/events/publish", KEYED), 202);
    assert_non_null(strstr(world->reply.body, "\"duplicate\":false"));
    id = strstr(world->reply.body, "\"event_id\"");
    assert_non_null(id);
    (void)snprintf(first, sizeof first, "%s", id);

    assert_int_equal(post(world, "/events/publish", KEYED), 200);
    assert_non_null(strstr(world->reply.body, "\"duplicate\":true"));
    assert_non_null(strstr(world->reply.body, first));
    run(world, SHORT);

    assert_int_equal(received.count, 1);
    world_free(world);
}

static void another_event_under_the_same_key_is_refused_and_names_the_first(void **state)
{
    static const char *const others[] = {
        "{\"event_type\":\"MY_EVENT\",\"payload\":{\"n\":1},\"source\":\"s\","
        "\"idempotency_key\":\"k1\"}",
        "{\"event_type\":\"OTHER_EVENT\",\"payload\":{},\"source\":\"s\","
        "\"idempotency_key\":\"k1\"}",
        "{\"event_type\":\"MY_EVENT\",\"payload\":{},\"source\":\"t\","
        "\"idempotency_key\":\"k1\"}",
    };
    struct world *world = world_with("{\"a\":{" URL "}}");

    (void)state;
    assert_int_equal(post(world, "/events/publish", KEYED), 202);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_int_equal(post(world, "/events/publish", others[i]), 409);
        assert_non_null(strstr(world->reply.body, "idempotency_conflict"));
        assert_non_null(strstr(world->reply.body, "\"first\":\"event_bridge:"));
    }
    assert_int_equal(post(world, "/events/publish", KEYED), 200);
    run(world, SHORT);

    assert_int_equal(received.count, 1);
    world_free(world);
}

static void two_at_once_under_one_key_publish_once(void **state)
{
    struct world *world = world_with("{\"a\":{" URL "}}");
    uint64_t sent[2];
    uint32_t status[2];

    (void)state;
    for (int i = 0; i < 2; i++)
        sent[i] = rh_testhost_send(world->bridge, "POST", "/events/publish", KEYED);
    run(world, SHORT);
    for (int i = 0; i < 2; i++) {
        assert_true(rh_testhost_answer(world->bridge, sent[i], &world->reply));
        status[i] = world->reply.status;
    }

    assert_int_equal(status[0], 202);
    assert_int_equal(status[1], 409);
    assert_int_equal(received.count, 1);
    assert_int_equal(post(world, "/events/publish", KEYED), 200);
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_catalogue_type_must_carry_what_the_catalogue_says),
        cmocka_unit_test(a_local_type_stays_on_the_node),
        cmocka_unit_test(what_is_no_event_is_refused),
        cmocka_unit_test(a_payload_has_a_largest_size),
        cmocka_unit_test(the_same_key_again_publishes_nothing_and_gives_the_first_id),
        cmocka_unit_test(another_event_under_the_same_key_is_refused_and_names_the_first),
        cmocka_unit_test(two_at_once_under_one_key_publish_once),
        cmocka_unit_test(a_flood_is_refused_until_the_next_second),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
