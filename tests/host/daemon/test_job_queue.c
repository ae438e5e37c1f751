/* Order with one thread, several at once with more, and nothing lost at the end. */
#include "rig.h"

#include <pthread.h>

#include "host/daemon/job_queue.h"

struct log {
    pthread_mutex_t lock;
    uint32_t ran[256];
    uint32_t ran_count;
    uint32_t done[256];
    uint32_t done_count;
    pthread_t loop_thread;
};

struct item {
    struct log *log;
    struct driver_queue *queue;
    uint32_t number;
    pthread_barrier_t *barrier;
};

static void run_item(void *arg)
{
    struct item *item = arg;
    if (item->barrier)
        (void)pthread_barrier_wait(item->barrier);
    pthread_mutex_lock(&item->log->lock);
    item->log->ran[item->log->ran_count++] = item->number;
    pthread_mutex_unlock(&item->log->lock);
}

static void item_done(void *arg)
{
    struct item *item = arg;
    assert_true(pthread_equal(pthread_self(), item->log->loop_thread));
    item->log->done[item->log->done_count++] = item->number;
}

static void submit_one_more(void *arg)
{
    struct item *item = arg;
    item_done(arg);
    item->number += 100;
    assert_int_equal(job_queue_submit(item->queue, run_item, item_done, item), RH_OK);
}

static void log_init(struct log *log)
{
    *log = (struct log){.loop_thread = pthread_self()};
    assert_int_equal(pthread_mutex_init(&log->lock, NULL), 0);
}

static void one_thread_keeps_the_order(void **state)
{
    struct rig *rig = rig_new();
    struct driver_queue *queue = NULL;
    struct item items[200];
    struct log log;
    (void)state;
    log_init(&log);
    assert_int_equal(job_queue_new(&rig->loop, "order", 1, &queue), RH_OK);

    for (uint32_t i = 0; i < 200; i++) {
        items[i] = (struct item){.log = &log, .number = i};
        assert_int_equal(job_queue_submit(queue, run_item, item_done, &items[i]), RH_OK);
    }
    assert_int_equal(job_queue_length(queue), 200);
    RIG_UNTIL(rig, log.done_count == 200);

    for (uint32_t i = 0; i < 200; i++) {
        assert_int_equal(log.ran[i], i);
        assert_int_equal(log.done[i], i);
    }
    assert_int_equal(job_queue_length(queue), 0);
    job_queue_free(queue);
    rig_free(rig);
}

static void three_threads_run_three_jobs_at_once(void **state)
{
    struct rig *rig = rig_new();
    struct driver_queue *queue = NULL;
    pthread_barrier_t barrier;
    struct item items[3];
    struct log log;
    (void)state;
    log_init(&log);
    assert_int_equal(pthread_barrier_init(&barrier, NULL, 3), 0);
    assert_int_equal(job_queue_new(&rig->loop, "wide", 3, &queue), RH_OK);

    /* Each waits for the two others: with fewer threads this would never end. */
    for (uint32_t i = 0; i < 3; i++) {
        items[i] = (struct item){.log = &log, .number = i, .barrier = &barrier};
        assert_int_equal(job_queue_submit(queue, run_item, item_done, &items[i]), RH_OK);
    }
    RIG_UNTIL(rig, log.done_count == 3);

    job_queue_free(queue);
    (void)pthread_barrier_destroy(&barrier);
    rig_free(rig);
}

static void freeing_runs_what_waits_and_calls_every_done(void **state)
{
    struct rig *rig = rig_new();
    struct driver_queue *queue = NULL;
    struct item items[50];
    struct log log;
    (void)state;
    log_init(&log);
    assert_int_equal(job_queue_new(&rig->loop, "end", 2, &queue), RH_OK);
    for (uint32_t i = 0; i < 50; i++) {
        items[i] = (struct item){.log = &log, .queue = queue, .number = i};
        assert_int_equal(
            job_queue_submit(queue, run_item, i == 49 ? submit_one_more : item_done, &items[i]),
            RH_OK);
    }

    job_queue_free(queue);

    assert_int_equal(log.ran_count, 51);
    assert_int_equal(log.done_count, 51);
    job_queue_free(NULL);
    rig_free(rig);
}

static void a_queue_has_at_least_one_thread_and_a_bounded_number(void **state)
{
    struct rig *rig = rig_new();
    struct driver_queue *queue = NULL;
    (void)state;

    assert_int_equal(job_queue_new(&rig->loop, "none", 0, &queue), RH_EINVAL);
    assert_int_equal(job_queue_new(&rig->loop, "many", JOB_QUEUE_THREADS_MAX + 1, &queue),
                     RH_EINVAL);

    assert_null(queue);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_thread_keeps_the_order),
        cmocka_unit_test(three_threads_run_three_jobs_at_once),
        cmocka_unit_test(freeing_runs_what_waits_and_calls_every_done),
        cmocka_unit_test(a_queue_has_at_least_one_thread_and_a_bounded_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
