/* Tests of gauntlets whose records cannot be read: each costs itself alone. */
#include "plugin_test.h"

#include "damaging.h"

static int set_up_damaging(void **state)
{
    const struct rh_testhost_plugin plugins[] = {
        {&fake_plugin, NULL},
        {plugin_damaging(rh_plugin_entry_v1_gauntlet()), "{" PLAYERS ",\"keep_max\":2}"},
    };

    return set_up_plugins(state, plugins, 2);
}

/* Two gauntlets run; world->id is the second. The first one's row of this kind is damaged. */
static void damage_first_of_two(struct world *world, const char *kind, char first[GAME_ID_SIZE])
{
    char body[256];

    start(world, RUN);
    memcpy(first, world->id, GAME_ID_SIZE);
    start(world, RUN);
    (void)snprintf(body, sizeof(body),
                   "{\"name_space\":\"gauntlet\",\"kind\":\"%s\",\"id\":\"%s\"}", kind, first);
    assert_int_equal(post(world, "/damage", body), 200);
}

static const char *get(struct world *world, const char *path, uint32_t status)
{
    if (rh_testhost_request(world->host, "GET", path, NULL, &world->reply) != status)
        fail_msg("%s", world->reply.body);
    return world->reply.body;
}

static void a_damaged_gauntlet_does_not_keep_the_others_from_running(void **state)
{
    static const char *const kinds[] = {"g", "s"};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct world *world;
        char first[GAME_ID_SIZE];
        const char *body;

        assert_int_equal(set_up_damaging(state), 0);
        world = *state;
        damage_first_of_two(world, kinds[i], first);

        rh_testhost_reactivate(world->host, "gauntlet");
        rh_testnet_run(world->net, ROUNDS_MS);

        body = get(world, "/gauntlet/list", 200);
        assert_has(body, world->id);
        assert_null(strstr(body, first));
        assert_has(results(world), "\"state\":\"running\"");
        assert_int_equal(rh_testhost_logged(world->host, "records_damaged"), 1);
        assert_int_equal(rh_testhost_logged(world->host, first) > 0, 1);
        assert_int_equal(tear_down(state), 0);
    }
}

static void health_names_the_damaged_one(void **state)
{
    struct world *world = *state;
    char first[GAME_ID_SIZE];
    char path[256];

    damage_first_of_two(world, "g", first);

    rh_testhost_reactivate(world->host, "gauntlet");
    rh_testnet_run(world->net, ROUNDS_MS);

    assert_int_equal(rh_testhost_logged(world->host, "check=damaged"), 1);
    (void)snprintf(path, sizeof(path), "/gauntlet/results?gauntlet_id=%s", first);
    assert_has(get(world, path, 503), "cannot be read");
}

/* With keep_max 2 the oldest makes room for a third, but not a damaged one. */
static void what_is_damaged_stays_in_the_store(void **state)
{
    struct world *world = *state;
    char first[GAME_ID_SIZE];
    char path[256];

    damage_first_of_two(world, "g", first);
    rh_testhost_reactivate(world->host, "gauntlet");
    rh_testnet_run(world->net, ROUNDS_MS);
    start(world, RUN);
    start(world, RUN);

    (void)snprintf(path, sizeof(path), "/gauntlet/results?gauntlet_id=%s", first);
    assert_has(get(world, path, 503), "cannot be read");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_damaged_gauntlet_does_not_keep_the_others_from_running),
        cmocka_unit_test_setup_teardown(health_names_the_damaged_one, set_up_damaging, tear_down),
        cmocka_unit_test_setup_teardown(what_is_damaged_stays_in_the_store, set_up_damaging,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
