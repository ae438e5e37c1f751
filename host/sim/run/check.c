/* Instances of checks and their callbacks; see check.h. */
#include "host/sim/run/check.h"

#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/hash.h>

#include "host/core/core_internal.h"
#include "host/sim/run/world.h"

static void tick(struct world *world, uint64_t at)
{
    struct check *check = &world->checks[at];

    check->table->tick(check->self, &check->sim);
    (void)world_at(world, (int64_t)check->table->tick_ms * 1000, tick, at);
}

void checks_begin(struct world *world)
{
    for (uint32_t i = 0; i < world->suite->check_count; i++) {
        struct check *check = &world->checks[i];
        const struct rh_sim_invariants *table = &world->suite->checks[i];

        *check = (struct check){.sim = {&check_api}, .table = table, .world = world};
        rh_rng_seed(&check->rng,
                    rh_hash_fnv1a(rh_hash_mix(world->net->seed), table->name, strlen(table->name)));
        check->self = table->create(&check->sim);
        if (!check->self)
            abort(); /* a run without memory shows nothing */
        world->check_count++;
        if (table->tick && table->tick_ms > 0)
            (void)world_at(world, (int64_t)table->tick_ms * 1000, tick, i);
    }
}

void checks_on_message(void *user, const struct rh_sim_message *message)
{
    struct world *world = user;

    for (uint32_t i = 0; i < world->check_count && !world->is_over; i++)
        if (world->checks[i].table->message)
            world->checks[i].table->message(world->checks[i].self, &world->checks[i].sim, message);
}

/* Events on the node's bus since the last look. */
static void tell_published(struct world *world, struct rh_testhost *host)
{
    struct world_node *node = &world->nodes[host->index];
    const struct bus *bus = &host->core->bus;
    const struct bus_entry *entry;
    uint64_t gap;

    if (node->seen_life != host->life) {
        node->seen_life = host->life;
        node->seen_event = 0;
    }
    while (node->seen_event + 1 < bus->next &&
           (entry = bus_at(bus, node->seen_event + 1, &gap)) != NULL) {
        node->seen_event = entry->seq;
        for (uint32_t i = 0; i < world->check_count; i++)
            if (world->checks[i].table->published)
                world->checks[i].table->published(world->checks[i].self, &world->checks[i].sim,
                                                  host->index, &entry->event);
    }
}

void checks_on_event(struct world *world, struct rh_testhost *host)
{
    uint32_t node = host ? host->index : RH_SIM_OUTSIDE;

    if (host && host->is_up)
        tell_published(world, host);
    for (uint32_t i = 0; i < world->check_count; i++)
        if (world->checks[i].table->event)
            world->checks[i].table->event(world->checks[i].self, &world->checks[i].sim, node);
}

void checks_on_process(void *user, struct rh_testhost_process *process)
{
    const struct world_node *place = user;
    struct world *world = place->world;
    bool is_known = false;

    for (uint32_t i = 0; i < world->check_count && !world->is_over; i++) {
        struct check *check = &world->checks[i];
        struct rh_sim_process asked = {
            .size = (uint32_t)sizeof(asked),
            .node = place->index,
            .owner = process->owner,
            .key = process->key,
            .argv = process->argv,
            .env = process->env,
            .input = process->input,
        };

        if (!check->table->process || !check->table->process(check->self, &check->sim, &asked) ||
            is_known)
            continue;
        is_known = true;
        process->takes_ms = asked.takes_ms;
        process->exit_code = asked.exit_code;
        process->output = asked.output;
    }
    process->not_found = !is_known;
}

void checks_on_process_over(void *user, struct rh_testhost *host, const struct sim_process *process)
{
    static const uint32_t hows[] = {
        [SIM_PROCESS_EXITED] = RH_SIM_PROCESS_EXITED,
        [SIM_PROCESS_KILLED] = RH_SIM_PROCESS_ENDED,
        [SIM_PROCESS_TIMEOUT] = RH_SIM_PROCESS_ENDED,
        [SIM_PROCESS_LOST] = RH_SIM_PROCESS_LOST,
    };
    struct world *world = user;

    if (process->how == SIM_PROCESS_NOT_FOUND)
        return;
    for (uint32_t i = 0; i < world->check_count && !world->is_over; i++) {
        struct check *check = &world->checks[i];

        if (check->table->process_over)
            check->table->process_over(check->self, &check->sim, host->index, process->owner,
                                       process->key, hows[process->how]);
    }
}

void checks_heal(struct world *world)
{
    for (uint32_t i = 0; i < world->check_count; i++)
        if (world->checks[i].table->heal)
            world->checks[i].table->heal(world->checks[i].self, &world->checks[i].sim);
}

bool checks_healed(struct world *world, const char **who)
{
    bool are_all = true;

    for (uint32_t i = 0; i < world->check_count; i++) {
        struct check *check = &world->checks[i];

        if (!check->table->healed || check->table->healed(check->self, &check->sim))
            continue;
        if (are_all)
            *who = check->table->name;
        are_all = false;
    }
    return are_all;
}

void checks_end(struct world *world)
{
    for (uint32_t i = 0; i < world->check_count; i++)
        if (world->checks[i].table->end)
            world->checks[i].table->end(world->checks[i].self, &world->checks[i].sim);
}

void checks_release(struct world *world)
{
    for (uint32_t i = 0; i < world->check_count; i++) {
        struct check *check = &world->checks[i];

        if (check->table->destroy)
            check->table->destroy(check->self);
        check_answer_free(check->answer);
    }
    world->check_count = 0;
}
