/* Runs over SSH as text. */
#include "render_test.h"

#define COUNTS "\"counts\":{\"pending\":0,\"running\":1,\"ok\":2,\"unreachable\":1}"
#define STATUS                                                                                    \
    "{\"run_id\":\"n1-ssh-1\",\"state\":\"running\"," COUNTS                                      \
    ",\"scores\":[{\"player\":\"a\",\"wins\":2,\"draws\":1,\"losses\":0}],\"hosts\":[{\"host\":"  \
    "\"gpu1\",\"address\":\"10.0.0.1\",\"state\":\"open\",\"failures\":0," COUNTS                 \
    "}],\"matches\":[{\"match\":\"m\",\"state\":\"failed\",\"attempts\":2,\"host\":\"gpu1\","     \
    "\"exit_code\":255,\"reason\":\"x\"},{\"match\":\"0\",\"state\":\"pending\",\"attempts\":0}]" \
    ",\"next\":2}"

static void a_begun_run_names_its_id(void **state)
{
    (void)state;
    assert_render(render_ssh_started,
                  "{\"run_id\":\"n1-ssh-1\",\"matches_total\":6,\"hosts_total\":2}",
                  "run n1-ssh-1: 6 matches on 2 hosts\n");
    assert_render(render_ssh_started, "{\"dry_run\":true}", "dry_run  true\n");
}

static void status_has_hosts_scores_and_matches(void **state)
{
    (void)state;
    assert_render(render_ssh_status, STATUS,
                  "run n1-ssh-1: running; 1 running, 2 ok, 1 unreachable\n\n"
                  "HOST  ADDRESS   STATE  FAILURES  LAST MATCHES\n"
                  "gpu1  10.0.0.1  open          0  1 running, 2 ok, 1 unreachable\n\n"
                  "PLAYER  WINS  DRAWS  LOSSES\n"
                  "a          2      1       0\n\n"
                  "MATCH  STATE    TRIES  HOST  CODE  WINNER  REASON\n"
                  "m      failed       2  gpu1   255  -       x\n"
                  "0      pending      0  -        -  -       -\n"
                  "more: --after 2\n");
}

static void the_list_has_a_row_for_each_run(void **state)
{
    (void)state;
    assert_render(render_ssh_list,
                  "{\"runs\":[{\"run_id\":\"r\",\"state\":\"done\",\"created_at\":1709294400000,"
                  "\"label\":\"l\"," COUNTS "}]}",
                  "RUN  STATE  CREATED               MATCHES                         LABEL\n"
                  "r    done   2024-03-01T12:00:00Z  1 running, 2 ok, 1 unreachable  l\n");
    assert_render(render_ssh_list, "{\"runs\":[]}", "no runs\n");
}

static void logs_cannot_command_a_terminal(void **state)
{
    (void)state;
    assert_render(render_ssh_logs, "{\"output\":\"a\\tb\\u001b[2Jc\\n\"}", "a\tb?[2Jc\n");
}

static void the_joblog_has_a_row_for_each_attempt(void **state)
{
    (void)state;
    assert_render(
        render_ssh_joblog,
        "{\"attempts\":[{\"match\":\"m\",\"attempt\":1,\"host\":\"h\",\"verdict\":\"exited\","
        "\"exit_code\":7,\"begun_at\":1709294400000,\"output_bytes\":12}]}",
        "MATCH  TRY  HOST  VERDICT  CODE  BEGUN                 BYTES  REASON\n"
        "m        1  h     exited      7  2024-03-01T12:00:00Z     12  -\n");
    assert_render(render_ssh_joblog, "{\"attempts\":[]}", "no attempts\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_begun_run_names_its_id),
        cmocka_unit_test(status_has_hosts_scores_and_matches),
        cmocka_unit_test(the_list_has_a_row_for_each_run),
        cmocka_unit_test(logs_cannot_command_a_terminal),
        cmocka_unit_test(the_joblog_has_a_row_for_each_attempt),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
