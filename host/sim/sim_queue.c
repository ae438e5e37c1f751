/* The driver's queues on virtual time: a job runs at one instant, and its end is told later. Until
 * then what it did to the disk is its own, see sim_disk.h. */
#include <assert.h>
#include <stdlib.h>

#include "host/sim/sim.h"

#define QUEUE_TAKES_US 100

struct driver_queue {
    struct rh_testhost *host;
    uint32_t threads;
    int64_t ends_at_us; /* of the latest end that was set: ends come in order */
    struct queue_job *first, *last;
};

struct queue_job {
    struct queue_job *next;
    struct driver_queue *queue;
    void (*run)(void *arg);
    void (*done)(void *arg);
    void *arg;
    uint64_t disk_job; /* 0 = it did not touch the disk */
    bool was_run;
    bool was_told; /* by queue_free: its event only frees it */
};

int32_t sim_queue_new(void *driver, const char *name, uint32_t threads, struct driver_queue **out)
{
    (void)name;
    *out = calloc(1, sizeof **out);
    if (!*out)
        return RH_ENOMEM;
    (*out)->host = driver;
    (*out)->threads = threads;
    return RH_OK;
}

static void job_run(struct queue_job *job)
{
    struct sim_disk *disk = job->queue->host->storage.disk;

    assert(!job->was_run);
    job->was_run = true;
    sim_disk_job_enter(disk);
    job->run(job->arg);
    job->disk_job = sim_disk_job_leave(disk);
}

/* The job is the first of its queue, and its end is about to be told. */
static void job_leaves(struct queue_job *job)
{
    struct driver_queue *queue = job->queue;

    assert(queue->first == job);
    queue->first = job->next;
    if (!queue->first)
        queue->last = NULL;
    sim_disk_job_end(queue->host->storage.disk, job->disk_job);
}

static void job_ends(void *arg);

static void job_start(struct queue_job *job)
{
    struct driver_queue *queue = job->queue;
    struct rh_testnet *net = queue->host->net;
    int64_t at_us;

    job_run(job);
    at_us = net->now_us + QUEUE_TAKES_US;
    if (job->disk_job)
        at_us += sim_disk_delay_us(queue->host->storage.disk);
    if (at_us > queue->ends_at_us)
        queue->ends_at_us = at_us;
    (void)sim_at_node(queue->host, queue->ends_at_us, job_ends, job); /* tells the end, or frees */
}

static void job_ends(void *arg)
{
    struct queue_job *job = arg;
    struct driver_queue *queue = job->queue;

    if (!job->was_told) {
        job_leaves(job);
        if (queue->first && !queue->first->was_run)
            job_start(queue->first);
        job->done(job->arg); /* may free the queue */
    }
    free(job);
}

int32_t sim_queue_submit(struct driver_queue *queue, void (*run)(void *arg),
                         void (*done)(void *arg), void *arg)
{
    struct queue_job *job = calloc(1, sizeof *job);
    bool waits = queue->first && queue->threads == 1;

    if (!job)
        return RH_ENOMEM;
    *job = (struct queue_job){.queue = queue, .run = run, .done = done, .arg = arg};
    if (queue->last)
        queue->last->next = job;
    else
        queue->first = job;
    queue->last = job;
    if (!waits)
        job_start(job);
    return RH_OK;
}

void sim_queue_free(struct driver_queue *queue)
{
    if (!queue)
        return;
    while (queue->first) {
        struct queue_job *job = queue->first;
        bool has_event = job->was_run;

        if (!job->was_run)
            job_run(job);
        job_leaves(job);
        job->was_told = true;
        job->done(job->arg);
        if (!has_event)
            free(job);
    }
    free(queue);
}
