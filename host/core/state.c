/* The state service's outer face: open, close, namespaces, submitting; the pipeline behind it is
 * state_group.c. */
#include "host/core/state.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/state_impl.h"

static int32_t path_make(char *dst, const char *directory, const char *file, char *why)
{
    int n = snprintf(dst, STATE_PATH_MAX, "%s/%s", directory, file);
    if (n > 0 && (uint32_t)n < STATE_PATH_MAX)
        return RH_OK;
    (void)snprintf(why, STATE_WHY_MAX, "%s: path too long", file); /* a short constant */
    return RH_EINVAL;
}

static int32_t store_open(struct state *state, uint32_t which, const char *directory, char *why)
{
    static const char *const files[STATE_STORES] = {"local.db", "replica.db"};
    static const char *const queues[STATE_STORES] = {"state-local", "state-replica"};
    struct state_store *store = &state->stores[which];
    store->state = state;
    store->is_replica = which == STATE_REPLICA;
    store->writer.is_replica = store->is_replica;
    int32_t rc = path_make(store->path, directory, files[which], why);
    if (rc == RH_OK)
        rc = state_writer_open(&store->writer, store->path, state->driver.sqlite_vfs, why);
    if (rc == RH_OK)
        rc = state_reader_open(&store->reader, store->path, state->driver.sqlite_vfs, why);
    if (rc != RH_OK)
        return rc;
    store->applied = store->writer.kept;
    store->checkpointed = store->applied.index;
    rc = state->driver.ops->queue_new(state->driver.ctx, queues[which], 1, &store->queue);
    if (rc != RH_OK)
        (void)snprintf(why, STATE_WHY_MAX, "%s: no thread for it", files[which]);
    return rc;
}

static void state_free(struct state *state)
{
    for (uint32_t i = 0; i < STATE_STORES; i++) {
        struct state_store *store = &state->stores[i];
        state_reader_close(&store->reader);
        state_writer_close(&store->writer, state->stats.is_stopped);
    }
    int rc = sqlite3_close(state->lock);
    assert(rc == SQLITE_OK);
    for (uint32_t i = 0; i < state->namespace_count; i++) {
        rh_buf_release(&state->namespaces[i]->data);
        free(state->namespaces[i]->rows);
        free(state->namespaces[i]);
    }
    free(state);
}

int32_t state_open(const struct state_config *config, const struct driver *driver,
                   struct state **out, char *why)
{
    char lock[STATE_PATH_MAX];
    struct state *state = calloc(1, sizeof(*state));
    int32_t rc = RH_OK;
    why[0] = 0;
    if (!state)
        return state_db_error(NULL, config->directory, NULL, why);
    /* SQLite's own count of what it allocates is a lock around every allocation, shared by the loop
     * and the writers. Refused once SQLite is in use: then the first to open has asked already. */
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    state->driver = *driver;
    state->on_event = config->on_event;
    state->on_failed = config->on_failed;
    state->on_stalled = config->on_stalled;
    state->on_applied = config->on_applied;
    state->on_checkpointed = config->on_checkpointed;
    state->propose = config->propose;
    state->has_log = config->has_log;
    state->holds_lazy = config->holds_lazy;
    state->user = config->user;
    if (config->node_id.n > STATE_NODE_MAX || sqlite3_threadsafe() == 0) {
        (void)snprintf(why, STATE_WHY_MAX, "node id too long, or an SQLite without threads");
        rc = RH_EINVAL;
        goto out;
    }
    if (config->node_id.n > 0)
        memcpy(state->node_id, config->node_id.p, config->node_id.n);
    rc = path_make(lock, config->directory, "state.lock", why);
    if (rc == RH_OK)
        rc = state_db_lock(lock, driver->sqlite_vfs, &state->lock, why);
    for (uint32_t i = 0; rc == RH_OK && i < STATE_STORES; i++)
        rc = store_open(state, i, config->directory, why);
    if (rc == RH_OK)
        rc = state_snapshot_open(state, config->directory, why);
    if (rc == RH_OK)
        rc = state_install_open(state, config->directory, why);
    if (rc != RH_OK)
        goto out;
    state->index_queued = state->stores[STATE_REPLICA].applied.index;
    *out = state;
    state = NULL;
out:
    if (state) {
        for (uint32_t i = 0; i < STATE_STORES; i++)
            driver->ops->queue_free(state->stores[i].queue);
        state_free(state);
    }
    return rc;
}

void state_close(struct state *state)
{
    if (!state)
        return;
    state->is_closing = 1;
    state_propose_drop(state);
    for (uint32_t i = 0; i < STATE_STORES; i++) {
        struct state_store *store = &state->stores[i];
        state->driver.ops->queue_free(store->queue);
        store->queue = NULL;
        assert(store->busy == STATE_JOB_NONE);
        while (store->job.items.first || store->urgent.first || store->normal.first)
            state_store_start(store);
    }
    state_snapshot_close(state);
    state_install_close(state);
    state_free(state);
}

/* A new number for the commits that are submitted from now on; 0 means none. */
static uint64_t run_new(const struct state *state)
{
    uint64_t run = 0;
    while (run == 0)
        run = state->driver.ops->random(state->driver.ctx);
    return run;
}

static struct state_ns *ns_find(const struct state *state, const char *name)
{
    for (uint32_t i = 0; i < state->namespace_count; i++) {
        if (strcmp(state->namespaces[i]->name, name) == 0)
            return state->namespaces[i];
    }
    return NULL;
}

static struct state_ns *ns_new(struct state *state, const char *plugin,
                               const struct rh_namespace *def)
{
    struct state_ns *ns = calloc(1, sizeof(*ns));
    if (!ns)
        return NULL;
    ns->store = &state->stores[def->flags & RH_NS_REPLICATED ? STATE_REPLICA : STATE_LOCAL];
    memcpy(ns->name, def->name, strlen(def->name));
    memcpy(ns->plugin, plugin, strlen(plugin));
    ns->flags = def->flags;
    ns->run = run_new(state);
    rh_buf_init(&ns->data, STATE_SCAN_BYTES_MAX + RH_VALUE_MAX + RH_KEY_MAX);
    return ns;
}

int32_t state_namespace(struct state *state, const char *plugin, const struct rh_namespace *def,
                        struct state_ns **out, uint32_t *schema_stored)
{
    char owner[STATE_PLUGIN_MAX + 1] = "";
    struct state_counts counts;
    int64_t id = 0;
    size_t plugin_n = strnlen(plugin, STATE_PLUGIN_MAX + 1);
    if (!state_name_is_valid((struct rh_str){def->name, strnlen(def->name, STATE_NAME_MAX + 1)}) ||
        plugin_n == 0 || plugin_n > STATE_PLUGIN_MAX ||
        (def->flags & ~(RH_NS_REPLICATED | RH_NS_URGENT | RH_NS_BESIDE)) != 0)
        return RH_EINVAL;
    struct state_ns *ns = ns_find(state, def->name);
    if (ns && strcmp(ns->plugin, plugin) != 0)
        return RH_EEXISTS;
    if (ns && ns->flags != def->flags)
        return RH_EINVAL;
    struct state_store *store =
        &state->stores[def->flags & RH_NS_REPLICATED ? STATE_REPLICA : STATE_LOCAL];
    int32_t rc = state_reader_namespace(&store->reader, def->name, &id, &counts, owner);
    if (rc != RH_OK)
        return rc;
    if (id != 0 && strcmp(owner, plugin) != 0)
        return RH_EEXISTS;
    if (!ns) {
        if (state->namespace_count == STATE_NAMESPACES_MAX)
            return RH_EFULL;
        ns = ns_new(state, plugin, def);
        if (!ns)
            return RH_ENOMEM;
        state->namespaces[state->namespace_count++] = ns;
    }
    *out = ns;
    *schema_stored = counts.schema;
    return RH_OK;
}

int32_t state_schema(struct state *state, struct state_ns *ns, uint32_t *out)
{
    struct state_counts counts;
    int64_t id = 0;
    (void)state; /* the face is the same for all reads */
    int32_t rc = state_reader_namespace(&ns->store->reader, ns->name, &id, &counts, NULL);
    if (rc == RH_OK)
        *out = counts.schema;
    return rc;
}

static uint32_t waiting(const struct state *state, const struct state_store *store, size_t *bytes)
{
    uint32_t count = store->urgent.count + store->normal.count;
    *bytes = store->urgent.bytes + store->normal.bytes;
    if (store->is_replica) {
        count += state->unproposed.count + state->proposed.count;
        *bytes += state->unproposed.bytes + state->proposed.bytes;
    }
    return count;
}

static int32_t submit(struct state *state, struct state_ns *ns, const struct rh_batch *batch,
                      uint32_t schema, int64_t at_ms,
                      void (*cb)(void *user, int32_t rc, uint64_t revision), void *user)
{
    const struct state_batch_head head = {.name_space = {ns->name, strlen(ns->name)},
                                          .plugin = {ns->plugin, strlen(ns->plugin)},
                                          .node_id = {state->node_id, strlen(state->node_id)},
                                          .at_ms = at_ms,
                                          .run = ns->run,
                                          .bytes_max = ns->bytes_max,
                                          .schema = schema};
    size_t bytes = 0;
    if (state->stats.is_stopped)
        return state->stats.failed_rc;
    if (state->is_closing)
        return RH_ECANCELLED;
    if (waiting(state, ns->store, &bytes) >= STATE_QUEUE_BATCHES_MAX ||
        bytes >= STATE_QUEUE_BYTES_MAX)
        return RH_EAGAIN;
    struct state_item *item = state_item_new(state_batch_size(&head, batch));
    if (!item)
        return RH_ENOMEM;
    state_batch_encode(&head, batch, item->data);
    item->ns = ns;
    item->cb = cb;
    item->user = user;
    item->run = ns->run;
    item->is_lazy = (batch->flags & RH_BATCH_LAZY) != 0;
    item->cost = batch->op_count + batch->event_count + (schema != 0);
    if (ns->store->is_replica && state->propose)
        state_list_push(&state->unproposed, item);
    else
        state_list_push(state_store_list(ns->store, item), item);
    return RH_OK;
}

int32_t state_commit(struct state *state, struct state_ns *ns, const struct rh_batch *batch,
                     const char *plugin, int64_t now_wall_ms,
                     void (*cb)(void *user, int32_t rc, uint64_t revision), void *user)
{
    return state_commit_schema(state, ns, batch, 0, plugin, now_wall_ms, cb, user);
}

int32_t state_commit_schema(struct state *state, struct state_ns *ns, const struct rh_batch *batch,
                            uint32_t schema, const char *plugin, int64_t now_wall_ms,
                            void (*cb)(void *user, int32_t rc, uint64_t revision), void *user)
{
    if (!plugin || strcmp(plugin, ns->plugin) != 0)
        return RH_EINVAL;
    int32_t rc = state_batch_check(batch, (ns->flags & RH_NS_REPLICATED) != 0);
    return rc == RH_OK ? submit(state, ns, batch, schema, now_wall_ms, cb, user) : rc;
}

int32_t state_set_schema(struct state *state, struct state_ns *ns, uint32_t schema,
                         void (*cb)(void *user, int32_t rc, uint64_t revision), void *user)
{
    const struct rh_batch batch = {.size = sizeof(batch)};
    return submit(state, ns, &batch, schema, 0, cb, user);
}

void state_quota(struct state_ns *ns, uint64_t bytes_max)
{
    ns->bytes_max = bytes_max;
}

int32_t state_broken(const struct state_ns *ns)
{
    return ns->broken_rc;
}

void state_resume(struct state *state, struct state_ns *ns)
{
    if (ns->broken_rc == RH_OK)
        return;
    ns->stale_rc = ns->broken_rc;
    ns->broken_rc = RH_OK;
    ns->run = run_new(state);
}

void state_flush(struct state *state)
{
    for (uint32_t i = 0; state->has_big_buf && i < state->namespace_count; i++) {
        if (state->namespaces[i]->data.cap > STATE_BUF_KEPT_BYTES)
            rh_buf_release(&state->namespaces[i]->data);
    }
    state->has_big_buf = 0;
    state_propose_flush(state);
    for (uint32_t i = 0; i < STATE_STORES; i++)
        state_store_start(&state->stores[i]);
}

uint32_t state_lazy_waits(const struct state *state)
{
    for (uint32_t i = 0; state->holds_lazy && i < STATE_STORES; i++) {
        if (state_store_is_lazy(&state->stores[i]))
            return 1;
    }
    return 0;
}

void state_lazy_release(struct state *state)
{
    for (uint32_t i = 0; i < STATE_STORES; i++) {
        struct state_store *store = &state->stores[i];
        store->lazy_is_due = state_store_is_lazy(store);
        state_store_start(store);
    }
}

void state_stats(struct state *state, struct state_stats *out)
{
    *out = state->stats;
    out->queued = 0;
    for (uint32_t i = 0; i < STATE_STORES; i++) {
        size_t bytes = 0;
        out->queued += waiting(state, &state->stores[i], &bytes) + state->stores[i].job.items.count;
    }
    out->wal_bytes_local = state->stores[STATE_LOCAL].wal_frames * (STATE_PAGE_BYTES + 24);
    out->wal_bytes_replica = state->stores[STATE_REPLICA].wal_frames * (STATE_PAGE_BYTES + 24);
    out->is_stalled = state->stores[STATE_REPLICA].stall_rc != RH_OK;
    out->failed_why = state->why;
}
