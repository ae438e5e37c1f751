/* Keeps facts in the local namespace and brings them back, a page a turn.
 *
 * Keys: 'f' id -> facts_encode. */
#include "wire.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/key.h>

#define KEY_FACT        'f'
#define BATCH_BYTES_MAX (RH_BATCH_BYTES_MAX / 2)
#define RECORD_MAX      (FACT_BODY_MAX + FACTS_REASON_MAX + 64u)

static int32_t key_of(struct rh_key *key, struct rh_str id)
{
    rh_key_init(key);
    (void)rh_key_u8(key, KEY_FACT); /* errors stay in key->rc */
    return rh_key_str(key, id);
}

int32_t elo_put(struct elo_sync *p, const struct entry *entry)
{
    struct rh_key key;
    struct rh_buf buf;
    int32_t rc = key_of(&key, entry->id);

    if (rc != RH_OK)
        return rc;
    rh_buf_init(&buf, RECORD_MAX);
    facts_encode(entry, &buf);
    rc = buf.rc;
    if (rc == RH_OK && !p->has_batch) {
        rh_batch_begin(&p->batch, ELO_NAMESPACE);
        p->has_batch = true;
    }
    if (rc == RH_OK)
        rh_batch_put(&p->batch, rh_key_view(&key), rh_buf_str(&buf));
    rh_buf_release(&buf);
    if (rc == RH_OK && p->batch.bytes.n > BATCH_BYTES_MAX)
        rc = elo_commit(p);
    return rc;
}

int32_t elo_commit(struct elo_sync *p)
{
    int32_t rc = RH_OK;

    if (p->has_batch)
        rc = rh_batch_commit(&p->batch, &p->rh, NULL, NULL);
    p->has_batch = false;
    if (rc != RH_OK)
        p->rh.core->reactivate(p->rh.ctx,
                               "a batch could not be submitted: memory is ahead of the store");
    return rc;
}

/* One row into memory. */
static int32_t load_row(struct elo_sync *p, const struct rh_row *row)
{
    struct rh_key_reader reader;
    struct fact_record record;
    struct entry *entry;
    char id[FACT_ID_MAX + 1];
    bool has_conflict;
    uint32_t changes;
    uint8_t kind;
    int32_t rc;

    rh_key_reader_init(&reader, row->key);
    (void)rh_key_read_u8(&reader, &kind); /* errors stay in the reader */
    (void)rh_key_read_str(&reader, id, sizeof(id), NULL);
    if (rh_key_read_end(&reader) != RH_OK ||
        facts_decode(rh_str_from(id), row->data, &record, &has_conflict) != RH_OK)
        return rh_failf(&p->rh, RH_EIO, "a stored game cannot be read");
    rc = facts_merge(&p->facts, &record, &entry, &changes);
    if (rc != RH_OK)
        return rh_failf(&p->rh, rc, "more games are stored than facts_max allows");
    if (has_conflict && !entry->has_conflict) {
        entry->has_conflict = true;
        p->facts.conflicts++;
    }
    return elo_rate_entry(p, entry);
}

/* The page that begins at p->load_from; *more: there is another. */
static int32_t load_page(struct elo_sync *p, bool *more)
{
    struct rh_scan scan = {.size = (uint32_t)sizeof(scan), .name_space = ELO_NAMESPACE};
    struct rh_rows rows = {.size = (uint32_t)sizeof(rows)};
    struct rh_key to;
    int32_t rc;

    rh_key_init(&to);
    (void)rh_key_u8(&to, KEY_FACT + 1); /* one byte fits */
    scan.from = rh_key_view(&p->load_from);
    scan.to = rh_key_view(&to);
    rc = p->rh.state->scan(p->rh.ctx, &scan, &rows);
    for (uint32_t i = 0; i < rows.count && rc == RH_OK; i++) {
        const struct rh_row *row =
            (const void *)((const char *)rows.rows + (size_t)i * rows.row_stride);

        if (i + 1 == rows.count && row->key.n < RH_KEY_BYTES_MAX) {
            memcpy(p->load_from.p, row->key.p, row->key.n);
            p->load_from.p[row->key.n] = 0; /* the smallest key after it */
            p->load_from.n = row->key.n + 1;
        }
        rc = load_row(p, row);
    }
    *more = rc == RH_OK && rows.more && rows.count;
    return rc;
}

static void on_turn(void *self, void *user)
{
    struct elo_sync *p = self;
    bool more = false;
    int32_t rc = load_page(p, &more);

    (void)user;
    if (rc == RH_OK && more)
        rc = p->rh.core->timer(p->rh.ctx, 0, on_turn, NULL, NULL);
    if (rc == RH_OK && more)
        return;
    if (rc == RH_OK) {
        rh_log_info(&p->rh, "ratings_loaded", "ids=%" PRIu32 " games=%" PRIu32 " boards=%" PRIu32,
                    facts_count(&p->facts), p->facts.games, p->board_count);
        elo_begin(p);
    }
    p->rh.core->done(p->rh.ctx, rc);
}

int32_t elo_load(struct elo_sync *p)
{
    const int32_t rc = p->rh.core->timer(p->rh.ctx, 0, on_turn, NULL, NULL);

    if (rc != RH_OK)
        return rc;
    facts_init(&p->facts, p->rh.core->random(p->rh.ctx), (uint32_t)p->config->facts_max);
    p->is_built = true;
    rh_key_init(&p->load_from);
    (void)rh_key_u8(&p->load_from, KEY_FACT); /* one byte fits */
    return RH_PENDING;
}

void elo_drop(struct elo_sync *p)
{
    if (p->has_batch)
        rh_batch_release(&p->batch);
    p->has_batch = false;
    elo_repair_drop(p);
    elo_push_drop(p);
    elo_announce_drop(p);
    for (uint32_t i = 0; i < p->board_count; i++)
        board_free(p->boards[i]);
    free(p->boards);
    p->boards = NULL;
    p->board_count = 0;
    p->board_capacity = 0;
    if (p->is_built)
        facts_release(&p->facts);
    p->is_built = false;
    p->is_loaded = false;
}
