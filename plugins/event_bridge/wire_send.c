/* Sends the event at the head of a sink: as a POST, or to the standard input of a program. */
#include <inttypes.h>
#include <stdio.h>

#include "wire.h"

#define BODY_BYTES_MAX   (128u * 1024u)
#define OUTPUT_BYTES_MAX (64 * 1024)
#define WORDS_MAX        200 /* of an answer that are kept as the reason */

/* What goes through a callback: the serial of the send. */
static void *user_of(uint64_t serial)
{
    return (void *)(uintptr_t)serial;
}

/* The body of every delivery. */
static int32_t write_body(const struct sink *sink, const struct letter *letter, struct rh_buf *body)
{
    struct rh_self self = {.size = (uint32_t)sizeof self};
    struct rh_json_writer w;

    sink->bridge->rh.core->self(sink->bridge->rh.ctx, &self);
    rh_buf_init(body, BODY_BYTES_MAX);
    rh_json_init(&w, body);
    rh_json_begin_object(&w);
    rh_json_kv_str(&w, "id", letter->id);
    rh_json_kv_str(&w, "type", letter->type);
    rh_json_kv_strc(&w, "kind", letter->is_cluster ? "cluster" : "local");
    rh_json_kv_str(&w, "source", letter->source);
    rh_json_kv_str(&w, "node_id", letter->node_id);
    rh_json_kv_str(&w, "cluster_id", self.cluster_id);
    rh_json_kv_int(&w, "at", letter->at_ms);
    rh_json_kv_int(&w, "position", (int64_t)letter->position);
    rh_json_kv_raw(&w, "payload", letter->payload.n ? letter->payload : RH_STR_LIT("{}"));
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

static int32_t post(struct sink *sink, const struct letter *letter, struct rh_str body)
{
    struct bridge *p = sink->bridge;
    const struct sign_message message = {letter->id, p->rh.core->wall_ms(p->rh.ctx) / 1000, body};
    char timestamp[24];
    char signature[SIGN_VALUE_SIZE];
    struct rh_pair headers[4] = {{RH_STR_LIT("webhook-id"), letter->id},
                                 {RH_STR_LIT("user-agent"), RH_STR_LIT("ringhost")}};
    struct rh_call call = {.size = (uint32_t)sizeof call,
                           .lane = RH_LANE_BULK,
                           .target = sink->url,
                           .method = "POST",
                           .body = body,
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

static int32_t run(struct sink *sink, const struct letter *letter, struct rh_str body)
{
    struct bridge *p = sink->bridge;
    char key[RH_PROCESS_KEY_MAX];
    char id[320];
    char type[96];
    struct rh_str env[2];
    struct rh_process_spec spec = {.size = (uint32_t)sizeof spec,
                                   .key = key,
                                   .argv = sink->config->argv,
                                   .env = {env, 2, 0},
                                   .input = body,
                                   .output_max = OUTPUT_BYTES_MAX,
                                   .wall_ms = sink->config->timeout};
    int32_t rc;

    key_of(sink, key);
    (void)snprintf(id, sizeof id, "RINGHOST_EVENT_ID=%.*s", RH_STR_ARG(letter->id));
    (void)snprintf(type, sizeof type, "RINGHOST_EVENT_TYPE=%.*s", RH_STR_ARG(letter->type));
    env[0] = rh_str_from(id);
    env[1] = rh_str_from(type);
    rc = p->rh.process->run(p->rh.ctx, &spec, on_exit, user_of(sink->serial));
    if (rc == RH_EEXISTS)
        rc = p->rh.process->adopt(p->rh.ctx, key, on_adopted_exit, user_of(sink->serial));
    return rc;
}

int32_t sink_send(struct sink *sink, const struct letter *letter)
{
    struct rh_buf body;
    int32_t rc = write_body(sink, letter, &body);

    sink->serial = ++sink->bridge->last_serial;
    sink->call = 0;
    if (rc == RH_OK)
        rc = sink->url[0] ? post(sink, letter, rh_buf_str(&body))
                          : run(sink, letter, rh_buf_str(&body));
    rh_buf_release(&body);
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
