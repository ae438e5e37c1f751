/* Tests of a gauntlet's games on their way to the ratings: each decided game once, also across a
 * crash and while a game before it is missing. */
#include "fixture.h"

#include "fake_queue.h"
#include "fake_ratings.h"

#include <ringhost/testhost.h>

const struct rh_plugin *rh_plugin_entry_v1_gauntlet(void);

#define ROUNDS_MS 3000

struct world {
    struct rh_testnet *net;
    struct rh_testhost *host;
    struct rh_testhost_reply reply;
    char id[GAME_ID_SIZE];
};

static bool is_ready(void *user)
{
    return rh_testhost_is_ready(user);
}

static void wait_for_leader(struct world *world)
{
    assert_true(rh_testnet_run_until(world->net, is_ready, world->host, 60000));
    for (uint32_t i = 0; i < 600; i++) {
        if (rh_testhost_request(world->host, "GET", "/gauntlet/list", NULL, &world->reply) == 200)
            return;
        rh_testnet_run(world->net, 100);
    }
    fail_msg("not active after a minute: %s", world->reply.body);
}

static int set_up(void **state)
{
    static struct world world;
    static const struct rh_testhost_plugin plugins[] = {
        {&fake_plugin, NULL},
        {&fake_ratings_entry, NULL},
        {NULL, "{\"players\":{\"m\":[\"m\"],\"a\":[\"a\"]},\"keep_max\":2}"},
    };
    struct rh_testhost_plugin all[3];
    const struct rh_testhost_setup setup = {.plugins = all, .plugin_count = 3};
    char why[RH_TESTHOST_WHY_MAX] = "";
    const char *id;

    memcpy(all, plugins, sizeof(all));
    all[2].entry = rh_plugin_entry_v1_gauntlet();
    memset(&fake, 0, sizeof(fake));
    memset(&fake_ratings, 0, sizeof(fake_ratings));
    world.net = rh_testnet_new(1, INT64_C(1800000000000));
    assert_non_null(world.net);
    if (rh_testhost_new(world.net, &setup, &world.host, why) != RH_OK)
        fail_msg("the host does not start: %s", why);
    wait_for_leader(&world);
    assert_int_equal(rh_testhost_request(world.host, "POST", "/gauntlet/run",
                                         "{\"model\":\"m\",\"baselines\":[\"a\"],\"games\":4}",
                                         &world.reply),
                     201);
    id = strstr(world.reply.body, ":\"g");
    assert_non_null(id);
    game_text_cut(world.id, sizeof(world.id), (struct rh_str){id + 2, strcspn(id + 2, "\"")});
    rh_testnet_run(world.net, ROUNDS_MS);
    *state = &world;
    return 0;
}

static int tear_down(void **state)
{
    rh_testnet_free(((struct world *)*state)->net);
    return 0;
}

/* Game `index` ended: the model won, or (won = false) it crashed. */
static void play(struct world *world, uint32_t index, bool won)
{
    const bool is_black = index % 2 == 0;
    char key[RH_WORK_KEY_SIZE];
    struct fake_item *item;
    int n;

    assert_int_equal(rh_work_key(key, rh_str_from(world->id), index), RH_OK);
    item = fake_find(rh_str_from(key));
    assert_non_null(item);
    n = snprintf(item->result, sizeof(item->result),
                 "{\"games\":[{\"index\":%u,\"black\":\"%s\",\"white\":\"%s\",\"winner\":%s,"
                 "\"error\":%s}]}",
                 index, is_black ? "m" : "a", is_black ? "a" : "m", won ? "\"m\"" : "null",
                 won ? "null" : "{\"kind\":\"crash\",\"message\":\"it died\"}");
    assert_true(n > 0 && (size_t)n < sizeof(item->result));
    game_text_cut(item->status, sizeof(item->status), RH_STR_LIT("done"));
    game_text_cut(item->node_id, sizeof(item->node_id), RH_STR_LIT("n1"));
}

static uint32_t count_of(const char *text, const char *part)
{
    uint32_t count = 0;

    for (; (text = strstr(text, part)); text++)
        count++;
    return count;
}

static void a_decided_game_is_offered_and_an_error_is_not(void **state)
{
    struct world *world = *state;

    play(world, 0, true);
    play(world, 1, false);
    play(world, 2, true);
    rh_testnet_run(world->net, ROUNDS_MS);

    assert_int_equal(count_of(fake_ratings.body, "\"game_id\""), 2);
    assert_non_null(strstr(fake_ratings.body, "/0\",\"board_type\":\"go9\",\"players\":[\"m\","
                                              "\"a\"],\"outcome\":\"m\",\"played_at\":18000"));
    assert_non_null(strstr(fake_ratings.body, "/2\""));
    assert_int_equal(fake_ratings.offers, 1);
}

static void a_game_does_not_wait_for_those_before_it(void **state)
{
    struct world *world = *state;

    play(world, 1, true);
    rh_testnet_run(world->net, ROUNDS_MS);
    assert_int_equal(fake_ratings.offers, 1);
    assert_int_equal(count_of(fake_ratings.body, "\"game_id\""), 1);
    play(world, 0, true);
    rh_testnet_run(world->net, ROUNDS_MS);

    assert_int_equal(fake_ratings.offers, 2);
    assert_int_equal(count_of(fake_ratings.body, "\"game_id\""), 1);
}

static void what_was_not_acknowledged_is_offered_again_in_the_same_words_after_a_crash(void **state)
{
    struct world *world = *state;
    char before[sizeof(fake_ratings.body)];
    char why[RH_TESTHOST_WHY_MAX] = "";

    fake_ratings.refusals = 1000;
    for (uint32_t i = 0; i < 4; i++)
        play(world, i, true);
    rh_testnet_run(world->net, ROUNDS_MS);
    memcpy(before, fake_ratings.body, sizeof(before));
    assert_int_equal(count_of(before, "\"game_id\""), 4);
    rh_testhost_crash(world->host);
    fake_ratings.refusals = 0;
    fake_ratings.offers = 0;
    assert_int_equal(rh_testhost_start(world->host, why), RH_OK);
    wait_for_leader(world);
    rh_testnet_run(world->net, ROUNDS_MS);
    assert_string_equal(fake_ratings.body, before);
    assert_int_equal(fake_ratings.offers, 1);
    rh_testhost_crash(world->host);
    assert_int_equal(rh_testhost_start(world->host, why), RH_OK);
    wait_for_leader(world);
    rh_testnet_run(world->net, ROUNDS_MS);

    assert_int_equal(fake_ratings.offers, 1); /* it was acknowledged, and that is on disk */
}

/* A new gauntlet takes the place of the first one in `world`. */
static void run_another(struct world *world)
{
    const char *id;

    assert_int_equal(rh_testhost_request(world->host, "POST", "/gauntlet/run",
                                         "{\"model\":\"m\",\"baselines\":[\"a\"],\"games\":4}",
                                         &world->reply),
                     201);
    id = strstr(world->reply.body, ":\"g");
    assert_non_null(id);
    game_text_cut(world->id, sizeof(world->id), (struct rh_str){id + 2, strcspn(id + 2, "\"")});
    rh_testnet_run(world->net, ROUNDS_MS);
    for (uint32_t i = 0; i < 4; i++)
        play(world, i, true);
    rh_testnet_run(world->net, ROUNDS_MS);
}

static uint32_t count_kept(struct world *world)
{
    assert_int_equal(rh_testhost_request(world->host, "GET", "/gauntlet/list", NULL, &world->reply),
                     200);
    return count_of(world->reply.body, "\"gauntlet_id\"");
}

static void what_the_ratings_lack_is_not_pruned_before_they_have_it(void **state)
{
    struct world *world = *state;

    fake_ratings.refusals = 1000;
    for (uint32_t i = 0; i < 4; i++)
        play(world, i, true);
    rh_testnet_run(world->net, ROUNDS_MS);
    for (uint32_t i = 0; i < 3; i++)
        run_another(world);
    assert_int_equal(count_kept(world), 4); /* twice keep_max */
    assert_int_equal(rh_testhost_logged(world->host, "unrated_forgotten"), 0);
    run_another(world);
    assert_int_equal(count_kept(world), 4);
    assert_int_equal(rh_testhost_logged(world->host, "unrated_forgotten"), 1);

    fake_ratings.refusals = 0;
    rh_testnet_run(world->net, 120000);
    assert_int_equal(count_of(fake_ratings.body, "\"game_id\""), 16);
    run_another(world);

    assert_int_equal(count_kept(world), 2);
    assert_int_equal(rh_testhost_logged(world->host, "unrated_forgotten"), 1);
}

static void a_game_is_as_old_as_its_item_and_not_as_the_news_of_it(void **state)
{
    struct world *world = *state;

    for (uint32_t i = 0; i < 2; i++)
        fake.items[i].finished_at = INT64_C(1800000000900) - 100 * i; /* the second one first */
    rh_testnet_run(world->net, 60000);
    play(world, 0, true);
    play(world, 1, true);
    rh_testnet_run(world->net, ROUNDS_MS);

    assert_non_null(strstr(fake_ratings.body, "\"played_at\":1800000000900"));
    assert_non_null(strstr(fake_ratings.body, "\"played_at\":1800000000800"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_decided_game_is_offered_and_an_error_is_not, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_game_does_not_wait_for_those_before_it, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_the_ratings_lack_is_not_pruned_before_they_have_it,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_game_is_as_old_as_its_item_and_not_as_the_news_of_it,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            what_was_not_acknowledged_is_offered_again_in_the_same_words_after_a_crash, set_up,
            tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
