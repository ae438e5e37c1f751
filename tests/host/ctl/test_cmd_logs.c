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
        {GONE, false, false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node = fake_node_start(steps, 3);

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
        {FAKE_OK("{\"next\":8,\"ended\":true,\"text\":\"\"}"), false, false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node = fake_node_start(steps, 4);

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_are_shown_until_there_is_no_more),
        cmocka_unit_test(following_ends_with_the_item),
        cmocka_unit_test(following_shows_what_was_printed_last),
        cmocka_unit_test(an_item_that_does_not_run_exits_1),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
