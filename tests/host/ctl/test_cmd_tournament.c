/* Watching a tournament and listing its games over real connections, to the exit code. */
#include "ctl_test.h"

#include "ctl_run.h"
#include "fake_node.h"

#define CUP(decided, state, rest)                                                              \
    "{\"tournament_id\":\"t1\",\"format\":\"single_elimination\",\"matches_decided\":" decided \
    ",\"matches_count\":2,\"state\":\"" state "\"" rest "}"
#define PLACES    "\nRANK  PLAYER  SEED  WINS  LOSSES\n"
#define HEAD(how) "tournament t1: single_elimination, " how

static void watch_prints_a_line_for_each_change_and_the_bracket_at_the_end(void **state)
{
    static const struct fake_step steps[] = {
        {FAKE_OK(CUP("0", "running", "")), false, false},
        {FAKE_OK(CUP("0", "running", "")), false, false},
        {FAKE_OK(CUP("1", "running", "")), false, false},
        {FAKE_OK(CUP("2", "completed", ",\"winner\":\"ann\"")), false, false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node;

    (void)state;
    node = ctl_run_with(steps, COUNT_OF(steps), &run, "tournament watch t1");

    assert_string_equal(run.out, HEAD("0/2 matches, running\n") HEAD("1/2 matches, running\n")
                                     HEAD("2/2 matches, completed, won by ann\n") "\n" PLACES);
    assert_int_equal(run.code, CTL_OK);
    assert_non_null(
        strstr(node->requests[0], "GET /tournament/bracket?limit=5000&tournament_id=t1 HTTP/1.1"));
    ctl_run_release(&run);
    fake_node_free(node);
}

/* Three lines up, and all below them away. */
static void on_a_terminal_the_bracket_takes_the_place_of_the_one_before(void **state)
{
    static const struct fake_step steps[] = {{FAKE_OK(CUP("0", "running", "")), false, false},
                                             {FAKE_OK(CUP("1", "running", "")), false, false},
                                             {FAKE_OK(CUP("2", "completed", "")), false, false}};
    struct ctl_run run = {.addr = NULL, .is_tty = true};
    const char *first;
    const char *second;
    struct fake_node *node;

    (void)state;
    node = ctl_run_with(steps, COUNT_OF(steps), &run, "tournament watch t1");

    first = strstr(run.out, HEAD("0/2 matches, running"));
    assert_non_null(first);
    second = strstr(first, "\033[4A\r\033[J" HEAD("1/2 matches, running"));
    assert_non_null(second);
    assert_non_null(strstr(second, "\033[4A\r\033[J" HEAD("2/2 matches, ")));
    ctl_run_release(&run);
    fake_node_free(node);
}

static void a_tournament_that_was_cancelled_or_failed_exits_1(void **state)
{
    static const struct fake_step cancelled[] = {
        {FAKE_OK(CUP("1", "cancelled", "")), false, false}};
    static const struct fake_step failed[] = {
        {FAKE_OK(CUP("1", "failed", ",\"problem\":\"no room\"")), false, false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node;

    (void)state;
    node = ctl_run_with(cancelled, COUNT_OF(cancelled), &run, "tournament watch");
    assert_int_equal(run.code, CTL_REFUSED);
    ctl_run_release(&run);
    fake_node_free(node);

    node = ctl_run_with(failed, COUNT_OF(failed), &run, "tournament watch");
    assert_int_equal(run.code, CTL_REFUSED);
    assert_non_null(strstr(run.out, "failed; no room"));
    ctl_run_release(&run);
    fake_node_free(node);
}

static void games_are_asked_for_and_listed(void **state)
{
    static const struct fake_step steps[] = {
        {FAKE_OK(
             CUP("1", "running",
                 ",\"matches\":[{\"match_id\":\"W1.1\",\"games\":[{\"game\":1,\"black\":\"ann\","
                 "\"white\":\"bob\",\"outcome\":\"pending\"}]}]")),
         false, false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node;

    (void)state;
    node = ctl_run_with(steps, COUNT_OF(steps), &run, "tournament games t1");

    assert_int_equal(run.code, CTL_OK);
    assert_non_null(strstr(run.out, "W1.1      1  ann    bob    pending"));
    assert_non_null(
        strstr(node->requests[0], "GET /tournament/bracket?games=true&tournament_id=t1 HTTP/1.1"));
    ctl_run_release(&run);
    fake_node_free(node);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(watch_prints_a_line_for_each_change_and_the_bracket_at_the_end),
        cmocka_unit_test(on_a_terminal_the_bracket_takes_the_place_of_the_one_before),
        cmocka_unit_test(a_tournament_that_was_cancelled_or_failed_exits_1),
        cmocka_unit_test(games_are_asked_for_and_listed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
