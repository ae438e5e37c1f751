/* Whole runs of ringctl against nodes that are threads: statuses, errors, addresses, deadlines. */
#include "ctl_test.h"

#include <stdio.h>
#include <stdlib.h>

#include "ctl_run.h"
#include "fake_node.h"

/* One run against a node with this script. The node is stopped, its requests can be read. */
static void assert_run(struct ctl_run *run, int code, const char *out, const char *err)
{
    assert_string_equal(run->err, err);
    assert_string_equal(run->out, out);
    assert_int_equal(run->code, code);
    ctl_run_release(run);
}

static void a_reply_is_shown_for_people(void **state)
{
    static const struct fake_step steps[] = {
        {FAKE_JSON("200 OK", "{\"leader\":\"n1\",\"epoch\":2,\"home\":\"n1\"}"), false, true}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node;

    (void)state;
    node = ctl_run_with(steps, COUNT_OF(steps), &run, "leader");

    assert_run(&run, CTL_OK, "leader    n1\nepoch     2\nsource    -\nhome      n1\n", "");
    assert_int_equal(node->request_count, 1);
    assert_non_null(strstr(node->requests[0], "GET /election/leader HTTP/1.1\r\nHost: 127.0.0.1:"));
    assert_null(strstr(node->requests[0], "Authorization"));
    fake_node_free(node);
}

static void json_is_the_reply_as_it_is(void **state)
{
    static const struct fake_step steps[] = {
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{\"b\": 1, \r\n8\r\n \"a\": 2}"
         "\r\n0\r\n\r\n",
         false, false}};
    struct ctl_run run = {.token = "my-secret-token"};
    struct fake_node *node;

    (void)state;
    node = ctl_run_with(steps, COUNT_OF(steps), &run, "--json plugins");

    assert_run(&run, CTL_OK, "{\"b\": 1,  \"a\": 2}\n", "");
    assert_non_null(strstr(node->requests[0], "\r\nAuthorization: Bearer my-secret-token\r\n"));
    fake_node_free(node);
}

static void a_refusal_is_told_on_standard_error(void **state)
{
    static const struct fake_step steps[] = {
        {FAKE_JSON("503 No", "{\"error\":{\"code\":\"not_leader\",\"message\":\"no leader\"}}    "),
         false, false},
        {"HTTP/1.1 503 No\r\nRetry-After: 3\r\nContent-Length: 53\r\n\r\n"
         "{\"error\":{\"code\":\"not_leader\",\"message\":\"no leader\"}}",
         false, false},
        {"HTTP/1.1 502 Bad\r\nContent-Length: 6\r\n\r\n<html>", false, false},
    };
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node = fake_node_start(steps, COUNT_OF(steps));

    (void)state;
    run.addr = node->address;
    ctl_run(&run, "work stats");
    assert_run(&run, CTL_REFUSED, "", "ringctl: not_leader: no leader\n");
    ctl_run(&run, "--json work stats");
    assert_run(&run, CTL_REFUSED,
               "{\"error\":{\"code\":\"not_leader\",\"message\":\"no leader\"}}\n",
               "ringctl: not_leader: no leader (try again in 3 s)\n");
    ctl_run(&run, "work stats");
    assert_run(&run, CTL_REFUSED, "",
               "ringctl: http_502: the node answered 502 without saying why\n");
    fake_node_stop(node);
    fake_node_free(node);
}

static void work_is_added_as_the_options_say(void **state)
{
    static const struct fake_step steps[] = {
        {FAKE_JSON("201 Made", "{\"work_id\":\"w1\",\"status\":\"pending\"}"), false, false},
        {FAKE_JSON("201 Made", "{\"items\":[    ]}"), false, false},
    };
    struct ctl_run run = {.input = "{\"seed\":7}"};
    struct fake_node *node = fake_node_start(steps, COUNT_OF(steps));

    (void)state;
    run.addr = node->address;
    ctl_run(&run, "work add selfplay --payload - --priority 70 --requires go,gpu --requires big "
                  "--needs-gpu");
    assert_run(&run, CTL_OK, "w1 pending\n", "");
    ctl_run(&run, "work add t --count 2 --payload {}");
    assert_run(&run, CTL_OK, "", "");
    fake_node_stop(node);

    assert_non_null(strstr(node->requests[0], "POST /work/add HTTP/1.1\r\n"));
    assert_non_null(strstr(node->requests[0],
                           "\r\n\r\n{\"work_type\":\"selfplay\",\"payload\":{\"seed\":7},"
                           "\"priority\":70,\"requires\":[\"go\",\"gpu\",\"big\"],"
                           "\"needs_gpu\":true}"));
    assert_non_null(strstr(node->requests[1],
                           "\r\n\r\n{\"items\":[{\"work_type\":\"t\",\"payload\":{}},"
                           "{\"work_type\":\"t\",\"payload\":{}}]}"));
    fake_node_free(node);
}

static void queries_carry_options(void **state)
{
    static const struct fake_step steps[] = {{FAKE_JSON("200 OK", "{\"items\":[]}"), false, false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node;

    (void)state;
    node =
        ctl_run_with(steps, COUNT_OF(steps), &run, "work list --status dead --type a&b --limit 5");

    assert_run(&run, CTL_OK, "no items\n", "");
    assert_non_null(strstr(node->requests[0],
                           "GET /work/pending?status=dead&work_type=a%26b&limit=5 HTTP/1.1\r\n"));
    fake_node_free(node);
}

static void the_next_address_is_tried_when_nothing_was_sent(void **state)
{
    static const struct fake_step steps[] = {{FAKE_JSON("200 OK", "{\"peers\":[]}"), false, false}};
    struct fake_node *node = fake_node_start(steps, COUNT_OF(steps));
    struct ctl_run run = {.addr = NULL};
    char closed[32];
    char words[128];

    (void)state;
    fake_closed_address(closed);
    (void)snprintf(words, sizeof(words), "--addr %s,%s peers", closed, node->address);
    ctl_run(&run, words);
    fake_node_stop(node);

    assert_run(&run, CTL_OK, "no peers\n", "");
    fake_node_free(node);
}

static void unreachable_nodes_are_all_named(void **state)
{
    struct ctl_run run = {.addr = NULL};
    char one[32];
    char two[32];
    char words[128];
    char expected[256];

    (void)state;
    fake_closed_address(one);
    fake_closed_address(two);
    (void)snprintf(words, sizeof(words), "--addr %s,%s status", one, two);
    (void)snprintf(expected, sizeof(expected),
                   "ringctl: %s: Connection refused, %s: Connection refused\n", one, two);

    ctl_run(&run, words);

    assert_run(&run, CTL_UNREACHABLE, "", expected);
}

static void a_sent_request_is_not_sent_again(void **state)
{
    static const struct fake_step silent[] = {{NULL, false, false}};
    static const struct fake_step good[] = {{FAKE_JSON("200 OK", "{}"), false, false}};
    struct fake_node *one = fake_node_start(silent, 1);
    struct fake_node *two = fake_node_start(good, 1);
    struct ctl_run run = {.addr = NULL};
    char words[128];
    char expected[256];

    (void)state;
    (void)snprintf(words, sizeof(words), "--addr %s,%s shutdown", one->address, two->address);
    (void)snprintf(expected, sizeof(expected),
                   "ringctl: %s: the connection was lost before the answer; it may have been "
                   "done\n",
                   one->address);
    ctl_run(&run, words);
    fake_node_stop(one);
    fake_node_stop(two);

    assert_run(&run, CTL_UNREACHABLE, "", expected);
    assert_int_equal(two->request_count, 0);
    fake_node_free(one);
    fake_node_free(two);
}

static void a_node_that_stays_silent_is_a_timeout(void **state)
{
    static const struct fake_step steps[] = {{NULL, true, false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node;
    char expected[128];

    (void)state;
    node = ctl_run_with(steps, COUNT_OF(steps), &run, "--timeout 0.05 loops");

    (void)snprintf(expected, sizeof(expected), "ringctl: %s: no answer in time\n", node->address);
    assert_run(&run, CTL_TIMEOUT, "", expected);
    fake_node_free(node);
}

static void status_of_a_failing_node_is_shown_and_exits_1(void **state)
{
    static const struct fake_step steps[] = {
        {FAKE_JSON("503 No", "{\"status\":\"failing\",\"node_id\":\"n1\"} "), false, false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node;

    (void)state;
    node = ctl_run_with(steps, COUNT_OF(steps), &run, "status");

    assert_run(&run, CTL_REFUSED,
               "node      n1\nstatus    failing\nleader    none\nhome      none yet\n"
               "plugins   0 of 0 active\n",
               "");
    fake_node_free(node);
}

#define HEALTH FAKE_JSON("200 OK", "{\"node_id\":\"n2\",\"state_home\":\"n1\",\"leader\":\"n2\"} ")

static void a_reload_exits_1_when_a_plugin_refused_its_section(void **state)
{
    static const struct fake_step steps[] = {
        {FAKE_OK("{\"reconfigured\":[\"a\"],\"refused\":"
                 "[{\"plugin\":\"b\",\"reason\":\"too small\"}],\"needs_restart\":[]}"),
         false, false}};
    static const struct fake_step good[] = {
        {FAKE_OK("{\"reconfigured\":[\"a\"],\"refused\":[],\"needs_restart\":[\"node.role\"]}"),
         false, false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node;

    (void)state;
    node = ctl_run_with(steps, COUNT_OF(steps), &run, "reload");
    assert_run(&run, CTL_REFUSED, "reconfigured  a\nrefused       b: too small\n", "");
    fake_node_free(node);

    run = (struct ctl_run){.addr = NULL};
    node = ctl_run_with(good, COUNT_OF(good), &run, "reload");
    assert_run(&run, CTL_OK, "reconfigured  a\nneeds restart node.role\n", "");
    fake_node_free(node);
}

static void state_is_adopted_only_after_a_yes(void **state)
{
    static const struct fake_step steps[] = {{HEALTH, false, false},
                                             {HEALTH, false, false},
                                             {FAKE_JSON("200 OK", "{}"), false, false},
                                             {HEALTH, false, false},
                                             {FAKE_JSON("200 OK", "{}"), false, false}};
    struct fake_node *node = fake_node_start(steps, COUNT_OF(steps));
    struct ctl_run run = {.is_tty = true, .input = "no\n", .addr = node->address};

    (void)state;
    ctl_run(&run, "state adopt");
    assert_int_equal(run.code, CTL_REFUSED);
    assert_non_null(strstr(run.err, "is at home on n1; n2 leads"));
    assert_non_null(strstr(run.err, "nothing was changed"));
    ctl_run_release(&run);
    run.input = "yes\n";
    ctl_run(&run, "state adopt");
    assert_string_equal(run.out, "done\n");
    assert_int_equal(run.code, CTL_OK);
    ctl_run_release(&run);
    run.is_tty = false;
    ctl_run(&run, "state adopt");
    assert_int_equal(run.code, CTL_USAGE);
    ctl_run_release(&run);
    ctl_run(&run, "state adopt --yes");
    assert_run(&run, CTL_OK, "done\n", "");
    fake_node_stop(node);

    assert_non_null(strstr(node->requests[2], "POST /admin/state/adopt HTTP/1.1"));
    assert_non_null(strstr(node->requests[4], "POST /admin/state/adopt HTTP/1.1"));
    fake_node_free(node);
}

static void maintenance_is_switched(void **state)
{
    static const struct fake_step steps[] = {
        {FAKE_JSON("200 OK", "{\"maintenance\":true} "), false, false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node;

    (void)state;
    node = ctl_run_with(steps, COUNT_OF(steps), &run, "maintenance on");

    assert_run(&run, CTL_OK, "done\n", "");
    assert_non_null(strstr(node->requests[0], "POST /admin/maintenance HTTP/1.1"));
    assert_non_null(strstr(node->requests[0], "\r\n\r\n{\"on\":true}"));
    fake_node_free(node);
}

static void wrong_usage_exits_2_and_sends_nothing(void **state)
{
    static const struct {
        const char *words;
        const char *err;
    } rows[] = {
        {"statsu", "ringctl: unknown command \"statsu\"; did you mean \"status\"?\n"
                   "see: ringctl help\n"},
        {"maintenance maybe", "ringctl: on|off must be one of: on off; not \"maybe\"\n"
                              "see: ringctl help maintenance\n"},
        {"work add t --count 2 --key k",
         "ringctl: --key with --count: the same key would make all items one\n"},
        {"work retry --limit 5",
         "ringctl: say which: an ID, --type, --config-key, --group or --all\n"},
        {"--addr ::1 status", "ringctl: address \"::1\": an IPv6 address needs brackets, as in "
                              "[::1]:8770\n"},
        {"help wrok", "ringctl: no command \"wrok\"; see: ringctl help\n"},
        {"events --since \001",
         "ringctl: --since: \"\001\" is no cursor of an event, as in \"3.14.2.7\"\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct ctl_run run = {.addr = "127.0.0.1:1"};

        ctl_run(&run, rows[i].words);
        assert_run(&run, CTL_USAGE, "", rows[i].err);
    }
}

static void a_token_that_is_no_header_is_refused(void **state)
{
    struct ctl_run run = {.token = "a\r\nX: y"};

    (void)state;
    ctl_run(&run, "status");

    assert_run(&run, CTL_USAGE, "",
               "ringctl: RINGHOST_TOKEN is no token: wanted at most 256 visible characters\n");
}

static void help_and_version_need_no_node(void **state)
{
    struct ctl_run run = {.addr = NULL};

    (void)state;
    ctl_run(&run, "--version");
    assert_run(&run, CTL_OK, "ringctl 1.2.3\n", "");
    ctl_run(&run, "work add --help");
    assert_int_equal(run.code, CTL_OK);
    assert_ptr_equal(strstr(run.out, "usage: ringctl work add TYPE"), run.out);
    ctl_run_release(&run);
    ctl_run(&run, "help work");
    assert_non_null(strstr(run.out, "usage: ringctl work stats\n"));
    assert_int_equal(run.code, CTL_OK);
    ctl_run_release(&run);
    ctl_run(&run, "");
    assert_int_equal(run.code, CTL_USAGE);
    assert_ptr_equal(strstr(run.err, "usage: ringctl"), run.err);
    ctl_run_release(&run);
    ctl_run(&run, "completion bash");
    assert_int_equal(run.code, CTL_OK);
    assert_non_null(strstr(run.out, "complete -F _ringctl ringctl\n"));
    ctl_run_release(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reply_is_shown_for_people),
        cmocka_unit_test(json_is_the_reply_as_it_is),
        cmocka_unit_test(a_refusal_is_told_on_standard_error),
        cmocka_unit_test(work_is_added_as_the_options_say),
        cmocka_unit_test(queries_carry_options),
        cmocka_unit_test(the_next_address_is_tried_when_nothing_was_sent),
        cmocka_unit_test(unreachable_nodes_are_all_named),
        cmocka_unit_test(a_sent_request_is_not_sent_again),
        cmocka_unit_test(a_node_that_stays_silent_is_a_timeout),
        cmocka_unit_test(status_of_a_failing_node_is_shown_and_exits_1),
        cmocka_unit_test(a_reload_exits_1_when_a_plugin_refused_its_section),
        cmocka_unit_test(state_is_adopted_only_after_a_yes),
        cmocka_unit_test(maintenance_is_switched),
        cmocka_unit_test(wrong_usage_exits_2_and_sends_nothing),
        cmocka_unit_test(a_token_that_is_no_header_is_refused),
        cmocka_unit_test(help_and_version_need_no_node),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
