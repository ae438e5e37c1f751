/* Messages between simulated nodes, and from the test to a node. A lost message is not told to
 * anyone: deadlines find out. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/sim/sim.h"

#define CONNECT_FAILS_US 1000
#define ANSWER_BYTES_MAX (256u * 1024u * 1024u)

/* A request on the wire; owns its texts. */
struct sim_message {
    struct rh_testnet *net;
    struct rh_testhost *to;
    uint64_t call;
    uint64_t request;
    struct rh_buf text;
    struct rh_str method, target, body;
    struct http_header headers[HTTP_HEADERS_MAX];
    uint32_t header_count;
};

/* An answer on the wire. */
struct sim_answer {
    struct rh_testnet *net;
    uint64_t call;
    uint32_t status, retry_after_s;
    char node_id[80];
    char content_type[128];
    struct rh_buf body;
};

static struct rh_str keep(struct rh_buf *buf, struct rh_str s)
{
    struct rh_str kept = {buf->p + buf->n, s.n};

    (void)rh_buf_append(buf, s.p, s.n); /* was reserved */
    return kept;
}

static void end_call(struct rh_testnet *net, struct sim_call *call,
                     const struct http_result *result)
{
    sim_cancel(call->deadline);
    (void)rh_map64_remove(&net->calls, call->id);
    call->done(call->user, result);
    free(call);
}

/* An id of a call packed as a pointer argument of an event. */
struct call_end {
    struct rh_testnet *net;
    uint64_t call;
    int32_t rc;
    const char *reason;
};

static void call_end_run(void *arg)
{
    struct call_end *end = arg;
    struct sim_call *call = rh_map64_get(&end->net->calls, end->call);
    struct http_result result = {.rc = end->rc, .reason = end->reason};

    if (call) {
        if (end->rc == RH_ETIMEOUT)
            call->deadline = NULL; /* this very event */
        end_call(end->net, call, &result);
    }
    free(end);
}

static struct sim_event *call_end_at(struct rh_testnet *net, uint64_t call, int64_t at_us,
                                     int32_t rc, const char *reason)
{
    struct call_end *end = malloc(sizeof *end);
    struct sim_event *event;

    if (!end)
        abort(); /* as sim_at */
    *end = (struct call_end){net, call, rc, reason};
    event = sim_at(net, at_us, call_end_run, end);
    event->owns_arg = true;
    return event;
}

static void message_free(struct sim_message *message)
{
    rh_buf_release(&message->text);
    free(message);
}

/* A request of the test finds nobody: an answer with status 0. */
static void request_lost(const struct sim_message *message)
{
    struct sim_request *request = rh_map64_get(&message->to->requests, message->request);

    if (request)
        request->is_answered = true;
}

/* The request reaches its node. */
static void message_arrives(void *arg)
{
    struct sim_message *message = arg;
    struct rh_testnet *net = message->net;
    struct sim_call *call = rh_map64_get(&net->calls, message->call);
    struct sim_exchange *exchange;
    struct http_inbound in = {
        .method = message->method,
        .target = message->target,
        .address = RH_STR_LIT("127.0.0.1:1"),
        .body = message->body,
        .headers = message->headers,
        .header_count = message->header_count,
        .is_loopback = 1,
    };

    if (!message->to->is_up) {
        if (call)
            (void)call_end_at(net, message->call, net->now_us + CONNECT_FAILS_US, RH_EUNREACHABLE,
                              "connection refused");
        if (message->request)
            request_lost(message);
        message_free(message);
        return;
    }
    if (call)
        call->was_delivered = true;
    exchange = calloc(1, sizeof *exchange);
    if (!exchange)
        abort(); /* as sim_at */
    *exchange = (struct sim_exchange){sim_id(net), message->to, message->call, message->request,
                                      message->to->life};
    if (rh_map64_put(&net->exchanges, exchange->id, exchange, NULL) != RH_OK)
        abort(); /* likewise */
    if (message->request) {
        struct sim_request *request = rh_map64_get(&message->to->requests, message->request);

        if (request)
            request->exchange = exchange->id;
    }
    in.exchange = exchange->id;
    core_on_request(message->to->core, &in);
    message_free(message);
}

static struct sim_message *message_new(struct rh_testhost *to, size_t room)
{
    struct sim_message *message = calloc(1, sizeof *message);

    if (!message)
        abort(); /* as sim_at */
    message->net = to->net;
    message->to = to;
    rh_buf_init(&message->text, room + 1);
    if (!rh_buf_reserve(&message->text, room + 1))
        abort(); /* likewise */
    return message;
}

int32_t sim_call(void *driver, const struct http_outbound *out, http_done done, void *user,
                 uint64_t *id)
{
    struct rh_testhost *from = driver;
    struct rh_testnet *net = from->net;
    struct rh_testhost *to = sim_find(net, out->authority);
    struct sim_call *call = calloc(1, sizeof *call);
    struct sim_message *message;
    size_t room = strlen(out->method) + out->target.n + out->body.n + 64;

    if (!call)
        return RH_ENOMEM;
    *call = (struct sim_call){sim_id(net), from, from->life, done, user, false, NULL};
    if (rh_map64_put(&net->calls, call->id, call, NULL) != RH_OK) {
        free(call);
        return RH_EAGAIN;
    }
    *id = call->id;
    call->deadline =
        call_end_at(net, call->id, out->deadline_ms * 1000, RH_ETIMEOUT, "no answer in time");
    if (!to) {
        (void)call_end_at(net, call->id, net->now_us + CONNECT_FAILS_US, RH_EUNREACHABLE,
                          "no such host");
        return RH_OK;
    }
    if (net->cuts[from->index][to->index])
        return RH_OK; /* the deadline will tell */
    for (uint32_t i = 0; i < out->header_count; i++)
        room += out->headers[i].name.n + out->headers[i].value.n;
    if (out->content_type)
        room += strlen(out->content_type);
    message = message_new(to, room);
    message->call = call->id;
    message->method = keep(&message->text, rh_str_from(out->method));
    message->target = keep(&message->text, out->target);
    message->body = keep(&message->text, out->body);
    for (uint32_t i = 0; i < out->header_count; i++)
        message->headers[message->header_count++] =
            (struct http_header){keep(&message->text, out->headers[i].name),
                                 keep(&message->text, out->headers[i].value)};
    if (out->content_type)
        message->headers[message->header_count++] = (struct http_header){
            RH_STR_LIT("Content-Type"), keep(&message->text, rh_str_from(out->content_type))};
    (void)sim_at(net, net->now_us + sim_latency_us(net), message_arrives, message);
    return RH_OK;
}

void sim_call_cancel(void *driver, uint64_t id)
{
    struct rh_testhost *from = driver;

    if (rh_map64_get(&from->net->calls, id))
        (void)call_end_at(from->net, id, from->net->now_us, RH_ECANCELLED, "cancelled");
}

static void answer_arrives(void *arg)
{
    struct sim_answer *answer = arg;
    struct sim_call *call = rh_map64_get(&answer->net->calls, answer->call);
    struct http_result result = {
        .rc = RH_OK,
        .status = answer->status,
        .retry_after_s = answer->retry_after_s,
        .body = rh_buf_str(&answer->body),
        .node_id = rh_str_from(answer->node_id),
        .content_type = rh_str_from(answer->content_type),
        .reason = "",
    };

    if (call)
        end_call(answer->net, call, &result);
    rh_buf_release(&answer->body);
    free(answer);
}

static void answer_call(struct sim_exchange *exchange, const struct http_outreply *reply)
{
    struct rh_testnet *net = exchange->to->net;
    struct sim_call *call = rh_map64_get(&net->calls, exchange->call);
    struct sim_answer *answer;

    if (!call || net->cuts[exchange->to->index][call->from->index])
        return; /* nobody waits, or the answer is lost */
    answer = calloc(1, sizeof *answer);
    if (!answer)
        abort(); /* as sim_at */
    answer->net = net;
    answer->call = exchange->call;
    answer->status = reply->status;
    answer->retry_after_s = reply->retry_after_s;
    (void)rh_str_copy(answer->node_id, sizeof answer->node_id, reply->node_id); /* ids fit */
    (void)snprintf(answer->content_type, sizeof answer->content_type, "%s",
                   reply->content_type ? reply->content_type : ""); /* ours are short */
    rh_buf_init(&answer->body, ANSWER_BYTES_MAX);
    if (rh_buf_append_str(&answer->body, reply->body) != RH_OK)
        abort(); /* likewise */
    (void)sim_at(net, net->now_us + sim_latency_us(net), answer_arrives, answer);
}

static void answer_request(struct sim_exchange *exchange, const struct http_outreply *reply,
                           bool is_whole)
{
    struct sim_request *request = rh_map64_get(&exchange->to->requests, exchange->request);

    if (!request)
        return;
    request->status = reply->status;
    request->retry_after_s = reply->retry_after_s;
    request->is_answered = is_whole;
    (void)rh_str_copy(request->node_id, sizeof request->node_id, reply->node_id); /* ids fit */
    (void)snprintf(request->content_type, sizeof request->content_type, "%s",
                   reply->content_type ? reply->content_type : ""); /* ours are short */
    if (rh_buf_append_str(&request->body, reply->body) != RH_OK)
        abort(); /* as sim_at */
}

static struct sim_exchange *own_exchange(struct rh_testhost *host, uint64_t id)
{
    struct sim_exchange *exchange = rh_map64_get(&host->net->exchanges, id);

    return exchange && exchange->to == host ? exchange : NULL;
}

int32_t sim_reply(void *driver, uint64_t id, const struct http_outreply *reply)
{
    struct rh_testhost *host = driver;
    struct sim_exchange *exchange = own_exchange(host, id);

    if (!exchange)
        return RH_ENOTFOUND;
    if (exchange->call)
        answer_call(exchange, reply);
    else
        answer_request(exchange, reply, true);
    (void)rh_map64_remove(&host->net->exchanges, id);
    free(exchange);
    return RH_OK;
}

int32_t sim_stream_begin(void *driver, uint64_t id, const struct http_outreply *head)
{
    struct sim_exchange *exchange = own_exchange(driver, id);

    if (!exchange || !exchange->request)
        return RH_ENOTFOUND;
    answer_request(exchange, head, false);
    return RH_OK;
}

int32_t sim_stream_write(void *driver, uint64_t id, struct rh_str data, uint64_t *pending)
{
    struct sim_exchange *exchange = own_exchange(driver, id);
    struct sim_request *request =
        exchange ? rh_map64_get(&exchange->to->requests, exchange->request) : NULL;

    *pending = 0;
    if (!request)
        return RH_ENOTFOUND;
    return rh_buf_append_str(&request->body, data);
}

int32_t sim_stream_end(void *driver, uint64_t id)
{
    struct rh_testhost *host = driver;
    struct sim_exchange *exchange = own_exchange(host, id);
    struct sim_request *request =
        exchange ? rh_map64_get(&host->requests, exchange->request) : NULL;

    if (!exchange)
        return RH_ENOTFOUND;
    if (request)
        request->is_answered = true;
    (void)rh_map64_remove(&host->net->exchanges, id);
    free(exchange);
    return RH_OK;
}

/* Requests that the node had not answered are lost with it. */
void sim_net_drop(struct rh_testhost *host)
{
    uint32_t cursor = 0;
    uint64_t key;
    void *value;

    while (rh_map64_next(&host->net->exchanges, &cursor, &key, &value)) {
        struct sim_exchange *exchange = value;
        struct sim_request *request;

        if (exchange->to != host)
            continue;
        request = exchange->request ? rh_map64_get(&host->requests, exchange->request) : NULL;
        if (request)
            request->is_answered = true; /* with status 0 when nothing had come */
        if (exchange->call && rh_map64_get(&host->net->calls, exchange->call))
            (void)call_end_at(host->net, exchange->call, host->net->now_us + CONNECT_FAILS_US,
                              RH_EUNKNOWN, "connection lost");
        (void)rh_map64_remove(&host->net->exchanges, key);
        free(exchange);
    }
}

uint64_t sim_request_send(struct rh_testhost *host, const char *token, const char *last_event_id,
                          const char *method, const char *target, const char *body)
{
    struct sim_request *request = calloc(1, sizeof *request);
    size_t room = strlen(method) + strlen(target) + (body ? strlen(body) : 0) +
                  (token ? strlen(token) : 0) + (last_event_id ? strlen(last_event_id) : 0) + 64;
    struct sim_message *message;

    if (!request)
        abort(); /* as sim_at */
    request->id = sim_id(host->net);
    rh_buf_init(&request->body, 256u * 1024u * 1024u);
    if (rh_map64_put(&host->requests, request->id, request, NULL) != RH_OK)
        abort(); /* likewise */
    if (!host->is_up) {
        request->is_answered = true;
        return request->id;
    }
    message = message_new(host, room);
    message->request = request->id;
    message->method = keep(&message->text, rh_str_from(method));
    message->target = keep(&message->text, rh_str_from(target));
    message->body = keep(&message->text, rh_str_from(body ? body : ""));
    if (body)
        message->headers[message->header_count++] =
            (struct http_header){RH_STR_LIT("Content-Type"), RH_STR_LIT("application/json")};
    if (token) {
        struct rh_str bearer = keep(&message->text, RH_STR_LIT("Bearer "));

        bearer.n += keep(&message->text, rh_str_from(token)).n;
        message->headers[message->header_count++] =
            (struct http_header){RH_STR_LIT("Authorization"), bearer};
    }
    if (last_event_id)
        message->headers[message->header_count++] = (struct http_header){
            RH_STR_LIT("Last-Event-ID"), keep(&message->text, rh_str_from(last_event_id))};
    (void)sim_at(host->net, host->net->now_us, message_arrives, message);
    return request->id;
}
