/* Whole nodes n1, n2, ... with raft, gossip and a replicated plugin, for tests. */
#ifndef RH_TESTS_PLUGINS_RAFT_NODES_H
#define RH_TESTS_PLUGINS_RAFT_NODES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/testhost.h>

#include "notes.h"

#define NODES_MAX     5u
#define NODES_NOONE   NODES_MAX
#define NODES_WALL_MS INT64_C(1700000000000) /* when they begin */

const struct rh_plugin *rh_plugin_entry_v1_raft(void);
const struct rh_plugin *rh_plugin_entry_v1_gossip(void);
const struct rh_plugin *rh_plugin_entry_v1_admin(void);
const struct rh_plugin *rh_plugin_entry_v1_election(void);

static const char *const node_names[] = {"n1", "n2", "n3", "n4", "n5"};

struct nodes {
    struct rh_testnet *net;
    struct rh_testhost *hosts[NODES_MAX];
    uint32_t count, voter_count;
    const char *config;
    const struct rh_plugin *notes; /* of nodes that are added; NULL = notes_descriptor */
    struct rh_testhost_reply reply;
};

static inline void nodes_init(struct nodes *n, uint32_t voter_count)
{
    memset(n, 0, sizeof(*n));
    n->voter_count = voter_count;
    n->net = rh_testnet_new(7, NODES_WALL_MS);
    assert_non_null(n->net);
}

static inline void nodes_add(struct nodes *n)
{
    const struct rh_testhost_plugin plugins[] = {
        {rh_plugin_entry_v1_admin(), NULL},     {rh_plugin_entry_v1_gossip(), NULL},
        {rh_plugin_entry_v1_election(), NULL},  {n->notes ? n->notes : &notes_descriptor, NULL},
        {rh_plugin_entry_v1_raft(), n->config},
    };
    const struct rh_testhost_setup setup = {
        .node_id = node_names[n->count],
        .plugins = plugins,
        .plugin_count = 5,
        .voters = node_names,
        .voter_count = n->voter_count,
        .beat_ms = 1500,
    };
    char why[RH_TESTHOST_WHY_MAX];

    if (rh_testhost_new(n->net, &setup, &n->hosts[n->count], why) != RH_OK)
        fail_msg("%s", why);
    n->count++;
}

static inline void nodes_start(struct nodes *n, uint32_t voter_count)
{
    nodes_init(n, voter_count);
    while (n->count < voter_count)
        nodes_add(n);
}

static inline uint32_t nodes_get(struct nodes *n, uint32_t at, const char *target)
{
    return rh_testhost_request(n->hosts[at], "GET", target, NULL, &n->reply);
}

static inline uint32_t nodes_post(struct nodes *n, uint32_t at, const char *target,
                                  const char *body)
{
    return rh_testhost_request(n->hosts[at], "POST", target, body, &n->reply);
}

static inline void nodes_says(const struct nodes *n, const char *text)
{
    if (!n->reply.body || !strstr(n->reply.body, text))
        fail_msg("no '%s' in %u %s", text, (unsigned)n->reply.status,
                 n->reply.body ? n->reply.body : "");
}

static inline uint32_t nodes_put(struct nodes *n, uint32_t at, const char *key, const char *value)
{
    char body[512];

    (void)snprintf(body, sizeof(body), "{\"key\":\"%s\",\"value\":\"%s\"}", key, value);
    return nodes_post(n, at, "/notes/put", body);
}

static inline uint32_t nodes_read(struct nodes *n, uint32_t at, const char *key)
{
    char target[128];

    (void)snprintf(target, sizeof(target), "/notes/get?key=%s", key);
    return nodes_get(n, at, target);
}

/* A number of /raft/state. */
static inline int64_t nodes_number(struct nodes *n, uint32_t at, const char *name)
{
    char text[64];
    const char *found;

    assert_int_equal(nodes_get(n, at, "/raft/state"), 200);
    (void)snprintf(text, sizeof(text), "\"%s\":", name);
    found = strstr(n->reply.body, text);
    if (!found)
        fail_msg("no %s in %s", name, n->reply.body);
    return strtoll(found + strlen(text), NULL, 10);
}

/* The node that leads according to itself, other than not_this; NODES_NOONE. */
static inline uint32_t nodes_leader(struct nodes *n, uint32_t not_this)
{
    for (uint32_t i = 0; i < n->count; i++) {
        if (i == not_this || !rh_testhost_is_up(n->hosts[i]))
            continue;
        if (nodes_get(n, i, "/raft/state") == 200 &&
            strstr(n->reply.body, "\"state\":\"leader\"") &&
            !strstr(n->reply.body, "\"lease_ms\":null"))
            return i;
    }
    return NODES_NOONE;
}

/* Runs until another than not_this leads and its notes can be used. */
static inline uint32_t nodes_await(struct nodes *n, uint32_t not_this)
{
    for (uint32_t tries = 0; tries < 600; tries++) {
        const uint32_t leader = nodes_leader(n, not_this);

        if (leader != NODES_NOONE && nodes_read(n, leader, "nothing") == 404)
            return leader;
        rh_testnet_run(n->net, 100);
    }
    for (uint32_t i = 0; i < n->count; i++)
        if (rh_testhost_is_up(n->hosts[i]) && nodes_get(n, i, "/raft/state"))
            print_error("%s %s\n", node_names[i], n->reply.body);
    fail_msg("no leader after a minute");
    return NODES_NOONE;
}

static inline void nodes_isolate(struct nodes *n, uint32_t at, bool is_cut)
{
    for (uint32_t i = 0; i < n->count; i++)
        if (i != at)
            rh_testnet_cut(n->net, node_names[at], node_names[i], is_cut);
}

static inline void nodes_end(struct nodes *n)
{
    rh_testnet_free(n->net);
}

#endif
