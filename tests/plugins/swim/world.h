/* Several nodes with gossip, swim, election and the queue in one net, and short ways to ask what
 * they believe of each other. */
#ifndef RH_TESTS_PLUGINS_SWIM_WORLD_H
#define RH_TESTS_PLUGINS_SWIM_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <ringhost/errors.h>
#include <ringhost/testhost.h>
#include <stdio.h>
#include <string.h>

const struct rh_plugin *rh_plugin_entry_v1_gossip(void);
const struct rh_plugin *rh_plugin_entry_v1_election(void);
const struct rh_plugin *rh_plugin_entry_v1_work_queue(void);
const struct rh_plugin *rh_plugin_entry_v1_swim(void);

#define WALL_MS   INT64_C(1800000000000)
#define BEAT_MS   1500
#define NODES_MAX 6u
/* Finding a dead node, and telling everyone: probe, longest suspicion, and some rounds. */
#define FIND_MS 15000

struct world {
    struct rh_testnet *net;
    struct rh_testhost *hosts[NODES_MAX];
    uint32_t count;
    const char *gossip_config;
    struct rh_testhost_reply reply;
};

static const char *const world_names[NODES_MAX] = {"n1", "n2", "n3", "n4", "n5", "n6"};

static inline void add(struct world *w, uint32_t voters, const char *swim_config)
{
    const struct rh_testhost_plugin plugins[] = {
        {rh_plugin_entry_v1_gossip(), w->gossip_config},
        {rh_plugin_entry_v1_swim(), swim_config},
        {rh_plugin_entry_v1_election(), NULL},
        {rh_plugin_entry_v1_work_queue(), NULL},
    };
    const struct rh_testhost_setup setup = {
        .node_id = world_names[w->count],
        .plugins = plugins,
        .plugin_count = 4,
        .voters = world_names,
        .voter_count = voters,
        .beat_ms = BEAT_MS,
    };
    char why[RH_TESTHOST_WHY_MAX] = "";

    if (rh_testhost_new(w->net, &setup, &w->hosts[w->count], why) != RH_OK)
        fail_msg("%s", why);
    w->count++;
}

static inline const char *get(struct world *w, uint32_t node, const char *target)
{
    if (rh_testhost_request(w->hosts[node], "GET", target, NULL, &w->reply) != 200)
        fail_msg("%s of %s: %u %s", target, world_names[node], w->reply.status, w->reply.body);
    return w->reply.body;
}

/* Whether `node` holds `about` in this state, by /swim/members and by /peers. */
static inline bool sees(struct world *w, uint32_t node, uint32_t about, const char *state)
{
    char text[64];
    bool by_swim;

    (void)snprintf(text, sizeof(text), "{\"node_id\":\"%s\",\"state\":\"%s\"", world_names[about],
                   state);
    by_swim = strstr(get(w, node, "/swim/members"), text) != NULL;
    if (by_swim != (strstr(get(w, node, "/peers"), text) != NULL))
        fail_msg("%s: /peers and /swim/members disagree about %s: %s", world_names[node],
                 world_names[about], w->reply.body);
    return by_swim;
}

static inline bool all_see(struct world *w, uint32_t about, const char *state)
{
    for (uint32_t i = 0; i < w->count; i++) {
        if (i != about && rh_testhost_is_up(w->hosts[i]) && !sees(w, i, about, state))
            return false;
    }
    return true;
}

static inline bool all_alive(struct world *w)
{
    for (uint32_t i = 0; i < w->count; i++) {
        if (rh_testhost_is_up(w->hosts[i]) && !all_see(w, i, "alive"))
            return false;
    }
    return true;
}

/* How long it took, in ms. */
static inline int64_t await(struct world *w, uint32_t about, const char *state, int64_t max_ms)
{
    const int64_t start_ms = rh_testnet_now_ms(w->net);

    while (!all_see(w, about, state)) {
        if (rh_testnet_now_ms(w->net) - start_ms > max_ms)
            fail_msg("%s is not %s everywhere: %s", world_names[about], state, w->reply.body);
        rh_testnet_run(w->net, 20);
    }
    return rh_testnet_now_ms(w->net) - start_ms;
}

static inline void await_all_alive(struct world *w, int64_t max_ms)
{
    const int64_t until_ms = rh_testnet_now_ms(w->net) + max_ms;

    while (!all_alive(w)) {
        if (rh_testnet_now_ms(w->net) > until_ms)
            fail_msg("not all are alive: %s", w->reply.body);
        rh_testnet_run(w->net, 50);
    }
}

static inline void begin_with(struct world *w, uint32_t count, const char *gossip_config)
{
    memset(w, 0, sizeof(*w));
    w->gossip_config = gossip_config;
    w->net = rh_testnet_new(7, WALL_MS);
    assert_non_null(w->net);
    for (uint32_t i = 0; i < count; i++)
        add(w, 3, NULL);
    rh_testnet_run(w->net, 2000);
    await_all_alive(w, 60000);
}

static inline void begin(struct world *w, uint32_t count)
{
    begin_with(w, count, NULL);
}

static inline void cut_off(struct world *w, uint32_t node, bool is_cut)
{
    for (uint32_t i = 0; i < w->count; i++) {
        if (i != node)
            rh_testnet_cut(w->net, world_names[node], world_names[i], is_cut);
    }
}

#endif
