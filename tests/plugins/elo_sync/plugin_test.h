/* What the tests of the wiring share: nodes with elo_sync, requests, what answers must hold. */
#ifndef RH_TESTS_PLUGINS_ELO_SYNC_PLUGIN_TEST_H
#define RH_TESTS_PLUGINS_ELO_SYNC_PLUGIN_TEST_H

#include "fixture.h"

#include <ringhost/abi.h>
#include <ringhost/testhost.h>

const struct rh_plugin *rh_plugin_entry_v1_elo_sync(void);
const struct rh_plugin *rh_plugin_entry_v1_gossip(void);

#define WALL_MS   INT64_C(1800000000000)
#define NODES_MAX 3u

struct world {
    struct rh_testnet *net;
    struct rh_testhost *hosts[NODES_MAX];
    uint32_t count;
    struct rh_testhost_reply reply;
};

static inline bool world_is_ready(void *user)
{
    return rh_testhost_is_ready(user);
}

static inline uint32_t world_get(struct world *world, uint32_t at, const char *target)
{
    return rh_testhost_request(world->hosts[at], "GET", target, NULL, &world->reply);
}

static inline uint32_t world_post(struct world *world, uint32_t at, const char *path,
                                  const char *body)
{
    return rh_testhost_request(world->hosts[at], "POST", path, body, &world->reply);
}

static inline void world_says(const struct world *world, const char *part)
{
    if (!strstr(world->reply.body, part))
        fail_msg("no %s in %s", part, world->reply.body);
}

static inline void world_wait(struct world *world, uint32_t at)
{
    assert_true(rh_testnet_run_until(world->net, world_is_ready, world->hosts[at], 60000));
    while (world_get(world, at, "/elo/status") != 200) {
        if (rh_testnet_now_ms(world->net) > 600000)
            fail_msg("not active: %s", world->reply.body);
        rh_testnet_run(world->net, 100);
    }
}

/* A game in JSON, `ago` ms before the net began. */
static inline const char *world_game(const char *id, const char *a, const char *b,
                                     const char *outcome, int64_t ago)
{
    static char text[512];
    const int n = snprintf(text, sizeof(text),
                           "{\"results\":[{\"game_id\":\"%s\",\"board_type\":\"hex8\","
                           "\"players\":[\"%s\",\"%s\"],\"outcome\":%s,\"played_at\":%lld}]}",
                           id, a, b, outcome, (long long)(WALL_MS - ago));

    assert_true(n > 0 && (size_t)n < sizeof(text));
    return text;
}

static inline struct world *world_one(const char *config_json)
{
    const struct rh_testhost_plugin plugin = {rh_plugin_entry_v1_elo_sync(), config_json};
    const struct rh_testhost_setup setup = {.plugins = &plugin, .plugin_count = 1};
    struct world *world = calloc(1, sizeof(*world));
    char why[RH_TESTHOST_WHY_MAX] = "";

    assert_non_null(world);
    world->net = rh_testnet_new(1, WALL_MS);
    assert_non_null(world->net);
    if (rh_testhost_new(world->net, &setup, &world->hosts[0], why) != RH_OK)
        fail_msg("the host does not start: %s", why);
    world->count = 1;
    world_wait(world, 0);
    return world;
}

static inline int world_set_up(void **state)
{
    *state = world_one(NULL);
    return 0;
}

static inline int world_tear_down(void **state)
{
    struct world *world = *state;

    rh_testnet_free(world->net);
    free(world);
    return 0;
}

#endif
