/* The loop_idle_detection plugin: says NODE_IDLE when a device of this node has had nothing to do
 * for a while. What a look is, wire_look.c has; when a device is idle, idle.h. */
#include <ringhost/sdk/emit.h>

#include "wire.h"

#define INTERVAL_MS 10000

static int32_t handle_status(void *self, rh_req req, const void *fields);

static const struct rh_route routes[] = {
    RH_ROUTE("GET", "/idle/status", RH_READ, RH_IDEMPOTENT, RH_NO_FIELDS, handle_status,
             "Devices of this node: utilisation, and since when each has had nothing to do."),
};

static void write_device(const struct plugin *p, struct rh_json_writer *w, uint32_t index)
{
    const struct idle_device *device = &p->idle.devices[index];
    const bool is_gpu = p->idle.gpus == IDLE_GPUS_SOME;
    const double percent = is_gpu ? p->reading.gpu_percent[index] : p->reading.cpu_percent;

    rh_json_begin_object(w);
    rh_json_kv_strc(w, "kind", is_gpu ? "gpu" : "cpu");
    rh_json_kv_int(w, "index", index);
    if (is_gpu)
        rh_json_kv_strc(w, "name", p->names[index]);
    if (percent >= 0)
        rh_json_kv_double(w, "utilization", percent);
    else
        rh_json_kv_null(w, "utilization");
    if (device->since_ms >= 0)
        rh_json_kv_int(w, "idle_ms", p->rh.core->now_ms(p->rh.ctx) - device->since_ms);
    else
        rh_json_kv_null(w, "idle_ms");
    rh_json_kv_bool(w, "told", device->is_told);
    rh_json_end_object(w);
}

static int32_t handle_status(void *self, rh_req req, const void *fields)
{
    static const char *const words[] = {"unknown", "none", "some"};
    struct plugin *p = self;
    struct rh_json_reply reply;

    (void)fields;
    rh_json_reply_begin(&reply);
    rh_json_kv_str(&reply.w, "source", p->config->source);
    rh_json_kv_int(&reply.w, "read_at", p->read_at_ms);
    rh_json_kv_strc(&reply.w, "gpu_state", words[p->idle.gpus]);
    rh_json_kv_bool(&reply.w, "has_jobs", p->jobs.has_any);
    rh_json_key(&reply.w, "devices");
    rh_json_begin_array(&reply.w);
    for (uint32_t i = 0; i < p->idle.device_count; i++)
        write_device(p, &reply.w, i);
    rh_json_end_array(&reply.w);
    return rh_json_reply_send(&reply, &p->rh, req, 200);
}

static int32_t run_idle_detection(void *self)
{
    return idle_look(self);
}

static const struct rh_loop loops[] = {
    {.size = (uint32_t)sizeof(struct rh_loop),
     .name = IDLE_LOOP,
     .doc = "Says NODE_IDLE when a GPU, or a node without one, has nothing to do.",
     .interval_ms = INTERVAL_MS,
     .jitter_ms = INTERVAL_MS / 20,
     .run = run_idle_detection},
};

static const struct rh_field config_fields[] = {
    RH_LOOP_ROWS(struct idle_config, loop_idle_detection, "10s"),
    RH_CHOICE(struct idle_config, source, 0, "probe", "probe command fake",
              "ringhost-probe; a command; a file with what it would print"),
    RH_STR_LIST(struct idle_config, command, 0, "program and arguments that print the report"),
    RH_TEXT(struct idle_config, file, 0, 4095, "absolute path, for source fake"),
    RH_CHOICE(struct idle_config, devices, 0, "auto", "auto cpu",
              "cpu: leave GPUs out, where a driver is installed and no GPU is"),
    RH_CHOICE(struct idle_config, jobs, 0, "worker", "worker none",
              "who knows of jobs: the plugin worker; or nobody, then utilisation alone counts"),
    RH_NUMBER(struct idle_config, below_percent, 10, 0, 100,
              "utilisation below which a device is idle"),
    RH_DURATION(struct idle_config, idle_after, "15s", 0, 86400000,
                "without work for so long before it is said"),
    RH_DURATION(struct idle_config, timeout, "5s", 100, 600000,
                "a sensor that takes longer is killed, and nothing is idle"),
};

static const struct rh_event_def events[] = {
    {.size = (uint32_t)sizeof(struct rh_event_def), .kind = RH_EVENT_LOCAL, .type = "NODE_IDLE"},
};

static int32_t reconfigure(void *self, const void *config)
{
    struct plugin *p = self;
    const struct idle_config *wanted = config;

    if (rh_str_eq_c(wanted->source, "command") && wanted->command.count == 0)
        return rh_fail_fieldf(&p->rh, RH_EINVAL, "source", "command needs \"command\"");
    if (rh_str_eq_c(wanted->source, "fake") && (wanted->file.n == 0 || wanted->file.p[0] != '/'))
        return rh_fail_fieldf(&p->rh, RH_EINVAL, "source", "fake needs \"file\", an absolute path");
    p->config = wanted;
    return RH_OK;
}

static int32_t create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                      const void *config)
{
    struct plugin *p = self;

    rh_services_init(&p->rh, ctx, host);
    return reconfigure(p, config);
}

static int32_t activate(void *self, uint64_t epoch)
{
    struct plugin *p = self;

    (void)epoch; /* what a node sees of itself needs no leader */
    idle_init(&p->idle);
    p->is_active = true;
    idle_collect(p);
    return RH_OK;
}

static void deactivate(void *self)
{
    struct plugin *p = self;

    rh_loop_actions_drop(&p->actions);
    if (p->is_active && p->key[0] != '\0')
        (void)p->rh.process->kill(p->rh.ctx, p->key); /* gone already is fine */
    p->is_active = false;
}

static const char *const services[] = {RH_CORE_ID, RH_FIELDS_ID, RH_HTTP_ID, RH_EVENTS_ID,
                                       RH_PROCESS_ID};
static const char *const after[] = {"worker", "loop_queue_populator"};

static const struct rh_plugin descriptor = {
    RH_PLUGIN_HEAD(struct plugin, "loop_idle_detection", "0.1.0"),
    .summary = "Notices when this node has nothing to do.",
    .license = "Apache-2.0",
    RH_LIST_OF(services, service),
    .after = after,
    .after_count = 2,
    .config = RH_FIELDS(struct idle_config, config_fields),
    RH_TABLE(routes, route),
    RH_TABLE(events, event),
    RH_TABLE(loops, loop),
    .create = create,
    .activate = activate,
    .deactivate = deactivate,
    .reconfigure = reconfigure,
    .destroy = deactivate,
};

RH_PLUGIN_ENTRY("loop_idle_detection", "0.1.0", descriptor)
