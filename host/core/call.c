/* Calls that plugins make: to this node without a socket, to peers, to the leader, to URLs. Every
 * call ends exactly once. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <ringhost/sdk/error.h>
#include <ringhost/sdk/str.h>

#include "host/core/carry.h"
#include "host/core/core_internal.h"
#include "host/core/error_scan.h"

#define CALL_TIMEOUT_MS     8000
#define CALL_TIMEOUT_MS_MAX (INT64_C(24) * 3600 * 1000)
#define CALL_REPLY_MAX      (16u * 1024u * 1024u)

/* A call under way. What carries it holds only a struct call_ref, so that it may end early. */
struct call {
    uint64_t id;
    struct core *core;
    struct rh_ctx *plugin; /* NULL: the host's own */
    struct call *next, **link;
    void (*cb)(void *self, void *user, const struct rh_reply *reply);
    void *user;
    uint64_t driver_id;
    uint64_t request_id; /* of a call to "self", once it is a request */
    bool is_to_peer;
    uint32_t names_cluster; /* cluster_taken + 1 of the id that it carries; 0 = none */
    int64_t started_ms;
    int32_t rc; /* of one refused at once */
    const char *why;
};

struct call_ref *call_ref_new(struct core *core, uint64_t id)
{
    struct call_ref *ref = malloc(sizeof *ref);

    if (!ref)
        return NULL;
    *ref = (struct call_ref){core, id, core->call_refs, &core->call_refs};
    if (ref->next)
        ref->next->link = &ref->next;
    core->call_refs = ref;
    return ref;
}

void call_ref_free(struct call_ref *ref)
{
    if (ref->next)
        ref->next->link = ref->link;
    *ref->link = ref->next;
    free(ref);
}

uint32_t call_peer_headers(struct core *core, struct http_header *headers,
                           struct peer_header_room *room)
{
    struct rh_str token;
    uint32_t n = 0;

    text_set(room->protocol, sizeof room->protocol, "%u", CORE_PROTOCOL);
    headers[n++] = (struct http_header){RH_STR_LIT("X-Rh-Protocol"), rh_str_from(room->protocol)};
    headers[n++] = (struct http_header){RH_STR_LIT("X-Rh-Node"), rh_str_from(core->setup->node_id)};
    headers[n++] =
        (struct http_header){RH_STR_LIT("X-Rh-Instance"), rh_str_from(core->instance_id)};
    if (core->cluster_id[0])
        headers[n++] =
            (struct http_header){RH_STR_LIT("X-Rh-Cluster"), rh_str_from(core->cluster_id)};
    if (core->cluster_epoch > 0) {
        text_set(room->cluster_epoch, sizeof room->cluster_epoch, "%" PRIu64, core->cluster_epoch);
        headers[n++] = (struct http_header){RH_STR_LIT("X-Rh-Cluster-Epoch"),
                                            rh_str_from(room->cluster_epoch)};
    }
    if (core->is_cluster_own)
        headers[n++] = (struct http_header){RH_STR_LIT("X-Rh-Cluster-Own"), RH_STR_LIT("1")};
    if (core->tokens && tokens_of_node(core->tokens, rh_str_from(core->setup->node_id), &token)) {
        int length = snprintf(room->authorization, sizeof room->authorization, "Bearer %.*s",
                              (int)token.n, token.p);

        headers[n++] = (struct http_header){RH_STR_LIT("Authorization"),
                                            {room->authorization, (size_t)length}};
    }
    assert(n <= PEER_HEADERS_MAX);
    return n;
}

/* Take the call out of every list; the caller frees it. */
static void call_unlink(struct call *call)
{
    (void)rh_map64_remove(&call->core->calls, call->id); /* it is there until now */
    if (!call->plugin)
        return;
    if (call->next)
        call->next->link = call->link;
    *call->link = call->next;
    call->plugin->call_count--;
}

static void call_finish(struct call *call, const struct rh_reply *reply)
{
    struct rh_ctx *plugin = call->plugin;

    call_unlink(call);
    if (plugin && plugin->state < PLUGIN_STOPPED) {
        plugin_enter(plugin, "reply");
        call->cb(plugin->self, call->user, reply);
        plugin_leave(plugin, "reply");
    } else if (!plugin) {
        call->cb(call->core, call->user, reply);
    }
    core_wake(call->core);
    free(call);
}

/* A living node with our name answered that the name is taken: do not go on under it. */
static void check_duplicate(struct core *core, const struct rh_reply *reply)
{
    if (reply->status != 409 || !rh_str_eq_c(reply->error_code, "duplicate_node_id"))
        return;
    core->duplicate_node++;
    if (core->peer_requests == 0)
        core_fatal(core, CORE_EXIT_CONFIG,
                   "node id \"%s\" is in use by another living instance (said by node \"%.*s\")",
                   core->setup->node_id, RH_STR_ARG(reply->node_id));
}

/* A node of another cluster or of another protocol sends us away. It says so in its own health;
 * ours is where the operator of this node looks. */
static void check_sent_away(struct core *core, const struct rh_reply *reply)
{
    if (reply->status != 409 || (!rh_str_eq_c(reply->error_code, "wrong_cluster") &&
                                 !rh_str_eq_c(reply->error_code, "upgrade_needed")))
        return;
    text_set(core->sent_away_why, sizeof core->sent_away_why, "node \"%.*s\" says %.*s: %.*s",
             RH_STR_ARG(reply->node_id), RH_STR_ARG(reply->error_code),
             RH_STR_ARG(reply->message)); /* cut when longer */
    if (core->sent_away++ == 0)
        core_log(core, RH_LOG_ERROR, NULL, "sent_away", "reason=\"%s\"", core->sent_away_why);
}

void call_done(void *user, const struct http_result *result)
{
    struct call_ref *ref = user;
    struct core *core = ref->core;
    struct call *call = core ? rh_map64_get(&core->calls, ref->id) : NULL;
    struct rh_reply reply = {
        .size = (uint32_t)sizeof reply,
        .rc = result->rc,
        .status = result->status,
        .retry_after_s = result->retry_after_s,
        .body = result->body,
        .node_id = result->node_id,
        .message = rh_str_from(result->reason ? result->reason : ""),
        .content_type = result->content_type,
    };
    struct rh_buf words; /* of an error with escapes */

    call_ref_free(ref);
    if (!call)
        return; /* ended early */
    rh_buf_init(&words, result->body.n);
    core_refresh(core);
    reply.rtt_ms = core->now_ms - call->started_ms;
    if (result->rc == RH_OK && result->status >= 400)
        error_scan(result->body, &words, &reply.error_code, &reply.message);
    if (call->is_to_peer) {
        check_duplicate(core, &reply);
        check_sent_away(core, &reply);
    }
    if (call->is_to_peer && result->rc == RH_OK && result->status < 400) {
        core->peer_requests++;
        if (call->names_cluster == core->cluster_taken + 1)
            identity_confirm_cluster(core, reply.node_id);
    }
    call_finish(call, &reply);
    rh_buf_release(&words);
}

void call_has_request(const struct call_ref *ref, uint64_t request_id)
{
    struct call *call = rh_map64_get(&ref->core->calls, ref->id);

    if (call)
        call->request_id = request_id;
}

/* A call that cannot even be sent, or is cancelled without the driver, ends on the next turn. */
static void call_refused(void *arg)
{
    struct call_ref *ref = arg;
    struct call *call = ref->core ? rh_map64_get(&ref->core->calls, ref->id) : NULL;
    struct http_result result = {.rc = call ? call->rc : RH_ECANCELLED,
                                 .reason = call ? call->why : ""};
    struct core *core = ref->core;
    uint64_t request_id = call ? call->request_id : 0;

    call_done(ref, &result);
    if (request_id)
        request_abandon(core, request_id); /* nobody waits for what its route would answer */
}

static int32_t call_defer_refusal(struct call *call, int32_t rc, const char *why)
{
    struct call_ref *ref = call_ref_new(call->core, call->id);

    if (!ref)
        return RH_ENOMEM;
    call->rc = rc;
    call->why = why;
    core_defer(call->core, call_refused, ref);
    return RH_OK;
}

/* "http://host:port/path" into authority and target. */
static bool split_url(const char *url, struct rh_str *authority, struct rh_str *target)
{
    const char *rest = url + strlen("http://");
    const char *slash = strchr(rest, '/');

    *authority = slash ? (struct rh_str){rest, (size_t)(slash - rest)} : rh_str_from(rest);
    *target = slash ? rh_str_from(slash) : RH_STR_LIT("/");
    return authority->n > 0 && authority->n < 256;
}

/* How a call gets to where it goes. */
struct call_way {
    bool is_peer; /* no URL */
    bool is_self;
    const struct peer *carried_to; /* through a hub, to this one */
};

/* Where a call goes. RH_OK with out->authority, or a refusal with its words in *why. */
static int32_t call_resolve(struct core *core, const struct rh_call *spec,
                            struct http_outbound *out, struct call_way *way, const char **why)
{
    struct rh_str target = rh_str_from(spec->target);
    const struct peer *peer;

    *way = (struct call_way){.is_peer = true};
    *why = "";
    if (rh_str_eq_c(target, "leader")) {
        target = rh_str_from(core->lead.node_id);
        *why = "no leader is known";
        if (target.n == 0)
            return RH_ENOTLEADER;
    }
    if (rh_str_eq_c(target, "self") || rh_str_eq_c(target, core->setup->node_id)) {
        way->is_self = true;
        return RH_OK;
    }
    if (rh_str_starts_with(target, RH_STR_LIT("http://"))) {
        way->is_peer = false;
        *why = "not a URL that can be called";
        return split_url(spec->target, &out->authority, &out->target) ? RH_OK : RH_EUNREACHABLE;
    }
    if (rh_str_starts_with(target, RH_STR_LIT("addr:"))) {
        out->authority = (struct rh_str){target.p + 5, target.n - 5};
        return RH_OK;
    }
    peer = peers_get(&core->peers, target, false);
    if (carry_is_needed(core, peer, spec)) {
        way->carried_to = peer;
        return RH_OK;
    }
    *why = "the node's address is not known";
    if (!peer || peer->view.address.n == 0)
        return RH_EUNREACHABLE;
    out->authority = peer->view.address;
    return RH_OK;
}

/* A header that the host or the wire writes itself. */
static bool is_own_header(struct rh_str name)
{
    static const char *const own[] = {"host",       "content-length", "content-type",
                                      "connection", "authorization",  "transfer-encoding",
                                      "upgrade",    "expect",         "te",
                                      "trailer"};

    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (strlen(own[i]) == name.n && strncasecmp(own[i], name.p, name.n) == 0)
            return true;
    return name.n >= strlen("X-Rh-") && strncasecmp(name.p, "X-Rh-", strlen("X-Rh-")) == 0;
}

/* Headers that the plugin gives along: to a URL, and none that means something on the way. */
static int32_t call_own_headers(const struct rh_call *spec, struct http_header *headers,
                                uint32_t *count)
{
    static_assert(RH_CALL_HEADERS_MAX <= PEER_HEADERS_MAX, "one room for both");
    if (spec->header_count == 0)
        return RH_OK;
    if (spec->header_count > RH_CALL_HEADERS_MAX || !spec->headers ||
        spec->header_stride < sizeof *spec->headers ||
        !rh_str_starts_with(rh_str_from(spec->target), RH_STR_LIT("http://")))
        return RH_EINVAL;
    for (uint32_t i = 0; i < spec->header_count; i++) {
        const struct rh_pair *pair =
            (const void *)((const char *)spec->headers + (size_t)i * spec->header_stride);

        if (pair->key.n == 0 || is_own_header(pair->key))
            return RH_EINVAL;
        headers[i] = (struct http_header){pair->key, pair->value};
    }
    *count = spec->header_count;
    return RH_OK;
}

static int64_t call_timeout_ms(const struct rh_call *spec)
{
    if (spec->timeout_ms <= 0)
        return CALL_TIMEOUT_MS;
    return spec->timeout_ms < CALL_TIMEOUT_MS_MAX ? spec->timeout_ms : CALL_TIMEOUT_MS_MAX;
}

/* Hand the call to where it goes; caller: in whose name it asks this node, NULL = its own. */
static int32_t call_send(struct call *call, const struct rh_call *spec,
                         const struct self_caller *caller)
{
    struct core *core = call->core;
    struct http_header headers[PEER_HEADERS_MAX + 1];
    struct peer_header_room room;
    char epoch[24];
    struct http_outbound out = {
        .method = spec->method,
        .target = rh_str_from(spec->path ? spec->path : "/"),
        .body = spec->body,
        .content_type = spec->content_type ? spec->content_type
                        : spec->body.n > 0 ? "application/json"
                                           : NULL,
        .headers = headers,
        .lane = spec->lane,
        .order_key = spec->order_key,
        .deadline_ms = core->now_ms + call_timeout_ms(spec),
        .idempotent = (spec->flags & RH_CALL_IDEMPOTENT) != 0 || strcmp(spec->method, "GET") == 0,
        .body_max = CALL_REPLY_MAX,
    };
    struct call_ref *ref;
    const char *why;
    struct call_way way;
    int32_t rc = call_own_headers(spec, headers, &out.header_count);

    if (rc != RH_OK)
        return rc;
    rc = call_resolve(core, spec, &out, &way, &why);
    if (rc != RH_OK)
        return call_defer_refusal(call, rc, why);
    ref = call_ref_new(call->core, call->id);
    if (!ref)
        return RH_ENOMEM;
    call->is_to_peer = way.is_peer && !way.is_self && !way.carried_to;
    call->names_cluster =
        call->is_to_peer && core->cluster_id[0] != '\0' ? core->cluster_taken + 1 : 0;
    if (call->is_to_peer)
        out.header_count = call_peer_headers(core, headers, &room);
    if (call->is_to_peer && spec->epoch > 0) {
        text_set(epoch, sizeof epoch, "%" PRIu64, spec->epoch);
        headers[out.header_count++] =
            (struct http_header){RH_STR_LIT("X-Rh-Epoch"), rh_str_from(epoch)};
    }
    if (way.carried_to)
        rc = carry_start(ref, way.carried_to->view.node_id, spec, out.deadline_ms);
    else if (way.is_self)
        rc = call_self(ref, spec, caller, out.deadline_ms);
    else
        rc = core->driver.ops->call(core->driver.ctx, &out, call_done, ref, &call->driver_id);
    if (rc != RH_OK)
        call_ref_free(ref);
    return rc;
}

static int32_t call_begin(struct core *core, struct rh_ctx *plugin, const struct rh_call *spec,
                          const struct self_caller *caller,
                          void (*cb)(void *self, void *user, const struct rh_reply *reply),
                          void *user, uint64_t *id)
{
    struct call *call;
    int32_t rc;

    if (!spec->target || !spec->method || !cb || spec->lane > RH_LANE_BULK)
        return RH_EINVAL;
    call = calloc(1, sizeof *call);
    if (!call)
        return RH_ENOMEM;
    *call = (struct call){
        .id = core_id(core),
        .core = core,
        .plugin = plugin,
        .cb = cb,
        .user = user,
        .started_ms = core->now_ms,
    };
    rc = rh_map64_put(&core->calls, call->id, call, NULL);
    if (rc != RH_OK) {
        free(call);
        return rc == RH_EFULL ? RH_EAGAIN : rc;
    }
    if (plugin) {
        call->next = plugin->calls;
        call->link = &plugin->calls;
        if (call->next)
            call->next->link = &call->next;
        plugin->calls = call;
        plugin->call_count++;
    }
    rc = call_send(call, spec, caller);
    if (rc != RH_OK) {
        call_unlink(call);
        free(call);
        return rc;
    }
    if (id)
        *id = call->id;
    return RH_OK;
}

int32_t call_start(struct core *core, struct rh_ctx *plugin, const struct rh_call *spec,
                   void (*cb)(void *self, void *user, const struct rh_reply *reply), void *user,
                   uint64_t *id)
{
    return call_begin(core, plugin, spec, NULL, cb, user, id);
}

int32_t call_start_as(struct core *core, struct rh_ctx *plugin, const struct rh_call *spec,
                      const struct self_caller *caller,
                      void (*cb)(void *self, void *user, const struct rh_reply *reply), void *user)
{
    return call_begin(core, plugin, spec, caller, cb, user, NULL);
}

int32_t call_cancel(struct core *core, struct rh_ctx *plugin, uint64_t id)
{
    struct call *call = rh_map64_get(&core->calls, id);

    if (!call || call->plugin != plugin)
        return RH_ENOTFOUND;
    if (!call->driver_id)
        return call_defer_refusal(call, RH_ECANCELLED, "cancelled");
    core->driver.ops->call_cancel(core->driver.ctx, call->driver_id);
    return RH_OK;
}

void calls_end_of_plugin(struct rh_ctx *plugin)
{
    bool was_ending = plugin->is_ending;

    plugin->is_ending = true; /* a callback that calls again at once is refused */
    while (plugin->calls) {
        struct call *call = plugin->calls;
        struct rh_reply reply = {
            .size = (uint32_t)sizeof reply,
            .rc = RH_ECANCELLED,
            .message = RH_STR_LIT("the plugin was deactivated"),
        };

        if (call->driver_id) /* what the driver still says about it finds no call */
            plugin->core->driver.ops->call_cancel(plugin->core->driver.ctx, call->driver_id);
        if (call->request_id)
            call_self_abandon(plugin->core, call->request_id);
        call_finish(call, &reply);
    }
    plugin->is_ending = was_ending;
}

void calls_release(struct core *core)
{
    uint32_t cursor = 0;
    void *value;

    while (rh_map64_next(&core->calls, &cursor, NULL, &value)) {
        struct call *call = value;

        call_unlink(call);
        free(call);
    }
    while (core->call_refs) {
        struct call_ref *ref = core->call_refs;

        core->call_refs = ref->next;
        *ref = (struct call_ref){NULL, 0, NULL, &ref->next}; /* frees itself when it comes back */
    }
}
