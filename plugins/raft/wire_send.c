/* Messages of the core over HTTP: a request is a call, an answer goes back to the request that it
 * belongs to. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "wire.h"

#define VOTE_BYTES_MAX  4096u
#define REPLY_BYTES_MAX 4096u

/* How a kind of request travels. Heartbeats and votes have connections of their own, so that they
 * wait behind no entries. wait: heartbeats after which an answer is of no use. */
static const struct route_row {
    uint32_t kind, lane, wait;
    const char *path;
} route_rows[] = {
    {RAFT_MSG_VOTE, RH_LANE_CONTROL, RAFT_TIMEOUT_HEARTBEATS, "/raft/vote"},
    {RAFT_MSG_BEAT, RH_LANE_CONTROL, RAFT_LEASE_HEARTBEATS, "/raft/append"},
    {RAFT_MSG_TIMEOUT, RH_LANE_CONTROL, RAFT_TIMEOUT_HEARTBEATS, "/raft/append"},
    {RAFT_MSG_APPEND, RH_LANE_NORMAL, 2 * RAFT_TIMEOUT_HEARTBEATS, "/raft/append"},
    {RAFT_MSG_SNAPSHOT, RH_LANE_BULK, 6 * RAFT_TIMEOUT_HEARTBEATS, "/raft/snapshot"},
};

/* What is remembered of a request until its answer. */
struct asked {
    uint32_t run;
    struct raft_message reply; /* filled as far as the request tells */
};

static const struct route_row *row_of(uint32_t kind)
{
    for (size_t i = 0; i < sizeof(route_rows) / sizeof(route_rows[0]); i++)
        if (route_rows[i].kind == kind)
            return &route_rows[i];
    return NULL;
}

static void answer(struct raft_plugin *p, const struct raft_message *m)
{
    struct rh_buf body;

    rh_buf_init(&body, REPLY_BYTES_MAX);
    raft_put_reply(&body, m);
    /* The core has waited for the disk where it must; another write may be under way. */
    if (body.rc == RH_OK)
        (void)p->rh.http->reply_early(p->rh.ctx, m->ticket, 200,
                                      rh_buf_str(&body)); /* or the caller is gone */
    rh_buf_release(&body);
}

static void on_reply(void *self, void *user, const struct rh_reply *reply)
{
    struct raft_plugin *p = self;
    struct asked *asked = user;
    struct raft_message *m = &asked->reply;
    bool is_understood = false;

    if (!p->core || asked->run != p->run)
        goto out;
    if (reply->rc == RH_OK && reply->status == 200)
        is_understood = raft_take_reply(&p->rh, reply->body, m) == RH_OK;
    if (is_understood)
        (void)raft_step(p->core, m, raft_now(p)); /* an answer that makes no sense is no answer */
    else if (reply->rc != RH_ECANCELLED)
        raft_unreachable(p->core, m->peer, m->kind - 1, raft_now(p));
    if (reply->rc == RH_OK && !is_understood)
        rh_log_debug(&p->rh, "raft_refused", "node=%s status=%" PRIu32 " code=%.*s", m->peer,
                     reply->status, RH_STR_ARG(reply->error_code));
    raft_pump(p);
out:
    free(asked);
}

static void put_vote(struct rh_buf *buf, const struct raft_message *m, const char *self)
{
    struct rh_json_writer w;

    rh_json_init(&w, buf);
    rh_json_begin_object(&w);
    rh_json_kv_strc(&w, "candidate", self);
    rh_json_kv_int(&w, "term", (int64_t)m->term);
    rh_json_kv_int(&w, "last_index", (int64_t)m->index);
    rh_json_kv_int(&w, "last_term", (int64_t)m->index_term);
    rh_json_kv_int(&w, "members_index", (int64_t)m->members_index);
    rh_json_kv_u64(&w, "lineage", m->lineage);
    rh_json_kv_bool(&w, "pre", m->flags & RAFT_FLAG_PRE);
    rh_json_kv_bool(&w, "forced", m->flags & RAFT_FLAG_FORCED);
    rh_json_end_object(&w);
    (void)rh_json_finish(&w); /* sticky in buf */
}

static int32_t put_body(struct raft_plugin *p, const struct raft_message *m)
{
    struct rh_str chunk = {NULL, 0};
    int32_t rc = RH_OK;

    rh_buf_reset(&p->body);
    if (m->kind == RAFT_MSG_VOTE) {
        put_vote(&p->body, m, p->self);
        return p->body.rc;
    }
    if (m->kind == RAFT_MSG_SNAPSHOT && m->chunk_bytes > 0)
        rc = p->replication->snapshot_read(p->rh.ctx, m->snapshot_id, m->offset, m->chunk_bytes,
                                           &chunk);
    if (rc == RH_OK)
        rc = raft_encode(&p->body, m, p->self, p->core, chunk);
    return rc == RH_OK ? p->body.rc : rc;
}

static int32_t call(struct raft_plugin *p, const struct raft_message *m, struct asked *asked)
{
    const struct route_row *row = row_of(m->kind);
    struct rh_call call = {
        .size = (uint32_t)sizeof(call),
        .lane = row->lane,
        .target = m->peer,
        .method = "POST",
        .path = row->path,
        .content_type = m->kind == RAFT_MSG_VOTE ? NULL : "application/octet-stream",
        .timeout_ms = row->wait * p->heartbeat_ms,
        .flags = RH_CALL_IDEMPOTENT,
    };
    const int32_t rc = put_body(p, m);

    if (rc != RH_OK)
        return rc;
    call.body = rh_buf_str(&p->body);
    return p->rh.http->call(p->rh.ctx, &call, on_reply, asked, NULL);
}

void raft_send(struct raft_plugin *p, const struct raft_message *m)
{
    struct asked *asked;
    int32_t rc = RH_ENOMEM;

    if (RAFT_MSG_IS_REPLY(m->kind)) {
        answer(p, m);
        return;
    }
    asked = calloc(1, sizeof(*asked));
    if (asked) {
        asked->run = p->run;
        asked->reply = *m;
        asked->reply.kind = RAFT_MSG_REPLY(m->kind);
        asked->reply.entries = NULL;
        asked->reply.members = NULL;
        rc = call(p, m, asked);
    }
    if (rc == RH_OK)
        return;
    free(asked);
    rh_log_debug(&p->rh, "raft_call_failed", "node=%s kind=%" PRIu32 " code=%" PRId32, m->peer,
                 m->kind, rc);
    raft_unreachable(p->core, m->peer, m->kind, raft_now(p));
}
