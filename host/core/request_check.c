/* What may stop a request before its handler: no such route, an unknown caller, a foreign peer, a
 * wrong body, a plugin that cannot answer here and now. Each check answers the request itself when
 * it returns false. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <ringhost/sdk/str.h>

#include "host/core/core_internal.h"
#include "host/core/field_decode.h"
#include "host/core/field_query.h"

#define IN_FLIGHT_DEFAULT 4096u

void request_no_route(struct request *req, const struct route_entry *known)
{
    struct core *core = req->core;
    char allow[64] = "";
    const char *near[ROUTER_NEAR_MAX];
    char text[CORE_WHY_MAX];
    size_t n = 0;

    if (known) {
        struct rh_error error = {
            .size = (uint32_t)sizeof error, .status = 405, .code = "method_not_allowed"};
        struct http_outreply out = {
            .status = 405, .content_type = "application/json", .allow = allow};
        struct rh_buf buf;

        for (const struct route_entry *entry = known; entry && n + 10 < sizeof allow;
             entry = entry->next_method)
            n += (size_t)snprintf(allow + n, sizeof allow - n, "%s%s", n ? ", " : "",
                                  entry->def.method);
        text_set(text, sizeof text, "%s is not a method of %s; allowed: %s", req->method.p,
                 known->def.path, allow);
        error.message = text;
        rh_buf_init(&buf, 4096);
        if (error_body(&buf, &error) == RH_OK)
            out.body = rh_buf_str(&buf);
        reply_send(req, &out);
        rh_buf_release(&buf);
        return;
    }
    n = (size_t)snprintf(text, sizeof text, "no route %.*s", RH_STR_ARG(req->path));
    if (n < sizeof text) {
        uint32_t count = router_near(&core->router, req->path, near);

        for (uint32_t i = 0; i < count && n < sizeof text; i++)
            n += (size_t)snprintf(text + n, sizeof text - n, "%s%s%s", i ? ", " : "; did you mean ",
                                  near[i], i + 1 == count ? "?" : "");
    }
    reply_rc(req, RH_ENOTFOUND, "no_route", "%s", text);
}

/* The token in "Bearer TOKEN", looked up; false when it is not that or not known. */
static bool find_token(const struct core *core, struct rh_str authorization,
                       struct token_match *match)
{
    if (!rh_str_starts_with(authorization, RH_STR_LIT("Bearer ")))
        return false;
    authorization.p += 7;
    authorization.n -= 7;
    return tokens_find(core->tokens, authorization, match);
}

static bool is_peer_token(const struct token_match *match, struct rh_str from)
{
    return (scope_allows(match->scope_mask, RH_PEER) ||
            scope_allows(match->scope_mask, RH_VOTER)) &&
           (rh_str_eq_c(match->node_id, "*") || rh_str_eq(match->node_id, from));
}

/* Who asks, and what they may do. "Forwarded" is believed only from a proven peer. */
bool request_authenticate(struct request *req)
{
    struct core *core = req->core;
    struct token_match match;

    if (!core->tokens) {
        req->scope_mask = SCOPE_ALL;
        if (req->node_header.n == 0)
            req->forwarded = req->via = RH_STR_LIT("");
        else if (req->forwarded.n == 0)
            req->node_id = req->node_header;
        return true;
    }
    req->scope_mask = 1u << RH_PUBLIC;
    if (req->peer_authorization.n == 0 || !find_token(core, req->peer_authorization, &match) ||
        !is_peer_token(&match, req->node_header))
        req->forwarded = req->via = RH_STR_LIT("");
    else if (!rh_str_eq(req->peer_authorization, req->authorization))
        req->node_header =
            RH_STR_LIT(""); /* the peer only carries it; the caller is the one behind */
    if (req->authorization.n == 0)
        return true;
    if (!find_token(core, req->authorization, &match)) {
        reply_rc(req, RH_EUNAUTHORIZED, NULL,
                 "Authorization must be \"Bearer TOKEN\" with a token of the token file");
        return false;
    }
    req->caller = match.name;
    req->scope_mask = match.scope_mask;
    if (req->node_header.n == 0)
        return true;
    if (match.node_id.n > 0 && !rh_str_eq_c(match.node_id, "*") &&
        !rh_str_eq(match.node_id, req->node_header)) {
        reply_rc(req, RH_EFORBIDDEN, "wrong_node",
                 "token \"%.*s\" belongs to node \"%.*s\", not to \"%.*s\"", RH_STR_ARG(match.name),
                 RH_STR_ARG(match.node_id), RH_STR_ARG(req->node_header));
        return false;
    }
    if (is_peer_token(&match, req->node_header))
        req->node_id = req->node_header;
    return true;
}

/* A peer, also one that only carries a request, must be of this cluster, speak this protocol and
 * not have the name of another living one. False: answered. */
bool request_check_peer(struct request *req, const struct http_inbound *in)
{
    struct core *core = req->core;
    struct rh_str cluster = http_header_of(in, "x-rh-cluster");
    struct rh_str protocol = http_header_of(in, "x-rh-protocol");
    struct rh_str instance = http_header_of(in, "x-rh-instance");
    struct rh_str node_id = http_header_of(in, "x-rh-node");
    struct cluster_claim theirs = {.cluster_id = cluster,
                                   .node_id = node_id,
                                   .is_own = http_header_of(in, "x-rh-cluster-own").n > 0};
    const struct peer *peer;
    uint64_t number = 0;

    if (req->node_id.n == 0 && req->forwarded.n == 0)
        return true;
    if (rh_parse_u64(protocol, &number) != RH_OK || number != CORE_PROTOCOL) {
        core->wrong_protocol++;
        reply_rc(req, RH_ECONFLICT, "upgrade_needed",
                 "this node speaks protocol %u, the caller %.*s", CORE_PROTOCOL,
                 RH_STR_ARG(protocol.n > 0 ? protocol : RH_STR_LIT("none")));
        return false;
    }
    if (rh_parse_u64(http_header_of(in, "x-rh-cluster-epoch"), &theirs.epoch) != RH_OK)
        theirs.epoch = 0;
    if (cluster.n > 0 && rh_str_eq_c(cluster, core->cluster_id))
        identity_confirm_cluster(core, node_id);
    if (cluster.n > 0 && core->cluster_id[0] && !rh_str_eq_c(cluster, core->cluster_id) &&
        !identity_yield_cluster(core, &theirs)) {
        core->wrong_cluster++;
        reply_rc(req, RH_ECONFLICT, "wrong_cluster",
                 "this node is of cluster %s, the caller of %.*s", core->cluster_id,
                 RH_STR_ARG(cluster));
        return false;
    }
    peer = peers_get(&core->peers, node_id, false);
    if (instance.n > 0 && peer && peer->view.instance_id.n > 0 &&
        !rh_str_eq(peer->view.instance_id, instance) &&
        (peer->view.is_self || peer->view.state == RH_PEER_ALIVE ||
         peer->view.state == RH_PEER_SUSPECT)) {
        core->duplicate_node++;
        core_log(core, RH_LOG_ERROR, NULL, "duplicate_node_id",
                 "node=%.*s instance=%.*s address=%.*s", RH_STR_ARG(node_id), RH_STR_ARG(instance),
                 RH_STR_ARG(req->address));
        reply_rc(req, RH_ECONFLICT, "duplicate_node_id",
                 "node id \"%.*s\" is in use by another living instance", RH_STR_ARG(node_id));
        return false;
    }
    identity_set_cluster(core, cluster, theirs.epoch); /* the leader's, when we know none yet */
    return true;
}

bool request_check_epoch(struct request *req, uint64_t epoch)
{
    const struct leadership *lead = &req->core->lead;

    if (epoch == 0 || leadership_fence(req->core, epoch) == RH_OK)
        return true;
    reply_rc(req, RH_ESTALE, NULL,
             "the act was decided in epoch %" PRIu64 ", which is over; this node knows %" PRIu64,
             epoch, lead->fence_max > lead->epoch ? lead->fence_max : lead->epoch);
    return false;
}

/* "application/json", whatever its case and parameters; a body without a type counts too. */
static bool is_json(struct rh_str content_type)
{
    static const char wanted[] = "application/json";
    size_t n = sizeof wanted - 1;

    if (content_type.n == 0)
        return true;
    return content_type.n >= n && strncasecmp(content_type.p, wanted, n) == 0 &&
           (content_type.n == n || memchr(" ;", content_type.p[n], 2) != NULL);
}

/* Routes for people and workers: what they do not know is refused, so that a misspelt word is not
 * taken for consent. */
static bool is_for_people(uint32_t scope)
{
    return scope >= RH_READ && scope <= RH_ADMIN;
}

/* Body or query into the struct that the handler wants. False: answered. */
bool request_decode(struct request *req)
{
    const struct rh_route *def = &req->route->def;
    uint32_t body_max = core_route_body_max(req->core, def);
    bool has_body = strcmp(def->method, "GET") != 0 && strcmp(def->method, "DELETE") != 0;
    uint32_t flags = def->scope == RH_PEER || def->scope == RH_VOTER ? 0 : FIELD_STRICT;
    struct field_error error;
    int32_t rc;

    if (req->body.n > body_max) {
        reply_rc(req, RH_ETOOLARGE, NULL, "the body has %zu bytes; %s takes at most %" PRIu32,
                 req->body.n, def->path, body_max);
        return false;
    }
    if (def->flags & RH_RAW_BODY) {
        has_body = false; /* the handler takes that; fields come from the query */
        if (def->request.count == 0)
            return true;
    }
    if (has_body && req->body.n > 0 && !is_json(req->content_type)) {
        struct rh_error wrong = {.size = (uint32_t)sizeof wrong,
                                 .status = 415,
                                 .code = "unsupported_media_type",
                                 .message = "the body must be application/json"};

        reply_error(req, &wrong);
        return false;
    }
    if (def->request.count == 0 && !(has_body && req->body.n > 0) &&
        (has_body || req->query.n == 0 || !is_for_people(def->scope)))
        return true;
    req->fields =
        field_arena_alloc(&req->arena, def->request.struct_size ? def->request.struct_size : 1);
    if (!req->fields) {
        reply_rc(req, RH_ENOMEM, NULL, "out of memory");
        return false;
    }
    if (has_body)
        rc = field_decode(&def->request, req->body.n ? req->body : RH_STR_LIT("{}"), flags,
                          body_max, req->fields, &req->arena, &error);
    else
        rc = field_decode_query(&def->request, req->query, flags, req->fields, &req->arena, &error);
    if (rc != RH_OK) {
        struct rh_error wrong = {.size = (uint32_t)sizeof wrong,
                                 .rc = rc,
                                 .message = error.message,
                                 .field = error.field[0] ? error.field : NULL};

        reply_error(req, &wrong);
        return false;
    }
    if (def->request.count == 0)
        req->fields = NULL; /* there was only an empty object, or an empty query */
    return true;
}

/* Whether this node is to run a LEADER route now; else it has been forwarded or refused. */
static bool request_is_led_here(struct request *req)
{
    struct core *core = req->core;
    const struct leadership *lead = &core->lead;
    char details[NODE_ID_MAX + 64];

    leadership_check_lease(core);
    if (lead->is_self && (!req->plugin->is_replicated || !home_is_elsewhere(core)))
        return true;
    if (lead->is_self) {
        struct rh_error error = {
            .size = (uint32_t)sizeof error, .rc = RH_EELSEWHERE, .retry_after_s = 2};
        char text[CORE_WHY_MAX];
        int n = snprintf(details, sizeof details, "{\"home\":\"%s\",\"leader\":\"%s\"}",
                         lead->home_node, core->setup->node_id);

        text_set(text, sizeof text,
                 "the state is at home on node \"%s\", which does not lead now; it goes on there "
                 "when that node is "
                 "back, or here after `ringctl state adopt`",
                 lead->home_node);
        error.message = text;
        error.details = (struct rh_str){details, (size_t)n};
        reply_error(req, &error);
        return false;
    }
    if (req->forwarded.n > 0) {
        struct rh_error error = {
            .size = (uint32_t)sizeof error, .rc = RH_ENOTLEADER, .status = 421};
        int n = snprintf(details, sizeof details, "{\"leader\":\"%s\",\"epoch\":%" PRIu64 "}",
                         lead->node_id, lead->epoch);

        error.details = (struct rh_str){details, (size_t)n};
        reply_error(req, &error);
        return false;
    }
    forward_request(req);
    return false;
}

/* The plugin can take it now, or the request has been answered. */
bool request_plugin_ready(struct request *req)
{
    struct rh_ctx *plugin = req->plugin;
    uint32_t most =
        req->core->setup->in_flight_max ? req->core->setup->in_flight_max : IN_FLIGHT_DEFAULT;

    if (req->route->def.flags & RH_ALWAYS) {
        req->is_always = true;
        if (plugin->state != PLUGIN_STARTED) {
            reply_rc(req, RH_ELOADING, NULL, "plugin %s is not running: %s", plugin->id,
                     plugin->why);
            return false;
        }
        return true;
    }
    if ((req->route->def.flags & RH_LEADER) && !request_is_led_here(req))
        return false;
    if (plugin->state == PLUGIN_FAILED) {
        reply_rc(req, RH_ELOADING, "plugin_failed", "plugin %s has failed: %s", plugin->id,
                 plugin->why);
        return false;
    }
    if (plugin->state != PLUGIN_STARTED || plugin->phase != ACT_ACTIVE) {
        reply_rc(req, RH_ELOADING, NULL, "plugin %s is loading its state%s%s", plugin->id,
                 plugin->why[0] ? ": " : "", plugin->why);
        return false;
    }
    if (plugin->in_flight > most && !(req->route->def.flags & RH_CONTROL)) {
        plugin->over_quota++;
        reply_rc(req, RH_EAGAIN, NULL, "plugin %s has %" PRIu32 " requests in flight", plugin->id,
                 most);
        return false;
    }
    return true;
}
