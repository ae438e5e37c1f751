/* A driver for tests of the core's parts: queues that run when told, fixed clocks, seeded numbers;
 * it has no network. */
#ifndef RH_TESTS_HOST_CORE_FAKE_DRIVER_H
#define RH_TESTS_HOST_CORE_FAKE_DRIVER_H

#include <pthread.h>
#include <ringhost/sdk/rng.h>

#include "host/core/driver.h"

#define FAKE_JOBS_MAX 16u

struct fake_job {
    struct driver_queue *queue;
    void (*run)(void *arg);
    void (*done)(void *arg);
    void *arg;
    pthread_t thread;
    int is_started;
};

struct fake_driver {
    struct driver driver;
    struct driver_ops ops;
    struct rh_rng rng;
    int64_t now_us;
    int64_t wall_ms;
    char directory[64]; /* made by init, removed by release */
    struct fake_job jobs[FAKE_JOBS_MAX];
    uint32_t job_count;
    uint32_t is_threaded;     /* jobs run on a thread of their own */
    uint32_t submits;         /* jobs taken */
    uint32_t submits_refused; /* how many to refuse from now on */
    uint32_t wakes;
    uint32_t queues; /* alive */
};

void fake_driver_init(struct fake_driver *fake, uint64_t seed);
void fake_driver_release(struct fake_driver *fake);

/* With is_threaded: begin the oldest job on its thread, done comes with step or run. */
void fake_driver_begin(struct fake_driver *fake);
/* Run the oldest job to its end, done included; 0 if there was none. */
int fake_driver_step(struct fake_driver *fake);
/* Run until no job is left. */
void fake_driver_run(struct fake_driver *fake);

#endif
