/* Agreement in a simulated cluster: the commit oracle and leader completeness. */
#include "invariants.h"

#include <inttypes.h>

#include <ringhost/sdk/key.h>
#include <ringhost/sdk/str.h>

bool raft_check_config(const struct raft_checks *c, uint32_t back, struct raft_members *out)
{
    if (back >= c->config_count)
        return false;
    *out = c->configs[c->config_count - 1 - back];
    return true;
}

static uint32_t count_disks(struct raft_checks *c, struct rh_sim *sim,
                            const struct raft_members *members, uint64_t index, uint64_t term)
{
    const uint32_t need = raft_members_voter_count(members) / 2 + 1;
    uint32_t have = 0;

    for (uint32_t i = 0; i < members->count && have < need; i++) {
        const uint32_t node = rh_sim_find(sim, rh_str_from(members->list[i].id));

        if (members->list[i].is_voter && node < c->count)
            have += raft_check_is_durable(c, sim, node, index, term);
    }
    return have;
}

/* Whether an entry of `term`, at index or behind it, is on a majority of disks: then the leader of
 * that term may say that index is agreed on (Figure 8). Members are in force as soon as a leader
 * has them in its log, so those before the newest may have been counted, too. */
static bool is_agreed_in(struct raft_checks *c, struct rh_sim *sim, uint64_t term, uint64_t index)
{
    const uint64_t first = raft_check_get(&c->firsts, term);
    struct raft_members members;

    if (first == 0)
        return false; /* nothing of this term was sent to anyone */
    for (uint32_t back = 0; raft_check_config(c, back, &members) && back < 2; back++)
        if (count_disks(c, sim, &members, index > first ? index : first, term) >=
            raft_members_voter_count(&members) / 2 + 1)
            return true;
    return false;
}

/* A leader may have come to know it in an earlier term of its own, and have told nobody then. */
void raft_check_commit(struct raft_checks *c, struct rh_sim *sim, uint32_t leader, uint64_t term,
                       uint64_t index)
{
    if (index <= c->committed)
        return;
    c->committed = index;
    for (uint64_t own = term; own > 0; own--)
        if (raft_check_get(&c->leaders, own) == leader + 1 && is_agreed_in(c, sim, own, index))
            return;
    rh_sim_fail(sim, "commit_is_on_a_majority_of_disks", leader,
                "index %" PRIu64 " is agreed on in term %" PRIu64
                ", but no entry of its terms there or behind it is on most disks of voters",
                index, term);
}

/* A new leader has all that was agreed on in terms before, as far as its log goes back. What is not
 * yet on its disk must be within its log all the same, which its first append tells: log matching
 * and state-machine safety have that. */
void raft_check_completeness(struct raft_checks *c, struct rh_sim *sim, uint32_t leader,
                             uint64_t term)
{
    const struct rh_key end = raft_check_key(c->agreed_max + 1);
    struct rh_rows rows = {.size = (uint32_t)sizeof(rows), .more = 1};
    uint64_t next = 1;

    while (rows.more) {
        const struct rh_key from = raft_check_key(next);
        const struct rh_scan scan = {.size = (uint32_t)sizeof(scan),
                                     .name_space = "raft",
                                     .from = rh_key_view(&from),
                                     .to = rh_key_view(&end)};

        if (rh_sim_scan(sim, leader, &scan, &rows) != RH_OK)
            return;
        for (uint32_t i = 0; i < rows.count; i++) {
            const struct rh_row *row =
                (const void *)((const char *)rows.rows + (size_t)i * rows.row_stride);
            struct rh_key_reader reader;
            struct raft_entry entry;
            uint8_t prefix = 0;

            rh_key_reader_init(&reader, row->key);
            (void)rh_key_read_u8(&reader, &prefix); /* sticky */
            (void)rh_key_read_u64(&reader, &next);
            if (raft_take_entry(row->data, next, &entry) != RH_OK)
                return;
            if (c->agreed[next].term != 0 && c->agreed[next].in < term &&
                c->agreed[next].term != entry.term)
                rh_sim_fail(sim, "leader_completeness", leader,
                            "it leads in term %" PRIu64 " with an entry of term %" PRIu64
                            " at index %" PRIu64 ", where one of term %" PRIu64
                            " was agreed on in term %" PRIu64,
                            term, entry.term, next, c->agreed[next].term, c->agreed[next].in);
            next++;
        }
    }
}
