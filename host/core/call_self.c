/* Calls to "self": through the route table, without a socket, on loop turns of their own. */
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/core/carry.h"
#include "host/core/core_internal.h"

/* A request on its way in; texts behind it. */
struct self_call {
    struct call_ref *ref;
    int64_t deadline_ms;
    uint64_t epoch;
    const char *method;
    const char *path;
    struct rh_str body;
    bool is_relayed; /* in another's name: of this caller, whose texts are ours */
    struct self_caller caller;
    struct rh_str content_type;
    char bytes[];
};

/* An answer on its way back. */
struct self_reply {
    struct call_ref *ref;
    struct http_result result;
    char body[]; /* then the content type */
};

static void self_deliver(void *arg)
{
    struct self_reply *reply = arg;

    call_done(reply->ref, &reply->result);
    free(reply);
}

/* The route answered. Its words are only borrowed, and its plugin may still be running: copy, go on
 * next turn. */
static void self_done(void *user, const struct http_result *result)
{
    struct call_ref *ref = user;
    struct core *core = ref->core;
    struct self_reply *reply = malloc(sizeof *reply + result->body.n + result->content_type.n + 1);

    if (!core) { /* the core is going */
        free(reply);
        call_ref_free(ref);
        return;
    }
    if (!reply)
        abort(); /* an answer may not get lost, and there is no memory to say so */
    reply->ref = ref;
    reply->result = *result;
    if (result->body.n > 0)
        memcpy(reply->body, result->body.p, result->body.n);
    reply->result.body.p = reply->body;
    reply->result.content_type.p = reply->body + result->body.n;
    if (result->content_type.n > 0)
        memcpy(reply->body + result->body.n, result->content_type.p, result->content_type.n);
    reply->result.node_id = rh_str_from(core->setup->node_id);
    reply->result.reason = "";
    core_defer(core, self_deliver, reply);
}

/* Who asks: this node itself, with every right, or the node behind a hub. "Forwarded" keeps a
 * relayed request from being sent on in our name. */
static void self_name_caller(struct request *req, const struct self_call *call)
{
    if (!call->is_relayed) {
        req->scope_mask = SCOPE_ALL;
        req->caller = RH_STR_LIT("plugin");
        req->node_id = rh_str_from(req->core->setup->node_id);
        return;
    }
    req->scope_mask = call->caller.scope_mask;
    req->caller = call->caller.name;
    req->node_id = req->node_header;
}

static void self_dispatch(void *arg)
{
    struct self_call *call = arg;
    struct core *core = call->ref->core;
    struct request *req;
    const struct http_header headers[] = {
        {RH_STR_LIT("x-rh-node"), call->caller.node_id},
        {RH_STR_LIT("x-rh-via"), call->caller.via},
        {RH_STR_LIT("x-rh-forwarded"), RH_STR_LIT("relay")},
        {RH_STR_LIT("x-request-id"), call->caller.request_id},
        {RH_STR_LIT("content-type"), call->content_type},
    };
    struct http_inbound in = {
        .headers = headers,
        .header_count = call->is_relayed ? sizeof headers / sizeof headers[0] : 0,
        .method = rh_str_from(call->method),
        .target = rh_str_from(call->path),
        .address = call->is_relayed ? RH_STR_LIT("relay") : RH_STR_LIT("self"),
        .body = call->body,
        .is_loopback = 1,
    };

    if (!core) { /* the core is going */
        call_ref_free(call->ref);
        free(call);
        return;
    }
    req = request_new(core, &in);
    if (!req) {
        struct http_result result = {.rc = RH_ENOMEM, .reason = "out of memory"};

        self_done(call->ref, &result);
    } else {
        req->done = self_done;
        req->done_user = call->ref;
        self_name_caller(req, call);
        req->deadline_ms = call->deadline_ms;
        call_has_request(call->ref, req->id);
        if (request_check_epoch(req, call->epoch))
            request_dispatch(core, req);
    }
    free(call);
}

/* Copy one text into the call's block, terminated, and step on. */
static struct rh_str self_keep(char **at, struct rh_str text)
{
    struct rh_str kept = {*at, text.n};

    if (text.n > 0)
        memcpy(*at, text.p, text.n);
    *at += text.n;
    *(*at)++ = '\0';
    return kept;
}

int32_t call_self(struct call_ref *ref, const struct rh_call *spec,
                  const struct self_caller *caller, int64_t deadline_ms)
{
    static const struct self_caller nobody;
    const struct self_caller *who = caller ? caller : &nobody;
    const struct rh_str method = rh_str_from(spec->method);
    const struct rh_str path = rh_str_from(spec->path ? spec->path : "/");
    const struct rh_str type = rh_str_from(spec->content_type);
    struct self_call *call = calloc(1, sizeof *call + method.n + path.n + spec->body.n + type.n +
                                           who->node_id.n + who->via.n + who->request_id.n + 7);
    char *at;

    if (!call)
        return RH_ENOMEM;
    at = call->bytes;
    call->ref = ref;
    call->deadline_ms = deadline_ms;
    call->epoch = spec->epoch;
    call->method = self_keep(&at, method).p;
    call->path = self_keep(&at, path).p;
    call->body = self_keep(&at, spec->body);
    call->content_type = self_keep(&at, type);
    call->is_relayed = caller != NULL;
    call->caller = (struct self_caller){.node_id = self_keep(&at, who->node_id),
                                        .via = self_keep(&at, who->via),
                                        .request_id = self_keep(&at, who->request_id),
                                        .name = who->name,
                                        .scope_mask = who->scope_mask};
    core_defer(ref->core, self_dispatch, call);
    return RH_OK;
}

/* The ref holds the request's id. */
static void self_abandon(void *arg)
{
    struct call_ref *ref = arg;
    struct core *core = ref->core;
    const uint64_t request_id = ref->id;

    call_ref_free(ref);
    if (core)
        request_abandon(core, request_id);
}

void call_self_abandon(struct core *core, uint64_t request_id)
{
    struct call_ref *ref = call_ref_new(core, request_id);

    if (ref) /* else its own time runs out */
        core_defer(core, self_abandon, ref);
}
