/* Giving up the data that keeps a node out of its group: first the log is left, on disk, then the
 * host sets the data aside. A node that goes down between the two goes on there at its next start.
 */
#include <inttypes.h>
#include <string.h>

#include "wire.h"

#define RETRY_MS      100
#define RETRY_LATE_MS 5000
/* No leader has been heard for so many of the shortest election timeouts: none is about to be. */
#define QUIET_TIMEOUTS 4

static void answer(struct raft_plugin *p, int32_t rc)
{
    const rh_req req = p->archive_req;
    struct rh_json_reply reply;

    p->archive_req = 0;
    if (req == 0)
        return;
    if (rc != RH_OK) {
        (void)rh_reply_errorf(&p->rh, req, rc, NULL,
                              "the data could not be set aside; this node goes on trying");
        return;
    }
    rh_json_reply_begin(&reply);
    rh_json_kv_bool(&reply.w, "archived", true);
    rh_json_kv_strc(&reply.w, "copy", "replica.db.superseded-*");
    (void)rh_json_reply_send(&reply, &p->rh, req, 200); /* or the caller is gone */
}

static void on_timer(void *self, void *user)
{
    struct raft_plugin *p = self;

    (void)user;
    p->archive_timer = 0;
    if (p->mode == RAFT_MODE_ARCHIVING)
        raft_archive(p);
}

static void try_again(struct raft_plugin *p, int64_t wait_ms)
{
    if (p->archive_timer == 0 &&
        p->rh.core->timer(p->rh.ctx, wait_ms, on_timer, NULL, &p->archive_timer) != RH_OK)
        p->rh.core->reactivate(p->rh.ctx, "no timer is left");
}

static void fail(struct raft_plugin *p, int32_t rc)
{
    rh_log_error(&p->rh, "raft_archive_failed", "code=%" PRId32, rc);
    answer(p, rc);
    try_again(p, RETRY_LATE_MS);
}

/* An empty node now: it waits for a group. */
static void on_set_aside(void *self, void *user, int32_t rc)
{
    struct raft_plugin *p = self;

    (void)user;
    if (p->mode != RAFT_MODE_ARCHIVING)
        return; /* activated anew meanwhile, which has seen the outcome */
    if (rc != RH_OK) {
        fail(p, rc);
        return;
    }
    rh_log_warn(&p->rh, "raft_archived", "node=%s lineage=%" PRIu64, p->self, p->left);
    rh_warnf(&p->rh, "other_data", NULL);
    answer(p, RH_OK);
    rc = raft_load_all(p);
    if (rc != RH_OK)
        p->rh.core->reactivate(p->rh.ctx, "the emptied log cannot be loaded");
    raft_update_roles(p);
    raft_pump(p);
}

void raft_archive(struct raft_plugin *p)
{
    const int32_t rc = p->replication->set_aside(p->rh.ctx, on_set_aside, NULL);

    if (rc == RH_EAGAIN)
        try_again(p, RETRY_MS);
    else if (rc != RH_OK)
        fail(p, rc);
}

void raft_archive_stop(struct raft_plugin *p)
{
    p->archive_req = 0; /* the host answers it, and ends the timer */
    p->archive_timer = 0;
}

static void on_left(void *self, void *user, int32_t rc, uint64_t revision)
{
    struct raft_plugin *p = self;

    (void)user;
    (void)revision;
    if (rc != RH_OK || p->mode != RAFT_MODE_ARCHIVING)
        return; /* the host activates anew, and answers */
    raft_archive(p);
}

/* RH_OK and the lineage that is left; or why this node's data is not in its way. */
static int32_t may_leave(struct raft_plugin *p, uint64_t *lineage)
{
    const int64_t quiet_ms = (int64_t)QUIET_TIMEOUTS * RAFT_TIMEOUT_HEARTBEATS * p->heartbeat_ms;
    struct raft_status status;

    *lineage = 0;
    if (p->mode == RAFT_MODE_REFUSED)
        return RH_OK;
    if (p->mode == RAFT_MODE_ARCHIVING)
        return rh_failf(&p->rh, RH_EAGAIN, "the data is being set aside already");
    if (!p->core)
        return rh_failf(&p->rh, RH_ELOADING, "the log is still being loaded");
    raft_status(p->core, raft_now(p), &status);
    *lineage = status.lineage;
    if (raft_is_virgin(p->core))
        return rh_failf(&p->rh, RH_ECONFLICT, "this node has no data");
    if (status.leader[0])
        return rh_failf(&p->rh, RH_ECONFLICT, "%s leads this node: its data is that of its group",
                        status.leader);
    if (!status.other_data_from[0])
        return rh_failf(&p->rh, RH_ECONFLICT,
                        "nobody has refused the data of this node: it is that of its group");
    if (raft_now(p) < p->led_ms + quiet_ms)
        return rh_failf(&p->rh, RH_EAGAIN, "not now: its group may have a leader");
    return RH_OK;
}

int32_t raft_handle_archive(void *self, rh_req req, const void *fields)
{
    struct raft_plugin *p = self;
    uint64_t lineage = 0;
    int32_t rc = raft_check_confirm(p, fields);

    if (rc == RH_OK)
        rc = may_leave(p, &lineage);
    if (rc == RH_OK)
        rc = raft_store_leave(p, lineage, on_left, NULL);
    if (rc != RH_OK)
        return rc;
    raft_fail_proposals(p);
    raft_free(p->core);
    p->core = NULL;
    p->mode = RAFT_MODE_ARCHIVING;
    p->archive_req = req;
    rh_log_warn(&p->rh, "raft_archiving", "node=%s lineage=%" PRIu64, p->self, lineage);
    return RH_OK;
}

bool raft_has_left(const struct raft_plugin *p, const struct raft_message *m)
{
    struct raft_status status;

    raft_status(p->core, raft_now(p), &status);
    if (p->has_left && p->left != 0 && m->lineage == p->left && status.lineage != p->left)
        return true;
    return status.lineage == 0 && m->kind == RAFT_MSG_VOTE && m->lineage == RAFT_LINEAGE_FIRST &&
           raft_members_is_voter(&p->voters, p->self);
}
