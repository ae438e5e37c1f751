/* Tests of the table of members. */
#include "swim_test.h"

static void states_are_counted(void **state)
{
    struct members m;
    struct member *a;

    (void)state;
    members_init(&m, 1);
    a = members_add(&m, "a");
    (void)members_add(&m, "b");

    members_set_state(&m, a, SWIM_SUSPECT, MEMBER_NO_ANSWER);

    assert_int_equal(m.in_state[SWIM_UNKNOWN], 1);
    assert_int_equal(m.in_state[SWIM_SUSPECT], 1);
    assert_int_equal(members_living(&m), 1);
    members_remove(&m, a);
    assert_int_equal(members_living(&m), 0);
    members_release(&m);
}

static void each_change_is_given_once(void **state)
{
    struct members m;
    struct member *a, *b;

    (void)state;
    members_init(&m, 1);
    a = members_add(&m, "a");
    b = members_add(&m, "b");

    members_set_state(&m, a, SWIM_ALIVE, MEMBER_SAID_ALIVE);
    members_set_state(&m, a, SWIM_SUSPECT, MEMBER_NO_ANSWER);
    members_set_state(&m, b, SWIM_ALIVE, MEMBER_SAID_ALIVE);

    assert_ptr_equal(members_next_changed(&m), b);
    assert_ptr_equal(members_next_changed(&m), a);
    assert_null(members_next_changed(&m));
    members_release(&m);
}

static void removal_leaves_nothing_behind(void **state)
{
    struct members m;
    struct member *a, *b, *c;

    (void)state;
    members_init(&m, 1);
    a = members_add(&m, "a");
    b = members_add(&m, "b");
    c = members_add(&m, "c");
    c->accuser = a;
    members_note_change(&m, a);
    members_note_change(&m, b);

    members_remove(&m, a);

    assert_null(members_get(&m, "a"));
    assert_null(c->accuser);
    assert_ptr_equal(members_next_changed(&m), b);
    assert_null(members_next_changed(&m));
    for (uint32_t i = 0; i < m.count; i++)
        assert_int_equal(m.slots[i]->slot, i);
    members_release(&m);
}

static void an_empty_address_changes_nothing(void **state)
{
    struct members m;
    struct member *a;

    (void)state;
    members_init(&m, 1);
    a = members_add(&m, "a");

    assert_int_equal(members_set_address(a, "h:1"), RH_OK);
    assert_int_equal(members_set_address(a, ""), RH_OK);
    assert_string_equal(a->address, "h:1");
    assert_int_equal(members_set_address(a, "h:2"), RH_OK);
    assert_string_equal(a->address, "h:2");
    members_release(&m);
}

static void the_table_is_limited(void **state)
{
    struct members m;
    char id[16];

    (void)state;
    members_init(&m, 1);

    for (uint32_t i = 0; i < MEMBERS_MAX; i++) {
        (void)snprintf(id, sizeof(id), "n%u", (unsigned)i);
        assert_non_null(members_add(&m, id));
    }
    assert_null(members_add(&m, "one more"));
    assert_int_equal(m.count, MEMBERS_MAX);
    members_release(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states_are_counted),
        cmocka_unit_test(each_change_is_given_once),
        cmocka_unit_test(removal_leaves_nothing_behind),
        cmocka_unit_test(an_empty_address_changes_nothing),
        cmocka_unit_test(the_table_is_limited),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
