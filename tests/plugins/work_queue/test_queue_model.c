/* Random operations on the queue against a plain model of its rules, crashes included. */
#include "work_queue_test.h"

#include <ringhost/sdk/rng.h>

#include "queue.h"

#define STEPS      300000
#define ITEMS      400000
#define LIVE_MAX   300u
#define NODES      6u
#define CONFIGS    4u
#define LEASE_MS   2000
#define RUNTIME_MS 5000

static const struct queue_limits limits = {LIVE_MAX, 60000, 1000, 60000, 500};

static const char *const node_names[NODES] = {"n1", "n2", "n3", "n4", "n5", "n6"};
static const char *const config_names[CONFIGS] = {"hex8_2p", "hex8_4p", "square8_2p", "go9"};

/* What the model knows of one item. */
struct model_item {
    uint8_t state;
    uint32_t attempts;
    uint32_t max_attempts;
    uint32_t config;
    int64_t priority;
    bool needs_gpu;
    struct token token;     /* of the lease */
    struct token forgotten; /* given away, then lost by a crash; none = no such */
    int64_t expires_ms;
    int64_t runtime_ms; /* end of the running time */
    bool has_status;
    struct item_status status; /* what the store has */
    char node[8];
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
    uint32_t crashes, adopted, stale, done;
};

static struct item_spec spec_of(const struct model_item *m)
{
    static const char group[] = "g";

    return (struct item_spec){.work_type = rh_str_from("selfplay"),
                              .config_key = rh_str_from(config_names[m->config]),
                              .group = {group, m->config == 0 ? 1 : 0},
                              .priority = m->priority,
                              .timeout_ms = LEASE_MS,
                              .max_runtime_ms = m->needs_gpu ? RUNTIME_MS : 0,
                              .max_attempts = m->max_attempts,
                              .needs_gpu = m->needs_gpu};
}

/* Puts the item's row into the store; a durable commit makes all earlier ones durable. */
static void store(struct world *w, struct item *item, bool is_lazy)
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
        snprintf(m->node, sizeof(m->node), "%.*s", RH_STR_ARG(m->status.node_id));
        m->status.node_id = rh_str_from(m->node);
    }
    m->has_status = true;
}

static void step_add(struct world *w)
{
    struct model_item m = {.config = (uint32_t)rh_rng_below(&w->rng, CONFIGS),
                           .priority = (int64_t)rh_rng_below(&w->rng, 3) * 10,
                           .max_attempts = 1 + (uint32_t)rh_rng_below(&w->rng, 3),
                           .needs_gpu = rh_rng_below(&w->rng, 3) == 0};
    struct item_spec spec = spec_of(&m);
    struct item *item = NULL;
    bool is_full = queue_live_count(&w->queue) >= LIVE_MAX;

    int32_t rc = queue_add(&w->queue, &spec, w->now, &item);

    assert_int_equal(rc, is_full ? RH_EFULL : RH_OK);
    if (rc)
        return;
    w->added++;
    assert_int_equal(item->entry.seq, w->added);
    w->items[w->added] = m;
    w->lazy_count = 0;
    w->stored = w->queue.counters;
}

/* FIFO inside a priority of a config: no suitable pending item of the same lane is older. */
static void assert_first_of_lane(const struct world *w, uint64_t seq, bool has_gpu)
{
    const struct model_item *m = &w->items[seq];

    for (struct item *i = queue_next(&w->queue, 0); i; i = queue_next(&w->queue, i->entry.seq)) {
        const struct model_item *o = &w->items[i->entry.seq];
        if (i->state == ITEM_PENDING && o->config == m->config && o->priority == m->priority &&
            (has_gpu || !o->needs_gpu))
            assert_true(i->entry.seq > seq);
    }
}

static bool has_suitable(const struct world *w, bool has_gpu)
{
    for (struct item *i = queue_next(&w->queue, 0); i; i = queue_next(&w->queue, i->entry.seq)) {
        if (i->state == ITEM_PENDING && (has_gpu || !w->items[i->entry.seq].needs_gpu))
            return true;
    }
    return false;
}

static void step_claim(struct world *w)
{
    const char *node = node_names[rh_rng_below(&w->rng, NODES)];
    bool has_gpu = rh_rng_below(&w->rng, 2) == 0;
    const struct match_claim claim = {.node_id = rh_str_from(node), .gpu_count = has_gpu};
    uint64_t refused[MATCH_REASON_COUNT] = {0};
    struct item *given[4];
    uint32_t max = 1 + (uint32_t)rh_rng_below(&w->rng, 4);
    bool suits = has_suitable(w, has_gpu);

    uint32_t n = queue_claim(&w->queue, &claim, w->now, given, max, refused);

    assert_int_equal(n > 0, suits);
    for (uint32_t i = 0; i < n; i++) {
        struct model_item *m = &w->items[given[i]->entry.seq];
        assert_int_equal(m->state, ITEM_PENDING);
        assert_true(has_gpu || !m->needs_gpu);
        assert_true(token_compare(given[i]->lease->token, w->last_token) > 0);
        if (i == n - 1)
            assert_first_of_lane(w, given[i]->entry.seq, has_gpu);
        w->last_token = given[i]->lease->token;
        m->state = ITEM_LEASED;
        m->token = w->last_token;
        m->forgotten = (struct token){0, 0, 0};
        m->attempts++;
        m->runtime_ms = m->needs_gpu ? w->now.mono_ms + RUNTIME_MS : INT64_MAX;
        m->expires_ms = w->now.mono_ms + LEASE_MS;
        store(w, given[i], true);
    }
}

/* What the model says of an item whose attempt ended. */
static uint8_t model_end(struct world *w, struct model_item *m, uint8_t cause, bool may_retry)
{
    m->token = (struct token){0, 0, 0};
    if (cause == ITEM_END_RELEASE) {
        m->attempts--;
        m->state = ITEM_PENDING;
    } else if (m->attempts >= m->max_attempts || (cause == ITEM_END_FAIL && !may_retry)) {
        m->state = ITEM_DEAD;
        w->finished[ITEM_DEAD]++;
    } else {
        m->state = cause == ITEM_END_FAIL ? ITEM_DELAYED : ITEM_PENDING;
    }
    return m->state;
}

static void end_attempt(struct world *w, struct item *item, uint8_t cause, bool may_retry)
{
    struct model_item *m = &w->items[item->entry.seq];
    uint8_t expected = model_end(w, m, cause, may_retry);

    uint8_t state = queue_end(&w->queue, item, cause, may_retry, rh_rng_u64(&w->rng), w->now);

    assert_int_equal(state, expected);
    store(w, item, false);
    if (state == ITEM_DEAD)
        queue_forget(&w->queue, item);
}

static void step_report(struct world *w)
{
    uint64_t recent = w->added > 2 * LIVE_MAX ? w->added - 2 * LIVE_MAX : 0;
    struct item *item =
        queue_next(&w->queue, recent + rh_rng_below(&w->rng, w->added - recent + 1));
    bool is_adopted = false;

    if (!item)
        return;
    struct model_item *m = &w->items[item->entry.seq];
    struct token token = m->state == ITEM_LEASED ? m->token : m->forgotten;
    bool is_right = !token_is_none(token);
    if (rh_rng_below(&w->rng, 5) == 0 || !is_right) {
        token = (struct token){w->last_token.epoch, w->last_token.activation,
                               w->last_token.count - rh_rng_below(&w->rng, 3)};
        is_right = m->state == ITEM_LEASED && token_compare(token, m->token) == 0;
        if (token.epoch != w->queue.counters.epoch ||
            token.activation != w->queue.counters.activation)
            return; /* a forged token of an earlier life is not told from a lost one */
    }
    int32_t rc = queue_hold(&w->queue, item, token, rh_str_from("n1"), w->now, &is_adopted);
    assert_int_equal(rc, is_right ? RH_OK : RH_ESTALECLAIM);
    w->stale += !is_right;
    if (rc)
        return;
    if (is_adopted) {
        assert_int_not_equal(m->state, ITEM_LEASED);
        w->adopted++;
        m->state = ITEM_LEASED;
        m->attempts++;
        m->token = token;
        m->forgotten = (struct token){0, 0, 0};
        m->runtime_ms = m->needs_gpu ? w->now.mono_ms + RUNTIME_MS : INT64_MAX;
        m->expires_ms = w->now.mono_ms + LEASE_MS;
        store(w, item, true);
    }
    switch (rh_rng_below(&w->rng, 4)) {
    case 0:
        queue_renew(&w->queue, item, w->now);
        m->expires_ms = w->now.mono_ms + LEASE_MS;
        break;
    case 1:
        end_attempt(w, item, ITEM_END_FAIL, rh_rng_below(&w->rng, 4) != 0);
        break;
    case 2:
        end_attempt(w, item, ITEM_END_RELEASE, true);
        break;
    default:
        queue_finish(&w->queue, item, ITEM_DONE);
        m->state = ITEM_DONE;
        w->finished[ITEM_DONE]++;
        w->done++;
        store(w, item, false);
        queue_forget(&w->queue, item);
    }
}

static void step_cancel(struct world *w)
{
    struct item *item = queue_next(&w->queue, rh_rng_below(&w->rng, w->added + 1));

    if (!item)
        return;
    queue_finish(&w->queue, item, ITEM_CANCELLED);
    w->items[item->entry.seq].state = ITEM_CANCELLED;
    w->finished[ITEM_CANCELLED]++;
    store(w, item, false);
    queue_forget(&w->queue, item);
}

static void step_time(struct world *w)
{
    int64_t step = (int64_t)rh_rng_below(&w->rng, 400);
    struct item *item;
    uint8_t cause;

    w->now.mono_ms += step;
    w->now.wall_ms += step - (int64_t)rh_rng_below(&w->rng, 3) * 100; /* it may go back */
    while ((item = queue_due(&w->queue, w->now))) {
        assert_int_equal(w->items[item->entry.seq].state, ITEM_DELAYED);
        w->items[item->entry.seq].state = ITEM_PENDING;
    }
    while ((item = queue_expired(&w->queue, w->now, &cause))) {
        struct model_item *m = &w->items[item->entry.seq];
        assert_int_equal(m->state, ITEM_LEASED);
        assert_true(m->expires_ms <= w->now.mono_ms || m->runtime_ms <= w->now.mono_ms);
        end_attempt(w, item, cause, true);
    }
    for (item = queue_next(&w->queue, 0); item; item = queue_next(&w->queue, item->entry.seq)) {
        const struct model_item *m = &w->items[item->entry.seq];
        assert_true(m->state != ITEM_LEASED || m->expires_ms > w->now.mono_ms);
    }
}

/* Some of the claims since the last durable commit are lost, newest first; then all is restored
 * from the store. */
static void step_crash(struct world *w)
{
    for (int i = 0; i < 4; i++)
        step_claim(w);
    uint32_t lost = (uint32_t)rh_rng_below(&w->rng, w->lazy_count + 1);

    while (lost-- > 0) {
        const struct lazy_claim *lazy = &w->lazy[--w->lazy_count];
        struct model_item *m = &w->items[lazy->seq];
        assert_int_equal(m->state, ITEM_LEASED);
        m->forgotten = m->token;
        m->state = ITEM_PENDING;
        m->has_status = lazy->had_status;
        m->status = lazy->before;
        m->attempts = lazy->had_status ? lazy->before.attempts : 0;
        if (lazy->had_status && lazy->before.state == ITEM_DELAYED)
            m->state = ITEM_DELAYED;
    }
    w->lazy_count = 0;
    w->crashes++;
    queue_release(&w->queue);
    queue_init(&w->queue, 7, &limits);
    w->queue.counters = w->stored;
    for (uint64_t seq = 1; seq <= w->added; seq++) {
        struct model_item *m = &w->items[seq];
        if (!item_state_is_live(m->state))
            continue;
        struct item_spec spec = spec_of(m);
        assert_int_equal(queue_restore_spec(&w->queue, seq, &spec), RH_OK);
        struct item *item = queue_find(&w->queue, seq);
        if (m->has_status)
            assert_int_equal(queue_restore_status(&w->queue, item, &m->status, w->now), RH_OK);
        m->state = item->state;
        if (item->state == ITEM_LEASED) {
            assert_true(item->lease->expires_ms <= w->now.mono_ms + LEASE_MS + limits.grace_ms);
            m->expires_ms = item->lease->expires_ms;
            m->runtime_ms = item->lease->runtime_end_ms;
        }
    }
    w->epoch += rh_rng_below(&w->rng, 2);
    queue_begin(&w->queue, w->epoch);
    w->stored = w->queue.counters;
}

static void assert_consistent(const struct world *w)
{
    uint32_t live[ITEM_STATES] = {0};
    uint32_t seen = 0;
    const struct counters *c = &w->queue.counters;

    for (struct item *i = queue_next(&w->queue, 0); i; i = queue_next(&w->queue, i->entry.seq)) {
        const struct model_item *m = &w->items[i->entry.seq];
        assert_int_equal(i->state, m->state);
        assert_int_equal(i->attempts, m->attempts);
        assert_int_equal(rh_tree_contains(&i->entry.node), i->state == ITEM_PENDING);
        assert_int_equal(rh_heap_contains(&i->delay), i->state == ITEM_DELAYED);
        assert_int_equal(i->lease != NULL, i->state == ITEM_LEASED);
        live[i->state]++;
        seen++;
    }
    for (uint8_t s = 0; s < ITEM_STATES; s++) {
        assert_int_equal(w->queue.live[s], live[s]);
        assert_int_equal(c->finished[s], w->finished[s]);
    }
    assert_int_equal(queue_live_count(&w->queue), seen);
    assert_int_equal(c->added, w->added);
    assert_int_equal(c->added, seen + c->finished[ITEM_DONE] + c->finished[ITEM_DEAD] +
                                   c->finished[ITEM_CANCELLED]);
    assert_int_equal(w->queue.fair.pending_count, live[ITEM_PENDING]);
    assert_int_equal(lease_count(&w->queue.leases), live[ITEM_LEASED]);
}

static void random_operations_agree_with_the_model(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    const char *given = getenv("RINGHOST_TEST_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : 20260101;

    (void)state;
    print_message("seed %llu (RINGHOST_TEST_SEED)\n", (unsigned long long)seed);
    rh_rng_seed(&w->rng, seed);
    w->items = calloc(ITEMS, sizeof(*w->items));
    w->now = (struct queue_time){1000, 1700000000000};
    queue_init(&w->queue, 7, &limits);
    w->epoch = 1;
    queue_begin(&w->queue, w->epoch);
    for (int step = 0; step < STEPS; step++) {
        uint64_t dice = rh_rng_below(&w->rng, 1000);
        if (dice < 250)
            step_add(w);
        else if (dice < 500)
            step_claim(w);
        else if (dice < 900)
            step_report(w);
        else if (dice < 940)
            step_cancel(w);
        else if (dice < 999)
            step_time(w);
        else
            step_crash(w);
        if (step % 500 == 0)
            assert_consistent(w);
    }
    assert_consistent(w);
    print_message("added %llu done %u crashes %u adopted %u stale %u\n",
                  (unsigned long long)w->added, w->done, w->crashes, w->adopted, w->stale);
    assert_in_range(w->crashes, 100, STEPS);
    assert_in_range(w->adopted, 10, STEPS);
    assert_in_range(w->stale, 1000, STEPS);
    queue_release(&w->queue);
    free(w->items);
    free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_operations_agree_with_the_model),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
