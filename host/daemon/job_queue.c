/* Mutex, condition and two lists: jobs that wait, jobs that have run. The loop is woken by
 * uv_async. */
#include "host/daemon/job_queue.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/errors.h>

struct job {
    struct job *next;
    void (*run)(void *arg);
    void (*done)(void *arg);
    void *arg;
};

struct job_list {
    struct job *first;
    struct job *last;
};

struct driver_queue {
    uv_async_t async;
    uint32_t length; /* loop thread only */
    uint32_t thread_count;
    pthread_t threads[JOB_QUEUE_THREADS_MAX];
    char name[JOB_QUEUE_NAME_BYTES];
    pthread_mutex_t lock;         /* guards what follows */
    pthread_cond_t cond;          /* a job waits, or the threads are to end */
    pthread_cond_t finished_cond; /* a job has run */
    struct job_list waiting;
    struct job_list finished;
    uint32_t is_stopping;
};

static void push(struct job_list *list, struct job *job)
{
    job->next = NULL;
    if (list->last)
        list->last->next = job;
    else
        list->first = job;
    list->last = job;
}

static struct job *pop(struct job_list *list)
{
    struct job *job = list->first;
    if (job)
        list->first = job->next;
    if (!list->first)
        list->last = NULL;
    return job;
}

static void *work(void *arg)
{
    struct driver_queue *queue = arg;
    (void)pthread_setname_np(pthread_self(), queue->name); /* for ps and gdb only */
    pthread_mutex_lock(&queue->lock);
    for (;;) {
        while (!queue->waiting.first && !queue->is_stopping)
            pthread_cond_wait(&queue->cond, &queue->lock);
        struct job *job = pop(&queue->waiting);
        if (!job)
            break;
        pthread_mutex_unlock(&queue->lock);
        job->run(job->arg);
        pthread_mutex_lock(&queue->lock);
        push(&queue->finished, job);
        pthread_cond_signal(&queue->finished_cond);
        (void)uv_async_send(&queue->async); /* fails only for a wrong handle */
    }
    pthread_mutex_unlock(&queue->lock);
    return NULL;
}

static void call_done(struct driver_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    struct job_list finished = queue->finished;
    queue->finished = (struct job_list){0};
    pthread_mutex_unlock(&queue->lock);
    for (struct job *job = pop(&finished); job; job = pop(&finished)) {
        assert(queue->length > 0);
        queue->length--;
        if (job->done)
            job->done(job->arg);
        free(job);
    }
}

static void on_async(uv_async_t *async)
{
    call_done(async->data);
}

static void stop_threads(struct driver_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->is_stopping = 1;
    pthread_cond_broadcast(&queue->cond);
    pthread_mutex_unlock(&queue->lock);
    for (uint32_t i = 0; i < queue->thread_count; i++)
        pthread_join(queue->threads[i], NULL);
}

static void on_closed(uv_handle_t *handle)
{
    struct driver_queue *queue = handle->data;
    pthread_cond_destroy(&queue->cond);
    pthread_cond_destroy(&queue->finished_cond);
    pthread_mutex_destroy(&queue->lock);
    free(queue);
}

int32_t job_queue_new(uv_loop_t *loop, const char *name, uint32_t threads,
                      struct driver_queue **out)
{
    if (threads == 0 || threads > JOB_QUEUE_THREADS_MAX)
        return RH_EINVAL;
    struct driver_queue *queue = calloc(1, sizeof *queue);
    if (!queue)
        return RH_ENOMEM;
    memcpy(queue->name, name, strnlen(name, sizeof queue->name - 1));
    if (pthread_mutex_init(&queue->lock, NULL) != 0 || pthread_cond_init(&queue->cond, NULL) != 0 ||
        pthread_cond_init(&queue->finished_cond, NULL) != 0 ||
        uv_async_init(loop, &queue->async, on_async) != 0) {
        free(queue);
        return RH_EINTERNAL;
    }
    queue->async.data = queue;
    while (queue->thread_count < threads) {
        if (pthread_create(&queue->threads[queue->thread_count], NULL, work, queue) != 0) {
            stop_threads(queue);
            uv_close((uv_handle_t *)&queue->async, on_closed);
            return RH_EINTERNAL;
        }
        queue->thread_count++;
    }
    *out = queue;
    return RH_OK;
}

int32_t job_queue_submit(struct driver_queue *queue, void (*run)(void *arg),
                         void (*done)(void *arg), void *arg)
{
    if (queue->length == JOB_QUEUE_JOBS_MAX)
        return RH_EAGAIN;
    struct job *job = malloc(sizeof *job);
    if (!job)
        return RH_ENOMEM;
    *job = (struct job){.run = run, .done = done, .arg = arg};
    queue->length++;
    pthread_mutex_lock(&queue->lock);
    push(&queue->waiting, job);
    pthread_cond_signal(&queue->cond);
    pthread_mutex_unlock(&queue->lock);
    return RH_OK;
}

uint32_t job_queue_length(const struct driver_queue *queue)
{
    return queue->length;
}

void job_queue_free(struct driver_queue *queue)
{
    if (!queue)
        return;
    /* A done may submit one more job, also while the last ones end: the threads stay until nothing
     * is left. */
    while (queue->length > 0) {
        pthread_mutex_lock(&queue->lock);
        while (!queue->finished.first)
            pthread_cond_wait(&queue->finished_cond, &queue->lock);
        pthread_mutex_unlock(&queue->lock);
        call_done(queue);
    }
    stop_threads(queue);
    uv_close((uv_handle_t *)&queue->async, on_closed);
}
