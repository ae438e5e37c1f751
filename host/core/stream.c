/* Streamed answers of plugins; see stream.h. */
#include "host/core/stream.h"

#include <assert.h>
#include <stdlib.h>

#include <ringhost/sdk/error.h>

#include "host/core/core_internal.h"

#define DRAIN_POLL_MS 20

/* What the plugin has said while the head waits. */
struct stream_held {
    uint32_t status;
    char content_type[64];
    struct rh_buf data;
    bool is_ended;
};

void stream_held_free(struct stream_held *held)
{
    if (held)
        rh_buf_release(&held->data);
    free(held);
}

static int32_t begin_now(struct request *req, uint32_t status, const char *content_type)
{
    struct core *core = req->core;
    const struct http_outreply head = {.status = status,
                                       .content_type = content_type,
                                       .node_id = rh_str_from(core->setup->node_id),
                                       .request_id = req->request_id};

    return core->driver.ops->stream_begin(core->driver.ctx, req->exchange, &head);
}

static int32_t begin_later(struct request *req, uint32_t status, const char *content_type)
{
    struct stream_held *held = calloc(1, sizeof *held);

    if (!held)
        return RH_ENOMEM;
    if (reply_hold_stream(req) != RH_OK) {
        free(held);
        return RH_ENOMEM;
    }
    held->status = status;
    text_set(held->content_type, sizeof held->content_type, "%s",
             content_type); /* ours are short */
    rh_buf_init(&held->data, STREAM_PENDING_MAX * 2);
    req->held_stream = held;
    req->state = REQ_HEAD_HELD;
    return RH_OK;
}

int32_t stream_begin(struct request *req, uint32_t status, const char *content_type,
                     void (*on_drain)(void *self, void *user), void *user)
{
    int32_t rc;

    assert(req->state == REQ_OPEN);
    if (reply_must_wait(req)) {
        rc = begin_later(req, status, content_type);
    } else {
        rc = begin_now(req, status, content_type);
        if (rc == RH_OK)
            req->state = REQ_STREAMING;
    }
    if (rc != RH_OK)
        return rc;
    req->drain_cb = on_drain;
    req->drain_user = user;
    timers_stop(&req->core->timers, &req->deadline);
    return RH_OK;
}

/* There was too much waiting: look again until there is room. */
static void drain_look(void *arg)
{
    struct request *req = arg;
    struct core *core = req->core;
    struct rh_ctx *plugin = req->plugin;
    uint64_t pending = 0;

    if (core->driver.ops->stream_write(core->driver.ctx, req->exchange, (struct rh_str){"", 0},
                                       &pending) != RH_OK)
        return; /* gone; core_on_gone comes */
    if (pending > STREAM_PENDING_MAX / 2) {
        (void)timers_start(&core->timers, &req->deadline, core->now_ms + DRAIN_POLL_MS, drain_look,
                           req);
        return;
    }
    req->wants_drain = false;
    plugin_enter(plugin, "drain");
    req->drain_cb(plugin->self, req->drain_user);
    plugin_leave(plugin, "drain");
}

/* Nothing is sent yet, so nothing drains before the head has left. */
static int32_t write_later(struct request *req, struct rh_str data)
{
    struct rh_buf *waiting = &req->held_stream->data;

    if (waiting->n > 0 && waiting->n + data.n > STREAM_PENDING_MAX) {
        req->wants_drain = req->drain_cb != NULL;
        return RH_EAGAIN;
    }
    return rh_buf_append_str(waiting, data);
}

int32_t stream_write(struct request *req, struct rh_str data)
{
    struct core *core = req->core;
    uint64_t pending = 0;
    int32_t rc;

    if (req->state == REQ_HEAD_HELD)
        return write_later(req, data);
    rc = core->driver.ops->stream_write(core->driver.ctx, req->exchange, (struct rh_str){"", 0},
                                        &pending);
    if (rc == RH_OK && pending + data.n > STREAM_PENDING_MAX && pending > 0) {
        if (req->drain_cb && !req->wants_drain) {
            req->wants_drain = true;
            (void)timers_start(&core->timers, &req->deadline, core->now_ms + DRAIN_POLL_MS,
                               drain_look, req);
        }
        return RH_EAGAIN;
    }
    return rc != RH_OK
               ? rc
               : core->driver.ops->stream_write(core->driver.ctx, req->exchange, data, &pending);
}

int32_t stream_end(struct request *req)
{
    int32_t rc;

    if (req->state == REQ_HEAD_HELD) {
        req->held_stream->is_ended = true;
        req->state = REQ_HELD;
        return RH_OK;
    }
    rc = req->core->driver.ops->stream_end(req->core->driver.ctx, req->exchange);
    request_free(req);
    return rc;
}

void stream_cut(struct request *req)
{
    (void)stream_end(req); /* the client may be gone */
}

/* Send what has waited. RH_OK, or why nothing can be streamed. */
static int32_t flush(struct request *req, const struct stream_held *held)
{
    struct core *core = req->core;
    uint64_t pending = 0;
    int32_t rc = begin_now(req, held->status, held->content_type);

    if (rc == RH_OK && held->data.n > 0)
        (void)core->driver.ops->stream_write(core->driver.ctx, req->exchange,
                                             rh_buf_str(&held->data),
                                             &pending); /* gone: core_on_gone comes */
    return rc;
}

/* The error takes the place of the stream; a plugin that is still writing is told. */
static void fail(struct request *req, int32_t rc)
{
    struct core *core = req->core;
    const uint64_t id = req->id;

    if (req->state == REQ_HEAD_HELD)
        request_tell_gone(req);
    req = rh_map64_get(&core->requests, id);
    if (req)
        reply_rc(req, rc, NULL, "%s: %s", req->plugin->id, rh_error_text(rc));
}

void stream_release(struct request *req, int32_t rc)
{
    struct stream_held *held = req->held_stream;
    struct core *core = req->core;

    assert(held);
    if (rc == RH_OK)
        rc = flush(req, held);
    if (rc != RH_OK) {
        fail(req, rc);
        return;
    }
    req->state = REQ_STREAMING;
    if (held->is_ended) {
        stream_cut(req);
        return;
    }
    req->held_stream = NULL;
    stream_held_free(held);
    if (req->wants_drain)
        (void)timers_start(&core->timers, &req->deadline, core->now_ms + DRAIN_POLL_MS, drain_look,
                           req); /* TIMERS_MAX is far */
}
