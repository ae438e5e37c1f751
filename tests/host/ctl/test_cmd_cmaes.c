/* Starting and watching searches over real connections, to the exit code. */
#include "ctl_test.h"

#include "cmaes_replies.h"
#include "ctl_run.h"
#include "fake_node.h"

#define MADE     "HTTP/1.1 201 Made\r\n\r\n{\"job_id\":\"c1\"}"
#define PROGRESS "cmaes c1: generation 2 (3/6), 12 evaluations, best 10, sigma 0.0123457 █▁"
#define END                                                                        \
    "cmaes c1: generation 2, 12 evaluations, best 10, sigma 0.0123457, completed " \
    "(target) █▁\nPARAMETER     BEST  MEAN\nc          1.23457   0.5\nk                3    -2\n"

static void watch_draws_the_curve_and_ends_with_the_parameters(void **state)
{
    static const struct fake_step steps[] = {{FAKE_OK(CMAES_RUNNING), false, false},
                                             {FAKE_OK(CMAES_RUNNING), false, false},
                                             {FAKE_OK(CMAES_DONE), false, false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node;

    (void)state;
    node = ctl_run_with(steps, COUNT_OF(steps), &run, "cmaes watch c1");

    assert_string_equal(run.out, PROGRESS "\n" END);
    assert_int_equal(run.code, CTL_OK);
    assert_non_null(strstr(node->requests[0], "GET /cmaes/status?limit=500&job_id=c1 HTTP/1.1"));
    ctl_run_release(&run);
    fake_node_free(node);
}

static void a_search_without_a_best_exits_1(void **state)
{
    static const struct fake_step steps[] = {{FAKE_OK(CMAES_NOTHING), false, false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node;

    (void)state;
    node = ctl_run_with(steps, COUNT_OF(steps), &run, "cmaes watch");

    assert_int_equal(run.code, CTL_REFUSED);
    ctl_run_release(&run);
    fake_node_free(node);
}

static void start_sends_its_options_and_watches(void **state)
{
    static const struct fake_step steps[] = {{MADE, false, false},
                                             {FAKE_OK(CMAES_DONE), false, false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node;

    (void)state;
    node = ctl_run_with(
        steps, COUNT_OF(steps), &run,
        "cmaes start --dimension 3 --sigma0 0.5 --target 1e-9 --seed 5 --restarts ipop --watch");

    assert_string_equal(run.out, "cmaes c1\n" END);
    assert_int_equal(run.code, CTL_OK);
    assert_non_null(strstr(node->requests[0],
                           "\r\n\r\n{\"dimension\":3,\"sigma0\":0.5,\"stop\":{\"target\":1e-09},"
                           "\"seed\":\"5\",\"restarts\":\"ipop\"}"));
    ctl_run_release(&run);
    fake_node_free(node);
}

static void options_change_what_the_job_says(void **state)
{
    static const struct fake_step steps[] = {{MADE, false, false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node;

    (void)state;
    node =
        ctl_run_with(steps, COUNT_OF(steps), &run,
                     "cmaes start --target 7 --goal maximize --max-generations 9 --job "
                     "{\"goal\":\"minimize\",\"dimension\":2,\"stop\":{\"tolx\":1,\"target\":3}}");

    assert_int_equal(run.code, CTL_OK);
    assert_non_null(strstr(node->requests[0],
                           "\r\n\r\n{\"dimension\":2,\"stop\":{\"tolx\":1,\"target\":7},"
                           "\"goal\":\"maximize\",\"max_generations\":9}"));
    ctl_run_release(&run);
    fake_node_free(node);
}

static void a_refused_job_is_told_and_not_watched(void **state)
{
    static const struct fake_step steps[] = {
        {"HTTP/1.1 400 No\r\n\r\n{\"error\":{\"code\":\"invalid\",\"message\":\"no way\"}}", false,
         false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node;

    (void)state;
    node = ctl_run_with(steps, COUNT_OF(steps), &run, "cmaes start --dimension 3 --watch");

    assert_string_equal(run.err, "ringctl: invalid: no way\n");
    assert_int_equal(run.code, CTL_REFUSED);
    assert_int_equal(node->request_count, 1);
    ctl_run_release(&run);
    fake_node_free(node);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(watch_draws_the_curve_and_ends_with_the_parameters),
        cmocka_unit_test(a_search_without_a_best_exits_1),
        cmocka_unit_test(start_sends_its_options_and_watches),
        cmocka_unit_test(options_change_what_the_job_says),
        cmocka_unit_test(a_refused_job_is_told_and_not_watched),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
