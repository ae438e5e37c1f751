/* Runs the seeds of a suite in worker processes, so that a run that crashes or hangs is a result
 * like any other. */
#ifndef RH_HOST_SIM_RUN_RUNNER_H
#define RH_HOST_SIM_RUN_RUNNER_H

#include "host/sim/run/world.h"

#define RUNNER_JOBS_MAX 256u

struct runner_options {
    uint32_t jobs;    /* 1..RUNNER_JOBS_MAX */
    uint32_t limit_s; /* wall time that one seed may take */
};

/* Runs all seeds; each(user, index, result) is called in the order in which they end. A worker that
 * dies gives the invariant "worker_lives", one that takes too long "worker_ends". RH_OK, or RH_EIO
 * when there can be no workers. */
int32_t runner_run(const struct suite *suite, const uint64_t *seeds, uint32_t seed_count,
                   const struct runner_options *options,
                   void (*each)(void *user, uint32_t index, const struct world_result *result),
                   void *user);

#endif
