/* Files in memory, queues, clocks and turns of a simulated node. */
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include "host/sim/sim.h"
#include "tests/host/core/life_net.h"

static void files_append_read_rename_and_go(void **state)
{
    const struct driver_ops *ops = &sim_driver_ops;
    struct life_node n;
    struct rh_buf out;
    int64_t length = 0;

    (void)state;
    rh_buf_init(&out, 100);
    life_node_start(&n, 0);

    assert_int_equal(ops->file_append(n.host, "a", RH_STR_LIT("one")), RH_OK);
    assert_int_equal(ops->file_append(n.host, "a", RH_STR_LIT("two")), RH_OK);
    assert_int_equal(ops->file_length(n.host, "a", &length), RH_OK);
    assert_int_equal(length, 6);
    assert_int_equal(ops->file_append(n.host, "b", RH_STR_LIT("old")), RH_OK);
    assert_int_equal(ops->file_rename(n.host, "a", "b"), RH_OK);
    assert_int_equal(ops->file_length(n.host, "a", &length), RH_ENOTFOUND);
    assert_int_equal(ops->file_read(n.host, "b", 2, 3, &out), RH_OK);
    assert_memory_equal(out.p, "etw", 3);
    assert_int_equal(ops->file_remove(n.host, "b"), RH_OK);

    assert_int_equal(ops->file_remove(n.host, "b"), RH_ENOTFOUND);
    rh_buf_release(&out);
    life_node_end(&n);
}

static void files_outlive_a_crash(void **state)
{
    struct life_node n;
    int64_t length = 0;

    (void)state;
    life_node_start(&n, 0);
    assert_int_equal(sim_driver_ops.file_append(n.host, "a", RH_STR_LIT("one")), RH_OK);

    rh_testhost_crash(n.host);
    assert_int_equal(rh_testhost_start(n.host, n.why), RH_OK);

    assert_int_equal(sim_driver_ops.file_length(n.host, "a", &length), RH_OK);
    assert_int_equal(length, 3);
    life_node_end(&n);
}

struct job {
    uint32_t runs, ends;
    uint32_t *turn, ended_at;
};

static void job_run(void *arg)
{
    ((struct job *)arg)->runs++;
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
    struct job jobs[3] = {{0, 0, &turn, 0}, {0, 0, &turn, 0}, {0, 0, &turn, 0}};
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
    struct job job = {0, 0, &turn, 0};
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

static void wall_and_monotonic_time_pass_together(void **state)
{
    struct life_node n;
    int64_t wall_ms;
    int64_t now_us;

    (void)state;
    life_node_start(&n, 0);
    wall_ms = sim_driver_ops.wall_ms(n.host);
    now_us = sim_driver_ops.now_us(n.host);

    rh_testnet_run(n.net, 1234);

    assert_int_equal(sim_driver_ops.wall_ms(n.host) - wall_ms, 1234);
    assert_int_equal(sim_driver_ops.now_us(n.host) - now_us, 1234000);
    assert_int_equal(wall_ms, LIFE_WALL_MS + 2000);
    life_node_end(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_append_read_rename_and_go),
        cmocka_unit_test(files_outlive_a_crash),
        cmocka_unit_test(jobs_of_a_queue_end_later_once_and_in_order),
        cmocka_unit_test(freeing_a_queue_ends_its_jobs_once),
        cmocka_unit_test(wall_and_monotonic_time_pass_together),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
