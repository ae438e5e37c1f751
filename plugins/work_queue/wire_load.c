/* Activation: rebuilds the index by paged scans, a page a turn of the loop, and drops it again. */
#include "wire.h"

#include <assert.h>
#include <string.h>

#define LOAD_DONE   UINT64_MAX
#define LOAD_GROUPS 500u /* groups a turn */

static const struct rh_row *row_of(const struct rh_rows *rows, uint32_t index)
{
    const char *at = (const char *)rows->rows + (size_t)index * rows->row_stride;

    return (const struct rh_row *)(const void *)at;
}

static int32_t scan_range(struct work_queue *self, const struct rh_key *from,
                          const struct rh_key *to, struct rh_rows *rows)
{
    const struct rh_scan scan = {.size = (uint32_t)sizeof(scan),
                                 .name_space = WORK_NAMESPACE,
                                 .from = rh_key_view(from),
                                 .to = rh_key_view(to)};

    *rows = (struct rh_rows){.size = (uint32_t)sizeof(*rows)};
    return self->rh.state->scan(self->rh.ctx, &scan, rows);
}

static int32_t read_seq(const struct rh_row *row, uint64_t *seq)
{
    struct rh_key_reader reader;
    uint8_t kind;

    rh_key_reader_init(&reader, row->key);
    (void)rh_key_read_u8(&reader, &kind); /* sticky; read_end tells */
    (void)rh_key_read_u64(&reader, seq);
    return rh_key_read_end(&reader) ? RH_EIO : RH_OK;
}

/* A page of specs after load_after; *last is the page's last item, LOAD_DONE when there are no
 * more. */
static int32_t load_specs(struct work_queue *self, uint64_t *last, bool *more)
{
    struct rh_key from = key_of_seq(ROW_SPEC, self->load_after + 1);
    struct rh_key to = key_of(ROW_SPEC + 1);
    struct queue_time now = wire_now(self);
    struct item_lists lists;
    struct item_spec spec;
    struct rh_rows rows;
    int32_t rc = scan_range(self, &from, &to, &rows);

    for (uint32_t i = 0; i < rows.count && !rc; i++) {
        rc = read_seq(row_of(&rows, i), last);
        if (!rc && item_spec_decode(row_of(&rows, i)->data, &spec, &lists))
            rc = RH_EIO;
        if (!rc)
            rc = queue_restore_spec(&self->queue, *last, &spec, now);
    }
    *more = !rc && rows.more != 0;
    return rc;
}

/* The status rows of the items (first, last]. */
static int32_t load_statuses(struct work_queue *self, uint64_t first, uint64_t last)
{
    struct queue_time now = wire_now(self);
    struct rh_key to = key_of_seq(ROW_STATUS, last + 1);
    struct item_status status;
    struct rh_rows rows;
    int32_t rc;

    do {
        struct rh_key from = key_of_seq(ROW_STATUS, first + 1);
        rc = scan_range(self, &from, &to, &rows);
        for (uint32_t i = 0; i < rows.count && !rc; i++) {
            rc = read_seq(row_of(&rows, i), &first);
            struct item *item = rc ? NULL : queue_find(&self->queue, first);
            if (!rc && item_status_decode(row_of(&rows, i)->data, &status))
                rc = RH_EIO;
            if (!rc && item)
                rc = queue_restore_status(&self->queue, item, &status, now);
        }
    } while (!rc && rows.more && rows.count > 0);
    return rc;
}

/* Totals of the groups that have live items, some a turn; *more: there are others. */
static int32_t load_groups(struct work_queue *self, bool *more)
{
    void *group;

    *more = true;
    for (uint32_t n = 0; n < LOAD_GROUPS; n++) {
        int32_t rc;

        if (!rh_map_next(&self->queue.groups.map, &self->load_group, NULL, &group)) {
            *more = false;
            return RH_OK;
        }
        rc = store_load_group(self, group);
        if (rc)
            return rc;
    }
    return RH_OK;
}

/* The counters before anything else: they hold the activation number and the last item's number. */
static int32_t load_counters(struct work_queue *self)
{
    struct rh_key key = key_of(ROW_COUNTERS);
    struct rh_str record;
    bool found;
    int32_t rc = store_get(self, &key, &record, &found);

    if (rc || !found)
        return rc;
    return counters_decode(record, &self->queue.counters) ? RH_EIO : RH_OK;
}

/* Tokens of this activation may leave only when its number is durable: the commit comes before
 * every reply that is held, and claims are not answered early before (store_is_settled). */
static int32_t finish(struct work_queue *self)
{
    int32_t rc;

    store_begin(self);
    store_put_counters(self);
    self->begun = self->commit;
    rc = store_commit(self, false);
    if (rc)
        return rc;
    self->load_after = LOAD_DONE;
    rh_log_info(&self->rh, "queue_loaded", "live=%u leased=%u delayed=%u blocked=%u",
                (unsigned)queue_live_count(&self->queue), (unsigned)self->queue.live[ITEM_LEASED],
                (unsigned)self->queue.live[ITEM_DELAYED], (unsigned)self->queue.live[ITEM_BLOCKED]);
    return RH_OK;
}

/* The first turn after activation: what is too old, leases of nodes that are dead already, and the
 * timer. */
static void begin_watching(void *instance, void *user)
{
    struct work_queue *self = instance;

    struct place oldest;
    uint32_t count = 0;
    bool more;

    if (!self->is_built || (uint64_t)(uintptr_t)user != self->generation)
        return;
    if (wire_read_places(self, 0, false, 1, &oldest, &count, &more) == RH_OK && count > 0)
        wire_prune_from(self, oldest.finished_at_ms);
    wire_check_nodes(self);
}

/* Activation goes on next turn (more), or has ended like this. */
static void step_on(struct work_queue *self, int32_t rc, bool more,
                    void (*step)(void *instance, void *user), void *user)
{
    if (!rc && more)
        rc = self->rh.core->post(self->rh.ctx, step, user);
    else if (!rc)
        rc = self->rh.core->post(self->rh.ctx, begin_watching, user);
    if (rc)
        rc = rh_failf(&self->rh, rc, "the queue could not be loaded after item w%llu",
                      (unsigned long long)self->load_after);
    if (rc || !more)
        self->rh.core->done(self->rh.ctx, rc);
}

static void load_totals(void *instance, void *user)
{
    struct work_queue *self = instance;
    bool more = false;
    int32_t rc;

    if (!self->is_built || (uint64_t)(uintptr_t)user != self->generation)
        return; /* of an activation that is over */
    rc = load_groups(self, &more);
    if (!rc && !more)
        rc = finish(self);
    step_on(self, rc, more, load_totals, user);
}

static void load_page(void *instance, void *user)
{
    struct work_queue *self = instance;
    uint64_t last = self->load_after;
    bool more = false;
    int32_t rc;

    if (!self->is_built || (uint64_t)(uintptr_t)user != self->generation)
        return; /* likewise */
    rc = load_specs(self, &last, &more);
    if (!rc && last > self->load_after)
        rc = load_statuses(self, self->load_after, last);
    if (!rc && last > self->load_after)
        rc = wire_restore_depends(self, self->load_after, last);
    self->load_after = last;
    step_on(self, rc, true, more ? load_page : load_totals, user);
}

static void read_limits(const struct config *config, struct limits *out)
{
    static_assert(LIMIT_RULES_MAX == CONFIG_LIMITS_MAX, "the field table keeps it");

    for (uint32_t i = 0; i < config->limits.count; i++) {
        const char *at = (const char *)config->limits.items + (size_t)i * config->limits.stride;
        out->rules[i] = *(const struct limit_rule *)(const void *)at;
    }
    out->count = config->limits.count;
}

int32_t wire_load(struct work_queue *self, uint64_t epoch)
{
    const struct config *config = self->config;
    struct queue_limits limits = {.items_max = (uint32_t)config->queue_max,
                                  .ageing_ms = config->ageing,
                                  .retry_base_ms = config->retry_base,
                                  .retry_cap_ms = config->retry_cap,
                                  .grace_ms = config->restore_grace,
                                  .steal_after_ms = config->steal_after,
                                  .leases = {.per_node_max = config->node_leases_max}};
    uint64_t seed = self->rh.core->random(self->rh.ctx);
    int32_t rc;

    wire_unload(self);
    read_limits(config, &limits.leases);
    queue_init(&self->queue, seed, &limits);
    waiters_init(&self->waiters, seed);
    overlay_init(&self->overlay, seed);
    self->is_built = true;
    self->load_after = 0;
    self->load_group = 0;
    self->queue.commit = self->commit;
    rc = load_counters(self);
    if (!rc)
        rc = wire_load_paused(self);
    if (rc)
        return rc;
    queue_begin(&self->queue, epoch);
    rc = self->rh.core->post(self->rh.ctx, load_page, (void *)(uintptr_t)self->generation);
    return rc ? rc : RH_PENDING;
}

void wire_unload(struct work_queue *self)
{
    self->generation++;
    self->timer_at_ms = INT64_MAX; /* its timer ends with the activation */
    self->is_pruning = false;
    self->is_draining = false;
    self->group_wait_count = 0; /* the host answers them */
    self->prune_at_ms = INT64_MAX;
    if (!self->is_built)
        return;
    self->is_built = false;
    waiters_release(&self->waiters);
    queue_release(&self->queue);
    overlay_release(&self->overlay);
}
