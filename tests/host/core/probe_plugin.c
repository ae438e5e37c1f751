/* The plugins of the tests; see probe_plugin.h. */
#include "tests/host/core/probe_plugin.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/str.h>

rh_req probe_last(const struct probe *probe)
{
    assert(probe->req_count > 0);
    return probe->reqs[(probe->req_count - 1) % PROBE_KEPT];
}

const struct probe_note *probe_note(const struct probe_log *log, uint32_t back)
{
    assert(back < log->count);
    assert(back < PROBE_KEPT);
    return &log->notes[(log->count - 1 - back) % PROBE_KEPT];
}

static struct probe_note *note(struct probe_log *log, void *user)
{
    struct probe_note *place = &log->notes[log->count++ % PROBE_KEPT];

    memset(place, 0, sizeof *place);
    place->user = user;
    return place;
}

static void cut(char *dst, size_t size, struct rh_str text)
{
    (void)snprintf(dst, size, "%.*s", RH_STR_ARG(text)); /* cut on purpose */
}

void probe_on_reply(void *self, void *user, const struct rh_reply *reply)
{
    struct probe *probe = self;
    struct probe_note *place = note(&probe->replies, user);

    place->rc = reply->rc;
    place->status = reply->status;
    cut(place->code, sizeof place->code, reply->error_code);
    cut(place->text, sizeof place->text, reply->message);
    cut(place->body, sizeof place->body, reply->body);
    cut(place->node_id, sizeof place->node_id, reply->node_id);
    if (probe->on_reply)
        probe->on_reply(probe, reply);
}

void probe_on_timer(void *self, void *user)
{
    struct probe *probe = self;

    (void)note(&probe->timers, user);
    if (probe->on_timer)
        probe->on_timer(probe);
}

void probe_on_post(void *self, void *user)
{
    (void)note(&((struct probe *)self)->posts, user);
}

void probe_on_commit(void *self, void *user, int32_t rc, uint64_t revision)
{
    struct probe *probe = self;
    struct probe_note *place = note(&probe->commits, user);

    place->rc = rc;
    place->revision = revision;
    if (probe->on_commit)
        probe->on_commit(probe, rc);
}

void probe_on_gone(void *self, rh_req req, void *user)
{
    struct probe *probe = self;

    note(&probe->gone, user)->revision = req;
    if (probe->on_gone)
        probe->on_gone(probe, req);
}

void probe_on_drain(void *self, void *user)
{
    (void)note(&((struct probe *)self)->drains, user);
}

void probe_on_exit(void *self, void *user, const struct rh_process_exit *ended)
{
    struct probe *probe = self;
    struct probe_note *place = note(&probe->exits, user);

    place->rc = ended->rc;
    place->status = (uint32_t)ended->code;
    cut(place->code, sizeof place->code, ended->reason);
    cut(place->text, sizeof place->text, ended->output);
    if (probe->on_exit)
        probe->on_exit(probe, ended);
}

void probe_on_work(void *self, void *user, int32_t rc, struct rh_str output)
{
    struct probe_note *place = note(&((struct probe *)self)->works, user);

    place->rc = rc;
    cut(place->text, sizeof place->text, output);
}

void probe_on_barrier(void *self, void *user, int32_t rc)
{
    note(&((struct probe *)self)->barriers, user)->rc = rc;
}

int32_t probe_call(struct probe *probe, const char *target, const char *method, const char *path,
                   const char *body, rh_handle *id)
{
    struct rh_call call = {.size = (uint32_t)sizeof call,
                           .target = target,
                           .method = method,
                           .path = path,
                           .body = rh_str_from(body ? body : "")};

    return probe->rh.http->call(probe->rh.ctx, &call, probe_on_reply, NULL, id);
}

int32_t probe_put(struct probe *probe, const char *name_space, const char *key, const char *value,
                  bool must_be_new, uint32_t flags)
{
    const struct rh_op ops[] = {
        {.size = (uint32_t)sizeof(struct rh_op),
         .op = RH_OP_PUT,
         .key = rh_str_from(key),
         .value = rh_str_from(value)},
        {.size = (uint32_t)sizeof(struct rh_op),
         .op = RH_OP_CHECK,
         .key = rh_str_from(key),
         .version = 0},
    };
    const struct rh_batch batch = {.size = (uint32_t)sizeof batch,
                                   .flags = flags,
                                   .name_space = name_space,
                                   .ops = ops,
                                   .op_count = must_be_new ? 2 : 1,
                                   .op_stride = (uint32_t)sizeof ops[0]};

    return probe->rh.state->commit(probe->rh.ctx, &batch, probe_on_commit, NULL);
}

int32_t probe_reply(struct probe *probe, rh_req req, uint32_t status, const char *body)
{
    return probe->rh.http->reply(probe->rh.ctx, req, status, rh_str_from(body));
}

static int32_t park(struct probe *probe, rh_req req)
{
    probe->reqs[probe->req_count++ % PROBE_KEPT] = req;
    if (probe->handle)
        return probe->handle(probe, req);
    if (probe->handler_fail)
        return probe->rh.core->fail(probe->rh.ctx, probe->handler_rc, probe->handler_fail);
    return probe->handler_rc;
}

static int32_t handle_plain(void *self, rh_req req, const void *fields)
{
    (void)fields;
    return park(self, req);
}

static int32_t handle_act(void *self, rh_req req, const void *fields)
{
    struct probe *probe = self;
    const struct probe_act *act = fields;

    cut(probe->name, sizeof probe->name, act->name);
    probe->number = act->count;
    return park(probe, req);
}

static const struct rh_field act_fields[] = {
    RH_STR(struct probe_act, name, RH_REQUIRED, "any name"),
    RH_INT(struct probe_act, count, 1, 1, 64, "how many"),
    RH_CHOICE(struct probe_act, mode, 0, "slow", "slow fast", "which way"),
};
#define ACT RH_FIELDS(struct probe_act, act_fields)

#define PLAIN(m, p, scope, flags) \
    RH_ROUTE(m, p, scope, flags, RH_NO_FIELDS, handle_plain, "A route of the tests.")
#define PLAIN_WITH(m, p, scope, flags, ...)                                                \
    RH_ROUTE_WITH(m, p, scope, flags, RH_NO_FIELDS, handle_plain, "A route of the tests.", \
                  __VA_ARGS__)

static const struct rh_route probe_routes[] = {
    PLAIN("GET", "/probe/read", RH_READ, 0),
    PLAIN("DELETE", "/probe/read", RH_ADMIN, 0),
    RH_ROUTE("GET", "/probe/query", RH_READ, 0, ACT, handle_act, "Fields in the query."),
    RH_ROUTE("POST", "/probe/act", RH_OPERATOR, 0, ACT, handle_act, "Fields in the body."),
    RH_ROUTE("POST", "/probe/work", RH_WORKER, 0, ACT, handle_act, "Fields in the body."),
    RH_ROUTE("POST", "/probe/peer", RH_PEER, 0, ACT, handle_act, "Fields in the body."),
    PLAIN("POST", "/probe/admin", RH_ADMIN, 0),
    PLAIN("POST", "/probe/vote", RH_VOTER, 0),
    PLAIN("GET", "/probe/open", RH_PUBLIC, 0),
    PLAIN_WITH("POST", "/probe/raw", RH_OPERATOR, RH_RAW_BODY, .body_max = 64),
    PLAIN_WITH("POST", "/probe/small", RH_OPERATOR, 0, .body_max = 32),
    PLAIN_WITH("GET", "/probe/quick", RH_READ, 0, .timeout_ms = 500),
    PLAIN("GET", "/probe/stream", RH_READ, RH_STREAM),
    PLAIN("GET", "/probe/always", RH_READ, RH_ALWAYS),
    PLAIN("GET", "/probe/control", RH_READ, RH_CONTROL),
};

static const struct rh_route shared_routes[] = {
    RH_ROUTE("POST", "/shared/put", RH_WORKER, RH_LEADER, ACT, handle_act, "Fields in the body."),
    PLAIN("GET", "/shared/read", RH_READ, RH_LEADER | RH_IDEMPOTENT),
    PLAIN("GET", "/shared/any", RH_PUBLIC, RH_LEADER | RH_IDEMPOTENT), /* whatever the query */
    PLAIN("POST", "/shared/open", RH_PUBLIC, RH_LEADER),
    PLAIN("POST", "/shared/admin", RH_ADMIN, RH_LEADER),
};

static const struct rh_namespace probe_namespaces[] = {
    {.size = (uint32_t)sizeof(struct rh_namespace),
     .name = PROBE_LOCAL_NS,
     .schema_read_min = 1,
     .schema_write = 1},
};
static const struct rh_namespace shared_namespaces[] = {
    {.size = (uint32_t)sizeof(struct rh_namespace),
     .flags = RH_NS_REPLICATED,
     .name = PROBE_SHARED_NS,
     .schema_read_min = 1,
     .schema_write = 1},
};

static int32_t create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                      const void *config)
{
    struct probe *probe = self;

    (void)config;
    rh_services_init(&probe->rh, ctx, host);
    probe->host = host;
    return RH_OK;
}

static int32_t activate(void *self, uint64_t epoch)
{
    struct probe *probe = self;

    (void)epoch;
    probe->activations++;
    return probe->on_activate ? probe->on_activate(probe) : RH_OK;
}

static void deactivate(void *self)
{
    struct probe *probe = self;

    probe->deactivations++;
    if (probe->on_deactivate)
        probe->on_deactivate(probe);
}

static const char *const services[] = {RH_CORE_ID,   RH_FIELDS_ID, RH_HTTP_ID,
                                       RH_EVENTS_ID, RH_STATE_ID,  RH_PROCESS_ID,
                                       RH_FILE_ID,   RH_WORK_ID,   RH_METRICS_ID};
static const char *const services_optional[] = {RH_CONTROL_ID};

#define COMMON                                                                             \
    .size = (uint32_t)sizeof(struct rh_plugin), .abi_major = RH_ABI_MAJOR,                 \
    .abi_minor = RH_ABI_MINOR, .instance_size = (uint32_t)sizeof(struct probe),            \
    .version = "1.0.0", .license = "Apache-2.0", .build_id = "",                           \
    .summary = "Does what a test tells it.", RH_LIST_OF(services, service),                \
    .services_optional = services_optional, .service_optional_count = 1, .create = create, \
    .activate = activate, .deactivate = deactivate

const struct rh_plugin probe_plugin = {
    COMMON,
    .id = "probe",
    RH_TABLE(probe_namespaces, namespace),
    RH_TABLE(probe_routes, route),
};

const struct rh_plugin shared_plugin = {
    COMMON,
    .id = "shared",
    RH_TABLE(shared_namespaces, namespace),
    RH_TABLE(shared_routes, route),
};
