/* What the checks of raft share: who was seen to lead, what was seen to be in logs, and what is
 * known to be agreed on. All of it comes from the wire, from disks and from the hosts' views. */
#ifndef RH_TESTS_PLUGINS_RAFT_INVARIANTS_H
#define RH_TESTS_PLUGINS_RAFT_INVARIANTS_H

#include <stdbool.h>

#include <ringhost/sdk/key.h>
#include <ringhost/sdk/map.h>
#include <ringhost/sim.h>

#include "plugins/raft/codec.h"
#include "plugins/raft/stored.h"

#define RAFT_CHECK_MAX     (1u << 26) /* entries of each map */
#define RAFT_CHECK_CONFIGS 512u

/* A request that is known by its exchange. */
struct raft_asked {
    uint32_t kind; /* RAFT_MSG_... */
    uint32_t from;
    uint64_t term;
    bool is_pre;
    uint64_t match, match_term; /* append: the last entry that it tells of */
};

/* An entry by place and term. */
struct raft_place {
    uint64_t index, term;
    uint64_t before; /* term of the entry before, 0 = not known */
    uint64_t digest;
    bool is_known; /* digest and kind were seen, not only the term */
};

/* What is agreed on at a place. */
struct raft_agreed {
    uint64_t term; /* 0 = not known */
    uint64_t in;   /* the term in which it was first seen to be agreed on */
};

struct raft_seen {
    uint64_t term; /* of whoever leads, by its host's view, as of its last event */
    uint64_t applied;
    uint64_t led_term; /* the last term that it led, 0 = none */
};

struct raft_checks {
    uint32_t count;
    struct raft_seen *nodes;
    struct rh_map64 asked;      /* exchange -> struct raft_asked */
    struct rh_map64 grants;     /* term * count + voter -> candidate + 1 */
    struct rh_map64 leaders;    /* term -> node + 1 */
    struct rh_map64 firsts;     /* term -> least index of an entry of it that was sent */
    struct rh_map64 places;     /* hash of (index, term) -> struct raft_place */
    struct raft_agreed *agreed; /* [1 .. agreed_max] */
    uint64_t agreed_max, agreed_cap;
    uint64_t committed; /* greatest index that anyone was told to be agreed on */
    struct raft_members configs[RAFT_CHECK_CONFIGS]; /* as seen in logs, by index */
    uint64_t config_terms[RAFT_CHECK_CONFIGS];
    uint32_t config_count;
    struct raft_decoded decoded;
    uint32_t ticks;
};

/* Small numbers as map values, which are pointers. */
void raft_check_put(struct rh_map64 *map, uint64_t key, uint64_t value);
uint64_t raft_check_get(const struct rh_map64 *map, uint64_t key);

/* invariants_vote.c: a vote is given once in a term, and is on the voter's disk when it is told. */
void raft_check_vote(struct raft_checks *c, struct rh_sim *sim,
                     const struct rh_sim_message *message);
uint32_t raft_check_votes_for(const struct raft_checks *c, struct rh_sim *sim, uint32_t candidate,
                              uint64_t term, const struct raft_members *members);

/* invariants_log.c: entries of the same place and term are the same, what a follower acknowledges
 * is on its disk, and what is applied is the same everywhere. */
void raft_check_append(struct raft_checks *c, struct rh_sim *sim,
                       const struct rh_sim_message *message);
void raft_check_acknowledged(struct raft_checks *c, struct rh_sim *sim,
                             const struct rh_sim_message *message);
/* Entries up to index have been applied on the node. */
void raft_check_applied(struct raft_checks *c, struct rh_sim *sim, uint32_t node, uint64_t index,
                        uint64_t term);
/* Whether the entry, or a snapshot that has it, would survive a crash of the node now. */
bool raft_check_is_durable(struct raft_checks *c, struct rh_sim *sim, uint32_t node, uint64_t index,
                           uint64_t term);
/* The whole logs on all disks. */
void raft_check_logs(struct raft_checks *c, struct rh_sim *sim);
/* The record `name` of a node's disk, or none. */
bool raft_check_base(struct rh_sim *sim, uint32_t node, const char *name, struct raft_base *out);
struct rh_key raft_check_key(uint64_t index);

/* invariants_commit.c: a leader says that entries are agreed on only when a majority of disks has
 * them, and has all that was agreed on before. */
void raft_check_commit(struct raft_checks *c, struct rh_sim *sim, uint32_t leader, uint64_t term,
                       uint64_t index);
void raft_check_completeness(struct raft_checks *c, struct rh_sim *sim, uint32_t leader,
                             uint64_t term);
/* The members that may be in force at a leader: 0 = the newest known, 1 = those before; false:
 * there are no more. */
bool raft_check_config(const struct raft_checks *c, uint32_t back, struct raft_members *out);

/* invariants_change.c: members change one at a time, and by a leader that knows what was agreed on.
 * m was sent by the leader of its term, and its entries have been taken note of. */
void raft_check_members(const struct raft_checks *c, struct rh_sim *sim, uint32_t leader,
                        const struct raft_message *m);

/* invariants_lead.c: one leader in a term, elected by a majority; host and plugin agree. What holds
 * of any leadership is in tests/sim/leadership. */
void raft_check_leader(struct raft_checks *c, struct rh_sim *sim, uint32_t node, uint64_t term);
void raft_check_view(struct raft_checks *c, struct rh_sim *sim, uint32_t node);
void raft_check_state(struct raft_checks *c, struct rh_sim *sim, uint32_t node);

#endif
