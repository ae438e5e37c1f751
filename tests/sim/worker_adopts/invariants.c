/* Jobs outlive the node that started them: however often it dies and comes back within the lease,
 * each item's program runs once, and what it printed is the item's result. An item may be taken by
 * another node until its first has told that it started, which a leader that ends just then does
 * not pass on; only then there are two programs. Leases
 * are long: an item whose claim was lost with the node that made it, or on its way there, does not
 * wait for the end of one. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/map.h>

#include "tests/sim_worker.h"

#define ITEMS    40u
#define TAKES    4000 /* ms; longer than the nodes are down */
#define RUNS_MAX 1024u
#define TOLD_US  INT64_C(1000000) /* a start is told by then, or not told while the node is down */
#define BEGIN_US \
    INT64_C(20000000) /* all have begun, from the time when nothing is broken any more */

struct jobs {
    struct rh_map runs;      /* id of the item -> its place in began_us */
    int64_t began_us[ITEMS]; /* its first program */
    uint32_t leader[ITEMS];  /* at that time */
    bool is_untold[ITEMS];   /* which was none any more before it was told */
    uint32_t began_count;
    struct rh_map done;
    char output[SIM_BODY_MAX];
    int64_t healed_us; /* since when nothing is broken; 0 = it is */
    bool is_sent;
};

static void *create(struct rh_sim *sim)
{
    struct jobs *j = calloc(1, sizeof(*j));

    (void)sim;
    if (j) {
        rh_map_init(&j->runs, 1, RUNS_MAX);
        rh_map_init(&j->done, 1, RUNS_MAX);
    }
    return j;
}

static void destroy(void *self)
{
    struct jobs *j = self;

    rh_map_release(&j->runs);
    rh_map_release(&j->done);
    free(j);
}

static uint32_t process(void *self, struct rh_sim *sim, struct rh_sim_process *process)
{
    struct jobs *j = self;
    const struct rh_str id = process->argv.items[1];
    const int64_t *began_us = rh_map_get(&j->runs, id);
    const int64_t now_us = rh_sim_now_us(sim);

    if (began_us && now_us - *began_us > TOLD_US && !j->is_untold[began_us - j->began_us])
        rh_sim_fail(sim, "programs_run_once", process->node, "%.*s is run again", RH_STR_ARG(id));
    if (!began_us) {
        assert(j->began_count < ITEMS);
        j->began_us[j->began_count] = now_us;
        j->leader[j->began_count] = sim_leader(sim, "work_queue");
        if (rh_map_put(&j->runs, id, &j->began_us[j->began_count++], NULL) != RH_OK)
            abort(); /* as many as there are items */
    }
    (void)snprintf(j->output, sizeof(j->output), "{\"of\":\"%.*s\"}", RH_STR_ARG(id)); /* fits */
    process->takes_ms = TAKES;
    process->output = j->output;
    return 1;
}

struct result {
    struct rh_str of;
};
struct completed {
    struct rh_str work_id;
    struct result result;
};
static const struct rh_field result_fields[] = {
    RH_STR(struct result, of, RH_REQUIRED, "the item"),
};
static const struct rh_field completed_fields[] = {
    RH_STR(struct completed, work_id, RH_REQUIRED, "the item"),
    RH_OBJECT(struct completed, result, 0, struct result, result_fields, "what was printed"),
};
static const struct rh_fields completed_table = RH_FIELDS(struct completed, completed_fields);

static void published(void *self, struct rh_sim *sim, uint32_t node, const struct rh_event *event)
{
    struct jobs *j = self;
    struct completed said;
    void *memory = NULL;

    if (!rh_str_eq_c(event->type, "WORK_COMPLETED") ||
        rh_sim_decode(sim, &completed_table, event->payload, &said, &memory) != RH_OK)
        return;
    if (!rh_str_eq(said.result.of, said.work_id))
        rh_sim_fail(sim, "results_are_of_programs", node, "%.*s has the result of %.*s",
                    RH_STR_ARG(said.work_id), RH_STR_ARG(said.result.of));
    if (rh_map_put(&j->done, said.work_id, j, NULL) != RH_OK)
        abort(); /* likewise */
    rh_sim_release(sim, memory);
}

static void on_added(void *self, struct rh_sim *sim, void *user, const struct rh_sim_answer *answer)
{
    struct jobs *j = self;

    (void)sim;
    (void)user;
    if (answer->status / 100 != 2)
        j->is_sent = false; /* nobody leads yet; the keys keep it from being done twice */
}

static void check_begun(struct jobs *j, struct rh_sim *sim)
{
    const int64_t now_us = rh_sim_now_us(sim);

    if (!rh_sim_is_healed(sim))
        return;
    if (j->healed_us == 0)
        j->healed_us = now_us;
    if (now_us - j->healed_us > BEGIN_US && j->began_count < ITEMS)
        rh_sim_fail(sim, "lost_claims_end", RH_SIM_OUTSIDE, "%" PRIu32 " of %u items have begun",
                    j->began_count, ITEMS);
}

static void tick(void *self, struct rh_sim *sim)
{
    struct jobs *j = self;
    char body[8 * SIM_BODY_MAX];
    size_t n = 0;

    for (uint32_t i = 0; i < j->began_count; i++)
        if (rh_sim_now_us(sim) - j->began_us[i] <= TOLD_US &&
            (j->leader[i] == RH_SIM_OUTSIDE || sim_leader(sim, "work_queue") != j->leader[i]))
            j->is_untold[i] = true;
    check_begun(j, sim);
    if (j->is_sent || sim_leader(sim, "work_queue") == RH_SIM_OUTSIDE)
        return;
    for (uint32_t i = 0; i < ITEMS; i++)
        n += (size_t)snprintf(body + n, sizeof(body) - n,
                              "%s{\"work_type\":\"job\",\"timeout_s\":300,\"idempotency_key\":"
                              "\"k%" PRIu32 "\"}",
                              i == 0 ? "{\"items\":[" : ",", i); /* fits */
    (void)snprintf(body + n, sizeof(body) - n, "]}");
    sim_post(sim, "/work/add", body, on_added, NULL);
    j->is_sent = true;
}

static uint32_t healed(void *self, struct rh_sim *sim)
{
    const struct jobs *j = self;

    (void)sim;
    return rh_map_count(&j->done) == ITEMS;
}

static const char *const plugins[] = {"work_queue", "worker"};

static const struct rh_sim_invariants invariants = {
    .size = (uint32_t)sizeof(invariants),
    .name = "worker_adopts",
    .plugins = plugins,
    .plugin_count = 2,
    .tick_ms = 100,
    .create = create,
    .destroy = destroy,
    .published = published,
    .tick = tick,
    .healed = healed,
    .process = process,
};
RH_SIM_INVARIANTS(invariants)
