/* Tests of the shuffled round robin. RH_TEST_SEED runs another seed. */
#include "swim_test.h"

#include <inttypes.h>
#include <stdlib.h>

#define ITEMS 50u

static uint64_t test_seed(void)
{
    const char *text = getenv("RH_TEST_SEED");
    const uint64_t seed = text ? strtoull(text, NULL, 0) : 3;

    print_message("RH_TEST_SEED=%" PRIu64 "\n", seed);
    return seed;
}

static bool all(const void *item, void *user)
{
    (void)item;
    (void)user;
    return true;
}

static bool none(const void *item, void *user)
{
    (void)item;
    (void)user;
    return false;
}

static bool only(const void *item, void *user)
{
    return item == user;
}

static void fill(struct schedule *s, struct rh_rng *rng, int *items, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(schedule_add(s, &items[i], rng), RH_OK);
    s->next = count; /* a new round */
}

static void each_item_has_one_turn_in_a_round(void **state)
{
    struct schedule s = {0};
    int items[ITEMS];
    struct rh_rng rng;

    (void)state;
    rh_rng_seed(&rng, test_seed());
    fill(&s, &rng, items, ITEMS);

    for (int round = 0; round < 20; round++) {
        uint32_t turns[ITEMS] = {0};

        for (uint32_t i = 0; i < ITEMS; i++)
            turns[(int *)schedule_next(&s, &rng, all, NULL) - items]++;
        for (uint32_t i = 0; i < ITEMS; i++)
            assert_int_equal(turns[i], 1);
    }
    schedule_release(&s);
}

static void rounds_differ(void **state)
{
    struct schedule s = {0};
    int items[ITEMS];
    struct rh_rng rng;
    uint32_t same = 0;
    void *first[ITEMS];

    (void)state;
    rh_rng_seed(&rng, test_seed());
    fill(&s, &rng, items, ITEMS);

    for (uint32_t i = 0; i < ITEMS; i++)
        first[i] = schedule_next(&s, &rng, all, NULL);
    for (uint32_t i = 0; i < ITEMS; i++)
        same += schedule_next(&s, &rng, all, NULL) == first[i];

    assert_true(same < ITEMS / 2);
    schedule_release(&s);
}

static void a_new_item_has_its_turn_within_two_rounds(void **state)
{
    (void)state;

    for (uint64_t seed = 1; seed <= 50; seed++) {
        struct schedule s = {0};
        int items[ITEMS];
        struct rh_rng rng;
        uint32_t waited = 0;

        rh_rng_seed(&rng, seed);
        fill(&s, &rng, items, ITEMS - 1);
        for (uint64_t i = 0; i < seed; i++)
            (void)schedule_next(&s, &rng, all, NULL);
        assert_int_equal(schedule_add(&s, &items[ITEMS - 1], &rng), RH_OK);
        while (schedule_next(&s, &rng, all, NULL) != &items[ITEMS - 1])
            waited++;
        assert_true(waited < 2 * ITEMS - 1);
        schedule_release(&s);
    }
}

static void the_only_allowed_one_is_always_found(void **state)
{
    struct schedule s = {0};
    int items[ITEMS];
    struct rh_rng rng;

    (void)state;
    rh_rng_seed(&rng, test_seed());
    fill(&s, &rng, items, ITEMS);

    for (uint32_t i = 0; i < 200; i++)
        assert_ptr_equal(schedule_next(&s, &rng, only, &items[i % ITEMS]), &items[i % ITEMS]);
    assert_null(schedule_next(&s, &rng, none, NULL));
    schedule_release(&s);
    assert_null(schedule_next(&s, &rng, all, NULL));
}

static void who_was_removed_has_no_turn(void **state)
{
    struct schedule s = {0};
    int items[ITEMS];
    struct rh_rng rng;

    (void)state;
    rh_rng_seed(&rng, test_seed());
    fill(&s, &rng, items, ITEMS);
    for (uint32_t i = 0; i < ITEMS / 2; i++)
        (void)schedule_next(&s, &rng, all, NULL);

    for (uint32_t i = 1; i < ITEMS; i++)
        schedule_remove(&s, &items[i]);

    for (int i = 0; i < 5; i++)
        assert_ptr_equal(schedule_next(&s, &rng, all, NULL), &items[0]);
    schedule_release(&s);
}

static void it_is_limited(void **state)
{
    static int items[SCHEDULE_ITEMS_MAX + 1];
    struct schedule s = {0};
    struct rh_rng rng;

    (void)state;
    rh_rng_seed(&rng, 1);
    fill(&s, &rng, items, SCHEDULE_ITEMS_MAX);

    assert_int_equal(schedule_add(&s, &items[SCHEDULE_ITEMS_MAX], &rng), RH_EFULL);

    schedule_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_item_has_one_turn_in_a_round),
        cmocka_unit_test(rounds_differ),
        cmocka_unit_test(a_new_item_has_its_turn_within_two_rounds),
        cmocka_unit_test(the_only_allowed_one_is_always_found),
        cmocka_unit_test(who_was_removed_has_no_turn),
        cmocka_unit_test(it_is_limited),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
