/* The world of test_queue_model.c: a queue, a store, and a plain model of both. */
#ifndef RH_TESTS_PLUGINS_WORK_QUEUE_QUEUE_MODEL_H
#define RH_TESTS_PLUGINS_WORK_QUEUE_QUEUE_MODEL_H

#include "work_queue_test.h"

#include <ringhost/sdk/rng.h>

#include "queue.h"

#define LIVE_MAX       300u
#define NODES          6u
#define CONFIGS        4u
#define DEPENDS        3u
#define LEASE_MS       2000
#define RUNTIME_MS     5000
#define NODE_LEASES    30
#define CONFIG_LEASES  25
#define STEAL_AFTER_MS 300

static const struct queue_limits limits = {
    .items_max = LIVE_MAX,
    .ageing_ms = 60000,
    .retry_base_ms = 1000,
    .retry_cap_ms = 60000,
    .grace_ms = 500,
    .steal_after_ms = STEAL_AFTER_MS,
    .leases = {.rules = {{.work_type = RH_STR_INIT("training"),
                          .config_key = RH_STR_INIT("*"),
                          .per_config_max = CONFIG_LEASES}},
               .count = 1,
               .per_node_max = NODE_LEASES}};

static const char *const node_names[NODES] = {"n1", "n2", "n3", "n4", "n5", "n6"};
static const char *const config_names[CONFIGS] = {"hex8_2p", "hex8_4p", "square8_2p", "go9"};
/* The first two configs are of the first type. */
static const char *const type_names[2] = {"selfplay", "training"};

/* What the model knows of one item. */
struct model_item {
    uint8_t state;
    uint8_t depend_count;
    bool needs_gpu;
    bool has_status;
    bool is_started;
    bool is_settling; /* blocked, and something that it waits for has failed */
    uint32_t attempts;
    uint32_t max_attempts;
    uint32_t config;
    uint32_t node; /* that holds it */
    int64_t priority;
    int64_t delay_ms;
    int64_t enqueued_ms;
    uint64_t depends[DEPENDS];
    struct token token;     /* of the lease */
    struct token forgotten; /* given away, then lost by a crash; none = no such */
    int64_t granted_ms;
    int64_t expires_ms;
    int64_t runtime_ms;        /* end of the running time */
    struct item_status status; /* what the store has */
    char status_node[8];
};

/* A claim whose commit may still be lost. */
struct lazy_claim {
    uint64_t seq;
    bool had_status;
    struct item_status before;
};

struct world {
    struct queue queue;
    struct rh_rng rng;
    struct queue_time now;
    struct model_item *items; /* by seq */
    uint64_t added;
    uint64_t finished[ITEM_STATES];
    struct counters stored; /* the row of the store */
    struct token last_token;
    struct lazy_claim lazy[4096];
    uint32_t lazy_count;
    uint64_t epoch;
    bool is_paused[2]; /* by type */
    uint32_t crashes, adopted, stale, done, stolen, released, ended_with, revived;
};

static inline struct item_spec spec_of(const struct model_item *m)
{
    static const char group[] = "g";

    return (struct item_spec){.work_type = rh_str_from(type_names[m->config / 2]),
                              .config_key = rh_str_from(config_names[m->config]),
                              .group = {group, m->config == 0 ? 1 : 0},
                              .priority = m->priority,
                              .timeout_ms = LEASE_MS,
                              .max_runtime_ms = m->needs_gpu ? RUNTIME_MS : 0,
                              .max_attempts = m->max_attempts,
                              .delay_ms = m->delay_ms,
                              .enqueued_ms = m->enqueued_ms,
                              .depends = m->depends,
                              .depend_count = m->depend_count,
                              .needs_gpu = m->needs_gpu};
}

/* Puts the item's row into the store; a durable commit makes all earlier ones durable. */
static inline void store(struct world *w, struct item *item, bool is_lazy)
{
    struct model_item *m = &w->items[item->entry.seq];

    if (is_lazy) {
        assert_true(w->lazy_count < 4096);
        w->lazy[w->lazy_count++] = (struct lazy_claim){item->entry.seq, m->has_status, m->status};
    } else {
        w->lazy_count = 0;
        w->stored = w->queue.counters;
    }
    queue_status(&w->queue, item, w->now, &m->status);
    if (m->status.node_id.n > 0) {
        snprintf(m->status_node, sizeof(m->status_node), "%.*s", RH_STR_ARG(m->status.node_id));
        m->status.node_id = rh_str_from(m->status_node);
    }
    m->has_status = true;
}

/* What an item waits for, from the model. *has_failed: one of them is dead or cancelled. */
static inline uint32_t live_depends(const struct world *w, const struct model_item *m,
                                    uint64_t *out, uint64_t *failed)
{
    uint32_t count = 0;

    *failed = 0;
    for (uint32_t i = 0; i < m->depend_count; i++) {
        uint8_t state = w->items[m->depends[i]].state;
        if (item_state_is_live(state))
            out[count++] = m->depends[i];
        else if (state != ITEM_DONE)
            *failed = m->depends[i];
    }
    return count;
}

/* Live leases of a node, or of a config, by looking at all. started: those not begun alone. */
static inline uint32_t count_leases(const struct world *w, uint32_t node, uint32_t config,
                                    bool unstarted)
{
    uint32_t count = 0;

    for (struct item *i = queue_next(&w->queue, 0); i; i = queue_next(&w->queue, i->entry.seq)) {
        const struct model_item *m = &w->items[i->entry.seq];
        count += m->state == ITEM_LEASED && (node == NODES || m->node == node) &&
                 (config == CONFIGS || m->config == config) && !(unstarted && m->is_started);
    }
    return count;
}

/* Whether an item may go to a node at all. */
static inline bool suits(const struct world *w, const struct model_item *m, bool has_gpu)
{
    return (has_gpu || !m->needs_gpu) && !w->is_paused[m->config / 2];
}

static inline bool has_room(const struct world *w, const uint32_t *by_config, uint32_t config)
{
    (void)w;
    return config < 2 || by_config[config] < CONFIG_LEASES;
}

/* Whether the model has something pending for a claim. */
static inline bool has_suitable(const struct world *w, uint32_t node, bool has_gpu)
{
    uint32_t by_config[CONFIGS];

    if (count_leases(w, node, CONFIGS, false) >= NODE_LEASES)
        return false;
    for (uint32_t c = 0; c < CONFIGS; c++)
        by_config[c] = count_leases(w, NODES, c, false);
    for (struct item *i = queue_next(&w->queue, 0); i; i = queue_next(&w->queue, i->entry.seq)) {
        const struct model_item *m = &w->items[i->entry.seq];
        if (m->state == ITEM_PENDING && suits(w, m, has_gpu) && has_room(w, by_config, m->config))
            return true;
    }
    return false;
}

/* The oldest lease that a claim may steal, or none. */
static inline struct token first_stealable(const struct world *w, uint32_t node, bool has_gpu)
{
    struct token first = {0, 0, 0};
    uint32_t unstarted[NODES];

    if (count_leases(w, node, CONFIGS, false) >= NODE_LEASES)
        return first;
    for (uint32_t n = 0; n < NODES; n++)
        unstarted[n] = count_leases(w, n, CONFIGS, true);
    for (struct item *i = queue_next(&w->queue, 0); i; i = queue_next(&w->queue, i->entry.seq)) {
        const struct model_item *m = &w->items[i->entry.seq];
        if (m->state == ITEM_LEASED && !m->is_started && m->node != node &&
            unstarted[m->node] >= 2 && suits(w, m, has_gpu) &&
            w->now.mono_ms - m->granted_ms >= STEAL_AFTER_MS &&
            (token_is_none(first) || token_compare(m->token, first) < 0))
            first = m->token;
    }
    return first;
}

/* The queue is what the model says, and its counts are those of what is there. */
static inline void assert_consistent(const struct world *w)
{
    uint32_t live[ITEM_STATES] = {0};
    uint32_t by_config[CONFIGS] = {0};
    uint32_t seen = 0;
    const struct counters *c = &w->queue.counters;

    for (struct item *i = queue_next(&w->queue, 0); i; i = queue_next(&w->queue, i->entry.seq)) {
        const struct model_item *m = &w->items[i->entry.seq];
        assert_int_equal(i->state, m->state);
        assert_int_equal(i->attempts, m->attempts);
        assert_int_equal(rh_tree_contains(&i->entry.node), i->state == ITEM_PENDING);
        assert_int_equal(rh_heap_contains(&i->delay), i->state == ITEM_DELAYED);
        assert_int_equal(i->lease != NULL, i->state == ITEM_LEASED);
        assert_int_equal(i->wait != NULL, i->state == ITEM_BLOCKED);
        live[i->state]++;
        by_config[m->config] += i->state == ITEM_LEASED;
        seen++;
    }
    for (uint8_t s = 0; s < ITEM_STATES; s++) {
        assert_int_equal(w->queue.live[s], live[s]);
        assert_int_equal(c->finished[s], w->finished[s]);
    }
    for (uint32_t n = 0; n < NODES; n++) {
        const struct lease_holder *holder =
            lease_holder_of(&w->queue.leases, rh_str_from(node_names[n]));
        assert_int_equal(holder ? holder->count : 0, count_leases(w, n, CONFIGS, false));
        assert_int_equal(holder ? holder->unstarted : 0, count_leases(w, n, CONFIGS, true));
    }
    assert_int_equal(w->queue.leases.by_rule[0], by_config[2] + by_config[3]);
    assert_int_equal(queue_live_count(&w->queue), seen);
    assert_int_equal(c->added, w->added);
    assert_int_equal(c->added, seen + c->finished[ITEM_DONE] + c->finished[ITEM_DEAD] +
                                   c->finished[ITEM_CANCELLED]);
    assert_int_equal(w->queue.fair.pending_count, live[ITEM_PENDING]);
    assert_int_equal(lease_count(&w->queue.leases), live[ITEM_LEASED]);
}

#endif
