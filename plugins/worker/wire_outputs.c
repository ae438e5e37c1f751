/* Stores the outputs of a job as artifacts of this node: taken out of its folder, hashed, put piece
 * by piece; then its result is reported, with their hashes in it. */
#include "wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/error.h>
#include <ringhost/sdk/str.h>

#include "backoff.h"
#include "outcome.h"

#define PIECE_BYTES (1024u * 1024u)
#define PIECE_MS    40000

struct put_reply {
    int64_t next;
    int32_t whole;
};
static const struct rh_field put_rows[] = {
    RH_INT(struct put_reply, next, 0, 0, RH_JSON_INT_MAX, "byte wanted"),
    RH_BOOL(struct put_reply, whole, false, "it is there"),
};
static const struct rh_fields put_table = RH_FIELDS(struct put_reply, put_rows);

/* A result that has the name already. */
struct named {
    struct rh_str outputs;
};
static const struct rh_field named_rows[] = {
    RH_RAW(struct named, outputs, 0, "is ours"),
};
static const struct rh_fields named_table = RH_FIELDS(struct named, named_rows);

static void step(struct worker *w, struct work *work);

static void fail(struct worker *w, struct work *work, uint32_t index, const char *why)
{
    char text[RH_TEXT_MAX];

    (void)snprintf(text, sizeof(text), "output %s: %s", work->files->outputs[index],
                   why); /* cut when long */
    worker_work_fail(w, work, rh_str_from(text), true);
    worker_kick(w);
}

static void on_retry(void *self, void *user)
{
    struct worker *w = self;
    struct work *work = worker_work_in(w, user, JOB_STORING);

    if (work)
        step(w, work);
}

void worker_outputs_show(struct worker *w)
{
    uint32_t cursor = 0;
    void *value = NULL;

    while (rh_map64_next(&w->works, &cursor, NULL, &value)) {
        const struct work *work = value;

        if (!work->files || !work->files->no_room_ms)
            continue;
        rh_warnf(&w->rh, "output_room",
                 "output %s of %s finds no room in the artifacts of this node and waits",
                 work->files->outputs[work->files->index], work->job.work_id);
        return;
    }
    rh_warnf(&w->rh, "output_room", NULL);
}

/* There is no room here: the work is done and must not be lost for that, so again and again, for
 * outputs_wait in all. False: that is over. */
static bool wait_for_room(struct worker *w, struct work *work)
{
    struct files *files = work->files;
    const int64_t now_ms = worker_now(w);
    const bool is_first = files->no_room_ms == 0;
    int64_t delay_ms;
    int64_t left_ms;
    rh_handle timer;

    if (is_first) {
        files->no_room_ms = now_ms;
        files->tries = 0;
    }
    left_ms = files->no_room_ms + w->config->outputs_wait - now_ms;
    if (left_ms <= 0)
        return false;
    delay_ms = backoff_ms(++files->tries, OUTPUTS_CAP_MS, 0, w->rh.core->random(w->rh.ctx));
    if (w->rh.core->timer(w->rh.ctx, delay_ms < left_ms ? delay_ms : left_ms, on_retry,
                          (void *)(uintptr_t)work->job.id, &timer) != RH_OK)
        return false;
    if (is_first) {
        rh_log_warn(&w->rh, "output_waits_for_room", "work_id=%s output=%s", work->job.work_id,
                    files->outputs[files->index]);
        worker_outputs_show(w);
    }
    return true;
}

static void found_room(struct worker *w, struct files *files)
{
    files->tries = 0;
    if (files->no_room_ms == 0)
        return;
    files->no_room_ms = 0;
    worker_outputs_show(w);
}

/* The program's object with `outputs` as its last member. */
static void report(struct worker *w, struct work *work)
{
    const struct files *files = work->files;
    struct rh_str said = rh_buf_str(&files->result);
    struct rh_buf whole;
    const char *comma = ",";

    while (said.n > 0 && said.p[said.n - 1] != '}')
        said.n--;
    said.n -= said.n > 0;
    for (size_t n = said.n; n > 0 && strchr(" \t\r\n{", said.p[n - 1]); n--)
        if (said.p[n - 1] == '{')
            comma = "";
    rh_buf_init(&whole, BODY_MAX);
    (void)rh_buf_append_str(&whole, said); /* errors stay in whole */
    (void)rh_buf_printf(&whole, "%s\"outputs\":{", comma);
    for (uint32_t i = 0; i < files->output_count; i++) {
        char digits[RH_SHA256_HEX];

        rh_sha256_hex(digits, files->digests[i]);
        (void)rh_buf_printf(&whole, "%s\"%s\":\"%s\"", i ? "," : "", files->outputs[i], digits);
    }
    (void)rh_buf_append_c(&whole, "}}");
    if (whole.rc != RH_OK || whole.n > OUTCOME_RESULT_MAX)
        fail(w, work, 0, "the result has no room for the hashes of the outputs");
    else
        worker_work_complete(w, work, rh_buf_str(&whole));
    rh_buf_release(&whole);
    worker_kick(w);
}

static void next_output(struct worker *w, struct work *work)
{
    struct files *files = work->files;

    files->index++;
    files->offset = 0;
    files->is_hashed = false;
    rh_sha256_init(&files->hash);
    if (files->index < files->output_count)
        step(w, work);
    else
        report(w, work);
}

static void on_put(void *self, void *user, const struct rh_reply *reply)
{
    struct worker *w = self;
    struct work *work = worker_work_in(w, user, JOB_STORING);
    struct put_reply put = {.next = 0};
    void *memory = NULL;
    char why[256];

    if (!work || reply->rc == RH_ECANCELLED)
        return;
    if (reply->rc == RH_OK && (reply->status == 200 || reply->status == 201) &&
        w->rh.fields->decode(w->rh.ctx, &put_table, reply->body, &put, &memory, NULL, 0) == RH_OK) {
        w->rh.fields->release(w->rh.ctx, memory);
        found_room(w, work->files);
        work->files->offset = put.next;
        if (put.whole)
            next_output(w, work);
        else
            step(w, work);
        return;
    }
    if (reply->status == 507 && wait_for_room(w, work))
        return;
    if (reply->status == 409)
        work->files->offset = 0; /* it was begun anew, maybe by somebody else */
    if ((reply->rc != RH_OK || reply->status == 409 || reply->status >= 500) &&
        reply->status != 507 && worker_files_again(w, work, on_retry))
        return;
    (void)snprintf(why, sizeof(why), "%.*s%s", RH_STR_ARG(reply->message), /* cut when long */
                   reply->status == 507 ? "; no room came within outputs_wait" : "");
    fail(w, work, work->files->index, why);
}

static int32_t put(struct worker *w, const struct work *work, struct rh_str bytes)
{
    const struct files *files = work->files;
    char digits[RH_SHA256_HEX];
    char path[192];
    const struct rh_call call = {
        .size = (uint32_t)sizeof(call),
        .lane = RH_LANE_BULK,
        .target = "self",
        .method = "PUT",
        .path = path,
        .body = bytes,
        .content_type = "application/octet-stream",
        .timeout_ms = PIECE_MS,
        .flags = RH_CALL_IDEMPOTENT,
    };

    rh_sha256_hex(digits, files->digests[files->index]);
    (void)snprintf(path, sizeof(path), "/artifacts/data?sha256=%s&size=%" PRId64 "&offset=%" PRId64,
                   digits, files->size_bytes, files->offset); /* fits */
    return w->rh.http->call(w->rh.ctx, &call, on_put, (void *)(uintptr_t)work->job.id, NULL);
}

static void on_read(void *self, void *user, const struct rh_file_done *done)
{
    struct worker *w = self;
    struct work *work = worker_work_in(w, user, JOB_STORING);
    struct files *files = work ? work->files : NULL;

    if (!work)
        return;
    if (done->rc == RH_ECANCELLED)
        return; /* of the activation before: this one reads anew */
    if (done->rc != RH_OK) {
        fail(w, work, files->index, rh_error_text(done->rc));
        return;
    }
    if (files->is_hashed) {
        if (put(w, work, done->data) != RH_OK && !worker_files_again(w, work, on_retry))
            fail(w, work, files->index, "it cannot be stored");
        return;
    }
    files->hash = *done->hash;
    files->offset += (int64_t)done->data.n;
    if (done->data.n == 0) { /* its end */
        files->size_bytes = files->offset;
        files->offset = 0;
        files->is_hashed = true;
        rh_sha256_final(&files->hash, files->digests[files->index]);
    }
    step(w, work);
}

/* The next piece: to be hashed the first time, to be put the second. */
static void step(struct worker *w, struct work *work)
{
    const struct files *files = work->files;
    char name[WORKER_FILE_SIZE];
    const struct rh_file_op op = {
        .size = (uint32_t)sizeof(op),
        .op = RH_FILE_READ,
        .name = name,
        .offset = files->offset,
        .max = PIECE_BYTES,
        .hash = files->is_hashed ? NULL : &files->hash,
    };

    worker_file_name(name, "out", work->job.id, files->index);
    if (w->rh.file->submit(w->rh.ctx, &op, on_read, (void *)(uintptr_t)work->job.id) != RH_OK &&
        !worker_files_again(w, work, on_retry))
        fail(w, work, files->index, "it cannot be read");
}

static bool has_outputs(struct worker *w, struct rh_str result)
{
    struct named named = {.outputs = {NULL, 0}};
    void *memory = NULL;
    bool has;

    if (w->rh.fields->decode(w->rh.ctx, &named_table, result, &named, &memory, NULL, 0) != RH_OK)
        return true;
    has = named.outputs.n > 0;
    w->rh.fields->release(w->rh.ctx, memory);
    return has;
}

/* From the first output on. What is stored already is known by its hash. */
static void begin(struct worker *w, struct work *work)
{
    struct files *files = work->files;

    job_move(&work->job, JOB_STORING);
    files->index = 0;
    files->offset = 0;
    files->is_hashed = false;
    rh_sha256_init(&files->hash);
    step(w, work);
}

void worker_outputs_resume(struct worker *w, struct work *work)
{
    job_move(&work->job, JOB_RUNNING);
    begin(w, work);
}

/* The record says from now on that the program is done, so that no reload loses what it did. */
static void record(struct worker *w, struct work *work)
{
    struct rh_batch_builder batch;

    work->has_result = true;
    rh_batch_begin(&batch, WORKER_NAMESPACE);
    worker_store_put_job(w, &batch, work);
    if (rh_batch_commit(&batch, &w->rh, NULL, NULL) != RH_OK)
        rh_log_warn(&w->rh, "result_not_recorded", "work_id=%s", work->job.work_id);
}

bool worker_outputs_take(struct worker *w, struct work *work, struct rh_str result)
{
    struct files *files = work->files;
    char key[PROCESS_KEY_SIZE];

    worker_work_key(work->job.id, key);
    work->has_process = false;
    if (work->job.state != JOB_RUNNING) {
        worker_work_stopped(w, work);
        return false;
    }
    if (has_outputs(w, result)) {
        fail(w, work, 0, "the program's own result has a member \"outputs\"");
        return false;
    }
    for (uint32_t i = 0; i < files->output_count; i++) {
        char name[WORKER_FILE_SIZE];
        int32_t rc;

        worker_file_name(name, "out", work->job.id, i);
        rc = w->rh.process->take(w->rh.ctx, key, files->outputs[i], name);
        if (rc != RH_OK) {
            fail(w, work, i,
                 rc == RH_ENOTFOUND ? "the program left no such file"
                 : rc == RH_EINVAL  ? "it is no plain file"
                                    : rh_error_text(rc));
            return false;
        }
    }
    if (rh_buf_append_str(&files->result, result) != RH_OK) {
        fail(w, work, 0, "no memory for the result");
        return false;
    }
    record(w, work);
    begin(w, work);
    return true;
}
