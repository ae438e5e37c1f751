/* GET /artifacts/data and /artifacts/piece: a range of a whole file; the first fetches what is not
 * here. */
#include "wire.h"

#include <inttypes.h>
#include <stdlib.h>

static void on_read(void *self, void *user, const struct rh_file_done *done)
{
    struct artifacts *p = self;
    struct waiting *waiting =
        p->is_active ? rh_map64_remove(&p->waitings, (uint64_t)(uintptr_t)user) : NULL;
    struct artifact *artifact;

    if (!waiting)
        return;
    artifact = catalog_find(&p->catalog, waiting->digest);
    if (artifact && artifact->id == waiting->artifact)
        artifact->readers--;
    if (done->rc == RH_OK) {
        artifacts_count(p, p->metrics.read_bytes_total, (double)done->data.n);
        /* A caller who is gone, here and below, needs no answer. */
        (void)p->rh.http->reply_typed(p->rh.ctx, waiting->req, 200, "application/octet-stream",
                                      done->data);
    } else {
        (void)rh_reply_errorf(&p->rh, waiting->req, done->rc, NULL, "the file cannot be read");
    }
    free(waiting);
}

int32_t artifacts_read(struct artifacts *p, struct artifact *artifact, rh_req req, int64_t offset,
                       int64_t max)
{
    struct rh_file_op op = {.size = (uint32_t)sizeof(op), .op = RH_FILE_READ, .offset = offset};
    char name[RH_SHA256_HEX + 8];
    struct waiting *waiting;
    uint64_t id;
    int32_t rc;

    artifact->used_at_ms = artifacts_wall(p);
    artifact->is_dirty = true;
    op.max = (uint32_t)piece_bytes(artifact->size_bytes, offset, max);
    if (op.max == 0)
        return p->rh.http->reply_typed(p->rh.ctx, req, 200, "application/octet-stream",
                                       (struct rh_str){"", 0});
    waiting = artifacts_wait(p, req, artifact->digest, artifact->size_bytes);
    if (!waiting)
        return RH_EAGAIN;
    waiting->artifact = artifact->id;
    id = waiting->id;
    artifacts_name(name, artifact->digest, false);
    op.name = name;
    rc = p->rh.file->submit(p->rh.ctx, &op, on_read, (void *)(uintptr_t)id);
    if (rc != RH_OK)
        free(rh_map64_remove(&p->waitings, id));
    else
        artifact->readers++;
    return rc;
}

int32_t artifacts_get(void *self, rh_req req, const void *fields)
{
    struct artifacts *p = self;
    const struct get_req *f = fields;
    unsigned char digest[RH_SHA256_SIZE];
    struct artifact *held;
    int32_t rc = artifacts_digest(p, f->sha256, digest);

    if (rc != RH_OK)
        return rc;
    held = catalog_find(&p->catalog, digest);
    return held ? artifacts_read(p, held, req, f->offset, f->max)
                : artifacts_fetch(p, digest, req, f);
}

/* For other nodes: only what is here. */
int32_t artifacts_piece(void *self, rh_req req, const void *fields)
{
    struct artifacts *p = self;
    const struct get_req *f = fields;
    unsigned char digest[RH_SHA256_SIZE];
    struct artifact *held;
    int32_t rc = artifacts_digest(p, f->sha256, digest);

    if (rc != RH_OK)
        return rc;
    held = catalog_find(&p->catalog, digest);
    return held ? artifacts_read(p, held, req, f->offset, f->max)
                : rh_failf(&p->rh, RH_ENOTFOUND, "not held by this node");
}
