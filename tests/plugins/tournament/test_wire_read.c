/* Tests of tournaments whose records cannot be read: each costs itself alone. */
#include "plugin_test.h"

#include "damaging.h"

#define ROBIN "{\"format\":\"round_robin\",\"players\":[\"p1\",\"p2\",\"p3\"]}"

static int set_up_damaging(void **state)
{
    const struct rh_testhost_plugin plugins[] = {
        {&fake_plugin, NULL},
        {plugin_damaging(rh_plugin_entry_v1_tournament()), "{" PLAYERS "}"},
    };

    return set_up_plugins(state, plugins, 2);
}

static void damage(struct world *world, const char *kind, const char *id)
{
    char body[256];

    (void)snprintf(body, sizeof(body),
                   "{\"name_space\":\"tournament\",\"kind\":\"%s\",\"id\":\"%s\"}", kind, id);
    assert_int_equal(post(world, "/damage", body), 200);
}

static const char *list(struct world *world)
{
    if (rh_testhost_request(world->host, "GET", "/tournament/list", NULL, &world->reply) != 200)
        fail_msg("%s", world->reply.body);
    return world->reply.body;
}

static void a_damaged_tournament_does_not_keep_the_others_from_running(void **state)
{
    struct world *world = *state;
    char first[64];
    const char *body;

    start(world, ROBIN);
    memcpy(first, world->id, sizeof(first));
    start(world, ROBIN);
    damage(world, "g", first);

    rh_testhost_reactivate(world->host, "tournament");
    rh_testnet_run(world->net, ROUNDS_MS);

    body = list(world);
    assert_has(body, world->id);
    assert_null(strstr(body, first));
    assert_has(bracket(world, ""), "\"state\":\"running\"");
    assert_int_equal(rh_testhost_logged(world->host, "records_damaged"), 1);
    assert_int_equal(rh_testhost_logged(world->host, "check=damaged"), 1);
}

static void one_that_ended_is_left_out_of_the_list_alone(void **state)
{
    struct world *world = *state;
    char first[64];
    char body[128];
    const char *rows;

    start(world, ROBIN);
    memcpy(first, world->id, sizeof(first));
    (void)snprintf(body, sizeof(body), "{\"tournament_id\":\"%s\"}", first);
    assert_int_equal(post(world, "/tournament/cancel", body), 200);
    rh_testnet_run(world->net, ROUNDS_MS);
    start(world, ROBIN);
    damage(world, "s", first);
    rh_testnet_run(world->net, ROUNDS_MS);

    rows = list(world);

    assert_has(rows, world->id);
    assert_null(strstr(rows, first));
    assert_int_equal(rh_testhost_logged(world->host, "records_damaged"), 1);
}

#define DAMAGING(name) cmocka_unit_test_setup_teardown(name, set_up_damaging, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        DAMAGING(a_damaged_tournament_does_not_keep_the_others_from_running),
        DAMAGING(one_that_ended_is_left_out_of_the_list_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
