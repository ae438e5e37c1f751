/* Rows of the namespace "cmaes"; it decides nothing.
 *
 * Keys: 'j' id -> spec; 's' id -> status; 'n' id -> snapshot of the search at the beginning of the
 * open generation; 'r' id index -> answer of the open generation; 'h' id generation -> row of an
 * ended one; 'l' id -> nothing, while it runs; 'o' group id -> nothing, while an ended generation
 * has items; 'k' request key -> id. */
#include <ringhost/sdk/key.h>

#include "snapshot.h"
#include "wire.h"

#define KEY_SPEC     'j'
#define KEY_STATUS   's'
#define KEY_SNAPSHOT 'n'
#define KEY_REPORT   'r'
#define KEY_ROW      'h'
#define KEY_LIVE     'l'
#define KEY_GROUP    'o'
#define KEY_REQUEST  'k'

static void key_of(struct rh_key *key, char kind, struct rh_str id)
{
    rh_key_init(key);
    (void)rh_key_u8(key, (uint8_t)kind); /* errors stay in key->rc */
    (void)rh_key_str(key, id);
}

static void put(struct rh_batch_builder *batch, const struct rh_key *key, struct rh_str value)
{
    if (key->rc == RH_OK)
        rh_batch_put(batch, rh_key_view(key), value);
    else
        batch->rc = key->rc;
}

static void put_buf(struct rh_batch_builder *batch, const struct rh_key *key,
                    const struct rh_buf *value)
{
    if (value->rc == RH_OK)
        put(batch, key, rh_buf_str(value));
    else
        batch->rc = value->rc;
}

static void delete_key(struct rh_batch_builder *batch, const struct rh_key *key)
{
    if (key->rc == RH_OK)
        rh_batch_delete(batch, rh_key_view(key));
    else
        batch->rc = key->rc;
}

static void delete_of(struct rh_batch_builder *batch, char kind, struct rh_str id)
{
    struct rh_key key;

    key_of(&key, kind, id);
    delete_key(batch, &key);
}

/* All rows of one kind and id, whatever follows. */
static void delete_all(struct rh_batch_builder *batch, char kind, struct rh_str id)
{
    struct rh_key from;
    struct rh_key to;

    key_of(&from, kind, id);
    key_of(&to, kind, id);
    if (rh_key_prefix_end(&to) == RH_OK)
        rh_batch_delete_range(batch, rh_key_view(&from), rh_key_view(&to));
}

static int32_t get(struct plugin *p, const struct rh_key *key, struct rh_value *out)
{
    if (key->rc != RH_OK)
        return RH_ENOTFOUND;
    *out = (struct rh_value){.size = (uint32_t)sizeof(*out)};
    return p->rh.state->get(p->rh.ctx, CMAES_NAMESPACE, rh_key_view(key), out);
}

static int32_t get_of(struct plugin *p, char kind, struct rh_str id, struct rh_value *out)
{
    struct rh_key key;

    key_of(&key, kind, id);
    return get(p, &key, out);
}

/* The text in a key of one kind and one string. */
static int32_t text_of_key(struct rh_str key, char *text, size_t size)
{
    struct rh_key_reader reader;
    uint8_t kind = 0;

    rh_key_reader_init(&reader, key);
    (void)rh_key_read_u8(&reader, &kind); /* errors stay in the reader */
    (void)rh_key_read_str(&reader, text, size, NULL);
    return rh_key_read_end(&reader);
}

static const struct rh_row *row_at(const struct rh_rows *rows, uint32_t index)
{
    return (const struct rh_row *)(const void *)((const char *)rows->rows +
                                                 (size_t)index * rows->row_stride);
}

static int32_t scan(struct plugin *p, const struct rh_key *from, const struct rh_key *to,
                    uint32_t flags, uint32_t limit, struct rh_rows *rows)
{
    struct rh_scan request = {.size = (uint32_t)sizeof(request),
                              .flags = flags,
                              .name_space = CMAES_NAMESPACE,
                              .limit = limit};

    if (from->rc != RH_OK || to->rc != RH_OK)
        return RH_EINVAL;
    request.from = rh_key_view(from);
    request.to = rh_key_view(to);
    *rows = (struct rh_rows){.size = (uint32_t)sizeof(*rows)};
    return p->rh.state->scan(p->rh.ctx, &request, rows);
}

/* Rows of one kind with ids after `bound` (forward) or before it (reverse). */
static int32_t scan_kind(struct plugin *p, char kind, struct rh_str bound, uint32_t flags,
                         uint32_t limit, struct rh_rows *rows)
{
    struct rh_key from;
    struct rh_key to;

    rh_key_init(&from);
    rh_key_init(&to);
    (void)rh_key_u8(&from, (uint8_t)kind); /* one byte fits */
    (void)rh_key_u8(&to, (uint8_t)kind);
    if (bound.n && (flags & RH_SCAN_REVERSE))
        (void)rh_key_str(&to, bound); /* errors stay in the keys */
    else
        (void)rh_key_prefix_end(&to); /* kinds are letters, so there is one */
    if (bound.n && !(flags & RH_SCAN_REVERSE)) {
        (void)rh_key_str(&from, bound);
        (void)rh_key_u8(&from, 0); /* the smallest key after that of the bound */
    }
    return scan(p, &from, &to, flags, limit, rows);
}

/* Texts of the keys of one kind into texts, each `size` bytes apart. */
static int32_t texts_of_kind(struct plugin *p, char kind, struct rh_str bound, uint32_t flags,
                             uint32_t limit, char *texts, size_t size, uint32_t *count)
{
    struct rh_rows rows;
    const int32_t rc = scan_kind(p, kind, bound, flags, limit, &rows);

    if (rc != RH_OK)
        return rc;
    for (uint32_t i = 0; i < rows.count; i++) {
        if (text_of_key(row_at(&rows, i)->key, texts + i * size, size) != RH_OK)
            return RH_EIO;
    }
    *count = rows.count;
    return RH_OK;
}

int32_t cmaes_store_count(struct plugin *p, uint32_t *kept)
{
    char last[JOB_ID_SIZE] = "";
    struct rh_rows rows;

    *kept = 0;
    do {
        const int32_t rc = scan_kind(p, KEY_STATUS, rh_str_from(last), 0, 0, &rows);

        if (rc != RH_OK)
            return rc;
        *kept += rows.count;
        if (rows.count &&
            text_of_key(row_at(&rows, rows.count - 1)->key, last, sizeof(last)) != RH_OK)
            return RH_EIO;
    } while (rows.more && rows.count);
    return RH_OK;
}

int32_t cmaes_store_live_ids(struct plugin *p, char (*ids)[JOB_ID_SIZE], uint32_t ids_max,
                             uint32_t *count)
{
    return texts_of_kind(p, KEY_LIVE, (struct rh_str){NULL, 0}, 0, ids_max, ids[0], JOB_ID_SIZE,
                         count);
}

int32_t cmaes_store_ids(struct plugin *p, struct rh_str before, uint32_t limit,
                        char (*ids)[JOB_ID_SIZE], uint32_t *count)
{
    return texts_of_kind(p, KEY_STATUS, before, RH_SCAN_REVERSE, limit, ids[0], JOB_ID_SIZE, count);
}

int32_t cmaes_store_oldest_ids(struct plugin *p, uint32_t limit, char (*ids)[JOB_ID_SIZE],
                               uint32_t *count)
{
    return texts_of_kind(p, KEY_STATUS, (struct rh_str){NULL, 0}, 0, limit, ids[0], JOB_ID_SIZE,
                         count);
}

int32_t cmaes_store_ended_groups(struct plugin *p, char (*ids)[RH_WORK_GROUP_ID_SIZE],
                                 uint32_t ids_max, uint32_t *count)
{
    return texts_of_kind(p, KEY_GROUP, (struct rh_str){NULL, 0}, 0, ids_max, ids[0],
                         RH_WORK_GROUP_ID_SIZE, count);
}

int32_t cmaes_store_find_key(struct plugin *p, struct rh_str key, char *id)
{
    struct rh_value value;
    const int32_t rc = get_of(p, KEY_REQUEST, key, &value);

    if (rc != RH_OK)
        return rc;
    return value.found ? rh_str_copy(id, JOB_ID_SIZE, value.data) : RH_ENOTFOUND;
}

static int32_t read_reports(struct plugin *p, struct job *j)
{
    struct rh_rows rows;
    struct rh_key from;
    struct rh_key to;
    uint32_t next = 0;
    int32_t rc;

    do {
        key_of(&from, KEY_REPORT, j->spec.id);
        key_of(&to, KEY_REPORT, j->spec.id);
        (void)rh_key_u32(&from, next); /* errors stay in the keys */
        (void)rh_key_u32(&to, POPULATION_MAX);
        rc = scan(p, &from, &to, 0, 0, &rows);
        for (uint32_t i = 0; i < rows.count && rc == RH_OK; i++) {
            const struct rh_row *row = row_at(&rows, i);
            struct rh_key_reader reader;
            struct report report;
            uint32_t index = 0;
            uint8_t kind = 0;
            char id[JOB_ID_SIZE];

            rh_key_reader_init(&reader, row->key);
            (void)rh_key_read_u8(&reader, &kind); /* errors stay in the reader */
            (void)rh_key_read_str(&reader, id, sizeof(id), NULL);
            (void)rh_key_read_u32(&reader, &index);
            rc = rh_key_read_end(&reader);
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
        rc = value.found ? job_status_decode(value.data, status) : RH_EIO;
    if (rc == RH_OK)
        rc = get_of(p, KEY_SNAPSHOT, id, &value);
    if (rc == RH_OK)
        rc = value.found ? job_new(rh_buf_str(record), value.data, status, out) : RH_EIO;
    return rc;
}

int32_t cmaes_store_open(struct plugin *p, struct rh_str id, struct job **out)
{
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
        *out = j;
        return RH_OK;
    }
    job_free(j);
    if (rc == RH_ENOTFOUND)
        return rc;
    return rh_failf(&p->rh, rc == RH_EINVAL ? RH_EIO : rc,
                    "the records of job \"%.*s\" cannot be read", RH_STR_ARG(id));
}

static void key_of_row(struct rh_key *key, struct rh_str id, uint64_t generation)
{
    key_of(key, KEY_ROW, id);
    (void)rh_key_u64(key, generation); /* the error stays in key->rc */
}

int32_t cmaes_store_row(struct plugin *p, struct rh_str id, uint64_t generation,
                        struct generation_row *out)
{
    struct rh_value value;
    struct rh_key key;
    int32_t rc;

    key_of_row(&key, id, generation);
    rc = get(p, &key, &value);
    if (rc == RH_OK && !value.found)
        rc = RH_ENOTFOUND;
    if (rc == RH_OK && generation_row_decode(value.data, out) != RH_OK)
        rc = RH_EIO;
    return rc;
}

int32_t cmaes_store_rows(struct plugin *p, struct rh_str id, uint64_t before, uint32_t limit,
                         struct generation_row *rows, uint32_t *count)
{
    struct rh_rows found;
    struct rh_key from;
    struct rh_key to;
    int32_t rc;

    *count = 0;
    if (limit == 0)
        return RH_OK;
    key_of_row(&from, id, 0);
    key_of_row(&to, id, before);
    rc = scan(p, &from, &to, RH_SCAN_REVERSE, limit, &found);
    if (rc != RH_OK)
        return rc;
    for (uint32_t i = 0; i < found.count; i++) {
        if (generation_row_decode(row_at(&found, i)->data, &rows[i]) != RH_OK)
            return RH_EIO;
    }
    *count = found.count;
    return RH_OK;
}

void cmaes_store_put_spec(struct rh_batch_builder *batch, const struct job *j, struct rh_str record)
{
    struct rh_key key;

    key_of(&key, KEY_SPEC, j->spec.id);
    put(batch, &key, record);
    key_of(&key, KEY_LIVE, j->spec.id);
    put(batch, &key, RH_STR_LIT("1"));
    if (j->spec.idempotency_key.n == 0)
        return;
    key_of(&key, KEY_REQUEST, j->spec.idempotency_key);
    put(batch, &key, j->spec.id);
}

void cmaes_store_put_status(struct rh_batch_builder *batch, const struct job *j)
{
    struct rh_buf buf;
    struct rh_key key;

    rh_buf_init(&buf, RECORD_BYTES_MAX);
    job_status_encode(&j->status, &buf);
    key_of(&key, KEY_STATUS, j->spec.id);
    put_buf(batch, &key, &buf);
    rh_buf_release(&buf);
}

void cmaes_store_put_snapshot(struct rh_batch_builder *batch, const struct rh_buf *snapshot,
                              struct rh_str id)
{
    struct rh_key key;

    key_of(&key, KEY_SNAPSHOT, id);
    put_buf(batch, &key, snapshot);
}

void cmaes_store_put_report(struct rh_batch_builder *batch, const struct job *j, uint32_t index)
{
    struct rh_buf buf;
    struct rh_key key;

    rh_buf_init(&buf, RECORD_BYTES_MAX);
    job_report_encode(&j->reports[index], &buf);
    key_of(&key, KEY_REPORT, j->spec.id);
    (void)rh_key_u32(&key, index); /* the error stays in key.rc */
    put_buf(batch, &key, &buf);
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
    put_buf(batch, &key, &buf);
    rh_buf_release(&buf);
}

void cmaes_store_delete_reports(struct rh_batch_builder *batch, struct rh_str id)
{
    delete_all(batch, KEY_REPORT, id);
}

void cmaes_store_delete_row(struct rh_batch_builder *batch, struct rh_str id, uint64_t generation)
{
    struct rh_key key;

    key_of_row(&key, id, generation);
    delete_key(batch, &key);
}

void cmaes_store_put_ended_group(struct rh_batch_builder *batch, const char *id)
{
    struct rh_key key;

    key_of(&key, KEY_GROUP, rh_str_from(id));
    put(batch, &key, RH_STR_LIT("1"));
}

void cmaes_store_delete_ended_group(struct rh_batch_builder *batch, const char *id)
{
    delete_of(batch, KEY_GROUP, rh_str_from(id));
}

void cmaes_store_delete_live(struct rh_batch_builder *batch, struct rh_str id)
{
    delete_of(batch, KEY_LIVE, id);
}

void cmaes_store_forget(struct plugin *p, struct rh_batch_builder *batch, struct rh_str id)
{
    struct job_spec spec;
    struct rh_value value;

    if (get_of(p, KEY_SPEC, id, &value) == RH_OK && value.found &&
        job_spec_decode(value.data, &spec) == RH_OK && spec.idempotency_key.n)
        delete_of(batch, KEY_REQUEST, spec.idempotency_key);
    delete_of(batch, KEY_SPEC, id);
    delete_of(batch, KEY_STATUS, id);
    delete_of(batch, KEY_SNAPSHOT, id);
    delete_all(batch, KEY_REPORT, id);
    delete_all(batch, KEY_ROW, id);
}
