/* Calls to "self": through the route table, without a socket, on loop turns of their own. */
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/core/core_internal.h"

/* A request on its way in; texts behind it. */
struct self_call {
    struct call_ref *ref;
    int64_t deadline_ms;
    uint64_t epoch;
    const char *method;
    const char *path;
    struct rh_str body;
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

static void self_dispatch(void *arg)
{
    struct self_call *call = arg;
    struct core *core = call->ref->core;
    struct request *req;
    struct http_inbound in = {
        .method = rh_str_from(call->method),
        .target = rh_str_from(call->path),
        .address = RH_STR_LIT("self"),
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
        req->scope_mask = SCOPE_ALL;
        req->caller = RH_STR_LIT("plugin");
        req->node_id = rh_str_from(core->setup->node_id);
        req->deadline_ms = call->deadline_ms;
        call_has_request(call->ref, req->id);
        if (request_check_epoch(req, call->epoch))
            request_dispatch(core, req);
    }
    free(call);
}

int32_t call_self(struct call_ref *ref, const struct rh_call *spec, int64_t deadline_ms)
{
    const char *path = spec->path ? spec->path : "/";
    size_t method_n = strlen(spec->method) + 1;
    size_t path_n = strlen(path) + 1;
    struct self_call *call = malloc(sizeof *call + method_n + path_n + spec->body.n);

    if (!call)
        return RH_ENOMEM;
    call->ref = ref;
    call->deadline_ms = deadline_ms;
    call->epoch = spec->epoch;
    memcpy(call->bytes, spec->method, method_n);
    memcpy(call->bytes + method_n, path, path_n);
    if (spec->body.n > 0)
        memcpy(call->bytes + method_n + path_n, spec->body.p, spec->body.n);
    call->method = call->bytes;
    call->path = call->bytes + method_n;
    call->body = (struct rh_str){call->bytes + method_n + path_n, spec->body.n};
    core_defer(ref->core, self_dispatch, call);
    return RH_OK;
}
