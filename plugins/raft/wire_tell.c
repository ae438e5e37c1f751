/* Tells the host who leads, and whether this node takes part at all. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "wire.h"

/* A leader that has been heard by so much of a heartbeat later is told anew. */
#define RENEW_PARTS 4

const char *raft_waiting(const struct raft_plugin *p)
{
    if (!raft_members_is_voter(&p->voters, p->self))
        return "";
    return p->has_left || !p->home[0]
               ? "this node has no data and waits for the group that has it"
               : "this node waits for the group of the one that had the data before raft";
}

/* A node that is no member gives none of its roles, unless a leader is talking to it: then it is
 * about to become one. Configured voters that wait for their group keep them: together they could
 * elect a leader of their own by other means. */
static void tell_membership(struct raft_plugin *p, const struct raft_status *status)
{
    const bool is_waiting = status->lineage == 0 && raft_members_is_voter(&p->voters, p->self);
    const bool takes_part =
        (status->is_member && !status->was_told_removed) || status->leader[0] != '\0' || is_waiting;

    if (takes_part == !p->is_standing_by)
        return;
    p->is_standing_by = !takes_part;
    rh_log_info(&p->rh, takes_part ? "raft_takes_part" : "raft_stands_by", "lineage=%" PRIu64,
                status->lineage);
    (void)p->replication->stand_by(p->rh.ctx, p->is_standing_by); /* always RH_OK */
}

/* The own lease is told as it is: if the host's ended before the core's, an answer between the two
 * would make a leader of this term a second time. */
static bool is_news(const struct raft_plugin *p, const struct raft_told *told)
{
    const struct raft_told *old = &p->told;
    const int64_t step_ms = told->what == RAFT_TOLD_LEADING ? 1 : p->heartbeat_ms / RENEW_PARTS + 1;

    return told->what != old->what || told->term != old->term ||
           strcmp(told->leader, old->leader) != 0 || strcmp(told->reason, old->reason) != 0 ||
           told->expires_ms < old->expires_ms || told->expires_ms >= old->expires_ms + step_ms;
}

static struct raft_told to_tell(const struct raft_plugin *p, const struct raft_status *status)
{
    struct raft_told told = {.term = status->term};

    if (status->role == RAFT_LEADER && status->expires_ms > 0) {
        told.what = RAFT_TOLD_LEADING;
        told.expires_ms = status->expires_ms;
        return told;
    }
    if (status->role == RAFT_FOLLOWER && status->leader[0]) {
        told.what = RAFT_TOLD_FOLLOWING;
        told.expires_ms = status->expires_ms;
        memcpy(told.leader, status->leader, sizeof(told.leader));
        return told;
    }
    told.what = RAFT_TOLD_LEADERLESS;
    if (status->role == RAFT_FAILED)
        (void)snprintf(told.reason, sizeof(told.reason), "%s", raft_failure(p->core));
    else if (status->role == RAFT_LEADER)
        (void)snprintf(told.reason, sizeof(told.reason),
                       "elected; a majority has not confirmed it yet");
    else if (status->lineage == 0 && p->home[0] && !p->has_left)
        (void)snprintf(told.reason, sizeof(told.reason),
                       "other_data: the data from before raft is on %s; bootstrap it", p->home);
    else if (status->lineage == 0)
        (void)snprintf(told.reason, sizeof(told.reason), "%s", raft_waiting(p));
    else if (status->other_data_from[0] && status->last_index == 0)
        (void)snprintf(told.reason, sizeof(told.reason), "other_data: %s has data of another time",
                       status->other_data_from);
    else
        (void)snprintf(told.reason, sizeof(told.reason),
                       "no leader is known; %" PRIu32 " of %" PRIu32 " votes needed",
                       status->votes_have, status->votes_need);
    return told;
}

static void tell_leadership(struct raft_plugin *p, const struct raft_status *status)
{
    const struct raft_told told = to_tell(p, status);
    struct rh_ctx *ctx = p->rh.ctx;
    int32_t rc;

    if (!p->has_leader_role || !is_news(p, &told))
        return;
    if (told.what == RAFT_TOLD_LEADING)
        rc = p->leader->leading(ctx, told.term, told.expires_ms, status->votes_have,
                                status->votes_need);
    else if (told.what == RAFT_TOLD_FOLLOWING)
        rc = p->leader->following(ctx, rh_str_from(told.leader), told.term, told.expires_ms);
    else
        rc = p->leader->leaderless(ctx, told.term, told.reason, status->votes_have,
                                   status->votes_need);
    if (rc == RH_OK) {
        p->told = told;
    } else if (rc == RH_ESTALE) { /* an epoch from before raft is above this term */
        struct rh_leader leader = {.size = (uint32_t)sizeof(leader)};

        p->rh.cluster->leader(ctx, &leader);
        raft_raise_floor(p->core, leader.epoch, raft_now(p));
        raft_pump_later(p);
    }
}

/* The members that raft has are the truth; what is configured is how it began. */
static void tell_mismatch(struct raft_plugin *p, const struct raft_status *status)
{
    const struct raft_members *members = raft_members(p->core);
    bool differs = false;

    for (uint32_t i = 0; i < p->voters.count; i++)
        differs |= !raft_members_is_voter(members, p->voters.list[i].id);
    differs |= raft_members_voter_count(members) != p->voters.count;
    differs &= status->lineage != 0 && members->count > 0;
    if (differs != p->is_mismatch_told) {
        p->is_mismatch_told = differs;
        rh_warnf(&p->rh, "voters", differs ? "%s" : NULL,
                 "the configured voters are not the members that vote; see /raft/state");
    }
    if (!status->other_data_from[0] && p->is_other_told) {
        p->is_other_told = false;
        rh_warnf(&p->rh, "other_data", NULL);
    }
    if (status->other_data_from[0] && !p->is_other_told) {
        p->is_other_told = true;
        rh_log_warn(&p->rh, "other_data", "node=%s lineage=%" PRIu64, status->other_data_from,
                    status->other_lineage);
        rh_warnf(&p->rh, "other_data", "node %s has data of another lineage (%" PRIu64 ")",
                 status->other_data_from, status->other_lineage);
    }
}

void raft_tell(struct raft_plugin *p, const struct raft_status *status)
{
    if (status->leader[0])
        p->led_ms = raft_now(p);
    tell_membership(p, status);
    tell_leadership(p, status);
    tell_mismatch(p, status);
}

void raft_update_roles(struct raft_plugin *p)
{
    if (p->core)
        raft_forbid_lead(p->core,
                         !p->has_leader_role || !p->has_replication_role || p->is_stuck ||
                             p->is_unhealthy,
                         raft_now(p));
}
