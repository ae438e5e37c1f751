/* Brings a file here from a node that has it: ask, then piece after piece, from where it broke off.
 * Requests for it wait meanwhile. */
#include "wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#define PIECE_MS     30000
#define FAILURES_MAX 6u  /* of one node in a row */
#define RETRY_MS     200 /* doubled with each failure */

static void begin_round(struct artifacts *p, struct fetch *fetch);
static void pull(struct artifacts *p, struct fetch *fetch);

static struct fetch *fetch_at(const struct artifacts *p, const void *user)
{
    return p->is_active ? rh_map64_get(&p->fetches, (uint64_t)(uintptr_t)user) : NULL;
}

static struct fetch *fetch_find(const struct artifacts *p, const unsigned char *digest)
{
    uint32_t cursor = 0;
    void *value = NULL;

    while (rh_map64_next(&p->fetches, &cursor, NULL, &value))
        if (memcmp(((struct fetch *)value)->digest, digest, RH_SHA256_SIZE) == 0)
            return value;
    return NULL;
}

static void fetch_free(struct artifacts *p, struct fetch *fetch)
{
    struct incoming *in = artifacts_incoming(p, fetch->incoming);

    if (in && !in->is_busy)
        artifacts_incoming_drop(p, in);
    for (uint32_t i = 0; i < fetch->parked_count; i++) {
        (void)p->rh.core->timer_cancel(p->rh.ctx, fetch->parked[i].timer); /* fired is fine */
        free(rh_map64_remove(&p->waitings, fetch->parked[i].waiting));
    }
    (void)rh_map64_remove(&p->fetches, fetch->id); /* the fetch itself */
    free(fetch);
}

static void fail(struct artifacts *p, struct fetch *fetch, int32_t rc, const char *code,
                 const char *text)
{
    rh_log_warn(&p->rh, "fetch_failed", "from=%s why=\"%s\"", fetch->node_id, text);
    for (uint32_t i = 0; i < fetch->parked_count; i++)
        (void)rh_reply_errorf(&p->rh, fetch->parked[i].req, rc, code, "%s",
                              text); /* or the caller is gone */
    fetch_free(p, fetch);
}

static void serve(struct artifacts *p, struct fetch *fetch)
{
    struct artifact *held = catalog_find(&p->catalog, fetch->digest);

    for (uint32_t i = 0; i < fetch->parked_count; i++) {
        const struct parked *parked = &fetch->parked[i];
        int32_t rc =
            held ? artifacts_read(p, held, parked->req, parked->offset, parked->max) : RH_EAGAIN;

        if (rc != RH_OK) /* or the caller is gone */
            (void)rh_reply_errorf(&p->rh, parked->req, rc, NULL, "the file is here; ask again");
    }
    fetch_free(p, fetch);
}

static void on_retry(void *self, void *user)
{
    struct artifacts *p = self;
    struct fetch *fetch = fetch_at(p, user);

    if (fetch)
        pull(p, fetch);
}

/* The same node again after a while, another in the end, and at last nobody. */
static void stumble(struct artifacts *p, struct fetch *fetch)
{
    rh_handle timer;

    fetch->failures++;
    if (fetch->failures < FAILURES_MAX &&
        p->rh.core->timer(p->rh.ctx, (int64_t)RETRY_MS << fetch->failures, on_retry,
                          (void *)(uintptr_t)fetch->id, &timer) == RH_OK)
        return;
    begin_round(p, fetch);
}

/* Its copy is damaged, which it is told: another's may be whole. */
static void distrust(struct artifacts *p, struct fetch *fetch)
{
    rh_log_warn(&p->rh, "holder_damaged", "from=%s", fetch->node_id);
    artifacts_tell_doubt(p, fetch->node_id, fetch->digest);
    /* Each round names one node at most. */
    memcpy(fetch->bad[fetch->bad_count++], fetch->node_id, sizeof(fetch->node_id));
    begin_round(p, fetch);
}

static void on_appended(struct artifacts *p, uint64_t user, int32_t rc)
{
    struct fetch *fetch = rh_map64_get(&p->fetches, user);

    if (!fetch)
        return;
    if (rc == RH_OK && artifacts_incoming(p, fetch->incoming))
        pull(p, fetch);
    else if (rc == RH_OK)
        serve(p, fetch);
    else if (rc == RH_EPROTOCOL)
        distrust(p, fetch);
    else
        fail(p, fetch, rc, NULL, "the file cannot be written here");
}

static void on_piece(void *self, void *user, const struct rh_reply *reply)
{
    struct artifacts *p = self;
    struct fetch *fetch = fetch_at(p, user);
    struct incoming *in = fetch ? artifacts_incoming(p, fetch->incoming) : NULL;

    if (!fetch)
        return;
    if (!in || reply->rc != RH_OK || reply->status != 200 || reply->body.n == 0 ||
        (int64_t)reply->body.n > in->size_bytes - in->next) {
        stumble(p, fetch);
        return;
    }
    fetch->failures = 0;
    artifacts_count(p, p->metrics.fetched_bytes_total, (double)reply->body.n);
    if (artifacts_incoming_append(p, in, reply->body, on_appended, fetch->id) != RH_OK)
        stumble(p, fetch);
}

static void pull(struct artifacts *p, struct fetch *fetch)
{
    struct incoming *in = artifacts_incoming(p, fetch->incoming);
    char digits[RH_SHA256_HEX];
    char path[192];
    struct rh_call call = {
        .size = (uint32_t)sizeof(call),
        .lane = RH_LANE_BULK,
        .target = fetch->node_id,
        .method = "GET",
        .path = path,
        .timeout_ms = PIECE_MS,
        .flags = RH_CALL_IDEMPOTENT,
    };

    if (!in) {
        fail(p, fetch, RH_EIO, NULL, "the file cannot be written here");
        return;
    }
    if (in->size_bytes == 0) {
        if (artifacts_incoming_append(p, in, (struct rh_str){"", 0}, on_appended, fetch->id) !=
            RH_OK)
            stumble(p, fetch);
        return;
    }
    rh_sha256_hex(digits, fetch->digest);
    (void)snprintf(path, sizeof(path), "/artifacts/piece?sha256=%s&offset=%" PRId64 "&max=%u",
                   digits, in->next, ARTIFACTS_PIECE_DEFAULT); /* fits */
    if (p->rh.http->call(p->rh.ctx, &call, on_piece, (void *)(uintptr_t)fetch->id, NULL) != RH_OK)
        stumble(p, fetch);
}

/* Somebody puts the file here: that one brings it, and who waits asks again. */
static void yield(struct artifacts *p, struct fetch *fetch)
{
    for (uint32_t i = 0; i < fetch->parked_count; i++)
        (void)artifacts_answer_later(p, fetch->parked[i].req, "uploading",
                                     "the file is being put on this node"); /* or nobody waits */
    fetch_free(p, fetch);
}

/* The first of those that said yes whose bytes were not found wrong; NULL = none. */
static const struct holder *choose(const struct fetch *fetch, const struct ask *ask)
{
    for (uint32_t i = 0; i < ask->holder_count; i++) {
        bool is_bad = false;

        for (uint32_t k = 0; k < fetch->bad_count; k++)
            is_bad = is_bad || strcmp(fetch->bad[k], ask->holders[i].node_id) == 0;
        if (!is_bad)
            return &ask->holders[i];
    }
    return NULL;
}

static void fail_wrong(struct artifacts *p, struct fetch *fetch)
{
    fail(p, fetch, RH_EPROTOCOL, "wrong_hash",
         "the bytes of the nodes that have the file have another SHA-256");
}

static void on_asked(struct artifacts *p, struct ask *ask, uint64_t user)
{
    struct fetch *fetch = rh_map64_get(&p->fetches, user);
    const struct holder *holder;
    struct incoming *in;
    int32_t rc = RH_OK;

    if (!fetch)
        return;
    /* It may have been put here while the others were asked. */
    in = artifacts_incoming_find(p, fetch->digest);
    if (catalog_find(&p->catalog, fetch->digest)) {
        serve(p, fetch);
        return;
    }
    if (in && in->id != fetch->incoming) {
        yield(p, fetch);
        return;
    }
    holder = choose(fetch, ask);
    if (!holder && fetch->bad_count > 0) {
        fail_wrong(p, fetch);
        return;
    }
    if (!holder) {
        fail(p, fetch, RH_ENOTFOUND, NULL,
             ask->failed > 0 ? "no node that could be asked has the file; some could not be asked"
                             : "no node has the file");
        return;
    }
    (void)snprintf(fetch->node_id, sizeof(fetch->node_id), "%s", holder->node_id); /* fits */
    fetch->failures = 0;
    if (in && in->size_bytes != holder->size_bytes) {
        artifacts_incoming_drop(p, in);
        in = NULL;
    }
    if (!in)
        rc = artifacts_incoming_open(p, fetch->digest, holder->size_bytes, true, &in);
    if (rc != RH_OK) {
        fail(p, fetch, rc, NULL,
             rc == RH_ETOOLARGE
                 ? "the file is larger than all files of this node may be (bytes_max)"
                 : "there is no room for the file on this node");
        return;
    }
    fetch->incoming = in->id;
    pull(p, fetch);
}

static void begin_round(struct artifacts *p, struct fetch *fetch)
{
    if (fetch->rounds++ >= ARTIFACTS_ROUNDS_MAX) {
        if (fetch->bad_count > 0)
            fail_wrong(p, fetch);
        else
            fail(p, fetch, RH_EUNREACHABLE, NULL, "the nodes that have the file cannot be read");
        return;
    }
    /* Who answers first is enough, unless it may be one whose bytes were wrong. */
    if (artifacts_ask(p, fetch->digest, fetch->bad_count == 0, on_asked, fetch->id) != RH_OK)
        fail(p, fetch, RH_EAGAIN, NULL, "too many files are being looked for");
}

/* Patience is over; the fetch goes on. */
static void on_late(void *self, void *user)
{
    struct artifacts *p = self;
    struct waiting *waiting =
        p->is_active ? rh_map64_remove(&p->waitings, (uint64_t)(uintptr_t)user) : NULL;
    struct fetch *fetch = waiting ? fetch_find(p, waiting->digest) : NULL;

    for (uint32_t i = 0; fetch && i < fetch->parked_count; i++) {
        if (fetch->parked[i].req != waiting->req)
            continue;
        (void)artifacts_answer_later(p, waiting->req, "fetching",
                                     "the file is on its way to this node"); /* or nobody waits */
        fetch->parked[i] = fetch->parked[--fetch->parked_count];
    }
    free(waiting);
}

static int32_t park(struct artifacts *p, struct fetch *fetch, rh_req req, const struct get_req *f)
{
    struct parked *parked = &fetch->parked[fetch->parked_count];
    struct waiting *waiting;
    int32_t rc;

    if (fetch->parked_count == ARTIFACTS_PARKED_MAX)
        return artifacts_answer_later(p, req, "fetching", "the file is on its way to this node");
    waiting = artifacts_wait(p, req, fetch->digest, 0);
    if (!waiting)
        return RH_EAGAIN;
    *parked = (struct parked){.req = req, .offset = f->offset, .max = f->max};
    rc = p->rh.core->timer(p->rh.ctx, p->config->fetch_wait, on_late,
                           (void *)(uintptr_t)waiting->id, &parked->timer);
    if (rc != RH_OK) {
        free(rh_map64_remove(&p->waitings, waiting->id));
        return rc;
    }
    parked->waiting = waiting->id;
    fetch->parked_count++;
    return RH_OK;
}

int32_t artifacts_fetch(struct artifacts *p, const unsigned char *digest, rh_req req,
                        const struct get_req *f)
{
    struct fetch *fetch = fetch_find(p, digest);
    int32_t rc;

    if (fetch)
        return park(p, fetch, req, f);
    if (artifacts_incoming_find(p, digest))
        return artifacts_answer_later(p, req, "uploading", "the file is being put on this node");
    if (rh_map64_count(&p->fetches) >= ARTIFACTS_FETCHES_MAX)
        return artifacts_answer_later(p, req, "busy", "too many files are on their way here");
    fetch = calloc(1, sizeof(*fetch));
    if (!fetch)
        return RH_ENOMEM;
    fetch->id = artifacts_id(p);
    memcpy(fetch->digest, digest, RH_SHA256_SIZE);
    rc = rh_map64_put(&p->fetches, fetch->id, fetch, NULL);
    if (rc != RH_OK) {
        free(fetch);
        return rc;
    }
    rc = park(p, fetch, req, f);
    if (rc != RH_OK) {
        fetch_free(p, fetch);
        return rc;
    }
    begin_round(p, fetch);
    return RH_OK;
}
