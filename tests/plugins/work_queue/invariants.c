/* What must hold of the work queue in a simulated cluster: what was acknowledged stays, an item is
 * completed once and only under its current claim, and the counts add up. The load on it comes from
 * invariants_load.c. PROTOCOLS: work_queue. */
#include "invariants.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/hash.h>
#include <ringhost/sdk/str.h>

#define PAGE_ITEMS 1000
/* From the end of an item to the word of it. */
#define KNOWN_WITHIN_US 1000000

/* A claim token as its text says: epoch.activation.count, in this order. */
static bool parse_token(struct rh_str text, uint64_t token[3])
{
    for (uint32_t i = 0; i < 3; i++) {
        const char *dot = memchr(text.p, '.', text.n);
        struct rh_str part = {text.p, dot && i < 2 ? (size_t)(dot - text.p) : text.n};

        if (rh_parse_u64(part, &token[i]) != RH_OK)
            return false;
        if (i < 2 && !dot)
            return false;
        text.p += part.n + 1;
        text.n -= i < 2 ? part.n + 1 : part.n;
    }
    return true;
}

static int compare_tokens(const uint64_t a[3], const uint64_t b[3])
{
    for (uint32_t i = 0; i < 3; i++)
        if (a[i] != b[i])
            return a[i] < b[i] ? -1 : 1;
    return 0;
}

struct work_item *work_item(struct work *w, struct rh_str id)
{
    struct work_item *item = rh_map_get(&w->items, id);

    if (item)
        return item;
    item = calloc(1, sizeof(*item));
    assert(item);
    if (rh_str_copy(item->id, sizeof(item->id), id) != RH_OK ||
        rh_map_put(&w->items, id, item, NULL) != RH_OK)
        abort(); /* ids are short, and a run makes few */
    return item;
}

/* --- the wire --- */

static const struct rh_field item_fields[] = {
    RH_STR(struct work_row, work_id, 0, "the item"),
    RH_STR(struct work_row, claim_token, 0, "its token"),
    RH_STR(struct work_row, status, 0, "its state"),
    RH_STR_LIST(struct work_row, depends_on, 0, "whom it waited for"),
};
static const struct rh_field rows_fields[] = {
    RH_STR(struct work_rows, work_id, 0, "the item"),
    RH_STR(struct work_rows, claim_token, 0, "its token"),
    RH_STR(struct work_rows, status, 0, "its state"),
    RH_OBJECT_LIST(struct work_rows, items, 0, PAGE_ITEMS, struct work_row, item_fields, "several"),
};
const struct rh_fields work_rows_table = RH_FIELDS(struct work_rows, rows_fields);

static uint64_t claim_key(uint32_t node, const struct work_row *row)
{
    uint64_t key = rh_hash_fnv1a_u64(RH_HASH_FNV1A_INIT, node);

    key = rh_hash_fnv1a(key, row->work_id.p, row->work_id.n);
    return rh_hash_fnv1a(key, row->claim_token.p, row->claim_token.n);
}

/* A node that forwarded a claim is told what came of it, and will pass that on, perhaps much
 * later. */
static void on_told(struct work *w, uint32_t node, const struct work_row *row)
{
    if (rh_map64_put(&w->passed, claim_key(node, row), w, NULL) != RH_OK)
        abort();
}

/* A token is one claim, of one item by one caller, for ever: also after restarts and on another
 * node. */
static void check_new(struct work *w, struct rh_sim *sim, const struct rh_sim_message *message,
                      const struct work_row *row)
{
    const struct rh_str token = row->claim_token;
    const uint64_t key = rh_hash_fnv1a(RH_HASH_FNV1A_INIT, token.p, token.n);
    uint64_t claim = rh_hash_fnv1a_u64(RH_HASH_FNV1A_INIT, message->exchange);
    uintptr_t before = (uintptr_t)rh_map64_get(&w->given, key);

    claim = rh_hash_fnv1a(claim, row->work_id.p, row->work_id.n) | 1;
    if (before != 0 && before != (uintptr_t)claim)
        rh_sim_fail(sim, "token_given_once", message->from,
                    "token %.*s, now of %.*s, has been given before", RH_STR_ARG(token),
                    RH_STR_ARG(row->work_id));
    if (rh_map64_put(&w->given, key, (void *)(uintptr_t)claim, NULL) != RH_OK)
        abort();
}

/* Whom the item waited for; looked at in the end, when it is known what was done when. */
static void note_depends(struct work_item *item, int64_t now_us, const struct work_row *row)
{
    if (item->given_us != 0)
        return;
    item->given_us = now_us;
    for (uint32_t i = 0; i < row->depends_on.count && i < WORK_DEPENDS_MAX; i++) {
        (void)rh_str_copy(item->depends[i], sizeof(item->depends[i]),
                          row->depends_on.items[i]); /* ids are short */
        item->depend_count = i + 1;
    }
}

/* A claim is given out by the node that has the queue. Who only passes one on gives nothing: by
 * then the item may have been completed. */
static void on_claimed(struct work *w, struct rh_sim *sim, const struct rh_sim_message *message,
                       const struct work_row *row)
{
    const uint32_t node = message->from;
    struct work_item *item = work_item(w, row->work_id);
    uint64_t token[3];

    if (rh_map64_get(&w->passed, claim_key(node, row)))
        return;
    check_new(w, sim, message, row);
    if (!parse_token(row->claim_token, token)) {
        rh_sim_fail(sim, "tokens_ordered", node, "claim token \"%.*s\"",
                    RH_STR_ARG(row->claim_token));
        return;
    }
    if (compare_tokens(item->token, token) >= 0)
        return; /* told before, and relayed late */
    if (item->is_done)
        rh_sim_fail(sim, "done_is_final", node, "%s was done and is claimed again", item->id);
    memcpy(item->token, token, sizeof(token));
    note_depends(item, rh_sim_now_us(sim), row);
}

/* The request behind a reply is needed to know the token it came with. */
static void on_complete_sent(struct work *w, struct rh_sim *sim,
                             const struct rh_sim_message *message)
{
    struct work_rows rows;
    struct work_report *report;
    void *memory = NULL;
    void *old = NULL;

    if (rh_sim_decode(sim, &work_rows_table, message->body, &rows, &memory) != RH_OK)
        return;
    report = calloc(1, sizeof(*report));
    assert(report);
    report->item = work_item(w, rows.work_id);
    report->is_token = parse_token(rows.claim_token, report->token);
    rh_sim_release(sim, memory);
    if (rh_map64_put(&w->reports, message->exchange, report, &old) != RH_OK)
        abort();
    free(old);
}

static void on_completed(struct work *w, struct rh_sim *sim, const struct rh_sim_message *message)
{
    const struct work_report *report = rh_map64_get(&w->reports, message->exchange);
    struct work_item *item;

    if (!report || message->status != 200)
        return;
    item = report->item;
    if (!report->is_token || compare_tokens(report->token, item->token) != 0)
        rh_sim_fail(sim, "completed_with_current_token", message->from,
                    "%s was completed under %" PRIu64 ".%" PRIu64 ".%" PRIu64
                    ", its newest claim is %" PRIu64 ".%" PRIu64 ".%" PRIu64,
                    item->id, report->token[0], report->token[1], report->token[2], item->token[0],
                    item->token[1], item->token[2]);
    item->is_done = true;
    if (item->done_us == 0)
        item->done_us = rh_sim_now_us(sim);
}

static void on_claim_reply(struct work *w, struct rh_sim *sim, const struct rh_sim_message *message)
{
    const bool is_sent = message->kind == RH_SIM_REPLY_SENT;
    struct work_rows rows;
    void *memory = NULL;

    if (message->status != 200 ||
        rh_sim_decode(sim, &work_rows_table, message->body, &rows, &memory) != RH_OK)
        return;
    for (uint32_t i = 0; i < rows.items.count; i++) {
        const struct work_row *row = (const struct work_row *)rows.items.items + i;

        if (is_sent)
            on_claimed(w, sim, message, row);
        else
            on_told(w, message->to, row);
    }
    rh_sim_release(sim, memory);
}

static void on_message(void *self, struct rh_sim *sim, const struct rh_sim_message *message)
{
    struct work *w = self;

    if (rh_str_eq_c(message->path, "/work/complete")) {
        if (message->kind == RH_SIM_REQUEST_SENT)
            on_complete_sent(w, sim, message);
        else if (message->kind == RH_SIM_REPLY_SENT)
            on_completed(w, sim, message);
    } else if ((message->kind == RH_SIM_REPLY_SENT || message->kind == RH_SIM_REPLY_DELIVERED) &&
               rh_str_eq_c(message->path, "/work/claim")) {
        on_claim_reply(w, sim, message);
    }
}

static void on_published(void *self, struct rh_sim *sim, uint32_t node,
                         const struct rh_event *event)
{
    struct work *w = self;
    struct work_rows payload;
    struct work_item *item;
    uint64_t id;
    void *memory = NULL;

    if ((!rh_str_eq_c(event->type, "SELFPLAY_COMPLETE") &&
         !rh_str_eq_c(event->type, "TRAINING_COMPLETED")) ||
        rh_sim_decode(sim, &work_rows_table, event->payload, &payload, &memory) != RH_OK)
        return;
    item = work_item(w, payload.work_id);
    id = rh_hash_fnv1a(RH_HASH_FNV1A_INIT, event->id.p, event->id.n);
    if (item->completed_event != 0 && item->completed_event != id)
        rh_sim_fail(sim, "completed_once", node, "%s was completed twice, the second time by %.*s",
                    item->id, RH_STR_ARG(event->id));
    item->completed_event = id;
    if (item->done_us == 0)
        item->done_us = rh_sim_now_us(sim);
    rh_sim_release(sim, memory);
}

/* --- the queue's own counts --- */

struct stats {
    int64_t added, live, pending, leased, delayed, blocked, done, dead, cancelled;
};
static const struct rh_field stats_fields[] = {
    RH_INT(struct stats, added, 0, 0, INT64_C(9007199254740991), "ever"),
    RH_INT(struct stats, live, 0, 0, INT64_C(9007199254740991), "now"),
    RH_INT(struct stats, pending, 0, 0, INT64_C(9007199254740991), "to be claimed"),
    RH_INT(struct stats, leased, 0, 0, INT64_C(9007199254740991), "claimed"),
    RH_INT(struct stats, delayed, 0, 0, INT64_C(9007199254740991), "later"),
    RH_INT(struct stats, blocked, 0, 0, INT64_C(9007199254740991), "after others"),
    RH_INT(struct stats, done, 0, 0, INT64_C(9007199254740991), "completed"),
    RH_INT(struct stats, dead, 0, 0, INT64_C(9007199254740991), "given up"),
    RH_INT(struct stats, cancelled, 0, 0, INT64_C(9007199254740991), "called off"),
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

static bool ask_stats(struct rh_sim *sim, uint32_t node, struct stats *out)
{
    struct rh_sim_answer answer;
    void *memory = NULL;

    if (node == RH_SIM_OUTSIDE || rh_sim_ask(sim, node, "/work/stats", &answer) != RH_OK ||
        answer.status != 200 ||
        rh_sim_decode(sim, &stats_table, answer.body, out, &memory) != RH_OK)
        return false;
    rh_sim_release(sim, memory);
    return true;
}

static bool check_stats(struct rh_sim *sim, uint32_t node, struct stats *s)
{
    if (!ask_stats(sim, node, s))
        return false;
    if (s->added != s->live + s->done + s->dead + s->cancelled)
        rh_sim_fail(sim, "counts_add_up", node,
                    "added %" PRId64 ", live %" PRId64 ", done %" PRId64 ", dead %" PRId64
                    ", cancelled %" PRId64,
                    s->added, s->live, s->done, s->dead, s->cancelled);
    if (s->live != s->pending + s->leased + s->delayed + s->blocked)
        rh_sim_fail(sim, "counts_add_up", node,
                    "live %" PRId64 ", pending %" PRId64 ", leased %" PRId64 ", delayed %" PRId64
                    ", blocked %" PRId64,
                    s->live, s->pending, s->leased, s->delayed, s->blocked);
    return true;
}

static void on_tick(void *self, struct rh_sim *sim)
{
    struct stats stats;

    (void)check_stats(sim, find_queue(sim), &stats); /* nothing to say while nobody has it */
    load_tick(self, sim);
}

/* What there is to do is done: every lease that nobody reports on runs out, every delay ends, and
 * whatever is pending is found by a claim. */
static uint32_t healed(void *self, struct rh_sim *sim)
{
    struct stats stats;

    (void)self;
    return check_stats(sim, find_queue(sim), &stats) && stats.live == 0;
}

/* --- at the end: every item there is, in one state --- */

static void list_state(struct work *w, struct rh_sim *sim, uint32_t node, const char *state)
{
    char target[128];
    struct rh_sim_answer answer;
    struct work_rows rows;
    void *memory = NULL;

    (void)snprintf(target, sizeof(target), "/work/pending?limit=%u&status=%s", PAGE_ITEMS,
                   state); /* fits */
    if (rh_sim_ask(sim, node, target, &answer) != RH_OK || answer.status != 200 ||
        rh_sim_decode(sim, &work_rows_table, answer.body, &rows, &memory) != RH_OK) {
        rh_sim_fail(sim, "queue_can_be_read", node, "%s: status %" PRIu32, target, answer.status);
        return;
    }
    for (uint32_t i = 0; i < rows.items.count; i++) {
        const struct work_row *row = (const struct work_row *)rows.items.items + i;
        struct work_item *item = work_item(w, row->work_id);

        if (item->state[0])
            rh_sim_fail(sim, "one_state_each", node, "%s is %s and %s", item->id, item->state,
                        state);
        (void)rh_str_copy(item->state, sizeof(item->state), rh_str_from(state)); /* fits */
    }
    rh_sim_release(sim, memory);
}

/* An item is given after those that it depends on are done. What is done becomes known a little
 * later than it is, so that only a clear difference counts; when no answer told of it, it counts
 * that it is done now. */
static void check_depends(struct work *w, struct rh_sim *sim, uint32_t node,
                          const struct work_item *item)
{
    for (uint32_t i = 0; i < item->depend_count; i++) {
        const struct work_item *before = work_item(w, rh_str_from(item->depends[i]));

        if ((before->done_us == 0 && strcmp(before->state, "done") != 0) ||
            before->done_us > item->given_us + KNOWN_WITHIN_US)
            rh_sim_fail(sim, "dependencies_first", node,
                        "%s was given at %" PRId64 " and depends on %s, which was done at %" PRId64,
                        item->id, item->given_us, before->id, before->done_us);
    }
}

static void end(void *self, struct rh_sim *sim)
{
    static const char *const states[] = {"pending", "leased", "delayed",  "blocked",
                                         "done",    "dead",   "cancelled"};
    struct work *w = self;
    uint32_t node = find_queue(sim);
    uint32_t cursor = 0;
    void *value;

    if (node == RH_SIM_OUTSIDE)
        return; /* a run without a liveness phase may end like this */
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
        list_state(w, sim, node, states[i]);
    while (rh_map_next(&w->items, &cursor, NULL, &value)) {
        const struct work_item *item = value;

        check_depends(w, sim, node, item);
        if (item->is_added && !item->state[0])
            rh_sim_fail(sim, "acknowledged_adds_stay", node, "%s was acknowledged and is gone",
                        item->id);
        if (item->is_done && strcmp(item->state, "done") != 0)
            rh_sim_fail(sim, "acknowledged_completes_stay", node,
                        "%s was acknowledged as done and is \"%s\"", item->id, item->state);
    }
}

/* --- life --- */

static void *create(struct rh_sim *sim)
{
    struct work *w = calloc(1, sizeof(*w));

    (void)sim;
    if (!w)
        return NULL;
    rh_map_init(&w->items, 1, WORK_ITEMS_MAX);
    rh_map_init(&w->keys, 1, WORK_ITEMS_MAX);
    rh_map64_init(&w->reports, 1, WORK_REPORTS_MAX);
    rh_map64_init(&w->passed, 1, WORK_PASSED_MAX);
    rh_map64_init(&w->given, 1, WORK_PASSED_MAX);
    return w;
}

static void destroy(void *self)
{
    struct work *w = self;
    uint32_t cursor = 0;
    void *value;

    while (rh_map_next(&w->items, &cursor, NULL, &value))
        free(value);
    cursor = 0;
    while (rh_map64_next(&w->reports, &cursor, NULL, &value))
        free(value);
    rh_map_release(&w->items);
    rh_map_release(&w->keys);
    rh_map64_release(&w->reports);
    rh_map64_release(&w->passed);
    rh_map64_release(&w->given);
    free(w);
}

static const char *const plugins[] = {"work_queue"};

static const struct rh_sim_invariants invariants = {
    .size = (uint32_t)sizeof(invariants),
    .name = "work_queue",
    .plugins = plugins,
    .plugin_count = 1,
    .tick_ms = 150,
    .create = create,
    .destroy = destroy,
    .message = on_message,
    .published = on_published,
    .tick = on_tick,
    .healed = healed,
    .end = end,
};

RH_SIM_INVARIANTS(invariants)
