/* Raft: one order of batches for all members, and one leader. This file is routes and life cycle;
 * rules are in raft.h. */
#include <inttypes.h>
#include <string.h>

#include "wire.h"

/* A beat has so many heartbeats. */
#define HEARTBEATS_PER_BEAT 30

static const struct rh_route routes[] = {
    RH_ROUTE_WITH("POST", "/raft/append", RH_VOTER, RH_IDEMPOTENT | RH_CONTROL | RH_RAW_BODY,
                  RH_NO_FIELDS, raft_handle_append,
                  "Entries, a heartbeat, or leadership handed over.", .body_max = RAFT_BODY_MAX,
                  .doc = "Binary; answered when what the answer promises is on this node's disk."),
    RH_ROUTE("POST", "/raft/vote", RH_VOTER, RH_IDEMPOTENT | RH_CONTROL,
             RH_FIELDS(struct raft_vote_req, raft_vote_fields), raft_handle_vote,
             "Ask this voter for its vote, or whether asking has a chance."),
    RH_ROUTE_WITH("POST", "/raft/snapshot", RH_VOTER, RH_IDEMPOTENT | RH_CONTROL | RH_RAW_BODY,
                  RH_NO_FIELDS, raft_handle_snapshot, "A piece of the state.",
                  .body_max = RAFT_BODY_MAX, .doc = "Binary; answers with the next byte wanted."),
    RH_ROUTE("GET", "/raft/state", RH_READ, RH_CONTROL | RH_ALWAYS, RH_NO_FIELDS, raft_handle_state,
             "Role, term, log, members and what each of them has."),
    RH_ROUTE("POST", "/raft/members", RH_ADMIN, RH_LEADER,
             RH_FIELDS(struct raft_members_req, raft_members_fields), raft_handle_members,
             "Add a learner, make it a voter, or remove a member."),
    RH_ROUTE("POST", "/raft/transfer", RH_OPERATOR, RH_LEADER,
             RH_FIELDS(struct raft_transfer_req, raft_transfer_fields), raft_handle_transfer,
             "Hand leadership to a voter."),
    RH_ROUTE("POST", "/raft/bootstrap", RH_ADMIN, 0,
             RH_FIELDS(struct raft_confirm_req, raft_confirm_fields), raft_handle_bootstrap,
             "Make what this node had before raft the state of the group."),
    RH_ROUTE("POST", "/raft/recover", RH_ADMIN, 0,
             RH_FIELDS(struct raft_confirm_req, raft_confirm_fields), raft_handle_recover,
             "After a majority is lost for good: go on with this node alone, as another lineage."),
    RH_ROUTE_WITH("POST", "/raft/archive", RH_ADMIN, 0,
                  RH_FIELDS(struct raft_confirm_req, raft_confirm_fields), raft_handle_archive,
                  "Set aside the data that keeps this node out, so that it can join its group.",
                  .doc = "Only data of another lineage, or from before raft. It is copied to "
                         "replica.db.superseded-<Unix ms> first.",
                  .timeout_ms = 600000),
};

/* Without a list of voters a node is alone. */
static int32_t take_voters(struct raft_plugin *p, const struct rh_self *node)
{
    int32_t rc = rh_str_copy(p->self, sizeof(p->self), node->node_id);

    memset(&p->voters, 0, sizeof(p->voters));
    for (uint32_t i = 0; rc == RH_OK && i < node->voters.count; i++)
        rc = raft_members_add(&p->voters, node->voters.items[i], true);
    if (rc == RH_OK && node->voters.count == 0)
        rc = raft_members_add(&p->voters, node->node_id, true);
    if (rc == RH_EFULL)
        return rh_failf(&p->rh, RH_EINVAL, "%" PRIu32 " voters are more than the limit of %u",
                        node->voters.count, RAFT_MEMBERS_MAX);
    return rc == RH_OK
               ? rc
               : rh_failf(&p->rh, rc, "the voters are not ids of at most %u bytes, each once",
                          RAFT_ID_MAX);
}

static int32_t configure(struct raft_plugin *p)
{
    struct rh_self node = {.size = (uint32_t)sizeof(node)};

    p->rh.core->self(p->rh.ctx, &node);
    p->heartbeat_ms = p->conf.heartbeat ? p->conf.heartbeat : node.beat_ms / HEARTBEATS_PER_BEAT;
    if (p->heartbeat_ms < 1)
        p->heartbeat_ms = 1;
    if (p->heartbeat_ms > node.beat_ms)
        return rh_fail_fieldf(&p->rh, RH_EINVAL, "heartbeat",
                              "%" PRId64 " ms is longer than the beat, %" PRId64 " ms",
                              p->heartbeat_ms, node.beat_ms);
    return take_voters(p, &node);
}

static int32_t create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                      const void *config)
{
    struct raft_plugin *p = self;
    int32_t rc;

    rh_services_init(&p->rh, ctx, host);
    p->leader = host->service(ctx, RH_LEADER_HOST_ID);
    p->replication = host->service(ctx, RH_REPLICATION_HOST_ID);
    p->conf = *(const struct raft_conf *)config;
    rh_buf_init(&p->body, RAFT_BODY_MAX);
    if (!p->leader || !p->replication)
        return rh_failf(&p->rh, RH_EUNSUPPORTED, "the host has no roles for raft");
    rc = configure(p);
    if (rc != RH_OK)
        return rc;
    p->is_standing_by = !raft_members_is_voter(&p->voters, p->self);
    return p->replication->stand_by(ctx, p->is_standing_by); /* until the log says something else */
}

static int32_t activate(void *self, uint64_t epoch)
{
    struct raft_plugin *p = self;
    int32_t rc;

    (void)epoch;
    p->is_stuck = false;
    p->is_warned = false;
    p->is_mismatch_told = false;
    p->is_other_told = false;
    p->led_ms = raft_now(p);
    memset(&p->told, 0, sizeof(p->told));
    rc = raft_load_all(p);
    if (rc != RH_OK)
        return rc;
    if (p->mode == RAFT_MODE_REFUSED) {
        rh_log_error(&p->rh, "other_data",
                     "node=%s reason=\"it has data from before raft: bootstrap it, or archive it\"",
                     p->self);
        rh_warnf(&p->rh, "other_data",
                 "this node has data from before raft: bootstrap it, or archive it");
    }
    if (p->mode == RAFT_MODE_ARCHIVING)
        raft_archive(p);
    raft_leader_role.active(p, p->has_leader_role);
    raft_replication_role.active(p, p->has_replication_role);
    return RH_OK;
}

static void deactivate(void *self)
{
    struct raft_plugin *p = self;

    raft_fail_proposals(p);
    p->change_req = 0; /* the host answers it */
    raft_archive_stop(p);
    if (p->core && p->has_leader_role)
        (void)p->leader->leaderless(p->rh.ctx, p->told.term, "the raft plugin is being restarted",
                                    0, 0); /* nobody is left to tell */
    if (p->snapshot_id)
        (void)p->replication->snapshot_release(p->rh.ctx, p->snapshot_id); /* gone is fine */
    p->snapshot_id = 0;
    raft_free(p->core);
    p->core = NULL;
    p->mode = RAFT_MODE_LOADING;
    p->run++;
    p->timer = 0;
    p->is_pump_posted = false;
}

static int32_t reconfigure(void *self, const void *config)
{
    struct raft_plugin *p = self;
    const struct raft_conf old = p->conf;
    int32_t rc;

    p->conf = *(const struct raft_conf *)config;
    rc = configure(p);
    if (rc != RH_OK)
        p->conf = old;
    return rc;
}

/* Going down on purpose should not cost the others a timeout. */
static int32_t quiesce(void *self)
{
    struct raft_plugin *p = self;

    return raft_leader_role.step_down(p, 2 * RAFT_TIMEOUT_HEARTBEATS * p->heartbeat_ms,
                                      "this node stops");
}

static void destroy(void *self)
{
    struct raft_plugin *p = self;

    raft_free(p->core);
    raft_proposals_release(&p->proposals);
    raft_decoded_release(&p->decoded);
    rh_buf_release(&p->body);
}

static const struct rh_role roles[] = {
    {.size = sizeof(struct rh_role), .rank = 100, .id = RH_LEADER_ROLE, .table = &raft_leader_role},
    {.size = sizeof(struct rh_role),
     .rank = 100,
     .id = RH_REPLICATION_ROLE,
     .table = &raft_replication_role},
};

static const struct rh_field config_fields[] = {
    RH_DURATION(struct raft_conf, heartbeat, "0s", 0, 3600000,
                "of the leader; an election takes 10 to 20 of them; 0s = a thirtieth of the beat"),
    RH_INT(struct raft_conf, pipeline, 4, 1, RAFT_INFLIGHT_MAX,
           "appends to one follower without an answer"),
    RH_INT(struct raft_conf, trailing, 10000, 0, 1000000,
           "entries kept behind a checkpoint for followers that lag"),
};
static const struct rh_namespace namespaces[] = {
    {.size = sizeof(struct rh_namespace),
     .flags = RH_NS_URGENT,
     .name = RAFT_NAMESPACE,
     .schema_read_min = 1,
     .schema_write = 1},
};
static const char *const services[] = {
    RH_CORE_ID,        RH_FIELDS_ID,          RH_HTTP_ID, RH_STATE_ID, RH_CLUSTER_ID,
    RH_LEADER_HOST_ID, RH_REPLICATION_HOST_ID};

static const struct rh_plugin descriptor = {
    .size = sizeof(descriptor),
    .abi_major = RH_ABI_MAJOR,
    .abi_minor = RH_ABI_MINOR,
    .min_host_minor = RH_ABI_MINOR,
    .instance_size = sizeof(struct raft_plugin),
    .id = "raft",
    .version = "0.1.0",
    .summary = "One order of batches for all members, and one leader.",
    .license = "Apache-2.0",
    .build_id = "",
    RH_LIST_OF(services, service),
    .config = RH_FIELDS(struct raft_conf, config_fields),
    RH_TABLE(roles, role),
    RH_TABLE(namespaces, namespace),
    RH_TABLE(routes, route),
    .create = create,
    .activate = activate,
    .deactivate = deactivate,
    .reconfigure = reconfigure,
    .quiesce = quiesce,
    .destroy = destroy,
};

RH_PLUGIN_ENTRY("raft", "0.1.0", descriptor)
