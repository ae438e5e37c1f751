/* Pin, delete, and what is done every minute. */
#include "wire.h"

#include <stdlib.h>

static int32_t find(struct artifacts *p, struct rh_str sha256, struct artifact **out)
{
    unsigned char digest[RH_SHA256_SIZE];
    int32_t rc = artifacts_digest(p, sha256, digest);

    if (rc != RH_OK)
        return rc;
    *out = catalog_find(&p->catalog, digest);
    return *out ? RH_OK : rh_failf(&p->rh, RH_ENOTFOUND, "not held by this node");
}

int32_t artifacts_pin(void *self, rh_req req, const void *fields)
{
    struct artifacts *p = self;
    const struct pin_req *f = fields;
    struct rh_batch_builder batch;
    struct artifact *artifact = NULL;
    int32_t rc = find(p, f->sha256, &artifact);

    if (rc != RH_OK)
        return rc;
    artifact->is_pinned = f->pinned != 0;
    rh_batch_begin(&batch, ARTIFACTS_NAMESPACE);
    artifacts_put_row(&batch, artifact);
    rc = rh_batch_commit(&batch, &p->rh, NULL, NULL);
    return rc == RH_OK ? rh_reply_ok(&p->rh, req) : rc;
}

static void on_given_up(struct artifacts *p, uint64_t user, int32_t rc)
{
    struct waiting *waiting = rh_map64_remove(&p->waitings, user);

    if (!waiting)
        return;
    /* A caller who is gone sees that it is gone. */
    if (rc == RH_OK)
        (void)rh_reply_ok(&p->rh, waiting->req);
    else
        (void)rh_reply_errorf(&p->rh, waiting->req, rc, NULL, "the file cannot be removed");
    free(waiting);
}

/* A file that is being put is given up. */
static int32_t give_up(struct artifacts *p, struct incoming *in, rh_req req)
{
    struct waiting *waiting;
    uint64_t id;
    int32_t rc;

    if (in->is_busy)
        return artifacts_answer_later(p, req, "busy", "bytes of this file are being written");
    if (in->is_fetch)
        return artifacts_answer_later(p, req, "fetching", "the file is on its way to this node");
    waiting = artifacts_wait(p, req, in->digest, in->size_bytes);
    if (!waiting)
        return RH_EAGAIN;
    id = waiting->id;
    rc = artifacts_incoming_remove(p, in, on_given_up, id);
    if (rc != RH_OK)
        free(rh_map64_remove(&p->waitings, id));
    return rc;
}

int32_t artifacts_delete(void *self, rh_req req, const void *fields)
{
    struct artifacts *p = self;
    const struct one_req *f = fields;
    unsigned char digest[RH_SHA256_SIZE];
    struct artifact *artifact = NULL;
    struct incoming *in;
    int32_t rc = artifacts_digest(p, f->sha256, digest);

    if (rc != RH_OK)
        return rc;
    in = artifacts_incoming_find(p, digest);
    if (in)
        return give_up(p, in, req);
    rc = find(p, f->sha256, &artifact);
    if (rc != RH_OK)
        return rc;
    if (artifact->is_pinned)
        return rh_reply_errorf(&p->rh, req, RH_ECONFLICT, "pinned",
                               "the file is pinned; unpin it first");
    if (artifact->readers > 0)
        return artifacts_answer_later(p, req, "busy", "the file is being read");
    rc = artifacts_drop(p, artifact);
    return rc == RH_OK ? rh_reply_ok(&p->rh, req) : rc;
}

int32_t artifacts_loop(void *self)
{
    struct artifacts *p = self;
    struct artifact *surplus = catalog_surplus(&p->catalog, artifacts_wall(p));

    while (surplus && artifacts_drop(p, surplus) == RH_OK) { /* else in a minute */
        artifacts_count(p, p->metrics.evicted_total, 1);
        surplus = catalog_surplus(&p->catalog, artifacts_wall(p));
    }
    artifacts_incoming_expire(p);
    artifacts_flush(p);
    artifacts_tell_unchecked(p);
    return RH_OK;
}
