/* What the tests of whole nodes with election share: a net of nodes n1, n2, ... of which the first
 * vote, each with admin, gossip, election and, if wanted, one plugin of the test; one per program.
 */
#ifndef RH_TESTS_PLUGINS_ELECTION_NODES_TEST_H
#define RH_TESTS_PLUGINS_ELECTION_NODES_TEST_H

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

#define NODES_MAX   4u
#define NODES_BEAT  1500
#define NODES_NOONE NODES_MAX

const struct rh_plugin *rh_plugin_entry_v1_admin(void);
const struct rh_plugin *rh_plugin_entry_v1_election(void);
const struct rh_plugin *rh_plugin_entry_v1_gossip(void);

static const char *const node_names[] = {"n1", "n2", "n3", "n4"};

struct nodes {
    struct rh_testnet *net;
    struct rh_testhost *hosts[NODES_MAX];
    uint32_t count;
    struct rh_testhost_reply reply;
};

/* Adds the next node. extra may be NULL. */
static inline void nodes_add(struct nodes *n, uint32_t voter_count,
                             const struct rh_testhost_plugin *extra)
{
    struct rh_testhost_plugin plugins[4] = {{rh_plugin_entry_v1_admin(), NULL},
                                            {rh_plugin_entry_v1_gossip(), NULL},
                                            {rh_plugin_entry_v1_election(), NULL}};
    const struct rh_testhost_setup setup = {
        .node_id = node_names[n->count],
        .plugins = plugins,
        .plugin_count = extra ? 4 : 3,
        .voters = node_names,
        .voter_count = voter_count,
        .beat_ms = NODES_BEAT,
    };
    char why[RH_TESTHOST_WHY_MAX];

    if (extra)
        plugins[3] = *extra;
    if (rh_testhost_new(n->net, &setup, &n->hosts[n->count], why) != RH_OK)
        fail_msg("%s", why);
    n->count++;
}

static inline void nodes_init(struct nodes *n, uint64_t seed)
{
    memset(n, 0, sizeof(*n));
    n->net = rh_testnet_new(seed, INT64_C(1700000000000));
    assert_non_null(n->net);
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

/* Whom a node calls its leader, and since which epoch; NODES_NOONE. */
static inline uint32_t nodes_view(struct nodes *n, uint32_t at, uint64_t *epoch)
{
    const char *said;

    if (nodes_get(n, at, "/election/leader") == 503)
        return NODES_NOONE; /* still starting */
    assert_int_equal(n->reply.status, 200);
    said = strstr(n->reply.body, "\"epoch\":");
    assert_non_null(said);
    if (epoch)
        *epoch = strtoull(said + 8, NULL, 10);
    for (uint32_t i = 0; i < n->count; i++) {
        char text[32];

        (void)snprintf(text, sizeof(text), "\"leader\":\"%s\"", node_names[i]);
        if (strstr(n->reply.body, text))
            return i;
    }
    return NODES_NOONE;
}

/* Runs until all nodes that are up follow one that is up, other than not_this; its index. */
static inline uint32_t nodes_await(struct nodes *n, uint32_t not_this, uint64_t *epoch)
{
    for (uint32_t tries = 0; tries < 600; tries++) {
        uint32_t agreed = NODES_NOONE;
        bool is_agreed = true;

        for (uint32_t i = 0; i < n->count; i++) {
            uint32_t seen;

            if (!rh_testhost_is_up(n->hosts[i]))
                continue;
            seen = nodes_view(n, i, epoch);
            is_agreed = is_agreed && seen != NODES_NOONE && seen != not_this &&
                        (agreed == NODES_NOONE || agreed == seen);
            agreed = seen;
        }
        if (is_agreed && agreed != NODES_NOONE && rh_testhost_is_up(n->hosts[agreed]))
            return agreed;
        rh_testnet_run(n->net, 100);
    }
    fail_msg("no leader after a minute");
    return NODES_NOONE;
}

/* Runs `beats` beats, and fails when a node sees another leader meanwhile. */
static inline void nodes_keeps(struct nodes *n, uint32_t at, uint32_t leader, uint32_t beats)
{
    for (uint32_t i = 0; i < beats; i++) {
        rh_testnet_run(n->net, NODES_BEAT);
        assert_int_equal(nodes_view(n, at, NULL), leader);
    }
}

static inline void nodes_isolate(struct nodes *n, uint32_t at, bool is_cut)
{
    for (uint32_t i = 0; i < n->count; i++)
        if (i != at)
            rh_testnet_cut(n->net, node_names[at], node_names[i], is_cut);
}

#endif
