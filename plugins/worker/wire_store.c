/* Rows of the worker's namespace: jobs that it holds and reports that wait; written here, read
 * here. */
#include "wire.h"

#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/key.h>
#include <ringhost/sdk/str.h>

/* A job as it is stored. */
struct job_row {
    struct rh_str work_id;
    struct rh_str work_type;
    struct rh_str config_key;
    struct rh_str claim_token;
    struct rh_str_list outputs;
    int64_t attempt;
    int64_t slot;
    int64_t cpus;
    struct rh_str gpus;
    int64_t lease_ms;
    int32_t has_result;
    struct rh_str result;
};

static const struct rh_field job_rows[] = {
    RH_STR(struct job_row, work_id, RH_REQUIRED, "the item"),
    RH_STR(struct job_row, work_type, RH_REQUIRED, "what it is"),
    RH_STR(struct job_row, config_key, 0, "board and players"),
    RH_STR(struct job_row, claim_token, RH_REQUIRED, "for reports"),
    RH_STR_LIST(struct job_row, outputs, 0, "files that it leaves"),
    RH_INT(struct job_row, attempt, 1, 0, 1000000, "which try this is"),
    RH_INT(struct job_row, slot, 0, 0, 255, "number among those that run at once"),
    RH_INT(struct job_row, cpus, 1, 1, SLOTS_MAX, "slots that it takes"),
    RH_STR(struct job_row, gpus, 0, "its devices"),
    RH_INT(struct job_row, lease_ms, 0, 0, JOB_LEASE_MAX_MS, "length of the lease"),
    RH_BOOL(struct job_row, has_result, false, "its program is done, its outputs are to be stored"),
    RH_RAW_OBJECT(struct job_row, result, 0, "what it said then"),
};
static const struct rh_fields job_table = RH_FIELDS(struct job_row, job_rows);

static const struct rh_field report_rows[] = {
    RH_STR(struct report, path, RH_REQUIRED, "route that takes it"),
    RH_STR(struct report, work_id, RH_REQUIRED, "the item"),
    RH_RAW_OBJECT(struct report, body, 0, "what is sent"),
};
static const struct rh_fields report_table = RH_FIELDS(struct report, report_rows);

static struct rh_str row_key(struct rh_key *key, char kind, uint64_t id)
{
    rh_key_init(key);
    (void)rh_key_u8(key, (uint8_t)kind); /* nine bytes fit */
    (void)rh_key_u64(key, id);
    return rh_key_view(key);
}

static bool row_id(struct rh_str bytes, uint64_t *id)
{
    struct rh_key_reader reader;
    uint8_t kind = 0;

    rh_key_reader_init(&reader, bytes);
    return rh_key_read_u8(&reader, &kind) == RH_OK && rh_key_read_u64(&reader, id) == RH_OK &&
           rh_key_read_end(&reader) == RH_OK;
}

static void put(struct rh_batch_builder *batch, char kind, uint64_t id, const struct rh_buf *value)
{
    struct rh_key key;

    if (value->rc != RH_OK)
        batch->rc = batch->rc ? batch->rc : value->rc;
    else
        rh_batch_put(batch, row_key(&key, kind, id), rh_buf_str(value));
}

void worker_store_put_job(struct worker *w, struct rh_batch_builder *batch, const struct work *work)
{
    const struct job *job = &work->job;
    struct rh_buf value;
    struct rh_json_writer j;
    char gpus[SLOTS_GPUS_TEXT];

    (void)w;
    slots_gpus_write(job->share.gpu_bits, gpus);
    rh_buf_init(&value, RECORD_MAX + OUTCOME_RESULT_MAX);
    rh_json_init(&j, &value);
    rh_json_begin_object(&j);
    rh_json_kv_strc(&j, "work_id", job->work_id);
    rh_json_kv_strc(&j, "work_type", job->work_type);
    rh_json_kv_strc(&j, "config_key", job->config_key);
    rh_json_kv_strc(&j, "claim_token", job->token);
    rh_json_kv_int(&j, "attempt", job->attempt);
    rh_json_kv_int(&j, "slot", job->share.index);
    rh_json_kv_int(&j, "cpus", job->share.cpus);
    rh_json_kv_strc(&j, "gpus", gpus);
    rh_json_kv_int(&j, "lease_ms", job->lease_ms);
    rh_json_key(&j, "outputs");
    rh_json_begin_array(&j);
    for (uint32_t i = 0; work->files && i < work->files->output_count; i++)
        rh_json_string_c(&j, work->files->outputs[i]);
    rh_json_end_array(&j);
    if (work->has_result) {
        rh_json_kv_bool(&j, "has_result", true);
        rh_json_kv_raw(&j, "result", rh_buf_str(&work->files->result));
    }
    rh_json_end_object(&j);
    (void)rh_json_finish(&j); /* its errors stay in value */
    put(batch, ROW_JOB, job->id, &value);
    rh_buf_release(&value);
}

void worker_store_delete(struct rh_batch_builder *batch, char kind, uint64_t id)
{
    struct rh_key key;

    rh_batch_delete(batch, row_key(&key, kind, id));
}

void worker_store_put_report(struct worker *w, struct rh_batch_builder *batch, uint64_t seq,
                             const struct job *job, const char *path, struct rh_str body)
{
    struct rh_buf value;
    struct rh_json_writer j;

    (void)w;
    rh_buf_init(&value, BODY_MAX);
    rh_json_init(&j, &value);
    rh_json_begin_object(&j);
    rh_json_kv_strc(&j, "path", path);
    rh_json_kv_strc(&j, "work_id", job->work_id);
    rh_json_kv_raw(&j, "body", body);
    rh_json_end_object(&j);
    (void)rh_json_finish(&j); /* its errors stay in value */
    put(batch, ROW_REPORT, seq, &value);
    rh_buf_release(&value);
}

int32_t worker_store_get_report(struct worker *w, uint64_t seq, struct report *out, void **memory)
{
    struct rh_key key;
    struct rh_value value = {.size = (uint32_t)sizeof(value)};
    int32_t rc =
        w->rh.state->get(w->rh.ctx, WORKER_NAMESPACE, row_key(&key, ROW_REPORT, seq), &value);

    if (rc != RH_OK)
        return rc;
    if (!value.found)
        return RH_ENOTFOUND;
    return w->rh.fields->decode(w->rh.ctx, &report_table, value.data, out, memory, NULL, 0);
}

static int32_t load_job(struct worker *w, uint64_t id, struct rh_str json)
{
    struct job_row row;
    void *memory = NULL;
    struct work *work = calloc(1, sizeof(*work));
    int32_t rc = work ? w->rh.fields->decode(w->rh.ctx, &job_table, json, &row, &memory, NULL, 0)
                      : RH_ENOMEM;

    if (rc != RH_OK)
        goto out;
    rc = job_init(&work->job, id, row.work_id, row.work_type, row.claim_token, row.lease_ms,
                  worker_now(w));
    if (rc == RH_OK)
        rc = rh_str_copy(work->job.config_key, sizeof(work->job.config_key), row.config_key);
    work->job.share = (struct share){.index = (uint32_t)row.slot, .cpus = (uint32_t)row.cpus};
    if (rc == RH_OK)
        rc = slots_gpus_read(row.gpus, &work->job.share.gpu_bits);
    if (rc == RH_OK && !slots_take_at(&w->slots, &work->job.share))
        rc = RH_EINVAL;
    if (rc != RH_OK)
        goto out;
    rc = worker_files_new(&(struct rh_str_list){NULL, 0, 0}, &row.outputs, &work->files);
    if (rc != RH_OK) {
        slots_give(&w->slots, &work->job.share);
        goto out;
    }
    work->job.attempt = row.attempt;
    work->job.is_adopted = true;
    work->has_result = row.has_result && work->files;
    if (work->has_result)
        rc = rh_buf_append_str(&work->files->result, row.result);
    if (rc == RH_OK)
        rc = rh_map64_put(&w->works, id, work, NULL);
    if (rc == RH_OK)
        work = NULL;
    else
        slots_give(&w->slots, &work->job.share);
out:
    w->rh.fields->release(w->rh.ctx, memory);
    if (work && work->files)
        rh_buf_release(&work->files->result);
    if (work)
        free(work->files);
    free(work);
    return rc;
}

/* One that cannot be read is dropped when it is to be sent. */
static int32_t load_report(struct worker *w, uint64_t seq, struct rh_str json)
{
    struct report report;
    void *memory = NULL;
    int32_t rc = outbox_add(&w->outbox, seq);

    if (rc != RH_OK)
        return rc;
    w->outbox_last = seq;
    rc = w->rh.fields->decode(w->rh.ctx, &report_table, json, &report, &memory, NULL, 0);
    if (rc == RH_OK)
        rc = worker_held_report(w, seq, report.work_id);
    w->rh.fields->release(w->rh.ctx, memory);
    return rc == RH_ENOMEM ? rc : RH_OK;
}

/* A row that cannot be read is named, not passed over: it stands for somebody's work. */
static int32_t load_row(struct worker *w, const struct rh_row *row)
{
    uint64_t id = 0;
    int32_t rc = row->key.n > 0 && row_id(row->key, &id) ? RH_OK : RH_EINVAL;

    if (rc == RH_OK && row->key.p[0] == ROW_REPORT) {
        rc = load_report(w, id, row->data);
    } else if (rc == RH_OK) {
        rc = load_job(w, id, row->data);
    }
    if (rc == RH_ENOMEM)
        return rc;
    return rc == RH_OK ? RH_OK
                       : rh_failf(&w->rh, RH_EINTERNAL,
                                  "a row of namespace " WORKER_NAMESPACE " cannot be read");
}

/* The keys of a page, on which the next begins. */
static int32_t load_page(struct worker *w, struct rh_key *from, bool *more)
{
    struct rh_scan scan = {.size = (uint32_t)sizeof(scan), .name_space = WORKER_NAMESPACE};
    struct rh_rows rows = {.size = (uint32_t)sizeof(rows)};
    int32_t rc;

    scan.from = rh_key_view(from);
    rc = w->rh.state->scan(w->rh.ctx, &scan, &rows);
    for (uint32_t i = 0; i < rows.count && rc == RH_OK; i++) {
        const char *at = (const char *)rows.rows + (size_t)i * rows.row_stride;
        const struct rh_row *row = (const struct rh_row *)(const void *)at;

        rc = load_row(w, row);
        if (rc == RH_OK && i + 1 == rows.count) {
            memcpy(from->p, row->key.p, row->key.n); /* nine bytes, load_row has seen to it */
            from->n = row->key.n;
            rc = rh_key_u8(from, 0);
        }
    }
    *more = rc == RH_OK && rows.more != 0;
    return rc;
}

int32_t worker_store_load(struct worker *w)
{
    struct rh_key from;
    bool more = true;
    int32_t rc = RH_OK;

    rh_key_init(&from);
    while (more && rc == RH_OK)
        rc = load_page(w, &from, &more);
    return rc;
}
