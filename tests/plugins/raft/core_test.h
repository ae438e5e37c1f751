/* What unit tests of the core's files share: a small group in which everything happens at once. */
#ifndef RH_TESTS_PLUGINS_RAFT_CORE_TEST_H
#define RH_TESTS_PLUGINS_RAFT_CORE_TEST_H

#include <ringhost/sdk/str.h>

#include "group.h"

#define CORE_TIMEOUT_MS (21 * GROUP_BEAT_MS)

/* All writes and installations end, all messages arrive, until nothing is left. */
static inline void core_run(struct group *group)
{
    for (bool is_busy = true; is_busy;) {
        is_busy = false;
        for (uint32_t i = 0; i < group->count; i++) {
            if (!group->nodes[i].raft)
                continue;
            is_busy |= group->nodes[i].write.is_active || group->nodes[i].is_installing;
            group_end_write(group, i, RH_OK);
            group_end_install(group, i, RH_OK);
        }
        if (group->letter_count > 0) {
            struct letter *letter = group->letters[0];

            group->letter_count--;
            memmove(group->letters, group->letters + 1,
                    group->letter_count * sizeof(group->letters[0]));
            (void)group_step(group, letter); /* what it says shows in what follows */
            letter_free(letter);
            is_busy = true;
        }
    }
}

static inline void core_pass(struct group *group, int64_t ms)
{
    group->now_us += ms * 1000;
}

static inline void core_tick(struct group *group, uint32_t node)
{
    raft_tick(group->nodes[node].raft, group_now(group, node));
    group_pump(group, node);
}

/* Nodes of a new group, all of them voters and up. */
static inline void core_start(struct group *group, uint32_t count)
{
    group_init(group, count, count);
    group->now_us = 1000000;
    for (uint32_t i = 0; i < count; i++) {
        group_start(group, i);
        group_pump(group, i);
    }
    core_run(group);
}

static inline struct raft *core_elect(struct group *group, uint32_t node)
{
    core_pass(group, CORE_TIMEOUT_MS);
    core_tick(group, node);
    core_pass(group, GROUP_BEAT_MS);
    core_tick(group, node);
    core_run(group);
    assert_int_equal(group->nodes[node].raft->role, RAFT_LEADER);
    return group->nodes[node].raft;
}

static inline uint64_t core_propose(struct group *group, uint32_t node, const char *text)
{
    uint64_t index = 0;

    assert_int_equal(raft_propose(group->nodes[node].raft, rh_str_from(text), &index), RH_OK);
    group_pump(group, node);
    return index;
}

/* A message to node 0 from node 1, unless said otherwise. */
static inline struct raft_message core_message(uint32_t kind, uint64_t term)
{
    return (struct raft_message){
        .kind = kind, .peer = "n2", .ticket = 77, .lineage = RAFT_LINEAGE_FIRST, .term = term};
}

/* The next message of a node that answers the ticket. */
static inline struct raft_message core_answer(struct raft *raft, int64_t now_ms)
{
    struct raft_message out;

    while (raft_next_message(raft, now_ms, &out))
        if (out.ticket == 77)
            return out;
    fail_msg("no answer");
    return out;
}

#define CORE_MAIN(...)                                    \
    int main(void)                                        \
    {                                                     \
        const struct CMUnitTest tests[] = {__VA_ARGS__};  \
                                                          \
        return cmocka_run_group_tests(tests, NULL, NULL); \
    }

#endif
