/* Tests of the vouches of one member. */
#include "swim_test.h"

struct table {
    struct members members;
    struct spread spread;
    struct member *member;
};

static void begin(struct table *t)
{
    members_init(&t->members, 1);
    spread_init(&t->spread);
    t->member = members_add(&t->members, "a");
}

static void finish(struct table *t)
{
    vouch_clear(t->member, &t->spread);
    spread_release(&t->spread);
    members_release(&t->members);
}

static void the_latest_end_holds_in_any_order(void **state)
{
    struct vouch *vouch = NULL;
    struct table t;

    (void)state;
    begin(&t);

    assert_int_equal(vouch_end_ms(t.member, NULL), 0);
    assert_int_equal(vouch_take(t.member, &t.spread, "h1", 500, &vouch), 1);
    assert_int_equal(vouch_take(t.member, &t.spread, "h1", 400, &vouch), 0);
    assert_int_equal(vouch_take(t.member, &t.spread, "h2", 300, &vouch), 1);
    assert_int_equal(vouch_end_ms(t.member, NULL), 500);
    assert_int_equal(vouch_take(t.member, &t.spread, "h1", 900, &vouch), 1);
    assert_string_equal(vouch->hub, "h1");
    assert_int_equal(vouch_end_ms(t.member, NULL), 900);
    finish(&t);
}

static void holding_is_no_word_of_a_hub(void **state)
{
    struct vouch *vouch = NULL;
    struct table t;

    (void)state;
    begin(&t);
    assert_null(vouch_longest(t.member));
    assert_int_equal(vouch_heard_ms(t.member, NULL), 0);
    assert_int_equal(vouch_take(t.member, &t.spread, "h1", 500, &vouch), 1);
    assert_int_equal(vouch_take(t.member, &t.spread, "h2", 300, &vouch), 1);

    assert_true(vouch_hold(t.member, "h2", 900));

    assert_int_equal(vouch_end_ms(t.member, NULL), 900);
    assert_int_equal(vouch_heard_ms(t.member, NULL), 500);
    assert_string_equal(vouch_longest(t.member)->hub, "h1");
    assert_true(vouch_is_by(t.member, "h2"));
    assert_false(vouch_is_by(t.member, "h3"));
    finish(&t);
}

static void the_vouch_that_ends_first_makes_room(void **state)
{
    struct vouch *vouch = NULL;
    struct table t;

    (void)state;
    begin(&t);
    for (uint32_t i = 0; i < VOUCHES_PER_MEMBER_MAX; i++) {
        const char hub[] = {'h', (char)('0' + i), '\0'};

        assert_int_equal(vouch_take(t.member, &t.spread, hub, 1000 + i, &vouch), 1);
        assert_int_equal(spread_add(&t.spread, &vouch->news, false), RH_OK);
    }

    assert_int_equal(vouch_take(t.member, &t.spread, "late", 900, &vouch), RH_EFULL);
    assert_int_equal(vouch_take(t.member, &t.spread, "new", 2000, &vouch), 1);

    assert_int_equal(spread_count(&t.spread), VOUCHES_PER_MEMBER_MAX - 1);
    assert_false(vouch_hold(t.member, "h0", 1));
    finish(&t);
}

static void a_suspect_hub_holds_what_it_vouched_for(void **state)
{
    struct vouch *vouch = NULL;
    struct table t;

    (void)state;
    begin(&t);
    (void)vouch_take(t.member, &t.spread, "h1", 500, &vouch);

    assert_true(vouch_hold(t.member, "h1", 60000));
    assert_false(vouch_hold(t.member, "h2", 90000));

    assert_int_equal(vouch_end_ms(t.member, NULL), 60000);
    assert_int_equal(vouch->expires_ms, 500); /* the hub's own word stays */
    finish(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_latest_end_holds_in_any_order),
        cmocka_unit_test(holding_is_no_word_of_a_hub),
        cmocka_unit_test(the_vouch_that_ends_first_makes_room),
        cmocka_unit_test(a_suspect_hub_holds_what_it_vouched_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
