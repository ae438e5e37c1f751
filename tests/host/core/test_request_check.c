/* Tests of host/core/request_check.c: routes, bodies and readiness. Callers and peers:
 * test_request_check_caller. */
#include "tests/host/core/probe_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const json_type[] = {"Content-Type", "application/json; charset=utf-8", NULL};

/* POST this body and expect this status and words, and that no handler ran. */
static void refused(struct world *world, const char *path, const char *body, uint32_t status,
                    const char *part)
{
    uint32_t before = world_probe(world, 0)->req_count;

    assert_int_equal(world_ask(world, 0, "POST", path, body, json_type), status);
    world_assert_says(world, part);
    assert_int_equal(world_probe(world, 0)->req_count, before);
}

static void an_unknown_path_is_404_with_near_matches(void **state)
{
    struct world *world = *state;

    assert_int_equal(world_ask(world, 0, "GET", "/probe/raed", NULL, NULL), 404);
    world_assert_says(world, "\"code\":\"no_route\",\"message\":\"no route /probe/raed; did you "
                             "mean /probe/read");
}

static void a_very_long_unknown_path_is_404_too(void **state)
{
    struct world *world = *state;
    char path[4000];

    memset(path, 'a', sizeof path);
    path[0] = '/';
    path[sizeof path - 1] = '\0';
    assert_int_equal(world_ask(world, 0, "GET", path, NULL, NULL), 404);
    world_assert_says(world, "\"code\":\"no_route\"");
}

static void a_wrong_method_is_405_with_allow(void **state)
{
    struct world *world = *state;

    world_tap(world, 0);
    assert_int_equal(world_ask(world, 0, "PUT", "/probe/read", NULL, NULL), 405);
    assert_non_null(strstr(world->allow, "GET"));
    assert_non_null(strstr(world->allow, "DELETE"));
    world_assert_says(world, "\"code\":\"method_not_allowed\"");
    world_assert_says(world, "PUT is not a method of /probe/read");
}

static void head_finds_the_get_route(void **state)
{
    struct world *world = *state;

    (void)world_send(world, 0, "HEAD", "/probe/read", NULL, NULL);
    assert_int_equal(world_probe(world, 0)->req_count, 1);
}

static void a_body_above_the_routes_limit_is_413(void **state)
{
    struct world *world = *state;

    refused(world, "/probe/small", "{\"a\":\"0123456789012345678901234\"}", 413,
            "the body has 33 bytes; /probe/small takes at most 32");
}

static void the_largest_body_is_taken(void **state)
{
    struct world *world = *state;
    char body[65];

    memset(body, 'x', sizeof body);
    body[64] = '\0';
    (void)world_send(world, 0, "POST", "/probe/raw", body, NULL);
    assert_int_equal(world_probe(world, 0)->req_count, 1);
    assert_int_equal(world_ask(world, 0, "POST", "/probe/raw",
                               "01234567890123456789012345678901234567890123456789012345678901234",
                               NULL),
                     413);
}

static void another_content_type_is_415(void **state)
{
    static const char *const form[] = {"Content-Type", "application/x-www-form-urlencoded", NULL};
    static const char *const like[] = {"Content-Type", "application/json-patch+json", NULL};
    struct world *world = *state;

    assert_int_equal(world_ask(world, 0, "POST", "/probe/act", "name=a", form), 415);
    world_assert_says(world, "\"code\":\"unsupported_media_type\"");
    assert_int_equal(world_ask(world, 0, "POST", "/probe/act", "{\"name\":\"a\"}", like), 415);
    assert_int_equal(world_probe(world, 0)->req_count, 0);
}

static void json_is_recognised_whatever_the_case_and_parameters(void **state)
{
    static const char *const types[] = {"application/json", "Application/JSON;charset=utf-8",
                                        "application/json ; charset=utf-8"};
    struct world *world = *state;

    for (uint32_t i = 0; i < 3; i++) {
        const char *const headers[] = {"Content-Type", types[i], NULL};

        (void)world_send(world, 0, "POST", "/probe/act", "{\"name\":\"a\"}", headers);
        assert_int_equal(world_probe(world, 0)->req_count, i + 1);
    }
}

static void fields_are_decoded_before_the_handler_runs(void **state)
{
    struct world *world = *state;
    const struct probe *probe = world_probe(world, 0);

    (void)world_send(world, 0, "POST", "/probe/act", "{\"name\":\"anna\",\"count\":7}", json_type);
    assert_string_equal(probe->name, "anna");
    assert_int_equal(probe->number, 7);
    (void)world_send(world, 0, "GET", "/probe/query?name=ben%20o&count=64", NULL, NULL);
    assert_string_equal(probe->name, "ben o");
    assert_int_equal(probe->number, 64);
    (void)world_send(world, 0, "POST", "/probe/act", "{\"name\":\"c\"}", json_type);
    assert_int_equal(probe->number, 1);
}

static void broken_json_is_400_naming_the_place(void **state)
{
    struct world *world = *state;

    refused(world, "/probe/act", "{\"name\":\"a\",}", 400, "\"code\":\"invalid_argument\"");
    world_assert_says(world, "byte 12");
    refused(world, "/probe/act", "{\"name\":\"a\"} x", 400, "byte 13");
    refused(world, "/probe/act", "{\"name\":\"\xff\"}", 400, "byte 9");
    refused(world, "/probe/act", "[]", 400, "object");
}

static void a_duplicate_key_is_400_naming_it(void **state)
{
    struct world *world = *state;

    refused(world, "/probe/act", "{\"name\":\"a\",\"name\":\"b\"}", 400, "byte 12");
    world_assert_says(world, "has this key already");
}

static void json_that_is_too_deep_is_400(void **state)
{
    struct world *world = *state;
    char body[300] = "{\"zz\":";
    size_t n = strlen(body);

    memset(body + n, '[', 100);
    memset(body + n + 100, ']', 100);
    (void)snprintf(body + n + 200, sizeof body - n - 200, ",\"name\":\"a\"}");
    refused(world, "/probe/act", body, 400, "64");
    refused(world, "/probe/peer", body, 400, "64");
}

static void a_missing_field_is_named(void **state)
{
    struct world *world = *state;

    refused(world, "/probe/act", "{}", 400, "\"field\":\"name\"");
    refused(world, "/probe/act", "", 400, "\"field\":\"name\"");
}

static void a_wrong_type_or_range_names_field_and_rule(void **state)
{
    struct world *world = *state;

    refused(world, "/probe/act", "{\"name\":\"a\",\"count\":65}", 400,
            "\\\"count\\\" must be an integer in [1, 64]");
    world_assert_says(world, "\"field\":\"count\"");
    refused(world, "/probe/act", "{\"name\":\"a\",\"count\":\"7\"}", 400,
            "\\\"count\\\" must be an integer in [1, 64]");
    refused(world, "/probe/act", "{\"name\":\"a\",\"mode\":\"medium\"}", 400, "\"field\":\"mode\"");
    refused(world, "/probe/act", "{\"name\":7}", 400, "\"field\":\"name\"");
    assert_int_equal(world_ask(world, 0, "GET", "/probe/query?name=a&count=x", NULL, NULL), 400);
    world_assert_says(world, "\"field\":\"count\"");
}

static void an_unknown_field_is_400_with_did_you_mean(void **state)
{
    struct world *world = *state;

    refused(world, "/probe/act", "{\"name\":\"a\",\"cuont\":2}", 400, "did you mean \\\"count\\\"");
    refused(world, "/probe/work", "{\"name\":\"a\",\"cuont\":2}", 400, "cuont");
    refused(world, "/probe/admin", "{\"anything\":1}", 400, "anything");
}

static void an_unknown_field_from_a_peer_is_ignored(void **state)
{
    struct world *world = *state;

    (void)world_send(world, 0, "POST", "/probe/peer", "{\"name\":\"new\",\"later\":2}", json_type);
    assert_string_equal(world_probe(world, 0)->name, "new");
}

static void more_requests_than_the_quota_are_refused(void **state)
{
    struct world *world = *state;
    uint64_t request;
    rh_req first;

    world->hosts[0]->setup.in_flight_max = 3;
    first = world_park(world, "/probe/read", &request);
    (void)world_park(world, "/probe/read", &request);
    (void)world_park(world, "/probe/read", &request);
    assert_int_equal(world_ask(world, 0, "GET", "/probe/read", NULL, NULL), 503);
    world_assert_says(world, "\"code\":\"overloaded\"");
    assert_int_equal(world->reply.retry_after_s, 1);
    assert_int_equal(world_ctx(world, 0, "probe")->over_quota, 1);
    assert_int_equal(probe_reply(world_probe(world, 0), first, 200, "{}"), RH_OK);
    (void)world_park(world, "/probe/read", &request);
}

static int32_t activate_later(struct probe *probe)
{
    (void)probe;
    return RH_PENDING;
}

static void a_plugin_that_is_activating_answers_loading(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    probe->on_activate = activate_later;
    probe->rh.core->reactivate(probe->rh.ctx, "a test wants it");
    world_run(world, 100);
    assert_int_equal(world_ask(world, 0, "GET", "/probe/read", NULL, NULL), 503);
    world_assert_says(world, "\"code\":\"loading\"");
    assert_int_equal(world->reply.retry_after_s, 1);
    (void)world_send(world, 0, "GET", "/probe/always", NULL, NULL);
    assert_int_equal(probe->req_count, 1);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, world_set_up, world_tear_down)

static void an_unknown_query_key_is_refused_where_no_field_is_declared(void **state)
{
    struct world *world = *state;

    assert_int_equal(world_ask(world, 0, "GET", "/probe/read?limit=3", NULL, NULL), 400);
    world_assert_says(world, "\"field\":\"limit\"");
    assert_int_equal(world_ask(world, 0, "GET", "/plugins?verbose", NULL, NULL), 400);
    assert_int_equal(world_ask(world, 0, "GET", "/probe/query?nam=a&count=1", NULL, NULL), 400);
    world_assert_says(world, "did you mean \\\"name\\\"");
}

static void a_public_route_takes_any_query(void **state)
{
    struct world *world = *state;

    assert_int_equal(world_ask(world, 0, "GET", "/healthz?cache=no", NULL, NULL), 200);
}

static void an_empty_query_is_none(void **state)
{
    struct world *world = *state;

    assert_int_equal(world_ask(world, 0, "GET", "/plugins?", NULL, NULL), 200);
    assert_int_equal(world_ask(world, 0, "GET", "/plugins?&", NULL, NULL), 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_unknown_path_is_404_with_near_matches),
        CASE(a_very_long_unknown_path_is_404_too),
        CASE(a_wrong_method_is_405_with_allow),
        CASE(head_finds_the_get_route),
        CASE(a_body_above_the_routes_limit_is_413),
        CASE(the_largest_body_is_taken),
        CASE(another_content_type_is_415),
        CASE(json_is_recognised_whatever_the_case_and_parameters),
        CASE(fields_are_decoded_before_the_handler_runs),
        CASE(broken_json_is_400_naming_the_place),
        CASE(a_duplicate_key_is_400_naming_it),
        CASE(json_that_is_too_deep_is_400),
        CASE(a_missing_field_is_named),
        CASE(a_wrong_type_or_range_names_field_and_rule),
        CASE(an_unknown_field_is_400_with_did_you_mean),
        CASE(an_unknown_field_from_a_peer_is_ignored),
        CASE(more_requests_than_the_quota_are_refused),
        CASE(a_plugin_that_is_activating_answers_loading),
        CASE(an_unknown_query_key_is_refused_where_no_field_is_declared),
        CASE(a_public_route_takes_any_query),
        CASE(an_empty_query_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
