/* LEADER routes called on another node: sent on to the leader with the caller's own credentials and
 * deadline. DESIGN section 5. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/core/core_internal.h"

#define FORWARD_REPLY_MAX (16u * 1024u * 1024u)
#define FORWARD_TYPE_MAX  128u

static void forward_send(struct request *req);

/* The one second try: only when nothing was done, and only at a higher epoch. */
static bool forward_may_retry(const struct request *req, const struct http_result *result)
{
    bool was_not_done =
        result->rc == RH_EUNREACHABLE || (result->rc == RH_OK && result->status == 421);

    return was_not_done && !req->forward_again && req->core->lead.epoch > req->forward_epoch;
}

static void forward_failed(struct request *req, const struct http_result *result)
{
    if (result->rc == RH_ETIMEOUT)
        reply_rc(req, RH_ETIMEOUT, NULL, "the leader did not answer in time");
    else if (result->rc == RH_EUNREACHABLE)
        reply_rc(req, RH_EUNREACHABLE, NULL, "the leader cannot be reached: %s",
                 result->reason ? result->reason : "");
    else {
        struct rh_error error = {.size = (uint32_t)sizeof error,
                                 .rc = RH_EUNKNOWN,
                                 .status = 502,
                                 .message = "sent to the leader, but no answer came"};

        reply_error(req, &error);
    }
}

static void forward_done(void *user, const struct http_result *result)
{
    struct call_ref *ref = user;
    struct core *core = ref->core;
    struct request *req = core ? rh_map64_get(&core->requests, ref->id) : NULL;
    char content_type[FORWARD_TYPE_MAX];
    struct http_outreply out = {
        .status = result->status,
        .retry_after_s = result->retry_after_s,
        .content_type = content_type,
        .body = result->body,
        .node_id = result->node_id,
    };

    if (rh_str_copy(content_type, sizeof content_type, result->content_type) != RH_OK ||
        content_type[0] == '\0')
        text_set(content_type, sizeof content_type, "application/json");
    call_ref_free(ref);
    if (!req)
        return; /* too late, or the caller has gone */
    core_refresh(core);
    core_wake(core);
    req->forward_call = 0;
    if (forward_may_retry(req, result)) {
        req->forward_again = true;
        if (core->lead.is_self)
            request_dispatch_again(req);
        else
            forward_send(req);
        return;
    }
    if (result->rc != RH_OK) {
        forward_failed(req, result);
        return;
    }
    reply_send(req, &out);
}

/* Ours proves who forwards; the caller's stays the caller's. A plugin that called "self" is this
 * node, so there the caller's is ours too. Returns how many headers. */
static uint32_t forward_credentials(const struct request *req, struct http_header *headers,
                                    struct peer_header_room *room)
{
    const bool is_ours = req->exchange == 0;
    uint32_t count = call_peer_headers(req->core, headers, room);

    for (uint32_t i = 0; i < count; i++) {
        if (!rh_str_eq_c(headers[i].name, "Authorization"))
            continue;
        headers[i].name = RH_STR_LIT("X-Rh-Peer-Authorization");
        if (is_ours) {
            headers[count] = (struct http_header){RH_STR_LIT("Authorization"), headers[i].value};
            return count + 1;
        }
    }
    if (req->authorization.n > 0)
        headers[count++] = (struct http_header){RH_STR_LIT("Authorization"), req->authorization};
    return count;
}

static void forward_send(struct request *req)
{
    struct core *core = req->core;
    const struct peer *leader = peers_get(&core->peers, rh_str_from(core->lead.node_id), false);
    struct http_header headers[PEER_HEADERS_MAX + 5];
    struct peer_header_room room;
    char epoch[24];
    char left[24];
    char target[8192 + 16];
    struct call_ref *ref;
    struct http_outbound out = {
        .method = req->method.p,
        .body = req->body,
        .content_type = req->content_type.n > 0 ? req->content_type.p
                        : req->body.n > 0       ? "application/json"
                                                : NULL,
        .headers = headers,
        .deadline_ms = req->deadline_ms - FORWARD_MARGIN_MS,
        .idempotent =
            (req->route->def.flags & RH_IDEMPOTENT) != 0 || rh_str_eq_c(req->method, "GET"),
        .body_max = FORWARD_REPLY_MAX,
    };
    int n;

    if (core->lead.node_id[0] == '\0' || !leader || leader->view.address.n == 0) {
        reply_rc(req, RH_ENOTLEADER, NULL, "no leader: %s",
                 core->lead.node_id[0] ? "its address is not known" : core->lead.reason);
        return;
    }
    n = snprintf(target, sizeof target, "%.*s%s%.*s", (int)req->path.n, req->path.p,
                 req->query.n ? "?" : "", (int)req->query.n, req->query.p);
    if (n < 0 || (size_t)n >= sizeof target) {
        reply_rc(req, RH_ETOOLARGE, NULL, "path and query are too long to be forwarded");
        return;
    }
    ref = call_ref_new(core, req->id);
    if (!ref) {
        reply_rc(req, RH_ENOMEM, NULL, "out of memory");
        return;
    }
    out.target = (struct rh_str){target, (size_t)n};
    out.authority = leader->view.address;
    out.header_count = forward_credentials(req, headers, &room);
    text_set(epoch, sizeof epoch, "%" PRIu64, core->lead.epoch);
    text_set(left, sizeof left, "%" PRId64, req->deadline_ms - core->now_ms);
    headers[out.header_count++] =
        (struct http_header){RH_STR_LIT("X-Rh-Forwarded"), rh_str_from(epoch)};
    headers[out.header_count++] =
        (struct http_header){RH_STR_LIT("X-Rh-Via"), rh_str_from(core->setup->node_id)};
    headers[out.header_count++] =
        (struct http_header){RH_STR_LIT("X-Rh-Deadline-Ms"), rh_str_from(left)};
    headers[out.header_count++] = (struct http_header){RH_STR_LIT("X-Request-Id"), req->request_id};
    req->state = REQ_FORWARDED;
    req->forward_epoch = core->lead.epoch;
    if (core->driver.ops->call(core->driver.ctx, &out, forward_done, ref, &req->forward_call) !=
        RH_OK) {
        call_ref_free(ref);
        reply_rc(req, RH_EAGAIN, NULL, "too many calls are waiting for the leader");
    }
}

void forward_request(struct request *req)
{
    forward_send(req);
}
