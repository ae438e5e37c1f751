/* A plugin for tests: a route that calls another node as any plugin does, one that sends back what
 * it got, and one that tells who has called. */
#ifndef RH_TESTS_PLUGINS_RELAY_CALLER_H
#define RH_TESTS_PLUGINS_RELAY_CALLER_H

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/plugin.h>

#define CALLER_BODY_MAX (16u * 1024u * 1024u)

struct caller {
    struct rh_services rh;
    uint32_t echoes;
    uint32_t scope_mask;
    char node_id[80], via[80], name[80];
};

struct caller_ask {
    struct rh_str target, path;
    int64_t bytes, timeout_ms, epoch;
};
static const struct rh_field caller_ask_fields[] = {
    RH_STR(struct caller_ask, target, RH_REQUIRED, "whom to call"),
    RH_STR(struct caller_ask, path, 0, "which route; none = /caller/echo"),
    RH_INT(struct caller_ask, bytes, 0, 0, CALLER_BODY_MAX, "how much to send"),
    RH_INT(struct caller_ask, timeout_ms, 0, 0, 100000, "how long to wait; 0 = as usual"),
    RH_INT(struct caller_ask, epoch, 0, 0, 1000, "of a leader's act; 0 = none"),
};

struct caller_context {
    rh_req req;
    char *body;
    size_t n;
};

static void caller_on_reply(void *self, void *user, const struct rh_reply *reply)
{
    struct caller *c = self;
    struct caller_context *context = user;
    struct rh_json_reply out;

    rh_json_reply_begin(&out);
    rh_json_kv_int(&out.w, "rc", reply->rc);
    rh_json_kv_int(&out.w, "status", reply->status);
    rh_json_kv_str(&out.w, "node", reply->node_id);
    rh_json_kv_str(&out.w, "type", reply->content_type);
    rh_json_kv_str(&out.w, "code", reply->error_code);
    rh_json_kv_str(&out.w, "message", reply->message);
    rh_json_kv_int(&out.w, "bytes", (int64_t)reply->body.n);
    rh_json_kv_bool(&out.w, "same",
                    reply->body.n == context->n &&
                        (context->n == 0 || memcmp(reply->body.p, context->body, context->n) == 0));
    (void)rh_json_reply_send(&out, &c->rh, context->req, 200); /* the test may have gone on */
    free(context->body);
    free(context);
}

static int32_t caller_handle_call(void *self, rh_req req, const void *fields)
{
    struct caller *c = self;
    const struct caller_ask *ask = fields;
    struct caller_context *context = calloc(1, sizeof(*context));
    char target[80];
    char path[512];
    int32_t rc;
    struct rh_call call = {.size = (uint32_t)sizeof(call),
                           .target = target,
                           .method = "POST",
                           .path = ask->path.n > 0 ? path : "/caller/echo",
                           .content_type = "application/octet-stream",
                           .timeout_ms = ask->timeout_ms,
                           .epoch = (uint64_t)ask->epoch};

    context->req = req;
    context->n = (size_t)ask->bytes;
    context->body = malloc(context->n + 1);
    for (size_t i = 0; i < context->n; i++)
        context->body[i] = (char)(i * 31 + (i >> 12));
    call.body = (struct rh_str){context->body, context->n};
    rc = rh_str_copy(target, sizeof(target), ask->target);
    if (rc == RH_OK)
        rc = rh_str_copy(path, sizeof(path), ask->path);
    return rc == RH_OK ? c->rh.http->call(c->rh.ctx, &call, caller_on_reply, context, NULL) : rc;
}

static int32_t caller_handle_echo(void *self, rh_req req, const void *fields)
{
    struct caller *c = self;
    struct rh_request request = {.size = (uint32_t)sizeof(request)};
    int32_t rc = c->rh.http->request(c->rh.ctx, req, &request);

    (void)fields;
    if (rc != RH_OK)
        return rc;
    c->echoes++;
    c->scope_mask = request.scope_mask;
    (void)rh_str_copy(c->node_id, sizeof(c->node_id), request.node_id); /* they fit */
    (void)rh_str_copy(c->via, sizeof(c->via), request.via);
    (void)rh_str_copy(c->name, sizeof(c->name), request.caller);
    return c->rh.http->reply_typed(c->rh.ctx, req, 201, "application/x-echo", request.body);
}

static int32_t caller_handle_admin(void *self, rh_req req, const void *fields)
{
    struct caller *c = self;

    (void)fields;
    c->echoes++;
    return rh_reply_ok(&c->rh, req);
}

static int32_t caller_handle_seen(void *self, rh_req req, const void *fields)
{
    struct caller *c = self;
    struct rh_json_reply out;

    (void)fields;
    rh_json_reply_begin(&out);
    rh_json_kv_int(&out.w, "echoes", c->echoes);
    rh_json_kv_int(&out.w, "scopes", c->scope_mask);
    rh_json_kv_strc(&out.w, "node", c->node_id);
    rh_json_kv_strc(&out.w, "via", c->via);
    rh_json_kv_strc(&out.w, "name", c->name);
    return rh_json_reply_send(&out, &c->rh, req, 200);
}

/* Never answers. */
static int32_t caller_handle_silence(void *self, rh_req req, const void *fields)
{
    struct caller *c = self;

    (void)req;
    (void)fields;
    c->echoes++;
    return RH_OK;
}

static int32_t caller_create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                             const void *config)
{
    struct caller *c = self;

    (void)config;
    rh_services_init(&c->rh, ctx, host);
    return RH_OK;
}

static const struct rh_route caller_routes[] = {
    RH_ROUTE_WITH("POST", "/caller/call", RH_READ, 0,
                  RH_FIELDS(struct caller_ask, caller_ask_fields), caller_handle_call,
                  "Calls a node.", .timeout_ms = 110000),
    RH_ROUTE_WITH("POST", "/caller/echo", RH_PEER, RH_RAW_BODY, RH_NO_FIELDS, caller_handle_echo,
                  "Sends the body back.", .body_max = CALLER_BODY_MAX),
    RH_ROUTE("POST", "/caller/admin", RH_ADMIN, RH_RAW_BODY, RH_NO_FIELDS, caller_handle_admin,
             "For admins."),
    RH_ROUTE_WITH("POST", "/caller/silence", RH_PEER, RH_RAW_BODY, RH_NO_FIELDS,
                  caller_handle_silence, "Never answers.", .timeout_ms = 60000),
    RH_ROUTE("GET", "/caller/seen", RH_READ, 0, RH_NO_FIELDS, caller_handle_seen,
             "Who has called."),
};
static const char *const caller_services[] = {RH_CORE_ID, RH_HTTP_ID};
static const struct rh_plugin caller_plugin = {
    RH_PLUGIN_HEAD(struct caller, "caller", "1.0.0"),
    .summary = "Calls others, and answers.",
    .license = "Apache-2.0",
    .services = caller_services,
    .service_count = 2,
    RH_TABLE(caller_routes, route),
    .create = caller_create,
};

#endif
