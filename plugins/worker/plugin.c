/* The worker: tables and life cycle. It claims what this node can do, runs it, and reports until
 * the leader has acknowledged; wiring is in wire_*.c, rules in the cores beside them. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "wire.h"

static const struct rh_field command_rows[] = {
    RH_STR_LIST(struct command, argv, RH_REQUIRED,
                "program and arguments; {work_id} {work_type} {config_key} {attempt} {node_id} "
                "{slot} {cpus} {gpus} are replaced, the payload comes on standard input"),
    RH_MAP(struct command, env, 0, "further environment; values take placeholders, too"),
    RH_MAP(struct command, secrets, 0,
           "files with passwords or keys, by name, mode 0600; the job finds a copy through "
           "NAME_FILE"),
    RH_TEXT(struct command, cwd, 0, 4095, "absolute; default: a folder of the job's own"),
    RH_DURATION(struct command, max_runtime, "0s", 0, INT64_C(30) * 24 * 3600 * 1000,
                "ended after that; 0 = no limit beyond the item's own"),
    RH_DURATION(struct command, grace, "5s", 1, 3600000, "between SIGTERM and SIGKILL"),
    RH_SIZE(struct command, output_max, "1MiB", 1, 16 * 1024 * 1024,
            "of standard output and of standard error that is kept; a result has 64 KiB at most"),
    RH_SIZE(struct command, memory, "0", 0, 0,
            "of all its processes, in a cgroup where the node may make one; else address space of "
            "each; 0 = no limit, others are 4MiB at least"),
    RH_INT(struct command, pids, 0, 0, 4194304,
           "processes and threads, in a cgroup only; 0 = no limit"),
    RH_INT(struct command, cores, 0, 0, 1024, "processors, in a cgroup only; 0 = no limit"),
    RH_DURATION(struct command, cpu, "0s", 0, INT64_C(30) * 24 * 3600 * 1000,
                "processor time; 0 = no limit"),
    RH_INT(struct command, cpus, 1, 1, SLOTS_MAX,
           "slots that one job takes; above 1 also its OMP_NUM_THREADS"),
    RH_INT(struct command, gpus, 0, 0, SLOTS_GPUS_MAX,
           "devices that one job has; 0 = one when the item needs a GPU, else none"),
};
static const struct rh_field gpu_rows[] = {
    RH_INT(struct gpu_config, count, 0, 0, SLOTS_GPUS_MAX,
           "devices of this node; each job gets its own in CUDA_VISIBLE_DEVICES"),
    RH_STR(struct gpu_config, name, 0, "as the driver calls it"),
    RH_INT(struct gpu_config, vram_mb, 0, 0, 16777216, "memory of one device, MiB"),
};
static const struct rh_field preemption_rows[] = {
    RH_STR_LIST(struct preemption_config, command, 0,
                "asked whether this machine is about to be taken away: it exits with 0 and prints "
                "why, or with 1 when it is not; [cat, FILE] looks at a file"),
    RH_DURATION(struct preemption_config, interval, "5s", 1000, 3600000, "between two questions"),
    RH_DURATION(struct preemption_config, grace, "20s", 0, 3600000,
                "what jobs get to leave a checkpoint before their items are given back"),
};
static const struct rh_field config_rows[] = {
    RH_INT(struct worker_config, slots, 1, 1, SLOTS_MAX, "jobs at once, of one slot each"),
    RH_DURATION(struct worker_config, poll_wait, "25s", 1000, 30000,
                "how long a claim waits for work"),
    RH_DURATION(struct worker_config, outputs_wait, "10m", 0, INT64_C(86400000),
                "how long a finished job waits for room for its outputs before the attempt fails"),
    RH_STR_LIST(struct worker_config, capabilities, 0, "what items may require of this node"),
    RH_STR_LIST(struct worker_config, board_types, 0, "boards that this node prefers"),
    RH_OBJECT(struct worker_config, gpu, 0, struct gpu_config, gpu_rows, "its GPUs"),
    RH_OBJECT(struct worker_config, preemption, 0, struct preemption_config, preemption_rows,
              "for machines that are lent for a while"),
    RH_OBJECT_MAP(struct worker_config, commands, 0, COMMANDS_MAX, struct command, command_rows,
                  "what to run, by work type; only these types are claimed"),
};

static const struct rh_field log_rows[] = {
    RH_TEXT(struct log_req, work_id, RH_REQUIRED, JOB_TEXT_SIZE - 1, "the item"),
    RH_INT(struct log_req, offset, 0, 0, RH_JSON_INT_MAX, "first byte wanted"),
    RH_INT(struct log_req, max, 65536, 1, LOG_BYTES_MAX, "bytes at most"),
    RH_BOOL(struct log_req, local, false, "ask no other node"),
};

struct drain_req {
    int32_t on;
};
static const struct rh_field drain_rows[] = {
    RH_FIELD_ROW_(struct drain_req, on, RH_FIELD_BOOL, .flags = RH_REQUIRED,
                  .doc = "true: take no new work"),
};
static int32_t handle_drain(void *self, rh_req req, const void *fields);

static const struct rh_field preempt_rows[] = {
    RH_FIELD_ROW_(struct preempt_req, on, RH_FIELD_BOOL, .flags = RH_REQUIRED,
                  .doc = "true: it goes; false: it stays after all"),
    RH_INT(struct preempt_req, grace_s, -1, -1, 3600,
           "seconds until items are given back; -1 = as configured"),
    RH_TEXT(struct preempt_req, reason, 0, PREEMPT_WHY_SIZE - 1, "for people"),
};

static const struct rh_route routes[] = {
    RH_ROUTE("GET", "/worker/status", RH_READ, 0, RH_NO_FIELDS, worker_handle_status,
             "Slots, running items, waiting reports, counters, last errors."),
    RH_ROUTE_WITH("GET", "/worker/log", RH_READ, RH_IDEMPOTENT, RH_FIELDS(struct log_req, log_rows),
                  worker_handle_log,
                  "What a running program has printed; on whichever node it runs.",
                  .timeout_ms = 20000),
    RH_ROUTE("POST", "/worker/drain", RH_PEER, RH_IDEMPOTENT,
             RH_FIELDS(struct drain_req, drain_rows), handle_drain,
             "Take no new work until said otherwise, or until a restart; what runs goes on."),
    RH_ROUTE("POST", "/worker/preempt", RH_OPERATOR, RH_IDEMPOTENT,
             RH_FIELDS(struct preempt_req, preempt_rows), worker_handle_preempt,
             "This machine is about to be taken away: end jobs, give items back."),
};

static const struct rh_namespace namespaces[] = {
    {.size = (uint32_t)sizeof(struct rh_namespace),
     .name = WORKER_NAMESPACE,
     .schema_read_min = 1,
     .schema_write = 1},
};

int64_t worker_now(const struct worker *w)
{
    return w->rh.core->now_ms(w->rh.ctx);
}

struct rh_str worker_node(const struct worker *w)
{
    struct rh_self self = {.size = (uint32_t)sizeof(self)};

    w->rh.core->self(w->rh.ctx, &self);
    return self.node_id;
}

const struct command *worker_command_at(const struct worker *w, uint32_t index)
{
    const struct rh_list *list = &w->config->commands;
    const char *at = (const char *)list->items + (size_t)index * list->stride;

    return (const struct command *)(const void *)at;
}

const struct command *worker_command(const struct worker *w, struct rh_str work_type)
{
    for (uint32_t i = 0; i < w->config->commands.count; i++) {
        const struct command *command = worker_command_at(w, i);

        if (rh_str_eq(command->work_type, work_type))
            return command;
    }
    return NULL;
}

void worker_problem(struct worker *w, const char *work_id, const char *format, ...)
{
    struct problem *problem = &w->problems[w->problem_count++ % PROBLEMS_MAX];
    va_list args;

    problem->at_ms = w->rh.core->wall_ms(w->rh.ctx);
    /* Both may be cut: they are for people. */
    (void)snprintf(problem->work_id, sizeof(problem->work_id), "%s", work_id);
    va_start(args, format);
    (void)vsnprintf(problem->text, sizeof(problem->text), format, args);
    va_end(args);
}

void worker_begin_report(const struct worker *w, struct rh_json_writer *j, const struct job *job)
{
    rh_json_begin_object(j);
    rh_json_kv_strc(j, "work_id", job->work_id);
    rh_json_kv_str(j, "node_id", worker_node(w));
    rh_json_kv_strc(j, "claim_token", job->token);
}

int32_t worker_post(struct worker *w, const char *path, struct rh_str body, uint32_t flags,
                    void (*cb)(void *self, void *user, const struct rh_reply *reply), uint64_t user)
{
    const struct rh_call call = {
        .size = (uint32_t)sizeof(call),
        .target = "leader",
        .method = "POST",
        .path = path,
        .body = body,
        .timeout_ms = CALL_MS,
        .flags = flags,
    };

    return w->rh.http->call(w->rh.ctx, &call, cb, (void *)(uintptr_t)user, NULL);
}

static void on_timer(void *self, void *user)
{
    struct worker *w = self;

    (void)user;
    w->timer_ms = INT64_MAX;
    worker_kick(w);
}

static void arm(struct worker *w)
{
    int64_t now_ms = worker_now(w);
    int64_t wake_ms = worker_leases_wake_ms(w);
    int64_t other_ms[] = {worker_claim_wake_ms(w), outbox_due_ms(&w->outbox),
                          worker_preempt_wake_ms(w)};

    for (size_t i = 0; i < sizeof(other_ms) / sizeof(other_ms[0]); i++)
        wake_ms = other_ms[i] < wake_ms ? other_ms[i] : wake_ms;
    if (wake_ms >= w->timer_ms) /* a timer that fires too early only looks again */
        return;
    if (w->timer_ms != INT64_MAX)
        (void)w->rh.core->timer_cancel(w->rh.ctx, w->timer); /* it is armed */
    w->timer_ms = wake_ms;
    if (w->rh.core->timer(w->rh.ctx, wake_ms > now_ms ? wake_ms - now_ms : 0, on_timer, NULL,
                          &w->timer) != RH_OK)
        w->timer_ms = INT64_MAX; /* over quota: the next callback arms it */
}

void worker_kick(struct worker *w)
{
    if (!w->is_active)
        return;
    if (w->is_adopting)
        worker_work_adopt_all(w);
    worker_leases_pump(w);
    worker_preempt_pump(w);
    worker_outbox_pump(w);
    worker_claim_pump(w);
    arm(w);
    if (w->is_quiesce_pending && w->releases_out == 0) {
        w->is_quiesce_pending = false;
        w->rh.core->done(w->rh.ctx, RH_OK);
    }
}

static int32_t create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                      const void *config)
{
    struct worker *w = self;

    rh_services_init(&w->rh, ctx, host);
    w->timer_ms = INT64_MAX;
    return worker_config_set(w, config);
}

static void on_change(void *self, uint32_t changed)
{
    struct worker *w = self;

    if (!w->is_active)
        return;
    if (changed & RH_CHANGE_LEADER) {
        outbox_hurry(&w->outbox, worker_now(w));
        w->poll.failures = 0;
        w->poll.not_before_ms = 0;
    }
    if (worker_claim_is_maintenance(w))
        worker_claim_stop(w);
    worker_kick(w);
}

static int32_t start(void *self)
{
    struct worker *w = self;

    if (w->config->commands.count == 0)
        rh_log_warn(&w->rh, "worker_idle", "reason=%s", "no commands are configured");
    return w->rh.cluster->watch(w->rh.ctx, RH_CHANGE_LEADER | RH_CHANGE_PRESENCE, on_change);
}

static void deactivate(void *self)
{
    struct worker *w = self;

    if (w->is_active && !w->is_adopting)
        worker_works_note_unbegun(w);
    w->is_active = false;
    w->poll = (struct poll){.round = w->poll.round};
    w->check = (struct check){.due_ms = 0};
    w->timer_ms = INT64_MAX;
    w->releases_out = 0;
    worker_works_drop(w);
    worker_logs_drop(w);
    tails_release(&w->tails);
    outbox_release(&w->outbox);
    worker_held_drop(w);
}

static int32_t activate(void *self, uint64_t epoch)
{
    struct worker *w = self;
    int32_t rc;

    (void)epoch; /* the claims carry their own tokens */
    slots_init(&w->slots, (uint32_t)w->config->slots, (uint32_t)w->config->gpu.count);
    rh_map64_init(&w->works, w->rh.core->random(w->rh.ctx), SLOTS_MAX);
    rh_map64_init(&w->logs, w->rh.core->random(w->rh.ctx), LOGS_MAX);
    rh_map64_init(&w->reports, w->rh.core->random(w->rh.ctx), OUTBOX_MAX + SLOTS_MAX);
    if (w->poll.round < worker_held_poll_base(w))
        w->poll.round = worker_held_poll_base(w);
    w->outbox_last = 0;
    rc = outbox_init(&w->outbox);
    if (rc == RH_OK)
        rc = worker_store_load(w);
    if (rc != RH_OK) {
        worker_works_drop(w);
        worker_logs_drop(w);
        outbox_release(&w->outbox);
        worker_held_drop(w);
        return rc;
    }
    w->is_active = true;
    w->is_adopting = true; /* on the first timer, when commits of this activation may begin */
    w->timer_ms = 0;
    return w->rh.core->timer(w->rh.ctx, 0, on_timer, NULL, &w->timer);
}

static int32_t reconfigure(void *self, const void *config)
{
    struct worker *w = self;
    int32_t rc = worker_config_set(w, config);

    if (rc == RH_OK && w->is_active) { /* what runs keeps its share */
        w->slots.count = (uint32_t)w->config->slots;
        w->slots.gpu_count = (uint32_t)w->config->gpu.count;
    }
    return rc;
}

static int32_t handle_drain(void *self, rh_req req, const void *fields)
{
    struct worker *w = self;
    const bool is_on = ((const struct drain_req *)fields)->on != 0;
    struct rh_json_reply reply;
    int32_t rc;

    if (is_on != w->is_drained)
        rh_log_info(&w->rh, "worker_drain", "on=%s jobs=%u", is_on ? "true" : "false",
                    rh_map64_count(&w->works));
    w->is_drained = is_on;
    /* A poll that is out stays, and what it brings goes back: a grant that crosses its end would be
     * lost until the lease is over. */
    if (is_on)
        worker_release_unstarted(w);
    rh_json_reply_begin(&reply);
    rh_json_kv_bool(&reply.w, "drained", is_on);
    rh_json_kv_int(&reply.w, "jobs", rh_map64_count(&w->works));
    rc = rh_json_reply_send(&reply, &w->rh, req, 200);
    worker_kick(w);
    return rc;
}

/* Somebody noticed that this node has nothing to do: ask for work now, whatever was put off. */
static void on_idle(void *self, const struct rh_event *event)
{
    struct worker *w = self;

    (void)event; /* a local event is of this node */
    w->poll.failures = 0;
    w->poll.not_before_ms = 0;
    worker_kick(w);
}

struct preempted_event {
    struct rh_str node_id;
    struct rh_str reason;
    int64_t grace_ms;
};
static const struct rh_field preempted_rows[] = {
    RH_STR(struct preempted_event, node_id, RH_REQUIRED, "the node"),
    RH_STR(struct preempted_event, reason, 0, "why"),
    RH_INT(struct preempted_event, grace_ms, 0, 0, RH_JSON_INT_MAX,
           "until its items are given back"),
};

static const struct rh_event_def events[] = {
    {.size = (uint32_t)sizeof(struct rh_event_def), .type = "NODE_IDLE", .on_event = on_idle},
    {.size = (uint32_t)sizeof(struct rh_event_def),
     .kind = RH_EVENT_LOCAL,
     .type = "NODE_PREEMPTED",
     .doc = "This machine is about to be taken away.",
     .payload = RH_FIELDS(struct preempted_event, preempted_rows)},
};

static void on_quiesce_late(void *self, void *user)
{
    struct worker *w = self;

    (void)user;
    w->releases_out = 0; /* what was not given back runs out by itself */
    worker_kick(w);
}

/* Claim nothing more and give back what has not begun. What runs goes on and is adopted later. */
static int32_t quiesce(void *self)
{
    struct worker *w = self;
    rh_handle timer;

    w->is_quiescing = true;
    if (!w->is_active)
        return RH_OK;
    worker_claim_stop(w);
    worker_release_unstarted(w);
    if (w->releases_out == 0)
        return RH_OK;
    if (w->rh.core->timer(w->rh.ctx, QUIESCE_MS, on_quiesce_late, NULL, &timer) != RH_OK)
        return RH_OK;
    w->is_quiesce_pending = true;
    return RH_PENDING;
}

static void destroy(void *self)
{
    struct worker *w = self;

    if (w->is_active)
        deactivate(w);
}

static const char *const services[] = {RH_CORE_ID,    RH_FIELDS_ID,  RH_HTTP_ID,   RH_STATE_ID,
                                       RH_CLUSTER_ID, RH_PROCESS_ID, RH_EVENTS_ID, RH_FILE_ID};
static const char *const after[] = {"work_queue"};

static const struct rh_plugin descriptor = {
    RH_PLUGIN_HEAD(struct worker, "worker", "0.1.0"),
    .summary = "Claims work that this node can do, runs it, reports until acknowledged.",
    .license = "Apache-2.0",
    RH_LIST_OF(services, service),
    .after = after,
    .after_count = 1,
    .config = RH_FIELDS(struct worker_config, config_rows),
    RH_TABLE(namespaces, namespace),
    RH_TABLE(routes, route),
    RH_TABLE(events, event),
    .create = create,
    .start = start,
    .activate = activate,
    .deactivate = deactivate,
    .reconfigure = reconfigure,
    .quiesce = quiesce,
    .destroy = destroy,
};

RH_PLUGIN_ENTRY("worker", "0.1.0", descriptor)
