/* Watching gauntlets over real connections, through trouble, to the exit code. */
#include "ctl_test.h"

#include "ctl_run.h"
#include "fake_node.h"
#include "gauntlet_replies.h"

#define NO_LEADER \
    "HTTP/1.1 503 No\r\n\r\n{\"error\":{\"code\":\"not_leader\",\"message\":\"no leader\"}}"
#define PROGRESS "gauntlet g1: 2/20 games, 0 errors, A 1-1 B, played n1:2"
#define END_LINE                                                                           \
    "gauntlet g1: 20/20 games, 0 errors, A 14-6 B, 70.0 % [48.1, 85.5], played n1:7 n2:7 " \
    "n3:6\n"

static void watch_prints_changes_and_ends_with_the_result(void **state)
{
    static const struct fake_step steps[] = {{FAKE_OK(GAUNTLET_HALF), false, false},
                                             {FAKE_OK(GAUNTLET_HALF), false, false},
                                             {NO_LEADER, false, false},
                                             {NO_LEADER, false, false},
                                             {FAKE_OK(GAUNTLET_GOOD), false, false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node;

    (void)state;
    node = ctl_run_with(steps, COUNT_OF(steps), &run, "gauntlet watch g1");

    assert_string_equal(run.out, PROGRESS "\n" END_LINE);
    assert_string_equal(run.err, "ringctl: not_leader: no leader; trying again\n");
    assert_int_equal(run.code, CTL_OK);
    assert_non_null(
        strstr(node->requests[0], "GET /gauntlet/results?limit=0&gauntlet_id=g1 HTTP/1.1\r\n"));
    ctl_run_release(&run);
    fake_node_free(node);
}

static void a_terminal_has_one_line_that_changes(void **state)
{
    static const struct fake_step steps[] = {{FAKE_OK(GAUNTLET_HALF), false, false},
                                             {FAKE_OK(GAUNTLET_GOOD), false, false}};
    struct ctl_run run = {.is_tty = true};
    struct fake_node *node;

    (void)state;
    node = ctl_run_with(steps, COUNT_OF(steps), &run, "gauntlet watch");

    assert_string_equal(run.out, "\r\033[K" PROGRESS "\r\033[K" END_LINE);
    ctl_run_release(&run);
    fake_node_free(node);
}

static void a_game_with_an_error_exits_1(void **state)
{
    static const struct fake_step steps[] = {{FAKE_OK(GAUNTLET_ERROR), false, false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node;

    (void)state;
    node = ctl_run_with(steps, COUNT_OF(steps), &run, "gauntlet watch g1");

    assert_string_equal(
        run.out, "gauntlet g1: 2/2 games, 1 errors, A 1-0 B, 100.0 % [20.7, 100.0], played n1:2\n");
    assert_int_equal(run.code, CTL_REFUSED);
    ctl_run_release(&run);
    fake_node_free(node);
}

static void an_unknown_gauntlet_is_final(void **state)
{
    static const struct fake_step steps[] = {
        {"HTTP/1.1 404 No\r\n\r\n{\"error\":{\"code\":\"not_found\",\"message\":\"no g9\"}}", false,
         false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node;

    (void)state;
    node = ctl_run_with(steps, COUNT_OF(steps), &run, "gauntlet watch g9");

    assert_string_equal(run.err, "ringctl: not_found: no g9\n");
    assert_int_equal(run.code, CTL_REFUSED);
    ctl_run_release(&run);
    fake_node_free(node);
}

static void patience_ends(void **state)
{
    static const struct fake_step steps[] = {{NO_LEADER, false, false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node;

    (void)state;
    node = ctl_run_with(steps, COUNT_OF(steps), &run, "gauntlet watch g1 --patience 0");

    assert_string_equal(run.err, "ringctl: not_leader: no leader\n");
    assert_int_equal(run.code, CTL_REFUSED);
    ctl_run_release(&run);
    fake_node_free(node);
}

static void run_starts_and_watches(void **state)
{
    static const struct fake_step steps[] = {
        {"HTTP/1.1 201 Made\r\n\r\n{\"gauntlet_id\":\"g1\"}", false, false},
        {FAKE_OK(GAUNTLET_GOOD), false, false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node;

    (void)state;
    node = ctl_run_with(
        steps, COUNT_OF(steps), &run,
        "gauntlet run --model A --baseline B --type quick --board-size 9 --seed 5 --watch");

    assert_string_equal(run.out, "gauntlet g1\n" END_LINE);
    assert_int_equal(run.code, CTL_OK);
    assert_non_null(strstr(node->requests[0],
                           "\r\n\r\n{\"model\":\"A\",\"baselines\":[\"B\"],\"type\":\"quick\","
                           "\"board_size\":9,\"seed\":\"5\"}"));
    ctl_run_release(&run);
    fake_node_free(node);
}

static void a_test_is_asked_for_as_one_object_and_may_end_early(void **state)
{
    static const struct fake_step steps[] = {
        {"HTTP/1.1 201 Made\r\n\r\n{\"gauntlet_id\":\"g1\"}", false, false},
        {FAKE_OK(GAUNTLET_TESTED), false, false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node;

    (void)state;
    node = ctl_run_with(
        steps, COUNT_OF(steps), &run,
        "gauntlet run --sprt-elo0 -1.5 --model A --sprt-statistic trinomial --baseline B "
        "--sprt-elo1 3 --watch");

    assert_int_equal(run.code, CTL_OK);
    assert_non_null(strstr(node->requests[0],
                           "\r\n\r\n{\"sprt\":{\"elo0\":-1.5,\"statistic\":\"trinomial\","
                           "\"elo1\":3},\"model\":\"A\",\"baselines\":[\"B\"]}"));
    ctl_run_release(&run);
    fake_node_free(node);
}

static void results_leave_the_games_out_unless_asked(void **state)
{
    static const struct fake_step steps[] = {{FAKE_OK(GAUNTLET_GOOD), false, false},
                                             {FAKE_OK(GAUNTLET_GOOD), false, false}};
    struct fake_node *node = fake_node_start(steps, COUNT_OF(steps));
    struct ctl_run run = {.addr = node->address};

    (void)state;
    ctl_run(&run, "gauntlet results");
    assert_int_equal(run.code, CTL_OK);
    ctl_run_release(&run);
    ctl_run(&run, "gauntlet results g1 --games");
    assert_int_equal(run.code, CTL_OK);
    ctl_run_release(&run);
    fake_node_stop(node);

    assert_non_null(strstr(node->requests[0], "GET /gauntlet/results?limit=0 HTTP/1.1"));
    assert_non_null(strstr(node->requests[1], "GET /gauntlet/results?gauntlet_id=g1 HTTP/1.1"));
    fake_node_free(node);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(watch_prints_changes_and_ends_with_the_result),
        cmocka_unit_test(a_terminal_has_one_line_that_changes),
        cmocka_unit_test(a_game_with_an_error_exits_1),
        cmocka_unit_test(an_unknown_gauntlet_is_final),
        cmocka_unit_test(patience_ends),
        cmocka_unit_test(run_starts_and_watches),
        cmocka_unit_test(a_test_is_asked_for_as_one_object_and_may_end_early),
        cmocka_unit_test(results_leave_the_games_out_unless_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
