/* The artifacts plugin: files by SHA-256, on the nodes that need them. Tables and life cycle. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "wire.h"

#define GET_ROUTE_MS    30000
#define PUT_ROUTE_MS    60000

#define SHA256_FIELD(s) RH_TEXT(s, sha256, RH_REQUIRED, 64, "64 hexadecimal digits")

static const struct rh_field put_fields[] = {
    SHA256_FIELD(struct put_req),
    RH_INT_REQUIRED(struct put_req, size, 0, ARTIFACTS_SIZE_MAX, "bytes of the whole file"),
    RH_INT(struct put_req, offset, 0, 0, ARTIFACTS_SIZE_MAX, "where the body belongs"),
};
static const struct rh_field get_fields[] = {
    SHA256_FIELD(struct get_req),
    RH_INT(struct get_req, offset, 0, 0, ARTIFACTS_SIZE_MAX, "first byte wanted"),
    RH_INT(struct get_req, max, 1048576, 1, 4194304, "bytes at most"),
};
static const struct rh_field one_fields[] = {
    SHA256_FIELD(struct one_req),
};
static const struct rh_field pin_fields[] = {
    SHA256_FIELD(struct pin_req),
    RH_BOOL(struct pin_req, pinned, true, "false: it may go again"),
};
static const struct rh_field verify_fields[] = {
    RH_TEXT(struct verify_req, sha256, 0, 64, "64 hexadecimal digits: this file"),
    RH_BOOL(struct verify_req, all, false, "all files of this node"),
};
static const struct rh_field list_fields[] = {
    RH_INT(struct list_req, limit, 100, 1, ARTIFACTS_LIST_MAX, "how many at most"),
    RH_TEXT(struct list_req, after, 0, 64, "`next` of the page before"),
};

static const struct rh_route routes[] = {
    RH_ROUTE_WITH("PUT", "/artifacts/data", RH_WORKER, RH_IDEMPOTENT | RH_RAW_BODY,
                  RH_FIELDS(struct put_req, put_fields), artifacts_put,
                  "Hand in a file, whole or a piece of it.",
                  .doc = "Answers the next byte wanted; the file is there once `whole` is true. A "
                         "piece that leaves a gap is refused with 409 `wrong_offset` and "
                         "`details.next`.",
                  .body_max = ARTIFACTS_PIECE_MAX, .timeout_ms = PUT_ROUTE_MS),
    RH_ROUTE_WITH("GET", "/artifacts/data", RH_WORKER, RH_IDEMPOTENT,
                  RH_FIELDS(struct get_req, get_fields), artifacts_get,
                  "A range of a file; fetched from another node first where it is not here.",
                  .doc = "Answers bytes, none behind the end of the file; 503 `fetching` with "
                         "Retry-After while it is on its way.",
                  .timeout_ms = GET_ROUTE_MS),
    RH_ROUTE("DELETE", "/artifacts/data", RH_OPERATOR, 0, RH_FIELDS(struct one_req, one_fields),
             artifacts_delete, "Remove a file from this node."),
    RH_ROUTE("POST", "/artifacts/pin", RH_OPERATOR, RH_IDEMPOTENT,
             RH_FIELDS(struct pin_req, pin_fields), artifacts_pin,
             "Keep a file on this node whatever room is wanted, or no longer."),
    RH_ROUTE("POST", "/artifacts/verify", RH_OPERATOR, RH_IDEMPOTENT,
             RH_FIELDS(struct verify_req, verify_fields), artifacts_verify,
             "Hash files of this node again and remove those that are damaged; GET tells how far."),
    RH_ROUTE("GET", "/artifacts/verify", RH_READ, RH_IDEMPOTENT, RH_NO_FIELDS, artifacts_verified,
             "How many files wait to be hashed again, those found damaged, and those that could "
             "not be read."),
    RH_ROUTE("GET", "/artifacts/stat", RH_READ, RH_IDEMPOTENT,
             RH_FIELDS(struct one_req, one_fields), artifacts_stat,
             "Size of a file on this node, and how much of it is here."),
    RH_ROUTE("GET", "/artifacts/list", RH_READ, RH_IDEMPOTENT,
             RH_FIELDS(struct list_req, list_fields), artifacts_list,
             "Files of this node, and the room that they take."),
    RH_ROUTE_WITH("GET", "/artifacts/where", RH_READ, RH_IDEMPOTENT,
                  RH_FIELDS(struct one_req, one_fields), artifacts_where,
                  "Which nodes hold a file.", .timeout_ms = GET_ROUTE_MS),
    RH_ROUTE("GET", "/artifacts/held", RH_PEER, RH_IDEMPOTENT,
             RH_FIELDS(struct one_req, one_fields), artifacts_held,
             "Whether this node holds a file."),
    RH_ROUTE("POST", "/artifacts/doubt", RH_PEER, RH_IDEMPOTENT,
             RH_FIELDS(struct one_req, one_fields), artifacts_doubt,
             "Wrong bytes of a file came from here: this node hashes its own again."),
    RH_ROUTE_WITH("GET", "/artifacts/piece", RH_PEER, RH_IDEMPOTENT,
                  RH_FIELDS(struct get_req, get_fields), artifacts_piece,
                  "A range of a file that this node holds.", .timeout_ms = GET_ROUTE_MS),
};

static const struct rh_field config_fields[] = {
    RH_SIZE(struct artifacts_config, bytes_max, "10GiB", 1, INT64_C(1) << 50,
            "of all files of this node"),
    RH_INT(struct artifacts_config, files_max, 10000, 1, 50000, "files of this node"),
    RH_DURATION(struct artifacts_config, idle_min, "60s", 0, INT64_C(86400000),
                "a file used since then is not removed for room"),
    RH_DURATION(struct artifacts_config, own_keep, "0s", 0, INT64_C(31536000000),
                "a file that was put here and is unused for so long may be removed for room as "
                "copies may; 0s = never"),
    RH_DURATION(struct artifacts_config, upload_idle, "10m", 1000, INT64_C(86400000),
                "an upload that nobody goes on with is given up after that"),
    RH_DURATION(struct artifacts_config, fetch_wait, "15s", 0, 25000,
                "how long a request waits for a file that is on its way here"),
    RH_DURATION(struct artifacts_config, loop_artifacts, "60s", 0, INT64_C(86400000),
                "from the end of one run to the next; 0s = the loop does not run"),
};

static const struct rh_namespace namespaces[] = {
    {.size = (uint32_t)sizeof(struct rh_namespace),
     .name = ARTIFACTS_NAMESPACE,
     .schema_read_min = 1,
     .schema_write = 1},
};

static const struct rh_loop loops[] = {
    {.size = (uint32_t)sizeof(struct rh_loop),
     .name = "artifacts",
     .doc = "Removes what is too much, gives up idle uploads, writes times of use.",
     .interval_ms = 60000,
     .jitter_ms = 5000,
     .run = artifacts_loop},
};

int64_t artifacts_now(const struct artifacts *p)
{
    return p->rh.core->now_ms(p->rh.ctx);
}

int64_t artifacts_wall(const struct artifacts *p)
{
    return p->rh.core->wall_ms(p->rh.ctx);
}

uint64_t artifacts_id(struct artifacts *p)
{
    return ++p->last_id;
}

int32_t artifacts_digest(struct artifacts *p, struct rh_str text,
                         unsigned char digest[RH_SHA256_SIZE])
{
    return rh_sha256_parse(text, digest) == RH_OK
               ? RH_OK
               : rh_failf(&p->rh, RH_EINVAL, "\"sha256\" must be 64 hexadecimal digits");
}

void artifacts_count(struct artifacts *p, rh_handle metric, double amount)
{
    if (p->rh.metrics && metric)
        p->rh.metrics->add(p->rh.ctx, metric, amount);
}

void artifacts_gauges(struct artifacts *p)
{
    if (!p->rh.metrics)
        return;
    p->rh.metrics->set(p->rh.ctx, p->metrics.held_bytes, (double)p->catalog.bytes);
    p->rh.metrics->set(p->rh.ctx, p->metrics.held_files, rh_map_count(&p->catalog.files));
}

struct waiting *artifacts_wait(struct artifacts *p, rh_req req, const unsigned char *digest,
                               int64_t size_bytes)
{
    struct waiting *waiting;

    if (rh_map64_count(&p->waitings) >= ARTIFACTS_WAITINGS_MAX)
        return NULL;
    waiting = calloc(1, sizeof(*waiting));
    if (!waiting)
        return NULL;
    waiting->id = artifacts_id(p);
    waiting->req = req;
    waiting->size_bytes = size_bytes;
    memcpy(waiting->digest, digest, RH_SHA256_SIZE);
    if (rh_map64_put(&p->waitings, waiting->id, waiting, NULL) == RH_OK)
        return waiting;
    free(waiting);
    return NULL;
}

int32_t artifacts_answer_later(struct artifacts *p, rh_req req, const char *code,
                               const char *message)
{
    struct rh_error error = {.size = (uint32_t)sizeof(error),
                             .rc = RH_EAGAIN,
                             .retry_after_s = 1,
                             .code = code,
                             .message = message};

    return p->rh.http->reply_error(p->rh.ctx, req, &error);
}

static int32_t create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                      const void *config)
{
    struct artifacts *p = self;
    int32_t rc = RH_OK;

    rh_services_init(&p->rh, ctx, host);
    p->config = config;
    if (p->rh.file->size < sizeof(*p->rh.file))
        return rh_failf(&p->rh, RH_EUNSUPPORTED, "the host has no files off the loop");
#define X(name, kind, help)                                                                 \
    if (p->rh.metrics && rc == RH_OK)                                                       \
        rc = p->rh.metrics->metric(ctx, RH_METRIC_##kind, "artifacts_" #name, NULL, (help), \
                                   &p->metrics.name);
    ARTIFACTS_METRICS(X)
#undef X
    return rc;
}

static void free_each(struct rh_map64 *map)
{
    uint32_t cursor = 0;
    void *value = NULL;

    while (rh_map64_next(map, &cursor, NULL, &value))
        free(value);
    rh_map64_release(map);
}

static void deactivate(void *self)
{
    struct artifacts *p = self;

    if (p->is_active)
        artifacts_flush(p);
    p->is_active = false;
    free_each(&p->incomings);
    free_each(&p->asks);
    free_each(&p->fetches);
    free_each(&p->waitings);
    free_each(&p->removals);
    artifacts_checks_release(p);
    catalog_release(&p->catalog);
}

static void on_begun(void *self, void *user)
{
    (void)user;
    artifacts_tidy(self);
}

static int32_t activate(void *self, uint64_t epoch)
{
    struct artifacts *p = self;
    const struct artifacts_config *config = p->config;
    const struct catalog_limits limits = {
        .bytes_max = config->bytes_max,
        .files_max = config->files_max,
        .idle_min_ms = config->idle_min,
        .own_keep_ms = config->own_keep,
    };
    uint64_t seed = p->rh.core->random(p->rh.ctx);
    rh_handle timer;
    int32_t rc;

    (void)epoch; /* nothing here is the leader's */
    catalog_init(&p->catalog, seed, &limits);
    rh_map64_init(&p->incomings, seed, ARTIFACTS_INCOMING_MAX);
    rh_map64_init(&p->asks, seed, ARTIFACTS_ASKS_MAX);
    rh_map64_init(&p->fetches, seed, ARTIFACTS_FETCHES_MAX);
    rh_map64_init(&p->waitings, seed, ARTIFACTS_WAITINGS_MAX);
    rh_map64_init(&p->removals, seed, ARTIFACTS_REMOVALS_MAX);
    rc = artifacts_load(p);
    if (rc == RH_OK) /* when commits of this activation may begin */
        rc = p->rh.core->timer(p->rh.ctx, 0, on_begun, NULL, &timer);
    p->is_active = rc == RH_OK;
    if (rc != RH_OK)
        deactivate(p);
    return rc;
}

static int32_t reconfigure(void *self, const void *config)
{
    struct artifacts *p = self;

    p->config = config;
    return RH_OK;
}

static void destroy(void *self)
{
    struct artifacts *p = self;

    p->is_active = false; /* nothing can be written any more */
    deactivate(p);
}

static const char *const services[] = {RH_CORE_ID,  RH_FIELDS_ID,  RH_HTTP_ID,
                                       RH_STATE_ID, RH_CLUSTER_ID, RH_FILE_ID};
static const char *const services_optional[] = {RH_METRICS_ID};

static const struct rh_plugin descriptor = {
    RH_PLUGIN_HEAD(struct artifacts, "artifacts", "0.1.0"),
    .summary = "Files by SHA-256 on the nodes that need them.",
    .license = "Apache-2.0",
    RH_LIST_OF(services, service),
    .services_optional = services_optional,
    .service_optional_count = 1,
    .config = RH_FIELDS(struct artifacts_config, config_fields),
    RH_TABLE(namespaces, namespace),
    RH_TABLE(routes, route),
    RH_TABLE(loops, loop),
    .create = create,
    .activate = activate,
    .deactivate = deactivate,
    .reconfigure = reconfigure,
    .destroy = destroy,
};

RH_PLUGIN_ENTRY("artifacts", "0.1.0", descriptor)
