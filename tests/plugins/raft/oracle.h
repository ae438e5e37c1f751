/* What must hold in every group of raft cores, seen from outside: from wires, disks and what state
 * machines were given. */
#ifndef RH_TESTS_PLUGINS_RAFT_ORACLE_H
#define RH_TESTS_PLUGINS_RAFT_ORACLE_H

#include <stdio.h>

#include "group.h"

#define ORACLE_TERMS_MAX   4096u
#define ORACLE_INDEXES_MAX 16384u
#define ORACLE_PLACES_MAX  65536u

struct oracle_place {
    uint64_t index, term, digest;
};

struct oracle {
    uint32_t leader_of[ORACLE_TERMS_MAX]; /* node + 1 */
    uint32_t vote_of[ORACLE_TERMS_MAX][GROUP_NODES_MAX];
    uint64_t agreed_term[ORACLE_INDEXES_MAX], agreed_digest[ORACLE_INDEXES_MAX];
    uint64_t agreed_in[ORACLE_INDEXES_MAX]; /* the newest term in which that can have been */
    uint64_t agreed;                        /* greatest index that any state machine was given */
    struct oracle_place places[ORACLE_PLACES_MAX]; /* a hash of (index, term) */
    uint64_t machine_of[ORACLE_INDEXES_MAX];       /* digest of the state after index */
    uint64_t commit_of[GROUP_NODES_MAX], life_of[GROUP_NODES_MAX];
    const char *violation;
    uint64_t at_index;
    uint32_t at_node;
};

static inline void oracle_violate(struct oracle *o, const char *what, uint32_t node, uint64_t index)
{
    if (o->violation)
        return;
    o->violation = what;
    o->at_node = node;
    o->at_index = index;
}

/* Log matching: what is at (index, term) is the same on all disks. */
static inline void oracle_place(struct oracle *o, uint32_t node, uint64_t index, uint64_t term,
                                uint64_t digest)
{
    uint64_t slot = rh_hash_mix(index * 1000003 + term) % ORACLE_PLACES_MAX;

    for (uint32_t i = 0; i < ORACLE_PLACES_MAX; i++) {
        struct oracle_place *place = &o->places[slot];

        if (place->index == 0) {
            *place = (struct oracle_place){.index = index, .term = term, .digest = digest};
            return;
        }
        if (place->index == index && place->term == term) {
            if (place->digest != digest)
                oracle_violate(o, "log_matching", node, index);
            return;
        }
        slot = (slot + 1) % ORACLE_PLACES_MAX;
    }
    fail_msg("the table of places is full");
}

static inline void oracle_on_write(struct oracle *o, struct group *group, uint32_t node)
{
    const struct disk_write *w = &group->nodes[node].write;
    uint64_t before = 0;

    for (uint32_t i = 0; i < w->count; i++) {
        const struct disk_entry *entry = &w->entries[i];
        uint64_t digest = rh_hash_fnv1a(RH_HASH_FNV1A_INIT, entry->data, entry->n);

        before = raft_log_term(&group->nodes[node].raft->log, w->first + i - 1);
        digest = rh_hash_fnv1a_u64(digest, entry->kind);
        if (before > 0 && w->first + i - 1 > 0)
            digest = rh_hash_fnv1a_u64(digest, before); /* and with it what comes before */
        oracle_place(o, node, w->first + i, entry->term, digest);
    }
}

/* State-machine safety: one entry at each place, whoever hands it out. */
static inline void oracle_on_handed(struct oracle *o, struct group *group, uint32_t node,
                                    const struct raft_entry *entry)
{
    const uint64_t digest = rh_hash_fnv1a(RH_HASH_FNV1A_INIT, entry->data.p, entry->data.n);
    const uint64_t i = entry->index;

    assert_true(i < ORACLE_INDEXES_MAX);
    if (o->agreed_term[i] == 0) {
        o->agreed_term[i] = entry->term;
        o->agreed_digest[i] = digest;
        o->agreed_in[i] = group->nodes[node].raft->hard.term;
    }
    if (o->agreed_term[i] != entry->term || o->agreed_digest[i] != digest)
        oracle_violate(o, "state_machine_safety", node, i);
    if (group->nodes[node].live.index != i)
        oracle_violate(o, "handed_in_order", node, i);
    if (o->machine_of[i] == 0)
        o->machine_of[i] = group->nodes[node].live.digest;
    if (o->machine_of[i] != group->nodes[node].live.digest)
        oracle_violate(o, "snapshot_equals_replay", node, i);
    if (i > o->agreed)
        o->agreed = i;
}

/* What an answer says to be on a disk is there, and is what the leader has. */
static inline void oracle_ack(struct oracle *o, struct group *group, const struct letter *letter)
{
    const struct raft_message *m = &letter->m;
    const struct disk *disk = &group->nodes[letter->from].disk;
    const struct raft *leader = group->nodes[letter->to].raft;

    if (!leader || leader->role != RAFT_LEADER || leader->hard.term != m->term ||
        m->match <= leader->log.base_index)
        return;
    if (!disk_holds(disk, m->match, raft_log_term(&leader->log, m->match)))
        oracle_violate(o, "acknowledged_is_on_disk_and_equal", letter->from, m->match);
}

/* One grant per voter and term, by what is seen on the wire. */
static inline void oracle_on_sent(struct oracle *o, struct group *group,
                                  const struct letter *letter)
{
    const struct raft_message *m = &letter->m;
    const struct disk *disk = &group->nodes[letter->from].disk;

    if (m->kind == RAFT_MSG_REPLY(RAFT_MSG_APPEND) && m->status == RAFT_YES)
        oracle_ack(o, group, letter);
    if (m->kind != RAFT_MSG_REPLY(RAFT_MSG_VOTE) || (m->flags & RAFT_FLAG_PRE) ||
        m->status != RAFT_YES)
        return;
    assert_true(m->term < ORACLE_TERMS_MAX);
    if (o->vote_of[m->term][letter->from] && o->vote_of[m->term][letter->from] != letter->to + 1)
        oracle_violate(o, "one_grant_per_voter_and_term", letter->from, m->term);
    o->vote_of[m->term][letter->from] = letter->to + 1;
    if (disk->hard.term < m->term ||
        (disk->hard.term == m->term && strcmp(disk->hard.vote, group->nodes[letter->to].id) != 0))
        oracle_violate(o, "vote_is_on_disk_before_it_is_told", letter->from, m->term);
}

/* Leader completeness, once in each term: what was agreed on in terms before. A leader of an old
 * term may be told late that it was elected. */
static inline void oracle_new_leader(struct oracle *o, const struct raft *raft, uint32_t node)
{
    for (uint64_t i = raft->log.base_index + 1; i <= o->agreed; i++)
        if (o->agreed_term[i] && o->agreed_in[i] < raft->hard.term &&
            raft_log_term(&raft->log, i) != o->agreed_term[i])
            oracle_violate(o, "leader_completeness", node, i);
}

/* A majority of disks holds what a leader says is agreed on, and it is of its own term. */
static inline void oracle_commit(struct oracle *o, const struct group *group, uint32_t node)
{
    const struct raft *raft = group->nodes[node].raft;
    const struct raft_members *members = raft_newest(raft);
    const uint64_t index = raft->commit;
    const uint64_t term = raft_log_term(&raft->log, index);
    uint32_t have = 0;

    for (uint32_t i = 0; i < members->count; i++) {
        const uint32_t other = group_find(group, members->list[i].id);

        if (members->list[i].is_voter && other < group->count)
            have += disk_holds(&group->nodes[other].disk, index, term);
    }
    if (term != raft->hard.term)
        oracle_violate(o, "commit_is_of_the_own_term", node, index);
    if (have < raft_members_voter_count(members) / 2 + 1)
        oracle_violate(o, "commit_is_on_a_majority_of_disks", node, index);
    for (uint32_t i = 0; i < raft->peer_count; i++) {
        const struct raft_peer *peer = &raft->peers[i];
        const uint32_t other = group_find(group, peer->id);

        if (!disk_holds(&group->nodes[other].disk, peer->match,
                        raft_log_term(&raft->log, peer->match)) &&
            peer->match > raft->log.base_index &&
            group->nodes[other].disk.hard.term == raft->hard.term)
            oracle_violate(o, "match_is_on_the_followers_disk", node, peer->match);
    }
}

/* After every event. */
static inline void oracle_look(struct oracle *o, const struct group *group)
{
    uint32_t leases = 0;

    for (uint32_t i = 0; i < group->count; i++) {
        const struct raft *raft = group->nodes[i].raft;

        if (!raft || raft->role != RAFT_LEADER)
            continue;
        assert_true(raft->hard.term < ORACLE_TERMS_MAX);
        leases += raft_lease_ms(raft, group_now(group, i)) > group_now(group, i);
        if (o->leader_of[raft->hard.term] == 0) {
            o->leader_of[raft->hard.term] = i + 1;
            o->commit_of[i] = raft->commit;
            oracle_new_leader(o, raft, i);
        }
        if (o->leader_of[raft->hard.term] != i + 1)
            oracle_violate(o, "one_leader_per_term", i, raft->hard.term);
        if (raft->commit > o->commit_of[i]) {
            o->commit_of[i] = raft->commit;
            oracle_commit(o, group, i);
        }
    }
    if (leases > 1)
        oracle_violate(o, "one_lease_at_an_instant", 0, 0);
}

#endif
