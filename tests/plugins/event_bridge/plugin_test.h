/* A node with the bridge and one beside its cluster with a receiver, for tests of the plugin. */
#ifndef RH_TESTS_PLUGINS_EVENT_BRIDGE_PLUGIN_TEST_H
#define RH_TESTS_PLUGINS_EVENT_BRIDGE_PLUGIN_TEST_H

#include "receiver.h"

#include <stdio.h>
#include <stdlib.h>

#include <ringhost/sdk/str.h>
#include <ringhost/testhost.h>

const struct rh_plugin *rh_plugin_entry_v1_event_bridge(void);

#define WALL_MS INT64_C(1800000000000)
#define SHORT   1000 /* ms; time for what takes no waiting */
#define URL     "\"url\":\"http://n2:8770/take\""

struct world {
    struct rh_testnet *net;
    struct rh_testhost *bridge;   /* n1, alone in its cluster */
    struct rh_testhost *receiver; /* n2, likewise */
    struct rh_testhost_reply reply;
    char why[RH_TESTHOST_WHY_MAX];
};

static inline bool is_ready(void *user)
{
    return rh_testhost_is_ready(user);
}

static inline void run(struct world *world, int64_t ms)
{
    rh_testnet_run(world->net, ms);
}

/* The bridge's node; RH_OK or what its start came to. */
static inline int32_t start_bridge(struct world *world, const char *config_json)
{
    const struct rh_testhost_plugin plugins[] = {{rh_plugin_entry_v1_event_bridge(), config_json},
                                                 {&receiver_plugin, NULL}};
    const struct rh_testhost_setup setup = {
        .node_id = "n1", .plugins = plugins, .plugin_count = 2, .cluster_id = "c"};

    return rh_testhost_new(world->net, &setup, &world->bridge, world->why);
}

static inline struct world *world_new(void)
{
    const struct rh_testhost_plugin plugins[] = {{&receiver_plugin, NULL}};
    const struct rh_testhost_setup setup = {
        .node_id = "n2", .plugins = plugins, .plugin_count = 1, .cluster_id = "d"};
    struct world *world = calloc(1, sizeof *world);

    memset(&received, 0, sizeof received);
    assert_non_null(world);
    world->net = rh_testnet_new(7, WALL_MS);
    assert_non_null(world->net);
    if (rh_testhost_new(world->net, &setup, &world->receiver, world->why) != RH_OK)
        fail_msg("the receiver does not start: %s", world->why);
    return world;
}

/* Both nodes at work, the bridge with these sinks (JSON). */
static inline struct world *world_with(const char *sinks)
{
    struct world *world = world_new();
    char config[2048];

    (void)snprintf(config, sizeof config, "{\"sinks\":%s}", sinks);
    if (start_bridge(world, config) != RH_OK)
        fail_msg("the bridge does not start: %s", world->why);
    assert_true(rh_testnet_run_until(world->net, is_ready, world->bridge, 60000));
    run(world, 5000);
    return world;
}

static inline void world_free(struct world *world)
{
    rh_testnet_free(world->net);
    free(world);
}

static inline uint32_t post(struct world *world, const char *path, const char *body)
{
    return rh_testhost_request(world->bridge, "POST", path, body, &world->reply);
}

static inline uint32_t get(struct world *world, const char *path)
{
    return rh_testhost_request(world->bridge, "GET", path, NULL, &world->reply);
}

static inline uint32_t publish(struct world *world, const char *type, const char *payload)
{
    char body[512];

    (void)snprintf(body, sizeof body, "{\"event_type\":\"%s\",\"payload\":%s,\"source\":\"test\"}",
                   type, payload);
    return post(world, "/events/publish", body);
}

/* Events NUMBER with {"n":first} and so on. */
static inline void publish_numbers(struct world *world, int first, int count)
{
    for (int i = first; i < first + count; i++) {
        char payload[32];

        (void)snprintf(payload, sizeof payload, "{\"n\":%d}", i);
        assert_int_equal(publish(world, "NUMBER", payload), 202);
    }
}

static inline void assert_says(struct world *world, const char *path, const char *part)
{
    assert_int_equal(get(world, path), 200);
    if (!strstr(world->reply.body, part))
        fail_msg("%s has no %s: %s", path, part, world->reply.body);
}

/* The n of a received body, or -1. */
static inline int number_of(uint32_t index)
{
    const char *at = strstr(received.bodies[index], "\"n\":");

    return at ? (int)strtol(at + 4, NULL, 10) : -1;
}

/* Each of 0..count-1 came, and came first after those before it. */
static inline void assert_all_in_order(int count)
{
    int next = 0;

    for (uint32_t i = 0; i < received.count; i++) {
        if (number_of(i) == next)
            next++;
        else if (number_of(i) > next)
            fail_msg("number %d came before %d", number_of(i), next);
    }
    assert_int_equal(next, count);
}

#endif
