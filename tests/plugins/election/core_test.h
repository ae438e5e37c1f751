/* What the unit tests of the election core share: a core among three voters, and its actions by
 * kind; one per program. */
#ifndef RH_TESTS_PLUGINS_ELECTION_CORE_TEST_H
#define RH_TESTS_PLUGINS_ELECTION_CORE_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "plugins/election/election.h"

#define BEAT    1000
#define TIMEOUT 2000

/* n1, which is one of the voters n1, n2, n3, at time 0. */
static inline void core_start(struct election *e, uint64_t term)
{
    struct election_config cfg = {
        .self = "n1", .beat_ms = BEAT, .timeout_ms = TIMEOUT, .voter_count = 3};
    const struct ballot ballot = {.term = term};

    for (uint32_t i = 0; i < 3; i++)
        (void)snprintf(cfg.voters[i], sizeof(cfg.voters[i]), "n%u", (unsigned)i + 1);
    election_init(e, &cfg, &ballot, 7, 0);
}

/* Takes all actions; how many are of this kind, and the last of them. */
static inline uint32_t core_drain(struct election *e, uint32_t kind, struct election_action *last)
{
    struct election_action action;
    uint32_t count = 0;

    while (election_next_action(e, &action)) {
        if (action.kind != kind)
            continue;
        count++;
        if (last)
            *last = action;
    }
    return count;
}

static inline struct heartbeat core_heartbeat(const char *leader, uint64_t term)
{
    struct heartbeat h = {.term = term, .lease_ms = 1600};

    (void)snprintf(h.leader, sizeof(h.leader), "%s", leader);
    return h;
}

static inline struct vote_request core_request(const char *candidate, uint64_t term, bool is_pre)
{
    struct vote_request r = {.term = term, .is_pre = is_pre};

    (void)snprintf(r.candidate, sizeof(r.candidate), "%s", candidate);
    return r;
}

/* Lets n1 win with the vote of n2, and returns when. */
static inline int64_t core_win(struct election *e)
{
    const int64_t now_ms = election_next_ms(e);
    struct election_action asked;
    const struct vote_reply yes = {.granted = true};

    election_tick(e, now_ms);
    assert_int_equal(core_drain(e, ELECTION_SEND_VOTE, &asked), 2);
    election_on_vote_reply(e, 1, &asked.u.vote, &yes, now_ms);
    assert_int_equal(core_drain(e, ELECTION_PERSIST, NULL), 1);
    election_on_persisted(e, e->ballot.term, now_ms);
    assert_int_equal(core_drain(e, ELECTION_SEND_VOTE, &asked), 2);
    election_on_vote_reply(e, 1, &asked.u.vote, &yes, now_ms);
    return now_ms;
}

/* n2 acknowledges what was sent at sent_ms. */
static inline void core_ack(struct election *e, uint32_t voter, int64_t sent_ms, int64_t now_ms)
{
    const struct heartbeat_sent sent = {
        .term = e->ballot.term,
        .sent_ms = sent_ms,
        .home_epoch = strcmp(e->home.node_id, "n1") == 0 ? e->home.epoch : 0,
    };
    const struct heartbeat_reply reply = {.ok = true, .term = e->ballot.term, .can_lead = true};

    election_on_heartbeat_reply(e, voter, &sent, &reply, now_ms);
}

#endif
