/* Tests of the client's command lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/sdk/str.h>

#include "plugins/ssh_tournament/client.h"

static const struct rh_str ssh[] = {RH_STR_INIT("ssh"), RH_STR_INIT("-4")};

static struct client_options options(void)
{
    return (struct client_options){.program = {ssh, 2, 0},
                                   .check = RH_STR_LIT("accept-new"),
                                   .known_hosts = RH_STR_LIT("/etc/known"),
                                   .control_dir = RH_STR_LIT("/run/x"),
                                   .connect_timeout_ms = 2500,
                                   .alive_interval_ms = 5000,
                                   .alive_count = 3};
}

/* The words with blanks between. */
static const char *text_of(const struct client_line *line)
{
    static char text[4096];
    struct rh_str word;
    size_t at = 0;
    size_t n = 0;
    uint32_t count = 0;

    while (client_line_next(line, &at, &word)) {
        assert_true(n + word.n + 2 < sizeof(text));
        memcpy(text + n, word.p, word.n);
        n += word.n;
        text[n++] = ' ';
        count++;
    }
    text[n] = '\0';
    assert_int_equal(count, line->count);
    return text;
}

static void an_attempt_asks_nothing_and_ends_with_the_command(void **state)
{
    const struct client_options how = options();
    const struct target target = {.user = RH_STR_LIT("u"),
                                  .host = RH_STR_LIT("h"),
                                  .identity = RH_STR_LIT("/k 1"),
                                  .port = 2222};
    struct client_line line;
    const char *text;

    (void)state;
    client_line_init(&line);
    assert_int_equal(client_attempt(&how, &target, RH_STR_LIT("exec x"), &line), RH_OK);

    text = text_of(&line);
    assert_memory_equal(text, "ssh -4 -T -x -o BatchMode=yes ", 30);
    assert_non_null(strstr(text, " -o ConnectTimeout=3 "));
    assert_non_null(strstr(text, " -o ServerAliveInterval=5 -o ServerAliveCountMax=3 "));
    assert_non_null(strstr(text, " -o StrictHostKeyChecking=accept-new "));
    assert_non_null(strstr(text, " -o UserKnownHostsFile=/etc/known "));
    assert_non_null(strstr(text, " -o ControlMaster=no -o ControlPath=/run/x/"));
    assert_non_null(strstr(text, "%C -o IdentitiesOnly=yes -i /k 1 -p 2222 -l u -- h exec x "));
    client_line_release(&line);
}

static void without_a_directory_no_connection_is_shared(void **state)
{
    struct client_options how = options();
    const struct target target = {.host = RH_STR_LIT("h")};
    struct client_line line;

    (void)state;
    how.control_dir = RH_STR_LIT("");
    client_line_init(&line);
    assert_int_equal(client_attempt(&how, &target, RH_STR_LIT("x"), &line), RH_OK);

    assert_non_null(strstr(text_of(&line), " -o ControlPath=none -- h x "));
    client_line_release(&line);
}

static char *control_path(const char *identity)
{
    static char path[2][128];
    static int turn;
    const struct client_options how = options();
    const struct target target = {.host = RH_STR_LIT("h"), .identity = rh_str_from(identity)};
    struct client_line line;
    char *at;

    client_line_init(&line);
    assert_int_equal(client_master(&how, &target, &line), RH_OK);
    at = strstr(text_of(&line), "ControlPath=");
    assert_non_null(at);
    turn = !turn;
    (void)snprintf(path[turn], sizeof(path[turn]), "%.*s", (int)strcspn(at, " "), at);
    client_line_release(&line);
    return path[turn];
}

static void a_connection_is_not_shared_by_different_keys(void **state)
{
    (void)state;
    assert_string_not_equal(control_path("/a"), control_path("/b"));
    assert_string_equal(control_path("/a"), control_path("/a"));
}

static void the_shared_connection_runs_nothing(void **state)
{
    const struct client_options how = options();
    const struct target target = {.host = RH_STR_LIT("h")};
    struct client_line line;
    const char *text;

    (void)state;
    client_line_init(&line);
    assert_int_equal(client_master(&how, &target, &line), RH_OK);

    text = text_of(&line);
    assert_non_null(strstr(text, " -o ControlMaster=yes "));
    assert_non_null(strstr(text, " -N -- h "));
    assert_string_equal(strstr(text, "-- h "), "-- h ");
    client_line_release(&line);
}

static void paths_that_ssh_would_read_differently_are_refused(void **state)
{
    (void)state;
    assert_true(client_path_check(RH_STR_LIT("")));
    assert_true(client_path_check(RH_STR_LIT("/a/b-c_d.e")));
    assert_true(client_path_check(RH_STR_LIT("~/.ssh/id")));
    assert_false(client_path_check(RH_STR_LIT("relative")));
    assert_false(client_path_check(RH_STR_LIT("/a b")));
    assert_false(client_path_check(RH_STR_LIT("/a%h")));
    assert_false(client_path_check(RH_STR_LIT("/a\"b")));
    assert_false(client_path_check(RH_STR_LIT("/a\nb")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_attempt_asks_nothing_and_ends_with_the_command),
        cmocka_unit_test(without_a_directory_no_connection_is_shared),
        cmocka_unit_test(a_connection_is_not_shared_by_different_keys),
        cmocka_unit_test(the_shared_connection_runs_nothing),
        cmocka_unit_test(paths_that_ssh_would_read_differently_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
