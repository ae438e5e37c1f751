/* A cluster of SWIM cores in one process: virtual time, a network with latency and loss, crashes,
 * stalls and partitions, all from one seed. It counts messages and verdicts. */
#ifndef RH_TESTS_PLUGINS_SWIM_CLUSTER_H
#define RH_TESTS_PLUGINS_SWIM_CLUSTER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/rng.h>
#include <ringhost/sdk/str.h>

#include "plugins/swim/swim.h"

#define CLUSTER_BEAT_MS  15000
#define CLUSTER_EVENTS   (1u << 20)
#define CLUSTER_NEVER_US INT64_MAX

enum event_kind { EVENT_TICK, EVENT_PING, EVENT_ACK, EVENT_ASK, EVENT_SAID, EVENT_REFUSED };

struct event {
    struct rh_heap_node node;
    int64_t at_us;
    uint64_t order;
    enum event_kind kind;
    uint32_t to, from;
    uint64_t seq, incarnation;
    int64_t timeout_ms;
    int64_t sent_us; /* the ping that is answered */
    uint32_t target;
    bool is_acked;
    bool was_queued; /* at a slow node */
    uint32_t update_count;
    struct update updates[]; /* update_count */
};

struct node {
    struct swim core;
    bool is_up;
    bool is_behind_nat; /* it can call, and not be called */
    int64_t stalled_until_us;
    int64_t slow_us; /* it takes up to so long for a message; its timers run in time */
    int64_t busy_until_us;
    int64_t tick_us; /* the tick that counts */
    uint64_t messages;
    uint8_t *sees; /* its belief about each node */
    uint64_t reserved_incarnation;
};

/* What is known about one node that was crashed. */
struct cluster {
    struct node *nodes;
    uint32_t count;
    struct rh_rng rng;
    struct rh_heap events;
    uint64_t order;
    int64_t now_us;
    int64_t latency_least_us, latency_most_us;
    uint32_t loss_permille;
    uint32_t *side; /* of a partition */
    bool is_plain;
    uint64_t messages, bytes;
    uint64_t updates_max; /* in one message */
    /* By subject. */
    int64_t *suspected_us, *dead_us; /* first anywhere, since watched */
    int64_t *all_dead_us;            /* when the last one learnt it */
    uint32_t *dead_at;               /* number of nodes that hold it dead */
    uint64_t false_deaths;           /* of nodes that are up and not stalled, at any node */
    uint64_t stalled_deaths;         /* of nodes that are stalled, at any node */
    uint64_t false_suspicions;
    bool *was_stalled; /* at some time: slow ones are not counted as healthy */
};

static int cluster_compare(const struct rh_heap_node *a, const struct rh_heap_node *b)
{
    const struct event *left = RH_CONTAINER_OF(a, const struct event, node);
    const struct event *right = RH_CONTAINER_OF(b, const struct event, node);

    if (left->at_us != right->at_us)
        return left->at_us < right->at_us ? -1 : 1;
    if ((left->kind == EVENT_TICK) != (right->kind == EVENT_TICK))
        return left->kind == EVENT_TICK ? -1 : 1; /* timers run before what waits in sockets */
    return left->order < right->order ? -1 : 1;
}

static inline void cluster_id(uint32_t index, char id[SWIM_ID_MAX + 1])
{
    (void)snprintf(id, SWIM_ID_MAX + 1, "n%u", (unsigned)index);
}

static inline void cluster_address(uint32_t index, char address[SWIM_ADDRESS_MAX + 1])
{
    (void)snprintf(address, SWIM_ADDRESS_MAX + 1, "10.0.0.1:%u", (unsigned)index);
}

static inline uint32_t cluster_index(const char *id)
{
    return (uint32_t)strtoul(id + 1, NULL, 10);
}

static inline struct event *cluster_add(struct cluster *c, enum event_kind kind, uint32_t to,
                                        int64_t at_us, uint32_t updates)
{
    struct event *event = calloc(1, sizeof(*event) + updates * sizeof(event->updates[0]));

    assert_non_null(event);
    event->kind = kind;
    event->to = to;
    event->at_us = at_us;
    event->order = c->order++;
    event->update_count = updates;
    return event;
}

static inline void cluster_push(struct cluster *c, struct event *event)
{
    assert_int_equal(rh_heap_push(&c->events, &event->node), RH_OK);
}

/* One message in twenty takes eight times as long. */
static inline int64_t cluster_latency(struct cluster *c)
{
    const int64_t us =
        c->latency_least_us +
        (int64_t)rh_rng_below(&c->rng, (uint64_t)(c->latency_most_us - c->latency_least_us) + 1);

    return rh_rng_below(&c->rng, 20) == 0 ? 8 * us : us;
}

/* A message of `from`; it is counted even when it is lost. NULL: lost. */
static inline struct event *cluster_send(struct cluster *c, enum event_kind kind, uint32_t from,
                                         uint32_t to, bool has_updates)
{
    struct update updates[SWIM_UPDATES_MAX];
    char id[SWIM_ID_MAX + 1];
    struct event *event;
    uint32_t count = 0;

    cluster_id(to, id);
    if (has_updates)
        count = swim_message(&c->nodes[from].core, id, updates);
    c->messages++;
    c->nodes[from].messages++;
    if (count > c->updates_max)
        c->updates_max = count;
    if (c->nodes[to].is_behind_nat && (kind == EVENT_PING || kind == EVENT_ASK))
        return NULL;
    if (c->side[from] != c->side[to] || rh_rng_below(&c->rng, 1000) < c->loss_permille)
        return NULL;
    event = cluster_add(c, kind, to, c->now_us + cluster_latency(c), count);
    event->from = from;
    memcpy(event->updates, updates, count * sizeof(updates[0]));
    return event;
}

static inline void cluster_note(struct cluster *c, uint32_t observer, const struct member *m)
{
    const uint32_t subject = cluster_index(m->id);
    struct node *n = &c->nodes[subject];
    const bool is_slow = c->was_stalled[subject];
    uint8_t *seen = &c->nodes[observer].sees[subject];

    if (*seen == m->state)
        return;
    if (m->state == SWIM_SUSPECT && c->suspected_us[subject] == CLUSTER_NEVER_US)
        c->suspected_us[subject] = c->now_us;
    if (m->state == SWIM_SUSPECT && n->is_up && !is_slow)
        c->false_suspicions++;
    if (m->state == SWIM_DEAD) {
        if (c->dead_us[subject] == CLUSTER_NEVER_US)
            c->dead_us[subject] = c->now_us;
        c->all_dead_us[subject] = c->now_us;
        c->dead_at[subject]++;
        c->false_deaths += n->is_up && !is_slow;
        c->stalled_deaths += n->is_up && is_slow;
    } else if (*seen == SWIM_DEAD) {
        c->dead_at[subject]--;
    }
    *seen = m->state;
}

static inline void cluster_act(struct cluster *c, uint32_t index, const struct swim_action *a)
{
    struct event *event;

    switch (a->kind) {
    case SWIM_PING:
        event = cluster_send(c, EVENT_PING, index, cluster_index(a->node_id), true);
        break;
    case SWIM_INDIRECT:
        event = cluster_send(c, EVENT_ASK, index, cluster_index(a->node_id), false);
        if (event)
            event->target = cluster_index(a->target);
        break;
    default:
        event = cluster_send(c, EVENT_SAID, index, (uint32_t)(a->handle >> 32), false);
        break;
    }
    if (!event)
        return;
    event->seq = a->kind == SWIM_ANSWER ? (a->handle & UINT32_MAX) : a->seq;
    event->timeout_ms = a->timeout_ms;
    event->incarnation = a->kind == SWIM_ANSWER ? a->incarnation : c->nodes[index].core.incarnation;
    event->is_acked = a->is_acked;
    event->sent_us = c->now_us;
    cluster_push(c, event);
}

/* Carries out what the core wants, and lets it be woken again. */
static inline void cluster_settle(struct cluster *c, uint32_t index)
{
    struct node *n = &c->nodes[index];
    const struct member *changed;
    struct swim_action action;
    int64_t next_us;

    while (swim_next_action(&n->core, &action))
        cluster_act(c, index, &action);
    while ((changed = swim_next_changed(&n->core)) != NULL)
        cluster_note(c, index, changed);
    if (swim_next_ms(&n->core) == INT64_MAX)
        return;
    next_us = swim_next_ms(&n->core) * 1000;
    if (next_us < c->now_us)
        next_us = c->now_us;
    if (n->tick_us > c->now_us && n->tick_us <= next_us)
        return;
    n->tick_us = next_us;
    cluster_push(c, cluster_add(c, EVENT_TICK, index, next_us, 0));
}

static inline void cluster_on_ask(struct cluster *c, const struct event *event, int64_t now_ms)
{
    const uint64_t handle = (uint64_t)event->from << 32 | (event->seq & UINT32_MAX);
    char from[SWIM_ID_MAX + 1];
    char target[SWIM_ID_MAX + 1];

    cluster_id(event->from, from);
    cluster_id(event->target, target);
    (void)swim_on_indirect_request(&c->nodes[event->to].core, from, target, handle,
                                   event->timeout_ms,
                                   now_ms); /* a proxy that cannot help stays silent */
}

static inline void cluster_handle(struct cluster *c, const struct event *event)
{
    struct swim *core = &c->nodes[event->to].core;
    const int64_t now_ms = c->now_us / 1000;
    char from[SWIM_ID_MAX + 1];
    struct event *reply;

    cluster_id(event->from, from);
    switch (event->kind) {
    case EVENT_TICK:
        if (event->at_us == c->nodes[event->to].tick_us || c->nodes[event->to].tick_us <= c->now_us)
            swim_tick(core, now_ms);
        break;
    case EVENT_PING:
        swim_on_ping(core, from, event->incarnation, now_ms);
        swim_on_updates(core, event->updates, event->update_count, now_ms);
        reply = cluster_send(c, EVENT_ACK, event->to, event->from, true);
        if (reply) {
            reply->seq = event->seq;
            reply->incarnation = core->incarnation;
            reply->sent_us = event->sent_us;
            cluster_push(c, reply);
        }
        break;
    case EVENT_ACK:
        swim_on_updates(core, event->updates, event->update_count, now_ms);
        swim_on_ack(core, event->seq, event->incarnation, (c->now_us - event->sent_us) / 1000,
                    now_ms);
        break;
    case EVENT_ASK:
        cluster_on_ask(c, event, now_ms);
        break;
    case EVENT_SAID:
        swim_on_indirect(core, event->seq, event->is_acked ? SWIM_ACKED : SWIM_NACKED,
                         event->incarnation, now_ms);
        break;
    case EVENT_REFUSED:
        swim_on_no_answer(core, event->seq, now_ms);
        break;
    }
    cluster_settle(c, event->to);
}

/* Messages of a slow node are handled one after the other, each up to slow_us later than the last.
 */
static inline void cluster_queue(struct cluster *c, struct node *n, struct event *event)
{
    const int64_t begin_us = n->busy_until_us > c->now_us ? n->busy_until_us : c->now_us;

    n->busy_until_us = begin_us + (int64_t)rh_rng_below(&c->rng, (uint64_t)n->slow_us);
    event->at_us = n->busy_until_us;
    event->was_queued = true;
    cluster_push(c, event);
}

static inline void cluster_run(struct cluster *c, int64_t ms)
{
    const int64_t until_us = c->now_us + ms * 1000;
    struct rh_heap_node *first;

    while ((first = rh_heap_peek(&c->events)) != NULL) {
        struct event *event = RH_CONTAINER_OF(first, struct event, node);
        struct node *n = &c->nodes[event->to];

        if (event->at_us > until_us)
            break;
        (void)rh_heap_pop(&c->events);
        c->now_us = event->at_us;
        if (n->is_up && n->stalled_until_us > c->now_us) { /* it waits in a socket */
            event->at_us = n->stalled_until_us;
            if (event->kind == EVENT_TICK)
                n->tick_us = event->at_us;
            cluster_push(c, event);
            continue;
        }
        if (n->is_up && n->slow_us && event->kind != EVENT_TICK && !event->was_queued) {
            cluster_queue(c, n, event);
            continue;
        }
        if (n->is_up)
            cluster_handle(c, event);
        free(event);
    }
    c->now_us = until_us;
}

static inline void cluster_boot(struct cluster *c, uint32_t index, uint32_t state)
{
    struct node *n = &c->nodes[index];
    struct swim_config cfg = {
        .incarnation = n->reserved_incarnation + 1, .proxies = 3, .is_plain = c->is_plain};
    char why[TIMING_WHY_MAX];

    assert_int_equal(timing_derive(&cfg.timing, &(struct timing_wishes){0}, CLUSTER_BEAT_MS, why),
                     RH_OK);
    cluster_id(index, cfg.self);
    cluster_address(index, cfg.address);
    swim_init(&n->core, &cfg, rh_rng_u64(&c->rng), c->now_us / 1000);
    n->is_up = true;
    n->stalled_until_us = 0;
    n->tick_us = 0;
    memset(n->sees, 0, c->count);
    for (uint32_t i = 0; i < c->count; i++) {
        char id[SWIM_ID_MAX + 1];
        char address[SWIM_ADDRESS_MAX + 1];

        cluster_id(i, id);
        cluster_address(i, address);
        if (i != index)
            assert_int_equal(
                swim_learn(&n->core, id, address, state, state == SWIM_ALIVE, c->now_us / 1000),
                RH_OK);
    }
    cluster_settle(c, index);
}

static inline void *cluster_array(size_t count, size_t size)
{
    void *array = calloc(count, size);

    assert_non_null(array);
    return array;
}

/* Forgets what was counted, of verdicts and of messages. */
static inline void cluster_watch(struct cluster *c)
{
    c->messages = 0;
    c->false_deaths = c->stalled_deaths = c->false_suspicions = 0;
    for (uint32_t i = 0; i < c->count; i++) {
        c->suspected_us[i] = c->dead_us[i] = c->all_dead_us[i] = CLUSTER_NEVER_US;
        c->nodes[i].messages = 0;
    }
}

/* count nodes that know of each other; state: SWIM_ALIVE, or SWIM_UNKNOWN for a cluster that has
 * to find itself. */
static inline void cluster_start(struct cluster *c, uint64_t seed, uint32_t count, uint32_t state,
                                 bool is_plain)
{
    memset(c, 0, sizeof(*c));
    rh_rng_seed(&c->rng, seed);
    c->count = count;
    c->is_plain = is_plain;
    c->now_us = 1000000;
    c->latency_least_us = 500;
    c->latency_most_us = 5000;
    rh_heap_init(&c->events, cluster_compare, CLUSTER_EVENTS);
    c->nodes = cluster_array(count, sizeof(*c->nodes));
    c->side = cluster_array(count, sizeof(*c->side));
    c->suspected_us = cluster_array(count, sizeof(*c->suspected_us));
    c->dead_us = cluster_array(count, sizeof(*c->dead_us));
    c->all_dead_us = cluster_array(count, sizeof(*c->all_dead_us));
    c->dead_at = cluster_array(count, sizeof(*c->dead_at));
    c->was_stalled = cluster_array(count, sizeof(*c->was_stalled));
    for (uint32_t i = 0; i < count; i++)
        c->nodes[i].sees = cluster_array(count, 1);
    for (uint32_t i = 0; i < count; i++)
        cluster_boot(c, i, state);
    cluster_watch(c);
}

static inline void cluster_crash(struct cluster *c, uint32_t index)
{
    struct node *n = &c->nodes[index];

    n->reserved_incarnation = n->core.incarnation;
    n->is_up = false;
    swim_release(&n->core);
}

static inline void cluster_stall(struct cluster *c, uint32_t index, int64_t ms)
{
    c->nodes[index].stalled_until_us = c->now_us + ms * 1000;
    c->was_stalled[index] = true;
}

static inline void cluster_stop(struct cluster *c)
{
    struct rh_heap_node *node;

    while ((node = rh_heap_pop(&c->events)) != NULL)
        free(RH_CONTAINER_OF(node, struct event, node));
    rh_heap_release(&c->events);
    for (uint32_t i = 0; i < c->count; i++) {
        if (c->nodes[i].is_up)
            swim_release(&c->nodes[i].core);
        free(c->nodes[i].sees);
    }
    free(c->nodes);
    free(c->side);
    free(c->suspected_us);
    free(c->dead_us);
    free(c->all_dead_us);
    free(c->dead_at);
    free(c->was_stalled);
}

/* Whether every node that is up sees every node as it is; who is down may be unknown to a node that
 * never reached it. */
static inline bool cluster_agrees(const struct cluster *c)
{
    for (uint32_t i = 0; i < c->count; i++) {
        for (uint32_t j = 0; c->nodes[i].is_up && j < c->count; j++) {
            const uint8_t seen = c->nodes[i].sees[j];
            const bool is_right =
                c->nodes[j].is_up ? seen == SWIM_ALIVE : seen == SWIM_DEAD || seen == SWIM_UNKNOWN;

            if (i != j && !is_right)
                return false;
        }
    }
    return true;
}

#endif
