/* Goes round the live gauntlets and asks the queue about each, one call at a time; what an answer
 * means is decided in reconcile.c.
 *
 * A round asks for counts alone. Only when more items are over than there are results are items
 * read, from the first one without a result on. Once a minute and after each activation everything
 * is compared, and games without an item get one; adding is safe to repeat, because each game has
 * its idempotency key. */
#include <inttypes.h>
#include <ringhost/sdk/emit.h>
#include <ringhost/sdk/gtp_match.h>
#include <stdio.h>
#include <string.h>

#include "wire.h"
#include "wire_peer.h"

#define PAGE_ITEMS     CANCEL_MAX
#define PATH_SIZE      512u
#define WHY_SIZE       256u
#define RETRY_AFTER_MS 5000
/* The longest that a busy queue can put us off. */
#define RETRY_AFTER_MAX_S 60u

typedef void poll_callback(void *self, void *user, const struct rh_reply *reply);

static void poll_next(struct plugin *p);

static int64_t now_of(const struct plugin *p)
{
    return p->rh.core->now_ms(p->rh.ctx);
}

/* Say what is wrong, once in the log, and to whoever asks for the results; try again later. */
static void put_off(struct plugin *p, struct gauntlet *g, const struct rh_reply *reply,
                    const char *what)
{
    char text[GAME_ERROR_SIZE];
    const uint32_t wait_s =
        reply->retry_after_s < RETRY_AFTER_MAX_S ? reply->retry_after_s : RETRY_AFTER_MAX_S;
    const int64_t wait_ms = (int64_t)wait_s * 1000;
    const int n = snprintf(text, sizeof(text), "%s: status %" PRIu32 ": %.*s", what, reply->status,
                           RH_STR_ARG(reply->message));

    if (n < 0)
        text[0] = '\0';
    if (strcmp(text, g->sweep.problem) != 0)
        rh_log_warn(&p->rh, "gauntlet_queue_refused", "gauntlet=%.*s %s", RH_STR_ARG(g->spec.id),
                    text);
    memcpy(g->sweep.problem, text, sizeof(text));
    g->sweep.not_before_ms = now_of(p) + (wait_ms > RETRY_AFTER_MS ? wait_ms : RETRY_AFTER_MS);
}

static bool send(struct plugin *p, const char *method, const char *path, struct rh_str body,
                 poll_callback *cb)
{
    const struct rh_call call = {.size = (uint32_t)sizeof(call),
                                 .target = "self",
                                 .method = method,
                                 .path = path,
                                 .body = body,
                                 .flags = RH_CALL_IDEMPOTENT};
    void *user = (void *)(uintptr_t)p->poller.current;

    p->poller.is_calling = p->rh.http->call(p->rh.ctx, &call, cb, user, NULL) == RH_OK;
    return p->poller.is_calling;
}

static bool is_good(const struct rh_reply *reply)
{
    return reply->rc == RH_OK && reply->status >= 200 && reply->status < 300;
}

/* The gauntlet that an answer is about; NULL when it is gone, or its activation is over. */
static struct gauntlet *take_answer(struct plugin *p, void *user, const struct rh_reply *reply)
{
    struct gauntlet *g = NULL;

    if (reply->rc == RH_ECANCELLED)
        return NULL; /* deactivated: memory is gone, and a new activation begins a round of its own
                      */
    p->poller.is_calling = false;
    g = gauntlets_by_serial(p, (uint64_t)(uintptr_t)user);
    if (!g)
        poll_next(p);
    return g;
}

/* A group that never had an item is not known to the queue. */
static bool is_empty_group(const struct rh_reply *reply)
{
    return reply->rc == RH_OK && reply->status == 404 &&
           rh_str_eq_c(reply->error_code, "not_found");
}

/* The same, and NULL as well when the queue refused: it is then asked again later. */
static struct gauntlet *take_good_answer(struct plugin *p, void *user, const struct rh_reply *reply,
                                         const char *what)
{
    struct gauntlet *g = take_answer(p, user, reply);

    if (!g || is_good(reply) || is_empty_group(reply))
        return g;
    put_off(p, g, reply, what);
    poll_next(p);
    return NULL;
}

static bool send_get(struct plugin *p, const struct gauntlet *g, uint32_t limit, const char *after,
                     poll_callback *cb)
{
    char path[PATH_SIZE];
    const int n = snprintf(path, sizeof(path), "/work/group?group=%.*s&limit=%" PRIu32 "%s%s",
                           RH_STR_ARG(g->spec.id), limit, after[0] ? "&after=" : "", after);

    return n > 0 && (size_t)n < sizeof(path) && send(p, "GET", path, (struct rh_str){NULL, 0}, cb);
}

static void on_added(void *self, void *user, const struct rh_reply *reply);

/* Add the next missing games; false when none is missing or no call could be made. */
static bool add_missing(struct plugin *p, struct gauntlet *g)
{
    struct rh_buf body;
    bool is_sent = false;

    rh_buf_init(&body, RH_BATCH_BYTES_MAX);
    p->poller.add_to = p->poller.add_from;
    if (gauntlet_items_body(g, &p->poller.add_to, &body))
        is_sent = body.rc == RH_OK && send(p, "POST", "/work/add", rh_buf_str(&body), on_added);
    else
        g->sweep.is_due = false;
    rh_buf_release(&body);
    return is_sent;
}

static void on_added(void *self, void *user, const struct rh_reply *reply)
{
    struct plugin *p = self;
    struct gauntlet *g = take_good_answer(p, user, reply, "POST /work/add");

    if (!g)
        return;
    g->sweep.problem[0] = '\0';
    for (uint32_t i = p->poller.add_from; i < p->poller.add_to; i++)
        g->present[i] = 1;
    p->poller.add_from = p->poller.add_to;
    if (g->status.state != GAUNTLET_RUNNING || !add_missing(p, g))
        poll_next(p);
}

/* All that follows from the last game: state and event in one batch, so exactly once. */
static void complete(struct plugin *p, struct gauntlet *g, struct rh_batch_builder *batch)
{
    struct rh_gauntlet_completed event = {.gauntlet_id = g->spec.id,
                                          .model = g->spec.model,
                                          .config_key = g->spec.config_key,
                                          .baselines = g->spec.baselines,
                                          .baseline_count = g->spec.baseline_count};
    const struct tally *total = &g->status.total;
    struct rh_self self = {.size = (uint32_t)sizeof(self)};

    gauntlet_finish(g, GAUNTLET_COMPLETED, p->rh.core->wall_ms(p->rh.ctx));
    p->rh.core->self(p->rh.ctx, &self);
    event.verdict = rh_str_from(verdict_name((enum verdict)g->status.verdict));
    event.node_id = self.node_id;
    event.wins = total->wins;
    event.losses = total->losses;
    event.draws = total->draws;
    event.total_games = tally_decided(total);
    if (event.total_games)
        event.win_rate =
            ((double)event.wins + (double)event.draws / 2.0) / (double)event.total_games;
    rh_emit_gauntlet_completed(batch, &event);
    gauntlets_put_settled(batch, g);
    rh_log_info(&p->rh, "gauntlet_completed",
                "gauntlet=%.*s verdict=%s games=%" PRIu32 " errors=%" PRIu32,
                RH_STR_ARG(g->spec.id), verdict_name((enum verdict)g->status.verdict),
                tally_scheduled(total), total->errors);
}

static void take_item(struct plugin *p, struct gauntlet *g, const struct peer_item *peer,
                      struct rh_batch_builder *batch)
{
    const struct group_item item = {peer->work_id, peer->idempotency_key, peer->status,
                                    peer->node_id, peer->error,           peer->attempt};
    struct rh_gtp_game game;
    struct game_result result;
    void *memory = NULL;
    uint32_t index = 0;
    const bool is_read = rh_gtp_game_decode(&p->rh, peer->result, &game, &memory) == RH_OK;
    const enum item_step step = reconcile_item(g, &item, is_read ? &game : NULL, &index, &result);

    if (step == ITEM_RESOLVED && gauntlet_put(g, index, &result))
        gauntlets_put_game(batch, g, index);
    if (step == ITEM_LIVE)
        p->poller.is_prefix = false;
    if (p->poller.is_prefix)
        game_text_cut(g->sweep.after, sizeof(g->sweep.after), peer->work_id);
    p->rh.fields->release(p->rh.ctx, memory);
}

static const struct peer_item *item_at(const struct peer_group *page, uint32_t index)
{
    const char *item = (const char *)page->items.items + (size_t)index * page->items.stride;

    return (const struct peer_item *)(const void *)item;
}

static void take_page(struct plugin *p, struct gauntlet *g, const struct peer_group *page)
{
    struct rh_batch_builder batch;

    rh_batch_begin(&batch, GAUNTLET_NAMESPACE);
    for (uint32_t i = 0; i < page->items.count; i++)
        take_item(p, g, item_at(page, i), &batch);
    g->sweep.problem[0] = '\0';
    if (gauntlet_is_complete(g)) {
        complete(p, g, &batch);
        gauntlets_commit(p, &batch, g);
    } else if (batch.op_count) {
        gauntlets_commit(p, &batch, NULL);
    } else {
        rh_batch_release(&batch);
    }
}

static void on_page(void *self, void *user, const struct rh_reply *reply);

/* The queue has nothing of a cancelled gauntlet any more. */
static void settle(struct plugin *p, struct gauntlet *g)
{
    struct rh_batch_builder batch;

    g->status.is_settled = true;
    rh_batch_begin(&batch, GAUNTLET_NAMESPACE);
    gauntlets_put_settled(&batch, g);
    gauntlets_commit(p, &batch, g);
}

static void on_cancelled(void *self, void *user, const struct rh_reply *reply);

/* Cancel the live items of the page one by one, then go to the next page; after the last one all is
 * done. */
static void cancel_more(struct plugin *p, struct gauntlet *g)
{
    struct poller *poller = &p->poller;
    struct rh_buf body;
    struct rh_json_writer w;
    bool is_sent = false;

    if (poller->cancel_count == 0 && poller->next[0] == '\0') {
        settle(p, g);
    } else if (poller->cancel_count == 0) {
        is_sent = send_get(p, g, PAGE_ITEMS, poller->next, on_page);
    } else {
        rh_buf_init(&body, PATH_SIZE);
        rh_json_init(&w, &body);
        rh_json_begin_object(&w);
        rh_json_kv_strc(&w, "work_id", poller->cancel[--poller->cancel_count]);
        rh_json_end_object(&w);
        is_sent = rh_json_finish(&w) == RH_OK &&
                  send(p, "POST", "/work/cancel", rh_buf_str(&body), on_cancelled);
        rh_buf_release(&body);
    }
    if (!is_sent)
        poll_next(p);
}

/* An item that ended meanwhile, or is gone, need not be cancelled. */
static void on_cancelled(void *self, void *user, const struct rh_reply *reply)
{
    struct plugin *p = self;
    struct gauntlet *g = take_answer(p, user, reply);
    const bool is_over = reply->rc == RH_OK && (reply->status == 404 || reply->status == 409);

    if (!g)
        return;
    if (is_over || is_good(reply)) {
        cancel_more(p, g);
        return;
    }
    put_off(p, g, reply, "POST /work/cancel");
    poll_next(p);
}

static void list_to_cancel(struct plugin *p, struct gauntlet *g, const struct peer_group *page)
{
    p->poller.cancel_count = 0;
    for (uint32_t i = 0; i < page->items.count && i < CANCEL_MAX; i++) {
        const struct peer_item *peer = item_at(page, i);

        if (reconcile_is_live(peer->status))
            game_text_cut(p->poller.cancel[p->poller.cancel_count++], GAME_ID_SIZE, peer->work_id);
    }
    g->sweep.problem[0] = '\0';
}

/* After a page: the next one, or what follows from all of them. */
static void go_on(struct plugin *p, struct gauntlet *g)
{
    bool is_sent = false;

    if (p->poller.is_cancel) {
        cancel_more(p, g);
        return;
    }
    /* One that was cancelled while its page was asked for has its turn in the next round. */
    if (g->status.state == GAUNTLET_RUNNING && p->poller.next[0])
        is_sent = send_get(p, g, PAGE_ITEMS, p->poller.next, on_page);
    else if (g->status.state == GAUNTLET_RUNNING && p->poller.is_sweep)
        is_sent = add_missing(p, g);
    if (!is_sent)
        poll_next(p);
}

static void on_page(void *self, void *user, const struct rh_reply *reply)
{
    struct plugin *p = self;
    struct gauntlet *g = take_good_answer(p, user, reply, "GET /work/group");
    struct peer_group page;
    char why[WHY_SIZE] = "";
    void *memory = NULL;

    if (!g)
        return;
    if (gauntlet_group_decode(&p->rh, reply->body, &page, &memory, why, sizeof(why)) != RH_OK) {
        struct rh_reply bad = *reply;

        bad.message = rh_str_from(why);
        put_off(p, g, &bad, "GET /work/group");
        poll_next(p);
        return;
    }
    if (g->status.state == GAUNTLET_RUNNING)
        take_page(p, g, &page);
    else if (p->poller.is_cancel)
        list_to_cancel(p, g, &page);
    game_text_cut(p->poller.next, sizeof(p->poller.next),
                  page.items.count ? page.next : (struct rh_str){NULL, 0});
    p->rh.fields->release(p->rh.ctx, memory);
    go_on(p, g);
}

static bool begin_pages(struct plugin *p, struct gauntlet *g, bool is_sweep)
{
    p->poller.is_sweep = is_sweep;
    p->poller.is_cancel = g->status.state == GAUNTLET_CANCELLED;
    p->poller.is_prefix = true;
    p->poller.add_from = 0;
    if (is_sweep) {
        reconcile_begin(g);
        g->sweep.after[0] = '\0';
    }
    return send_get(p, g, PAGE_ITEMS, g->sweep.after, on_page);
}

static void on_counts(void *self, void *user, const struct rh_reply *reply)
{
    struct plugin *p = self;
    struct gauntlet *g = take_good_answer(p, user, reply, "GET /work/group");
    struct peer_group page;
    void *memory = NULL;
    bool has_news = true;

    if (!g)
        return;
    if (gauntlet_group_decode(&p->rh, reply->body, &page, &memory, NULL, 0) == RH_OK)
        has_news = !page.has_counts ||
                   reconcile_has_news(g, page.counts.done, page.counts.dead, page.counts.cancelled);
    p->rh.fields->release(p->rh.ctx, memory);
    g->sweep.problem[0] = '\0';
    if (!has_news || g->status.state != GAUNTLET_RUNNING || !begin_pages(p, g, false))
        poll_next(p);
}

static bool visit(struct plugin *p, struct gauntlet *g)
{
    if (g->status.is_settled || g->sweep.not_before_ms > now_of(p))
        return false;
    if (g->sweep.is_due || g->status.state == GAUNTLET_CANCELLED)
        return begin_pages(p, g, true);
    return send_get(p, g, 1, "", on_counts);
}

static void on_timer(void *self, void *user)
{
    struct plugin *p = self;

    (void)user;
    p->poller.is_armed = false;
    gauntlets_poll_kick(p);
}

/* The next gauntlet of the round that has something to ask; at its end the timer for the next one.
 */
static void poll_next(struct plugin *p)
{
    struct poller *poller = &p->poller;

    for (uint32_t i = 0; i < p->live_count; i++) {
        if (p->live[i].serial <= poller->current)
            continue;
        poller->current = p->live[i].serial;
        if (visit(p, p->live[i].gauntlet))
            return;
    }
    if (p->live_count == 0)
        return;
    poller->is_armed = p->rh.core->timer(p->rh.ctx, poller->is_again ? 0 : p->config->poll_interval,
                                         on_timer, NULL, &poller->timer) == RH_OK;
}

void gauntlets_poll_kick(struct plugin *p)
{
    struct poller *poller = &p->poller;

    if (poller->is_calling) {
        poller->is_again = true;
        return;
    }
    if (poller->is_armed)
        (void)p->rh.core->timer_cancel(p->rh.ctx, poller->timer); /* gone is as good as cancelled */
    poller->is_armed = false;
    poller->is_again = false;
    poller->current = 0;
    poll_next(p);
}

void gauntlets_poll_sweep_all(struct plugin *p)
{
    for (uint32_t i = 0; i < p->live_count; i++)
        p->live[i].gauntlet->sweep.is_due = true;
    gauntlets_poll_kick(p);
}

void gauntlets_poll_stop(struct plugin *p)
{
    memset(&p->poller, 0, sizeof(p->poller));
}
