/* Messages between simulated nodes. A lost message is not told to anyone: deadlines find out. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/sim/sim.h"

#define CONNECT_FAILS_US 1000
#define ANSWER_BYTES_MAX (256u * 1024u * 1024u)

/* An answer on the wire. */
struct sim_answer {
    struct rh_testnet *net;
    struct sim_exchange about; /* the exchange it ends, which is gone by the time it arrives */
    uint32_t status, retry_after_s;
    char node_id[80];
    char content_type[128];
    struct rh_buf body;
};

/* --- the end of a call --- */

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

static struct sim_event *call_end_at(const struct sim_call *call, int64_t at_us, int32_t rc,
                                     const char *reason)
{
    struct call_end *end = malloc(sizeof *end);
    struct sim_event *event;

    if (!end)
        abort(); /* as sim_at */
    *end = (struct call_end){call->from->net, call->id, rc, reason};
    event = sim_at_node(call->from, at_us, call_end_run, end);
    event->owns_arg = true;
    return event;
}

static void call_fails(struct rh_testnet *net, uint64_t id, int32_t rc, const char *reason)
{
    const struct sim_call *call = rh_map64_get(&net->calls, id);

    if (call)
        (void)call_end_at(call, net->now_us + CONNECT_FAILS_US, rc, reason);
}

/* --- a request on its way --- */

struct sim_message *sim_message_new(struct rh_testhost *to, size_t room, uint32_t header_room)
{
    struct sim_message *message =
        malloc(sizeof *message + header_room * sizeof message->headers[0]);

    if (!message)
        abort(); /* as sim_at */
    assert(header_room <= HTTP_HEADERS_MAX);
    *message = (struct sim_message){
        .net = to->net, .to = to, .from = RH_SIM_OUTSIDE, .header_room = header_room};
    rh_buf_init(&message->text, room + 1);
    if (!rh_buf_reserve(&message->text, room + 1))
        abort(); /* likewise */
    return message;
}

struct rh_str sim_message_keep(struct sim_message *message, struct rh_str s)
{
    struct rh_str kept = {message->text.p + message->text.n, s.n};
    int32_t rc = rh_buf_append(&message->text, s.p, s.n);

    assert(rc == RH_OK); /* was reserved */
    (void)rc;
    return kept;
}

void sim_message_add(struct sim_message *message, struct rh_str name, struct rh_str value)
{
    struct http_header *header = &message->headers[message->header_count];

    assert(message->header_count < message->header_room);
    message->header_count++;
    header->name = sim_message_keep(message, name);
    header->value = sim_message_keep(message, value);
}

static void message_free(struct sim_message *message)
{
    rh_buf_release(&message->text);
    free(message);
}

static struct sim_exchange *exchange_new(const struct sim_message *message)
{
    struct rh_testhost *to = message->to;
    struct sim_exchange *exchange = malloc(sizeof *exchange);
    const char *mark = memchr(message->target.p, '?', message->target.n);
    size_t path_n = mark ? (size_t)(mark - message->target.p) : message->target.n;

    if (path_n >= sizeof exchange->path)
        path_n = sizeof exchange->path - 1; /* cut */

    if (!exchange)
        abort(); /* as sim_at */
    exchange->id = sim_id(to->net);
    exchange->to = to;
    exchange->from = message->from;
    exchange->call = message->call;
    exchange->request = message->request;
    exchange->life = to->life;
    (void)rh_str_copy(exchange->method, sizeof exchange->method,
                      message->method); /* methods are short */
    (void)rh_str_copy(exchange->path, sizeof exchange->path,
                      (struct rh_str){message->target.p, path_n}); /* fits */
    if (rh_map64_put(&to->net->exchanges, exchange->id, exchange, NULL) != RH_OK)
        abort(); /* likewise */
    return exchange;
}

/* The request reaches its node. */
void sim_message_deliver(struct sim_message *message)
{
    struct rh_testhost *to = message->to;
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

    if (!to->is_up) {
        call_fails(to->net, message->call, RH_EUNREACHABLE, "connection refused");
        if (message->request)
            sim_request_end(to, message->request);
        message_free(message);
        return;
    }
    sim_tell_request(message, RH_SIM_REQUEST_DELIVERED);
    exchange = exchange_new(message);
    if (message->request) {
        struct sim_request *request = rh_map64_get(&to->requests, message->request);

        if (request)
            request->exchange = exchange->id;
    }
    in.exchange = exchange->id;
    core_on_request(to->core, &in);
    message_free(message);
}

static void message_arrives(void *arg)
{
    sim_message_deliver(arg);
}

void sim_message_go(struct sim_message *message, int64_t delay_us)
{
    (void)sim_at_node(message->to, message->net->now_us + delay_us, message_arrives, message);
}

/* The same again, for a wire that duplicates. */
static struct sim_message *message_dup(const struct sim_message *message)
{
    struct sim_message *copy = sim_message_new(message->to, message->text.n, message->header_count);
    ptrdiff_t moved;

    (void)rh_buf_append(&copy->text, message->text.p, message->text.n); /* was reserved */
    moved = copy->text.p - message->text.p;
    copy->from = message->from;
    copy->call = message->call;
    copy->request = message->request;
    copy->method = (struct rh_str){message->method.p + moved, message->method.n};
    copy->target = (struct rh_str){message->target.p + moved, message->target.n};
    copy->body = (struct rh_str){message->body.p + moved, message->body.n};
    copy->header_count = message->header_count;
    for (uint32_t i = 0; i < message->header_count; i++) {
        copy->headers[i] = message->headers[i];
        copy->headers[i].name.p += moved;
        copy->headers[i].value.p += moved;
    }
    return copy;
}

void sim_message_send(struct sim_message *message)
{
    struct rh_testnet *net = message->net;
    uint32_t to = message->to->index;
    int64_t at_us;

    sim_tell_request(message, RH_SIM_REQUEST_SENT);
    if (sim_chance(&net->rng, sim_wire_faults(&net->wire, message->from, to)->duplicate_ppm) &&
        sim_wire_send(&net->wire, message->from, to, net->now_us, &net->rng, &at_us))
        sim_message_go(message_dup(message), at_us - net->now_us);
    if (sim_wire_send(&net->wire, message->from, to, net->now_us, &net->rng, &at_us))
        sim_message_go(message, at_us - net->now_us);
    else
        message_free(message); /* the deadline will tell */
}

static struct sim_message *message_of(struct rh_testhost *to, const struct http_outbound *out)
{
    size_t room = strlen(out->method) + out->target.n + out->body.n + 64;
    struct sim_message *message;

    for (uint32_t i = 0; i < out->header_count; i++)
        room += out->headers[i].name.n + out->headers[i].value.n;
    if (out->content_type)
        room += strlen(out->content_type);
    message = sim_message_new(to, room, out->header_count + 1);
    message->method = sim_message_keep(message, rh_str_from(out->method));
    message->target = sim_message_keep(message, out->target);
    message->body = sim_message_keep(message, out->body);
    for (uint32_t i = 0; i < out->header_count; i++)
        sim_message_add(message, out->headers[i].name, out->headers[i].value);
    if (out->content_type)
        sim_message_add(message, RH_STR_LIT("Content-Type"), rh_str_from(out->content_type));
    return message;
}

int32_t sim_call(void *driver, const struct http_outbound *out, http_done done, void *user,
                 uint64_t *id)
{
    struct rh_testhost *from = driver;
    struct rh_testnet *net = from->net;
    struct rh_testhost *to = sim_find(net, out->authority);
    struct sim_call *call = malloc(sizeof *call);
    struct sim_message *message;

    if (!call)
        return RH_ENOMEM;
    *call = (struct sim_call){
        .id = sim_id(net), .from = from, .life = from->life, .done = done, .user = user};
    if (rh_map64_put(&net->calls, call->id, call, NULL) != RH_OK) {
        free(call);
        return RH_EAGAIN;
    }
    *id = call->id;
    call->deadline = call_end_at(call, sim_clock_true_us(from, out->deadline_ms * 1000),
                                 RH_ETIMEOUT, "no answer in time");
    if (!to || (to->is_unreachable && to != from)) {
        call_fails(net, call->id, RH_EUNREACHABLE, to ? "no route to host" : "no such host");
        return RH_OK;
    }
    message = message_of(to, out);
    message->from = from->index;
    message->call = call->id;
    sim_message_send(message);
    return RH_OK;
}

void sim_call_cancel(void *driver, uint64_t id)
{
    struct rh_testhost *from = driver;
    const struct sim_call *call = rh_map64_get(&from->net->calls, id);

    if (call)
        (void)call_end_at(call, from->net->now_us, RH_ECANCELLED, "cancelled");
}

/* --- answers --- */

static void answer_arrives(void *arg)
{
    struct sim_answer *answer = arg;
    struct sim_call *call = rh_map64_get(&answer->net->calls, answer->about.call);
    struct http_result result = {
        .rc = RH_OK,
        .status = answer->status,
        .retry_after_s = answer->retry_after_s,
        .body = rh_buf_str(&answer->body),
        .node_id = rh_str_from(answer->node_id),
        .content_type = rh_str_from(answer->content_type),
        .reason = "",
    };

    if (call) {
        if (call->from->is_up && call->life == call->from->life)
            sim_tell_reply(answer->net, &answer->about, RH_SIM_REPLY_DELIVERED, answer->status,
                           result.body);
        end_call(answer->net, call, &result);
    }
    rh_buf_release(&answer->body);
    free(answer);
}

static void answer_call(const struct sim_exchange *exchange, const struct http_outreply *reply)
{
    struct rh_testnet *net = exchange->to->net;
    const struct sim_call *call = rh_map64_get(&net->calls, exchange->call);
    uint32_t from = exchange->to->index;
    struct sim_answer *answer;
    int64_t at_us;

    sim_tell_reply(net, exchange, RH_SIM_REPLY_SENT, reply->status, reply->body);
    if (!call || !sim_wire_send(&net->wire, from, exchange->from, net->now_us, &net->rng, &at_us))
        return; /* nobody waits, or the answer is lost */
    if (sim_chance(&net->rng, sim_wire_faults(&net->wire, from, exchange->from)->reset_ppm)) {
        (void)call_end_at(call, at_us, RH_EUNKNOWN, "connection reset");
        return;
    }
    answer = malloc(sizeof *answer);
    if (!answer)
        abort(); /* as sim_at */
    answer->net = net;
    answer->about = *exchange;
    answer->status = reply->status;
    answer->retry_after_s = reply->retry_after_s;
    (void)rh_str_copy(answer->node_id, sizeof answer->node_id, reply->node_id); /* ids fit */
    (void)rh_str_copy(answer->content_type, sizeof answer->content_type,
                      rh_str_from(reply->content_type ? reply->content_type : "")); /* fits */
    rh_buf_init(&answer->body, ANSWER_BYTES_MAX);
    if (rh_buf_append_str(&answer->body, reply->body) != RH_OK)
        abort(); /* likewise */
    (void)sim_at_node(call->from, at_us, answer_arrives, answer);
}

static struct sim_exchange *own_exchange(struct rh_testhost *host, uint64_t id)
{
    struct sim_exchange *exchange = rh_map64_get(&host->net->exchanges, id);

    return exchange && exchange->to == host ? exchange : NULL;
}

static void exchange_end(struct sim_exchange *exchange)
{
    (void)rh_map64_remove(&exchange->to->net->exchanges, exchange->id);
    free(exchange);
}

int32_t sim_reply(void *driver, uint64_t id, const struct http_outreply *reply)
{
    struct sim_exchange *exchange = own_exchange(driver, id);

    if (!exchange)
        return RH_ENOTFOUND;
    if (exchange->call) {
        answer_call(exchange, reply);
    } else {
        sim_tell_reply(exchange->to->net, exchange, RH_SIM_REPLY_SENT, reply->status, reply->body);
        sim_request_answer(exchange, reply, true);
    }
    exchange_end(exchange);
    return RH_OK;
}

int32_t sim_stream_begin(void *driver, uint64_t id, const struct http_outreply *head)
{
    struct sim_exchange *exchange = own_exchange(driver, id);

    if (!exchange || !exchange->request)
        return RH_ENOTFOUND;
    sim_request_answer(exchange, head, false);
    return RH_OK;
}

int32_t sim_stream_write(void *driver, uint64_t id, struct rh_str data, uint64_t *pending)
{
    struct sim_exchange *exchange = own_exchange(driver, id);

    *pending = 0;
    return exchange ? sim_request_stream(exchange, data) : RH_ENOTFOUND;
}

int32_t sim_stream_end(void *driver, uint64_t id)
{
    struct sim_exchange *exchange = own_exchange(driver, id);

    if (!exchange)
        return RH_ENOTFOUND;
    if (exchange->request)
        sim_request_end(exchange->to, exchange->request);
    exchange_end(exchange);
    return RH_OK;
}

void sim_net_drop(struct rh_testhost *host)
{
    uint32_t cursor = 0;
    uint64_t key;
    void *value;

    while (rh_map64_next(&host->net->exchanges, &cursor, &key, &value)) {
        struct sim_exchange *exchange = value;

        if (exchange->to != host)
            continue;
        if (exchange->request)
            sim_request_end(host, exchange->request); /* with status 0 when nothing had come */
        call_fails(host->net, exchange->call, RH_EUNKNOWN, "connection lost");
        (void)rh_map64_remove(&host->net->exchanges, key);
        free(exchange);
    }
}
