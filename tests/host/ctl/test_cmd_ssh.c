/* Beginning a run over a real connection, to the exit code. */
#include "ctl_test.h"

#include "ctl_run.h"
#include "fake_node.h"

static void a_run_is_sent_with_its_options_put_in(void **state)
{
    static const struct fake_step step = {
        FAKE_JSON("201 Created", "{\"run_id\":\"n1-ssh-1\",\"matches_total\":1,\"hosts_total\":2}"),
        false, false};
    struct ctl_run run = {.input = "{\"command\":[\"x\"],\"matches\":[{}],\"retries\":1}"};
    struct fake_node *node =
        ctl_run_with(&step, 1, &run, "ssh run --run - --host a,b --retries 0 --idempotent");

    (void)state;
    assert_int_equal(run.code, CTL_OK);
    assert_string_equal(run.out, "run n1-ssh-1: 1 matches on 2 hosts\n");
    assert_memory_equal(node->requests[0], "POST /ssh_tournament/run ", 25);
    assert_non_null(strstr(node->requests[0],
                           "\r\n\r\n{\"command\":[\"x\"],\"matches\":[{}],\"hosts\":[\"a\",\"b\"],"
                           "\"retries\":0,\"idempotent\":true}"));
    ctl_run_release(&run);
    fake_node_free(node);
}

static void a_refused_run_exits_1(void **state)
{
    static const struct fake_step step = {
        FAKE_JSON("400 Bad Request",
                  "{\"error\":{\"code\":\"invalid_argument\",\"message\":\"no\"}}"),
        false, false};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node = ctl_run_with(&step, 1, &run, "ssh run --host a");

    (void)state;
    assert_int_equal(run.code, CTL_REFUSED);
    assert_non_null(strstr(run.err, "no"));
    ctl_run_release(&run);
    fake_node_free(node);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_is_sent_with_its_options_put_in),
        cmocka_unit_test(a_refused_run_exits_1),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
