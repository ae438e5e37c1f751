/* A cluster of election cores in one process: virtual time, a lossy network, disks, crashes and
 * drifting clocks, all from one seed. It checks the invariants after every event. */
#ifndef RH_TESTS_PLUGINS_ELECTION_SIM_H
#define RH_TESTS_PLUGINS_ELECTION_SIM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/rng.h>

#include "plugins/election/election.h"

#define SIM_NODES_MAX  6u
#define SIM_EVENTS_MAX 4096u
#define SIM_TERMS_MAX  4096u
#define SIM_BEAT_US    INT64_C(1500000)

enum sim_kind { SIM_TICK, SIM_VOTE, SIM_VOTE_REPLY, SIM_BEAT, SIM_BEAT_REPLY, SIM_DURABLE };

struct sim_event {
    int64_t at_us;
    uint64_t order;
    enum sim_kind kind;
    uint32_t to, from;
    uint32_t to_life;  /* what a crash outdates */
    int64_t leaves_us; /* when the sender has it durable and lets it go */
    uint64_t term;
    struct vote_request vote;
    struct vote_reply vote_reply;
    struct heartbeat beat;
    struct heartbeat_sent sent;
    struct heartbeat_reply beat_reply;
    struct election_home home;
    struct ballot ballot;
};

struct sim_node {
    struct election core;
    struct ballot disk;
    struct election_home home; /* durable */
    double rate;               /* of its clock */
    int64_t offset_ms;
    int64_t disk_free_us; /* when what was written is durable */
    uint32_t life;
    bool is_up;
    int64_t up_at_us;
};

struct sim {
    struct sim_node nodes[SIM_NODES_MAX];
    uint32_t node_count, voter_count;
    struct rh_rng rng;
    uint64_t seed, order;
    int64_t now_us;
    struct sim_event events[SIM_EVENTS_MAX];
    uint32_t event_count;
    bool cut[SIM_NODES_MAX][SIM_NODES_MAX];
    uint32_t loss_percent;
    int64_t delay_max_us;
    uint32_t leader_of[SIM_TERMS_MAX]; /* node + 1 */
    uint32_t vote_of[SIM_TERMS_MAX][SIM_NODES_MAX];
    uint64_t confirmed_home_epoch;
    uint32_t confirmations;
    uint32_t started[6];       /* outcomes of election_start */
    bool mutant_forgets_votes; /* a broken disk, which the invariants must notice */
    uint32_t violations;
    const char *violation;
};

static void sim_violate(struct sim *s, const char *what)
{
    s->violations++;
    s->violation = what;
}

static int64_t sim_local_ms(const struct sim *s, uint32_t node)
{
    const struct sim_node *n = &s->nodes[node];

    return n->offset_ms + (int64_t)((double)s->now_us / 1000.0 * n->rate);
}

static struct sim_event *sim_add(struct sim *s, enum sim_kind kind, uint32_t to, int64_t delay_us)
{
    struct sim_event *event;

    assert_true(s->event_count < SIM_EVENTS_MAX);
    event = &s->events[s->event_count++];
    memset(event, 0, sizeof(*event));
    event->kind = kind;
    event->to = to;
    event->to_life = s->nodes[to].life;
    event->at_us = s->now_us + delay_us;
    event->order = s->order++;
    return event;
}

/* One delay in twenty has a long tail. */
static int64_t sim_delay(struct sim *s)
{
    const int64_t delay_us = (int64_t)rh_rng_below(&s->rng, (uint64_t)s->delay_max_us + 1);

    return rh_rng_below(&s->rng, 20) == 0 ? delay_us * 8 : delay_us;
}

static struct sim_event *sim_send(struct sim *s, enum sim_kind kind, uint32_t from, uint32_t to,
                                  int64_t not_before_us)
{
    struct sim_event *event;
    const int64_t wait_us = not_before_us > s->now_us ? not_before_us - s->now_us : 0;

    if (s->cut[from][to] || rh_rng_below(&s->rng, 100) < s->loss_percent)
        return NULL;
    event = sim_add(s, kind, to, wait_us + sim_delay(s));
    event->from = from;
    event->leaves_us = s->now_us + wait_us;
    event->home = s->nodes[from].home;
    return event;
}

static void sim_learn_home(struct sim_node *n, const struct election_home *claim, int64_t now_ms)
{
    if (claim->epoch < n->home.epoch ||
        (claim->epoch == n->home.epoch && strcmp(claim->node_id, n->home.node_id) <= 0))
        return;
    n->home = *claim;
    election_set_home(&n->core, claim, now_ms);
}

static void sim_on_leading(struct sim *s, uint32_t node, const struct election_action *a)
{
    struct sim_node *n = &s->nodes[node];

    assert_true(a->term < SIM_TERMS_MAX);
    if (s->leader_of[a->term] && s->leader_of[a->term] != node + 1)
        sim_violate(s, "one_leader_per_term");
    if (!s->leader_of[a->term] && n->home.epoch < s->confirmed_home_epoch)
        sim_violate(s, "an_elected_leader_knows_the_confirmed_home");
    s->leader_of[a->term] = node + 1;
    if (n->home.epoch == 0) {
        n->home.epoch = a->term;
        memcpy(n->home.node_id, n->core.cfg.self, sizeof(n->home.node_id));
        election_set_home(&n->core, &n->home, sim_local_ms(s, node));
    }
}

static void sim_on_grant(struct sim *s, uint32_t voter, uint64_t term, const char *candidate)
{
    const uint32_t index = election_voter_index(&s->nodes[voter].core, candidate);

    assert_true(term < SIM_TERMS_MAX);
    if (s->vote_of[term][voter] && s->vote_of[term][voter] != index + 1)
        sim_violate(s, "one_grant_per_voter_and_term");
    s->vote_of[term][voter] = index + 1;
}

static void sim_write(struct sim *s, uint32_t node, const struct ballot *ballot)
{
    struct sim_node *n = &s->nodes[node];
    const int64_t start_us = n->disk_free_us > s->now_us ? n->disk_free_us : s->now_us;
    struct sim_event *event;

    n->disk_free_us = start_us + (int64_t)rh_rng_below(&s->rng, 30000);
    event = sim_add(s, SIM_DURABLE, node, n->disk_free_us - s->now_us);
    event->ballot = *ballot;
}

static void sim_act(struct sim *s, uint32_t node)
{
    struct sim_node *n = &s->nodes[node];
    struct election_action a;
    struct sim_event *event;

    while (election_next_action(&n->core, &a)) {
        switch (a.kind) {
        case ELECTION_PERSIST:
            sim_write(s, node, &a.u.ballot);
            break;
        case ELECTION_SEND_VOTE:
            event = sim_send(s, SIM_VOTE, node, a.voter, 0);
            if (event)
                event->vote = a.u.vote;
            break;
        case ELECTION_SEND_HEARTBEAT:
            event = sim_send(s, SIM_BEAT, node, a.voter, 0);
            if (event) {
                event->beat = a.u.beat.heartbeat;
                event->sent = a.u.beat.sent;
            }
            break;
        case ELECTION_SEND_OTHERS:
            for (uint32_t to = s->voter_count; to < s->node_count; to++) {
                event = sim_send(s, SIM_BEAT, node, to, 0);
                if (event)
                    event->beat = a.u.beat.heartbeat;
            }
            break;
        case ELECTION_LEADING:
            sim_on_leading(s, node, &a);
            break;
        case ELECTION_HOME_CONFIRMED:
            s->confirmations++;
            if (s->confirmed_home_epoch < a.home_epoch)
                s->confirmed_home_epoch = a.home_epoch;
            break;
        default:
            break;
        }
    }
}

static void sim_arm(struct sim *s, uint32_t node)
{
    struct sim_node *n = &s->nodes[node];
    const int64_t next_ms = election_next_ms(&n->core);
    int64_t wait_ms = next_ms - sim_local_ms(s, node);

    for (uint32_t i = 0; i < s->event_count; i++) { /* one timer a node */
        if (s->events[i].kind == SIM_TICK && s->events[i].to == node)
            s->events[i--] = s->events[--s->event_count];
    }
    if (!n->is_up || next_ms == INT64_MAX)
        return;
    if (wait_ms < 1)
        wait_ms = 1;
    (void)sim_add(s, SIM_TICK, node, (int64_t)((double)wait_ms * 1000.0 / n->rate) + 1000);
}

static void sim_start(struct sim *s, uint32_t node)
{
    struct sim_node *n = &s->nodes[node];
    struct election_config cfg = {.beat_ms = SIM_BEAT_US / 1000,
                                  .timeout_ms = 2 * SIM_BEAT_US / 1000};
    const int64_t now_ms = sim_local_ms(s, node);

    (void)snprintf(cfg.self, sizeof(cfg.self), "n%u", (unsigned)node);
    cfg.voter_count = s->voter_count;
    for (uint32_t i = 0; i < s->voter_count; i++)
        (void)snprintf(cfg.voters[i], sizeof(cfg.voters[i]), "n%u", (unsigned)i);
    if (s->mutant_forgets_votes)
        n->disk.vote[0] = '\0';
    n->is_up = true;
    election_init(&n->core, &cfg, &n->disk, rh_rng_u64(&s->rng), now_ms);
    election_set_home(&n->core, &n->home, now_ms);
    sim_act(s, node);
    sim_arm(s, node);
}

static void sim_crash(struct sim *s, uint32_t node, int64_t down_us)
{
    struct sim_node *n = &s->nodes[node];

    n->is_up = false;
    n->life++; /* what was not yet durable is lost with the events of this life */
    n->up_at_us = s->now_us + down_us;
    n->disk_free_us = 0;
    for (uint32_t i = 0; i < s->event_count;
         i++) { /* replies that waited for the disk never leave */
        if (s->events[i].from == node && s->events[i].leaves_us > s->now_us)
            s->events[i--] = s->events[--s->event_count];
    }
    sim_arm(s, node);
}

static void sim_init(struct sim *s, uint64_t seed, uint32_t voters, uint32_t others)
{
    memset(s, 0, sizeof(*s));
    s->seed = seed;
    rh_rng_seed(&s->rng, seed);
    s->voter_count = voters;
    s->node_count = voters + others;
    s->delay_max_us = 20000;
    for (uint32_t i = 0; i < s->node_count; i++) {
        s->nodes[i].rate = 0.9 + 0.2 * rh_rng_double(&s->rng);
        s->nodes[i].offset_ms = (int64_t)rh_rng_below(&s->rng, 1000000);
    }
    for (uint32_t i = 0; i < s->node_count; i++)
        sim_start(s, i);
}

static void sim_deliver(struct sim *s, const struct sim_event *in)
{
    struct sim_node *n = &s->nodes[in->to];
    const int64_t now_ms = sim_local_ms(s, in->to);
    struct vote_reply vote_reply;
    struct heartbeat_reply beat_reply;
    struct sim_event *out;

    sim_learn_home(n, &in->home, now_ms);
    switch (in->kind) {
    case SIM_TICK:
        election_tick(&n->core, now_ms);
        break;
    case SIM_DURABLE:
        n->disk = in->ballot;
        if (in->ballot.vote[0])
            sim_on_grant(s, in->to, in->ballot.term, in->ballot.vote);
        election_on_persisted(&n->core, in->ballot.term, now_ms);
        break;
    case SIM_VOTE:
        election_on_vote(&n->core, &in->vote, &vote_reply, now_ms);
        sim_act(s, in->to);
        out = sim_send(s, SIM_VOTE_REPLY, in->to, in->from, n->disk_free_us);
        if (out) {
            out->vote = in->vote;
            out->vote_reply = vote_reply;
        }
        break;
    case SIM_VOTE_REPLY:
        if (in->vote_reply.granted && !in->vote.is_pre)
            sim_on_grant(s, in->from, in->vote.term, in->vote.candidate);
        election_on_vote_reply(&n->core, in->from, &in->vote, &in->vote_reply, now_ms);
        break;
    case SIM_BEAT:
        election_on_heartbeat(&n->core, &in->beat, &beat_reply, now_ms);
        sim_act(s, in->to);
        if (in->to >= s->voter_count)
            break;
        out = sim_send(s, SIM_BEAT_REPLY, in->to, in->from, n->disk_free_us);
        if (out) {
            out->sent = in->sent;
            out->beat_reply = beat_reply;
        }
        break;
    case SIM_BEAT_REPLY:
        election_on_heartbeat_reply(&n->core, in->from, &in->sent, &in->beat_reply, now_ms);
        break;
    }
    sim_act(s, in->to);
}

static uint32_t sim_leaders(const struct sim *s, uint32_t *who)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < s->node_count; i++) {
        if (s->nodes[i].is_up && election_leads(&s->nodes[i].core, sim_local_ms(s, i))) {
            count++;
            if (who)
                *who = i;
        }
    }
    return count;
}

/* Runs the next event; false when none is left before until_us. */
static bool sim_step(struct sim *s, int64_t until_us)
{
    struct sim_event event;
    uint32_t first = 0;

    if (s->event_count == 0)
        return false;
    for (uint32_t i = 1; i < s->event_count; i++) {
        if (s->events[i].at_us < s->events[first].at_us ||
            (s->events[i].at_us == s->events[first].at_us &&
             s->events[i].order < s->events[first].order))
            first = i;
    }
    event = s->events[first];
    if (event.at_us > until_us)
        return false;
    s->events[first] = s->events[--s->event_count];
    s->now_us = event.at_us;
    if (s->nodes[event.to].is_up && s->nodes[event.to].life == event.to_life) {
        sim_deliver(s, &event);
        sim_arm(s, event.to);
    }
    if (sim_leaders(s, NULL) > 1)
        sim_violate(s, "no_two_nodes_believe_they_lead");
    return true;
}

static void sim_run(struct sim *s, int64_t for_us)
{
    const int64_t until_us = s->now_us + for_us;

    for (;;) {
        for (uint32_t i = 0; i < s->node_count; i++) {
            if (!s->nodes[i].is_up && s->now_us >= s->nodes[i].up_at_us)
                sim_start(s, i);
        }
        if (!sim_step(s, until_us))
            break;
    }
    s->now_us = until_us;
}

/* Runs until exactly one node leads and all others follow it; how long it took, or -1 after
 * `limit_us`. */
static int64_t sim_until_led(struct sim *s, int64_t limit_us)
{
    const int64_t start_us = s->now_us;

    while (s->now_us - start_us < limit_us) {
        uint32_t who = 0;
        uint32_t agree = 0;

        sim_run(s, 10000);
        if (sim_leaders(s, &who) != 1)
            continue;
        for (uint32_t i = 0; i < s->node_count; i++)
            agree += s->nodes[i].is_up &&
                     strcmp(s->nodes[i].core.leader, s->nodes[who].core.cfg.self) == 0;
        if (agree == s->node_count)
            return s->now_us - start_us;
    }
    return -1;
}

#endif
