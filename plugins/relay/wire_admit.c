/* What polls bring is run here, in the name of who asked, and the replies go back to the hub. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/error.h>

#include "wire.h"

/* A request that is being run, or a message of replies under way. */
struct run_context {
    uint32_t run;
    struct inbox_request *request;
};
struct reply_context {
    uint32_t run;
    char hub[FRAME_NODE_MAX + 1];
};

static void add_reply(struct relay_plugin *p, const struct inbox_request *r, uint32_t status,
                      uint32_t retry_after_s, struct rh_str type, struct rh_str body)
{
    struct relay_link *link = relay_link_of(p, r->hub);
    const struct backlog_reply reply = {.id = r->id,
                                        .status = status,
                                        .retry_after_s = retry_after_s,
                                        .node = rh_str_from(p->self),
                                        .content_type =
                                            type.n <= FRAME_TYPE_MAX ? type : RH_STR_LIT(""),
                                        .body = body,
                                        .deadline_ms = r->deadline_ms};

    if (!link || backlog_add(&link->backlog, &reply) != RH_OK) {
        p->stats.lost++;
        return; /* the hub answers for us when its time is over */
    }
    if (relay_now(p) >= link->replies_due_ms)
        relay_send_replies(p, link);
}

/* An error of this plugin in place of the route's answer. */
static void add_error(struct relay_plugin *p, const struct inbox_request *r, uint32_t status,
                      const char *code, const char *words)
{
    struct rh_json_writer w;
    struct rh_buf body;

    rh_buf_init(&body, 4096);
    rh_json_init(&w, &body);
    rh_json_begin_object(&w);
    rh_json_key(&w, "error");
    rh_json_begin_object(&w);
    rh_json_kv_strc(&w, "code", code);
    rh_json_kv_strc(&w, "message", words);
    rh_json_end_object(&w);
    rh_json_end_object(&w);
    if (rh_json_finish(&w) == RH_OK)
        add_reply(p, r, status, 0, RH_STR_LIT("application/json"), rh_buf_str(&body));
    rh_buf_release(&body);
}

static void on_done(void *self, void *user, const struct rh_reply *reply)
{
    struct relay_plugin *p = self;
    struct run_context *context = user;
    struct inbox_request *r = context->request;

    if (p->is_running && context->run == p->run) {
        if (reply->rc == RH_OK && reply->body.n <= FRAME_BODY_MAX)
            add_reply(p, r, reply->status, reply->retry_after_s, reply->content_type, reply->body);
        else
            add_error(p, r, (uint32_t)rh_error_http(reply->rc == RH_OK ? RH_ETOOLARGE : reply->rc),
                      rh_error_token(reply->rc == RH_OK ? RH_ETOOLARGE : reply->rc),
                      "the node has no answer that can be carried");
    }
    inbox_drop(&p->inbox, r);
    free(context);
    if (p->is_running)
        relay_settle(p);
}

static int32_t admit(struct relay_plugin *p, struct inbox_request *r)
{
    const int64_t left_ms = r->deadline_ms - relay_now(p);
    struct run_context *context;
    char number[24];
    struct rh_relayed request = {.size = (uint32_t)sizeof(request),
                                 .from = r->from,
                                 .hub = r->hub,
                                 .method = r->method,
                                 .path = r->path,
                                 .content_type = r->content_type[0] ? r->content_type : NULL,
                                 .body = r->body,
                                 .timeout_ms = left_ms,
                                 .epoch = r->fence};
    int32_t rc;

    if (left_ms <= 0)
        return RH_ETIMEOUT;
    (void)snprintf(number, sizeof(number), "%016" PRIx64, r->key); /* fits */
    request.request_id = rh_str_from(number);
    context = malloc(sizeof(*context));
    if (!context)
        return RH_ENOMEM;
    context->run = p->run;
    context->request = r;
    rc = p->reach->admit(p->rh.ctx, &request, on_done, context);
    if (rc != RH_OK)
        free(context);
    return rc;
}

static void run(struct relay_plugin *p, int32_t what, struct inbox_request *r)
{
    int32_t rc = RH_OK;

    if (what == INBOX_RUN)
        rc = admit(p, r);
    else if (what == INBOX_DUPLICATE)
        add_error(p, r, 409, "duplicate_request", "the request was taken before");
    else
        add_error(p, r, 503, "overloaded", "the node holds as many requests as it may");
    if (rc != RH_OK)
        add_error(p, r, (uint32_t)rh_error_http(rc), rh_error_token(rc), rh_error_text(rc));
    if (what != INBOX_RUN || rc != RH_OK)
        inbox_drop(&p->inbox, r);
}

int32_t relay_take_batch(struct relay_plugin *p, struct relay_link *link, struct rh_str bytes,
                         uint64_t *batch)
{
    const struct rh_str hub = rh_str_from(link->core.hub);
    struct frame frame;
    int32_t rc = frame_take(&bytes, &frame);

    if (rc == RH_OK && frame.kind != FRAME_BATCH)
        rc = RH_EPROTOCOL;
    if (rc == RH_OK)
        *batch = frame.id;
    while (rc == RH_OK && bytes.n > 0) {
        struct inbox_request *r = NULL;

        rc = frame_take(&bytes, &frame);
        if (rc != RH_OK)
            break;
        rc = inbox_take(&p->inbox, hub, &frame, relay_now(p), &r);
        if (rc < 0)
            break;
        if (rc != INBOX_MORE)
            run(p, rc, r);
        rc = RH_OK;
    }
    if (rc != RH_OK)
        rh_log_warn(&p->rh, "bad_batch", "hub=%s code=%" PRId32, link->core.hub, rc);
    return rc;
}

static void on_replied(void *self, void *user, const struct rh_reply *reply)
{
    struct relay_plugin *p = self;
    struct reply_context *context = user;
    struct relay_link *link = p->is_running && context->run == p->run
                                  ? relay_link_of(p, rh_str_from(context->hub))
                                  : NULL;
    const bool is_there = reply->rc == RH_OK && reply->status == 200;

    free(context);
    if (!link || !link->backlog.is_sending)
        return;
    backlog_confirm(&link->backlog, is_there);
    link->reply_failures = is_there ? 0 : link->reply_failures + 1;
    link->replies_due_ms = is_there ? 0
                                    : relay_now(p) + timing_rest_ms(link->reply_failures,
                                                                    p->rh.core->random(p->rh.ctx));
    relay_settle(p);
}

void relay_send_replies(struct relay_plugin *p, struct relay_link *link)
{
    struct reply_context *context;
    struct rh_call call = {.size = (uint32_t)sizeof(call),
                           .target = link->core.hub,
                           .method = "POST",
                           .path = "/relay/reply",
                           .content_type = "application/octet-stream",
                           .timeout_ms = RELAY_CALL_MS,
                           .flags = RH_CALL_DIRECT | RH_CALL_IDEMPOTENT};
    struct rh_buf body;

    if (link->backlog.is_sending || link->backlog.count == 0)
        return;
    context = malloc(sizeof(*context));
    rh_buf_init(&body, BACKLOG_MESSAGE_MAX);
    if (context && backlog_write(&link->backlog, &body)) {
        context->run = p->run;
        memcpy(context->hub, link->core.hub, sizeof(context->hub));
        call.body = rh_buf_str(&body);
        call.lane = body.n > FRAME_DATA_MAX ? RH_LANE_BULK : RH_LANE_NORMAL;
        if (body.rc == RH_OK &&
            p->rh.http->call(p->rh.ctx, &call, on_replied, context, NULL) == RH_OK) {
            context = NULL;
        } else {
            backlog_confirm(&link->backlog, false);
            link->replies_due_ms = relay_now(p) + TIMING_REST_MS;
        }
    }
    free(context);
    rh_buf_release(&body);
}
