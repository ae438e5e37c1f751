/* Output of a running item over real connections. */
#include "ctl_test.h"

#include "ctl_run.h"
#include "fake_node.h"

#define GONE                                              \
    "HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n" \
    "{\"error\":{\"code\":\"not_found\",\"message\":\"no node runs it\"}}"

static void pages_are_shown_until_there_is_no_more(void **state)
{
    static const struct fake_step steps[] = {
        {FAKE_OK("{\"next\":4,\"text\":\"one\\n\"}"), false, false},
        {FAKE_OK("{\"next\":8,\"text\":\"two\\n\"}"), false, false},
        {FAKE_OK("{\"next\":8,\"text\":\"\"}"), false, false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node = fake_node_start(steps, 3);

    (void)state;
    run.addr = node->address;
    ctl_run(&run, "logs w1");
    fake_node_stop(node);

    assert_int_equal(run.code, CTL_OK);
    assert_string_equal(run.out, "one\ntwo\n");
    assert_non_null(strstr(node->requests[1], "GET /worker/log?work_id=w1&offset=4 "));
    ctl_run_release(&run);
    fake_node_free(node);
}

static void following_ends_with_the_item(void **state)
{
    static const struct fake_step steps[] = {
        {FAKE_OK("{\"next\":4,\"text\":\"one\\n\"}"), false, false},
        {FAKE_OK("{\"next\":4,\"text\":\"\"}"), false, false},
        {GONE, false, false},
        {FAKE_OK("{\"status\":\"done\"}"), false, false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node = fake_node_start(steps, 4);

    (void)state;
    run.addr = node->address;
    ctl_run(&run, "logs -f w1");
    fake_node_stop(node);

    assert_int_equal(run.code, CTL_OK);
    assert_string_equal(run.out, "one\n");
    ctl_run_release(&run);
    fake_node_free(node);
}

static void following_shows_what_was_printed_last(void **state)
{
    static const struct fake_step steps[] = {
        {FAKE_OK("{\"next\":4,\"ended\":false,\"text\":\"one\\n\"}"), false, false},
        {FAKE_OK("{\"next\":4,\"ended\":false,\"text\":\"\"}"), false, false},
        {FAKE_OK("{\"next\":8,\"ended\":true,\"text\":\"two\\n\"}"), false, false},
        {FAKE_OK("{\"next\":8,\"ended\":true,\"text\":\"\"}"), false, false},
        {FAKE_OK("{\"status\":\"done\"}"), false, false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node = fake_node_start(steps, 5);

    (void)state;
    run.addr = node->address;
    ctl_run(&run, "logs -f w1");
    fake_node_stop(node);

    assert_int_equal(run.code, CTL_OK);
    assert_string_equal(run.out, "one\ntwo\n");
    ctl_run_release(&run);
    fake_node_free(node);
}

static void an_item_that_does_not_run_exits_1(void **state)
{
    static const struct fake_step step = {GONE, false, false};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node = fake_node_start(&step, 1);

    (void)state;
    run.addr = node->address;
    ctl_run(&run, "logs w1");
    fake_node_stop(node);

    assert_int_equal(run.code, CTL_REFUSED);
    assert_non_null(strstr(run.err, "no node runs it"));
    ctl_run_release(&run);
    fake_node_free(node);
}

#define PAGE(attempt, node, next, ended, text)                                                     \
    FAKE_OK("{\"node_id\":\"" node "\",\"attempt\":" attempt ",\"next\":" next ",\"ended\":" ended \
            ",\"truncated\":false,\"text\":\"" text "\"}")

static void the_next_attempt_is_read_from_its_beginning(void **state)
{
    static const struct fake_step steps[] = {
        {PAGE("1", "n1", "4", "false", "one\\n"), false, false},
        {PAGE("1", "n1", "4", "true", ""), false, false},
        {FAKE_OK("{\"status\":\"delayed\"}"), false, false},
        {PAGE("2", "n3\\u001b", "9", "false", "lost\\n"), false, false},
        {PAGE("2", "n3\\u001b", "13", "false", "two and more\\n"), false, false},
        {PAGE("2", "n3\\u001b", "13", "true", ""), false, false},
        {FAKE_OK("{\"status\":\"done\"}"), false, false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node = ctl_run_with(steps, 7, &run, "logs -f w1");

    (void)state;
    assert_int_equal(run.code, CTL_OK);
    assert_string_equal(run.out, "one\ntwo and more\n");
    assert_string_equal(run.err, "ringctl: w1 is delayed; waiting\nringctl: attempt 2 on n3?\n");
    assert_non_null(strstr(node->requests[4], "&offset=0 "));
    ctl_run_release(&run);
    fake_node_free(node);
}

static void following_waits_for_an_item_to_begin(void **state)
{
    static const struct fake_step steps[] = {
        {GONE, false, false},
        {FAKE_OK("{\"status\":\"pending\"}"), false, false},
        {PAGE("1", "n1", "4", "false", "one\\n"), false, false},
        {PAGE("1", "n1", "4", "true", ""), false, false},
        {FAKE_OK("{\"status\":\"done\"}"), false, false}};
    static const struct fake_step over[] = {{GONE, false, false},
                                            {FAKE_OK("{\"status\":\"done\"}"), false, false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node = ctl_run_with(steps, 5, &run, "logs -f w1");

    (void)state;
    assert_int_equal(run.code, CTL_OK);
    assert_string_equal(run.out, "one\n");
    assert_string_equal(run.err, "ringctl: w1 is pending; waiting\n");
    ctl_run_release(&run);
    fake_node_free(node);

    run = (struct ctl_run){.addr = NULL};
    node = ctl_run_with(over, 2, &run, "logs -f w1");
    assert_int_equal(run.code, CTL_REFUSED);
    assert_non_null(strstr(run.err, "no node runs it"));
    ctl_run_release(&run);
    fake_node_free(node);
}

static void an_output_that_is_cut_is_told_once(void **state)
{
    static const struct fake_step steps[] = {
        {FAKE_OK("{\"next\":3,\"truncated\":true,\"text\":\"one\"}"), false, false},
        {FAKE_OK("{\"next\":3,\"truncated\":true,\"text\":\"\"}"), false, false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node = ctl_run_with(steps, 2, &run, "logs w1");

    (void)state;
    assert_int_equal(run.code, CTL_OK);
    assert_string_equal(run.out, "one");
    assert_string_equal(run.err, "ringctl: the output is cut at 3 bytes, its output_max; what was "
                                 "printed after that is not kept\n");
    ctl_run_release(&run);
    fake_node_free(node);
}

static void a_terminal_gets_no_control_characters(void **state)
{
    static const struct fake_step steps[] = {
        {FAKE_OK("{\"next\":7,\"text\":\"\\u001b[2J\\tx\\n\"}"), false, false},
        {FAKE_OK("{\"next\":7,\"text\":\"\"}"), false, false}};
    struct ctl_run run = {.is_tty = true};
    struct fake_node *node = ctl_run_with(steps, 2, &run, "logs w1");

    (void)state;
    assert_string_equal(run.out, "?[2J\tx\n");
    ctl_run_release(&run);
    fake_node_free(node);

    run = (struct ctl_run){.is_tty = false};
    node = ctl_run_with(steps, 2, &run, "logs w1");
    assert_string_equal(run.out, "\033[2J\tx\n");
    ctl_run_release(&run);
    fake_node_free(node);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_are_shown_until_there_is_no_more),
        cmocka_unit_test(following_ends_with_the_item),
        cmocka_unit_test(following_shows_what_was_printed_last),
        cmocka_unit_test(an_item_that_does_not_run_exits_1),
        cmocka_unit_test(the_next_attempt_is_read_from_its_beginning),
        cmocka_unit_test(following_waits_for_an_item_to_begin),
        cmocka_unit_test(an_output_that_is_cut_is_told_once),
        cmocka_unit_test(a_terminal_gets_no_control_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
