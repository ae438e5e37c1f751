/* Event streams over real connections: resumed at the last id, ended by refusals. */
#include "ctl_test.h"

#include "ctl_run.h"
#include "fake_node.h"

#define STREAM "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
#define EVENT(id, type) \
    "id: " id "\nevent: " type "\ndata: {\"type\":\"" type "\",\"node_id\":\"n1\"}\n\n"
#define LINE(type) "- " type " n1 {}\n"
#define GONE       FAKE_JSON("404 No", "{\"error\":{\"code\":\"not_found\",\"message\":\"gone\"}}   ")

static void a_lost_stream_is_resumed_behind_its_last_id(void **state)
{
    static const struct fake_step steps[] = {
        {STREAM ": hello\n\n" EVENT("1.1", "A") EVENT("1.2", "B") "id: 1.3\ndata: half", false,
         true},
        {"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", false, false},
        {STREAM EVENT("1.3", "C"), false, false},
        {GONE, false, false},
    };
    struct fake_node *node = fake_node_start(steps, COUNT_OF(steps));
    struct ctl_run run = {.addr = node->address};

    (void)state;
    ctl_run(&run, "events -f --since 4.5.6.0");
    fake_node_stop(node);

    assert_string_equal(run.out, LINE("A") LINE("B") LINE("C"));
    assert_string_equal(run.err, "ringctl: the event stream has ended; connecting again\n"
                                 "ringctl: http_503: the node answered 503 without saying why\n"
                                 "ringctl: the event stream has ended; connecting again\n"
                                 "ringctl: not_found: gone\n");
    assert_int_equal(run.code, CTL_REFUSED);
    assert_int_equal(node->request_count, 4);
    assert_non_null(strstr(node->requests[0], "\r\nLast-Event-ID: 4.5.6.0\r\n"));
    assert_non_null(strstr(node->requests[1], "\r\nLast-Event-ID: 1.2\r\n"));
    assert_non_null(strstr(node->requests[2], "\r\nLast-Event-ID: 1.2\r\n"));
    assert_non_null(strstr(node->requests[3], "\r\nLast-Event-ID: 1.3\r\n"));
    ctl_run_release(&run);
    fake_node_free(node);
}

static void a_silent_stream_is_left(void **state)
{
    static const struct fake_step steps[] = {{STREAM EVENT("1", "A"), true, false},
                                             {GONE, false, false}};
    struct fake_node *node = fake_node_start(steps, COUNT_OF(steps));
    struct ctl_run run = {.addr = node->address};

    (void)state;
    ctl_run(&run, "events --follow");
    fake_node_stop(node);

    assert_string_equal(run.out, LINE("A"));
    assert_non_null(strstr(run.err, "the event stream is silent; connecting again\n"));
    assert_null(strstr(node->requests[0], "Last-Event-ID"));
    ctl_run_release(&run);
    fake_node_free(node);
}

static void without_follow_stored_events_are_shown_and_it_ends(void **state)
{
    static const struct fake_step steps[] = {
        {STREAM EVENT("1", "A") EVENT(
             "2", "B") "event: gap\ndata: {\"missed\":12}\n\nevent: gap\ndata: {\"missed\":0}\n\n",
         true, false}};
    struct fake_node *node = fake_node_start(steps, COUNT_OF(steps));
    struct ctl_run run = {.addr = node->address};

    (void)state;
    ctl_run(&run, "events --type B,C");
    fake_node_stop(node);

    assert_string_equal(run.out, LINE("B"));
    assert_string_equal(run.err, "ringctl: 12 events were missed\n");
    assert_int_equal(run.code, CTL_OK);
    assert_non_null(strstr(node->requests[0], "\r\nLast-Event-ID: 0.0.0.0\r\n"));
    ctl_run_release(&run);
    fake_node_free(node);
}

static void json_events_are_one_line_each(void **state)
{
    static const struct fake_step steps[] = {{STREAM EVENT("1", "A") EVENT("2", "B"), true, false}};
    struct fake_node *node = fake_node_start(steps, COUNT_OF(steps));
    struct ctl_run run = {.addr = node->address};

    (void)state;
    ctl_run(&run, "--json events");
    fake_node_stop(node);

    assert_string_equal(run.out, "{\"type\":\"A\",\"node_id\":\"n1\"}\n"
                                 "{\"type\":\"B\",\"node_id\":\"n1\"}\n");
    ctl_run_release(&run);
    fake_node_free(node);
}

static void a_quiet_node_has_no_stored_events(void **state)
{
    static const struct fake_step steps[] = {{STREAM ": hello\n\n", true, false}};
    struct fake_node *node = fake_node_start(steps, COUNT_OF(steps));
    struct ctl_run run = {.addr = node->address};

    (void)state;
    ctl_run(&run, "events");
    fake_node_stop(node);

    assert_string_equal(run.out, "no stored events\n");
    assert_int_equal(run.code, CTL_OK);
    ctl_run_release(&run);
    fake_node_free(node);
}

/* A node answers a cursor that it cannot read with what comes from now on: nothing would be shown.
 */
static void what_is_no_cursor_is_not_sent(void **state)
{
    static const char *const commands[] = {"events --since n1:1.11", "events --since gauntlet:14:0",
                                           "events --since 1.2.3",   "events --since 1.2.3.4.5",
                                           "events --since 1..2.3",  "events -f --since 1.2.3.x",
                                           "events --since 1.2.3."};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        struct ctl_run run = {.addr = "127.0.0.1:1"};

        ctl_run(&run, commands[i]);

        assert_non_null(strstr(run.err, "is no cursor of an event"));
        assert_int_equal(run.code, CTL_USAGE);
        ctl_run_release(&run);
    }
}

static void a_first_refusal_is_final(void **state)
{
    static const struct fake_step steps[] = {
        {FAKE_JSON("503 No", "{\"error\":{\"code\":\"overloaded\",\"message\":\"too many\"}}"),
         false, false}};
    struct fake_node *node = fake_node_start(steps, COUNT_OF(steps));
    struct ctl_run run = {.addr = node->address};

    (void)state;
    ctl_run(&run, "events -f");
    fake_node_stop(node);

    assert_string_equal(run.err, "ringctl: overloaded: too many\n");
    assert_int_equal(run.code, CTL_REFUSED);
    ctl_run_release(&run);
    fake_node_free(node);
}

static void an_unreachable_node_is_final_at_first(void **state)
{
    struct ctl_run run = {.addr = NULL};
    char closed[32];

    (void)state;
    fake_closed_address(closed);
    run.addr = closed;
    ctl_run(&run, "events -f");

    assert_int_equal(run.code, CTL_UNREACHABLE);
    assert_non_null(strstr(run.err, "Connection refused"));
    ctl_run_release(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lost_stream_is_resumed_behind_its_last_id),
        cmocka_unit_test(a_silent_stream_is_left),
        cmocka_unit_test(without_follow_stored_events_are_shown_and_it_ends),
        cmocka_unit_test(json_events_are_one_line_each),
        cmocka_unit_test(a_quiet_node_has_no_stored_events),
        cmocka_unit_test(what_is_no_cursor_is_not_sent),
        cmocka_unit_test(a_first_refusal_is_final),
        cmocka_unit_test(an_unreachable_node_is_final_at_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
