/* Files on their way here: appended piece by piece, hashed on the way, and given their name when
 * they are whole and right. */
#include "wire.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct incoming *artifacts_incoming(const struct artifacts *p, uint64_t id)
{
    return rh_map64_get(&p->incomings, id);
}

struct incoming *artifacts_incoming_find(const struct artifacts *p, const unsigned char *digest)
{
    uint32_t cursor = 0;
    void *value = NULL;

    while (rh_map64_next(&p->incomings, &cursor, NULL, &value))
        if (memcmp(((struct incoming *)value)->digest, digest, RH_SHA256_SIZE) == 0)
            return value;
    return NULL;
}

/* Room for a file, with others removed for it. */
static int32_t make_room(struct artifacts *p, int64_t size_bytes)
{
    struct artifact *victim = NULL;
    int32_t rc = catalog_reserve(&p->catalog, size_bytes, artifacts_wall(p), &victim);

    while (rc == RH_EAGAIN) {
        if (artifacts_drop(p, victim) != RH_OK)
            return rh_failf(&p->rh, RH_EAGAIN, "too many files are being removed at once");
        artifacts_count(p, p->metrics.evicted_total, 1);
        rc = catalog_reserve(&p->catalog, size_bytes, artifacts_wall(p), &victim);
    }
    if (rc == RH_ETOOLARGE)
        return rh_failf(&p->rh, RH_ETOOLARGE,
                        "the file has %" PRId64 " bytes; all files of this node may have %" PRId64
                        " (bytes_max)",
                        size_bytes, p->config->bytes_max);
    if (rc != RH_EFULL)
        return rc;
    artifacts_count(p, p->metrics.refused_full_total, 1);
    return rh_failf(&p->rh, RH_EFULL,
                    "no room for %" PRId64 " bytes: %" PRId64 " of %" PRId64
                    " are in use or promised, and nothing more may be removed",
                    size_bytes, p->catalog.bytes + p->catalog.reserved_bytes, p->config->bytes_max);
}

int32_t artifacts_incoming_open(struct artifacts *p, const unsigned char *digest,
                                int64_t size_bytes, bool is_fetch, struct incoming **out)
{
    struct incoming *in;
    int32_t rc;

    assert(!artifacts_incoming_find(p, digest));
    if (rh_map64_count(&p->incomings) >= ARTIFACTS_INCOMING_MAX)
        return rh_failf(&p->rh, RH_EAGAIN, "%u files are under way to this node",
                        ARTIFACTS_INCOMING_MAX);
    in = calloc(1, sizeof(*in));
    if (!in)
        return RH_ENOMEM;
    rc = make_room(p, size_bytes);
    if (rc != RH_OK) {
        free(in);
        return rc;
    }
    in->id = artifacts_id(p);
    memcpy(in->digest, digest, RH_SHA256_SIZE);
    in->size_bytes = size_bytes;
    in->is_fetch = is_fetch;
    in->touched_ms = artifacts_now(p);
    rh_sha256_init(&in->hash);
    rc = rh_map64_put(&p->incomings, in->id, in, NULL);
    if (rc != RH_OK) {
        catalog_unreserve(&p->catalog, size_bytes);
        free(in);
        return rc;
    }
    *out = in;
    return RH_OK;
}

static void on_removed(void *self, void *user, const struct rh_file_done *done)
{
    (void)self;
    (void)user;
    (void)done; /* what is left is removed at the next start */
}

void artifacts_incoming_drop(struct artifacts *p, struct incoming *in)
{
    struct rh_file_op op = {.size = (uint32_t)sizeof(op), .op = RH_FILE_REMOVE};
    char name[RH_SHA256_HEX + 8];

    assert(!in->is_busy);
    artifacts_name(name, in->digest, true);
    op.name = name;
    if (in->next > 0) /* over quota: as in on_removed */
        (void)p->rh.file->submit(p->rh.ctx, &op, on_removed, NULL);
    catalog_unreserve(&p->catalog, in->size_bytes);
    (void)rh_map64_remove(&p->incomings, in->id); /* the incoming itself */
    free(in);
}

static void tell(struct artifacts *p, struct incoming *in, int32_t rc)
{
    void (*done)(struct artifacts * p, uint64_t user, int32_t rc) = in->done;
    uint64_t user = in->user;

    in->is_busy = false;
    if (rc != RH_OK || in->next == in->size_bytes) {
        if (rc == RH_OK)
            in->next = 0; /* the torn file has become the whole one */
        artifacts_incoming_drop(p, in);
    }
    done(p, user, rc);
}

/* The file has its name: it counts from now on. */
static int32_t keep(struct artifacts *p, const struct incoming *in)
{
    struct rh_batch_builder batch;
    struct artifact *kept = NULL;
    struct artifact artifact = {
        .size_bytes = in->size_bytes,
        .added_at_ms = artifacts_wall(p),
        .used_at_ms = artifacts_wall(p),
        .is_own = !in->is_fetch,
        .is_there = true,
    };
    int32_t rc;

    memcpy(artifact.digest, in->digest, RH_SHA256_SIZE);
    rc = catalog_add(&p->catalog, &artifact, &kept);
    if (rc != RH_OK)
        return rc;
    rh_batch_begin(&batch, ARTIFACTS_NAMESPACE);
    artifacts_put_row(&batch, kept);
    artifacts_gauges(p);
    return rh_batch_commit(&batch, &p->rh, NULL, NULL);
}

static void on_renamed(void *self, void *user, const struct rh_file_done *done)
{
    struct artifacts *p = self;
    struct incoming *in = p->is_active ? artifacts_incoming(p, (uint64_t)(uintptr_t)user) : NULL;
    int32_t rc = done->rc;

    if (!in)
        return;
    if (rc == RH_OK)
        rc = keep(p, in);
    if (rc == RH_OK)
        rh_log_info(&p->rh, "artifact_kept", "bytes=%" PRId64 " fetched=%d", in->size_bytes,
                    in->is_fetch);
    tell(p, in, rc);
}

/* All bytes are there: are they the right ones? */
static int32_t finish(struct artifacts *p, struct incoming *in)
{
    struct rh_file_op op = {.size = (uint32_t)sizeof(op), .op = RH_FILE_RENAME};
    struct rh_sha256 hash = in->hash;
    unsigned char digest[RH_SHA256_SIZE];
    char from[RH_SHA256_HEX + 8];
    char to[RH_SHA256_HEX + 8];

    rh_sha256_final(&hash, digest);
    if (memcmp(digest, in->digest, RH_SHA256_SIZE) != 0) {
        artifacts_count(p, p->metrics.wrong_hash_total, 1);
        return RH_EPROTOCOL;
    }
    artifacts_name(from, in->digest, true);
    artifacts_name(to, in->digest, false);
    op.name = from;
    op.to = to;
    return p->rh.file->submit(p->rh.ctx, &op, on_renamed, (void *)(uintptr_t)in->id);
}

static void on_appended(void *self, void *user, const struct rh_file_done *done)
{
    struct artifacts *p = self;
    struct incoming *in = p->is_active ? artifacts_incoming(p, (uint64_t)(uintptr_t)user) : NULL;
    int32_t rc = done->rc;

    if (!in)
        return;
    if (rc == RH_OK) {
        in->hash = *done->hash;
        in->next += in->piece;
        if (in->next == in->size_bytes) {
            rc = finish(p, in);
            if (rc == RH_OK)
                return;
        }
    } else {
        in->next += in->piece > 0; /* a part of it may be in the file: that goes, too */
    }
    tell(p, in, rc);
}

int32_t artifacts_incoming_append(struct artifacts *p, struct incoming *in, struct rh_str bytes,
                                  void (*done)(struct artifacts *p, uint64_t user, int32_t rc),
                                  uint64_t user)
{
    struct rh_file_op op = {
        .size = (uint32_t)sizeof(op),
        .op = RH_FILE_APPEND,
        .offset = in->next,
        .data = bytes,
        .hash = &in->hash,
    };
    char name[RH_SHA256_HEX + 8];
    int32_t rc;

    assert(!in->is_busy);
    assert((int64_t)bytes.n <= in->size_bytes - in->next);
    artifacts_name(name, in->digest, true);
    op.name = name;
    rc = p->rh.file->submit(p->rh.ctx, &op, on_appended, (void *)(uintptr_t)in->id);
    if (rc != RH_OK)
        return rc;
    in->is_busy = true;
    in->piece = (int64_t)bytes.n;
    in->touched_ms = artifacts_now(p);
    in->done = done;
    in->user = user;
    return RH_OK;
}

static void on_torn_removed(void *self, void *user, const struct rh_file_done *done)
{
    struct artifacts *p = self;
    struct incoming *in = p->is_active ? artifacts_incoming(p, (uint64_t)(uintptr_t)user) : NULL;
    void (*told)(struct artifacts * p, uint64_t user, int32_t rc);
    int32_t rc = done->rc == RH_ENOTFOUND ? RH_OK : done->rc;
    uint64_t told_user;

    if (!in)
        return;
    told = in->done;
    told_user = in->user;
    in->is_busy = false;
    if (rc == RH_OK) {
        in->next = 0; /* there is nothing to remove any more */
        artifacts_incoming_drop(p, in);
    }
    told(p, told_user, rc);
}

int32_t artifacts_incoming_remove(struct artifacts *p, struct incoming *in,
                                  void (*done)(struct artifacts *p, uint64_t user, int32_t rc),
                                  uint64_t user)
{
    struct rh_file_op op = {.size = (uint32_t)sizeof(op), .op = RH_FILE_REMOVE};
    char name[RH_SHA256_HEX + 8];
    int32_t rc;

    assert(!in->is_busy);
    artifacts_name(name, in->digest, true);
    op.name = name;
    rc = p->rh.file->submit(p->rh.ctx, &op, on_torn_removed, (void *)(uintptr_t)in->id);
    if (rc != RH_OK)
        return rc;
    in->is_busy = true;
    in->done = done;
    in->user = user;
    return RH_OK;
}

void artifacts_incoming_expire(struct artifacts *p)
{
    uint32_t cursor = 0;
    void *value = NULL;

    while (rh_map64_next(&p->incomings, &cursor, NULL, &value)) {
        struct incoming *in = value;

        if (in->is_busy || in->is_fetch ||
            artifacts_now(p) - in->touched_ms < p->config->upload_idle)
            continue;
        rh_log_info(&p->rh, "upload_given_up", "bytes=%" PRId64 " of=%" PRId64, in->next,
                    in->size_bytes);
        artifacts_incoming_drop(p, in);
    }
}
