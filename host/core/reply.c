/* Answers: the error shape, replies that wait for the plugin's earlier commits, and their way out.
 */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/error.h>
#include <ringhost/sdk/json_writer.h>
#include <ringhost/sdk/str.h>

#include "host/core/core_internal.h"

#define ERROR_BODY_MAX    (64u * 1024u)
#define HTTP_SERVER_ERROR 500u /* the first status of that kind */

/* A finished answer that may not leave before commit `seq` is done. */
struct held_reply {
    struct held_reply *next;
    uint64_t request_id;
    uint64_t seq;
    int32_t rc;     /* a commit it waited for failed */
    bool is_stream; /* only the head; what it is stands with the request */
    uint32_t status;
    uint32_t retry_after_s;
    char content_type[64];
    size_t n;
    char body[];
};

int32_t error_body(struct rh_buf *buf, const struct rh_error *error)
{
    struct rh_json_writer w;

    rh_json_init(&w, buf);
    rh_json_begin_object(&w);
    rh_json_key(&w, "error");
    rh_json_begin_object(&w);
    rh_json_kv_strc(&w, "code", error->code ? error->code : rh_error_token(error->rc));
    rh_json_kv_strc(&w, "message", error->message ? error->message : rh_error_text(error->rc));
    if (error->field)
        rh_json_kv_strc(&w, "field", error->field);
    if (error->details.n > 0)
        rh_json_kv_raw(&w, "details", error->details);
    rh_json_end_object(&w);
    rh_json_end_object(&w);
    return rh_json_finish(&w);
}

/* Hand an answer to whoever asked: the driver, or the plugin behind a call to "self". Ends the
 * request. */
void reply_send(struct request *req, const struct http_outreply *reply)
{
    struct core *core = req->core;
    struct http_outreply out = *reply;

    out.node_id = out.node_id.n > 0 ? out.node_id : rh_str_from(core->setup->node_id);
    out.request_id = req->request_id;
    if (req->done) {
        struct http_result result = {
            .rc = RH_OK,
            .status = out.status,
            .retry_after_s = out.retry_after_s,
            .body = out.body,
            .node_id = out.node_id,
            .content_type = rh_str_from(out.content_type ? out.content_type : ""),
            .reason = "",
        };

        req->done(req->done_user, &result);
    } else {
        /* RH_ENOTFOUND: the client has gone; there is nobody to tell. */
        (void)core->driver.ops->reply(core->driver.ctx, req->exchange, &out);
    }
    request_free(req);
}

void reply_error(struct request *req, const struct rh_error *error)
{
    struct rh_buf buf;
    struct http_outreply out = {
        .status = error->status ? error->status : (uint32_t)rh_error_http(error->rc),
        .retry_after_s = error->retry_after_s,
        .content_type = "application/json",
    };

    rh_buf_init(&buf, ERROR_BODY_MAX);
    if (error_body(&buf, error) != RH_OK) {
        rh_buf_release(&buf);
        rh_buf_init(&buf, ERROR_BODY_MAX);
        (void)rh_buf_append_c(
            &buf, "{\"error\":{\"code\":\"internal\",\"message\":\"the error text is unfit\"}}");
    }
    out.body = rh_buf_str(&buf);
    reply_send(req, &out);
    rh_buf_release(&buf);
}

/* Seconds after which another try makes sense; 0 = says nothing. */
static uint32_t retry_after_of(int32_t rc)
{
    return rc == RH_ENOTLEADER || rc == RH_ELOADING || rc == RH_EELSEWHERE || rc == RH_EAGAIN ||
           rc == RH_EBUSY;
}

void reply_rc(struct request *req, int32_t rc, const char *code, const char *format, ...)
{
    char text[CORE_WHY_MAX];
    struct rh_error error = {
        .size = (uint32_t)sizeof error, .rc = rc, .code = code, .message = text};
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    error.retry_after_s = retry_after_of(rc);
    reply_error(req, &error);
}

/* The oldest commit that replies wait for; UINT64_MAX = none. */
static uint64_t oldest_commit(const struct rh_ctx *plugin)
{
    return plugin->commits_first ? commit_seq_of(plugin->commits_first) : UINT64_MAX;
}

void reply_now(struct request *req, uint32_t status, const char *content_type, struct rh_str body)
{
    struct http_outreply out = {.status = status, .content_type = content_type, .body = body};

    assert(req->state == REQ_OPEN);
    reply_send(req, &out);
}

bool reply_must_wait(const struct request *req)
{
    return req->plugin && oldest_commit(req->plugin) <= req->plugin->commit_seq;
}

/* Put an answer behind the commits that its plugin has under way. */
static void hold(struct request *req, struct held_reply *held)
{
    struct rh_ctx *plugin = req->plugin;

    held->request_id = req->id;
    held->seq = plugin->commit_seq;
    if (plugin->held_last)
        plugin->held_last->next = held;
    else
        plugin->held_first = held;
    plugin->held_last = held;
    req->state = REQ_HELD;
    timers_stop(&req->core->timers, &req->deadline);
}

int32_t reply_hold(struct request *req, uint32_t status, const char *content_type,
                   uint32_t retry_after_s, struct rh_str body)
{
    struct held_reply *held;
    struct http_outreply out = {
        .status = status,
        .retry_after_s = retry_after_s,
        .content_type = content_type,
        .body = body,
    };

    assert(req->state == REQ_OPEN);
    if (!reply_must_wait(req)) {
        reply_send(req, &out);
        return RH_OK;
    }
    held = malloc(sizeof *held + body.n);
    if (!held)
        return RH_ENOMEM;
    *held = (struct held_reply){.status = status, .retry_after_s = retry_after_s, .n = body.n};
    text_set(held->content_type, sizeof held->content_type, "%s",
             content_type); /* ours are short */
    if (body.n > 0)
        memcpy(held->body, body.p, body.n);
    hold(req, held);
    return RH_OK;
}

int32_t reply_hold_stream(struct request *req)
{
    struct held_reply *held = calloc(1, sizeof *held);

    if (!held)
        return RH_ENOMEM;
    held->is_stream = true;
    hold(req, held);
    return RH_OK;
}

int32_t reply_hold_error(struct request *req, const struct rh_error *error)
{
    struct rh_buf buf;
    int32_t rc;

    rh_buf_init(&buf, ERROR_BODY_MAX);
    rc = error_body(&buf, error);
    if (rc == RH_OK)
        rc = reply_hold(req, error->status ? error->status : (uint32_t)rh_error_http(error->rc),
                        "application/json", error->retry_after_s, rh_buf_str(&buf));
    rh_buf_release(&buf);
    return rc;
}

void reply_hold_rc(struct request *req, int32_t rc, const char *text)
{
    struct rh_error error = {
        .size = (uint32_t)sizeof error,
        .rc = rc,
        .retry_after_s = retry_after_of(rc),
        .message = text[0] ? text : NULL,
    };

    if (reply_hold_error(req, &error) != RH_OK)
        reply_error(req, &error); /* no memory, or no UTF-8: then at once, and in other words */
}

/* Send one held reply, or the error of the commit it waited for. */
static void held_send(struct rh_ctx *plugin, struct held_reply *held)
{
    struct request *req = rh_map64_get(&plugin->core->requests, held->request_id);
    struct http_outreply out = {
        .status = held->status,
        .retry_after_s = held->retry_after_s,
        .content_type = held->content_type,
        .body = {held->body, held->n},
    };

    if (!req)
        return; /* the client has gone */
    if (held->is_stream)
        stream_release(req, held->rc);
    else if (held->rc == RH_OK)
        reply_send(req, &out);
    else
        reply_rc(req, held->rc, NULL, "%s: %s", plugin->id, rh_error_text(held->rc));
}

void reply_release_held(struct rh_ctx *plugin)
{
    uint64_t oldest = oldest_commit(plugin);

    while (plugin->held_first && plugin->held_first->seq < oldest) {
        struct held_reply *held = plugin->held_first;

        plugin->held_first = held->next;
        if (!plugin->held_first)
            plugin->held_last = NULL;
        held_send(plugin, held);
        free(held);
    }
}

void reply_fail_held(struct rh_ctx *plugin, uint64_t seq, int32_t rc)
{
    /* A 5xx acknowledges nothing that the failed commit could take back, and may say more than its
     * error does: "unknown" must not become "not applied" because a later commit was not. */
    for (struct held_reply *held = plugin->held_first; held; held = held->next)
        if (held->seq >= seq && held->rc == RH_OK && held->status < HTTP_SERVER_ERROR)
            held->rc = rc;
}
