/* Sinks and dead letters as people see them. */
#include "render_test.h"

static void sinks_are_a_table_of_where_they_stand(void **state)
{
    (void)state;
    assert_render(render_event_sinks,
                  "{\"sinks\":[{\"sink\":\"router\",\"state\":\"waiting\",\"position\":120,"
                  "\"behind\":7,\"delivered\":99,\"dead_letters\":1,\"attempts\":3,"
                  "\"last_error\":\"HTTP 500\"},{\"sink\":\"b\",\"state\":\"ready\","
                  "\"position\":127,\"behind\":0,\"delivered\":5,\"dead_letters\":0,"
                  "\"attempts\":0,\"last_error\":null}]}",
                  "SINK    POSITION  BEHIND  DELIVERED  DEAD  ATTEMPTS  STATE    LAST ERROR\n"
                  "router       120       7         99     1         3  waiting  HTTP 500\n"
                  "b            127       0          5     0         0  ready    -\n");
    assert_render(render_event_sinks, "{\"sinks\":[]}", "no sinks\n");
}

static void dead_letters_are_listed_with_their_reason(void **state)
{
    (void)state;
    assert_render(render_event_dead,
                  "{\"sink\":\"router\",\"dead\":[{\"event_id\":\"work:7:0\","
                  "\"event_type\":\"WORK_FAILED\",\"at\":1709294390000,\"attempts\":1,"
                  "\"error\":\"HTTP 422\"}],\"next\":\"88\"}",
                  "EVENT     TYPE         AT                    ATTEMPTS  REASON\n"
                  "work:7:0  WORK_FAILED  2024-03-01T11:59:50Z         1  HTTP 422\n"
                  "more: --after 88\n");
    assert_render(render_event_dead, "{\"dead\":[],\"next\":null}", "no dead letters\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sinks_are_a_table_of_where_they_stand),
        cmocka_unit_test(dead_letters_are_listed_with_their_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
