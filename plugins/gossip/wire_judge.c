/* Tells the host what gossip found out: nodes' own words, signs of life, and silence. */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "wire.h"

static_assert(FAILURE_UNKNOWN == RH_PEER_UNKNOWN, "states are handed on as they are");
static_assert(FAILURE_ALIVE == RH_PEER_ALIVE, "states are handed on as they are");
static_assert(FAILURE_SUSPECT == RH_PEER_SUSPECT, "states are handed on as they are");
static_assert(FAILURE_DEAD == RH_PEER_DEAD, "states are handed on as they are");
static_assert(FAILURE_LEFT == RH_PEER_LEFT, "states are handed on as they are");

static void report(struct gossip_plugin *p, struct rh_str node_id, struct gossip_peer *peer,
                   const char *reason)
{
    struct rh_peer view = {.size = (uint32_t)sizeof(view)};
    uint64_t incarnation = 0;
    int32_t rc;

    if (!p->is_judge)
        return;
    if (p->rh.cluster->peer(p->rh.ctx, node_id, &view) == RH_OK)
        incarnation = view.incarnation;
    rc = p->membership->report(p->rh.ctx, node_id, peer->failure.state, incarnation, reason);
    /* A node that was forgotten may be heard before its state is known again. */
    peer->is_report_due = rc == RH_ENOTFOUND;
    if (rc != RH_OK)
        rh_log_debug(&p->rh, "report_refused", "node=%.*s code=%" PRId32, RH_STR_ARG(node_id), rc);
}

void judge_alive(struct gossip_plugin *p, struct rh_str node_id)
{
    struct gossip_peer *peer = exchange_peer(p, node_id);

    if (!peer)
        return;
    backoff_succeed(&peer->backoff);
    if (failure_seen(&peer->failure))
        report(p, node_id, peer, "heard of");
}

void judge_left(struct gossip_plugin *p, struct rh_str node_id)
{
    struct gossip_peer *peer = exchange_peer(p, node_id);

    if (!peer || !failure_left(&peer->failure))
        return;
    peer->gone_ms = p->rh.core->now_ms(p->rh.ctx);
    report(p, node_id, peer, "said goodbye");
}

void judge_learn(struct gossip_plugin *p, const struct gossip_state *state)
{
    struct gossip_peer *peer = exchange_peer(p, rh_str_from(state->node_id));
    const struct rh_node_state word = {
        .size = (uint32_t)sizeof(word),
        .is_left = state->is_left,
        .node_id = rh_str_from(state->node_id),
        .instance_id = rh_str_from(state->instance_id),
        .role = rh_str_from(state->role),
        .address = rh_str_from(state->address),
        .presence = state->presence,
        .cluster_id = rh_str_from(state->cluster_id),
        .generation = state->generation,
        .version = state->version,
        .incarnation = state->incarnation,
        .maintenance = state->maintenance,
    };
    int32_t rc = p->membership->learn(p->rh.ctx, &word);

    if (rc != RH_OK && peer && !peer->is_refused)
        rh_log_warn(&p->rh, "node_refused", "node=%s instance=%s address=%s code=%" PRId32,
                    state->node_id, state->instance_id, state->address, rc);
    if (!peer)
        return;
    peer->is_refused = rc != RH_OK;
    if (rc == RH_OK && peer->is_report_due)
        report(p, rh_str_from(state->node_id), peer, "heard of");
}

/* A peer is as the table has it: what another detector found out, and since when. */
static void adopt(struct gossip_plugin *p, struct rh_str node_id, struct gossip_peer *peer)
{
    struct rh_peer view = {.size = (uint32_t)sizeof(view)};
    const int64_t now_ms = p->rh.core->now_ms(p->rh.ctx);
    const int64_t wall_ms = p->rh.core->wall_ms(p->rh.ctx);

    if (p->rh.cluster->peer(p->rh.ctx, node_id, &view) != RH_OK)
        return;
    failure_adopt(&peer->failure, view.state);
    peer->gone_ms = now_ms - (wall_ms > view.since_at_ms ? wall_ms - view.since_at_ms : 0);
}

void judge_take_over(struct gossip_plugin *p, bool is_judge)
{
    const bool begins = is_judge && !p->is_judge;
    struct rh_str node_id;
    uint32_t cursor = 0;
    void *value;

    p->is_judge = is_judge;
    if (!begins || !p->is_running)
        return;
    while (rh_map_next(&p->peers, &cursor, &node_id, &value))
        adopt(p, node_id, value);
}

/* Voters stay known however long they are away: they count in every majority. */
static bool may_forget(struct gossip_plugin *p, struct rh_str node_id,
                       const struct gossip_peer *peer, int64_t now_ms)
{
    struct rh_peer view = {.size = (uint32_t)sizeof(view)};

    if (p->conf.prune_after == 0 ||
        (peer->failure.state != FAILURE_DEAD && peer->failure.state != FAILURE_LEFT))
        return false;
    if (now_ms - peer->gone_ms < p->conf.prune_after || peer->is_asked)
        return false;
    return p->rh.cluster->peer(p->rh.ctx, node_id, &view) != RH_OK || !view.is_voter;
}

static void forget(struct gossip_plugin *p, struct rh_str node_id, struct gossip_peer *peer)
{
    char id[STATE_ID_MAX + 1];

    if (rh_str_copy(id, sizeof(id), node_id) != RH_OK)
        return;
    if (state_map_prune(&p->map, id) == RH_ENOMEM)
        return; /* without a tombstone it would come back; the next round tries again */
    rh_log_info(&p->rh, "node_forgotten", "node=%s", id);
    (void)p->membership->forget(p->rh.ctx,
                                rh_str_from(id));    /* configured nodes stay in the table */
    (void)rh_map_remove(&p->peers, rh_str_from(id)); /* it is `peer` */
    free(peer);
}

void judge_round(struct gossip_plugin *p)
{
    const int64_t now_ms = p->rh.core->now_ms(p->rh.ctx);
    const int64_t period_ms = p->interval_ms > p->beat_ms ? p->interval_ms : p->beat_ms;
    const uint32_t nodes = state_map_count(&p->map);
    struct rh_str node_id;
    uint32_t cursor = 0;
    void *value;
    bool may_judge;

    /* Short intervals do not make a beat shorter. */
    if (p->clock.has_run && now_ms - p->clock.last_ms < period_ms - p->interval_ms / 2)
        return;
    may_judge = failure_round(&p->clock, now_ms, period_ms, p->beat_ms) && p->is_judge;
    if (!may_judge && p->is_judge)
        rh_log_warn(&p->rh, "round_late", "nobody is judged by it: period_ms=%" PRId64, period_ms);
    while (rh_map_next(&p->peers, &cursor, &node_id, &value)) {
        struct gossip_peer *peer = value;
        char id[STATE_ID_MAX + 1];

        if (!p->is_judge)
            adopt(p, node_id, peer);
        if (may_judge && failure_missed(&peer->failure, nodes)) {
            peer->gone_ms = now_ms;
            report(p, node_id, peer, "no sign of life");
        }
        if (peer->is_refused && rh_str_copy(id, sizeof(id), node_id) == RH_OK &&
            state_map_get(&p->map, id))
            judge_learn(p, state_map_get(&p->map, id));
        if (may_forget(p, node_id, peer, now_ms))
            forget(p, node_id, peer);
    }
}
