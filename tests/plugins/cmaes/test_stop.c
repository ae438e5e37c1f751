/* Tests of the ends of a run: each criterion fires on its own, and not before. */
#include "fixture.h"

struct bench {
    struct stop_rules rules;
    struct stop_track track;
    struct stop_view view;
    struct cma *cma;
    double scales[4];
};

static int set_up(void **state)
{
    static const double mean[4] = {0.5, 0.5, 0.5, 0.5};
    struct bench *b = calloc(1, sizeof(*b));

    assert_non_null(b);
    assert_int_equal(cma_new(4, 8, mean, 0.3, &b->cma), RH_OK);
    b->rules = stop_rules_default();
    for (uint32_t i = 0; i < 4; i++) {
        b->scales[i] = 1.0;
        b->cma->path_c[i] = 0.1;
    }
    b->view = (struct stop_view){.rules = &b->rules,
                                 .cma = b->cma,
                                 .scales = b->scales,
                                 .sigma_first = 0.3,
                                 .fitness_range = 1.0};
    *state = b;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *b = *state;

    cma_free(b->cma);
    free(b);
    return 0;
}

/* A generation whose candidates have the fitness first, first + step, ... */
static void add(struct bench *b, double first, double step)
{
    struct report reports[8];
    uint32_t order[8];

    for (uint32_t i = 0; i < 8; i++) {
        reports[i] = (struct report){REPORT_FITNESS, first + step * i};
        order[i] = i;
    }
    b->view.fitness_range = 7.0 * step;
    stop_track_add(&b->track, reports, order, 8);
}

static void assert_reason(const struct bench *b, enum stop_reason reason)
{
    assert_string_equal(stop_name(stop_check(&b->track, &b->view)), stop_name(reason));
}

static void a_run_that_gets_better_goes_on(void **state)
{
    struct bench *b = *state;

    for (uint32_t i = 0; i < 500; i++) {
        add(b, 500.0 - i, 0.1);
        assert_reason(b, STOP_NONE);
    }
}

static void tolfun_needs_a_small_range_in_generation_and_history(void **state)
{
    struct bench *b = *state;

    add(b, 1.0, 1e-13);
    assert_reason(b, STOP_TOLFUN);
    add(b, 1.0 - 1e-9, 1e-13);
    assert_reason(b, STOP_NONE);
}

/* 10 + 30 n / lambda = 25 generations are looked at. */
static void tolfunhist_needs_a_still_best_over_the_history(void **state)
{
    struct bench *b = *state;

    add(b, 2.0, 0.1);
    for (uint32_t i = 0; i < 24; i++) {
        add(b, 1.0, 0.1);
        assert_reason(b, STOP_NONE);
    }
    add(b, 1.0, 0.1);
    assert_reason(b, STOP_TOLFUNHIST);
}

static void tolx_needs_every_continuous_deviation_small(void **state)
{
    struct bench *b = *state;

    add(b, 1.0, 0.1);
    memset(b->cma->mean, 0, 4 * sizeof(double)); /* so that small steps have an effect */
    b->cma->sigma = 9e-12;
    assert_reason(b, STOP_TOLX);
    b->scales[2] = 2.0;
    assert_reason(b, STOP_NONE);
    b->scales[2] = 0.0;
    assert_reason(b, STOP_TOLX);
    b->cma->path_c[1] = 2.0;
    assert_reason(b, STOP_NONE);
}

static void condition_ends_above_1e14(void **state)
{
    struct bench *b = *state;

    add(b, 1.0, 0.1);
    b->cma->lengths[3] = 0.9e7;
    assert_reason(b, STOP_NONE);
    b->cma->lengths[3] = 1.1e7;
    assert_reason(b, STOP_CONDITION);
}

static void one_flat_generation_is_allowed_two_are_not(void **state)
{
    struct bench *b = *state;

    add(b, 2.0, 1.0);
    b->view.fitness_range = 1.0;
    add(b, 1.0, 0.0);
    b->view.fitness_range = 1.0;
    assert_reason(b, STOP_NONE);
    add(b, 1.0, 0.0);
    b->view.fitness_range = 1.0;
    assert_reason(b, STOP_FLAT_FITNESS);
    add(b, 0.5, 1.0);
    assert_reason(b, STOP_NONE);
}

/* 120 + 30 n / lambda = 135 generations without a better median. Noise keeps tolfunhist away. */
static void stagnation_needs_a_long_time_without_progress(void **state)
{
    struct bench *b = *state;

    for (uint32_t i = 0; i < 134; i++) {
        add(b, 1.0 + 0.01 * (i % 3), 0.1);
        assert_reason(b, STOP_NONE);
    }
    add(b, 1.0, 0.1);
    assert_reason(b, STOP_STAGNATION);
}

static void steps_too_small_for_the_mean_have_no_effect(void **state)
{
    struct bench *b = *state;

    add(b, 1.0, 0.1);
    for (uint32_t i = 0; i < 4; i++)
        b->cma->mean[i] = 1e6;
    b->cma->sigma = 1e-10;
    b->scales[0] = b->scales[1] = b->scales[2] = b->scales[3] = 0.0;
    assert_reason(b, STOP_NO_EFFECT_AXIS);
    b->cma->mean[1] = 0.5; /* the axis of the generation's turn */
    assert_reason(b, STOP_NONE);
    b->scales[3] = 1.0;
    assert_reason(b, STOP_NO_EFFECT_COORDINATE);
}

static void a_step_size_that_grew_a_thousandfold_ends_the_run(void **state)
{
    struct bench *b = *state;

    add(b, 1.0, 0.1);
    b->cma->sigma = 299.0;
    assert_reason(b, STOP_NONE);
    b->cma->sigma = 301.0;
    assert_reason(b, STOP_SIGMA_GROWTH);
}

/* 100 + 150 (4 + 3)^2 / sqrt(8) = 2698 generations. */
static void a_run_has_a_limit_of_generations_and_may_have_one_of_evaluations(void **state)
{
    struct bench *b = *state;

    for (uint32_t i = 0; i < 2697; i++)
        add(b, -(double)i, 0.1);
    assert_reason(b, STOP_NONE);
    b->view.run_evaluations = 50;
    b->view.run_evaluations_max = 50;
    assert_reason(b, STOP_RUN_EVALUATIONS);
    b->view.run_evaluations_max = 0;
    add(b, -3000.0, 0.1);
    assert_reason(b, STOP_RUN_GENERATIONS);
}

static void every_reason_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (uint32_t i = STOP_TARGET; i < STOP_REASONS; i++) {
        assert_true(stop_name((enum stop_reason)i)[0] != '\0');
        for (uint32_t k = STOP_TARGET; k < i; k++)
            assert_string_not_equal(stop_name((enum stop_reason)i), stop_name((enum stop_reason)k));
    }
    assert_false(stop_is_of_run(STOP_CANCELLED));
    assert_false(stop_is_of_run(STOP_REFUSED));
    assert_true(stop_is_of_run(STOP_TOLFUN));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_run_that_gets_better_goes_on),
        TEST(tolfun_needs_a_small_range_in_generation_and_history),
        TEST(tolfunhist_needs_a_still_best_over_the_history),
        TEST(tolx_needs_every_continuous_deviation_small),
        TEST(condition_ends_above_1e14),
        TEST(one_flat_generation_is_allowed_two_are_not),
        TEST(stagnation_needs_a_long_time_without_progress),
        TEST(steps_too_small_for_the_mean_have_no_effect),
        TEST(a_step_size_that_grew_a_thousandfold_ends_the_run),
        TEST(a_run_has_a_limit_of_generations_and_may_have_one_of_evaluations),
        cmocka_unit_test(every_reason_has_a_name_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
