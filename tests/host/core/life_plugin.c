/* The scripted plugin of the core's tests; see life_plugin.h. */
#include "tests/host/core/life_plugin.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/batch.h>
#include <ringhost/sdk/error.h>

/* One instance. */
struct life {
    struct rh_services rh;
    struct life_script *script;
    const char *id;
};

struct life_config {
    uint64_t script;
    int64_t loop_tick;
    int32_t enabled;
};
static const struct rh_field config_fields[] = {
    RH_UINT64(struct life_config, script, RH_REQUIRED, "address of the test's script"),
    RH_DURATION(struct life_config, loop_tick, "1s", 0, 60000, "interval of the loop"),
    RH_BOOL(struct life_config, enabled, true, "the switch of the loop"),
};

void life_text_add(struct life_text *text, const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(text->text + text->n, sizeof text->text - text->n, format, args);
    va_end(args);
    if (n > 0 && (size_t)n < sizeof text->text - text->n)
        text->n += (size_t)n;
    text->text[text->n] = '\0';
}

uint32_t life_text_count(const struct life_text *text, const char *word)
{
    size_t n = strlen(word);
    const char *at = text->text;
    uint32_t count = 0;

    for (; (at = strstr(at, word)) != NULL; at += n)
        count += (at == text->text || at[-1] == ' ') && at[n] == ' ';
    return count;
}

static void trace(const struct life *p, const char *step)
{
    if (p->script->trace)
        life_text_add(p->script->trace, "%s.%s ", p->id, step);
}

struct life_script *life_script_of(void *self)
{
    return ((struct life *)self)->script;
}

static void step_done(void *self, void *user)
{
    struct life *p = self;

    (void)user;
    p->rh.core->done(p->rh.ctx, p->script->done_rc);
}

/* End a step as the script wishes. */
static int32_t step(struct life *p, const char *name, int32_t rc)
{
    rh_handle timer;

    trace(p, name);
    if (rc < 0 && p->script->fail_text)
        return p->rh.core->fail(p->rh.ctx, rc, p->script->fail_text);
    if (rc == RH_PENDING && p->script->done_ms >= 0)
        return p->rh.core->timer(p->rh.ctx, p->script->done_ms, step_done, NULL, &timer) == RH_OK
                   ? rc
                   : RH_EAGAIN;
    return rc;
}

static int32_t life_create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                           const void *config)
{
    const struct life_config *cfg = config;
    struct life *p = self;

    p->script = (struct life_script *)(uintptr_t)cfg->script;
    p->id = p->script->id;
    rh_services_init(&p->rh, ctx, host);
    p->script->rh = &p->rh;
    p->script->leader = host->service(ctx, RH_LEADER_HOST_ID);
    p->script->membership = host->service(ctx, RH_MEMBERSHIP_HOST_ID);
    return step(p, "create", p->script->create_rc);
}

static int32_t life_start(void *self)
{
    struct life *p = self;

    return step(p, "start", p->script->start_rc);
}

static void call_over(void *self, void *user, const struct rh_reply *reply)
{
    struct life *p = self;

    (void)user;
    trace(p, "call_over");
    p->rh.core->done(p->rh.ctx, reply->rc);
}

static int32_t life_activate(void *self, uint64_t epoch)
{
    const struct rh_call call = {.size = (uint32_t)sizeof call,
                                 .target = "self",
                                 .method = "GET",
                                 .path = "/life/wait",
                                 .timeout_ms = 600000};
    struct life *p = self;

    p->script->epoch = epoch;
    p->script->activations++;
    if (p->rh.state &&
        p->rh.state->schema(p->rh.ctx, p->script->id, &p->script->schema_told) != RH_OK)
        p->script->schema_told = 0;
    if (p->script->calls_in_activate &&
        p->rh.http->call(p->rh.ctx, &call, call_over, NULL, NULL) != RH_OK)
        return RH_EAGAIN;
    return step(p, "activate", p->script->activate_rc);
}

static void life_deactivate(void *self)
{
    struct life *p = self;

    p->script->deactivations++;
    trace(p, "deactivate");
}

/* The new section names the same script. */
static int32_t life_reconfigure(void *self, const void *config)
{
    const struct life_config *cfg = config;
    struct life *p = self;
    const int32_t rc = step(p, "reconfigure", p->script->reconfigure_rc);

    if (rc == RH_OK) {
        p->script = (struct life_script *)(uintptr_t)cfg->script;
        p->script->reconfigured++;
    }
    return rc;
}

static int32_t life_quiesce(void *self)
{
    struct life *p = self;

    return step(p, "quiesce", p->script->quiesce_rc);
}

static int32_t life_stop(void *self)
{
    struct life *p = self;

    return step(p, "stop", p->script->stop_rc);
}

static void life_destroy(void *self)
{
    struct life *p = self;

    trace(p, "destroy");
    p->script->rh = NULL;
}

static int32_t life_migrate(void *self, const char *name_space, uint32_t from)
{
    struct life *p = self;

    (void)name_space;
    p->script->migrated_from = from;
    for (uint32_t i = 0; i < p->script->migrate_puts; i++)
        p->script->migrate_put_rc = life_put(p->script, "migrated", "yes", NULL, NULL);
    return step(p, "migrate", p->script->migrate_rc);
}

static int32_t life_tick(void *self)
{
    struct life *p = self;
    struct life_script *script = p->script;

    if (script->loop_count < LIFE_TIMES_MAX)
        script->loop_at_ms[script->loop_count] = p->rh.core->now_ms(p->rh.ctx);
    script->loop_count++;
    return step(p, "tick", script->loop_rc);
}

static void life_on_event(void *self, const struct rh_event *event)
{
    struct life *p = self;

    for (; p->script->echoes > 0; p->script->echoes--)
        (void)p->rh.events->publish(p->rh.ctx, "ECHO", RH_STR_LIT("{}"),
                                    NULL); /* the test looks for what came */
    life_text_add(&p->script->events, "%.*s ", RH_STR_ARG(event->type));
    life_text_add(&p->script->payloads, "%.*s %.*s ", RH_STR_ARG(event->source),
                  RH_STR_ARG(event->payload));
}

/* --- roles --- */

static void role_active_told(void *self, uint32_t is_active)
{
    ((struct life *)self)->script->is_active = is_active;
}

static int32_t role_step_down(void *self, int64_t hold_ms, const char *reason)
{
    (void)hold_ms;
    (void)reason;
    ((struct life *)self)->script->steps_down++;
    return RH_OK;
}

static int32_t role_transfer(void *self, struct rh_str node_id)
{
    struct life *p = self;

    life_text_add(&p->script->transfers, "%.*s ", RH_STR_ARG(node_id));
    return step(p, "transfer", p->script->transfer_rc);
}

static void role_home_changed(void *self)
{
    ((struct life *)self)->script->homes++;
}

static void role_leave(void *self)
{
    ((struct life *)self)->script->has_left++;
}

static const struct rh_leader_role_v1 leader_role = {
    .size = (uint32_t)sizeof(leader_role),
    .active = role_active_told,
    .step_down = role_step_down,
    .transfer = role_transfer,
    .home_changed = role_home_changed,
};
static const struct rh_membership_role_v1 membership_role = {
    .size = (uint32_t)sizeof(membership_role),
    .active = role_active_told,
    .leave = role_leave,
};

/* --- routes --- */

struct put_req {
    struct rh_str key, value;
};
static const struct rh_field put_fields[] = {
    RH_STR(struct put_req, key, RH_REQUIRED, "key"),
    RH_STR(struct put_req, value, RH_REQUIRED, "value"),
};
struct get_req {
    struct rh_str key;
};
static const struct rh_field get_fields[] = {
    RH_STR(struct get_req, key, RH_REQUIRED, "key"),
};

static int32_t handle_put(void *self, rh_req req, const void *fields);
static int32_t handle_get(void *self, rh_req req, const void *fields);
static int32_t handle_wait(void *self, rh_req req, const void *fields);

static const struct rh_route routes[] = {
    RH_ROUTE("POST", "/life/put", RH_PUBLIC, 0, RH_FIELDS(struct put_req, put_fields), handle_put,
             "Store a value."),
    RH_ROUTE("GET", "/life/get", RH_PUBLIC, 0, RH_FIELDS(struct get_req, get_fields), handle_get,
             "Read a value."),
    RH_ROUTE("GET", "/life/wait", RH_PUBLIC, 0, RH_NO_FIELDS, handle_wait, "Never answer."),
};

static void put_outcome(void *self, void *user, int32_t rc, uint64_t revision)
{
    struct life *p = self;

    (void)user;
    (void)revision;
    if (p->script->trace)
        life_text_add(p->script->trace, "commit:%s ", rh_error_token(rc));
}

int32_t life_put(struct life_script *script, const char *key, const char *value, const char *type,
                 const char *payload)
{
    struct life *p = (struct life *)(void *)script->rh; /* its first member */
    struct rh_batch_builder batch;

    rh_batch_begin(&batch, p->id);
    rh_batch_put(&batch, rh_str_from(key), rh_str_from(value));
    if (type)
        rh_batch_event(&batch, type, rh_str_from(payload));
    return rh_batch_commit(&batch, &p->rh, put_outcome, NULL);
}

static int32_t handle_put(void *self, rh_req req, const void *fields)
{
    const struct put_req *put = fields;
    struct life *p = self;
    struct rh_batch_builder batch;
    int32_t rc;

    rh_batch_begin(&batch, p->id);
    rh_batch_put(&batch, put->key, put->value);
    rc = rh_batch_commit(&batch, &p->rh, put_outcome, NULL);
    return rc == RH_OK ? rh_reply_ok(&p->rh, req) : rc;
}

static int32_t handle_get(void *self, rh_req req, const void *fields)
{
    const struct get_req *get = fields;
    struct life *p = self;
    struct rh_value value = {.size = (uint32_t)sizeof value};
    struct rh_json_reply reply;
    int32_t rc = p->rh.state->get(p->rh.ctx, p->id, get->key, &value);

    if (rc != RH_OK)
        return rc;
    rh_json_reply_begin(&reply);
    rh_json_kv_bool(&reply.w, "found", value.found != 0);
    rh_json_kv_str(&reply.w, "value", value.found ? value.data : RH_STR_LIT(""));
    return rh_json_reply_send(&reply, &p->rh, req, 200);
}

static int32_t handle_wait(void *self, rh_req req, const void *fields)
{
    (void)self;
    (void)req;
    (void)fields;
    return RH_OK;
}

/* --- descriptor --- */

static const char *const services[] = {RH_CORE_ID, RH_HTTP_ID, RH_EVENTS_ID, RH_STATE_ID,
                                       RH_CLUSTER_ID};
static const char *const services_optional[] = {RH_LEADER_HOST_ID, RH_MEMBERSHIP_HOST_ID,
                                                RH_CONTROL_ID};

static const struct rh_plugin descriptor = {
    .size = (uint32_t)sizeof(descriptor),
    .abi_major = RH_ABI_MAJOR,
    .abi_minor = RH_ABI_MINOR,
    .min_host_minor = RH_ABI_MINOR,
    .instance_size = (uint32_t)sizeof(struct life),
    .version = "0.1.0",
    .summary = "Does what a test wants.",
    .license = "Apache-2.0",
    RH_LIST_OF(services, service),
    .config = RH_FIELDS(struct life_config, config_fields),
    .create = life_create,
    .start = life_start,
    .activate = life_activate,
    .deactivate = life_deactivate,
    .reconfigure = life_reconfigure,
    .quiesce = life_quiesce,
    .stop = life_stop,
    .destroy = life_destroy,
    .migrate = life_migrate,
};

static void describe_tables(struct life_plugin *out, const char *id, uint32_t flags,
                            const struct life_script *script)
{
    out->name_space = (struct rh_namespace){
        .size = (uint32_t)sizeof out->name_space,
        .flags = (flags & LIFE_REPLICATED ? RH_NS_REPLICATED : 0) |
                 (script->is_beside ? RH_NS_BESIDE : 0),
        .name = id,
        .schema_read_min = script->schema_min ? script->schema_min : 1,
        .schema_write = script->schema_write ? script->schema_write : 1,
    };
    out->event = (struct rh_event_def){
        .size = (uint32_t)sizeof out->event, .type = "*", .on_event = life_on_event};
    out->loop = (struct rh_loop){
        .size = (uint32_t)sizeof out->loop,
        .flags = flags & LIFE_LEAD_LOOP ? RH_LEADER : 0,
        .name = "tick",
        .doc = "Counts.",
        .interval_ms = 1000,
        .jitter_ms = script->jitter_ms,
        .run = life_tick,
    };
    out->role = (struct rh_role){
        .size = (uint32_t)sizeof out->role,
        .rank = 10,
        .id = flags & LIFE_LEADS ? RH_LEADER_ROLE : RH_MEMBERSHIP_ROLE,
        .table = flags & LIFE_LEADS ? (const void *)&leader_role : (const void *)&membership_role,
    };
}

void life_describe(struct life_plugin *out, const char *id, const char *after, uint32_t flags,
                   struct life_script *script)
{
    memset(out, 0, sizeof *out);
    out->desc = descriptor;
    out->desc.id = id;
    describe_tables(out, id, flags, script);
    out->after[0] = after;
    out->desc.after = out->after;
    out->desc.after_count = after ? 1 : 0;
    out->desc.namespaces = &out->name_space;
    out->desc.namespace_count = flags & (LIFE_LOCAL | LIFE_REPLICATED) ? 1 : 0;
    out->desc.namespace_stride = (uint32_t)sizeof out->name_space;
    out->desc.events = &out->event;
    out->desc.event_count = flags & LIFE_EVENTS ? 1 : 0;
    out->desc.event_stride = (uint32_t)sizeof out->event;
    out->desc.loops = &out->loop;
    out->desc.loop_count = flags & (LIFE_LOOP | LIFE_LEAD_LOOP) ? 1 : 0;
    out->desc.loop_stride = (uint32_t)sizeof out->loop;
    out->desc.roles = &out->role;
    out->desc.role_count = flags & (LIFE_LEADS | LIFE_MEMBERS) ? 1 : 0;
    out->desc.role_stride = (uint32_t)sizeof out->role;
    out->desc.routes = routes;
    out->desc.route_count = flags & LIFE_ROUTES ? (uint32_t)(sizeof routes / sizeof routes[0]) : 0;
    out->desc.route_stride = (uint32_t)sizeof routes[0];
    out->desc.services_optional = services_optional;
    out->desc.service_optional_count = flags & LIFE_CONTROL ? 3 : 2;
    script->id = id;
    (void)snprintf(out->config, sizeof out->config,
                   "{\"script\":\"%" PRIuPTR "\",\"loop_tick\":\"%s\",\"enabled\":%s}",
                   (uintptr_t)script, script->loop_interval ? script->loop_interval : "1s",
                   script->loop_is_off ? "false" : "true"); /* fits */
}

struct rh_testhost_plugin life_entry(const struct life_plugin *plugin)
{
    return (struct rh_testhost_plugin){&plugin->desc, plugin->config};
}

void life_call(struct rh_testnet *net, struct life_script *script,
               void (*fn)(void *self, void *script), int64_t ms)
{
    if (script->rh->core->post(script->rh->ctx, fn, script) != RH_OK)
        abort(); /* a test posts one thing at a time */
    rh_testnet_run(net, ms);
}
