/* POST /events/publish: events from outside, committed before they are acknowledged. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <ringhost/events.h>
#include <ringhost/sdk/request_key.h>

#include "wire.h"

/* Idempotency keys that are remembered; further ones push out the oldest, at most so many at once.
 */
#define KEYS_MAX  10000u
#define PRUNE_MAX 4u

/* Rows of idempotency keys: 'k' key -> what was asked, as <ringhost/sdk/request_key.h> has it,
 * without an id: its version is the revision of the event; 'q' Unix ms, key -> nothing, for their
 * age. */
#define ROW_KEY     'k'
#define ROW_AGE     'q'

#define TYPE_SIZE   65u
#define SOURCE_SIZE 65u
#define KEY_SIZE    (PUBLISH_KEY_MAX + 1u)
#define ID_SIZE     64u

/* A catalogue type carries what the catalogue says. */
static int32_t check_payload(struct bridge *p, const struct rh_event_def *def,
                             struct rh_str payload)
{
    char why[RH_TEXT_MAX];
    void *memory = NULL;
    void *out = calloc(1, def->payload.struct_size ? def->payload.struct_size : 1);
    int32_t rc;

    if (!out)
        return RH_ENOMEM;
    rc = p->rh.fields->decode(p->rh.ctx, &def->payload, payload, out, &memory, why, sizeof why);
    if (rc == RH_OK)
        p->rh.fields->release(p->rh.ctx, memory);
    free(out);
    return rc == RH_OK ? RH_OK : rh_failf(&p->rh, rc, "payload of %s: %s", def->type, why);
}

static bool is_type(struct rh_str type)
{
    if (type.n < 3 || type.n >= TYPE_SIZE || type.p[0] < 'A' || type.p[0] > 'Z')
        return false;
    for (size_t i = 0; i < type.n; i++) {
        const char c = type.p[i];

        if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'))
            return false;
    }
    return true;
}

/* Of an event that was the only one of its commit. */
static void write_id(uint64_t revision, char id[ID_SIZE])
{
    (void)snprintf(id, ID_SIZE, BRIDGE_NAMESPACE ":%" PRIu64 ":0", revision); /* fits */
}

/* What it tells is durable, or local: it need not wait for what others are publishing, nor fail
 * with it. */
static int32_t reply(struct bridge *p, rh_req req, const char *kind, uint64_t revision,
                     bool is_duplicate)
{
    struct rh_json_reply reply;

    rh_json_reply_begin(&reply);
    rh_json_kv_bool(&reply.w, "published", true);
    rh_json_kv_bool(&reply.w, "duplicate", is_duplicate);
    rh_json_kv_strc(&reply.w, "kind", kind);
    rh_json_key(&reply.w, "event_id");
    if (revision) {
        char id[ID_SIZE];

        write_id(revision, id);
        rh_json_string_c(&reply.w, id);
    } else {
        rh_json_null(&reply.w);
    }
    return rh_json_reply_send_early(&reply, &p->rh, req, is_duplicate ? 200 : 202);
}

/* --- the same publication again --- */

static struct rh_store store_of(const struct bridge *p)
{
    return (struct rh_store){&p->rh, BRIDGE_NAMESPACE};
}

/* The revision of the event that was published under a key, 0 = none. RH_ECONFLICT: it was another
 * one; its revision, too. */
static int32_t find_key(struct bridge *p, const struct rh_request_key *request, uint64_t *revision)
{
    const struct rh_store store = store_of(p);
    struct rh_value value = {.size = (uint32_t)sizeof value};
    struct rh_request_key first;
    int32_t rc = rh_store_get_id(&store, ROW_KEY, request->key, &value);

    *revision = 0;
    if (rc != RH_OK || !value.found)
        return rc;
    *revision = value.version;
    rh_request_decode(value.data, &first);
    return rh_request_is_same(request->asked, first.asked) ? RH_OK : RH_ECONFLICT;
}

/* Answer what was asked before under this key; *is_answered says whether it was. */
static int32_t reply_known(struct bridge *p, rh_req req, const struct rh_request_key *request,
                           bool *is_answered)
{
    char id[ID_SIZE];
    uint64_t revision;
    const int32_t rc = find_key(p, request, &revision);

    *is_answered = revision > 0;
    if (rc == RH_ECONFLICT) {
        write_id(revision, id);
        return rh_request_refuse(&p->rh, req, "", request->key, rh_str_from(id));
    }
    return rc == RH_OK && revision > 0 ? reply(p, req, "cluster", revision, true) : rc;
}

static void age_key(struct rh_key *row, int64_t at_ms, struct rh_str key)
{
    rh_key_init(row);
    (void)rh_key_u8(row, ROW_AGE); /* errors stay in the key */
    (void)rh_key_i64(row, at_ms);
    (void)rh_key_str(row, key);
}

/* Deletes the oldest keys when there are too many. */
static int32_t prune(struct bridge *p, struct rh_batch_builder *batch)
{
    const struct rh_store store = store_of(p);
    struct rh_rows rows = {.size = (uint32_t)sizeof rows};
    struct rh_key first;
    struct rh_key last;
    int32_t rc = RH_OK;

    if (p->keys_epoch != p->epoch)
        rc = rh_store_count(&store, ROW_KEY, &p->key_count);
    if (rc != RH_OK)
        return rc;
    p->keys_epoch = p->epoch;
    p->key_count++;
    if (p->key_count <= KEYS_MAX)
        return RH_OK;
    age_key(&first, INT64_MIN, RH_STR_LIT(""));
    rh_key_init(&last);
    (void)rh_key_u8(&last, ROW_AGE + 1); /* one byte fits */
    rc = rh_store_scan(&store, &first, &last, 0, PRUNE_MAX, &rows);
    for (uint32_t i = 0; i < rows.count && rc == RH_OK; i++) {
        const struct rh_row *row = rh_store_row(&rows, i);
        struct rh_key_reader reader;
        char text[KEY_SIZE];
        uint8_t kind;
        int64_t at_ms;
        size_t n;

        rh_key_reader_init(&reader, row->key);
        if (rh_key_read_u8(&reader, &kind) != RH_OK || rh_key_read_i64(&reader, &at_ms) != RH_OK ||
            rh_key_read_str(&reader, text, sizeof text, &n) != RH_OK)
            return RH_EIO;
        rh_batch_delete(batch, row->key);
        rh_store_delete_id(batch, ROW_KEY, (struct rh_str){text, n});
        p->key_count--;
    }
    return rc;
}

/* Only once under this key. */
static int32_t put_key(struct bridge *p, struct rh_batch_builder *batch,
                       const struct rh_request_key *request)
{
    struct rh_key row;
    struct rh_key age;

    rh_store_key(&row, ROW_KEY, request->key);
    rh_batch_check(batch, rh_key_view(&row), 0);
    rh_request_put(batch, ROW_KEY, request);
    age_key(&age, p->rh.core->wall_ms(p->rh.ctx), request->key);
    rh_store_put(batch, &age, RH_STR_LIT(""));
    return prune(p, batch);
}

/* --- publishing --- */

static void on_committed(void *self, void *user, int32_t rc, uint64_t revision)
{
    struct bridge *p = self;
    const rh_req req = (uintptr_t)user;

    if (rc == RH_OK) {
        p->published++;
        (void)reply(p, req, "cluster", revision, false); /* gone: nobody waits */
    } else if (rc == RH_ECONFLICT) {
        (void)rh_reply_errorf(&p->rh, req, rc, NULL,
                              "the same is being published; ask again"); /* likewise */
    } else {
        (void)rh_reply_errorf(&p->rh, req, rc, NULL, "the event was not stored"); /* likewise */
    }
}

static int32_t commit(struct bridge *p, rh_req req, const struct publish_req *fields,
                      uint64_t asked)
{
    const struct rh_request_key request = {.key = fields->idempotency_key, .asked = asked};
    struct rh_batch_builder batch;
    bool is_answered = false;
    char type[TYPE_SIZE];
    char source[SOURCE_SIZE];
    int32_t rc = RH_OK;

    if (rh_str_copy(type, sizeof type, fields->event_type) != RH_OK ||
        rh_str_copy(source, sizeof source, fields->source) != RH_OK)
        return RH_EINVAL;
    if (request.key.n > 0)
        rc = reply_known(p, req, &request, &is_answered);
    if (rc != RH_OK || is_answered)
        return rc;
    rh_batch_begin(&batch, BRIDGE_NAMESPACE);
    rh_batch_event_from(&batch, type, fields->payload, source);
    if (request.key.n > 0)
        rc = put_key(p, &batch, &request);
    if (rc == RH_OK)
        return rh_batch_commit(&batch, &p->rh, on_committed, (void *)(uintptr_t)req);
    rh_batch_release(&batch);
    return rc;
}

static int32_t publish_local(struct bridge *p, rh_req req, const struct publish_req *fields)
{
    char type[TYPE_SIZE];
    char source[SOURCE_SIZE];
    int32_t rc = RH_EINVAL;

    if (rh_str_copy(type, sizeof type, fields->event_type) == RH_OK &&
        rh_str_copy(source, sizeof source, fields->source) == RH_OK)
        rc = p->rh.events->publish(p->rh.ctx, type, fields->payload, source);
    if (rc != RH_OK)
        return rc;
    p->published++;
    return reply(p, req, "local", 0, false);
}

static int32_t refuse_rate(struct bridge *p, rh_req req)
{
    const struct rh_error error = {.size = (uint32_t)sizeof error,
                                   .rc = RH_EBUSY,
                                   .retry_after_s = 1,
                                   .code = "rate_limited",
                                   .message = "more events a second than publish_rate"};

    return p->rh.http->reply_error(p->rh.ctx, req, &error);
}

int32_t bridge_publish(struct bridge *p, rh_req req, const struct publish_req *fields,
                       uint64_t asked)
{
    const struct rh_event_def *def = rh_event_find(fields->event_type);
    int32_t rc = RH_OK;

    if (!is_type(fields->event_type))
        return rh_failf(&p->rh, RH_EINVAL, "\"event_type\" must match [A-Z][A-Z0-9_]{2,63}");
    if (fields->payload.n > PUBLISH_BYTES_MAX)
        return rh_failf(&p->rh, RH_ETOOLARGE, "\"payload\" has %zu bytes, at most %u are taken",
                        fields->payload.n, PUBLISH_BYTES_MAX);
    if (def)
        rc = check_payload(p, def, fields->payload);
    if (rc != RH_OK)
        return rc;
    if (!throttle_take(&p->throttle, p->config->publish_rate, bridge_now(p)))
        return refuse_rate(p, req);
    return !def || def->kind == RH_EVENT_CLUSTER ? commit(p, req, fields, asked)
                                                 : publish_local(p, req, fields);
}
