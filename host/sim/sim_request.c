/* Requests that come from outside the net: of a test, or of a simulated client. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/sim/sim.h"

#define ANSWER_BYTES_MAX (256u * 1024u * 1024u)
#define FIXED_BYTES      256u /* of header names and marks in a message */
#define HEADERS          3u

static void request_free(struct sim_request *request)
{
    rh_buf_release(&request->body);
    free(request);
}

/* Whoever asked to be told is told once; nobody can ask for such a request later. */
static void settle(struct sim_request *request)
{
    void (*done)(void *user, const struct sim_request *request) = request->done;

    request->is_answered = true;
    sim_cancel(request->deadline);
    request->deadline = NULL;
    if (!done)
        return;
    (void)rh_map64_remove(&request->host->requests, request->id);
    done(request->user, request);
    request_free(request);
}

void sim_request_end(struct rh_testhost *host, uint64_t id)
{
    struct sim_request *request = rh_map64_get(&host->requests, id);

    if (request && !request->is_answered)
        settle(request);
}

/* A request by its id, for events that outlive it. */
struct request_ref {
    struct rh_testhost *host;
    uint64_t id;
};

static void request_ends(void *arg)
{
    struct request_ref *ref = arg;
    struct sim_request *request = rh_map64_get(&ref->host->requests, ref->id);

    if (request && request->done) {
        request->deadline = NULL; /* this very event, or it is cancelled with the request's end */
        settle(request);
    }
    free(ref);
}

static struct sim_event *request_end_at(const struct sim_request *request, int64_t at_us)
{
    struct request_ref *ref = malloc(sizeof *ref);
    struct sim_event *event;

    if (!ref)
        abort(); /* as sim_at */
    *ref = (struct request_ref){request->host, request->id};
    event = sim_at(request->host->net, at_us, request_ends, ref);
    event->owns_arg = true;
    return event;
}

/* The answer on its way back to a client: it may be lost, or come late. */
static void answer_client(struct sim_request *request)
{
    struct rh_testnet *net = request->host->net;
    uint32_t from = request->host->index;
    int64_t at_us;

    if (!sim_wire_send(&net->wire, from, RH_SIM_OUTSIDE, net->now_us, &net->rng, &at_us))
        request->status = 0;
    else if (sim_chance(&net->rng, sim_wire_faults(&net->wire, from, RH_SIM_OUTSIDE)->reset_ppm))
        request->status = 0;
    if (request->status == 0) {
        rh_buf_reset(&request->body);
        return; /* the client's own deadline tells */
    }
    sim_cancel(request->deadline);
    request->deadline = request_end_at(request, at_us);
}

void sim_request_answer(struct sim_exchange *exchange, const struct http_outreply *reply,
                        bool is_whole)
{
    struct sim_request *request = rh_map64_get(&exchange->to->requests, exchange->request);

    if (!request || request->is_answered || request->status)
        return; /* gone, or its duplicate was answered before */
    request->status = reply->status;
    request->retry_after_s = reply->retry_after_s;
    (void)rh_str_copy(request->node_id, sizeof request->node_id, reply->node_id); /* ids fit */
    (void)snprintf(request->content_type, sizeof request->content_type, "%s",
                   reply->content_type ? reply->content_type : ""); /* ours are short */
    if (rh_buf_append_str(&request->body, reply->body) != RH_OK)
        abort(); /* as sim_at */
    if (!is_whole)
        return;
    if (request->is_lossy)
        answer_client(request);
    else
        settle(request);
}

int32_t sim_request_stream(struct sim_exchange *exchange, struct rh_str data)
{
    struct sim_request *request = rh_map64_get(&exchange->to->requests, exchange->request);

    return request ? rh_buf_append_str(&request->body, data) : RH_ENOTFOUND;
}

static struct sim_message *message_of(struct rh_testhost *host, const struct sim_request_spec *spec)
{
    const char *const texts[] = {spec->method, spec->target, spec->body, spec->token,
                                 spec->last_event_id};
    size_t room = FIXED_BYTES;
    struct sim_message *message;

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        room += texts[i] ? strlen(texts[i]) : 0;
    message = sim_message_new(host, room, HEADERS);
    message->method = sim_message_keep(message, rh_str_from(spec->method));
    message->target = sim_message_keep(message, rh_str_from(spec->target));
    message->body = sim_message_keep(message, rh_str_from(spec->body ? spec->body : ""));
    if (spec->body)
        sim_message_add(message, RH_STR_LIT("Content-Type"), RH_STR_LIT("application/json"));
    if (spec->token) {
        struct http_header *header = &message->headers[message->header_count++];

        header->name = RH_STR_LIT("Authorization");
        header->value = sim_message_keep(message, RH_STR_LIT("Bearer "));
        header->value.n += sim_message_keep(message, rh_str_from(spec->token)).n;
    }
    if (spec->last_event_id)
        sim_message_add(message, RH_STR_LIT("Last-Event-ID"), rh_str_from(spec->last_event_id));
    return message;
}

static struct sim_request *request_new(struct rh_testhost *host,
                                       const struct sim_request_spec *spec)
{
    struct sim_request *request = calloc(1, sizeof *request);

    if (!request)
        abort(); /* as sim_at */
    request->id = sim_id(host->net);
    request->host = host;
    request->is_lossy = spec->is_lossy;
    request->done = spec->done;
    request->user = spec->user;
    rh_buf_init(&request->body, ANSWER_BYTES_MAX);
    if (rh_map64_put(&host->requests, request->id, request, NULL) != RH_OK)
        abort(); /* likewise */
    return request;
}

uint64_t sim_request_send(struct rh_testhost *host, const struct sim_request_spec *spec)
{
    struct sim_request *request = request_new(host, spec);
    uint64_t id = request->id;
    struct sim_message *message;

    if (spec->timeout_us > 0)
        request->deadline = request_end_at(request, host->net->now_us + spec->timeout_us);
    if (!host->is_up && !spec->is_lossy) {
        request->is_answered = true;
        return id;
    }
    message = message_of(host, spec);
    message->request = id;
    if (spec->is_lossy)
        sim_message_send(message);
    else
        sim_message_go(message, 0);
    return id;
}

uint64_t sim_request_now(struct rh_testhost *host, const char *target)
{
    const struct sim_request_spec spec = {.method = "GET", .target = target};
    uint64_t id = request_new(host, &spec)->id;
    struct sim_message *message = message_of(host, &spec);

    message->request = id;
    sim_message_deliver(message);
    return id;
}

void sim_request_forget(struct rh_testhost *host, uint64_t id)
{
    struct sim_request *request = rh_map64_remove(&host->requests, id);
    struct sim_exchange *exchange;

    if (!request)
        return;
    exchange =
        request->is_answered ? NULL : rh_map64_remove(&host->net->exchanges, request->exchange);
    if (exchange && host->is_up)
        core_on_gone(host->core, exchange->id);
    free(exchange);
    request_free(request);
}

void sim_requests_release(struct rh_testhost *host)
{
    uint32_t cursor = 0;
    void *value;

    while (rh_map64_next(&host->requests, &cursor, NULL, &value))
        request_free(value);
    rh_map64_release(&host->requests);
}
