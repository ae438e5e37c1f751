/* Requests of other members, and answers as JSON. The answer to a request comes out of the core,
 * perhaps after a write. */
#include <inttypes.h>
#include <string.h>

#include "wire.h"

const struct rh_field raft_vote_fields[8] = {
    RH_FIELD_ROW_(struct raft_vote_req, candidate, RH_FIELD_STRING, .flags = RH_REQUIRED, .min = 1,
                  .max = RAFT_ID_MAX, .doc = "who asks"),
    RH_INT_REQUIRED(struct raft_vote_req, term, 1, RAFT_TERM_MAX, "the term it wants to lead"),
    RH_INT(struct raft_vote_req, last_index, 0, 0, RAFT_TERM_MAX, "of its last entry"),
    RH_INT(struct raft_vote_req, last_term, 0, 0, RAFT_TERM_MAX, "of its last entry"),
    RH_INT(struct raft_vote_req, members_index, 0, 0, RAFT_TERM_MAX, "entry that set its members"),
    RH_UINT64(struct raft_vote_req, lineage, RH_REQUIRED, "of its log"),
    RH_BOOL(struct raft_vote_req, pre, false, "asks only whether standing has a chance"),
    RH_BOOL(struct raft_vote_req, forced, false, "the leader has handed over to it"),
};

static const char *const statuses[] = {"yes",        "no",      "stale", "more",
                                       "other_data", "removed", "live"};
#define STATUS_COUNT (sizeof(statuses) / sizeof(statuses[0]))

struct reply_body {
    struct rh_str status;
    int64_t term, match, hint_index, hint_term, want;
    uint64_t lineage;
};
static const struct rh_field reply_fields[] = {
    RH_STR(struct reply_body, status, RH_REQUIRED, "yes, no, stale, more, ..."),
    RH_INT_REQUIRED(struct reply_body, term, 0, RAFT_TERM_MAX, "of who answers"),
    RH_INT(struct reply_body, match, 0, 0, RAFT_TERM_MAX, "it has the log up to here"),
    RH_INT(struct reply_body, hint_index, 0, 0, RAFT_TERM_MAX, "where the logs may agree"),
    RH_INT(struct reply_body, hint_term, 0, 0, RAFT_TERM_MAX, "term there"),
    RH_INT(struct reply_body, want, 0, 0, RAFT_TERM_MAX, "next byte of the snapshot"),
    RH_UINT64(struct reply_body, lineage, RH_REQUIRED, "of the log of who answers"),
};
static const struct rh_fields reply_table = RH_FIELDS(struct reply_body, reply_fields);

void raft_put_reply(struct rh_buf *buf, const struct raft_message *m)
{
    struct rh_json_writer w;

    rh_json_init(&w, buf);
    rh_json_begin_object(&w);
    rh_json_kv_strc(&w, "status", statuses[m->status]);
    rh_json_kv_int(&w, "term", (int64_t)m->term);
    rh_json_kv_u64(&w, "lineage", m->lineage);
    if (m->match)
        rh_json_kv_int(&w, "match", (int64_t)m->match);
    if (m->hint_index) {
        rh_json_kv_int(&w, "hint_index", (int64_t)m->hint_index);
        rh_json_kv_int(&w, "hint_term", (int64_t)m->hint_term);
    }
    if (m->want)
        rh_json_kv_int(&w, "want", (int64_t)m->want);
    rh_json_end_object(&w);
    (void)rh_json_finish(&w); /* sticky in buf */
}

int32_t raft_take_reply(const struct rh_services *rh, struct rh_str body,
                        struct raft_message *reply)
{
    struct reply_body wire;
    void *memory = NULL;
    uint32_t status = 0;
    int32_t rc = rh->fields->decode(rh->ctx, &reply_table, body, &wire, &memory, NULL, 0);

    if (rc != RH_OK)
        return rc;
    while (status < STATUS_COUNT && !rh_str_eq_c(wire.status, statuses[status]))
        status++;
    if (status == STATUS_COUNT)
        rc = RH_EINVAL;
    reply->status = status;
    reply->term = (uint64_t)wire.term;
    reply->lineage = wire.lineage;
    reply->match = (uint64_t)wire.match;
    reply->hint_index = (uint64_t)wire.hint_index;
    reply->hint_term = (uint64_t)wire.hint_term;
    reply->want = (uint64_t)wire.want;
    rh->fields->release(rh->ctx, memory);
    return rc;
}

/* A node that has data of another time says so, and nothing else. */
static int32_t refuse(struct raft_plugin *p, rh_req req)
{
    const struct raft_message m = {.status = RAFT_OTHER_DATA, .ticket = req};
    struct rh_buf body;
    int32_t rc;

    if (p->mode != RAFT_MODE_REFUSED && !p->core)
        return rh_failf(&p->rh, RH_ELOADING, "the log is still being loaded");
    rh_buf_init(&body, 1024);
    raft_put_reply(&body, &m);
    rc = body.rc == RH_OK ? p->rh.http->reply_early(p->rh.ctx, req, 200, rh_buf_str(&body))
                          : body.rc;
    rh_buf_release(&body);
    return rc;
}

/* A node speaks for itself only. Without tokens callers have no node id, and are believed. */
static int32_t check_caller(struct raft_plugin *p, const struct rh_request *request,
                            const char *claimed)
{
    if (request->node_id.n && !rh_str_eq_c(request->node_id, claimed))
        return rh_failf(&p->rh, RH_EFORBIDDEN, "%.*s may not speak for %s",
                        RH_STR_ARG(request->node_id), claimed);
    if (strcmp(claimed, p->self) == 0)
        return rh_failf(&p->rh, RH_EINVAL, "%s cannot talk to itself", claimed);
    return RH_OK;
}

/* Pieces of a snapshot go to the host while they are still borrowed. */
static void store_chunk(struct raft_plugin *p)
{
    struct raft_chunk chunk;
    int32_t rc;

    if (!raft_next_chunk(p->core, &chunk))
        return;
    rc = p->replication->install_write(p->rh.ctx, chunk.id, chunk.offset, chunk.data);
    if (rc != RH_OK)
        rh_log_warn(&p->rh, "raft_piece_refused", "offset=%" PRIu64 " code=%" PRId32, chunk.offset,
                    rc);
    raft_chunk_stored(p->core, rc);
}

static int32_t step(struct raft_plugin *p, struct raft_message *m, rh_req req)
{
    int32_t rc;

    if (raft_has_left(p, m))
        return refuse(p, req);
    m->ticket = req;
    rc = raft_step(p->core, m, raft_now(p));
    if (rc == RH_OK)
        store_chunk(p);
    raft_pump(p);
    if (rc == RH_EIO)
        return rh_failf(&p->rh, rc, "this node takes no part: %s", raft_failure(p->core));
    return rc == RH_EINVAL ? rh_failf(&p->rh, rc, "the message makes no sense here") : rc;
}

static int32_t receive(struct raft_plugin *p, rh_req req, bool is_piece)
{
    struct rh_request request = {.size = (uint32_t)sizeof(request)};
    int32_t rc;

    if (!p->core)
        return refuse(p, req);
    rc = p->rh.http->request(p->rh.ctx, req, &request);
    if (rc == RH_OK)
        rc = raft_decode(request.body, &p->decoded);
    if (rc == RH_OK && (p->decoded.message.kind == RAFT_MSG_SNAPSHOT) != is_piece)
        rc = RH_EINVAL;
    if (rc == RH_EINVAL)
        return rh_failf(&p->rh, rc, "the body is not a sound message of raft");
    if (rc != RH_OK)
        return rc;
    rc = check_caller(p, &request, p->decoded.message.peer);
    return rc == RH_OK ? step(p, &p->decoded.message, req) : rc;
}

int32_t raft_handle_append(void *self, rh_req req, const void *fields)
{
    (void)fields;
    return receive(self, req, false);
}

int32_t raft_handle_snapshot(void *self, rh_req req, const void *fields)
{
    (void)fields;
    return receive(self, req, true);
}

int32_t raft_handle_vote(void *self, rh_req req, const void *fields)
{
    struct raft_plugin *p = self;
    const struct raft_vote_req *wire = fields;
    struct rh_request request = {.size = (uint32_t)sizeof(request)};
    struct raft_message m = {
        .kind = RAFT_MSG_VOTE,
        .flags = (wire->pre ? RAFT_FLAG_PRE : 0) | (wire->forced ? RAFT_FLAG_FORCED : 0),
        .lineage = wire->lineage,
        .term = (uint64_t)wire->term,
        .index = (uint64_t)wire->last_index,
        .index_term = (uint64_t)wire->last_term,
        .members_index = (uint64_t)wire->members_index,
    };
    int32_t rc;

    if (!p->core)
        return refuse(p, req);
    rc = p->rh.http->request(p->rh.ctx, req, &request);
    if (rc == RH_OK)
        rc = rh_str_copy(m.peer, sizeof(m.peer), wire->candidate);
    if (rc == RH_OK)
        rc = check_caller(p, &request, m.peer);
    return rc == RH_OK ? step(p, &m, req) : rc;
}
