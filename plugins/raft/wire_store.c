/* The log and what goes with it in the host's state: one batch for each write, read back at a
 * start; and the seat of a log that begins with data. */
#include <inttypes.h>
#include <string.h>

#include <ringhost/sdk/key.h>

#include "wire.h"

#define RECORD_BYTES_MAX (700u * 1024u)
#define ENTRY_PREFIX     'e'

#define KEY_HARD         RH_STR_LIT("hard")
#define KEY_BASE         RH_STR_LIT("base")
#define KEY_NOTE         RH_STR_LIT("note")
#define KEY_SEAT         RH_STR_LIT("seat")
#define KEY_LEFT         RH_STR_LIT("left") /* a base: the lineage that was given up */

static struct rh_key entry_key(uint64_t index)
{
    struct rh_key key;

    rh_key_init(&key);
    (void)rh_key_u8(&key, ENTRY_PREFIX); /* nine bytes fit */
    (void)rh_key_u64(&key, index);
    return key;
}

/* The key behind all entries. */
static struct rh_key end_key(void)
{
    struct rh_key key;

    rh_key_init(&key);
    (void)rh_key_u8(&key, ENTRY_PREFIX + 1); /* one byte fits */
    return key;
}

int32_t raft_read_entry(void *self, uint64_t index, struct raft_entry *out)
{
    struct raft_plugin *p = self;
    const struct rh_key key = entry_key(index);
    struct rh_value value = {.size = (uint32_t)sizeof(value)};
    int32_t rc = p->rh.state->get(p->rh.ctx, RAFT_NAMESPACE, rh_key_view(&key), &value);

    if (rc == RH_OK && !value.found)
        rc = RH_EIO;
    return rc == RH_OK ? raft_take_entry(value.data, index, out) : rc;
}

/* found is false, and *out as it was, when there is none. */
static int32_t get(struct raft_plugin *p, struct rh_str key, bool *found, struct rh_str *out)
{
    struct rh_value value = {.size = (uint32_t)sizeof(value)};
    const int32_t rc = p->rh.state->get(p->rh.ctx, RAFT_NAMESPACE, key, &value);

    *found = rc == RH_OK && value.found;
    if (*found)
        *out = value.data;
    return rc;
}

static int32_t load_records(struct raft_plugin *p)
{
    struct raft_base left = {.lineage = 0};
    struct rh_str data;
    bool found;
    int32_t rc = get(p, KEY_HARD, &found, &data);

    memset(&p->hard, 0, sizeof(p->hard));
    memset(&p->base, 0, sizeof(p->base));
    if (rc == RH_OK && found)
        rc = raft_take_hard(data, &p->hard);
    if (rc == RH_OK)
        rc = get(p, KEY_BASE, &p->has_base, &data);
    if (rc == RH_OK && p->has_base)
        rc = raft_take_base(data, &p->base);
    if (rc == RH_OK)
        rc = get(p, KEY_NOTE, &p->has_note, &data);
    if (rc == RH_OK && p->has_note)
        rc = raft_take_base(data, &p->note);
    if (rc == RH_OK)
        rc = get(p, KEY_SEAT, &p->has_seat, &data);
    if (rc == RH_OK)
        rc = get(p, KEY_LEFT, &p->has_left, &data);
    if (rc == RH_OK && p->has_left)
        rc = raft_take_base(data, &left);
    p->left = left.lineage;
    return rc == RH_OK ? rc : rh_failf(&p->rh, rc, "the stored state of raft cannot be read");
}

/* The greatest stored index, 0 = none. */
static int32_t load_last(struct raft_plugin *p)
{
    const struct rh_key from = entry_key(0);
    const struct rh_key to = end_key();
    const struct rh_scan scan = {.size = (uint32_t)sizeof(scan),
                                 .flags = RH_SCAN_REVERSE,
                                 .name_space = RAFT_NAMESPACE,
                                 .from = rh_key_view(&from),
                                 .to = rh_key_view(&to),
                                 .limit = 1};
    struct rh_rows rows = {.size = (uint32_t)sizeof(rows)};
    struct rh_key_reader reader;
    uint8_t prefix = 0;
    int32_t rc = p->rh.state->scan(p->rh.ctx, &scan, &rows);

    p->last_stored = 0;
    if (rc != RH_OK || rows.count == 0)
        return rc;
    rh_key_reader_init(&reader, rows.rows[0].key);
    (void)rh_key_read_u8(&reader, &prefix); /* sticky */
    (void)rh_key_read_u64(&reader, &p->last_stored);
    return rh_key_read_end(&reader);
}

/* Who had the data before raft, if that is another node; those without data wait for it. */
static int32_t load_home(struct raft_plugin *p)
{
    struct rh_str home = {"", 0};
    uint64_t epoch = 0;

    p->home[0] = '\0';
    (void)p->replication->former_home(p->rh.ctx, &epoch, &home); /* always RH_OK */
    if (epoch == 0 || rh_str_eq_c(home, p->self))
        return RH_OK;
    return rh_str_copy(p->home, sizeof(p->home), home);
}

int32_t raft_load_all(struct raft_plugin *p)
{
    uint64_t applied = 0;
    uint64_t term = 0;
    int32_t rc = load_records(p);

    if (rc == RH_OK)
        rc = load_last(p);
    if (rc == RH_OK)
        rc = p->replication->applied(p->rh.ctx, &applied, &term);
    if (rc == RH_OK)
        rc = load_home(p);
    if (rc != RH_OK)
        return rc;
    if (p->has_left && p->base.lineage == 0 && applied > 0) {
        p->mode = RAFT_MODE_ARCHIVING; /* the node went down in the middle */
        return RH_OK;
    }
    p->is_new_log = !p->has_base;
    if (!p->has_base && applied > 0) {
        p->mode = RAFT_MODE_REFUSED;
        return RH_OK;
    }
    if (!p->has_base && !p->home[0] && raft_members_is_voter(&p->voters, p->self)) {
        p->base.lineage = RAFT_LINEAGE_FIRST;
        p->base.members = p->voters;
    }
    p->is_seat_given = false;
    p->seat_next = applied + 1;
    p->mode = RAFT_MODE_SEATING;
    if (p->has_seat && applied < p->base.index)
        return RH_OK;
    return raft_run_core(p);
}

static struct raft_config core_config(struct raft_plugin *p)
{
    struct raft_config config = {
        .heartbeat_ms = p->heartbeat_ms,
        .inflight_max = (uint32_t)p->conf.pipeline,
        .append_bytes_max = 256u * 1024u,
        .inflight_bytes_max = 1024u * 1024u,
        .uncommitted_bytes_max = 16u * 1024u * 1024u,
        .held_bytes_max = 8u * 1024u * 1024u,
        .write_bytes_max = 384u * 1024u,
        .write_entries_max = RH_BATCH_OPS_MAX - 16,
        .chunk_bytes = 256u * 1024u,
        .trailing_entries = (uint64_t)p->conf.trailing,
        .seed = p->rh.core->random(p->rh.ctx),
        .read = raft_read_entry,
        .read_user = p,
    };

    memcpy(config.self, p->self, sizeof(config.self));
    return config;
}

/* The stored entries behind `from`, into the core. */
static int32_t load_entries(struct raft_plugin *p, uint64_t from)
{
    const struct rh_key to = end_key();
    struct rh_rows rows = {.size = (uint32_t)sizeof(rows)};
    uint64_t next = from + 1;
    int32_t rc = RH_OK;

    while (rc == RH_OK && next <= p->last_stored) {
        const struct rh_key key = entry_key(next);
        const struct rh_scan scan = {.size = (uint32_t)sizeof(scan),
                                     .name_space = RAFT_NAMESPACE,
                                     .from = rh_key_view(&key),
                                     .to = rh_key_view(&to)};

        rc = p->rh.state->scan(p->rh.ctx, &scan, &rows);
        if (rc == RH_OK && rows.count == 0)
            rc = RH_EINVAL;
        for (uint32_t i = 0; rc == RH_OK && i < rows.count; i++) {
            const struct rh_row *row =
                (const void *)((const char *)rows.rows + (size_t)i * rows.row_stride);
            const struct rh_key expected = entry_key(next);
            struct raft_entry entry;

            rc = rh_str_eq(row->key, rh_key_view(&expected))
                     ? raft_take_entry(row->data, next, &entry)
                     : RH_EINVAL;
            if (rc == RH_OK)
                rc = raft_load(p->core, &entry);
            next++;
        }
    }
    return rc == RH_OK ? rc
                       : rh_failf(&p->rh, rc, "the log cannot be read at index %" PRIu64, next);
}

int32_t raft_run_core(struct raft_plugin *p)
{
    const struct raft_config config = core_config(p);
    const struct raft_base *base = &p->base;
    struct rh_leader leader = {.size = (uint32_t)sizeof(leader)};
    struct raft_entry at_note = {.term = 0};
    uint64_t index;
    uint64_t term;
    uint32_t how;
    bool drops_log;
    int32_t rc = p->replication->applied(p->rh.ctx, &index, &term);

    if (rc != RH_OK)
        return rc;
    if (p->has_note && p->note.index <= p->last_stored)
        (void)raft_read_entry(p, p->note.index, &at_note); /* none is the answer too */
    how = raft_settle(base, p->has_note ? &p->note : NULL, at_note.term, index, term);
    if (how == RAFT_UNSOUND)
        return rh_failf(&p->rh, RH_EIO,
                        "index %" PRIu64 " is applied, but the log begins at %" PRIu64, index,
                        base->index);
    if (how != RAFT_SETTLED)
        base = &p->note;
    drops_log = how == RAFT_REPLACED || p->has_seat || p->is_new_log;
    if (!drops_log && index > p->last_stored && index > base->index && base->index > 0)
        return rh_failf(&p->rh, RH_EIO,
                        "index %" PRIu64 " is applied, but the log ends at %" PRIu64
                        ": entries that were stored are gone",
                        index, p->last_stored);
    p->core = raft_new(&config, &p->hard, base, index > base->index ? index : base->index);
    if (!p->core)
        return RH_ENOMEM;
    rc = drops_log ? RH_OK : load_entries(p, base->index);
    if (rc != RH_OK) {
        raft_free(p->core);
        p->core = NULL;
        return rc;
    }
    if (drops_log || how != RAFT_SETTLED)
        raft_rebase(p->core, drops_log);
    p->rh.cluster->leader(p->rh.ctx, &leader);
    raft_start(p->core, raft_now(p));
    raft_raise_floor(p->core, leader.epoch, raft_now(p));
    p->mode = RAFT_MODE_RUNNING;
    p->run++;
    return RH_OK;
}

static void put_base(struct rh_batch_builder *batch, struct rh_buf *value, struct rh_str key,
                     const struct raft_base *base)
{
    rh_buf_reset(value);
    raft_put_base(value, base);
    if (value->rc != RH_OK)
        batch->rc = value->rc;
    rh_batch_put(batch, key, rh_buf_str(value));
}

static void put_hard(struct rh_batch_builder *batch, struct rh_buf *value,
                     const struct raft_hard *hard)
{
    rh_buf_reset(value);
    raft_put_hard(value, hard);
    if (value->rc != RH_OK)
        batch->rc = value->rc;
    rh_batch_put(batch, KEY_HARD, rh_buf_str(value));
}

static void put_entries(struct raft_plugin *p, struct rh_batch_builder *batch, struct rh_buf *value,
                        const struct raft_write *w)
{
    for (uint32_t i = 0; i < w->count; i++) {
        const struct rh_key key = entry_key(w->first + i);
        struct raft_entry entry;
        const int32_t rc = raft_entry(p->core, w->first + i, &entry);

        if (rc != RH_OK) {
            batch->rc = rc;
            return;
        }
        rh_buf_reset(value);
        raft_put_entry(value, &entry);
        if (value->rc != RH_OK)
            batch->rc = value->rc;
        rh_batch_put(batch, rh_key_view(&key), rh_buf_str(value));
    }
}

/* The run of the core travels in the callback's pointer. */
static void on_written(void *self, void *user, int32_t rc, uint64_t revision)
{
    struct raft_plugin *p = self;

    (void)revision;
    if (!p->core || (uint32_t)(uintptr_t)user != p->run || rc == RH_ECANCELLED)
        return; /* of an earlier life, or this one is about to end */
    if (rc != RH_OK)
        rh_log_error(&p->rh, "raft_write_failed", "code=%" PRId32, rc);
    raft_written(p->core, p->write_seq, rc, raft_now(p));
    raft_pump(p);
}

int32_t raft_store_write(struct raft_plugin *p, const struct raft_write *w)
{
    struct rh_batch_builder batch;
    struct rh_buf value;
    int32_t rc;

    p->write_seq = w->seq;
    rh_buf_init(&value, RECORD_BYTES_MAX);
    rh_batch_begin(&batch, RAFT_NAMESPACE);
    if (w->truncate_from) {
        const struct rh_key from = entry_key(w->truncate_from);
        const struct rh_key to = end_key();

        rh_batch_delete_range(&batch, rh_key_view(&from), rh_key_view(&to));
    }
    if (w->delete_below) {
        const struct rh_key from = entry_key(0);
        const struct rh_key to = entry_key(w->delete_below);

        rh_batch_delete_range(&batch, rh_key_view(&from), rh_key_view(&to));
    }
    if (w->hard)
        put_hard(&batch, &value, w->hard);
    if (w->base)
        put_base(&batch, &value, KEY_BASE, w->base);
    if (w->incoming)
        put_base(&batch, &value, KEY_NOTE, w->incoming);
    if (p->has_seat && w->base) {
        rh_batch_delete(&batch, KEY_SEAT);
        p->has_seat = false;
    }
    put_entries(p, &batch, &value, w);
    rc = rh_batch_commit(&batch, &p->rh, on_written, (void *)(uintptr_t)p->run);
    rh_buf_release(&value);
    return rc;
}

int32_t raft_store_seat(struct raft_plugin *p, const struct raft_base *base, uint64_t term,
                        void (*cb)(void *self, void *user, int32_t rc, uint64_t revision),
                        void *user)
{
    const struct raft_hard hard = {.term = term};
    struct rh_batch_builder batch;
    struct rh_buf value;
    int32_t rc;

    rh_buf_init(&value, RECORD_BYTES_MAX);
    rh_batch_begin(&batch, RAFT_NAMESPACE);
    put_hard(&batch, &value, &hard);
    put_base(&batch, &value, KEY_BASE, base);
    rh_batch_put(&batch, KEY_SEAT, RH_STR_LIT("1"));
    rh_batch_delete(&batch, KEY_NOTE);
    rc = rh_batch_commit(&batch, &p->rh, cb, user);
    rh_buf_release(&value);
    return rc;
}

int32_t raft_store_leave(struct raft_plugin *p, uint64_t lineage,
                         void (*cb)(void *self, void *user, int32_t rc, uint64_t revision),
                         void *user)
{
    const struct raft_base left = {.lineage = lineage};
    const struct raft_base none = {.lineage = 0};
    const struct rh_key from = entry_key(0);
    const struct rh_key to = end_key();
    struct rh_batch_builder batch;
    struct rh_buf value;
    int32_t rc;

    rh_buf_init(&value, RECORD_BYTES_MAX);
    rh_batch_begin(&batch, RAFT_NAMESPACE);
    rh_batch_delete_range(&batch, rh_key_view(&from), rh_key_view(&to));
    put_base(&batch, &value, KEY_LEFT, &left);
    put_base(&batch, &value, KEY_BASE, &none);
    rh_batch_delete(&batch, KEY_NOTE);
    rh_batch_delete(&batch, KEY_SEAT);
    rc = rh_batch_commit(&batch, &p->rh, cb, user);
    rh_buf_release(&value);
    return rc;
}

/* RH_OK: taken, now or earlier. */
static int32_t give(struct raft_plugin *p, const struct raft_entry *entry)
{
    const struct rh_str none = {NULL, 0};
    const int32_t rc =
        p->replication->committed(p->rh.ctx, entry->index, entry->term, 0,
                                  entry->kind == RAFT_ENTRY_DATA ? entry->data : none);

    return rc == RH_EINVAL ? RH_OK : rc;
}

int32_t raft_seat(struct raft_plugin *p)
{
    const struct raft_entry seat = {.index = p->base.index, .term = p->base.term};
    uint64_t index;
    uint64_t term;
    int32_t rc = RH_OK;

    while (rc == RH_OK && p->seat_next <= p->last_stored) {
        struct raft_entry entry;

        rc = raft_read_entry(p, p->seat_next, &entry);
        if (rc == RH_OK)
            rc = give(p, &entry);
        if (rc == RH_OK)
            p->seat_next++;
    }
    if (rc == RH_OK && !p->is_seat_given) {
        rc = give(p, &seat);
        p->is_seat_given = rc == RH_OK;
    }
    if (rc == RH_EAGAIN || rc == RH_ENOMEM || rc == RH_EFORBIDDEN)
        return RH_OK; /* goes on when the host has room, or this provider is active */
    if (rc == RH_OK)
        rc = p->replication->applied(p->rh.ctx, &index, &term);
    if (rc != RH_OK || index < p->base.index)
        return rc;
    return raft_run_core(p);
}
