/* Tests of a tournament's games on their way to the ratings: each that was played once, with those
 * who played it, across crashes and corrections. */
#include "plugin_test.h"

#include "fake_ratings.h"

#define ROUND_ROBIN "{\"format\":\"round_robin\",\"players\":[\"p1\",\"p2\",\"p3\"]}"

static int set_up_rated(void **state)
{
    const struct rh_testhost_plugin plugins[] = {
        {&fake_plugin, NULL},
        {&fake_ratings_entry, NULL},
        {rh_plugin_entry_v1_tournament(), "{" PLAYERS "}"},
    };

    memset(&fake_ratings, 0, sizeof(fake_ratings));
    return set_up_plugins(state, plugins, 3);
}

static void each_game_is_offered_once_with_who_played_it(void **state)
{
    struct world *world = *state;

    start(world, ROUND_ROBIN);
    end_item(item_of("p2", "p3"), "p3");
    rh_testnet_run(world->net, ROUNDS_MS);

    assert_int_equal(fake_ratings.offers, 1);
    assert_int_equal(count_of(fake_ratings.body, "\"game_id\""), 1);
    assert_has(fake_ratings.body, "\"board_type\":\"go9\"");
    assert_has(fake_ratings.body, "\"outcome\":\"p3\"");
    assert_has(fake_ratings.body, "\"played_at\":18000");
    assert_has(fake_ratings.body, world->id);

    play_out(world);
    rh_testnet_run(world->net, SWEEP_MS);
    assert_int_equal(fake_ratings.offers, 2);
    assert_int_equal(count_of(fake_ratings.body, "\"game_id\""), 2);
}

static void what_was_not_acknowledged_is_offered_again_after_a_crash_in_the_same_words(void **state)
{
    struct world *world = *state;
    char before[sizeof(fake_ratings.body)];

    fake_ratings.refusals = 1000;
    start(world, ROUND_ROBIN);
    play_out(world);
    rh_testnet_run(world->net, ROUNDS_MS);
    assert_true(fake_ratings.offers > 0);
    crash_and_start(world);
    rh_testnet_run(world->net, SWEEP_MS);
    memcpy(before, fake_ratings.body, sizeof(before));
    assert_int_equal(count_of(before, "\"game_id\""), 3);

    crash_and_start(world);
    fake_ratings.refusals = 0;
    rh_testnet_run(world->net, SWEEP_MS);

    assert_string_equal(fake_ratings.body, before);
    fake_ratings.offers = 0;
    crash_and_start(world);
    rh_testnet_run(world->net, SWEEP_MS);
    assert_int_equal(fake_ratings.offers, 0);
}

static void a_crashed_game_and_a_forfeit_are_no_games_for_the_ratings(void **state)
{
    struct world *world = *state;

    start(world, ROUND_ROBIN);
    end_item(item_of("p2", "p3"), "");
    rh_testnet_run(world->net, ROUNDS_MS);
    assert_int_equal(tell(world, "/tournament/result", "R2.1", ",\"forfeit\":\"p1\""), 200);
    rh_testnet_run(world->net, ROUNDS_MS);

    assert_int_equal(fake_ratings.offers, 0);
    assert_has(world->reply.body, "\"rated\":false");
}

static void a_game_is_as_old_as_its_item_and_not_as_the_news_of_it(void **state)
{
    struct world *world = *state;
    struct fake_item *item;

    start(world, ROUND_ROBIN);
    item = item_of("p2", "p3");
    item->finished_at = INT64_C(1800000000123);
    rh_testnet_run(world->net, 60000);
    end_item(item, "p3");
    rh_testnet_run(world->net, SWEEP_MS);

    assert_has(fake_ratings.body, "\"played_at\":1800000000123");
}

static void a_report_is_a_game_and_a_correction_takes_its_place(void **state)
{
    struct world *world = *state;

    start(world, "{\"format\":\"round_robin\",\"external\":true,\"players\":[\"a\",\"b\"]}");
    assert_int_equal(tell(world, "/tournament/result", "R1.1", ",\"winner\":\"a\""), 200);
    assert_has(world->reply.body, "\"decided_by\":\"report\",\"rated\":true");
    rh_testnet_run(world->net, ROUNDS_MS);
    assert_int_equal(count_of(fake_ratings.body, "\"game_id\""), 1);
    assert_has(fake_ratings.body, "/R1.1\",\"board_type\":\"go9\",\"players\":[\"a\",\"b\"],"
                                  "\"outcome\":\"a\",\"played_at\":18000");
    assert_string_equal(fake_ratings.gone, "");

    fake_ratings.refusals = 1; /* what follows is not lost by a crash */
    assert_int_equal(tell(world, "/tournament/correct", "R1.1", ",\"draw\":true"), 200);
    crash_and_start(world);
    rh_testnet_run(world->net, SWEEP_MS);
    assert_has(fake_ratings.body, "/R1.1.2\"");
    assert_has(fake_ratings.body, "\"outcome\":\"draw\"");
    assert_has(fake_ratings.gone, "/R1.1\",\"reason\":\"corrected\"");

    assert_int_equal(tell(world, "/tournament/correct", "R1.1", ",\"forfeit\":\"a\""), 200);
    assert_has(world->reply.body, "\"rated\":false");
    rh_testnet_run(world->net, ROUNDS_MS);
    assert_string_equal(fake_ratings.body, "[]");
    assert_has(fake_ratings.gone, "/R1.1.2\"");
    assert_int_equal(count_of(fake_ratings.gone, "game_id"), 1);
}

static void a_correction_of_played_games_takes_them_back(void **state)
{
    struct world *world = *state;

    start(world, "{\"format\":\"round_robin\",\"games_per_match\":2,"
                 "\"players\":[\"p1\",\"p2\"]}");
    play_out(world);
    rh_testnet_run(world->net, SWEEP_MS);
    assert_string_equal(fake_ratings.gone, "");
    assert_int_equal(
        tell(world, "/tournament/correct", "R1.1", ",\"winner\":\"p2\",\"scores\":[0,2]"), 200);
    assert_has(world->reply.body, "\"rated\":true");
    rh_testnet_run(world->net, ROUNDS_MS);

    assert_int_equal(count_of(fake_ratings.gone, "game_id"), 2);
    assert_int_equal(count_of(fake_ratings.body, "game_id"), 1);
    assert_has(fake_ratings.body, "/R1.1\"");
    assert_has(fake_ratings.body, "\"outcome\":\"p2\"");
    assert_int_equal(tell(world, "/tournament/correct", "R1.1", ",\"replay\":true"), 200);
    rh_testnet_run(world->net, ROUNDS_MS);
    assert_int_equal(count_of(fake_ratings.gone, "game_id"), 1);
    assert_has(fake_ratings.gone, "/R1.1\"");
}

#define RATED(name) cmocka_unit_test_setup_teardown(name, set_up_rated, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RATED(each_game_is_offered_once_with_who_played_it),
        RATED(what_was_not_acknowledged_is_offered_again_after_a_crash_in_the_same_words),
        RATED(a_crashed_game_and_a_forfeit_are_no_games_for_the_ratings),
        RATED(a_game_is_as_old_as_its_item_and_not_as_the_news_of_it),
        RATED(a_report_is_a_game_and_a_correction_takes_its_place),
        RATED(a_correction_of_played_games_takes_them_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
