/* Queues of a simulated node: order, time, and crashes before the end of a job. */
#include "tests/host/core/cmocka_all.h"

#include "host/sim/sim.h"
#include "tests/host/core/life_net.h"

struct job {
    uint32_t runs, ends;
    uint32_t *turn, ended_at;
    struct rh_testhost *host; /* appends to its file "a"; NULL = does nothing */
};

static void job_run(void *arg)
{
    struct job *job = arg;

    job->runs++;
    if (job->host)
        assert_int_equal(sim_driver_ops.file_append(job->host, "a", RH_STR_LIT("x")), RH_OK);
}

static void job_end(void *arg)
{
    struct job *job = arg;

    job->ends++;
    job->ended_at = ++*job->turn;
}

static void jobs_of_a_queue_end_later_once_and_in_order(void **state)
{
    struct driver_queue *queue = NULL;
    uint32_t turn = 0;
    struct job jobs[3] = {{.turn = &turn}, {.turn = &turn}, {.turn = &turn}};
    struct life_node n;

    (void)state;
    life_node_start(&n, 0);
    assert_int_equal(sim_driver_ops.queue_new(n.host, "q", 1, &queue), RH_OK);

    for (int i = 0; i < 3; i++)
        assert_int_equal(sim_driver_ops.queue_submit(queue, job_run, job_end, &jobs[i]), RH_OK);
    assert_int_equal(turn, 0);
    rh_testnet_run(n.net, 1);

    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(jobs[i].runs, 1);
        assert_int_equal(jobs[i].ends, 1);
        assert_int_equal(jobs[i].ended_at, i + 1);
    }
    sim_driver_ops.queue_free(queue);
    life_node_end(&n);
}

static void freeing_a_queue_ends_its_jobs_once(void **state)
{
    struct driver_queue *queue = NULL;
    uint32_t turn = 0;
    struct job job = {.turn = &turn};
    struct life_node n;

    (void)state;
    life_node_start(&n, 0);
    assert_int_equal(sim_driver_ops.queue_new(n.host, "q", 1, &queue), RH_OK);
    assert_int_equal(sim_driver_ops.queue_submit(queue, job_run, job_end, &job), RH_OK);

    sim_driver_ops.queue_free(queue);
    assert_int_equal(job.ends, 1);
    rh_testnet_run(n.net, 10);

    assert_int_equal(job.ends, 1);
    life_node_end(&n);
}

static int64_t us_of_a_job(struct life_node *n, struct rh_testhost *writes)
{
    struct driver_queue *queue = NULL;
    uint32_t turn = 0;
    struct job job = {.turn = &turn, .host = writes};
    int64_t begin_us = n->net->now_us;
    int64_t us;

    assert_int_equal(sim_driver_ops.queue_new(n->host, "q", 1, &queue), RH_OK);
    assert_int_equal(sim_driver_ops.queue_submit(queue, job_run, job_end, &job), RH_OK);
    while (job.ends == 0)
        assert_true(sim_step(n->net, begin_us + 1000000));
    us = n->net->now_us - begin_us;
    sim_driver_ops.queue_free(queue);
    return us;
}

static void a_slow_disk_delays_the_jobs_that_use_it(void **state)
{
    struct life_node n;
    int64_t most_us = 0;

    (void)state;
    life_node_start(&n, 0);
    sim_disk_slow(n.host->storage.disk, true);

    for (int i = 0; i < 50; i++) {
        int64_t us = us_of_a_job(&n, n.host);

        assert_true(us <= 120100);
        most_us = us > most_us ? us : most_us;
    }

    assert_true(most_us > 60000);
    assert_int_equal(us_of_a_job(&n, NULL), 100);
    life_node_end(&n);
}

static void a_thread_does_one_job_after_the_other(void **state)
{
    struct driver_queue *queue = NULL;
    uint32_t turn = 0;
    struct job jobs[2] = {{.turn = &turn}, {.turn = &turn}};
    struct life_node n;

    (void)state;
    life_node_start(&n, 0);
    assert_int_equal(sim_driver_ops.queue_new(n.host, "q", 1, &queue), RH_OK);

    for (int i = 0; i < 2; i++)
        assert_int_equal(sim_driver_ops.queue_submit(queue, job_run, job_end, &jobs[i]), RH_OK);

    assert_int_equal(jobs[0].runs, 1);
    assert_int_equal(jobs[1].runs, 0);
    sim_driver_ops.queue_free(queue);
    assert_int_equal(jobs[1].runs, 1);
    assert_int_equal(jobs[1].ends, 1);
    life_node_end(&n);
}

/* What is in the file when the power goes between run and done. */
static void a_crash_before_the_end_of_a_job_may_find_it_undone(void **state)
{
    struct driver_queue *queue = NULL;
    uint32_t turn = 0;
    uint32_t done = 0;

    (void)state;

    for (uint32_t i = 0; i < 40; i++) {
        struct life_node n;
        struct job job = {.turn = &turn};
        struct sim_disk *left;

        life_node_start(&n, 0);
        job.host = n.host;
        for (uint32_t draws = 0; draws < i; draws++)
            (void)sim_disk_random(n.host->storage.disk);
        assert_int_equal(sim_driver_ops.queue_new(n.host, "q", 1, &queue), RH_OK);
        assert_int_equal(sim_driver_ops.queue_submit(queue, job_run, job_end, &job), RH_OK);
        left = sim_disk_crash(n.host->storage.disk, SIM_CRASH_KILL);
        done += sim_disk_find(left, "a") && sim_disk_size(sim_disk_find(left, "a")) == 1;
        sim_disk_free(left);
        sim_driver_ops.queue_free(queue);
        life_node_end(&n);
    }

    assert_true(done > 0);
    assert_true(done < 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_of_a_queue_end_later_once_and_in_order),
        cmocka_unit_test(freeing_a_queue_ends_its_jobs_once),
        cmocka_unit_test(a_slow_disk_delays_the_jobs_that_use_it),
        cmocka_unit_test(a_thread_does_one_job_after_the_other),
        cmocka_unit_test(a_crash_before_the_end_of_a_job_may_find_it_undone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
