/* The loop_job_reaper plugin: the leader looks at what is leased and has the queue end the attempts
 * that will come to nothing. Which those are, reaper.h says. */
#include <inttypes.h>
#include <stdio.h>

#include <ringhost/sdk/leader_call.h>
#include <ringhost/sdk/loop_actions.h>

#include "reaper.h"

#define LOOP        "job_reaper"
#define INTERVAL_MS 300000
/* Items of one page, and pages of one run; what is beyond is looked at in no run. */
#define PAGE_ITEMS 500
#define PAGES_MAX  200u

struct reaper_config {
    int64_t loop_job_reaper;
    int32_t enabled;
    int32_t dry_run;
    int64_t stale_after;
    int64_t stuck_after;
    int64_t reaped_max;
};

struct plugin {
    struct rh_services rh;
    const struct reaper_config *config;
    struct reaper reaper;
    struct rh_loop_actions actions;
    uint64_t epoch; /* of the run under way */
    uint32_t pages;
    uint32_t next; /* victim to be reaped */
    bool is_active;
};

struct leased_item {
    struct rh_str work_id;
    struct rh_str node_id;
    int64_t attempt;
    int64_t claimed_at;
    int64_t started_at;
    int64_t max_runtime_s;
};
struct leased_page {
    struct rh_list items;
    struct rh_str next;
};
static const struct rh_field item_fields[] = {
    RH_STR(struct leased_item, work_id, RH_REQUIRED, "the item"),
    RH_STR(struct leased_item, node_id, RH_REQUIRED, "who holds it"),
    RH_INT(struct leased_item, attempt, 0, 0, 1000000, "which attempt"),
    RH_INT(struct leased_item, claimed_at, 0, 0, 0, "Unix ms"),
    RH_INT(struct leased_item, started_at, 0, 0, 0, "Unix ms, 0 = not begun"),
    RH_INT(struct leased_item, max_runtime_s, 0, 0, 0, "its own limit"),
};
static const struct rh_field page_fields[] = {
    RH_OBJECT_LIST(struct leased_page, items, RH_REQUIRED, PAGE_ITEMS, struct leased_item,
                   item_fields, "leased items"),
    RH_STR(struct leased_page, next, 0, "where the next page begins"),
};
static const struct rh_fields page_table = RH_FIELDS(struct leased_page, page_fields);

static void reap_next(struct plugin *p);

/* The run is over. One that was cut off with its activation is not told about. */
static void finish(struct plugin *p, int32_t rc)
{
    if (rc == RH_ECANCELLED) {
        rh_loop_actions_drop(&p->actions);
        return;
    }
    rh_loop_actions_end(&p->actions);
    p->rh.core->done(p->rh.ctx, rc);
}

static bool is_gone(const struct plugin *p, struct rh_str node_id)
{
    struct rh_peer peer = {.size = (uint32_t)sizeof(peer)};

    return p->rh.cluster->peer(p->rh.ctx, node_id, &peer) == RH_OK &&
           (peer.state == RH_PEER_DEAD || peer.state == RH_PEER_LEFT);
}

static void see_page(struct plugin *p, const struct leased_page *page)
{
    for (uint32_t i = 0; i < page->items.count; i++) {
        const struct leased_item *row = (const struct leased_item *)page->items.items + i;
        const struct reaper_item item = {.work_id = row->work_id,
                                         .node_id = row->node_id,
                                         .attempt = row->attempt,
                                         .claimed_at_ms = row->claimed_at,
                                         .started_at_ms = row->started_at,
                                         .max_runtime_ms = row->max_runtime_s * 1000,
                                         .is_node_gone = is_gone(p, row->node_id)};

        reaper_see(&p->reaper, &item);
    }
}

static void on_reaped(void *self, void *user, const struct rh_reply *answer)
{
    struct plugin *p = self;
    int32_t rc = RH_OK;

    (void)user;
    /* A claim that has ended meanwhile is none of ours any more. */
    if (answer->rc != RH_OK || answer->status != 409)
        rc = rh_leader_answer(&p->rh, answer, "/work/reap", NULL, NULL, NULL);
    if (rc != RH_OK)
        finish(p, rc);
    else
        reap_next(p);
}

static int32_t reap(struct plugin *p, const struct reaper_victim *victim)
{
    struct rh_json_reply body;
    char error[96];

    (void)snprintf(error, sizeof(error), "held for %" PRId64 " s",
                   victim->held_ms / 1000); /* it fits */
    rh_loop_action(&p->actions, "reap", rh_str_from(victim->work_id), "%s: %s by %s",
                   reaper_cause_name(victim->cause), error, victim->node_id);
    if (p->config->dry_run)
        return RH_OK;
    rh_json_reply_begin(&body);
    rh_json_kv_strc(&body.w, "work_id", victim->work_id);
    rh_json_kv_strc(&body.w, "node_id", victim->node_id);
    rh_json_kv_int(&body.w, "attempt", victim->attempt);
    rh_json_kv_int(&body.w, "claimed_at", victim->claimed_at_ms);
    rh_json_kv_strc(&body.w, "cause", reaper_cause_name(victim->cause));
    rh_json_kv_strc(&body.w, "error", error);
    return rh_leader_call(&p->rh, "POST", "/work/reap", &body, p->epoch, on_reaped, NULL);
}

/* One after the other; the answer to one begins the next. */
static void reap_next(struct plugin *p)
{
    int32_t rc = RH_OK;

    while (p->next < p->reaper.victim_count && rc == RH_OK) {
        rc = reap(p, &p->reaper.victims[p->next++]);
        if (rc == RH_OK && !p->config->dry_run)
            return;
    }
    finish(p, rc);
}

static int32_t ask_page(struct plugin *p, struct rh_str after);

static void on_page(void *self, void *user, const struct rh_reply *answer)
{
    struct plugin *p = self;
    struct leased_page page;
    void *memory = NULL;
    int32_t rc = rh_leader_answer(&p->rh, answer, "/work/pending", &page_table, &page, &memory);
    bool is_more = false;

    (void)user;
    if (rc == RH_OK) {
        see_page(p, &page);
        is_more = page.next.n > 0 && ++p->pages < PAGES_MAX;
        if (is_more)
            rc = ask_page(p, page.next);
        p->rh.fields->release(p->rh.ctx, memory);
    }
    if (rc != RH_OK) {
        finish(p, rc);
    } else if (!is_more) {
        reaper_end(&p->reaper);
        reap_next(p);
    }
}

static int32_t ask_page(struct plugin *p, struct rh_str after)
{
    char path[128];

    (void)snprintf(path, sizeof(path), "/work/pending?status=leased&limit=%d%s%.*s", PAGE_ITEMS,
                   after.n > 0 ? "&after=" : "", RH_STR_ARG(after)); /* ids are short */
    return rh_leader_call(&p->rh, "GET", path, NULL, p->epoch, on_page, NULL);
}

static int32_t run_job_reaper(void *self)
{
    struct plugin *p = self;
    const struct reaper_limits limits = {.stale_ms = p->config->stale_after,
                                         .stuck_ms = p->config->stuck_after,
                                         .victims_max = (uint32_t)p->config->reaped_max};
    int32_t rc;

    p->epoch = rh_leader_epoch(&p->rh);
    if (p->epoch == 0)
        return RH_OK; /* it has just ceased to lead */
    p->pages = 0;
    p->next = 0;
    reaper_begin(&p->reaper, &limits, p->rh.core->now_ms(p->rh.ctx),
                 p->rh.core->wall_ms(p->rh.ctx));
    rh_loop_actions_begin(&p->actions, &p->rh, LOOP, p->config->dry_run != 0);
    rc = ask_page(p, (struct rh_str){NULL, 0});
    return rc == RH_OK ? RH_PENDING : rc;
}

static const struct rh_loop loops[] = {
    {.size = (uint32_t)sizeof(struct rh_loop),
     .flags = RH_LEADER,
     .name = LOOP,
     .doc = "Ends attempts that were never begun, run too long, or belong to a dead node.",
     .interval_ms = INTERVAL_MS,
     .jitter_ms = INTERVAL_MS / 10,
     .run = run_job_reaper},
};

#define AGE_MAX_MS (INT64_C(365) * 24 * 3600 * 1000)
static const struct rh_field config_fields[] = {
    RH_LOOP_ROWS(struct reaper_config, loop_job_reaper, "300s"),
    RH_DURATION(struct reaper_config, stale_after, "15m", 0, AGE_MAX_MS,
                "claimed so long ago and not begun: the attempt is ended; 0 = never"),
    RH_DURATION(struct reaper_config, stuck_after, "24h", 0, AGE_MAX_MS,
                "claimed so long ago, for items without a max_runtime_s: the attempt is ended; 0 = "
                "never"),
    RH_INT(struct reaper_config, reaped_max, 10, 1, REAPER_VICTIMS_MAX,
           "attempts that one run ends at most"),
};

static int32_t reconfigure(void *self, const void *config)
{
    ((struct plugin *)self)->config = config;
    return RH_OK;
}

static int32_t create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                      const void *config)
{
    struct plugin *p = self;

    rh_services_init(&p->rh, ctx, host);
    return reconfigure(p, config);
}

static int32_t activate(void *self, uint64_t epoch)
{
    struct plugin *p = self;

    (void)epoch; /* each run has its own */
    reaper_init(&p->reaper, p->rh.core->random(p->rh.ctx));
    p->is_active = true;
    return RH_OK;
}

static void deactivate(void *self)
{
    struct plugin *p = self;

    rh_loop_actions_drop(&p->actions);
    if (p->is_active)
        reaper_release(&p->reaper);
    p->is_active = false;
}

static const char *const services[] = {RH_CORE_ID, RH_FIELDS_ID, RH_HTTP_ID, RH_CLUSTER_ID};
static const char *const after[] = {"work_queue"};

static const struct rh_plugin descriptor = {
    RH_PLUGIN_HEAD(struct plugin, "loop_job_reaper", "0.1.0"),
    .summary = "Ends attempts whose leases live on although nothing will come of them.",
    .license = "Apache-2.0",
    RH_LIST_OF(services, service),
    .after = after,
    .after_count = 1,
    .config = RH_FIELDS(struct reaper_config, config_fields),
    RH_TABLE(loops, loop),
    .create = create,
    .activate = activate,
    .deactivate = deactivate,
    .reconfigure = reconfigure,
    .destroy = deactivate,
};

RH_PLUGIN_ENTRY("loop_job_reaper", "0.1.0", descriptor)
