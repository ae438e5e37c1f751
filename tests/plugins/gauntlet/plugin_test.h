/* The plugin in a host of one node, with a queue that the tests command. */
#ifndef RH_TESTS_PLUGINS_GAUNTLET_PLUGIN_TEST_H
#define RH_TESTS_PLUGINS_GAUNTLET_PLUGIN_TEST_H

#include "fixture.h"

#include "fake_queue.h"

#include <ringhost/testhost.h>
#include <stdlib.h>

const struct rh_plugin *rh_plugin_entry_v1_gauntlet(void);

#define WALL_MS INT64_C(1800000000000)
#define RUN     "{\"model\":\"m\",\"baselines\":[\"a\"],\"seed\":\"7\"}"

/* Long enough for some rounds of polling, and for a whole comparison. */
#define ROUNDS_MS 3000
#define SWEEP_MS  130000

struct world {
    struct rh_testnet *net;
    struct rh_testhost *host;
    struct rh_testhost_reply reply;
    char id[GAME_ID_SIZE];
};

static inline bool is_ready(void *user)
{
    return rh_testhost_is_ready(user);
}

/* Ready, and the leader of itself: the plugin is active. */
static inline void wait_for_leader(struct world *world)
{
    const int64_t until_ms = rh_testnet_now_ms(world->net) + 60000;

    assert_true(rh_testnet_run_until(world->net, is_ready, world->host, 60000));
    while (rh_testhost_request(world->host, "GET", "/gauntlet/list", NULL, &world->reply) != 200) {
        if (rh_testnet_now_ms(world->net) > until_ms)
            fail_msg("not active after a minute: %s", world->reply.body);
        rh_testnet_run(world->net, 100);
    }
}

/* kill -9, and up again. */
static inline void crash(struct world *world)
{
    char why[RH_TESTHOST_WHY_MAX] = "";

    rh_testhost_crash(world->host);
    assert_int_equal(rh_testhost_start(world->host, why), RH_OK);
    wait_for_leader(world);
}

static inline int set_up_plugins(void **state, const struct rh_testhost_plugin *plugins,
                                 uint32_t count)
{
    const struct rh_testhost_setup setup = {.plugins = plugins, .plugin_count = count};
    struct world *world = calloc(1, sizeof(*world));
    char why[RH_TESTHOST_WHY_MAX] = "";

    memset(&fake, 0, sizeof(fake));
    assert_non_null(world);
    world->net = rh_testnet_new(1, WALL_MS);
    assert_non_null(world->net);
    if (rh_testhost_new(world->net, &setup, &world->host, why) != RH_OK)
        fail_msg("the host does not start: %s", why);
    wait_for_leader(world);
    *state = world;
    return 0;
}

static inline int set_up_with(void **state, const char *config_json)
{
    const struct rh_testhost_plugin plugins[] = {
        {&fake_plugin, NULL},
        {rh_plugin_entry_v1_gauntlet(), config_json},
    };

    return set_up_plugins(state, plugins, 2);
}

#define PLAYERS "\"players\":{\"m\":[\"m\",\"--x\"],\"a\":[\"a\"],\"b\":[\"b\"]}"

static inline int set_up(void **state)
{
    return set_up_with(state, "{" PLAYERS "}");
}

static inline int tear_down(void **state)
{
    struct world *world = *state;

    rh_testnet_free(world->net);
    free(world);
    return 0;
}

static inline uint32_t post(struct world *world, const char *path, const char *body)
{
    return rh_testhost_request(world->host, "POST", path, body, &world->reply);
}

static inline const char *results(struct world *world)
{
    char path[256];

    (void)snprintf(path, sizeof(path), "/gauntlet/results?gauntlet_id=%s", world->id);
    assert_int_equal(rh_testhost_request(world->host, "GET", path, NULL, &world->reply), 200);
    return world->reply.body;
}

static inline void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no %s in %s", part, text);
}

static inline void start(struct world *world, const char *body)
{
    const char *id;

    if (post(world, "/gauntlet/run", body) != 201)
        fail_msg("%s", world->reply.body);
    id = strstr(world->reply.body, ":\"g");
    assert_non_null(id);
    game_text_cut(world->id, sizeof(world->id), (struct rh_str){id + 2, strcspn(id + 2, "\"")});
    rh_testnet_run(world->net, ROUNDS_MS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
