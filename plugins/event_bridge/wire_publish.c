/* POST /events/publish: events from outside, committed before they are acknowledged. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <ringhost/events.h>

#include "wire.h"

#define TYPE_SIZE   65u
#define SOURCE_SIZE 65u

/* A catalogue type carries what the catalogue says. */
static int32_t check_payload(struct bridge *p, const struct rh_event_def *def,
                             struct rh_str payload)
{
    char why[RH_TEXT_MAX];
    void *memory = NULL;
    void *out = calloc(1, def->payload.struct_size ? def->payload.struct_size : 1);
    int32_t rc;

    if (!out)
        return RH_ENOMEM;
    rc = p->rh.fields->decode(p->rh.ctx, &def->payload, payload, out, &memory, why, sizeof why);
    if (rc == RH_OK)
        p->rh.fields->release(p->rh.ctx, memory);
    free(out);
    return rc == RH_OK ? RH_OK : rh_failf(&p->rh, rc, "payload of %s: %s", def->type, why);
}

static bool is_type(struct rh_str type)
{
    if (type.n < 3 || type.n >= TYPE_SIZE || type.p[0] < 'A' || type.p[0] > 'Z')
        return false;
    for (size_t i = 0; i < type.n; i++) {
        const char c = type.p[i];

        if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'))
            return false;
    }
    return true;
}

static int32_t reply(struct bridge *p, rh_req req, const char *kind, uint64_t revision)
{
    struct rh_json_reply reply;

    rh_json_reply_begin(&reply);
    rh_json_kv_bool(&reply.w, "published", true);
    rh_json_kv_strc(&reply.w, "kind", kind);
    rh_json_key(&reply.w, "event_id");
    if (revision) {
        char id[64];

        (void)snprintf(id, sizeof id, BRIDGE_NAMESPACE ":%" PRIu64 ":0", revision);
        rh_json_string_c(&reply.w, id);
    } else {
        rh_json_null(&reply.w);
    }
    return rh_json_reply_send(&reply, &p->rh, req, 202);
}

static void on_committed(void *self, void *user, int32_t rc, uint64_t revision)
{
    struct bridge *p = self;
    const rh_req req = (uintptr_t)user;

    if (rc == RH_OK) {
        p->published++;
        (void)reply(p, req, "cluster", revision); /* gone: nobody waits */
    } else {
        (void)rh_reply_errorf(&p->rh, req, rc, NULL, "the event was not stored"); /* likewise */
    }
}

int32_t bridge_publish(struct bridge *p, rh_req req, const struct publish_req *fields)
{
    const struct rh_event_def *def = rh_event_find(fields->event_type);
    char type[TYPE_SIZE];
    char source[SOURCE_SIZE];
    struct rh_batch_event event = {
        .size = (uint32_t)sizeof event, .type = type, .payload = fields->payload, .source = source};
    const struct rh_batch batch = {.size = (uint32_t)sizeof batch,
                                   .name_space = BRIDGE_NAMESPACE,
                                   .events = &event,
                                   .event_count = 1,
                                   .event_stride = (uint32_t)sizeof event};
    int32_t rc = RH_OK;

    if (!is_type(fields->event_type) ||
        rh_str_copy(type, sizeof type, fields->event_type) != RH_OK ||
        rh_str_copy(source, sizeof source, fields->source) != RH_OK)
        return rh_failf(&p->rh, RH_EINVAL, "\"event_type\" must match [A-Z][A-Z0-9_]{2,63}");
    if (fields->payload.n > PUBLISH_BYTES_MAX)
        return rh_failf(&p->rh, RH_ETOOLARGE, "\"payload\" has %zu bytes, at most %u are taken",
                        fields->payload.n, PUBLISH_BYTES_MAX);
    if (def)
        rc = check_payload(p, def, fields->payload);
    if (rc != RH_OK)
        return rc;
    if (!throttle_take(&p->throttle, p->config->publish_rate, bridge_now(p))) {
        const struct rh_error error = {.size = (uint32_t)sizeof error,
                                       .rc = RH_EBUSY,
                                       .retry_after_s = 1,
                                       .code = "rate_limited",
                                       .message = "publish_rate events a second are taken"};

        return p->rh.http->reply_error(p->rh.ctx, req, &error);
    }
    if (!def || def->kind == RH_EVENT_CLUSTER)
        return p->rh.state->commit(p->rh.ctx, &batch, on_committed, (void *)(uintptr_t)req);
    rc = p->rh.events->publish(p->rh.ctx, type, fields->payload, source);
    if (rc != RH_OK)
        return rc;
    p->published++;
    return reply(p, req, "local", 0);
}
