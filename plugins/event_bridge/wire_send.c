/* Sends the events that are next for a sink: as a POST, or to the standard input of a program. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "wire.h"

#define BODY_BYTES_MAX   (512u * 1024u) /* PACK_BYTES_MAX, one event, and names of members */
#define EVENT_ID_MAX     256
#define OUTPUT_BYTES_MAX (64 * 1024)
#define WORDS_MAX        200 /* of an answer that are kept as the reason */

/* What goes through a callback: the serial of the send. */
static void *user_of(uint64_t serial)
{
    return (void *)(uintptr_t)serial;
}

static void write_event(struct rh_json_writer *w, const struct letter *letter,
                        struct rh_str cluster_id)
{
    rh_json_begin_object(w);
    rh_json_kv_str(w, "id", letter->id);
    rh_json_kv_str(w, "type", letter->type);
    rh_json_kv_strc(w, "kind", letter->is_cluster ? "cluster" : "local");
    rh_json_kv_str(w, "source", letter->source);
    rh_json_kv_str(w, "node_id", letter->node_id);
    rh_json_kv_str(w, "cluster_id", cluster_id);
    rh_json_kv_int(w, "at", letter->at_ms);
    rh_json_kv_int(w, "position", (int64_t)letter->position);
    rh_json_kv_raw(w, "payload", letter->payload.n ? letter->payload : RH_STR_LIT("{}"));
    rh_json_end_object(w);
}

/* What one try carries. */
struct parcel {
    char name[EVENT_ID_MAX + 1]; /* of the event, or of the batch */
    struct rh_str type;          /* "" for a batch */
    uint32_t count;
    struct rh_buf body;
};

static int32_t parcel_init(struct parcel *parcel, const struct sink *sink, uint32_t count)
{
    const bool is_batch = sink->limits.width_max > 1;
    const struct letter first = pack_letter(&sink->pack, 0);
    struct rh_self self = {.size = (uint32_t)sizeof self};
    struct rh_json_writer w;
    int32_t rc = RH_OK;

    *parcel = (struct parcel){.type = is_batch ? RH_STR_LIT("") : first.type, .count = count};
    rh_buf_init(&parcel->body, BODY_BYTES_MAX);
    rh_json_init(&w, &parcel->body);
    sink->bridge->rh.core->self(sink->bridge->rh.ctx, &self);
    if (!is_batch) {
        assert(count == 1);
        rc = rh_str_copy(parcel->name, sizeof parcel->name, first.id);
        write_event(&w, &first, self.cluster_id);
        return rc == RH_OK ? rh_json_finish(&w) : rc;
    }
    pack_name(&sink->pack, count, parcel->name);
    rh_json_begin_object(&w);
    rh_json_kv_strc(&w, "batch", parcel->name);
    rh_json_key(&w, "events");
    rh_json_begin_array(&w);
    for (uint32_t i = 0; i < count; i++) {
        const struct letter letter = pack_letter(&sink->pack, i);

        write_event(&w, &letter, self.cluster_id);
    }
    rh_json_end_array(&w);
    rh_json_end_object(&w);
    return rh_json_finish(&w);
}

/* --- webhooks --- */

static void on_reply(void *self, void *user, const struct rh_reply *reply)
{
    const enum verdict verdict = verdict_of_reply(reply->rc, reply->status);
    char words[RECORD_ERROR_MAX];
    const struct rh_str why =
        reply->rc == RH_OK && reply->message.n == 0 ? reply->body : reply->message;
    const struct rh_str cut = {why.p, why.n < WORDS_MAX ? why.n : WORDS_MAX};

    if (reply->status)
        (void)snprintf(words, sizeof words, "HTTP %u: %.*s", reply->status, RH_STR_ARG(cut));
    else
        (void)snprintf(words, sizeof words, "%.*s", RH_STR_ARG(cut));
    sink_judge(self, (uint64_t)(uintptr_t)user, verdict, rh_str_from(words),
               (int64_t)reply->retry_after_s * 1000);
}

static int32_t post(struct sink *sink, const struct parcel *parcel)
{
    struct bridge *p = sink->bridge;
    const struct sign_message message = {rh_str_from(parcel->name),
                                         p->rh.core->wall_ms(p->rh.ctx) / 1000,
                                         rh_buf_str(&parcel->body)};
    char timestamp[24];
    char signature[SIGN_VALUE_SIZE];
    struct rh_pair headers[4] = {{RH_STR_LIT("webhook-id"), message.id},
                                 {RH_STR_LIT("user-agent"), RH_STR_LIT("ringhost")}};
    struct rh_call call = {.size = (uint32_t)sizeof call,
                           .lane = RH_LANE_BULK,
                           .target = sink->url,
                           .method = "POST",
                           .body = message.body,
                           .timeout_ms = sink->config->timeout,
                           .flags = RH_CALL_IDEMPOTENT,
                           .headers = headers,
                           .header_count = 3,
                           .header_stride = (uint32_t)sizeof headers[0]};

    (void)snprintf(timestamp, sizeof timestamp, "%" PRId64, message.timestamp_s);
    headers[2] = (struct rh_pair){RH_STR_LIT("webhook-timestamp"), rh_str_from(timestamp)};
    if (sink->is_signed) {
        sign_value(&sink->keys, &message, signature);
        headers[3] = (struct rh_pair){RH_STR_LIT("webhook-signature"), rh_str_from(signature)};
        call.header_count = 4;
    }
    return p->rh.http->call(p->rh.ctx, &call, on_reply, user_of(sink->serial), &sink->call);
}

/* --- programs --- */

static void key_of(const struct sink *sink, char key[RH_PROCESS_KEY_MAX])
{
    (void)snprintf(key, RH_PROCESS_KEY_MAX, "sink.%s", sink->name); /* names are short */
}

static void on_exit(void *self, void *user, const struct rh_process_exit *ended)
{
    const enum verdict verdict = verdict_of_exit(ended->rc, ended->reason, ended->code);
    const size_t kept = ended->errors.n < WORDS_MAX ? ended->errors.n : WORDS_MAX;
    const struct rh_str tail = {ended->errors.p + (ended->errors.n - kept), kept};
    char words[RECORD_ERROR_MAX];

    if (rh_str_eq_c(ended->reason, "exited"))
        (void)snprintf(words, sizeof words, "exit status %d: %.*s", ended->code, RH_STR_ARG(tail));
    else
        (void)snprintf(words, sizeof words, "%.*s", RH_STR_ARG(ended->message));
    sink_judge(self, (uint64_t)(uintptr_t)user, verdict, rh_str_from(words), 0);
}

/* A job of an earlier life ends; what it did with its event is not known. */
static void on_adopted_exit(void *self, void *user, const struct rh_process_exit *ended)
{
    (void)ended;
    sink_judge(self, (uint64_t)(uintptr_t)user, VERDICT_STOPPED, (struct rh_str){NULL, 0}, 0);
}

static int32_t run(struct sink *sink, const struct parcel *parcel)
{
    struct bridge *p = sink->bridge;
    char key[RH_PROCESS_KEY_MAX];
    char id[EVENT_ID_MAX + 32];
    char about[96];
    struct rh_str env[2];
    struct rh_process_spec spec = {.size = (uint32_t)sizeof spec,
                                   .key = key,
                                   .argv = sink->config->argv,
                                   .env = {env, 2, 0},
                                   .input = rh_buf_str(&parcel->body),
                                   .output_max = OUTPUT_BYTES_MAX,
                                   .wall_ms = sink->config->timeout};
    int32_t rc;

    key_of(sink, key);
    (void)snprintf(id, sizeof id, "RINGHOST_EVENT_ID=%s", parcel->name);
    if (parcel->type.n > 0)
        (void)snprintf(about, sizeof about, "RINGHOST_EVENT_TYPE=%.*s", RH_STR_ARG(parcel->type));
    else
        (void)snprintf(about, sizeof about, "RINGHOST_EVENT_COUNT=%" PRIu32, parcel->count);
    env[0] = rh_str_from(id);
    env[1] = rh_str_from(about);
    rc = p->rh.process->run(p->rh.ctx, &spec, on_exit, user_of(sink->serial));
    if (rc == RH_EEXISTS)
        rc = p->rh.process->adopt(p->rh.ctx, key, on_adopted_exit, user_of(sink->serial));
    return rc;
}

int32_t sink_send(struct sink *sink, uint32_t count)
{
    struct parcel parcel;
    int32_t rc = parcel_init(&parcel, sink, count);

    sink->serial = ++sink->bridge->last_serial;
    sink->call = 0;
    if (rc == RH_OK)
        rc = sink->url[0] ? post(sink, &parcel) : run(sink, &parcel);
    rh_buf_release(&parcel.body);
    return rc;
}

void sink_send_cancel(struct sink *sink)
{
    struct bridge *p = sink->bridge;

    sink->serial = 0; /* what still comes finds no sink */
    if (sink->call)
        (void)p->rh.http->cancel(p->rh.ctx, sink->call); /* gone: it has ended */
    sink->call = 0;
}
