/* Carries out what standby.h finds due, and tells it who leads. Decides nothing. */
#include <inttypes.h>
#include <string.h>

#include "lease.h"
#include "wire.h"

static void send_heartbeat(struct election_plugin *p)
{
    struct heartbeat h = {
        .term = p->standby.epoch,
        .lease_ms = lease_length_ms(p->standby.cfg.beat_ms),
        .is_foreign = true,
    };

    memcpy(h.leader, p->standby.cfg.self, sizeof(h.leader));
    wire_send_others(p, &h);
}

void wire_handed_over(struct election_plugin *p)
{
    standby_handed_over(&p->standby, p->rh.core->now_ms(p->rh.ctx));
    p->handed_over_epoch = p->standby.epoch;
    wire_advertise(p); /* the next leader must not hand it back at once */
}

/* To the best voter that the provider takes. */
static void ask_for_transfer(struct election_plugin *p)
{
    uint32_t better[ELECTION_VOTERS_MAX];
    const uint32_t count = standby_better(&p->standby, better, p->rh.core->now_ms(p->rh.ctx));

    for (uint32_t i = 0; i < count; i++) {
        const char *id = p->standby.cfg.voters[better[i]];
        const int32_t rc = p->leader->transfer(p->rh.ctx, rh_str_from(id));

        if (rc == RH_OK) {
            rh_log_info(&p->rh, "transfer", "to=%s reason=priority", id);
            wire_handed_over(p);
            return;
        }
        rh_log_debug(&p->rh, "transfer_refused", "to=%s code=%" PRId32, id, rc);
        if (rc == RH_EUNSUPPORTED || rc == RH_ENOTLEADER)
            return; /* no other voter changes that */
    }
}

void wire_standby_run(struct election_plugin *p)
{
    struct rh_leader leader = {.size = (uint32_t)sizeof(leader)};
    const int64_t now_ms = p->rh.core->now_ms(p->rh.ctx);
    uint32_t due;

    p->rh.cluster->leader(p->rh.ctx, &leader);
    standby_lead(&p->standby, leader.is_self != 0, leader.epoch, now_ms);
    due = standby_tick(&p->standby, now_ms);
    if (due & STANDBY_BEAT)
        send_heartbeat(p);
    if (due & STANDBY_TRANSFER)
        ask_for_transfer(p);
    if (wire_set_timer(p, standby_next_ms(&p->standby)) != RH_OK)
        p->rh.core->reactivate(p->rh.ctx, "no timer for heartbeats");
}

void wire_standby_begin(struct election_plugin *p, const struct election_config *cfg)
{
    standby_init(&p->standby, cfg, p->rh.core->now_ms(p->rh.ctx));
    p->is_standing_by = true;
    wire_look_at_peers(p);
    wire_standby_run(p);
}
