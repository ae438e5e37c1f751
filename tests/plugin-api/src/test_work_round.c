/* Tests of the owner's side of work items: what is added, handed over and cancelled. */
#include "work_round_test.h"

#include <ringhost/sdk/rng.h>

static void each_wanted_item_is_added_once(void **state)
{
    struct world world;

    (void)state;
    set_up(&world, 60); /* more than one call adds */

    rh_testnet_run(world.net, ROUNDS_MS);

    assert_int_equal(fake.count, 60);
    assert_int_equal(fake.adds, 3);
    assert_string_equal(fake.items[59].key, "g1/59");
    assert_string_equal(fake.items[59].group, "g1");
    assert_string_equal(fake.items[59].payload, "{\"index\":59}");
    rh_testnet_free(world.net);
}

static void each_result_is_handed_over_once_with_its_end(void **state)
{
    struct world world;

    (void)state;
    set_up(&world, 3);
    rh_testnet_run(world.net, ROUNDS_MS);

    finish(1, "done");
    finish(2, "dead");
    fake_cut(fake.items[2].error, sizeof(fake.items[2].error), RH_STR_LIT("it died"));
    rh_testnet_run(world.net, ROUNDS_MS);
    command(&world, "/owner/sweep");
    rh_testnet_run(world.net, ROUNDS_MS);

    assert_int_equal(kept.takes, 2);
    assert_false(kept.is_known[0]);
    assert_int_equal(kept.deads, 1);
    assert_string_equal(kept.error, "it died");
    rh_testnet_free(world.net);
}

static void without_news_only_counts_are_read(void **state)
{
    struct world world;
    uint32_t pages;

    (void)state;
    set_up(&world, 20);
    rh_testnet_run(world.net, ROUNDS_MS);
    pages = kept.pages;
    fake.reads = 0;

    rh_testnet_run(world.net, 10000);

    assert_int_equal(kept.pages, pages);
    assert_in_range(fake.reads, 45, 51); /* one item with each count, five counts in a second */
    rh_testnet_free(world.net);
}

static void what_is_over_at_the_beginning_is_not_read_again(void **state)
{
    struct world world;

    (void)state;
    set_up(&world, 20);
    rh_testnet_run(world.net, ROUNDS_MS);
    for (uint32_t i = 0; i < 10; i++)
        finish(i, "done");
    rh_testnet_run(world.net, ROUNDS_MS);
    fake.reads = 0;

    finish(10, "done");
    rh_testnet_run(world.net, 600);

    assert_int_equal(kept.takes, 11);
    assert_in_range(fake.reads, 10, 14); /* the ten not yet over, and one with each count */
    rh_testnet_free(world.net);
}

static void more_items_are_added_without_reading(void **state)
{
    struct world world;

    (void)state;
    set_up(&world, 5);
    rh_testnet_run(world.net, ROUNDS_MS);
    kept.pages = 0;

    kept.wanted_count = 7;
    command(&world, "/owner/more");
    rh_testnet_run(world.net, 100);

    assert_int_equal(fake.count, 7);
    assert_int_equal(fake.repeats, 0);
    assert_int_equal(kept.pages, 0);
    rh_testnet_free(world.net);
}

static void an_owner_may_ask_for_more_in_the_middle_of_a_round(void **state)
{
    struct world world;

    (void)state;
    set_up(&world, 60);
    kept.is_eager = true;
    rh_testnet_run(world.net, ROUNDS_MS);

    for (uint32_t i = 1; i < 60; i += 2)
        finish(i, "done");
    rh_testnet_run(world.net, 1000);
    assert_int_equal(kept.takes, 30);
    for (uint32_t i = 0; i < 60; i += 2)
        finish(i, "done");
    rh_testnet_run(world.net, 1000);

    assert_int_equal(kept.takes, 60);
    assert_int_equal(fake.repeats, 0);
    rh_testnet_free(world.net);
}

static void an_item_that_the_queue_lost_is_added_again(void **state)
{
    struct world world;

    (void)state;
    set_up(&world, 5);
    rh_testnet_run(world.net, ROUNDS_MS);

    fake.count = 3;
    command(&world, "/owner/sweep");
    rh_testnet_run(world.net, ROUNDS_MS);

    assert_int_equal(fake.count, 5);
    assert_int_equal(fake.repeats, 0);
    rh_testnet_free(world.net);
}

static void a_cancelled_group_is_settled_once_nothing_of_it_is_alive(void **state)
{
    struct world world;

    (void)state;
    set_up(&world, 60);
    rh_testnet_run(world.net, ROUNDS_MS);
    finish(7, "done");

    command(&world, "/owner/cancel");
    rh_testnet_run(world.net, ROUNDS_MS);

    assert_true(kept.is_settled);
    assert_int_equal(fake_count(RH_STR_LIT("g1"), "cancelled"), 59);
    assert_int_equal(kept.takes, 0); /* what still came was not handed over */
    rh_testnet_free(world.net);
}

static void what_is_wanted_no_more_is_cancelled_and_its_end_handed_over(void **state)
{
    struct world world;

    (void)state;
    set_up(&world, 20);
    rh_testnet_run(world.net, ROUNDS_MS);

    kept.unwanted_from = 15;
    command(&world, "/owner/sweep");
    rh_testnet_run(world.net, ROUNDS_MS);

    assert_int_equal(fake_count(RH_STR_LIT("g1"), "cancelled"), 5);
    assert_int_equal(fake_count(RH_STR_LIT("g1"), "pending"), 15);
    assert_int_equal(kept.takes, 5);
    assert_false(kept.is_settled);
    rh_testnet_free(world.net);
}

/* Owner and queue compared over any crash: every result once, no item twice. */
static void after_any_number_of_crashes_every_result_was_taken_once(void **state)
{
    char why[RH_TESTHOST_WHY_MAX];

    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct rh_rng rng;
        struct world world;
        uint32_t lives = 0;

        rh_rng_seed(&rng, seed);
        set_up(&world, ITEMS_MAX);
        while (kept.takes < ITEMS_MAX) {
            if (lives++ == 500)
                fail_msg("seed %u: %u results after 500 crashes", (unsigned)seed, kept.takes);
            fake.refuse_adds = rh_rng_below(&rng, 4) == 0;
            rh_testnet_run(world.net, 1 + (int64_t)rh_rng_below(&rng, 500));
            for (uint32_t i = 0; i < fake.count; i++) {
                if (rh_rng_below(&rng, 4) == 0)
                    finish(i, "done");
            }
            rh_testnet_run(world.net, 1 + (int64_t)rh_rng_below(&rng, 500));
            rh_testhost_crash(world.host);
            assert_int_equal(rh_testhost_start(world.host, why), RH_OK);
        }
        rh_testnet_run(world.net, LONG_MS);
        assert_int_equal(kept.takes, ITEMS_MAX);
        assert_int_equal(fake.count, ITEMS_MAX);
        rh_testnet_free(world.net);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_wanted_item_is_added_once),
        cmocka_unit_test(each_result_is_handed_over_once_with_its_end),
        cmocka_unit_test(without_news_only_counts_are_read),
        cmocka_unit_test(what_is_over_at_the_beginning_is_not_read_again),
        cmocka_unit_test(more_items_are_added_without_reading),
        cmocka_unit_test(an_owner_may_ask_for_more_in_the_middle_of_a_round),
        cmocka_unit_test(an_item_that_the_queue_lost_is_added_again),
        cmocka_unit_test(a_cancelled_group_is_settled_once_nothing_of_it_is_alive),
        cmocka_unit_test(what_is_wanted_no_more_is_cancelled_and_its_end_handed_over),
        cmocka_unit_test(after_any_number_of_crashes_every_result_was_taken_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
