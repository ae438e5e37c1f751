/* Votes in a simulated cluster, by what is on the wire and on disks. */
#include "invariants.h"

#include <inttypes.h>
#include <stdlib.h>

#include <ringhost/sdk/str.h>

struct wire_vote {
    struct rh_str candidate, status;
    int64_t term;
    int32_t pre;
};
static const struct rh_field vote_fields[] = {
    RH_STR(struct wire_vote, candidate, 0, "who asks"),
    RH_STR(struct wire_vote, status, 0, "the answer"),
    RH_INT(struct wire_vote, term, 0, 0, INT64_C(9007199254740991), "term"),
    RH_BOOL(struct wire_vote, pre, false, "it changes nothing"),
};
static const struct rh_fields vote_table = RH_FIELDS(struct wire_vote, vote_fields);

/* A grant that anyone has heard of is on the voter's disk, or a later term is. */
static void check_stored(struct rh_sim *sim, uint32_t voter, uint32_t candidate, uint64_t term)
{
    struct rh_value value = {.size = (uint32_t)sizeof(value)};
    struct raft_hard hard;
    struct rh_sim_node node;
    const int32_t rc = rh_sim_disk_get(sim, voter, "raft", RH_STR_LIT("hard"), &value);

    rh_sim_node(sim, candidate, &node);
    if (rc != RH_OK || !value.found || raft_take_hard(value.data, &hard) != RH_OK) {
        rh_sim_fail(sim, "vote_is_durable", voter,
                    "it voted for %s in term %" PRIu64 ", and nothing is stored (%d)", node.node_id,
                    term, (int)rc);
        return;
    }
    if (hard.term < term ||
        (hard.term == term && !rh_str_eq_c(rh_str_from(hard.vote), node.node_id)))
        rh_sim_fail(sim, "vote_is_durable", voter,
                    "it voted for %s in term %" PRIu64 ", but \"%s\" in %" PRIu64 " is stored",
                    node.node_id, term, hard.vote, hard.term);
}

static void grant(struct raft_checks *c, struct rh_sim *sim, uint32_t voter, uint32_t candidate,
                  uint64_t term)
{
    const uint64_t key = term * c->count + voter;
    const uint64_t before = raft_check_get(&c->grants, key);

    if (before > 0 && before != candidate + 1) {
        struct rh_sim_node first, second;

        rh_sim_node(sim, (uint32_t)before - 1, &first);
        rh_sim_node(sim, candidate, &second);
        rh_sim_fail(sim, "one_grant_per_term", voter,
                    "in term %" PRIu64 " it voted for %s and for %s", term, first.node_id,
                    second.node_id);
    }
    raft_check_put(&c->grants, key, candidate + 1);
    check_stored(sim, voter, candidate, term);
}

uint32_t raft_check_votes_for(const struct raft_checks *c, struct rh_sim *sim, uint32_t candidate,
                              uint64_t term, const struct raft_members *members)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < members->count; i++) {
        const uint32_t voter = rh_sim_find(sim, rh_str_from(members->list[i].id));

        if (members->list[i].is_voter && voter < c->count)
            count += raft_check_get(&c->grants, term * c->count + voter) == candidate + 1;
    }
    return count;
}

static void on_request(struct raft_checks *c, struct rh_sim *sim,
                       const struct rh_sim_message *message, const struct wire_vote *vote)
{
    struct raft_asked *asked;
    void *old = NULL;

    if (message->kind != RH_SIM_REQUEST_SENT)
        return;
    asked = calloc(1, sizeof(*asked));
    if (!asked)
        abort(); /* a run without memory shows nothing */
    asked->kind = RAFT_MSG_VOTE;
    asked->from = message->from;
    asked->term = (uint64_t)vote->term;
    asked->is_pre = vote->pre;
    if (rh_map64_put(&c->asked, message->exchange, asked, &old) != RH_OK)
        abort();
    free(old);
    if (rh_sim_find(sim, vote->candidate) != message->from)
        rh_sim_fail(sim, "speaks_for_itself", message->from, "it asks for votes for %.*s",
                    RH_STR_ARG(vote->candidate));
    if (!vote->pre) /* it stands: its own vote */
        grant(c, sim, message->from, message->from, asked->term);
}

void raft_check_vote(struct raft_checks *c, struct rh_sim *sim,
                     const struct rh_sim_message *message)
{
    const bool is_request =
        message->kind == RH_SIM_REQUEST_SENT || message->kind == RH_SIM_REQUEST_DELIVERED;
    const struct raft_asked *asked = rh_map64_get(&c->asked, message->exchange);
    struct wire_vote vote;
    void *memory = NULL;

    if (message->from >= c->count ||
        rh_sim_decode(sim, &vote_table, message->body, &vote, &memory) != RH_OK)
        return;
    if (is_request)
        on_request(c, sim, message, &vote);
    else if (message->kind == RH_SIM_REPLY_SENT && message->status == 200 && asked &&
             !asked->is_pre && rh_str_eq_c(vote.status, "yes"))
        grant(c, sim, message->from, asked->from, asked->term);
    rh_sim_release(sim, memory);
}
