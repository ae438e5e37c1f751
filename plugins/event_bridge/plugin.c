/* The event_bridge plugin: committed events go to outside receivers, custom ones come in. Tables
 * and handlers. */
#include <stddef.h>

#include <ringhost/sdk/request_key.h>

#include "wire.h"

#define PUBLISH_BODY_MAX (256u * 1024u) /* a payload, escapes included */
#define SOURCE_MAX       64
#define PAGE_MAX         500
#define IDS_MAX          500
#define DAY_MS           (INT64_C(24) * 3600 * 1000)

static int32_t handle_publish(void *self, rh_req req, const void *fields);
static int32_t handle_sinks(void *self, rh_req req, const void *fields);
static int32_t handle_dead(void *self, rh_req req, const void *fields);
static int32_t handle_redrive(void *self, rh_req req, const void *fields);
static int32_t handle_discard(void *self, rh_req req, const void *fields);
static int32_t handle_forget(void *self, rh_req req, const void *fields);
static int32_t handle_node_sinks(void *self, rh_req req, const void *fields);
static int32_t handle_node_dead(void *self, rh_req req, const void *fields);
static int32_t handle_node_redrive(void *self, rh_req req, const void *fields);
static int32_t handle_node_discard(void *self, rh_req req, const void *fields);
static int32_t handle_node_forget(void *self, rh_req req, const void *fields);

static const struct rh_field publish_fields[] = {
    RH_TEXT(struct publish_req, event_type, RH_REQUIRED, 64,
            "of the catalogue, or another [A-Z][A-Z0-9_]{2,63}"),
    RH_RAW_OBJECT(struct publish_req, payload, RH_REQUIRED,
                  "any object of at most 60 KiB; that of a catalogue type is checked"),
    RH_FIELD_ROW_(struct publish_req, source, RH_FIELD_STRING, .flags = RH_REQUIRED, .min = 1,
                  .max = SOURCE_MAX, .doc = "who says so"),
    RH_TEXT(struct publish_req, idempotency_key, 0, PUBLISH_KEY_MAX,
            "the same request again publishes nothing and gives the first id, another one under "
            "the key is refused; the newest 10,000 are remembered; not for local types"),
};
static const struct rh_fields publish_table = RH_FIELDS(struct publish_req, publish_fields);

static const struct rh_field dead_fields[] = {
    RH_TEXT(struct dead_req, sink, RH_REQUIRED, SINK_NAME_MAX, "whose"),
    RH_UINT64(struct dead_req, after, 0, "`next` of the page before"),
    RH_INT(struct dead_req, limit, 50, 1, PAGE_MAX, "how many at most, the oldest first"),
};

static const struct rh_field letters_fields[] = {
    RH_TEXT(struct letters_req, sink, RH_REQUIRED, SINK_NAME_MAX, "whose"),
    RH_FIELD_ROW_(struct letters_req, event_ids, RH_FIELD_STRING_LIST, .max = IDS_MAX,
                  .doc = "ids of the events; these or all"),
    RH_BOOL(struct letters_req, all, false, "all, at most 1,000 at once"),
};

static const struct rh_field forget_fields[] = {
    RH_TEXT(struct forget_req, sink, RH_REQUIRED, SINK_NAME_MAX,
            "one that is configured no longer"),
};

static const struct rh_field sink_rows[] = {
    RH_TEXT(struct sink_config, url, 0, ADDRESS_SIZE - 8,
            "webhook: where each event is POSTed, http:// only; this or argv"),
    RH_TEXT(struct sink_config, secret_file, 0, 1024,
            "webhook: absolute path of the file with the secret, mode 0600; without it nothing is "
            "signed"),
    RH_FIELD_ROW_(struct sink_config, argv, RH_FIELD_STRING_LIST, .max = SINK_ARGV_MAX,
                  .doc = "program: what is started for each event, which it reads on standard "
                         "input; exit status 0 = taken, 75 = try again"),
    RH_FIELD_ROW_(struct sink_config, types, RH_FIELD_STRING_LIST, .max = SINK_TYPES_MAX,
                  .doc = "globs of event types, \"!\" in front takes some out; none = all"),
    RH_CHOICE(
        struct sink_config, scope, 0, "cluster", "cluster node",
        "cluster: committed events, sent by the leader; node: local events of each node, sent "
        "by itself"),
    RH_CHOICE(struct sink_config, from, 0, "newest", "newest oldest",
              "where a new sink of scope cluster begins"),
    RH_DURATION(struct sink_config, timeout, "10s", 100, 3600000, "for one try"),
    RH_DURATION(struct sink_config, backoff, "1s", 10, 3600000,
                "pause before the second try; doubles"),
    RH_DURATION(struct sink_config, backoff_max, "60s", 10, DAY_MS, "the longest pause"),
    RH_DURATION(struct sink_config, recheck, "30s", 10, 3600000,
                "how soon a receiver that was not there is looked for again"),
    RH_INT(struct sink_config, attempts, 20, 0, 1000000,
           "failed tries that make an event a dead letter; 0 = never"),
    RH_INT(struct sink_config, batch, 1, 1, PACK_LETTERS_MAX,
           "events sent together, at most; above 1 the body is {batch, events} even for one"),
    RH_INT(struct sink_config, dead_max, 1000, 1, 100000,
           "dead letters kept; when there is no room for another the sink stands still"),
    RH_INT(struct sink_config, outbox_rows, 10000, 1, 1000000,
           "scope node: events that wait; further ones are dropped and counted"),
    RH_SIZE(struct sink_config, outbox_bytes, "16MiB", 65536, INT64_C(1) << 32,
            "scope node: their size"),
};

static const struct rh_field config_rows[] = {
    RH_OBJECT_MAP(struct bridge_config, sinks, 0, SINKS_MAX, struct sink_config, sink_rows,
                  "where events go, by name"),
    RH_INT(struct bridge_config, publish_rate, 1000, 1, 100000,
           "events a second that POST /events/publish takes"),
};

static const struct rh_route routes[] = {
    RH_ROUTE_WITH("POST", "/events/publish", RH_OPERATOR, RH_LEADER,
                  RH_FIELDS(struct publish_req, publish_fields), handle_publish,
                  "Publish an event of the catalogue or one of your own.",
                  .body_max = PUBLISH_BODY_MAX),
    RH_ROUTE("GET", "/events/sinks", RH_READ, RH_LEADER | RH_IDEMPOTENT, RH_NO_FIELDS, handle_sinks,
             "Where the cluster's events go, how far each sink is, and what fails."),
    RH_ROUTE("GET", "/events/dead", RH_READ, RH_LEADER | RH_IDEMPOTENT,
             RH_FIELDS(struct dead_req, dead_fields), handle_dead,
             "Events that a sink gave up, with the reason."),
    RH_ROUTE("POST", "/events/redrive", RH_OPERATOR, RH_LEADER,
             RH_FIELDS(struct letters_req, letters_fields), handle_redrive,
             "Try dead letters once more."),
    RH_ROUTE("POST", "/events/discard", RH_OPERATOR, RH_LEADER,
             RH_FIELDS(struct letters_req, letters_fields), handle_discard,
             "Throw dead letters away."),
    RH_ROUTE("POST", "/events/forget", RH_OPERATOR, RH_LEADER,
             RH_FIELDS(struct forget_req, forget_fields), handle_forget,
             "Delete what is kept of a sink that is configured no longer."),
    RH_ROUTE("GET", "/events/node/sinks", RH_READ, RH_IDEMPOTENT, RH_NO_FIELDS, handle_node_sinks,
             "Where this node's local events go; as /events/sinks."),
    RH_ROUTE("GET", "/events/node/dead", RH_READ, RH_IDEMPOTENT,
             RH_FIELDS(struct dead_req, dead_fields), handle_node_dead,
             "Local events of this node that a sink gave up."),
    RH_ROUTE("POST", "/events/node/redrive", RH_OPERATOR, 0,
             RH_FIELDS(struct letters_req, letters_fields), handle_node_redrive,
             "Try dead letters of this node once more."),
    RH_ROUTE("POST", "/events/node/discard", RH_OPERATOR, 0,
             RH_FIELDS(struct letters_req, letters_fields), handle_node_discard,
             "Throw dead letters of this node away."),
    RH_ROUTE("POST", "/events/node/forget", RH_OPERATOR, 0,
             RH_FIELDS(struct forget_req, forget_fields), handle_node_forget,
             "Delete what this node keeps of a sink that is configured no longer."),
};

static int32_t handle_publish(void *self, rh_req req, const void *fields)
{
    return bridge_publish(self, req, fields,
                          rh_request_asked(&publish_table, fields, RH_DIGEST_GIVEN));
}

static int32_t handle_sinks(void *self, rh_req req, const void *fields)
{
    struct bridge *p = self;

    (void)fields;
    return bridge_reply_sinks(p, &p->cluster, req);
}

static int32_t handle_dead(void *self, rh_req req, const void *fields)
{
    struct bridge *p = self;

    return bridge_dead_list(p, &p->cluster, req, fields);
}

static int32_t handle_redrive(void *self, rh_req req, const void *fields)
{
    struct bridge *p = self;

    return bridge_redrive(p, &p->cluster, req, fields);
}

static int32_t handle_discard(void *self, rh_req req, const void *fields)
{
    struct bridge *p = self;

    return bridge_discard(p, &p->cluster, req, fields);
}

static int32_t handle_forget(void *self, rh_req req, const void *fields)
{
    struct bridge *p = self;

    return bridge_forget(p, &p->cluster, req, fields);
}

static int32_t handle_node_sinks(void *self, rh_req req, const void *fields)
{
    struct bridge *p = self;

    (void)fields;
    return bridge_reply_sinks(p, &p->node, req);
}

static int32_t handle_node_dead(void *self, rh_req req, const void *fields)
{
    struct bridge *p = self;

    return bridge_dead_list(p, &p->node, req, fields);
}

static int32_t handle_node_redrive(void *self, rh_req req, const void *fields)
{
    struct bridge *p = self;

    return bridge_redrive(p, &p->node, req, fields);
}

static int32_t handle_node_discard(void *self, rh_req req, const void *fields)
{
    struct bridge *p = self;

    return bridge_discard(p, &p->node, req, fields);
}

static int32_t handle_node_forget(void *self, rh_req req, const void *fields)
{
    struct bridge *p = self;

    return bridge_forget(p, &p->node, req, fields);
}

/* Cursors and dead letters of the cluster's sinks belong to the cluster, those of a node's to it.
 */
static const struct rh_namespace namespaces[] = {
    {.size = (uint32_t)sizeof(struct rh_namespace),
     .flags = RH_NS_REPLICATED | RH_NS_BESIDE,
     .name = BRIDGE_NAMESPACE,
     .schema_read_min = 1,
     .schema_write = 1},
    {.size = (uint32_t)sizeof(struct rh_namespace),
     .name = BRIDGE_NODE_NAMESPACE,
     .schema_read_min = 1,
     .schema_write = 1},
};

static void on_event(void *self, const struct rh_event *event)
{
    struct bridge *p = self;

    if (event->kind == RH_EVENT_LOCAL) {
        bridge_take_node(p, event);
        return;
    }
    for (uint32_t i = 0; i < p->sink_count; i++)
        if (!p->sinks[i].scope->is_node)
            sink_pump(&p->sinks[i]);
    bridge_show_soon(p);
}

static const struct rh_event_def events[] = {
    {.size = (uint32_t)sizeof(struct rh_event_def),
     .type = "*",
     .doc = "Whatever the filters of the sinks let through is sent on.",
     .on_event = on_event},
};

static void on_change(void *self, uint32_t changed)
{
    (void)changed;
    bridge_work(self);
}

static int32_t reconfigure(void *self, const void *config)
{
    return bridge_configure(self, config);
}

static int32_t create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                      const void *config)
{
    struct bridge *p = self;

    rh_services_init(&p->rh, ctx, host);
    return reconfigure(p, config);
}

static int32_t activate(void *self, uint64_t epoch)
{
    struct bridge *p = self;
    int32_t rc = p->rh.cluster->watch(p->rh.ctx, RH_CHANGE_LEADER, on_change);

    (void)epoch;
    if (rc == RH_OK)
        rc = bridge_open_node(p);
    if (rc != RH_OK)
        return rc;
    for (uint32_t i = 0; i < p->sink_count; i++)
        sink_metrics_init(&p->sinks[i]);
    p->is_active = true;
    bridge_wake_at(p, bridge_now(p));
    return RH_OK;
}

static void deactivate(void *self)
{
    struct bridge *p = self;

    p->is_active = false;
    p->is_leading = false;
    p->timer_at_ms = INT64_MAX;
    p->cluster.save_due_ms = p->node.save_due_ms = INT64_MAX;
    p->cluster.is_saving = p->node.is_saving = false;
    for (uint32_t i = 0; i < p->sink_count; i++)
        sink_stop(&p->sinks[i]);
}

/* What was delivered need not be delivered again after a stop in good order. */
static int32_t quiesce(void *self)
{
    struct bridge *p = self;

    scope_save(p, &p->cluster);
    scope_save(p, &p->node);
    return RH_OK;
}

static void destroy(void *self)
{
    bridge_release(self);
}

static const char *const services[] = {RH_CORE_ID,  RH_FIELDS_ID,  RH_HTTP_ID,    RH_EVENTS_ID,
                                       RH_STATE_ID, RH_CLUSTER_ID, RH_PROCESS_ID, RH_FILE_ID};
static const char *const services_optional[] = {RH_METRICS_ID};

static const struct rh_plugin descriptor = {
    RH_PLUGIN_HEAD(struct bridge, "event_bridge", "0.1.0"),
    .summary = "Carries events to outside receivers and takes custom ones in.",
    .license = "Apache-2.0",
    RH_LIST_OF(services, service),
    .services_optional = services_optional,
    .service_optional_count = 1,
    .config = RH_FIELDS(struct bridge_config, config_rows),
    RH_TABLE(namespaces, namespace),
    RH_TABLE(routes, route),
    RH_TABLE(events, event),
    .create = create,
    .activate = activate,
    .deactivate = deactivate,
    .reconfigure = reconfigure,
    .quiesce = quiesce,
    .destroy = destroy,
};

RH_PLUGIN_ENTRY("event_bridge", "0.1.0", descriptor)
