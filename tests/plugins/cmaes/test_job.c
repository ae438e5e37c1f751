/* Tests of one job: answers in any order, twice, late or never; asking; going on from the store. */
#include "job_fixture.h"

static struct job *small_job(void)
{
    const struct search_spec search = fixture_spec(10, 0.5, 0.3, 5);
    const struct job_spec spec = fixture_job_spec(&search);

    return fixture_job(&spec);
}

static void an_answer_counts_once(void **state)
{
    struct job *j = small_job();

    (void)state;
    assert_int_equal(job_population(j), 10);
    assert_int_equal(job_judge(j, 0, 3), JOB_ANSWER_NEW);
    job_put(j, 3, (struct report){REPORT_FITNESS, 1.0});
    assert_int_equal(job_judge(j, 0, 3), JOB_ANSWER_SAME);
    assert_int_equal(job_judge(j, 0, 10), JOB_ANSWER_UNKNOWN);
    assert_int_equal(job_judge(j, 1, 0), JOB_ANSWER_UNKNOWN);
    assert_int_equal(job_judge(j, 0, UINT32_MAX), JOB_ANSWER_UNKNOWN);
    assert_int_equal(job_missing(j, 3), 4);
    job_free(j);
}

static void the_order_of_answers_leaves_no_trace(void **state)
{
    struct job *forward = small_job();
    struct job *backward = small_job();

    (void)state;
    for (uint32_t generation = 0; generation < 20; generation++) {
        for (uint32_t i = 0; i < 10; i++) {
            (void)fixture_answer(forward, i, fixture_ellipsoid);
            (void)fixture_answer(backward, 9 - i, fixture_ellipsoid);
        }
        (void)fixture_close(forward, 200);
        (void)fixture_close(backward, 200);
    }
    assert_memory_equal(forward->search->cma->mean, backward->search->cma->mean,
                        10 * sizeof(double));
    assert_true(forward->search->cma->sigma == backward->search->cma->sigma);
    job_free(forward);
    job_free(backward);
}

static void a_generation_ends_at_its_deadline_with_a_quorum(void **state)
{
    struct job *j = small_job();
    struct generation_row row;

    (void)state;
    for (uint32_t i = 0; i < 8; i++)
        (void)fixture_answer(j, i, fixture_sphere);
    assert_false(job_is_due(j, 5000));
    (void)fixture_answer(j, 8, fixture_sphere);
    assert_false(job_is_due(j, 1099));
    row = fixture_close(j, 1100);

    assert_true(row.is_quorum);
    assert_int_equal(row.ranked, 9);
    assert_int_equal(row.seen[0], 0xff);
    assert_int_equal(row.seen[1], 0x01);
    assert_int_equal(job_judge(j, 0, 9), JOB_ANSWER_LATE);
    assert_int_equal(j->status.deadline_ms, 2100);
    assert_int_equal(job_missing(j, 0), 0);
    job_free(j);
}

static void a_row_tells_what_became_of_a_generation(void **state)
{
    struct job *j = small_job();
    struct generation_row row;

    (void)state;
    for (uint32_t i = 0; i < 9; i++)
        job_put(j, i, (struct report){REPORT_FITNESS, 10.0 + i});
    job_put(j, 9, (struct report){REPORT_ERROR, 0.0});
    row = fixture_close(j, 200);

    assert_int_equal(row.generation, 0);
    assert_int_equal(row.population, 10);
    assert_int_equal(row.ranked, 9);
    assert_int_equal(row.errors, 1);
    assert_false(row.is_quorum);
    assert_true(row.best == 10.0 && row.median == 14.0 && row.worst == 18.0);
    assert_true(row.best_so_far == 10.0);
    assert_int_equal(row.ended_at_ms, 200);
    assert_int_equal(row.ended_run, STOP_NONE);
    job_free(j);
}

static void maximising_turns_the_order_and_nothing_else(void **state)
{
    const struct search_spec search = fixture_spec(10, 0.5, 0.3, 5);
    struct job_spec spec = fixture_job_spec(&search);
    struct job *low = fixture_job(&spec);
    struct job *high;
    struct generation_row row;

    (void)state;
    spec.is_maximize = true;
    high = fixture_job(&spec);
    for (uint32_t i = 0; i < 10; i++) {
        const double fitness = fixture_answer(low, i, fixture_sphere);

        job_put(high, i, (struct report){REPORT_FITNESS, -fitness});
    }
    (void)fixture_close(low, 200);
    row = fixture_close(high, 200);

    assert_memory_equal(low->search->cma->mean, high->search->cma->mean, 10 * sizeof(double));
    assert_true(row.best == -low->search->best_fitness);
    assert_true(row.best > row.worst);
    assert_true(job_fitness(high, high->search->best_fitness) == row.best);
    job_free(low);
    job_free(high);
}

static void asking_gives_each_candidate_once_and_again_after_a_while(void **state)
{
    struct job *j = small_job();
    uint32_t indexes[16];

    (void)state;
    assert_int_equal(job_ask(j, 1000, 4, indexes), 4);
    assert_int_equal(indexes[3], 3);
    assert_int_equal(job_ask(j, 1100, 16, indexes), 6);
    assert_int_equal(indexes[0], 4);
    assert_int_equal(job_ask(j, 1400, 16, indexes), 0);
    job_put(j, 1, (struct report){REPORT_FITNESS, 1.0});
    assert_int_equal(job_ask(j, 1500, 16, indexes), 3);
    assert_int_equal(indexes[0], 0);
    assert_int_equal(indexes[1], 2);
    assert_int_equal(indexes[2], 3);
    job_free(j);
}

static void without_a_wait_asking_never_gives_one_twice_in_an_answer(void **state)
{
    const struct search_spec search = fixture_spec(3, 0.5, 0.3, 5);
    struct job_spec spec = fixture_job_spec(&search);
    uint32_t indexes[16];
    struct job *j;

    (void)state;
    spec.ask_again_ms = 0;
    j = fixture_job(&spec);
    assert_int_equal(job_ask(j, 1000, 16, indexes), 7);
    assert_int_equal(job_ask(j, 1001, 16, indexes), 7);
    job_free(j);
}

static void a_job_goes_on_from_its_records_bit_for_bit(void **state)
{
    const struct search_spec search = fixture_spec(6, 0.5, 0.3, 5);
    const struct job_spec spec = fixture_job_spec(&search);
    struct job *whole = fixture_job(&spec);
    struct job *again = fixture_job(&spec);
    struct rh_buf record;
    struct rh_buf snapshot;
    struct generation_row row;

    (void)state;
    rh_buf_init(&record, RECORD_BYTES_MAX);
    rh_buf_init(&snapshot, SNAPSHOT_BYTES_MAX);
    job_spec_encode(&spec, &record);
    for (uint32_t generation = 0; generation < 60; generation++) {
        for (uint32_t i = 0; i < job_population(whole); i++) {
            (void)fixture_answer(whole, i, fixture_rosenbrock);
            (void)fixture_answer(again, i, fixture_rosenbrock);
        }
        (void)fixture_close(whole, 200);
        rh_buf_reset(&snapshot);
        assert_int_equal(job_close(again, 200, &row, &snapshot), RH_OK);
        {
            const struct job_status status = again->status;

            job_free(again);
            assert_int_equal(job_new(rh_buf_str(&record), rh_buf_str(&snapshot), &status, &again),
                             RH_OK);
        }
        assert_memory_equal(whole->search->cma->steps, again->search->cma->steps,
                            6 * job_population(whole) * sizeof(double));
    }
    rh_buf_release(&record);
    rh_buf_release(&snapshot);
    job_free(whole);
    job_free(again);
}

static void the_last_generation_completes_the_job(void **state)
{
    struct search_spec search = fixture_spec(4, 0.5, 0.3, 5);
    struct job_spec spec;
    struct job *j;

    (void)state;
    search.rules.generations_max = 2;
    spec = fixture_job_spec(&search);
    j = fixture_job(&spec);
    for (uint32_t generation = 0; generation < 2; generation++) {
        for (uint32_t i = 0; i < 8; i++)
            (void)fixture_answer(j, i, fixture_sphere);
        (void)fixture_close(j, 300);
    }

    assert_string_equal(job_state_name(j->status.state), "completed");
    assert_int_equal(j->status.finished_at_ms, 300);
    assert_int_equal(job_population(j), 0);
    assert_false(job_is_due(j, 5000));
    assert_int_equal(job_judge(j, 1, 0), JOB_ANSWER_LATE);
    assert_int_equal(job_judge(j, 2, 0), JOB_ANSWER_UNKNOWN);
    job_free(j);
}

static void a_failed_job_keeps_as_much_of_the_reason_as_fits(void **state)
{
    char why[2 * JOB_REFUSAL_SIZE];
    struct job *j = small_job();

    (void)state;
    memset(why, 'w', sizeof(why));

    job_fail(j, (struct rh_str){why, sizeof(why)}, 700);

    assert_string_equal(job_state_name(j->status.state), "failed");
    assert_string_equal(stop_name(j->search->reason), "refused");
    assert_int_equal(strlen(j->status.error), JOB_REFUSAL_SIZE - 1);
    assert_int_equal(job_population(j), 0);
    job_free(j);
}

static void a_cancelled_job_gives_no_candidates(void **state)
{
    struct job *j = small_job();
    uint32_t indexes[4];

    (void)state;
    job_cancel(j, 700);

    assert_string_equal(job_state_name(j->status.state), "cancelled");
    assert_string_equal(stop_name(j->search->reason), "cancelled");
    assert_int_equal(job_ask(j, 1000, 4, indexes), 0);
    job_free(j);
}

static void records_that_contradict_each_other_are_refused(void **state)
{
    const struct search_spec search = fixture_spec(4, 0.5, 0.3, 5);
    const struct job_spec spec = fixture_job_spec(&search);
    const struct job_status over = {.state = JOB_COMPLETED};
    struct rh_buf record;
    struct job *j = NULL;

    (void)state;
    rh_buf_init(&record, RECORD_BYTES_MAX);
    job_spec_encode(&spec, &record);

    assert_int_equal(job_new((struct rh_str){NULL, 0}, (struct rh_str){NULL, 0}, NULL, &j),
                     RH_EINVAL);
    assert_int_equal(job_new(rh_buf_str(&record), RH_STR_LIT("x"), NULL, &j), RH_EINVAL);
    assert_int_equal(job_new(rh_buf_str(&record), (struct rh_str){NULL, 0}, &over, &j), RH_EINVAL);
    assert_null(j);
    rh_buf_release(&record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_counts_once),
        cmocka_unit_test(the_order_of_answers_leaves_no_trace),
        cmocka_unit_test(a_generation_ends_at_its_deadline_with_a_quorum),
        cmocka_unit_test(a_row_tells_what_became_of_a_generation),
        cmocka_unit_test(maximising_turns_the_order_and_nothing_else),
        cmocka_unit_test(asking_gives_each_candidate_once_and_again_after_a_while),
        cmocka_unit_test(without_a_wait_asking_never_gives_one_twice_in_an_answer),
        cmocka_unit_test(a_job_goes_on_from_its_records_bit_for_bit),
        cmocka_unit_test(the_last_generation_completes_the_job),
        cmocka_unit_test(a_failed_job_keeps_as_much_of_the_reason_as_fits),
        cmocka_unit_test(a_cancelled_job_gives_no_candidates),
        cmocka_unit_test(records_that_contradict_each_other_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
