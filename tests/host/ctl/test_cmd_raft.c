/* The raft commands against a node that is a thread: members, and what wants a confirmation. */
#include "ctl_test.h"

#include "ctl_run.h"
#include "fake_node.h"

#define STATE FAKE_JSON("200 OK", "{\"node_id\":\"n2\",\"state\":\"refused\"} ")

static void assert_run(struct ctl_run *run, int code, const char *out, const char *err)
{
    assert_string_equal(run->out, out);
    if (err)
        assert_string_equal(run->err, err);
    assert_int_equal(run->code, code);
    ctl_run_release(run);
}

static void members_are_listed_or_changed(void **state)
{
    static const struct fake_step steps[] = {
        {FAKE_JSON("200 OK", "{\"node_id\":\"n1\",\"members\":[]}"), false, false},
        {FAKE_JSON("200 OK", "{}"), false, false},
    };
    struct fake_node *node = fake_node_start(steps, COUNT_OF(steps));
    struct ctl_run run = {.addr = node->address};

    (void)state;
    ctl_run(&run, "raft members");
    assert_run(&run, CTL_OK, "no members\n", "");
    ctl_run(&run, "raft members promote n4");
    assert_run(&run, CTL_OK, "done\n", "");
    fake_node_stop(node);

    assert_non_null(strstr(node->requests[0], "GET /raft/state HTTP/1.1"));
    assert_non_null(strstr(node->requests[1], "POST /raft/members HTTP/1.1"));
    assert_non_null(
        strstr(node->requests[1], "\r\n\r\n{\"action\":\"promote\",\"node_id\":\"n4\"}"));
    fake_node_free(node);
}

static void a_change_without_a_node_is_wrong_usage(void **state)
{
    struct ctl_run run = {.addr = "127.0.0.1:1"};

    (void)state;
    ctl_run(&run, "raft members add");

    assert_run(&run, CTL_USAGE, "", "ringctl: \"raft members add\": NODE is missing\n");
}

static void leadership_is_handed_to_whom_is_named(void **state)
{
    static const struct fake_step steps[] = {{FAKE_JSON("200 OK", "{}"), false, false}};
    struct fake_node *node = fake_node_start(steps, COUNT_OF(steps));
    struct ctl_run run = {.addr = node->address};

    (void)state;
    ctl_run(&run, "raft transfer n3");
    fake_node_stop(node);

    assert_run(&run, CTL_OK, "done\n", "");
    assert_non_null(strstr(node->requests[0], "POST /raft/transfer HTTP/1.1"));
    assert_non_null(strstr(node->requests[0], "\r\n\r\n{\"node_id\":\"n3\"}"));
    fake_node_free(node);
}

static void data_is_given_up_only_when_the_node_is_named(void **state)
{
    static const struct fake_step steps[] = {
        {STATE, false, false},
        {STATE, false, false},
        {FAKE_JSON("200 OK", "{\"archived\":true}"), false, false},
        {STATE, false, false},
    };
    struct fake_node *node = fake_node_start(steps, COUNT_OF(steps));
    struct ctl_run run = {.is_tty = true, .input = "n1\n", .addr = node->address};

    (void)state;
    ctl_run(&run, "raft archive");
    assert_non_null(strstr(run.err, "The replicated data of node n2 is copied"));
    assert_non_null(strstr(run.err, "nothing was changed"));
    assert_run(&run, CTL_REFUSED, "", NULL);
    run.input = "n2\n";
    ctl_run(&run, "raft archive");
    assert_run(&run, CTL_OK, "archived  true\n", NULL);
    run.is_tty = false;
    ctl_run(&run, "raft archive");
    assert_non_null(strstr(run.err, "add --confirm n2 to go on"));
    assert_run(&run, CTL_USAGE, "", NULL);
    fake_node_stop(node);

    assert_int_equal(node->request_count, 4);
    assert_non_null(strstr(node->requests[2], "POST /raft/archive HTTP/1.1"));
    assert_non_null(strstr(node->requests[2], "\r\n\r\n{\"confirm\":\"n2\"}"));
    fake_node_free(node);
}

static void a_script_names_the_node_and_is_not_asked(void **state)
{
    static const struct fake_step steps[] = {
        {FAKE_JSON("200 OK", "{\"lineage\":\"9\"}"), false, false},
        {FAKE_JSON("200 OK", "{\"lineage\":\"9\"}"), false, false},
    };
    struct fake_node *node = fake_node_start(steps, COUNT_OF(steps));
    struct ctl_run run = {.addr = node->address};

    (void)state;
    ctl_run(&run, "raft bootstrap --confirm n2");
    assert_run(&run, CTL_OK, "lineage  9\n", "");
    ctl_run(&run, "raft recover --force --confirm n2");
    assert_run(&run, CTL_OK, "lineage  9\n", "");
    fake_node_stop(node);

    assert_non_null(strstr(node->requests[0], "POST /raft/bootstrap HTTP/1.1"));
    assert_non_null(strstr(node->requests[0], "\r\n\r\n{\"confirm\":\"n2\"}"));
    assert_non_null(strstr(node->requests[1], "POST /raft/recover HTTP/1.1"));
    fake_node_free(node);
}

static void recovery_is_forced_or_not_done(void **state)
{
    struct ctl_run run = {.addr = "127.0.0.1:1"};

    (void)state;
    ctl_run(&run, "raft recover --confirm n2");

    assert_non_null(strstr(run.err, "--force"));
    assert_run(&run, CTL_USAGE, "", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_listed_or_changed),
        cmocka_unit_test(a_change_without_a_node_is_wrong_usage),
        cmocka_unit_test(leadership_is_handed_to_whom_is_named),
        cmocka_unit_test(data_is_given_up_only_when_the_node_is_named),
        cmocka_unit_test(a_script_names_the_node_and_is_not_asked),
        cmocka_unit_test(recovery_is_forced_or_not_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
