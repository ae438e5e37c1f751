/* A replicated list of texts, each at most once: append and count. For simulations, not for users.
 * It decides in memory, commits and replies, as the guide tells plugins to; activation rebuilds the
 * memory from a scan.
 *
 * Schema 1 has the number of places under the key "count", schema 2 under "total". Built with
 * LEDGER_SCHEMA 1 it is the code of before, which knows nothing of schema 2. */
#include <ringhost/sdk/batch.h>
#include <ringhost/sdk/key.h>
#include <ringhost/sdk/map.h>
#include <ringhost/sdk/plugin.h>

#define NAMESPACE    "ledger"
#define PLACE_PREFIX 'p'
#define COUNT_KEY_1  RH_STR_LIT("count")
#define COUNT_KEY_2  RH_STR_LIT("total")
#define ID_MAX       64
#define PLACES_MAX   (1u << 20)
#define PAD_MAX      65536
#ifndef LEDGER_SCHEMA
#define LEDGER_SCHEMA 2
#endif

struct ledger_conf {
    int64_t pad; /* bytes stored with each text */
};

/* One instance. */
struct ledger {
    struct rh_services rh;
    struct ledger_conf conf;
    uint32_t schema;   /* to be written in this activation */
    uint64_t count;    /* places taken, commits under way included */
    struct rh_map ids; /* text -> its place, as a pointer */
};

struct append_req {
    struct rh_str id;
};
static const struct rh_field append_fields[] = {
    RH_TEXT(struct append_req, id, RH_REQUIRED, ID_MAX, "the text; a known one keeps its place"),
};
struct count_req {
    int32_t barrier;
};
static const struct rh_field count_fields[] = {
    RH_BOOL(struct count_req, barrier, false, "read the store behind a barrier, not the memory"),
};

static int32_t handle_append(void *self, rh_req req, const void *fields);
static int32_t handle_count(void *self, rh_req req, const void *fields);

static const struct rh_route routes[] = {
    RH_ROUTE("POST", "/ledger/append", RH_WORKER, RH_LEADER,
             RH_FIELDS(struct append_req, append_fields), handle_append,
             "Give a text the next place, unless it has one."),
    RH_ROUTE("GET", "/ledger/count", RH_READ, RH_LEADER, RH_FIELDS(struct count_req, count_fields),
             handle_count, "How many places are taken."),
};

static struct rh_str count_key(uint32_t schema)
{
    return schema == 1 ? COUNT_KEY_1 : COUNT_KEY_2;
}

static struct rh_key place_key(uint64_t place)
{
    struct rh_key key;

    rh_key_init(&key);
    (void)rh_key_u8(&key, PLACE_PREFIX); /* nine bytes fit */
    (void)rh_key_u64(&key, place);
    return key;
}

static int32_t reply_number(struct ledger *l, rh_req req, const char *name, uint64_t number)
{
    struct rh_json_reply reply;

    rh_json_reply_begin(&reply);
    rh_json_kv_int(&reply.w, name, (int64_t)number);
    return rh_json_reply_send(&reply, &l->rh, req, 200);
}

/* The text, and so many blanks behind it. */
static int32_t put_value(struct ledger *l, struct rh_buf *value, struct rh_str id)
{
    static const char blanks[] = "                                                                ";
    int64_t left = l->conf.pad;

    (void)rh_buf_append_str(value, id); /* sticky */
    for (; left > 0; left -= (int64_t)sizeof(blanks) - 1) {
        const size_t n = left < (int64_t)sizeof(blanks) - 1 ? (size_t)left : sizeof(blanks) - 1;

        (void)rh_buf_append(value, blanks, n); /* sticky */
    }
    return value->rc;
}

static int32_t commit_place(struct ledger *l, struct rh_str id, uint64_t place)
{
    const struct rh_key key = place_key(place);
    const struct rh_key count = place_key(place); /* the number as a value: prefix and place */
    struct rh_batch_builder batch;
    struct rh_buf value;

    rh_buf_init(&value, ID_MAX + PAD_MAX);
    rh_batch_begin(&batch, NAMESPACE);
    rh_batch_check(&batch, rh_key_view(&key), 0);
    if (put_value(l, &value, id) != RH_OK)
        batch.rc = value.rc;
    rh_batch_put(&batch, rh_key_view(&key), rh_buf_str(&value));
    rh_batch_put(&batch, count_key(l->schema), rh_key_view(&count));
    rh_buf_release(&value);
    return rh_batch_commit(&batch, &l->rh, NULL, NULL);
}

static int32_t handle_append(void *self, rh_req req, const void *fields)
{
    struct ledger *l = self;
    const struct append_req *want = fields;
    uint64_t place = (uint64_t)(uintptr_t)rh_map_get(&l->ids, want->id);
    int32_t rc = RH_OK;

    if (place == 0) {
        place = l->count + 1;
        rc = rh_map_put(&l->ids, want->id, (void *)(uintptr_t)place, NULL);
        if (rc == RH_OK)
            rc = commit_place(l, want->id, place);
        if (rc == RH_OK)
            l->count = place;
        else
            (void)rh_map_remove(&l->ids, want->id); /* it may not have been put */
    }
    return rc == RH_OK ? reply_number(l, req, "place", place) : rc;
}

/* The count that is stored as by a schema, 0 when there is none. */
static int32_t stored_count(struct ledger *l, uint32_t schema, uint64_t *out)
{
    struct rh_value value = {.size = (uint32_t)sizeof(value)};
    struct rh_key_reader reader;
    uint8_t prefix = 0;
    int32_t rc = l->rh.state->get(l->rh.ctx, NAMESPACE, count_key(schema), &value);

    *out = 0;
    if (rc != RH_OK || !value.found)
        return rc;
    rh_key_reader_init(&reader, value.data);
    (void)rh_key_read_u8(&reader, &prefix); /* sticky */
    (void)rh_key_read_u64(&reader, out);
    return rh_key_read_end(&reader);
}

static void barrier_passed(void *self, void *user, int32_t rc)
{
    struct ledger *l = self;
    const rh_req req = (rh_req)(uintptr_t)user;
    uint64_t count = 0;

    if (rc == RH_OK)
        rc = stored_count(l, l->schema, &count);
    if (rc == RH_OK)
        (void)reply_number(l, req, "count", count); /* the caller may be gone */
    else
        (void)rh_reply_errorf(&l->rh, req, rc, NULL, "it cannot be read"); /* likewise */
}

static int32_t handle_count(void *self, rh_req req, const void *fields)
{
    struct ledger *l = self;
    const struct count_req *want = fields;

    if (!want->barrier)
        return reply_number(l, req, "count", l->count);
    return l->rh.state->barrier(l->rh.ctx, barrier_passed, (void *)(uintptr_t)req);
}

/* Take in the rows of one scan; *next is the place behind them. */
static int32_t load_rows(struct ledger *l, const struct rh_rows *rows)
{
    int32_t rc = RH_OK;

    for (uint32_t i = 0; rc == RH_OK && i < rows->count; i++) {
        const struct rh_row *row =
            (const void *)((const char *)rows->rows + (size_t)i * rows->row_stride);
        struct rh_str id = row->data;

        while (id.n > 0 && id.p[id.n - 1] == ' ')
            id.n--;
        l->count++;
        rc = rh_map_put(&l->ids, id, (void *)(uintptr_t)l->count, NULL);
    }
    return rc;
}

static int32_t activate(void *self, uint64_t epoch)
{
    struct ledger *l = self;
    struct rh_rows rows = {.size = (uint32_t)sizeof(rows), .more = 1};
    const struct rh_key end = place_key(UINT64_MAX);
    uint64_t stored = 0;
    int32_t rc = RH_OK;

    (void)epoch;
    rc = l->rh.state->schema(l->rh.ctx, NAMESPACE, &l->schema);
    while (rc == RH_OK && rows.more) {
        const struct rh_key from = place_key(l->count + 1);
        const struct rh_scan scan = {.size = (uint32_t)sizeof(scan),
                                     .name_space = NAMESPACE,
                                     .from = rh_key_view(&from),
                                     .to = rh_key_view(&end)};

        rc = l->rh.state->scan(l->rh.ctx, &scan, &rows);
        if (rc == RH_OK)
            rc = load_rows(l, &rows);
    }
    if (rc == RH_OK)
        rc = stored_count(l, l->schema, &stored);
    if (rc == RH_OK && stored != l->count)
        rc = rh_failf(&l->rh, RH_EINVAL, "the count is not that of the places");
    return rc;
}

#if LEDGER_SCHEMA > 1
static int32_t migrate(void *self, const char *name_space, uint32_t from)
{
    struct ledger *l = self;
    struct rh_batch_builder batch;
    struct rh_key key;
    uint64_t count = 0;
    int32_t rc = stored_count(l, from, &count);

    if (rc != RH_OK)
        return rc;
    key = place_key(count);
    rh_batch_begin(&batch, name_space);
    rh_batch_delete(&batch, count_key(from));
    rh_batch_put(&batch, count_key(LEDGER_SCHEMA), rh_key_view(&key));
    return rh_batch_commit(&batch, &l->rh, NULL, NULL);
}
#endif

static void forget(struct ledger *l)
{
    rh_map_release(&l->ids);
    l->count = 0;
}

static void deactivate(void *self)
{
    forget(self);
}

static int32_t create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                      const void *config)
{
    struct ledger *l = self;

    rh_services_init(&l->rh, ctx, host);
    l->conf = *(const struct ledger_conf *)config;
    rh_map_init(&l->ids, l->rh.core->random(ctx), PLACES_MAX);
    return RH_OK;
}

static void destroy(void *self)
{
    forget(self);
}

static const struct rh_field config_fields[] = {
    RH_INT(struct ledger_conf, pad, 0, 0, PAD_MAX, "bytes stored with each text"),
};
static const char *const services[] = {RH_CORE_ID, RH_HTTP_ID, RH_STATE_ID};
static const struct rh_namespace namespaces[] = {
    {.size = (uint32_t)sizeof(struct rh_namespace),
     .flags = RH_NS_REPLICATED,
     .name = NAMESPACE,
     .schema_read_min = 1,
     .schema_write_min = 1,
     .schema_write = LEDGER_SCHEMA},
};

static const struct rh_plugin descriptor = {
    .size = (uint32_t)sizeof(descriptor),
    .abi_major = RH_ABI_MAJOR,
    .abi_minor = RH_ABI_MINOR,
    .min_host_minor = RH_ABI_MINOR,
    .instance_size = (uint32_t)sizeof(struct ledger),
    .id = "ledger",
    .version = "0.1.0",
    .summary = "A replicated list of texts, for simulations.",
    .license = "Apache-2.0",
    .build_id = "",
    RH_LIST_OF(services, service),
    .config = RH_FIELDS(struct ledger_conf, config_fields),
    RH_TABLE(namespaces, namespace),
    RH_TABLE(routes, route),
    .create = create,
    .activate = activate,
    .deactivate = deactivate,
    .destroy = destroy,
#if LEDGER_SCHEMA > 1
    .migrate = migrate,
#endif
};

RH_PLUGIN_ENTRY("ledger", "0.1.0", descriptor)
