/* Emptying a node over real connections. */
#include "ctl_test.h"

#include "ctl_run.h"
#include "fake_node.h"

static void the_node_is_looked_at_until_it_is_empty(void **state)
{
    static const struct fake_step steps[] = {
        {FAKE_OK("{\"ok\":true}"), false, false},
        {FAKE_OK("{\"items\":[{\"work_id\":\"w1\"}],\"outbox\":0}"), false, false},
        {FAKE_OK("{\"items\":[],\"outbox\":1}"), false, false},
        {FAKE_OK("{\"items\":[],\"outbox\":0}"), false, false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node = ctl_run_with(steps, 4, &run, "drain");

    (void)state;
    assert_int_equal(run.code, CTL_OK);
    assert_string_equal(run.out, "1 running, 0 reports waiting\n0 running, 1 reports waiting\n"
                                 "0 running, 0 reports waiting\n");
    assert_non_null(strstr(node->requests[0], "POST /admin/maintenance"));
    assert_non_null(strstr(node->requests[0], "{\"on\":true}"));
    ctl_run_release(&run);
    fake_node_free(node);
}

/* The fake node is at one address, whoever it is said to be. */
static void another_node_is_asked_at_the_address_that_peers_know(void **state)
{
    static const struct fake_step unknown[] = {
        {FAKE_OK("{\"peers\":[{\"node_id\":\"n1\",\"addresses\":[\"h:1\"]}]}"), false, false}};
    static const struct fake_step elsewhere[] = {
        {FAKE_OK("{\"peers\":[{\"node_id\":\"n1\",\"addresses\":[\"h:1\"]},"
                 "{\"node_id\":\"n2\",\"addresses\":[\"127.0.0.1:1\"]}]}"),
         false, false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node = ctl_run_with(unknown, 1, &run, "drain n2");

    (void)state;
    assert_int_equal(run.code, CTL_REFUSED);
    assert_non_null(strstr(run.err, "no address is known of a node \"n2\""));
    ctl_run_release(&run);
    fake_node_free(node);

    run = (struct ctl_run){.addr = NULL};
    node = ctl_run_with(elsewhere, 1, &run, "drain n2");
    assert_int_equal(run.code, CTL_UNREACHABLE);
    assert_non_null(strstr(run.err, "127.0.0.1:1"));
    ctl_run_release(&run);
    fake_node_free(node);
}

#define FROM(node, body) "HTTP/1.1 200 OK\r\nX-Node-Id: " node "\r\nConnection: close\r\n\r\n" body

static void a_node_in_the_place_of_the_drained_one_is_not_taken_for_it(void **state)
{
    static const struct fake_step steps[] = {
        {FROM("n1", "{\"ok\":true}"), false, false},
        {FROM("n1", "{\"items\":[{\"work_id\":\"w1\"}],\"outbox\":0}"), false, false},
        {FROM("n2", "{\"items\":[],\"outbox\":0}"), false, false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node = ctl_run_with(steps, 3, &run, "drain");

    (void)state;
    assert_int_equal(run.code, CTL_REFUSED);
    assert_non_null(strstr(run.err, " is node n2, not n1"));
    ctl_run_release(&run);
    fake_node_free(node);
}

static void a_node_without_worker_is_told(void **state)
{
    static const struct fake_step steps[] = {
        {FAKE_OK("{\"ok\":true}"), false, false},
        {"HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n"
         "{\"error\":{\"code\":\"no_route\",\"message\":\"no route\"}}",
         false, false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node = ctl_run_with(steps, 2, &run, "drain");

    (void)state;
    assert_int_equal(run.code, CTL_REFUSED);
    assert_non_null(strstr(run.err, "no_route"));
    ctl_run_release(&run);
    fake_node_free(node);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_node_is_looked_at_until_it_is_empty),
        cmocka_unit_test(another_node_is_asked_at_the_address_that_peers_know),
        cmocka_unit_test(a_node_in_the_place_of_the_drained_one_is_not_taken_for_it),
        cmocka_unit_test(a_node_without_worker_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
