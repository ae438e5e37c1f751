/* What must hold of validation: no model ever has two gauntlets, and in the end each that was
 * trained has one. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>
#include <ringhost/sim.h>

#define MODELS_MAX 8u
#define LIST_MAX   200

struct model {
    char name[16];
};
struct validation {
    struct model models[MODELS_MAX];
    uint32_t count;
};

struct result {
    struct rh_str model;
};
struct trained {
    struct result result;
};
static const struct rh_field result_fields[] = {RH_STR(struct result, model, 0, "its name")};
static const struct rh_field trained_fields[] = {
    RH_OBJECT(struct trained, result, 0, struct result, result_fields, "what came of it"),
};
static const struct rh_fields trained_table = RH_FIELDS(struct trained, trained_fields);

struct gauntlet {
    struct rh_str model;
};
struct gauntlets {
    struct rh_list gauntlets;
};
static const struct rh_field gauntlet_fields[] = {RH_STR(struct gauntlet, model, 0, "who plays")};
static const struct rh_field gauntlets_fields[] = {
    RH_OBJECT_LIST(struct gauntlets, gauntlets, 0, LIST_MAX, struct gauntlet, gauntlet_fields,
                   "all of them"),
};
static const struct rh_fields gauntlets_table = RH_FIELDS(struct gauntlets, gauntlets_fields);

static void on_published(void *self, struct rh_sim *sim, uint32_t node,
                         const struct rh_event *event)
{
    struct validation *v = self;
    struct trained trained;
    void *memory = NULL;
    uint32_t i = 0;

    (void)node;
    if (!rh_str_eq_c(event->type, "TRAINING_COMPLETED") ||
        rh_sim_decode(sim, &trained_table, event->payload, &trained, &memory) != RH_OK)
        return;
    while (i < v->count && !rh_str_eq_c(trained.result.model, v->models[i].name))
        i++;
    if (i == v->count && v->count < MODELS_MAX && trained.result.model.n > 0 &&
        rh_str_copy(v->models[i].name, sizeof(v->models[i].name), trained.result.model) == RH_OK)
        v->count++;
    rh_sim_release(sim, memory);
}

/* Whether the list could be read on the node that has it; *whole: each trained model is in it. */
static bool check(struct validation *v, struct rh_sim *sim, bool *whole)
{
    uint32_t seen[MODELS_MAX] = {0};
    struct rh_sim_answer answer;
    struct gauntlets list;
    void *memory = NULL;
    uint32_t node = 0;

    while (node < rh_sim_node_count(sim) && !rh_sim_is_active(sim, node, "gauntlet"))
        node++;
    if (node == rh_sim_node_count(sim) ||
        rh_sim_ask(sim, node, "/gauntlet/list?limit=200", &answer) != RH_OK ||
        answer.status != 200 ||
        rh_sim_decode(sim, &gauntlets_table, answer.body, &list, &memory) != RH_OK)
        return false;
    for (uint32_t g = 0; g < list.gauntlets.count; g++)
        for (uint32_t i = 0; i < v->count; i++)
            if (rh_str_eq_c(((const struct gauntlet *)list.gauntlets.items + g)->model,
                            v->models[i].name) &&
                ++seen[i] > 1)
                rh_sim_fail(sim, "one_gauntlet_for_each_model", node, "%s has another",
                            v->models[i].name);
    rh_sim_release(sim, memory);
    *whole = true;
    for (uint32_t i = 0; i < v->count; i++)
        *whole = *whole && seen[i] == 1;
    return true;
}

static void on_tick(void *self, struct rh_sim *sim)
{
    bool whole;

    (void)check(self, sim, &whole); /* nothing to say while nobody has them */
}

static uint32_t healed(void *self, struct rh_sim *sim)
{
    bool whole = false;

    return check(self, sim, &whole) && whole;
}

static void *create(struct rh_sim *sim)
{
    (void)sim;
    return calloc(1, sizeof(struct validation));
}

static const char *const plugins[] = {"gauntlet", "loop_validation"};

static const struct rh_sim_invariants invariants = {
    .size = (uint32_t)sizeof(invariants),
    .name = "loop_validation",
    .plugins = plugins,
    .plugin_count = 2,
    .tick_ms = 1000,
    .create = create,
    .destroy = free,
    .published = on_published,
    .tick = on_tick,
    .healed = healed,
};

RH_SIM_INVARIANTS(invariants)
