/* Tests of the queue of open proposals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plugins/raft/proposals.h"

static void add(struct raft_proposals *proposals, uint64_t index, uint64_t id)
{
    assert_int_equal(raft_proposals_reserve(proposals), RH_OK);
    raft_proposals_add(proposals, index, id);
}

static void a_proposal_is_found_by_its_place(void **state)
{
    struct raft_proposals proposals = {.count = 0};

    (void)state;
    add(&proposals, 4, 40);
    add(&proposals, 6, 60);

    assert_int_equal(raft_proposals_at(&proposals, 4), 40);
    assert_int_equal(raft_proposals_at(&proposals, 5), 0);
    assert_int_equal(raft_proposals_at(&proposals, 6), 60);
    raft_proposals_pass(&proposals, 5);
    assert_int_equal(raft_proposals_at(&proposals, 4), 0);
    assert_int_equal(proposals.count, 1);
    raft_proposals_release(&proposals);
}

static void the_oldest_goes_first_across_growth(void **state)
{
    struct raft_proposals proposals = {.count = 0};
    uint64_t id = 0;

    (void)state;
    for (uint64_t i = 1; i <= 60; i++)
        add(&proposals, i, i);
    raft_proposals_pass(&proposals, 30);
    for (uint64_t i = 61; i <= 300; i++)
        add(&proposals, i, i);

    for (uint64_t i = 31; i <= 300; i++) {
        assert_true(raft_proposals_pop(&proposals, &id));
        assert_int_equal(id, i);
    }
    assert_false(raft_proposals_pop(&proposals, &id));
    raft_proposals_release(&proposals);
}

static void no_more_than_the_limit_is_open(void **state)
{
    struct raft_proposals proposals = {.count = 0};

    (void)state;
    for (uint64_t i = 1; i <= RAFT_PROPOSALS_MAX; i++)
        add(&proposals, i, i);

    assert_int_equal(raft_proposals_reserve(&proposals), RH_EAGAIN);
    raft_proposals_pass(&proposals, 1);
    assert_int_equal(raft_proposals_reserve(&proposals), RH_OK);
    raft_proposals_release(&proposals);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_proposal_is_found_by_its_place),
        cmocka_unit_test(the_oldest_goes_first_across_growth),
        cmocka_unit_test(no_more_than_the_limit_is_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
