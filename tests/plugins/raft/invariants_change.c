/* Changes of members in a simulated cluster, by what leaders send (thesis, chapter 4, and its
 * erratum on the first entry of a leader). */
#include "invariants.h"

#include <inttypes.h>

/* A leader sends an entry after it has made it, and what it says is agreed on only grows: what is
 * not agreed on now was not when it made the entry. */
static void check_change(const struct raft_checks *c, struct rh_sim *sim, uint32_t leader,
                         const struct raft_message *m, uint64_t index)
{
    const uint64_t first = raft_check_get(&c->firsts, m->term);

    if (first < index && first > m->commit)
        rh_sim_fail(sim, "change_after_own_entry", leader,
                    "it changes members at %" PRIu64 " in term %" PRIu64
                    ", but of its entry at %" PRIu64 " it does not know that it is agreed on",
                    index, m->term, first);
    for (uint32_t i = 0; i < c->config_count; i++) {
        const uint64_t other = c->configs[i].index;

        if (other > m->commit && other < index)
            rh_sim_fail(sim, "one_change_at_a_time", leader,
                        "it changes members at %" PRIu64 " while those at %" PRIu64
                        " are not agreed on",
                        index, other);
    }
}

void raft_check_members(const struct raft_checks *c, struct rh_sim *sim, uint32_t leader,
                        const struct raft_message *m)
{
    for (uint32_t i = 0; i < m->entry_count; i++)
        if (m->entries[i].kind == RAFT_ENTRY_MEMBERS && m->entries[i].term == m->term)
            check_change(c, sim, leader, m, m->entries[i].index);
}
