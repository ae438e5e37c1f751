/* A host for tests of wiring helpers: service tables that remember what they were given; one per
 * program. */
#ifndef RH_TESTS_PLUGIN_API_SRC_FAKE_HOST_H
#define RH_TESTS_PLUGIN_API_SRC_FAKE_HOST_H

#include "sdk_test.h"

#include <ringhost/sdk/batch.h>

struct fake_op {
    uint32_t op;
    char key[64];
    char value[64];
    uint64_t version;
};

/* What the last call of each service was. */
static struct {
    char service_asked[512];
    char text[1024];
    char field[256];
    char event[64];
    uint32_t level;
    int32_t rc;
    uint32_t status;
    char body[2048];
    char code[64];
    uint32_t reply_count;
    uint32_t early_count; /* of them */
    uint32_t error_count;
    uint32_t commit_count;
    uint32_t op_count;
    struct fake_op ops[8];
    uint32_t event_count;
    char event_types[4][64];
    char payloads[4][1024];
    char sources[4][64]; /* "" = none given */
    uint32_t flags;
    char name_space[64];
    int32_t commit_rc;
    char published_type[64];
    char published[1024];
    struct rh_str caller_node; /* who asks, for the next request */
    int32_t request_rc;
    char noted_loop[64];
    char noted[16384];
    struct rh_call call; /* the last one; texts are borrowed */
    char call_body[1024];
} fake;

static inline void fake_text(char *dst, size_t size, struct rh_str s)
{
    assert_int_equal(rh_str_copy(dst, size, s), RH_OK);
}

static void fake_log(struct rh_ctx *ctx, uint32_t level, const char *event, const char *text)
{
    (void)ctx;
    fake.level = level;
    fake_text(fake.event, sizeof(fake.event), rh_str_from(event));
    fake_text(fake.text, sizeof(fake.text), rh_str_from(text));
}

static int32_t fake_fail(struct rh_ctx *ctx, int32_t rc, const char *text)
{
    (void)ctx;
    fake.rc = rc;
    fake_text(fake.text, sizeof(fake.text), rh_str_from(text));
    return rc;
}

static int32_t fake_fail_field(struct rh_ctx *ctx, int32_t rc, const char *field, const char *text)
{
    fake_text(fake.field, sizeof(fake.field), rh_str_from(field));
    return fake_fail(ctx, rc, text);
}

static int32_t fake_request(struct rh_ctx *ctx, rh_req req, struct rh_request *out)
{
    (void)ctx;
    (void)req;
    out->node_id = fake.caller_node;
    return fake.request_rc;
}

static int32_t fake_reply(struct rh_ctx *ctx, rh_req req, uint32_t status, struct rh_str body)
{
    (void)ctx;
    (void)req;
    fake.status = status;
    fake.reply_count++;
    fake_text(fake.body, sizeof(fake.body), body);
    return RH_OK;
}

static int32_t fake_reply_early(struct rh_ctx *ctx, rh_req req, uint32_t status, struct rh_str body)
{
    fake.early_count++;
    return fake_reply(ctx, req, status, body);
}

static int32_t fake_reply_error(struct rh_ctx *ctx, rh_req req, const struct rh_error *error)
{
    (void)ctx;
    (void)req;
    fake.rc = error->rc;
    fake.error_count++;
    fake_text(fake.code, sizeof(fake.code), rh_str_from(error->code));
    fake_text(fake.text, sizeof(fake.text),
              rh_str_from(error->message ? error->message : "(default)"));
    return RH_OK;
}

static int32_t fake_commit(struct rh_ctx *ctx, const struct rh_batch *batch,
                           void (*cb)(void *self, void *user, int32_t rc, uint64_t revision),
                           void *user)
{
    (void)ctx;
    (void)cb;
    (void)user;
    fake.commit_count++;
    fake.flags = batch->flags;
    fake.op_count = batch->op_count;
    fake.event_count = batch->event_count;
    fake_text(fake.name_space, sizeof(fake.name_space), rh_str_from(batch->name_space));
    for (uint32_t i = 0; i < batch->op_count && i < 8; i++) {
        const struct rh_op *op =
            (const void *)((const char *)batch->ops + (size_t)i * batch->op_stride);

        fake.ops[i].op = op->op;
        fake.ops[i].version = op->version;
        fake_text(fake.ops[i].key, sizeof(fake.ops[i].key), op->key);
        fake_text(fake.ops[i].value, sizeof(fake.ops[i].value), op->value);
    }
    for (uint32_t i = 0; i < batch->event_count && i < 4; i++) {
        const struct rh_batch_event *event =
            (const void *)((const char *)batch->events + (size_t)i * batch->event_stride);

        fake_text(fake.event_types[i], sizeof(fake.event_types[i]), rh_str_from(event->type));
        fake_text(fake.payloads[i], sizeof(fake.payloads[i]), event->payload);
        fake_text(fake.sources[i], sizeof(fake.sources[i]),
                  rh_str_from(event->source ? event->source : ""));
    }
    return fake.commit_rc;
}

static int32_t fake_publish(struct rh_ctx *ctx, const char *type, struct rh_str payload,
                            const char *source)
{
    (void)ctx;
    (void)source;
    fake_text(fake.published_type, sizeof(fake.published_type), rh_str_from(type));
    fake_text(fake.published, sizeof(fake.published), payload);
    return RH_OK;
}

static int32_t fake_warn(struct rh_ctx *ctx, const char *name, const char *reason)
{
    (void)ctx;
    fake_text(fake.event, sizeof(fake.event), rh_str_from(name));
    fake_text(fake.text, sizeof(fake.text), rh_str_from(reason ? reason : "(taken back)"));
    return RH_OK;
}

static int32_t fake_note(struct rh_ctx *ctx, const char *loop, struct rh_str actions)
{
    (void)ctx;
    fake_text(fake.noted_loop, sizeof(fake.noted_loop), rh_str_from(loop));
    fake_text(fake.noted, sizeof(fake.noted), actions);
    return RH_OK;
}

static const struct rh_core_v1 fake_core = {.size = sizeof(fake_core),
                                            .log = fake_log,
                                            .fail = fake_fail,
                                            .warn = fake_warn,
                                            .note = fake_note,
                                            .fail_field = fake_fail_field};
static int32_t fake_call(struct rh_ctx *ctx, const struct rh_call *call,
                         void (*cb)(void *self, void *user, const struct rh_reply *reply),
                         void *user, rh_handle *id)
{
    (void)ctx;
    (void)cb;
    (void)user;
    (void)id;
    fake.call = *call;
    fake_text(fake.call_body, sizeof(fake.call_body), call->body);
    return RH_OK;
}
static const struct rh_http_v1 fake_http = {
    .size = sizeof(fake_http),
    .call = fake_call,
    .request = fake_request,
    .reply = fake_reply,
    .reply_error = fake_reply_error,
    .reply_early = fake_reply_early,
};
static const struct rh_state_v1 fake_state = {.size = sizeof(fake_state), .commit = fake_commit};
static const struct rh_events_v1 fake_events = {.size = sizeof(fake_events),
                                                .publish = fake_publish};

static const void *fake_service(struct rh_ctx *ctx, const char *id)
{
    size_t used = strlen(fake.service_asked);

    (void)ctx;
    (void)snprintf(fake.service_asked + used, sizeof(fake.service_asked) - used, "%s ", id);
    if (strcmp(id, RH_CORE_ID) == 0)
        return &fake_core;
    if (strcmp(id, RH_HTTP_ID) == 0)
        return &fake_http;
    if (strcmp(id, RH_STATE_ID) == 0)
        return &fake_state;
    if (strcmp(id, RH_EVENTS_ID) == 0)
        return &fake_events;
    return NULL;
}

/* Forgets everything and gives services anew. */
static inline struct rh_services fake_host(void)
{
    static const struct rh_host host = {.size = sizeof(host), .service = fake_service};
    struct rh_services rh;

    memset(&fake, 0, sizeof(fake));
    rh_services_init(&rh, (struct rh_ctx *)(void *)&fake, &host);
    return rh;
}

#endif
