/* GET /events/sinks and its like for the node: each sink with where it stands and why. */
#include "wire.h"

struct sink *bridge_find(struct bridge *p, const struct scope *scope, struct rh_str name)
{
    for (uint32_t i = 0; i < p->sink_count; i++)
        if (p->sinks[i].scope == scope && rh_str_eq_c(name, p->sinks[i].name))
            return &p->sinks[i];
    return NULL;
}

static void instant_or_null(struct rh_json_writer *w, const char *key, int64_t at_ms)
{
    if (at_ms)
        rh_json_kv_int(w, key, at_ms);
    else
        rh_json_kv_null(w, key);
}

static void write_target(const struct sink *sink, struct rh_json_writer *w)
{
    rh_json_kv_strc(w, "sink", sink->name);
    rh_json_kv_strc(w, "scope", sink->scope->is_node ? "node" : "cluster");
    rh_json_kv_strc(w, "kind", sink->url[0] ? "webhook" : "program");
    if (sink->url[0])
        rh_json_kv_strc(w, "url", sink->url);
    else
        rh_json_kv_str(w, "program", sink->config->argv.items[0]);
    rh_json_kv_bool(w, "signed", sink->is_signed);
    rh_json_key(w, "types");
    rh_json_str_list(w, &sink->config->types);
}

static void write_state(const struct sink *sink, uint64_t newest, struct rh_json_writer *w)
{
    const struct bridge *p = sink->bridge;
    const int64_t due_ms = delivery_due_ms(&sink->delivery);
    const int64_t wall_ms = p->rh.core->wall_ms(p->rh.ctx);
    const uint64_t end = sink->scope->is_node ? sink->outbox.next - 1 : newest;
    const bool has_head = pack_count(&sink->pack) > 0 && !sink->head_is_redriven;
    const struct cursor *cursor = &sink->cursor;

    rh_json_kv_strc(w, "state", delivery_state_name(sink->delivery.state));
    rh_json_kv_bool(w, "available", sink->delivery.is_available);
    rh_json_kv_int(w, "position", (int64_t)cursor->position);
    rh_json_kv_int(w, "newest", (int64_t)end);
    rh_json_kv_int(w, "behind", end > cursor->position ? (int64_t)(end - cursor->position) : 0);
    instant_or_null(w, "oldest_undelivered_at", has_head ? pack_row(&sink->pack, 0)->at_ms : 0);
    rh_json_kv_int(w, "attempts", sink->delivery.attempts);
    instant_or_null(w, "next_attempt_at",
                    due_ms == INT64_MAX ? 0 : wall_ms + due_ms - bridge_now(p));
    if (sink->error[0])
        rh_json_kv_strc(w, "last_error", sink->error);
    else
        rh_json_kv_null(w, "last_error");
    instant_or_null(w, "last_error_at", sink->error_at_ms);
}

static void write_counts(const struct sink *sink, struct rh_json_writer *w)
{
    const struct cursor *cursor = &sink->cursor;

    rh_json_kv_int(w, "delivered", (int64_t)cursor->delivered);
    rh_json_kv_int(w, "missed", (int64_t)cursor->missed);
    rh_json_kv_int(w, "buried", (int64_t)cursor->buried);
    rh_json_kv_int(w, "dead_letters", (int64_t)cursor->dead);
    rh_json_kv_int(w, "failed", (int64_t)sink->counts.failed);
    rh_json_kv_int(w, "refused", (int64_t)sink->counts.refused);
    rh_json_kv_int(w, "redriven", (int64_t)sink->counts.redriven);
    rh_json_kv_int(w, "passed", (int64_t)sink->counts.passed);
    rh_json_kv_int(w, "waiting", sink->outbox.rows);
    rh_json_kv_int(w, "waiting_bytes", sink->outbox.bytes);
    rh_json_kv_int(w, "dropped", (int64_t)sink->outbox.dropped);
}

int32_t bridge_reply_sinks(struct bridge *p, struct scope *scope, rh_req req)
{
    const uint64_t newest = scope->is_node ? 0 : cluster_newest(p);
    struct rh_json_reply reply;
    int32_t rc;

    rh_json_reply_begin(&reply);
    rh_json_key(&reply.w, "sinks");
    rh_json_begin_array(&reply.w);
    for (uint32_t i = 0; i < p->sink_count; i++) {
        if (p->sinks[i].scope != scope)
            continue;
        rh_json_begin_object(&reply.w);
        write_target(&p->sinks[i], &reply.w);
        write_state(&p->sinks[i], newest, &reply.w);
        write_counts(&p->sinks[i], &reply.w);
        rh_json_end_object(&reply.w);
    }
    rc = removed_list(p, scope, newest, &reply.w);
    if (rc != RH_OK) {
        rh_buf_release(&reply.buf);
        return rc;
    }
    rh_json_end_array(&reply.w);
    rh_json_kv_int(&reply.w, "published", (int64_t)p->published);
    return rh_json_reply_send(&reply, &p->rh, req, 200);
}
