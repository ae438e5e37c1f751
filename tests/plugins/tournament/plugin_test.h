/* What the tests of the whole plugin share: a host of one node with a queue that the tests command,
 * requests, and games that end. */
#ifndef RH_TESTS_PLUGINS_TOURNAMENT_PLUGIN_TEST_H
#define RH_TESTS_PLUGINS_TOURNAMENT_PLUGIN_TEST_H

#include "fake_queue.h"

#include <ringhost/sdk/str.h>
#include <ringhost/testhost.h>
#include <stdlib.h>

const struct rh_plugin *rh_plugin_entry_v1_tournament(void);

#define WALL_MS INT64_C(1800000000000)

/* Long enough for some rounds of polling, and for a whole comparison. */
#define ROUNDS_MS 3000
#define SWEEP_MS  130000

#define PLAYERS \
    "\"players\":{\"p1\":[\"p1\",\"--x\"],\"p2\":[\"p2\"],\"p3\":[\"p3\"],\"p4\":[\"p4\"]}"

struct world {
    struct rh_testnet *net;
    struct rh_testhost *host;
    struct rh_testhost_reply reply;
    char id[64];
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
    while (rh_testhost_request(world->host, "GET", "/tournament/list", NULL, &world->reply) !=
           200) {
        if (rh_testnet_now_ms(world->net) > until_ms)
            fail_msg("not active after a minute: %s", world->reply.body);
        rh_testnet_run(world->net, 100);
    }
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
        {rh_plugin_entry_v1_tournament(), config_json},
    };

    return set_up_plugins(state, plugins, 2);
}

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

static inline void crash_and_start(struct world *world)
{
    char why[RH_TESTHOST_WHY_MAX];

    rh_testhost_crash(world->host);
    assert_int_equal(rh_testhost_start(world->host, why), RH_OK);
    wait_for_leader(world);
}

static inline uint32_t post(struct world *world, const char *path, const char *body)
{
    return rh_testhost_request(world->host, "POST", path, body, &world->reply);
}

static inline void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no %s in %s", part, text);
}

static inline uint32_t count_of(const char *text, const char *part)
{
    uint32_t count = 0;

    for (; (text = strstr(text, part)); text++)
        count++;
    return count;
}

/* The bracket; `more` is "" or further parameters with their "&". */
static inline const char *bracket(struct world *world, const char *more)
{
    char path[256];

    (void)snprintf(path, sizeof(path), "/tournament/bracket?tournament_id=%s%s", world->id, more);
    assert_int_equal(rh_testhost_request(world->host, "GET", path, NULL, &world->reply), 200);
    return world->reply.body;
}

static inline void start(struct world *world, const char *body)
{
    const char *id;

    if (post(world, "/tournament/start", body) != 201)
        fail_msg("%s", world->reply.body);
    id = strstr(world->reply.body, ":\"t");
    assert_non_null(id);
    (void)snprintf(world->id, sizeof(world->id), "%.*s", (int)strcspn(id + 2, "\""), id + 2);
    rh_testnet_run(world->net, ROUNDS_MS);
}

/* POST of a body to a route with the id put in place of the "%s" in it; the status. */
static inline uint32_t tell(struct world *world, const char *path, const char *match,
                            const char *rest)
{
    char body[512];

    (void)snprintf(body, sizeof(body), "{\"tournament_id\":\"%s\",\"match_id\":\"%s\"%s}",
                   world->id, match, rest);
    return post(world, path, body);
}

/* Who plays in an item and which game of the match it is. */
struct pairing {
    char names[2][32];
    uint32_t game;
};

static inline struct pairing pairing_of(const struct fake_item *item)
{
    struct pairing out = {.game = 0};
    const char *at = strstr(item->payload, "\"first_index\":");

    assert_non_null(at);
    out.game = (uint32_t)strtoul(at + 14, NULL, 10);
    for (uint32_t i = 0; i < 2; i++) {
        at = strstr(at, "\"name\":\"");
        assert_non_null(at);
        at += 8;
        (void)snprintf(out.names[i], sizeof(out.names[i]), "%.*s", (int)strcspn(at, "\""), at);
    }
    return out;
}

/* The executor reports a winner, or "" = the game crashed through the first player. */
static inline void end_item(struct fake_item *item, const char *winner)
{
    const struct pairing pairing = pairing_of(item);
    const bool is_swapped = pairing.game % 2 != 0;
    int n;

    n = snprintf(item->result, sizeof(item->result),
                 "{\"games\":[{\"index\":%u,\"black\":\"%s\",\"white\":\"%s\",\"winner\":%s%s%s,"
                 "\"result\":%s,\"reason\":%s,\"moves\":55,\"seed\":1880445815,\"error\":%s%s%s,"
                 "\"duration_ms\":812}],\"totals\":{\"errors\":0},\"players\":[]}",
                 pairing.game, pairing.names[is_swapped], pairing.names[!is_swapped],
                 winner[0] ? "\"" : "", winner[0] ? winner : "null", winner[0] ? "\"" : "",
                 winner[0] ? "\"B+3.5\"" : "null", winner[0] ? "\"score\"" : "null",
                 winner[0] ? "" : "{\"kind\":\"crash\",\"message\":\"it died\",\"player\":\"",
                 winner[0] ? "null" : pairing.names[0], winner[0] ? "" : "\"}");
    assert_true(n > 0 && (size_t)n < sizeof(item->result));
    fake_cut(item->status, sizeof(item->status), RH_STR_LIT("done"));
    fake_cut(item->node_id, sizeof(item->node_id), RH_STR_LIT("n1"));
}

/* Every pending item ends; the name that comes first wins. How many. */
static inline uint32_t end_all(void)
{
    uint32_t ended = 0;

    for (uint32_t i = 0; i < fake.count; i++) {
        const struct pairing pairing = pairing_of(&fake.items[i]);

        if (strcmp(fake.items[i].status, "pending") != 0)
            continue;
        end_item(&fake.items[i], strcmp(pairing.names[0], pairing.names[1]) < 0 ? pairing.names[0]
                                                                                : pairing.names[1]);
        ended++;
    }
    return ended;
}

static inline void play_out(struct world *world)
{
    while (end_all())
        rh_testnet_run(world->net, ROUNDS_MS);
}

/* The pending item of two players, or NULL. */
static inline struct fake_item *item_of(const char *first, const char *second)
{
    for (uint32_t i = 0; i < fake.count; i++) {
        const struct pairing pairing = pairing_of(&fake.items[i]);

        if (strcmp(fake.items[i].status, "pending") == 0 &&
            ((!strcmp(pairing.names[0], first) && !strcmp(pairing.names[1], second)) ||
             (!strcmp(pairing.names[0], second) && !strcmp(pairing.names[1], first))))
            return &fake.items[i];
    }
    return NULL;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
