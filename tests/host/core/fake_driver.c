/* The test driver: only the clock, random numbers and queues of the table are there. */
#include "tests/host/core/fake_driver.h"

#include <assert.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ringhost/errors.h>

struct driver_queue {
    struct fake_driver *fake;
};

static int64_t fake_now_us(void *driver)
{
    return ((struct fake_driver *)driver)->now_us;
}

static int64_t fake_wall_ms(void *driver)
{
    return ((struct fake_driver *)driver)->wall_ms;
}

static uint64_t fake_random(void *driver)
{
    return rh_rng_u64(&((struct fake_driver *)driver)->rng);
}

static void fake_wake(void *driver)
{
    ((struct fake_driver *)driver)->wakes++;
}

static int32_t fake_queue_new(void *driver, const char *name, uint32_t threads,
                              struct driver_queue **out)
{
    struct fake_driver *fake = driver;
    (void)name;
    assert(threads == 1);
    struct driver_queue *queue = malloc(sizeof(*queue));
    if (!queue)
        return RH_ENOMEM;
    queue->fake = fake;
    fake->queues++;
    *out = queue;
    return RH_OK;
}

static void *job_thread(void *arg)
{
    struct fake_job *job = arg;
    job->run(job->arg);
    return NULL;
}

static int32_t fake_queue_submit(struct driver_queue *queue, void (*run)(void *arg),
                                 void (*done)(void *arg), void *arg)
{
    struct fake_driver *fake = queue->fake;
    if (fake->submits_refused > 0) {
        fake->submits_refused--;
        return RH_EAGAIN;
    }
    assert(fake->job_count < FAKE_JOBS_MAX);
    struct fake_job *job = &fake->jobs[fake->job_count++];
    *job = (struct fake_job){.queue = queue, .run = run, .done = done, .arg = arg};
    fake->submits++;
    return RH_OK;
}

void fake_driver_begin(struct fake_driver *fake)
{
    struct fake_job *job = &fake->jobs[0];
    if (!fake->is_threaded || fake->job_count == 0 || job->is_started)
        return;
    int rc = pthread_create(&job->thread, NULL, job_thread, job);
    assert(rc == 0);
    job->is_started = 1;
}

int fake_driver_step(struct fake_driver *fake)
{
    if (fake->job_count == 0)
        return 0;
    fake_driver_begin(fake);
    struct fake_job job = fake->jobs[0];
    if (job.is_started) {
        int rc = pthread_join(job.thread, NULL);
        assert(rc == 0);
    } else {
        job.run(job.arg);
    }
    fake->job_count--;
    memmove(&fake->jobs[0], &fake->jobs[1], fake->job_count * sizeof(fake->jobs[0]));
    job.done(job.arg);
    return 1;
}

void fake_driver_run(struct fake_driver *fake)
{
    while (fake_driver_step(fake))
        ;
}

static void fake_queue_free(struct driver_queue *queue)
{
    if (!queue)
        return;
    fake_driver_run(queue->fake); /* of other queues too, which is allowed */
    queue->fake->queues--;
    free(queue);
}

void fake_driver_init(struct fake_driver *fake, uint64_t seed)
{
    memset(fake, 0, sizeof(*fake));
    rh_rng_seed(&fake->rng, seed);
    fake->wall_ms = 1700000000000;
    fake->ops = (struct driver_ops){.now_us = fake_now_us,
                                    .wall_ms = fake_wall_ms,
                                    .random = fake_random,
                                    .wake = fake_wake,
                                    .queue_new = fake_queue_new,
                                    .queue_submit = fake_queue_submit,
                                    .queue_free = fake_queue_free};
    fake->driver.ops = &fake->ops;
    fake->driver.ctx = fake;
    int n = snprintf(fake->directory, sizeof(fake->directory), "/tmp/ringhost-state-XXXXXX");
    assert(n > 0);
    char *made = mkdtemp(fake->directory);
    assert(made);
}

void fake_driver_release(struct fake_driver *fake)
{
    DIR *dir = opendir(fake->directory);
    assert(fake->queues == 0);
    assert(dir);
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        char path[400];
        if (entry->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof(path), "%s/%s", fake->directory, entry->d_name); /* fits */
        int rc = remove(path);
        assert(rc == 0);
    }
    closedir(dir);
    int rc = rmdir(fake->directory);
    assert(rc == 0);
}
