/* A plugin to start from: one route that counts names and keeps the counts. Wiring; what it decides
 * is in tally.c. */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include <ringhost/sdk/batch.h>
#include <ringhost/sdk/key.h>
#include <ringhost/sdk/plugin.h>

#include "tally.h"

#define NAMESPACE "your_plugin"

/* One instance. Everything hangs from here; the host gives it zeroed. */
struct your_plugin {
    struct rh_services rh;
    const struct your_config *config; /* the host's; valid until reconfigure or destroy */
    struct tally tally;               /* exists from activate to deactivate */
};

/* The section `config:` of conf.d. */
struct your_config {
    int64_t times_max;
};
static const struct rh_field config_fields[] = {
    RH_INT(struct your_config, times_max, 100, 1, 1000000, "the most that one request may count"),
};

/* What the route takes and gives. */
struct endpoint_req {
    struct rh_str name;
    int64_t times;
};
static const struct rh_field endpoint_fields[] = {
    RH_TEXT(struct endpoint_req, name, RH_REQUIRED, 100, "what is counted"),
    RH_INT(struct endpoint_req, times, 1, 1, 1000000, "how often"),
};
struct endpoint_reply {
    struct rh_str name;
    int64_t count;
};
static const struct rh_field endpoint_reply_fields[] = {
    RH_STR(struct endpoint_reply, name, 0, "as it was given"),
    RH_INT(struct endpoint_reply, count, 0, 0, 0, "how often it has been counted by now"),
};

static int32_t handle_endpoint(void *self, rh_req req, const void *fields);

static const struct rh_route routes[] = {
    RH_ROUTE_WITH("POST", "/your/endpoint", RH_OPERATOR, 0,
                  RH_FIELDS(struct endpoint_req, endpoint_fields), handle_endpoint, "Count a name.",
                  .reply = RH_FIELDS(struct endpoint_reply, endpoint_reply_fields)),
};

/* The stored form: key = the name, value = the count as eight bytes. */
static int32_t store_count(struct your_plugin *p, struct rh_str name, int64_t count)
{
    struct rh_batch_builder batch;
    struct rh_key key;
    struct rh_key value;
    int32_t rc;

    rh_key_init(&key);
    rh_key_init(&value);
    rc = rh_key_str(&key, name);
    if (rc == RH_OK)
        rc = rh_key_i64(&value, count);
    if (rc != RH_OK)
        return rc;
    rh_batch_begin(&batch, NAMESPACE);
    rh_batch_put(&batch, rh_key_view(&key), rh_key_view(&value));
    return rh_batch_commit(&batch, &p->rh, NULL, NULL);
}

/* Decides in memory, commits, replies. The host holds the reply back until the commit is on disk.
 */
static int32_t handle_endpoint(void *self, rh_req req, const void *fields)
{
    struct your_plugin *p = self;
    const struct endpoint_req *want = fields;
    struct rh_json_reply reply;
    int64_t count = 0;
    int32_t rc;

    if (want->times > p->config->times_max)
        return rh_failf(&p->rh, RH_EINVAL, "\"times\" is at most %" PRId64 " on this node",
                        p->config->times_max);
    rc = tally_add(&p->tally, want->name, want->times, &count);
    if (rc == RH_EFULL)
        return rh_failf(&p->rh, rc, "no room to count \"%.*s\"", RH_STR_ARG(want->name));
    if (rc != RH_OK)
        return rc;
    rc = store_count(p, want->name, count);
    if (rc != RH_OK) {
        /* Not submitted: memory is ahead of the disk. Start again from what is stored. */
        p->rh.core->reactivate(p->rh.ctx, "a count could not be stored");
        return rc;
    }
    rh_json_reply_begin(&reply);
    rh_json_kv_str(&reply.w, "name", want->name);
    rh_json_kv_int(&reply.w, "count", count);
    return rh_json_reply_send(&reply, &p->rh, req, 200);
}

static int32_t load_row(struct your_plugin *p, const struct rh_row *row)
{
    struct rh_key_reader key;
    struct rh_key_reader value;
    char name[RH_KEY_MAX + 1];
    size_t n = 0;
    int64_t count = 0;

    rh_key_reader_init(&key, row->key);
    rh_key_reader_init(&value, row->data);
    if (rh_key_read_str(&key, name, sizeof(name), &n) != RH_OK ||
        rh_key_read_i64(&value, &count) != RH_OK || rh_key_read_end(&value) != RH_OK)
        return rh_failf(&p->rh, RH_EIO, "a stored count cannot be read");
    return tally_set(&p->tally, (struct rh_str){name, n}, count);
}

/* One page of the scan; the next begins after its last key. `last` holds that key. */
static int32_t load_page(struct your_plugin *p, struct rh_scan *scan, char last[RH_KEY_MAX + 1],
                         uint32_t *more)
{
    struct rh_rows rows = {.size = (uint32_t)sizeof(rows)};
    const struct rh_row *row = NULL;
    int32_t rc = p->rh.state->scan(p->rh.ctx, scan, &rows);

    for (uint32_t i = 0; rc == RH_OK && i < rows.count; i++) {
        row = (const struct rh_row *)(const void *)((const char *)rows.rows +
                                                    (size_t)i * rows.row_stride);
        rc = load_row(p, row);
    }
    *more = rc == RH_OK && row ? rows.more : 0;
    if (*more) {
        assert(row->key.n <= RH_KEY_MAX);
        memcpy(last, row->key.p, row->key.n);
        last[row->key.n] = '\0'; /* the smallest key after `last` is `last` and a NUL byte */
        scan->from = (struct rh_str){last, row->key.n + 1};
    }
    return rc;
}

/* Rebuilds memory from a scan. */
static int32_t your_activate(void *self, uint64_t epoch)
{
    struct your_plugin *p = self;
    struct rh_scan scan = {.size = (uint32_t)sizeof(scan), .name_space = NAMESPACE};
    char last[RH_KEY_MAX + 1];
    uint32_t more = 0;
    int32_t rc;

    (void)epoch;
    tally_init(&p->tally, p->rh.core->random(p->rh.ctx));
    do
        rc = load_page(p, &scan, last, &more);
    while (rc == RH_OK && more);
    return rc;
}

/* Also called when activate failed. */
static void your_deactivate(void *self)
{
    struct your_plugin *p = self;

    tally_release(&p->tally);
}

static int32_t your_create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                           const void *config)
{
    struct your_plugin *p = self;

    rh_services_init(&p->rh, ctx, host);
    p->config = config;
    return RH_OK;
}

static int32_t your_reconfigure(void *self, const void *config)
{
    struct your_plugin *p = self;

    p->config = config;
    return RH_OK;
}

static const char *const services[] = {RH_CORE_ID, RH_HTTP_ID, RH_STATE_ID};
static const struct rh_namespace namespaces[] = {
    {.size = (uint32_t)sizeof(struct rh_namespace),
     .name = NAMESPACE,
     .schema_read_min = 1,
     .schema_write = 1},
};

static const struct rh_plugin descriptor = {
    RH_PLUGIN_HEAD(struct your_plugin, "org.example.your_plugin", "0.1.0"),
    .summary = "Counts names.",
    .license = "Apache-2.0",
    RH_LIST_OF(services, service),
    .config = RH_FIELDS(struct your_config, config_fields),
    RH_TABLE(namespaces, namespace),
    RH_TABLE(routes, route),
    .create = your_create,
    .activate = your_activate,
    .deactivate = your_deactivate,
    .reconfigure = your_reconfigure,
};

RH_PLUGIN_ENTRY("org.example.your_plugin", "0.1.0", descriptor)
