/* The middle of a run: what each machine needs, how many each pool should have, and all that is
 * intended into the store, before anybody is asked to do it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "wire.h"

#define STRAY_TEXT_SIZE 160u

static struct scale_limits limits_of(const struct plugin *p, const struct pool_config *pool)
{
    return (struct scale_limits){.least = pool->least,
                                 .most = pool->most,
                                 .target = pool->target,
                                 .tolerance = p->config->tolerance,
                                 .window_ms = p->config->down_window,
                                 .up_least = p->config->up_least,
                                 .up_percent = p->config->up_percent,
                                 .up_window_ms = p->config->up_window};
}

static bool is_protected(const struct pool_config *pool, const char *node_id)
{
    for (uint32_t i = 0; pool && i < pool->protected_nodes.count; i++)
        if (rh_glob_match(pool->protected_nodes.items[i], rh_str_from(node_id)))
            return true;
    return false;
}

static struct fleet_view view_of(struct plugin *p, const struct fleet_machine *machine)
{
    struct rh_peer peer = {.size = (uint32_t)sizeof(peer)};
    struct rh_leader leader = {.size = (uint32_t)sizeof(leader)};
    const bool is_known =
        p->rh.cluster->peer(p->rh.ctx, rh_str_from(machine->node_id), &peer) == RH_OK;

    p->rh.cluster->leader(p->rh.ctx, &leader);
    return (struct fleet_view){
        .is_alive = is_known && peer.state == RH_PEER_ALIVE,
        .is_gone = is_known && (peer.state == RH_PEER_DEAD || peer.state == RH_PEER_LEFT),
        .is_leader = rh_str_eq_c(leader.node_id, machine->node_id),
        .is_voter = is_known && peer.is_voter != 0,
        .is_protected = is_protected(scaling_pool_named(p, machine->pool), machine->node_id),
        .leases = scaling_leases(p, machine->node_id)};
}

/* The machines of a pool that nobody is being asked about, as the core wants them. */
struct selection {
    struct fleet_machine *machines[SCALE_MACHINES_MAX];
    struct fleet_view views[SCALE_MACHINES_MAX];
    enum fleet_op ops[SCALE_MACHINES_MAX];
    uint32_t at[SCALE_MACHINES_MAX];
    uint32_t count;
};

static void select_pool(struct plugin *p, const struct pool_config *pool, struct selection *s)
{
    s->count = 0;
    for (uint32_t i = 0; i < p->machine_count; i++) {
        if (!rh_str_eq_c(pool->name, p->machines[i].pool) ||
            scaling_is_asked(p, p->machines[i].node_id))
            continue;
        s->machines[s->count] = &p->machines[i];
        s->views[s->count] = p->views[i];
        s->ops[s->count] = p->ops[i];
        s->at[s->count++] = i;
    }
}

/* Machines of the pool that are to be started; their rows are new. */
static int64_t create(struct plugin *p, const struct pool_config *pool, struct pool_memory *memory,
                      int64_t count, int64_t now_ms)
{
    int64_t made = 0;

    for (; made < count && p->machine_count < SCALE_MACHINES_MAX; made++) {
        struct fleet_machine *machine = &p->machines[p->machine_count];

        *machine = (struct fleet_machine){.state = FLEET_STARTING, .since_ms = now_ms};
        (void)snprintf(machine->node_id, sizeof(machine->node_id), "%.*s-%" PRId64,
                       RH_STR_ARG(pool->name), ++memory->last_number); /* the name is bounded */
        (void)rh_str_copy(machine->pool, sizeof(machine->pool), pool->name);
        p->views[p->machine_count] = (struct fleet_view){.leases = 0};
        p->versions[p->machine_count] = 0;
        p->ops[p->machine_count++] = FLEET_START;
    }
    return made;
}

/* What this run has seen of the pool's machines that boot. */
static void note_boots(struct plugin *p, uint32_t index, const enum fleet_state *before,
                       uint32_t before_count, int64_t now_ms)
{
    const struct fleet_limits limits = scaling_fleet_limits(p);
    uint32_t ups = 0;
    uint32_t given_up = 0;

    for (uint32_t i = 0; i < before_count; i++) {
        const struct fleet_machine *machine = &p->machines[i];

        if (!rh_str_eq_c(scaling_pool(p, index)->name, machine->pool))
            continue;
        ups += fleet_came_up(before[i], machine->state);
        given_up += fleet_gave_up(before[i], machine->state);
    }
    fleet_boots_note(&p->pools[index].memory.boots, ups, given_up, &limits, now_ms);
}

/* How many more may exist: those that are being stopped exist until their driver has said so. */
static int64_t room_of(const struct plugin *p, const struct pool_config *pool)
{
    int64_t room = pool->most;

    for (uint32_t i = 0; i < p->machine_count; i++)
        room -= rh_str_eq_c(pool->name, p->machines[i].pool);
    return room > 0 ? room : 0;
}

/* Machines that are missing: those that are being drained stay, new ones are started unless those
 * before do not come up, or are not gone yet. */
static void grow(struct plugin *p, const struct pool_config *pool, struct pool_memory *memory,
                 struct selection *s, int64_t missing, int64_t now_ms)
{
    const int64_t kept = fleet_keep(s->machines, s->ops, s->count, missing, now_ms);
    const int64_t room = room_of(p, pool);
    const struct fleet_limits fleet = scaling_fleet_limits(p);
    const bool is_allowed = fleet_boots_allow(&memory->boots, &fleet, now_ms);
    int64_t made = 0;

    missing -= kept;
    if (is_allowed)
        made = create(p, pool, memory, missing < room ? missing : room, now_ms);
    if (is_allowed && missing > room)
        rh_loop_action(&p->actions, "wait", pool->name,
                       "%" PRId64 " more wait until others are gone: at most %" PRId64 " exist",
                       missing - room, pool->most);
    if (!is_allowed)
        rh_loop_action(&p->actions, "wait", pool->name,
                       "machines do not come up; the next is started in %" PRId64 " s",
                       (memory->boots.not_before_ms - now_ms + 999) / 1000);
    scale_note_added(&memory->history, now_ms, kept + made);
}

static void plan_pool(struct plugin *p, uint32_t index, struct selection *s, int64_t now_ms)
{
    const struct pool_config *pool = scaling_pool(p, index);
    const struct scale_limits limits = limits_of(p, pool);
    struct pool_run *run = &p->pools[index];
    const struct fleet_limits fleet = scaling_fleet_limits(p);
    struct scale_input input = {.now_ms = now_ms, .has_total = run->has_total, .total = run->total};
    int64_t current;

    for (uint32_t i = 0; i < p->machine_count; i++)
        if (rh_str_eq_c(pool->name, p->machines[i].pool) && fleet_counts(&p->machines[i])) {
            input.ready += fleet_is_ready(&p->machines[i]);
            input.booting += !fleet_is_ready(&p->machines[i]);
        }
    if (run->is_per_node) { /* an average of none says nothing */
        input.has_total = input.has_total && input.ready > 0;
        input.total *= (double)input.ready;
    }
    current = input.ready + input.booting;
    run->verdict = scale_decide(&run->memory.history, &limits, &input);
    select_pool(p, pool, s);
    if (run->verdict.desired > current)
        grow(p, pool, &run->memory, s, run->verdict.desired - current, now_ms);
    else if (run->verdict.desired < current)
        (void)fleet_shrink(s->machines, s->views, s->ops, s->count, current - run->verdict.desired,
                           &fleet, now_ms);
    for (uint32_t i = 0; i < s->count; i++)
        p->ops[s->at[i]] = s->ops[i];
    if (run->verdict.desired != current)
        rh_loop_action(&p->actions, "scale", pool->name,
                       "%" PRId64 " to %" PRId64 ", %s: total %.6g, target %.6g", current,
                       run->verdict.desired, scale_reason_name(run->verdict.reason), input.total,
                       limits.target);
}

static void on_intended(void *self, void *user, int32_t rc, uint64_t revision)
{
    struct plugin *p = self;

    (void)user;
    (void)revision;
    if (rc == RH_OK)
        scaling_act(p);
    scaling_finish(p, rc);
}

static void tell_health(struct plugin *p)
{
    for (uint32_t i = 0; i < p->machine_count; i++)
        if (p->machines[i].attempts >= 3) {
            rh_warnf(&p->rh, "drivers", "machine %s, %s: %s", p->machines[i].node_id,
                     fleet_state_name(p->machines[i].state), p->machines[i].error);
            return;
        }
    rh_warnf(&p->rh, "drivers", NULL);
}

static void tell_boots(struct plugin *p)
{
    for (uint32_t n = 0; n < p->config->pools.count; n++) {
        const uint32_t failures = p->pools[n].memory.boots.failures;

        if (failures >= FLEET_BOOT_WARN) {
            rh_warnf(&p->rh, "boots",
                     "pool %.*s: machines do not come up, %" PRIu32
                     " times in a row; the next are started later and later",
                     RH_STR_ARG(scaling_pool(p, n)->name), failures);
            return;
        }
    }
    rh_warnf(&p->rh, "boots", NULL);
}

void scaling_tell_strays(struct plugin *p)
{
    char names[STRAY_TEXT_SIZE] = "";
    const char *pool = NULL;
    uint32_t count = 0;
    size_t n = 0;

    for (uint32_t i = 0; i < p->machine_count; i++) {
        const struct fleet_machine *machine = &p->machines[i];

        if (scaling_pool_named(p, machine->pool))
            continue;
        pool = pool ? pool : machine->pool;
        count++;
        if (strcmp(pool, machine->pool) == 0 && n < sizeof(names))
            n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s", n > 0 ? ", " : "",
                                  machine->node_id); /* cut: for people */
    }
    if (count == 0)
        rh_warnf(&p->rh, "pools", NULL);
    else
        rh_warnf(&p->rh, "pools",
                 "machines that nobody can stop, as its pool is not configured: %" PRIu32
                 "; of pool \"%s\": %s",
                 count, pool, names);
}

/* Rows that this run changes. */
static void intend(struct plugin *p, const enum fleet_state *before, uint32_t before_count)
{
    struct rh_batch_builder batch;
    int32_t rc;

    rh_batch_begin(&batch, SCALING_NAMESPACE);
    for (uint32_t i = 0; i < p->machine_count; i++)
        if (i >= before_count || p->machines[i].state != before[i])
            scaling_put_machine(&batch, &p->machines[i], p->versions[i]);
    for (uint32_t n = 0; n < p->config->pools.count; n++)
        scaling_put_pool(&batch, scaling_pool(p, n)->name, &p->pools[n].memory);
    rc = rh_batch_commit(&batch, &p->rh, on_intended, NULL);
    if (rc != RH_OK)
        scaling_finish(p, rc);
}

static void tell_ops(struct plugin *p)
{
    static const char *const names[] = {"nothing", "start", "stop", "drain", "undrain"};

    for (uint32_t i = 0; i < p->machine_count; i++)
        if (p->ops[i] != FLEET_NOTHING)
            rh_loop_action(&p->actions, names[p->ops[i]], rh_str_from(p->machines[i].node_id),
                           "%s%s%s", fleet_state_name(p->machines[i].state),
                           p->machines[i].error[0] ? ": " : "", p->machines[i].error);
}

void scaling_plan(struct plugin *p)
{
    const struct fleet_limits limits = scaling_fleet_limits(p);
    const int64_t now_ms = p->rh.core->wall_ms(p->rh.ctx);
    enum fleet_state before[SCALE_MACHINES_MAX];
    struct selection selection;
    int32_t rc = scaling_load(p);
    const uint32_t before_count = p->machine_count;

    for (uint32_t n = 0; n < p->config->pools.count && rc == RH_OK; n++)
        rc = scaling_load_pool(p, scaling_pool(p, n)->name, &p->pools[n].memory);
    if (rc != RH_OK) {
        scaling_finish(p, rc);
        return;
    }
    for (uint32_t i = 0; i < p->machine_count; i++) {
        before[i] = p->machines[i].state;
        p->views[i] = view_of(p, &p->machines[i]);
        if (scaling_pool_named(p, p->machines[i].pool) &&
            !scaling_is_asked(p, p->machines[i].node_id))
            p->ops[i] = fleet_advance(&p->machines[i], &p->views[i], &limits, now_ms);
    }
    for (uint32_t n = 0; n < p->config->pools.count; n++) {
        note_boots(p, n, before, before_count, now_ms);
        plan_pool(p, n, &selection, now_ms);
    }
    tell_ops(p);
    tell_health(p);
    tell_boots(p);
    scaling_tell_strays(p);
    if (p->config->dry_run)
        scaling_finish(p, RH_OK);
    else
        intend(p, before, before_count);
}
