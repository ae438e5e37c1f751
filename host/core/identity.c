/* Who this node is: instance id, start count and cluster id, kept in the host's own namespace of
 * local.db. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/core/core_internal.h"

#define EPOCH_UNKNOWN 1u /* of an id that came by word of mouth: it gives way to any later one */
#define MASK_BITS     32u

static const struct rh_namespace host_namespace = {
    .size = (uint32_t)sizeof(struct rh_namespace),
    .name = "host",
    .schema_read_min = 1,
    .schema_write = 1,
};

int32_t host_put(struct core *core, const char *key, struct rh_str value,
                 void (*cb)(void *user, int32_t rc, uint64_t revision), void *user)
{
    struct rh_op op = {
        .size = (uint32_t)sizeof op,
        .op = RH_OP_PUT,
        .key = rh_str_from(key),
        .value = value,
    };
    struct rh_batch batch = {
        .size = (uint32_t)sizeof batch,
        .name_space = host_namespace.name,
        .ops = &op,
        .op_count = 1,
        .op_stride = (uint32_t)sizeof op,
    };

    if (!core->state) /* a create that is only tried */
        return RH_EUNSUPPORTED;
    core_wake(core);
    return state_commit(core->state, core->host_ns, &batch, "host", core->wall_ms, cb, user);
}

int32_t host_get(struct core *core, const char *key, char *out, size_t size)
{
    struct rh_value value = {.size = (uint32_t)sizeof value};
    int32_t rc = state_get(core->state, core->host_ns, rh_str_from(key), &value);

    if (rc != RH_OK)
        return rc;
    return rh_str_copy(out, size, value.found ? value.data : RH_STR_LIT(""));
}

/* Read a decimal number; absent is 0. */
int32_t host_get_u64(struct core *core, const char *key, uint64_t *out)
{
    char text[24];
    int32_t rc = host_get(core, key, text, sizeof text);

    *out = 0;
    if (rc == RH_OK && text[0] != '\0')
        rc = rh_parse_u64(rh_str_from(text), out);
    return rc;
}

int32_t host_put_u64(struct core *core, const char *key, uint64_t value,
                     void (*cb)(void *user, int32_t rc, uint64_t revision), void *user)
{
    char text[24];
    int n = snprintf(text, sizeof text, "%" PRIu64, value);

    return host_put(core, key, (struct rh_str){text, (size_t)n}, cb, user);
}

static void make_instance_id(struct core *core)
{
    uint64_t high = core->driver.ops->random(core->driver.ctx);
    uint64_t low = core->driver.ops->random(core->driver.ctx);

    text_set(core->instance_id, sizeof core->instance_id, "%016" PRIx64 "%016" PRIx64, high,
             low); /* 32 digits */
}

int32_t identity_init(struct core *core, char *why)
{
    char owner[NODE_ID_MAX + 1] = "";
    char maintenance[4] = "";
    char own[4] = "";
    uint32_t schema;

    if (state_namespace(core->state, "host", &host_namespace, &core->host_ns, &schema) != RH_OK ||
        host_get(core, "node_id", owner, sizeof owner) != RH_OK ||
        host_get(core, "instance_id", core->instance_id, sizeof core->instance_id) != RH_OK ||
        host_get(core, "cluster_id", core->cluster_id, sizeof core->cluster_id) != RH_OK ||
        host_get(core, "cluster_own", own, sizeof own) != RH_OK ||
        host_get_u64(core, "cluster_epoch", &core->cluster_epoch) != RH_OK ||
        host_get(core, "maintenance", maintenance, sizeof maintenance) != RH_OK ||
        host_get_u64(core, "start_count", &core->start_count) != RH_OK)
        return RH_EIO;
    if (owner[0] != '\0' && strcmp(owner, core->setup->node_id) != 0) {
        text_set(why, CORE_WHY_MAX,
                 "%s belongs to node \"%s\", not to \"%s\": use another data_dir",
                 core->setup->data_dir, owner, core->setup->node_id);
        return RH_EINVAL;
    }
    if (core->setup->cluster_id[0] != '\0' && core->cluster_id[0] != '\0' &&
        strcmp(core->setup->cluster_id, core->cluster_id) != 0) {
        text_set(why, CORE_WHY_MAX, "%s holds data of cluster \"%s\", but cluster_id is \"%s\"",
                 core->setup->data_dir, core->cluster_id, core->setup->cluster_id);
        return RH_EINVAL;
    }
    if (core->instance_id[0] == '\0')
        make_instance_id(core);
    core->maintenance = maintenance[0] == '1';
    core->is_cluster_own = own[0] == '1' && core->setup->cluster_id[0] == '\0';
    core->start_count++;
    if (core->setup->cluster_id[0] != '\0')
        core->cluster_epoch = 0;
    if (core->setup->cluster_id[0] != '\0')
        text_set(core->cluster_id, sizeof core->cluster_id, "%s",
                 core->setup->cluster_id); /* length checked */
    if (host_put(core, "node_id", rh_str_from(core->setup->node_id), NULL, NULL) != RH_OK ||
        host_put(core, "instance_id", rh_str_from(core->instance_id), NULL, NULL) != RH_OK ||
        host_put(core, "cluster_id", rh_str_from(core->cluster_id), NULL, NULL) != RH_OK ||
        host_put_u64(core, "start_count", core->start_count, NULL, NULL) != RH_OK)
        return RH_EIO;
    return RH_OK;
}

/* Take an id and keep it; a failed write stops all writes and is reported there. */
static void cluster_take(struct core *core, struct rh_str cluster_id, uint64_t epoch, bool is_own)
{
    (void)rh_str_copy(core->cluster_id, sizeof core->cluster_id, cluster_id); /* length checked */
    core->is_cluster_own = is_own;
    core->cluster_epoch = epoch > 0 ? epoch : EPOCH_UNKNOWN;
    core->cluster_callers = 0;
    core->cluster_taken++;
    core_log(core, RH_LOG_INFO, NULL, "cluster_joined", "cluster=%s", core->cluster_id);
    (void)host_put(core, "cluster_own", is_own ? RH_STR_LIT("1") : RH_STR_LIT("0"), NULL, NULL);
    (void)host_put(core, "cluster_id", rh_str_from(core->cluster_id), NULL, NULL);
    (void)host_put_u64(core, "cluster_epoch", core->cluster_epoch, NULL, NULL);
    presence_changed(core); /* others learn it from what we say about ourselves */
}

void identity_set_cluster(struct core *core, struct rh_str cluster_id, uint64_t epoch)
{
    if (core->cluster_id[0] != '\0' || cluster_id.n == 0 || cluster_id.n >= sizeof core->cluster_id)
        return;
    cluster_take(core, cluster_id, epoch, false);
}

void identity_make_cluster(struct core *core)
{
    char id[33];

    if (core->cluster_id[0] != '\0')
        return;
    text_set(id, sizeof id, "%016" PRIx64,
             core->driver.ops->random(core->driver.ctx)); /* 16 digits */
    cluster_take(core, rh_str_from(id), core->lead.epoch, true);
}

/* Place of a node among the other voters; voters.count = it is none of them. */
static uint32_t other_voter(const struct core *core, struct rh_str node_id)
{
    const struct rh_str_list *voters = &core->setup->voters;
    uint32_t i = 0;

    if (rh_str_eq_c(node_id, core->setup->node_id))
        return voters->count;
    while (i < voters->count && !rh_str_eq(voters->items[i], node_id))
        i++;
    return i;
}

/* All voters but this node itself; 0 = too many to tell. */
static uint32_t all_others(const struct core *core)
{
    const struct rh_str_list *voters = &core->setup->voters;
    uint32_t mask = 0;

    for (uint32_t i = 0; i < voters->count && voters->count < MASK_BITS; i++)
        if (!rh_str_eq_c(voters->items[i], core->setup->node_id))
            mask |= UINT32_C(1) << i;
    return mask;
}

void identity_confirm_cluster(struct core *core, struct rh_str node_id)
{
    uint32_t place;

    if (core->is_cluster_own) {
        core->is_cluster_own = false;
        (void)host_put(core, "cluster_own", RH_STR_LIT("0"), NULL,
                       NULL); /* lost: the next node that takes part confirms it again */
    }
    if (core->cluster_epoch == 0)
        return;
    place = other_voter(core, node_id);
    if (place >= core->setup->voters.count || place >= MASK_BITS)
        return;
    core->cluster_callers |= UINT32_C(1) << place;
    if (core->cluster_callers != all_others(core))
        return;
    core->cluster_epoch = 0;
    (void)host_put_u64(core, "cluster_epoch", 0, NULL, NULL); /* lost: they will call again */
}

/* Made by a later leader, which a majority elected that had not heard of ours. */
static bool is_later(const struct core *core, const struct cluster_claim *theirs)
{
    return core->cluster_epoch > 0 && theirs->epoch > core->cluster_epoch &&
           other_voter(core, theirs->node_id) < core->setup->voters.count;
}

static bool is_ours_alone(const struct core *core, const struct cluster_claim *theirs)
{
    return core->is_cluster_own &&
           !(theirs->is_own && rh_str_cmp(theirs->cluster_id, rh_str_from(core->cluster_id)) > 0);
}

bool identity_yield_cluster(struct core *core, const struct cluster_claim *theirs)
{
    bool is_late = is_later(core, theirs);

    if (theirs->cluster_id.n == 0 || theirs->cluster_id.n >= sizeof core->cluster_id ||
        state_replica_used(core->state))
        return false;
    if (!is_late && !is_ours_alone(core, theirs))
        return false;
    core_log(core, RH_LOG_WARN, NULL, "cluster_id_given_up", "own=%s taken=%.*s note=\"%s\"",
             core->cluster_id, RH_STR_ARG(theirs->cluster_id),
             is_late ? "a later leader made it" : "nobody else has taken part in it");
    cluster_take(core, theirs->cluster_id, theirs->epoch, false);
    return true;
}
