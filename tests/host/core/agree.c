/* The shared log of the core's tests; see agree.h. */
#include "tests/host/core/agree.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEASE_MS    2000
#define PIECE_BYTES 16384u

/* One instance. */
struct agree_life {
    struct rh_services rh;
    struct agree_node *node;
};

struct agree_config {
    uint64_t node;
};
static const struct rh_field config_fields[] = {
    RH_UINT64(struct agree_config, node, RH_REQUIRED, "address of the test's node"),
};

static struct agree_node *node_of(void *self)
{
    return ((struct agree_life *)self)->node;
}

/* --- the log --- */

struct agree *agree_new(void)
{
    struct agree *all = calloc(1, sizeof *all);

    assert(all);
    all->first = 1;
    all->leader = AGREE_NOBODY;
    return all;
}

void agree_free(struct agree *all)
{
    for (uint64_t i = 0; i < all->count; i++)
        free(all->entries[i].data);
    free(all->snapshot);
    free(all);
}

static void append(struct agree *all, uint32_t node, uint32_t life, uint64_t id, struct rh_str data)
{
    struct agree_entry *entry = &all->entries[all->count];

    assert(all->count < AGREE_ENTRIES_MAX);
    all->count++;
    *entry = (struct agree_entry){all->epoch, node, life, id, malloc(data.n + 1), data.n};
    assert(entry->data);
    if (data.n > 0)
        memcpy(entry->data, data.p, data.n);
    if (!all->is_held)
        all->commit = all->count;
}

void agree_lead(struct agree *all, uint32_t index)
{
    while (all->count > all->commit) {
        struct agree_entry *entry = &all->entries[--all->count];

        struct agree_node *node = entry->node < AGREE_NODES_MAX ? &all->nodes[entry->node] : NULL;

        if (node && node->life == entry->life && node->failed_count < AGREE_BARRIERS_MAX)
            node->failed[node->failed_count++] = entry->id;
        free(entry->data);
    }
    all->leader = index;
    all->epoch++;
    if (index != AGREE_NOBODY)
        append(all, AGREE_NOBODY, 0, 0, RH_STR_LIT(""));
}

void agree_hold(struct agree *all, bool is_held)
{
    all->is_held = is_held;
    if (!is_held)
        all->commit = all->count;
}

void agree_compact(struct agree *all)
{
    all->first = all->commit + 1;
}

/* --- a node's part, once a tick --- */

static void tell_leadership(struct agree_life *p)
{
    struct agree_node *node = p->node;
    const struct agree *all = node->all;
    int64_t until_ms = p->rh.core->now_ms(p->rh.ctx) + LEASE_MS;

    if (!node->leads_active)
        return;
    node->epoch_told = all->epoch;
    if (all->leader == node->index)
        (void)node->leader->leading(p->rh.ctx, all->epoch, until_ms, 1, 1); /* the host decides */
    else if (all->leader != AGREE_NOBODY)
        (void)node->leader->following(p->rh.ctx, rh_str_from(all->nodes[all->leader].id),
                                      all->epoch, until_ms);
    else
        (void)node->leader->leaderless(p->rh.ctx, all->epoch, "the test says so", 0, 1);
}

/* Bring the leader's snapshot here. */
static void fetch(struct agree_life *p)
{
    struct agree_node *node = p->node;
    struct agree *all = node->all;
    int32_t rc = RH_OK;

    if (node->is_installing)
        return;
    all->is_wanted = true;
    if (!all->snapshot)
        return;
    for (uint64_t at = 0; rc == RH_OK && at < all->snapshot_n; at += PIECE_BYTES) {
        uint64_t left = all->snapshot_n - at;

        rc = node->host->install_write(
            p->rh.ctx, all->snapshot_id, at,
            (struct rh_str){all->snapshot + at, left < PIECE_BYTES ? (size_t)left : PIECE_BYTES});
    }
    if (rc == RH_OK)
        rc = node->host->install(p->rh.ctx, all->snapshot_id, all->snapshot_index,
                                 all->snapshot_term);
    node->is_installing = rc == RH_OK;
}

static void hand_in(struct agree_life *p)
{
    struct agree_node *node = p->node;
    struct agree *all = node->all;

    while (!node->is_stuck && node->next <= all->commit) {
        const struct agree_entry *entry = &all->entries[node->next - 1];
        bool is_ours = entry->node == node->index && entry->life == node->life;

        if (node->next < all->first) {
            fetch(p);
            return;
        }
        node->committed_rc =
            node->host->committed(p->rh.ctx, node->next, entry->term, is_ours ? entry->id : 0,
                                  (struct rh_str){entry->data, entry->n});
        if (node->committed_rc != RH_OK) {
            node->refused++;
            return;
        }
        node->next++;
    }
}

static void answer_barriers(struct agree_life *p)
{
    struct agree_node *node = p->node;
    bool leads = node->all->leader == node->index;

    if (leads && (node->all->is_held || node->next <= node->all->commit))
        return;
    for (uint32_t i = 0; i < node->barrier_count; i++)
        (void)node->host->barrier_done(p->rh.ctx, node->barriers[i],
                                       leads ? RH_OK : RH_ENOTLEADER); /* the host decides */
    node->barrier_count = 0;
}

static void tick(void *self, void *user)
{
    struct agree_life *p = self;
    struct agree_node *node = p->node;
    struct agree *all = node->all;
    rh_handle timer;

    (void)user;
    if (p->rh.core->timer(p->rh.ctx, AGREE_TICK_MS, tick, NULL, &timer) != RH_OK || node->is_cut)
        return;
    tell_leadership(p);
    if (!node->is_active)
        return;
    while (node->failed_count > 0)
        (void)node->host->failed(p->rh.ctx, node->failed[--node->failed_count],
                                 RH_EUNKNOWN); /* likewise */
    if (all->leader == node->index && all->is_wanted && !all->is_asked && !all->snapshot)
        all->is_asked = node->host->snapshot_wanted(p->rh.ctx, ++all->snapshot_id) == RH_OK;
    hand_in(p);
    answer_barriers(p);
}

/* --- what the host calls --- */

static void role_active(void *self, uint32_t is_active)
{
    struct agree_life *p = self;
    uint64_t index = 0;
    uint64_t term = 0;

    node_of(self)->is_active = is_active != 0;
    (void)p->node->host->applied(p->rh.ctx, &index, &term); /* always RH_OK */
    p->node->next = index + 1;
}

static int32_t role_propose(void *self, uint64_t id, struct rh_str data)
{
    struct agree_node *node = node_of(self);

    if (node->propose_rc != RH_OK)
        return node->propose_rc;
    if (node->all->leader != node->index || node->is_cut)
        return RH_ENOTLEADER;
    node->proposals++;
    append(node->all, node->index, node->life, id, data);
    return RH_OK;
}

static int32_t role_barrier(void *self, uint64_t id)
{
    struct agree_node *node = node_of(self);

    if (node->barrier_count == AGREE_BARRIERS_MAX)
        return RH_EAGAIN;
    if (node->all->leader != node->index)
        return RH_ENOTLEADER;
    node->barriers[node->barrier_count++] = id;
    node->barriers_asked++;
    return RH_OK;
}

static void role_checkpointed(void *self, uint64_t index)
{
    node_of(self)->checkpointed = index;
}

static void role_snapshot_ready(void *self, uint64_t id, int32_t rc, uint64_t index, uint64_t term,
                                uint64_t length)
{
    struct agree_life *p = self;
    struct agree_node *node = p->node;
    struct agree *all = node->all;
    struct rh_str piece;

    node->snapshots++;
    node->snapshot_rc = rc;
    all->is_asked = false;
    if (rc != RH_OK)
        return;
    all->snapshot = malloc(length);
    assert(all->snapshot);
    all->snapshot_n = length;
    all->snapshot_index = index;
    all->snapshot_term = term;
    for (uint64_t at = 0; at < length; at += piece.n) {
        rc = node->host->snapshot_read(p->rh.ctx, id, at, PIECE_BYTES, &piece);
        assert(rc == RH_OK);
        assert(piece.n > 0);
        memcpy(all->snapshot + at, piece.p, piece.n);
    }
    rc = node->host->snapshot_release(p->rh.ctx, id);
    assert(rc == RH_OK);
}

static void role_installed(void *self, uint64_t id, int32_t rc, uint64_t index, uint64_t term)
{
    struct agree_node *node = node_of(self);

    (void)id;
    (void)term;
    node->installs++;
    node->installed_rc = rc;
    node->is_installing = false;
    if (rc == RH_OK)
        node->next = index + 1;
}

static void role_applied(void *self, uint64_t index, uint64_t term)
{
    struct agree_node *node = node_of(self);

    node->applied_calls++;
    node->applied_index = index;
    node->applied_term = term;
}

static void role_apply_health(void *self, int32_t rc, const char *why)
{
    struct agree_node *node = node_of(self);

    (void)why;
    node->health_calls++;
    node->health_rc = rc;
}

static void leader_active(void *self, uint32_t is_active)
{
    node_of(self)->leads_active = is_active != 0;
}

static int32_t leader_step_down(void *self, int64_t hold_ms, const char *reason)
{
    struct agree_node *node = node_of(self);

    (void)hold_ms;
    (void)reason;
    node->steps_down++;
    return RH_OK;
}

static const struct rh_replication_role_v1 replication_role = {
    .size = (uint32_t)sizeof(replication_role),
    .active = role_active,
    .propose = role_propose,
    .barrier = role_barrier,
    .checkpointed = role_checkpointed,
    .snapshot_ready = role_snapshot_ready,
    .installed = role_installed,
    .applied = role_applied,
    .apply_health = role_apply_health,
};
static const struct rh_leader_role_v1 leader_role = {
    .size = (uint32_t)sizeof(leader_role),
    .active = leader_active,
    .step_down = leader_step_down,
};

/* --- life --- */

static int32_t agree_create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                            const void *config)
{
    const struct agree_config *cfg = config;
    struct agree_life *p = self;
    struct agree_node *node = (struct agree_node *)(uintptr_t)cfg->node;

    p->node = node;
    rh_services_init(&p->rh, ctx, host);
    node->rh = &p->rh;
    node->host = host->service(ctx, RH_REPLICATION_HOST_ID);
    node->leader = host->service(ctx, RH_LEADER_HOST_ID);
    node->life++;
    node->is_active = node->leads_active = node->is_installing = false;
    node->barrier_count = 0;
    return node->host && node->leader ? RH_OK : RH_EUNSUPPORTED;
}

static int32_t agree_start(void *self)
{
    struct agree_life *p = self;

    return p->node->host->stand_by(p->rh.ctx, p->node->stands_by);
}

static int32_t agree_activate(void *self, uint64_t epoch)
{
    (void)epoch;
    tick(self, NULL);
    return RH_OK;
}

static void agree_destroy(void *self)
{
    node_of(self)->rh = NULL;
}

static const char *const services[] = {RH_CORE_ID, RH_REPLICATION_HOST_ID, RH_LEADER_HOST_ID};

static const struct rh_plugin descriptor = {
    .size = (uint32_t)sizeof(descriptor),
    .abi_major = RH_ABI_MAJOR,
    .abi_minor = RH_ABI_MINOR,
    .min_host_minor = RH_ABI_MINOR,
    .instance_size = (uint32_t)sizeof(struct agree_life),
    .version = "0.1.0",
    .summary = "Agrees as a test wants.",
    .license = "Apache-2.0",
    RH_LIST_OF(services, service),
    .config = RH_FIELDS(struct agree_config, config_fields),
    .create = agree_create,
    .start = agree_start,
    .activate = agree_activate,
    .destroy = agree_destroy,
};

void agree_describe(struct agree_plugin *out, struct agree *all, uint32_t index, const char *id)
{
    struct agree_node *node = &all->nodes[index];

    memset(out, 0, sizeof *out);
    node->all = all;
    node->id = id;
    node->index = index;
    out->desc = descriptor;
    out->desc.id = "agree";
    out->roles[0] = (struct rh_role){.size = (uint32_t)sizeof out->roles[0],
                                     .rank = 50,
                                     .id = RH_LEADER_ROLE,
                                     .table = &leader_role};
    out->roles[1] = (struct rh_role){.size = (uint32_t)sizeof out->roles[1],
                                     .rank = 50,
                                     .id = RH_REPLICATION_ROLE,
                                     .table = &replication_role};
    out->desc.roles = out->roles;
    out->desc.role_count = 2;
    out->desc.role_stride = (uint32_t)sizeof out->roles[0];
    (void)snprintf(out->config, sizeof out->config, "{\"node\":\"%" PRIuPTR "\"}",
                   (uintptr_t)node); /* fits */
}

struct rh_testhost_plugin agree_entry_of(const struct agree_plugin *plugin)
{
    return (struct rh_testhost_plugin){&plugin->desc, plugin->config};
}
