/* Fetches the inputs of a job, one after the other and piece by piece, through the route of the
 * artifacts on this node; then the program is started. */
#include "wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/error.h>
#include <ringhost/sdk/str.h>

#define PIECE_BYTES (1024u * 1024u)
#define PIECE_MS    40000

static void step(struct worker *w, struct work *work);

static void fail(struct worker *w, struct work *work, const char *why)
{
    const struct files *files = work->files;
    char text[RH_TEXT_MAX];

    (void)snprintf(text, sizeof(text), "input %s: %s", files->inputs[files->index].name,
                   why); /* cut when long */
    worker_work_fail(w, work, rh_str_from(text), true);
    worker_kick(w);
}

/* The room of this node is no fault of the item: it goes back uncounted, for another node or for
 * later. */
static void give_back(struct worker *w, struct work *work, const char *why)
{
    const char *name = work->files->inputs[work->files->index].name;

    rh_log_warn(&w->rh, "item_given_back", "work_id=%s input=%s why=\"%s\"", work->job.work_id,
                name, why);
    worker_problem(w, work->job.work_id, "given back: input %s: %s", name, why);
    worker_claim_pause(w, name, why);
    worker_work_release(w, work);
    worker_kick(w);
}

static void on_retry(void *self, void *user)
{
    struct worker *w = self;
    struct work *work = worker_work_in(w, user, JOB_PREPARING);

    if (work)
        step(w, work);
}

static void on_told(void *self, void *user, const struct rh_reply *reply)
{
    (void)self;
    (void)user;
    (void)reply; /* the next attempt finds the same and tells it again */
}

/* Wrong bytes came from the artifacts of this node, which look again at what they hold. */
static void tell_doubt(struct worker *w, const unsigned char digest[RH_SHA256_SIZE])
{
    char digits[RH_SHA256_HEX];
    char body[RH_SHA256_HEX + 16];
    struct rh_call call = {
        .size = (uint32_t)sizeof(call),
        .target = "self",
        .method = "POST",
        .path = "/artifacts/doubt",
        .timeout_ms = CALL_MS,
        .flags = RH_CALL_IDEMPOTENT,
    };

    rh_sha256_hex(digits, digest);
    (void)snprintf(body, sizeof(body), "{\"sha256\":\"%s\"}", digits); /* fits */
    call.body = rh_str_from(body);
    (void)w->rh.http->call(w->rh.ctx, &call, on_told, NULL, NULL); /* as in on_told */
}

/* The whole file is here. */
static void finish(struct worker *w, struct work *work)
{
    struct files *files = work->files;
    unsigned char digest[RH_SHA256_SIZE];

    rh_sha256_final(&files->hash, digest);
    if (memcmp(digest, files->inputs[files->index].digest, RH_SHA256_SIZE) != 0) {
        tell_doubt(w, files->inputs[files->index].digest);
        fail(w, work, "its bytes have another SHA-256");
        return;
    }
    files->index++;
    files->offset = 0;
    rh_sha256_init(&files->hash);
    if (files->index < files->input_count) {
        step(w, work);
        return;
    }
    files->index = 0;
    worker_claim_resume(w); /* there is room again */
    worker_work_launch(w, work);
    worker_kick(w);
}

static void on_appended(void *self, void *user, const struct rh_file_done *done)
{
    struct worker *w = self;
    struct work *work = worker_work_in(w, user, JOB_PREPARING);
    struct files *files = work ? work->files : NULL;
    int64_t before;

    if (!work)
        return;
    if (done->rc != RH_OK) {
        fail(w, work, rh_error_text(done->rc));
        return;
    }
    before = files->offset;
    files->hash = *done->hash;
    files->offset = (int64_t)files->hash.size;
    if (files->offset == before) /* an empty file */
        finish(w, work);
    else
        step(w, work);
}

static void append(struct worker *w, struct work *work, struct rh_str bytes)
{
    struct files *files = work->files;
    char name[WORKER_FILE_SIZE];
    const struct rh_file_op op = {
        .size = (uint32_t)sizeof(op),
        .op = RH_FILE_APPEND,
        .name = name,
        .offset = files->offset,
        .data = bytes,
        .hash = &files->hash,
    };

    worker_file_name(name, "in", work->job.id, files->index);
    if (w->rh.file->submit(w->rh.ctx, &op, on_appended, (void *)(uintptr_t)work->job.id) != RH_OK &&
        !worker_files_again(w, work, on_retry))
        fail(w, work, "it cannot be written");
}

static void on_piece(void *self, void *user, const struct rh_reply *reply)
{
    struct worker *w = self;
    struct work *work = worker_work_in(w, user, JOB_PREPARING);
    char why[256];

    if (!work || reply->rc == RH_ECANCELLED)
        return;
    if (reply->rc == RH_OK && reply->status == 200) {
        work->files->tries = 0;
        if (reply->body.n > 0 || work->files->offset == 0)
            append(w, work, reply->body);
        else
            finish(w, work);
        return;
    }
    if ((reply->rc != RH_OK || reply->status >= 500) && reply->status != 507 &&
        worker_files_again(w, work, on_retry))
        return;
    (void)snprintf(why, sizeof(why), "%.*s", RH_STR_ARG(reply->message)); /* cut when long */
    if (reply->status == 507)
        give_back(w, work, why);
    else
        fail(w, work, why);
}

static void step(struct worker *w, struct work *work)
{
    const struct files *files = work->files;
    char digits[RH_SHA256_HEX];
    char path[192];
    const struct rh_call call = {
        .size = (uint32_t)sizeof(call),
        .lane = RH_LANE_BULK,
        .target = "self",
        .method = "GET",
        .path = path,
        .timeout_ms = PIECE_MS,
        .flags = RH_CALL_IDEMPOTENT,
    };

    rh_sha256_hex(digits, files->inputs[files->index].digest);
    (void)snprintf(path, sizeof(path), "/artifacts/data?sha256=%s&offset=%" PRId64 "&max=%u",
                   digits, files->offset, PIECE_BYTES); /* fits */
    if (w->rh.http->call(w->rh.ctx, &call, on_piece, (void *)(uintptr_t)work->job.id, NULL) !=
            RH_OK &&
        !worker_files_again(w, work, on_retry))
        fail(w, work, "it cannot be asked for");
}

void worker_inputs_begin(struct worker *w, struct work *work)
{
    job_move(&work->job, JOB_PREPARING);
    rh_sha256_init(&work->files->hash);
    step(w, work);
}
