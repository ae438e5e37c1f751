/* Hashes again what this node holds, one file after the other, and drops what is damaged: when an
 * operator asks for it, and when somebody got wrong bytes from here. */
#include "wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/error.h>
#include <ringhost/sdk/str.h>

static void next_file(struct artifacts *p);
static void step(struct artifacts *p);
static void step_later(struct artifacts *p);

/* The file under way, or NULL when it is gone. */
static struct artifact *current(const struct artifacts *p)
{
    struct artifact *artifact = catalog_find(&p->catalog, p->checks.digest);

    return artifact && artifact->id == p->checks.artifact ? artifact : NULL;
}

static void damaged(struct artifacts *p, struct artifact *artifact)
{
    struct checks *checks = &p->checks;
    char digits[RH_SHA256_HEX];

    rh_sha256_hex(digits, artifact->digest);
    rh_log_warn(&p->rh, "artifact_damaged", "sha256=%s", digits);
    memcpy(checks->damaged[checks->damaged_count++ % ARTIFACTS_DAMAGED_KEPT], artifact->digest,
           RH_SHA256_SIZE);
    artifacts_count(p, p->metrics.damaged_total, 1);
    if (artifacts_drop(p, artifact) != RH_OK)
        rh_log_warn(&p->rh, "removal_put_off", "sha256=%s", digits);
}

/* Nothing is known of its bytes, so it stays. */
static void unchecked(struct artifacts *p, struct artifact *artifact, int32_t rc)
{
    char digits[RH_SHA256_HEX];

    rh_sha256_hex(digits, artifact->digest);
    rh_log_warn(&p->rh, "artifact_unchecked", "sha256=%s reason=\"%s\" note=\"it stays\"", digits,
                rh_error_text(rc));
    artifact->is_unchecked = true;
}

/* The file under way is left; NULL when it is gone. */
static struct artifact *leave(struct artifacts *p)
{
    struct artifact *artifact = current(p);

    p->checks.is_running = false;
    if (artifact) {
        artifact->readers--;
        artifact->is_doubted = false;
    }
    return artifact;
}

/* It has been read to its end, or (rc) cannot be: only a file that is not there is a lost one; who
 * may open no more files, or has a bad disk, knows nothing. */
static void settle(struct artifacts *p, int32_t rc)
{
    struct artifact *artifact = leave(p);
    unsigned char digest[RH_SHA256_SIZE];

    rh_sha256_final(&p->checks.hash, digest);
    if (artifact) {
        p->checks.done_count++;
        if (rc != RH_OK && rc != RH_ENOTFOUND) {
            unchecked(p, artifact, rc);
        } else {
            artifact->checked_at_ms = artifacts_wall(p);
            artifact->is_unchecked = false;
            if (rc != RH_OK || memcmp(digest, artifact->digest, RH_SHA256_SIZE) != 0)
                damaged(p, artifact);
        }
    }
}

static void on_read(void *self, void *user, const struct rh_file_done *done)
{
    struct artifacts *p = self;

    (void)user;
    if (!p->is_active || done->rc == RH_ECANCELLED)
        return;
    if (done->rc == RH_ENOMEM) {
        step_later(p);
    } else if (done->rc != RH_OK || done->data.n == 0) {
        settle(p, done->rc);
    } else {
        p->checks.hash = *done->hash;
        p->checks.offset += (int64_t)done->data.n;
        step(p);
    }
    next_file(p);
}

static void on_retry(void *self, void *user)
{
    (void)user;
    step(self);
    next_file(self);
}

/* The same again after a pause; without memory for that the file is left, as it is in step. */
static void step_later(struct artifacts *p)
{
    rh_handle timer;

    if (p->rh.core->timer(p->rh.ctx, ARTIFACTS_CHECK_RETRY_MS, on_retry, NULL, &timer) != RH_OK)
        settle(p, RH_ENOMEM);
}

static void step(struct artifacts *p)
{
    const struct rh_file_op op = {
        .size = (uint32_t)sizeof(op),
        .op = RH_FILE_READ,
        .name = p->checks.name,
        .offset = p->checks.offset,
        .max = ARTIFACTS_PIECE_MAX,
        .hash = &p->checks.hash,
    };

    if (p->rh.file->submit(p->rh.ctx, &op, on_read, NULL) != RH_OK)
        step_later(p);
}

/* Those that could not be read when they were to be; at most `room` of their digests. */
static uint32_t find_unchecked(const struct artifacts *p, const unsigned char **digests,
                               uint32_t room)
{
    uint32_t cursor = 0;
    uint32_t count = 0;
    void *value = NULL;

    while (rh_map_next(&p->catalog.files, &cursor, NULL, &value)) {
        const struct artifact *artifact = value;

        if (!artifact->is_unchecked)
            continue;
        if (count < room)
            digests[count] = artifact->digest;
        count++;
    }
    return count;
}

void artifacts_tell_unchecked(struct artifacts *p)
{
    const unsigned char *first = NULL;
    const uint32_t count = find_unchecked(p, &first, 1);
    char digits[RH_SHA256_HEX];

    if (count > 0) {
        rh_sha256_hex(digits, first);
        rh_warnf(&p->rh, "unchecked", "%u file%s could not be read to be verified, and stay%s: %s",
                 count, count == 1 ? "" : "s", count == 1 ? "s" : ", one of them", digits);
    } else if (p->checks.is_warned) {
        rh_warnf(&p->rh, "unchecked", NULL);
    }
    p->checks.is_warned = count > 0;
}

/* The next of those that are waiting and still held. */
static void next_file(struct artifacts *p)
{
    struct checks *checks = &p->checks;

    while (!checks->is_running && checks->at < checks->count) {
        struct artifact *artifact = catalog_find(&p->catalog, checks->queue[checks->at++]);

        if (!artifact || !artifact->is_doubted)
            continue;
        checks->is_running = true;
        checks->artifact = artifact->id;
        checks->offset = 0;
        memcpy(checks->digest, artifact->digest, RH_SHA256_SIZE);
        artifacts_name(checks->name, artifact->digest, false);
        rh_sha256_init(&checks->hash);
        artifact->readers++;
        step(p);
    }
    if (checks->at == checks->count) {
        checks->at = 0;
        checks->count = 0;
        if (!checks->is_running)
            artifacts_tell_unchecked(p);
    }
}

int32_t artifacts_check(struct artifacts *p, struct artifact *artifact)
{
    struct checks *checks = &p->checks;

    if (artifact->is_doubted)
        return RH_OK;
    if (checks->count == checks->room) {
        const uint32_t room = checks->room ? checks->room * 2 : 64;
        void *queue = room <= ARTIFACTS_CHECKS_MAX
                          ? realloc(checks->queue, (size_t)room * sizeof(*checks->queue))
                          : NULL;

        if (!queue)
            return RH_EAGAIN;
        checks->queue = queue;
        checks->room = room;
    }
    artifact->is_doubted = true;
    memcpy(checks->queue[checks->count++], artifact->digest, RH_SHA256_SIZE);
    next_file(p);
    return RH_OK;
}

void artifacts_checks_release(struct artifacts *p)
{
    free(p->checks.queue);
    p->checks = (struct checks){.queue = NULL};
}

static uint32_t waiting(const struct checks *checks)
{
    return checks->count - checks->at + checks->is_running;
}

static int32_t check_all(struct artifacts *p)
{
    uint32_t cursor = 0;
    void *value = NULL;
    int32_t rc = RH_OK;

    while (rc == RH_OK && rh_map_next(&p->catalog.files, &cursor, NULL, &value))
        rc = artifacts_check(p, value);
    return rc;
}

static int32_t check_one(struct artifacts *p, struct rh_str sha256, bool is_by_peer)
{
    unsigned char digest[RH_SHA256_SIZE];
    struct artifact *artifact;
    int32_t rc = artifacts_digest(p, sha256, digest);

    if (rc != RH_OK)
        return rc;
    artifact = catalog_find(&p->catalog, digest);
    if (!artifact)
        return rh_failf(&p->rh, RH_ENOTFOUND, "not held by this node");
    if (is_by_peer && artifact->checked_at_ms &&
        artifacts_wall(p) - artifact->checked_at_ms < ARTIFACTS_DOUBT_REST_MS)
        return RH_OK;
    return artifacts_check(p, artifact);
}

int32_t artifacts_verify(void *self, rh_req req, const void *fields)
{
    struct artifacts *p = self;
    const struct verify_req *f = fields;
    struct rh_json_reply reply;
    int32_t rc;

    if ((f->sha256.n > 0) == (f->all != 0))
        return rh_failf(&p->rh, RH_EINVAL, "give \"sha256\", or \"all\"");
    rc = f->all ? check_all(p) : check_one(p, f->sha256, false);
    if (rc != RH_OK)
        return rc;
    rh_json_reply_begin(&reply);
    rh_json_kv_int(&reply.w, "waiting", waiting(&p->checks));
    return rh_json_reply_send(&reply, &p->rh, req, 202);
}

int32_t artifacts_verified(void *self, rh_req req, const void *fields)
{
    struct artifacts *p = self;
    const struct checks *checks = &p->checks;
    const uint64_t kept = checks->damaged_count < ARTIFACTS_DAMAGED_KEPT ? checks->damaged_count
                                                                         : ARTIFACTS_DAMAGED_KEPT;
    const unsigned char *unread[ARTIFACTS_UNCHECKED_TOLD];
    const uint32_t unread_count = find_unchecked(p, unread, ARTIFACTS_UNCHECKED_TOLD);
    struct rh_json_reply reply;

    (void)fields;
    rh_json_reply_begin(&reply);
    rh_json_kv_int(&reply.w, "waiting", waiting(checks));
    rh_json_kv_int(&reply.w, "checked", (int64_t)checks->done_count);
    rh_json_kv_int(&reply.w, "damaged_count", (int64_t)checks->damaged_count);
    rh_json_key(&reply.w, "damaged");
    rh_json_begin_array(&reply.w);
    for (uint64_t i = checks->damaged_count; i > checks->damaged_count - kept; i--) {
        char digits[RH_SHA256_HEX];

        rh_sha256_hex(digits, checks->damaged[(i - 1) % ARTIFACTS_DAMAGED_KEPT]);
        rh_json_string_c(&reply.w, digits);
    }
    rh_json_end_array(&reply.w);
    rh_json_kv_int(&reply.w, "unchecked_count", unread_count);
    rh_json_key(&reply.w, "unchecked");
    rh_json_begin_array(&reply.w);
    for (uint32_t i = 0; i < unread_count && i < ARTIFACTS_UNCHECKED_TOLD; i++) {
        char digits[RH_SHA256_HEX];

        rh_sha256_hex(digits, unread[i]);
        rh_json_string_c(&reply.w, digits);
    }
    rh_json_end_array(&reply.w);
    return rh_json_reply_send(&reply, &p->rh, req, 200);
}

int32_t artifacts_doubt(void *self, rh_req req, const void *fields)
{
    struct artifacts *p = self;
    const struct one_req *f = fields;
    const int32_t rc = check_one(p, f->sha256, true);

    return rc == RH_OK ? rh_reply_ok(&p->rh, req) : rc;
}

static void on_told(void *self, void *user, const struct rh_reply *reply)
{
    (void)self;
    (void)user;
    (void)reply; /* who was not reached is told by the next one who gets wrong bytes */
}

void artifacts_tell_doubt(struct artifacts *p, const char *node_id, const unsigned char *digest)
{
    char digits[RH_SHA256_HEX];
    char body[RH_SHA256_HEX + 16];
    struct rh_call call = {
        .size = (uint32_t)sizeof(call),
        .lane = RH_LANE_NORMAL,
        .target = node_id,
        .method = "POST",
        .path = "/artifacts/doubt",
        .timeout_ms = ARTIFACTS_TELL_MS,
        .flags = RH_CALL_IDEMPOTENT,
    };

    rh_sha256_hex(digits, digest);
    (void)snprintf(body, sizeof(body), "{\"sha256\":\"%s\"}", digits); /* fits */
    call.body = rh_str_from(body);
    (void)p->rh.http->call(p->rh.ctx, &call, on_told, NULL, NULL); /* as in on_told */
}
