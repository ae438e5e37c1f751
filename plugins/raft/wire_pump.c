/* Takes what the core wants done and has it done; never decides. */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "wire.h"

/* Entries handed out before other work gets its turn. */
#define HAND_OUT_MAX 1024u

int64_t raft_now(const struct raft_plugin *p)
{
    return p->rh.core->now_ms(p->rh.ctx);
}

void raft_fail_proposals(struct raft_plugin *p)
{
    uint64_t id;

    while (raft_proposals_pop(&p->proposals, &id))
        (void)p->replication->failed(p->rh.ctx, id, RH_EUNKNOWN); /* it knows already if refused */
}

void raft_answer_change(struct raft_plugin *p, int32_t rc)
{
    const rh_req req = p->change_req;

    p->change_req = 0;
    if (req == 0)
        return;
    if (rc == RH_OK)
        (void)rh_reply_ok(&p->rh, req); /* or the caller is gone */
    else
        (void)rh_reply_errorf(&p->rh, req, rc, NULL, "leadership was lost before it was agreed on");
}

/* Applying cannot go on; whoever leads must be another. */
static void get_stuck(struct raft_plugin *p, int32_t rc, uint64_t index)
{
    if (p->is_stuck)
        return;
    p->is_stuck = true;
    rh_log_error(&p->rh, "raft_apply_refused", "index=%" PRIu64 " code=%" PRId32, index, rc);
    raft_forbid_lead(p->core, true, raft_now(p));
}

/* RH_EAGAIN: the host has no room; it calls applied() when it has. */
static int32_t hand_out_one(struct raft_plugin *p, const struct raft_entry *entry)
{
    const bool is_own = entry->term == p->proposals_term;
    const uint64_t id = is_own ? raft_proposals_at(&p->proposals, entry->index) : 0;
    const struct rh_str none = {NULL, 0};
    int32_t rc = p->replication->committed(p->rh.ctx, entry->index, entry->term, id,
                                           entry->kind == RAFT_ENTRY_DATA ? entry->data : none);

    if (rc == RH_EINVAL)
        rc = RH_OK; /* taken before this core was made */
    if (rc != RH_OK)
        return rc;
    raft_proposals_pass(&p->proposals, entry->index);
    if (p->change_req && entry->index >= p->change_index)
        raft_answer_change(p, entry->term == p->change_term ? RH_OK : RH_EUNKNOWN);
    raft_handed(p->core);
    return RH_OK;
}

static void hand_out(struct raft_plugin *p)
{
    struct raft_entry entry;
    uint32_t count = 0;

    if (!p->has_replication_role || p->is_stuck)
        return;
    while (raft_next_committed(p->core, &entry)) {
        const int32_t rc = hand_out_one(p, &entry);

        if (rc == RH_EIO || rc == RH_EPROTOCOL || rc == RH_EUNSUPPORTED)
            get_stuck(p, rc, entry.index);
        if (rc != RH_OK)
            return;
        if (++count == HAND_OUT_MAX) {
            raft_pump_later(p);
            return;
        }
    }
}

static void send_all(struct raft_plugin *p)
{
    struct raft_message m;

    while (raft_next_message(p->core, raft_now(p), &m))
        raft_send(p, &m);
}

static void look_after_snapshots(struct raft_plugin *p)
{
    if (p->snapshot_id && !raft_snapshot_in_use(p->core, p->snapshot_id)) {
        (void)p->replication->snapshot_release(p->rh.ctx, p->snapshot_id); /* gone is fine */
        raft_snapshot_dropped(p->core, p->snapshot_id);
        p->snapshot_id = 0;
    }
    if (p->snapshot_id == 0 && raft_snapshot_wanted(p->core)) {
        const uint64_t id = p->rh.core->random(p->rh.ctx) | 1;

        if (p->replication->snapshot_wanted(p->rh.ctx, id) != RH_OK)
            return; /* asked again at the next pump */
        p->snapshot_id = id;
        raft_snapshot_making(p->core, id);
    }
}

static void answer_reads(struct raft_plugin *p)
{
    struct raft_read read;

    while (raft_next_read(p->core, &read))
        (void)p->replication->barrier_done(p->rh.ctx, read.id, read.rc); /* RH_OK, or not active */
}

static void write_and_install(struct raft_plugin *p)
{
    struct raft_install install;
    struct raft_write write;
    int32_t rc;

    if (raft_next_write(p->core, &write)) {
        rc = raft_store_write(p, &write);
        if (rc != RH_OK && rc != RH_ECANCELLED)
            raft_written(p->core, write.seq, rc, raft_now(p));
    }
    if (!raft_next_install(p->core, &install))
        return;
    rc = p->replication->install(p->rh.ctx, install.id, install.index, install.term);
    rh_log_info(&p->rh, "raft_install", "index=%" PRIu64 " term=%" PRIu64 " code=%" PRId32,
                install.index, install.term, rc);
    if (rc != RH_OK)
        raft_installed(p->core, install.id, rc, raft_now(p));
}

static void on_timer(void *self, void *user)
{
    struct raft_plugin *p = self;

    (void)user;
    p->timer = 0;
    if (!p->core)
        return;
    raft_tick(p->core, raft_now(p));
    raft_pump(p);
}

static void set_timer(struct raft_plugin *p)
{
    const int64_t now_ms = raft_now(p);
    const int64_t next_ms = raft_next_ms(p->core, now_ms);

    if (p->timer && p->timer_ms == next_ms)
        return;
    if (p->timer)
        (void)p->rh.core->timer_cancel(p->rh.ctx, p->timer); /* it may just have fired */
    p->timer = 0;
    p->timer_ms = next_ms;
    if (next_ms == INT64_MAX)
        return;
    if (p->rh.core->timer(p->rh.ctx, next_ms > now_ms ? next_ms - now_ms : 0, on_timer, NULL,
                          &p->timer) != RH_OK)
        p->rh.core->reactivate(p->rh.ctx, "no timer is left");
}

static void tell_failure(struct raft_plugin *p)
{
    if (!raft_failure(p->core)[0] || p->is_warned)
        return;
    p->is_warned = true;
    rh_log_error(&p->rh, "raft_failed", "reason=\"%s\"", raft_failure(p->core));
    if (raft_may_begin_again(p->core)) {
        p->rh.core->reactivate(p->rh.ctx, raft_failure(p->core));
        return;
    }
    rh_warnf(&p->rh, "failed", "this node takes no part: %s", raft_failure(p->core));
}

void raft_pump(struct raft_plugin *p)
{
    struct raft_status status;

    if (!p->core || p->is_pumping)
        return;
    p->is_pumping = true;
    hand_out(p);
    send_all(p);
    look_after_snapshots(p);
    send_all(p);
    answer_reads(p);
    write_and_install(p);
    raft_status(p->core, raft_now(p), &status);
    if (status.role != RAFT_LEADER || status.term != p->proposals_term) {
        raft_fail_proposals(p);
        raft_answer_change(p, RH_EUNKNOWN);
    }
    tell_failure(p);
    raft_tell(p, &status);
    set_timer(p);
    p->is_pumping = false;
}

static void on_posted(void *self, void *user)
{
    struct raft_plugin *p = self;

    (void)user;
    p->is_pump_posted = false;
    raft_pump(p);
}

void raft_pump_later(struct raft_plugin *p)
{
    if (p->is_pump_posted)
        return;
    p->is_pump_posted = p->rh.core->post(p->rh.ctx, on_posted, NULL) == RH_OK;
    if (!p->is_pump_posted)
        rh_log_warn(&p->rh, "raft_pump_late", "reason=\"too much is posted; the timer will do\"");
}
