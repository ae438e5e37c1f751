/* What must hold of workers and the programs that they start: a result is one that a program of
 * that item printed, slots are not exceeded, what nobody waits for is ended, and in the end no
 * program is left and every item is settled. Clients add and cancel items; programs are scripted:
 * they succeed, fail, or never end. */
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/map.h>
#include <ringhost/service/process.h>

#include "tests/sim_worker.h"

#define TICK_MS     100
#define SLOTS       2u /* of each node, as the suite configures them */
#define KEYS        60u
#define LEASE_MAX_S 6u
#define RUNS_MAX    8192u
#define NODES_MAX   16u
#define GROUP       "jobs"
#define OVERRUN_US  INT64_C(1000000)  /* for a program that was told to end */
#define UNWANTED_US INT64_C(12000000) /* a lease, its grace, and what clocks lose in that time */

enum run_state { RUN_GOING, RUN_EXITED, RUN_ENDED };

struct run {
    struct item *item;
    uint32_t node;
    uint8_t state;
    int32_t code;
    char key[RH_PROCESS_KEY_MAX + 1];
};

/* An item as the queue and the programs show it. */
struct item {
    char id[32];
    uint32_t run;    /* that its result came from, plus 1; 0 = no result yet */
    int64_t over_us; /* when it was known to be done or cancelled; 0 = it was not */
};

/* Since when the node has been up, going on, and its worker active; 0 = it is not. */
struct place {
    int64_t since_us;
    int64_t crowded_us; /* since when it has had too many programs */
};

struct jobs {
    struct rh_map items; /* id -> struct item */
    struct run runs[RUNS_MAX];
    uint32_t run_count;
    struct place places[NODES_MAX];
    char output[48];
};

static void *create(struct rh_sim *sim)
{
    struct jobs *j = calloc(1, sizeof(*j));

    assert(rh_sim_node_count(sim) <= NODES_MAX);
    if (j)
        rh_map_init(&j->items, 1, RUNS_MAX);
    return j;
}

static void destroy(void *self)
{
    struct jobs *j = self;
    uint32_t cursor = 0;
    void *item = NULL;

    while (rh_map_next(&j->items, &cursor, NULL, &item))
        free(item);
    rh_map_release(&j->items);
    free(j);
}

static struct item *item_of(struct jobs *j, struct rh_str id)
{
    struct item *item = rh_map_get(&j->items, id);

    if (item)
        return item;
    item = calloc(1, sizeof(*item));
    if (!item || rh_str_copy(item->id, sizeof(item->id), id) != RH_OK ||
        rh_map_put(&j->items, id, item, NULL) != RH_OK)
        abort(); /* ids are short and few */
    return item;
}

/* --- programs --- */

/* argv is "job", the item, as the suite configures it. Some never end by themselves, some fail;
 * what they print tells them apart. */
static uint32_t process(void *self, struct rh_sim *sim, struct rh_sim_process *process)
{
    struct jobs *j = self;
    const uint32_t kind = sim_below(sim, 24);
    struct run *run;

    if (strcmp(process->owner, "worker") != 0)
        return 0;
    assert(process->argv.count == 2);
    if (j->run_count == RUNS_MAX)
        abort(); /* a run has some hundreds */
    run = &j->runs[j->run_count++];
    *run = (struct run){.item = item_of(j, process->argv.items[1]), .node = process->node};
    if (rh_str_copy(run->key, sizeof(run->key), rh_str_from(process->key)) != RH_OK)
        abort(); /* a valid key fits */
    run->code = kind < 4 ? 1 : 0;
    process->exit_code = run->code;
    process->takes_ms =
        kind > 21 && !rh_sim_is_healed(sim) ? -1 : 10 + (int64_t)sim_below(sim, 6000);
    (void)snprintf(j->output, sizeof(j->output), "{\"run\":%" PRIu32 "}", j->run_count); /* fits */
    process->output = j->output;
    return 1;
}

static void process_over(void *self, struct rh_sim *sim, uint32_t node, const char *owner,
                         const char *key, uint32_t how)
{
    struct jobs *j = self;

    (void)sim;
    (void)owner; /* no other plugin has programs here */
    for (uint32_t i = j->run_count; i > 0; i--) {
        struct run *run = &j->runs[i - 1];

        if (run->node != node || run->state != RUN_GOING || strcmp(run->key, key) != 0)
            continue;
        run->state = how == RH_SIM_PROCESS_EXITED ? RUN_EXITED : RUN_ENDED;
        return;
    }
    abort(); /* every program that is over was begun */
}

static uint32_t programs_on(const struct jobs *j, uint32_t node)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < j->run_count; i++)
        count += j->runs[i].node == node && j->runs[i].state == RUN_GOING;
    return count;
}

/* --- results --- */

struct result {
    int64_t run;
};
struct completed {
    struct rh_str work_id;
    struct rh_str node_id;
    struct result result;
};
static const struct rh_field result_fields[] = {
    RH_INT(struct result, run, 0, 0, RUNS_MAX, "number of the program's run"),
};
static const struct rh_field completed_fields[] = {
    RH_STR(struct completed, work_id, RH_REQUIRED, "the item"),
    RH_STR(struct completed, node_id, RH_REQUIRED, "who did it"),
    RH_OBJECT(struct completed, result, 0, struct result, result_fields, "what it printed"),
};
static const struct rh_fields completed_table = RH_FIELDS(struct completed, completed_fields);

static void check_result(struct jobs *j, struct rh_sim *sim, uint32_t node,
                         const struct completed *said)
{
    struct item *item = item_of(j, said->work_id);
    const uint32_t number = (uint32_t)said->result.run;
    const struct run *run = number > 0 ? &j->runs[number - 1] : NULL;

    if (!run || number > j->run_count || run->item != item || run->state != RUN_EXITED ||
        run->code != 0 || rh_sim_find(sim, said->node_id) != run->node)
        rh_sim_fail(sim, "results_are_of_programs", node,
                    "%s: run %" PRIu32 " by %.*s printed no such thing", item->id, number,
                    RH_STR_ARG(said->node_id));
    else if (item->run != 0 && item->run != number)
        rh_sim_fail(sim, "completed_once", node, "%s: by run %" PRIu32 ", then by %" PRIu32,
                    item->id, item->run, number);
    item->run = number;
    if (item->over_us == 0)
        item->over_us = rh_sim_now_us(sim);
}

static void published(void *self, struct rh_sim *sim, uint32_t node, const struct rh_event *event)
{
    struct completed said;
    void *memory = NULL;

    if (!rh_str_eq_c(event->type, "WORK_COMPLETED") ||
        rh_sim_decode(sim, &completed_table, event->payload, &said, &memory) != RH_OK)
        return;
    check_result(self, sim, node, &said);
    rh_sim_release(sim, memory);
}

/* --- clients --- */

struct added {
    struct rh_str work_id;
};
static const struct rh_field added_fields[] = {
    RH_STR(struct added, work_id, RH_REQUIRED, "the item"),
};
static const struct rh_fields added_table = RH_FIELDS(struct added, added_fields);

static void on_added(void *self, struct rh_sim *sim, void *user, const struct rh_sim_answer *answer)
{
    struct added added;
    void *memory = NULL;

    (void)user;
    if (answer->status / 100 != 2 ||
        rh_sim_decode(sim, &added_table, answer->body, &added, &memory) != RH_OK)
        return;
    (void)item_of(self, added.work_id);
    rh_sim_release(sim, memory);
}

static void on_cancelled(void *self, struct rh_sim *sim, void *user,
                         const struct rh_sim_answer *answer)
{
    struct item *item = user;

    (void)self;
    if (answer->status == 200 && item->over_us == 0)
        item->over_us = rh_sim_now_us(sim);
}

static void add(struct rh_sim *sim)
{
    const uint32_t key = sim_below(sim, KEYS);
    char body[SIM_BODY_MAX];

    (void)snprintf(body, sizeof(body),
                   "{\"work_type\":\"job\",\"group\":\"" GROUP "\",\"timeout_s\":%" PRIu32
                   ",\"max_attempts\":%" PRIu32 ",\"idempotency_key\":\"k%" PRIu32 "\"}",
                   3 + key % (LEASE_MAX_S - 2), 2 + key % 3, key); /* fits */
    sim_post(sim, "/work/add", body, on_added, NULL);
}

static void cancel(struct jobs *j, struct rh_sim *sim)
{
    char body[SIM_BODY_MAX];
    struct item *item;

    if (j->run_count == 0)
        return;
    item = j->runs[sim_below(sim, j->run_count)].item;
    (void)snprintf(body, sizeof(body), "{\"work_id\":\"%s\"}", item->id); /* fits */
    sim_post(sim, "/work/cancel", body, on_cancelled, item);
}

/* --- nodes --- */

/* Since when the worker there has been able to do something about its programs. */
static void look_at(struct jobs *j, struct rh_sim *sim, uint32_t node)
{
    struct rh_sim_node what = {.size = (uint32_t)sizeof(what)};
    struct place *place = &j->places[node];

    rh_sim_node(sim, node, &what);
    if (!what.is_up || what.is_paused || !rh_sim_is_active(sim, node, "worker"))
        *place = (struct place){0};
    else if (place->since_us == 0)
        place->since_us = rh_sim_now_us(sim);
}

static void check_slots(struct jobs *j, struct rh_sim *sim, uint32_t node)
{
    struct place *place = &j->places[node];
    const int64_t now_us = rh_sim_now_us(sim);
    const uint32_t count = programs_on(j, node);

    if (place->since_us == 0 || count <= SLOTS) {
        place->crowded_us = 0;
        return;
    }
    if (place->crowded_us == 0)
        place->crowded_us = now_us;
    if (now_us - place->crowded_us > OVERRUN_US)
        rh_sim_fail(sim, "slots_hold", node, "%" PRIu32 " programs in %u slots", count, SLOTS);
}

/* Whose result nobody can want any more, and whose node has had time to hear of it or to see its
 * lease run out. */
static void check_unwanted(struct jobs *j, struct rh_sim *sim)
{
    const int64_t before_us = rh_sim_now_us(sim) - UNWANTED_US;

    for (uint32_t i = 0; i < j->run_count; i++) {
        const struct run *run = &j->runs[i];
        const int64_t since_us = j->places[run->node].since_us;

        if (run->state == RUN_GOING && run->item->over_us > 0 && run->item->over_us < before_us &&
            since_us > 0 && since_us < before_us)
            rh_sim_fail(sim, "unwanted_programs_end", run->node, "%s: run %" PRIu32 " goes on",
                        run->item->id, i + 1);
    }
}

static void tick(void *self, struct rh_sim *sim)
{
    struct jobs *j = self;

    for (uint32_t i = 0; i < rh_sim_node_count(sim); i++) {
        look_at(j, sim, i);
        check_slots(j, sim, i);
    }
    check_unwanted(j, sim);
    if (rh_sim_is_healed(sim))
        return;
    if (sim_below(sim, 3) == 0)
        add(sim);
    if (sim_below(sim, 40) == 0)
        cancel(j, sim);
}

/* --- the end --- */

static uint32_t healed(void *self, struct rh_sim *sim)
{
    struct jobs *j = self;
    const uint32_t leader = sim_leader(sim, "work_queue");

    if (leader == RH_SIM_OUTSIDE)
        return 0;
    for (uint32_t i = 0; i < rh_sim_node_count(sim); i++) {
        if (programs_on(j, i) > 0)
            return 0;
    }
    return sim_group_is_over(sim, leader, GROUP);
}

static const char *const plugins[] = {"work_queue", "worker"};

static const struct rh_sim_invariants invariants = {
    .size = (uint32_t)sizeof(invariants),
    .name = "worker",
    .plugins = plugins,
    .plugin_count = 2,
    .tick_ms = TICK_MS,
    .create = create,
    .destroy = destroy,
    .published = published,
    .tick = tick,
    .healed = healed,
    .process = process,
    .process_over = process_over,
};
RH_SIM_INVARIANTS(invariants)
