/* Where the replicated namespaces are at home while no replication provider agrees on them: the
 * claim, its spread through the leader provider, the batches that wait for it, and setting
 * superseded data aside. DESIGN section 4. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/error.h>
#include <ringhost/sdk/str.h>

#include "host/core/core_internal.h"

/* A batch proposed before our claim is durable on a majority. */
struct gated_batch {
    struct gated_batch *next;
    uint64_t id;
    size_t n;
    char data[];
};

/* One claim on its way to the disk. */
struct home_write {
    struct core *core;
    void (*cb)(void *user, int32_t rc);
    void *user;
};

void home_init_from_store(struct core *core)
{
    char text[NODE_ID_MAX + 40] = "";
    char *space;

    if (host_get(core, "home", text, sizeof text) != RH_OK || text[0] == '\0')
        return;
    space = strchr(text, ' ');
    if (!space)
        return;
    if (rh_parse_u64((struct rh_str){text, (size_t)(space - text)}, &core->lead.home_epoch) !=
        RH_OK)
        return;
    (void)rh_str_copy(core->lead.home_node, sizeof core->lead.home_node,
                      rh_str_from(space + 2)); /* was checked */
    core->lead.is_superseding = space[1] == '!';
    core->lead.home_is_confirmed =
        space[1] == '+' && strcmp(core->lead.home_node, core->setup->node_id) == 0;
}

void home_view(struct core *core, struct rh_home *out)
{
    if (replication_is_on(core)) {
        *out = (struct rh_home){.size = (uint32_t)sizeof *out};
        return;
    }
    *out = (struct rh_home){
        .size = (uint32_t)sizeof *out,
        .epoch = core->lead.home_epoch,
        .node_id = rh_str_from(core->lead.home_node),
    };
}

bool home_is_elsewhere(struct core *core)
{
    return !replication_is_on(core) && core->lead.home_node[0] != '\0' &&
           strcmp(core->lead.home_node, core->setup->node_id) != 0;
}

static void home_written(void *arg, int32_t rc, uint64_t revision)
{
    struct home_write *write = arg;

    (void)revision;
    assert(write->core->lead.home_writes > 0);
    write->core->lead.home_writes--;
    if (write->cb)
        write->cb(write->user, rc);
    free(write);
}

/* Store the claim held in core->lead; cb may be NULL. */
static int32_t home_store(struct core *core, void (*cb)(void *user, int32_t rc), void *user)
{
    struct home_write *write = malloc(sizeof *write);
    char text[NODE_ID_MAX + 40];
    int n = snprintf(text, sizeof text, "%" PRIu64 " %c%s", core->lead.home_epoch,
                     core->lead.is_superseding      ? '!'
                     : core->lead.home_is_confirmed ? '+'
                                                    : '-',
                     core->lead.home_node);
    int32_t rc;

    assert(n > 0);
    assert((size_t)n < sizeof text);
    if (!write)
        return RH_ENOMEM;
    *write = (struct home_write){core, cb, user};
    rc = host_put(core, "home", (struct rh_str){text, (size_t)n}, home_written, write);
    if (rc == RH_OK)
        core->lead.home_writes++;
    else
        free(write);
    return rc;
}

static void home_tell_provider(struct core *core)
{
    struct rh_ctx *provider;
    const struct rh_leader_role_v1 *role = role_active(core, RH_LEADER_ROLE, &provider);

    if (!role || !role->home_changed)
        return;
    plugin_enter(provider, "home_changed");
    role->home_changed(provider->self);
    plugin_leave(provider, "home_changed");
}

static void home_tell_later(void *arg)
{
    home_tell_provider(arg);
}

/* Nothing is left to be moved aside. */
static void superseding_over(struct core *core)
{
    core->lead.is_superseding = false;
    (void)home_store(core, NULL, NULL); /* lost: an empty database is looked at once more */
}

static void superseded(void *user, int32_t rc, const char *why)
{
    struct core *core = user;

    core->lead.is_moving_aside = false;
    if (core->phase == CORE_FINISHED)
        return; /* the claim still says what is to be done */
    if (rc != RH_OK) {
        core_fatal(core, CORE_EXIT_DATA, "cannot set the superseded replica.db aside: %s", why);
        return;
    }
    replication_forget_schemas(core);
    core_log(core, RH_LOG_WARN, NULL, "state_superseded",
             "home=%s note=\"another node adopted the state; this node's copy was set aside\"",
             core->lead.home_node);
    superseding_over(core);
}

/* Only when the claim that supersedes ours is durable: who has emptied its data must know why. */
void home_try_supersede(struct core *core)
{
    int32_t rc;

    if (!core->lead.is_superseding || core->lead.is_moving_aside || core->lead.home_writes > 0)
        return;
    if (replication_is_used(core))
        return; /* asked again each turn */
    if (!state_replica_used(core->state)) {
        superseding_over(core); /* done in an earlier life */
        return;
    }
    rc = state_replica_supersede(core->state, core->wall_ms, superseded, core);
    if (rc == RH_EAGAIN)
        return;
    core->lead.is_moving_aside = true;
    if (rc != RH_OK)
        superseded(core, rc, rh_error_text(rc));
}

int32_t home_learn(struct core *core, const struct rh_home *claim,
                   void (*cb)(void *user, int32_t rc), void *user)
{
    struct leadership *lead = &core->lead;
    bool was_ours =
        lead->home_node[0] != '\0' && strcmp(lead->home_node, core->setup->node_id) == 0;

    if (claim->epoch == 0 || replication_is_on(core))
        return RH_OK; /* where a log decides nothing is at home anywhere */
    if (claim->node_id.n == 0 || claim->node_id.n > NODE_ID_MAX)
        return RH_EINVAL;
    if (claim->epoch < lead->home_epoch ||
        (claim->epoch == lead->home_epoch &&
         rh_str_cmp(claim->node_id, rh_str_from(lead->home_node)) <= 0)) {
        if (lead->home_writes == 0)
            return RH_OK; /* known, or lesser, and what we know is durable */
        return home_store(core, cb, user) == RH_OK ? RH_PENDING : RH_EIO;
    }
    (void)rh_str_copy(lead->home_node, sizeof lead->home_node, claim->node_id); /* length checked */
    lead->home_epoch = claim->epoch;
    lead->home_is_confirmed = false;
    core_log(core, RH_LOG_INFO, NULL, "home_learned", "home=%s epoch=%" PRIu64, lead->home_node,
             lead->home_epoch);
    if (was_ours && home_is_elsewhere(core) && state_replica_used(core->state))
        lead->is_superseding = true;
    activation_update_all(core);
    return home_store(core, cb, user) == RH_OK ? RH_PENDING : RH_EIO;
}

static void own_claim_stored(void *user, int32_t rc)
{
    struct core *core = user;
    struct rh_ctx *provider;

    if (rc != RH_OK || core->phase == CORE_FINISHED)
        return; /* health already says that writes have stopped; the gate stays closed */
    if (role_active(core, RH_LEADER_ROLE, &provider))
        core_defer(core, home_tell_later, core);
    else
        (void)home_confirmed(core, core->lead.home_epoch); /* alone: one voter is a majority */
}

/* Claim to be home, in the epoch we lead with. A refusal leaves everything as it was. */
static int32_t home_claim(struct core *core)
{
    const struct leadership before = core->lead;
    int32_t rc;

    text_set(core->lead.home_node, sizeof core->lead.home_node, "%s",
             core->setup->node_id); /* same limit */
    core->lead.home_epoch = core->lead.epoch;
    core->lead.home_is_confirmed = false;
    rc = home_store(core, own_claim_stored, core);
    if (rc != RH_OK) {
        memcpy(core->lead.home_node, before.home_node, sizeof before.home_node);
        core->lead.home_epoch = before.home_epoch;
        core->lead.home_is_confirmed = before.home_is_confirmed;
        return rc;
    }
    core_log(core, RH_LOG_INFO, NULL, "home_claimed", "epoch=%" PRIu64, core->lead.home_epoch);
    return RH_OK;
}

/* Let the waiting batches through, in order. */
static void gate_open(struct core *core)
{
    struct gated_batch *batch = core->lead.gate_first;

    core->lead.gate_first = core->lead.gate_last = NULL;
    core->lead.gate_count = 0;
    core->lead.gate_bytes = 0;
    while (batch) {
        struct gated_batch *next = batch->next;

        int32_t rc = home_propose(core, batch->id, (struct rh_str){batch->data, batch->n});

        if (rc != RH_OK)
            state_propose_failed(core->state, batch->id, rc);
        free(batch);
        batch = next;
    }
}

int32_t home_confirmed(struct core *core, uint64_t epoch)
{
    if (home_is_elsewhere(core) || epoch != core->lead.home_epoch)
        return RH_ESTALE;
    if (core->lead.home_is_confirmed)
        return RH_OK;
    core->lead.home_is_confirmed = true;
    (void)home_store(core, NULL, NULL); /* only saves a round after a restart */
    gate_open(core);
    return RH_OK;
}

int32_t home_adopt(struct core *core, void (*cb)(void *user, int32_t rc), void *user)
{
    char former[NODE_ID_MAX + 1];

    if (replication_is_on(core))
        return RH_ECONFLICT;
    if (!core->lead.is_self)
        return RH_ENOTLEADER;
    if (!home_is_elsewhere(core) && core->lead.home_writes == 0)
        return RH_OK;
    if (!home_is_elsewhere(core)) /* claimed a moment ago */
        return home_store(core, cb, user) == RH_OK ? RH_PENDING : RH_EIO;
    if (core->lead.is_superseding)
        return RH_EAGAIN; /* our own old data is still in the way */
    text_set(former, sizeof former, "%s", core->lead.home_node); /* same limit */
    if (home_claim(core) != RH_OK)
        return RH_EIO;
    core_log(core, RH_LOG_WARN, NULL, "state_adopted", "former_home=%s", former);
    activation_update_all(core);
    /* Behind the claim itself; refused, nobody could say when that is durable. */
    return home_store(core, cb, user) == RH_OK ? RH_PENDING : RH_EIO;
}

/* Apply a batch now: we are the home, its order is the order of the calls. */
static int32_t apply_here(struct core *core, uint64_t id, struct rh_str data)
{
    uint64_t applied;
    uint64_t term;
    int32_t rc;

    state_applied(core->state, &applied, &term);
    if (core->lead.log_index < applied)
        core->lead.log_index = applied;
    rc = state_apply_committed(core->state, core->lead.log_index + 1, core->lead.epoch, id, data);
    if (rc == RH_OK)
        core->lead.log_index++;
    return rc;
}

int32_t home_propose(void *arg, uint64_t id, struct rh_str data)
{
    struct core *core = arg;
    struct gated_batch *batch;
    bool is_claimed;
    int32_t rc;

    if (!core->lead.is_self || home_is_elsewhere(core))
        return RH_ENOTLEADER;
    if (core->lead.home_node[0] != '\0' && core->lead.home_is_confirmed && !core->lead.gate_first)
        return apply_here(core, id, data);
    if (core->lead.gate_count >= HOME_GATE_MAX ||
        core->lead.gate_bytes + data.n > HOME_GATE_BYTES_MAX)
        return RH_EAGAIN;
    batch = malloc(sizeof *batch + data.n);
    if (!batch)
        return RH_ENOMEM;
    batch->next = NULL;
    batch->id = id;
    batch->n = data.n;
    memcpy(batch->data, data.p, data.n);
    is_claimed = core->lead.home_node[0] != '\0';
    rc = is_claimed ? RH_OK : home_claim(core);
    if (rc != RH_OK) { /* told as refused, so it may not wait at the gate */
        free(batch);
        return rc;
    }
    if (core->lead.gate_last)
        core->lead.gate_last->next = batch;
    else
        core->lead.gate_first = batch;
    core->lead.gate_last = batch;
    core->lead.gate_count++;
    core->lead.gate_bytes += data.n;
    if (is_claimed && core->lead.gate_count == 1)
        own_claim_stored(core,
                         RH_OK); /* claimed in an earlier life, not yet confirmed: ask again */
    return RH_OK;
}

void home_leadership_lost(struct core *core)
{
    struct gated_batch *batch = core->lead.gate_first;

    core->lead.gate_first = core->lead.gate_last = NULL;
    core->lead.gate_count = 0;
    core->lead.gate_bytes = 0;
    while (batch) {
        struct gated_batch *next = batch->next;

        state_propose_failed(core->state, batch->id, RH_ENOTLEADER);
        free(batch);
        batch = next;
    }
}
