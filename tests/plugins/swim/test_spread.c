/* Tests of the queue of news. */
#include "swim_test.h"

static uint32_t take(struct spread *s, uint32_t limit, uint32_t max, struct spread_item *base,
                     char *names)
{
    struct spread_item *items[16];
    const uint32_t count = spread_take(s, limit, items, max);

    for (uint32_t i = 0; i < count; i++)
        names[i] = (char)('a' + (items[i] - base));
    names[count] = '\0';
    return count;
}

static void what_was_told_least_goes_first_then_the_newest(void **state)
{
    struct spread_item items[4] = {0};
    char names[17];
    struct spread s;

    (void)state;
    spread_init(&s);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(spread_add(&s, &items[i], false), RH_OK);

    (void)take(&s, 5, 2, items, names);
    assert_string_equal(names, "cb");
    assert_int_equal(spread_add(&s, &items[3], false), RH_OK);
    (void)take(&s, 5, 2, items, names);
    assert_string_equal(names, "da");
    spread_release(&s);
}

static void urgent_news_goes_before_everything(void **state)
{
    struct spread_item items[3] = {0};
    char names[17];
    struct spread s;

    (void)state;
    spread_init(&s);
    (void)spread_add(&s, &items[0], true);
    (void)take(&s, 9, 1, items, names);
    (void)spread_add(&s, &items[1], false);
    (void)spread_add(&s, &items[2], false);

    (void)take(&s, 9, 1, items, names);

    assert_string_equal(names, "a");
    spread_release(&s);
}

static void each_piece_is_told_a_limited_number_of_times(void **state)
{
    struct spread_item items[2] = {0};
    char names[17];
    uint32_t told = 0;
    struct spread s;

    (void)state;
    spread_init(&s);
    (void)spread_add(&s, &items[0], false);
    (void)spread_add(&s, &items[1], true);

    while (take(&s, 4, 16, items, names))
        told += (uint32_t)strlen(names);

    assert_int_equal(told, 8);
    assert_int_equal(spread_count(&s), 0);
    assert_false(spread_has(&items[0]));
    spread_release(&s);
}

static void news_about_the_same_begins_anew(void **state)
{
    struct spread_item item = {0};
    char names[17];
    struct spread s;

    (void)state;
    spread_init(&s);
    (void)spread_add(&s, &item, false);
    (void)take(&s, 2, 1, &item, names);

    (void)spread_add(&s, &item, false);

    assert_int_equal(spread_count(&s), 1);
    assert_int_equal(take(&s, 2, 1, &item, names), 1);
    assert_int_equal(take(&s, 2, 1, &item, names), 1);
    assert_int_equal(take(&s, 2, 1, &item, names), 0);
    spread_release(&s);
}

static void what_was_dropped_is_told_no_more(void **state)
{
    struct spread_item items[2] = {0};
    char names[17];
    struct spread s;

    (void)state;
    spread_init(&s);
    (void)spread_add(&s, &items[0], false);
    (void)spread_add(&s, &items[1], false);

    spread_drop(&s, &items[1]);
    spread_drop(&s, &items[1]);

    assert_int_equal(take(&s, 2, 16, items, names), 1);
    assert_string_equal(names, "a");
    spread_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_told_least_goes_first_then_the_newest),
        cmocka_unit_test(urgent_news_goes_before_everything),
        cmocka_unit_test(each_piece_is_told_a_limited_number_of_times),
        cmocka_unit_test(news_about_the_same_begins_anew),
        cmocka_unit_test(what_was_dropped_is_told_no_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
