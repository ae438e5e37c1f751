/* A receiver of events for simulations: it takes most, fails at some and refuses a few, by chance.
 * It keeps nothing: the checks look at the wire. */
#include <ringhost/sdk/plugin.h>

/* Of a hundred. */
#define FAILS   15u
#define REFUSES 3u

struct event_sink {
    struct rh_services rh;
};

static int32_t handle_take(void *self, rh_req req, const void *fields);

struct take_req {
    struct rh_str id, type, kind, source, node_id, cluster_id, payload;
    int64_t at, position;
};

static const struct rh_field take_fields[] = {
    RH_STR(struct take_req, id, RH_REQUIRED, "of the event"),
    RH_STR(struct take_req, type, RH_REQUIRED, "of the event"),
    RH_STR(struct take_req, kind, RH_REQUIRED, "cluster or local"),
    RH_STR(struct take_req, source, RH_REQUIRED, "who said so"),
    RH_STR(struct take_req, node_id, RH_REQUIRED, "where"),
    RH_STR(struct take_req, cluster_id, RH_REQUIRED, "of which cluster"),
    RH_INT_REQUIRED(struct take_req, at, 0, INT64_C(9007199254740991), "when, Unix ms"),
    RH_INT_REQUIRED(struct take_req, position, 1, INT64_C(9007199254740991), "its place"),
    RH_RAW_OBJECT(struct take_req, payload, RH_REQUIRED, "of the event"),
};

struct batch_req {
    struct rh_str batch;
    struct rh_list events; /* struct take_req */
};

static const struct rh_field batch_fields[] = {
    RH_STR(struct batch_req, batch, RH_REQUIRED, "its name"),
    RH_OBJECT_LIST(struct batch_req, events, RH_REQUIRED, 256, struct take_req, take_fields,
                   "in order"),
};

static const struct rh_route routes[] = {
    RH_ROUTE("POST", "/sink/a", RH_PUBLIC, 0, RH_FIELDS(struct take_req, take_fields), handle_take,
             "Take an event."),
    RH_ROUTE("POST", "/sink/b", RH_PUBLIC, 0, RH_FIELDS(struct take_req, take_fields), handle_take,
             "Take an event."),
    RH_ROUTE("POST", "/sink/c", RH_PUBLIC, 0, RH_FIELDS(struct batch_req, batch_fields),
             handle_take, "Take some events, or none of them."),
};

static int32_t handle_take(void *self, rh_req req, const void *fields)
{
    struct event_sink *p = self;
    const uint32_t chance = (uint32_t)(p->rh.core->random(p->rh.ctx) % 100);
    const uint32_t status = chance < FAILS ? 500 : chance < FAILS + REFUSES ? 422 : 200;

    (void)fields;
    return p->rh.http->reply(p->rh.ctx, req, status, RH_STR_LIT("{}"));
}

static int32_t create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                      const void *config)
{
    struct event_sink *p = self;

    (void)config;
    rh_services_init(&p->rh, ctx, host);
    return RH_OK;
}

static const char *const services[] = {RH_CORE_ID, RH_HTTP_ID};

static const struct rh_plugin descriptor = {
    RH_PLUGIN_HEAD(struct event_sink, "event_sink", "0.1.0"),
    .summary = "Takes events in simulations.",
    .license = "Apache-2.0",
    RH_LIST_OF(services, service),
    RH_TABLE(routes, route),
    .create = create,
};

RH_PLUGIN_ENTRY("event_sink", "0.1.0", descriptor)
