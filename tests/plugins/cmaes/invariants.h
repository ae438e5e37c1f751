/* What the checks of tuning jobs and the load on them share. */
#ifndef RH_TESTS_PLUGINS_CMAES_INVARIANTS_H
#define RH_TESTS_PLUGINS_CMAES_INVARIANTS_H

#include <ringhost/sdk/work_item.h>

#include "plugins/cmaes/job.h"
#include "plugins/cmaes/keys.h"
#include "plugins/cmaes/record.h"
#include "tests/sim_known.h"
#include "tests/sim_worker.h"

#define CMAES_NS "cmaes"

/* Jobs that clients start, by request key; and those that are known, by id. */
#define JOBS_MAX 6u
/* Generations of each at most, and parameters: x0, x1 and the integer k. */
#define GENERATIONS_OF(key) (3u + (key) % 4u)
#define GENERATIONS_MAX     8u
#define PARAMETERS          3u
#define ASKED_MAX           16u

/* A job, and the same computed from its answers alone. */
struct known_job {
    const char *id;                              /* "" = not known yet */
    char event[64];                              /* of its completion, "" = none yet */
    struct job *oracle;                          /* NULL = not begun */
    uint64_t snapshots[GENERATIONS_MAX + 1];     /* hash of the search before each generation */
    struct generation_row rows[GENERATIONS_MAX]; /* of those that the oracle ended */
};

/* A candidate that a client was given by /cmaes/ask. */
struct asked {
    char job_id[JOB_ID_SIZE];
    char candidate_id[32];
    double values[PARAMETERS];
};

struct jobs {
    struct sim_worker worker;
    struct sim_known known;
    struct known_job jobs[JOBS_MAX]; /* at their places in known */
    uint32_t ticks;
    struct asked asked[ASKED_MAX];
    uint32_t asked_count;
    uint32_t asked_next;
};

/* invariants_load.c: one step of clients. Once all is healed they start none, and answer whatever
 * they can claim or ask for. */
void jobs_load_tick(struct jobs *jobs, struct rh_sim *sim);
/* What a candidate is worth, whoever evaluates it and however often; or that it breaks. */
double jobs_load_fitness(const double values[PARAMETERS]);
bool jobs_load_breaks(const double values[PARAMETERS]);

/* invariants_oracle.c: ends those generations of the oracle whose row is on this node, which leads,
 * by what came back of their candidates, and compares the rows. */
void jobs_oracle_advance(struct known_job *job, struct rh_sim *sim, uint32_t leader);
/* Compares what a node has stored with the oracle, as far as that is. */
void jobs_oracle_check(const struct known_job *job, struct rh_sim *sim, uint32_t node);
/* A row of the node, borrowed until the next look at the run; false when it is not there. */
bool jobs_oracle_get(struct rh_sim *sim, uint32_t node, char kind, const char *id,
                     struct rh_str *out);

#endif
