/* Random operations on the queue against a plain model of its rules, crashes included. */
#include "queue_model.h"

#define STEPS_DEFAULT 1000000
/* Looking at all items is done in one step of so many. */
#define LOOK_EVERY 32u

static uint32_t below(struct world *w, uint32_t n)
{
    return (uint32_t)rh_rng_below(&w->rng, n);
}

/* Up to DEPENDS of the last hundred items, none of which has failed. */
static void draw_depends(struct world *w, struct model_item *m)
{
    uint32_t wanted = below(w, 4) == 0 ? 1 + below(w, DEPENDS) : 0;

    for (uint32_t i = 0; i < wanted && w->added > 0; i++) {
        uint64_t seq = w->added - below(w, w->added < 100 ? (uint32_t)w->added : 100);
        uint8_t state = w->items[seq].state;
        bool is_new = state != ITEM_DEAD && state != ITEM_CANCELLED;
        for (uint32_t k = 0; k < m->depend_count; k++)
            is_new = is_new && m->depends[k] != seq;
        if (is_new)
            m->depends[m->depend_count++] = seq;
    }
}

static void block(struct world *w, struct item *item, struct model_item *m)
{
    uint64_t live[DEPENDS + 1];
    uint64_t failed;
    uint32_t count = live_depends(w, m, live, &failed);

    if (failed > 0)
        live[count++] = failed;
    if (count > 0)
        assert_int_equal(queue_block(&w->queue, item, live, count), RH_OK);
    if (failed > 0)
        depend_over(&w->queue.depends, failed, w->items[failed].state, w->queue.commit);
}

static void step_add(struct world *w)
{
    struct model_item m = {.config = below(w, CONFIGS),
                           .priority = (int64_t)below(w, 3) * 10,
                           .max_attempts = 1 + below(w, 3),
                           .needs_gpu = below(w, 3) == 0,
                           .delay_ms = below(w, 4) == 0 ? 1 + (int64_t)below(w, 3000) : 0};
    struct item *item = NULL;
    bool is_full = queue_live_count(&w->queue) >= LIVE_MAX;

    draw_depends(w, &m);
    struct item_spec spec = spec_of(&m);
    int32_t rc = queue_add(&w->queue, &spec, w->now, &item);

    assert_int_equal(rc, is_full ? RH_EFULL : RH_OK);
    if (rc)
        return;
    w->added++;
    assert_int_equal(item->entry.seq, w->added);
    m.enqueued_ms = spec.enqueued_ms;
    w->items[w->added] = m;
    block(w, item, &w->items[w->added]);
    w->items[w->added].state = item->state;
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

/* What is given is nobody's, or is taken from who has not started it; and waits for nothing. */
static void note_given(struct world *w, struct item *item, uint32_t node, bool is_stolen)
{
    struct model_item *m = &w->items[item->entry.seq];

    assert_int_equal(m->state, is_stolen ? ITEM_LEASED : ITEM_PENDING);
    assert_true(token_compare(item->lease->token, w->last_token) > 0);
    for (uint32_t i = 0; i < m->depend_count; i++)
        assert_int_equal(w->items[m->depends[i]].state, ITEM_DONE);
    if (is_stolen) {
        assert_false(m->is_started);
        assert_int_not_equal(m->node, node);
        assert_int_equal(token_compare(item->fence, m->token), 0);
        w->stolen++;
    } else {
        m->attempts++;
    }
    w->last_token = item->lease->token;
    m->state = ITEM_LEASED;
    m->is_started = false;
    m->node = node;
    m->token = w->last_token;
    m->forgotten = (struct token){0, 0, 0};
    m->granted_ms = w->now.mono_ms;
    m->runtime_ms = m->needs_gpu ? w->now.mono_ms + RUNTIME_MS : INT64_MAX;
    m->expires_ms = w->now.mono_ms + LEASE_MS;
    store(w, item, !is_stolen);
}

static void step_claim(struct world *w)
{
    uint32_t node = below(w, NODES);
    uint32_t gpus = below(w, 4) / 2 * (1 + below(w, 3)); /* none, or 1 to 3 */
    bool has_gpu = gpus > 0;
    const struct match_claim claim = {
        .node_id = rh_str_from(node_names[node]), .gpu_count = gpus, .may_steal = below(w, 6) == 0};
    uint64_t refused[MATCH_REASON_COUNT] = {0};
    struct item *given[4];
    uint32_t max = 1 + below(w, 4);
    bool is_look = below(w, LOOK_EVERY) == 0;
    bool is_pending = is_look && has_suitable(w, node, has_gpu);
    struct token oldest = {0, 0, 0};
    uint32_t unstarted[NODES] = {0};
    bool is_stolen;

    if (is_look && claim.may_steal && !is_pending)
        oldest = first_stealable(w, node, has_gpu);
    for (uint32_t i = 0; is_look && i < NODES; i++)
        unstarted[i] = count_leases(w, i, CONFIGS, true);
    uint32_t n = queue_claim(&w->queue, &claim, w->now, given, max, refused, &is_stolen);

    assert_true(claim.may_steal || !is_stolen);
    if (is_look) {
        assert_int_equal(n > 0 && !is_stolen, is_pending);
        assert_int_equal(n > 0 && is_stolen, !token_is_none(oldest));
        if (is_stolen)
            assert_int_equal(token_compare(given[0]->fence, oldest), 0);
    }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t victim = w->items[given[i]->entry.seq].node;
        if (is_look && !is_stolen && i == n - 1)
            assert_first_of_lane(w, given[i]->entry.seq, gpus > 0);
        if (w->items[given[i]->entry.seq].needs_gpu) {
            assert_true(gpus > 0); /* what is given at once shares no device */
            gpus--;
        }
        note_given(w, given[i], node, is_stolen);
        if (is_look && is_stolen)
            assert_true(count_leases(w, victim, CONFIGS, true) >= (unstarted[victim] + 1) / 2);
    }
    if (is_look)
        assert_in_range(count_leases(w, node, CONFIGS, false), 0, NODE_LEASES + 20);
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

/* Holds the item with a token that is right, or wrong now and then. False: it was refused. */
static bool hold(struct world *w, struct item *item)
{
    struct model_item *m = &w->items[item->entry.seq];
    struct token token = m->state == ITEM_LEASED ? m->token : m->forgotten;
    bool is_right = !token_is_none(token);
    bool is_adopted = false;

    if (below(w, 5) == 0 || !is_right) {
        token = (struct token){w->last_token.epoch, w->last_token.activation,
                               w->last_token.count - below(w, 3)};
        is_right = m->state == ITEM_LEASED && token_compare(token, m->token) == 0;
        if (token.epoch != w->queue.counters.epoch ||
            token.activation != w->queue.counters.activation)
            return false; /* a forged token of an earlier life is not told from a lost one */
    }
    int32_t rc = queue_hold(&w->queue, item, token, rh_str_from("n1"), w->now, &is_adopted);
    assert_int_equal(rc, is_right ? RH_OK : RH_ESTALECLAIM);
    w->stale += !is_right;
    if (is_adopted) {
        assert_int_not_equal(m->state, ITEM_LEASED);
        w->adopted++;
        m->state = ITEM_LEASED;
        m->is_started = false;
        m->node = 0;
        m->attempts++;
        m->token = token;
        m->forgotten = (struct token){0, 0, 0};
        m->granted_ms = w->now.mono_ms;
        m->runtime_ms = m->needs_gpu ? w->now.mono_ms + RUNTIME_MS : INT64_MAX;
        m->expires_ms = w->now.mono_ms + LEASE_MS;
        store(w, item, true);
    }
    return rc == RH_OK;
}

static void step_report(struct world *w)
{
    uint64_t recent = w->added > 2 * LIVE_MAX ? w->added - 2 * LIVE_MAX : 0;
    struct item *item =
        queue_next(&w->queue, recent + rh_rng_below(&w->rng, w->added - recent + 1));

    if (!item || !hold(w, item))
        return;
    struct model_item *m = &w->items[item->entry.seq];
    switch (below(w, 8)) {
    case 0:
        queue_renew(&w->queue, item, w->now);
        m->expires_ms = w->now.mono_ms + LEASE_MS;
        break;
    case 1:
        end_attempt(w, item, ITEM_END_FAIL, below(w, 4) != 0);
        break;
    case 2:
        end_attempt(w, item, ITEM_END_RELEASE, true);
        break;
    case 3:
        lease_start(&w->queue.leases, item->lease, w->now.wall_ms);
        m->is_started = true;
        store(w, item, false);
        break;
    default:
        queue_finish(&w->queue, item, ITEM_DONE, w->now);
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
    queue_finish(&w->queue, item, ITEM_CANCELLED, w->now);
    w->items[item->entry.seq].state = ITEM_CANCELLED;
    w->finished[ITEM_CANCELLED]++;
    store(w, item, false);
    queue_forget(&w->queue, item);
}

static void step_pause(struct world *w)
{
    uint32_t type = below(w, 2);
    struct rh_str name = rh_str_from(type_names[type]);

    if (below(w, 4) == 0)
        assert_int_equal(queue_pause(&w->queue, name), w->is_paused[type] ? RH_EEXISTS : RH_OK);
    else
        assert_int_equal(queue_resume(&w->queue, name), w->is_paused[type] ? RH_OK : RH_ENOTFOUND);
    w->is_paused[type] = rh_map_get(&w->queue.paused, name) != NULL;
}

static void step_retry(struct world *w)
{
    uint32_t reach = w->added < 500 ? (uint32_t)w->added : 500;
    uint64_t seq = reach == 0 ? 0 : w->added - below(w, reach);
    struct model_item *m = &w->items[seq];
    uint64_t live[DEPENDS];
    uint64_t failed = 0;
    struct item *item;

    if (seq == 0 || m->state != ITEM_DEAD)
        return;
    (void)live_depends(w, m, live, &failed);
    if (failed > 0)
        return;
    struct item_spec spec = spec_of(m);
    bool is_full = queue_live_count(&w->queue) >= LIVE_MAX;
    int32_t rc = queue_revive(&w->queue, seq, &spec, &m->status, &item);
    assert_int_equal(rc, is_full ? RH_EFULL : RH_OK);
    if (rc)
        return;
    block(w, item, m);
    m->state = item->state;
    m->attempts = 0;
    m->forgotten = (struct token){0, 0, 0};
    w->finished[ITEM_DEAD]--;
    w->revived++;
    store(w, item, false);
}

/* Ends become known to those that wait for them. */
static void step_settle(struct world *w)
{
    struct item *item;
    uint64_t seq;
    uint8_t to;

    while ((item = queue_settle_next(&w->queue, w->queue.commit, w->now, &seq, &to))) {
        struct model_item *m = &w->items[item->entry.seq];
        uint64_t live[DEPENDS];
        uint64_t failed;
        uint32_t count = live_depends(w, m, live, &failed);

        assert_int_equal(m->state, ITEM_BLOCKED);
        if (to == ITEM_PENDING || to == ITEM_DELAYED) {
            assert_int_equal(count, 0);
            assert_int_equal(failed, 0);
            w->released++;
        }
        m->state = to;
        if (item_state_is_live(to))
            continue;
        w->finished[to]++;
        w->ended_with++;
        store(w, item, false);
        queue_forget(&w->queue, item);
    }
}

static void step_time(struct world *w)
{
    int64_t step = (int64_t)below(w, 400);
    struct item *item;
    uint8_t cause;

    w->now.mono_ms += step;
    w->now.wall_ms += step - (int64_t)below(w, 3) * 100; /* it may go back */
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

/* Some of the claims since the last durable commit are lost, newest first. */
static void lose_claims(struct world *w)
{
    uint32_t lost = below(w, w->lazy_count + 1);

    while (lost-- > 0) {
        const struct lazy_claim *lazy = &w->lazy[--w->lazy_count];
        struct model_item *m = &w->items[lazy->seq];
        assert_int_equal(m->state, ITEM_LEASED);
        m->forgotten = m->token;
        m->has_status = lazy->had_status;
        m->status = lazy->before;
        m->attempts = lazy->had_status ? lazy->before.attempts : 0;
        m->state = ITEM_PENDING; /* or delayed, as restoring says */
    }
    w->lazy_count = 0;
}

static void restore(struct world *w, uint64_t seq)
{
    struct model_item *m = &w->items[seq];
    struct item_spec spec = spec_of(m);

    assert_int_equal(queue_restore_spec(&w->queue, seq, &spec, w->now), RH_OK);
    struct item *item = queue_find(&w->queue, seq);
    if (m->has_status)
        assert_int_equal(queue_restore_status(&w->queue, item, &m->status, w->now), RH_OK);
    if (item->is_unresolved)
        block(w, item, m);
    assert_true(item->state != ITEM_BLOCKED || m->state == ITEM_BLOCKED);
    m->state = item->state;
    if (item->state != ITEM_LEASED)
        return;
    assert_true(item->lease->expires_ms <= w->now.mono_ms + LEASE_MS + limits.grace_ms);
    assert_int_equal(item->lease->started_at_ms > 0, m->is_started);
    m->granted_ms = w->now.mono_ms;
    m->expires_ms = item->lease->expires_ms;
    m->runtime_ms = item->lease->runtime_end_ms;
}

static void step_crash(struct world *w)
{
    uint64_t commit = w->queue.commit;

    for (int i = 0; i < 4; i++)
        step_claim(w);
    lose_claims(w);
    w->crashes++;
    queue_release(&w->queue);
    queue_init(&w->queue, 7, &limits);
    w->queue.commit = commit;
    w->queue.counters = w->stored;
    for (uint32_t t = 0; t < 2; t++) {
        if (w->is_paused[t])
            assert_int_equal(queue_pause(&w->queue, rh_str_from(type_names[t])), RH_OK);
    }
    for (uint64_t seq = 1; seq <= w->added; seq++) {
        if (item_state_is_live(w->items[seq].state))
            restore(w, seq);
    }
    w->epoch += below(w, 2);
    queue_begin(&w->queue, w->epoch);
    w->stored = w->queue.counters;
}

/* Chances in a thousand. */
static const struct {
    uint32_t chance;
    void (*step)(struct world *w);
} steps[] = {
    {250, step_add},  {250, step_claim}, {380, step_report}, {20, step_cancel}, {4, step_pause},
    {15, step_retry}, {20, step_settle}, {60, step_time},    {1, step_crash},
};

static uint64_t number_of(const char *variable, uint64_t fallback)
{
    const char *given = getenv(variable);

    return given ? strtoull(given, NULL, 10) : fallback;
}

static void random_operations_agree_with_the_model(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    uint64_t seed = number_of("RINGHOST_TEST_SEED", 20260102);
    uint64_t count = number_of("RINGHOST_TEST_STEPS", STEPS_DEFAULT);

    (void)state;
    print_message("seed %llu (RINGHOST_TEST_SEED), %llu steps (RINGHOST_TEST_STEPS)\n",
                  (unsigned long long)seed, (unsigned long long)count);
    rh_rng_seed(&w->rng, seed);
    w->items = calloc(count / 2 + 1000, sizeof(*w->items));
    w->now = (struct queue_time){1000, 1700000000000};
    queue_init(&w->queue, 7, &limits);
    w->epoch = 1;
    queue_begin(&w->queue, w->epoch);
    w->stored = w->queue.counters;
    for (uint64_t n = 0; n < count; n++) {
        uint32_t dice = below(w, 1000);
        size_t i = 0;
        while (dice >= steps[i].chance)
            dice -= steps[i++].chance;
        w->queue.commit++;
        steps[i].step(w);
        if (n % 500 == 0)
            assert_consistent(w);
    }
    assert_consistent(w);
    print_message("added %llu done %u crashes %u adopted %u stale %u stolen %u released %u "
                  "ended with another %u retried %u\n",
                  (unsigned long long)w->added, w->done, w->crashes, w->adopted, w->stale,
                  w->stolen, w->released, w->ended_with, w->revived);
    assert_true(w->crashes >= count / 3000);
    assert_true(w->adopted >= count / 30000);
    assert_true(w->stale >= count / 300);
    assert_true(w->stolen >= count / 1000);
    assert_true(w->released >= count / 1000);
    assert_true(w->ended_with >= count / 1000);
    assert_true(w->revived >= count / 3000);
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
