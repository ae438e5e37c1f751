/* Dead letters: written, listed, tried again, thrown away. */
#include <inttypes.h>
#include <string.h>

#include "wire.h"

/* Rows that one request changes, so that its batch stays small. */
#define CHANGES_MAX 1000u
/* After a write that failed, which is no fault of the receiver's. */
#define WRITE_AGAIN_MS 1000

/* --- one is written --- */

static void put_dead(struct rh_batch_builder *batch, const struct sink *sink,
                     const struct dead *dead)
{
    struct rh_buf record;
    struct rh_key key;

    rh_buf_init(&record, RECORD_BYTES_MAX);
    record_put_dead(&record, dead);
    sink_key(&key, ROW_DEAD, sink, dead->letter.position);
    rh_store_put_buf(batch, &key, &record);
    rh_buf_release(&record);
}

static void on_buried(struct sink *sink, int32_t rc)
{
    struct bridge *p = sink->bridge;

    if (rc == RH_OK) {
        rh_log_error(&p->rh, "event_dead", "sink=%s position=%" PRIu64 " reason=\"%s\"", sink->name,
                     pack_row(&sink->pack, 0)->position, sink->error);
        sink_leave_head(sink); /* of a node: its row goes with the next save */
    }
    delivery_buried(&sink->delivery, rc == RH_OK, bridge_now(p) + WRITE_AGAIN_MS);
    bridge_show(p);
}

void sink_bury(struct sink *sink)
{
    struct bridge *p = sink->bridge;
    struct cursor next = sink->cursor;
    struct rh_batch_builder batch;
    struct dead dead;
    int32_t rc = RH_EFULL;

    if (sink->cursor.dead < (uint64_t)sink->config->dead_max) {
        dead.letter = pack_letter(&sink->pack, 0);
        dead.error = rh_str_from(sink->error);
        dead.attempts = sink->delivery.attempts;
        dead.dead_at_ms = p->rh.core->wall_ms(p->rh.ctx);
        next.position = dead.letter.position;
        next.dead++;
        next.buried++;
        rh_batch_begin(&batch, sink->scope->name_space);
        put_dead(&batch, sink, &dead);
        rc = sink_write(sink, &batch, &next, on_buried);
    }
    if (rc != RH_OK) {
        delivery_buried(&sink->delivery, false,
                        bridge_now(p) +
                            (rc == RH_EFULL ? sink->limits.recheck_ms : WRITE_AGAIN_MS));
        bridge_show(p);
    }
}

/* --- one is tried again --- */

int32_t sink_load_wanted(struct sink *sink)
{
    struct rh_rows rows = {.size = (uint32_t)sizeof rows};
    const struct rh_store store = sink_store(sink);
    struct rh_value value = {.size = (uint32_t)sizeof value};
    struct dead dead;
    struct rh_key key;
    uint64_t position;
    int32_t rc = sink_scan(sink, ROW_WANTED, 0, 1, &rows);

    if (rc != RH_OK)
        return rc;
    sink->may_have_wanted = rows.count > 0;
    if (rows.count == 0)
        return RH_OK;
    rc = sink_key_number(rh_store_row(&rows, 0)->key, &position);
    if (rc != RH_OK)
        return rc;
    sink_key(&key, ROW_DEAD, sink, position);
    rc = rh_store_get(&store, &key, &value);
    if (rc != RH_OK)
        return rc;
    if (!value.found || record_get_dead(value.data, &dead) != RH_OK)
        return rh_failf(&sink->bridge->rh, RH_EIO, "a dead letter of sink %s cannot be read",
                        sink->name);
    rc = pack_add(&sink->pack, &dead.letter);
    sink->head_is_redriven = rc == RH_OK;
    return rc;
}

static void on_settled(struct sink *sink, int32_t rc)
{
    const int64_t now_ms = bridge_now(sink->bridge);

    pack_clear(&sink->pack);
    sink->head_is_redriven = false;
    delivery_buried(&sink->delivery, true, now_ms);
    if (rc != RH_OK && sink->delivery.state == DELIVERY_READY)
        delivery_hold(&sink->delivery, now_ms + WRITE_AGAIN_MS); /* then once more */
    bridge_show(sink->bridge);
}

void sink_settle_redriven(struct sink *sink, bool is_taken)
{
    struct bridge *p = sink->bridge;
    struct cursor next = sink->cursor;
    struct rh_batch_builder batch;
    struct dead dead;
    struct rh_key key;
    int32_t rc = RH_OK;

    if (!sink->head_is_gone) {
        dead.letter = pack_letter(&sink->pack, 0);
        rh_batch_begin(&batch, sink->scope->name_space);
        sink_key(&key, ROW_WANTED, sink, dead.letter.position);
        rh_store_delete(&batch, &key);
        if (is_taken) {
            sink_key(&key, ROW_DEAD, sink, dead.letter.position);
            rh_store_delete(&batch, &key);
            next.dead -= next.dead > 0;
            next.delivered++;
        } else {
            dead.error = rh_str_from(sink->error);
            dead.attempts = sink->delivery.attempts;
            dead.dead_at_ms = p->rh.core->wall_ms(p->rh.ctx);
            put_dead(&batch, sink, &dead);
        }
        rc = sink_write(sink, &batch, &next, on_settled);
        if (rc == RH_OK)
            return;
    }
    on_settled(sink, rc);
}

/* --- requests --- */

static struct sink *find(struct bridge *p, struct scope *scope, struct rh_str name, int32_t *rc)
{
    struct sink *sink = bridge_find(p, scope, name);
    struct removed removed;

    *rc = RH_OK;
    if (sink)
        return sink;
    if (removed_get(p, scope, name, &removed) == RH_OK)
        *rc = rh_failf(&p->rh, RH_ENOTFOUND,
                       "sink \"%.*s\" was removed from the configuration: put it back, or delete "
                       "what is left of it with POST %s (ringctl events %s)",
                       RH_STR_ARG(name), scope->is_node ? "/events/node/forget" : "/events/forget",
                       scope->is_node ? "node-forget" : "forget");
    else
        *rc = rh_failf(&p->rh, RH_ENOTFOUND, "no sink \"%.*s\" of scope %s", RH_STR_ARG(name),
                       scope->is_node ? "node" : "cluster");
    return NULL;
}

static void write_dead(struct rh_json_writer *w, const struct dead *dead)
{
    rh_json_begin_object(w);
    rh_json_kv_str(w, "event_id", dead->letter.id);
    rh_json_kv_str(w, "event_type", dead->letter.type);
    rh_json_kv_str(w, "source", dead->letter.source);
    rh_json_kv_str(w, "node_id", dead->letter.node_id);
    rh_json_kv_int(w, "at", dead->letter.at_ms);
    rh_json_kv_u64(w, "position", dead->letter.position);
    rh_json_kv_int(w, "attempts", dead->attempts);
    rh_json_kv_str(w, "error", dead->error);
    rh_json_kv_int(w, "dead_at", dead->dead_at_ms);
    rh_json_kv_raw(w, "payload", dead->letter.payload);
    rh_json_end_object(w);
}

int32_t bridge_dead_list(struct bridge *p, struct scope *scope, rh_req req,
                         const struct dead_req *fields)
{
    struct rh_rows rows = {.size = (uint32_t)sizeof rows};
    struct rh_json_reply reply;
    struct removed removed;
    uint64_t number = 0;
    int32_t rc;

    if (removed_get(p, scope, fields->sink, &removed) != RH_OK &&
        !find(p, scope, fields->sink, &rc))
        return rc;
    rc = scope_scan(p, scope, fields->sink, ROW_DEAD, fields->after + 1, (uint32_t)fields->limit,
                    &rows);
    if (rc != RH_OK)
        return rc;
    rh_json_reply_begin(&reply);
    rh_json_kv_str(&reply.w, "sink", fields->sink);
    rh_json_key(&reply.w, "dead");
    rh_json_begin_array(&reply.w);
    for (uint32_t i = 0; i < rows.count; i++) {
        const struct rh_row *row = rh_store_row(&rows, i);
        struct dead dead;

        if (sink_key_number(row->key, &number) == RH_OK &&
            record_get_dead(row->data, &dead) == RH_OK)
            write_dead(&reply.w, &dead);
    }
    rh_json_end_array(&reply.w);
    rh_json_key(&reply.w, "next");
    if (rows.more)
        rh_json_u64(&reply.w, number);
    else
        rh_json_null(&reply.w);
    return rh_json_reply_send(&reply, &p->rh, req, 200);
}

static bool is_named(const struct letters_req *fields, struct rh_str id)
{
    for (uint32_t i = 0; i < fields->event_ids.count; i++)
        if (rh_str_eq(fields->event_ids.items[i], id))
            return true;
    return fields->all != 0;
}

/* Put what becomes of one dead letter into the batch. */
typedef void (*change_fn)(struct rh_batch_builder *batch, struct sink *sink, uint64_t position);

static void put_wanted(struct rh_batch_builder *batch, struct sink *sink, uint64_t position)
{
    struct rh_key key;

    sink_key(&key, ROW_WANTED, sink, position);
    rh_store_put(batch, &key, RH_STR_LIT(""));
}

static void put_discarded(struct rh_batch_builder *batch, struct sink *sink, uint64_t position)
{
    static const char kinds[] = {ROW_DEAD, ROW_WANTED};

    for (size_t i = 0; i < sizeof kinds; i++) {
        struct rh_key key;

        sink_key(&key, kinds[i], sink, position);
        rh_store_delete(batch, &key);
    }
}

/* Change those that the request names; *count of them. */
static int32_t change(struct sink *sink, const struct letters_req *fields,
                      struct rh_batch_builder *batch, change_fn fn, uint32_t *count)
{
    struct rh_rows rows = {.more = 1};
    uint64_t position = 0;
    int32_t rc = RH_OK;

    *count = 0;
    while (rc == RH_OK && rows.more && *count < CHANGES_MAX) {
        rows = (struct rh_rows){.size = (uint32_t)sizeof rows};
        rc = sink_scan(sink, ROW_DEAD, position + 1, 0, &rows);
        for (uint32_t i = 0; i < rows.count && rc == RH_OK && *count < CHANGES_MAX; i++) {
            const struct rh_row *row = rh_store_row(&rows, i);
            struct dead dead;

            rc = sink_key_number(row->key, &position);
            if (rc == RH_OK && record_get_dead(row->data, &dead) != RH_OK)
                rc = RH_EIO;
            if (rc != RH_OK || !is_named(fields, dead.letter.id))
                continue;
            fn(batch, sink, position);
            ++*count;
        }
    }
    return rc;
}

static void answer(struct sink *sink, int32_t rc, const char *name)
{
    const struct sink_write write = sink->write;
    struct rh_json_reply reply;

    sink->may_have_wanted = true;
    bridge_show(sink->bridge);
    if (rc != RH_OK) {
        (void)rh_reply_errorf(&sink->bridge->rh, write.req, rc, NULL,
                              "it was not written"); /* gone: nobody waits */
        return;
    }
    rh_json_reply_begin(&reply);
    rh_json_kv_str(&reply.w, "sink", rh_str_from(sink->name));
    rh_json_kv_int(&reply.w, name, write.count);
    rh_json_kv_int(&reply.w, "dead_letters", (int64_t)sink->cursor.dead);
    (void)rh_json_reply_send(&reply, &sink->bridge->rh, write.req, 200); /* likewise */
}

/* Whoever asks for another try wants it now: before what was read ahead, before a receiver that was
 * not there would be looked for again, and although the head waits for room. */
static void on_redriven(struct sink *sink, int32_t rc)
{
    if (rc == RH_OK) {
        sink_favour_wanted(sink);
        delivery_hurry(&sink->delivery, bridge_now(sink->bridge));
    }
    answer(sink, rc, "redriven");
}

/* Whether the dead letter at the head was thrown away; if that cannot be read, it is kept. */
static bool head_was_discarded(const struct sink *sink)
{
    const struct rh_store store = sink_store(sink);
    struct rh_value value = {.size = (uint32_t)sizeof value};
    struct rh_key key;

    if (!sink->head_is_redriven)
        return false;
    sink_key(&key, ROW_DEAD, sink, pack_row(&sink->pack, 0)->position);
    return rh_store_get(&store, &key, &value) == RH_OK && !value.found;
}

static void on_discarded(struct sink *sink, int32_t rc)
{
    if (rc == RH_OK && head_was_discarded(sink))
        sink->head_is_gone = true;
    answer(sink, rc, "discarded");
}

/* Both requests: find, change, commit, answer from `done`. */
static int32_t request(struct bridge *p, struct scope *scope, rh_req req,
                       const struct letters_req *fields, change_fn fn,
                       void (*done)(struct sink *sink, int32_t rc))
{
    struct rh_batch_builder batch;
    struct cursor next;
    uint32_t count;
    int32_t rc;
    struct sink *sink = find(p, scope, fields->sink, &rc);

    if (!sink)
        return rc;
    if ((fields->event_ids.count > 0) == (fields->all != 0))
        return rh_failf(&p->rh, RH_EINVAL, "give either event_ids or all");
    if (sink->delivery.state == DELIVERY_OFF)
        return scope->is_node || p->is_leading ? RH_ELOADING : RH_ENOTLEADER;
    if (sink->write.serial)
        return rh_failf(&p->rh, RH_EAGAIN, "another change is being written");
    rh_batch_begin(&batch, scope->name_space);
    rc = change(sink, fields, &batch, fn, &count);
    if (rc == RH_OK && count == 0)
        rc = rh_failf(&p->rh, RH_ENOTFOUND, "no such dead letter");
    if (rc != RH_OK) {
        rh_batch_release(&batch);
        return rc;
    }
    next = sink->cursor;
    if (fn == put_discarded)
        next.dead -= count < next.dead ? count : next.dead;
    rc = sink_write(sink, &batch, &next, done);
    if (rc == RH_OK) {
        sink->write.req = req;
        sink->write.count = count;
    }
    return rc;
}

int32_t bridge_redrive(struct bridge *p, struct scope *scope, rh_req req,
                       const struct letters_req *fields)
{
    return request(p, scope, req, fields, put_wanted, on_redriven);
}

int32_t bridge_discard(struct bridge *p, struct scope *scope, rh_req req,
                       const struct letters_req *fields)
{
    return request(p, scope, req, fields, put_discarded, on_discarded);
}
