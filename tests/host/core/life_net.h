/* Nodes with scripted plugins for the core's tests: one alone, or a cluster with election and
 * gossip. */
#ifndef RH_TESTS_HOST_CORE_LIFE_NET_H
#define RH_TESTS_HOST_CORE_LIFE_NET_H

#include "tests/host/core/cmocka_all.h"
#include "tests/host/core/life_plugin.h"

#define LIFE_NODES_MAX 5u
#define LIFE_WALL_MS   INT64_C(1700000000000)

/* One node with one scripted plugin named "life", and the admin plugin. */
struct life_node {
    struct rh_testnet *net;
    struct rh_testhost *host;
    struct life_text trace;
    struct life_script script;
    struct life_plugin plugin;
    struct rh_testhost_reply reply;
    char why[RH_TESTHOST_WHY_MAX];
};

/* Make and start; the caller sets wishes in n->script after life_node_init. */
void life_node_init(struct life_node *n);
/* RH_OK, or RH_EINVAL with n->why. */
int32_t life_node_begin(struct life_node *n, uint32_t flags);
/* Both, and run two seconds. */
void life_node_start(struct life_node *n, uint32_t flags);
void life_node_end(struct life_node *n);
uint32_t life_node_get(struct life_node *n, const char *target);
uint32_t life_node_post(struct life_node *n, const char *target, const char *body);
void life_node_says(const struct life_node *n, const char *text);

/* Nodes n1, n2, ... each with admin, election, gossip and "life" (replicated, routes, events). */
struct life_cluster {
    struct rh_testnet *net;
    uint32_t count;
    struct rh_testhost *hosts[LIFE_NODES_MAX];
    struct life_script scripts[LIFE_NODES_MAX];
    struct life_text traces[LIFE_NODES_MAX];
    struct life_plugin plugins[LIFE_NODES_MAX];
    struct rh_testhost_reply reply;
};

void life_cluster_start(struct life_cluster *c, uint32_t count, uint64_t seed);
void life_cluster_end(struct life_cluster *c);
/* Index of the node that all nodes that are up call their leader, or count. */
uint32_t life_cluster_leader(struct life_cluster *c);
/* Run until there is such a leader, other than not_this (count = any); fails the test after two
 * minutes. Returns its index. */
uint32_t life_cluster_await(struct life_cluster *c, uint32_t not_this);
void life_cluster_isolate(struct life_cluster *c, uint32_t index, bool is_cut);
uint32_t life_cluster_post(struct life_cluster *c, uint32_t at, const char *target,
                           const char *body);
uint32_t life_cluster_get(struct life_cluster *c, uint32_t at, const char *target);
void life_cluster_says(const struct life_cluster *c, const char *text);

#endif
