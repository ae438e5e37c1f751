/* Tests of plugins/relay/choice.c. */
#include "plugins/relay/choice.h"

#include <stdio.h>

#include "relay_test.h"

#define SELF S("n9")

static void the_leader_and_another_voter_are_chosen(void **state)
{
    const struct candidate all[] = {{.node_id = S("n1"), .is_alive = true},
                                    {.node_id = S("n2"), .is_alive = true, .is_leader = true},
                                    {.node_id = S("n3"), .is_alive = true}};
    uint32_t out[CHOICE_HUBS_MAX];

    (void)state;
    assert_int_equal(choice_hubs(SELF, all, 3, false, 2, out), 2);

    assert_int_equal(out[0], 1);
    assert_int_not_equal(out[1], 1);
}

static void a_hub_that_is_held_is_kept(void **state)
{
    struct candidate all[] = {{.node_id = S("n1"), .is_alive = true},
                              {.node_id = S("n2"), .is_alive = true},
                              {.node_id = S("n3"), .is_alive = true}};
    uint32_t out[CHOICE_HUBS_MAX];

    (void)state;
    for (uint32_t held = 0; held < 3; held++) {
        all[held].is_held = true;
        assert_int_equal(choice_hubs(SELF, all, 3, false, 1, out), 1);
        assert_int_equal(out[0], held);
        all[held].is_held = false;
    }
}

static void avoided_ones_come_last_and_dead_ones_only_alone(void **state)
{
    struct candidate all[] = {{.node_id = S("n1"), .is_leader = true},
                              {.node_id = S("n2"), .is_alive = true, .is_avoided = true},
                              {.node_id = S("n3"), .is_alive = true}};
    uint32_t out[CHOICE_HUBS_MAX];

    (void)state;
    assert_int_equal(choice_hubs(SELF, all, 3, false, 3, out), 2);
    assert_int_equal(out[0], 2);
    assert_int_equal(out[1], 1);

    all[1].is_alive = all[2].is_alive = false;
    assert_int_equal(choice_hubs(SELF, all, 3, false, 3, out), 1);
}

static void a_configured_order_holds(void **state)
{
    const struct candidate all[] = {
        {.node_id = S("n5"), .is_alive = true},
        {.node_id = S("n1"), .is_alive = true, .is_leader = true, .is_held = true}};
    uint32_t out[CHOICE_HUBS_MAX];

    (void)state;
    assert_int_equal(choice_hubs(SELF, all, 2, true, 2, out), 2);

    assert_int_equal(out[0], 0);
    assert_int_equal(out[1], 1);
}

static void nodes_spread_over_the_voters(void **state)
{
    const struct candidate all[] = {{.node_id = S("n1"), .is_alive = true},
                                    {.node_id = S("n2"), .is_alive = true},
                                    {.node_id = S("n3"), .is_alive = true}};
    uint32_t counts[3] = {0};
    uint32_t out[CHOICE_HUBS_MAX];

    (void)state;
    for (uint32_t i = 0; i < 300; i++) {
        char name[16];

        (void)snprintf(name, sizeof(name), "w%u", (unsigned)i);
        assert_int_equal(choice_hubs(rh_str_from(name), all, 3, false, 1, out), 1);
        counts[out[0]]++;
    }

    for (uint32_t i = 0; i < 3; i++)
        assert_in_range(counts[i], 70, 130);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_leader_and_another_voter_are_chosen),
        cmocka_unit_test(a_hub_that_is_held_is_kept),
        cmocka_unit_test(avoided_ones_come_last_and_dead_ones_only_alone),
        cmocka_unit_test(a_configured_order_holds),
        cmocka_unit_test(nodes_spread_over_the_voters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
