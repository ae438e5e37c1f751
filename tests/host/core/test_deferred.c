/* Tests of host/core/deferred.c. */
#include "tests/host/core/cmocka_all.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include <ringhost/errors.h>

#include "host/core/deferred.h"

#define THREADS 4u
#define POSTS   2000u

/* What ran, in order. */
struct trace {
    struct deferred queue;
    int ran[16];
    uint32_t count;
};

struct step {
    struct trace *trace;
    int number;
    struct step *then; /* queued by this one */
};

static void run_step(void *arg)
{
    struct step *step = arg;

    assert_true(step->trace->count < 16);
    step->trace->ran[step->trace->count++] = step->number;
    if (step->then)
        assert_int_equal(deferred_add(&step->trace->queue, run_step, step->then), RH_OK);
}

static void work_runs_in_order_and_once(void **state)
{
    struct trace trace = {.count = 0};
    struct step steps[3] = {{&trace, 1, NULL}, {&trace, 2, NULL}, {&trace, 3, NULL}};

    (void)state;
    deferred_init(&trace.queue);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(deferred_add(&trace.queue, run_step, &steps[i]), RH_OK);

    assert_false(deferred_run(&trace.queue));
    assert_false(deferred_run(&trace.queue));
    assert_int_equal(trace.count, 3);
    for (int i = 0; i < 3; i++)
        assert_int_equal(trace.ran[i], i + 1);
    deferred_release(&trace.queue);
}

static void work_added_by_work_waits_for_the_next_turn(void **state)
{
    struct trace trace = {.count = 0};
    struct step second = {&trace, 2, NULL};
    struct step first = {&trace, 1, &second};

    (void)state;
    deferred_init(&trace.queue);
    assert_int_equal(deferred_add(&trace.queue, run_step, &first), RH_OK);

    assert_true(deferred_run(&trace.queue));
    assert_int_equal(trace.count, 1);
    assert_false(deferred_run(&trace.queue));
    assert_int_equal(trace.count, 2);
    deferred_release(&trace.queue);
}

static void work_added_by_a_post_waits_for_the_next_turn(void **state)
{
    struct trace trace = {.count = 0};
    struct step second = {&trace, 2, NULL};
    struct step first = {&trace, 1, &second};

    (void)state;
    deferred_init(&trace.queue);
    assert_int_equal(deferred_post(&trace.queue, run_step, &first), RH_OK);

    assert_true(deferred_run(&trace.queue));
    assert_int_equal(trace.count, 1);
    deferred_release(&trace.queue);
}

static void count_up(void *arg)
{
    uint32_t *count = arg;

    (*count)++;
}

static void the_queue_holds_its_limit_and_no_more(void **state)
{
    struct deferred queue;
    uint32_t count = 0;

    (void)state;
    deferred_init(&queue);
    for (uint32_t i = 0; i < DEFERRED_MAX; i++)
        assert_int_equal(deferred_add(&queue, count_up, &count), RH_OK);
    assert_int_equal(deferred_add(&queue, count_up, &count), RH_EAGAIN);

    assert_false(deferred_run(&queue));
    assert_int_equal(count, DEFERRED_MAX);
    assert_int_equal(deferred_add(&queue, count_up, &count), RH_OK);
    deferred_release(&queue);
}

/* Growing in the middle of a wrapped ring must keep the order. */
static void the_ring_grows_in_order(void **state)
{
    struct trace trace = {.count = 0};
    struct step steps[16];
    uint32_t count = 0;

    (void)state;
    deferred_init(&trace.queue);
    for (uint32_t i = 0; i < 60; i++)
        assert_int_equal(deferred_add(&trace.queue, count_up, &count), RH_OK);
    assert_false(deferred_run(&trace.queue)); /* the head now stands at 60 of 64 */
    for (uint32_t i = 0; i < 8; i++) {
        steps[i] = (struct step){&trace, (int)i, NULL};
        assert_int_equal(deferred_add(&trace.queue, run_step, &steps[i]), RH_OK);
    }
    for (uint32_t i = 0; i < 100; i++)
        assert_int_equal(deferred_add(&trace.queue, count_up, &count), RH_OK);

    assert_false(deferred_run(&trace.queue));
    assert_int_equal(count, 160);
    for (int i = 0; i < 8; i++)
        assert_int_equal(trace.ran[i], i);
    deferred_release(&trace.queue);
}

static void release_drops_what_waits(void **state)
{
    struct deferred queue;
    uint32_t count = 0;

    (void)state;
    deferred_init(&queue);
    assert_int_equal(deferred_add(&queue, count_up, &count), RH_OK);
    assert_int_equal(deferred_post(&queue, count_up, &count), RH_OK);
    deferred_release(&queue);
    assert_int_equal(count, 0);
}

/* A thread that posts its numbers, and what arrived of them. */
struct sender {
    struct deferred *queue;
    pthread_t thread;
    struct post {
        struct sender *sender;
        uint32_t number;
    } posts[POSTS];
    uint32_t arrived;
    uint32_t out_of_order;
};

static void arrive(void *arg)
{
    const struct post *post = arg;

    if (post->number != post->sender->arrived)
        post->sender->out_of_order++;
    post->sender->arrived++;
}

static void *send_all(void *arg)
{
    struct sender *sender = arg;
    uintptr_t failed = 0;

    for (uint32_t i = 0; i < POSTS; i++) {
        sender->posts[i].sender = sender;
        sender->posts[i].number = i;
        failed += deferred_post(sender->queue, arrive, &sender->posts[i]) != RH_OK ? 1 : 0;
    }
    return (void *)failed;
}

static void posts_of_each_thread_keep_their_order(void **state)
{
    struct sender *senders = calloc(THREADS, sizeof *senders);
    struct deferred queue;
    uint32_t arrived = 0;
    void *failed;

    (void)state;
    assert_non_null(senders);
    deferred_init(&queue);
    for (uint32_t i = 0; i < THREADS; i++) {
        senders[i].queue = &queue;
        assert_int_equal(pthread_create(&senders[i].thread, NULL, send_all, &senders[i]), 0);
    }
    while (arrived < THREADS * POSTS) {
        (void)deferred_run(&queue); /* nothing is added on the loop here */
        arrived = 0;
        for (uint32_t i = 0; i < THREADS; i++)
            arrived += senders[i].arrived;
        (void)sched_yield();
    }

    for (uint32_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(senders[i].thread, &failed), 0);
        assert_null(failed);
        assert_int_equal(senders[i].arrived, POSTS);
        assert_int_equal(senders[i].out_of_order, 0);
    }
    deferred_release(&queue);
    free(senders);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(work_runs_in_order_and_once),
        cmocka_unit_test(work_added_by_work_waits_for_the_next_turn),
        cmocka_unit_test(work_added_by_a_post_waits_for_the_next_turn),
        cmocka_unit_test(the_queue_holds_its_limit_and_no_more),
        cmocka_unit_test(the_ring_grows_in_order),
        cmocka_unit_test(release_drops_what_waits),
        cmocka_unit_test(posts_of_each_thread_keep_their_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
