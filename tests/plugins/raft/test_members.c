/* Tests of sets of members and changes of one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "plugins/raft/members.h"

static struct raft_members three(void)
{
    struct raft_members members = {.index = 7};

    assert_int_equal(raft_members_add(&members, RH_STR_LIT("n3"), true), RH_OK);
    assert_int_equal(raft_members_add(&members, RH_STR_LIT("n1"), true), RH_OK);
    assert_int_equal(raft_members_add(&members, RH_STR_LIT("n2"), true), RH_OK);
    return members;
}

static int32_t change(struct raft_members *members, uint32_t kind, const char *id)
{
    struct raft_change wanted = {.kind = kind};

    (void)snprintf(wanted.id, sizeof(wanted.id), "%s", id);
    return raft_members_change(members, &wanted, members);
}

static void members_are_in_the_order_of_their_ids(void **state)
{
    const struct raft_members members = three();

    (void)state;

    assert_string_equal(members.list[0].id, "n1");
    assert_string_equal(members.list[2].id, "n3");
    assert_int_equal(raft_members_voter_count(&members), 3);
    assert_null(raft_members_find(&members, "n4"));
}

static void one_changes_at_a_time(void **state)
{
    struct raft_members members = three();

    (void)state;

    assert_int_equal(change(&members, RAFT_ADD_LEARNER, "n0"), RH_OK);
    assert_false(raft_members_is_voter(&members, "n0"));
    assert_int_equal(members.index, 0);
    assert_int_equal(change(&members, RAFT_ADD_LEARNER, "n0"), RH_EEXISTS);
    assert_int_equal(change(&members, RAFT_PROMOTE, "n0"), RH_OK);
    assert_true(raft_members_is_voter(&members, "n0"));
    assert_int_equal(change(&members, RAFT_PROMOTE, "n0"), RH_ECONFLICT);
    assert_int_equal(change(&members, RAFT_REMOVE, "n2"), RH_OK);
    assert_int_equal(change(&members, RAFT_REMOVE, "n2"), RH_ENOTFOUND);
    assert_int_equal(members.count, 3);
    assert_int_equal(change(&members, 9, "n5"), RH_EINVAL);
    assert_int_equal(change(&members, RAFT_ADD_LEARNER, ""), RH_EINVAL);
}

static void the_last_voter_stays(void **state)
{
    struct raft_members members = three();

    (void)state;
    assert_int_equal(change(&members, RAFT_REMOVE, "n1"), RH_OK);
    assert_int_equal(change(&members, RAFT_REMOVE, "n2"), RH_OK);
    assert_int_equal(change(&members, RAFT_ADD_LEARNER, "n4"), RH_OK);

    assert_int_equal(change(&members, RAFT_REMOVE, "n3"), RH_EINVAL);
    assert_int_equal(change(&members, RAFT_REMOVE, "n4"), RH_OK);
}

static void no_more_than_the_limit(void **state)
{
    struct raft_members members = {.index = 0};
    char id[8];

    (void)state;
    for (unsigned i = 0; i < RAFT_MEMBERS_MAX; i++) {
        (void)snprintf(id, sizeof(id), "n%u", i);
        assert_int_equal(raft_members_add(&members, rh_str_from(id), true), RH_OK);
    }

    assert_int_equal(raft_members_add(&members, RH_STR_LIT("x"), true), RH_EFULL);
}

static void bytes_give_the_same_members(void **state)
{
    struct raft_members members = three();
    struct raft_members back;
    struct rh_buf buf;

    (void)state;
    members.list[1].is_voter = false;
    rh_buf_init(&buf, 1000);
    raft_members_put(&buf, &members);

    assert_int_equal(raft_members_take(rh_buf_str(&buf), &back), RH_OK);

    members.index = 0;
    assert_memory_equal(&back, &members, sizeof(back));
    for (size_t n = 0; n < buf.n; n++)
        assert_int_equal(raft_members_take((struct rh_str){buf.p, n}, &back), RH_EINVAL);
    buf.p[buf.n - 1] = '0'; /* n0 behind n2 */
    assert_int_equal(raft_members_take(rh_buf_str(&buf), &back), RH_EINVAL);
    rh_buf_release(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_in_the_order_of_their_ids),
        cmocka_unit_test(one_changes_at_a_time),
        cmocka_unit_test(the_last_voter_stays),
        cmocka_unit_test(no_more_than_the_limit),
        cmocka_unit_test(bytes_give_the_same_members),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
