/* Wiring helpers: fetches services, formats log and error lines, sends JSON replies; decides
 * nothing. */
#include <ringhost/sdk/plugin.h>

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

/* A JSON reply is built in memory; larger answers are streamed with begin, write and end. */
#define REPLY_BYTES_MAX (16u * 1024u * 1024u)

void rh_services_init(struct rh_services *rh, struct rh_ctx *ctx, const struct rh_host *host)
{
    assert(ctx);
    assert(host);
    *rh = (struct rh_services){
        .ctx = ctx,
        .core = host->service(ctx, RH_CORE_ID),
        .fields = host->service(ctx, RH_FIELDS_ID),
        .http = host->service(ctx, RH_HTTP_ID),
        .events = host->service(ctx, RH_EVENTS_ID),
        .state = host->service(ctx, RH_STATE_ID),
        .cluster = host->service(ctx, RH_CLUSTER_ID),
        .process = host->service(ctx, RH_PROCESS_ID),
        .file = host->service(ctx, RH_FILE_ID),
        .work = host->service(ctx, RH_WORK_ID),
        .metrics = host->service(ctx, RH_METRICS_ID),
        .control = host->service(ctx, RH_CONTROL_ID),
    };
}

/* A format that cannot be expanded still leaves its own text: a clumsy line is better than none. */
static void format_text(char text[RH_TEXT_MAX], const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

static void format_text(char text[RH_TEXT_MAX], const char *format, va_list args)
{
    if (vsnprintf(text, RH_TEXT_MAX, format, args) < 0)
        (void)rh_str_copy(text, RH_TEXT_MAX, rh_str_from(format)); /* too long leaves "" */
}

int32_t rh_failf(const struct rh_services *rh, int32_t rc, const char *format, ...)
{
    char text[RH_TEXT_MAX];
    va_list args;

    va_start(args, format);
    format_text(text, format, args);
    va_end(args);
    return rh->core->fail(rh->ctx, rc, text);
}

int32_t rh_fail_fieldf(const struct rh_services *rh, int32_t rc, const char *field,
                       const char *format, ...)
{
    bool is_known =
        rh->core->size >= offsetof(struct rh_core_v1, fail_field) + sizeof(rh->core->fail_field);
    char text[RH_TEXT_MAX];
    va_list args;

    va_start(args, format);
    format_text(text, format, args);
    va_end(args);
    if (is_known)
        return rh->core->fail_field(rh->ctx, rc, field, text);
    return field[0] ? rh_failf(rh, rc, "%s: %s", field, text) : rh_failf(rh, rc, "%s", text);
}

struct rh_field_path rh_field_path(const char *format, ...)
{
    struct rh_field_path path = {""};
    va_list args;

    va_start(args, format);
    (void)vsnprintf(path.text, sizeof path.text, format, args); /* cut: for people */
    va_end(args);
    return path;
}

void rh_logf(const struct rh_services *rh, uint32_t level, const char *event, const char *format,
             ...)
{
    char text[RH_TEXT_MAX];
    va_list args;

    va_start(args, format);
    format_text(text, format, args);
    va_end(args);
    rh->core->log(rh->ctx, level, event, text);
}

void rh_warnf(const struct rh_services *rh, const char *name, const char *format, ...)
{
    bool is_known = rh->core->size >= offsetof(struct rh_core_v1, warn) + sizeof(rh->core->warn);
    char text[RH_TEXT_MAX] = "";
    va_list args;

    if (!is_known)
        return;
    if (format) {
        va_start(args, format);
        format_text(text, format, args);
        va_end(args);
    }
    (void)rh->core->warn(rh->ctx, name,
                         format ? text : NULL); /* only a program can name it badly */
}

void rh_json_reply_begin(struct rh_json_reply *reply)
{
    rh_buf_init(&reply->buf, REPLY_BYTES_MAX);
    rh_json_init(&reply->w, &reply->buf);
    rh_json_begin_object(&reply->w);
}

typedef int32_t (*reply_fn)(struct rh_ctx *ctx, rh_req req, uint32_t status, struct rh_str body);

/* A body that could not be built is answered here, because a reply from a callback has no caller
 * who could. */
static int32_t send_by(struct rh_json_reply *reply, const struct rh_services *rh, rh_req req,
                       uint32_t status, reply_fn send)
{
    int32_t rc;

    rh_json_end_object(&reply->w);
    rc = rh_json_finish(&reply->w);
    if (rc == RH_OK) {
        rc = send(rh->ctx, req, status, rh_buf_str(&reply->buf));
    } else {
        const struct rh_error error = {.size = (uint32_t)sizeof(error), .rc = rc};

        (void)rh->http->reply_error(rh->ctx, req, &error); /* rc is already the worse news */
    }
    rh_buf_release(&reply->buf);
    return rc;
}

int32_t rh_json_reply_send(struct rh_json_reply *reply, const struct rh_services *rh, rh_req req,
                           uint32_t status)
{
    return send_by(reply, rh, req, status, rh->http->reply);
}

int32_t rh_json_reply_send_early(struct rh_json_reply *reply, const struct rh_services *rh,
                                 rh_req req, uint32_t status)
{
    bool is_known = rh->http->size >= offsetof(struct rh_http_v1, reply_early) + sizeof(reply_fn);

    return send_by(reply, rh, req, status, is_known ? rh->http->reply_early : rh->http->reply);
}

int32_t rh_reply_errorf(const struct rh_services *rh, rh_req req, int32_t rc, const char *code,
                        const char *format, ...)
{
    char text[RH_TEXT_MAX];
    struct rh_error error = {.size = (uint32_t)sizeof(error), .rc = rc, .code = code};
    va_list args;

    va_start(args, format);
    format_text(text, format, args);
    va_end(args);
    if (text[0])
        error.message = text;
    return rh->http->reply_error(rh->ctx, req, &error);
}

int32_t rh_check_speaker(const struct rh_services *rh, rh_req req, struct rh_str claimed)
{
    struct rh_request request = {.size = (uint32_t)sizeof(request)};
    int32_t rc = rh->http->request(rh->ctx, req, &request);

    if (rc != RH_OK)
        return rc;
    if (request.node_id.n && !rh_str_eq(request.node_id, claimed))
        return rh_failf(rh, RH_EFORBIDDEN, "%.*s may not speak for %.*s",
                        RH_STR_ARG(request.node_id), RH_STR_ARG(claimed));
    return RH_OK;
}

int32_t rh_reply_ok(const struct rh_services *rh, rh_req req)
{
    return rh->http->reply(rh->ctx, req, 200, RH_STR_LIT("{\"ok\":true}"));
}
