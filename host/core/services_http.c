/* rh.http/1 as the host gives it: answers, streams and calls of a plugin. */
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/core/core_internal.h"

/* The plugin's own open request, or NULL. */
static struct request *own_request(struct rh_ctx *plugin, rh_req id)
{
    struct request *req = rh_map64_get(&plugin->core->requests, id);

    return req && req->plugin == plugin ? req : NULL;
}

static int32_t http_request(struct rh_ctx *plugin, rh_req id, struct rh_request *out)
{
    const struct request *req = own_request(plugin, id);

    services_check(plugin, "request");
    if (!req || req->state != REQ_OPEN)
        return RH_ENOTFOUND;
    *out = (struct rh_request){
        .size = (uint32_t)sizeof *out,
        .scope_mask = req->scope_mask,
        .method = req->method,
        .path = req->path,
        .query = req->query,
        .body = req->body,
        .request_id = req->request_id,
        .caller = req->caller,
        .node_id = req->node_id,
        .address = req->address,
        .via = req->via,
        .deadline_ms = req->deadline_ms,
    };
    return RH_OK;
}

/* Of a final answer. */
static bool is_status(uint32_t status)
{
    return status >= 200 && status <= 599;
}

static int32_t http_reply_typed(struct rh_ctx *plugin, rh_req id, uint32_t status,
                                const char *content_type, struct rh_str body)
{
    struct request *req = own_request(plugin, id);

    services_check(plugin, "reply");
    if (!req || req->state != REQ_OPEN) {
        plugin->replies_late++;
        return RH_ENOTFOUND;
    }
    if (!is_status(status))
        return RH_EINVAL;
    return reply_hold(req, status, content_type, 0, body);
}

static int32_t http_reply(struct rh_ctx *plugin, rh_req id, uint32_t status, struct rh_str body)
{
    return http_reply_typed(plugin, id, status, "application/json",
                            body.n > 0 ? body : RH_STR_LIT("{}"));
}

static int32_t http_reply_early(struct rh_ctx *plugin, rh_req id, uint32_t status,
                                struct rh_str body)
{
    struct request *req = own_request(plugin, id);

    services_check(plugin, "reply_early");
    if (!req || req->state != REQ_OPEN) {
        plugin->replies_late++;
        return RH_ENOTFOUND;
    }
    if (!is_status(status))
        return RH_EINVAL;
    reply_now(req, status, "application/json", body.n > 0 ? body : RH_STR_LIT("{}"));
    return RH_OK;
}

static int32_t http_reply_error(struct rh_ctx *plugin, rh_req id, const struct rh_error *error)
{
    struct request *req = own_request(plugin, id);
    struct rh_error known = {0};

    services_check(plugin, "reply_error");
    if (!req || req->state != REQ_OPEN) {
        plugin->replies_late++;
        return RH_ENOTFOUND;
    }
    memcpy(&known, error, error->size < sizeof known ? error->size : sizeof known);
    if (known.status == 0 && known.rc >= 0)
        return RH_EINVAL;
    if (known.status != 0 && !is_status(known.status))
        return RH_EINVAL;
    return reply_hold_error(req, &known);
}

static int32_t http_begin(struct rh_ctx *plugin, rh_req id, uint32_t status,
                          const char *content_type, void (*on_drain)(void *self, void *user),
                          void *user)
{
    struct request *req = own_request(plugin, id);

    services_check(plugin, "begin");
    if (!req || req->state != REQ_OPEN)
        return RH_ENOTFOUND;
    if (req->done)
        return RH_EUNSUPPORTED; /* a call to "self" takes whole answers only */
    if (!is_status(status))
        return RH_EINVAL;
    return stream_begin(req, status, content_type, on_drain, user);
}

/* The plugin's own request that is being streamed, or NULL. */
static struct request *own_stream(struct rh_ctx *plugin, rh_req id)
{
    struct request *req = own_request(plugin, id);

    return req && (req->state == REQ_STREAMING || req->state == REQ_HEAD_HELD) ? req : NULL;
}

static int32_t http_write(struct rh_ctx *plugin, rh_req id, struct rh_str data)
{
    struct request *req = own_stream(plugin, id);

    services_check(plugin, "write");
    return req ? stream_write(req, data) : RH_ENOTFOUND;
}

static int32_t http_end(struct rh_ctx *plugin, rh_req id)
{
    struct request *req = own_stream(plugin, id);

    services_check(plugin, "end");
    return req ? stream_end(req) : RH_ENOTFOUND;
}

static int32_t http_watch(struct rh_ctx *plugin, rh_req id,
                          void (*cb)(void *self, rh_req req, void *user), void *user)
{
    struct request *req = own_request(plugin, id);

    services_check(plugin, "watch");
    if (!req || req->state == REQ_HELD)
        return RH_ENOTFOUND;
    req->watch_cb = cb;
    req->watch_user = user;
    return RH_OK;
}

static int32_t http_call(struct rh_ctx *plugin, const struct rh_call *call,
                         void (*cb)(void *self, void *user, const struct rh_reply *reply),
                         void *user, rh_handle *id)
{
    struct rh_call known = {0};

    services_check(plugin, "call");
    memcpy(&known, call, call->size < sizeof known ? call->size : sizeof known);
    if (plugin->state >= PLUGIN_STOPPED || plugin->is_ending)
        return RH_ECANCELLED;
    if (plugin->call_count >= core_quota(plugin->setup->calls_max, PLUGIN_CALLS_MAX)) {
        plugin->over_quota++;
        return RH_EAGAIN;
    }
    return call_start(plugin->core, plugin, &known, cb, user, id);
}

static int32_t http_cancel(struct rh_ctx *plugin, rh_handle id)
{
    services_check(plugin, "cancel");
    return call_cancel(plugin->core, plugin, id);
}

static const struct rh_http_v1 http_service = {
    .size = (uint32_t)sizeof http_service,
    .request = http_request,
    .reply = http_reply,
    .reply_typed = http_reply_typed,
    .reply_error = http_reply_error,
    .begin = http_begin,
    .write = http_write,
    .end = http_end,
    .watch = http_watch,
    .call = http_call,
    .cancel = http_cancel,
    .reply_early = http_reply_early,
};

const void *services_http(void)
{
    return &http_service;
}
