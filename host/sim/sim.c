/* Virtual time: the heap of events and the order in which they happen. */
#include "host/sim/sim.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

static int compare_events(const struct rh_heap_node *left, const struct rh_heap_node *right)
{
    const struct sim_event *a = (const struct sim_event *)(const void *)left;
    const struct sim_event *b = (const struct sim_event *)(const void *)right;

    if (a->at_us != b->at_us)
        return a->at_us < b->at_us ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

struct sim_event *sim_at(struct rh_testnet *net, int64_t at_us, void (*run)(void *arg), void *arg)
{
    struct sim_event *event = calloc(1, sizeof *event);

    if (!event)
        abort(); /* a test without memory has nothing left to test */
    event->at_us = at_us < net->now_us ? net->now_us : at_us;
    event->order = net->order++;
    event->run = run;
    event->arg = arg;
    if (rh_heap_push(&net->events, &event->node) != RH_OK)
        abort(); /* likewise */
    return event;
}

void sim_cancel(struct sim_event *event)
{
    if (event)
        event->is_dead = true;
}

uint64_t sim_id(struct rh_testnet *net)
{
    return ++net->next_id;
}

int64_t sim_latency_us(struct rh_testnet *net)
{
    uint64_t span = (uint64_t)(net->latency_most_ms - net->latency_least_ms) * 1000 + 1;

    return net->latency_least_ms * 1000 + (int64_t)rh_rng_below(&net->rng, span);
}

bool sim_step(struct rh_testnet *net, int64_t until_us)
{
    struct rh_heap_node *node = rh_heap_peek(&net->events);
    struct sim_event *event = (struct sim_event *)(void *)node;

    if (!event || event->at_us > until_us)
        return false;
    rh_heap_remove(&net->events, node);
    assert(event->at_us >= net->now_us);
    net->now_us = event->at_us;
    if (!event->is_dead)
        event->run(event->arg);
    else if (event->owns_arg)
        free(event->arg);
    free(event);
    return true;
}

struct rh_testhost *sim_find(struct rh_testnet *net, struct rh_str authority)
{
    for (uint32_t i = 0; i < net->node_count; i++)
        if (rh_str_eq_c(authority, net->nodes[i]->address))
            return net->nodes[i];
    return NULL;
}

struct rh_testnet *rh_testnet_new(uint64_t seed, int64_t wall_ms)
{
    struct rh_testnet *net = calloc(1, sizeof *net);

    if (!net)
        return NULL;
    net->now_us = 1000000;
    net->wall_offset_ms = wall_ms - 1000;
    net->latency_least_ms = net->latency_most_ms = 1;
    rh_rng_seed(&net->rng, seed);
    rh_heap_init(&net->events, compare_events, SIM_EVENTS_MAX);
    rh_map64_init(&net->exchanges, seed, 65536);
    rh_map64_init(&net->calls, seed, 65536);
    return net;
}

void rh_testnet_latency(struct rh_testnet *net, int64_t least_ms, int64_t most_ms)
{
    assert(least_ms >= 0);
    assert(most_ms >= least_ms);
    net->latency_least_ms = least_ms;
    net->latency_most_ms = most_ms;
}

static uint32_t index_of(const struct rh_testnet *net, const char *node_id)
{
    uint32_t i = 0;

    while (i < net->node_count && strcmp(net->nodes[i]->node_id, node_id) != 0)
        i++;
    assert(i < net->node_count);
    return i;
}

void rh_testnet_cut(struct rh_testnet *net, const char *a, const char *b, bool is_cut)
{
    uint32_t at = index_of(net, a);
    uint32_t other = index_of(net, b);

    net->cuts[at][other] = net->cuts[other][at] = is_cut;
}

int64_t rh_testnet_now_ms(const struct rh_testnet *net)
{
    return net->now_us / 1000;
}

void rh_testnet_run(struct rh_testnet *net, int64_t ms)
{
    int64_t until_us = net->now_us + ms * 1000;

    while (sim_step(net, until_us))
        ;
    net->now_us = until_us;
}

bool rh_testnet_run_until(struct rh_testnet *net, bool (*done)(void *user), void *user,
                          int64_t max_ms)
{
    int64_t until_us = net->now_us + max_ms * 1000;

    while (!done(user))
        if (!sim_step(net, until_us)) {
            net->now_us = until_us;
            return done(user);
        }
    return true;
}
