/* What a run looks at first: the queue, who holds what, and metrics that commands print. */
#include <inttypes.h>
#include <stdio.h>

#include <ringhost/sdk/hash.h>

#include "wire.h"

#define PAGE_ITEMS   500
#define PAGES_MAX    200u
#define METRIC_BYTES 4096

struct stats_row {
    struct rh_str work_type;
    int64_t pending;
    int64_t leased;
};
struct stats {
    struct rh_list configs;
};
static const struct rh_field row_fields[] = {
    RH_STR(struct stats_row, work_type, RH_REQUIRED, "type"),
    RH_INT(struct stats_row, pending, 0, 0, 0, "items"),
    RH_INT(struct stats_row, leased, 0, 0, 0, "items"),
};
static const struct rh_field stats_fields[] = {
    RH_OBJECT_LIST(struct stats, configs, RH_REQUIRED, 10000, struct stats_row, row_fields,
                   "kinds of work"),
};
static const struct rh_fields stats_table = RH_FIELDS(struct stats, stats_fields);

struct leased_row {
    struct rh_str node_id;
};
struct leased_page {
    struct rh_list items;
    struct rh_str next;
};
static const struct rh_field leased_fields[] = {
    RH_STR(struct leased_row, node_id, RH_REQUIRED, "who holds it"),
};
static const struct rh_field page_fields[] = {
    RH_OBJECT_LIST(struct leased_page, items, RH_REQUIRED, PAGE_ITEMS, struct leased_row,
                   leased_fields, "leased items"),
    RH_STR(struct leased_page, next, 0, "where the next page begins"),
};
static const struct rh_fields page_table = RH_FIELDS(struct leased_page, page_fields);

struct metric {
    double metric;
    double total;
};
static const struct rh_field metric_fields[] = {
    RH_NUMBER(struct metric, metric, -1, 0, 0, "average of a machine"),
    RH_NUMBER(struct metric, total, -1, 0, 0, "of all machines"),
};
static const struct rh_fields metric_table = RH_FIELDS(struct metric, metric_fields);

static void ask_metrics(struct plugin *p);

static uint64_t node_hash(struct rh_str node_id)
{
    return rh_hash_fnv1a(RH_HASH_FNV1A_INIT, node_id.p, node_id.n) | 1;
}

int64_t scaling_leases(const struct plugin *p, const char *node_id)
{
    const uintptr_t held = (uintptr_t)rh_map64_get(&p->leases, node_hash(rh_str_from(node_id)));

    return held ? (int64_t)held - 1 : 0;
}

static int32_t count_lease(struct plugin *p, struct rh_str node_id)
{
    const uint64_t key = node_hash(node_id);
    const uintptr_t held = (uintptr_t)rh_map64_get(&p->leases, key);

    return rh_map64_put(&p->leases, key, (void *)((held ? held : 1) + 1), NULL);
}

static void on_metric(void *self, void *user, const struct rh_process_exit *ended)
{
    struct plugin *p = self;
    struct pool_run *pool = &p->pools[p->next_metric];
    struct metric metric = {-1, -1};
    void *memory = NULL;

    (void)user;
    if (!p->is_active)
        return;
    if (ended->rc == RH_OK && rh_str_eq_c(ended->reason, "exited") && ended->code == 0 &&
        p->rh.fields->decode(p->rh.ctx, &metric_table, ended->output, &metric, &memory, NULL, 0) ==
            RH_OK) {
        p->rh.fields->release(p->rh.ctx, memory);
        pool->has_total = metric.total >= 0 || metric.metric >= 0;
        pool->is_per_node = metric.total < 0;
        pool->total = metric.total >= 0 ? metric.total : metric.metric;
    }
    if (!pool->has_total)
        rh_log_warn(&p->rh, "metric_missing", "pool=%.*s why=\"%.*s\"",
                    RH_STR_ARG(scaling_pool(p, p->next_metric)->name), RH_STR_ARG(ended->message));
    p->next_metric++;
    ask_metrics(p);
}

static int32_t run_metric(struct plugin *p, const struct pool_config *pool)
{
    struct rh_str argv[DRIVER_WORDS_MAX];
    const struct driver_values values = {.pool = pool->name};
    struct rh_self self = {.size = (uint32_t)sizeof(self)};
    struct rh_buf memory;
    char key[64];
    int32_t rc = driver_argv(&pool->metric_command, &values, argv, &memory);

    p->rh.core->self(p->rh.ctx, &self);
    (void)snprintf(key, sizeof(key), "metric-%" PRIu32 "-%" PRIu64 "-%" PRIu64, p->next_metric,
                   self.start_count, p->runs); /* it fits */
    if (rc == RH_OK) {
        const struct rh_process_spec spec = {.size = (uint32_t)sizeof(spec),
                                             .key = key,
                                             .argv = {argv, pool->metric_command.count, 0},
                                             .output_max = METRIC_BYTES,
                                             .wall_ms = p->config->driver_timeout};

        rc = p->rh.process->run(p->rh.ctx, &spec, on_metric, NULL);
    }
    rh_buf_release(&memory);
    return rc;
}

/* One after the other. A command that cannot even be run leaves the metric missing. */
static void ask_metrics(struct plugin *p)
{
    while (p->next_metric < p->config->pools.count) {
        const struct pool_config *pool = scaling_pool(p, p->next_metric);

        if (rh_str_eq_c(pool->metric, "command") && run_metric(p, pool) == RH_OK)
            return;
        p->next_metric++;
    }
    scaling_plan(p);
}

static int32_t ask_leases(struct plugin *p, struct rh_str after);

static void on_leases(void *self, void *user, const struct rh_reply *answer)
{
    struct plugin *p = self;
    struct leased_page page;
    void *memory = NULL;
    int32_t rc = rh_leader_answer(&p->rh, answer, "/work/pending", &page_table, &page, &memory);
    bool is_more = false;

    (void)user;
    if (rc == RH_OK) {
        for (uint32_t i = 0; i < page.items.count && rc == RH_OK; i++)
            rc = count_lease(p, ((const struct leased_row *)page.items.items + i)->node_id);
        is_more = page.next.n > 0;
        if (rc == RH_OK && is_more)
            rc = ++p->pages < PAGES_MAX
                     ? ask_leases(p, page.next)
                     : rh_failf(&p->rh, RH_ETOOLARGE, "too many leases to look at");
        p->rh.fields->release(p->rh.ctx, memory);
    }
    if (rc != RH_OK)
        scaling_finish(p, rc);
    else if (!is_more)
        ask_metrics(p);
}

static int32_t ask_leases(struct plugin *p, struct rh_str after)
{
    char path[128];

    (void)snprintf(path, sizeof(path), "/work/pending?status=leased&limit=%d%s%.*s", PAGE_ITEMS,
                   after.n > 0 ? "&after=" : "", RH_STR_ARG(after)); /* ids are short */
    return rh_leader_call(&p->rh, "GET", path, NULL, p->epoch, on_leases, NULL);
}

static bool covers(const struct pool_config *pool, struct rh_str work_type)
{
    for (uint32_t i = 0; i < pool->work_types.count; i++)
        if (rh_str_eq(pool->work_types.items[i], work_type))
            return true;
    return pool->work_types.count == 0;
}

static void on_stats(void *self, void *user, const struct rh_reply *answer)
{
    struct plugin *p = self;
    struct stats stats;
    void *memory = NULL;
    int32_t rc = rh_leader_answer(&p->rh, answer, "/work/stats", &stats_table, &stats, &memory);

    (void)user;
    for (uint32_t n = 0; n < p->config->pools.count && rc == RH_OK; n++) {
        const struct pool_config *pool = scaling_pool(p, n);

        p->pools[n] = (struct pool_run){.has_total = rh_str_eq_c(pool->metric, "queue")};
        for (uint32_t i = 0; i < stats.configs.count && p->pools[n].has_total; i++) {
            const struct stats_row *row = (const struct stats_row *)stats.configs.items + i;

            if (covers(pool, row->work_type))
                p->pools[n].total += (double)(row->pending + row->leased);
        }
    }
    p->rh.fields->release(p->rh.ctx, memory);
    if (rc == RH_OK)
        rc = ask_leases(p, (struct rh_str){NULL, 0});
    if (rc != RH_OK)
        scaling_finish(p, rc);
}

int32_t scaling_look(struct plugin *p)
{
    p->pages = 0;
    p->next_metric = 0;
    p->runs++;
    rh_map64_release(&p->leases);
    return rh_leader_call(&p->rh, "GET", "/work/stats", NULL, p->epoch, on_stats, NULL);
}
