/* Events, errors and members. */
#include "render_test.h"

static void an_event_is_one_line(void **state)
{
    (void)state;
    assert_render(
        render_event,
        "{\"id\":\"1\",\"type\":\"HOST_ONLINE\",\"source\":\"host\",\"node_id\":\"n1\","
        "\"at\":1709294400000,\"payload\":{\"node_id\":\"n2\",\"note\":\"a\\nb\"}}",
        "2024-03-01T12:00:00Z HOST_ONLINE n1/host {\"node_id\":\"n2\",\"note\":\"a\\nb\"}\n");
}

static void assert_error(const char *json, int status, const char *expected)
{
    cJSON *tree = cJSON_Parse(json);
    struct rh_buf out;

    rh_buf_init(&out, TEST_TEXT_MAX);
    assert_int_equal(render_error(tree, status, &out), RH_OK);
    assert_text(&out, expected);
    cJSON_Delete(tree);
}

static void an_error_shows_the_lines_of_its_details(void **state)
{
    (void)state;
    assert_error("{\"error\":{\"code\":\"invalid_configuration\",\"message\":\"it has errors\","
                 "\"details\":{\"text\":\"a.yaml:1:2: error: \\u001b[31mone\\n  b: 1\\n\"}}}",
                 400, "invalid_configuration: it has errors\na.yaml:1:2: error: ?[31mone\n  b: 1");
}

static void an_error_names_its_field_once(void **state)
{
    (void)state;
    assert_error("{\"error\":{\"code\":\"not_leader\",\"message\":\"n1 does not lead\"}}", 503,
                 "not_leader: n1 does not lead");
    assert_error("{\"error\":{\"code\":\"invalid_argument\",\"message\":\"must be an integer\","
                 "\"field\":\"limit\"}}",
                 400, "invalid_argument: must be an integer (field \"limit\")");
    assert_error("{\"error\":{\"code\":\"invalid_argument\",\"message\":\"\\\"limit\\\" must be an "
                 "integer\",\"field\":\"limit\"}}",
                 400, "invalid_argument: \"limit\" must be an integer");
}

static void an_error_without_words_has_its_status(void **state)
{
    (void)state;
    assert_error("[]", 502, "http_502: the node answered 502 without saying why");
    assert_error("", 404, "http_404: the node answered 404 without saying why");
}

static void nested_members_have_long_names(void **state)
{
    (void)state;
    assert_render(render_members,
                  "{\"a\":\"x\",\"deep\":{\"er\":{\"yet\":true}},\"empty\":{},\"none\":\"\"}",
                  "a            x\ndeep.er.yet  true\nempty        {}\nnone         -\n");
    assert_render(render_members, "{}", "done\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_is_one_line),
        cmocka_unit_test(an_error_shows_the_lines_of_its_details),
        cmocka_unit_test(an_error_names_its_field_once),
        cmocka_unit_test(an_error_without_words_has_its_status),
        cmocka_unit_test(nested_members_have_long_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
