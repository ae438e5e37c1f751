/* The life of a request, from arrival to its handler and its end. What may stop it on the way is in
 * request_check.c. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/core/core_internal.h"

struct rh_str http_header_of(const struct http_inbound *in, const char *name)
{
    size_t length = strlen(name);

    for (uint32_t i = 0; i < in->header_count; i++) {
        const struct http_header *header = &in->headers[i];
        size_t at = 0;

        if (header->name.n != length)
            continue;
        while (at < length) {
            char c = header->name.p[at];

            if (c >= 'A' && c <= 'Z')
                c = (char)(c - 'A' + 'a');
            if (c != name[at])
                break;
            at++;
        }
        if (at == length)
            return header->value;
    }
    return RH_STR_LIT("");
}

/* Copy one string into the request's block and step on. */
static struct rh_str keep(char **at, struct rh_str value)
{
    struct rh_str kept = {*at, value.n};

    if (value.n > 0)
        memcpy(*at, value.p, value.n);
    (*at)[value.n] = '\0';
    *at += value.n + 1;
    return kept;
}

/* What is copied from a message into the request, and where to. */
struct request_copy {
    size_t into; /* offset of a struct rh_str */
    const char *header;
};
static const struct request_copy header_copies[] = {
    {offsetof(struct request, request_id), "x-request-id"},
    {offsetof(struct request, content_type), "content-type"},
    {offsetof(struct request, authorization), "authorization"},
    {offsetof(struct request, last_event_id), "last-event-id"},
    {offsetof(struct request, node_header), "x-rh-node"},
    {offsetof(struct request, peer_authorization), "x-rh-peer-authorization"},
    {offsetof(struct request, forwarded), "x-rh-forwarded"},
    {offsetof(struct request, via), "x-rh-via"},
};
#define REQUEST_ID_DIGITS 16u
#define HEADER_COPIES     (sizeof header_copies / sizeof header_copies[0])

/* One block for every string of the message. */
static int32_t request_copy_texts(struct request *req, const struct http_inbound *in)
{
    const char *question = in->target.n ? memchr(in->target.p, '?', in->target.n) : NULL;
    size_t path_n = question ? (size_t)(question - in->target.p) : in->target.n;
    struct rh_str query =
        question ? (struct rh_str){question + 1, in->target.n - path_n - 1} : RH_STR_LIT("");
    struct rh_str values[HEADER_COPIES];
    size_t total = in->method.n + in->target.n + in->body.n + in->address.n + 5;
    char *at;

    for (size_t i = 0; i < HEADER_COPIES; i++) {
        values[i] = http_header_of(in, header_copies[i].header);
        total += values[i].n + 1;
    }
    req->copy = malloc(total);
    if (!req->copy)
        return RH_ENOMEM;
    at = req->copy;
    req->method = keep(&at, in->method);
    req->path = keep(&at, (struct rh_str){in->target.p, path_n});
    req->query = keep(&at, query);
    req->body = keep(&at, in->body);
    req->address = keep(&at, in->address);
    for (size_t i = 0; i < HEADER_COPIES; i++)
        *(struct rh_str *)(void *)((char *)req + header_copies[i].into) = keep(&at, values[i]);
    return RH_OK;
}

/* 16 digits; printf() would cost more than all else of a small request. */
static void request_id_draw(struct request *req)
{
    uint64_t value = req->core->driver.ops->random(req->core->driver.ctx);

    for (uint32_t i = 0; i < REQUEST_ID_DIGITS; i++, value <<= 4)
        req->request_id_text[i] = "0123456789abcdef"[value >> 60];
    req->request_id_text[REQUEST_ID_DIGITS] = '\0';
    req->request_id = (struct rh_str){req->request_id_text, REQUEST_ID_DIGITS};
}

struct request *request_new(struct core *core, const struct http_inbound *in)
{
    struct request *req = calloc(1, sizeof *req);

    if (!req)
        return NULL;
    if (request_copy_texts(req, in) != RH_OK) {
        free(req);
        return NULL;
    }
    req->core = core;
    req->exchange = in->exchange;
    req->id = core_id(core);
    if (req->request_id.n == 0 || req->request_id.n > 128) {
        request_id_draw(req);
    }
    field_arena_init(&req->arena, REQUEST_ARENA_MAX);
    return req;
}

void request_free(struct request *req)
{
    struct core *core = req->core;

    timers_stop(&core->timers, &req->deadline);
    (void)rh_map64_remove(&core->requests, req->id); /* absent before it was dispatched */
    if (req->exchange != 0)
        (void)rh_map64_remove(&core->exchanges, req->exchange);
    if (req->plugin) {
        if (req->next)
            req->next->link = req->link;
        *req->link = req->next;
        req->plugin->in_flight--;
    }
    if (req->reader)
        events_reader_free(req);
    stream_held_free(req->held_stream);
    field_arena_release(&req->arena);
    free(req->copy);
    free(req);
    if (core->phase == CORE_DRAINING)
        core_wake(core);
}

void request_tell_gone(struct request *req)
{
    void (*cb)(void *self, rh_req id, void *user) = req->watch_cb;
    struct rh_ctx *plugin = req->plugin;

    if (!cb || req->state == REQ_HELD || plugin->state >= PLUGIN_STOPPED)
        return;
    req->watch_cb = NULL;
    plugin_enter(plugin, "request_gone");
    cb(plugin->self, req->id, req->watch_user);
    plugin_leave(plugin, "request_gone");
}

void requests_end_parked(struct core *core)
{
    uint32_t cursor = 0;
    void *value;

    while (rh_map64_next(&core->requests, &cursor, NULL, &value)) {
        struct request *req = value;
        uint64_t id = req->id;

        if (req->state != REQ_OPEN || !req->watch_cb)
            continue;
        request_tell_gone(req);
        req = rh_map64_get(&core->requests, id);
        if (req)
            reply_rc(req, RH_ELOADING, "draining", "this node is shutting down");
    }
}

void requests_release(struct core *core)
{
    uint32_t cursor = 0;
    void *value;

    while (rh_map64_next(&core->requests, &cursor, NULL, &value)) {
        struct request *req = value;

        if (req->done) { /* whoever called "self" is going too */
            struct http_result result = {.rc = RH_ECANCELLED, .reason = "the node stops"};

            req->done(req->done_user, &result);
        }
        request_free(req);
    }
}

uint32_t requests_open(const struct core *core)
{
    uint32_t cursor = 0;
    uint32_t count = 0;
    void *value;

    while (rh_map64_next(&core->requests, &cursor, NULL, &value))
        if (((const struct request *)value)->state != REQ_STREAMING)
            count++;
    return count;
}

void request_abandon(struct core *core, uint64_t id)
{
    const struct http_result result = {.rc = RH_ECANCELLED, .reason = "cancelled"};
    struct request *req = rh_map64_get(&core->requests, id);

    if (!req)
        return;
    if (req->forward_call)
        core->driver.ops->call_cancel(core->driver.ctx,
                                      req->forward_call); /* its callback finds no request */
    request_tell_gone(req);
    req = rh_map64_get(&core->requests, id);
    if (!req)
        return; /* the watcher has answered it */
    if (req->done)
        req->done(req->done_user, &result);
    request_free(req);
}

void core_on_gone(struct core *core, uint64_t exchange)
{
    const struct request *req = rh_map64_get(&core->exchanges, exchange);

    if (!req)
        return;
    core_refresh(core);
    request_abandon(core, req->id);
    core_wake(core);
}

static void request_too_late(void *arg)
{
    struct request *req = arg;
    struct core *core = req->core;
    uint64_t id = req->id;

    if (req->forward_call)
        core->driver.ops->call_cancel(core->driver.ctx,
                                      req->forward_call); /* its callback finds no request */
    request_tell_gone(req);
    req = rh_map64_get(&core->requests, id);
    if (!req)
        return;
    if (req->plugin)
        req->plugin->replies_late++;
    reply_rc(req, RH_ETIMEOUT, NULL, "no answer within %" PRIu32 " ms",
             req->route->def.timeout_ms ? req->route->def.timeout_ms : CORE_TIMEOUT_MS_DEFAULT);
}

/* The next request that ends with the activation; NULL = none is left. */
static struct request *request_to_end(struct rh_ctx *plugin)
{
    struct request *req = plugin->requests;

    while (req && (req->is_always || (req->state != REQ_OPEN && req->state != REQ_STREAMING &&
                                      req->state != REQ_HEAD_HELD)))
        req = req->next;
    return req;
}

void requests_end_of_plugin(struct rh_ctx *plugin, int32_t rc, const char *why)
{
    struct request *req;

    /* From the start each time: a watcher may answer any of the others. */
    while ((req = request_to_end(plugin)) != NULL) {
        uint64_t id = req->id;

        if (req->state != REQ_OPEN) {
            stream_cut(req);
            continue;
        }
        request_tell_gone(req);
        req = rh_map64_get(&plugin->core->requests, id);
        if (req && req->state == REQ_OPEN)
            reply_rc(req, rc, NULL, "%s: %s", plugin->id, why);
    }
}

/* Enter the request into the plugin's list. */
static void request_attach(struct request *req, struct rh_ctx *plugin)
{
    req->plugin = plugin;
    req->link = &plugin->requests;
    req->next = *req->link;
    if (req->next)
        req->next->link = &req->next;
    *req->link = req;
    plugin->in_flight++;
}

static void request_run_handler(struct request *req)
{
    struct rh_ctx *plugin = req->plugin;
    struct core *core = req->core;
    const char *label = req->route->label;
    uint64_t id = req->id;
    char text[CORE_WHY_MAX];
    int32_t rc;

    plugin_enter(plugin, label);
    rc = req->route->def.handler(plugin->self, id, req->fields);
    memcpy(text, plugin->fail_text, sizeof text);
    plugin_leave(plugin, label);
    req = rh_map64_get(&core->requests, id);
    if (rc >= 0 || !req || req->state != REQ_OPEN)
        return;
    if (rc == RH_EINTERNAL)
        core_log(core, RH_LOG_ERROR, plugin->id, "handler_failed", "callback=%s text=\"%s\"", label,
                 text);
    reply_hold_rc(req, rc, text);
}

/* The caller may ask this route; else answered. A node's token is good for that node alone: so who
 * speaks as a node must say which one it is. */
static bool request_is_allowed(struct request *req)
{
    const struct rh_route *route = &req->route->def;

    if (!scope_allows(req->scope_mask, route->scope)) {
        int32_t rc = req->authorization.n > 0 ? RH_EFORBIDDEN : RH_EUNAUTHORIZED;

        reply_rc(req, rc, NULL, "%s needs scope \"%s\"", route->path, scope_name(route->scope));
        return false;
    }
    if (req->core->tokens && (route->scope == RH_PEER || route->scope == RH_VOTER) &&
        req->node_id.n == 0 && req->forwarded.n == 0) {
        reply_rc(req, RH_EFORBIDDEN, "wrong_node",
                 "%s is for nodes, and X-Rh-Node does not name the one that asks", route->path);
        return false;
    }
    return true;
}

void request_dispatch(struct core *core, struct request *req)
{
    struct route_entry *known;
    struct route_entry *entry = router_find(&core->router, req->method, req->path, &known);
    uint32_t timeout_ms;

    if (!entry) {
        request_no_route(req, known);
        return;
    }
    req->route = entry;
    entry->hits++;
    if (!request_is_allowed(req))
        return;
    timeout_ms = entry->def.timeout_ms ? entry->def.timeout_ms : CORE_TIMEOUT_MS_DEFAULT;
    if (req->deadline_ms == 0 || req->deadline_ms > core->now_ms + timeout_ms)
        req->deadline_ms = core->now_ms + timeout_ms;
    if (rh_map64_put(&core->requests, req->id, req, NULL) != RH_OK ||
        (req->exchange && rh_map64_put(&core->exchanges, req->exchange, req, NULL) != RH_OK) ||
        timers_start(&core->timers, &req->deadline, req->deadline_ms, request_too_late, req) !=
            RH_OK) {
        reply_rc(req, RH_EAGAIN, NULL, "too many requests are open");
        return;
    }
    if (entry->plugin)
        request_attach(req, entry->plugin);
    if (!request_decode(req))
        return;
    if (entry->builtin)
        entry->builtin(core, req);
    else if (core->phase >= CORE_DRAINING && !(entry->def.flags & (RH_ALWAYS | RH_CONTROL)))
        reply_rc(req, RH_ELOADING, "draining", "this node is shutting down");
    else if (request_plugin_ready(req))
        request_run_handler(req);
}

void request_dispatch_again(struct request *req)
{
    req->state = REQ_OPEN;
    if (request_plugin_ready(req))
        request_run_handler(req);
}

void core_on_request(struct core *core, const struct http_inbound *in)
{
    struct request *req = request_new(core, in);
    struct rh_str deadline = http_header_of(in, "x-rh-deadline-ms");
    int64_t deadline_in_ms;
    uint64_t epoch = 0;

    core_refresh(core);
    core_wake(core);
    if (!req) {
        struct http_outreply out = {
            .status = 503, .retry_after_s = 1, .content_type = "application/json"};

        (void)core->driver.ops->reply(core->driver.ctx, in->exchange,
                                      &out); /* the client may be gone */
        return;
    }
    if (!request_authenticate(req) || !request_check_peer(req, in))
        return;
    if (req->node_id.n > 0 && rh_parse_u64(http_header_of(in, "x-rh-epoch"), &epoch) == RH_OK &&
        !request_check_epoch(req, epoch))
        return;
    if (deadline.n > 0 && rh_parse_i64(deadline, &deadline_in_ms) == RH_OK && deadline_in_ms > 0 &&
        deadline_in_ms < INT32_MAX)
        req->deadline_ms = core->now_ms + deadline_in_ms;
    request_dispatch(core, req);
}

uint64_t core_body_max(struct core *core, struct rh_str method, struct rh_str target)
{
    const char *question = target.n ? memchr(target.p, '?', target.n) : NULL;
    struct rh_str path = {target.p, question ? (size_t)(question - target.p) : target.n};
    struct route_entry *known;
    const struct route_entry *entry = router_find(&core->router, method, path, &known);

    static const struct rh_route none = {0};

    return core_route_body_max(core, entry ? &entry->def : &none);
}
