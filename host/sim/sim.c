/* Virtual time: the heap of events, the order in which they happen, and what a pause does to it. */
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

static struct sim_event *event_new(struct rh_testnet *net, struct rh_testhost *host, int64_t at_us,
                                   void (*run)(void *arg), void *arg)
{
    struct sim_event *event = malloc(sizeof *event);

    if (!event)
        abort(); /* a test without memory has nothing left to test */
    *event = (struct sim_event){.at_us = at_us < net->now_us ? net->now_us : at_us,
                                .order = net->order++,
                                .net = net,
                                .host = host,
                                .run = run,
                                .arg = arg};
    if (rh_heap_push(&net->events, &event->node) != RH_OK)
        abort(); /* likewise */
    return event;
}

struct sim_event *sim_at(struct rh_testnet *net, int64_t at_us, void (*run)(void *arg), void *arg)
{
    return event_new(net, NULL, at_us, run, arg);
}

struct sim_event *sim_at_node(struct rh_testhost *host, int64_t at_us, void (*run)(void *arg),
                              void *arg)
{
    return event_new(host->net, host, at_us, run, arg);
}

static void event_free(struct sim_event *event)
{
    if (event->owns_arg)
        free(event->arg);
    free(event);
}

void sim_cancel(struct sim_event *event)
{
    if (!event)
        return;
    if (rh_heap_contains(&event->node)) {
        rh_heap_remove(&event->net->events, &event->node);
        event_free(event);
    } else {
        event->is_dead = true; /* it runs at this moment, or waits for a paused node */
    }
}

uint64_t sim_id(struct rh_testnet *net)
{
    return ++net->next_id;
}

/* --- pauses --- */

static void wait_for(struct rh_testhost *host, struct sim_event *event)
{
    event->next = NULL;
    if (host->waiting_last)
        host->waiting_last->next = event;
    else
        host->waiting = event;
    host->waiting_last = event;
}

void sim_pause(struct rh_testhost *host)
{
    assert(!host->is_paused);
    host->is_paused = true;
    sim_trace_u64(&host->net->trace, SIM_TRACE_LIFE);
    sim_trace_line(host->net, "%s pauses", host->node_id);
}

/* Hand what waited back to the heap, in the order in which it came due. */
static void release_waiting(struct rh_testhost *host, bool own, bool others)
{
    struct rh_testnet *net = host->net;
    struct sim_event *event = host->waiting;

    host->waiting = host->waiting_last = NULL;
    while (event) {
        struct sim_event *next = event->next;
        bool is_own = event == host->wake || event == host->turn;

        if (event->is_dead) {
            event_free(event);
        } else if (is_own ? !own : !others) {
            wait_for(host, event);
        } else {
            event->at_us = net->now_us;
            event->order = net->order++;
            if (rh_heap_push(&net->events, &event->node) != RH_OK)
                abort(); /* as event_new */
        }
        event = next;
    }
}

void sim_resume(struct rh_testhost *host, bool timers_last)
{
    assert(host->is_paused);
    host->is_paused = false;
    sim_trace_u64(&host->net->trace, SIM_TRACE_LIFE);
    sim_trace_line(host->net, "%s goes on", host->node_id);
    if (timers_last)
        release_waiting(host, false, true);
    release_waiting(host, true, true);
}

void sim_forget_waiting(struct rh_testhost *host)
{
    host->is_paused = false;
    release_waiting(host, true, true); /* they find that their life is over */
}

/* --- time --- */

static void happen(struct rh_testnet *net, struct sim_event *event)
{
    struct rh_testhost *host = event->host;

    sim_trace_u64(&net->trace, (uint64_t)net->now_us << 16 ^ (host ? host->index + 1 : 0));
    net->trace.events++;
    event->run(event->arg);
    free(event);
    if (net->watch.on_event)
        net->watch.on_event(net->watch.user, host);
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
    if (event->host && event->host->is_paused)
        wait_for(event->host, event);
    else
        happen(net, event);
    return true;
}

struct rh_testhost *sim_find(struct rh_testnet *net, struct rh_str authority)
{
    return rh_map_get(&net->by_address, authority);
}

struct rh_testnet *rh_testnet_new(uint64_t seed, int64_t wall_ms)
{
    struct rh_testnet *net = calloc(1, sizeof *net);

    if (!net)
        return NULL;
    net->now_us = 1000000;
    net->wall_offset_ms = wall_ms - 1000;
    net->seed = seed;
    net->trace.hash = seed;
    sim_wire_init(&net->wire);
    rh_rng_seed(&net->rng, seed);
    rh_heap_init(&net->events, compare_events, SIM_EVENTS_MAX);
    rh_map64_init(&net->exchanges, seed, SIM_CALLS_MAX);
    rh_map64_init(&net->calls, seed, SIM_CALLS_MAX);
    rh_map_init(&net->by_id, seed, SIM_NODES_MAX);
    rh_map_init(&net->by_address, seed, SIM_NODES_MAX);
    return net;
}

void rh_testnet_latency(struct rh_testnet *net, int64_t least_ms, int64_t most_ms)
{
    assert(least_ms >= 0);
    assert(most_ms >= least_ms);
    net->wire.faults.least_us = least_ms * 1000;
    net->wire.faults.most_us = most_ms * 1000;
}

static uint32_t index_of(const struct rh_testnet *net, const char *node_id)
{
    const struct rh_testhost *host = rh_map_get(&net->by_id, rh_str_from(node_id));

    assert(host);
    return host->index;
}

void rh_testnet_cut(struct rh_testnet *net, const char *a, const char *b, bool is_cut)
{
    uint32_t at = index_of(net, a);
    uint32_t other = index_of(net, b);

    sim_wire_cut(&net->wire, at, other, is_cut);
    sim_wire_cut(&net->wire, other, at, is_cut);
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
