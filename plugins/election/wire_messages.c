/* The election's messages as JSON: field tables, writers and readers. */
#include <inttypes.h>
#include <string.h>

#include "wire.h"

static const struct rh_field home_fields[] = {
    RH_INT(struct wire_home, epoch, 0, 0, WIRE_TERM_MAX,
           "of the leadership that made the claim; 0 = no home"),
    RH_STR(struct wire_home, node_id, 0, "the home of the replicated namespaces"),
};

const struct rh_field wire_vote_fields[] = {
    RH_FIELD_ROW_(struct wire_vote, candidate, RH_FIELD_STRING, .flags = RH_REQUIRED, .min = 1,
                  .max = NODE_ID_MAX, .doc = "who asks"),
    RH_INT_REQUIRED(struct wire_vote, term, 1, WIRE_TERM_MAX, "the term it wants to lead"),
    RH_INT(struct wire_vote, priority, 0, -WIRE_TERM_MAX, WIRE_TERM_MAX,
           "of the candidate; greater is better"),
    RH_INT(struct wire_vote, released_term, 0, 0, WIRE_TERM_MAX,
           "the leader of this term has stood down"),
    RH_BOOL(struct wire_vote, pre, false, "asks only whether standing has a chance"),
    RH_BOOL(struct wire_vote, force, false, "asks the leader to hand over to the candidate"),
    RH_OBJECT(struct wire_vote, home, 0, struct wire_home, home_fields,
              "the home that the candidate knows"),
};

const struct rh_field wire_heartbeat_fields[] = {
    RH_FIELD_ROW_(struct wire_heartbeat, leader, RH_FIELD_STRING, .flags = RH_REQUIRED, .min = 1,
                  .max = NODE_ID_MAX, .doc = "who leads"),
    RH_INT_REQUIRED(struct wire_heartbeat, term, 1, WIRE_TERM_MAX, "its term"),
    RH_INT(struct wire_heartbeat, lease_ms, 0, 0, WIRE_TERM_MAX,
           "how long it believes in itself once acknowledged"),
    RH_BOOL(struct wire_heartbeat, resigning, false, "it has stopped leading"),
    RH_FIELD_ROW_(struct wire_heartbeat, successor, RH_FIELD_STRING, .max = NODE_ID_MAX,
                  .doc = "who should stand at once; empty = anyone"),
    RH_STR(struct wire_heartbeat, source, 0, "the plugin that decided; empty = election"),
    RH_OBJECT(struct wire_heartbeat, home, 0, struct wire_home, home_fields,
              "the home that the leader knows"),
};

static const struct rh_field vote_reply_fields[] = {
    RH_BOOL(struct wire_vote_reply, granted, false, "the vote is given"),
    RH_INT_REQUIRED(struct wire_vote_reply, term, 0, WIRE_TERM_MAX,
                    "the newest term known to the voter"),
    RH_INT(struct wire_vote_reply, priority, 0, -WIRE_TERM_MAX, WIRE_TERM_MAX, "of the voter"),
    RH_STR(struct wire_vote_reply, reason, 0, "why not"),
    RH_OBJECT(struct wire_vote_reply, home, 0, struct wire_home, home_fields,
              "the home that the voter knows"),
};
const struct rh_fields wire_vote_reply_table = RH_FIELDS(struct wire_vote_reply, vote_reply_fields);

static const struct rh_field heartbeat_reply_fields[] = {
    RH_BOOL(struct wire_heartbeat_reply, ok, false, "the leader is followed"),
    RH_INT_REQUIRED(struct wire_heartbeat_reply, term, 0, WIRE_TERM_MAX,
                    "the newest term known to the node"),
    RH_INT(struct wire_heartbeat_reply, priority, 0, -WIRE_TERM_MAX, WIRE_TERM_MAX, "of the node"),
    RH_BOOL(struct wire_heartbeat_reply, can_lead, false, "it votes and would stand"),
    RH_OBJECT(struct wire_heartbeat_reply, home, 0, struct wire_home, home_fields,
              "the home that the node knows"),
};
const struct rh_fields wire_heartbeat_reply_table =
    RH_FIELDS(struct wire_heartbeat_reply, heartbeat_reply_fields);

static const struct rh_field ballot_fields[] = {
    RH_UINT64(struct wire_ballot, term, RH_REQUIRED, "the newest term"),
    RH_STR(struct wire_ballot, vote, 0, "who got the vote of this term"),
};
const struct rh_fields wire_ballot_table = RH_FIELDS(struct wire_ballot, ballot_fields);

static int32_t take_home(const struct wire_home *wire, struct election_home *out)
{
    out->epoch = (uint64_t)wire->epoch;
    return rh_str_copy(out->node_id, sizeof(out->node_id), wire->node_id);
}

int32_t wire_take_vote(const struct wire_vote *wire, struct inbound *out)
{
    int32_t rc = rh_str_copy(out->vote.candidate, sizeof(out->vote.candidate), wire->candidate);

    out->vote.term = (uint64_t)wire->term;
    out->vote.released_term = (uint64_t)wire->released_term;
    out->vote.priority = wire->priority;
    out->vote.is_pre = wire->pre;
    out->vote.is_forced = wire->force;
    return rc == RH_OK ? take_home(&wire->home, &out->home) : rc;
}

int32_t wire_take_heartbeat(const struct wire_heartbeat *wire, struct inbound *out)
{
    int32_t rc = rh_str_copy(out->heartbeat.leader, sizeof(out->heartbeat.leader), wire->leader);

    if (rc == RH_OK)
        rc = rh_str_copy(out->heartbeat.successor, sizeof(out->heartbeat.successor),
                         wire->successor);
    out->heartbeat.term = (uint64_t)wire->term;
    out->heartbeat.lease_ms = wire->lease_ms;
    out->heartbeat.is_resigning = wire->resigning;
    out->heartbeat.is_foreign = wire->source.n > 0;
    return rc == RH_OK ? take_home(&wire->home, &out->home) : rc;
}

void wire_put_home(struct rh_json_writer *w, const struct rh_home *home)
{
    if (home->epoch == 0)
        return;
    rh_json_key(w, "home");
    rh_json_begin_object(w);
    rh_json_kv_int(w, "epoch", (int64_t)home->epoch);
    rh_json_kv_str(w, "node_id", home->node_id);
    rh_json_end_object(w);
}

/* Errors are sticky in buf, which the caller looks at. */
void wire_put_vote(struct rh_buf *buf, const struct vote_request *vote, const struct rh_home *home)
{
    struct rh_json_writer w;

    rh_json_init(&w, buf);
    rh_json_begin_object(&w);
    rh_json_kv_strc(&w, "candidate", vote->candidate);
    rh_json_kv_int(&w, "term", (int64_t)vote->term);
    rh_json_kv_int(&w, "priority", vote->priority);
    rh_json_kv_int(&w, "released_term", (int64_t)vote->released_term);
    rh_json_kv_bool(&w, "pre", vote->is_pre);
    if (vote->is_forced)
        rh_json_kv_bool(&w, "force", true);
    wire_put_home(&w, home);
    rh_json_end_object(&w);
    (void)rh_json_finish(&w);
}

void wire_put_heartbeat(struct rh_buf *buf, const struct heartbeat *heartbeat,
                        const struct rh_home *home, struct rh_str source)
{
    struct rh_json_writer w;

    rh_json_init(&w, buf);
    rh_json_begin_object(&w);
    rh_json_kv_strc(&w, "leader", heartbeat->leader);
    rh_json_kv_int(&w, "term", (int64_t)heartbeat->term);
    rh_json_kv_int(&w, "lease_ms", heartbeat->lease_ms);
    if (heartbeat->is_resigning) {
        rh_json_kv_bool(&w, "resigning", true);
        rh_json_kv_strc(&w, "successor", heartbeat->successor);
    }
    if (heartbeat->is_foreign)
        rh_json_kv_str(&w, "source", source);
    wire_put_home(&w, home);
    rh_json_end_object(&w);
    (void)rh_json_finish(&w);
}

void wire_put_ballot(struct rh_buf *buf, const struct ballot *ballot)
{
    struct rh_json_writer w;

    rh_json_init(&w, buf);
    rh_json_begin_object(&w);
    rh_json_kv_u64(&w, "term", ballot->term);
    rh_json_kv_strc(&w, "vote", ballot->vote);
    rh_json_end_object(&w);
    (void)rh_json_finish(&w);
}

static int32_t read_vote_reply(const struct rh_services *rh, struct inbound *in, struct rh_str body)
{
    struct wire_vote_reply wire;
    void *memory = NULL;
    int32_t rc = rh->fields->decode(rh->ctx, &wire_vote_reply_table, body, &wire, &memory, NULL, 0);

    if (rc != RH_OK)
        return rc;
    in->vote_reply = (struct vote_reply){
        .granted = wire.granted, .term = (uint64_t)wire.term, .priority = wire.priority};
    rc = take_home(&wire.home, &in->home);
    rh->fields->release(rh->ctx, memory);
    return rc;
}

static int32_t read_heartbeat_reply(const struct rh_services *rh, struct inbound *in,
                                    struct rh_str body)
{
    struct wire_heartbeat_reply wire;
    void *memory = NULL;
    int32_t rc =
        rh->fields->decode(rh->ctx, &wire_heartbeat_reply_table, body, &wire, &memory, NULL, 0);

    if (rc != RH_OK)
        return rc;
    in->heartbeat_reply = (struct heartbeat_reply){.ok = wire.ok,
                                                   .term = (uint64_t)wire.term,
                                                   .priority = wire.priority,
                                                   .can_lead = wire.can_lead};
    rc = take_home(&wire.home, &in->home);
    rh->fields->release(rh->ctx, memory);
    return rc;
}

int32_t wire_read_reply(const struct rh_services *rh, struct inbound *in, struct rh_str body)
{
    return in->kind == INBOUND_VOTE_REPLY ? read_vote_reply(rh, in, body)
                                          : read_heartbeat_reply(rh, in, body);
}
