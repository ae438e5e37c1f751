/* A receiver that the tests command: a plugin of the test host that takes what is POSTed to it and
 * answers as it is told. */
#ifndef RH_TESTS_PLUGINS_EVENT_BRIDGE_RECEIVER_H
#define RH_TESTS_PLUGINS_EVENT_BRIDGE_RECEIVER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/batch.h>

#define RECEIVED_MAX 512u

/* What every instance sees; one test at a time. */
static struct {
    char bodies[RECEIVED_MAX][2048];
    uint32_t count;
    uint32_t fail_count; /* this many are answered with fail_status first */
    uint32_t fail_status;
    uint32_t failed;
    const char *fail_on; /* NULL = on all, else only where the body has this */
    uint32_t batches;    /* requests with several events */
    char batch[64];      /* name of the last one */
} received;

struct receiver {
    struct rh_services rh;
};

static int32_t handle_take(void *self, rh_req req, const void *fields)
{
    struct receiver *p = self;
    struct rh_request about = {.size = (uint32_t)sizeof about};
    char body[2048];
    int32_t rc = p->rh.http->request(p->rh.ctx, req, &about);

    (void)fields;
    if (rc == RH_OK)
        rc = rh_str_copy(body, sizeof body, about.body);
    if (rc != RH_OK)
        return rc;
    if (received.fail_count > 0 && (!received.fail_on || strstr(body, received.fail_on))) {
        received.fail_count--;
        received.failed++;
        return p->rh.http->reply(p->rh.ctx, req, received.fail_status, RH_STR_LIT("{}"));
    }
    if (received.count < RECEIVED_MAX)
        memcpy(received.bodies[received.count++], body, sizeof body);
    return rh_reply_ok(&p->rh, req);
}

/* A batch is taken event by event: a status for one of them (fail_on) is that of the whole, and
 * those before it count as taken. */
static uint32_t take_events(struct rh_str events)
{
    char text[2048];
    char *at = text;

    if (rh_str_copy(text, sizeof text, events) != RH_OK)
        return 413;
    while ((at = strstr(at, "{\"id\":")) != NULL) {
        char *end = strstr(at + 1, ",{\"id\":");

        if (end)
            *end = '\0';
        if (received.fail_count > 0 && (!received.fail_on || strstr(at, received.fail_on))) {
            received.fail_count--;
            received.failed++;
            return received.fail_status;
        }
        if (received.count < RECEIVED_MAX)
            (void)snprintf(received.bodies[received.count++], sizeof received.bodies[0], "%s", at);
        if (!end)
            break;
        at = end + 1;
    }
    return 204;
}

struct batch_req {
    struct rh_str batch, events;
};

static int32_t handle_batch(void *self, rh_req req, const void *fields)
{
    struct receiver *p = self;
    const struct batch_req *batch = fields;
    const uint32_t status = take_events(batch->events);

    received.batches++;
    (void)rh_str_copy(received.batch, sizeof received.batch, batch->batch); /* names are short */
    return p->rh.http->reply(p->rh.ctx, req, status, RH_STR_LIT("{}"));
}

static const struct rh_field batch_fields[] = {
    RH_STR(struct batch_req, batch, RH_REQUIRED, "name"),
    RH_RAW(struct batch_req, events, RH_REQUIRED, "array"),
};

struct take_req {
    struct rh_str id, type, kind, source, node_id, cluster_id, payload;
    int64_t at, position;
};

static const struct rh_field take_fields[] = {
    RH_STR(struct take_req, id, RH_REQUIRED, "id"),
    RH_STR(struct take_req, type, RH_REQUIRED, "type"),
    RH_STR(struct take_req, kind, RH_REQUIRED, "kind"),
    RH_STR(struct take_req, source, RH_REQUIRED, "source"),
    RH_STR(struct take_req, node_id, RH_REQUIRED, "node"),
    RH_STR(struct take_req, cluster_id, RH_REQUIRED, "cluster"),
    RH_INT_REQUIRED(struct take_req, at, 1, RH_JSON_INT_MAX, "when"),
    RH_INT_REQUIRED(struct take_req, position, 1, RH_JSON_INT_MAX, "place"),
    RH_RAW_OBJECT(struct take_req, payload, RH_REQUIRED, "what"),
};

/* A thousand events in one commit. */
static int32_t handle_flood(void *self, rh_req req, const void *fields)
{
    struct receiver *p = self;
    struct rh_batch_builder batch;
    int32_t rc;

    (void)fields;
    rh_batch_begin(&batch, "receiver");
    for (uint32_t i = 0; i < 1000; i++)
        rh_batch_event(&batch, "FLOOD", RH_STR_LIT("{}"));
    rc = rh_batch_commit(&batch, &p->rh, NULL, NULL);
    return rc == RH_OK ? rh_reply_ok(&p->rh, req) : rc;
}

static const struct rh_route receiver_routes[] = {
    RH_ROUTE("POST", "/take", RH_OPERATOR, 0, RH_FIELDS(struct take_req, take_fields), handle_take,
             "Take an event."),
    RH_ROUTE("POST", "/batch", RH_OPERATOR, 0, RH_FIELDS(struct batch_req, batch_fields),
             handle_batch, "Take some events."),
    RH_ROUTE("POST", "/flood", RH_OPERATOR, 0, RH_NO_FIELDS, handle_flood, "Many events."),
};

static const struct rh_namespace receiver_namespaces[] = {
    {.size = (uint32_t)sizeof(struct rh_namespace),
     .flags = RH_NS_REPLICATED | RH_NS_BESIDE,
     .name = "receiver",
     .schema_read_min = 1,
     .schema_write = 1},
};

static int32_t receiver_create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                               const void *config)
{
    struct receiver *p = self;

    (void)config;
    rh_services_init(&p->rh, ctx, host);
    return RH_OK;
}

static const char *const receiver_services[] = {RH_CORE_ID, RH_HTTP_ID, RH_STATE_ID};

static const struct rh_plugin receiver_plugin = {
    RH_PLUGIN_HEAD(struct receiver, "receiver", "0.1.0"),
    .summary = "Takes what is posted to it.",
    .license = "Apache-2.0",
    RH_LIST_OF(receiver_services, service),
    RH_TABLE(receiver_namespaces, namespace),
    RH_TABLE(receiver_routes, route),
    .create = receiver_create,
};

#endif
