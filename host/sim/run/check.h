/* Files of checks in one run: their instances, and what they are told. */
#ifndef RH_HOST_SIM_RUN_CHECK_H
#define RH_HOST_SIM_RUN_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/sdk/rng.h>
#include <ringhost/sim.h>

struct world;
struct rh_testhost;
struct rh_testhost_process;
struct sim_process;

/* One instance. */
struct check {
    struct rh_sim sim; /* first: what callbacks are given is this */
    const struct rh_sim_invariants *table;
    struct world *world;
    void *self;
    struct rh_rng rng;
    struct sim_answer_memory *answer; /* of the last ask */
};

/* check_api.c */
extern const struct rh_sim_api check_api;
void check_answer_free(struct sim_answer_memory *answer);

/* Make the instances of all files of the suite, and begin their ticks. */
void checks_begin(struct world *world);
void checks_on_message(void *user, const struct rh_sim_message *message);
/* After an event on host, which may be NULL. */
void checks_on_event(struct world *world, struct rh_testhost *host);
/* A process is started on a node, whose place is user; and one is over. */
void checks_on_process(void *user, struct rh_testhost_process *process);
void checks_on_process_over(void *user, struct rh_testhost *host,
                            const struct sim_process *process);
void checks_heal(struct world *world);
/* Whether all have converged; else *who is the first that has not. */
bool checks_healed(struct world *world, const char **who);
void checks_end(struct world *world);
void checks_release(struct world *world);

#endif
