/* Keeps runs in the namespace "ssh_tournament"; not those in memory.
 *
 * Keys: 'r' id -> spec; 's' id -> summary; 'm' id index -> match; 't' id index -> tail of its
 * output; 'j' id number -> joblog line; 'l' id -> nothing, while it is not over; 'e' id index ->
 * nothing, until the ratings have the game; 'n' -> the last run's number. */
#include "wire.h"

#include <stdlib.h>

#include <ringhost/sdk/record.h>
#include <ringhost/sdk/str.h>

#define KEY_SPEC    'r'
#define KEY_SUMMARY 's'
#define KEY_MATCH   'm'
#define KEY_TAIL    't'
#define KEY_LIVE    'l'
#define KEY_NUMBER  'n'

/* Finished runs that one new one may push out. */
#define PRUNE_MAX 2u

struct rh_store ssh_store(const struct plugin *p)
{
    return (struct rh_store){&p->rh, SSH_NAMESPACE};
}

static int32_t get(const struct plugin *p, char kind, struct rh_str id, struct rh_value *out)
{
    const struct rh_store store = ssh_store(p);

    return rh_store_get_id(&store, kind, id, out);
}

static void numbered(struct rh_key *key, char kind, struct rh_str id, uint32_t number)
{
    rh_store_key(key, kind, id);
    (void)rh_key_u32(key, number); /* errors stay in the key */
}

static int32_t read_match(const struct rh_row *row, struct run *run, uint32_t *index)
{
    struct match match;

    if (rh_store_key_number(row->key, index) != RH_OK || *index >= run->spec.match_count ||
        record_match_read(row->data, run->spec.host_count, &match) != RH_OK)
        return RH_EIO;
    run_put(run, *index, &match);
    return RH_OK;
}

static int32_t read_matches(struct plugin *p, struct run *run)
{
    const struct rh_store store = ssh_store(p);
    struct rh_rows rows = {.more = 1};
    uint32_t next = 0;

    while (rows.more && next < run->spec.match_count) {
        struct rh_key first;
        struct rh_key last;
        int32_t rc;

        numbered(&first, KEY_MATCH, run->spec.id, next);
        numbered(&last, KEY_MATCH, run->spec.id, run->spec.match_count);
        rc = rh_store_scan(&store, &first, &last, 0, 0, &rows);
        for (uint32_t i = 0; i < rows.count && rc == RH_OK; i++) {
            rc = read_match(rh_store_row(&rows, i), run, &next);
            next++;
        }
        if (rc != RH_OK)
            return rc;
    }
    return RH_OK;
}

int32_t runs_summary(struct plugin *p, struct rh_str id, struct run_summary *out)
{
    struct rh_value value;
    int32_t rc = get(p, KEY_SUMMARY, id, &value);

    if (rc == RH_OK && !value.found)
        return RH_ENOTFOUND;
    if (rc == RH_OK && record_summary_read(value.data, out) != RH_OK)
        rc = RH_EIO;
    return rc;
}

int32_t runs_open(struct plugin *p, struct rh_str id, struct run **out)
{
    struct run *run = NULL;
    struct run_summary summary;
    struct rh_value value;
    int32_t rc = get(p, KEY_SPEC, id, &value);

    if (rc != RH_OK)
        return rc;
    if (!value.found)
        return RH_ENOTFOUND;
    rc = record_run_new(value.data, &run);
    if (rc == RH_OK)
        rc = runs_summary(p, id, &summary);
    if (rc == RH_OK) {
        run->status = summary.status;
        rc = read_matches(p, run);
    }
    if (rc == RH_OK) {
        run_put_rest(run);
        *out = run;
        return RH_OK;
    }
    run_free(run);
    return rh_failf(&p->rh, rc == RH_ENOMEM ? rc : RH_EIO,
                    "the records of run \"%.*s\" cannot be read", RH_STR_ARG(id));
}

int32_t runs_ids(struct plugin *p, struct rh_str before, uint32_t limit, char (*ids)[RUN_ID_SIZE],
                 uint32_t *count)
{
    const struct rh_store store = ssh_store(p);

    return rh_store_ids(&store, KEY_SUMMARY, before, RH_SCAN_REVERSE, limit, ids[0], RUN_ID_SIZE,
                        count);
}

static int32_t last_number(struct plugin *p)
{
    struct rh_record_reader r;
    struct rh_value value;
    int32_t rc = get(p, KEY_NUMBER, RH_STR_LIT(""), &value);

    if (rc != RH_OK || !value.found)
        return rc;
    rh_record_reader_init(&r, value.data);
    p->last_number = rh_record_get_u64(&r);
    return rh_record_end(&r) == RH_OK ? RH_OK : RH_EIO;
}

int32_t runs_scan(struct plugin *p, char (*live)[RUN_ID_SIZE], uint32_t *count)
{
    const struct rh_store store = ssh_store(p);
    int32_t rc = rh_store_count(&store, KEY_SUMMARY, &p->kept);

    if (rc == RH_OK)
        rc = last_number(p);
    if (rc == RH_OK)
        rc = rh_store_ids(&store, KEY_LIVE, RH_STR_LIT(""), 0, LIVE_MAX, live[0], RUN_ID_SIZE,
                          count);
    return rc;
}

int32_t runs_joblog_next(struct plugin *p, struct rh_str id, uint32_t *next)
{
    const struct rh_store store = ssh_store(p);
    struct rh_rows rows = {.count = 0};
    struct rh_key from;
    struct rh_key to;
    uint32_t last = 0;
    int32_t rc;

    rh_store_range(&from, &to, KEY_JOBLOG, id);
    rc = rh_store_scan(&store, &from, &to, RH_SCAN_REVERSE, 1, &rows);
    if (rc == RH_OK && rows.count == 1)
        rc = rh_store_key_number(rh_store_row(&rows, 0)->key, &last) == RH_OK ? RH_OK : RH_EIO;
    if (rc == RH_OK)
        *next = rows.count ? last + 1 : 0;
    return rc;
}

static void put_buf(struct rh_batch_builder *batch, char kind, struct rh_str id,
                    const struct rh_buf *value)
{
    struct rh_key key;

    rh_store_key(&key, kind, id);
    rh_store_put_buf(batch, &key, value);
}

void runs_put_summary(struct rh_batch_builder *batch, const struct run *run)
{
    const struct run_summary summary = run_summary(run);
    struct rh_buf buf;

    rh_buf_init(&buf, RECORD_MATCH_MAX);
    record_summary(&summary, &buf);
    put_buf(batch, KEY_SUMMARY, run->spec.id, &buf);
    rh_buf_release(&buf);
    if (run_state_is_over(run->status.state))
        rh_store_delete_id(batch, KEY_LIVE, run->spec.id);
    else
        rh_store_put_id(batch, KEY_LIVE, run->spec.id, RH_STR_LIT("1"));
}

void runs_put_new(struct rh_batch_builder *batch, const struct run *run, struct rh_str record)
{
    struct rh_buf buf;

    rh_buf_init(&buf, RECORD_MATCH_MAX);
    rh_record_put_u64(&buf, run->spec.number);
    put_buf(batch, KEY_NUMBER, RH_STR_LIT(""), &buf);
    rh_buf_release(&buf);
    rh_store_put_id(batch, KEY_SPEC, run->spec.id, record);
    runs_put_summary(batch, run);
}

void runs_put_match(struct rh_batch_builder *batch, const struct run *run, uint32_t index)
{
    struct rh_buf buf;
    struct rh_key key;

    rh_buf_init(&buf, RECORD_MATCH_MAX);
    record_match(&run->matches[index], &buf);
    numbered(&key, KEY_MATCH, run->spec.id, index);
    rh_store_put_buf(batch, &key, &buf);
    rh_buf_release(&buf);
}

void runs_put_tail(struct rh_batch_builder *batch, const struct run *run, uint32_t index,
                   struct rh_str tail)
{
    struct rh_key key;

    numbered(&key, KEY_TAIL, run->spec.id, index);
    if (tail.n)
        rh_store_put(batch, &key, tail);
    else
        rh_store_delete(batch, &key);
}

struct rh_str runs_tail(struct plugin *p, const struct run *run, uint32_t index)
{
    const struct live *live = live_by_number(p, run->spec.number);
    const struct rh_store store = ssh_store(p);
    struct rh_value value;
    struct rh_key key;

    if (live && live->flights[index].tail)
        return (struct rh_str){live->flights[index].tail, live->flights[index].tail_bytes};
    numbered(&key, KEY_TAIL, run->spec.id, index);
    if (rh_store_get(&store, &key, &value) != RH_OK || !value.found)
        return (struct rh_str){"", 0};
    return value.data;
}

void runs_put_joblog(struct rh_batch_builder *batch, const struct run *run, uint32_t number,
                     const struct joblog *line)
{
    struct rh_buf buf;
    struct rh_key key;

    rh_buf_init(&buf, RECORD_MATCH_MAX);
    record_joblog(line, &buf);
    numbered(&key, KEY_JOBLOG, run->spec.id, number);
    rh_store_put_buf(batch, &key, &buf);
    rh_buf_release(&buf);
}

/* One that is not over stays, and for a while one whose games the ratings have yet to take. */
static bool is_needed(void *self, struct rh_str id)
{
    const struct plugin *p = self;
    const struct rh_store store = ssh_store(p);

    if (live_find(p, id))
        return true;
    return !rh_rated_is_unheard(&p->rated) &&
           p->kept < RH_RATED_KEEP_FACTOR * p->config->keep_max &&
           rh_rated_rows_wait(&store, KEY_UNRATED, id);
}

/* Everything of a run that is over, its files too; games that the ratings do not have yet go along.
 */
static void forget(void *self, struct rh_batch_builder *batch, struct rh_str id)
{
    static const char single[] = {KEY_SPEC, KEY_SUMMARY, KEY_LIVE};
    static const char many[] = {KEY_MATCH, KEY_TAIL, KEY_JOBLOG, KEY_UNRATED};
    const struct plugin *p = self;
    const struct rh_store store = ssh_store(p);
    struct run *run = NULL;

    if (!rh_rated_is_unheard(&p->rated) && rh_rated_rows_wait(&store, KEY_UNRATED, id))
        rh_log_warn(&p->rh, "unrated_forgotten", "run=%.*s", RH_STR_ARG(id));
    if (runs_open(self, id, &run) == RH_OK) {
        for (uint32_t i = 0; i < run->spec.match_count; i++)
            if (run->matches[i].output_bytes > (int64_t)TAIL_MAX)
                output_forget(self, run->spec.number, i);
        run_free(run);
    }
    for (size_t i = 0; i < sizeof(single); i++)
        rh_store_delete_id(batch, single[i], id);
    for (size_t i = 0; i < sizeof(many); i++)
        rh_store_delete_all(batch, many[i], id);
}

void runs_prune(struct plugin *p, struct rh_batch_builder *batch)
{
    const struct rh_store store = ssh_store(p);
    const struct rh_store_limit limit = {.kind = KEY_SUMMARY,
                                         .most = PRUNE_MAX,
                                         .keep_max = p->config->keep_max,
                                         .is_live = is_needed,
                                         .forget = forget};

    rh_store_prune(&store, &limit, p, batch, &p->kept);
}
