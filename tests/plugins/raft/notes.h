/* A replicated plugin for tests of whole nodes: POST /notes/put {key, value}, GET /notes/get?key=.
 */
#ifndef RH_TESTS_PLUGINS_RAFT_NOTES_H
#define RH_TESTS_PLUGINS_RAFT_NOTES_H

#include <ringhost/sdk/batch.h>
#include <ringhost/sdk/plugin.h>

struct notes_plugin {
    struct rh_services rh;
};

struct notes_put {
    struct rh_str key, value;
};
struct notes_get {
    struct rh_str key;
};
static const struct rh_field notes_put_fields[] = {
    RH_TEXT(struct notes_put, key, RH_REQUIRED, 64, "which"),
    RH_TEXT(struct notes_put, value, RH_REQUIRED, 200000, "what"),
};
static const struct rh_field notes_get_fields[] = {
    RH_TEXT(struct notes_get, key, RH_REQUIRED, 64, "which"),
};

static int32_t notes_handle_put(void *self, rh_req req, const void *fields)
{
    struct notes_plugin *p = self;
    const struct notes_put *put = fields;
    struct rh_batch_builder batch;
    int32_t rc;

    rh_batch_begin(&batch, "notes");
    rh_batch_put(&batch, put->key, put->value);
    rc = rh_batch_commit(&batch, &p->rh, NULL, NULL);
    return rc == RH_OK ? rh_reply_ok(&p->rh, req) : rc;
}

struct notes_waiting {
    rh_req req;
    char key[65];
};

static void notes_read(void *self, void *user, int32_t rc)
{
    struct notes_plugin *p = self;
    struct notes_waiting *waiting = user;
    struct rh_value value = {.size = (uint32_t)sizeof(value)};
    struct rh_json_reply reply;

    if (rc == RH_OK)
        rc = p->rh.state->get(p->rh.ctx, "notes", rh_str_from(waiting->key), &value);
    if (rc == RH_OK && value.found) {
        rh_json_reply_begin(&reply);
        rh_json_kv_int(&reply.w, "n", (int64_t)value.data.n);
        rh_json_kv_str(&reply.w, "value", value.data);
        (void)rh_json_reply_send(&reply, &p->rh, waiting->req, 200);
    } else {
        (void)rh_reply_errorf(&p->rh, waiting->req, rc == RH_OK ? RH_ENOTFOUND : rc, NULL, "none");
    }
    free(waiting);
}

static int32_t notes_handle_get(void *self, rh_req req, const void *fields)
{
    struct notes_plugin *p = self;
    const struct notes_get *get = fields;
    struct notes_waiting *waiting = calloc(1, sizeof(*waiting));
    int32_t rc;

    if (!waiting)
        return RH_ENOMEM;
    waiting->req = req;
    (void)rh_str_copy(waiting->key, sizeof(waiting->key), get->key); /* the table limits it */
    rc = p->rh.state->barrier(p->rh.ctx, notes_read, waiting);
    if (rc != RH_OK)
        free(waiting);
    return rc;
}

static const struct rh_route notes_routes[] = {
    RH_ROUTE("POST", "/notes/put", RH_WORKER, RH_IDEMPOTENT,
             RH_FIELDS(struct notes_put, notes_put_fields), notes_handle_put, "Keep a note."),
    RH_ROUTE("GET", "/notes/get", RH_READ, 0, RH_FIELDS(struct notes_get, notes_get_fields),
             notes_handle_get, "Read a note."),
};
static const struct rh_namespace notes_namespaces[] = {
    {.size = sizeof(struct rh_namespace),
     .flags = RH_NS_REPLICATED,
     .name = "notes",
     .schema_read_min = 1,
     .schema_write = 1},
};
static const char *const notes_services[] = {RH_CORE_ID, RH_HTTP_ID, RH_STATE_ID};

static int32_t notes_create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                            const void *config)
{
    struct notes_plugin *p = self;

    (void)config;
    rh_services_init(&p->rh, ctx, host);
    return RH_OK;
}

static const struct rh_plugin notes_descriptor = {
    .size = sizeof(notes_descriptor),
    .abi_major = RH_ABI_MAJOR,
    .abi_minor = RH_ABI_MINOR,
    .min_host_minor = RH_ABI_MINOR,
    .instance_size = sizeof(struct notes_plugin),
    .id = "notes",
    .version = "0.1.0",
    .summary = "Notes for tests.",
    .license = "Apache-2.0",
    .build_id = "",
    RH_LIST_OF(notes_services, service),
    RH_TABLE(notes_namespaces, namespace),
    RH_TABLE(notes_routes, route),
    .create = notes_create,
};

#endif
