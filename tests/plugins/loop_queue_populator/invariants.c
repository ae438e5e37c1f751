/* What must hold of the populator: no config ever has more than its depth pending and leased, and
 * in the end has it. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>

#include <ringhost/sdk/str.h>
#include <ringhost/sim.h>

/* As the scenario configures it. */
#define DEPTH      8
#define CONFIG_KEY "go9_2p"
#define ROWS_MAX   100

struct row {
    struct rh_str work_type, config_key;
    int64_t pending, leased;
};
struct stats {
    struct rh_list configs;
};
static const struct rh_field row_fields[] = {
    RH_STR(struct row, work_type, 0, "type"),
    RH_STR(struct row, config_key, 0, "config"),
    RH_INT(struct row, pending, 0, 0, 0, "items"),
    RH_INT(struct row, leased, 0, 0, 0, "items"),
};
static const struct rh_field stats_fields[] = {
    RH_OBJECT_LIST(struct stats, configs, 0, ROWS_MAX, struct row, row_fields, "kinds"),
};
static const struct rh_fields stats_table = RH_FIELDS(struct stats, stats_fields);

/* The node whose queue is active, or RH_SIM_OUTSIDE. */
static uint32_t find_queue(struct rh_sim *sim)
{
    for (uint32_t i = 0; i < rh_sim_node_count(sim); i++) {
        struct rh_leader leader = {.size = (uint32_t)sizeof(leader)};

        if (rh_sim_leader(sim, i, &leader) == RH_OK && leader.is_self &&
            rh_sim_is_active(sim, i, "work_queue"))
            return i;
    }
    return RH_SIM_OUTSIDE;
}

/* Items of the config that count; -1 = nobody tells. */
static int64_t count(struct rh_sim *sim, uint32_t node)
{
    struct rh_sim_answer answer;
    struct stats stats;
    void *memory = NULL;
    int64_t items = 0;

    if (node == RH_SIM_OUTSIDE || rh_sim_ask(sim, node, "/work/stats", &answer) != RH_OK ||
        answer.status != 200 ||
        rh_sim_decode(sim, &stats_table, answer.body, &stats, &memory) != RH_OK)
        return -1;
    for (uint32_t i = 0; i < stats.configs.count; i++) {
        const struct row *row = (const struct row *)stats.configs.items + i;

        if (rh_str_eq_c(row->config_key, CONFIG_KEY) && !rh_str_eq_c(row->work_type, "gauntlet"))
            items += row->pending + row->leased;
    }
    rh_sim_release(sim, memory);
    return items;
}

static void on_tick(void *self, struct rh_sim *sim)
{
    const uint32_t node = find_queue(sim);
    const int64_t items = count(sim, node);

    (void)self;
    if (items > DEPTH)
        rh_sim_fail(sim, "depth_is_not_exceeded", node, "%s has %" PRId64 " items, its depth is %d",
                    CONFIG_KEY, items, DEPTH);
}

static uint32_t healed(void *self, struct rh_sim *sim)
{
    (void)self;
    return count(sim, find_queue(sim)) == DEPTH;
}

static void *create(struct rh_sim *sim)
{
    (void)sim;
    return malloc(1); /* it remembers nothing */
}

static const char *const plugins[] = {"work_queue", "loop_queue_populator"};

static const struct rh_sim_invariants invariants = {
    .size = (uint32_t)sizeof(invariants),
    .name = "loop_queue_populator",
    .plugins = plugins,
    .plugin_count = 2,
    .tick_ms = 250,
    .create = create,
    .destroy = free,
    .tick = on_tick,
    .healed = healed,
};

RH_SIM_INVARIANTS(invariants)
