/* GET /work/stats: the numbers of the queue, and why claims got nothing. Nothing is changed here.
 */
#include "wire.h"

/* Kinds of pending work, and configs, that are listed. */
#define KINDS_LISTED_MAX   200u
#define CONFIGS_LISTED_MAX 10000u

static void write_reasons(struct rh_json_writer *w, const uint64_t *refused, bool with_zeros)
{
    rh_json_key(w, "refused");
    rh_json_begin_object(w);
    for (uint32_t i = MATCH_OK + 1; i < MATCH_REASON_COUNT; i++) {
        if (refused[i] > 0 || with_zeros)
            rh_json_kv_int(w, match_reason_name(i), (int64_t)refused[i]);
    }
    rh_json_end_object(w);
}

/* When the first pending item of each class came, into a map by class name. */
static int32_t find_oldest(struct work_queue *self, struct rh_map *oldest)
{
    uint32_t cursor = 0;
    void *value;

    while (rh_map_next(&self->queue.fair.buckets, &cursor, NULL, &value)) {
        const struct fair_bucket *bucket = value;
        struct fair_entry *head = fair_head(bucket);
        struct rh_str name = bucket->lane->class_->name;
        const struct fair_entry *first = rh_map_get(oldest, name);
        if (head && (!first || head->enqueued_ms < first->enqueued_ms)) {
            int32_t rc = rh_map_put(oldest, name, head, NULL);
            if (rc)
                return rc;
        }
    }
    return RH_OK;
}

static void write_config(struct work_queue *self, struct rh_json_writer *w,
                         const struct fair_class *class_, const struct fair_entry *first)
{
    int64_t now_ms = wire_now(self).wall_ms;

    rh_json_begin_object(w);
    rh_json_kv_str(w, "work_type", class_->work_type);
    rh_json_kv_str(w, "config_key", class_->config_key);
    for (uint8_t s = 0; s < ITEM_STATES; s++)
        rh_json_kv_int(w, item_state_name(s),
                       item_state_is_live(s) ? (int64_t)class_->counts[s]
                                             : (int64_t)class_->finished[s]);
    if (first)
        rh_json_kv_int(w, "oldest_pending_s",
                       now_ms > first->enqueued_ms ? (now_ms - first->enqueued_ms) / 1000 : 0);
    rh_json_kv_double(w, "done_per_min", rate_per_minute(&class_->done_rate, now_ms));
    if (class_->is_paused)
        rh_json_kv_bool(w, "paused", true);
    write_reasons(w, class_->refused, false);
    rh_json_end_object(w);
}

/* Live items of each (work_type, config_key), and what became of others since activation. */
static void write_configs(struct work_queue *self, struct rh_json_writer *w)
{
    struct rh_map oldest;
    uint32_t cursor = 0;
    uint32_t listed = 0;
    void *value;

    rh_map_init(&oldest, self->rh.core->random(self->rh.ctx), FAIR_BUCKETS_MAX);
    (void)find_oldest(self, &oldest); /* without memory some go without their age */
    rh_json_key(w, "configs");
    rh_json_begin_array(w);
    while (listed++ < CONFIGS_LISTED_MAX &&
           rh_map_next(&self->queue.fair.classes, &cursor, NULL, &value)) {
        const struct fair_class *class_ = value;
        write_config(self, w, class_, rh_map_get(&oldest, class_->name));
    }
    rh_json_end_array(w);
    rh_map_release(&oldest);
}

/* What kinds of pending work there are: with the refusals, the answer to "why does nobody take
 * this?". */
static void write_kinds(struct work_queue *self, struct rh_json_writer *w)
{
    uint32_t cursor = 0;
    uint32_t listed = 0;
    void *value;

    rh_json_key(w, "kinds");
    rh_json_begin_array(w);
    while (listed < KINDS_LISTED_MAX &&
           rh_map_next(&self->queue.fair.buckets, &cursor, NULL, &value)) {
        const struct fair_bucket *bucket = value;
        if (bucket->pending.count == 0)
            continue;
        rh_json_begin_object(w);
        wire_write_shape(w, &bucket->shape);
        rh_json_kv_int(w, "pending", bucket->pending.count);
        rh_json_end_object(w);
        listed++;
    }
    rh_json_end_array(w);
}

static void write_refusals(struct work_queue *self, struct rh_json_writer *w)
{
    const struct stats *stats = &self->queue.stats;

    write_reasons(w, stats->refused, true);
    rh_json_kv_int(w, "claims", (int64_t)stats->claims);
    rh_json_kv_int(w, "claims_empty", (int64_t)stats->claims_empty);
    rh_json_kv_int(w, "claims_parked", waiters_count(&self->waiters));
    rh_json_kv_int(w, "attempts_expired", (int64_t)stats->expired);
    rh_json_kv_int(w, "attempts_reaped", (int64_t)stats->reaped);
    rh_json_kv_int(w, "attempts_retried", (int64_t)stats->retried);
    rh_json_kv_int(w, "items_stolen", (int64_t)stats->stolen);
    rh_json_kv_int(w, "items_lost", (int64_t)stats->lost);
    rh_json_kv_int(w, "dead_retried", (int64_t)stats->revived);
    rh_json_kv_int(w, "reports_duplicate", (int64_t)stats->duplicates);
    rh_json_kv_int(w, "reports_stale", (int64_t)stats->stale);
}

int32_t handle_stats(void *instance, rh_req req, const void *fields)
{
    struct work_queue *self = instance;
    const struct counters *c = &self->queue.counters;
    struct rh_json_reply reply;

    (void)fields;
    rh_json_reply_begin(&reply);
    rh_json_kv_int(&reply.w, "added", (int64_t)c->added);
    rh_json_kv_int(&reply.w, "live", queue_live_count(&self->queue));
    for (uint8_t s = 0; s < ITEM_STATES; s++)
        rh_json_kv_int(&reply.w, item_state_name(s),
                       item_state_is_live(s) ? (int64_t)self->queue.live[s]
                                             : (int64_t)c->finished[s]);
    rh_json_kv_int(&reply.w, "finished_kept", (int64_t)counters_kept(c));
    rh_json_kv_int(&reply.w, "queue_max", self->config->queue_max);
    rh_json_kv_double(&reply.w, "done_per_min",
                      rate_per_minute(&self->queue.done_rate, wire_now(self).wall_ms));
    write_refusals(self, &reply.w);
    wire_write_paused(self, &reply.w);
    write_configs(self, &reply.w);
    write_kinds(self, &reply.w);
    return rh_json_reply_send(&reply, &self->rh, req, 200);
}
