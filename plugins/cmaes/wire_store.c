/* Rows of the namespace "cmaes"; it decides nothing. */
#include "keys.h"
#include "snapshot.h"
#include "wire.h"

static int32_t get_of(const struct plugin *p, char kind, struct rh_str id, struct rh_value *out)
{
    const struct rh_store store = rh_lives_store(&p->lives);

    return rh_store_get_id(&store, kind, id, out);
}

int32_t cmaes_store_ended_groups(struct plugin *p, char (*ids)[RH_WORK_GROUP_ID_SIZE],
                                 uint32_t ids_max, uint32_t *count)
{
    const struct rh_store store = rh_lives_store(&p->lives);

    return rh_store_ids(&store, KEY_GROUP, (struct rh_str){NULL, 0}, 0, ids_max, ids[0],
                        RH_WORK_GROUP_ID_SIZE, count);
}

static int32_t read_reports(struct plugin *p, struct job *j)
{
    const struct rh_store store = rh_lives_store(&p->lives);
    struct rh_rows rows;
    struct rh_key from;
    struct rh_key to;
    uint32_t next = 0;
    int32_t rc;

    do {
        rh_store_key(&from, KEY_REPORT, j->spec.id);
        rh_store_key(&to, KEY_REPORT, j->spec.id);
        (void)rh_key_u32(&from, next); /* errors stay in the keys */
        (void)rh_key_u32(&to, POPULATION_MAX);
        rc = rh_store_scan(&store, &from, &to, 0, 0, &rows);
        for (uint32_t i = 0; i < rows.count && rc == RH_OK; i++) {
            const struct rh_row *row = rh_store_row(&rows, i);
            struct report report;
            uint32_t index = 0;

            rc = rh_store_key_number(row->key, &index);
            if (rc == RH_OK)
                rc = job_report_decode(row->data, &report);
            if (rc == RH_OK && index >= job_population(j))
                rc = RH_EINVAL;
            if (rc == RH_OK)
                job_put(j, index, report);
            next = index + 1;
        }
    } while (rc == RH_OK && rows.more);
    return rc;
}

/* The record is borrowed from the store only until the next read of it. */
static int32_t read_job(struct plugin *p, struct rh_str id, struct rh_buf *record,
                        struct job_status *status, struct job **out)
{
    struct rh_value value;
    int32_t rc = get_of(p, KEY_SPEC, id, &value);

    if (rc == RH_OK && !value.found)
        return RH_ENOTFOUND;
    if (rc == RH_OK)
        rc = rh_buf_append_str(record, value.data);
    if (rc == RH_OK)
        rc = get_of(p, KEY_STATUS, id, &value);
    if (rc == RH_OK)
        rc = value.found ? job_status_decode(value.data, status) : RH_EINVAL;
    if (rc == RH_OK)
        rc = get_of(p, KEY_SNAPSHOT, id, &value);
    if (rc == RH_OK)
        rc = value.found ? job_new(rh_buf_str(record), value.data, status, out) : RH_EINVAL;
    return rc;
}

int32_t cmaes_store_open(void *self, struct rh_str id, void **thing)
{
    struct plugin *p = self;
    struct job_status status;
    struct rh_buf record;
    struct job *j = NULL;
    int32_t rc;

    rh_buf_init(&record, RECORD_BYTES_MAX);
    rc = read_job(p, id, &record, &status, &j);
    rh_buf_release(&record);
    if (rc == RH_OK)
        rc = read_reports(p, j);
    if (rc == RH_OK) {
        *thing = j;
        return RH_OK;
    }
    job_free(j);
    return rc;
}

static void key_of_row(struct rh_key *key, struct rh_str id, uint64_t generation)
{
    rh_store_key(key, KEY_ROW, id);
    (void)rh_key_u64(key, generation); /* the error stays in key->rc */
}

int32_t cmaes_store_row(struct plugin *p, struct rh_str id, uint64_t generation,
                        struct generation_row *out)
{
    const struct rh_store store = rh_lives_store(&p->lives);
    struct rh_value value;
    struct rh_key key;
    int32_t rc;

    key_of_row(&key, id, generation);
    rc = rh_store_get(&store, &key, &value);
    if (rc == RH_OK && !value.found)
        rc = RH_ENOTFOUND;
    if (rc == RH_OK && generation_row_decode(value.data, out) != RH_OK)
        rc = RH_EIO;
    return rc;
}

int32_t cmaes_store_rows(struct plugin *p, struct rh_str id, uint64_t before, uint32_t limit,
                         struct generation_row *rows, uint32_t *count)
{
    const struct rh_store store = rh_lives_store(&p->lives);
    struct rh_rows found;
    struct rh_key from;
    struct rh_key to;
    int32_t rc;

    *count = 0;
    if (limit == 0)
        return RH_OK;
    key_of_row(&from, id, 0);
    key_of_row(&to, id, before);
    rc = rh_store_scan(&store, &from, &to, RH_SCAN_REVERSE, limit, &found);
    if (rc != RH_OK)
        return rc;
    for (uint32_t i = 0; i < found.count; i++) {
        if (generation_row_decode(rh_store_row(&found, i)->data, &rows[i]) != RH_OK)
            return RH_EIO;
    }
    *count = found.count;
    return RH_OK;
}

void cmaes_store_put_spec(struct rh_batch_builder *batch, const struct job *j, struct rh_str record)
{
    rh_store_put_id(batch, KEY_SPEC, j->spec.id, record);
}

void cmaes_store_put_status(struct rh_batch_builder *batch, const struct job *j)
{
    struct rh_buf buf;
    struct rh_key key;

    rh_buf_init(&buf, RECORD_BYTES_MAX);
    job_status_encode(&j->status, &buf);
    rh_store_key(&key, KEY_STATUS, j->spec.id);
    rh_store_put_buf(batch, &key, &buf);
    rh_buf_release(&buf);
}

void cmaes_store_put_snapshot(struct rh_batch_builder *batch, const struct rh_buf *snapshot,
                              struct rh_str id)
{
    struct rh_key key;

    rh_store_key(&key, KEY_SNAPSHOT, id);
    rh_store_put_buf(batch, &key, snapshot);
}

void cmaes_store_put_report(struct rh_batch_builder *batch, const struct job *j, uint32_t index)
{
    struct rh_buf buf;
    struct rh_key key;

    rh_buf_init(&buf, RECORD_BYTES_MAX);
    job_report_encode(&j->reports[index], &buf);
    rh_store_key(&key, KEY_REPORT, j->spec.id);
    (void)rh_key_u32(&key, index); /* the error stays in key.rc */
    rh_store_put_buf(batch, &key, &buf);
    rh_buf_release(&buf);
}

void cmaes_store_put_row(struct rh_batch_builder *batch, struct rh_str id,
                         const struct generation_row *row)
{
    struct rh_buf buf;
    struct rh_key key;

    rh_buf_init(&buf, RECORD_BYTES_MAX);
    generation_row_encode(row, &buf);
    key_of_row(&key, id, row->generation);
    rh_store_put_buf(batch, &key, &buf);
    rh_buf_release(&buf);
}

void cmaes_store_delete_reports(struct rh_batch_builder *batch, struct rh_str id)
{
    rh_store_delete_all(batch, KEY_REPORT, id);
}

void cmaes_store_delete_row(struct rh_batch_builder *batch, struct rh_str id, uint64_t generation)
{
    struct rh_key key;

    key_of_row(&key, id, generation);
    rh_store_delete(batch, &key);
}

void cmaes_store_put_ended_group(struct rh_batch_builder *batch, const char *id)
{
    rh_store_put_id(batch, KEY_GROUP, rh_str_from(id), RH_STR_LIT("1"));
}

void cmaes_store_delete_ended_group(struct rh_batch_builder *batch, const char *id)
{
    rh_store_delete_id(batch, KEY_GROUP, rh_str_from(id));
}

void cmaes_store_delete_live(struct rh_batch_builder *batch, struct rh_str id)
{
    rh_store_delete_id(batch, KEY_LIVE, id);
}

/* Deletes all of a job. Its spec names the request key that leads to it. */
void cmaes_store_forget(void *self, struct rh_batch_builder *batch, struct rh_str id)
{
    struct job_spec spec;
    struct rh_value value;

    if (get_of(self, KEY_SPEC, id, &value) == RH_OK && value.found &&
        job_spec_decode(value.data, &spec) == RH_OK && spec.idempotency_key.n)
        rh_store_delete_id(batch, KEY_REQUEST, spec.idempotency_key);
    rh_store_delete_id(batch, KEY_SPEC, id);
    rh_store_delete_id(batch, KEY_STATUS, id);
    rh_store_delete_id(batch, KEY_SNAPSHOT, id);
    rh_store_delete_all(batch, KEY_REPORT, id);
    rh_store_delete_all(batch, KEY_ROW, id);
}
