/* What must hold of tuning jobs in a simulated cluster: an answer counts once, generations end in
 * order, the search is the same bits on every node as one computed from the answers alone, an end
 * is announced once, and no item is left behind. The load on it comes from invariants_load.c. */
#include "invariants.h"

#include <stdlib.h>
#include <string.h>

#define TICK_MS       100
#define COMPARE_TICKS 10u

static void *create(struct rh_sim *sim)
{
    struct jobs *jobs = calloc(1, sizeof(*jobs));

    (void)sim;
    if (!jobs)
        return NULL;
    jobs->known = (struct sim_known){.name_space = CMAES_NS, .max = JOBS_MAX};
    for (uint32_t i = 0; i < JOBS_MAX; i++)
        jobs->jobs[i].id = jobs->known.ids[i];
    return jobs;
}

static void destroy(void *self)
{
    struct jobs *jobs = self;

    for (uint32_t i = 0; i < jobs->known.count; i++)
        job_free(jobs->jobs[i].oracle);
    free(jobs);
}

/* --- announced --- */

struct completed {
    struct rh_str job_id;
};
static const struct rh_field completed_fields[] = {
    RH_STR(struct completed, job_id, RH_REQUIRED, "which one"),
};
static const struct rh_fields completed_table = RH_FIELDS(struct completed, completed_fields);

static void published(void *self, struct rh_sim *sim, uint32_t node, const struct rh_event *event)
{
    struct completed completed;
    struct jobs *jobs = self;
    struct known_job *job;
    uint32_t place;
    void *memory = NULL;

    if (rh_str_eq_c(event->type, "CMAES_FAILED"))
        rh_sim_fail(sim, "nothing_is_refused_for_good", node, "%.*s", RH_STR_ARG(event->payload));
    if (!rh_str_eq_c(event->type, "CMAES_COMPLETED") ||
        rh_sim_decode(sim, &completed_table, event->payload, &completed, &memory) != RH_OK)
        return;
    place = sim_know(&jobs->known, sim, completed.job_id);
    job = place < JOBS_MAX ? &jobs->jobs[place] : NULL;
    if (job && job->event[0] && !rh_str_eq_c(event->id, job->event))
        rh_sim_fail(sim, "announced_once", node, "%s: by %s, and by %.*s", job->id, job->event,
                    RH_STR_ARG(event->id));
    if (job && rh_str_copy(job->event, sizeof(job->event), event->id) != RH_OK)
        abort(); /* they are short */
    rh_sim_release(sim, memory);
}

/* --- what is stored --- */

static void check_all(struct jobs *jobs, struct rh_sim *sim)
{
    const uint32_t leader = sim_leader(sim, "cmaes");

    for (uint32_t node = 0; node < rh_sim_node_count(sim); node++)
        sim_know_stored(&jobs->known, sim, node);
    for (uint32_t i = 0; i < jobs->known.count; i++) {
        if (leader != RH_SIM_OUTSIDE)
            jobs_oracle_advance(&jobs->jobs[i], sim, leader);
        for (uint32_t node = 0; node < rh_sim_node_count(sim); node++)
            jobs_oracle_check(&jobs->jobs[i], sim, node);
    }
}

static void tick(void *self, struct rh_sim *sim)
{
    struct jobs *jobs = self;

    jobs_load_tick(jobs, sim);
    if (++jobs->ticks % COMPARE_TICKS == 0)
        check_all(jobs, sim);
}

/* --- the end --- */

/* It has ended, is known to have, and the queue has nothing of any generation. */
static bool is_over(struct rh_sim *sim, uint32_t node, uint32_t leader, const struct known_job *job)
{
    char group[RH_WORK_GROUP_ID_SIZE];
    struct job_status status;
    struct rh_str record;

    if (!jobs_oracle_get(sim, node, KEY_STATUS, job->id, &record) ||
        job_status_decode(record, &status) != RH_OK || status.state == JOB_RUNNING ||
        (status.state == JOB_COMPLETED && !job->event[0]))
        return false;
    for (uint32_t i = 0; i <= GENERATIONS_MAX; i++) {
        (void)snprintf(group, sizeof(group), "%s/%" PRIu32, job->id, i); /* fits */
        if (jobs_oracle_get(sim, node, KEY_GROUP, group, &record) ||
            !sim_group_is_over(sim, leader, group))
            return false;
    }
    return true;
}

static uint32_t healed(void *self, struct rh_sim *sim)
{
    struct jobs *jobs = self;
    const uint32_t leader = sim_leader(sim, "cmaes");

    if (leader == RH_SIM_OUTSIDE)
        return 0;
    sim_know_stored(&jobs->known, sim, leader);
    for (uint32_t i = 0; i < jobs->known.count; i++) {
        for (uint32_t node = 0; node < rh_sim_node_count(sim); node++) {
            if (!is_over(sim, node, leader, &jobs->jobs[i]))
                return 0;
        }
    }
    return 1;
}

static void end(void *self, struct rh_sim *sim)
{
    check_all(self, sim);
}

static const char *const plugins[] = {"work_queue", "cmaes"};

static const struct rh_sim_invariants invariants = {
    .size = (uint32_t)sizeof(invariants),
    .name = "cmaes",
    .plugins = plugins,
    .plugin_count = 2,
    .tick_ms = TICK_MS,
    .create = create,
    .destroy = destroy,
    .published = published,
    .tick = tick,
    .healed = healed,
    .end = end,
};
RH_SIM_INVARIANTS(invariants)
