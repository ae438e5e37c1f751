/* Election: one leader among the configured voters, by votes and a lease. This file is routes and
 * life cycle; rules are in election.h. */
#include <inttypes.h>
#include <string.h>

#include "lease.h"
#include "wire.h"

static int32_t handle_vote(void *self, rh_req req, const void *fields);
static int32_t handle_heartbeat(void *self, rh_req req, const void *fields);
static int32_t handle_leader(void *self, rh_req req, const void *fields);

static const struct rh_route routes[] = {
    RH_ROUTE("POST", "/election/vote", RH_VOTER, RH_IDEMPOTENT | RH_CONTROL,
             RH_FIELDS(struct wire_vote, wire_vote_fields), handle_vote,
             "Ask this voter for its vote."),
    RH_ROUTE("POST", "/election/heartbeat", RH_PEER, RH_IDEMPOTENT | RH_CONTROL,
             RH_FIELDS(struct wire_heartbeat, wire_heartbeat_fields), handle_heartbeat,
             "The leader says that it leads."),
    RH_ROUTE("GET", "/election/leader", RH_READ, RH_CONTROL | RH_ALWAYS, RH_NO_FIELDS,
             handle_leader, "Who leads, until when, and with whose support."),
    RH_ROUTE("POST", "/election/start", RH_OPERATOR, RH_CONTROL,
             RH_FIELDS(struct wire_start, wire_start_fields), election_handle_start,
             "Let this voter stand now."),
    RH_ROUTE("POST", "/election/step-down", RH_OPERATOR, RH_LEADER | RH_CONTROL,
             RH_FIELDS(struct wire_step_down, wire_step_down_fields), election_handle_step_down,
             "Let the leader stop leading."),
    RH_ROUTE("POST", "/election/transfer", RH_OPERATOR, RH_LEADER | RH_CONTROL,
             RH_FIELDS(struct wire_transfer, wire_transfer_fields), election_handle_transfer,
             "Let the leader hand over to a voter."),
};

static const char outranked[] = "leadership is decided by another provider on this node";

/* A node speaks for itself only. Without tokens callers have no node id, and are believed. */
static int32_t check_caller(struct election_plugin *p, rh_req req, struct rh_str claimed)
{
    struct rh_request request = {.size = (uint32_t)sizeof(request)};
    int32_t rc = p->rh.http->request(p->rh.ctx, req, &request);

    if (rc != RH_OK)
        return rc;
    if (request.node_id.n && !rh_str_eq(request.node_id, claimed))
        return rh_failf(&p->rh, RH_EFORBIDDEN, "%.*s may not speak for %.*s",
                        RH_STR_ARG(request.node_id), RH_STR_ARG(claimed));
    return RH_OK;
}

static int32_t refuse_non_voter(struct election_plugin *p, rh_req req, const char *node_id)
{
    return rh_reply_errorf(&p->rh, req, RH_EFORBIDDEN, "not_a_voter", "%s is not a voter", node_id);
}

static int32_t handle_vote(void *self, rh_req req, const void *fields)
{
    struct election_plugin *p = self;
    const struct wire_vote *wire = fields;
    struct inbound in = {.kind = INBOUND_VOTE, .req = req, .run = p->run};
    int32_t rc;

    if (!p->is_running)
        return wire_refuse_standby(p, req, outranked);
    rc = check_caller(p, req, wire->candidate);
    if (rc == RH_OK)
        rc = wire_take_vote(wire, &in);
    if (rc != RH_OK)
        return rc;
    if (p->core.self_index == ELECTION_VOTERS_MAX)
        return refuse_non_voter(p, req, p->core.cfg.self);
    if (election_voter_index(&p->core, in.vote.candidate) == ELECTION_VOTERS_MAX)
        return refuse_non_voter(p, req, in.vote.candidate);
    return wire_receive(p, &in);
}

static int32_t handle_heartbeat(void *self, rh_req req, const void *fields)
{
    struct election_plugin *p = self;
    const struct wire_heartbeat *wire = fields;
    struct inbound in = {.kind = INBOUND_HEARTBEAT, .req = req, .run = p->run};
    int32_t rc;

    if (!p->is_running)
        return wire_refuse_standby(p, req, outranked);
    rc = check_caller(p, req, wire->leader);
    if (rc == RH_OK)
        rc = wire_take_heartbeat(wire, &in);
    if (rc != RH_OK)
        return rc;
    if (election_voter_index(&p->core, in.heartbeat.leader) == ELECTION_VOTERS_MAX &&
        (!in.heartbeat.is_foreign || p->core.self_index < ELECTION_VOTERS_MAX))
        return refuse_non_voter(p, req, in.heartbeat.leader);
    return wire_receive(p, &in);
}

static void put_quorum(struct rh_json_writer *w, const struct rh_leader *leader,
                       const struct rh_self *node)
{
    rh_json_key(w, "quorum");
    rh_json_begin_object(w);
    if (leader->is_self || leader->node_id.n == 0)
        rh_json_kv_int(w, "have", leader->votes_have);
    else
        rh_json_kv_null(w, "have"); /* only the leader knows */
    rh_json_kv_int(w, "need", leader->votes_need);
    rh_json_key(w, "voters");
    rh_json_begin_array(w);
    for (uint32_t i = 0; i < node->voters.count; i++)
        rh_json_string(w, node->voters.items[i]);
    rh_json_end_array(w);
    rh_json_end_object(w);
}

static int32_t handle_leader(void *self, rh_req req, const void *fields)
{
    struct election_plugin *p = self;
    struct rh_leader leader = {.size = (uint32_t)sizeof(leader)};
    struct rh_self node = {.size = (uint32_t)sizeof(node)};
    const int64_t now_ms = p->rh.core->now_ms(p->rh.ctx);
    struct rh_json_reply reply;

    (void)fields;
    p->rh.cluster->leader(p->rh.ctx, &leader);
    p->rh.core->self(p->rh.ctx, &node);
    rh_json_reply_begin(&reply);
    if (leader.node_id.n)
        rh_json_kv_str(&reply.w, "leader", leader.node_id);
    else
        rh_json_kv_null(&reply.w, "leader");
    rh_json_kv_int(&reply.w, "epoch", (int64_t)leader.epoch);
    if (leader.expires_ms)
        rh_json_kv_int(&reply.w, "lease_expires_at",
                       p->rh.core->wall_ms(p->rh.ctx) + leader.expires_ms - now_ms);
    else
        rh_json_kv_null(&reply.w, "lease_expires_at");
    put_quorum(&reply.w, &leader, &node);
    rh_json_kv_str(&reply.w, "source", leader.source);
    rh_json_kv_str(&reply.w, "reason", leader.reason);
    rh_json_kv_str(&reply.w, "home", leader.home);
    return rh_json_reply_send(&reply, &p->rh, req, 200);
}

static int64_t timeout_of(const struct election_plugin *p, int64_t beat_ms)
{
    return p->conf.timeout ? p->conf.timeout : 2 * beat_ms;
}

static int32_t make_config(struct election_plugin *p, struct election_config *cfg)
{
    struct rh_self node = {.size = (uint32_t)sizeof(node)};
    const bool may_lead = p->leader->may_lead(p->rh.ctx) == RH_OK;
    int32_t rc;

    p->rh.core->self(p->rh.ctx, &node);
    memset(cfg, 0, sizeof(*cfg));
    cfg->priority = p->conf.priority;
    cfg->beat_ms = node.beat_ms;
    cfg->timeout_ms = timeout_of(p, node.beat_ms);
    if (!lease_fits_timeout(cfg->beat_ms, cfg->timeout_ms))
        return rh_fail_fieldf(
            &p->rh, RH_EINVAL, "timeout",
            "%" PRId64 " ms is too short for a beat of %" PRId64
            " ms: a lease of 1.6 beats must end before others stand, so at least %" PRId64 " ms",
            cfg->timeout_ms, cfg->beat_ms, lease_timeout_min_ms(cfg->beat_ms));
    if (node.voters.count > ELECTION_VOTERS_MAX)
        return rh_failf(&p->rh, RH_EINVAL, "%" PRIu32 " voters are more than the limit of %u",
                        node.voters.count, ELECTION_VOTERS_MAX);
    rc = rh_str_copy(cfg->self, sizeof(cfg->self), node.node_id);
    for (uint32_t i = 0; rc == RH_OK && i < node.voters.count; i++) {
        if (!may_lead && rh_str_eq(node.voters.items[i], node.node_id))
            continue; /* it follows, and counts for nobody */
        rc = rh_str_copy(cfg->voters[cfg->voter_count], sizeof(cfg->voters[0]),
                         node.voters.items[i]);
        cfg->voter_count++;
    }
    return rc == RH_OK ? rc
                       : rh_failf(&p->rh, rc, "a node id is longer than %u bytes", NODE_ID_MAX);
}

/* No vote before the ballot is loaded, and none while another provider decides. */
static int32_t run_if_ready(struct election_plugin *p)
{
    struct rh_leader leader = {.size = (uint32_t)sizeof(leader)};
    struct election_config cfg;
    int32_t rc;

    if (!p->is_loaded || p->is_running || p->is_standing_by || (!p->is_active && !p->is_outranked))
        return RH_OK;
    rc = make_config(p, &cfg);
    if (rc != RH_OK)
        return rc;
    if (p->is_outranked) {
        wire_standby_begin(p, &cfg);
        return RH_OK;
    }
    p->rh.cluster->leader(p->rh.ctx, &leader);
    election_init(&p->core, &cfg, &p->ballot, p->rh.core->random(p->rh.ctx),
                  p->rh.core->now_ms(p->rh.ctx));
    election_raise_floor(&p->core, leader.epoch);
    wire_refresh_home(p);
    p->is_running = true;
    p->run++;
    return wire_run(p);
}

/* Peers, what they advertise, or the leader have changed. */
static void on_change(void *self, uint32_t changed)
{
    struct election_plugin *p = self;

    if (!p->is_loaded)
        return;
    if (changed & (RH_CHANGE_PEERS | RH_CHANGE_PRESENCE))
        wire_look_at_peers(p);
    if (p->is_standing_by)
        wire_standby_run(p);
}

static int32_t load_ballot(struct election_plugin *p)
{
    struct rh_value value = {.size = (uint32_t)sizeof(value)};
    struct wire_ballot wire;
    void *memory = NULL;
    char why[RH_TEXT_MAX];
    int32_t rc = p->rh.state->get(p->rh.ctx, BALLOT_NAMESPACE, RH_STR_LIT("ballot"), &value);

    memset(&p->ballot, 0, sizeof(p->ballot));
    if (rc != RH_OK || !value.found)
        return rc;
    rc = p->rh.fields->decode(p->rh.ctx, &wire_ballot_table, value.data, &wire, &memory, why,
                              sizeof(why));
    if (rc != RH_OK)
        return rh_failf(&p->rh, rc, "the stored ballot cannot be read: %s", why);
    p->ballot.term = wire.term;
    rc = rh_str_copy(p->ballot.vote, sizeof(p->ballot.vote), wire.vote);
    p->rh.fields->release(p->rh.ctx, memory);
    return rc;
}

static int32_t create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                      const void *config)
{
    struct election_plugin *p = self;
    struct election_config cfg;

    rh_services_init(&p->rh, ctx, host);
    p->leader = host->service(ctx, RH_LEADER_HOST_ID);
    p->conf = *(const struct election_conf *)config;
    return make_config(p, &cfg); /* for its checks */
}

static int32_t activate(void *self, uint64_t epoch)
{
    struct election_plugin *p = self;
    int32_t rc;

    (void)epoch;
    rc = load_ballot(p);
    if (rc != RH_OK)
        return rc;
    p->durable_term = p->ballot.term;
    p->is_loaded = true;
    wire_advertise(p);
    wire_look_at_peers(p);
    rc = p->rh.cluster->watch(p->rh.ctx, RH_CHANGE_PEERS | RH_CHANGE_PRESENCE | RH_CHANGE_LEADER,
                              on_change);
    return rc == RH_OK ? run_if_ready(p) : rc;
}

static void deactivate(void *self)
{
    struct election_plugin *p = self;

    if (p->is_running)
        (void)wire_leaderless(p, p->core.ballot.term, "the election plugin is being restarted", 0,
                              election_need(&p->core)); /* nobody is left to tell */
    p->is_running = false;
    p->is_standing_by = false;
    p->is_loaded = false;
    p->foreign_voter = 0;
    p->timer = 0;
}

static int32_t reconfigure(void *self, const void *config)
{
    struct election_plugin *p = self;
    const struct election_conf old = p->conf;
    struct election_config cfg;
    int32_t rc;

    p->conf = *(const struct election_conf *)config;
    rc = make_config(p, &cfg);
    if (rc != RH_OK)
        p->conf = old;
    return rc;
}

/* Going down on purpose should not cost the others a timeout. */
static int32_t quiesce(void *self)
{
    struct election_plugin *p = self;

    return wire_step_down(p, wire_hold_ms(p), "this node stops");
}

static void role_active(void *self, uint32_t is_active)
{
    struct election_plugin *p = self;

    if (!is_active && p->is_running) {
        election_resign(&p->core, NULL, 0, p->rh.core->now_ms(p->rh.ctx));
        (void)wire_run(p); /* the other provider takes over in any case */
        p->is_running = false;
    }
    p->is_active = is_active;
    p->is_outranked = !is_active;
    if (is_active)
        p->is_standing_by = false;
    if (run_if_ready(p) != RH_OK)
        rh_log_error(&p->rh, "election_cannot_run", "node=%s", p->core.cfg.self);
}

static void role_home_changed(void *self)
{
    struct election_plugin *p = self;

    if (!p->is_running)
        return;
    wire_refresh_home(p);
    (void)wire_run(p); /* asks for a new activation itself when it fails */
}

static const struct rh_leader_role_v1 role_table = {
    .size = sizeof(role_table),
    .active = role_active,
    .step_down = wire_step_down,
    .transfer = wire_transfer,
    .home_changed = role_home_changed,
};
static const struct rh_role roles[] = {
    {.size = sizeof(struct rh_role), .rank = 10, .id = RH_LEADER_ROLE, .table = &role_table},
};

static const struct rh_field config_fields[] = {
    RH_INT(struct election_conf, priority, 0, -1000000, 1000000,
           "greater leads before smaller; ties go to the greater id"),
    RH_DURATION(struct election_conf, timeout, "0s", 0, 3600000,
                "without a heartbeat for so long a voter stands (RINGRIFT_ELECTION_TIMEOUT); 0s = "
                "twice the beat"),
};
static const struct rh_namespace namespaces[] = {
    {.size = sizeof(struct rh_namespace),
     .flags = RH_NS_URGENT,
     .name = BALLOT_NAMESPACE,
     .schema_read_min = 1,
     .schema_write = 1},
};
static const char *const services[] = {RH_CORE_ID,  RH_FIELDS_ID,  RH_HTTP_ID,
                                       RH_STATE_ID, RH_CLUSTER_ID, RH_LEADER_HOST_ID};

static const struct rh_plugin descriptor = {
    .size = sizeof(descriptor),
    .abi_major = RH_ABI_MAJOR,
    .abi_minor = RH_ABI_MINOR,
    .min_host_minor = RH_ABI_MINOR,
    .instance_size = sizeof(struct election_plugin),
    .id = "election",
    .version = "0.1.0",
    .summary = "One leader among the configured voters, with a lease.",
    .license = "Apache-2.0",
    .build_id = "",
    RH_LIST_OF(services, service),
    .config = RH_FIELDS(struct election_conf, config_fields),
    RH_TABLE(roles, role),
    RH_TABLE(namespaces, namespace),
    RH_TABLE(routes, route),
    .create = create,
    .activate = activate,
    .deactivate = deactivate,
    .reconfigure = reconfigure,
    .quiesce = quiesce,
};

RH_PLUGIN_ENTRY("election", "0.1.0", descriptor)
