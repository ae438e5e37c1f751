/* One look: the sensor's report, then the worker's, then what became idle. */
#include <inttypes.h>
#include <stdio.h>

#include <ringhost/sdk/emit.h>

#include "wire.h"

struct gpu_row {
    struct rh_str name;
    double utilization;
};
struct cpu_row {
    double utilization;
};
struct report {
    struct rh_str gpu_state;
    struct rh_str problem;
    struct rh_list gpus;
    struct cpu_row cpu;
};
#define PERCENT(s, m) \
    RH_FIELD_ROW_(s, m, RH_FIELD_NUMBER, .fallback = "-1", .doc = "percent; absent = unknown")
static const struct rh_field gpu_fields[] = {
    RH_STR(struct gpu_row, name, 0, "as the driver calls it"),
    PERCENT(struct gpu_row, utilization),
};
static const struct rh_field cpu_fields[] = {PERCENT(struct cpu_row, utilization)};
static const struct rh_field report_fields[] = {
    RH_CHOICE(struct report, gpu_state, RH_REQUIRED, NULL, "some none unknown", "what is known"),
    RH_STR(struct report, problem, 0, "why something is not known"),
    RH_OBJECT_LIST(struct report, gpus, 0, IDLE_DEVICES_MAX, struct gpu_row, gpu_fields, "devices"),
    RH_OBJECT(struct report, cpu, 0, struct cpu_row, cpu_fields, "all processors"),
};
static const struct rh_fields report_table = RH_FIELDS(struct report, report_fields);

struct job_row {
    int64_t slot;
};
struct counters_row {
    int64_t claimed;
};
struct status {
    int64_t slots;
    struct rh_list items;
    struct counters_row counters;
};
static const struct rh_field job_fields[] = {RH_INT(struct job_row, slot, 0, 0, 0, "its slot")};
static const struct rh_field counters_fields[] = {
    RH_INT(struct counters_row, claimed, 0, 0, 0, "jobs ever"),
};
static const struct rh_field status_fields[] = {
    RH_INT(struct status, slots, 0, 0, 0, "jobs at once"),
    RH_OBJECT_LIST(struct status, items, 0, 4096, struct job_row, job_fields, "jobs"),
    RH_OBJECT(struct status, counters, 0, struct counters_row, counters_fields, "counters"),
};
static const struct rh_fields status_table = RH_FIELDS(struct status, status_fields);

static void finish(struct plugin *p, int32_t rc)
{
    if (rc == RH_ECANCELLED) {
        rh_loop_actions_drop(&p->actions);
        return;
    }
    if (rc != RH_OK)
        idle_unknown(&p->idle);
    rh_loop_actions_end(&p->actions);
    p->rh.core->done(p->rh.ctx, rc);
}

static int32_t take_report(struct plugin *p, struct rh_str text)
{
    struct report report;
    void *memory = NULL;
    char why[160] = "";
    int32_t rc = p->rh.fields->decode(p->rh.ctx, &report_table, text, &report, &memory, why,
                                      (uint32_t)sizeof(why));

    if (rc != RH_OK)
        return rh_failf(&p->rh, rc, "what the sensor printed: %s", why);
    p->reading =
        (struct idle_reading){.gpus = rh_str_eq_c(report.gpu_state, "some")   ? IDLE_GPUS_SOME
                                      : rh_str_eq_c(report.gpu_state, "none") ? IDLE_GPUS_NONE
                                                                              : IDLE_GPUS_UNKNOWN,
                              .gpu_count = report.gpus.count,
                              .cpu_percent = report.cpu.utilization};
    for (uint32_t i = 0; i < report.gpus.count; i++) {
        const struct gpu_row *row = (const struct gpu_row *)report.gpus.items + i;

        p->reading.gpu_percent[i] = row->utilization;
        if (rh_str_copy(p->names[i], sizeof(p->names[i]), row->name) != RH_OK)
            p->names[i][0] = '\0'; /* only shown */
    }
    if (rh_str_eq_c(p->config->devices, "cpu"))
        p->reading.gpus = IDLE_GPUS_NONE;
    if (p->reading.gpus == IDLE_GPUS_SOME && report.gpus.count == 0)
        p->reading.gpus = IDLE_GPUS_UNKNOWN;
    p->read_at_ms = p->rh.core->wall_ms(p->rh.ctx);
    if (p->reading.gpus == IDLE_GPUS_UNKNOWN)
        rc = rh_failf(&p->rh, RH_EIO, "the state of the GPUs is not known: %.*s",
                      RH_STR_ARG(report.problem));
    p->rh.fields->release(p->rh.ctx, memory);
    return rc;
}

static void judge(struct plugin *p)
{
    const struct idle_limits limits = {.below_percent = p->config->below_percent,
                                       .after_ms = p->config->idle_after};
    const int64_t now_ms = p->rh.core->now_ms(p->rh.ctx);
    struct rh_self self = {.size = (uint32_t)sizeof(self)};
    char source[16];
    int64_t since_ms = now_ms;
    const uint32_t told = idle_step(&p->idle, &p->reading, &p->jobs, &limits, now_ms, &since_ms);
    int32_t rc = RH_OK;

    if (told > 0) {
        p->rh.core->self(p->rh.ctx, &self);
        (void)rh_str_copy(source, sizeof(source), p->config->source); /* one of three words */
        rh_loop_action(
            &p->actions, "idle", self.node_id, "%" PRIu32 " of %" PRIu32 " %s for %" PRId64 " s",
            told, p->idle.device_count, p->reading.gpus == IDLE_GPUS_SOME ? "GPUs" : "processors",
            (now_ms - since_ms) / 1000);
        if (!p->config->dry_run)
            rc = rh_emit_node_idle(&p->rh, self.node_id,
                                   p->rh.core->wall_ms(p->rh.ctx) - (now_ms - since_ms), source);
    }
    finish(p, rc);
}

static void on_status(void *self, void *user, const struct rh_reply *answer)
{
    struct plugin *p = self;
    struct status status;
    void *memory = NULL;
    int32_t rc =
        rh_leader_answer(&p->rh, answer, "/worker/status", &status_table, &status, &memory);

    (void)user;
    if (rc != RH_OK) {
        finish(p, rc);
        return;
    }
    p->jobs = (struct idle_jobs){.is_known = true,
                                 .slots = (uint32_t)status.slots,
                                 .has_any = status.items.count > 0,
                                 .claimed = status.counters.claimed};
    for (uint32_t i = 0; i < status.items.count; i++) {
        const int64_t slot = ((const struct job_row *)status.items.items + i)->slot;

        if (slot >= 0 && slot < 64)
            p->jobs.busy_slots |= UINT64_C(1) << slot;
    }
    p->rh.fields->release(p->rh.ctx, memory);
    judge(p);
}

static void ask_worker(struct plugin *p)
{
    const struct rh_call call = {.size = (uint32_t)sizeof(call),
                                 .target = "self",
                                 .method = "GET",
                                 .path = "/worker/status"};
    int32_t rc;

    if (rh_str_eq_c(p->config->jobs, "none")) {
        p->jobs = (struct idle_jobs){.is_known = true};
        judge(p);
        return;
    }
    rc = p->rh.http->call(p->rh.ctx, &call, on_status, NULL, NULL);
    if (rc != RH_OK)
        finish(p, rc);
}

static void on_sensor(void *self, void *user, const struct rh_process_exit *ended)
{
    struct plugin *p = self;
    int32_t rc = ended->rc;

    (void)user;
    p->key[0] = '\0';
    if (!p->is_active)
        return;
    if (rc == RH_OK && (!rh_str_eq_c(ended->reason, "exited") || ended->code != 0))
        rc = rh_failf(&p->rh, RH_EIO, "the sensor: %.*s%s%.*s", RH_STR_ARG(ended->message),
                      ended->errors.n > 0 ? ": " : "", RH_STR_ARG(ended->errors));
    else if (rc != RH_OK)
        rc = rh_failf(&p->rh, rc, "the sensor: %.*s", RH_STR_ARG(ended->message));
    if (rc == RH_OK)
        rc = take_report(p, ended->output);
    if (rc != RH_OK)
        finish(p, rc);
    else
        ask_worker(p);
}

int32_t idle_look(struct plugin *p)
{
    struct rh_str argv[3] = {RH_STR_LIT("ringhost-probe")};
    struct rh_self self = {.size = (uint32_t)sizeof(self)};
    struct rh_process_spec spec = {.size = (uint32_t)sizeof(spec),
                                   .key = p->key,
                                   .argv = {argv, 1, 0},
                                   .output_max = IDLE_REPORT_MAX,
                                   .wall_ms = p->config->timeout,
                                   .grace_ms = 1};
    int32_t rc;

    if (rh_str_eq_c(p->config->source, "command")) {
        spec.argv = p->config->command;
    } else if (rh_str_eq_c(p->config->source, "fake")) {
        argv[0] = RH_STR_LIT("cat");
        argv[1] = RH_STR_LIT("--");
        argv[2] = p->config->file;
        spec.argv.count = 3;
    }
    p->rh.core->self(p->rh.ctx, &self);
    (void)snprintf(p->key, sizeof(p->key), "sensor-%" PRIu64 "-%" PRIu64, self.start_count,
                   ++p->runs); /* two numbers fit */
    rh_loop_actions_begin(&p->actions, &p->rh, IDLE_LOOP, p->config->dry_run != 0);
    rc = p->rh.process->run(p->rh.ctx, &spec, on_sensor, NULL);
    if (rc == RH_OK)
        return RH_PENDING;
    p->key[0] = '\0';
    idle_unknown(&p->idle);
    return rc;
}

static void on_old(void *self, void *user, const struct rh_process_exit *ended)
{
    (void)self;
    (void)user;
    (void)ended; /* a look of long ago tells nothing */
}

void idle_collect(struct plugin *p)
{
    struct rh_process_list list = {.size = (uint32_t)sizeof(list)};

    if (p->rh.process->list(p->rh.ctx, &list) != RH_OK)
        return;
    for (uint32_t i = 0; i < list.count; i++) {
        const char *at = (const char *)list.items + (size_t)i * list.stride;
        const struct rh_process_info *info = (const struct rh_process_info *)(const void *)at;
        char key[RH_PROCESS_KEY_MAX + 1];

        if (rh_str_copy(key, sizeof(key), info->key) == RH_OK)
            (void)p->rh.process->adopt(p->rh.ctx, key, on_old, NULL); /* it goes with its limit */
    }
}
