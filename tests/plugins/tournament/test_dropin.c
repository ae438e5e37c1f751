/* Tests of the orders in which losers drop in. */
#include "core_test.h"

#include "plugins/tournament/dropin.h"

static void assert_places(uint8_t order, uint32_t count, const char *places)
{
    char text[64] = "";
    size_t n = 0;

    for (uint32_t i = 0; i < count; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%u ",
                              (unsigned)dropin_place(order, count, i) + 1);
    text[n - 1] = '\0';
    assert_string_equal(text, places);
}

static void orders_are_what_their_names_say(void **state)
{
    (void)state;
    assert_places(DROPIN_NATURAL, 4, "1 2 3 4");
    assert_places(DROPIN_REVERSE, 4, "4 3 2 1");
    assert_places(DROPIN_HALF_SHIFT, 4, "3 4 1 2");
    assert_places(DROPIN_REVERSE_HALF_SHIFT, 8, "4 3 2 1 8 7 6 5");
    assert_places(DROPIN_PAIR_FLIP, 4, "2 1 4 3");
}

static void a_single_loser_has_no_choice(void **state)
{
    (void)state;
    for (uint8_t order = DROPIN_NATURAL; order < DROPIN_ORDERS; order++)
        assert_int_equal(dropin_place(order, 1, 0), 0);
}

static void brackets_have_a_drop_in_for_each_round_after_the_first(void **state)
{
    (void)state;
    assert_int_equal(dropin_rounds(2), 0);
    assert_int_equal(dropin_rounds(4), 1);
    assert_int_equal(dropin_rounds(8), 2);
    assert_int_equal(dropin_rounds(128), DROPIN_ROUNDS_MAX);
}

static void names_lead_back_to_their_orders(void **state)
{
    (void)state;
    for (uint8_t order = 0; order < DROPIN_ORDERS; order++) {
        assert_int_equal(dropin_find(rh_str_from(dropin_name(order))), order);
        assert_non_null(strstr(DROPIN_NAMES, dropin_name(order)));
    }
    assert_int_equal(dropin_find(RH_STR_LIT("backwards")), DROPIN_ORDERS);
}

static void assert_default(uint32_t size, const uint8_t *expected, uint32_t count)
{
    uint8_t orders[DROPIN_ROUNDS_MAX] = {0};

    dropin_settle(size, orders);
    for (uint32_t i = 0; i < count; i++) {
        if (orders[i] != expected[i])
            fail_msg("size %u, drop-in %u: %s", size, i, dropin_name(orders[i]));
    }
}

static void defaults_are_the_published_ones_for_8_and_16(void **state)
{
    static const uint8_t eight[] = {DROPIN_REVERSE, DROPIN_NATURAL};
    static const uint8_t sixteen[] = {DROPIN_REVERSE, DROPIN_NATURAL, DROPIN_NATURAL};

    (void)state;
    assert_default(8, eight, 2);
    assert_default(16, sixteen, 3);
}

/* In 32 the second drop-in would repeat quarters in natural order; half a shift does not. */
static void larger_brackets_shift_the_second_drop_in(void **state)
{
    static const uint8_t expected[] = {DROPIN_REVERSE, DROPIN_HALF_SHIFT, DROPIN_NATURAL,
                                       DROPIN_NATURAL};

    (void)state;
    assert_default(32, expected, 4);
}

static void a_given_order_is_kept(void **state)
{
    uint8_t orders[DROPIN_ROUNDS_MAX] = {DROPIN_PAIR_FLIP, DROPIN_DEFAULT};

    (void)state;
    dropin_settle(16, orders);
    assert_int_equal(orders[0], DROPIN_PAIR_FLIP);
    assert_int_not_equal(orders[1], DROPIN_DEFAULT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orders_are_what_their_names_say),
        cmocka_unit_test(a_single_loser_has_no_choice),
        cmocka_unit_test(brackets_have_a_drop_in_for_each_round_after_the_first),
        cmocka_unit_test(names_lead_back_to_their_orders),
        cmocka_unit_test(defaults_are_the_published_ones_for_8_and_16),
        cmocka_unit_test(larger_brackets_shift_the_second_drop_in),
        cmocka_unit_test(a_given_order_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
