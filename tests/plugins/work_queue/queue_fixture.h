/* A queue of its own for single rules, and short ways to use it. */
#ifndef RH_TESTS_PLUGINS_WORK_QUEUE_QUEUE_FIXTURE_H
#define RH_TESTS_PLUGINS_WORK_QUEUE_QUEUE_FIXTURE_H

#include "work_queue_test.h"

#include "queue.h"

#define LEASE_MS 2000

struct fixture {
    struct queue queue;
    struct queue_time now;
    struct item_spec spec;
    uint64_t refused[MATCH_REASON_COUNT]; /* of the last claim */
    bool is_stolen;                       /* likewise */
};

/* limits NULL = none. */
static inline struct fixture *fixture_new(const struct limits *limits)
{
    struct queue_limits wide = {.items_max = QUEUE_ITEMS_MAX,
                                .ageing_ms = 60000,
                                .retry_base_ms = 1000,
                                .retry_cap_ms = 60000,
                                .grace_ms = 500,
                                .steal_after_ms = 100};
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    if (limits)
        wide.leases = *limits;
    queue_init(&f->queue, 3, &wide);
    queue_begin(&f->queue, 5);
    f->now = (struct queue_time){1000, 1700000000000};
    f->spec = (struct item_spec){.work_type = S("selfplay"),
                                 .config_key = S("hex8_2p"),
                                 .group = S("g"),
                                 .timeout_ms = LEASE_MS,
                                 .max_attempts = 2};
    return f;
}

static inline void fixture_free(struct fixture *f)
{
    queue_release(&f->queue);
    free(f);
}

static inline struct item *add(struct fixture *f)
{
    struct item *item = NULL;

    assert_int_equal(queue_add(&f->queue, &f->spec, f->now, &item), RH_OK);
    return item;
}

/* How many of at most max items the node got. */
static inline uint32_t claim_many(struct fixture *f, const char *node, struct item **out,
                                  uint32_t max)
{
    const struct match_claim claim = {.node_id = rh_str_from(node), .may_steal = true};

    memset(f->refused, 0, sizeof(f->refused));
    return queue_claim(&f->queue, &claim, f->now, out, max, f->refused, &f->is_stolen);
}

static inline struct item *claim(struct fixture *f, const char *node)
{
    struct item *item = NULL;

    return claim_many(f, node, &item, 1) ? item : NULL;
}

#endif
