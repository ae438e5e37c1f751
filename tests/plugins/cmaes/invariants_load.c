/* Clients of simulated tuning jobs: some start them, twice and to any node, and cancel; evaluators
 * ask and report; workers evaluate, break, and forget. */
#include "invariants.h"

#include <math.h>
#include <string.h>

#include <ringhost/sdk/hash.h>

double jobs_load_fitness(const double values[PARAMETERS])
{
    const double x = values[0] - 0.5;
    const double y = values[1] + 0.25;
    const double k = values[2] - 2.0;

    return x * x + 10.0 * (y * y) + k * k;
}

bool jobs_load_breaks(const double values[PARAMETERS])
{
    uint64_t bits;

    memcpy(&bits, &values[0], sizeof(bits));
    return rh_hash_mix(bits) % 10 == 0;
}

/* --- people --- */

static void start(struct rh_sim *sim)
{
    const uint32_t key = sim_below(sim, JOBS_MAX);
    const bool is_dispatched = key % 3 != 2;
    char body[SIM_BODY_MAX];

    /* What is asked for follows from the key: the same request again is the same. */
    (void)snprintf(body, sizeof(body),
                   "{\"parameters\":[{\"name\":\"x0\",\"lower\":-2,\"upper\":2},{\"name\":\"x1\","
                   "\"lower\":-2,\"upper\":2},{\"name\":\"k\",\"type\":\"integer\",\"lower\":-5,"
                   "\"upper\":5}],\"population\":%" PRIu32 ",\"seed\":\"%" PRIu32
                   "\",\"max_generations\":%" PRIu32 ",\"generation_timeout_s\":%d,\"quorum\":0.5,"
                   "\"ask_again_s\":4,\"idempotency_key\":\"k%" PRIu32 "\"%s}",
                   4 + key, key, GENERATIONS_OF(key), key == 1 ? 4 : 0, key,
                   is_dispatched ? ",\"evaluate\":{\"work_type\":\"tune\",\"max_attempts\":2,"
                                   "\"timeout_s\":4}"
                                 : ""); /* fits */
    sim_post(sim, "/cmaes/start", body, NULL, NULL);
}

static void cancel(struct jobs *jobs, struct rh_sim *sim)
{
    char body[SIM_BODY_MAX];

    if (jobs->count == 0)
        return;
    (void)snprintf(body, sizeof(body), "{\"job_id\":\"%s\"}",
                   jobs->jobs[sim_below(sim, jobs->count)].id); /* fits */
    sim_post(sim, "/cmaes/cancel", body, NULL, NULL);
}

/* --- evaluators --- */

struct values {
    double x0, x1, k;
};
struct candidate_row {
    struct rh_str candidate_id;
    struct values parameters;
};
struct candidates {
    struct rh_str job_id;
    struct rh_list candidates;
};
struct payload {
    struct values parameters;
};
static const struct rh_field value_fields[] = {
    RH_NUMBER(struct values, x0, 0.0, 0.0, 0.0, "-"),
    RH_NUMBER(struct values, x1, 0.0, 0.0, 0.0, "-"),
    RH_NUMBER(struct values, k, 0.0, 0.0, 0.0, "-"),
};
static const struct rh_field candidate_fields[] = {
    RH_STR(struct candidate_row, candidate_id, RH_REQUIRED, "-"),
    RH_OBJECT(struct candidate_row, parameters, RH_REQUIRED, struct values, value_fields, "-"),
};
static const struct rh_field candidates_fields[] = {
    RH_STR(struct candidates, job_id, RH_REQUIRED, "-"),
    RH_OBJECT_LIST(struct candidates, candidates, 0, 1000, struct candidate_row, candidate_fields,
                   "-"),
};
static const struct rh_fields candidates_table = RH_FIELDS(struct candidates, candidates_fields);
static const struct rh_field payload_fields[] = {
    RH_OBJECT(struct payload, parameters, RH_REQUIRED, struct values, value_fields, "-"),
};
static const struct rh_fields payload_table = RH_FIELDS(struct payload, payload_fields);

static void answer_asked(struct rh_sim *sim, const struct asked *asked)
{
    char body[SIM_BODY_MAX];

    if (jobs_load_breaks(asked->values))
        (void)snprintf(body, sizeof(body),
                       "{\"job_id\":\"%s\",\"candidate_id\":\"%s\",\"error\":\"it broke\"}",
                       asked->job_id, asked->candidate_id); /* fits */
    else
        (void)snprintf(
            body, sizeof(body), "{\"job_id\":\"%s\",\"candidate_id\":\"%s\",\"fitness\":%.17g}",
            asked->job_id, asked->candidate_id, jobs_load_fitness(asked->values)); /* fits */
    sim_post(sim, "/cmaes/report", body, NULL, NULL);
}

static void on_asked(void *self, struct rh_sim *sim, void *user, const struct rh_sim_answer *answer)
{
    struct jobs *jobs = self;
    struct candidates candidates;
    void *memory = NULL;

    (void)user;
    if (answer->status != 200 ||
        rh_sim_decode(sim, &candidates_table, answer->body, &candidates, &memory) != RH_OK)
        return;
    for (uint32_t i = 0; i < candidates.candidates.count; i++) {
        const struct candidate_row *row =
            (const struct candidate_row *)candidates.candidates.items + i;
        struct asked *asked = &jobs->asked[jobs->asked_next++ % ASKED_MAX];

        if (rh_str_copy(asked->job_id, sizeof(asked->job_id), candidates.job_id) != RH_OK ||
            rh_str_copy(asked->candidate_id, sizeof(asked->candidate_id), row->candidate_id) !=
                RH_OK)
            continue; /* they are short */
        asked->values[0] = row->parameters.x0;
        asked->values[1] = row->parameters.x1;
        asked->values[2] = row->parameters.k;
        jobs->asked_count += jobs->asked_count < ASKED_MAX;
        if (rh_sim_is_healed(sim))
            answer_asked(sim, asked);
    }
    rh_sim_release(sim, memory);
}

static void ask(struct jobs *jobs, struct rh_sim *sim)
{
    char body[SIM_BODY_MAX];

    if (jobs->count == 0)
        return;
    (void)snprintf(body, sizeof(body), "{\"job_id\":\"%s\",\"count\":%" PRIu32 "}",
                   jobs->jobs[sim_below(sim, jobs->count)].id, 1 + sim_below(sim, 4)); /* fits */
    sim_post(sim, "/cmaes/ask", body, on_asked, NULL);
}

/* --- workers --- */

static void complete(struct rh_sim *sim, const struct sim_item *item)
{
    struct payload payload;
    void *memory = NULL;
    char more[128];

    if (rh_sim_decode(sim, &payload_table, rh_str_from(item->payload), &payload, &memory) !=
        RH_OK) {
        rh_sim_fail(sim, "items_have_parameters", RH_SIM_OUTSIDE, "%s: %s", item->id,
                    item->payload);
        return;
    }
    rh_sim_release(sim, memory);
    (void)snprintf(more, sizeof(more), ",\"result\":{\"fitness\":%.17g}",
                   jobs_load_fitness((const double[]){payload.parameters.x0, payload.parameters.x1,
                                                      payload.parameters.k})); /* fits */
    sim_report(sim, item, "/work/complete", more);
}

static void on_claimed(void *self, struct rh_sim *sim, void *user,
                       const struct rh_sim_answer *answer)
{
    struct jobs *jobs = self;
    const uint32_t kept = sim_claimed(&jobs->worker, sim, user, answer);

    for (uint32_t i = 0; i < kept && rh_sim_is_healed(sim); i++)
        complete(sim, sim_newest(&jobs->worker, i));
}

void jobs_load_tick(struct jobs *jobs, struct rh_sim *sim)
{
    const uint32_t draw = sim_below(sim, 40);

    if (rh_sim_is_healed(sim)) {
        if (draw < 15)
            ask(jobs, sim);
        else
            sim_claim(sim, on_claimed);
        return;
    }
    if (draw < 3)
        start(sim);
    else if (draw == 3 && sim_below(sim, 8) == 0)
        cancel(jobs, sim);
    else if (draw < 9)
        ask(jobs, sim);
    else if (draw < 14 && jobs->asked_count > 0)
        answer_asked(sim, &jobs->asked[sim_below(sim, jobs->asked_count)]);
    else if (draw < 24 || jobs->worker.count == 0)
        sim_claim(sim, on_claimed);
    else
        sim_work(&jobs->worker, sim, complete);
}
