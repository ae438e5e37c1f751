/* Searches by CMA-ES: lines with their curve, and tables. */
#include "render_test.h"

#include <stdio.h>

#include "cmaes_replies.h"

#define PARAMETERS               \
    "PARAMETER     BEST  MEAN\n" \
    "c          1.23457   0.5\n" \
    "k                3    -2\n"

static void progress_has_its_figures_and_its_curve(void **state)
{
    (void)state;
    assert_render(render_cmaes_progress, CMAES_RUNNING,
                  "cmaes c1: generation 2 (3/6), 12 evaluations, best 10, sigma 0.0123457 █▁");
}

static void what_the_queue_refuses_stands_behind(void **state)
{
    (void)state;
    assert_render(render_cmaes_progress,
                  CMAES_HEAD("running", "null") "\"best\":null,\"problem\":\"full\"}",
                  "cmaes c1: generation 2, 12 evaluations, best -, sigma 0.0123457; full");
}

static void the_end_has_the_reason_and_the_parameters(void **state)
{
    (void)state;
    assert_render(render_cmaes_end, CMAES_DONE,
                  "cmaes c1: generation 2, 12 evaluations, best 10, sigma 0.0123457, completed "
                  "(target) █▁\n" PARAMETERS);
    assert_render(render_cmaes_end, CMAES_NOTHING,
                  "cmaes c1: generation 2, 12 evaluations, best -, sigma 0.0123457, completed "
                  "(no_fitness)\n");
}

static void status_has_the_generations(void **state)
{
    (void)state;
    assert_render(
        render_cmaes_status, CMAES_DONE,
        "cmaes c1: generation 2, 12 evaluations, best 10, sigma 0.0123457, completed "
        "(target) █▁\n" PARAMETERS "\nlast error: exit status 3\n\n"
        "GENERATION  RUN  RANKED  ERRORS  MISSING  LATE  BEST  MEDIAN  SIGMA  COND  ENDED\n"
        "         1    0       5       1        0     0    10     200   0.25     4  -\n"
        "         0    0       5       1        0     0   100     200   0.25     4  -\n");
}

static void the_list_has_a_row_for_each_job(void **state)
{
    (void)state;
    assert_render(
        render_cmaes_list, "{\"jobs\":[" CMAES_NOTHING "," CMAES_RUNNING "]}",
        "JOB  STATE      REASON      N  GENERATION  EVALS  BEST      SIGMA  CREATED\n"
        "c1   completed  no_fitness  2           2     12     -  0.0123457  2024-03-01T12:00:00Z\n"
        "c1   running    -           2           2     12    10  0.0123457  "
        "2024-03-01T12:00:00Z\n");
    assert_render(render_cmaes_list, "{\"jobs\":[]}", "no jobs\n");
}

static void a_new_job_is_named(void **state)
{
    (void)state;
    assert_render(render_cmaes_started, "{\"job_id\":\"c1\"}", "cmaes c1\n");
}

static void figures_have_six_digits_of_any_size(void **state)
{
    static const struct {
        const char *value;
        const char *text;
    } cases[] = {{"1.23456789e-9", "1.23457e-9"},
                 {"-123456.789", "-123457"},
                 {"1.23456789e200", "1.23457e+200"},
                 {"0", "0"},
                 {"1e-320", "1e-320"}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char json[256];
        char text[256];

        (void)snprintf(json, sizeof(json),
                       "{\"job_id\":\"c1\",\"best\":{\"fitness\":%s},\"sigma\":1}", cases[i].value);
        (void)snprintf(text, sizeof(text),
                       "cmaes c1: generation 0, 0 evaluations, best %s, sigma 1", cases[i].text);
        assert_render(render_cmaes_progress, json, text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(progress_has_its_figures_and_its_curve),
        cmocka_unit_test(what_the_queue_refuses_stands_behind),
        cmocka_unit_test(the_end_has_the_reason_and_the_parameters),
        cmocka_unit_test(status_has_the_generations),
        cmocka_unit_test(the_list_has_a_row_for_each_job),
        cmocka_unit_test(a_new_job_is_named),
        cmocka_unit_test(figures_have_six_digits_of_any_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
