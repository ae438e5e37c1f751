/* What nodes tell each other about their elections beside the messages: priority, voters and
 * hand-overs as a fact that gossip spreads, and the warnings that come of it. */
#include <stdio.h>
#include <string.h>

#include "wire.h"

#define FACT_BYTES_MAX 4096u
#define NAMES_MAX      100u /* bytes of a list of voters in a warning; longer ones are cut */

/* The fact "election" in a node's presence. */
struct fact {
    int64_t priority;
    int64_t handed_over;
    struct rh_str_list voters;
};
struct presence {
    struct fact election;
};
static const struct rh_field fact_fields[] = {
    RH_INT(struct fact, priority, 0, -WIRE_TERM_MAX, WIRE_TERM_MAX, "greater leads before smaller"),
    RH_INT(struct fact, handed_over, 0, 0, WIRE_TERM_MAX, "epoch in which it last handed over"),
    RH_STR_LIST(struct fact, voters, 0, "as configured on the node"),
};
static const struct rh_field presence_fields[] = {
    RH_OBJECT(struct presence, election, 0, struct fact, fact_fields, "of the election plugin"),
};
static const struct rh_fields presence_table = RH_FIELDS(struct presence, presence_fields);

void wire_advertise(struct election_plugin *p)
{
    struct rh_self node = {.size = (uint32_t)sizeof(node)};
    struct rh_json_writer w;
    struct rh_buf buf;
    int32_t rc;

    p->rh.core->self(p->rh.ctx, &node);
    rh_buf_init(&buf, FACT_BYTES_MAX);
    rh_json_init(&w, &buf);
    rh_json_begin_object(&w);
    rh_json_kv_int(&w, "priority", p->conf.priority);
    rh_json_kv_int(&w, "handed_over", (int64_t)p->handed_over_epoch);
    rh_json_key(&w, "voters");
    rh_json_begin_array(&w);
    for (uint32_t i = 0; i < node.voters.count; i++)
        rh_json_string(&w, node.voters.items[i]);
    rh_json_end_array(&w);
    rh_json_end_object(&w);
    rc = rh_json_finish(&w);
    if (rc == RH_OK)
        rc = p->rh.cluster->advertise(p->rh.ctx, "election", rh_buf_str(&buf));
    if (rc != RH_OK)
        rh_log_warn(&p->rh, "not_advertised", "code=%d", (int)rc);
    rh_buf_release(&buf);
}

static bool list_has(const struct rh_str_list *list, struct rh_str id)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (rh_str_eq(list->items[i], id))
            return true;
    return false;
}

static bool is_same_set(const struct rh_str_list *a, const struct rh_str_list *b)
{
    for (uint32_t i = 0; i < a->count; i++)
        if (!list_has(b, a->items[i]))
            return false;
    return a->count == b->count;
}

static void name_all(char out[NAMES_MAX], const struct rh_str_list *list)
{
    size_t n = 0;

    out[0] = '\0';
    for (uint32_t i = 0; i < list->count && n < NAMES_MAX; i++) {
        const int length =
            snprintf(out + n, NAMES_MAX - n, "%s%.*s", i ? " " : "", RH_STR_ARG(list->items[i]));

        n += length > 0 ? (size_t)length : 0;
    }
}

/* Warnings of one look; the first of each kind is shown. */
struct look {
    struct election_plugin *p;
    struct rh_self node;
    bool has_mismatch;
    bool has_hub;
};

static void compare_voters(struct look *look, const struct rh_peer *peer, const struct fact *fact)
{
    char theirs[NAMES_MAX];
    char ours[NAMES_MAX];

    if (fact->voters.count == 0 || look->has_mismatch ||
        is_same_set(&fact->voters, &look->node.voters))
        return;
    look->has_mismatch = true;
    name_all(theirs, &fact->voters);
    name_all(ours, &look->node.voters);
    rh_warnf(&look->p->rh, "voters", "node %.*s is configured with the voters %s, this one with %s",
             RH_STR_ARG(peer->node_id), theirs, ours);
}

/* The rule is that voters are reached directly: a hub that is down must not cost a majority. */
static void check_reach(struct look *look, const struct rh_peer *peer)
{
    if (!peer->is_voter || look->has_hub || peer->reach.n == 0 ||
        rh_str_eq_c(peer->reach, "direct"))
        return;
    look->has_hub = true;
    rh_warnf(&look->p->rh, "voter_reach", "voter %.*s is reached only through %.*s",
             RH_STR_ARG(peer->node_id), RH_STR_ARG(peer->reach));
}

static void see_voter(struct election_plugin *p, const struct rh_peer *peer,
                      const struct fact *fact)
{
    const bool is_fit = peer->state == RH_PEER_ALIVE && rh_str_eq_c(peer->reach, "direct") &&
                        fact->voters.count > 0;

    for (uint32_t i = 0; i < p->standby.cfg.voter_count; i++)
        if (rh_str_eq_c(peer->node_id, p->standby.cfg.voters[i]))
            standby_see(&p->standby, i, fact->priority, is_fit, p->rh.core->now_ms(p->rh.ctx));
    if ((uint64_t)fact->handed_over > p->seen_handed_over) {
        p->seen_handed_over = (uint64_t)fact->handed_over;
        standby_handed_over(&p->standby, p->rh.core->now_ms(p->rh.ctx));
    }
}

static void look_at(struct look *look, const struct rh_peer *peer)
{
    struct election_plugin *p = look->p;
    struct presence presence = {.election = {.priority = 0}};
    void *memory = NULL;

    if (peer->state == RH_PEER_DEAD || peer->state == RH_PEER_LEFT)
        return;
    check_reach(look, peer);
    if (p->rh.fields->decode(p->rh.ctx, &presence_table, peer->presence, &presence, &memory, NULL,
                             0) != RH_OK)
        return; /* of another version: it says nothing that we understand */
    compare_voters(look, peer, &presence.election);
    if (p->is_standing_by)
        see_voter(p, peer, &presence.election);
    p->rh.fields->release(p->rh.ctx, memory);
}

/* Who is not in the table any more is not fit either. */
static void forget_missing(struct election_plugin *p)
{
    for (uint32_t i = 0; i < p->standby.cfg.voter_count; i++) {
        struct rh_peer peer = {.size = (uint32_t)sizeof(peer)};

        if (p->rh.cluster->peer(p->rh.ctx, rh_str_from(p->standby.cfg.voters[i]), &peer) != RH_OK ||
            peer.state != RH_PEER_ALIVE)
            standby_see(&p->standby, i, 0, false, p->rh.core->now_ms(p->rh.ctx));
    }
}

void wire_look_at_peers(struct election_plugin *p)
{
    struct rh_peers peers = {.size = (uint32_t)sizeof(peers)};
    struct look look = {.p = p, .node = {.size = (uint32_t)sizeof(look.node)}};

    p->rh.core->self(p->rh.ctx, &look.node);
    if (p->is_standing_by)
        forget_missing(p);
    p->rh.cluster->peers(p->rh.ctx, &peers);
    for (uint32_t i = 0; i < peers.count; i++) {
        const struct rh_peer *peer =
            (const void *)((const char *)peers.peers + (size_t)i * peers.peer_stride);

        if (!peer->is_self)
            look_at(&look, peer);
    }
    if (!look.has_mismatch)
        rh_warnf(&p->rh, "voters", NULL);
    if (!look.has_hub)
        rh_warnf(&p->rh, "voter_reach", NULL);
}
