/* Tests of sequential tests in the plugin: which games they end, and when. */
#include "plugin_test.h"

#define SPRT_RUN                                                                        \
    "{\"model\":\"m\",\"baselines\":[\"a\",\"b\"],\"seed\":\"7\",\"sprt\":{\"elo0\":0," \
    "\"elo1\":200,\"statistic\":\"trinomial\"}}"

/* The model wins every game against baseline b of game `index` on; a's are games 0, 1, 4, 5, ... */
static bool is_of_a(uint32_t index)
{
    return index / 2 % 2 == 0;
}

static void play_as(struct world *world, uint32_t index, const char *winner)
{
    const char *a = is_of_a(index) ? "a" : "b";
    char key[RH_WORK_KEY_SIZE];
    struct fake_item *item;

    assert_int_equal(rh_work_key(key, rh_str_from(world->id), index), RH_OK);
    item = fake_find(rh_str_from(key));
    assert_non_null(item);
    (void)snprintf(item->result, sizeof(item->result),
                   "{\"games\":[{\"index\":%u,\"black\":\"%s\",\"white\":\"%s\",\"winner\":\"%s\","
                   "\"result\":\"B+1\",\"reason\":\"score\",\"moves\":5}]}",
                   index, index % 2 ? a : "m", index % 2 ? "m" : a, winner);
    fake_cut(item->status, sizeof(item->status), RH_STR_LIT("done"));
}

static void a_decided_test_ends_the_games_of_its_baseline_alone(void **state)
{
    struct world *world = *state;
    uint32_t index = 0;

    start(world, SPRT_RUN);
    assert_int_equal(fake.count, 200); /* of 10,000 */
    for (; index < 60; index++) {
        if (is_of_a(index))
            play_as(world, index, "m");
    }
    rh_testnet_run(world->net, ROUNDS_MS);

    assert_has(results(world), "\"state\":\"h1\"");
    assert_has(world->reply.body, "\"reason\":\"sprt_accepted_h1\"");
    assert_has(world->reply.body, "\"verdict\":\"undecided\"");
    assert_has(world->reply.body, "\"promotion\":\"undecided\"");
    assert_has(world->reply.body, "\"state\":\"running\"");
    rh_testnet_run(world->net, ROUNDS_MS);
    assert_in_range(fake_count(rh_str_from(world->id), "cancelled"), 60, 80);
}

static void when_every_test_is_decided_the_gauntlet_completes_and_cancels_the_rest(void **state)
{
    struct world *world = *state;

    start(world, SPRT_RUN);
    for (uint32_t i = 0; i < 80; i++)
        play_as(world, i, is_of_a(i) ? "m" : "b");
    rh_testnet_run(world->net, ROUNDS_MS);

    assert_has(results(world), "\"state\":\"completed\"");
    assert_has(world->reply.body, "\"reason\":\"not_stronger_than_some_baseline\"");
    assert_has(world->reply.body, "\"promotion\":\"reject\"");
    assert_has(world->reply.body, "\"pending\":0");
    rh_testnet_run(world->net, SWEEP_MS);
    assert_int_equal(fake_count(rh_str_from(world->id), "pending"), 0);
    assert_has(results(world), "\"state\":\"completed\"");
}

static void a_decision_survives_a_crash_and_its_games_stay_unwanted(void **state)
{
    struct world *world = *state;
    char why[RH_TESTHOST_WHY_MAX];
    uint32_t count;

    start(world, SPRT_RUN);
    for (uint32_t i = 0; i < 60; i++) {
        if (is_of_a(i))
            play_as(world, i, "m");
    }
    rh_testnet_run(world->net, ROUNDS_MS);
    count = fake.count;
    rh_testhost_crash(world->host);
    assert_int_equal(rh_testhost_start(world->host, why), RH_OK);
    wait_for_leader(world);
    rh_testnet_run(world->net, SWEEP_MS);

    assert_has(results(world), "\"state\":\"h1\"");
    assert_int_equal(fake.count, count);
}

static void hypotheses_in_the_wrong_order_are_refused(void **state)
{
    struct world *world = *state;

    assert_int_equal(
        post(world, "/gauntlet/run",
             "{\"model\":\"m\",\"baselines\":[\"a\"],\"sprt\":{\"elo0\":5,\"elo1\":5}}"),
        400);
    assert_has(world->reply.body, "\"field\":\"sprt.elo1\"");
    assert_int_equal(post(world, "/gauntlet/run",
                          "{\"model\":\"m\",\"baselines\":[\"a\"],\"sprt\":{\"alpha\":0.5}}"),
                     400);
    assert_has(world->reply.body, "alpha");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_decided_test_ends_the_games_of_its_baseline_alone),
        TEST(when_every_test_is_decided_the_gauntlet_completes_and_cancels_the_rest),
        TEST(a_decision_survives_a_crash_and_its_games_stay_unwanted),
        TEST(hypotheses_in_the_wrong_order_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
