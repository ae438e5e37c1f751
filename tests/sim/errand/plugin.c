/* A plugin of simulations: on request it calls another node, as any plugin does, and tells what
 * came back; who is called makes it known. Each call has a number of its own. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <ringhost/sdk/plugin.h>

#define ERRAND_CALL_MS 4000

struct errand {
    struct rh_services rh;
};
struct wire_call {
    struct rh_str target;
    int64_t bytes;
};
struct wire_run {
    uint64_t number;
    struct rh_str load;
};
static const struct rh_field call_fields[] = {
    RH_STR(struct wire_call, target, RH_REQUIRED, "whom to call"),
    RH_INT(struct wire_call, bytes, 0, 0, 500000, "how much to send along"),
};
static const struct rh_field run_fields[] = {
    RH_UINT64(struct wire_run, number, RH_REQUIRED, "of the call"),
    RH_TEXT(struct wire_run, load, 0, 500000, "what was sent along"),
};

struct context {
    rh_req req;
    uint64_t number;
};

static void on_reply(void *self, void *user, const struct rh_reply *reply)
{
    struct errand *e = self;
    struct context *context = user;
    struct rh_json_reply out;

    rh_json_reply_begin(&out);
    rh_json_kv_u64(&out.w, "number", context->number);
    rh_json_kv_int(&out.w, "rc", reply->rc);
    rh_json_kv_int(&out.w, "status", reply->status);
    rh_json_kv_str(&out.w, "node_id", reply->node_id);
    rh_json_kv_str(&out.w, "message", reply->message);
    (void)rh_json_reply_send(&out, &e->rh, context->req, 200); /* it may have gone */
    free(context);
}

static int32_t handle_call(void *self, rh_req req, const void *fields)
{
    struct errand *e = self;
    const struct wire_call *wire = fields;
    struct context *context = malloc(sizeof(*context));
    char *load = calloc(1, (size_t)wire->bytes + 1);
    struct rh_json_writer w;
    struct rh_buf body;
    char target[65];
    int32_t rc = context && load ? rh_str_copy(target, sizeof(target), wire->target) : RH_ENOMEM;
    struct rh_call call = {.size = (uint32_t)sizeof(call),
                           .target = target,
                           .method = "POST",
                           .path = "/errand/run",
                           .timeout_ms = ERRAND_CALL_MS};

    rh_buf_init(&body, 1u << 20);
    if (rc == RH_OK) {
        *context = (struct context){req, e->rh.core->random(e->rh.ctx)};
        for (int64_t i = 0; i < wire->bytes; i++)
            load[i] = 'x';
        rh_json_init(&w, &body);
        rh_json_begin_object(&w);
        rh_json_kv_u64(&w, "number", context->number);
        rh_json_kv_strc(&w, "load", load);
        rh_json_end_object(&w);
        rc = rh_json_finish(&w);
    }
    call.body = rh_buf_str(&body);
    if (rc == RH_OK)
        rc = e->rh.http->call(e->rh.ctx, &call, on_reply, context, NULL);
    if (rc != RH_OK)
        free(context);
    rh_buf_release(&body);
    free(load);
    return rc;
}

static int32_t handle_run(void *self, rh_req req, const void *fields)
{
    struct errand *e = self;
    const struct wire_run *wire = fields;
    struct rh_json_writer w;
    struct rh_buf payload;
    int32_t rc;

    rh_buf_init(&payload, 4096);
    rh_json_init(&w, &payload);
    rh_json_begin_object(&w);
    rh_json_kv_u64(&w, "number", wire->number);
    rh_json_end_object(&w);
    rc = rh_json_finish(&w);
    if (rc == RH_OK)
        rc = e->rh.events->publish(e->rh.ctx, "ERRAND_RUN", rh_buf_str(&payload), NULL);
    rh_buf_release(&payload);
    return rc == RH_OK ? rh_reply_ok(&e->rh, req) : rc;
}

static int32_t create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                      const void *config)
{
    struct errand *e = self;

    (void)config;
    rh_services_init(&e->rh, ctx, host);
    return RH_OK;
}

static const struct rh_route routes[] = {
    RH_ROUTE_WITH("POST", "/errand/call", RH_READ, 0, RH_FIELDS(struct wire_call, call_fields),
                  handle_call, "Call another node.", .timeout_ms = 8000),
    RH_ROUTE("POST", "/errand/run", RH_PEER, 0, RH_FIELDS(struct wire_run, run_fields), handle_run,
             "Make known that it was called."),
};
static const char *const services[] = {RH_CORE_ID, RH_HTTP_ID, RH_EVENTS_ID};
static const struct rh_plugin descriptor = {
    RH_PLUGIN_HEAD(struct errand, "errand", "0.1.0"),
    .summary = "Calls other nodes.",
    .license = "Apache-2.0",
    RH_LIST_OF(services, service),
    RH_TABLE(routes, route),
    .create = create,
};

RH_PLUGIN_ENTRY("errand", "0.1.0", descriptor)
