/* PUT /artifacts/data: one piece of a file that somebody hands in. */
#include "wire.h"

#include <inttypes.h>
#include <stdlib.h>

static int32_t answer(struct artifacts *p, rh_req req, int64_t next, int64_t size_bytes,
                      bool is_whole)
{
    struct rh_json_reply reply;

    rh_json_reply_begin(&reply);
    rh_json_kv_int(&reply.w, "next", next);
    rh_json_kv_int(&reply.w, "size", size_bytes);
    rh_json_kv_bool(&reply.w, "whole", is_whole);
    return rh_json_reply_send(&reply, &p->rh, req, is_whole ? 201 : 200);
}

/* 409 with the byte to go on at. */
static int32_t refuse_offset(struct artifacts *p, rh_req req, int64_t next)
{
    struct rh_error error = {.size = (uint32_t)sizeof(error),
                             .rc = RH_ECONFLICT,
                             .code = "wrong_offset",
                             .message = "bytes before these are missing; go on at details.next",
                             .field = "offset"};
    struct rh_buf details;
    int32_t rc;

    rh_buf_init(&details, 128);
    (void)rh_buf_printf(&details, "{\"next\":%" PRId64 "}", next); /* fits */
    error.details = rh_buf_str(&details);
    rc = p->rh.http->reply_error(p->rh.ctx, req, &error);
    rh_buf_release(&details);
    return rc;
}

static void on_appended(struct artifacts *p, uint64_t user, int32_t rc)
{
    struct waiting *waiting = rh_map64_remove(&p->waitings, user);
    const struct incoming *in;

    if (!waiting)
        return;
    in = artifacts_incoming_find(p, waiting->digest);
    /* A caller who is gone, here and below, asks where to go on. */
    if (rc == RH_OK && in)
        (void)answer(p, waiting->req, in->next, in->size_bytes, false);
    else if (rc == RH_OK)
        (void)answer(p, waiting->req, waiting->size_bytes, waiting->size_bytes, true);
    else if (rc == RH_EPROTOCOL)
        (void)rh_reply_errorf(&p->rh, waiting->req, RH_ECONFLICT, "wrong_hash",
                              "the bytes have another SHA-256; they were thrown away");
    else
        (void)rh_reply_errorf(&p->rh, waiting->req, rc, NULL,
                              "the piece could not be kept; begin anew");
    free(waiting);
}

static int32_t append(struct artifacts *p, struct incoming *in, rh_req req, struct rh_str bytes)
{
    struct waiting *waiting = artifacts_wait(p, req, in->digest, in->size_bytes);
    uint64_t id;
    int32_t rc;

    if (!waiting)
        return RH_EAGAIN;
    id = waiting->id;
    rc = artifacts_incoming_append(p, in, bytes, on_appended, id);
    if (rc != RH_OK)
        free(rh_map64_remove(&p->waitings, id));
    else
        artifacts_count(p, p->metrics.put_bytes_total, (double)bytes.n);
    return rc;
}

/* The file is under way, or begins now. */
static int32_t take(struct artifacts *p, struct incoming *in, rh_req req, const struct put_req *f,
                    struct rh_str body)
{
    int64_t skip = 0;

    if (in->size_bytes != f->size)
        return rh_failf(&p->rh, RH_EINVAL, "\"size\" was %" PRId64 " when the file was begun",
                        in->size_bytes);
    switch (piece_judge(in->size_bytes, in->next, f->offset, (int64_t)body.n, &skip)) {
    case PIECE_HAD:
        return answer(p, req, in->next, in->size_bytes, false);
    case PIECE_TOO_FAR:
        return refuse_offset(p, req, in->next);
    case PIECE_TOO_LARGE:
        return rh_failf(&p->rh, RH_EINVAL,
                        "the piece goes beyond the %" PRId64 " bytes of \"size\"", in->size_bytes);
    case PIECE_TAKE:
        break;
    }
    return append(p, in, req, (struct rh_str){body.p + skip, body.n - (size_t)skip});
}

int32_t artifacts_put(void *self, rh_req req, const void *fields)
{
    struct artifacts *p = self;
    const struct put_req *f = fields;
    struct rh_request request = {.size = (uint32_t)sizeof(request)};
    unsigned char digest[RH_SHA256_SIZE];
    struct artifact *held;
    struct incoming *in;
    int32_t rc = artifacts_digest(p, f->sha256, digest);

    if (rc == RH_OK)
        rc = p->rh.http->request(p->rh.ctx, req, &request);
    if (rc != RH_OK)
        return rc;
    held = catalog_find(&p->catalog, digest);
    if (held && held->is_doubted)
        return artifacts_answer_later(p, req, "busy", "the file that is here is being verified");
    if (held) {
        held->used_at_ms = artifacts_wall(p);
        held->is_dirty = true;
        return answer(p, req, held->size_bytes, held->size_bytes, true);
    }
    in = artifacts_incoming_find(p, digest);
    if (in && (in->is_busy || in->is_fetch))
        return artifacts_answer_later(p, req, "busy", "bytes of this file are being written");
    if (!in && f->offset > 0)
        return refuse_offset(p, req, 0);
    if (!in)
        rc = artifacts_incoming_open(p, digest, f->size, false, &in);
    return rc == RH_OK ? take(p, in, req, f, request.body) : rc;
}
