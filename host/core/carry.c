/* Calls to nodes that cannot be dialled, and requests that came through a hub: the host's side of
 * the role reach/1. How they travel is the provider's affair. */
#include "host/core/carry.h"

#include <stdlib.h>
#include <string.h>

#include <ringhost/role/reach.h>
#include <ringhost/sdk/error.h>
#include <ringhost/sdk/str.h>

#define REACH_BYTES_MAX 512u /* of the words for how a node is reached */

/* A call in the hands of the provider. The texts follow. */
struct carried {
    struct call_ref *ref;
    struct core *core;
    struct timer deadline;
    bool is_waiting; /* for the turn in which it is handed over */
    bool is_ended;   /* before that turn; freed in it */
    struct rh_str node_id;
    struct rh_call spec;
    char bytes[];
};

/* An answer on its way back. */
struct carried_reply {
    struct call_ref *ref;
    struct http_result result;
    char bytes[]; /* body, node id, content type, reason */
};

/* Nobody is to answer it any more; its ref is the caller's now. */
static struct call_ref *carried_end(struct carried *carried)
{
    struct call_ref *ref = carried->ref;

    (void)rh_map64_remove(&carried->core->carried, ref->id); /* it is there until now */
    timers_stop(&carried->core->timers, &carried->deadline);
    carried->is_ended = true;
    if (!carried->is_waiting)
        free(carried);
    return ref;
}

static void carried_fail(struct carried *carried, int32_t rc, const char *reason)
{
    struct http_result result = {.rc = rc, .reason = reason};

    call_done(carried_end(carried), &result);
}

static void carried_too_late(void *arg)
{
    struct carried *carried = arg;
    struct core *core = carried->core;

    core_refresh(core);
    carried_fail(carried, RH_ETIMEOUT, "no answer in time");
}

/* Hand it over, on a turn of its own: the one who called must not be running. */
static void carry_run(void *arg)
{
    struct carried *carried = arg;
    struct core *core = carried->core;
    const uint64_t id = carried->is_ended ? 0 : carried->ref->id;
    const struct rh_reach_role_v1 *table;
    struct rh_ctx *provider;
    int32_t rc;

    carried->is_waiting = false;
    if (carried->is_ended) {
        free(carried);
        return;
    }
    table = role_active(core, RH_REACH_ROLE, &provider);
    if (!table || !table->carry || provider->phase != ACT_ACTIVE) {
        carried_fail(carried, RH_EUNREACHABLE, "no plugin that carries calls runs on this node");
        return;
    }
    plugin_enter(provider, "carry");
    rc = table->carry(provider->self, carried->node_id, id, &carried->spec);
    plugin_leave(provider, "carry");
    carried = rh_map64_get(&core->carried, id);
    if (rc != RH_OK && carried)
        carried_fail(carried, rc, rh_error_text(rc));
}

/* One block for the call and its texts. */
static struct carried *carried_new(struct call_ref *ref, struct rh_str node_id,
                                   const struct rh_call *spec)
{
    const char *path = spec->path ? spec->path : "/";
    const char *type = spec->content_type ? spec->content_type : "";
    const size_t sizes[] = {node_id.n + 1, strlen(spec->method) + 1, strlen(path) + 1,
                            strlen(type) + 1, spec->body.n};
    const char *texts[] = {node_id.p, spec->method, path, type, spec->body.p};
    char *copies[5];
    size_t total = 0;
    struct carried *carried;
    char *at;

    for (size_t i = 0; i < 5; i++)
        total += sizes[i];
    carried = calloc(1, sizeof *carried + total);
    if (!carried)
        return NULL;
    at = carried->bytes;
    for (size_t i = 0; i < 5; i++) {
        copies[i] = at;
        if (i == 0)
            memcpy(at, texts[i], node_id.n); /* the block is zeroed */
        else if (sizes[i] > 0)
            memcpy(at, texts[i], sizes[i]);
        at += sizes[i];
    }
    carried->ref = ref;
    carried->core = ref->core;
    carried->node_id = (struct rh_str){copies[0], node_id.n};
    carried->spec = *spec;
    carried->spec.headers = NULL; /* those are for URLs */
    carried->spec.header_count = 0;
    carried->spec.target = copies[0];
    carried->spec.method = copies[1];
    carried->spec.path = copies[2];
    carried->spec.content_type = spec->content_type ? copies[3] : NULL;
    carried->spec.body = (struct rh_str){copies[4], spec->body.n};
    return carried;
}

bool carry_is_needed(struct core *core, const struct peer *peer, const struct rh_call *spec)
{
    struct rh_ctx *provider;

    return peer && !(spec->flags & RH_CALL_DIRECT) && !rh_str_eq_c(peer->view.reach, "direct") &&
           role_active(core, RH_REACH_ROLE, &provider);
}

int32_t carry_start(struct call_ref *ref, struct rh_str node_id, const struct rh_call *spec,
                    int64_t deadline_ms)
{
    struct core *core = ref->core;
    struct carried *carried = carried_new(ref, node_id, spec);
    int32_t rc;

    if (!carried)
        return RH_ENOMEM;
    carried->spec.timeout_ms = deadline_ms - core->now_ms;
    rc = rh_map64_put(&core->carried, ref->id, carried, NULL);
    if (rc == RH_OK) {
        rc =
            timers_start(&core->timers, &carried->deadline, deadline_ms, carried_too_late, carried);
        if (rc != RH_OK)
            (void)rh_map64_remove(&core->carried, ref->id); /* just put */
    }
    if (rc != RH_OK) {
        free(carried);
        return rc == RH_EFULL ? RH_EAGAIN : rc;
    }
    carried->is_waiting = true;
    core_defer(core, carry_run, carried);
    return RH_OK;
}

void carries_release(struct core *core)
{
    uint32_t cursor = 0;
    void *value;

    while (rh_map64_next(&core->carried, &cursor, NULL, &value))
        call_ref_free(carried_end(value));
}

/* --- reach/1, the host's side --- */

static bool is_active_reach_provider(struct rh_ctx *plugin)
{
    struct rh_ctx *provider;

    return role_active(plugin->core, RH_REACH_ROLE, &provider) && provider == plugin;
}

static void carried_answered(void *arg)
{
    struct carried_reply *reply = arg;

    call_done(reply->ref, &reply->result);
    free(reply);
}

static struct rh_str keep(char **at, struct rh_str text)
{
    struct rh_str kept = {*at, text.n};

    if (text.n > 0)
        memcpy(*at, text.p, text.n);
    *at += text.n;
    *(*at)++ = '\0';
    return kept;
}

static int32_t reach_delivered(struct rh_ctx *plugin, uint64_t id, const struct rh_reply *reply)
{
    struct core *core = plugin->core;
    struct carried *carried = rh_map64_get(&core->carried, id);
    struct rh_reply known = {0};
    struct carried_reply *copy;
    char *at;

    services_check(plugin, "delivered");
    if (!carried)
        return RH_ENOTFOUND;
    memcpy(&known, reply, reply->size < sizeof known ? reply->size : sizeof known);
    copy = malloc(sizeof *copy + known.body.n + known.node_id.n + known.content_type.n +
                  known.message.n + 4);
    if (!copy)
        return RH_ENOMEM; /* its deadline ends it */
    at = copy->bytes;
    copy->result = (struct http_result){
        .rc = known.rc,
        .status = known.status,
        .retry_after_s = known.retry_after_s,
        .body = keep(&at, known.body),
        .node_id = keep(&at, known.node_id),
        .content_type = keep(&at, known.content_type),
    };
    copy->result.reason = keep(&at, known.message).p;
    copy->ref = carried_end(carried);
    core_defer(core, carried_answered, copy);
    return RH_OK;
}

static int32_t reach_reach(struct rh_ctx *plugin, struct rh_str node_id, const char *how)
{
    struct core *core = plugin->core;
    struct peer *peer = peers_get(&core->peers, node_id, false);
    const struct rh_str words = rh_str_from(how);
    int32_t rc;

    services_check(plugin, "reach");
    if (!is_active_reach_provider(plugin))
        return RH_EFORBIDDEN;
    if (!peer)
        return RH_ENOTFOUND;
    if (words.n == 0 || words.n > REACH_BYTES_MAX)
        return RH_EINVAL;
    if (rh_str_eq(peer->view.reach, words))
        return RH_OK;
    rc = peer_set(&core->peers, peer, &peer->reach, words);
    if (rc == RH_OK)
        cluster_changed(core, RH_CHANGE_PEERS);
    return rc;
}

/* What a node may do whose request a hub has brought. The hub must be a node by this one's own
 * token file, and what the caller may do is what that file says: the hub's word is only who it was.
 */
static int32_t relayed_caller(const struct core *core, const struct rh_relayed *request,
                              struct self_caller *caller)
{
    struct token_match match;
    struct rh_str token;

    caller->name = RH_STR_LIT("");
    caller->scope_mask = SCOPE_ALL;
    if (!core->tokens)
        return RH_OK;
    if (!tokens_of_node(core->tokens, request->hub, &token))
        return RH_EFORBIDDEN;
    caller->scope_mask = 1u << RH_PUBLIC;
    if (tokens_of_node(core->tokens, request->from, &token) &&
        tokens_find(core->tokens, token, &match)) {
        caller->name = match.name;
        caller->scope_mask = match.scope_mask;
    }
    return RH_OK;
}

static int32_t reach_admit(struct rh_ctx *plugin, const struct rh_relayed *request,
                           void (*cb)(void *self, void *user, const struct rh_reply *reply),
                           void *user)
{
    struct core *core = plugin->core;
    struct rh_relayed known = {0};
    struct self_caller caller = {0};
    struct rh_call spec = {.size = (uint32_t)sizeof spec, .target = "self"};
    int32_t rc;

    services_check(plugin, "admit");
    memcpy(&known, request, request->size < sizeof known ? request->size : sizeof known);
    if (!known.method || !known.path || known.from.n == 0 || known.hub.n == 0)
        return RH_EINVAL;
    rc = relayed_caller(core, &known, &caller);
    if (rc != RH_OK)
        return rc;
    caller.node_id = known.from;
    caller.via = known.hub;
    caller.request_id = known.request_id;
    spec.method = known.method;
    spec.path = known.path;
    spec.body = known.body;
    spec.content_type = known.content_type;
    spec.timeout_ms = known.timeout_ms;
    spec.epoch = known.epoch;
    return call_start_as(core, plugin, &spec, &caller, cb, user);
}

static const struct rh_reach_host_v1 reach_host = {
    .size = (uint32_t)sizeof reach_host,
    .delivered = reach_delivered,
    .reach = reach_reach,
    .admit = reach_admit,
};

const void *services_reach(void)
{
    return &reach_host;
}
