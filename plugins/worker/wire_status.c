/* GET /worker/status: what this node does for the queue, for people and scripts. */
#include "wire.h"

#include <ringhost/sdk/str.h>

static void write_items(const struct worker *w, struct rh_json_writer *j)
{
    uint32_t cursor = 0;
    void *value = NULL;
    int64_t now_ms = worker_now(w);

    rh_json_key(j, "items");
    rh_json_begin_array(j);
    while (rh_map64_next(&w->works, &cursor, NULL, &value)) {
        const struct job *job = &((const struct work *)value)->job;
        char gpus[SLOTS_GPUS_TEXT];

        rh_json_begin_object(j);
        rh_json_kv_strc(j, "work_id", job->work_id);
        rh_json_kv_strc(j, "work_type", job->work_type);
        rh_json_kv_int(j, "attempt", job->attempt);
        rh_json_kv_int(j, "slot", job->share.index);
        rh_json_kv_int(j, "cpus", job->share.cpus);
        slots_gpus_write(job->share.gpu_bits, gpus);
        rh_json_kv_strc(j, "gpus", gpus);
        rh_json_kv_strc(j, "state", job_state_word(job->state));
        rh_json_kv_bool(j, "adopted", job->is_adopted);
        rh_json_kv_int(j, "held_ms", now_ms - job->since_ms);
        rh_json_kv_int(j, "lease_left_ms", job->deadline_ms - now_ms);
        rh_json_end_object(j);
    }
    rh_json_end_array(j);
}

static void write_counters(const struct counters *c, struct rh_json_writer *j)
{
    rh_json_key(j, "counters");
    rh_json_begin_object(j);
    rh_json_kv_int(j, "claimed", c->claimed);
    rh_json_kv_int(j, "completed", c->completed);
    rh_json_kv_int(j, "failed", c->failed);
    rh_json_kv_int(j, "cancelled", c->cancelled);
    rh_json_kv_int(j, "leases_lost", c->leases_lost);
    rh_json_kv_int(j, "adopted", c->adopted);
    rh_json_kv_int(j, "preempted", c->preempted);
    rh_json_kv_int(j, "released", c->released);
    rh_json_kv_int(j, "reports_delivered", c->delivered);
    rh_json_kv_int(j, "reports_refused", c->refused);
    rh_json_kv_int(j, "stale", c->stale);
    rh_json_kv_int(j, "polls", c->polls);
    rh_json_kv_int(j, "polls_failed", c->polls_failed);
    rh_json_end_object(j);
}

static void write_problems(const struct worker *w, struct rh_json_writer *j)
{
    uint32_t count = w->problem_count < PROBLEMS_MAX ? w->problem_count : PROBLEMS_MAX;

    rh_json_key(j, "last_errors"); /* the newest first */
    rh_json_begin_array(j);
    for (uint32_t i = 1; i <= count; i++) {
        const struct problem *problem = &w->problems[(w->problem_count - i) % PROBLEMS_MAX];

        rh_json_begin_object(j);
        rh_json_kv_int(j, "at", problem->at_ms);
        if (problem->work_id[0])
            rh_json_kv_strc(j, "work_id", problem->work_id);
        rh_json_kv_strc(j, "error", problem->text);
        rh_json_end_object(j);
    }
    rh_json_end_array(j);
}

static const char *doing(const struct worker *w)
{
    if (w->is_quiescing)
        return "stopping";
    if (worker_claim_is_maintenance(w))
        return "maintenance";
    if (w->preempt.state != PREEMPT_NONE)
        return "preempted";
    if (w->is_drained)
        return "draining";
    if (w->config->commands.count == 0)
        return "no_commands";
    if (slots_free(&w->slots) == 0)
        return "busy";
    if (w->poll.is_out)
        return "waiting_for_work";
    return w->poll.failures > 0 || worker_now(w) < w->paused_until_ms ? "backing_off" : "idle";
}

int32_t worker_handle_status(void *self, rh_req req, const void *fields)
{
    struct worker *w = self;
    struct rh_json_reply reply;

    (void)fields;
    rh_json_reply_begin(&reply);
    rh_json_kv_str(&reply.w, "node_id", worker_node(w));
    rh_json_kv_strc(&reply.w, "state", doing(w));
    rh_json_kv_int(&reply.w, "slots", w->slots.count);
    rh_json_kv_int(&reply.w, "slots_free", slots_free(&w->slots));
    rh_json_kv_int(&reply.w, "gpus", w->slots.gpu_count);
    rh_json_kv_int(&reply.w, "gpus_free", slots_gpus_free(&w->slots));
    rh_json_key(&reply.w, "work_types");
    rh_json_begin_array(&reply.w);
    for (uint32_t i = 0; i < w->config->commands.count; i++)
        rh_json_string(&reply.w, worker_command_at(w, i)->work_type);
    rh_json_end_array(&reply.w);
    write_items(w, &reply.w);
    worker_preempt_write(w, &reply.w);
    rh_json_kv_int(&reply.w, "outbox", w->outbox.count);
    rh_json_kv_int(&reply.w, "outbox_in_flight", w->outbox.in_flight);
    if (w->poll.last_refusal[0])
        rh_json_kv_strc(&reply.w, "last_refusal", w->poll.last_refusal);
    write_counters(&w->counters, &reply.w);
    write_problems(w, &reply.w);
    return rh_json_reply_send(&reply, &w->rh, req, 200);
}
