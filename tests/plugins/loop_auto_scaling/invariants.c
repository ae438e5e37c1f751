/* What must hold of scaling in a simulated cluster: a machine is started only when that is stored,
 * is known for as long as it may exist, is never one too many, and is not started again once it was
 * stopped; and when nothing is left to do, no machine is left. The cloud is made up here: drivers
 * succeed, ask for patience, fail half way, or hang. No machine ever comes up as a node. Clients
 * add and cancel the work that makes the demand. */
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/store.h>
#include <ringhost/service/process.h>

#include "tests/sim_worker.h"

#define TICK_MS      200
#define MOST         5u /* of the pool, as the suite configures it */
#define MACHINES_MAX 512u
#define DRIVERS_MAX  4096u
#define KEYS         16u
#define ITEMS_MAX    100u /* their ids are below */
#define POOL         "gpu-"
#define NAME_SPACE   "scaling"
#define EXIT_LATER   75

/* A machine of the cloud, by the number in its node id. */
struct machine {
    bool exists;
    bool was_stopped; /* by a driver that said so */
};

struct driver {
    uint32_t node;
    uint32_t machine;
    bool is_start;
    bool is_over;
    int32_t code;
    char key[RH_PROCESS_KEY_MAX + 1];
};

struct cloud {
    struct machine machines[MACHINES_MAX];
    uint32_t machine_end; /* above the greatest number */
    struct driver drivers[DRIVERS_MAX];
    uint32_t driver_count;
    uint32_t cancelled;
};

static void *create(struct rh_sim *sim)
{
    (void)sim;
    return calloc(1, sizeof(struct cloud));
}

/* --- what is stored --- */

static bool is_stored(struct rh_sim *sim, uint32_t node, uint32_t machine)
{
    struct rh_value value = {.size = (uint32_t)sizeof(value)};
    struct rh_key key;
    char id[32];

    (void)snprintf(id, sizeof(id), POOL "%" PRIu32, machine); /* fits */
    rh_store_key(&key, 'n', rh_str_from(id));
    return rh_sim_get(sim, node, NAME_SPACE, rh_key_view(&key), &value) == RH_OK && value.found;
}

/* Whether any row of a machine is left on the node. */
static bool has_rows(struct rh_sim *sim, uint32_t node)
{
    struct rh_scan scan = {.size = (uint32_t)sizeof(scan),
                           .name_space = NAME_SPACE,
                           .from = RH_STR_LIT("n"),
                           .to = RH_STR_LIT("o")};
    struct rh_rows rows = {.size = (uint32_t)sizeof(rows)};

    return rh_sim_scan(sim, node, &scan, &rows) != RH_OK || rows.count > 0;
}

static uint32_t existing(const struct cloud *c)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < c->machine_end; i++)
        count += c->machines[i].exists;
    return count;
}

/* --- drivers --- */

static uint32_t number_of(struct rh_str node_id)
{
    uint64_t number = 0;

    if (node_id.n <= strlen(POOL) || memcmp(node_id.p, POOL, strlen(POOL)) != 0 ||
        rh_parse_u64((struct rh_str){node_id.p + strlen(POOL), node_id.n - strlen(POOL)},
                     &number) != RH_OK ||
        number >= MACHINES_MAX)
        abort(); /* a run has some dozens */
    return (uint32_t)number;
}

/* A machine begins to exist with its driver, whatever that says in the end, but for "later". */
static void on_start(struct cloud *c, struct rh_sim *sim, const struct driver *driver)
{
    struct machine *machine = &c->machines[driver->machine];

    if (!is_stored(sim, driver->node, driver->machine))
        rh_sim_fail(sim, "intents_are_stored_first", driver->node, POOL "%" PRIu32,
                    driver->machine);
    if (machine->was_stopped)
        rh_sim_fail(sim, "stopped_is_final", driver->node, POOL "%" PRIu32 " is started again",
                    driver->machine);
    if (driver->code == EXIT_LATER || (driver->code != 0 && sim_below(sim, 2) == 0))
        return;
    machine->exists = true;
    if (driver->machine >= c->machine_end)
        c->machine_end = driver->machine + 1;
    if (existing(c) > MOST)
        rh_sim_fail(sim, "most_holds", driver->node, "%" PRIu32 " machines", existing(c));
}

static uint32_t process(void *self, struct rh_sim *sim, struct rh_sim_process *process)
{
    static const int32_t codes[] = {0, 0, 0, 0, 0, 0, EXIT_LATER, 1};
    struct cloud *c = self;
    const bool hangs = sim_below(sim, 16) == 0;
    struct driver *driver;

    if (strcmp(process->owner, "loop_auto_scaling") != 0)
        return 0;
    assert(process->argv.count == 2);
    if (c->driver_count == DRIVERS_MAX)
        abort(); /* a run has some hundreds */
    driver = &c->drivers[c->driver_count++];
    *driver = (struct driver){
        .node = process->node,
        .machine = number_of(process->argv.items[1]),
        .is_start = rh_str_eq_c(process->argv.items[0], "start"),
        .code = rh_sim_is_healed(sim) ? 0 : codes[sim_below(sim, 8)],
    };
    if (rh_str_copy(driver->key, sizeof(driver->key), rh_str_from(process->key)) != RH_OK)
        abort(); /* a valid key fits */
    process->exit_code = driver->code;
    process->takes_ms = hangs && !rh_sim_is_healed(sim) ? -1 : 10 + (int64_t)sim_below(sim, 1000);
    process->output = "{\"machine\":\"i\"}";
    if (driver->is_start)
        on_start(c, sim, driver);
    return 1;
}

static void process_over(void *self, struct rh_sim *sim, uint32_t node, const char *owner,
                         const char *key, uint32_t how)
{
    struct cloud *c = self;

    (void)sim;
    (void)owner; /* no other plugin has programs here */
    for (uint32_t i = c->driver_count; i > 0; i--) {
        struct driver *driver = &c->drivers[i - 1];
        struct machine *machine = &c->machines[driver->machine];

        if (driver->node != node || driver->is_over || strcmp(driver->key, key) != 0)
            continue;
        driver->is_over = true;
        if (!driver->is_start && how == RH_SIM_PROCESS_EXITED && driver->code == 0) {
            machine->exists = false;
            machine->was_stopped = true;
        }
        return;
    }
    abort(); /* what is over was begun */
}

/* --- demand --- */

static void add(struct rh_sim *sim)
{
    char body[SIM_BODY_MAX];

    (void)snprintf(body, sizeof(body),
                   "{\"work_type\":\"x\",\"idempotency_key\":\"k%" PRIu32 "-%" PRId64 "\"}",
                   sim_below(sim, KEYS), rh_sim_now_us(sim) / 20000000); /* fits */
    sim_post(sim, "/work/add", body, NULL, NULL);
}

/* Items have the ids w1, w2, ... in the order in which they are added. */
static void cancel(struct cloud *c, struct rh_sim *sim)
{
    char body[SIM_BODY_MAX];

    (void)snprintf(body, sizeof(body), "{\"work_id\":\"w%" PRIu32 "\"}",
                   1 + c->cancelled++ % ITEMS_MAX); /* fits */
    sim_post(sim, "/work/cancel", body, NULL, NULL);
}

/* The node that leads and has applied an entry of its own term, and with it all before; or
 * RH_SIM_OUTSIDE. */
static uint32_t settled_leader(struct rh_sim *sim)
{
    const uint32_t node = sim_leader(sim, "loop_auto_scaling");
    struct rh_leader leader = {.size = (uint32_t)sizeof(leader)};
    uint64_t index = 0;
    uint64_t term = 0;

    if (node == RH_SIM_OUTSIDE || rh_sim_leader(sim, node, &leader) != RH_OK ||
        rh_sim_applied(sim, node, &index, &term) != RH_OK || term != leader.epoch)
        return RH_SIM_OUTSIDE;
    return node;
}

/* What may exist is known to who leads: nobody else could stop it. */
static void check_known(const struct cloud *c, struct rh_sim *sim)
{
    const uint32_t leader = settled_leader(sim);

    for (uint32_t i = 0; leader != RH_SIM_OUTSIDE && i < c->machine_end; i++) {
        if (c->machines[i].exists && !is_stored(sim, leader, i))
            rh_sim_fail(sim, "machines_are_known", leader, POOL "%" PRIu32 " is forgotten", i);
    }
}

static void tick(void *self, struct rh_sim *sim)
{
    struct cloud *c = self;

    check_known(c, sim);
    if (rh_sim_is_healed(sim) || sim_below(sim, 4) == 0)
        cancel(c, sim);
    else if (sim_below(sim, 3) == 0)
        add(sim);
}

static uint32_t healed(void *self, struct rh_sim *sim)
{
    const struct cloud *c = self;
    const uint32_t leader = settled_leader(sim);

    return leader != RH_SIM_OUTSIDE && existing(c) == 0 && !has_rows(sim, leader);
}

static const char *const plugins[] = {"work_queue", "loop_auto_scaling"};

static const struct rh_sim_invariants invariants = {
    .size = (uint32_t)sizeof(invariants),
    .name = "loop_auto_scaling",
    .plugins = plugins,
    .plugin_count = 2,
    .tick_ms = TICK_MS,
    .create = create,
    .destroy = free,
    .tick = tick,
    .healed = healed,
    .process = process,
    .process_over = process_over,
};
RH_SIM_INVARIANTS(invariants)
